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

    /// Whether something that is not followed may load or remove rules, too.
    pub(super) fn is_in_part(&self) -> bool {
        !self.file.unread.is_empty()
    }
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
