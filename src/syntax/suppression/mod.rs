//! What people write into comments for `fwlint`: which findings they know of, why, and until when.
//!
//! ```text
//! suppression := "fwlint:" ("ignore" | "ignore-file") "[" word ("," word)* "]" (until | any)*
//! until       := "until=" date
//! ```
//!
//! It stands in a `#` comment or in the comment of a rule. What a word names, and whether a date is past, is not known here.

mod comments;
mod date;
#[cfg(test)]
mod tests;

pub use date::Date;

use super::{Dialect, Parsed, Tree, iptables, nft};
use crate::source::{SourceFile, Span};
use comments::comments;
use memchr::memmem;

/// How each of them begins.
const PREFIX: &str = "fwlint:";
/// How the word begins that says when it ends.
const UNTIL: &str = "until=";
/// `ignore-file` works in so many lines at the top of a file.
pub const FIRST_LINES: u32 = 20;

/// What somebody wants not to hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// From its first word to the end of the reason.
    pub span: Span,
    /// What goes where it goes: itself, or the whole comment where that says nothing else; `None` where only its owner can
    /// take it out.
    pub removable: Option<Span>,
    /// What it is about.
    pub scope: Scope,
    /// Where it stands.
    pub place: Standing,
    /// The codes, prefixes and names of lints.
    pub words: Vec<Span>,
    /// Why, without the date; `None` where nothing is said.
    pub reason: Option<String>,
    /// Until when.
    pub until: Option<Until>,
}

/// What a suppression is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The line with this number, and the rule that holds it.
    Line(u32),
    /// The whole file.
    File,
}

/// Where a suppression stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// In a `#` comment.
    Comment,
    /// In the comment of a rule, which the kernel keeps.
    RuleComment,
}

/// The day that something ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Until {
    /// The words, from `until=` on.
    pub span: Span,
    /// The day; `None` for what is no day.
    pub day: Option<Date>,
}

/// What the comments of a file say to `fwlint`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Remarks {
    /// What is not to be heard of.
    pub suppressions: Vec<Suppression>,
    /// What begins as a suppression and is none.
    pub malformed: Vec<Malformed>,
    /// When rules end, as their comments say.
    pub ends: Vec<Until>,
}

/// What begins as a suppression and is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// From its first word to the end.
    pub span: Span,
    /// The word that should be `ignore` or `ignore-file`.
    pub word: Span,
}

/// What the `#` comments of a file say.
pub fn in_comments(source: &SourceFile, dialect: Dialect) -> Remarks {
    let mut remarks = Remarks::default();
    if memmem::find(source.text().as_bytes(), PREFIX.as_bytes()).is_none() {
        return remarks;
    }
    let comments = comments(source, dialect);
    for (comment, index) in comments.iter().zip(0..) {
        let text = source.slice(comment.span);
        let Some(at) = beginning(text) else { continue };
        // A comment with a line of its own is about the next line that is no comment.
        let alone = comments[index..]
            .iter()
            .zip(0..)
            .take_while(|(it, distance)| it.alone && it.line == comment.line + distance);
        let line = comment.line + u32::try_from(alone.count()).unwrap_or(u32::MAX);
        let whole = is_plain(dialect).then_some(comment.span);
        let place = Standing::Comment;
        remarks.add(source, Said { span: comment.span, whole, place }, at, line);
    }
    remarks
}

/// What the comments of the rules of a file say.
pub fn in_rules(source: &SourceFile, parsed: &Parsed) -> Remarks {
    let mut remarks = Remarks::default();
    let text = source.text().as_bytes();
    if [PREFIX, UNTIL].iter().all(|word| memmem::find(text, word.as_bytes()).is_none()) {
        return remarks;
    }
    let mut add = |span: Span, whole: Option<Span>| {
        let text = source.slice(span);
        if let Some(at) = beginning(text) {
            let line = source.position(span.start).line;
            let whole = whole.filter(|_| is_plain(parsed.dialect));
            let place = Standing::RuleComment;
            remarks.add(source, Said { span, whole, place }, at, line);
        } else {
            remarks.ends.extend(until(text, span.start));
        }
    };
    match &parsed.tree {
        Tree::Iptables(file) => {
            iptables::loaded_comments(file, source.text())
                .for_each(|(span, whole)| add(span, whole));
        }
        Tree::Nft(file) => {
            nft::comments(file).for_each(|span| add(span, with_keyword(source, span)));
        }
        Tree::Script(script) => {
            for file in [&script.ipv4, &script.ipv6] {
                iptables::comments(file).for_each(|span| add(span, None));
            }
            nft::comments(&script.nft).for_each(|span| add(span, None));
            remarks.keep(|span| source.slice(script.located(span)) == source.slice(span));
        }
        Tree::Ipset(_) | Tree::Opaque => {}
    }
    remarks
}

/// Whether words of a text of this dialect may be taken out as they stand there.
const fn is_plain(dialect: Dialect) -> bool {
    matches!(dialect, Dialect::Iptables | Dialect::Ip6tables | Dialect::Nft | Dialect::Ipset)
}

/// The comment of an nftables rule, at `span` with or without its quotes, with the word `comment` in front of it.
fn with_keyword(source: &SourceFile, span: Span) -> Option<Span> {
    let text = source.text();
    let before = text.get(..span.start as usize)?;
    let quote = before.ends_with('"') && !source.slice(span).starts_with('"');
    let before = before[..before.len() - usize::from(quote)].trim_ascii_end();
    let start = u32::try_from(before.strip_suffix("comment")?.len()).ok()?;
    Some(Span::new(start, span.end + u32::from(quote)))
}

/// A comment, what it takes up with the words that lead to it, and where it stands.
#[derive(Clone, Copy)]
struct Said {
    span: Span,
    whole: Option<Span>,
    place: Standing,
}

/// Whether a comment says which findings somebody knows of.
pub fn is_one(comment: &str) -> bool {
    beginning(comment.trim_ascii()).is_some()
}

/// Where a comment begins to speak to us: at its start, or where it says all of `fwlint: ignore`.
fn beginning(comment: &str) -> Option<usize> {
    let start = comment.len() - comment.trim_start_matches(['#', ' ', '\t', '"']).len();
    if comment[start..].starts_with(PREFIX) {
        return Some(start);
    }
    let mut found = comment.match_indices(PREFIX).map(|(at, _)| at);
    found.find(|at| comment[at + PREFIX.len()..].trim_start().starts_with("ignore"))
}

impl Remarks {
    /// Leaves what stands in the file as it is read: what a script puts together nobody can look up there.
    fn keep(&mut self, stands: impl Fn(Span) -> bool) {
        self.suppressions.retain(|it| stands(it.span));
        self.malformed.retain(|it| stands(it.span));
        self.ends.retain(|it| stands(it.span));
    }

    /// Reads what begins at `at` in a comment.
    fn add(&mut self, source: &SourceFile, said: Said, at: usize, line: u32) {
        let Said { span, whole: all, place } = said;
        let text = source.slice(span);
        let end = text.trim_end_matches(['"', ' ', '\t', '\r']).len();
        let offset = |at: usize| span.start + u32::try_from(at).unwrap_or(u32::MAX);
        let whole = Span::new(offset(at), offset(end.max(at)));
        let after = at + PREFIX.len();
        let rest = &text[after..end.max(after)];
        let verb_at = after + (rest.len() - rest.trim_start().len());
        let verb = word(&text[verb_at..end.max(verb_at)]);
        let list_at = verb_at + verb.len();
        let scope = match verb {
            "ignore" => Scope::Line(line),
            "ignore-file" => Scope::File,
            _ => return self.malformed(whole, Span::new(offset(verb_at), offset(list_at))),
        };
        let rest = &text[list_at..end.max(list_at)];
        let list = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let Some((list, reason)) = list else {
            return self.malformed(whole, Span::new(offset(verb_at), offset(list_at)));
        };
        let mut words = Vec::new();
        let mut start = list_at + 1;
        for word in list.split(',') {
            let inner = word.trim();
            let at = start + (word.len() - word.trim_start().len());
            if !inner.is_empty() {
                words.push(Span::new(offset(at), offset(at + inner.len())));
            }
            start += word.len() + 1;
        }
        if words.is_empty() {
            return self.malformed(whole, Span::new(offset(verb_at), offset(list_at)));
        }
        let until = until(reason, offset(end - reason.len()));
        let reason: Vec<&str> =
            reason.split_whitespace().filter(|word| !word.starts_with(UNTIL)).collect();
        let reason = (!reason.is_empty()).then(|| reason.join(" "));
        let removable = all.map(|all| {
            let others = text[..at].trim_end_matches([' ', '\t', '"']);
            if others.contains(char::is_alphanumeric) {
                return Span::new(offset(others.len()), whole.end);
            }
            let blanks = source.slice(Span::new(0, all.start)).trim_end_matches([' ', '\t']).len();
            Span::new(u32::try_from(blanks).unwrap_or(all.start), all.end)
        });
        self.suppressions.push(Suppression {
            span: whole,
            removable,
            scope,
            place,
            words,
            reason,
            until,
        });
    }

    fn malformed(&mut self, span: Span, word: Span) {
        self.malformed.push(Malformed { span, word });
    }
}

/// The letters and dashes that a text begins with.
fn word(text: &str) -> &str {
    let end = text.find(|it: char| !it.is_ascii_alphanumeric() && it != '-' && it != '_');
    &text[..end.unwrap_or(text.len())]
}

/// The first date of a text that begins at `offset`.
fn until(text: &str, offset: u32) -> Option<Until> {
    let starts_word = |at: &usize| {
        let before = text[..*at].chars().next_back();
        before.is_none_or(|it| !it.is_ascii_alphanumeric())
    };
    let at = text.match_indices(UNTIL).map(|(at, _)| at).find(starts_word)?;
    let day = &text[at + UNTIL.len()..];
    let end = day.find(|it: char| it.is_whitespace() || "\",;)".contains(it));
    let day = &day[..end.unwrap_or(day.len())];
    let start = offset + u32::try_from(at).ok()?;
    let length = u32::try_from(UNTIL.len() + day.len()).ok()?;
    Some(Until { span: Span::new(start, start + length), day: Date::read(day) })
}
