//! The text that is read in the script's place: the script itself, and behind it the commands that it runs where they
//! are not written in it as they run.

use super::env::Field;
use crate::{
    source::{Piece, Span},
    syntax::iptables::Unresolved,
};
use rustc_hash::FxHashSet;

/// The most bytes that a script's commands may have together.
pub(super) const LONGEST: usize = 64 * 1024 * 1024;

/// What writes it.
pub(super) struct Writer {
    pub(super) text: String,
    pub(super) pieces: Vec<Piece>,
    pub(super) unresolved: Vec<Unresolved>,
    /// How long the script is.
    script: usize,
    /// Where commands stand that are taken as they are written: once each.
    taken: FxHashSet<u32>,
}

/// How much there was when something began that may be taken back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    text: usize,
    pieces: usize,
    unresolved: usize,
}

/// How words are joined to a text that a reader takes apart again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoting {
    /// As `iptables-restore` does.
    Restore,
    /// As files of `ipset` do, in the order of the commands.
    Ipset,
    /// Not at all: `nft` joins its arguments with blanks. In the order of the commands.
    None,
}

impl Writer {
    pub(super) fn new(script: &str) -> Self {
        let mut text = script.to_owned();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        let first = Piece { start: 0, file: 0, offset: 0, length: None };
        Self {
            text,
            pieces: vec![first],
            unresolved: Vec::new(),
            script: script.len(),
            taken: FxHashSet::default(),
        }
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { text: self.text.len(), pieces: self.pieces.len(), unresolved: self.unresolved.len() }
    }

    pub(super) fn back_to(&mut self, mark: Mark) {
        self.text.truncate(mark.text);
        self.pieces.truncate(mark.pieces);
        self.unresolved.truncate(mark.unresolved);
    }

    pub(super) fn is_full(&self) -> bool {
        self.text.len() - self.script > LONGEST
    }

    /// The command that these words make: where it stands, and where each word does.
    pub(super) fn words(&mut self, words: &[Field], quoting: Quoting) -> (Span, Vec<Span>) {
        if quoting == Quoting::Restore
            && let Some(spans) = self.as_written(words)
            && spans.first().is_some_and(|first| self.taken.insert(first.start))
        {
            let line = spans.iter().copied().reduce(Span::to).unwrap_or_default();
            return (line, spans);
        }
        let start = self.offset();
        let mut spans = Vec::with_capacity(words.len());
        for (word, index) in words.iter().zip(0..) {
            if index > 0 {
                self.text.push(' ');
            }
            spans.push(self.word(word, quoting));
        }
        let line = Span::new(start, self.offset());
        self.text.push('\n');
        (line, spans)
    }

    /// Where the words stand in the script, if nothing but blanks is between them there.
    fn as_written(&self, words: &[Field]) -> Option<Vec<Span>> {
        let plain =
            |it: &Field| it.literal && !it.text.is_empty() && !it.text.contains(['"', '\\', '\n']);
        if !words.iter().all(plain) {
            return None;
        }
        let blank = |pair: &[Field]| {
            let (from, to) = (pair[0].span.end as usize, pair[1].span.start as usize);
            let between = self.text.get(from..to).unwrap_or("\n");
            from < to && between.bytes().all(|it| matches!(it, b' ' | b'\t'))
        };
        words.windows(2).all(blank).then(|| words.iter().map(|it| it.span).collect())
    }

    fn word(&mut self, word: &Field, quoting: Quoting) -> Span {
        let start = self.offset();
        let special = word.text.is_empty() || word.text.contains([' ', '\t', '\n', '"', '\\']);
        if quoting != Quoting::None && special {
            self.text.push('"');
            self.piece(word, !word.text.contains(['"', '\\']));
            for character in word.text.chars() {
                if matches!(character, '"' | '\\') {
                    self.text.push('\\');
                }
                // A line ends where the command does.
                self.text.push(if character == '\n' { ' ' } else { character });
            }
            self.text.push('"');
        } else {
            self.piece(word, true);
            self.text.push_str(&word.text);
        }
        let span = Span::new(start, self.offset());
        if word.unknown > 0 {
            self.unresolved.push(Unresolved { span, number: word.unknown, open: word.open });
        }
        span
    }

    /// What a command reads that is given this text; `copied` where the order in the text must be that of the commands.
    pub(super) fn stream(&mut self, fields: &[Field], copied: bool) -> Span {
        if let [only] = fields
            && only.literal
            && !copied
            && self.taken.insert(only.span.start)
        {
            return only.span;
        }
        let start = self.offset();
        for field in fields {
            self.piece(field, true);
            let at = self.offset();
            self.text.push_str(&field.text);
            if field.unknown > 0 {
                let span = Span::new(at, self.offset());
                self.unresolved.push(Unresolved { span, number: field.unknown, open: false });
            }
        }
        let span = Span::new(start, self.offset());
        self.text.push('\n');
        span
    }

    /// What is written next stands for `field`, character by character if it is `plain` and the script has them so.
    fn piece(&mut self, field: &Field, plain: bool) {
        let length = if field.literal && plain { None } else { Some(field.span.len()) };
        let start = self.offset();
        self.pieces.push(Piece { start, file: 0, offset: field.span.start, length });
    }

    fn offset(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }
}
