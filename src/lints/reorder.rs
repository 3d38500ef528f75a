//! Rules that are put at another place of their chain, with the comments that are about them.

use super::{
    Context, Edit, Place, nft_file,
    repair::{line_end, own_lines},
};
use crate::{
    model::RuleId,
    source::{SourceFile, Span},
    syntax::{Tree, suppression},
};

/// What puts `rule` in front of an earlier one of its chain; `None` where the text does not hold both as lines, or parts of
/// one line, that are carried out one after the other.
pub(super) fn in_front(cx: &Context<'_>, rule: RuleId, earlier: RuleId) -> Option<[Edit; 2]> {
    let [rule, earlier] = [rule, earlier].map(|it| cx.ruleset().rule(it).place);
    if rule.file != earlier.file || !are_appended(cx, rule, earlier) {
        return None;
    }
    let source = cx.source(rule)?;
    match (own_lines(source, rule.span), own_lines(source, earlier.span)) {
        (Some(_), Some(_)) => {
            let lines = with_comments(source, rule.span)?;
            let text = ended(source, lines);
            Some([above_comments(source, earlier, text), taken_out(rule.file, lines)])
        }
        (None, None) => {
            let text = format!("{}; ", cx.text(rule));
            Some([Edit::before(earlier, text), Edit::remove(source, rule)])
        }
        _ => None,
    }
}

/// `text`, which are whole lines, above the line of a rule and the comments directly above that.
pub(super) fn above_comments(source: &SourceFile, rule: Place, text: String) -> Edit {
    let top = comments_above(source, source.whole_lines(rule.span).start);
    Edit::replace(Place { span: Span::new(top, top), ..rule }, text)
}

/// Whole lines that go.
pub(super) fn taken_out(file: u32, lines: Span) -> Edit {
    Edit::replace(Place { file, span: lines }, "")
}

/// The lines of a rule that shares them with nothing, with the comments directly above that are about it; `None` where it
/// shares them. Comments over several rules in a row are about all of them and stay, but what says which findings somebody
/// knows of is about the next line only.
pub(super) fn with_comments(source: &SourceFile, rule: Span) -> Option<Span> {
    let lines = own_lines(source, rule)?;
    let top = comments_above(source, lines.start);
    let next = source.slice(source.whole_lines(Span::new(lines.end, lines.end)));
    let next = if (lines.end as usize) < source.text().len() { next.trim_ascii() } else { "" };
    let heads_a_group = !next.is_empty()
        && !next.starts_with(['#', '}', '*', ':'])
        && next != "COMMIT"
        && top < lines.start;
    if !heads_a_group {
        return Some(Span::new(top, lines.end));
    }
    let mut start = lines.start;
    while start > top {
        let line = source.whole_lines(Span::new(start - 1, start - 1));
        if !suppression::is_one(source.slice(line)) {
            break;
        }
        start = line.start;
    }
    Some(Span::new(start, lines.end))
}

/// Where the comments begin that stand directly above the line that starts at `start`.
fn comments_above(source: &SourceFile, start: u32) -> u32 {
    let mut top = start;
    while top > 0 {
        let line = source.whole_lines(Span::new(top - 1, top - 1));
        if !source.slice(line).trim_ascii_start().starts_with('#') {
            break;
        }
        top = line.start;
    }
    top
}

/// Whole lines, with an end even where the file has none.
pub(super) fn ended(source: &SourceFile, lines: Span) -> String {
    let text = source.slice(lines);
    if text.ends_with('\n') { text.to_owned() } else { [text, line_end(source, lines)].concat() }
}

/// Whether both are rules that are put behind those which stand before them in the text.
fn are_appended(cx: &Context<'_>, rule: Place, earlier: Place) -> bool {
    let Some(input) = cx.inputs.iter().find(|input| input.file == rule.file) else { return false };
    match &input.parsed.tree {
        Tree::Iptables(_) => [rule, earlier].iter().all(|it| {
            let words = cx.text(*it);
            let counted = words.starts_with('[').then(|| words.split_once(']')).flatten();
            let words = counted.map_or(words, |(_, words)| words);
            words.split_ascii_whitespace().next() == Some("-A")
        }),
        Tree::Nft(_) => nft_file::of(input).is_some_and(|file| {
            let holds = |body: Span| body.to(rule.span).to(earlier.span) == body;
            file.chains().any(|(_, chain)| chain.body.is_some_and(holds))
        }),
        _ => false,
    }
}
