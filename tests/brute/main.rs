//! What the analysis says is let in, against packets sent one by one through the rules.
//!
//! Small rule sets are made up (seeded), read like any file, and walked by an interpreter that knows nothing of sets: it
//! takes one packet and asks one condition after the other. For every packet of a small universe both must name the same
//! rule, or none.

#![expect(clippy::print_stdout, reason = "the count is said aloud")]

#[path = "../conditions/mod.rs"]
mod conditions;
mod doors;
mod interpreter;
mod large;
#[path = "../numbers/mod.rs"]
mod numbers;
mod pairs;
mod rules;

use conditions::Answers;
use fwlint::{
    analysis::{
        Analysis, Decider, Exposure, FamilyAnalysis, Interest, Slice,
        trace::{self, Decision, Tracer},
    },
    lower::{self, Input},
    model::{DestinationKind, Field, State},
    packets,
    source::SourceFile,
    syntax::{self, Dialect},
};
use interpreter::{Packet, decide};
use rules::rule_set;
use std::net::Ipv4Addr;

const RULE_SETS: u64 = 1_000;

fn universe() -> Vec<Packet> {
    let address = |a: u8, b: u8, c: u8, d: u8| u128::from(u32::from_be_bytes([a, b, c, d]));
    let mut packets = Vec::new();
    for source in [
        address(198, 51, 100, 1),
        address(198, 51, 100, 2),
        address(203, 0, 113, 9),
        address(10, 1, 1, 1),
    ] {
        for (destination, local) in [
            (address(192, 0, 2, 1), true),
            (address(192, 0, 2, 1), false),
            (address(10, 0, 0, 5), false),
            (address(10, 0, 0, 9), true),
        ] {
            for protocol in [6, 17, 47] {
                for port in [22, 23, 80, 443] {
                    for source_port in [4000, 5000] {
                        for interface in ["eth0", "eth1", "ppp0"] {
                            packets.push(Packet {
                                source,
                                sent_to: destination,
                                destination,
                                protocol,
                                source_port,
                                dialled: port,
                                port,
                                interface,
                                local,
                                state: State::New,
                                mark: 0,
                                connection_mark: 0,
                                translated: false,
                            });
                        }
                    }
                }
            }
        }
    }
    packets
}

fn holds(family: &FamilyAnalysis<'_>, slice: &Slice, packet: &Packet) -> bool {
    let space = &family.space;
    let atom = |name: &str| {
        let atoms = space.interfaces.atoms().iter().zip(0_u128..);
        let named = atoms.clone().find(|(atom, _)| atom.name() == name);
        let wild = atoms.clone().find(|(atom, _)| atom.name() == "eth+" && name.starts_with("eth"));
        let other = atoms.clone().find(|(atom, _)| atom.name() == "any");
        named.or(wild).or(other).expect("the other interfaces are always one").1
    };
    let fields = [
        Field::Source,
        Field::Destination,
        Field::Protocol,
        Field::SourcePort,
        Field::DestinationPort,
    ];
    let sent = |field| match field {
        Field::Destination => packet.sent_to,
        Field::DestinationPort => packet.dialled,
        field => packet.value(field),
    };
    let was = if packet.local { DestinationKind::Local } else { DestinationKind::Unicast };
    space.store.contains(slice.sent(Field::DestinationKind), was.value())
        && space.store.contains(slice.sent(Field::In), atom(packet.interface))
        && fields.into_iter().all(|field| space.store.contains(slice.sent(field), sent(field)))
}

fn named<'a>(family: &'a FamilyAnalysis<'_>, packet: &Packet) -> Vec<&'a Exposure> {
    let exposures = family.exposures.iter();
    exposures.filter(|it| it.slices.iter().any(|slice| holds(family, slice, packet))).collect()
}

#[test]
fn every_packet_is_let_in_by_the_rule_that_the_analysis_names() {
    let packets = universe();
    let (mut compared, mut let_in) = (0_u64, 0_u64);
    for seed in 0..RULE_SETS {
        let text = rule_set(seed);
        let source = SourceFile::new("rules.v4", text.clone().into_bytes());
        let parsed = syntax::parse(&source, Some(Dialect::Iptables)).expect("a dialect is given");
        assert!(parsed.errors.is_empty(), "{text}\n{:?}", parsed.errors);
        let ruleset = lower::ruleset(&[Input { file: 0, source: &source, parsed: &parsed }]);
        let analysis = Analysis::of(&ruleset, Interest::Everything);
        let family = &analysis.families[0];
        assert!(family.bounded.is_none(), "{text}");
        for packet in &packets {
            let decided = decide(&ruleset, *packet);
            let by = named(family, packet);
            let rules: Vec<Decider> = by
                .iter()
                .map(|it| it.decider)
                .filter(|it| matches!(it, Decider::Rule(_)))
                .collect();
            match decided {
                Some(Decider::Rule(rule)) => {
                    let_in += 1;
                    assert_eq!(rules, [Decider::Rule(rule)], "seed {seed}: {packet:?}\n{text}");
                }
                // Policies report only what was translated; everything else is one finding of its own.
                _ => assert!(
                    rules.is_empty(),
                    "seed {seed}: {packet:?} is let in by {decided:?}, not {rules:?}\n{text}"
                ),
            }
            compared += 1;
        }
    }
    println!("{compared} packets through {RULE_SETS} rule sets, {let_in} let in by a rule");
    assert!(let_in > compared / 20, "too few packets are let in to say much");
}

/// The packet in its notation; one that goes through leaves by an interface that no rule speaks of.
fn notation(packet: &Packet) -> packets::Packet {
    let address = |bits: u128| Ipv4Addr::from_bits(u32::try_from(bits).expect("IPv4"));
    let (source, destination) = (address(packet.source), address(packet.sent_to));
    let way = if packet.local { "" } else { " out ppp9" };
    let text = match packet.protocol {
        47 => format!("47 {source} -> {destination} in {}{way}", packet.interface),
        protocol => format!(
            "{protocol} {source}:{} -> {destination}:{} in {}{way}",
            packet.source_port, packet.dialled, packet.interface
        ),
    };
    packets::Packet::parse(&text).expect("a packet")
}

#[test]
fn every_packet_ends_as_the_rules_say_one_by_one() {
    let packets: Vec<_> = universe().iter().map(|packet| (*packet, notation(packet))).collect();
    let (mut compared, mut open, mut maybe) = (0_u64, 0_u64, 0_u64);
    for seed in 0..RULE_SETS / 5 {
        let text = rule_set(seed);
        let source = SourceFile::new("rules.v4", text.clone().into_bytes());
        let parsed = syntax::parse(&source, Some(Dialect::Iptables)).expect("a dialect is given");
        let ruleset = lower::ruleset(&[Input { file: 0, source: &source, parsed: &parsed }]);
        let tracer = Tracer::new(&ruleset);
        for (packet, written) in &packets {
            let trace = tracer.trace(written);
            compared += 1;
            // Which address a packet is redirected to stands in no rule, and what a connection without ports has
            // instead of them is not modelled; the interpreter takes both for what was sent.
            let unknown = text.contains("REDIRECT")
                || (packet.protocol == 47 && text.contains("ctorigdstport"));
            if trace.verdict == trace::Verdict::Maybe && unknown {
                maybe += 1;
                continue;
            }
            let decided = decide(&ruleset, *packet);
            let passes = trace.verdict == trace::Verdict::Accept;
            assert_eq!(passes, decided.is_some(), "seed {seed}: {written}\n{text}\n{trace:?}");
            if !unknown
                && let (Some(Decider::Rule(rule)), Decision::Rule(by, _)) =
                    (decided, trace.decided_by)
            {
                open += 1;
                let accepts = trace.accepts.iter();
                let mut rules = accepts.filter_map(|it| match it {
                    Decision::Rule(rule, _) => Some(*rule),
                    _ => None,
                });
                assert!(by == rule || rules.any(|it| it == rule), "seed {seed}: {written}\n{text}");
            }
        }
    }
    println!("{compared} packets traced, {open} let in by a rule, {maybe} maybe");
    assert!(open > compared / 20 && maybe < compared / 50, "too few say much");
}
