//! What mends a finding: the words to write, and where. `commands::fix` carries them out; nothing here does.
//!
//! A lint adds one in a few lines:
//!
//! ```text
//! finding.fixes.push(Repair::safe(title).edit(Edit::remove(source, rule.place)));
//! ```

use super::{Context, Place};
use crate::{
    model::ChainId,
    source::{SourceFile, Span},
    syntax::{Dialect, Tree},
    words::Message,
};

/// What is known of a fix before it is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Safety {
    /// No packet's verdict changes: proven before anything is written.
    Safe,
    /// The file does not load without it, so that there are no verdicts that it could change.
    Loads,
    /// May change what is accepted: the difference is shown first.
    Unsafe,
}

impl Safety {
    /// The word of JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Safe | Self::Loads => "safe",
            Self::Unsafe => "unsafe",
        }
    }
}

/// Other words in the place of some.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// What goes; nothing, where something is only written.
    pub place: Place,
    /// What is written there.
    pub text: String,
}

/// One fix of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// What it does, as an order.
    pub title: Message,
    /// What is known of it.
    pub safety: Safety,
    /// What it changes; all or nothing.
    pub edits: Vec<Edit>,
}

impl Repair {
    /// One that changes no verdict.
    pub(super) const fn safe(title: Message) -> Self {
        Self { title, safety: Safety::Safe, edits: Vec::new() }
    }

    /// One without which the file does not load.
    pub(super) const fn loads(title: Message) -> Self {
        Self { title, safety: Safety::Loads, edits: Vec::new() }
    }

    /// One that may change what is accepted.
    pub(super) const fn risky(title: Message) -> Self {
        Self { title, safety: Safety::Unsafe, edits: Vec::new() }
    }

    /// The same with one more edit.
    pub(super) fn edit(mut self, edit: Edit) -> Self {
        self.edits.push(edit);
        self
    }

    /// The same with more edits.
    pub(super) fn edits(mut self, edits: impl IntoIterator<Item = Edit>) -> Self {
        self.edits.extend(edits);
        self
    }
}

impl Edit {
    /// `text` in the place of the words there.
    pub(super) fn replace(place: Place, text: impl Into<String>) -> Self {
        Self { place, text: text.into() }
    }

    /// `text` directly in front of the words there.
    pub(super) fn before(place: Place, text: impl Into<String>) -> Self {
        let span = Span::new(place.span.start, place.span.start);
        Self { place: Place { span, ..place }, text: text.into() }
    }

    /// `text` directly behind the words there.
    pub(super) fn after(place: Place, text: impl Into<String>) -> Self {
        let span = Span::new(place.span.end, place.span.end);
        Self { place: Place { span, ..place }, text: text.into() }
    }

    /// The words there go; where nothing but a comment stands beside them, with their whole lines, otherwise with the `;`
    /// behind them.
    pub(super) fn remove(source: &SourceFile, place: Place) -> Self {
        let span = own_lines(source, place.span).unwrap_or_else(|| {
            let lines = source.whole_lines(place.span);
            let after = source.slice(Span::new(place.span.end, lines.end));
            let ended = after.trim_ascii_start().strip_prefix(';');
            let behind = ended.map_or(0, |it| after.len() - it.trim_ascii_start().len());
            Span::new(place.span.start, place.span.end + offset(behind))
        });
        Self { place: Place { span, ..place }, text: String::new() }
    }

    /// `text`, of one or more lines, above the words there and as far to the right as they are; in front of them on their
    /// own line where something else stands on it.
    pub(super) fn above(source: &SourceFile, place: Place, text: &str) -> Self {
        let lines = source.whole_lines(place.span);
        let indent = source.slice(Span::new(lines.start, place.span.start));
        if !indent.trim_ascii().is_empty() || goes_on(source, lines.start) {
            return Self::before(place, format!("{}; ", text.replace('\n', "; ")));
        }
        let end = line_end(source, lines);
        let line = |line| [indent, line, end].concat();
        let text: String = text.lines().map(line).collect();
        let span = Span::new(lines.start, lines.start);
        Self { place: Place { span, ..place }, text }
    }

    /// A line below that of the words there.
    pub(super) fn below(source: &SourceFile, place: Place, text: &str) -> Self {
        let lines = source.whole_lines(place.span);
        let end = line_end(source, lines);
        let unended = if source.slice(lines).ends_with('\n') { "" } else { end };
        let span = Span::new(lines.end, lines.end);
        Self { place: Place { span, ..place }, text: format!("{unended}{text}{end}") }
    }

    /// Rules in front of all others of a chain, as each dialect writes them, the options of `iptables` without `-A CHAIN`;
    /// `None` where the first rule of the chain is not the first of the text (`-I`, `insert rule`).
    pub(super) fn first_of(
        cx: &Context<'_>,
        chain: ChainId,
        iptables: &[&str],
        nft: &str,
    ) -> Option<Self> {
        let (_, first) = cx.ruleset().rules_of(chain).next()?;
        let input = cx.inputs.iter().find(|input| input.file == first.place.file)?;
        let words = cx.text(first.place);
        match &input.parsed.tree {
            Tree::Iptables(_) => {
                // A file that counts for some of its rules counts for all.
                let (counted, words) = match words.split_once(']') {
                    Some((head, words)) if head.starts_with('[') => ("[0:0] ", words),
                    _ => ("", words),
                };
                let mut words = words.split_ascii_whitespace();
                if words.next()? != "-A" {
                    return None;
                }
                let name = words.next()?;
                let rules = iptables.iter().map(|rule| format!("{counted}-A {name} {rule}"));
                let rules = rules.collect::<Vec<_>>().join("\n");
                Some(Self::above(input.source, first.place, &rules))
            }
            Tree::Nft(_) => {
                let mut files = super::nft_file::all(cx);
                let file = files.find(|it| it.index == input.file)?;
                let holds = |it: Span| it.to(first.place.span) == it;
                let in_block = file.chains().any(|(_, it)| it.body.is_some_and(holds));
                in_block.then(|| Self::above(input.source, first.place, nft))
            }
            _ => None,
        }
    }
}

/// Whether text of a dialect is written as people write it, one command after the other: what a shell or JSON takes has
/// rules of its own.
pub(super) const fn is_plain(dialect: Dialect) -> bool {
    matches!(dialect, Dialect::Iptables | Dialect::Ip6tables | Dialect::Nft | Dialect::Ipset)
}

/// The whole lines of the words there, if nothing but a comment behind them stands on these beside them.
pub(super) fn own_lines(source: &SourceFile, span: Span) -> Option<Span> {
    let lines = source.whole_lines(span);
    let before = source.slice(Span::new(lines.start, span.start));
    let after = source.slice(Span::new(span.end, lines.end)).trim_ascii();
    let rest = after.strip_prefix(';').unwrap_or(after).trim_ascii();
    let alone = before.trim_ascii().is_empty() && (rest.is_empty() || rest.starts_with('#'));
    (alone && !goes_on(source, lines.start)).then_some(lines)
}

/// Whether the line before the one that starts at `start` goes on in it.
fn goes_on(source: &SourceFile, start: u32) -> bool {
    let before = source.slice(Span::new(0, start));
    before.trim_end_matches(['\n', '\r']).ends_with('\\')
        && before.len() - before.trim_end_matches(['\n', '\r']).len() <= 2
}

/// As the first of `lines` ends, or as lines end.
pub(super) fn line_end(source: &SourceFile, lines: Span) -> &'static str {
    let first = source.slice(lines).split_inclusive('\n').next();
    if first.is_some_and(|line| line.ends_with("\r\n")) { "\r\n" } else { "\n" }
}

fn offset(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Edit, Place};
    use crate::source::{self, SourceFile, Span};

    /// The text after an edit at the words between `«` and `»`.
    fn after(text: &str, edit: impl Fn(&SourceFile, Place) -> Edit) -> String {
        let start = text.find('«').expect("a start");
        let end = text.find('»').expect("an end") - '«'.len_utf8();
        let plain = text.replace(['«', '»'], "");
        let file = SourceFile::new("a", plain.into_bytes());
        let offset = |at: usize| u32::try_from(at).expect("short");
        let place = Place { file: 0, span: Span::new(offset(start), offset(end)) };
        let Edit { place, text } = edit(&file, place);
        file.edited(&[source::Edit { span: place.span, text }]).text().to_owned()
    }

    #[test]
    fn words_go_with_their_lines_where_they_are_alone() {
        for (before, wanted) in [
            ("a\n\t«b c»\nd\n", "a\nd\n"),
            ("a\n\t«b c»; # why\nd\n", "a\nd\n"),
            ("a\n«b \\\n  c»\nd\n", "a\nd\n"),
            ("a\n«b»", "a\n"),
            ("{ «b»; c; }\n", "{ c; }\n"),
            ("{ a; «b» }\n", "{ a;  }\n"),
            ("a \\\n  «b»\nc\n", "a \\\n  \nc\n"),
            ("a\r\n«b»\r\nc\r\n", "a\r\nc\r\n"),
        ] {
            assert_eq!(after(before, Edit::remove), wanted, "{before:?}");
        }
    }

    #[test]
    fn a_line_is_written_as_its_neighbours_are() {
        let above = |source: &SourceFile, place| Edit::above(source, place, "x\ny");
        assert_eq!(after("a\n\t«b»\n", above), "a\n\tx\n\ty\n\tb\n");
        assert_eq!(after("a\r\n «b»\r\n", above), "a\r\n x\r\n y\r\n b\r\n");
        assert_eq!(after("{ «b»; c }\n", above), "{ x; y; b; c }\n");
        let below = |source: &SourceFile, place| Edit::below(source, place, "x");
        assert_eq!(after("«a»\nb\n", below), "a\nx\nb\n");
        assert_eq!(after("«a»\r\nb\r\n", below), "a\r\nx\r\nb\r\n");
        assert_eq!(after("a\n«b»", below), "a\nb\nx\n");
    }
}
