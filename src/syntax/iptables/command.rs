//! One line of a table: a command and its options, in any order.

use super::{
    Chain, Family, Item, Opt, Place, Policy, Rule, TableKind,
    checks::{self, Loaded, refused, refused_pair},
    extensions::{self, ALL, CORE, Core, Kind, UNKNOWN, Value, index},
    lookup::{self, Found},
    values,
    words::Word,
};
use crate::{
    source::Span,
    syntax::{Error, ErrorKind, Errors, Expected, Limit, error::nearest},
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
            admitting: !0,
            loaded: Vec::new(),
            details: Vec::new(),
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
                self.long(draft, cursor, negation, name, span)?;
            } else if text.len() > 1 && text.starts_with('-') {
                self.cluster(draft, cursor, negation, &text, span)?;
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

    // long := "--" name ("=" value)?
    fn long(
        &mut self,
        draft: &mut Draft<'t>,
        cursor: &mut Cursor<'_, 't>,
        negation: Option<Span>,
        name: &str,
        span: Span,
    ) -> Result<(), Error> {
        let (name, inline) = match name.split_once('=') {
            Some((name, value)) => {
                let at = span.end - u32::try_from(value.len()).unwrap_or(0);
                (
                    name,
                    Some(Word {
                        text: value.to_owned().into(),
                        span: Span::new(at.max(span.start), span.end),
                    }),
                )
            }
            None => (name, None),
        };
        let mut found = lookup::long(name, &self.loaded);
        if matches!(found, Err(ErrorKind::UnknownOption { .. }))
            && let Some(extension) = self.match_of_protocol(draft)
        {
            self.load(extension, span);
            found = lookup::long(name, &self.loaded);
        }
        match found {
            Ok(Found::Core(core)) => self.core(draft, cursor, negation, core, span, inline),
            Ok(Found::Loaded { instance, option }) => {
                self.extension(cursor, negation, (instance, option), span, inline)
            }
            Err(_) if self.may_be_unknown(draft) => {
                self.unknown(cursor, negation, span, inline);
                Ok(())
            }
            Err(kind) => Err(Error { span, kind }),
        }
    }

    // cluster := "-" letter+ value?
    fn cluster(
        &mut self,
        draft: &mut Draft<'t>,
        cursor: &mut Cursor<'_, 't>,
        negation: Option<Span>,
        text: &str,
        span: Span,
    ) -> Result<(), Error> {
        for (at, letter) in text.bytes().enumerate().skip(1) {
            let Some(core) = lookup::short(letter) else {
                if at == 1 && self.may_be_unknown(draft) {
                    self.unknown(cursor, negation, span, None);
                    return Ok(());
                }
                return Err(Error { span, kind: ErrorKind::UnknownOption { suggestion: None } });
            };
            let attached = &text[at + 1..];
            if attached.is_empty() || !takes_value(core) {
                self.core(draft, cursor, negation, core, span, None)?;
                continue;
            }
            let start = span.end - u32::try_from(attached.len()).unwrap_or(0);
            let value = Word { text: attached.to_owned().into(), span: Span::new(start, span.end) };
            let name = Span::new(span.start, start);
            return self.core(draft, cursor, negation, core, name, Some(value));
        }
        Ok(())
    }

    /// The match that `-p` would load if an option is not known without it.
    fn match_of_protocol(&self, draft: &mut Draft<'t>) -> Option<u16> {
        let name = draft.to_load.take()?;
        let extension = extensions::find(Kind::Match, name, self.family)?;
        (!self.loaded.contains(&extension)).then_some(extension)
    }

    fn may_be_unknown(&self, draft: &Draft<'t>) -> bool {
        draft.unknown
            || draft.jump.is_some_and(|span| {
                let name = values::unquoted(self.text.get(span.range()).unwrap_or_default());
                let known = is_verdict(&name)
                    || extensions::find(Kind::Target, &name, self.family).is_some();
                !known && !self.chains.contains(name.as_ref())
            })
    }

    /// The extension of that name; an error where the other family alone has it.
    fn find(&self, kind: Kind, name: &str, span: Span) -> Result<Option<u16>, Error> {
        let found = extensions::find(kind, name, self.family);
        let other = if self.family == Family::V4 { Family::V6 } else { Family::V4 };
        if found.is_none() && extensions::find(kind, name, other).is_some() {
            return Err(Error { span, kind: ErrorKind::WrongFamily { family: other } });
        }
        Ok(found)
    }

    fn load(&mut self, extension: u16, name: Span) {
        self.loaded.push(extension);
        self.details.push(Loaded { extension, seen: 0, name });
    }

    // unknown := "!"? name value* ; up to the next word that starts with "-", or "!"
    fn unknown(
        &mut self,
        cursor: &mut Cursor<'_, 't>,
        negation: Option<Span>,
        span: Span,
        inline: Option<Word<'t>>,
    ) {
        let mut value = inline.map(|word| word.span);
        while let Some(word) = cursor.peek() {
            if word.text == "!" || (word.text.len() > 1 && word.text.starts_with('-')) {
                break;
            }
            value = Some(value.map_or(word.span, |value| value.to(word.span)));
            cursor.at += 1;
        }
        self.options.push(Opt {
            extension: UNKNOWN,
            option: 0,
            negated: negation.is_some(),
            name: negation.map_or(span, |negation| negation.to(span)),
            value: value.unwrap_or(Span::new(span.end, span.end)),
        });
    }

    fn extension(
        &mut self,
        cursor: &mut Cursor<'_, 't>,
        negation: Option<Span>,
        (instance, option): (usize, u16),
        span: Span,
        inline: Option<Word<'t>>,
    ) -> Result<(), Error> {
        let extension = self.loaded[instance];
        let spec = &ALL[usize::from(extension)].options[usize::from(option)];
        if let Some(family) = spec.family
            && family != self.family
        {
            return Err(Error { span, kind: ErrorKind::WrongFamily { family } });
        }
        if let Some(negation) = negation
            && !spec.negatable
        {
            return Err(Error { span: negation.to(span), kind: ErrorKind::NotNegatable });
        }
        let bit = 1 << option;
        if self.details[instance].seen & bit != 0 && !spec.repeatable {
            return Err(Error { span, kind: ErrorKind::OptionTwice });
        }
        self.details[instance].seen |= bit;
        let value = self.value(cursor, &spec.value, spec.negatable, span, inline)?;
        self.options.push(Opt {
            extension,
            option,
            negated: negation.is_some(),
            name: negation.map_or(span, |negation| negation.to(span)),
            value,
        });
        Ok(())
    }

    /// Takes the words of a value and checks them.
    fn value(
        &mut self,
        cursor: &mut Cursor<'_, 't>,
        value: &Value,
        negatable: bool,
        name: Span,
        inline: Option<Word<'t>>,
    ) -> Result<Span, Error> {
        if let Value::Optional(_, accepts) = value {
            let Some(word) = cursor.peek().filter(|word| accepts(&word.text)) else {
                return Ok(Span::new(name.end, name.end));
            };
            let span = word.span;
            cursor.at += 1;
            return Ok(span);
        }
        let words = value.words();
        if words == 0 {
            return match inline {
                Some(inline) => Err(Error { span: inline.span, kind: ErrorKind::UnexpectedValue }),
                None => Ok(Span::new(name.end, name.end)),
            };
        }
        let family = self.family;
        let missing = |cursor: &Cursor<'_, 't>| Error {
            span: if name.is_empty() { cursor.end } else { name },
            kind: ErrorKind::MissingValue(value.expected(family)),
        };
        let word = match inline {
            Some(word) => word,
            None => cursor.next().cloned().ok_or_else(|| missing(cursor))?,
        };
        if negatable
            && word.text == "!"
            && cursor.peek().is_some_and(|next| !next.text.starts_with('-'))
        {
            return Err(Error { span: word.span, kind: ErrorKind::OldNegation });
        }
        if words == 2 {
            if !cursor.argument_follows() {
                return Err(missing(cursor));
            }
            let second = cursor.next().cloned().ok_or_else(|| missing(cursor))?;
            if let Some(error) = refused_pair(value, &word, &second) {
                return Err(error);
            }
            return Ok(word.span.to(second.span));
        }
        match refused(value, &word.text, family) {
            Some(ErrorKind::LimitExceeded(limit)) if limit.truncated => {
                self.errors.add(Error { span: word.span, kind: ErrorKind::LimitExceeded(limit) });
            }
            Some(kind) => return Err(Error { span: word.span, kind }),
            None => {}
        }
        Ok(word.span)
    }

    fn core(
        &mut self,
        draft: &mut Draft<'t>,
        cursor: &mut Cursor<'_, 't>,
        negation: Option<Span>,
        core: Core,
        span: Span,
        inline: Option<Word<'t>>,
    ) -> Result<(), Error> {
        if let Core::Option(option) = core {
            return self.core_option(draft, cursor, negation, option, span, inline);
        }
        if let Some(negation) = negation {
            return Err(Error { span: negation.to(span), kind: ErrorKind::NotNegatable });
        }
        match core {
            Core::Option(_) | Core::Verbose => Ok(()),
            Core::Family(family) => {
                draft.skipped = family != self.family;
                Ok(())
            }
            Core::Listing => {
                draft.listing_option = Some(span);
                Ok(())
            }
            Core::Table if self.listing => {
                let word = argument(cursor, inline, span, Expected::OneOf(TABLES))?;
                let kind = ErrorKind::UnknownTable {
                    suggestion: nearest(&word.text, TABLES.iter().copied()),
                };
                self.named_table =
                    Some(TableKind::of(&word.text).ok_or(Error { span: word.span, kind })?);
                Ok(())
            }
            Core::Table | Core::Refused => Err(Error { span, kind: ErrorKind::NotWithCommand }),
            Core::Help => {
                draft.skipped = true;
                Ok(())
            }
            Core::Modprobe => {
                let _ = argument(cursor, inline, span, Expected::Text)?;
                Ok(())
            }
            Core::Counters => {
                draft.packets = Some(counters(cursor, inline, span)?);
                Ok(())
            }
            _ => start(draft, cursor, core, span, inline),
        }
    }

    fn core_option(
        &mut self,
        draft: &mut Draft<'t>,
        cursor: &mut Cursor<'_, 't>,
        negation: Option<Span>,
        option: u16,
        span: Span,
        inline: Option<Word<'t>>,
    ) -> Result<(), Error> {
        let spec = &ALL[usize::from(CORE)].options[usize::from(option)];
        if let Some(family) = spec.family
            && family != self.family
        {
            return Err(Error { span, kind: ErrorKind::WrongFamily { family } });
        }
        if let Some(negation) = negation
            && !spec.negatable
        {
            return Err(Error { span: negation.to(span), kind: ErrorKind::NotNegatable });
        }
        // `-g` is a jump, too.
        let bit = 1u16 << if option == index::GOTO { index::JUMP } else { option };
        if draft.seen & bit != 0 && !spec.repeatable {
            return Err(Error { span, kind: ErrorKind::OptionTwice });
        }
        draft.seen |= bit;
        draft.rule_option.get_or_insert(span);
        let value = self.value(cursor, &spec.value, spec.negatable, span, inline)?;
        self.options.push(Opt {
            extension: CORE,
            option,
            negated: negation.is_some(),
            name: negation.map_or(span, |negation| negation.to(span)),
            value,
        });
        let word = values::unquoted(self.text.get(value.range()).unwrap_or_default());
        match option {
            index::SOURCE | index::DESTINATION if negation.is_some() && word.contains(',') => {
                Err(Error { span: value, kind: ErrorKind::NegatedList })
            }
            index::PROTOCOL => {
                let number = values::protocol(&word).unwrap_or(0);
                if number == 0 && negation.is_some() {
                    return Err(Error { span: value, kind: ErrorKind::NeverMatches });
                }
                draft.protocol = Some((number, negation.is_some()));
                draft.to_load = match values::protocol_name(number) {
                    Some("ipv6-icmp") => Some("icmp6"),
                    name => name,
                };
                Ok(())
            }
            index::MATCH => {
                match self.find(Kind::Match, &word, value)? {
                    Some(extension) => self.load(extension, value),
                    None => draft.unknown = true,
                }
                Ok(())
            }
            index::JUMP => {
                draft.jump = Some(value);
                if !is_verdict(&word)
                    && !self.chains.contains(word.as_ref())
                    && let Some(extension) = self.find(Kind::Target, &word, value)?
                {
                    self.load(extension, value);
                }
                Ok(())
            }
            _ => Ok(()),
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
        let admitting = checks::rule(&facts, &self.details)?;
        if self.named_table.is_none() {
            self.admitting &= admitting;
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
            Core::Flush => Some(Item::Flush { chain }),
            Core::DeleteChain => Some(Item::DeleteChain { chain }),
            Core::Delete => {
                Some(Item::DeleteNumber { chain: name, number: draft.number.unwrap_or(1) })
            }
            Core::Rename => draft.second.map(|new| Item::Rename { old: name, new: new.span }),
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

/// Reads a policy.
pub(super) fn policy(text: &str, span: Span) -> Result<Policy, Error> {
    match text {
        "ACCEPT" => Ok(Policy::Accept),
        "DROP" => Ok(Policy::Drop),
        _ => {
            let suggestion = nearest(text, ["ACCEPT", "DROP"].into_iter());
            Err(Error { span, kind: ErrorKind::UnknownPolicy { suggestion } })
        }
    }
}

fn is_verdict(name: &str) -> bool {
    matches!(name, "ACCEPT" | "DROP" | "RETURN" | "QUEUE")
}

fn takes_value(core: Core) -> bool {
    match core {
        Core::Option(option) => option != index::FRAGMENT,
        Core::Family(_) | Core::Verbose | Core::Listing => false,
        _ => true,
    }
}

/// Takes the arguments of a command.
fn start<'t>(
    draft: &mut Draft<'t>,
    cursor: &mut Cursor<'_, 't>,
    command: Core,
    span: Span,
    inline: Option<Word<'t>>,
) -> Result<(), Error> {
    if draft.command.is_some() {
        return Err(Error { span, kind: ErrorKind::SecondCommand });
    }
    draft.command = Some((command, span));
    let optional = matches!(command, Core::Flush | Core::DeleteChain | Core::Zero | Core::List);
    if optional && inline.is_none() && !cursor.argument_follows() {
        return Ok(());
    }
    let chain = argument(cursor, inline, span, Expected::ChainName)?;
    if chain.text.len() > LONGEST_NAME {
        return Err(Error { span: chain.span, kind: name_too_long("chain name", &chain.text) });
    }
    let new = match command {
        Core::Rename | Core::Policy => {
            let expected = if command == Core::Policy {
                Expected::OneOf(&["ACCEPT", "DROP"])
            } else {
                Expected::ChainName
            };
            if !cursor.argument_follows() {
                return Err(Error { span, kind: ErrorKind::MissingValue(expected) });
            }
            draft.second = Some(argument(cursor, None, span, expected)?);
            draft.second.as_ref().filter(|_| command == Core::Rename)
        }
        Core::NewChain => Some(&chain),
        _ => None,
    };
    if let Some(new) = new {
        checks::new_chain(&new.text, new.span)?;
    }
    let numbered = match command {
        Core::Replace => true,
        Core::Insert | Core::Delete | Core::Zero | Core::List => cursor.argument_follows(),
        _ => false,
    };
    if numbered {
        let word = argument(cursor, None, span, Expected::RuleNumber)?;
        let number = values::number(&word.text, 1, i32::MAX.unsigned_abs().into());
        let bad = ErrorKind::BadValue { expected: Expected::RuleNumber, suggestion: None };
        let number = number.map_err(|_| Error { span: word.span, kind: bad })?;
        draft.number = u32::try_from(number).ok();
    }
    draft.chain = Some(chain);
    Ok(())
}

fn argument<'t>(
    cursor: &mut Cursor<'_, 't>,
    inline: Option<Word<'t>>,
    span: Span,
    expected: Expected,
) -> Result<Word<'t>, Error> {
    match inline {
        Some(word) => Ok(word),
        None => {
            cursor.next().cloned().ok_or(Error { span, kind: ErrorKind::MissingValue(expected) })
        }
    }
}

// counters := packets "," bytes | packets bytes
fn counters<'t>(
    cursor: &mut Cursor<'_, 't>,
    inline: Option<Word<'t>>,
    span: Span,
) -> Result<u64, Error> {
    let word = argument(cursor, inline, span, Expected::Counters)?;
    let (packets, bytes) = match word.text.split_once(',') {
        Some((packets, bytes)) => (packets.to_owned(), bytes.to_owned()),
        None if cursor.argument_follows() => {
            let bytes = argument(cursor, None, span, Expected::Counters)?;
            (word.text.to_string(), bytes.text.into_owned())
        }
        None => return Err(Error { span, kind: ErrorKind::MissingValue(Expected::Counters) }),
    };
    match (packets.parse(), bytes.parse::<u64>()) {
        (Ok(packets), Ok(_)) => Ok(packets),
        _ => {
            let kind = ErrorKind::BadValue { expected: Expected::Counters, suggestion: None };
            Err(Error { span: word.span, kind })
        }
    }
}

pub(super) fn name_too_long(what: &'static str, name: &str) -> ErrorKind {
    let limit = u32::try_from(LONGEST_NAME).unwrap_or(u32::MAX);
    let written = u32::try_from(name.len()).unwrap_or(u32::MAX);
    ErrorKind::LimitExceeded(Limit { what, limit, written, truncated: false })
}
