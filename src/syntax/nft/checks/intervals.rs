//! Elements that share values.

use super::{Checker, types::Kind};
use crate::{
    source::Span,
    syntax::nft::{error::ErrorKind, tree::Ids},
};

impl Checker<'_> {
    /// Notes the first element that shares values with another without being the same.
    pub(super) fn overlaps(&mut self, kind: Kind, elements: Ids) {
        let mut intervals: Vec<(u128, u128, Span)> = Vec::with_capacity(elements.len());
        let mut wide = false;
        for element in self.file.elements(elements) {
            let span = self.file.expr(element.key).span;
            if let Some((first, last)) = self.interval_of(kind, element.key)
                && first <= last
            {
                wide |= first != last;
                intervals.push((first, last, span));
            }
        }
        if !wide {
            return;
        }
        intervals.sort_unstable_by_key(|(first, last, span)| (*first, *last, span.start));
        let mut widest: Option<(u128, u128, Span)> = None;
        for (first, last, span) in intervals {
            if let Some((start, end, other)) = widest
                && first <= end
                && (first, last) != (start, end)
            {
                // The narrower is blamed, as the loader does it; the later of two alike.
                let wider = last - first > end - start;
                let (span, other) = if wider { (other, span) } else { (span, other) };
                self.add(span, ErrorKind::Overlap { other });
                return;
            }
            widest = Some((first, last, span));
        }
    }
}
