//! Packets of a small world, sent one by one: which rules they meet.

use crate::conditions::{Answers, fulfils};
use fwlint::model::{
    Action, Assignment, ChainId, Field, Hook, OpaqueId, RuleId, Ruleset, State, Verdict,
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
                Action::Match(_) | Action::Note | Action::Log(_) => {}
                Action::Assign(Assignment::Bits { mask, value: Some(value), .. }) => {
                    packet.mark = packet.mark & !mask | value & mask;
                }
                Action::Verdict(Verdict::Accept | Verdict::Drop | Verdict::Reject) => return false,
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
