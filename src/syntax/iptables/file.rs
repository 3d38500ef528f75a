//! The lines of a file: tables, chains, and what stands in them.

use super::{
    Chain, Family, File, Hook, Item, Table, TableKind,
    checks::bit,
    command::{LONGEST_NAME, Reader, name_too_long, policy},
    words::{LONGEST_WORD, Line, Word, split, token},
};
use crate::{
    source::Span,
    syntax::{Error, ErrorKind, Errors, Limit, error::nearest},
};
use memchr::{memchr, memmem};
use nom::{
    IResult, Parser,
    bytes::complete::{is_not, tag, take_until},
    character::complete::char,
    combinator::opt,
    sequence::{delimited, preceded, separated_pair},
};

/// The longest line that fits the loader's buffer.
const LONGEST_LINE: usize = 10_239;

/// Reads a whole file.
// file := (table | comment | blank)*
pub(in crate::syntax) fn parse(text: &str, family: Family) -> (File, Errors) {
    let restore_file = text.starts_with('*') || memmem::find(text.as_bytes(), b"\n*").is_some();
    if restore_file {
        let mut parser = Parse::new(text, family);
        parser.lines();
        return parser.finish();
    }
    listing(text, family)
}

/// Reads an `-S` listing, whose table is the first that has every chain and admits every target it names.
fn listing(text: &str, family: Family) -> (File, Errors) {
    let mut parser = Parse::new(text, family);
    parser.listing();
    parser.lines();
    let admitting = parser.reader.admitting;
    if let Some(kind) = TableKind::ALL.into_iter().find(|kind| admitting & bit(*kind) != 0) {
        let (mut file, errors) = parser.finish();
        if let Some(table) = file.tables.first_mut() {
            table.kind = kind;
        }
        return (file, errors);
    }
    // No table will do: against `filter`, the misfits are errors.
    let mut parser = Parse::new(text, family);
    parser.listing();
    parser.reader.table = Some(TableKind::Filter);
    parser.lines();
    parser.finish()
}

/// How many bytes of rules are read on two threads rather than one.
const WORTH_A_THREAD: usize = 1 << 18;

/// Where the lines that only append rules end, of those from `start` on; none of them ends in a carriage return.
fn appended(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = start;
    while at < bytes.len() {
        let end = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length + 1);
        let line = &text[at..end];
        let rule = if line.starts_with('[') { line.split_once("] ").map(|it| it.1) } else { None };
        if !rule.unwrap_or(line).starts_with("-A ") || line.ends_with("\r\n") {
            break;
        }
        at = end;
    }
    at
}

/// Between which lines we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a `*table` line or after a `COMMIT`.
    Outside,
    /// In the last of the tables.
    Open,
    /// After a `*table` line that names no table: its lines are passed over.
    Passing,
}

pub(super) struct Parse<'t> {
    text: &'t str,
    pub(super) reader: Reader<'t>,
    pub(super) tables: Vec<Table>,
    state: State,
    /// The `*table` line of the open table.
    opened: Span,
    /// Whether there is no `*table` line in the whole file.
    listing: bool,
    carriage_return: bool,
    /// Whether what was in a table before stays.
    pub(super) keeps: bool,
    words: Vec<Word<'t>>,
}

impl<'t> Parse<'t> {
    pub(super) fn new(text: &'t str, family: Family) -> Self {
        Self {
            text,
            reader: Reader::new(text, family),
            tables: Vec::new(),
            state: State::Outside,
            opened: Span::default(),
            listing: false,
            carriage_return: false,
            keeps: false,
            words: Vec::new(),
        }
    }

    /// The first table of a listing is the one that no `-t` names.
    fn listing(&mut self) {
        self.listing = true;
        self.reader.listing = true;
    }

    fn lines(&mut self) {
        self.lines_of(Span::new(0, offset(self.text.len())));
    }

    /// Reads the lines at `span`.
    pub(super) fn lines_of(&mut self, span: Span) {
        let (mut start, limit) = (span.start as usize, span.end as usize);
        let mut tried = start;
        while start < limit {
            // Rules that are appended to the open table say nothing that another line depends on.
            if start >= tried && self.state == State::Open && !self.listing {
                let end = appended(&self.text[..limit], start);
                if end - start >= WORTH_A_THREAD {
                    self.shared(start, end, rayon::current_num_threads());
                    start = end;
                    continue;
                }
                tried = end + 1;
            }
            start = self.next_line(start, limit);
        }
    }

    /// Reads the line that begins at `start`, of those before `limit`, and says where the next one does.
    fn next_line(&mut self, start: usize, limit: usize) -> usize {
        let rest = &self.text.as_bytes()[start..limit];
        let end = memchr(b'\n', rest).map_or(limit, |length| start + length);
        if let Err(error) = self.line(start, end) {
            self.reader.refused(error);
        }
        end + 1
    }

    /// Reads the lines from `start` to `end`, all of which append rules to the open table, on up to `threads` threads.
    fn shared(&mut self, start: usize, end: usize, threads: usize) {
        let half = start + (end - start) / 2;
        let middle = memchr(b'\n', &self.text.as_bytes()[half..end]).map(|at| half + at + 1);
        let worth_it = threads > 1 && end - start >= WORTH_A_THREAD;
        let (Some(middle), Some(table), true) = (middle, self.tables.last(), worth_it) else {
            let mut start = start;
            while start < end {
                start = self.next_line(start, end);
            }
            return;
        };
        let mut other = Parse {
            reader: self.reader.beside(),
            tables: vec![Table { items: Vec::new(), ..*table }],
            words: Vec::new(),
            ..*self
        };
        rayon::join(
            || self.shared(start, middle, threads / 2),
            || other.shared(middle, end, threads - threads / 2),
        );
        let first = offset(self.reader.options.len());
        self.reader.join(other.reader);
        let items = other.tables.into_iter().flat_map(|table| table.items);
        let Some(table) = self.tables.last_mut() else { return };
        table.items.extend(items.map(|mut item| {
            if let Item::Rule(rule) = &mut item {
                rule.options = rule.options.start + first..rule.options.end + first;
            }
            item
        }));
    }

    /// Whether a table is open, which then is one no longer.
    pub(super) fn leaves_open(&mut self) -> Option<Span> {
        let state = std::mem::replace(&mut self.state, State::Outside);
        (state == State::Open).then_some(self.opened)
    }

    fn finish(mut self) -> (File, Errors) {
        if self.state == State::Open && !self.listing {
            self.reader.errors.add(Error { span: self.opened, kind: ErrorKind::MissingCommit });
        }
        if self.listing && self.tables.len() > 1 {
            self.tables.retain(|table| !table.items.is_empty());
        }
        (File { tables: self.tables, options: self.reader.options }, self.reader.errors)
    }

    fn line(&mut self, start: usize, end: usize) -> Result<(), Error> {
        let text: &'t str = &self.text[start..end];
        let content = text.strip_suffix('\r').unwrap_or(text);
        let end = offset(start + content.len());
        let line = Line { text: content, end };
        if content.len() < text.len() && !self.carriage_return {
            self.carriage_return = true;
            let span = Span::new(end, end + 1);
            self.reader.errors.add(Error { span, kind: ErrorKind::CarriageReturn });
        }
        if content.len() > LONGEST_LINE {
            let cut =
                (0..=LONGEST_LINE).rev().find(|at| content.is_char_boundary(*at)).unwrap_or(0);
            let span = Span::new(offset(start + cut), end);
            return Err(Error { span, kind: limit("line", LONGEST_LINE, content.len()) });
        }
        match content.as_bytes().first() {
            None | Some(b'#') => Ok(()),
            Some(b'*') => self.table(line),
            Some(_) if content == "COMMIT" => self.commit(line),
            Some(_) if self.state == State::Passing => Ok(()),
            Some(b':') => self.chain(line),
            Some(_) => self.rule(line),
        }
    }

    // table := "*" blank* name any*
    fn table(&mut self, line: Line<'t>) -> Result<(), Error> {
        if self.state == State::Open {
            self.reader.errors.add(Error { span: self.opened, kind: ErrorKind::MissingCommit });
        }
        self.state = State::Passing;
        let after = Line { text: &line.text[1..], end: line.end }.skip_blanks();
        let Some((_, span, name)) = after.spanned(token) else {
            return Err(Error {
                span: line.span(),
                kind: ErrorKind::UnknownTable { suggestion: None },
            });
        };
        let Some(kind) = TableKind::of(name) else {
            let suggestion = nearest(name, TableKind::ALL.into_iter().map(TableKind::name));
            return Err(Error { span, kind: ErrorKind::UnknownTable { suggestion } });
        };
        self.opened = line.span();
        self.start(span, kind);
        self.reader.table = Some(kind);
        Ok(())
    }

    fn start(&mut self, name: Span, kind: TableKind) {
        self.state = State::Open;
        self.reader.chains.clear();
        self.tables.push(Table {
            name,
            kind,
            items: Vec::new(),
            committed: false,
            keeps: self.keeps,
        });
    }

    fn commit(&mut self, line: Line<'t>) -> Result<(), Error> {
        let state = std::mem::replace(&mut self.state, State::Outside);
        match state {
            State::Outside => {
                return Err(Error { span: line.span(), kind: ErrorKind::OutsideTable });
            }
            State::Passing => return Ok(()),
            State::Open => {}
        }
        if let Some(table) = self.tables.last_mut() {
            table.committed = true;
        }
        Ok(())
    }

    fn ensure_open(&mut self, line: Line<'t>) -> Result<(), Error> {
        if self.state == State::Outside && self.listing {
            let kind = self.reader.table.unwrap_or(TableKind::Filter);
            self.start(Span::default(), kind);
        }
        if self.state == State::Open {
            Ok(())
        } else {
            Err(Error { span: line.span(), kind: ErrorKind::OutsideTable })
        }
    }

    // chain := ":" name (policy | "-") counters? any*
    fn chain(&mut self, line: Line<'t>) -> Result<(), Error> {
        self.ensure_open(line)?;
        nul(line)?;
        let after = Line { text: &line.text[1..], end: line.end }.skip_blanks();
        let Some((after, name, text)) = after.spanned(token) else {
            return Err(Error { span: line.span(), kind: ErrorKind::InvalidChainName });
        };
        if text.len() > LONGEST_NAME {
            return Err(Error { span: name, kind: name_too_long("chain name", text) });
        }
        let Some((after, span, word)) = after.skip_blanks().spanned(token) else {
            return Err(Error { span: line.span(), kind: ErrorKind::MissingPolicy });
        };
        let built_in = Hook::of(text).is_some_and(|hook| {
            let has = self.reader.table.is_none_or(|table| table.hooks().contains(&hook));
            if self.reader.table.is_none() {
                self.reader.admitting &= TableKind::ALL
                    .into_iter()
                    .filter(|kind| kind.hooks().contains(&hook))
                    .fold(0, |bits, kind| bits | bit(kind));
            }
            has
        });
        // A policy on a chain of one's own is passed over by one loader and refused by the other.
        let policy =
            if word == "-" || !built_in { None } else { Some((policy(word, span)?, span)) };
        let packets = after.skip_blanks().spanned(counters).and_then(|(_, _, packets)| packets);
        self.reader.declare(name);
        self.push(Item::Chain(Chain { line: line.span(), name, policy, command: false, packets }));
        Ok(())
    }

    // line := counters? blank* words
    fn rule(&mut self, line: Line<'t>) -> Result<(), Error> {
        self.ensure_open(line)?;
        nul(line)?;
        let mut packets = None;
        let mut after = line;
        if line.text.starts_with('[') {
            let Some((rest, _, counted)) = line.spanned(counters) else {
                let first = line.spanned(token).map_or(line.span(), |(_, span, _)| span);
                return Err(Error { span: first, kind: ErrorKind::BadCounters });
            };
            packets = counted;
            after = rest;
        }
        split(after, &mut self.words);
        if let Some(word) = self.words.iter().find(|word| word.text.len() > LONGEST_WORD) {
            return Err(Error {
                span: word.span,
                kind: limit("word", LONGEST_WORD, word.text.len()),
            });
        }
        let words = std::mem::take(&mut self.words);
        let item = self.reader.command(line.span(), packets, &words);
        self.words = words;
        if let Some(item) = item? {
            self.push(item);
        }
        Ok(())
    }

    fn push(&mut self, item: Item) {
        let named = if self.listing { self.reader.named_table } else { None };
        let at = match named {
            None if self.listing => 0,
            None => self.tables.len() - 1,
            Some(kind) => {
                let found = self.tables.iter().skip(1).position(|table| table.kind == kind);
                found.map_or_else(
                    || {
                        self.tables.push(Table {
                            name: Span::default(),
                            kind,
                            items: Vec::new(),
                            committed: false,
                            keeps: false,
                        });
                        self.tables.len() - 1
                    },
                    |at| at + 1,
                )
            }
        };
        if let Some(table) = self.tables.get_mut(at) {
            table.items.push(item);
        }
    }
}

// counters := "[" packets ":" bytes "]" ; what is no number counts as not written
fn counters(input: &str) -> IResult<&str, Option<u64>> {
    let packets = take_until(":");
    let bytes = opt(is_not("]"));
    delimited(
        char('['),
        separated_pair(packets, char(':'), bytes),
        preceded(opt(tag(" ")), char(']')),
    )
    .map(|(packets, _): (&str, _)| packets.parse().ok())
    .parse(input)
}

fn nul(line: Line<'_>) -> Result<(), Error> {
    let Some(at) = memchr(0, line.text.as_bytes()) else { return Ok(()) };
    let start = line.span().start + offset(at);
    Err(Error { span: Span::new(start, start + 1), kind: ErrorKind::Binary })
}

fn limit(what: &'static str, limit: usize, written: usize) -> ErrorKind {
    ErrorKind::LimitExceeded(Limit {
        what,
        limit: offset(limit),
        written: offset(written),
        truncated: false,
    })
}

/// Files of four gibibytes and more are refused before they come here.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
