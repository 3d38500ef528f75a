//! Sets are what lists of ranges say they are, however they are kept.

use super::{Ranges, SetId, Store, store::pivot};
use proptest::prelude::*;

const LAST: u128 = u128::MAX;

#[test]
fn equal_sets_have_one_number() {
    let store = Store::default();
    let whole = store.range(0, 9, 99);
    let rest = store.minus(whole, store.range(3, 5, 99));
    assert_eq!(rest, store.intern(&Ranges::of(vec![(6, 9), (0, 2)]), 99));
    assert_eq!(store.intersect(rest, whole), rest);
    assert!(store.is_subset(rest, whole) && !store.is_subset(whole, rest));
    assert_eq!(store.minus(rest, whole), SetId::EMPTY);
    assert_eq!(store.size(rest, 99), 7);
    assert_eq!(store.only(store.range(7, 7, 99), 99), Some(7));
    assert_eq!(store.only(store.range(0, 0, 99), 99), Some(0));
    assert_eq!(store.union(rest, store.range(1, 99, 99)), SetId::FULL);
}

#[test]
fn the_whole_of_128_bits_is_full() {
    let store = Store::default();
    let most = store.minus(SetId::FULL, store.range(5, 5, LAST));
    assert_eq!(store.ranges(most, LAST).as_slice(), [(0, 4), (6, u128::MAX)]);
    assert_eq!(store.union(most, store.range(5, 5, LAST)), SetId::FULL);
}

const LAST_IPV4: u128 = u32::MAX as u128;

/// Ranges on an axis: at both of its ends, and around the value that decides how they are kept.
fn ranges(last: u128) -> impl Strategy<Value = Ranges> {
    let around = pivot(last).saturating_sub(20);
    let near = move |from: u128, most: usize| {
        prop::collection::vec((from..=from + 39, from..=from + 39), 0..most)
    };
    let wide = prop::collection::vec((0..=last, 0..=last), 0..2);
    (near(0, 6), near(around, 4), near(last - 39, 2), wide).prop_map(|(a, b, c, d)| {
        let all = a.into_iter().chain(b).chain(c).chain(d);
        Ranges::of(all.map(|(one, other)| (one.min(other), one.max(other))).collect())
    })
}

fn assert_trees_and_lists_agree(last: u128, a: &Ranges, b: &Ranges) {
    let store = Store::default();
    let (one, other) = (store.intern(a, last), store.intern(b, last));
    assert_eq!(&store.ranges(one, last), a);
    assert_eq!(store.intersect(one, other), store.intern(&a.intersect(b), last));
    assert_eq!(store.minus(one, other), store.intern(&a.minus(b), last));
    assert_eq!(store.union(one, other), store.intern(&a.union(b), last));
    assert_eq!(store.overlaps(one, other), !a.intersect(b).is_empty());
    assert_eq!(store.is_subset(one, other), a.is_subset(b));
    assert_eq!(store.size(one, last), a.size());
    assert_eq!(store.common_size(one, other, last), a.intersect(b).size());
    assert_eq!(store.first(one), a.first());
    let around = pivot(last);
    for value in (0..45).chain(around.saturating_sub(25)..around + 25) {
        assert_eq!(store.contains(one, value), a.contains(value));
    }
    if let [(low, high)] = a.as_slice() {
        assert_eq!(store.range(*low, *high, last), one);
    }
}

proptest! {
    #[test]
    fn trees_and_lists_agree(a in ranges(LAST), b in ranges(LAST)) {
        assert_trees_and_lists_agree(LAST, &a, &b);
    }

    #[test]
    fn trees_and_lists_of_ipv4_agree(a in ranges(LAST_IPV4), b in ranges(LAST_IPV4)) {
        assert_trees_and_lists_agree(LAST_IPV4, &a, &b);
    }

    #[test]
    fn trees_and_lists_of_ports_agree(a in ranges(0xffff), b in ranges(0xffff)) {
        assert_trees_and_lists_agree(0xffff, &a, &b);
    }
}
