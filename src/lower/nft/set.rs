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
        let mut elements = Vec::new();
        let mut known = !set.partly;
        let shrinks = set.parts.iter().any(|part| matches!(part, Part::TakenOut(_)));
        if shrinks {
            let (left, sure) = self.left(set, depth);
            elements = left;
            known &= sure;
        } else {
            for part in &set.parts {
                let (Part::Written(id) | Part::TakenOut(id)) = *part;
                known &= self.gather(id, depth, &mut elements);
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

    /// What is left of a set that elements were taken out of, and whether that is sure: each that went was there, and none
    /// of the others covers it.
    fn left(&self, set: &NamedSet<'f>, depth: u8) -> (Vec<Element>, bool) {
        let types = match set.declared.and_then(|set| set.key.as_ref()) {
            Some(KeyType::Types(parts)) => parts.iter().map(|part| part.datatype).collect(),
            Some(KeyType::Typeof(_)) | None => Vec::new(),
        };
        let mut left: Vec<Option<Element>> = Vec::new();
        let mut places: FxHashMap<Vec<Key<'f>>, Vec<usize>> = FxHashMap::default();
        let mut ranges: FxHashSet<Vec<Key<'f>>> = FxHashSet::default();
        let (mut sure, mut compared) = (true, 0);
        for part in &set.parts {
            let (Part::Written(id) | Part::TakenOut(id)) = *part;
            let mut elements = Vec::new();
            sure &= self.gather(id, depth, &mut elements);
            for element in elements {
                let key = self.key_of(element.key, &types);
                sure &= key.is_some();
                if let Part::TakenOut(_) = part {
                    let Some(key) = key else { continue };
                    ranges.remove(&key);
                    let gone = places.remove(&key).unwrap_or_default();
                    sure &= !gone.is_empty();
                    for place in gone {
                        left[place] = None;
                    }
                    compared += ranges.len();
                    sure &= compared < COMPARED && !ranges.iter().any(|it| overlap(&key, it));
                    continue;
                }
                if let Some(key) = key {
                    if key.iter().any(|it| matches!(it, Key::Range(low, high) if low != high)) {
                        ranges.insert(key.clone());
                    }
                    places.entry(key).or_default().push(left.len());
                }
                left.push(Some(element));
            }
        }
        (left.into_iter().flatten().collect(), sure)
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
