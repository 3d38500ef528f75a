//! Which elements two long lists have in common, in the same order.

use rustc_hash::FxHashMap;

/// Pairs of indexes at which the lists are equal, ascending in both. Not the most there can be: what is in one of the
/// lists more than once is paired only next to what is not.
pub(super) fn align(old: &[u32], new: &[u32]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let mut open = vec![(0..old.len(), 0..new.len())];
    while let Some((mut left, mut right)) = open.pop() {
        while !left.is_empty() && !right.is_empty() && old[left.start] == new[right.start] {
            pairs.push((left.start, right.start));
            left.start += 1;
            right.start += 1;
        }
        while !left.is_empty() && !right.is_empty() && old[left.end - 1] == new[right.end - 1] {
            left.end -= 1;
            right.end -= 1;
            pairs.push((left.end, right.end));
        }
        if left.is_empty() || right.is_empty() {
            continue;
        }
        let anchors = longest(&unique(&old[left.clone()], &new[right.clone()]));
        let (mut from, mut to) = (left.start, right.start);
        for (a, b) in &anchors {
            let (a, b) = (left.start + a, right.start + b);
            pairs.push((a, b));
            open.push((from..a, to..b));
            (from, to) = (a + 1, b + 1);
        }
        if !anchors.is_empty() {
            open.push((from..left.end, to..right.end));
        }
    }
    pairs.sort_unstable();
    pairs
}

/// The places of what is exactly once in both, in the order of the first.
fn unique(old: &[u32], new: &[u32]) -> Vec<(usize, usize)> {
    let once = |list: &[u32]| {
        let mut places: FxHashMap<u32, Option<usize>> = FxHashMap::default();
        for (at, key) in list.iter().enumerate() {
            places.entry(*key).and_modify(|place| *place = None).or_insert(Some(at));
        }
        places
    };
    let (left, right) = (once(old), once(new));
    let is_once =
        |key: &u32| left.get(key).copied().flatten().zip(right.get(key).copied().flatten());
    old.iter().filter_map(is_once).collect()
}

/// The longest part of `pairs`, ascending in the first, that ascends in the second too.
fn longest(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // For each length the pair that ends such a part lowest, and for each pair the one before it.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (at, pair) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| pairs[*end].1 < pair.1);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut part: Vec<_> =
        std::iter::successors(ends.last().copied(), |at| before[*at]).map(|at| pairs[at]).collect();
    part.reverse();
    part
}

#[cfg(test)]
mod tests {
    use super::align;
    use proptest::prelude::*;

    #[test]
    fn what_moved_or_is_new_stays_alone() {
        assert_eq!(align(&[1, 2, 3], &[1, 2, 3]), [(0, 0), (1, 1), (2, 2)]);
        assert_eq!(align(&[1, 2, 3], &[1, 9, 2, 3]), [(0, 0), (1, 2), (2, 3)]);
        assert_eq!(align(&[1, 2, 3, 4], &[2, 3, 1, 4]), [(1, 0), (2, 1), (3, 3)]);
        assert_eq!(align(&[], &[1]), []);
        assert_eq!(align(&[5, 7, 7, 1, 8], &[6, 7, 7, 1, 9]), [(1, 1), (2, 2), (3, 3)]);
    }

    proptest! {
        #[test]
        fn pairs_are_equal_and_ascend(
            old in prop::collection::vec(0_u32..8, 0..30),
            new in prop::collection::vec(0_u32..8, 0..30),
        ) {
            let pairs = align(&old, &new);
            prop_assert!(pairs.iter().all(|(a, b)| old[*a] == new[*b]));
            prop_assert!(pairs.windows(2).all(|it| it[0].0 < it[1].0 && it[0].1 < it[1].1));
            prop_assert_eq!(align(&old, &old).len(), old.len());
        }
    }
}
