//! Packets of everyday life that a host has to get along with: whether its rules surely stop them.
//!
//! Asked of packets from several places on every interface that leads outside. Only what is stopped each time counts: a
//! list of addresses that nobody should bear, or a rule for one interface, is no reason to say that something is missing.

use super::{
    Analysis, Calls, FamilyAnalysis, Path,
    interfaces::{Atom, Interfaces},
    trace::{self, Decision},
    witness,
};
use crate::{
    knowledge::manager_of_interface,
    model::{
        Address, ChainId, ChainKind, Condition, Family, Field, Hook, Policy, RuleId, State, Verdict,
    },
    packets::{Packet, Ranges},
};

/// A packet that is surely stopped.
#[derive(Debug, Clone)]
pub struct Stopped {
    /// The packet.
    pub packet: Packet,
    /// What stops it.
    pub by: Decision,
}

/// A packet that is sent, and an answer that is surely stopped.
#[derive(Debug, Clone)]
pub struct Unanswered {
    /// What passes.
    pub sent: Packet,
    /// The answer to it.
    pub answer: Stopped,
}

/// Rules that name more interfaces than this are asked about the first ones.
const MOST_INTERFACES: usize = 8;
/// The same for addresses.
const MOST_PLACES: usize = 16;

/// Addresses elsewhere: of the documentation, of the internet, of private networks.
const fn elsewhere(family: Family) -> &'static [&'static str] {
    match family {
        Family::Ipv4 => &["198.51.100.7", "9.9.9.9", "10.0.0.7", "192.168.1.7"],
        Family::Ipv6 => &["[2001:db8::7]", "[2620:fe::9]", "[fd00::7]"],
    }
}

/// An address without the brackets that a port asks for.
fn bare(address: &str) -> &str {
    address.trim_start_matches('[').trim_end_matches(']')
}

fn packet(text: &str) -> Packet {
    Packet::parse(text).expect("the packets asked about are well formed")
}

fn unasked(family: &FamilyAnalysis<'_>) -> impl Iterator<Item = String> {
    const PORTS: [(&str, u16); 3] = [("tcp", 47_808), ("udp", 47_808), ("tcp", 6379)];
    let other = elsewhere(family.space.family)[0];
    family.outer_interfaces().into_iter().flat_map(move |interface| {
        let text = move |(transport, port): (&str, u16)| {
            format!("{transport} {other}:40000 -> host:{port} in {interface}")
        };
        PORTS.into_iter().map(text).collect::<Vec<_>>()
    })
}

impl Analysis<'_> {
    /// Whether rules of the family look at packets of `hook`.
    pub fn has_rules(&self, family: &FamilyAnalysis<'_>, hook: Hook) -> bool {
        let sees = |id| self.ruleset.table_of(id).family.sees(family.space.family);
        self.ruleset.base_chains().any(|(id, chain, base)| {
            base.hook == hook
                && base.kind == ChainKind::Filter
                && !chain.rules.is_empty()
                && sees(id)
        })
    }

    /// Whether a rule for packets to or through the host accepts some of the family that may be new and come from others, as
    /// far as its own conditions tell.
    pub fn accepts_new(&self, family: &FamilyAnalysis<'_>) -> bool {
        let space = &family.space;
        let sees = |id| self.ruleset.table_of(id).family.sees(space.family);
        let new = [State::New, State::Untracked].map(|it| (it.value(), it.value()));
        let new = Ranges::of(new.to_vec());
        let is_other = |condition: Condition| match condition {
            Condition::In { field: Field::State, values, negated } => {
                let states = Ranges::of(self.ruleset.values(values).to_vec());
                if negated { new.is_subset(&states) } else { states.intersect(&new).is_empty() }
            }
            Condition::Interface { field: Field::In, name, negated: false } => {
                space.interfaces.meant(name).contains(Interfaces::LOOPBACK)
            }
            Condition::Family { family, negated } => (family == space.family) == negated,
            Condition::Never => true,
            _ => false,
        };
        let accepts = |rule: &crate::model::Rule| {
            let conditions = self.ruleset.conditions_of(rule);
            matches!(self.ruleset.verdict_of(rule), Some((Verdict::Accept, _)))
                && !conditions.into_iter().any(|(condition, _)| is_other(condition))
        };
        self.ruleset.base_chains().any(|(id, _, base)| {
            matches!(base.hook, Hook::Input | Hook::Forward)
                && base.kind == ChainKind::Filter
                && sees(id)
                && Calls::rules_below(self.ruleset, id).any(accepts)
        }) || !family.exposures.is_empty()
    }

    /// Whether anything at `hook` can stop packets of the family.
    pub fn has_drops(&self, family: &FamilyAnalysis<'_>, hook: Hook) -> bool {
        let sees = |id| self.ruleset.table_of(id).family.sees(family.space.family);
        let stops = |rule: &crate::model::Rule| {
            let verdict = self.ruleset.verdict_of(rule);
            verdict.is_some_and(|(verdict, _)| {
                !matches!(verdict, Verdict::Accept | Verdict::Return | Verdict::Jump(_))
            })
        };
        self.ruleset.base_chains().any(|(id, _, base)| {
            let may_stop =
                base.policy != Policy::Accept || Calls::rules_below(self.ruleset, id).any(stops);
            base.hook == hook && base.kind == ChainKind::Filter && sees(id) && may_stop
        })
    }

    /// The first of `packets`, if all of them are surely stopped.
    fn all_stopped(&self, packets: impl Iterator<Item = String>) -> Option<Stopped> {
        let mut first = None;
        for text in packets {
            let packet = packet(&text);
            let trace = self.trace(&packet);
            if !trace.verdict.stops() {
                return None;
            }
            first = first.or(Some(Stopped { packet, by: trace.decided_by }));
        }
        first
    }

    /// An answer that never comes back: to a connection or question of this host, whatever it asks and whomever.
    pub fn unanswered(&self, family: &FamilyAnalysis<'_>) -> Option<Unanswered> {
        const ASKED: [(&str, u16); 5] =
            [("tcp", 443), ("udp", 53), ("tcp", 80), ("tcp", 22), ("udp", 123)];
        let mut first: Option<Unanswered> = None;
        for interface in family.outer_interfaces() {
            for other in elsewhere(family.space.family) {
                for (transport, port) in ASKED {
                    let flags = if transport == "tcp" { " flags syn,ack" } else { "" };
                    let answer = packet(&format!(
                        "{transport} {other}:{port} -> host:40000 in {interface} state established \
                         dir reply{flags}"
                    ));
                    let trace = self.trace(&answer);
                    if !trace.verdict.stops() {
                        return None;
                    }
                    let sent = packet(&format!(
                        "{transport} host:40000 -> {other}:{port} out {interface}"
                    ));
                    if first.is_none() && self.trace(&sent).verdict == trace::Verdict::Accept {
                        let answer = Stopped { packet: answer, by: trace.decided_by };
                        first = Some(Unanswered { sent, answer });
                    }
                }
            }
        }
        first
    }

    /// An answer of this host that it does not send: to what `request` lets in.
    pub fn unsent(&self, request: &Packet) -> Option<Stopped> {
        let from = request.route.from()?.name();
        let (source, destination) = (request.source, request.destination);
        let answer = crate::packets::Fields {
            source: destination,
            destination: source,
            route: crate::packets::Route::Output { to: crate::packets::Interface::new(from)? },
            state: crate::packets::State::Established,
            direction: crate::packets::Direction::Reply,
            flags: request.flags.map(|_| 0x12),
            ..crate::packets::Fields::clone(request)
        };
        let packet = Packet::new(answer).ok()?;
        let trace = self.trace(&packet);
        trace.verdict.stops().then_some(Stopped { packet, by: trace.decided_by })
    }

    /// A connection to this host that nobody asked for, stopped as all such are: at ports where few listen.
    pub fn stopped_unasked(&self, family: &FamilyAnalysis<'_>) -> Option<Stopped> {
        self.all_stopped(unasked(family))
    }

    /// The same, where all of them pass, by no rule: the first, and what lets it in.
    pub fn passed_unasked(&self, family: &FamilyAnalysis<'_>) -> Option<(Packet, Decision)> {
        let mut first = None;
        for text in unasked(family) {
            let packet = packet(&text);
            let trace = self.trace(&packet);
            let by_rule = matches!(trace.decided_by, Decision::Rule(..));
            if trace.verdict != trace::Verdict::Accept || by_rule {
                return None;
            }
            first = first.or(Some((packet, trace.decided_by)));
        }
        first
    }

    /// A packet from this host to itself that it stops, as it does with all of them.
    pub fn stopped_at_home(&self, family: &FamilyAnalysis<'_>, hook: Hook) -> Option<Stopped> {
        const ASKED: [(&str, u16); 5] =
            [("tcp", 5432), ("udp", 53), ("tcp", 25), ("tcp", 631), ("tcp", 9000)];
        let home = match family.space.family {
            Family::Ipv4 => "127.0.0.1",
            Family::Ipv6 => "[::1]",
        };
        let way = if hook == Hook::Output { "out" } else { "in" };
        self.all_stopped(
            ASKED.into_iter().map(|(transport, port)| {
                format!("{transport} {home}:40000 -> {home}:{port} {way} lo")
            }),
        )
    }

    /// Packets for what `translation` publishes behind interface `inside`, from wherever they come and whoever sends them, also
    /// from those that rules below `chains` name, stopped all of them in one base chain: the first, and the chain.
    pub fn stopped_published(
        &self,
        family: &FamilyAnalysis<'_>,
        translation: RuleId,
        inside: &str,
        chains: &[ChainId],
    ) -> Option<(Stopped, ChainId)> {
        let port = self.sample(family, translation, &[])?;
        let transport = match port.protocol {
            6 => "tcp",
            17 => "udp",
            _ => return None,
        };
        let to = port.destination;
        let others = self.places_named(family, Field::Source, chains, "40000");
        let texts = family.interfaces_outside_of(inside).into_iter().flat_map(|interface| {
            let text = move |from: &String| {
                format!("{transport} {from} -> {to} in {interface} out {inside}")
            };
            others.iter().map(text).collect::<Vec<_>>()
        });
        self.all_stopped_in_one(texts)
    }

    /// The same of what the host at address `from` behind interface `inside` sends.
    pub fn stopped_from_inside(
        &self,
        family: &FamilyAnalysis<'_>,
        from: Address,
        inside: &str,
        chains: &[ChainId],
    ) -> Option<(Stopped, ChainId)> {
        let from = from.with_ports("40000");
        let texts = [("tcp", "443"), ("udp", "53"), ("tcp", "80")].into_iter();
        let texts = texts.flat_map(|(transport, port)| {
            let others = self.places_named(family, Field::Destination, chains, port);
            let ways = family.interfaces_outside_of(inside).into_iter();
            let from = &from;
            ways.flat_map(move |out| {
                let text =
                    |to: &String| format!("{transport} {from} -> {to} in {inside} out {out}");
                others.iter().map(text).collect::<Vec<_>>()
            })
            .collect::<Vec<_>>()
        });
        self.all_stopped_in_one(texts)
    }

    /// Addresses elsewhere, and the first of each that rules below `chains` ask for, with a port.
    fn places_named(
        &self,
        family: &FamilyAnalysis<'_>,
        field: Field,
        chains: &[ChainId],
        port: &str,
    ) -> Vec<String> {
        let mut places: Vec<String> =
            elsewhere(family.space.family).iter().map(|it| format!("{it}:{port}")).collect();
        let rules = chains.iter().flat_map(|chain| Calls::rules_below(self.ruleset, *chain));
        for condition in rules.flat_map(|rule| self.ruleset.conditions_within(rule)) {
            let Condition::In { field: asked, values, negated: false } = condition else {
                continue;
            };
            if asked != field || places.len() >= MOST_PLACES {
                continue;
            }
            for (low, high) in self.ruleset.values(values).iter().take(MOST_PLACES) {
                let bits = (*low).saturating_add(1).min(*high);
                if bits <= family.space.family.last_address() {
                    places.push(Address { family: family.space.family, bits }.with_ports(port));
                }
            }
        }
        places
    }

    fn all_stopped_in_one(
        &self,
        packets: impl Iterator<Item = String>,
    ) -> Option<(Stopped, ChainId)> {
        let mut first: Option<(Stopped, ChainId)> = None;
        for text in packets {
            // An address that rules name may be none that sends packets to others.
            let Ok(packet) = Packet::parse(&text) else { continue };
            let trace = self.trace(&packet);
            let chain = match trace.decided_by {
                Decision::Rule(_, chain) | Decision::Policy(chain) if trace.verdict.stops() => {
                    chain
                }
                _ => return None,
            };
            if first.as_ref().is_some_and(|(_, known)| *known != chain) {
                return None;
            }
            first = first.or(Some((Stopped { packet, by: trace.decided_by }, chain)));
        }
        first
    }

    /// Word from a router that a packet of this host was too big, which it stops.
    pub fn stopped_too_big(&self, family: &FamilyAnalysis<'_>) -> Option<Stopped> {
        let kind = match family.space.family {
            Family::Ipv4 => "icmp {} -> host in {} type 3/4 state related",
            Family::Ipv6 => "icmpv6 {} -> host in {} type 2/0 state related",
        };
        self.all_stopped(family.outer_interfaces().into_iter().flat_map(|interface| {
            let text = move |other: &&str| {
                kind.replacen("{}", bare(other), 1).replacen("{}", &interface, 1)
            };
            elsewhere(family.space.family).iter().map(text).collect::<Vec<_>>()
        }))
    }

    /// A message by which neighbours on an IPv6 link find each other, of type `kind`, which it stops.
    pub fn stopped_neighbour(&self, family: &FamilyAnalysis<'_>, kind: u8) -> Option<Stopped> {
        const TO: [(&str, &str); 3] = [
            ("fe80::7", "ff02::1:ff00:1"),
            ("fe80::7", "fe80::1"),
            ("2001:db8::7", "ff02::1:ff00:1"),
        ];
        self.all_stopped(family.outer_interfaces().into_iter().flat_map(|interface| {
            let text = move |(from, to): (&str, &str)| {
                format!("icmpv6 {from} -> {to} in {interface} type {kind}/0 state untracked")
            };
            TO.into_iter().map(text).collect::<Vec<_>>()
        }))
    }

    /// The rule of base chain `chain` that hides the sender of whatever leaves: on the loopback, among private networks and
    /// among others, through an interface that no rule names.
    pub fn hides_everybody(&self, family: &FamilyAnalysis<'_>, chain: ChainId) -> Option<RuleId> {
        let other = family.unnamed_interface()?;
        let ways = match family.space.family {
            Family::Ipv4 => [
                ("198.51.100.7", "203.0.113.9", &*other),
                ("192.168.77.7", "192.168.78.9", &*other),
                ("127.0.0.1", "127.0.0.1", "lo"),
            ],
            Family::Ipv6 => [
                ("[2001:db8::7]", "[2001:db8:1::9]", &*other),
                ("[fd77::7]", "[fd78::9]", &*other),
                ("[::1]", "[::1]", "lo"),
            ],
        };
        let mut hiding = ways.into_iter().map(|(from, to, out)| {
            let packet = packet(&format!("tcp {from}:40000 -> {to}:443 out {out}"));
            self.tracer.source_rewritten(Hook::Postrouting, chain, &packet)
        });
        let first = hiding.next().flatten();
        first.filter(|_| hiding.all(|it| it.is_some()))
    }

    /// Whether packets of known connections come in, over some interface that leads outside.
    pub fn is_answered(&self, family: &FamilyAnalysis<'_>) -> bool {
        let other = elsewhere(family.space.family)[0];
        family.outer_interfaces().iter().any(|interface| {
            let answer = packet(&format!(
                "tcp {other}:443 -> host:40000 in {interface} state established dir reply"
            ));
            self.trace(&answer).verdict == trace::Verdict::Accept
        })
    }

    /// Whether anything but the loopback gets in over the family.
    pub fn is_spoken(&self, family: &FamilyAnalysis<'_>) -> bool {
        !family.exposures.is_empty() || self.is_answered(family)
    }
}

impl FamilyAnalysis<'_> {
    /// Packets from somewhere to a port that nobody serves, on their way to or through the host.
    pub(super) fn strangers(&self, hook: Hook) -> Vec<Packet> {
        let Some(interface) = self.unnamed_interface() else { return Vec::new() };
        let (from, to) = match self.space.family {
            Family::Ipv4 => ("198.51.100.7", "203.0.113.9"),
            Family::Ipv6 => ("[2001:db8::7]", "[2001:db8:1::9]"),
        };
        let way = match hook {
            Hook::Forward => format!("{to}:48879 in {interface} out {interface}"),
            _ => format!("host:48879 in {interface}"),
        };
        let transports = ["tcp", "udp"].into_iter();
        transports.map(|it| packet(&format!("{it} {from}:40000 -> {way}"))).collect()
    }

    /// A name for an interface that no rule speaks of.
    fn unnamed_interface(&self) -> Option<String> {
        let atoms = self.space.interfaces.atoms().iter().zip(0_u128..);
        let (_, number) = atoms.into_iter().find(|(atom, _)| **atom == Atom::Other)?;
        let interface = witness::interface(&self.space, self.space.one(Field::In, number))?;
        Some(interface.name().to_owned())
    }

    /// One name for each sort of interface that the rules tell apart, but for those of the program that makes `inside`.
    fn interfaces_outside_of(&self, inside: &str) -> Vec<String> {
        let space = &self.space;
        let manager = manager_of_interface(inside);
        let atoms = space.interfaces.atoms().iter().zip(0_u128..);
        let others = atoms.filter(|(atom, _)| !matches!(atom, Atom::Loopback | Atom::None));
        let named = others.filter_map(|(_, number)| {
            let interface = witness::interface(space, space.one(Field::In, number))?;
            Some(interface.name().to_owned())
        });
        named.filter(|name| manager_of_interface(name) != manager).collect()
    }

    /// One name for each sort of interface that the rules tell apart and that leads outside, for packets to this host.
    fn outer_interfaces(&self) -> Vec<String> {
        let space = &self.space;
        let atoms = space.interfaces.atoms().iter().zip(0_u128..);
        let outer = atoms.filter(|(atom, number)| {
            !matches!(atom, Atom::Loopback | Atom::None)
                && !self.is_inside(space.one(Field::In, *number), Path::Input)
        });
        let named = outer.filter_map(|(_, number)| {
            let interface = witness::interface(space, space.one(Field::In, number))?;
            Some(interface.name().to_owned())
        });
        // The one that stands for all that no rule names comes last.
        let mut named: Vec<String> = named.collect();
        named.reverse();
        named.truncate(MOST_INTERFACES);
        named
    }
}
