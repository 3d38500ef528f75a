//! What a set of rules says, in no dialect: tables, chains, rules and the steps of each rule.
//!
//! Nothing is left to interpret here: names are resolved, options have become conditions on header fields, and whatever
//! nobody understands has become an [`Opaque`] that says so. Everything a lint could point at has a place.
//! The vocabulary only; [`crate::lower`] fills it.

mod address;
mod alike;
mod base;
mod beside;
mod condition;
mod field;
mod same;

pub use address::{Address, Prefix, display_ranges};
pub use base::{Base, ChainKind, Hook, Policy};
pub use beside::Seam;
pub use condition::{
    Alternatives, Condition, InterfaceName, Opaque, OpaqueId, OpaqueKind, Subject, Values,
};
pub use field::{DestinationKind, Field, State};

use crate::source::Span;
use rustc_hash::FxHashMap;
use std::ops::Range;

/// A place in one of the files of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Index of the file.
    pub file: u32,
    /// Where in it.
    pub span: Span,
}

/// Index of a [`Table`] in its [`Ruleset`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableId(pub u32);

/// Index of a [`Chain`] in its [`Ruleset`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainId(pub u32);

/// Index of a [`Rule`] in its [`Ruleset`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub u32);

/// An address family of packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
}

impl Family {
    /// The name in sentences.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ipv4 => "IPv4",
            Self::Ipv6 => "IPv6",
        }
    }

    /// The largest address as a number.
    pub const fn last_address(self) -> u128 {
        match self {
            Self::Ipv4 => u32::MAX as u128,
            Self::Ipv6 => u128::MAX,
        }
    }
}

/// Which packets a table sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TableFamily {
    /// IPv4 packets.
    Ip,
    /// IPv6 packets.
    Ip6,
    /// Both.
    Inet,
    /// The frames of one device.
    Netdev,
    /// The frames that a bridge forwards: not what this host routes or takes in.
    Bridge,
    /// ARP: no IP packets at all.
    Arp,
}

impl TableFamily {
    /// Whether packets of `family` pass here on their way to or through the host.
    pub const fn sees(self, family: Family) -> bool {
        match self {
            Self::Ip => matches!(family, Family::Ipv4),
            Self::Ip6 => matches!(family, Family::Ipv6),
            Self::Inet | Self::Netdev => true,
            Self::Bridge | Self::Arp => false,
        }
    }

    /// The keyword.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::Ip6 => "ip6",
            Self::Inet => "inet",
            Self::Netdev => "netdev",
            Self::Bridge => "bridge",
            Self::Arp => "arp",
        }
    }
}

/// A table.
#[derive(Debug, Clone)]
pub struct Table {
    /// Which packets it sees.
    pub family: TableFamily,
    /// Its name.
    pub name: String,
    /// Where it is opened.
    pub place: Place,
}

/// A chain with its rules.
#[derive(Debug, Clone)]
pub struct Chain {
    /// The table it is in.
    pub table: TableId,
    /// Its name.
    pub name: String,
    /// Where it is declared, or first named.
    pub place: Place,
    /// Whether a line of the file declares it.
    pub declared: bool,
    /// Present where the kernel calls it.
    pub base: Option<Base>,
    /// Its rules in order: a range of [`Ruleset::rules`].
    pub rules: Range<u32>,
    /// Packets counted by its policy, where the input says.
    pub packets: Option<u64>,
}

/// One rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The chain it is in.
    pub chain: ChainId,
    /// The whole rule.
    pub place: Place,
    /// What it does, in order: a range of [`Ruleset::steps`].
    pub steps: Range<u32>,
    /// Packets counted by it, where the input says.
    pub packets: Option<u64>,
}

/// One part of a rule, with the words that say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The words, in the rule's file.
    pub span: Span,
    /// What they do.
    pub action: Action,
}

/// What a part of a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Ends the rule for packets that do not fulfil it.
    Match(Condition),
    /// Changes what later rules see.
    Assign(Assignment),
    /// Leaves a trace outside the packet (a set entry, a count) and goes on.
    Note,
    /// Writes a line about the packet and goes on.
    Log(Log),
    /// Decides.
    Verdict(Verdict),
}

/// Where lines about packets go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Log {
    /// Into the log of the kernel, and from there to the disk.
    Kernel,
    /// To a program that listens, or to nobody.
    Program,
}

/// A change of a packet or of what is noted about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Assignment {
    /// The bits of `mask` in the field become those of `value`; `None` for something the text does not say.
    Bits {
        /// [`Field::Mark`] or [`Field::ConnectionMark`].
        field: Field,
        /// Which bits change.
        mask: u32,
        /// What they become.
        value: Option<u32>,
    },
    /// The bits of `mask` in `to` become those of `from`.
    Copy {
        /// [`Field::Mark`] or [`Field::ConnectionMark`].
        from: Field,
        /// The other one.
        to: Field,
        /// Which bits change.
        mask: u32,
    },
    /// A header field becomes one of these values; `None` for something the text does not say.
    Header {
        /// The field.
        field: Field,
        /// What it becomes.
        values: Option<Values>,
    },
    /// The packet is not tracked.
    Untracked,
    /// What is not modelled changes (a TTL, a DSCP).
    Other,
}

/// How a rule ends for packets that fulfil it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// On to the next base chain.
    Accept,
    /// Gone.
    Drop,
    /// Gone, with an answer.
    Reject,
    /// Back to the caller.
    Return,
    /// Into a chain and back.
    Jump(ChainId),
    /// Into a chain and not back.
    Goto(ChainId),
    /// To a program, which decides; with `bypass` accepted where none listens.
    Queue {
        /// Whether packets pass where no program listens.
        bypass: bool,
    },
    /// The destination is rewritten (and the chain is left); an index into [`Ruleset::translations`].
    Dnat(u32),
    /// The source is rewritten (and the chain is left); an index into [`Ruleset::translations`], `None` where the text does
    /// not say to what.
    Snat(Option<u32>),
    /// Consumed by a proxy of the kernel which answers in the host's place; the flow goes on.
    Synproxy,
    /// As the first branch says that the packet fulfils; none goes on. An index into [`Ruleset::branches`].
    Branches(u32),
    /// To a chain that the input does not define, or a target nobody knows: any outcome is possible.
    Unknown,
}

/// One way that a verdict map leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// What a packet has to fulfil.
    pub conditions: Vec<Condition>,
    /// What becomes of it.
    pub verdict: Verdict,
}

/// What a destination or a source becomes; a part that is `None` keeps what the packet has.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Translation {
    /// The new addresses.
    pub addresses: Option<Values>,
    /// The new ports.
    pub ports: Option<Values>,
    /// The bits of the old address that stay as they are: one network is mapped onto another (NETMAP).
    pub kept: u128,
    /// Whether it becomes this host itself (REDIRECT, TPROXY, MASQUERADE).
    pub local: bool,
    /// How one of several addresses or ports is picked: bits that are the same where that is (`random`, `persistent`).
    pub picked: u8,
    /// Present where a program of this host takes the packet as it is, its header unchanged (TPROXY).
    pub proxy: Option<Unserved>,
}

/// What becomes of packets for a transparent proxy that no program listens for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unserved {
    /// They are thrown away (`xt_TPROXY.c`).
    Dropped,
    /// The rule does not match them (`nft_tproxy.c`).
    GoesOn,
}

/// A set of rules: everything that one host loads, as far as the input says.
#[derive(Debug, Default, Clone)]
pub struct Ruleset {
    /// The tables.
    pub tables: Vec<Table>,
    /// The chains of all tables.
    pub chains: Vec<Chain>,
    /// The rules of all chains, chain by chain.
    pub rules: Vec<Rule>,
    /// The steps of all rules.
    pub steps: Vec<Step>,
    /// The values that conditions speak of: see [`Values`].
    pub ranges: Vec<(u128, u128)>,
    /// The interface names that conditions speak of.
    pub interfaces: Vec<InterfaceName>,
    /// The conditions that nobody can compute.
    pub opaques: Vec<Opaque>,
    /// The interface names that base chains are bound to.
    pub devices: Vec<u32>,
    /// The branches of verdict maps.
    pub branches: Vec<Vec<Branch>>,
    /// Where the elements of sets stand that conditions speak of, by the index of their range.
    pub elements: FxHashMap<u32, Place>,
    /// What destinations and sources become.
    pub translations: Vec<Translation>,
    /// The alternatives that conditions offer.
    pub alternatives: Vec<Alternatives>,
    /// Names used and not defined.
    pub undefined: Vec<Undefined>,
    /// The words that ask for a named set whose elements are known, in the order in which they are read.
    pub named_sets: Vec<Place>,
    /// What the text leaves open: for `analysis.unknown`.
    pub unknown: Vec<Unknown>,
}

/// A name that is used and not defined.
#[derive(Debug, Clone)]
pub struct Undefined {
    /// What sort of thing it names.
    pub sort: Sort,
    /// The name.
    pub name: String,
    /// Where it is used.
    pub place: Place,
    /// The table it would have to be in.
    pub table: TableId,
    /// Whether it is defined after all, further down than where it is used.
    pub later: bool,
}

/// What a name can stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A chain, or a target that nobody knows.
    Chain,
    /// A set.
    Set,
}

/// Something static text cannot tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// Where it is asked for.
    pub place: Place,
    /// What is not known.
    pub subject: Subject,
}

impl Ruleset {
    /// The chain `id`.
    pub fn chain(&self, id: ChainId) -> &Chain {
        &self.chains[id.0 as usize]
    }

    /// The table that chain `id` is in.
    pub fn table_of(&self, id: ChainId) -> &Table {
        &self.tables[self.chain(id).table.0 as usize]
    }

    /// The rule `id`.
    pub fn rule(&self, id: RuleId) -> &Rule {
        &self.rules[id.0 as usize]
    }

    /// The rules of chain `id`, in order.
    pub fn rules_of(&self, id: ChainId) -> impl DoubleEndedIterator<Item = (RuleId, &Rule)> {
        self.chain(id).rules.clone().map(|index| (RuleId(index), &self.rules[index as usize]))
    }

    /// The steps of a rule, in order.
    pub fn steps_of(&self, rule: &Rule) -> &[Step] {
        &self.steps[rule.steps.start as usize..rule.steps.end as usize]
    }

    /// The verdict of a rule with the words that say it; `None` where it only counts or notes.
    pub fn verdict_of(&self, rule: &Rule) -> Option<(Verdict, Span)> {
        self.steps_of(rule).iter().find_map(|step| match step.action {
            Action::Verdict(verdict) => Some((verdict, step.span)),
            _ => None,
        })
    }

    /// The chains that a rule may enter.
    pub fn chains_entered(&self, rule: &Rule) -> Vec<ChainId> {
        let entered = |verdict: Verdict| match verdict {
            Verdict::Jump(chain) | Verdict::Goto(chain) => Some(chain),
            _ => None,
        };
        let own = self.verdict_of(rule).and_then(|(verdict, _)| entered(verdict));
        let branches = self.branches_of(rule).iter().filter_map(|it| entered(it.verdict));
        own.into_iter().chain(branches).collect()
    }

    /// The branches of the verdict map that a rule looks into.
    pub fn branches_of(&self, rule: &Rule) -> &[Branch] {
        match self.verdict_of(rule) {
            Some((Verdict::Branches(index), _)) => &self.branches[index as usize],
            _ => &[],
        }
    }

    /// The conditions of a rule with the words that say them.
    pub fn conditions_of(&self, rule: &Rule) -> impl Iterator<Item = (Condition, Span)> {
        self.steps_of(rule).iter().filter_map(|step| match step.action {
            Action::Match(condition) => Some((condition, step.span)),
            _ => None,
        })
    }

    /// Each condition that can make `rule` match, also those among alternatives and of the branches of a verdict map.
    pub fn conditions_within(&self, rule: &Rule) -> impl Iterator<Item = Condition> {
        let branches = match self.verdict_of(rule) {
            Some((Verdict::Branches(branches), _)) => &self.branches[branches as usize][..],
            _ => &[],
        };
        let in_branches = branches.iter().flat_map(|branch| branch.conditions.iter().copied());
        let all = self.conditions_of(rule).map(|(condition, _)| condition).chain(in_branches);
        all.flat_map(|condition| {
            let (alternatives, single) = match condition {
                Condition::OneOf { alternatives, negated: false } => {
                    (&self.alternatives[alternatives as usize][..], None)
                }
                condition => (&[][..], Some(condition)),
            };
            alternatives.iter().flatten().copied().chain(single)
        })
    }

    /// The ranges that `values` stands for.
    pub fn values(&self, values: Values) -> &[(u128, u128)] {
        &self.ranges[values.start as usize..values.end as usize]
    }

    /// The base chains, in the order of the file.
    pub fn base_chains(&self) -> impl Iterator<Item = (ChainId, &Chain, Base)> {
        self.chains
            .iter()
            .zip(0..)
            .filter_map(|(chain, id)| Some((ChainId(id), chain, chain.base?)))
    }
}
