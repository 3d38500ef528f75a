//! Named sets as they stand at the end of the file.

use super::Standing;
use crate::syntax::nft::{ExprId, Set, SetFlags};

/// A named set or map.
#[derive(Debug, Default)]
pub(super) struct NamedSet<'f> {
    /// Its declaration; elements may be added to one that the file does not declare.
    pub(super) declared: Option<&'f Set>,
    /// What its elements are written as: sets, variables.
    pub(super) elements: Vec<ExprId>,
    /// Whether it holds others than those: elements were taken out by commands, or are in a file that nobody saw.
    pub(super) changes: bool,
}

impl<'f> Standing<'f> {
    /// Declares a set; `partly` where a file that nobody saw may add to it.
    pub(super) fn set(&mut self, name: &'f str, set: &'f Set, partly: bool) {
        let standing = self.sets.entry(name).or_default();
        standing.declared = Some(set);
        standing.changes |= partly;
        standing.elements.extend(set.elements.iter().copied());
    }
}

impl NamedSet<'_> {
    /// Whether its contents may be others while it is in use: it is empty, filled by rules, or its elements expire.
    pub(super) fn may_change(&self) -> bool {
        let Some(set) = self.declared else { return true };
        if self.changes || set.flags.contains(SetFlags::CONSTANT) {
            return self.changes;
        }
        self.elements.is_empty()
            || set.timeout.is_some()
            || set.flags.contains(SetFlags::TIMEOUT)
            || set.flags.contains(SetFlags::DYNAMIC)
    }
}
