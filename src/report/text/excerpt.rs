//! What miette is shown of the files: the labelled lines of one finding and nothing else.
//!
//! The text here is a copy with offsets of its own. Each frame is one run of lines, the one with the primary label
//! first; a span over two frames is refused, so that miette does not draw what lies between. Lines are clipped to what
//! stands around the labels, and nothing in them can reach the terminal as a command.

use super::super::clean::{clean, picture};
use super::clip::{cells, windows, wrap};
use crate::{
    lints::Label,
    settings::Look,
    source::{SourceFile, Span},
    words::Language,
};
use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use std::ops::Range;

/// Labels past this many are counted and not drawn.
const MOST_LABELS: usize = 8;

/// A label over more lines is drawn at its first line only.
const MOST_LINES: u32 = 5;

/// The lines of one finding.
#[derive(Debug, Default)]
pub(super) struct Excerpt {
    text: String,
    frames: Vec<Frame>,
    marks: Vec<Mark>,
}

/// A run of lines, drawn with a border of its own.
#[derive(Debug)]
struct Frame {
    range: Range<usize>,
    /// From 0.
    line: usize,
    lines: usize,
    path: String,
}

/// A label in the excerpt, with its true place.
#[derive(Debug)]
struct Mark {
    range: Range<usize>,
    text: String,
    primary: bool,
    /// From 0.
    line: usize,
    /// From 0, in characters.
    column: usize,
}

/// A label with the lines it is on.
struct Spot<'a> {
    label: &'a Label,
    span: Span,
    first: u32,
    last: u32,
    primary: bool,
    /// Where the label goes on, if it is cut to its first line.
    until: Option<u32>,
}

/// Lines of one file that are drawn together.
struct Run<'a> {
    file: u32,
    first: u32,
    last: u32,
    spots: Vec<Spot<'a>>,
}

impl Excerpt {
    pub(super) fn of<'f>(
        file: impl Fn(u32) -> &'f SourceFile,
        primary: &Label,
        labels: &[Label],
        language: Language,
        look: &Look,
    ) -> Self {
        let mut excerpt = Self::default();
        for run in runs(spots(&file, primary, labels)) {
            excerpt.draw(file(run.file), &run, language, look);
        }
        excerpt
    }

    pub(super) fn labels(&self) -> Vec<LabeledSpan> {
        let label = |mark: &Mark| {
            let text = (!mark.text.is_empty()).then(|| mark.text.clone());
            let span = SourceSpan::from(mark.range.clone());
            if mark.primary {
                LabeledSpan::new_primary_with_span(text, span)
            } else {
                LabeledSpan::new_with_span(text, span)
            }
        };
        self.marks.iter().map(label).collect()
    }

    fn draw(&mut self, source: &SourceFile, run: &Run<'_>, language: Language, look: &Look) {
        let gutter = run.last.to_string().len() + 6;
        let room = look.width.saturating_sub(gutter).max(24);
        let start = self.text.len();
        let mut copied = Vec::new();
        for line in run.first..=run.last {
            self.copy(source, line, &run.spots, room, look.unicode, &mut copied);
        }
        let mut marks = Vec::new();
        for spot in &run.spots {
            let at = |offset| {
                let found = copied.get(copied.partition_point(|it: &(u32, usize)| it.0 < offset));
                found.map_or(self.text.len() - 1, |it| it.1)
            };
            let from = at(spot.span.start);
            let mut to = at(spot.span.end).max(from + 1);
            while !self.text.is_char_boundary(to) {
                to += 1;
            }
            let position = source.position(spot.span.start);
            marks.push(Mark {
                range: from..to,
                text: wrap(&said(spot, language, look), self.beside(from..to, gutter, look)),
                primary: spot.primary,
                line: position.line as usize - 1,
                column: position.column as usize - 1,
            });
        }
        self.marks.extend(apart(marks, &self.text));
        self.frames.push(Frame {
            range: start..self.text.len(),
            line: run.first as usize - 1,
            lines: (run.last - run.first) as usize + 1,
            path: clean(&source.path, look.unicode).into_owned(),
        });
        // A byte of no frame: nothing ends where the next frame begins.
        self.text.push('\n');
    }

    /// Copies one line, and notes for every character where it came from and where it went.
    fn copy(
        &mut self,
        source: &SourceFile,
        line: u32,
        spots: &[Spot<'_>],
        room: usize,
        unicode: bool,
        copied: &mut Vec<(u32, usize)>,
    ) {
        let whole = source.line(line);
        let here = spots.iter().filter(|it| it.first <= line && line <= it.last);
        let here: Vec<_> = here
            .map(|it| Span::new(it.span.start.max(whole.start), it.span.end.min(whole.end)))
            .collect();
        let gap = if unicode { "…" } else { "..." };
        let mut end = whole.start;
        for window in windows(source.text(), whole, &here, room) {
            if window.start > end {
                self.text.push_str(if end == whole.start { "" } else { " " });
                self.text.push_str(gap);
                self.text.push(' ');
            }
            let mut at = window.start;
            for it in source.slice(window).chars() {
                copied.push((at, self.text.len()));
                self.text.push(picture(it, unicode).filter(|_| it != '\t').unwrap_or(it));
                at += u32::try_from(it.len_utf8()).expect("a character is four bytes at most");
            }
            end = window.end;
            copied.push((end, self.text.len()));
        }
        if end < whole.end {
            self.text.push(' ');
            self.text.push_str(gap);
        }
        copied.push((whole.end, self.text.len()));
        // A label behind the last character needs a cell to stand under.
        if here.iter().any(|it| it.start >= whole.end) {
            self.text.push(' ');
        }
        // Whatever lies in the line's end is at its end.
        copied.push((source.line(line + 1).start.max(whole.end), self.text.len()));
        self.text.push('\n');
    }

    /// How many cells a label has beside its line, which starts under the middle of what it labels.
    fn beside(&self, range: Range<usize>, gutter: usize, look: &Look) -> usize {
        let line = self.text[..range.start].rfind('\n').map_or(0, |at| at + 1);
        let left = cells(&self.text[line..range.start]) + cells(&self.text[range]) / 2;
        look.width.saturating_sub(left + gutter + 3).max(28)
    }
}

/// Marks of one line that overlap are drawn beside each other, and two on the same words become one: miette would draw
/// the second behind the first, under words it is not about.
fn apart(mut marks: Vec<Mark>, text: &str) -> Vec<Mark> {
    marks.sort_by_key(|it| (it.range.start, it.range.end));
    let mut apart: Vec<Mark> = Vec::new();
    for mut mark in marks {
        let lines = text[mark.range.clone()].contains('\n');
        let last = apart.last_mut().filter(|it| {
            it.range.end > mark.range.start && !lines && !text[it.range.clone()].contains('\n')
        });
        match last {
            // The last one may have made room for one before it, so it may start behind this one.
            Some(last)
                if last.range.start >= mark.range.start && last.range.end >= mark.range.end =>
            {
                last.primary |= mark.primary;
                let between = if last.text.is_empty() || mark.text.is_empty() { "" } else { "\n" };
                last.text = format!("{}{between}{}", last.text, mark.text);
                continue;
            }
            Some(last) if last.range.start >= mark.range.start => {
                mark.range.start = last.range.end;
            }
            Some(last) => last.range.end = mark.range.start,
            None => {}
        }
        apart.push(mark);
    }
    apart
}

fn spots<'a, 'f>(
    file: impl Fn(u32) -> &'f SourceFile,
    primary: &'a Label,
    labels: &'a [Label],
) -> Vec<Spot<'a>> {
    let labels = std::iter::once(primary).chain(labels).take(MOST_LABELS);
    let spot = |(index, label): (usize, &'a Label)| {
        let source = file(label.place.file);
        let span = on_characters(source.text(), label.place.span);
        let first = source.position(span.start).line;
        let last = source.position(span.end.saturating_sub(1).max(span.start)).line;
        let long = last - first >= MOST_LINES;
        let end = if long { source.line(first).end } else { span.end };
        Spot {
            label,
            span: Span::new(span.start, end),
            first,
            last: if long { first } else { last },
            primary: index == 0,
            until: long.then_some(last),
        }
    };
    labels.enumerate().map(spot).collect()
}

/// The same span, inside the text and around whole characters.
fn on_characters(text: &str, span: Span) -> Span {
    let bound = |at: u32| (at as usize).min(text.len());
    let (mut start, mut end) = (bound(span.start), bound(span.end.max(span.start)));
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    let offset = |at| u32::try_from(at).expect("files have less than four gibibytes");
    Span::new(offset(start), offset(end))
}

/// Lines that touch or have one line between them are drawn together; the run of the primary label comes first.
fn runs(mut spots: Vec<Spot<'_>>) -> Vec<Run<'_>> {
    spots.sort_by_key(|it| (it.label.place.file, it.first, it.span));
    let mut runs: Vec<Run<'_>> = Vec::new();
    for spot in spots {
        let file = spot.label.place.file;
        match runs.last_mut().filter(|run| run.file == file && spot.first <= run.last + 2) {
            Some(run) => {
                run.last = run.last.max(spot.last);
                run.spots.push(spot);
            }
            None => {
                runs.push(Run { file, first: spot.first, last: spot.last, spots: vec![spot] });
            }
        }
    }
    runs.sort_by_key(|run| !run.spots.iter().any(|spot| spot.primary));
    runs
}

fn said(spot: &Spot<'_>, language: Language, look: &Look) -> String {
    let text = clean(spot.label.text.get(language), look.unicode);
    match (spot.until, language) {
        (None, _) => text.into_owned(),
        (Some(last), Language::En) if text.is_empty() => format!("to line {last}"),
        (Some(last), Language::En) => format!("{text} (to line {last})"),
        (Some(last), Language::Zh) if text.is_empty() => format!("至第 {last} 行"),
        (Some(last), Language::Zh) => format!("{text}（至第 {last} 行）"),
    }
}

impl SourceCode for Excerpt {
    /// With context, the whole frame; without, the place of one label.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        let holds = |frame: &&Frame| frame.range.start <= start && end <= frame.range.end;
        let frame = self.frames.iter().find(holds).ok_or(MietteError::OutOfBounds)?;
        let name = frame.path.clone();
        if before == 0
            && after == 0
            && let Some(mark) = self.marks.iter().find(|mark| mark.range.start == start)
        {
            let data = &self.text.as_bytes()[start..end];
            let contents =
                MietteSpanContents::new_named(name, data, *span, mark.line, mark.column, 1);
            return Ok(Box::new(contents));
        }
        let data = &self.text.as_bytes()[frame.range.clone()];
        let whole = SourceSpan::from(frame.range.clone());
        let contents = MietteSpanContents::new_named(name, data, whole, frame.line, 0, frame.lines);
        Ok(Box::new(contents))
    }
}

#[cfg(test)]
mod tests {
    use super::{Mark, apart};

    #[test]
    fn marks_in_each_other_stay_apart() {
        for marks in
            [[4..22, 4..24, 22..23, 22..23], [0..9, 0..9, 1..9, 2..4], [1..2, 1..3, 1..4, 2..3]]
        {
            let mark = |range| Mark { range, text: "x".into(), primary: false, line: 0, column: 0 };
            let apart = apart(marks.into_iter().map(mark).collect(), &"a".repeat(30));
            let ranges: Vec<_> = apart.iter().map(|it| it.range.clone()).collect();
            assert!(ranges.iter().all(|it| it.start < it.end), "{ranges:?}");
            assert!(ranges.windows(2).all(|it| it[0].end <= it[1].start), "{ranges:?}");
            let texts: String = apart.iter().flat_map(|it| it.text.lines()).collect();
            assert_eq!(texts, "xxxx");
        }
    }
}
