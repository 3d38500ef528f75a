//! The options that every rule has, and the commands.

use super::spec::{Extension, Kind, OptionSpec, Value, option};
use crate::syntax::iptables::{Family, Hook};

/// What the loader does with a word like `-A` or `--jump`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::syntax::iptables) enum Core {
    /// An option of [`CORE`], by its index there.
    Option(u16),
    /// `-A`, with a chain.
    Append,
    /// `-C`, with a chain.
    Check,
    /// `-D`, with a chain and perhaps a number.
    Delete,
    /// `-I`, with a chain and perhaps a number.
    Insert,
    /// `-R`, with a chain and a number.
    Replace,
    /// `-F`, perhaps with a chain.
    Flush,
    /// `-X`, perhaps with a chain.
    DeleteChain,
    /// `-Z`, perhaps with a chain and a number.
    Zero,
    /// `-L` or `-S`, perhaps with a chain and a number.
    List,
    /// `-N`, with a chain.
    NewChain,
    /// `-P`, with a chain and a policy.
    Policy,
    /// `-E`, with the old and the new name.
    Rename,
    /// `-c`, with two numbers.
    Counters,
    /// `-4` or `-6`: the line is for this family only.
    Family(Family),
    /// `-v`, which changes nothing.
    Verbose,
    /// `-M`, with a path.
    Modprobe,
    /// `-n`, `-x`, `--line-numbers`: for listings.
    Listing,
    /// `-t`, with a table; not beside `*table` lines.
    Table,
    /// `-w`, `-W`: not in a file.
    Refused,
    /// `-h`, `-V`: prints and changes nothing.
    Help,
}

/// Index of [`Core::Option`] and in the tree.
pub(in crate::syntax::iptables) mod index {
    pub(in crate::syntax::iptables) const SOURCE: u16 = 0;
    pub(in crate::syntax::iptables) const DESTINATION: u16 = 1;
    pub(in crate::syntax::iptables) const PROTOCOL: u16 = 2;
    pub(in crate::syntax::iptables) const IN: u16 = 3;
    pub(in crate::syntax::iptables) const OUT: u16 = 4;
    pub(in crate::syntax::iptables) const JUMP: u16 = 5;
    pub(in crate::syntax::iptables) const GOTO: u16 = 6;
    pub(in crate::syntax::iptables) const FRAGMENT: u16 = 7;
    pub(in crate::syntax::iptables) const MATCH: u16 = 8;
}

/// The options of every rule.
pub(super) const CORE: Extension = Extension::of(
    Kind::Core,
    "",
    &[
        option("source", Value::Addresses).negatable().aliases(&["src"]),
        option("destination", Value::Addresses).negatable().aliases(&["dst"]),
        option("protocol", Value::Protocol).negatable(),
        option("in-interface", Value::Interface).negatable().hooks(&[
            Hook::Prerouting,
            Hook::Input,
            Hook::Forward,
        ]),
        option("out-interface", Value::Interface).negatable().hooks(&[
            Hook::Forward,
            Hook::Output,
            Hook::Postrouting,
        ]),
        option("jump", Value::ChainName),
        option("goto", Value::ChainName),
        FRAGMENT,
        option("match", Value::ExtensionName).repeatable(),
    ],
);

const FRAGMENT: OptionSpec =
    option("fragment", Value::None).negatable().aliases(&["fragments"]).family(Family::V4);

/// Long name, letter (0 for none), meaning.
pub(in crate::syntax::iptables) static NAMES: &[(&str, u8, Core)] = &[
    ("source", b's', Core::Option(index::SOURCE)),
    ("destination", b'd', Core::Option(index::DESTINATION)),
    ("src", b's', Core::Option(index::SOURCE)),
    ("dst", b'd', Core::Option(index::DESTINATION)),
    ("protocol", b'p', Core::Option(index::PROTOCOL)),
    ("in-interface", b'i', Core::Option(index::IN)),
    ("out-interface", b'o', Core::Option(index::OUT)),
    ("jump", b'j', Core::Option(index::JUMP)),
    ("goto", b'g', Core::Option(index::GOTO)),
    ("match", b'm', Core::Option(index::MATCH)),
    ("fragments", b'f', Core::Option(index::FRAGMENT)),
    ("append", b'A', Core::Append),
    ("check", b'C', Core::Check),
    ("delete", b'D', Core::Delete),
    ("insert", b'I', Core::Insert),
    ("replace", b'R', Core::Replace),
    ("list", b'L', Core::List),
    ("list-rules", b'S', Core::List),
    ("flush", b'F', Core::Flush),
    ("zero", b'Z', Core::Zero),
    ("new-chain", b'N', Core::NewChain),
    ("delete-chain", b'X', Core::DeleteChain),
    ("rename-chain", b'E', Core::Rename),
    ("policy", b'P', Core::Policy),
    ("set-counters", b'c', Core::Counters),
    ("ipv4", b'4', Core::Family(Family::V4)),
    ("ipv6", b'6', Core::Family(Family::V6)),
    ("verbose", b'v', Core::Verbose),
    ("modprobe", b'M', Core::Modprobe),
    ("numeric", b'n', Core::Listing),
    ("exact", b'x', Core::Listing),
    ("line-numbers", 0, Core::Listing),
    ("table", b't', Core::Table),
    ("wait", b'w', Core::Refused),
    ("wait-interval", b'W', Core::Refused),
    ("help", b'h', Core::Help),
    ("version", b'V', Core::Help),
];
