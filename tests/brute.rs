//! What the analysis says is let in, against packets sent one by one through the rules.
//!
//! Small rule sets are made up (seeded), read like any file, and walked by an interpreter that knows nothing of sets: it
//! takes one packet and asks one condition after the other. For every packet of a small universe both must name the same
//! rule, or none.

#![expect(clippy::print_stdout, reason = "the count is said aloud")]

mod numbers;

use fwlint::{
    analysis::{Analysis, Decider, Exposure, FamilyAnalysis, Interest, Slice},
    lower::{self, Input},
    model::{
        Action, Assignment, ChainId, Condition, DestinationKind, Field, Hook, Policy, RuleId,
        Ruleset, State, Values, Verdict,
    },
    source::SourceFile,
    syntax::{self, Dialect},
};
use numbers::Numbers;
use std::fmt::Write as _;

const RULE_SETS: u64 = 1_000;

fn conditions(numbers: &mut Numbers, hook: &str) -> String {
    let mut text = String::new();
    if numbers.chance(30) {
        let not = if numbers.chance(25) { "! " } else { "" };
        let _ = write!(
            text,
            " {not}-s {}",
            numbers.pick(&["198.51.100.0/30", "198.51.100.2", "10.0.0.0/8", "198.51.100.1/32"])
        );
    }
    if numbers.chance(20) {
        let _ = write!(text, " -d {}", numbers.pick(&["192.0.2.1", "192.0.2.0/24", "10.0.0.5"]));
    }
    if hook != "OUTPUT" && numbers.chance(25) {
        let not = if numbers.chance(25) { "! " } else { "" };
        let _ = write!(text, " {not}-i {}", numbers.pick(&["eth0", "eth1", "eth+", "lo"]));
    }
    if numbers.chance(60) {
        let protocol = numbers.pick(&["tcp", "udp"]);
        let _ = write!(text, " -p {protocol}");
        match numbers.below(6) {
            0 => {
                let not = if numbers.chance(30) { "! " } else { "" };
                let _ = write!(
                    text,
                    " {not}--dport {}",
                    numbers.pick(&["22", "80", "22:80", "23", "1:3388", "50:65535"])
                );
            }
            1 => text.push_str(" -m multiport --dports 22,80"),
            2 => text.push_str(" -m multiport --ports 23,4000"),
            3 => text.push_str(" --sport 4000"),
            4 if protocol == "tcp" => text.push_str(" --syn"),
            _ => {}
        }
    }
    if numbers.chance(20) {
        let not = if numbers.chance(25) { "! " } else { "" };
        let state =
            numbers.pick(&["NEW", "ESTABLISHED,RELATED", "UNTRACKED", "NEW,UNTRACKED", "DNAT"]);
        let _ = write!(text, " -m conntrack {not}--ctstate {state}");
    }
    if numbers.chance(10) {
        let not = if numbers.chance(50) { "! " } else { "" };
        let _ = write!(
            text,
            " -m mark {not}--mark {}",
            numbers.pick(&["1", "2", "0x1/0x1", "0x3/0x3"])
        );
    }
    if numbers.chance(8) {
        let _ = write!(text, " -m addrtype --dst-type {}", numbers.pick(&["LOCAL", "UNICAST"]));
    }
    if numbers.chance(5) {
        text.push_str(" -m conntrack --ctorigdstport 80");
    }
    text
}

fn rule_set(seed: u64) -> String {
    let mut numbers = Numbers(seed);
    let mut text = String::from("*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n");
    for _ in 0..numbers.below(3) {
        let rule = conditions(&mut numbers, "PREROUTING");
        let rule = rule.replace("DNAT", "NEW");
        let _ = writeln!(
            text,
            "-A PREROUTING{rule} -j {}",
            numbers.pick(&["CT --notrack", "DROP", "ACCEPT"])
        );
    }
    text.push_str("COMMIT\n*mangle\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n");
    for _ in 0..numbers.below(4) {
        let hook = numbers.pick(&["PREROUTING", "INPUT", "FORWARD"]);
        let rule = conditions(&mut numbers, hook);
        let target = numbers.pick(&[
            "MARK --set-mark 1",
            "MARK --set-xmark 0x2/0x2",
            "MARK --or-mark 0x1",
            "DROP",
            "ACCEPT",
            "CONNMARK --save-mark",
        ]);
        let _ = writeln!(text, "-A {hook}{rule} -j {target}");
    }
    text.push_str("COMMIT\n*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n");
    for _ in 0..numbers.below(3) {
        let protocol = numbers.pick(&["tcp", "udp"]);
        let port = numbers.pick(&["22", "80", "22:80"]);
        let target = numbers.pick(&[
            "DNAT --to-destination 10.0.0.5:22",
            "DNAT --to-destination 10.0.0.5",
            "REDIRECT --to-ports 23",
            "ACCEPT",
        ]);
        let source = if numbers.chance(40) { " -s 198.51.100.0/30" } else { "" };
        let _ = writeln!(text, "-A PREROUTING{source} -p {protocol} --dport {port} -j {target}");
    }
    text.push_str("COMMIT\n*filter\n");
    for chain in ["INPUT", "FORWARD", "OUTPUT"] {
        let _ = writeln!(text, ":{chain} {} [0:0]", numbers.pick(&["ACCEPT", "DROP"]));
    }
    text.push_str(":ONE - [0:0]\n:TWO - [0:0]\n:THREE - [0:0]\n");
    // Some are long, for what is gathered from many rules.
    let rules = if seed.is_multiple_of(20) { 120 } else { 4 + numbers.below(10) };
    for _ in 0..rules {
        let chain = numbers.pick(&["INPUT", "INPUT", "FORWARD", "ONE", "TWO", "THREE"]);
        let rule = conditions(&mut numbers, chain);
        // Chains call only those after them, so that no loop comes about.
        let targets: &[&str] = match chain {
            "INPUT" | "FORWARD" => &[
                "-j ACCEPT",
                "-j DROP",
                "-j ONE",
                "-j TWO",
                "-g TWO",
                "-j RETURN",
                "-j REJECT",
                "-g ONE",
            ],
            "ONE" => &["-j ACCEPT", "-j DROP", "-j TWO", "-g THREE", "-j RETURN", "-j THREE"],
            "TWO" => &["-j ACCEPT", "-j DROP", "-j RETURN", "-g THREE", "-j THREE"],
            _ => &["-j ACCEPT", "-j DROP", "-j RETURN"],
        };
        let _ = writeln!(text, "-A {chain}{rule} {}", numbers.pick(targets));
    }
    text.push_str("COMMIT\n");
    text
}

/// A packet on its way.
#[derive(Debug, Clone, Copy)]
struct Packet {
    source: u128,
    sent_to: u128,
    destination: u128,
    protocol: u128,
    source_port: u128,
    dialled: u128,
    port: u128,
    interface: &'static str,
    local: bool,
    state: State,
    mark: u32,
    connection_mark: u32,
    translated: bool,
}

impl Packet {
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

    fn fulfils(&self, ruleset: &Ruleset, condition: &Condition) -> bool {
        let among = |values: Values, value: u128| {
            ruleset.values(values).iter().any(|(low, high)| (*low..=*high).contains(&value))
        };
        match condition {
            Condition::Never => false,
            Condition::In { field, values, negated } => {
                among(*values, self.value(*field)) != *negated
            }
            Condition::Masked { field, values, negated } => {
                let (mask, value) = ruleset.values(*values)[0];
                (self.value(*field) & mask == value) != *negated
            }
            Condition::Interface { name, negated, .. } => {
                let name = &ruleset.interfaces[*name as usize];
                let same = if name.prefix {
                    self.interface.starts_with(&name.name)
                } else {
                    self.interface == name.name
                };
                same != *negated
            }
            Condition::OneOf { alternatives, negated } => {
                let lists = &ruleset.alternatives[*alternatives as usize];
                lists.iter().any(|list| list.iter().all(|it| self.fulfils(ruleset, it))) != *negated
            }
            Condition::Opaque { .. } | Condition::Family { .. } => {
                panic!("{condition:?} is not made up here")
            }
        }
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
                    if !packet.fulfils(ruleset, &condition) {
                        continue 'rules;
                    }
                }
                Action::Note => {}
                Action::Assign(assignment) => assign(packet, assignment),
                Action::Verdict(verdict) => match verdict {
                    Verdict::Accept | Verdict::Snat => return End::Accepted(id),
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
                        packet.destination = to.addresses.map_or(packet.destination, one);
                        packet.port = to.ports.map_or(packet.port, one);
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
fn decide(ruleset: &Ruleset, mut packet: Packet) -> Option<Decider> {
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
