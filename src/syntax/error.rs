use super::iptables::{Family, Hook, TableKind};
use crate::source::Span;

/// Something the loader would refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The wrong word.
    pub span: Span,
    /// What is wrong with it.
    pub kind: ErrorKind,
}

impl Error {
    /// Whether the loader stops at it, so that a part of the file counts for nothing.
    pub const fn stops_loading(&self) -> bool {
        !matches!(self.kind, ErrorKind::LimitExceeded(Limit { truncated: true, .. }))
    }
}

/// What is wrong, as data: the lints put it into words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// A template, which only its engine can turn into rules.
    Template,
    /// Bytes that are no text (a NUL byte, say).
    Binary,
    /// A table without its `COMMIT`; the span is its `*table` line.
    MissingCommit,
    /// Lines end in CR LF, which the loader takes for part of the last word. Once a file.
    CarriageReturn,
    /// A length or count past what the loader or the kernel takes.
    LimitExceeded(Limit),
    /// More errors than are worth keeping; the last one of its file.
    TooManyErrors {
        /// How many were counted and not kept.
        more: u32,
    },
    /// No table of that name.
    UnknownTable {
        /// The nearest name there is.
        suggestion: Option<&'static str>,
    },
    /// A rule or chain where no table is open.
    OutsideTable,
    /// A line without `-A`, `-I` or any other command.
    NoCommand,
    /// A second command on one line.
    SecondCommand,
    /// An option that goes with other commands only (`-n`, or `-j` beside `-N`).
    NotWithCommand,
    /// A word where an option should stand.
    UnexpectedWord,
    /// No such option, of the core or of what `-m`, `-p` and `-j` have loaded.
    UnknownOption {
        /// The nearest name there is.
        suggestion: Option<&'static str>,
    },
    /// The start of several options' names.
    AmbiguousOption {
        /// Two of them.
        candidates: [&'static str; 2],
    },
    /// The line ends before the value.
    MissingValue(Expected),
    /// `--option=value` where the option takes none.
    UnexpectedValue,
    /// The value does not read as what it should be.
    BadValue {
        /// What it should be.
        expected: Expected,
        /// The nearest word that would be taken.
        suggestion: Option<&'static str>,
    },
    /// A range that ends before it starts.
    ReversedRange,
    /// A value whose effect is that the rule can never match, which the loader refuses (`! -p all`).
    NeverMatches,
    /// `!` before an option that cannot be negated.
    NotNegatable,
    /// `! -s a,b`: a negated list would not mean what it says.
    NegatedList,
    /// Two `!` in a row.
    DoubleNegation,
    /// `!` with nothing after it.
    DanglingNegation,
    /// `-s ! x`, to be written `! -s x`.
    OldNegation,
    /// An option that may stand once only.
    OptionTwice,
    /// Two options that exclude each other.
    Excludes {
        /// The option already given.
        other: &'static str,
    },
    /// An option that needs another one.
    Requires {
        /// The option it needs.
        other: &'static str,
    },
    /// An extension without any of the options it must have.
    MissingOption {
        /// The extension.
        extension: &'static str,
        /// One of these must be given; empty where any option will do.
        options: &'static [&'static str],
    },
    /// An extension that works with some protocols only; the rule needs `-p`.
    RequiresProtocol {
        /// The extension.
        extension: &'static str,
        /// The numbers of the protocols.
        protocols: &'static [u8],
    },
    /// An extension or verdict that some tables only admit.
    WrongTable {
        /// The tables that do.
        tables: &'static [TableKind],
    },
    /// An extension or option that some hooks only admit.
    WrongChain {
        /// The hooks that do.
        hooks: &'static [Hook],
    },
    /// An option, extension or address of the other address family.
    WrongFamily {
        /// The family it belongs to.
        family: Family,
    },
    /// A policy that is neither `ACCEPT` nor `DROP`.
    UnknownPolicy {
        /// The one that was meant.
        suggestion: Option<&'static str>,
    },
    /// A chain line without its policy.
    MissingPolicy,
    /// `-P` on a chain that is not built in.
    PolicyOnUserChain,
    /// A chain name that starts with `-` or `!`, holds a blank, or is a target's name.
    InvalidChainName,
    /// `[` without `:` or `]` before a rule.
    BadCounters,
    /// A set that is created twice.
    DuplicateSet,
    /// An entry of a set that the file does not create.
    UnknownSet {
        /// The nearest name there is.
        suggestion: Option<String>,
    },
    /// Something that a shell refuses.
    Shell(ShellError),
    /// Something that `nft` refuses.
    Nft(super::nft::ErrorKind),
}

/// What is wrong with a script as a shell reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShellError {
    /// A quote, a parenthesis or a command of several lines that is never closed.
    NeverClosed {
        /// What opens it.
        what: &'static str,
    },
    /// A word or sign where none like it may stand.
    Unexpected,
}

/// What a value should have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expected {
    /// A whole number between two others.
    Number {
        /// The smallest.
        min: u64,
        /// The largest.
        max: u64,
    },
    /// `FROM:TO`, numbers up to a largest.
    NumberRange {
        /// The largest.
        max: u64,
    },
    /// A fraction from 0 to 1.
    Probability,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A comma list of these words.
    SomeOf(&'static [&'static str]),
    /// A port number or service name.
    Port,
    /// `FROM:TO`, ports.
    PortRange,
    /// Up to fifteen ports, a range counting as two.
    PortList,
    /// An address of the file's family.
    Address,
    /// An address with or without a mask.
    Network,
    /// A mask or prefix length.
    Mask,
    /// `FIRST-LAST`, addresses.
    AddressRange,
    /// A name or number from `/etc/protocols`.
    Protocol,
    /// `VALUE/MASK`, both 32 bits.
    Mark,
    /// A type-of-service byte or its name.
    Tos,
    /// `00:11:22:33:44:55`.
    Mac,
    /// An interface name, `+` at its end for any that begins so.
    Interface,
    /// `3/minute`.
    Rate,
    /// An ICMP type, with or without a code.
    IcmpType,
    /// TCP flags separated by commas, or `ALL`, or `NONE`.
    TcpFlags,
    /// `src` and `dst` separated by commas.
    SetDirections,
    /// `address[-address][:port[-port]]`.
    NatTarget,
    /// `port[-port]`.
    NatPorts,
    /// `2007-12-24T18:21`.
    Date,
    /// `18:21[:00]`.
    TimeOfDay,
    /// Days of the week.
    Weekdays,
    /// Days of the month.
    Monthdays,
    /// The name of a chain.
    ChainName,
    /// The name of a match or target.
    ExtensionName,
    /// A rule's number, from 1.
    RuleNumber,
    /// Packet and byte counters.
    Counters,
    /// Any text that is not empty.
    Text,
    /// What the option's manual page describes, in its notation.
    Form(&'static str),
}

/// A bound of the loader or the kernel, with what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// What is bounded, for people: `interface name`, `multiport slots`.
    pub what: &'static str,
    /// The largest accepted.
    pub limit: u32,
    /// What was written.
    pub written: u32,
    /// Accepted all the same and cut off (a log prefix).
    pub truncated: bool,
}

/// How many errors of one file are kept.
const KEPT: usize = 100;

/// The errors of one file, bounded.
#[derive(Debug, Default)]
pub(super) struct Errors {
    kept: Vec<Error>,
    more: u32,
    last: Span,
}

impl Errors {
    pub(super) fn add(&mut self, error: Error) {
        if self.kept.len() < KEPT {
            self.kept.push(error);
        } else {
            self.more = self.more.saturating_add(1);
            self.last = error.span;
        }
    }

    /// Adds those of the text behind.
    pub(super) fn append(&mut self, others: Self) {
        others.kept.into_iter().for_each(|error| self.add(error));
        if others.more > 0 {
            self.more = self.more.saturating_add(others.more);
            self.last = others.last;
        }
    }

    /// Whether a further error would only be counted, so that no work need go into it.
    pub(super) fn is_full(&self) -> bool {
        self.kept.len() >= KEPT
    }

    /// How many there are, kept or not.
    pub(super) fn len(&self) -> usize {
        self.kept.len() + self.more as usize
    }

    /// Whether one of those kept lies within `span`.
    pub(super) fn touch(&self, span: Span) -> bool {
        self.kept.iter().any(|error| error.span.to(span) == span)
    }

    /// In the order of the file, closed by [`ErrorKind::TooManyErrors`] where some were not kept.
    pub(super) fn into_vec(mut self) -> Vec<Error> {
        self.kept.sort_by_key(|error| error.span.start);
        if self.more > 0 {
            self.kept.push(Error {
                span: self.last,
                kind: ErrorKind::TooManyErrors { more: self.more },
            });
        }
        self.kept
    }
}

/// The candidate that `word` is most likely a misspelling of.
pub(super) fn nearest(
    word: &str,
    candidates: impl Iterator<Item = &'static str>,
) -> Option<&'static str> {
    if word.len() > 64 {
        return None;
    }
    let limit = (word.chars().count() / 3).clamp(1, 3);
    candidates
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&word.to_lowercase(), &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
