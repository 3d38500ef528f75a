//! What was read, parsed and host by host: what every command about rules begins with.

use crate::{
    lower,
    model::Place,
    source::{
        Directive, SourceFile, Whole,
        input::{Input, Inputs, Origin, Problem},
    },
    syntax::{self, Dialect, Parsed, Tree},
};
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use std::collections::BTreeMap;

/// Whether a file is one of rules: what reading asks, file by file.
///
/// A `--dialect` holds for what was named; what a walk finds must show by itself that it is one.
pub fn recognised(source: &SourceFile, origin: Origin, dialect: Option<Dialect>) -> bool {
    let named = origin != Origin::Walked;
    (named && dialect.is_some()) || Dialect::of(source).is_some()
}

/// Where a file pulls in others: what following includes asks, file by file.
pub fn includes(source: &SourceFile, origin: Origin, dialect: Option<Dialect>) -> Vec<Directive> {
    let dialect = match origin {
        Origin::Included => Some(Dialect::Nft),
        Origin::Walked => None,
        Origin::Named | Origin::Pattern => dialect,
    };
    syntax::includes(source, dialect)
}

/// Everything that was read, each text with its tree.
#[derive(Debug)]
pub(super) struct Reading {
    /// The files, by path.
    pub(super) files: Vec<Input>,
    /// The texts that files make with all that they include, by the file that includes the others.
    wholes: BTreeMap<u32, Whole>,
    /// The trees, by file; none for one that is read only as a part of another.
    parsed: Vec<Option<Parsed>>,
    /// What could not be read.
    pub(super) problems: Vec<Problem>,
    /// How many files a walk passed over because they are no rules.
    pub(super) skipped: u32,
}

impl Reading {
    /// Parses everything, in the format `dialect` where one is given.
    pub(super) fn of(inputs: Inputs, dialect: Option<Dialect>) -> Self {
        let Inputs { files, wholes, problems, skipped } = inputs;
        let parse = |(file, input): (usize, &Input)| {
            if input.origin == Origin::Included {
                return None;
            }
            let forced = dialect.filter(|_| input.origin != Origin::Walked);
            syntax::parse(text(&files, &wholes, file), forced)
        };
        let parsed = files.par_iter().enumerate().map(parse).collect();
        let skipped = u32::try_from(skipped.len()).unwrap_or(u32::MAX);
        Self { files, wholes, parsed, problems, skipped }
    }

    /// The trees, each with the index of its file.
    pub(super) fn parsed(&self) -> impl Iterator<Item = (usize, &Parsed)> {
        self.parsed.iter().enumerate().filter_map(|(file, it)| Some((file, it.as_ref()?)))
    }

    /// The same place in the file that it is in.
    pub(super) fn locate(&self, place: Place) -> Place {
        let Some(whole) = self.wholes.get(&place.file) else { return place };
        let (file, span) = whole.locate(place.span);
        Place { file, span }
    }

    /// The files of each host: one of rules with what it includes and the sets that `ipset save` files of its folder
    /// define, or such sets alone. Places in them are to be put back into their files by [`Self::locate`].
    pub(super) fn hosts(&self) -> Vec<Vec<lower::Input<'_>>> {
        let input = |index: usize| {
            let file = u32::try_from(index).unwrap_or(u32::MAX);
            let parsed = self.parsed[index].as_ref().expect("only what has a tree is in a host");
            lower::Input { file, source: text(&self.files, &self.wholes, index), parsed }
        };
        let folder = |index: usize| {
            let path = &self.files[index].source.path;
            path.rsplit_once('/').map_or("", |(folder, _)| folder)
        };
        let is_set = |parsed: &Parsed| matches!(parsed.tree, Tree::Ipset(_));
        let (sets, rules): (Vec<_>, Vec<_>) = self.parsed().partition(|(_, it)| is_set(it));
        let mut used = vec![false; self.files.len()];
        let mut hosts = Vec::new();
        for (index, _) in rules {
            let mut host = vec![input(index)];
            for (set, _) in sets.iter().filter(|(set, _)| folder(*set) == folder(index)) {
                used[*set] = true;
                host.push(input(*set));
            }
            hosts.push(host);
        }
        let alone = sets.into_iter().filter(|(set, _)| !used[*set]);
        hosts.extend(alone.map(|(set, _)| vec![input(set)]));
        hosts
    }
}

/// What is analysed of a file: all that it includes too.
fn text<'f>(files: &'f [Input], wholes: &'f BTreeMap<u32, Whole>, index: usize) -> &'f SourceFile {
    let whole = u32::try_from(index).ok().and_then(|index| wholes.get(&index));
    whole.map_or(&files[index].source, |whole| &whole.source)
}
