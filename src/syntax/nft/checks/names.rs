//! What each table of the file holds, by name.

use crate::{
    source::Span,
    syntax::{
        error::nearest,
        nft::{
            error::ErrorKind,
            tree::{
                Chain, CommandKind, Family, File, Flowtable, Item, Object, ObjectKind, Set,
                StatementKind, TableRef, Target, Verb,
            },
        },
    },
};
use rustc_hash::{FxHashMap, FxHashSet};

/// Every table's names.
pub(super) struct Names<'f> {
    tables: FxHashMap<(Family, &'f str), Table<'f>>,
    /// Whether something outside the file may add to them.
    pub(super) open: bool,
    /// The sets that rules make, in whatever table.
    meters: FxHashSet<&'f str>,
}

/// One table's.
#[derive(Default)]
pub(super) struct Table<'f> {
    pub(super) chains: FxHashMap<&'f str, Vec<&'f Chain>>,
    pub(super) sets: FxHashMap<&'f str, &'f Set>,
    pub(super) objects: FxHashMap<(ObjectKind, &'f str), Span>,
    pub(super) flowtables: FxHashMap<&'f str, Span>,
}

impl<'f> Names<'f> {
    pub(super) fn of(text: &'f str, file: &'f File) -> Self {
        let open = file.includes.iter().any(|include| !include.known);
        let mut names = Self { tables: FxHashMap::default(), open, meters: FxHashSet::default() };
        let slice = |span: Span| text.get(span.range()).unwrap_or_default();
        for command in &file.commands {
            let makes = matches!(command.verb, Verb::Add | Verb::Create);
            match &command.kind {
                CommandKind::Wrong => names.open = true,
                CommandKind::Table(block) if makes => {
                    let table = names
                        .tables
                        .entry((block.table.family, slice(block.table.name)))
                        .or_default();
                    for item in &block.items {
                        table.item(&slice, item);
                    }
                }
                CommandKind::Chain { table, chain } if makes => {
                    names.table(&slice, *table).chain(&slice, chain);
                }
                CommandKind::Rename { table, new, .. } => {
                    names.table(&slice, *table).chains.entry(slice(*new)).or_default();
                }
                CommandKind::Set { table, set } if makes => {
                    names.table(&slice, *table).set(&slice, set);
                }
                CommandKind::Flowtable { table, flowtable } if makes => {
                    names.table(&slice, *table).flowtable(&slice, flowtable);
                }
                CommandKind::Object { table, object } if makes => {
                    names.table(&slice, *table).object(&slice, object);
                }
                _ => {}
            }
        }
        // A meter makes its set wherever it stands.
        let meters = file.statements.iter().filter_map(|statement| match &statement.kind {
            StatementKind::Meter(meter) => Some(slice(meter.name)),
            _ => None,
        });
        names.meters = meters.collect();
        names
    }

    fn table(&mut self, slice: &impl Fn(Span) -> &'f str, table: TableRef) -> &mut Table<'f> {
        self.tables.entry((table.family, slice(table.name))).or_default()
    }

    pub(super) fn get(&self, family: Family, name: &'f str) -> Option<&Table<'f>> {
        self.tables.get(&(family, name))
    }
}

impl<'f> Table<'f> {
    fn item(&mut self, slice: &impl Fn(Span) -> &'f str, item: &'f Item) {
        match item {
            Item::Chain(chain) => self.chain(slice, chain),
            Item::Set(set) => self.set(slice, set),
            Item::Flowtable(flowtable) => self.flowtable(slice, flowtable),
            Item::Object(object) => self.object(slice, object),
            Item::Include | Item::Define(_) | Item::Undefine(_) => {}
        }
    }

    fn chain(&mut self, slice: &impl Fn(Span) -> &'f str, chain: &'f Chain) {
        self.chains.entry(slice(chain.name)).or_default().push(chain);
    }

    fn set(&mut self, slice: &impl Fn(Span) -> &'f str, set: &'f Set) {
        self.sets.entry(slice(set.name)).or_insert(set);
    }

    fn flowtable(&mut self, slice: &impl Fn(Span) -> &'f str, flowtable: &'f Flowtable) {
        self.flowtables.insert(slice(flowtable.name), flowtable.name);
    }

    fn object(&mut self, slice: &impl Fn(Span) -> &'f str, object: &'f Object) {
        self.objects.insert((object.kind, slice(object.name)), object.name);
    }

    fn has(&self, target: Target, name: &str) -> bool {
        match target {
            Target::Chain => self.chains.contains_key(name),
            Target::Set | Target::Map => self.sets.contains_key(name),
            Target::Flowtable => self.flowtables.contains_key(name),
            Target::Object(kind) => self.objects.contains_key(&(kind, name)),
        }
    }

    fn similar(&self, target: Target, name: &str) -> Option<String> {
        let limit = (name.chars().count() / 3).clamp(1, 3);
        let mut names: Vec<&str> = match target {
            Target::Chain => self.chains.keys().copied().collect(),
            Target::Set | Target::Map => self.sets.keys().copied().collect(),
            Target::Flowtable => self.flowtables.keys().copied().collect(),
            Target::Object(kind) => {
                self.objects.keys().filter(|(it, _)| *it == kind).map(|(_, name)| *name).collect()
            }
        };
        names.sort_unstable();
        names.truncate(1000);
        names
            .into_iter()
            .filter(|it| it.len() <= 64 && name.len() <= 64)
            .map(|it| (strsim::damerau_levenshtein(name, it), it))
            .filter(|(distance, _)| *distance <= limit)
            .min()
            .map(|(_, it)| it.to_owned())
    }
}

impl<'f> super::Checker<'f> {
    /// Notes that `name` is nowhere in its table, unless something outside the file may hold it.
    pub(super) fn refer(&mut self, cx: &super::context::Context<'f>, target: Target, span: Span) {
        if self.names.open || !cx.closed {
            return;
        }
        let name = self.slice(span).trim_matches('"');
        let table = self.names.get(cx.family, cx.table);
        let is_meter =
            matches!(target, Target::Set | Target::Map) && self.names.meters.contains(name);
        if is_meter || table.is_some_and(|table| table.has(target, name)) {
            return;
        }
        let suggestion = table.and_then(|table| table.similar(target, name));
        self.add(span, ErrorKind::Undefined { target, suggestion });
    }

    /// The nearest of some words, unless there are errors enough.
    pub(super) fn nearest(
        &self,
        word: &str,
        candidates: impl Iterator<Item = &'static str>,
    ) -> Option<&'static str> {
        if self.errors.is_full() { None } else { nearest(word, candidates) }
    }
}
