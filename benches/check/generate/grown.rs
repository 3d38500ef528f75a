//! What a server's file looks like once it has grown.
//!
//! Most of it is a list of banned sources, then services for some sources; the rest is a little of everything. Both
//! variants of `iptables-restore` take it. Exactly one rule, the last, opens telnet to everybody.

use super::Dice;
use std::fmt::Write as _;

/// A filter table with this many rules, at least those of its frame.
pub(crate) fn rules(count: usize, seed: u64) -> String {
    let mut dice = Dice(seed);
    let tenants = count / 500 + 1;
    let mut text = String::from(
        "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n\
         :BLOCKLIST - [0:0]\n:LOGDROP - [0:0]\n:SERVICES - [0:0]\n",
    );
    for tenant in 0..tenants {
        let _ = writeln!(text, ":TENANT-{tenant} - [0:0]");
    }
    let before = FRAME_BEFORE.len() + tenants;
    for rule in FRAME_BEFORE {
        let _ = writeln!(text, "-A {rule}");
    }
    for tenant in 0..tenants {
        let (high, low) = (tenant / 256 % 256, tenant % 256);
        let _ = writeln!(text, "-A FORWARD -d 10.{high}.{low}.0/24 -o br0 -j TENANT-{tenant}");
    }
    for _ in before + FRAME_AFTER.len()..count {
        let rule = rule(&mut dice, tenants);
        let _ = writeln!(text, "-A {rule}");
    }
    for rule in FRAME_AFTER {
        let _ = writeln!(text, "-A {rule}");
    }
    text.push_str("COMMIT\n");
    text
}

const FRAME_BEFORE: [&str; 6] = [
    "INPUT -i lo -j ACCEPT",
    "INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    "INPUT -j BLOCKLIST",
    "INPUT -j SERVICES",
    "FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    "FORWARD -j BLOCKLIST",
];

const FRAME_AFTER: [&str; 4] = [
    "INPUT -j LOGDROP",
    "LOGDROP -m limit --limit 10/min -j LOG --log-prefix \"drop: \"",
    "LOGDROP -j DROP",
    "SERVICES -p tcp -m tcp --dport 23 -j ACCEPT",
];

/// Ports that ordinary servers open, telnet not among them.
const PORTS: [u16; 16] =
    [22, 25, 53, 80, 443, 465, 587, 993, 3306, 5432, 6379, 8080, 8443, 9090, 9100, 27017];

const OPEN_PORTS: [u16; 6] = [53, 80, 443, 853, 8080, 8443];

fn rule(dice: &mut Dice, tenants: usize) -> String {
    let comment = if dice.below(8) == 0 {
        format!(" -m comment --comment \"ticket {}\"", 1000 + dice.below(9000))
    } else {
        String::new()
    };
    let port = PORTS[dice.index(PORTS.len())];
    let source = source(dice);
    match dice.below(100) {
        0..55 => format!("BLOCKLIST -s {source}{comment} -j {}", deny(dice)),
        55..72 => format!("SERVICES -s {source} -p tcp -m tcp --dport {port}{comment} -j ACCEPT"),
        72..75 => format!("SERVICES -s {source} -p udp -m udp --dport {port}{comment} -j ACCEPT"),
        75..79 => {
            let open = OPEN_PORTS[dice.index(OPEN_PORTS.len())];
            format!("SERVICES -p tcp -m tcp --dport {open}{comment} -j ACCEPT")
        }
        79..84 => {
            let second = PORTS[dice.index(PORTS.len())];
            format!(
                "SERVICES -s {source} -p tcp -m multiport --dports {port},{second},{}{comment} -j ACCEPT",
                30000 + dice.below(100)
            )
        }
        84..86 => {
            let first = 10_000 + dice.below(20_000);
            let last = first + dice.below(90);
            format!("SERVICES -s {source} -p udp -m udp --dport {first}:{last}{comment} -j ACCEPT")
        }
        86..88 => {
            let (a, b) = (dice.below(250), 1 + dice.below(100));
            format!(
                "SERVICES -p tcp -m iprange --src-range 192.0.{a}.{b}-192.0.{a}.{} -m tcp --dport {port} -j ACCEPT",
                b + dice.below(100)
            )
        }
        88..91 => format!(
            "SERVICES -s {source} -i eth{} -p tcp -m tcp --dport {port}{comment} -j ACCEPT",
            dice.below(4)
        ),
        91..93 => format!(
            "SERVICES -s {source} -p tcp -m conntrack --ctstate NEW -m tcp --dport {port} -j ACCEPT"
        ),
        93..94 => format!(
            "SERVICES -s {source} -p tcp -m tcp --dport {port} -m limit --limit {}/sec -j ACCEPT",
            1 + dice.below(20)
        ),
        94..95 => format!("SERVICES -s {source} -j LOG --log-prefix \"seen: \""),
        95..96 => format!("SERVICES -s {source} -p icmp -m icmp --icmp-type 8 -j ACCEPT"),
        96..97 => format!("SERVICES -s {source}{comment} -j RETURN"),
        _ => {
            let tenant = dice.index(tenants);
            format!("TENANT-{tenant} -s {source} -p tcp -m tcp --dport {port}{comment} -j ACCEPT")
        }
    }
}

fn deny(dice: &mut Dice) -> &'static str {
    if dice.below(10) == 0 { "REJECT --reject-with icmp-port-unreachable" } else { "DROP" }
}

/// A host or a network that somebody could really have: neither the loopback's nor a multicast group.
fn source(dice: &mut Dice) -> String {
    let first = [23, 45, 61, 77, 91, 103, 118, 141, 176, 185, 193, 203][dice.index(12)];
    let (second, third) = (dice.below(256), dice.below(256));
    match dice.below(4) {
        0 => format!("{first}.{second}.{third}.0/24"),
        1 => format!("{first}.{second}.{third}.{}/29", dice.below(32) * 8),
        _ => format!("{first}.{second}.{third}.{}/32", 1 + dice.below(254)),
    }
}
