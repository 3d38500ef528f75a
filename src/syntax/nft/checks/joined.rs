//! Elements that several commands give one set: the loader refuses those that overlap as if they stood in one list.

use super::{Checker, context::Context, intervals};
use crate::syntax::nft::{
    error::ErrorKind,
    tree::{CommandKind, ExprId, Family, Item, Set, SetFlags, Subject, TableRef, Verb},
};
use rustc_hash::FxHashMap;

/// A set, by its table's family and name and its own name.
type Key<'f> = (Family, &'f str, &'f str);

/// What the commands so far have given a set.
#[derive(Default)]
struct Given {
    lists: Vec<ExprId>,
    /// Whether elements were taken out again: what is left is not computed.
    taken: bool,
}

/// Notes the first element of each set that overlaps one of another command.
pub(super) fn check(checker: &mut Checker<'_>) {
    let file = checker.file;
    let mut given: FxHashMap<Key<'_>, Given> = FxHashMap::default();
    // In the order of the file.
    let mut sets: Vec<(TableRef, Key<'_>)> = Vec::new();
    for command in &file.commands {
        let adds = matches!(command.verb, Verb::Add | Verb::Create);
        let removes = matches!(command.verb, Verb::Flush | Verb::Delete | Verb::Destroy);
        let key =
            |table: TableRef, name| (table.family, checker.slice(table.name), checker.slice(name));
        let mut add = |table: TableRef, set: &Set| {
            let known = given.entry(key(table, set.name)).or_default();
            known.lists.extend(&set.elements);
        };
        match &command.kind {
            CommandKind::Table(table) if adds => {
                for item in &table.items {
                    if let Item::Set(set) = item {
                        add(table.table, set);
                    }
                }
            }
            CommandKind::Set { table, set } if adds => add(*table, set),
            CommandKind::Set { table, set } if removes => {
                given.remove(&key(*table, set.name));
            }
            CommandKind::Elements { table, set, elements } => {
                let key = key(*table, *set);
                let known = given.entry(key).or_default();
                known.taken |= !adds;
                known.lists.push(*elements);
                sets.push((*table, key));
            }
            CommandKind::Table(table) if removes && command.verb != Verb::Flush => {
                let name = checker.slice(table.table.name);
                given.retain(|it, _| (it.0, it.1) != (table.table.family, name));
            }
            CommandKind::Broad { subject: Subject::Ruleset, .. } if removes => given.clear(),
            _ => {}
        }
    }
    for (table, key) in sets {
        // Each set once, whatever number of commands fills it.
        if let Some(given) = given.remove(&key)
            && !given.taken
            && given.lists.len() > 1
        {
            checker.joined(table, key, &given.lists);
        }
    }
}

impl<'f> Checker<'f> {
    fn joined(&mut self, table: TableRef, key: Key<'f>, lists: &[ExprId]) {
        let cx: Context<'f> = self.context(table, "", false);
        let known = self.names.get(key.0, key.1);
        let Some(set) = known.and_then(|table| table.sets.get(key.2).copied()) else { return };
        if !set.flags.contains(SetFlags::INTERVAL) || set.auto_merge {
            return;
        }
        let Some(declared) = &set.key else { return };
        let [Some(kind)] = self.declared(&cx, declared)[..] else { return };
        let mut all = Vec::new();
        for list in lists {
            self.gather(kind, *list, &mut all, 0);
        }
        let Some(clash) = intervals::clash(all, false) else { return };
        // Those of one list are refused already.
        let of_one_list = lists.iter().any(|list| {
            let list = self.file.resolved(*list).map(|id| self.file.expr(id).span);
            list.is_some_and(|it| it == it.to(clash.element).to(clash.other))
        });
        if !of_one_list {
            self.add(clash.element, ErrorKind::Overlap { other: clash.other });
        }
    }
}
