//! What translations of the destination lead to, and rules that speak of a port as it was before.

use super::{
    Analysis, Calls, FamilyAnalysis,
    trace::{self, Dependence},
};
use crate::{
    model::{ChainKind, Condition, Field, Hook, Rule, RuleId, Subject, Translation, Verdict},
    packets::Packet,
};
use std::collections::BTreeSet;

/// More packets than this are not followed.
const MOST_ASKED: usize = 64;

/// A rule that names the port which packets had before they were translated, and so never meets them.
#[derive(Debug)]
pub struct Misnamed {
    /// The rule.
    pub rule: RuleId,
    /// The condition that names the port.
    pub condition: Condition,
    /// What translates the packets.
    pub translation: RuleId,
    /// The port that clients dial.
    pub before: u16,
    /// The port that the rule's chain sees.
    pub after: u16,
    /// A packet of the rule's sources that dials the port.
    pub packet: Packet,
    /// Whether it passes although the rule denies the port; else it is stopped although the rule accepts it.
    pub passes: bool,
}

/// A translation that changes the port.
struct Renamed {
    rule: RuleId,
    translation: Translation,
    before: u16,
    after: u16,
}

impl Analysis<'_> {
    /// The rules that translate the destination of packets which arrive.
    pub fn translations(&self) -> impl Iterator<Item = (RuleId, Translation)> {
        self.ruleset.rules.iter().zip(0..).filter_map(|(rule, id)| {
            let Some((Verdict::Dnat(index), _)) = self.ruleset.verdict_of(rule) else {
                return None;
            };
            let (base, _) = self.way_to(RuleId(id))?;
            let translation = self.ruleset.translations[index as usize];
            let arrives = base.hook == Hook::Prerouting && translation.proxy.is_none();
            arrives.then_some((RuleId(id), translation))
        })
    }

    /// The single ports that a rule asks for.
    pub fn ports_named(&self, rule: &Rule) -> Vec<(u16, Condition)> {
        let mut ports = Vec::new();
        for (condition, _) in self.ruleset.conditions_of(rule) {
            let Condition::In { field: Field::DestinationPort, values, negated: false } = condition
            else {
                continue;
            };
            let single = self.ruleset.values(values).iter().filter(|(low, high)| low == high);
            let single = single.filter_map(|(port, _)| u16::try_from(*port).ok());
            ports.extend(single.map(|port| (port, condition)));
        }
        ports
    }

    /// Rules behind a translation that name the port in front of it, as far as packets show that it matters.
    pub fn misnamed_ports(&self, family: &FamilyAnalysis<'_>) -> Vec<Misnamed> {
        let sees = |rule: &Rule| self.ruleset.table_of(rule.chain).family.sees(family.space.family);
        let mut renamed = Vec::new();
        let mut targets = BTreeSet::new();
        for (rule, translation) in self.translations() {
            if !sees(self.ruleset.rule(rule)) {
                continue;
            }
            let named = self.ports_named(self.ruleset.rule(rule));
            let Some(values) = translation.ports else {
                targets.extend(named.iter().map(|(port, _)| *port));
                continue;
            };
            for (low, high) in self.ruleset.values(values) {
                targets.extend((*low..=*high).filter_map(|port| u16::try_from(port).ok()));
            }
            let [(after, last)] = self.ruleset.values(values) else { continue };
            if let ([(before, _)], Ok(after), true) =
                (&named[..], u16::try_from(*after), after == last)
                && *before != after
            {
                renamed.push(Renamed { rule, translation, before: *before, after });
            }
        }
        // A port that something else is translated to is rightly named.
        renamed.retain(|it| !targets.contains(&it.before));
        if renamed.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for hook in [Hook::Input, Hook::Forward] {
            for (rule, condition, port) in self.namers(hook, &renamed) {
                let meant = renamed.iter().find(|it| {
                    it.before == port
                        && it.translation.local == (hook == Hook::Input)
                        && self.is_about(rule, it.translation)
                });
                let Some(meant) = meant.filter(|_| found.len() < MOST_ASKED) else { continue };
                found.extend(self.misnamed(family, rule, condition, meant));
            }
        }
        found
    }

    /// The rules of filter chains at `hook` that name the port before one of `renamed`.
    fn namers(&self, hook: Hook, renamed: &[Renamed]) -> Vec<(RuleId, Condition, u16)> {
        let mut below = vec![false; self.ruleset.chains.len()];
        for (id, _, base) in self.ruleset.base_chains() {
            if base.hook == hook && base.kind == ChainKind::Filter {
                for rule in Calls::rules_below(self.ruleset, id) {
                    below[rule.chain.0 as usize] = true;
                }
            }
        }
        let ports: BTreeSet<u16> = renamed.iter().map(|it| it.before).collect();
        let rules = self.ruleset.rules.iter().zip(0..);
        let rules = rules.filter(|(rule, _)| below[rule.chain.0 as usize]);
        rules
            .flat_map(|(rule, id)| {
                let named = self.ports_named(rule).into_iter();
                let named = named.filter(|(port, _)| ports.contains(port));
                named.map(move |(port, condition)| (RuleId(id), condition, port)).take(1)
            })
            .collect()
    }

    /// Whether a rule does not ask for other addresses than those a translation leads to.
    fn is_about(&self, rule: RuleId, translation: Translation) -> bool {
        let targets = translation.addresses.map_or(&[][..], |it| self.ruleset.values(it));
        self.ruleset.conditions_of(self.ruleset.rule(rule)).all(|(condition, _)| match condition {
            Condition::In { field: Field::Destination, values, negated } => {
                let inside = |(low, high): &(u128, u128)| {
                    let holds = |it: &(u128, u128)| it.0 <= *low && *high <= it.1;
                    self.ruleset.values(values).iter().any(holds)
                };
                targets.iter().any(|target| inside(target) != negated)
            }
            _ => true,
        })
    }

    fn misnamed(
        &self,
        family: &FamilyAnalysis<'_>,
        id: RuleId,
        condition: Condition,
        meant: &Renamed,
    ) -> Option<Misnamed> {
        let rule = self.ruleset.rule(id);
        let denies = match self.ruleset.verdict_of(rule)?.0 {
            Verdict::Drop | Verdict::Reject => true,
            Verdict::Accept | Verdict::Return => false,
            _ => return None,
        };
        let of_sender = |condition: &Condition| match condition {
            Condition::In { field, .. } | Condition::Masked { field, .. } => {
                matches!(field, Field::Source | Field::SourcePort | Field::Protocol)
            }
            Condition::Interface { field, .. } => *field == Field::In,
            _ => false,
        };
        let own = self.ruleset.conditions_of(rule).map(|(condition, _)| condition);
        let own: Vec<Condition> = own.filter(of_sender).collect();
        let packet = self.sample(family, meant.rule, &own)?;
        if packet.destination.port != Some(meant.before) {
            return None;
        }
        let trace = self.trace(&packet);
        // Where it goes out is what no rule that translates says, and a file may leave out what a policy is.
        let by_way_out = |it: &Dependence| {
            matches!(it, Dependence::Field(Field::Out) | Dependence::Subject(Subject::Policy))
        };
        let passes =
            trace.ends.contains(&trace::Verdict::Accept) && trace.depends_on.iter().all(by_way_out);
        let is_so = if denies { passes } else { trace.verdict.stops() };
        let (before, after, translation) = (meant.before, meant.after, meant.rule);
        let misnamed =
            Misnamed { rule: id, condition, translation, before, after, packet, passes: denies };
        is_so.then_some(misnamed)
    }
}
