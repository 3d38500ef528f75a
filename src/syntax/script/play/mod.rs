//! Plays a script without running anything: follows what it would do as far as the text tells, and notes the commands
//! that load rules, each with its words and with what would have to hold for it to run.
//!
//! Commands of every other kind are taken to do nothing; those of rules to succeed, as on a host whose rules are empty. A
//! branch that ends the script is taken not to be entered: what follows is what the script is for.

mod branch;
mod command;
mod condition;
mod env;
mod program;
mod shell;
mod start;
mod stream;
mod words;
mod write;

pub(super) use program::Program;

use super::tree::{Node, NodeKind, Tree};
use crate::{
    source::{Piece, Span},
    syntax::{Error, ErrorKind, Limit, iptables::Unresolved, script::Unread},
};
use env::{Env, Field};
use std::{collections::BTreeMap, rc::Rc};
use write::{Mark, Writer};

/// How many commands are followed, those of loops and functions each time.
const MOST_STEPS: u32 = 400_000;

/// How deep commands run in each other, functions that call each other counted.
const DEEPEST: u32 = 128;

/// What a script does.
pub(super) struct Played {
    /// The script, and behind it its commands.
    pub(super) text: String,
    pub(super) pieces: Vec<Piece>,
    pub(super) actions: Vec<Action>,
    /// The questions that nobody can answer, each asked once.
    pub(super) doubts: Vec<Doubt>,
    pub(super) unresolved: Vec<Unresolved>,
    pub(super) unset: Vec<Unset>,
    pub(super) unread: Vec<Unread>,
    /// The word that the script is taken to be called with, where that was asked.
    pub(super) called_with: Option<(&'static str, Span)>,
    /// Whether other files set variables that this one does not.
    pub(super) sources: bool,
    pub(super) errors: Vec<Error>,
}

/// A question that decides whether commands run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Doubt {
    pub(super) span: Span,
    /// The answer, where it turns out that there is only one.
    pub(super) settled: Option<bool>,
}

/// A variable that nothing in the script sets, where it is used.
#[derive(Debug, Clone)]
pub(super) struct Unset {
    pub(super) span: Span,
    pub(super) name: String,
    pub(super) number: u32,
}

/// Something that loads rules.
#[derive(Debug)]
pub(super) struct Action {
    pub(super) kind: ActionKind,
    /// All of it, in the text that is read.
    pub(super) span: Span,
    /// Whether the script has asked before if its rule is there.
    pub(super) guarded: bool,
    /// The answers that let it run: questions by their number, and whether it must not hold.
    pub(super) doubts: Vec<(u32, bool)>,
}

/// The kinds of them.
#[derive(Debug)]
pub(super) enum ActionKind {
    /// A program with its arguments, each where it stands.
    Command { program: Program, words: Vec<(String, Span)> },
    /// Text that a program reads; whether what was loaded before stays.
    Text { program: Program, text: Span, keeps: bool },
}

/// How something ended, as far as conditions ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Success,
    Failure,
    Unknown,
}

impl Status {
    const fn of(success: bool) -> Self {
        if success { Self::Success } else { Self::Failure }
    }

    const fn not(self) -> Self {
        match self {
            Self::Success => Self::Failure,
            Self::Failure => Self::Success,
            Self::Unknown => Self::Unknown,
        }
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Failure, _) | (_, Self::Failure) => Self::Failure,
            (Self::Success, Self::Success) => Self::Success,
            _ => Self::Unknown,
        }
    }

    fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }
}

/// Where a script goes on behind a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    /// Behind the loop, or with its next word.
    Loop {
        ends: bool,
    },
    /// Behind the call of the function.
    Return,
    /// Nowhere.
    Exit,
}

/// How a command ended and where the script goes on.
#[derive(Debug, Clone, Copy)]
struct Done {
    flow: Flow,
    status: Status,
}

impl Done {
    const SUCCESS: Self = Self::with(Status::Success);
    const UNKNOWN: Self = Self::with(Status::Unknown);

    const fn with(status: Status) -> Self {
        Self { flow: Flow::Next, status }
    }
}

struct Player<'s> {
    script: &'s str,
    tree: &'s Tree,
    writer: Writer,
    actions: Vec<Action>,
    doubts: Vec<Doubt>,
    unset: Vec<Unset>,
    unread: Vec<Unread>,
    errors: Vec<Error>,
    env: Env,
    /// The functions, each with the number of its definition.
    functions: BTreeMap<&'s str, (u32, &'s Node)>,
    /// The numbers of the unknown values of variables that nothing sets.
    unset_numbers: BTreeMap<String, u32>,
    /// The answers that hold where the script is.
    holds: Vec<(u32, bool)>,
    /// What the command that is played reads.
    input: Option<Rc<[Field]>>,
    guard: Guard,
    unknowns: u32,
    steps: u32,
    /// How many commands the one that is played is in.
    nested: u32,
    /// How many functions are being called.
    depth: u32,
    called_with: Option<&'static str>,
    /// Whether the script's own arguments are others by now.
    shifted: bool,
    /// Where that was first asked.
    asked: Option<Span>,
    sources: bool,
    /// Whether braces make several words of one.
    braces: bool,
}

/// Whether rules are asked about before they are added.
#[derive(Debug, Clone, Copy, Default)]
struct Guard {
    /// Whether a condition has asked if a rule is there.
    asked: bool,
    /// Whether what runs now does because a rule is not there.
    holds: bool,
}

/// What a branch is taken back to.
struct Before {
    mark: Mark,
    actions: usize,
    unset: usize,
    unread: usize,
    env: Env,
    holds: usize,
}

/// Plays a whole script.
pub(super) fn play(script: &str, tree: &Tree) -> Played {
    let first = script.lines().next().unwrap_or_default();
    let plain =
        first.starts_with("#!") && ["bash", "zsh", "ksh"].iter().all(|it| !first.contains(it));
    let mut player = Player {
        script,
        tree,
        writer: Writer::new(script),
        actions: Vec::new(),
        doubts: Vec::new(),
        unset: Vec::new(),
        unread: Vec::new(),
        errors: Vec::new(),
        env: Env::default(),
        functions: BTreeMap::new(),
        unset_numbers: BTreeMap::new(),
        holds: Vec::new(),
        input: None,
        guard: Guard::default(),
        unknowns: 0,
        steps: 0,
        nested: 0,
        depth: 0,
        called_with: start::word(tree),
        shifted: false,
        asked: None,
        sources: false,
        braces: !plain,
    };
    player.nodes(&tree.nodes);
    player.defined_only();
    let doubts = &player.doubts;
    for action in &mut player.actions {
        action.doubts.retain(|(doubt, _)| doubts[*doubt as usize].settled.is_none());
    }
    player.writer.unresolved.sort_by_key(|it| it.span);
    Played {
        text: player.writer.text,
        pieces: player.writer.pieces,
        actions: player.actions,
        doubts: player.doubts,
        unresolved: player.writer.unresolved,
        unset: player.unset,
        unread: player.unread,
        called_with: player.called_with.zip(player.asked),
        sources: player.sources,
        errors: player.errors,
    }
}

impl<'s> Player<'s> {
    fn slice(&self, span: Span) -> &'s str {
        self.script.get(span.range()).unwrap_or_default()
    }

    /// The number of an unknown value that nothing else has.
    fn fresh(&mut self) -> u32 {
        self.unknowns += 1;
        self.unknowns
    }

    /// A file that only defines functions is read as if each were called, without arguments: others call them.
    fn defined_only(&mut self) {
        let does = !self.actions.is_empty() || !self.unread.is_empty();
        if does || self.called_with.is_some() {
            return;
        }
        let mut called: Vec<(u32, &Node)> = self.functions.values().copied().collect();
        called.sort_by_key(|(number, _)| *number);
        for (_, body) in called {
            self.nodes(std::slice::from_ref(body));
        }
    }

    fn nodes(&mut self, nodes: &'s [Node]) -> Done {
        let mut done = Done::SUCCESS;
        for node in nodes {
            done = self.node(node);
            if done.flow != Flow::Next {
                break;
            }
        }
        done
    }

    fn node(&mut self, node: &'s Node) -> Done {
        self.steps += 1;
        if self.steps > MOST_STEPS || self.nested > DEEPEST || self.writer.is_full() {
            return self.exhausted(node.span);
        }
        self.nested += 1;
        let outer = self.input.clone();
        if let Some(input) = self.given(&node.redirects) {
            self.input = Some(input);
        }
        let done = self.kind(node);
        self.written(node);
        self.nested -= 1;
        self.input = outer;
        done
    }

    /// Counts work on so many bytes as commands are counted, so that it ends.
    fn costs(&mut self, bytes: usize) {
        self.steps = self.steps.saturating_add(u32::try_from(bytes / 256).unwrap_or(u32::MAX));
    }

    /// Says once that the script does more than is followed.
    fn exhausted(&mut self, span: Span) -> Done {
        if self.errors.is_empty() {
            let what = "commands that a script runs";
            let (limit, written) = (MOST_STEPS, MOST_STEPS.saturating_add(1));
            let kind = ErrorKind::LimitExceeded(Limit { what, limit, written, truncated: false });
            self.errors.push(Error { span, kind });
        }
        Done { flow: Flow::Exit, status: Status::Unknown }
    }

    fn kind(&mut self, node: &'s Node) -> Done {
        match &node.kind {
            NodeKind::Simple { assignments, words } => self.simple(node, assignments, words),
            NodeKind::Pipe(stages) => self.pipe(stages),
            NodeKind::Not(inner) => {
                let done = self.node(inner);
                Done { status: done.status.not(), ..done }
            }
            NodeKind::Joined(first, rest) => self.joined(first, rest),
            NodeKind::Background(inner) => {
                self.apart(std::slice::from_ref(&**inner));
                Done::SUCCESS
            }
            NodeKind::Group(nodes) => self.nodes(nodes),
            NodeKind::Subshell(nodes) => self.apart(nodes),
            NodeKind::If { branches, otherwise } => self.branches(branches, otherwise),
            NodeKind::For { name, words, body } => self.each(node, name, words.as_deref(), body),
            NodeKind::While { condition, until, body } => self.repeated(condition, *until, body),
            NodeKind::Case { subject, arms } => self.case(node, subject, arms),
            NodeKind::Function { name, body } => {
                self.functions.insert(name, (self.steps, body));
                Done::SUCCESS
            }
            NodeKind::Test(words) => {
                let fields: Vec<Field> = words.iter().map(|word| self.whole(word)).collect();
                Done::with(condition::test(&fields, true))
            }
            NodeKind::Arithmetic => Done::UNKNOWN,
        }
    }

    /// Plays commands whose variables nobody else sees.
    fn apart(&mut self, nodes: &'s [Node]) -> Done {
        let env = self.env.clone();
        let done = self.nodes(nodes);
        self.env = env;
        match done.flow {
            Flow::Exit if self.errors.is_empty() => Done { flow: Flow::Next, ..done },
            _ => done,
        }
    }

    /// A word of `[[ … ]]`, which is not split.
    fn whole(&mut self, word: &super::tree::Word) -> Field {
        let value = self.value(word);
        Field {
            text: value.text,
            span: word.span,
            literal: false,
            unknown: value.unknown,
            open: false,
        }
    }

    fn before(&mut self) -> Before {
        self.costs(self.env.len() * 64);
        Before {
            mark: self.writer.mark(),
            actions: self.actions.len(),
            unset: self.unset.len(),
            unread: self.unread.len(),
            env: self.env.clone(),
            holds: self.holds.len(),
        }
    }

    fn take_back(&mut self, before: Before) {
        self.writer.back_to(before.mark);
        self.actions.truncate(before.actions);
        self.unset.truncate(before.unset);
        self.unread.truncate(before.unread);
        self.holds.truncate(before.holds);
        self.env = before.env;
    }
}
