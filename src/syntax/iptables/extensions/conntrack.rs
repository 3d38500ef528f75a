//! What connection tracking knows of a packet's flow.

use super::spec::{
    Case, Extension, Value, at_least_one, at_most_one, cut_text, exactly_one, flag, matching,
    option,
};
use crate::{
    source::Span,
    syntax::{
        Error, ErrorKind, Expected,
        iptables::{extensions::Facts, values},
    },
};

pub(super) const CONNTRACK: Extension = matching(
    "conntrack",
    &[
        option("ctstate", Value::States).negatable(),
        option("ctproto", Value::Protocol).negatable(),
        option("ctorigsrc", Value::Network).negatable(),
        option("ctorigdst", Value::Network).negatable(),
        option("ctreplsrc", Value::Network).negatable(),
        option("ctrepldst", Value::Network).negatable(),
        option("ctstatus", Value::Status).negatable(),
        option("ctexpire", Value::NumberRange { max: 0xffff_ffff }).negatable(),
        option("ctorigsrcport", Value::PortRange).negatable(),
        option("ctorigdstport", Value::PortRange).negatable(),
        option("ctreplsrcport", Value::PortRange).negatable(),
        option("ctrepldstport", Value::PortRange).negatable(),
        option("ctdir", Value::Choice(Case::Either, &["ORIGINAL", "REPLY"])),
    ],
)
.groups(&[at_least_one(&[])])
.check(tracked_protocol);

/// Protocol 0 would be no condition at all.
fn tracked_protocol(facts: &Facts<'_>) -> Result<(), Error> {
    match facts.get("ctproto") {
        Some(option) if values::protocol(facts.value(option)) == Ok(0) => {
            Err(Error { span: option.value, kind: ErrorKind::NeverMatches })
        }
        _ => Ok(()),
    }
}

pub(super) const STATE: Extension = matching(
    "state",
    &[option("state", Value::Form("INVALID,ESTABLISHED,NEW,RELATED,UNTRACKED", state))
        .negatable()
        .mandatory()],
);

/// The states that are no translation.
fn state(text: &str) -> bool {
    values::ct_states(text).is_ok_and(|states| states.bits() < values::CtStates::SNAT.bits())
}

pub(super) const HELPER: Extension =
    matching("helper", &[option("helper", cut_text("helper name", 29)).negatable().mandatory()]);

pub(super) const CONNBYTES: Extension = matching(
    "connbytes",
    &[
        option("connbytes", Value::NumberRange { max: u64::MAX }).negatable().mandatory(),
        option("connbytes-dir", Value::Choice(Case::Exact, &["original", "reply", "both"]))
            .mandatory(),
        option("connbytes-mode", Value::Choice(Case::Exact, &["packets", "bytes", "avgpkt"]))
            .mandatory(),
    ],
);

pub(super) const CONNLABEL: Extension = matching(
    "connlabel",
    &[
        option("label", Value::Form("0..127 or a name of connlabel.conf", label))
            .negatable()
            .mandatory(),
        flag("set"),
    ],
);

fn label(text: &str) -> bool {
    values::number(text, 0, 127).is_ok()
}

pub(super) const CONNLIMIT: Extension = matching(
    "connlimit",
    &[
        option("connlimit-upto", Value::u32()).negatable(),
        option("connlimit-above", Value::u32()).negatable(),
        option("connlimit-mask", Value::PrefixMask),
        flag("connlimit-saddr"),
        flag("connlimit-daddr"),
    ],
)
.groups(&[
    exactly_one(&["connlimit-upto", "connlimit-above"]),
    at_most_one(&["connlimit-saddr", "connlimit-daddr"]),
]);

pub(super) const CONNMARK: Extension =
    matching("connmark", &[option("mark", Value::Mark).negatable().mandatory()]);

pub(super) const CLUSTER: Extension = matching(
    "cluster",
    &[
        option("cluster-total-nodes", Value::Number { min: 1, max: 32 }).mandatory(),
        option("cluster-local-node", Value::Number { min: 1, max: 32 }).negatable(),
        option("cluster-local-nodemask", Value::Number { min: 1, max: 32 }).negatable(),
        option("cluster-hash-seed", Value::u32()).mandatory(),
    ],
)
.groups(&[exactly_one(&["cluster-local-node", "cluster-local-nodemask"])])
.check(local_node);

/// The node is one of those there are.
fn local_node(facts: &Facts<'_>) -> Result<(), Error> {
    let read = |name| {
        let option = facts.get(name)?;
        let number = values::number(facts.value(option), 0, u64::from(u32::MAX)).ok()?;
        Some((option.value, number))
    };
    let all = read("cluster-total-nodes").map_or(32, |(_, all)| all);
    let too_high = |found: Option<(Span, u64)>, max: u64| match found {
        Some((span, number)) if number > max => Err(Error {
            span,
            kind: ErrorKind::BadValue {
                expected: Expected::Number { min: 1, max },
                suggestion: None,
            },
        }),
        _ => Ok(()),
    };
    too_high(read("cluster-local-node"), all)?;
    too_high(read("cluster-local-nodemask"), (1 << all.min(32)) - 1)
}
