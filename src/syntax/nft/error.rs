use super::{
    datatype::Datatype,
    fields::Header,
    tree::{ChainType, Family, Hook, Target},
};
use crate::source::{Refusal, Span};

/// What is wrong with an nft file, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// A character that starts no token.
    UnexpectedCharacter,
    /// A `"` without its partner.
    UnterminatedString,
    /// A `{` without its partner.
    UnterminatedBlock,
    /// Blocks, brackets or operators in each other, past any use.
    TooDeep {
        /// How many are read.
        limit: u32,
    },
    /// Something else should stand here.
    Unexpected {
        /// What.
        wanted: Wanted,
        /// The nearest word that would be taken.
        suggestion: Option<&'static str>,
    },
    /// A name that is a word of the language (`chain log`).
    ReservedName,
    /// A number past the largest.
    OutOfRange {
        /// The largest.
        max: u64,
    },
    /// A variable that nothing defines before.
    UndefinedVariable {
        /// The nearest one there is.
        suggestion: Option<String>,
    },
    /// A variable that is defined already.
    Redefined {
        /// Its name where it was defined.
        earlier: Span,
    },
    /// A name that nothing in its table bears.
    Undefined {
        /// What was looked for.
        target: Target,
        /// The nearest name there is.
        suggestion: Option<String>,
    },
    /// A second thing of one name where that may not be.
    Duplicate {
        /// Its name where it stood first.
        earlier: Span,
    },
    /// What may be said once only.
    SaidTwice,
    /// A statement that no packet reaches.
    AfterVerdict {
        /// The verdict before it.
        verdict: Span,
    },
    /// A hook that this family or type of chain does not have.
    WrongHook {
        /// The chain's type.
        chain_type: ChainType,
        /// The table's family.
        family: Family,
        /// The hooks it has.
        hooks: &'static [Hook],
    },
    /// A type of chain that this family does not have.
    WrongChainType {
        /// The table's family.
        family: Family,
    },
    /// A priority's name that this family or hook does not have.
    WrongPriority {
        /// The nearest name there is.
        suggestion: Option<&'static str>,
    },
    /// A chain of a device hook without its device.
    MissingDevice,
    /// A device in a chain of another hook.
    UnexpectedDevice,
    /// A policy in a chain that no hook leads into.
    PolicyOnRegularChain,
    /// A policy other than `accept` in a chain that may not have it.
    WrongPolicy,
    /// A statement that needs a chain of another type.
    NeedsChainType {
        /// The type it needs.
        chain_type: ChainType,
    },
    /// A statement that needs another hook.
    NeedsHook {
        /// The hooks it works in.
        hooks: &'static [Hook],
    },
    /// A statement or expression that needs another family.
    NeedsFamily {
        /// The families it works in.
        families: &'static [Family],
    },
    /// A port to translate to, without a transport protocol before it.
    MissingTransport,
    /// A range or prefix in a set without `flags interval`.
    MissingInterval,
    /// Two elements of a set without `auto-merge` that share values.
    Overlap {
        /// The other.
        other: Span,
    },
    /// A set or map without `type` and `typeof`.
    MissingType,
    /// A map's element without its data.
    MissingData,
    /// Data in an element of a set.
    UnexpectedData,
    /// A value of another type.
    TypeMismatch {
        /// What the other side is.
        expected: Datatype,
        /// What this is.
        found: Datatype,
    },
    /// A word that stands for no value of its type.
    UnknownSymbol {
        /// The type.
        datatype: Datatype,
        /// The nearest word that does.
        suggestion: Option<&'static str>,
    },
    /// A value that does not read as its type.
    BadValue {
        /// The type.
        datatype: Datatype,
    },
    /// A list of values that are no flags.
    NotFlags {
        /// The type.
        datatype: Datatype,
    },
    /// A prefix longer than the address.
    PrefixTooLong {
        /// The longest.
        max: u32,
    },
    /// A range that ends before it starts.
    ReversedRange,
    /// Two headers that no packet has at once.
    ConflictingProtocols {
        /// The one that is asked for.
        header: Header,
        /// Where the other is.
        earlier: Span,
    },
    /// Jumps that lead back to where they came from.
    JumpLoop,
    /// A file to include that is not there, or is none.
    Include(Refusal),
    /// A value on the left, where something about the packet must stand.
    ConstantOnTheLeft,
    /// A word of other languages between what is looked up and its set.
    NoOperator,
    /// A block that does not say all it has to.
    MissingOptions {
        /// What it has to say besides.
        missing: Vec<&'static str>,
    },
    /// A part of a table, with a block of its own, where no table is.
    OutsideTable,
}

/// What should stand at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// A command, or `table`.
    Command,
    /// Something that stands in a table.
    TableItem,
    /// A match, statement or verdict.
    Statement,
    /// Something about the packet.
    Selector,
    /// A field of that header.
    FieldOf(Header),
    /// A value.
    Value,
    /// A name.
    Name,
    /// A number.
    Number,
    /// A string.
    Text,
    /// A length of time with a unit.
    Time,
    /// The end of the line, or `;`.
    End,
    /// One of these words or signs.
    OneOf(&'static [&'static str]),
}
