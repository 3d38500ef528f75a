//! The catalogue: one value a lint, one file a lint. Lints only ask; they do not parse, print or read files.

mod alike;
mod boot_file;
mod context;
mod dead;
mod decider;
mod finding;
mod iptables_file;
mod merge;
mod misnamed;
mod named;
mod nft_file;
mod parity;
mod phrases;
mod policy;
mod published;
mod quote;
mod range;
mod rate;
mod refusal;
mod refusal_in_chinese;
mod refusal_in_english;
mod refusal_nft;
mod refusal_nft_in_chinese;
mod refusal_nft_in_english;
mod refused;
mod reorder;
mod repair;
mod service;
mod suppressions;
mod target;

mod accept_not_final;
mod accepts_invalid;
mod admin_lockout;
mod admin_service_open;
mod after_catch_all;
mod amplifier_open;
mod anon_set_overlap;
mod auto_merge_with_timeout;
mod bridge_family_policy;
mod chain_loop;
mod cleartext_service_open;
mod control_plane_open;
mod counters_in_repo;
mod crlf;
mod data_store_open;
mod debug_service_open;
mod default_accept_forward;
mod default_accept_input;
mod deprecated_match;
mod device_service_open;
mod dnat_publishes_host;
mod docker_user_empty;
mod docker_user_wrong_port;
mod duplicate_rule;
mod duplicate_table_block;
mod dynamic_class_open;
mod edit_in_managed_chain;
mod empty_or_noop_jump;
mod everything_open;
mod expired;
mod file_sharing_open;
mod filter_in_nat;
mod flush_ruleset_collateral;
mod forward_drop_breaks_docker;
mod generated_file_edited;
mod goto_skips_rest;
mod hidden_characters;
mod host_bits_set;
mod hostname_in_rule;
mod iif_index_at_boot;
mod implicit_accept_policy;
mod impossible_match;
mod include_matches_nothing;
mod incomplete_capture;
mod industrial_service_open;
mod inet_unscoped_accept;
mod input_does_not_guard_containers;
mod insert_reverses_order;
mod interface_pattern;
mod inverted_limit;
mod legacy_service_open;
mod limit_bypassed;
mod limit_exceeded;
mod lockout_while_applying;
mod log;
mod loopback_blocked;
mod mail_service_open;
mod malware_port_open;
mod mergeable_rules;
mod message_broker_open;
mod missing_commit;
mod missing_established;
mod missing_interval_flag;
mod missing_owner_comment;
mod missing_target;
mod monitoring_service_open;
mod name_service_open;
mod ndp_blocked;
mod negated_accept;
mod negated_protocol_with_port;
mod nexthdr_match;
mod nodeport_open;
mod non_atomic_script;
mod not_idempotent;
mod open_egress;
mod open_ended_range;
mod partially_shadowed;
mod pmtud_blocked;
mod pre_dnat_port_in_filter;
mod private_source_on_wan;
mod redundant_before_same;
mod redundant_rule;
mod registered_class_open;
mod reserved_port_open;
mod runtime_rules_persisted;
mod same_priority_chains;
mod scripts;
mod set_interval_conflict;
mod shadowed_accept;
mod shadowed_deny;
mod source_port_trust;
mod state_unreachable;
mod suppression_without_reason;
mod syntax_error;
mod temporary_marker;
mod transport_mismatch;
mod unauthenticated_service_open;
mod undeclared_public_port;
mod undefined_reference;
mod unknown_code;
mod unlimited_log;
mod unlogged_drop;
mod unmodelled_match;
mod unreferenced_chain;
mod unresolved_shell_variable;
mod unscoped_masquerade;
mod unused_object;
mod unused_suppression;
mod use_a_set;
mod v4_only_blocklist;
mod v4_v6_mismatch;
mod v6_unfiltered;
mod voice_or_game_open;
mod vpn_endpoint_open;
mod web_service_open;
mod well_known_class_open;
mod wide_private_source;
mod wide_range_open;
mod wide_source;
mod wrong_family_protocol;

pub use crate::model::Place;
pub use context::{Context, Findings, RuleOpening};
pub use dead::unsettled;
pub use finding::{Confidence, Finding, Label, OpenService};
pub use phrases::{dependence, subject, transport};
pub use refusal::code as code_of_error;
pub use repair::{Edit, Repair, Safety};
pub use suppressions::Commented;

use crate::{
    settings::{Persona, Settings, Severity},
    syntax::Dialect,
    words::Text,
};

/// Every lint, by code.
pub static ALL: &[&Lint] = &[
    &syntax_error::LINT,
    &unmodelled_match::LINT,
    &admin_service_open::LINT,
    &data_store_open::LINT,
    &control_plane_open::LINT,
    &cleartext_service_open::LINT,
    &amplifier_open::LINT,
    &legacy_service_open::LINT,
    &malware_port_open::LINT,
    &industrial_service_open::LINT,
    &file_sharing_open::LINT,
    &name_service_open::LINT,
    &unauthenticated_service_open::LINT,
    &message_broker_open::LINT,
    &monitoring_service_open::LINT,
    &debug_service_open::LINT,
    &device_service_open::LINT,
    &vpn_endpoint_open::LINT,
    &mail_service_open::LINT,
    &web_service_open::LINT,
    &voice_or_game_open::LINT,
    &everything_open::LINT,
    &well_known_class_open::LINT,
    &registered_class_open::LINT,
    &dynamic_class_open::LINT,
    &wide_range_open::LINT,
    &reserved_port_open::LINT,
    &transport_mismatch::LINT,
    &default_accept_input::LINT,
    &default_accept_forward::LINT,
    &wide_source::LINT,
    &undeclared_public_port::LINT,
    &dnat_publishes_host::LINT,
    &private_source_on_wan::LINT,
    &source_port_trust::LINT,
    &open_egress::LINT,
    &wide_private_source::LINT,
    &shadowed_deny::LINT,
    &shadowed_accept::LINT,
    &redundant_rule::LINT,
    &redundant_before_same::LINT,
    &duplicate_rule::LINT,
    &after_catch_all::LINT,
    &impossible_match::LINT,
    &unreferenced_chain::LINT,
    &empty_or_noop_jump::LINT,
    &partially_shadowed::LINT,
    &chain_loop::LINT,
    &state_unreachable::LINT,
    &missing_established::LINT,
    &loopback_blocked::LINT,
    &host_bits_set::LINT,
    &open_ended_range::LINT,
    &negated_accept::LINT,
    &inverted_limit::LINT,
    &wrong_family_protocol::LINT,
    &filter_in_nat::LINT,
    &pre_dnat_port_in_filter::LINT,
    &unscoped_masquerade::LINT,
    &accepts_invalid::LINT,
    &pmtud_blocked::LINT,
    &goto_skips_rest::LINT,
    &limit_bypassed::LINT,
    &admin_lockout::LINT,
    &lockout_while_applying::LINT,
    &hostname_in_rule::LINT,
    &iif_index_at_boot::LINT,
    &missing_commit::LINT,
    &crlf::LINT,
    &duplicate_table_block::LINT,
    &not_idempotent::LINT,
    &flush_ruleset_collateral::LINT,
    &non_atomic_script::LINT,
    &include_matches_nothing::LINT,
    &undefined_reference::LINT,
    &runtime_rules_persisted::LINT,
    &incomplete_capture::LINT,
    &limit_exceeded::LINT,
    &v6_unfiltered::LINT,
    &v4_v6_mismatch::LINT,
    &inet_unscoped_accept::LINT,
    &ndp_blocked::LINT,
    &nexthdr_match::LINT,
    &v4_only_blocklist::LINT,
    &implicit_accept_policy::LINT,
    &accept_not_final::LINT,
    &same_priority_chains::LINT,
    &set_interval_conflict::LINT,
    &auto_merge_with_timeout::LINT,
    &unused_object::LINT,
    &bridge_family_policy::LINT,
    &anon_set_overlap::LINT,
    &missing_interval_flag::LINT,
    &mergeable_rules::LINT,
    &insert_reverses_order::LINT,
    &missing_target::LINT,
    &negated_protocol_with_port::LINT,
    &deprecated_match::LINT,
    &interface_pattern::LINT,
    &unresolved_shell_variable::LINT,
    &counters_in_repo::LINT,
    &input_does_not_guard_containers::LINT,
    &docker_user_empty::LINT,
    &docker_user_wrong_port::LINT,
    &forward_drop_breaks_docker::LINT,
    &edit_in_managed_chain::LINT,
    &nodeport_open::LINT,
    &generated_file_edited::LINT,
    &unused_suppression::LINT,
    &suppression_without_reason::LINT,
    &expired::LINT,
    &unknown_code::LINT,
    &missing_owner_comment::LINT,
    &unlogged_drop::LINT,
    &unlimited_log::LINT,
    &use_a_set::LINT,
    &hidden_characters::LINT,
    &temporary_marker::LINT,
];

/// The code of the lint about suppressions that silence nothing.
pub const UNUSED_SUPPRESSION: &str = unused_suppression::LINT.code;

/// Whether and how a lint can mend what it finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fix {
    /// Only its owner can.
    None,
    /// No packet's verdict changes.
    Safe,
    /// May change what is accepted; shows the difference first.
    Unsafe,
}

/// A complete file that shows the point, and the same file mended.
#[derive(Debug)]
pub struct Example {
    /// The format of both.
    pub dialect: Dialect,
    /// The configuration file that they are looked at with; empty for none.
    pub settings: &'static str,
    /// Reported at its `#~^ CODE` marks (each about the line above) and nowhere else.
    pub bad: &'static str,
    /// Silent.
    pub good: &'static str,
}

/// One check.
pub struct Lint {
    /// For machines: `FW106`. Never reused.
    pub code: &'static str,
    /// For people: says what is wrong and reads well after *allow*.
    pub name: &'static str,
    /// The usual severity.
    pub severity: Severity,
    /// Whether it can be mended.
    pub fix: Fix,
    /// From which persona on it is on.
    pub persona: Persona,
    /// The version it came with.
    pub since: &'static str,
    /// What it is about, for all places.
    pub summary: Text,
    /// Why it matters.
    pub why: Text,
    /// What to do.
    pub remedy: Text,
    /// At least one for every dialect it speaks about.
    pub examples: &'static [Example],
    /// Reports what it finds in one host.
    pub check: fn(&Context<'_>, &mut Findings),
}

impl std::fmt::Debug for Lint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.code)
    }
}

/// What the lints that are on find in one host.
pub fn run(cx: &Context<'_>) -> Vec<Finding> {
    let mut findings = Findings::default();
    let variants = cx.settings.variants();
    let is_on = |it: &Settings, lint: &Lint| it.is_on(lint.code, lint.name, lint.persona);
    for lint in ALL {
        if is_on(cx.settings, lint) || variants.iter().any(|it| is_on(it, lint)) {
            (lint.check)(cx, &mut findings);
        }
    }
    let mut findings = findings.into_vec();
    let is_plain = |it: &Edit| {
        let input = cx.inputs.iter().find(|input| input.file == it.place.file);
        input.is_some_and(|input| repair::is_plain(input.parsed.dialect))
    };
    for finding in &mut findings {
        finding.fixes.retain(|it| it.edits.iter().all(is_plain));
    }
    findings
}
