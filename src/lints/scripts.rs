//! The scripts of a host, as lints look through them: what they tell iptables, in the order in which it is told.

use super::{Context, Place};
use crate::{
    lower::Input,
    source::Span,
    syntax::{
        iptables::{self, Family, Item, Opt, TableKind},
        script::File,
    },
};
use rustc_hash::FxHashSet;

/// One of them.
#[derive(Clone, Copy)]
pub(super) struct Script<'a> {
    pub(super) input: Input<'a>,
    /// What it loads.
    pub(super) file: &'a File,
}

/// Something that a script tells iptables.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) table: TableKind,
    pub(super) item: &'a Item,
    /// Whether it comes with others, all at once, instead of what was there.
    pub(super) replaces: bool,
}

/// Those of a host.
pub(super) fn all<'a>(cx: &Context<'a>) -> impl Iterator<Item = Script<'a>> {
    cx.inputs.iter().filter_map(|input| {
        let file = input.parsed.script()?;
        Some(Script { input: *input, file })
    })
}

impl<'a> Script<'a> {
    /// The families that it speaks to.
    pub(super) fn families(&self) -> [(Family, &'a iptables::File); 2] {
        [(Family::V4, &self.file.ipv4), (Family::V6, &self.file.ipv6)]
    }

    pub(super) fn text(&self, span: Span) -> &'a str {
        self.input.source.slice(span)
    }

    pub(super) fn place(&self, span: Span) -> Place {
        Place { file: self.input.file, span }
    }

    /// The line of the script, from 1.
    pub(super) fn line(&self, span: Span) -> u32 {
        self.input.source.position(self.file.located(span).start).line
    }

    /// Whether its first lines say that a program wrote it.
    pub(super) fn is_generated(&self) -> bool {
        const FIRST: usize = 20;
        let first = self.input.source.text().lines().take(FIRST);
        let mut notes = first.filter_map(|line| line.strip_prefix('#'));
        notes.any(|note| note.to_ascii_lowercase().contains("generated"))
    }

    /// Whether the lines between two commands hold nothing but commands that surely run, one after the other, and take no
    /// rule away: no loop, no call of another program, no end of the script where one fails.
    pub(super) fn only_adds(&self, first: Span, last: Span) -> bool {
        let source = self.input.source;
        let ends = |line: &str| {
            let mut words = line.split_ascii_whitespace();
            let set = words.next().is_some_and(|it| it == "set" || it.starts_with("#!"));
            let is_flag =
                |it: &str| it.starts_with('-') && !it.starts_with("--") && it.contains('e');
            set && words.any(|it| is_flag(it) || it == "errexit")
        };
        let between = self.line(first) + 1..self.line(last);
        let mut plain: FxHashSet<u32> = FxHashSet::default();
        for command in &self.file.commands {
            let span = self.file.located(command.span);
            let (from, to) = (source.position(span.start), source.position(span.end));
            let before = Span::new(source.line(from.line).start, span.start);
            let is_alone = source.slice(before).trim_ascii().is_empty();
            let adds = !source.slice(span).split_ascii_whitespace().any(is_removal);
            if is_alone && adds && !command.is_text && command.answers.is_empty() {
                plain.extend(from.line..=to.line);
            }
        }
        let says_nothing = |number: u32| {
            let line = source.slice(source.line(number)).trim_ascii();
            line.is_empty() || line.starts_with('#')
        };
        between.into_iter().all(|line| plain.contains(&line) || says_nothing(line))
            && !source.text().lines().any(ends)
    }

    /// Whether something that is not followed may load or remove rules, too.
    pub(super) fn is_in_part(&self) -> bool {
        !self.file.unread.is_empty()
    }
}

/// Whether a word of iptables, ipset or nft takes away what is there.
fn is_removal(word: &str) -> bool {
    matches!(
        word,
        "-F" | "--flush"
            | "-X"
            | "--delete-chain"
            | "-D"
            | "--delete"
            | "flush"
            | "delete"
            | "destroy"
            | "del"
    )
}

/// The options of a rule.
pub(super) fn options<'a>(file: &'a iptables::File, rule: &iptables::Rule) -> &'a [Opt] {
    let (start, end) = (rule.options.start as usize, rule.options.end as usize);
    file.options.get(start..end).unwrap_or_default()
}

/// What is told, in its order.
pub(super) fn told(file: &iptables::File) -> impl Iterator<Item = Told<'_>> {
    file.tables.iter().flat_map(|table| {
        let (kind, replaces) = (table.kind, !table.keeps);
        table.items.iter().map(move |item| Told { table: kind, item, replaces })
    })
}
