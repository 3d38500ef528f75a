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

    /// The files of each host: one of rules with what it includes, the one of the other family beside it and the sets that
    /// `ipset save` files of its folder define, or such sets alone. Places in them are to be put back into their files by
    /// [`Self::locate`].
    pub(super) fn hosts(&self) -> Vec<Vec<lower::Input<'_>>> {
        let is_set = |parsed: &Parsed| matches!(parsed.tree, Tree::Ipset(_));
        let (sets, rules): (Vec<_>, Vec<_>) = self.parsed().partition(|(_, it)| is_set(it));
        let (sets, rules) = (indices(sets), indices(rules));
        let mut used = vec![false; self.files.len()];
        let mut hosts = Vec::new();
        for index in rules.iter().copied() {
            if std::mem::replace(&mut used[index], true) {
                continue;
            }
            let mut host = vec![index];
            if let Some(twin) = rules.iter().find(|it| !used[**it] && self.are_pair(index, **it)) {
                used[*twin] = true;
                host.push(*twin);
            }
            for set in sets.iter().filter(|set| self.folder(**set) == self.folder(index)) {
                used[*set] = true;
                host.push(*set);
            }
            hosts.push(host);
        }
        hosts.extend(sets.into_iter().filter(|set| !used[*set]).map(|set| vec![set]));
        let inputs = |host: Vec<usize>| host.into_iter().map(|index| self.input(index)).collect();
        hosts.into_iter().map(inputs).collect()
    }

    fn input(&self, index: usize) -> lower::Input<'_> {
        let file = u32::try_from(index).unwrap_or(u32::MAX);
        let parsed = self.parsed[index].as_ref().expect("only what has a tree is in a host");
        lower::Input { file, source: text(&self.files, &self.wholes, index), parsed }
    }

    fn path(&self, index: usize) -> &str {
        &self.files[index].source.path
    }

    fn folder(&self, index: usize) -> &str {
        self.path(index).rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Whether two files are the two families of one host.
    fn are_pair(&self, a: usize, b: usize) -> bool {
        let dialect = |index: usize| self.parsed[index].as_ref().map(|parsed| parsed.dialect);
        let families = [dialect(a), dialect(b)];
        let both = [Dialect::Iptables, Dialect::Ip6tables];
        both.iter().all(|it| families.contains(&Some(*it)))
            && counterpart(self.path(a)).is_some_and(|path| path == self.path(b))
    }
}

fn indices(parsed: Vec<(usize, &Parsed)>) -> Vec<usize> {
    parsed.into_iter().map(|(index, _)| index).collect()
}

/// The file of the other family that belongs to a file by its name: `rules.v6` to `rules.v4`.
fn counterpart(path: &str) -> Option<String> {
    for (own, other) in [(".v4", ".v6"), (".v6", ".v4")] {
        if let Some(stem) = path.strip_suffix(own) {
            return Some(format!("{stem}{other}"));
        }
    }
    let (folder, name) = path.split_at(path.rfind('/').map_or(0, |at| at + 1));
    if let Some(rest) = name.strip_prefix("ip6tables") {
        return Some(format!("{folder}iptables{rest}"));
    }
    name.strip_prefix("iptables").map(|rest| format!("{folder}ip6tables{rest}"))
}

/// What is analysed of a file: all that it includes too.
fn text<'f>(files: &'f [Input], wholes: &'f BTreeMap<u32, Whole>, index: usize) -> &'f SourceFile {
    let whole = u32::try_from(index).ok().and_then(|index| wholes.get(&index));
    whole.map_or(&files[index].source, |whole| &whole.source)
}

#[cfg(test)]
mod tests {
    use super::counterpart;

    #[test]
    fn the_files_of_two_families_know_each_other_by_name() {
        for (a, b) in [
            ("etc/rules.v4", "etc/rules.v6"),
            ("sysconfig/iptables", "sysconfig/ip6tables"),
            ("iptables.rules", "ip6tables.rules"),
        ] {
            assert_eq!(counterpart(a).as_deref(), Some(b));
            assert_eq!(counterpart(b).as_deref(), Some(a));
        }
        assert_eq!(counterpart("iptables/rules"), None);
    }
}
