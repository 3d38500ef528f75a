//! Rule sets of one shape: what makes one engine slow is easy for another.

use super::Dice;
use std::fmt::Write as _;

const HEAD: &str = "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n";

/// Banned sources, and fifty services behind them.
pub(crate) fn blocklist(count: usize) -> String {
    const SERVICES: usize = 50;
    let mut dice = Dice::default();
    let mut text = HEAD.to_owned();
    for _ in SERVICES..count {
        let first = 1 + dice.below(222);
        let [second, third, fourth] = [(); 3].map(|()| dice.below(256));
        let _ = writeln!(text, "-A INPUT -s {first}.{second}.{third}.{fourth}/32 -j DROP");
    }
    for service in 0..SERVICES.min(count) {
        let _ = writeln!(text, "-A INPUT -p tcp -m tcp --dport {} -j ACCEPT", 20 + service * 97);
    }
    text.push_str("COMMIT\n");
    text
}

/// Five fields in every rule: networks of any length on both sides, ranges of ports on both sides, a protocol.
pub(crate) fn five_tuples(count: usize) -> String {
    let mut dice = Dice::default();
    let mut text = HEAD.to_owned();
    for _ in 0..count {
        let [source, destination] = [(); 2].map(|()| network(&mut dice));
        let [(from, to), (first, last)] = [(); 2].map(|()| {
            let first = dice.below(64_000);
            (first, first + dice.below(1_500))
        });
        let transport = if dice.below(2) == 0 { "udp" } else { "tcp" };
        let verdict = if dice.below(2) == 0 { "ACCEPT" } else { "DROP" };
        let _ = writeln!(
            text,
            "-A FORWARD -s {source} -d {destination} -p {transport} -m {transport} \
             --sport {from}:{to} --dport {first}:{last} -j {verdict}"
        );
    }
    text.push_str("COMMIT\n");
    text
}

fn network(dice: &mut Dice) -> String {
    let length = 8 + dice.below(25);
    let address = (1 + dice.below(222)) << 24 | dice.below(1 << 24);
    let [a, b, c, d] = (address & u32::MAX << (32 - length)).to_be_bytes();
    format!("{a}.{b}.{c}.{d}/{length}")
}

/// Chains that call chains, as container platforms make them: one for each service, which calls one for each of its ends.
pub(crate) fn nest(count: usize) -> String {
    const ENDS: usize = 3;
    const RULES: usize = 2 + 3 * ENDS;
    let services = (count / RULES).max(1);
    let mut text = HEAD.to_owned();
    text.push_str(":SERVICES - [0:0]\n");
    for service in 0..services {
        let _ = writeln!(text, ":SVC-{service} - [0:0]");
        for end in 0..ENDS {
            let _ = writeln!(text, ":SEP-{service}-{end} - [0:0]");
        }
    }
    text.push_str(
        "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A FORWARD -j SERVICES\n",
    );
    for service in 0..services {
        let (high, low) = (service / 256 % 256, service % 256);
        let _ = writeln!(
            text,
            "-A SERVICES -d 10.{}.{high}.{low}/32 -p tcp -m tcp --dport 443 -j SVC-{service}",
            96 + service / 65_536
        );
        for end in 0..ENDS {
            let _ = writeln!(text, "-A SVC-{service} -s 10.{end}.0.0/16 -j SEP-{service}-{end}");
            let _ = writeln!(text, "-A SEP-{service}-{end} -s 10.{end}.{low}.0/24 -j DROP");
            let _ = writeln!(text, "-A SEP-{service}-{end} -p tcp -j ACCEPT");
        }
        let _ = writeln!(text, "-A SVC-{service} -j DROP");
    }
    text.push_str("COMMIT\n");
    text
}

/// A table of nftables whose named set has this many addresses.
pub(crate) fn nft_set(count: usize) -> String {
    let mut text = String::from(
        "table ip filter {\n  set banned {\n    type ipv4_addr\n    flags interval\n    elements = {\n",
    );
    for number in 0..count {
        // Steps through all addresses without meeting one twice.
        let address = u32::try_from(number).unwrap_or(u32::MAX).wrapping_mul(2_654_435_761);
        let [a, b, c, d] = address.to_be_bytes();
        let _ = writeln!(text, "      {a}.{b}.{c}.{d},");
    }
    text.push_str(
        "    }\n  }\n  chain input {\n    type filter hook input priority filter; policy drop;\n    \
         ip saddr @banned drop\n    tcp dport { 22, 443 } accept\n  }\n}\n",
    );
    text
}
