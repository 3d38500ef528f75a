use crate::{
    source::Span,
    syntax::{
        Error, Expected,
        iptables::{Family, Hook, Opt, TableKind},
    },
};

/// A match or a target.
#[derive(Debug)]
pub struct Extension {
    /// The name after `-m` or `-j`.
    pub name: &'static str,
    /// How it is asked for.
    pub kind: Kind,
    /// The only family that has it.
    pub family: Option<Family>,
    /// The tables that admit it; empty for all.
    pub tables: &'static [TableKind],
    /// The hooks that admit it; empty for all.
    pub hooks: &'static [Hook],
    /// The protocols one of which `-p` must name; empty where it works without.
    pub protocols: &'static [u8],
    /// Whether `! -p` of such a protocol loads: by the nft variant only, which then looks into the other protocols.
    pub negated_protocol: bool,
    /// Its options; their order is their index in the tree.
    pub options: &'static [OptionSpec],
    /// What must hold among its options.
    pub groups: &'static [Group],
    /// What data cannot say.
    pub check: Option<Check>,
}

/// A check of a whole rule by one extension.
pub type Check = fn(&Facts<'_>) -> Result<(), Error>;

/// How an extension is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// It always is there.
    Core,
    /// `-m name`, or `-p name`.
    Match,
    /// `-j name`.
    Target,
}

/// One option of an extension.
#[derive(Debug, Clone, Copy)]
pub struct OptionSpec {
    /// The long name without its dashes.
    pub name: &'static str,
    /// Further long names of the same option.
    pub aliases: &'static [&'static str],
    /// What follows it.
    pub value: Value,
    /// Whether `!` may stand before it.
    pub negatable: bool,
    /// Whether the extension needs it.
    pub mandatory: bool,
    /// Whether it may stand several times.
    pub repeatable: bool,
    /// Options that must be there with it.
    pub requires: &'static [&'static str],
    /// The only family that has it.
    pub family: Option<Family>,
    /// The hooks that admit it; empty for all.
    pub hooks: &'static [Hook],
}

/// What must hold among some options of an extension.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// How many of them there must be.
    pub among: Among,
    /// The options; empty for all of the extension's.
    pub options: &'static [&'static str],
}

/// How many options of a group there must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Among {
    /// One, and no more.
    ExactlyOne,
    /// None or one.
    AtMostOne,
    /// One or more.
    AtLeastOne,
}

/// How words of a choice are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// Byte by byte.
    Exact,
    /// In either case.
    Either,
    /// In either case, and the start of a word is enough.
    Start,
}

/// What follows an option.
#[derive(Debug, Clone, Copy)]
pub enum Value {
    /// Nothing.
    None,
    /// A whole number, bounds included.
    Number {
        /// The smallest.
        min: u64,
        /// The largest.
        max: u64,
    },
    /// `FROM:TO`, either end may be missing.
    NumberRange {
        /// The largest.
        max: u64,
    },
    /// A fraction from 0 to 1.
    Probability,
    /// Any text.
    Text {
        /// What it is, for [`crate::syntax::Limit`].
        what: &'static str,
        /// The fewest bytes.
        least: u32,
        /// The most bytes.
        most: u32,
        /// Whether a longer one is cut off instead of refused.
        cut: bool,
    },
    /// A port or service name.
    Port,
    /// `FROM:TO`, ports.
    PortRange,
    /// A multiport list.
    PortList,
    /// A comma list of addresses with masks.
    Addresses,
    /// One address.
    Host,
    /// One address with or without a mask.
    Network,
    /// `FIRST-LAST`.
    AddressRange,
    /// A prefix length or a mask.
    PrefixMask,
    /// A protocol.
    Protocol,
    /// `VALUE/MASK`.
    Mark,
    /// A type of service.
    Tos,
    /// An Ethernet address.
    Mac,
    /// An interface or the start of one.
    Interface,
    /// One of some words.
    Choice(Case, &'static [&'static str]),
    /// A comma list of some words.
    Choices(Case, &'static [&'static str]),
    /// `3/minute`.
    Rate,
    /// An IPv4 ICMP type.
    IcmpType,
    /// An IPv6 ICMP type.
    Icmpv6Type,
    /// Two lists of TCP flags: looked at, set.
    TcpFlags,
    /// A list of connection states.
    States,
    /// A list of connection status words.
    Status,
    /// A set's name and the directions of its dimensions.
    Set,
    /// The new address and port of a translation.
    NatTarget,
    /// The new port of a translation.
    NatPorts,
    /// A date with or without a time.
    Date,
    /// A time of day.
    TimeOfDay,
    /// Days of the week.
    Weekdays,
    /// Days of the month.
    Monthdays,
    /// A form that this option alone has, in the notation of its manual page.
    Form(&'static str, fn(&str) -> bool),
    /// Such a form, which may be missing.
    Optional(&'static str, fn(&str) -> bool),
    /// Such a form of two words.
    Pair(&'static str, fn(&str, &str) -> bool),
    /// IPv4's, then IPv6's.
    ByFamily(&'static Value, &'static Value),
    /// The name of a chain or target.
    ChainName,
    /// The name of a match.
    ExtensionName,
}

/// What a check of one extension may look at.
pub struct Facts<'a> {
    /// The whole file.
    pub text: &'a str,
    /// The file's address family.
    pub family: Family,
    /// The hook of the built-in chain the rule stands in.
    pub hook: Option<Hook>,
    /// The protocol the rule names, if it is not negated.
    pub protocol: Option<u8>,
    /// The protocol the rule names, negated or not.
    pub named_protocol: Option<u8>,
    /// The index of the extension in [`super::ALL`].
    pub extension: u16,
    /// Where it was asked for.
    pub name: Span,
    /// All options of the rule.
    pub options: &'a [Opt],
}

impl Facts<'_> {
    /// The first of the extension's options that is called `name`.
    pub(super) fn get(&self, name: &str) -> Option<&Opt> {
        let extension = &super::ALL[usize::from(self.extension)];
        let option = extension.option(name)?;
        self.options.iter().find(|it| it.extension == self.extension && it.option == option)
    }

    /// What is written as the value of `option`.
    pub(super) fn value(&self, option: &Opt) -> &str {
        self.text.get(option.value.range()).unwrap_or_default().trim_matches('"')
    }
}

impl std::fmt::Debug for Facts<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Facts").field("extension", &self.extension).finish_non_exhaustive()
    }
}

impl Extension {
    /// The index among [`Self::options`] of the one called `name`, under any of its names.
    pub fn option(&self, name: &str) -> Option<u16> {
        let at = self.options.iter().position(|option| option.is_called(name))?;
        u16::try_from(at).ok()
    }

    pub(super) const fn of(kind: Kind, name: &'static str, options: &'static [OptionSpec]) -> Self {
        Self {
            name,
            kind,
            family: None,
            tables: &[],
            hooks: &[],
            protocols: &[],
            negated_protocol: false,
            options,
            groups: &[],
            check: None,
        }
    }

    pub(super) const fn family(self, family: Family) -> Self {
        Self { family: Some(family), ..self }
    }

    pub(super) const fn tables(self, tables: &'static [TableKind]) -> Self {
        Self { tables, ..self }
    }

    pub(super) const fn hooks(self, hooks: &'static [Hook]) -> Self {
        Self { hooks, ..self }
    }

    pub(super) const fn protocols(self, protocols: &'static [u8]) -> Self {
        Self { protocols, ..self }
    }

    pub(super) const fn negated_protocol(self) -> Self {
        Self { negated_protocol: true, ..self }
    }

    pub(super) const fn groups(self, groups: &'static [Group]) -> Self {
        Self { groups, ..self }
    }

    pub(super) const fn check(self, check: Check) -> Self {
        Self { check: Some(check), ..self }
    }
}

impl OptionSpec {
    /// Whether `name` is its name or another name of it.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }

    /// All its names, the first one being [`Self::name`].
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }

    pub(super) const fn negatable(self) -> Self {
        Self { negatable: true, ..self }
    }

    pub(super) const fn mandatory(self) -> Self {
        Self { mandatory: true, ..self }
    }

    pub(super) const fn repeatable(self) -> Self {
        Self { repeatable: true, ..self }
    }

    pub(super) const fn aliases(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    pub(super) const fn requires(self, requires: &'static [&'static str]) -> Self {
        Self { requires, ..self }
    }

    pub(super) const fn family(self, family: Family) -> Self {
        Self { family: Some(family), ..self }
    }

    pub(super) const fn hooks(self, hooks: &'static [Hook]) -> Self {
        Self { hooks, ..self }
    }
}

impl Value {
    /// The number of words it takes when all are written apart.
    pub const fn words(&self) -> u8 {
        match self {
            Self::None | Self::Optional(..) => 0,
            Self::TcpFlags | Self::Set | Self::Pair(..) => 2,
            _ => 1,
        }
    }

    /// What a word in its place should be.
    pub fn expected(&self, family: Family) -> Expected {
        match *self {
            Self::None | Self::Text { .. } | Self::States | Self::Status => Expected::Text,
            Self::Number { min, max } => Expected::Number { min, max },
            Self::NumberRange { max } => Expected::NumberRange { max },
            Self::Probability => Expected::Probability,
            Self::Port => Expected::Port,
            Self::PortRange => Expected::PortRange,
            Self::PortList => Expected::PortList,
            Self::Addresses | Self::Network => Expected::Network,
            Self::Host => Expected::Address,
            Self::AddressRange => Expected::AddressRange,
            Self::PrefixMask => Expected::Mask,
            Self::Protocol => Expected::Protocol,
            Self::Mark => Expected::Mark,
            Self::Tos => Expected::Tos,
            Self::Mac => Expected::Mac,
            Self::Interface => Expected::Interface,
            Self::Choice(_, words) => Expected::OneOf(words),
            Self::Choices(_, words) => Expected::SomeOf(words),
            Self::Rate => Expected::Rate,
            Self::IcmpType | Self::Icmpv6Type => Expected::IcmpType,
            Self::TcpFlags => Expected::TcpFlags,
            Self::Set => Expected::SetDirections,
            Self::NatTarget => Expected::NatTarget,
            Self::NatPorts => Expected::NatPorts,
            Self::Date => Expected::Date,
            Self::TimeOfDay => Expected::TimeOfDay,
            Self::Weekdays => Expected::Weekdays,
            Self::Monthdays => Expected::Monthdays,
            Self::Form(form, _) | Self::Optional(form, _) | Self::Pair(form, _) => {
                Expected::Form(form)
            }
            Self::ByFamily(v4, v6) => match family {
                Family::V4 => v4.expected(family),
                Family::V6 => v6.expected(family),
            },
            Self::ChainName => Expected::ChainName,
            Self::ExtensionName => Expected::ExtensionName,
        }
    }

    pub(super) const fn u8() -> Self {
        Self::Number { min: 0, max: 0xff }
    }

    pub(super) const fn u16() -> Self {
        Self::Number { min: 0, max: 0xffff }
    }

    pub(super) const fn u32() -> Self {
        Self::Number { min: 0, max: 0xffff_ffff }
    }
}

/// A match.
pub(super) const fn matching(name: &'static str, options: &'static [OptionSpec]) -> Extension {
    Extension::of(Kind::Match, name, options)
}

/// A target.
pub(super) const fn target(name: &'static str, options: &'static [OptionSpec]) -> Extension {
    Extension::of(Kind::Target, name, options)
}

/// An option that stands at most once, is not negated and not needed.
pub(super) const fn option(name: &'static str, value: Value) -> OptionSpec {
    OptionSpec {
        name,
        aliases: &[],
        value,
        negatable: false,
        mandatory: false,
        repeatable: false,
        requires: &[],
        family: None,
        hooks: &[],
    }
}

/// An option without a value.
pub(super) const fn flag(name: &'static str) -> OptionSpec {
    option(name, Value::None)
}

/// One of `options`, and no more.
pub(super) const fn exactly_one(options: &'static [&'static str]) -> Group {
    Group { among: Among::ExactlyOne, options }
}

/// None or one of `options`.
pub(super) const fn at_most_one(options: &'static [&'static str]) -> Group {
    Group { among: Among::AtMostOne, options }
}

/// One or more of `options`; of all where none is named.
pub(super) const fn at_least_one(options: &'static [&'static str]) -> Group {
    Group { among: Among::AtLeastOne, options }
}

/// Text of up to `most` bytes; what is longer is refused.
pub(super) const fn text(what: &'static str, most: u32) -> Value {
    Value::Text { what, least: 0, most, cut: false }
}

/// The same where the kernel cuts off what is longer.
pub(super) const fn cut_text(what: &'static str, most: u32) -> Value {
    Value::Text { what, least: 0, most, cut: true }
}
