//! Lists in which hundreds of rules take a little from each other: what is told whole is nearly so, and holds everything
//! that its rule lets in.

use super::{holds, interpreter::Packet, numbers::Numbers};
use fwlint::{
    analysis::{
        Analysis, Decider, FamilyAnalysis, Interest,
        trace::{Decision, Tracer},
    },
    lower::{self, Input},
    model::{Field, RuleId, Ruleset, State},
    packets,
    source::SourceFile,
    syntax::{self, Dialect},
};
use std::fmt::Write as _;

const RULES: usize = 1_500;

/// One rule, as ranges of a list that is asked in order.
struct Box {
    source: (u32, u32),
    destination: (u32, u32),
    ports: (u32, u32),
    accepts: bool,
}

impl Box {
    /// Mostly single addresses and networks; some of all sources, which many others take from.
    fn of(numbers: &mut Numbers) -> Self {
        let mut below = |bound: usize| u32::try_from(numbers.below(bound)).expect("it is small");
        let network =
            |base: u32, length: u32| (base >> length << length, base | ((1 << length) - 1));
        let address = 0xcb00_0000 | below(1 << 22);
        let source = match below(8) {
            0..=2 => (0, u32::MAX),
            3 => network(address, 14),
            4 => network(address, 8),
            _ => network(address, 0),
        };
        let host = 0x0a00_0000 | below(1 << 16);
        let everywhere = source != (0, u32::MAX) && below(3) > 0;
        let destination = if everywhere { (0, u32::MAX) } else { network(host, 0) };
        let first = 1 + below(900);
        let last = if below(2) == 0 { first } else { first + 1 + below(300) };
        Self { source, destination, ports: (first, last), accepts: below(2) == 0 }
    }

    fn has(&self, source: u32, destination: u32, port: u32) -> bool {
        let within = |(low, high): (u32, u32), it: u32| low <= it && it <= high;
        within(self.source, source)
            && within(self.destination, destination)
            && within(self.ports, port)
    }

    fn write(&self, text: &mut String) {
        text.push_str("-A INPUT");
        for (option, (low, high)) in [("-s", self.source), ("-d", self.destination)] {
            let length = 32 - (high - low).count_ones();
            let address = std::net::Ipv4Addr::from_bits(low);
            if length > 0 {
                let _ = write!(text, " {option} {address}/{length}");
            }
        }
        let verdict = if self.accepts { "ACCEPT" } else { "DROP" };
        let (first, last) = self.ports;
        let _ = writeln!(text, " -p tcp -m tcp --dport {first}:{last} -j {verdict}");
    }
}

/// Which rule decides, by its place in the file.
fn decider(boxes: &[Box], (source, destination, port): (u32, u32, u32)) -> Option<usize> {
    boxes.iter().position(|it| it.has(source, destination, port))
}

fn between(numbers: &mut Numbers, (low, high): (u32, u32)) -> u32 {
    let span = usize::try_from(high - low).expect("it is small") + 1;
    low + u32::try_from(numbers.below(span)).expect("it is small")
}

/// An address of the sources that most rules name, if a rule about all sources is asked.
fn near_source(address: u32, it: &Box) -> u32 {
    if it.source == (0, u32::MAX) { 0xcb00_0000 | address & 0x003f_ffff } else { address }
}

/// The same for destinations.
fn near_destination(address: u32, it: &Box) -> u32 {
    if it.destination == (0, u32::MAX) { 0x0a00_0000 | address & 0xffff } else { address }
}

fn packet(source: u32, destination: u32, port: u32) -> Packet {
    Packet {
        source: source.into(),
        sent_to: destination.into(),
        destination: destination.into(),
        protocol: 6,
        source_port: 40_000,
        dialled: port.into(),
        port: port.into(),
        interface: "eth0",
        local: true,
        state: State::New,
        mark: 0,
        connection_mark: 0,
        translated: false,
    }
}

/// Whether a packet is in what the analysis says that a rule lets in.
fn told(family: &FamilyAnalysis<'_>, rule: usize, packet: &Packet) -> bool {
    let rule = RuleId(u32::try_from(rule).expect("it is small"));
    let mut exposures = family.exposures.iter().filter(|it| it.decider == Decider::Rule(rule));
    exposures.any(|it| it.slices.iter().any(|slice| holds(family, slice, packet)))
}

#[test]
fn what_is_told_whole_is_nearly_so_and_holds_all_that_is_let_in() {
    let (mut let_in, mut whole, mut witnesses) = (0, 0, 0);
    for seed in 0..2 {
        let mut numbers = Numbers(seed);
        let boxes: Vec<Box> = (0..RULES).map(|_| Box::of(&mut numbers)).collect();
        let mut text = String::from("*filter\n:INPUT DROP [0:0]\n");
        for it in &boxes {
            it.write(&mut text);
        }
        text.push_str("COMMIT\n");
        let source = SourceFile::new("rules.v4", text.into_bytes());
        let parsed = syntax::parse(&source, Some(Dialect::Iptables)).expect("a dialect is given");
        assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
        let ruleset = lower::ruleset(&[Input { file: 0, source: &source, parsed: &parsed }]);
        let analysis = Analysis::of(&ruleset, Interest::Everything);
        let family = &analysis.families[0];
        assert!(family.bounded.is_none());

        for _ in 0..20_000 {
            let from = 0xcb00_0000 | between(&mut numbers, (0, (1 << 22) - 1));
            let to = 0x0a00_0000 | between(&mut numbers, (0, (1 << 16) - 1));
            let port = between(&mut numbers, (1, 1_300));
            let Some(by) = decider(&boxes, (from, to, port)) else { continue };
            if boxes[by].accepts {
                let_in += 1;
                assert!(told(family, by, &packet(from, to, port)), "{by}: {from:x} {to:x} {port}");
            }
        }
        for (rule, it) in boxes.iter().enumerate().filter(|(_, it)| it.accepts) {
            let (mut all, mut others) = (0, 0);
            let mut is_told_whole = false;
            for _ in 0..200 {
                let [from, to, port] =
                    [it.source, it.destination, it.ports].map(|it| between(&mut numbers, it));
                // Where the others take something, most of it is here.
                let near = [near_source(from, it), near_destination(to, it)];
                let taken = |from, to| decider(&boxes, (from, to, port)) != Some(rule);
                is_told_whole |=
                    taken(near[0], near[1]) && told(family, rule, &packet(near[0], near[1], port));
                if told(family, rule, &packet(from, to, port)) {
                    all += 1;
                    others += u32::from(taken(from, to));
                }
            }
            whole += u32::from(is_told_whole);
            if it.source != (0, u32::MAX) {
                // Of each source that the rule names something is left, if any is told.
                let from = between(&mut numbers, it.source);
                let others = (0..40).map(|_| {
                    let [to, port] = [it.destination, it.ports].map(|it| between(&mut numbers, it));
                    let told = told(family, rule, &packet(from, to, port));
                    told.then(|| decider(&boxes, (from, to, port)) != Some(rule))
                });
                let others: Vec<bool> = others.flatten().collect();
                let all = others.len() > 10 && others.iter().all(|it| *it);
                assert!(!all, "{rule}: nothing is left of {from:x}");
            }
            // A sixteenth may be others'; the rest is the luck of the draw.
            assert!(others * 8 <= all.max(80), "{rule}: {others} of {all} are others'");
        }
        witnesses += traced_witnesses(&ruleset, family);
    }
    println!("{let_in} packets let in, {whole} rules told whole, {witnesses} witnesses");
    assert!(let_in > 500 && whole > 30 && witnesses > 500, "too few say much");
}

/// Traces a packet of every port at which something begins to be let in, and counts them.
fn traced_witnesses(ruleset: &Ruleset, family: &FamilyAnalysis<'_>) -> u32 {
    let tracer = Tracer::new(ruleset);
    let mut count = 0;
    for exposure in &family.exposures {
        let Some(reach) = family.reach(exposure, &[0]) else { continue };
        let ports = exposure.slices[0].sent(Field::DestinationPort);
        let ports = family.space.ranges(Field::DestinationPort, ports);
        for (low, _) in ports.as_slice() {
            let port = u16::try_from(*low).expect("a port");
            let witness = family.witness(exposure, &reach, 6, Some(port)).expect("a packet");
            // The host may have one of the addresses that others decide about.
            let witness = witness.replace("host", "192.0.2.1");
            let trace = tracer.trace(&packets::Packet::parse(&witness).expect("a packet"));
            let Decision::Rule(by, _) = trace.decided_by else { panic!("{witness}: {trace:?}") };
            assert_eq!(Decider::Rule(by), exposure.decider, "{witness}");
            count += 1;
        }
    }
    count
}

/// All that is looked for first is taken; what lies behind the last address is none.
#[test]
fn what_leaves_no_pair_of_addresses_in_sight_is_cut_out() {
    let mut text = String::from("*filter\n:INPUT DROP [0:0]\n");
    for (source, last) in
        ["198.0.0.0/7", "202.0.0.0/8", "206.0.0.0/8", "214.0.0.0/8", "230.0.0.0/8"]
            .into_iter()
            .zip(5..)
    {
        let _ = writeln!(text, "-A INPUT -s {source} -p tcp -m tcp --dport 1:{last} -j DROP");
    }
    for number in 10..50 {
        let last = number + 20;
        let _ = writeln!(text, "-A INPUT -s 192.0.2.9/32 -p tcp --dport {number}:{last} -j DROP");
    }
    text.push_str("-A INPUT -p tcp -m tcp --dport 1:99 -j ACCEPT\nCOMMIT\n");
    let source = SourceFile::new("rules.v4", text.into_bytes());
    let parsed = syntax::parse(&source, Some(Dialect::Iptables)).expect("a dialect is given");
    let ruleset = lower::ruleset(&[Input { file: 0, source: &source, parsed: &parsed }]);
    let analysis = Analysis::of(&ruleset, Interest::Everything);
    assert!(traced_witnesses(&ruleset, &analysis.families[0]) > 0);
}
