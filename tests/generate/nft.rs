//! Files of nftables: tables of every family, base chains at different and at equal priorities, sets, maps, verdict maps.

use super::{Family, INTERFACES, PORTS};
use crate::numbers::Numbers;
use std::fmt::Write as _;

/// Makes up a rule set of both families.
pub(crate) fn rule_set(seed: u64) -> String {
    let mut numbers = Numbers(seed);
    let mut text = String::from("define hosts4 = { 198.51.100.7, 10.0.0.5 }\n");
    let tables = 1 + numbers.below(3);
    for number in 0..tables {
        let kind = match number {
            0 => numbers.pick(&["inet", "inet", "ip"]),
            _ => numbers.pick(&["inet", "ip", "ip6"]),
        };
        table(&mut text, &mut numbers, kind, number);
    }
    if numbers.chance(10) {
        let _ = writeln!(
            text,
            "table netdev early {{\n  chain c {{\n    type filter hook ingress device eth0 priority 0; policy accept;\n    \
             udp dport {} drop\n  }}\n}}",
            numbers.pick(&PORTS)
        );
    }
    if numbers.chance(20) {
        let _ = writeln!(
            text,
            "insert rule {} one tcp dport {} accept",
            head(&text),
            numbers.pick(&PORTS)
        );
    }
    text
}

/// The family and the name of the first table.
fn head(text: &str) -> String {
    let line = text.lines().find_map(|it| it.strip_prefix("table ")).expect("there is a table");
    line.trim_end_matches(" {").to_owned()
}

/// Chains that are called. Each calls only those behind it, so that no loop comes about.
const MINE: [&str; 4] = ["one", "two", "three", "four"];

fn table(text: &mut String, numbers: &mut Numbers, kind: &str, number: usize) {
    let _ = writeln!(text, "table {kind} t{number} {{");
    if number > 0 && numbers.chance(8) {
        text.push_str("  flags dormant\n");
    }
    for family in [Family::V4, Family::V6] {
        sets(text, numbers, family);
    }
    text.push_str(
        "  set ports {\n    type inet_service\n    flags constant, interval\n    elements = { 22, 80-90, 443 }\n  }\n  \
         set names {\n    type ifname\n    flags constant\n    elements = { \"eth0\", \"wg0\" }\n  }\n  \
         map marks {\n    type inet_service : mark\n    flags constant\n    elements = { 22 : 0x1, 80 : 0x2, 443 : 0x11 }\n  }\n",
    );
    // Those that are called come first, or nothing could call them.
    let mut chains = String::new();
    for (index, name) in MINE.iter().enumerate().rev() {
        let mut rules = String::new();
        for _ in 0..numbers.below(5) {
            rule(&mut rules, numbers, kind, "", Some(index));
        }
        let _ = writeln!(chains, "  chain {name} {{\n{rules}  }}");
    }
    let _ = writeln!(
        chains,
        "  map verdicts {{\n    type inet_service : verdict\n    flags constant, interval\n    \
         elements = {{ 22 : jump one, 23 : drop, 53-80 : goto two, 443 : accept, 8080 : continue }}\n  }}"
    );
    text.push_str(&chains);
    for (name, hook, chain_kind) in [
        ("early", "prerouting", "filter"),
        ("arriving", "prerouting", "filter"),
        ("target", "prerouting", "nat"),
        ("again", "prerouting", "nat"),
        ("incoming", "input", "filter"),
        ("incoming_too", "input", "filter"),
        ("through", "forward", "filter"),
        ("through_too", "forward", "filter"),
        ("outgoing", "output", "filter"),
        ("rerouted", "output", "route"),
        ("leaving", "postrouting", "filter"),
        ("source", "postrouting", "nat"),
    ] {
        // Routes are rewritten by tables of one family only.
        if chain_kind == "route" && kind == "inet" || numbers.chance(45) {
            continue;
        }
        base_chain(text, numbers, kind, (name, hook, chain_kind));
    }
    text.push_str("}\n");
}

fn sets(text: &mut String, numbers: &mut Numbers, family: Family) {
    let (digit, kind) = match family {
        Family::V4 => (4, "ipv4_addr"),
        Family::V6 => (6, "ipv6_addr"),
    };
    let hosts = family.hosts();
    let two = [hosts[0], hosts[1 + numbers.below(hosts.len() - 1)]].join(", ");
    let networks = family.networks();
    let _ = writeln!(
        text,
        "  set hosts{digit} {{\n    type {kind}\n    flags constant\n    elements = {{ {two} }}\n  }}\n  \
         set nets{digit} {{\n    type {kind}\n    flags constant, interval\n    elements = {{ {}, {} }}\n  }}\n  \
         set services{digit} {{\n    type {kind} . inet_service\n    flags constant, interval\n    \
         elements = {{ {} . 22, {} . 80-443 }}\n  }}\n  \
         set none{digit} {{\n    type {kind}\n    flags constant\n  }}",
        networks[0], networks[1], hosts[1], networks[2]
    );
}

fn base_chain(
    text: &mut String,
    numbers: &mut Numbers,
    kind: &str,
    (name, hook, chain_kind): (&str, &str, &str),
) {
    let priority = match (chain_kind, hook) {
        ("nat", "prerouting") => numbers.pick(&["dstnat", "dstnat", "dstnat + 1"]),
        ("nat", _) => "srcnat",
        ("route", _) => "mangle",
        _ if name == "early" => "raw",
        (_, "prerouting") => numbers.pick(&["mangle", "mangle", "filter", "-50"]),
        _ => numbers.pick(&["filter", "filter", "filter - 1", "security", "10"]),
    };
    let drops = chain_kind == "filter" && numbers.chance(35) && hook != "prerouting";
    let policy = if drops { "drop" } else { "accept" };
    let _ = writeln!(
        text,
        "  chain {name} {{\n    type {chain_kind} hook {hook} priority {priority}; policy {policy};"
    );
    let place = match (chain_kind, hook) {
        ("nat", "prerouting") => "dnat",
        ("nat", _) => "snat",
        _ if name == "early" => "raw",
        (_, hook) => hook,
    };
    for _ in 0..=numbers.below(6) {
        rule(text, numbers, kind, place, None);
    }
    text.push_str("  }\n");
}

/// The transport protocol that the conditions of a rule ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transport {
    Any,
    Tcp,
    Udp,
    Other,
}

/// A rule of a base chain, or of the chain of that number.
fn rule(text: &mut String, numbers: &mut Numbers, kind: &str, place: &str, own: Option<usize>) {
    let family = match kind {
        "ip" => Family::V4,
        "ip6" => Family::V6,
        _ if numbers.chance(70) => Family::V4,
        _ => Family::V6,
    };
    let mut words = Vec::new();
    let mut transport = Transport::Any;
    // A rule without conditions hides what is behind it.
    let count = if numbers.chance(8) { 0 } else { 1 + numbers.below(5) / 2 };
    for _ in 0..count {
        let word = condition(numbers, family, (kind, place));
        let asks = ["tcp ", "udp ", "icmp", "meta l4proto ", "th "];
        if asks.iter().any(|protocol| word.contains(protocol)) {
            // Two that ask for different protocols do not load.
            if transport != Transport::Any {
                continue;
            }
            transport = match &word[..3] {
                "tcp" => Transport::Tcp,
                "udp" => Transport::Udp,
                _ => Transport::Other,
            };
        }
        words.push(word);
    }
    if numbers.chance(15) {
        let more = ["counter", "meta mark set 1", "meta mark set meta mark | 0x10"];
        words.push(numbers.pick(&more).to_owned());
    }
    words.push(statement(numbers, family, kind, (place, own), transport));
    let words: Vec<_> = words.into_iter().filter(|it| !it.is_empty()).collect();
    if !words.is_empty() {
        let _ = writeln!(text, "    {}", words.join(" "));
    }
}

fn not(numbers: &mut Numbers) -> &'static str {
    if numbers.chance(25) { "!= " } else { "" }
}

fn condition(numbers: &mut Numbers, family: Family, (kind, place): (&str, &str)) -> String {
    let not = not(numbers);
    let (ip, digit) = if family == Family::V4 { ("ip", 4) } else { ("ip6", 6) };
    let side = numbers.pick(&["saddr", "daddr"]);
    let port = numbers.pick(&PORTS);
    let protocol = numbers.pick(&["tcp", "tcp", "udp"]);
    let has_in = !matches!(place, "output" | "postrouting" | "snat");
    match numbers.below(34) {
        0..=2 => format!("{ip} {side} {not}{}", numbers.pick(family.hosts())),
        3..=4 => format!("{ip} {side} {not}{}", numbers.pick(family.networks())),
        5 => format!("{ip} {side} {not}@hosts{digit}"),
        6 => format!("{ip} {side} {not}@nets{digit}"),
        7 => format!("{ip} {side} . {protocol} dport {not}@services{digit}"),
        8 => {
            let hosts = family.hosts();
            format!("{ip} {side} {not}{{ {}, {} }}", hosts[0], numbers.pick(family.networks()))
        }
        9 if family == Family::V4 => {
            format!("ip {side} & 255.0.255.0 {} 10.0.1.0", if not.is_empty() { "==" } else { "!=" })
        }
        10 => format!("{ip} {side} {not}@none{digit}"),
        11..=15 => format!("{protocol} dport {not}{port}"),
        16 => format!("{protocol} dport {not}@ports"),
        17 => format!("{protocol} dport {not}{{ 22, 80-90, {port} }}"),
        18 => format!("{protocol} sport {not}{}", numbers.pick(&["40000", "1024-65535", "53"])),
        19 => {
            let flags = [
                "syn",
                "== syn",
                "!= syn",
                "syn,ack",
                "& (fin | syn | rst | ack) == syn",
                "& (syn | ack) != 0",
                "{ syn, ack }",
            ];
            format!("tcp flags {}", numbers.pick(&flags))
        }
        20 if family == Family::V4 => {
            format!("icmp type {not}{}", numbers.pick(&["echo-request", "{ 8, 13 }"]))
        }
        20 => format!("icmpv6 type {not}{}", numbers.pick(&["echo-request", "{ 128, 135 }"])),
        21 => format!("meta l4proto {not}{}", numbers.pick(&["tcp", "{ tcp, udp }", "47", "icmp"])),
        22 if kind == "inet" => {
            format!("meta nfproto {}", if family == Family::V4 { "ipv4" } else { "ipv6" })
        }
        23 | 24 if has_in => {
            let name =
                numbers.pick(&["\"eth*\"", "\"wg0\"", "@names", "{ \"eth0\", \"br*\" }", "\"lo\""]);
            format!("iifname {not}{name}")
        }
        25 if !has_in => format!("oifname {not}\"{}\"", numbers.pick(&INTERFACES)),
        26 => {
            let states = ["new", "established,related", "{ new, untracked }", "invalid"];
            format!("ct state {not}{}", numbers.pick(&states))
        }
        27 => format!("meta mark {not}{}", numbers.pick(&["1", "0x11", "{ 0x1, 0x2 }"])),
        28 => format!("meta mark & 0x3 {} 0x1", if not.is_empty() { "==" } else { "!=" }),
        29 if place != "raw" => format!("ct mark {not}{}", numbers.pick(&["0", "1"])),
        30 if place != "raw" => format!("ct direction {}", numbers.pick(&["original", "reply"])),
        31 => format!("fib daddr type {not}{}", numbers.pick(&["local", "unicast", "multicast"])),
        32 if family == Family::V4 => {
            format!("ip frag-off & 0x1fff {} 0", if not.is_empty() { "!=" } else { "==" })
        }
        32 => "exthdr frag missing".to_owned(),
        33 => format!("meta l4proto {{ tcp, udp }} th dport {not}{port}"),
        _ => String::new(),
    }
}

fn statement(
    numbers: &mut Numbers,
    family: Family,
    kind: &str,
    (place, own): (&str, Option<usize>),
    transport: Transport,
) -> String {
    let callable = &MINE[own.map_or(0, |it| it + 1)..];
    // What is called may reject, which is refused behind the routing and where addresses are translated.
    let calls = !matches!(place, "dnat" | "snat" | "postrouting") && !callable.is_empty();
    if calls && numbers.chance(25) {
        return format!("{} {}", numbers.pick(&["jump", "jump", "goto"]), numbers.pick(callable));
    }
    let has_ports = matches!(transport, Transport::Tcp | Transport::Udp);
    let may_be_tcp = matches!(transport, Transport::Any | Transport::Tcp);
    let to = numbers.pick(family.targets());
    let of = match (kind, family) {
        ("inet", Family::V4) => " ip",
        ("inet", Family::V6) => " ip6",
        _ => "",
    };
    let with_port = match family {
        Family::V4 => format!("{to}:8080"),
        Family::V6 => format!("[{to}]:8080"),
    };
    // A translation names a family, so the rule must be for it alone.
    let only = match (kind, family) {
        ("inet", Family::V4) => "meta nfproto ipv4 ",
        ("inet", Family::V6) => "meta nfproto ipv6 ",
        _ => "",
    };
    match (place, numbers.below(6)) {
        ("dnat", 0 | 1) if has_ports => format!("dnat{of} to {with_port}"),
        ("dnat", 0..=2) => format!("{only}dnat{of} to {to}"),
        ("dnat", 3) if has_ports => "redirect to :8080".to_owned(),
        ("dnat", 4) => "accept".to_owned(),
        ("dnat", _) => "redirect".to_owned(),
        ("snat", 0 | 1) => format!("{only}snat{of} to {to}"),
        ("snat", 2 | 3) => "masquerade".to_owned(),
        ("raw", 0..=2) => "notrack".to_owned(),
        ("raw", 3) => "drop".to_owned(),
        ("snat" | "raw", _) => "accept".to_owned(),
        ("prerouting" | "output" | "", 0) => {
            let set = [
                "meta mark set tcp dport map @marks",
                "tcp dport set 8080",
                "meta mark set 2",
                "ct mark set meta mark",
                "meta mark set ct mark",
                "ct mark set 1",
            ];
            numbers.pick(if may_be_tcp { &set } else { &set[2..] }).to_owned()
        }
        (_, 1) if calls && own.is_none() => {
            let map = [
                "ct state vmap { established : accept, invalid : drop }",
                "tcp dport vmap @verdicts",
                "udp dport vmap { 53 : accept, 80-90 : jump one, 443 : drop }",
                "meta l4proto . th dport vmap { tcp . 22 : accept, udp . 53 : goto three }",
            ];
            let is_free = transport == Transport::Any;
            numbers.pick(if is_free { &map } else { &map[..1] }).to_owned()
        }
        ("postrouting", 2) => "return".to_owned(),
        (_, 2) => numbers.pick(&["return", "continue", "reject"]).to_owned(),
        ("input" | "forward" | "", 3) => "reject".to_owned(),
        _ => numbers.pick(&["accept", "accept", "drop"]).to_owned(),
    }
}
