use std::cmp::Ordering;

/// A mask that leaves more runs of values than this is not enumerated.
const MOST_RUNS: u128 = 4096;

/// A set of integers as sorted, disjoint, non-adjacent inclusive ranges: equal sets are equal vectors.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Ranges(Vec<(u128, u128)>);

impl Ranges {
    /// The set of nothing.
    pub const EMPTY: Self = Self(Vec::new());

    /// `low..=high`.
    pub fn range(low: u128, high: u128) -> Self {
        if low > high { Self::EMPTY } else { Self(vec![(low, high)]) }
    }

    /// The union of ranges in any order.
    pub fn of(mut ranges: Vec<(u128, u128)>) -> Self {
        ranges.retain(|(low, high)| low <= high);
        if !ranges.is_sorted() {
            ranges.sort_unstable();
        }
        let mut merged: Vec<(u128, u128)> = Vec::with_capacity(ranges.len());
        for (low, high) in ranges {
            match merged.last_mut() {
                Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
                _ => merged.push((low, high)),
            }
        }
        Self(merged)
    }

    /// The values up to `last` (all ones) whose bits at `mask` are those of `value`; `None` where they are too many runs.
    pub fn under_mask(last: u128, mask: u128, value: u128) -> Option<Self> {
        let free = last & !mask;
        // The free bits below the lowest fixed one make each run; those above it are enumerated.
        let low =
            if mask & last == 0 { last } else { (1_u128 << (mask & last).trailing_zeros()) - 1 };
        let high = free & !low;
        if 1_u128.checked_shl(high.count_ones()).is_none_or(|count| count > MOST_RUNS) {
            return None;
        }
        let mut ranges = Vec::new();
        let mut chosen = 0_u128;
        loop {
            let start = (value & last & !low) | chosen;
            ranges.push((start, start | low));
            // Counts through the subsets of `high`.
            chosen = chosen.wrapping_sub(high) & high;
            if chosen == 0 {
                return Some(Self::of(ranges));
            }
        }
    }

    /// The ranges, ascending.
    pub fn as_slice(&self) -> &[(u128, u128)] {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many integers it holds; the whole of 128 bits counts as one less, which no caller can tell apart.
    pub fn size(&self) -> u128 {
        self.0
            .iter()
            .fold(0, |sum: u128, (low, high)| sum.saturating_add((high - low).saturating_add(1)))
    }

    /// Whether `value` is in it.
    pub fn contains(&self, value: u128) -> bool {
        self.0
            .binary_search_by(|(low, high)| {
                if *high < value {
                    Ordering::Less
                } else if *low > value {
                    Ordering::Greater
                } else {
                    Ordering::Equal
                }
            })
            .is_ok()
    }

    /// What is in both.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        // A short list against a long one: search instead of walking.
        if self.0.len() * 16 < other.0.len() {
            return other.within(self);
        }
        if other.0.len() * 16 < self.0.len() {
            return self.within(other);
        }
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut common = Vec::new();
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let (low, high) = (a.0.max(b.0), a.1.min(b.1));
            if low <= high {
                common.push((low, high));
            }
            if a.1 < b.1 {
                left.next()
            } else {
                right.next()
            };
        }
        Self(common)
    }

    fn within(&self, few: &Self) -> Self {
        let mut common = Vec::new();
        for (low, high) in &few.0 {
            let first = self.0.partition_point(|range| range.1 < *low);
            let inside = self.0[first..].iter().take_while(|range| range.0 <= *high);
            common.extend(inside.map(|range| (range.0.max(*low), range.1.min(*high))));
        }
        Self(common)
    }

    /// What is in this one and not in `other`.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let mut rest = Vec::new();
        for (low, high) in &self.0 {
            let mut from = *low;
            let mut finished = false;
            let first = other.0.partition_point(|range| range.1 < *low);
            for (start, end) in other.0[first..].iter().take_while(|range| range.0 <= *high) {
                if *start > from {
                    rest.push((from, start - 1));
                }
                if *end >= *high {
                    finished = true;
                    break;
                }
                from = end + 1;
            }
            if !finished {
                rest.push((from, *high));
            }
        }
        Self(rest)
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut all = Vec::with_capacity(self.0.len() + other.0.len());
        all.extend_from_slice(&self.0);
        all.extend_from_slice(&other.0);
        Self::of(all)
    }

    /// Whether all of it is in `other`.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.iter().all(|(low, high)| {
            let at = other.0.partition_point(|range| range.1 < *low);
            other.0.get(at).is_some_and(|range| range.0 <= *low && *high <= range.1)
        })
    }

    /// The smallest value in it.
    pub fn first(&self) -> Option<u128> {
        self.0.first().map(|range| range.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Ranges;
    use proptest::prelude::*;

    const TOP: u128 = 40;

    fn small() -> impl Strategy<Value = Ranges> {
        prop::collection::vec((0..=TOP, 0..=TOP), 0..6).prop_map(Ranges::of)
    }

    fn members(set: &Ranges) -> Vec<bool> {
        (0..=TOP).map(|value| set.contains(value)).collect()
    }

    proptest! {
        #[test]
        fn operations_agree_with_counting(a in small(), b in small()) {
            let (in_a, in_b) = (members(&a), members(&b));
            let both: Vec<bool> = in_a.iter().zip(&in_b).map(|(x, y)| *x && *y).collect();
            let either: Vec<bool> = in_a.iter().zip(&in_b).map(|(x, y)| *x || *y).collect();
            let only: Vec<bool> = in_a.iter().zip(&in_b).map(|(x, y)| *x && !*y).collect();
            prop_assert_eq!(members(&a.intersect(&b)), both);
            prop_assert_eq!(members(&a.union(&b)), either);
            prop_assert_eq!(members(&a.minus(&b)), only);
            prop_assert_eq!(a.is_subset(&b), a.minus(&b).is_empty());
            prop_assert_eq!(a.size(), in_a.iter().filter(|member| **member).count() as u128);
        }

        #[test]
        fn equal_sets_are_equal_values(a in small(), b in small()) {
            prop_assert_eq!(a.minus(&b).union(&a.intersect(&b)), a);
        }
    }

    #[test]
    fn a_short_list_in_a_long_one_is_searched() {
        let long = Ranges::of((0..1000).map(|n| (n * 10, n * 10 + 4)).collect());
        let few = Ranges::of(vec![(3, 12), (9_990, 20_000)]);
        assert_eq!(long.intersect(&few).as_slice(), [(3, 4), (10, 12), (9_990, 9_994)]);
        assert_eq!(few.intersect(&long), long.intersect(&few));
    }

    #[test]
    fn the_whole_of_128_bits_has_an_empty_complement() {
        let all = Ranges::range(0, u128::MAX);
        assert!(all.minus(&all).is_empty());
        assert_eq!(all.minus(&Ranges::range(5, 5)).as_slice(), [(0, 4), (6, u128::MAX)]);
    }

    #[test]
    fn a_mask_with_holes_is_the_runs_it_leaves() {
        for (mask, value) in
            [(0x0f, 0x05), (0xf0, 0x50), (0xa5, 0x21), (0, 0), (0xff, 0x7e), (0x01, 1)]
        {
            let set = Ranges::under_mask(0xff, mask, value).expect("256 values leave few runs");
            for number in 0..=0xff_u128 {
                assert_eq!(
                    set.contains(number),
                    number & mask == value,
                    "{number:x} & {mask:x} == {value:x}"
                );
            }
        }
        assert!(Ranges::under_mask(u128::MAX, 1, 1).is_none());
    }
}
