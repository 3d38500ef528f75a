//! The commands of a file, one after the other, as the kernel takes them.
//!
//! What is named by a handle is found where a listing says which handle it has; else nobody knows what the command does.

use super::set::{NamedSet, Part};
use crate::{
    lower::{Input, build::Builder},
    model::{Place, Subject},
    source::Span,
    syntax::nft::{
        self, Chain, Command, CommandKind, Family, File, Item, Rule, Set, Table, TableRef, Verb,
        values,
    },
};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// The rule set while the commands are read.
pub(super) struct Replay<'f> {
    pub(super) file: &'f File,
    pub(super) input: Input<'f>,
    tables: Vec<Standing<'f>>,
    /// Where each table is; one that is deleted leaves its place empty.
    index: FxHashMap<(Family, &'f str), usize>,
}

/// A table as it stands.
pub(super) struct Standing<'f> {
    pub(super) family: Family,
    pub(super) name: &'f str,
    pub(super) place: Span,
    pub(super) dormant: bool,
    pub(super) sets: FxHashMap<&'f str, NamedSet<'f>>,
    handle: Option<u64>,
    chains: Vec<StandingChain<'f>>,
    index: FxHashMap<&'f str, usize>,
    renamed: Vec<Renamed<'f>>,
}

/// A chain as it stands.
pub(super) struct StandingChain<'f> {
    pub(super) name: &'f str,
    pub(super) place: Span,
    pub(super) base: Option<&'f nft::BaseChain>,
    pub(super) policy: Option<nft::Policy>,
    /// Rules come at both ends.
    pub(super) rules: VecDeque<&'f Rule>,
    handle: Option<u64>,
}

/// What is written before `at` and says `old` means `new`.
struct Renamed<'f> {
    at: u32,
    old: &'f str,
    new: &'f str,
}

impl<'f> Replay<'f> {
    pub(super) fn new(file: &'f File, input: Input<'f>) -> Self {
        Self { file, input, tables: Vec::new(), index: FxHashMap::default() }
    }

    /// The tables that stand, in the order they came to be.
    pub(super) fn tables(&self) -> impl Iterator<Item = &Standing<'f>> {
        let stands = |index: &usize| self.index.get(&self.tables[*index].key()) == Some(index);
        (0..self.tables.len()).filter(stands).map(|index| &self.tables[index])
    }

    pub(super) fn text(&self, span: Span) -> &'f str {
        values::unquoted(self.input.source.slice(span))
    }

    pub(super) fn place(&self, span: Span) -> Place {
        Place { file: self.input.file, span }
    }

    pub(super) fn command(&mut self, command: &'f Command, builder: &mut Builder) {
        let script = self.input.parsed.script();
        let may_not_run = script.is_some_and(|it| !it.answers(command.span).is_empty());
        let known = match command.verb {
            // What is made may as well be there; what is taken away stays for the case that it does.
            Verb::Delete | Verb::Destroy | Verb::Flush | Verb::Rename | Verb::Replace
                if may_not_run =>
            {
                false
            }
            Verb::Add | Verb::Create | Verb::Insert | Verb::Replace => self.make(command),
            Verb::Delete | Verb::Destroy => self.remove(&command.kind),
            Verb::Flush => {
                self.flush(&command.kind);
                true
            }
            Verb::Rename => {
                self.rename(command);
                true
            }
            Verb::List | Verb::Get | Verb::Reset | Verb::Other => true,
        };
        if !known {
            builder.unknown(self.place(command.span), Subject::Command);
        }
    }

    /// Whether it is known what comes of it.
    fn make(&mut self, command: &'f Command) -> bool {
        match &command.kind {
            CommandKind::Table(table) => self.table(table),
            CommandKind::Chain { table, chain } => self.chain(*table, chain),
            CommandKind::Set { table, set } => self.set(*table, set),
            CommandKind::Rule { table, chain, place, rule } => {
                return self.rule(command.verb, *table, *chain, *place, rule);
            }
            CommandKind::Elements { table, set, elements } => {
                let name = self.text(*set);
                let set = self.standing(*table).sets.entry(name).or_default();
                set.parts.push(Part::Written(*elements));
            }
            _ => {}
        }
        true
    }

    /// Whether it is known what comes of it. What is not there in the text may be there on the host: no error.
    fn remove(&mut self, kind: &'f CommandKind) -> bool {
        match kind {
            CommandKind::Table(table) => {
                self.index.remove(&(table.table.family, self.text(table.table.name)));
            }
            CommandKind::Chain { table, chain } => {
                let name = (!chain.name.is_empty()).then(|| self.text(chain.name));
                let Some(table) = self.find(*table) else { return name.is_some() };
                return table.remove_chain(name, chain.handle);
            }
            CommandKind::Set { table, set } => {
                let name = (!set.name.is_empty()).then(|| self.text(set.name));
                let Some(table) = self.find(*table) else { return name.is_some() };
                return table.remove_set(name, set.handle);
            }
            CommandKind::RuleByPlace { table, chain, place } => {
                let Some(nft::Place::Handle(handle)) = place else { return false };
                let name = self.text(*chain);
                let chain = self.find(*table).and_then(|table| table.find(name));
                let Some(chain) = chain else { return false };
                let Some(at) = chain.with_handle(*handle) else { return false };
                chain.rules.remove(at);
            }
            CommandKind::Elements { table, set, elements } => {
                let name = self.text(*set);
                let set = self.standing(*table).sets.entry(name).or_default();
                set.parts.push(Part::TakenOut(*elements));
            }
            CommandKind::Broad { subject, family, table, handle: Some(handle) } => {
                return self.remove_by_handle(*subject, *family, *table, *handle);
            }
            _ => {}
        }
        true
    }

    fn remove_by_handle(
        &mut self,
        subject: nft::Subject,
        family: Option<Family>,
        table: Option<Span>,
        handle: u64,
    ) -> bool {
        let family = family.unwrap_or(Family::Ip);
        if subject == nft::Subject::Tables {
            let is = |it: &&Standing<'_>| it.family == family && it.handle == Some(handle);
            let key = self.tables().find(is).map(Standing::key);
            return key.and_then(|key| self.index.remove(&key)).is_some();
        }
        let found = table.and_then(|name| {
            let index = *self.index.get(&(family, self.text(name)))?;
            Some(&mut self.tables[index])
        });
        match subject {
            nft::Subject::Chains => {
                found.is_some_and(|table| table.remove_chain(None, Some(handle)))
            }
            nft::Subject::Sets | nft::Subject::Maps => {
                found.is_some_and(|table| table.remove_set(None, Some(handle)))
            }
            // Objects and flowtables decide about no packet.
            _ => true,
        }
    }

    fn flush(&mut self, kind: &'f CommandKind) {
        match kind {
            CommandKind::Table(table) => {
                if let Some(table) = self.find(table.table) {
                    table.chains.iter_mut().for_each(|chain| chain.rules.clear());
                }
            }
            CommandKind::Chain { table, chain } => {
                let name = self.text(chain.name);
                if let Some(chain) = self.find(*table).and_then(|table| table.find(name)) {
                    chain.rules.clear();
                }
            }
            CommandKind::Set { table, set } => {
                let name = self.text(set.name);
                if let Some(set) = self.find(*table).and_then(|table| table.sets.get_mut(name)) {
                    set.parts.clear();
                }
            }
            CommandKind::Broad { subject: nft::Subject::Ruleset, family, .. } => {
                self.index.retain(|(it, _), _| family.is_some_and(|family| family != *it));
            }
            _ => {}
        }
    }

    /// Rules go on naming the chain that they named.
    fn rename(&mut self, command: &'f Command) {
        let CommandKind::Rename { table, old, new } = &command.kind else { return };
        let (old, new) = (self.text(*old), self.text(*new));
        let Some(table) = self.find(*table) else { return };
        if let Some(index) = table.index.remove(old) {
            table.chains[index].name = new;
            table.index.insert(new, index);
            table.renamed.push(Renamed { at: command.span.start, old, new });
        }
    }

    fn find(&mut self, table: TableRef) -> Option<&mut Standing<'f>> {
        let index = *self.index.get(&(table.family, self.text(table.name)))?;
        Some(&mut self.tables[index])
    }

    fn standing(&mut self, table: TableRef) -> &mut Standing<'f> {
        let name = self.text(table.name);
        let tables = &mut self.tables;
        let index = *self.index.entry((table.family, name)).or_insert_with(|| {
            tables.push(Standing {
                family: table.family,
                name,
                place: table.name,
                dormant: false,
                sets: FxHashMap::default(),
                handle: None,
                chains: Vec::new(),
                index: FxHashMap::default(),
                renamed: Vec::new(),
            });
            tables.len() - 1
        });
        &mut self.tables[index]
    }

    fn table(&mut self, table: &'f Table) {
        let dormant = table.flags.iter().any(|flag| self.text(*flag) == "dormant");
        let standing = self.standing(table.table);
        standing.dormant |= dormant;
        standing.handle = table.handle.or(standing.handle);
        for item in &table.items {
            match item {
                Item::Chain(chain) => self.chain(table.table, chain),
                Item::Set(set) => self.set(table.table, set),
                Item::Include
                | Item::Flowtable(_)
                | Item::Object(_)
                | Item::Define(_)
                | Item::Undefine(_) => {}
            }
        }
    }

    fn set(&mut self, table: TableRef, set: &'f Set) {
        let body = set.body.unwrap_or_default();
        let unseen =
            |it: &nft::Include| !it.known && body.start < it.span.start && it.span.end < body.end;
        let partly = self.file.includes.iter().any(unseen);
        let name = self.text(set.name);
        let standing = self.standing(table).sets.entry(name).or_default();
        // The kernel keeps what was declared first.
        standing.declared.get_or_insert(set);
        standing.partly |= partly;
        standing.parts.extend(set.elements.iter().copied().map(Part::Written));
    }

    fn chain(&mut self, table: TableRef, chain: &'f Chain) {
        let rules = self.file.rules(chain.rules).iter();
        let standing = self.named_chain(table, chain.name);
        standing.base = chain.base.as_deref().or(standing.base);
        // A later policy wins, an omitted one keeps what was.
        standing.policy = chain.policy.or(standing.policy);
        standing.handle = chain.handle.or(standing.handle);
        standing.rules.extend(rules);
    }

    fn named_chain(&mut self, table: TableRef, name: Span) -> &mut StandingChain<'f> {
        let text = self.text(name);
        let table = self.standing(table);
        let chains = &mut table.chains;
        let index = *table.index.entry(text).or_insert_with(|| {
            chains.push(StandingChain {
                name: text,
                place: name,
                base: None,
                policy: None,
                rules: VecDeque::new(),
                handle: None,
            });
            chains.len() - 1
        });
        &mut table.chains[index]
    }

    fn rule(
        &mut self,
        verb: Verb,
        table: TableRef,
        chain: Span,
        place: Option<nft::Place>,
        rule: &'f Rule,
    ) -> bool {
        let chain = self.named_chain(table, chain);
        let at = match place {
            None => None,
            Some(nft::Place::Index(index)) => {
                let index = usize::try_from(index).unwrap_or(usize::MAX);
                Some(index).filter(|index| *index < chain.rules.len())
            }
            Some(nft::Place::Handle(handle)) => {
                let at = chain.with_handle(handle);
                if at.is_none() {
                    return false;
                }
                at
            }
        };
        match (verb, at) {
            (Verb::Replace, Some(at)) => chain.rules[at] = rule,
            // Refused, and said so.
            (Verb::Replace, None) => {}
            (Verb::Insert, Some(at)) => chain.rules.insert(at, rule),
            (_, Some(at)) => chain.rules.insert(at + 1, rule),
            (Verb::Insert, None) if place.is_none() => chain.rules.insert(0, rule),
            (_, None) => chain.rules.push_back(rule),
        }
        // A place behind the last rule of the text is one among rules that stand elsewhere.
        place.is_none() || at.is_some()
    }
}

impl<'f> Standing<'f> {
    fn key(&self) -> (Family, &'f str) {
        (self.family, self.name)
    }

    /// The chains that stand, in the order they came to be.
    pub(super) fn chains(&self) -> impl Iterator<Item = &StandingChain<'f>> {
        let stands = |index: &usize| self.index.get(self.chains[*index].name) == Some(index);
        (0..self.chains.len()).filter(stands).map(|index| &self.chains[index])
    }

    /// What the chain is called now that something written at `at` calls `name`.
    pub(super) fn current_name<'n>(&'n self, name: &'n str, at: u32) -> &'n str {
        let mut name = name;
        for renamed in &self.renamed {
            if renamed.at > at && renamed.old == name {
                name = renamed.new;
            }
        }
        name
    }

    fn find(&mut self, name: &str) -> Option<&mut StandingChain<'f>> {
        let index = *self.index.get(name)?;
        Some(&mut self.chains[index])
    }

    /// Whether the chain is known; one that is not in the text is none of it.
    fn remove_chain(&mut self, name: Option<&str>, handle: Option<u64>) -> bool {
        let listed = || self.chains().find(|it| it.handle == handle).map(|it| it.name);
        let Some(name) = name.or_else(listed) else { return false };
        self.index.remove(name);
        true
    }

    fn remove_set(&mut self, name: Option<&str>, handle: Option<u64>) -> bool {
        if let Some(name) = name {
            self.sets.remove(name);
            return true;
        }
        let before = self.sets.len();
        self.sets.retain(|_, set| set.declared.and_then(|set| set.handle) != handle);
        self.sets.len() < before
    }
}

impl StandingChain<'_> {
    /// Where the rule is that a listing says to have this handle.
    fn with_handle(&self, handle: u64) -> Option<usize> {
        self.rules.iter().position(|rule| rule.handle.map(u64::from) == Some(handle))
    }
}
