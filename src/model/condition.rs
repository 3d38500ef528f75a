use super::{Family, Field, Place};
use crate::source::Unseen;

/// A run of [`super::Ruleset::ranges`]: inclusive, in any order, possibly overlapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Values {
    /// Index of the first range.
    pub start: u32,
    /// Index after the last.
    pub end: u32,
}

/// Index of an [`Opaque`] in its ruleset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpaqueId(pub u32);

/// Something a packet fulfils or does not. `negated` turns it round as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// The field's value is one of these.
    In {
        /// The field.
        field: Field,
        /// The values.
        values: Values,
        /// Whether it must not be one of them.
        negated: bool,
    },
    /// `field & mask == value`; `values` is the one pair `(mask, value)`.
    Masked {
        /// The field.
        field: Field,
        /// Where the mask and the value stand.
        values: Values,
        /// Whether they must differ.
        negated: bool,
    },
    /// The interface has this name.
    Interface {
        /// [`Field::In`] or [`Field::Out`].
        field: Field,
        /// Index into [`super::Ruleset::interfaces`].
        name: u32,
        /// Whether it must not have it.
        negated: bool,
    },
    /// The packet is of this family.
    Family {
        /// The family.
        family: Family,
        /// Whether it must not be.
        negated: bool,
    },
    /// One of several lists of conditions is fulfilled.
    OneOf {
        /// Index into [`super::Ruleset::alternatives`].
        alternatives: u32,
        /// Whether none may be.
        negated: bool,
    },
    /// Something nobody can compute from the text.
    Opaque {
        /// What.
        opaque: OpaqueId,
        /// Whether it must not hold.
        negated: bool,
    },
    /// No packet fulfils it.
    Never,
}

/// Lists of conditions of which one must be fulfilled whole.
pub type Alternatives = Vec<Vec<Condition>>;

/// An interface name, or the beginning of one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InterfaceName {
    /// The name without a wildcard.
    pub name: String,
    /// Whether every name that begins so is meant (`eth+`, `eth*`).
    pub prefix: bool,
}

/// A condition that nobody can compute from the text.
#[derive(Debug, Clone)]
pub struct Opaque {
    /// The words in a normal form: two opaques with the same text of the same kind are the same condition.
    pub text: String,
    /// What decides it.
    pub subject: Subject,
    /// How it behaves.
    pub kind: OpaqueKind,
    /// Where it stands.
    pub place: Place,
}

/// Something that decides and that the text does not hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A match extension.
    Match(String),
    /// A chain that the input does not define, or a target that nobody knows.
    Target(String),
    /// A set whose elements are not given or may change.
    Set(String),
    /// A name that is looked up when the rules are loaded.
    HostName(String),
    /// A file that the rules include and that was not given.
    Include {
        /// What is written.
        path: String,
        /// Why.
        why: Unseen,
    },
    /// A command whose effect the text does not tell.
    Command,
    /// A word of a script with something in it that only a run tells, as written.
    Word(String),
    /// Whether a script comes to run a command.
    Question {
        /// The condition that decides, as written.
        condition: String,
        /// Whether commands of rules run for a no, too.
        either: bool,
    },
    /// The word that a script is taken to be called with.
    CalledWith(&'static str),
    /// What a program of a script reads from another.
    Printed,
    /// Commands of a script that are taken not to run, because it ends behind them.
    Ends,
    /// The program that listens on a queue.
    Program,
    /// More alternatives than are multiplied out.
    Alternatives,
    /// A policy that the input does not say.
    Policy,
}

/// How an opaque condition behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OpaqueKind {
    /// Changes with time and with what was sent before (a rate, a counter, the clock): a sender can make it hold or not,
    /// and each occurrence is a question of its own.
    Timing,
    /// Fixed by parts of the header that are not modelled (length, TTL, DSCP, options): a sender can choose them.
    Header,
    /// Fixed for a packet by things that the text does not hold (a set, an owner, the payload).
    Fixed,
    /// Not told by the text, and assumed to hold for a packet that is followed: that the route back to its sender is the way
    /// it came, that no extension headers stand before what it carries.
    Assumed,
    /// Of an extension nobody here knows.
    Foreign,
}
