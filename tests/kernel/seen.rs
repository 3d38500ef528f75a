//! Our own chains around those of the rule set, and what they log of a packet.

use super::{
    log::{GROUP, Line},
    trace::{self, Visit},
};
use fwlint::packets::State;
use std::{collections::BTreeMap, fmt::Write as _};

/// The name of our own table. No rule set of a test has one of that name.
pub(crate) const TABLE: &str = "fwlint_oracle";

/// What was seen of a packet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) began: bool,
    /// Set once it is past the hooks before routing.
    pub(crate) state: Option<State>,
    pub(crate) hook: Option<char>,
    pub(crate) ended: bool,
    pub(crate) answered: bool,
    pub(crate) walk: Vec<Visit>,
}

/// Numbers above this are those of packets that are not to be tracked.
pub(crate) const UNTRACKED: u16 = 0xc000;
/// The number of the packets that push the log out.
pub(crate) const LAST: u16 = 0xbfff;

/// Our own chains, before and after all others of a hook. The last ones drop, before the kernel remembers the connection, so
/// that no packet changes what becomes of another. Each ends with one verdict, which is one line in a trace.
pub(crate) fn own_table(is_traced: bool) -> String {
    const FIRST: &str = "-2147483648";
    const LAST: &str = "2147483640";
    let trace = if is_traced { "meta nftrace set 1 " } else { "" };
    let log = |prefix: &str| format!("log prefix \"{prefix}\" group {GROUP} snaplen 100");
    let states = ["new", "established", "related", "invalid", "untracked"];
    let passed = states.map(|it| format!("ct state {it} {} accept\n", log(&format!("r{it}"))));
    let passed = passed.concat();
    let numbers = [("ipv4", "@nh,32,16"), ("ipv6", "@nh,16,16")];
    // What the rules themselves have set free has no zone.
    let zones = numbers.map(|(family, number)| {
        format!(
            "meta nfproto {family} {number} > {UNTRACKED} notrack accept\n\
             ct state untracked accept\n\
             meta nfproto {family} ct zone set {number} accept\n"
        )
    });
    let zones = zones.concat();
    let mut text = format!("table inet {TABLE} {{\n");
    let mut chain = |name: &str, hook: &str, priority: &str, rules: &str| {
        let _ = write!(
            text,
            "chain {name} {{\ntype filter hook {hook} priority {priority}; policy accept;\n{rules}\n}}\n"
        );
    };
    let (begun, answer) = (log("b"), log("a"));
    let arrived = format!("meta mark set @ll,64,32\n{trace}{begun} accept");
    chain("arrived", "prerouting", FIRST, &arrived);
    // What this host answers by itself belongs to nobody, and stops here.
    let sent = format!("meta skuid 0 {trace}{begun} accept\n{answer} drop");
    chain("sent", "output", FIRST, &sent);
    for hook in ["prerouting", "output"] {
        chain(&format!("zones_{hook}"), hook, "-201", &zones);
        chain(&format!("passed_{hook}"), hook, LAST, &passed);
    }
    chain("to_host", "input", FIRST, &format!("{} accept", log("i")));
    chain("through", "forward", FIRST, &format!("{} accept", log("f")));
    for hook in ["input", "postrouting"] {
        chain(&format!("ended_{hook}"), hook, LAST, &format!("{} drop", log("e")));
    }
    text + "}\n"
}

pub(crate) fn note(seen: &mut BTreeMap<u16, Seen>, line: &Line<'_>) {
    if line.prefix == "a" {
        if let Some(number) = answered(line.packet) {
            seen.entry(number).or_default().answered = true;
        }
        return;
    }
    let Some(number) = number_of(line.packet) else { return };
    let seen = seen.entry(number).or_default();
    let mut letters = line.prefix.chars();
    match letters.next() {
        Some('b') => seen.began = true,
        Some('r') => {
            seen.state = Some(match letters.as_str() {
                "new" => State::New,
                "established" => State::Established,
                "related" => State::Related,
                "invalid" => State::Invalid,
                _ => State::Untracked,
            });
        }
        Some(hook @ ('i' | 'f')) => seen.hook = Some(hook),
        Some('e') => seen.ended = true,
        _ => {
            let is_four = line.packet.first().is_some_and(|it| it >> 4 == 4);
            seen.walk.extend(trace::legacy(line.prefix, is_four));
        }
    }
}

/// The number that a packet bears.
pub(crate) fn number_of(packet: &[u8]) -> Option<u16> {
    let at = match packet.first()? >> 4 {
        4 => 4,
        6 => 2,
        _ => return None,
    };
    Some(u16::from_be_bytes([*packet.get(at)?, *packet.get(at + 1)?]))
}

/// The number of the packet that the kernel answers with this one.
fn answered(packet: &[u8]) -> Option<u16> {
    let (protocol, rest) = match packet.first()? >> 4 {
        4 => (*packet.get(9)?, packet.get(20..)?),
        _ => (*packet.get(6)?, packet.get(40..)?),
    };
    match protocol {
        1 | 58 => number_of(rest.get(8..)?),
        6 => {
            let word = |at: usize| Some(u32::from_be_bytes(rest.get(at..at + 4)?.try_into().ok()?));
            let sequence = Some(word(4)?).filter(|it| *it != 0).or_else(|| word(8))?;
            u16::try_from(sequence >> 8).ok()
        }
        _ => None,
    }
}
