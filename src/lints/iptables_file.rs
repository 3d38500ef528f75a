//! The iptables files of a host, as lints look through them: rules and their options, in the order of the file.

use super::{Context, Place};
use crate::{
    source::{SourceFile, Span},
    syntax::{
        FileKind, Tree,
        iptables::{self, File, Item, Opt, Rule, extensions},
    },
};

/// One of them.
#[derive(Clone, Copy)]
pub(super) struct IptablesFile<'a> {
    /// Its index among the files of the run.
    pub(super) index: u32,
    /// Its text.
    pub(super) source: &'a SourceFile,
    /// What it says.
    pub(super) tree: &'a File,
    /// Where such a file comes from.
    pub(super) kind: FileKind,
}

/// Those of a host.
pub(super) fn all<'a>(cx: &Context<'a>) -> impl Iterator<Item = IptablesFile<'a>> {
    cx.inputs.iter().filter_map(|input| {
        let Tree::Iptables(tree) = &input.parsed.tree else { return None };
        let (source, kind) = (input.source, input.parsed.kind);
        Some(IptablesFile { index: input.file, source, tree, kind })
    })
}

impl<'a> IptablesFile<'a> {
    /// `span` as a place of the host.
    pub(super) fn place(&self, span: Span) -> Place {
        Place { file: self.index, span }
    }

    /// The rules that it adds, in its order.
    pub(super) fn rules(&self) -> impl Iterator<Item = &'a Rule> {
        let items = self.tree.tables.iter().flat_map(|table| &table.items);
        items.filter_map(|item| match item {
            Item::Rule(rule) if rule.place != iptables::Place::Delete => Some(rule),
            _ => None,
        })
    }

    /// The options of a rule, in the order written.
    pub(super) fn options(&self, rule: &Rule) -> &'a [Opt] {
        &self.tree.options[rule.options.start as usize..rule.options.end as usize]
    }

    /// The options within `line`.
    pub(super) fn options_within(&self, line: Span) -> &'a [Opt] {
        let at = |offset| self.tree.options.partition_point(|it| it.name.start < offset);
        &self.tree.options[at(line.start)..at(line.end)]
    }
}

/// The option's extension; an empty name for the core, none for one that nobody here knows.
pub(super) fn extension(option: &Opt) -> Option<&'static extensions::Extension> {
    extensions::ALL.get(usize::from(option.extension))
}

/// Whether it is the core option of that long name.
pub(super) fn is_core(option: &Opt, name: &str) -> bool {
    option.extension == extensions::CORE
        && extensions::option(option).is_some_and(|it| it.name == name)
}
