//! What an nft file says, flat: expressions, statements, rules and set elements stand in one vector each for the whole
//! file, and refer to each other by number.
//!
//! Names are spans without their quotes; an [`Expr`] that is a quoted string spans its quotes too.
//! Nothing is interpreted: `tcp dport ssh` keeps the word `ssh`.

mod command;
mod expression;
mod object;
mod set;
mod statement;

pub use command::{
    BaseChain, Chain, ChainType, Command, CommandKind, Definition, DefinitionKind, Devices, Family,
    Hook, Include, Item, Place, Policy, PolicyKind, Priority, Subject, Table, TableRef, Verb,
};
pub use expression::{
    BinaryOperator, Direction, Element, Expr, ExprKind, Extra, FibFlags, FibResult, Hash,
    OptionField, RawBase, Selector,
};
pub use object::{Flowtable, Object, ObjectKind, ObjectSpec, Target};
pub use set::{Data, KeyType, Set, SetFlags, SetPolicy, TypePart};
pub use statement::{
    Dup, Fwd, Jump, Limit, Log, Meter, Nat, NatFlags, NatKind, Operator, Queue, Quota, Reject,
    RejectKind, Rule, Statement, StatementKind, Synproxy, TimeUnit, Tproxy, Unit, Update,
    UpdateKind, Verdict,
};

use crate::source::Span;
use std::{num::NonZeroU32, ops::Range};

/// A whole file.
#[derive(Debug, Default)]
pub struct File {
    /// Its commands in the order they are carried out; a `table … { … }` block is one.
    pub commands: Vec<Command>,
    /// The rules that stand in chains, those of chains that are anonymous among them; a command holds its own.
    pub rules: Vec<Rule>,
    /// The statements of every rule.
    pub statements: Vec<Statement>,
    /// Every expression.
    pub expressions: Vec<Expr>,
    /// The parts of lists and concatenations.
    pub parts: Vec<ExprId>,
    /// The elements of every set, anonymous ones included.
    pub elements: Vec<Element>,
    /// What stands after an element's key: timeouts, comments, counters.
    pub extras: Vec<Extra>,
    /// Every `define` and `redefine`.
    pub definitions: Vec<Definition>,
    /// For anonymous sets whose elements share values, two of them; found by the checks.
    pub merged: Vec<Merged>,
    /// Every `include`, wherever it stands.
    pub includes: Vec<Include>,
}

/// Two elements of an anonymous set that share values: the loader makes one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merged {
    /// The narrower one.
    pub element: Span,
    /// The other.
    pub other: Span,
    /// Whether they are the same.
    pub same: bool,
    /// Whether the other holds all of the element.
    pub inside: bool,
}

impl File {
    /// The expression of that number.
    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.expressions[id.index()]
    }

    /// The parts of a list or concatenation.
    pub fn parts(&self, ids: Ids) -> &[ExprId] {
        &self.parts[ids.range()]
    }

    /// The elements of a set.
    pub fn elements(&self, ids: Ids) -> &[Element] {
        &self.elements[ids.range()]
    }

    /// The statements of a rule, or the stateful ones of a set or element.
    pub fn statements(&self, ids: Ids) -> &[Statement] {
        &self.statements[ids.range()]
    }

    /// All rules, those of chains first.
    pub fn every_rule(&self) -> impl Iterator<Item = &Rule> {
        let of_commands = self.commands.iter().filter_map(|command| match &command.kind {
            CommandKind::Rule { rule, .. } => Some(rule),
            _ => None,
        });
        self.rules.iter().chain(of_commands)
    }

    /// The rules of a chain.
    pub fn rules(&self, ids: Ids) -> &[Rule] {
        &self.rules[ids.range()]
    }

    /// The definition of that number.
    pub fn definition(&self, id: DefinitionId) -> &Definition {
        &self.definitions[id.index()]
    }

    /// What follows the element's key, where something does.
    pub fn extra(&self, element: &Element) -> Option<&Extra> {
        element.extra.map(|id| &self.extras[id.index()])
    }

    /// The expression behind `id`, variables replaced by what they were defined as; `None` where a variable is not defined in this file.
    pub fn resolved(&self, id: ExprId) -> Option<ExprId> {
        let mut id = id;
        // A definition only sees earlier ones, so this ends.
        while let ExprKind::Variable(definition) = self.expr(id).kind {
            id = self.definition(definition?).value;
        }
        Some(id)
    }
}

/// A run of one of the vectors of [`File`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Ids {
    /// The first.
    pub start: u32,
    /// The one after the last.
    pub end: u32,
}

impl Ids {
    /// For indexing the vector.
    pub const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// How many there are.
    pub const fn len(self) -> usize {
        self.range().end - self.range().start
    }
}

/// The number of an expression in [`File::expressions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprId(NonZeroU32);

/// The number of a definition in [`File::definitions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DefinitionId(NonZeroU32);

/// The number of an element's [`Extra`] in [`File::extras`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExtraId(NonZeroU32);

/// One more than an index, so that an `Option` costs nothing.
fn number(index: usize) -> NonZeroU32 {
    let index = u32::try_from(index).unwrap_or(u32::MAX - 1);
    NonZeroU32::MIN.saturating_add(index)
}

impl ExprId {
    /// The expression at that index.
    pub fn at(index: usize) -> Self {
        Self(number(index))
    }

    /// Where it stands in its vector.
    pub const fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

impl DefinitionId {
    /// The definition at that index.
    pub fn at(index: usize) -> Self {
        Self(number(index))
    }

    /// Where it stands in its vector.
    pub const fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

impl ExtraId {
    /// The extra at that index.
    pub fn at(index: usize) -> Self {
        Self(number(index))
    }

    /// Where it stands in its vector.
    pub const fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}
