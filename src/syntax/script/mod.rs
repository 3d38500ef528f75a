//! Shell scripts made of firewall commands.
//!
//! ```text
//! text → tree (parse) → what it does, command by command (play) → the trees of the dialects that it speaks (read)
//! ```
//!
//! Nothing is run, and nothing that only a run could tell is guessed: what a program prints, what the environment gives
//! and what a test finds on the host stay unknown. A word with something unknown in it is kept and marked; a command that
//! runs only in some case carries the question that decides.
//!
//! The trees are about one text, [`File::whole`]: the script itself, and behind it the commands that it runs where they
//! are not written in it as they run. Each place in it is one of the script.

mod parse;
mod play;
mod read;
#[cfg(test)]
mod tests;
mod tree;

use super::{Error, ipset, iptables, nft};
use crate::source::{SourceFile, Span, Whole};
use iptables::Unresolved;

/// A script, with what it loads.
#[derive(Debug)]
pub struct File {
    /// The text that the trees are about.
    pub whole: Whole,
    /// What `iptables` and `iptables-restore` are told.
    pub ipv4: iptables::File,
    /// The same of `ip6tables`.
    pub ipv6: iptables::File,
    /// What `nft` is told.
    pub nft: nft::File,
    /// What `ipset` is told.
    pub sets: ipset::File,
    /// Every command that loads rules, in the order in which it runs.
    pub commands: Vec<Command>,
    /// The questions that decide whether commands run, in the order in which they are asked.
    pub questions: Vec<Question>,
    /// The variables that nothing in the script sets, where commands use them.
    pub unset: Vec<Unset>,
    /// What was not followed.
    pub unread: Vec<Unread>,
    /// The word that it is taken to be called with, and where that first matters.
    pub called_with: Option<(&'static str, Span)>,
    /// Whether other files may set variables that this one does not.
    pub sources: bool,
    /// Words with something unknown in them, by where they start.
    unresolved: Vec<Unresolved>,
    /// How long the script itself is.
    length: u32,
    /// The commands, by where they start.
    by_place: Vec<u32>,
}

/// A command that loads rules, or the text that one reads.
#[derive(Debug)]
pub struct Command {
    /// All of it.
    pub span: Span,
    /// Whether it reads a text of many rules, which are loaded together.
    pub is_text: bool,
    /// Whether it runs only where the rule that it adds is not there yet.
    pub guarded: bool,
    /// What lets it run: questions by their index, and whether the answer must be no. All must be so.
    pub answers: Vec<(u32, bool)>,
}

/// A condition that nobody can compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// The words that ask.
    pub span: Span,
    /// Whether commands run for a no, too.
    pub either: bool,
}

/// A variable that nothing in the script sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unset {
    /// Its name.
    pub name: String,
    /// Where it is used.
    pub span: Span,
    /// Which unknown value it stands for.
    pub number: u32,
}

/// A part of a script that was not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// All of it.
    pub span: Span,
    /// What it is.
    pub kind: UnreadKind,
}

/// What was not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnreadKind {
    /// A command that the text does not give in full.
    Command,
    /// What a program reads from another.
    Input,
    /// A file that is read when the script runs.
    File {
        /// Its path as written.
        path: String,
    },
    /// Commands of a branch that ends the script.
    Ends,
}

/// Reads a whole script.
pub(super) fn parse(source: &SourceFile) -> (File, Vec<Error>) {
    let text = source.text();
    let (tree, mut errors) = parse::parse(text);
    let played = play::play(text, &tree);
    for error in &played.errors {
        errors.add(error.clone());
    }
    read::read(source, played, errors)
}

impl File {
    /// What lets the command run that stands at `span`: see [`Command::answers`].
    pub fn answers(&self, span: Span) -> &[(u32, bool)] {
        self.command(span).map_or(&[], |command| &command.answers)
    }

    fn at(&self, index: u32) -> &Command {
        &self.commands[index as usize]
    }

    /// The command that stands at `span`, or around it.
    pub fn command(&self, span: Span) -> Option<&Command> {
        let after = self.by_place.partition_point(|index| self.at(*index).span.start <= span.start);
        let command = self.at(self.by_place[after.checked_sub(1)?]);
        (command.span.to(span) == command.span).then_some(command)
    }

    /// The unknown value that the words at `span` hold; `None` where all is known.
    pub fn unknown_in(&self, span: Span) -> Option<u32> {
        Unresolved::within(&self.unresolved, span).map(|it| it.number).max()
    }

    /// The first of the words at `span` that holds something unknown.
    pub fn unknown_word(&self, span: Span) -> Option<Span> {
        Unresolved::within(&self.unresolved, span).map(|it| it.span).next()
    }

    /// The unknown values that commands are given.
    pub fn unknown_values(&self) -> impl Iterator<Item = u32> {
        self.unresolved.iter().map(|it| it.number)
    }

    /// Where words stand with something unknown in them.
    pub fn unresolved_words(&self) -> impl Iterator<Item = Span> {
        self.unresolved.iter().map(|it| it.span)
    }

    /// Where a place of the text stands in the script.
    pub fn located(&self, span: Span) -> Span {
        let Span { start, end } = self.whole.locate(span).1;
        Span::new(start.min(self.length), end.min(self.length))
    }
}
