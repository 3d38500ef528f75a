//! Commands as a shell gives them, one after the other, and texts that `iptables-restore` reads in between.

use super::{
    Family, File, Item, Opt, Table, TableKind,
    file::Parse,
    words::{Unresolved, Word},
};
use crate::{
    source::Span,
    syntax::{Error, ErrorKind, Errors},
};
use rustc_hash::FxHashSet;

/// What reads them.
pub(in crate::syntax) struct Commands<'t> {
    parse: Parse<'t>,
    /// The chains declared so far, table by table.
    chains: [FxHashSet<&'t str>; 5],
}

/// Options that only say how a command waits and what it prints.
static PASSED_OVER: &[&str] =
    &["-w", "--wait", "-v", "--verbose", "-n", "--numeric", "-x", "--exact"];

impl<'t> Commands<'t> {
    pub(in crate::syntax) fn new(
        text: &'t str,
        family: Family,
        unresolved: &'t [Unresolved],
    ) -> Self {
        let mut parse = Parse::new(text, family);
        parse.reader.unresolved = unresolved;
        Self { parse, chains: Default::default() }
    }

    /// One command, without the program: `false` where a word that is not known keeps it from being read.
    pub(in crate::syntax) fn command<'w>(
        &mut self,
        line: Span,
        words: impl Iterator<Item = (&'w str, Span)>,
    ) -> bool {
        let words = words.map(|(text, span)| Word { text: text.to_owned().into(), span });
        let words = without_waiting(words.collect());
        let unknown = Unresolved::within(self.parse.reader.unresolved, line).next().is_some();
        let kind = match table(&words) {
            Some(word) => match TableKind::of(&word.text) {
                Some(kind) => kind,
                None if unknown => return false,
                None => {
                    let names = TableKind::ALL.into_iter().map(TableKind::name);
                    let suggestion = crate::syntax::error::nearest(&word.text, names);
                    let kind = ErrorKind::UnknownTable { suggestion };
                    self.parse.reader.errors.add(Error { span: word.span, kind });
                    return true;
                }
            },
            None => TableKind::Filter,
        };
        let reader = &mut self.parse.reader;
        reader.listing = true;
        reader.table = Some(kind);
        std::mem::swap(&mut reader.chains, &mut self.chains[kind as usize]);
        let item = reader.command(line, None, &words);
        let unread = match &item {
            Ok(Some(item)) => reader.is_unresolved(place(item)),
            Ok(None) => false,
            Err(_) => unknown,
        };
        std::mem::swap(&mut reader.chains, &mut self.chains[kind as usize]);
        match item {
            _ if unread => return false,
            Ok(Some(item)) => self.push(kind, item),
            Ok(None) => {}
            Err(error) => reader.errors.add(error),
        }
        true
    }

    fn push(&mut self, kind: TableKind, item: Item) {
        let tables = &mut self.parse.tables;
        if tables
            .last()
            .is_none_or(|last| last.kind != kind || !last.keeps || !last.name.is_empty())
        {
            let (name, items) = (Span::default(), Vec::new());
            tables.push(Table { name, kind, items, committed: true, keeps: true });
        }
        if let Some(last) = tables.last_mut() {
            last.items.push(item);
        }
    }

    /// A text for `iptables-restore`; whether what was loaded before stays.
    pub(in crate::syntax) fn restore(&mut self, text: Span, keeps: bool) {
        let before = self.parse.tables.len();
        (self.parse.reader.listing, self.parse.keeps) = (false, keeps);
        self.parse.lines_of(text);
        if let Some(span) = self.parse.leaves_open() {
            self.parse.reader.errors.add(Error { span, kind: ErrorKind::MissingCommit });
        }
        for table in &self.parse.tables[before..] {
            let chains = &mut self.chains[table.kind as usize];
            if !table.keeps {
                chains.clear();
            }
            for item in &table.items {
                if let Item::Chain(chain) = item
                    && let Some(name) = self.parse.reader.text.get(chain.name.range())
                {
                    chains.insert(name);
                }
            }
        }
    }

    pub(in crate::syntax) fn finish(self) -> (File, Errors, Vec<Span>) {
        let reader = self.parse.reader;
        let options: Vec<Opt> = reader.options;
        (File { tables: self.parse.tables, options }, reader.errors, reader.unread)
    }
}

/// The chain that a command is about.
fn place(item: &Item) -> Span {
    match item {
        Item::Chain(chain) => chain.policy.map_or(chain.name, |(_, span)| chain.name.to(span)),
        Item::Rule(rule) => rule.chain,
        Item::Flush { chain, .. } | Item::DeleteChain { chain, .. } => chain.unwrap_or_default(),
        Item::DeleteNumber { chain, .. } => *chain,
        Item::Rename { old, new, .. } => old.to(*new),
    }
}

/// The word behind `-t`.
fn table<'t>(words: &[Word<'t>]) -> Option<Word<'t>> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.text.as_ref() {
            "-t" | "--table" => return words.next().cloned(),
            text => {
                let inline = text.strip_prefix("--table=");
                if let Some(name) = inline {
                    return Some(Word { text: name.to_owned().into(), span: word.span });
                }
            }
        }
    }
    None
}

fn without_waiting(words: Vec<Word<'_>>) -> Vec<Word<'_>> {
    let mut kept = Vec::with_capacity(words.len());
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        let text = word.text.as_ref();
        if !PASSED_OVER.contains(&text) && !matches!(text, "-W" | "--wait-interval") {
            let attached = text.starts_with("--wait=")
                || text.starts_with("-w")
                    && text.len() > 2
                    && text[2..].bytes().all(|it| it.is_ascii_digit());
            if !attached {
                kept.push(word);
            }
            continue;
        }
        let takes = matches!(text, "-w" | "--wait" | "-W" | "--wait-interval");
        let number =
            |it: &Word<'_>| !it.text.is_empty() && it.text.bytes().all(|it| it.is_ascii_digit());
        if takes && words.peek().is_some_and(number) {
            words.next();
        }
    }
    kept
}
