//! The nftables files of a host, as lints look through them: what the tree holds, in the order of the file.

use super::{Context, Edit, Place, quote::quoted};
use crate::{
    lower::Input,
    model::ChainId,
    source::{SourceFile, Span},
    syntax::{
        FileKind,
        nft::{self, Chain, CommandKind, File, Item, Object, Set, TableRef, Verb, values},
    },
};

/// One of them.
#[derive(Clone, Copy)]
pub(super) struct NftFile<'a> {
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
pub(super) fn all<'a>(cx: &Context<'a>) -> impl Iterator<Item = NftFile<'a>> {
    cx.inputs.iter().filter_map(of)
}

/// A file, if it is one of them, or a script that speaks to nft.
pub(super) fn of<'a>(input: &Input<'a>) -> Option<NftFile<'a>> {
    let tree = input.parsed.nft()?;
    let (source, kind) = (input.source, input.parsed.kind);
    Some(NftFile { index: input.file, source, tree, kind })
}

impl<'a> NftFile<'a> {
    /// The words at `span`, without quotes around them.
    pub(super) fn text(&self, span: Span) -> &'a str {
        values::unquoted(self.source.slice(span))
    }

    /// `span` as a place of the host.
    pub(super) fn place(&self, span: Span) -> Place {
        Place { file: self.index, span }
    }

    /// What stands in the blocks of tables, each with its table.
    fn items(&self) -> impl Iterator<Item = (TableRef, &'a Item)> {
        self.tree.commands.iter().flat_map(|command| {
            let table = match &command.kind {
                CommandKind::Table(table) if makes(command.verb) => Some(table),
                _ => None,
            };
            table.into_iter().flat_map(|it| it.items.iter().map(move |item| (it.table, item)))
        })
    }

    /// The chains that it makes.
    pub(super) fn chains(&self) -> impl Iterator<Item = (TableRef, &'a Chain)> {
        let in_tables = self.items().filter_map(|(table, item)| match item {
            Item::Chain(chain) => Some((table, chain)),
            _ => None,
        });
        in_tables.chain(self.tree.commands.iter().filter_map(|command| match &command.kind {
            CommandKind::Chain { table, chain } if makes(command.verb) => Some((*table, chain)),
            _ => None,
        }))
    }

    /// The sets and maps that it makes.
    pub(super) fn sets(&self) -> impl Iterator<Item = (TableRef, &'a Set)> {
        let in_tables = self.items().filter_map(|(table, item)| match item {
            Item::Set(set) => Some((table, &**set)),
            _ => None,
        });
        in_tables.chain(self.tree.commands.iter().filter_map(|command| match &command.kind {
            CommandKind::Set { table, set } if makes(command.verb) => Some((*table, &**set)),
            _ => None,
        }))
    }

    /// The counters, quotas and the like that it makes.
    pub(super) fn objects(&self) -> impl Iterator<Item = (TableRef, &'a Object)> {
        let in_tables = self.items().filter_map(|(table, item)| match item {
            Item::Object(object) => Some((table, object)),
            _ => None,
        });
        in_tables.chain(self.tree.commands.iter().filter_map(|command| match &command.kind {
            CommandKind::Object { table, object } if makes(command.verb) => Some((*table, object)),
            _ => None,
        }))
    }

    /// The set or map that an element stands in, or that a command adds it to.
    pub(super) fn set_with(&self, element: Span) -> Option<&'a Set> {
        let holds = |it: Span| it.to(element) == it;
        let by_command = self.tree.commands.iter().find_map(|it| match &it.kind {
            CommandKind::Elements { table, set, .. } if holds(it.span) => Some((*table, *set)),
            _ => None,
        });
        let key =
            |table: TableRef, name: Span| (table.family, self.text(table.name), self.text(name));
        let mut sets = self.sets();
        let found = sets.find(|(table, set)| match by_command {
            Some((of, name)) => key(*table, set.name) == key(of, name),
            None => set.body.is_some_and(holds),
        });
        found.map(|(_, set)| set)
    }

    /// `text` written in the block of a set, in front of its elements or else first of all.
    pub(super) fn said_in(&self, set: &Set, text: &str) -> Option<Edit> {
        let body = set.body?;
        let elements = set.elements.first().and_then(|it| {
            let before = self.source.slice(Span::new(body.start, self.tree.expr(*it).span.start));
            let before = before.trim_ascii_end().strip_suffix('=')?.trim_ascii_end();
            before.strip_suffix("elements").map(str::len)
        });
        let first = || {
            let block = self.source.slice(body);
            let mut at = 1;
            loop {
                let rest = block.get(at..)?;
                at = block.len() - rest.trim_ascii_start().len();
                if !block[at..].starts_with('#') {
                    return Some(at);
                }
                at += block[at..].find('\n')?;
            }
        };
        let at = body.start + u32::try_from(elements.or_else(first)?).ok()?;
        Some(Edit::above(self.source, self.place(Span::new(at, at + 1)), text))
    }

    /// Whether it takes in files that were not read.
    pub(super) fn includes(&self) -> bool {
        self.tree.includes.iter().any(|it| !it.known)
    }

    /// The constants that `id` stands for, variables replaced, the elements and parts of it one by one.
    pub(super) fn constants(&self, id: nft::ExprId) -> Vec<nft::ExprId> {
        let mut constants = Vec::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            let Some(id) = self.tree.resolved(id) else { continue };
            match self.tree.expr(id).kind {
                nft::ExprKind::Set(elements) => {
                    open.extend(self.tree.elements(elements).iter().rev().map(|it| it.key));
                }
                nft::ExprKind::List(parts) => open.extend(self.tree.parts(parts).iter().rev()),
                _ => constants.push(id),
            }
        }
        constants
    }
}

/// Where an nftables file says at which hook a chain hangs.
pub(super) fn base_of(cx: &Context<'_>, chain: ChainId) -> Option<Span> {
    let (table, chain) = (cx.ruleset().table_of(chain), cx.ruleset().chain(chain));
    let file = all(cx).find(|file| file.index == chain.place.file)?;
    let is_it = |(of, it): &(TableRef, &Chain)| {
        of.family.name() == table.family.name()
            && file.text(of.name) == table.name
            && file.text(it.name) == chain.name
    };
    file.chains().filter(is_it).find_map(|(_, it)| it.base.as_ref().map(|base| base.span))
}

/// Whether a command of that verb makes what it names.
pub(super) const fn makes(verb: Verb) -> bool {
    matches!(verb, Verb::Add | Verb::Create)
}

/// A table as people write it: `inet filter`.
pub(super) fn table_name(file: &NftFile<'_>, table: TableRef) -> String {
    format!("{} {}", table.family.name(), file.text(table.name))
}

/// A chain with its table, in backticks.
pub(super) fn chain_name(cx: &Context<'_>, chain: ChainId) -> String {
    let table = cx.ruleset().table_of(chain);
    let name = &cx.ruleset().chain(chain).name;
    quoted(&format!("{} {} {name}", table.family.name(), table.name))
}
