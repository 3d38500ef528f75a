//! iptables and ip6tables: restore files, dumps and `-S` listings.
//!
//! ```text
//! file    := (table | comment | blank)*
//! table   := "*" name NL (chain | rule | comment | blank)* "COMMIT" NL
//! chain   := ":" name (policy | "-") counters?
//! rule    := counters? command option*
//! option  := "!"? name value*
//! ```
//!
//! Every match and target is described as data in [`extensions`]; the grammar here knows none of them by name.
//! The tree is flat, because files of a hundred thousand rules are ordinary: options stand in one vector for the whole
//! file, and each is an index into the table of extensions plus the spans of its words.

mod checks;
mod command;
mod commands;
pub mod extensions;
mod file;
mod lookup;
#[cfg(test)]
mod tests;
pub mod values;
mod words;

pub(super) use commands::Commands;
pub(super) use file::parse;
pub(super) use words::Unresolved;

use crate::source::Span;
use std::ops::Range;

/// The two address families, each with its own loader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// IPv4: `iptables`.
    V4,
    /// IPv6: `ip6tables`.
    V6,
}

impl Family {
    /// How long an address is.
    pub const fn bits(self) -> u8 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }
}

/// The places in a packet's way where built-in chains hang.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hook {
    /// Before routing.
    Prerouting,
    /// To this host.
    Input,
    /// Through this host.
    Forward,
    /// From this host.
    Output,
    /// After routing.
    Postrouting,
}

impl Hook {
    /// Every hook, in the order packets pass them.
    pub const ALL: [Self; 5] =
        [Self::Prerouting, Self::Input, Self::Forward, Self::Output, Self::Postrouting];

    /// The built-in chain's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prerouting => "PREROUTING",
            Self::Input => "INPUT",
            Self::Forward => "FORWARD",
            Self::Output => "OUTPUT",
            Self::Postrouting => "POSTROUTING",
        }
    }

    /// The hook whose built-in chain is called `name`.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hook| hook.name() == name)
    }
}

/// A whole file.
#[derive(Debug, Default)]
pub struct File {
    /// Its tables in order; several may bear one name (each `*table` line makes one).
    pub tables: Vec<Table>,
    /// The options of all its rules.
    pub options: Vec<Opt>,
}

/// From a `*table` line to its `COMMIT`, or a whole `-S` listing.
#[derive(Debug)]
pub struct Table {
    /// The name after the `*`; empty in an `-S` listing, whose table is found from what it names.
    pub name: Span,
    /// Which built-in table it is.
    pub kind: TableKind,
    /// What it says, line by line.
    pub items: Vec<Item>,
    /// Whether a `COMMIT` ends it; an `-S` listing needs none.
    pub committed: bool,
    /// Whether what was in it before stays: commands one by one, and a text that is loaded with `--noflush`.
    pub keeps: bool,
}

/// The five built-in tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TableKind {
    /// The default.
    Filter,
    /// Address translation; sees the first packet of each flow.
    Nat,
    /// Before connection tracking.
    Raw,
    /// Header changes and marks.
    Mangle,
    /// Mandatory access control.
    Security,
}

impl TableKind {
    /// Every table, in the order in which an `-S` listing is tried against them.
    pub const ALL: [Self; 5] = [Self::Filter, Self::Nat, Self::Raw, Self::Mangle, Self::Security];

    /// The word after `*` and `-t`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Filter => "filter",
            Self::Nat => "nat",
            Self::Raw => "raw",
            Self::Mangle => "mangle",
            Self::Security => "security",
        }
    }

    /// The table called `name`.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The hooks it has built-in chains at.
    pub const fn hooks(self) -> &'static [Hook] {
        match self {
            Self::Filter | Self::Security => &[Hook::Input, Hook::Forward, Hook::Output],
            Self::Nat => &[Hook::Prerouting, Hook::Input, Hook::Output, Hook::Postrouting],
            Self::Raw => &[Hook::Prerouting, Hook::Output],
            Self::Mangle => &Hook::ALL,
        }
    }
}

/// What the comments of its rules say, with the quotes around it.
pub fn comments(file: &File) -> impl Iterator<Item = Span> {
    comment_options(file).map(|(_, it)| it.value)
}

/// The same, each with all of it from `-m comment` on where that stands in front of it.
pub(super) fn loaded_comments<'f>(
    file: &'f File,
    text: &'f str,
) -> impl Iterator<Item = (Span, Option<Span>)> + 'f {
    comment_options(file).map(move |(at, it)| {
        let before = at.checked_sub(1).map(|at| &file.options[at]);
        let loads = |it: &&Opt| {
            let is_match = extensions::option(it).is_some_and(|it| it.name == "match");
            is_match && text.get(it.value.range()) == Some("comment")
        };
        (it.value, before.filter(loads).map(|before| before.name.to(it.value)))
    })
}

fn comment_options(file: &File) -> impl Iterator<Item = (usize, &Opt)> {
    let comment = extensions::ALL.iter().position(|it| it.name == "comment");
    let options = file.options.iter().enumerate();
    options.filter(move |(_, it)| Some(usize::from(it.extension)) == comment)
}

/// One line of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// `:INPUT DROP [0:0]`, `-N CHAIN`, `-P CHAIN POLICY`.
    Chain(Chain),
    /// `-A`, `-I`, `-R` or `-D` with a rule.
    Rule(Rule),
    /// `-F [CHAIN]`.
    Flush {
        /// The whole line without its end.
        line: Span,
        /// The chain, or none for the whole table.
        chain: Option<Span>,
    },
    /// `-X [CHAIN]`.
    DeleteChain {
        /// The whole line without its end.
        line: Span,
        /// The chain, or none for every empty user chain.
        chain: Option<Span>,
    },
    /// `-D CHAIN NUMBER`.
    DeleteNumber {
        /// The whole line without its end.
        line: Span,
        /// The chain it is in.
        chain: Span,
        /// Its number, from 1.
        number: u32,
    },
    /// `-E OLD NEW`.
    Rename {
        /// The whole line without its end.
        line: Span,
        /// The chain as it was called.
        old: Span,
        /// Its new name.
        new: Span,
    },
}

/// A chain that is declared or given a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The whole line without its end.
    pub line: Span,
    /// Its name.
    pub name: Span,
    /// The policy; `None` for `-` or `-N`.
    pub policy: Option<(Policy, Span)>,
    /// Whether it was written as `-P` or `-N` and not as a `:CHAIN` line (which also empties a user chain).
    pub command: bool,
    /// The packet counter, where one is written.
    pub packets: Option<u64>,
}

/// What a built-in chain does with packets that no rule decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Policy {
    /// Let it on.
    Accept,
    /// Throw it away.
    Drop,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The whole line without its end.
    pub line: Span,
    /// The chain it goes to.
    pub chain: Span,
    /// Where in that chain.
    pub place: Place,
    /// Its options: a range of [`File::options`], in the order written.
    pub options: Range<u32>,
    /// The packet counter, where one is written.
    pub packets: Option<u64>,
}

/// Where a rule goes in its chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// `-A`.
    Append,
    /// `-I [N]`, numbers from 1.
    Insert(u32),
    /// `-R N`.
    Replace(u32),
    /// `-D` with the rule itself.
    Delete,
}

/// One option with its value, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opt {
    /// The extension it belongs to: an index into [`extensions::ALL`]. 0 is the core; [`extensions::UNKNOWN`] a third party's.
    pub extension: u16,
    /// Which of the extension's options: an index into its `options`. For [`extensions::UNKNOWN`]: 0.
    pub option: u16,
    /// Whether a `!` stands before it.
    pub negated: bool,
    /// From the `!`, if there is one, to the end of the option's name.
    pub name: Span,
    /// The value's words, from the first to the last; empty where the option takes none. A quoted value keeps its quotes:
    /// [`values::unquoted`] reads it.
    pub value: Span,
}
