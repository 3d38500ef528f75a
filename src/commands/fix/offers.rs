//! What findings offer, and which of it can be carried out at once.

use super::{Left, Why};
use crate::{
    commands::check::Outcome,
    lints::{Finding, Place, Repair, Safety},
    settings::Severity,
    source::{Edit, Span, input::Inputs},
    words::Message,
};
use std::collections::BTreeMap;

/// A fix that a finding offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    /// The file of the finding.
    pub(super) path: String,
    /// Its line.
    pub(super) line: u32,
    /// The lint.
    pub(super) code: &'static str,
    /// What the finding says.
    pub(super) message: Message,
    /// What it does.
    pub(super) title: Message,
    /// What is known of it.
    pub(super) safety: Safety,
    /// What it changes, each with its file.
    edits: Vec<(u32, Edit)>,
    /// The lines that it touches.
    lines: Vec<(u32, Span)>,
    /// Where the finding stands.
    at: Place,
}

impl Offer {
    /// Where it puts words that it takes out elsewhere, if that is all it does.
    pub(super) fn moves_to(&self) -> Option<(u32, u32)> {
        let [one, other] = &self.edits[..] else { return None };
        let (to, from) = if one.1.span.is_empty() { (one, other) } else { (other, one) };
        let moves = to.1.span.is_empty() && !from.1.span.is_empty() && from.1.text.is_empty();
        moves.then_some((to.0, to.1.span.start))
    }

    /// As one that is not carried out.
    pub(super) fn left(&self, why: Why) -> Left {
        Left { path: self.path.clone(), line: self.line, code: self.code, why }
    }
}

/// What the findings of a check offer: of each the best fix, the worst finding first; and what they offer in vain.
pub(super) fn offers(outcome: &Outcome, inputs: &Inputs) -> (Vec<Offer>, Vec<Left>) {
    let mut found: Vec<(Severity, Offer)> = Vec::new();
    let mut left = Vec::new();
    for finding in &outcome.findings {
        // A fix that changes no verdict goes before one that may.
        let Some(fix) = finding.fixes.iter().min_by_key(|it| it.safety) else { continue };
        let Some(offer) = offer(outcome, finding, fix) else { continue };
        if offer.edits.iter().all(|(file, _)| inputs.is_named(*file)) {
            found.push((finding.severity, offer));
        } else {
            left.push(offer.left(Why::NotNamed));
        }
    }
    // The findings are in the order of their places.
    found.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
    (found.into_iter().map(|(_, offer)| offer).collect(), left)
}

/// `None` for what is no fix: nothing to write, bytes that are no text, edits that reach into each other.
fn offer(outcome: &Outcome, finding: &Finding, fix: &Repair) -> Option<Offer> {
    let mut edits: Vec<(u32, Edit)> = fix
        .edits
        .iter()
        .map(|it| (it.place.file, Edit { span: it.place.span, text: it.text.clone() }))
        .collect();
    edits.sort();
    edits.dedup();
    let reach =
        |pair: &[(u32, Edit)]| pair[0].0 == pair[1].0 && pair[1].1.span.start < pair[0].1.span.end;
    if edits.is_empty() || edits.windows(2).any(reach) {
        return None;
    }
    if edits.iter().any(|(_, edit)| edit.loses_bytes()) {
        return None;
    }
    let source = |file: u32| &outcome.files[file as usize].source;
    let mut lines: Vec<(u32, Span)> =
        edits.iter().map(|(file, edit)| (*file, source(*file).whole_lines(edit.span))).collect();
    lines.dedup_by(|next, last| {
        let joins = next.0 == last.0 && next.1.start < last.1.end;
        if joins {
            last.1 = last.1.to(next.1);
        }
        joins
    });
    let place = finding.primary.place;
    Some(Offer {
        path: source(place.file).path.clone(),
        line: source(place.file).position(place.span.start).line,
        code: finding.lint.code,
        message: finding.message.clone(),
        title: fix.title.clone(),
        safety: fix.safety,
        edits,
        lines,
        at: place,
    })
}

/// Those that can be carried out at once: of two that touch a line, the first. What one lint moves to one place goes there
/// together.
pub(super) fn apart<'o>(offers: impl IntoIterator<Item = &'o Offer>) -> Vec<&'o Offer> {
    // The lines that are taken, none in another: where they end, by where they start.
    let mut taken: BTreeMap<(u32, u32), u32> = BTreeMap::new();
    let mut goals: BTreeMap<(u32, u32), &'static str> = BTreeMap::new();
    let mut chosen: Vec<&Offer> = Vec::new();
    for offer in offers {
        let goal = offer.moves_to();
        let shared = goal.filter(|it| goals.get(it) == Some(&offer.code));
        // What is written behind the last line takes a line too.
        let end = |span: &Span| span.end.max(span.start + 1);
        let is_shared = |(file, span): &&(u32, Span)| {
            shared.is_some_and(|(to, at)| to == *file && span.start <= at && at < end(span))
        };
        let own: Vec<&(u32, Span)> = offer.lines.iter().filter(|it| !is_shared(it)).collect();
        let is_free = |(file, span): &(u32, Span)| {
            let before = taken.range(..(*file, end(span))).next_back();
            before.is_none_or(|(start, last)| start.0 != *file || *last <= span.start)
        };
        if own.iter().all(|it| is_free(it)) {
            taken.extend(own.iter().map(|(file, it)| ((*file, it.start), end(it))));
            goals.extend(goal.map(|it| (it, offer.code)));
            chosen.push(offer);
        }
    }
    chosen
}

/// The edits of all, by file; what comes to stand at one place in the order of the findings.
pub(super) fn edits<'o>(offers: impl IntoIterator<Item = &'o Offer>) -> BTreeMap<u32, Vec<Edit>> {
    let mut offers: Vec<&Offer> = offers.into_iter().collect();
    offers.sort_by_key(|it| it.at);
    let mut edits: BTreeMap<u32, Vec<Edit>> = BTreeMap::new();
    for (file, edit) in offers.into_iter().flat_map(|it| &it.edits) {
        edits.entry(*file).or_default().push(edit.clone());
    }
    edits
}
