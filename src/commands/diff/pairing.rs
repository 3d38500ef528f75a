//! Which host of one side is which of the other.

use crate::{commands::reading::Reading, lower::Input};

/// A host with its other side, where it has one.
pub(super) enum Matched<'r> {
    Both(Vec<Input<'r>>, Vec<Input<'r>>),
    Old(Vec<Input<'r>>),
    New(Vec<Input<'r>>),
}

/// Each host of either side once. Hosts are the same whose first files have the same path below what was named; where one
/// side has hosts left and the other too, those are one host that was written anew, in another format, say.
pub(super) fn pairs<'r>(old: &'r Reading, new: &'r Reading) -> Vec<Matched<'r>> {
    let (before, after) = (old.hosts(), new.hosts());
    let (old_root, new_root) = (root(&before), root(&after));
    let mut after: Vec<Option<Vec<Input<'r>>>> = after.into_iter().map(Some).collect();
    let (mut matched, mut alone) = (Vec::new(), Vec::new());
    for host in before {
        let path = below(&host, old_root);
        let is_it = |it: &&mut Option<Vec<Input<'r>>>| {
            it.as_ref().is_some_and(|other| below(other, new_root) == path)
        };
        match after.iter_mut().find(is_it).and_then(Option::take) {
            Some(other) => matched.push(Matched::Both(host, other)),
            None => alone.push(host),
        }
    }
    let others: Vec<Vec<Input<'r>>> = after.into_iter().flatten().collect();
    if !alone.is_empty() && !others.is_empty() {
        matched.push(Matched::Both(alone.concat(), others.concat()));
        return matched;
    }
    matched.extend(alone.into_iter().map(Matched::Old));
    matched.extend(others.into_iter().map(Matched::New));
    matched
}

/// How much of all paths is one folder.
fn root(hosts: &[Vec<Input<'_>>]) -> usize {
    let paths: Vec<&str> = hosts.iter().filter_map(|it| Some(path(it.first()?))).collect();
    let Some(first) = paths.first() else { return 0 };
    let folder = |length: usize| first[..length].rfind('/').map_or(0, |at| at + 1);
    let mut length = folder(first.len());
    while !paths.iter().all(|it| it.starts_with(&first[..length])) {
        length = folder(length - 1);
    }
    length
}

fn path<'h>(input: &'h Input<'_>) -> &'h str {
    &input.source.path
}

fn below<'h>(host: &'h [Input<'_>], root: usize) -> &'h str {
    host.first().map_or("", |it| &path(it)[root..])
}
