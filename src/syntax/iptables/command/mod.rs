//! One line of a table: a command and its options, in any order.

mod arguments;
mod options;

pub(super) use arguments::{name_too_long, policy};

use super::{
    Chain, Family, Item, Opt, Place, Rule, TableKind,
    checks::{self, Loaded},
    extensions::{CORE, Core, UNKNOWN, index},
    words::{Unresolved, Word},
};
use crate::{
    source::Span,
    syntax::{Error, ErrorKind, Errors, Limit},
};
use rustc_hash::FxHashSet;

/// The most words the loader takes, its own three (program, `-t`, table) not counted.
const MOST_WORDS: usize = 251;

/// The longest name of a chain or target.
pub(super) const LONGEST_NAME: usize = 28;

/// The words that `-t` takes.
static TABLES: &[&str] = &["filter", "nat", "raw", "mangle", "security"];

/// What a line may depend on.
pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) family: Family,
    /// `None` while an `-S` listing does not say which table it shows.
    pub(super) table: Option<TableKind>,
    /// Whether there is no `*table` line, so that `-t` may name the table.
    pub(super) listing: bool,
    /// What `-t` names on this line.
    pub(super) named_table: Option<TableKind>,
    /// The chains declared so far in this table.
    pub(super) chains: FxHashSet<&'t str>,
    /// The options of all rules.
    pub(super) options: Vec<Opt>,
    pub(super) errors: Errors,
    /// The words of a script with something unknown in them, in their order.
    pub(super) unresolved: &'t [Unresolved],
    /// The lines that such words keep from being read.
    pub(super) unread: Vec<Span>,
    /// The tables that admit everything a listing has shown so far, one bit each.
    pub(super) admitting: u8,
    loaded: Vec<u16>,
    details: Vec<Loaded>,
}

/// What was read of a line so far.
#[derive(Debug, Default)]
struct Draft<'t> {
    command: Option<(Core, Span)>,
    chain: Option<Word<'t>>,
    /// `-E`'s new name or `-P`'s policy.
    second: Option<Word<'t>>,
    number: Option<u32>,
    packets: Option<u64>,
    /// A core option that rules alone have, for the error beside `-N` and its like.
    rule_option: Option<Span>,
    listing_option: Option<Span>,
    protocol: Option<(u8, bool)>,
    /// The name after `-p` until its match is loaded.
    to_load: Option<&'static str>,
    jump: Option<Span>,
    /// Whether an extension nobody knows was asked for; the target only if no chain is called so.
    unknown: bool,
    /// Bits of the core options given.
    seen: u16,
    skipped: bool,
}

/// An option as it stands on the line, before it is known what it is.
#[derive(Debug)]
struct Written<'t> {
    /// The `!` before it.
    negation: Option<Span>,
    /// Its letters, dashes included.
    name: Span,
    /// A value in the same word.
    inline: Option<Word<'t>>,
}

impl Written<'_> {
    /// From the `!` to the end of the name.
    fn span(&self) -> Span {
        self.negation.map_or(self.name, |negation| negation.to(self.name))
    }
}

/// The words of one line, consumed from the left.
struct Cursor<'a, 't> {
    words: &'a [Word<'t>],
    at: usize,
    end: Span,
}

impl<'a, 't> Cursor<'a, 't> {
    fn next(&mut self) -> Option<&'a Word<'t>> {
        let word = self.words.get(self.at)?;
        self.at += 1;
        Some(word)
    }

    fn peek(&self) -> Option<&'a Word<'t>> {
        self.words.get(self.at)
    }

    /// Whether a word follows that could be a further argument of a command.
    fn argument_follows(&self) -> bool {
        self.peek().is_some_and(|word| !word.text.starts_with(['-', '!']))
    }
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str, family: Family) -> Self {
        Self {
            text,
            family,
            table: None,
            listing: false,
            named_table: None,
            chains: FxHashSet::default(),
            options: Vec::new(),
            errors: Errors::default(),
            unresolved: &[],
            unread: Vec::new(),
            admitting: !0,
            loaded: Vec::new(),
            details: Vec::new(),
        }
    }

    /// One that reads other lines of the same table.
    pub(super) fn beside(&self) -> Self {
        Self {
            table: self.table,
            listing: self.listing,
            chains: self.chains.clone(),
            unresolved: self.unresolved,
            ..Self::new(self.text, self.family)
        }
    }

    /// Adds what one that read the lines behind found.
    pub(super) fn join(&mut self, other: Self) {
        self.errors.append(other.errors);
        self.unread.extend(other.unread);
        self.options.extend(other.options);
    }

    /// Whether a word with something unknown in it stands at `span`.
    pub(super) fn is_unresolved(&self, span: Span) -> bool {
        Unresolved::within(self.unresolved, span).next().is_some()
    }

    /// Whether the word there may be no word or several.
    pub(super) fn is_open(&self, span: Span) -> bool {
        Unresolved::within(self.unresolved, span).any(|it| it.open)
    }

    /// Notes what is wrong with a line, unless something unknown in it may be why.
    pub(super) fn refused(&mut self, error: Error) {
        let line = line_around(self.text, error.span);
        if self.is_unresolved(line) {
            self.unread.push(line);
        } else {
            self.errors.add(error);
        }
    }

    // rule := counters? command option*
    pub(super) fn command(
        &mut self,
        line: Span,
        packets: Option<u64>,
        words: &[Word<'t>],
    ) -> Result<Option<Item>, Error> {
        let first = self.options.len();
        let item = self.line(line, packets, words, first);
        if !matches!(item, Ok(Some(Item::Rule(_)))) {
            self.options.truncate(first);
        }
        item
    }

    fn line(
        &mut self,
        line: Span,
        packets: Option<u64>,
        words: &[Word<'t>],
        first: usize,
    ) -> Result<Option<Item>, Error> {
        if let Some(word) = words.get(MOST_WORDS) {
            let written = u32::try_from(words.len()).unwrap_or(u32::MAX);
            let limit = u32::try_from(MOST_WORDS).unwrap_or(u32::MAX);
            let kind =
                ErrorKind::LimitExceeded(Limit { what: "words", limit, written, truncated: false });
            return Err(Error { span: word.span, kind });
        }
        self.loaded.clear();
        self.details.clear();
        self.named_table = None;
        let mut draft = Draft { packets, ..Draft::default() };
        let mut cursor = Cursor { words, at: 0, end: Span::new(line.end, line.end) };
        self.options(&mut draft, &mut cursor)?;
        if draft.skipped {
            return Ok(None);
        }
        self.finish(line, draft, first)
    }

    // option* ; "--" ends them, and nothing may follow it
    fn options(&mut self, draft: &mut Draft<'t>, cursor: &mut Cursor<'_, 't>) -> Result<(), Error> {
        let mut negation: Option<Span> = None;
        while let Some(word) = cursor.next() {
            let (text, span) = (word.text.clone(), word.span);
            if text == "!" {
                if negation.is_some() {
                    return Err(Error { span, kind: ErrorKind::DoubleNegation });
                }
                negation = Some(span);
                continue;
            }
            if text == "--" {
                let Some(extra) = cursor.next() else { break };
                return Err(Error { span: extra.span, kind: ErrorKind::UnexpectedWord });
            }
            if let Some(name) = text.strip_prefix("--") {
                self.long(draft, cursor, (negation, span), name)?;
            } else if text.len() > 1 && text.starts_with('-') {
                self.cluster(draft, cursor, (negation, span), &text)?;
            } else if self.is_unresolved(span) {
                let (negated, end) = (negation.is_some(), Span::new(span.end, span.end));
                self.options.push(Opt {
                    extension: UNKNOWN,
                    option: 0,
                    negated,
                    name: span,
                    value: end,
                });
            } else {
                return Err(Error { span, kind: ErrorKind::UnexpectedWord });
            }
            negation = None;
            if draft.skipped {
                return Ok(());
            }
        }
        match negation {
            Some(span) => Err(Error { span, kind: ErrorKind::DanglingNegation }),
            None => Ok(()),
        }
    }

    fn finish(
        &mut self,
        line: Span,
        draft: Draft<'t>,
        first: usize,
    ) -> Result<Option<Item>, Error> {
        let Some((command, span)) = draft.command else {
            return Err(Error { span: line, kind: ErrorKind::NoCommand });
        };
        if let Some(span) = draft.listing_option
            && command != Core::List
        {
            return Err(Error { span, kind: ErrorKind::NotWithCommand });
        }
        let place = match command {
            Core::Append => Some(Place::Append),
            Core::Insert => Some(Place::Insert(draft.number.unwrap_or(1))),
            Core::Replace => Some(Place::Replace(draft.number.unwrap_or(1))),
            Core::Delete if draft.number.is_none() => Some(Place::Delete),
            // Only asks; what it asks about must be well formed all the same.
            Core::Check => Some(Place::Delete),
            _ => None,
        };
        let chain = draft.chain.as_ref().map(|chain| chain.span);
        let Some(place) = place else {
            if let Some(span) = draft.rule_option {
                return Err(Error { span, kind: ErrorKind::NotWithCommand });
            }
            return self.other(line, command, span, draft);
        };
        let chain = chain.unwrap_or(span);
        let facts = checks::Rule {
            text: self.text,
            family: self.family,
            table: self.named_table.or(self.table),
            chain: draft.chain.as_ref().map_or("", |chain| chain.text.as_ref()),
            protocol: draft.protocol,
            jump: draft.jump,
            declared: draft.chain.as_ref().is_some_and(|it| self.chains.contains(it.text.as_ref())),
            chain_span: chain,
            options: &self.options[first..],
        };
        let admitting = match checks::rule(&facts, &self.details) {
            // What is not known may be what is missed.
            Err(_) if self.is_unresolved(line) => !0,
            checked => checked?,
        };
        if self.named_table.is_none() {
            self.admitting &= admitting;
        }
        if command == Core::Replace {
            one_rule(self.text, facts.options)?;
        }
        if command == Core::Check {
            return Ok(None);
        }
        let range = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let options = range(first)..range(self.options.len());
        Ok(Some(Item::Rule(Rule { line, chain, place, options, packets: draft.packets })))
    }

    /// Every command that is not about a rule.
    fn other(
        &mut self,
        line: Span,
        command: Core,
        span: Span,
        draft: Draft<'t>,
    ) -> Result<Option<Item>, Error> {
        let chain = draft.chain.as_ref().map(|chain| chain.span);
        let name = chain.unwrap_or(span);
        Ok(match command {
            Core::Flush => Some(Item::Flush { line, chain }),
            Core::DeleteChain => Some(Item::DeleteChain { line, chain }),
            Core::Delete => {
                Some(Item::DeleteNumber { line, chain: name, number: draft.number.unwrap_or(1) })
            }
            Core::Rename => draft.second.map(|new| Item::Rename { line, old: name, new: new.span }),
            Core::NewChain => {
                self.declare(name);
                Some(Item::Chain(Chain { line, name, policy: None, command: true, packets: None }))
            }
            Core::Policy => {
                let chain = draft.chain.as_ref().map_or("", |chain| chain.text.as_ref());
                let admitting = checks::policy(chain, name, self.named_table.or(self.table))?;
                if self.named_table.is_none() {
                    self.admitting &= admitting;
                }
                let Some(word) = draft.second else { return Ok(None) };
                let policy = Some((policy(&word.text, word.span)?, word.span));
                if word.text == "DROP" && self.table == Some(TableKind::Nat) {
                    let kind = ErrorKind::WrongTable { tables: checks::NOT_NAT };
                    return Err(Error { span: word.span, kind });
                }
                Some(Item::Chain(Chain {
                    line,
                    name,
                    policy,
                    command: true,
                    packets: draft.packets,
                }))
            }
            _ => None,
        })
    }

    pub(super) fn declare(&mut self, name: Span) {
        if let Some(name) = self.text.get(name.range()) {
            self.chains.insert(name);
        }
    }
}

/// The line that holds `span`.
fn line_around(text: &str, span: Span) -> Span {
    let (start, end) = (span.start as usize, span.end as usize);
    let before = text.get(..start).and_then(|it| it.rfind('\n')).map_or(0, |at| at + 1);
    let after = text.get(end..).and_then(|it| it.find('\n')).map_or(text.len(), |at| end + at);
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(before), offset(after))
}

/// A list of addresses stands for as many rules, and only one can take another's place.
fn one_rule(text: &str, options: &[Opt]) -> Result<(), Error> {
    let addresses = |option: &&Opt| {
        option.extension == CORE && matches!(option.option, index::SOURCE | index::DESTINATION)
    };
    let lists =
        |option: &&Opt| text.get(option.value.range()).is_some_and(|value| value.contains(','));
    match options.iter().filter(addresses).find(lists) {
        Some(option) => Err(Error { span: option.value, kind: ErrorKind::NotWithCommand }),
        None => Ok(()),
    }
}
