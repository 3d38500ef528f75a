//! Two rule sets beside each other, against the packets of a small universe sent through both, one by one.

use super::{
    interpreter::{Packet, decide},
    numbers::Numbers,
    rules::rule_set,
    universe,
};
use fwlint::{
    analysis::{
        diff::{self, Class, Difference, FamilyComparison, Pair, Path, State},
        trace::{Trace, Tracer, Verdict},
    },
    lower::{self, Input},
    model::{Field, Ruleset},
    packets::{self, Axis},
    source::SourceFile,
    syntax::{self, Dialect},
};

const PAIRS: u64 = 400;

fn ruleset(text: &str) -> Ruleset {
    let source = SourceFile::new("rules.v4", text.to_owned().into_bytes());
    let parsed = syntax::parse(&source, Some(Dialect::Iptables)).expect("a dialect is given");
    assert!(parsed.errors.is_empty(), "{text}\n{:?}", parsed.errors);
    lower::ruleset(&[Input { file: 0, source: &source, parsed: &parsed }])
}

/// The text with a few changes such as people make.
fn changed(text: &str, numbers: &mut Numbers) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..=numbers.below(3) {
        let rules: Vec<usize> =
            (0..lines.len()).filter(|at| lines[*at].starts_with("-A")).collect();
        let Some(at) = rules.get(numbers.below(rules.len().max(1))).copied() else { break };
        // Tables of translation take no DROP.
        let nat = lines.iter().position(|it| it == "*nat").unwrap_or(0);
        let is_nat = at > nat && lines[nat..at].iter().all(|it| it != "COMMIT");
        match numbers.below(6) {
            3 | 4 if is_nat => {}
            0 => drop(lines.remove(at)),
            1 => {
                let line = lines[at].clone();
                lines.insert(at, line);
            }
            2 if lines[at - 1].starts_with("-A") => lines.swap(at - 1, at),
            3 => lines[at] = lines[at].replace("-j ACCEPT", "-j DROP"),
            4 => lines[at] = lines[at].replace("-j DROP", "-j ACCEPT"),
            _ => lines[at] = lines[at].replace("-s 198.51.100.0/30", "-s 198.51.100.1/32"),
        }
    }
    if numbers.chance(10) {
        for line in &mut lines {
            *line = line.replace(":INPUT DROP", ":INPUT ACCEPT");
        }
    }
    lines.join("\n") + "\n"
}

fn holds(family: &FamilyComparison<'_>, difference: &Difference, packet: &Packet) -> bool {
    let (space, cube) = (&family.space, &difference.cube);
    let contains =
        |axis: Axis, value| cube.get(axis).is_none_or(|set| space.store.contains(set, value));
    let fields = [
        (Field::Source, packet.source),
        (Field::Destination, packet.sent_to),
        (Field::Protocol, packet.protocol),
        (Field::SourcePort, packet.source_port),
        (Field::DestinationPort, packet.dialled),
        (Field::In, atom(family, packet.interface)),
    ];
    fields.into_iter().all(|(field, value)| contains(field.into(), value))
}

fn atom(family: &FamilyComparison<'_>, name: &str) -> u128 {
    let atoms = family.space.interfaces.atoms().iter().zip(0_u128..);
    let named = atoms.clone().find(|(atom, _)| atom.name() == name);
    let wild = atoms.clone().find(|(atom, _)| atom.name() == "eth+" && name.starts_with("eth"));
    let other = atoms.clone().find(|(atom, _)| atom.name() == "any");
    named.or(wild).or(other).expect("the other interfaces are always one").1
}

#[test]
fn what_differs_is_told_and_nothing_else() {
    let packets = universe();
    let (mut told, mut same, mut equal) = (0_u64, 0_u64, 0_u64);
    for seed in 0..PAIRS {
        let text = rule_set(seed);
        let other = changed(&text, &mut Numbers(seed));
        let (old, new) = (ruleset(&text), ruleset(&other));
        let pair = Pair::of(ruleset(&text), ruleset(&other), 1);
        let families = diff::compare(&pair, false);
        let family = &families[0];
        assert!(!family.bounded && family.omitted == 0, "seed {seed}\n{text}");
        if family.equivalent() == Some(true) && text != other {
            equal += 1;
            ends_alike(seed, &packets, [(&text, &old), (&other, &new)]);
        }
        let nat = text.contains("DNAT --to") || text.contains("REDIRECT");
        let flows = || family.differences.iter().filter(|it| it.class == Class::Flow);
        for packet in &packets {
            let (before, after) = (decide(&old, *packet), decide(&new, *packet));
            let tells = |it: &&Difference| holds(family, it, packet);
            if before.is_some() == after.is_some() {
                same += 1;
                // To another target, both sides may let it in.
                let claims = |it: &&Difference| {
                    let both = [&it.before, &it.after].map(|it| it.state);
                    let path = if packet.local { Path::Input } else { Path::Forward };
                    tells(it)
                        && both.contains(&State::Closed)
                        && it.path == path
                        && !nat
                        && told_apart(it)
                };
                let wrong = flows().find(claims);
                assert!(wrong.is_none(), "seed {seed}: {packet:?}\n{wrong:?}\n{text}\n{other}");
            } else {
                told += 1;
                assert!(
                    flows().any(|it| tells(&it)),
                    "seed {seed}: {packet:?} {before:?} {after:?}\n{:#?}\n{text}\n---\n{other}",
                    family.differences
                );
            }
        }
        shown_packets_hold(seed, family, [(&text, &old), (&other, &new)]);
    }
    println!("{told} packets differ, {same} do not, {equal} pairs are equal");
    assert!(told > 5_000 && equal > PAIRS / 20, "too little differs to say much");
}

/// Where the sides are said to be equal, packets of every state end alike.
fn ends_alike(seed: u64, packets: &[Packet], sides: [(&str, &Ruleset); 2]) {
    let [(text, old), (other, new)] = sides;
    let (before, after) = (Tracer::new(old), Tracer::new(new));
    for (packet, at) in packets.iter().zip(0_usize..).filter(|(_, at)| at % 37 == 0) {
        let state = ["new", "established", "related", "invalid"][at / 37 % 4];
        let written = format!("{} state {state}", super::notation(packet));
        let written = packets::Packet::parse(&written).expect("a packet");
        // How the sender is told is not compared.
        let end = |it: &Tracer<'_>| match it.trace(&written).verdict {
            Verdict::Reject => Verdict::Drop,
            verdict => verdict,
        };
        assert_eq!(end(&before), end(&after), "seed {seed}: {written}\n{text}\n---\n{other}");
    }
}

/// Whether a difference is told packet by packet: what a policy decides is one, with the smallest cube around it.
fn told_apart(it: &Difference) -> bool {
    [&it.before, &it.after]
        .iter()
        .all(|it| it.state == State::Closed || matches!(it.decided_by, diff::Decision::Rule(..)))
}

/// Each packet that is shown ends otherwise on the other side.
fn shown_packets_hold(seed: u64, family: &FamilyComparison<'_>, sides: [(&str, &Ruleset); 2]) {
    let [(text, old), (other, new)] = sides;
    // Which address a packet is redirected to stands in no rule.
    if text.contains("REDIRECT") || other.contains("REDIRECT") {
        return;
    }
    let (before, after) = (Tracer::new(old), Tracer::new(new));
    for it in &family.differences {
        // Nobody says of an announced packet whether it is the first of its connection, which translation asks.
        let Some(packet) = it.witness.as_ref().filter(|_| it.class != Class::Related) else {
            continue;
        };
        let end = |it: &Trace| (it.verdict, it.rewritten.clone());
        let (before, after) = (before.trace(packet), after.trace(packet));
        assert_ne!(
            end(&before),
            end(&after),
            "seed {seed}: {packet}\n{it:#?}\n{text}\n---\n{other}"
        );
    }
}
