//! An interpreter of rules that knows nothing of sets: one packet, one condition after the other.

use crate::conditions::{Answers, fulfils};
use fwlint::{
    analysis::Decider,
    model::{
        Action, Assignment, ChainId, DestinationKind, Field, Hook, OpaqueId, Policy, RuleId,
        Ruleset, State, Values, Verdict,
    },
};

/// A packet on its way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packet {
    pub(super) source: u128,
    pub(super) sent_to: u128,
    pub(super) destination: u128,
    pub(super) protocol: u128,
    pub(super) source_port: u128,
    pub(super) dialled: u128,
    pub(super) port: u128,
    pub(super) interface: &'static str,
    pub(super) local: bool,
    pub(super) state: State,
    pub(super) mark: u32,
    pub(super) connection_mark: u32,
    pub(super) translated: bool,
}

impl Answers for Packet {
    fn value(&self, field: Field) -> u128 {
        match field {
            Field::Protocol => self.protocol,
            Field::Source | Field::OriginalSource => self.source,
            Field::Destination => self.destination,
            Field::OriginalDestination => self.sent_to,
            Field::SourcePort | Field::OriginalSourcePort => self.source_port,
            Field::DestinationPort => self.port,
            Field::OriginalDestinationPort => self.dialled,
            Field::State => self.state.value(),
            Field::TcpFlags => 2,
            Field::Translated => {
                if self.translated {
                    2
                } else {
                    0
                }
            }
            Field::DestinationKind if self.local => DestinationKind::Local.value(),
            Field::DestinationKind => DestinationKind::Unicast.value(),
            Field::Mark => self.mark.into(),
            Field::ConnectionMark => self.connection_mark.into(),
            Field::Icmp | Field::Fragment | Field::Direction | Field::In | Field::Out => 0,
        }
    }

    fn interface(&self) -> &str {
        self.interface
    }

    fn answer(&self, question: OpaqueId) -> bool {
        panic!("{question:?} is not made up here")
    }
}

/// How a chain ended.
enum End {
    Accepted(RuleId),
    Dropped,
    /// Back to the caller, or the end of the chain.
    Through,
}

fn walk(ruleset: &Ruleset, chain: ChainId, packet: &mut Packet) -> End {
    'rules: for (id, rule) in ruleset.rules_of(chain) {
        for step in ruleset.steps_of(rule) {
            match step.action {
                Action::Match(condition) => {
                    if !fulfils(packet, ruleset, &condition) {
                        continue 'rules;
                    }
                }
                Action::Note | Action::Log(_) => {}
                Action::Assign(assignment) => assign(packet, assignment),
                Action::Verdict(verdict) => match verdict {
                    Verdict::Accept | Verdict::Snat(_) => return End::Accepted(id),
                    Verdict::Drop | Verdict::Reject => return End::Dropped,
                    Verdict::Return => return End::Through,
                    Verdict::Jump(called) => match walk(ruleset, called, packet) {
                        End::Through => {}
                        end => return end,
                    },
                    // The end of a chain that was gone to is the end of the one that went there.
                    Verdict::Goto(called) => return walk(ruleset, called, packet),
                    Verdict::Dnat(translation) => {
                        let to = ruleset.translations[translation as usize];
                        let one = |values: Values| ruleset.values(values)[0].0;
                        let before = (packet.destination, packet.port);
                        packet.destination = to.addresses.map_or(packet.destination, one);
                        packet.port = to.ports.map_or(packet.port, one);
                        // The kernel takes what changes nothing for no translation.
                        if !to.local && before == (packet.destination, packet.port) {
                            return End::Accepted(id);
                        }
                        packet.translated = true;
                        packet.local = to.local || (packet.local && to.addresses.is_none());
                        return End::Accepted(id);
                    }
                    other => panic!("{other:?} is not made up here"),
                },
            }
        }
    }
    End::Through
}

fn assign(packet: &mut Packet, assignment: Assignment) {
    match assignment {
        Assignment::Untracked => packet.state = State::Untracked,
        Assignment::Bits { field: Field::Mark, mask, value: Some(value) } => {
            packet.mark = packet.mark & !mask | value & mask;
        }
        Assignment::Copy { from: Field::Mark, .. } => packet.connection_mark = packet.mark,
        other => panic!("{other:?} is not made up here"),
    }
}

/// Who lets the packet in at the last hook: a rule, the policy, or nobody.
pub(super) fn decide(ruleset: &Ruleset, mut packet: Packet) -> Option<Decider> {
    let chains = |hook: Hook| {
        let mut chains: Vec<_> =
            ruleset.base_chains().filter(|(_, _, base)| base.hook == hook).collect();
        chains.sort_by_key(|(_, _, base)| base.priority);
        chains
    };
    for (chain, _, base) in chains(Hook::Prerouting) {
        let nat = ruleset.table_of(chain).name == "nat";
        if nat && packet.state != State::New {
            continue;
        }
        // Connection tracking has not looked at the packet before it comes to its priority.
        let early = base.priority < -200;
        if early {
            packet.state = State::Invalid;
        }
        match walk(ruleset, chain, &mut packet) {
            End::Dropped => return None,
            End::Through if base.policy == Policy::Drop => return None,
            _ => {}
        }
        if early && packet.state == State::Invalid {
            packet.state = State::New;
        }
    }
    let hook = if packet.local { Hook::Input } else { Hook::Forward };
    let mut decider = None;
    for (chain, _, base) in chains(hook) {
        if ruleset.table_of(chain).name == "nat" {
            continue;
        }
        let by = match walk(ruleset, chain, &mut packet) {
            End::Dropped => return None,
            End::Through if base.policy == Policy::Drop => return None,
            End::Through => Decider::Policy(chain),
            End::Accepted(rule) => Decider::Rule(rule),
        };
        if ruleset.table_of(chain).name == "filter" {
            decider = Some(by);
        }
    }
    decider
}
