//! What was read, with other words in some of the files.

use super::{Inputs, Origin, Request, follow, follow::Directives};
use crate::source::SourceFile;
use std::collections::{BTreeMap, BTreeSet};

impl Inputs {
    /// These files alone, with what they include of each other.
    #[must_use]
    pub fn part(&self, files: &BTreeSet<u32>, request: &Request, find: Directives<'_>) -> Self {
        let chosen = self.files.iter().zip(0..).filter(|(_, index)| files.contains(index));
        let files = chosen.map(|(file, _)| file.clone()).collect();
        let mut part = Self { files, before: self.before.clone(), ..Self::default() };
        follow(&mut part, request, find);
        part
    }

    /// The same with some files written anew, by their index. What they include is put together again.
    #[must_use]
    pub fn rewritten(
        &self,
        mut texts: BTreeMap<u32, SourceFile>,
        request: &Request,
        find: Directives<'_>,
    ) -> Self {
        let mut all = Self { wholes: BTreeMap::new(), ..self.clone() };
        for (file, index) in all.files.iter_mut().zip(0..) {
            if let Some(text) = texts.remove(&index) {
                file.source = text;
            }
        }
        follow(&mut all, request, find);
        all
    }

    /// Whether the user named a file, or a folder or pattern that it was found by: it is the user's to change.
    pub fn is_named(&self, file: u32) -> bool {
        let Some(file) = self.files.get(file as usize) else { return false };
        let before = self.before.as_ref();
        file.origin != Origin::Context && before.is_none_or(|it| it.contains(&file.source.path))
    }
}
