//! nftables: replays the commands of a file to the rule set that stands at its end, then reads each rule.
//!
//! Two passes, because a rule may name a set that is filled further down: the first finds out which tables, chains, sets
//! and rules there are at the end, the second reads the rules.

mod compare;
mod replay;
mod rule;
mod selector;
mod set;
mod value;

use super::{Input, build::Builder};
use crate::{
    model::{Base, ChainId, ChainKind, Condition, Hook, Policy, Subject, TableFamily, TableId},
    syntax::nft::{self, ChainType, Family, File, PolicyKind},
};
use replay::{Replay, Standing, StandingChain};
use rustc_hash::FxHashMap;
use selector::Selector;

/// Adds what `file` says to the rule set.
pub(super) fn lower(file: &File, input: Input<'_>, builder: &mut Builder) {
    let mut replay = Replay::new(file, input);
    for include in &file.includes {
        if let Some(why) = include.unseen {
            let path = replay.text(include.path).to_owned();
            builder.unknown(replay.place(include.span), Subject::Include { path, why });
        }
    }
    for command in &file.commands {
        replay.command(command, builder);
    }
    for table in replay.tables() {
        replay.build(table, builder);
    }
}

impl<'f> Replay<'f> {
    fn build(&self, table: &Standing<'f>, builder: &mut Builder) {
        if table.dormant {
            return;
        }
        let family = model_family(table.family);
        let id = builder.table(family, table.name, self.place(table.place));
        let mut chains: FxHashMap<&str, ChainId> = FxHashMap::default();
        for chain in table.chains() {
            let base = chain.base.map(|base| self.base(chain, base, table.family, builder));
            let place = self.place(chain.place);
            let chain_id = builder.chain(id, chain.name, place, base);
            builder.ruleset.chains[chain_id.0 as usize].declared = true;
            chains.insert(chain.name, chain_id);
        }
        let (blocks, asked) = (Vec::new(), FxHashMap::default());
        let mut reader =
            Reader { replay: self, table: id, standing: table, chains, blocks, asked, builder };
        for chain in table.chains() {
            let chain_id = reader.chains[chain.name];
            for rule in &chain.rules {
                reader.rule(chain_id, rule);
            }
        }
    }

    fn base(
        &self,
        chain: &StandingChain<'_>,
        base: &nft::BaseChain,
        family: Family,
        builder: &mut Builder,
    ) -> Base {
        let policy = match chain.policy.map(|policy| policy.kind) {
            None | Some(PolicyKind::Accept) => Policy::Accept,
            Some(PolicyKind::Drop) => Policy::Drop,
            Some(PolicyKind::Variable(value)) => match self.word(value) {
                Some("accept") => Policy::Accept,
                Some("drop") => Policy::Drop,
                _ => Policy::Unknown,
            },
        };
        let devices = base.devices.map(|devices| {
            let start = builder.ruleset.devices.len();
            for name in self.file.parts(devices.names) {
                if let Some(name) = self.word(*name) {
                    let (name, prefix) =
                        name.strip_suffix('*').map_or((name, false), |it| (it, true));
                    let number = builder.interface(name, prefix);
                    builder.ruleset.devices.push(number);
                }
            }
            let index = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
            (index(start), index(builder.ruleset.devices.len()))
        });
        Base {
            hook: model_hook(base.hook),
            priority: self.priority(base.priority, family),
            kind: if base.chain_type == ChainType::Nat {
                ChainKind::Nat
            } else {
                ChainKind::Filter
            },
            policy,
            policy_place: chain.policy.map(|policy| self.place(policy.span)),
            devices,
        }
    }

    /// The word behind an expression, variables replaced.
    fn word(&self, id: nft::ExprId) -> Option<&'f str> {
        let id = self.file.resolved(id)?;
        Some(self.text(self.file.expr(id).span))
    }

    /// `enum nf_ip_hook_priorities` and `enum nf_br_hook_priorities`.
    fn priority(&self, priority: nft::Priority, family: Family) -> i32 {
        let word = priority.base.and_then(|base| self.word(base));
        let base: i32 = match (word, family == Family::Bridge) {
            (Some("raw"), _) | (Some("dstnat"), true) => -300,
            (Some("mangle"), _) => -150,
            (Some("dstnat"), false) => -100,
            (Some("filter"), true) => -200,
            (Some("security"), _) => 50,
            (Some("srcnat"), false) | (Some("out"), _) => 100,
            (Some("srcnat"), true) => 300,
            (Some(number), _) => number.parse().unwrap_or(0),
            (None, _) => 0,
        };
        base.saturating_add(priority.offset)
    }
}

/// What reads the rules of one table.
struct Reader<'a, 'f> {
    replay: &'a Replay<'f>,
    table: TableId,
    standing: &'a Standing<'f>,
    chains: FxHashMap<&'a str, ChainId>,
    /// Chains in braces, whose rules are read once the rule around them is.
    blocks: Vec<(ChainId, nft::Ids)>,
    /// What was asked of each named set, and the condition that it is.
    asked: FxHashMap<&'f str, Vec<(Selector, Condition)>>,
    builder: &'a mut Builder,
}

fn model_family(family: Family) -> TableFamily {
    match family {
        Family::Ip => TableFamily::Ip,
        Family::Ip6 => TableFamily::Ip6,
        Family::Inet => TableFamily::Inet,
        Family::Arp => TableFamily::Arp,
        Family::Bridge => TableFamily::Bridge,
        Family::Netdev => TableFamily::Netdev,
    }
}

fn model_hook(hook: nft::Hook) -> Hook {
    match hook {
        nft::Hook::Ingress => Hook::Ingress,
        nft::Hook::Prerouting => Hook::Prerouting,
        nft::Hook::Input => Hook::Input,
        nft::Hook::Forward => Hook::Forward,
        nft::Hook::Output => Hook::Output,
        nft::Hook::Postrouting => Hook::Postrouting,
        nft::Hook::Egress => Hook::Egress,
    }
}
