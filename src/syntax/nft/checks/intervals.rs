//! Elements that share values.

use super::{Checker, types::Kind};
use crate::{
    source::Span,
    syntax::nft::{
        error::ErrorKind,
        tree::{ExprId, ExprKind, Ids, Merged},
    },
};

/// The first and the last value of an element, and where it stands.
type Interval = (u128, u128, Span);

/// Sets in variables in sets are followed this deep.
const DEEPEST: u32 = 8;

impl Checker<'_> {
    /// Notes the first element that shares values with another without being the same.
    pub(super) fn overlaps(&mut self, kind: Kind, elements: Ids) {
        let mut intervals: Vec<Interval> = Vec::with_capacity(elements.len());
        for element in self.file.elements(elements) {
            let span = self.file.expr(element.key).span;
            if let Some((first, last)) = self.interval_of(kind, element.key)
                && first <= last
            {
                intervals.push((first, last, span));
            }
        }
        if intervals.iter().all(|(first, last, _)| first == last) {
            return;
        }
        if let Some(clash) = clash(intervals, false) {
            self.add(clash.element, ErrorKind::Overlap { other: clash.other });
        }
    }

    /// Notes the first element of an anonymous set that shares values with another: the loader merges the two.
    pub(super) fn merges(&mut self, kind: Kind, set: ExprId) {
        let mut intervals = Vec::new();
        self.gather(kind, set, &mut intervals, 0);
        // A variable that holds a set may stand in many rules.
        if let Some(merged) = clash(intervals, true)
            && self.merged_seen.insert((merged.element, merged.other))
        {
            self.merged.push(merged);
        }
    }

    /// The values of a set's elements, also of those in variables.
    pub(super) fn gather(
        &self,
        kind: Kind,
        set: ExprId,
        intervals: &mut Vec<Interval>,
        depth: u32,
    ) {
        let Some(resolved) = self.file.resolved(set) else { return };
        let ExprKind::Set(elements) = self.file.expr(resolved).kind else { return };
        for element in self.file.elements(elements) {
            let key = self.file.resolved(element.key);
            let is_set = key.is_some_and(|it| matches!(self.file.expr(it).kind, ExprKind::Set(_)));
            if is_set && depth < DEEPEST {
                self.gather(kind, element.key, intervals, depth + 1);
            } else if let Some((first, last)) = self.interval_of(kind, element.key)
                && first <= last
            {
                intervals.push((first, last, self.file.expr(element.key).span));
            }
        }
    }
}

/// The first two intervals that share values; two that are the same only where `same` are wanted.
pub(super) fn clash(mut intervals: Vec<Interval>, same: bool) -> Option<Merged> {
    intervals.sort_unstable_by_key(|(first, last, span)| (*first, *last, span.start));
    let mut widest: Option<Interval> = None;
    for (first, last, span) in intervals {
        if let Some((start, end, other)) = widest
            && first <= end
            && (same || (first, last) != (start, end))
        {
            // The narrower is blamed, as the loader does it; the later of two alike.
            let wider = last - first > end - start;
            let (element, other) = if wider { (other, span) } else { (span, other) };
            let is_same = (first, last) == (start, end);
            let inside = first == start || last <= end;
            return Some(Merged { element, other, same: is_same, inside });
        }
        widest = Some((first, last, span));
    }
    None
}
