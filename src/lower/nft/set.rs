//! Named sets as they stand at the end of the file.

use super::Reader;
use crate::syntax::nft::{Element, ExprId, ExprKind, KeyType, Set, SetFlags, datatype::Datatype};
use rustc_hash::{FxHashMap, FxHashSet};

/// The most pairs of elements that are held against each other.
const COMPARED: usize = 10_000_000;

/// A named set or map.
#[derive(Debug, Default)]
pub(super) struct NamedSet<'f> {
    /// Its declaration; elements may be added to one that the file does not declare.
    pub(super) declared: Option<&'f Set>,
    /// What came into it and went out of it, in order.
    pub(super) parts: Vec<Part>,
    /// Whether a file that nobody saw may add to it.
    pub(super) partly: bool,
}

/// A step in a set's life: sets and variables as they are written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    /// Their elements are in it.
    Written(ExprId),
    /// Their elements are not in it any more.
    TakenOut(ExprId),
}

/// What a set holds.
pub(super) struct Contents {
    pub(super) elements: Vec<Element>,
    /// Whether it may hold others while it is in use: it is empty, filled by rules, its elements expire, or what was taken
    /// out of it is not known.
    pub(super) may_change: bool,
}

/// An element's key, so that two spellings of one are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key<'f> {
    Range(u128, u128),
    Word(&'f str),
}

impl<'f> Reader<'_, 'f> {
    /// What `set` holds at the end.
    pub(super) fn contents(&self, set: &NamedSet<'f>, depth: u8) -> Contents {
        let gather = |id: ExprId, into: &mut Vec<Element>| self.gather(id, depth, into);
        let mut elements = Vec::new();
        let mut known = !set.partly;
        let mut parts = set.parts.iter().peekable();
        while let Some(part) = parts.next() {
            match *part {
                Part::Written(id) => known &= gather(id, &mut elements),
                Part::TakenOut(id) => {
                    // Many commands in a row are one.
                    let mut out = Vec::new();
                    known &= gather(id, &mut out);
                    while let Some(Part::TakenOut(id)) = parts.peek() {
                        known &= gather(*id, &mut out);
                        parts.next();
                    }
                    known &= self.take_out(set, &mut elements, &out);
                }
            }
        }
        let constant = set.declared.is_some_and(|set| set.flags.contains(SetFlags::CONSTANT));
        let varies = set.declared.is_none_or(|set| {
            set.timeout.is_some()
                || set.flags.contains(SetFlags::TIMEOUT)
                || set.flags.contains(SetFlags::DYNAMIC)
        });
        let may_change = !known || (!constant && (varies || elements.is_empty()));
        Contents { elements, may_change }
    }

    /// Whether what is left is known: each element that goes was there, and none of the others covers it.
    fn take_out(&self, set: &NamedSet<'f>, from: &mut Vec<Element>, out: &[Element]) -> bool {
        let types = match set.declared.and_then(|set| set.key.as_ref()) {
            Some(KeyType::Types(parts)) => parts.iter().map(|part| part.datatype).collect(),
            Some(KeyType::Typeof(_)) | None => Vec::new(),
        };
        let key = |it: &Element| self.key_of(it.key, &types);
        let mut gone: FxHashMap<Vec<Key<'f>>, bool> = FxHashMap::default();
        for element in out {
            let Some(key) = key(element) else { return false };
            gone.insert(key, false);
        }
        let mut left: FxHashSet<Vec<Key<'f>>> = FxHashSet::default();
        let mut unread = false;
        from.retain(|element| {
            let Some(key) = key(element) else {
                unread = true;
                return true;
            };
            if let Some(found) = gone.get_mut(&key) {
                *found = true;
                return false;
            }
            let is_range = |it: &Key<'_>| matches!(it, Key::Range(low, high) if low != high);
            if key.iter().any(is_range) {
                left.insert(key);
            }
            true
        });
        let covered = left.len().saturating_mul(gone.len()) > COMPARED
            || gone.keys().any(|gone| left.iter().any(|left| overlap(gone, left)));
        !unread && !covered && gone.values().all(|found| *found)
    }

    /// `None` where no number and no word stands for it.
    fn key_of(&self, id: ExprId, types: &[Datatype]) -> Option<Vec<Key<'f>>> {
        let file = self.replay.file;
        let id = file.resolved(id)?;
        let one = |id: ExprId, place: usize| {
            let datatype = types.get(place).copied().unwrap_or(Datatype::Integer);
            if let Some((low, high, _)) = self.range(id, datatype) {
                return Some(Key::Range(low, high));
            }
            self.replay.word(id).map(Key::Word)
        };
        match file.expr(id).kind {
            ExprKind::Concat(parts) => file
                .parts(parts)
                .iter()
                .enumerate()
                .map(|(place, part)| one(*part, place))
                .collect(),
            _ => one(id, 0).map(|key| vec![key]),
        }
    }
}

fn overlap(a: &[Key<'_>], b: &[Key<'_>]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|pair| match pair {
            (Key::Range(low, high), Key::Range(first, last)) => low <= last && first <= high,
            (a, b) => a == b,
        })
}
