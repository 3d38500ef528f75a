//! Restore files of iptables and ip6tables, with the ipsets that they name.

use super::{Family, INTERFACES, PORTS, RANGES};
use crate::numbers::Numbers;
use std::fmt::Write as _;

/// A host's restore file and its ipsets.
pub(crate) struct Rules {
    pub(crate) ipset: String,
    pub(crate) restore: String,
}

/// Makes up a rule set of one family.
pub(crate) fn rule_set(seed: u64, family: Family) -> Rules {
    let mut numbers = Numbers(seed);
    let mut text = String::new();
    for (table, chains) in TABLES {
        // The filter table is always there, the others often.
        if table == "filter" || numbers.chance(60) {
            self::table(&mut text, &mut numbers, family, table, chains);
        }
    }
    Rules { ipset: sets(&mut numbers, family), restore: text }
}

const TABLES: [(&str, &[&str]); 5] = [
    ("raw", &["PREROUTING", "OUTPUT"]),
    ("mangle", &["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"]),
    ("nat", &["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"]),
    ("filter", &["INPUT", "FORWARD", "OUTPUT"]),
    ("security", &["INPUT", "FORWARD", "OUTPUT"]),
];

/// Chains of the user. Each calls only those behind it, so that no loop comes about.
const MINE: [&str; 4] = ["ONE", "TWO", "THREE", "FOUR"];

fn table(text: &mut String, numbers: &mut Numbers, family: Family, table: &str, chains: &[&str]) {
    let _ = writeln!(text, "*{table}");
    for chain in chains {
        let drops = table == "filter" && numbers.chance(50) || table != "nat" && numbers.chance(4);
        let _ = writeln!(text, ":{chain} {} [0:0]", if drops { "DROP" } else { "ACCEPT" });
    }
    for chain in MINE {
        let _ = writeln!(text, ":{chain} - [0:0]");
    }
    let count = match table {
        "filter" => 6 + numbers.below(14),
        "nat" => 1 + numbers.below(6),
        _ => numbers.below(5),
    };
    for _ in 0..count {
        let chain = if numbers.chance(65) { numbers.pick(chains) } else { numbers.pick(&MINE) };
        rule(text, numbers, family, table, chain);
    }
    text.push_str("COMMIT\n");
}

fn rule(text: &mut String, numbers: &mut Numbers, family: Family, table: &str, chain: &str) {
    let target = target(numbers, family, table, chain);
    let needs_protocol = target.contains("--to-ports")
        || target.contains("tcp-reset")
        || target.contains("TPROXY")
        || target.contains("DNAT") && target.contains("--port");
    let _ = write!(text, "-A {chain}");
    conditions(text, numbers, family, (table, chain), needs_protocol.then_some("tcp"));
    let _ = writeln!(text, " {}", target.replace(" --port", ""));
}

fn target(numbers: &mut Numbers, family: Family, table: &str, chain: &str) -> String {
    let own = MINE.iter().position(|it| *it == chain);
    let callable = &MINE[own.map_or(0, |it| it + 1)..];
    if !callable.is_empty() && numbers.chance(30) {
        let verb = if numbers.chance(70) { "-j" } else { "-g" };
        return format!("{verb} {}", numbers.pick(callable));
    }
    if numbers.chance(8) {
        return "-j RETURN".to_owned();
    }
    let to = numbers.pick(family.targets());
    let with_port = match family {
        Family::V4 => format!("{to}:8080"),
        Family::V6 => format!("[{to}]:8080"),
    };
    let map = if family == Family::V4 { "10.1.2.0/24" } else { "fd00:1::/64" };
    let fixed: &[&str] = match (table, chain) {
        ("raw", _) => &["-j CT --notrack", "-j NOTRACK", "-j DROP", "-j ACCEPT", ""],
        ("mangle", _) => &[
            "-j MARK --set-mark 1",
            "-j MARK --set-xmark 0x2/0x2",
            "-j MARK --or-mark 0x10",
            "-j MARK --and-mark 0x1",
            "-j MARK --xor-mark 0x3",
            "-j CONNMARK --save-mark",
            "-j CONNMARK --set-mark 1",
            "-j CONNMARK --restore-mark",
            "-j DROP",
            "-j ACCEPT",
            "",
        ],
        ("nat", "PREROUTING" | "OUTPUT") => &[
            "DNAT",
            "DNAT port",
            "-j REDIRECT",
            "-j REDIRECT --to-ports 8080",
            "NETMAP",
            "-j ACCEPT",
        ],
        ("nat", "POSTROUTING") => &["-j MASQUERADE", "SNAT", "NETMAP", "-j ACCEPT"],
        ("nat", "INPUT") => &["SNAT", "-j ACCEPT"],
        ("nat", _) => &["-j ACCEPT", "-j RETURN", ""],
        ("filter", _) => &[
            "-j ACCEPT",
            "-j ACCEPT",
            "-j ACCEPT",
            "-j DROP",
            "-j DROP",
            "-j REJECT",
            "-j REJECT --reject-with tcp-reset",
            "",
        ],
        _ => &["-j ACCEPT", "-j DROP", ""],
    };
    if table == "mangle" && chain == "PREROUTING" && numbers.chance(5) {
        return "-j TPROXY --on-port 3128 --tproxy-mark 0x1/0x1".to_owned();
    }
    match numbers.pick(fixed) {
        "DNAT" => format!("-j DNAT --to-destination {to}"),
        "DNAT port" => format!("-j DNAT --port --to-destination {with_port}"),
        "SNAT" => format!("-j SNAT --to-source {to}"),
        "NETMAP" => format!("-j NETMAP --to {map}"),
        other => other.to_owned(),
    }
}

fn not(numbers: &mut Numbers) -> &'static str {
    if numbers.chance(20) { "! " } else { "" }
}

fn conditions(
    text: &mut String,
    numbers: &mut Numbers,
    family: Family,
    (table, chain): (&str, &str),
    protocol: Option<&'static str>,
) {
    for (side, range) in [("-s", "--src-range"), ("-d", "--dst-range")] {
        if numbers.chance(25) {
            address(text, numbers, family, side, range);
        }
    }
    let is_mine = MINE.contains(&chain);
    let has_in = is_mine || matches!(chain, "PREROUTING" | "INPUT" | "FORWARD");
    let has_out = is_mine || matches!(chain, "FORWARD" | "OUTPUT" | "POSTROUTING");
    for (option, is_there) in [("-i", has_in), ("-o", has_out)] {
        if is_there && numbers.chance(20) {
            let name = match numbers.below(8) {
                0 => "eth+",
                1 => "lo",
                2 => "+",
                _ => numbers.pick(&INTERFACES),
            };
            // Nothing is no interface at all, and the loaders disagree on whether that may be said.
            let not = if name == "+" { "" } else { not(numbers) };
            let _ = write!(text, " {not}{option} {name}");
        }
    }
    if let Some(protocol) = protocol {
        ports(text, numbers, protocol);
    } else if numbers.chance(60) {
        transport(text, numbers, family);
    } else if numbers.chance(8) {
        let _ = write!(text, " ! -p {}", numbers.pick(&["tcp", "udp", "47"]));
    }
    if family == Family::V4 && numbers.chance(3) {
        let _ = write!(text, " {}-f", not(numbers));
    }
    rest(text, numbers, family, (table, chain));
}

fn address(text: &mut String, numbers: &mut Numbers, family: Family, side: &str, range: &str) {
    // A list of addresses and a negated one may not be in one rule.
    let rule = text.rsplit('\n').next().unwrap_or_default();
    let (has_list, has_negated) = (rule.contains(','), rule.contains("! -"));
    let not = if has_list { "" } else { not(numbers) };
    let _ = match (numbers.below(8), family) {
        (0, Family::V4) => write!(text, " {not}{side} 10.0.1.0/255.0.255.0"),
        (0, Family::V6) => write!(text, " {not}{side} 2001:db8::7/ffff:ffff::ffff"),
        (1, Family::V4) => write!(text, " -m iprange {not}{range} 198.51.100.5-198.51.100.9"),
        (1, Family::V6) => write!(text, " -m iprange {not}{range} 2001:db8::5-2001:db8::9"),
        (2, _) if !has_negated => {
            let hosts = family.hosts();
            write!(text, " {side} {},{}", numbers.pick(hosts), numbers.pick(family.networks()))
        }
        (3 | 4, _) => write!(text, " {not}{side} {}", numbers.pick(family.hosts())),
        _ => write!(text, " {not}{side} {}", numbers.pick(family.networks())),
    };
}

fn transport(text: &mut String, numbers: &mut Numbers, family: Family) {
    match numbers.below(12) {
        0 => icmp(text, numbers, family),
        1 => {
            let _ = write!(text, " -p {}", numbers.pick(&["47", "50", "tcp", "udp", "sctp"]));
        }
        2 => {
            let _ = write!(text, " -p sctp {}--dport {}", not(numbers), numbers.pick(&PORTS));
        }
        3 | 4 => {
            text.push_str(" -p tcp");
            let not = not(numbers);
            let _ = match numbers.below(4) {
                0 => write!(text, " {not}--tcp-flags FIN,SYN,RST,ACK SYN"),
                1 => write!(text, " {not}--tcp-flags SYN,ACK ACK"),
                2 => write!(text, " {not}--tcp-flags ALL NONE"),
                _ => write!(text, " {not}--syn"),
            };
        }
        5..=7 => ports(text, numbers, "udp"),
        _ => ports(text, numbers, "tcp"),
    }
}

fn icmp(text: &mut String, numbers: &mut Numbers, family: Family) {
    let not = not(numbers);
    let _ = match family {
        Family::V4 => {
            let kind = numbers.pick(&["echo-request", "3/4", "3", "13", "8/0"]);
            write!(text, " -p icmp -m icmp {not}--icmp-type {kind}")
        }
        Family::V6 => {
            let kind = numbers.pick(&["echo-request", "1/4", "1", "135", "128/0"]);
            write!(text, " -p icmpv6 -m icmp6 {not}--icmpv6-type {kind}")
        }
    };
}

fn ports(text: &mut String, numbers: &mut Numbers, protocol: &str) {
    let _ = write!(text, " -p {protocol}");
    let not = not(numbers);
    let port = numbers.pick(&PORTS);
    let _ = match numbers.below(8) {
        0 => write!(text, " -m multiport {not}--dports 22,80:90,443"),
        1 => write!(text, " -m multiport {not}--ports 53,1024:8080"),
        2 => write!(text, " -m multiport {not}--sports 40000,{port}"),
        3 => write!(text, " {not}--sport {port}"),
        4 => write!(text, " {not}--dport {}", numbers.pick(&RANGES)),
        5 => Ok(()),
        _ => write!(text, " {not}--dport {port}"),
    };
}

fn rest(text: &mut String, numbers: &mut Numbers, family: Family, (table, chain): (&str, &str)) {
    let not = not(numbers);
    let is_early = table == "raw";
    let _ = match numbers.below(24) {
        0 | 1 => {
            let states = ["NEW", "ESTABLISHED,RELATED", "INVALID", "NEW,UNTRACKED", "UNTRACKED"];
            write!(text, " -m conntrack {not}--ctstate {}", numbers.pick(&states))
        }
        2 => write!(text, " -m state {not}--state {}", numbers.pick(&["NEW", "ESTABLISHED"])),
        3 => {
            write!(text, " -m mark {not}--mark {}", numbers.pick(&["1", "0", "0x2/0x2", "0x3/0x3"]))
        }
        4 => write!(text, " -m connmark {not}--mark {}", numbers.pick(&["0", "1", "0x1/0x3"])),
        5 => {
            let kind = numbers.pick(&["LOCAL", "UNICAST", "MULTICAST"]);
            write!(text, " -m addrtype {not}--dst-type {kind}")
        }
        6 if !is_early => {
            write!(text, " -m conntrack {not}--ctorigdstport {}", numbers.pick(&PORTS))
        }
        7 if !is_early => {
            write!(text, " -m conntrack {not}--ctorigdst {}", numbers.pick(family.networks()))
        }
        8 => write!(text, " -m set {not}--match-set hosts {}", numbers.pick(&["src", "dst"])),
        9 => write!(text, " -m set {not}--match-set nets {}", numbers.pick(&["src", "dst"])),
        10 => write!(
            text,
            " -m set {not}--match-set services {}",
            numbers.pick(&["dst,dst", "src,dst"])
        ),
        11 => write!(text, " -m set {not}--match-set ports {}", numbers.pick(&["src", "dst"])),
        12 if !is_early => {
            write!(text, " -m conntrack {not}--ctstate {}", numbers.pick(&["DNAT", "SNAT"]))
        }
        13 if !is_early => {
            write!(text, " -m conntrack --ctdir {}", numbers.pick(&["ORIGINAL", "REPLY"]))
        }
        14 if chain != "OUTPUT" => write!(text, " -m comment --comment \"a comment; -j DROP\""),
        _ => Ok(()),
    };
}

fn sets(numbers: &mut Numbers, family: Family) -> String {
    let inet = if family == Family::V4 { "inet" } else { "inet6" };
    let mut text =
        format!("create hosts hash:ip family {inet}\ncreate nets hash:net family {inet}\n");
    let _ = writeln!(text, "create services hash:ip,port family {inet}");
    text.push_str("create ports bitmap:port range 0-65535\n");
    for host in family.hosts().iter().filter(|_| numbers.chance(50)) {
        let _ = writeln!(text, "add hosts {host}");
    }
    let (wide, hole) = match family {
        Family::V4 => ("10.0.0.0/8", "10.0.0.0/24 nomatch"),
        Family::V6 => ("2001:db8::/32", "2001:db8:1::/48 nomatch"),
    };
    let _ = writeln!(text, "add nets {wide}\nadd nets {hole}");
    for host in family.hosts() {
        let protocol = numbers.pick(&["tcp", "udp"]);
        let _ = writeln!(text, "add services {host},{protocol}:{}", numbers.pick(&PORTS));
    }
    let _ = writeln!(text, "add ports {}", numbers.pick(&["22", "80", "443"]));
    let _ = writeln!(text, "add ports {}", numbers.pick(&["1000-1024", "8000-8080"]));
    text
}
