//! Which words are programs that load rules.

use crate::syntax::iptables::Family;

/// What a program does with rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::syntax::script) enum Program {
    /// `iptables` and `ip6tables`.
    Iptables(Family),
    /// `iptables-restore` and `ip6tables-restore`.
    Restore(Family),
    /// `nft`.
    Nft,
    /// `ipset`.
    Ipset,
    /// `iptables-save` and the like, which only print.
    Prints,
}

/// The program that a word names, with or without its folder.
pub(super) fn of(word: &str) -> Option<Program> {
    let name = word.rsplit('/').next().unwrap_or(word);
    Some(match name {
        "iptables" | "iptables-legacy" | "iptables-nft" => Program::Iptables(Family::V4),
        "ip6tables" | "ip6tables-legacy" | "ip6tables-nft" => Program::Iptables(Family::V6),
        "iptables-restore" | "iptables-legacy-restore" | "iptables-nft-restore" => {
            Program::Restore(Family::V4)
        }
        "ip6tables-restore" | "ip6tables-legacy-restore" | "ip6tables-nft-restore" => {
            Program::Restore(Family::V6)
        }
        "nft" => Program::Nft,
        "ipset" => Program::Ipset,
        "iptables-save"
        | "ip6tables-save"
        | "iptables-legacy-save"
        | "iptables-nft-save"
        | "ip6tables-legacy-save"
        | "ip6tables-nft-save" => Program::Prints,
        _ => return None,
    })
}

/// The program that a variable is named after: what `$IPTABLES` most likely holds where nothing sets it.
pub(super) fn of_variable(name: &str) -> Option<Program> {
    let name = name.to_ascii_uppercase();
    let six = name.contains('6');
    let family = if six { Family::V6 } else { Family::V4 };
    let plain: String = name.chars().filter(char::is_ascii_alphabetic).collect();
    match plain.as_str() {
        "IPT" | "IPTABLES" | "IPTABLESCMD" | "IPTABLESBIN" | "IPTCMD" | "IPTBIN" | "IPTV"
        | "IPTABLESV" => Some(Program::Iptables(family)),
        "IPTABLESRESTORE" | "IPTRESTORE" => Some(Program::Restore(family)),
        "NFT" | "NFTABLES" | "NFTCMD" | "NFTBIN" => Some(Program::Nft),
        "IPSET" | "IPSETCMD" | "IPSETBIN" => Some(Program::Ipset),
        _ => None,
    }
}

/// Programs that run the one named behind them, with the options of theirs that take a word.
static PREFIXES: &[(&str, &str)] = &[
    ("sudo", "ugCDhprRTU"),
    ("doas", "uC"),
    ("env", "uCS"),
    ("exec", "a"),
    ("command", ""),
    ("builtin", ""),
    ("nice", "n"),
    ("ionice", "cn"),
    ("nohup", ""),
    ("time", "fo"),
    ("busybox", ""),
    ("eatmydata", ""),
    ("setsid", ""),
];

/// The letters of the options that take a word, of a program that runs the one named behind it.
pub(super) fn prefix(word: &str) -> Option<&'static str> {
    let name = word.rsplit('/').next().unwrap_or(word);
    PREFIXES.iter().find(|(prefix, _)| *prefix == name).map(|(_, letters)| *letters)
}

/// Whether a program is taken to succeed: nothing in the text tells, and scripts are written for that case.
pub(super) fn succeeds(word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or(word);
    matches!(
        name,
        ":" | "true"
            | "echo"
            | "printf"
            | "modprobe"
            | "insmod"
            | "sysctl"
            | "sleep"
            | "cd"
            | "mkdir"
            | "touch"
            | "chmod"
            | "logger"
            | "log"
            | "sync"
            | "umask"
            | "trap"
            | "ulimit"
            | "wait"
            | "set"
            | "shopt"
            | "clear"
            | "rm"
            | "cp"
            | "mv"
    )
}
