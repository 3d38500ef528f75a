//! Packets of a small world, sent one by one: which rules they meet.

use crate::conditions::{Answers, fulfils};
use fwlint::model::{
    Action, Assignment, ChainId, Field, Hook, OpaqueId, Policy, RuleId, Ruleset, State, Verdict,
};
use std::collections::BTreeSet;

#[derive(Debug, Clone, Copy)]
struct Packet {
    source: u128,
    destination: u128,
    protocol: u128,
    source_port: u128,
    port: u128,
    interface: &'static str,
    state: State,
    mark: u32,
    /// What each rate says, in the order in which the rules ask.
    answers: u32,
}

fn address(a: u8, b: u8, c: u8, d: u8) -> u128 {
    u32::from_be_bytes([a, b, c, d]).into()
}

/// One packet of every kind that the made-up conditions tell apart.
fn world(hook: Hook, rates: u32) -> Vec<Packet> {
    let interfaces: &[&str] = match hook {
        Hook::Output => &[""],
        _ => &["eth0", "eth1", "eth2", "lo", "ppp0"],
    };
    let sources = [
        address(198, 51, 100, 1),
        address(198, 51, 100, 2),
        address(198, 51, 100, 3),
        address(203, 0, 113, 9),
        address(10, 1, 1, 1),
    ];
    let destinations = [address(192, 0, 2, 1), address(192, 0, 2, 2), address(172, 16, 0, 1)];
    let mut ports = vec![(47, 0, 0)];
    for protocol in [6, 17] {
        for source_port in [22, 4000, 5000] {
            ports.extend([21, 22, 23, 80, 443].map(|port| (protocol, source_port, port)));
        }
    }
    let mut packets = Vec::new();
    for source in sources {
        for destination in destinations {
            for (protocol, source_port, port) in ports.iter().copied() {
                for interface in interfaces {
                    for state in [State::New, State::Established, State::Untracked] {
                        for mark in 0..4 {
                            packets.extend((0..1 << rates).map(|answers| Packet {
                                source,
                                destination,
                                protocol,
                                source_port,
                                port,
                                interface,
                                state,
                                mark,
                                answers,
                            }));
                        }
                    }
                }
            }
        }
    }
    packets
}

impl Answers for Packet {
    fn value(&self, field: Field) -> u128 {
        match field {
            Field::Protocol => self.protocol,
            Field::Source => self.source,
            Field::Destination => self.destination,
            Field::SourcePort => self.source_port,
            Field::DestinationPort => self.port,
            Field::State => self.state.value(),
            Field::Mark => self.mark.into(),
            other => panic!("{other:?} is not made up here"),
        }
    }

    fn interface(&self) -> &str {
        self.interface
    }

    fn answer(&self, question: OpaqueId) -> bool {
        self.answers >> question.0 & 1 == 1
    }
}

/// Walks a packet through a chain, noting what it meets; whether it comes out undecided.
fn walk(ruleset: &Ruleset, chain: ChainId, packet: &mut Packet, met: &mut Met) -> bool {
    met.chains.insert(chain);
    'rules: for (id, rule) in ruleset.rules_of(chain) {
        if met.without.contains(&id) {
            continue;
        }
        for step in ruleset.steps_of(rule) {
            if let Action::Match(condition) = step.action
                && !fulfils(packet, ruleset, &condition)
            {
                continue 'rules;
            }
        }
        met.rules.insert(id);
        for step in ruleset.steps_of(rule) {
            match step.action {
                Action::Match(_) | Action::Note => {}
                Action::Log(_) => met.logged.push(id),
                Action::Assign(Assignment::Bits { mask, value: Some(value), .. }) => {
                    packet.mark = packet.mark & !mask | value & mask;
                }
                Action::Verdict(verdict @ (Verdict::Accept | Verdict::Drop | Verdict::Reject)) => {
                    met.verdict = Some(verdict);
                    return false;
                }
                Action::Verdict(Verdict::Return) => return true,
                Action::Verdict(Verdict::Jump(called)) => {
                    if !walk(ruleset, called, packet, met) {
                        return false;
                    }
                }
                Action::Verdict(Verdict::Goto(called)) => {
                    return walk(ruleset, called, packet, met);
                }
                other => panic!("{other:?} is not made up here"),
            }
        }
    }
    true
}

#[derive(Default)]
struct Met {
    rules: BTreeSet<RuleId>,
    chains: BTreeSet<ChainId>,
    /// The rules that write a line about the packet, in order.
    logged: Vec<RuleId>,
    /// How a rule ends it.
    verdict: Option<Verdict>,
    /// The rules that are taken out.
    without: BTreeSet<RuleId>,
}

/// One packet's way through one base chain.
pub(crate) struct Way {
    packet: Packet,
    /// The rules that it meets.
    pub(crate) rules: BTreeSet<RuleId>,
    /// How it ends: by the policy if no rule decides; its mark; and what was logged.
    pub(crate) end: (bool, Option<Verdict>, u32, Vec<RuleId>),
}

impl Way {
    /// Whether it opens a flow off a wire, bearing no mark.
    pub(crate) fn opens(&self) -> bool {
        let Packet { state, interface, mark, .. } = self.packet;
        state == State::New && interface != "lo" && mark == 0
    }

    /// Whether it passes.
    pub(crate) fn passes(&self) -> bool {
        self.end.0
    }

    /// Its value of a field.
    pub(crate) fn value(&self, field: Field) -> u128 {
        self.packet.value(field)
    }
}

/// The ways of all packets through all base chains without some rules; where `answer` is given, it is the answer to the
/// question of its number, whatever the packet says.
pub(crate) fn ways<'r>(
    ruleset: &'r Ruleset,
    without: &'r BTreeSet<RuleId>,
    answer: Option<(u32, bool)>,
) -> impl Iterator<Item = Way> + 'r {
    let rates = u32::try_from(ruleset.opaques.len()).expect("few");
    ruleset.base_chains().flat_map(move |(chain, _, base)| {
        world(base.hook, rates).into_iter().map(move |mut packet| {
            let mut met = Met { without: without.clone(), ..Met::default() };
            if let Some((number, answer)) = answer {
                packet.answers = packet.answers & !(1 << number) | u32::from(answer) << number;
            }
            let mut sent = packet;
            walk(ruleset, chain, &mut sent, &mut met);
            let passes = match met.verdict {
                Some(verdict) => verdict == Verdict::Accept,
                None => base.policy == Policy::Accept,
            };
            Way { packet, rules: met.rules, end: (passes, met.verdict, sent.mark, met.logged) }
        })
    })
}

/// The rules that no packet meets, in chains that packets come to.
pub(crate) fn dead(ruleset: &Ruleset) -> BTreeSet<RuleId> {
    let rates = u32::try_from(ruleset.opaques.len()).expect("few");
    let mut met = Met::default();
    for (chain, _, base) in ruleset.base_chains() {
        for packet in world(base.hook, rates) {
            walk(ruleset, chain, &mut packet.clone(), &mut met);
        }
    }
    let rules = ruleset.rules.iter().zip(0..).map(|(rule, id)| (rule, RuleId(id)));
    let unmet =
        rules.filter(|(rule, id)| met.chains.contains(&rule.chain) && !met.rules.contains(id));
    unmet.map(|(_, id)| id).collect()
}
