//! `fwlint check --fix`: carries out what findings offer, and proves it before anything is written.
//!
//! Hosts that share no file are mended one by one, each in rounds: what the findings offer and does not touch the same
//! lines (`offers`) is carried out on the text in memory, the text is read again, and the comparison of `diff` must say that
//! no verdict changed (`proof`). What is not proven is left and said. Nothing here writes a file: whoever asked does.

mod offers;
mod proof;
mod rounds;

use super::{
    Plan,
    diff::Comparison,
    hosts,
    reading::{self, Reading},
};
use crate::{
    lints::Safety,
    source::{
        Directive, SourceFile,
        input::{Inputs, Origin, Request},
    },
    syntax::Dialect,
    words::Message,
};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::collections::{BTreeMap, BTreeSet};

/// How files are read again, and what may be done to them.
#[derive(Debug, Clone, Copy)]
pub struct How<'h> {
    /// The format of named files, where one is given.
    pub dialect: Option<Dialect>,
    /// What was read, and where what files include is looked for.
    pub request: &'h Request,
    /// The settings of each file.
    pub plan: &'h Plan,
    /// Whether what is accepted may change.
    pub risky: bool,
}

impl How<'_> {
    /// Where a file pulls in others.
    fn includes(&self, source: &SourceFile, origin: Origin) -> Vec<Directive> {
        reading::includes(source, origin, self.dialect)
    }

    fn rewritten(&self, inputs: &Inputs, texts: BTreeMap<u32, SourceFile>) -> Inputs {
        inputs.rewritten(texts, self.request, &|source, origin| self.includes(source, origin))
    }
}

/// What became of the files that belong together.
#[derive(Debug, Default)]
pub struct Mended {
    /// The files that changed, by their index.
    pub changes: Vec<Change>,
    /// What was done, in order.
    pub done: Vec<Done>,
    /// What was not, in the order of the files.
    pub left: Vec<Left>,
    /// How many fixes wait for leave to change what is accepted.
    pub withheld: usize,
    /// How often the text was changed and read again.
    pub rounds: u32,
    /// What fixes that are not proven safe let in now and did not.
    pub exposure: Option<Comparison>,
}

/// A file before and after.
#[derive(Debug)]
pub struct Change {
    /// Its index among what was read.
    pub file: u32,
    /// As it was read.
    pub old: SourceFile,
    /// As it is to be.
    pub new: SourceFile,
}

/// A fix that was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The file of the finding.
    pub path: String,
    /// Its line in the text of that round.
    pub line: u32,
    /// The lint.
    pub code: &'static str,
    /// What was done.
    pub title: Message,
    /// What was known of it.
    pub safety: Safety,
}

/// A fix that was not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The file of the finding.
    pub path: String,
    /// Its line.
    pub line: u32,
    /// The lint.
    pub code: &'static str,
    /// Why not.
    pub why: Why,
}

/// Why a fix is not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// It is not proven that no verdict changes.
    NotProven,
    /// The files do not load, so nothing can be proven of them.
    DoesNotLoad,
    /// They would not load after it, or no better than before.
    WouldNotLoad,
    /// What it is to mend would still be reported.
    MendsNothing,
    /// It changes a file that nobody named.
    NotNamed,
    /// There were rounds enough.
    NotReached,
}

/// Mends what was read and checked, everything that belongs together by itself. Says nothing of files that nothing can or
/// could be done to.
pub fn fix(inputs: &Inputs, how: How<'_>) -> Vec<Mended> {
    let find = |source: &SourceFile, origin| how.includes(source, origin);
    let together = together(inputs, how);
    let mend = |files: BTreeSet<u32>| {
        let part = inputs.part(&files, how.request, &find);
        let mut mended = rounds::mend(&part, how);
        let index: Vec<u32> = files.into_iter().collect();
        for change in &mut mended.changes {
            change.file = index[change.file as usize];
        }
        mended
    };
    let mended: Vec<Mended> = together.into_par_iter().map(mend).collect();
    let silent = |it: &Mended| it.done.is_empty() && it.left.is_empty() && it.withheld == 0;
    mended.into_iter().filter(|it| !silent(it)).collect()
}

/// What was read, with the changes that were written.
pub fn rewritten<'c>(
    inputs: &Inputs,
    changes: impl IntoIterator<Item = &'c Change>,
    how: How<'_>,
) -> Inputs {
    let texts = changes.into_iter().map(|it| (it.file, it.new.clone())).collect();
    how.rewritten(inputs, texts)
}

/// The files in parts that share no host and include nothing of each other.
fn together(inputs: &Inputs, how: How<'_>) -> Vec<BTreeSet<u32>> {
    let reading = Reading::of(inputs.clone(), how.dialect);
    let texts = reading.texts();
    let mut parts: Vec<BTreeSet<u32>> = Vec::new();
    for group in hosts::groups(&texts, how.plan).0 {
        let mut files = BTreeSet::new();
        for index in &group.texts {
            let file = texts[*index].file;
            files.insert(file);
            let whole = reading.wholes.get(&file);
            files.extend(whole.into_iter().flat_map(|it| &it.pieces).map(|it| it.file));
        }
        let (touched, others): (Vec<_>, Vec<_>) =
            parts.into_iter().partition(|part| !part.is_disjoint(&files));
        parts = others;
        files.extend(touched.into_iter().flatten());
        parts.push(files);
    }
    parts.sort();
    parts
}
