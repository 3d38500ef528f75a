use super::Ranges;
use rustc_hash::FxHashMap;
use std::cell::RefCell;

/// A value set in a [`Store`]. Two are equal exactly when their sets are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SetId(u32);

impl SetId {
    /// The set of nothing, in every store.
    pub const EMPTY: Self = Self(0);
}

/// Every value set of one analysis, each kept once; dropped whole.
///
/// A set is a tree over the bits of its values, the highest first, with the levels left out at which nothing branches (a
/// Patricia trie), and equal subtrees are one. So a single prefix is one node, adding a prefix to a set of a hundred
/// thousand makes a dozen, and "all but those" shares nearly all of its nodes with the "all but those" of one rule before.
#[derive(Debug, Default)]
pub struct Store {
    inner: RefCell<Inner>,
}

/// All values whose first bits are those of `prefix`, or those of them that `left` and `right` hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Node {
    prefix: u128,
    /// How many leading bits of `prefix` count, of 128.
    length: u8,
    /// What has a 0 after the prefix; [`SetId::EMPTY`] on both sides for a leaf, which holds everything.
    left: SetId,
    /// What has a 1 after the prefix.
    right: SetId,
}

impl Node {
    fn is_leaf(&self) -> bool {
        self.left == SetId::EMPTY
    }

    /// Whether `value` begins with the prefix.
    fn holds(&self, value: u128) -> bool {
        (value ^ self.prefix).leading_zeros() >= self.length.into()
    }

    /// The side that `value`, which begins with the prefix, is on.
    fn side(&self, value: u128) -> SetId {
        if bit(value, self.length) { self.right } else { self.left }
    }

    /// The largest value that begins with the prefix.
    fn last(&self) -> u128 {
        self.prefix | low_bits(self.length)
    }
}

/// The bit after the first `length`.
fn bit(value: u128, length: u8) -> bool {
    value >> (127 - length) & 1 == 1
}

/// Ones at the bits after the first `length`.
fn low_bits(length: u8) -> u128 {
    u128::MAX.checked_shr(length.into()).unwrap_or(0)
}

#[derive(Debug)]
struct Inner {
    nodes: Vec<Node>,
    /// How many values each node holds.
    sizes: Vec<u128>,
    known: FxHashMap<Node, SetId>,
    intersections: FxHashMap<(SetId, SetId), SetId>,
    differences: FxHashMap<(SetId, SetId), SetId>,
    unions: FxHashMap<(SetId, SetId), SetId>,
}

impl Default for Inner {
    fn default() -> Self {
        let nothing = Node { prefix: 0, length: 0, left: SetId::EMPTY, right: SetId::EMPTY };
        Self {
            nodes: vec![nothing],
            sizes: vec![0],
            known: FxHashMap::default(),
            intersections: FxHashMap::default(),
            differences: FxHashMap::default(),
            unions: FxHashMap::default(),
        }
    }
}

impl Inner {
    fn node(&self, id: SetId) -> Node {
        self.nodes[id.0 as usize]
    }

    fn keep(&mut self, node: Node) -> SetId {
        if let Some(id) = self.known.get(&node) {
            return *id;
        }
        let id = SetId(
            u32::try_from(self.nodes.len()).expect("fewer than four billion nodes fit in memory"),
        );
        let size = if node.is_leaf() {
            low_bits(node.length).saturating_add(1)
        } else {
            self.sizes[node.left.0 as usize].saturating_add(self.sizes[node.right.0 as usize])
        };
        self.nodes.push(node);
        self.sizes.push(size);
        self.known.insert(node, id);
        id
    }

    fn leaf(&mut self, prefix: u128, length: u8) -> SetId {
        self.keep(Node { prefix, length, left: SetId::EMPTY, right: SetId::EMPTY })
    }

    /// The node with these sides, which hold what follows `prefix`.
    fn join(&mut self, prefix: u128, length: u8, left: SetId, right: SetId) -> SetId {
        if left == SetId::EMPTY {
            return right;
        }
        if right == SetId::EMPTY {
            return left;
        }
        let whole = |node: Node| node.is_leaf() && node.length == length + 1;
        if whole(self.node(left)) && whole(self.node(right)) {
            return self.leaf(prefix, length);
        }
        self.keep(Node { prefix, length, left, right })
    }

    /// The two halves of a leaf.
    fn halves(&mut self, leaf: Node) -> (SetId, SetId) {
        let middle = 1 << (127 - leaf.length);
        (self.leaf(leaf.prefix, leaf.length + 1), self.leaf(leaf.prefix | middle, leaf.length + 1))
    }

    fn range(&mut self, low: u128, high: u128) -> SetId {
        let (mut set, mut from) = (SetId::EMPTY, low);
        loop {
            // The largest aligned block that starts at `from` and ends by `high`.
            let mut length = u8::try_from(128 - from.trailing_zeros()).unwrap_or(0);
            while from | low_bits(length) > high {
                length += 1;
            }
            let block = self.leaf(from, length);
            set = self.union(set, block);
            match (from | low_bits(length)).checked_add(1) {
                Some(next) if next <= high => from = next,
                _ => return set,
            }
        }
    }

    /// Halves first: the union of two sets that lie apart touches only their edges.
    fn several(&mut self, ranges: &[(u128, u128)]) -> SetId {
        match ranges {
            [] => SetId::EMPTY,
            [(low, high)] => self.range(*low, *high),
            _ => {
                let (first, second) = ranges.split_at(ranges.len() / 2);
                let (first, second) = (self.several(first), self.several(second));
                self.union(first, second)
            }
        }
    }

    fn intersect(&mut self, a: SetId, b: SetId) -> SetId {
        if a == b || a == SetId::EMPTY {
            return a;
        }
        if b == SetId::EMPTY {
            return b;
        }
        let (one, other) = (self.node(a), self.node(b));
        // The one with the shorter prefix holds the other or shares nothing with it.
        let (upper, lower, low_id) =
            if one.length <= other.length { (one, other, b) } else { (other, one, a) };
        if !upper.holds(lower.prefix) {
            return SetId::EMPTY;
        }
        if upper.is_leaf() {
            return low_id;
        }
        if upper.length < lower.length {
            return self.intersect(upper.side(lower.prefix), low_id);
        }
        if lower.is_leaf() {
            return if low_id == a { b } else { a };
        }
        let key = (a.min(b), a.max(b));
        if let Some(known) = self.intersections.get(&key) {
            return *known;
        }
        let left = self.intersect(upper.left, lower.left);
        let right = self.intersect(upper.right, lower.right);
        let set = self.join(upper.prefix, upper.length, left, right);
        self.intersections.insert(key, set);
        set
    }

    fn minus(&mut self, a: SetId, b: SetId) -> SetId {
        if a == b || a == SetId::EMPTY {
            return SetId::EMPTY;
        }
        if b == SetId::EMPTY {
            return a;
        }
        let (one, other) = (self.node(a), self.node(b));
        if other.length < one.length {
            return match () {
                () if !other.holds(one.prefix) => a,
                () if other.is_leaf() => SetId::EMPTY,
                () => self.minus(a, other.side(one.prefix)),
            };
        }
        if !one.holds(other.prefix) {
            return a;
        }
        if one.length == other.length && other.is_leaf() {
            return SetId::EMPTY;
        }
        let remember = !other.is_leaf();
        if remember && let Some(known) = self.differences.get(&(a, b)) {
            return *known;
        }
        let (left, right) = if one.is_leaf() { self.halves(one) } else { (one.left, one.right) };
        let (left, right) = if one.length == other.length {
            (self.minus(left, other.left), self.minus(right, other.right))
        } else if bit(other.prefix, one.length) {
            (left, self.minus(right, b))
        } else {
            (self.minus(left, b), right)
        };
        let set = self.join(one.prefix, one.length, left, right);
        if remember {
            self.differences.insert((a, b), set);
        }
        set
    }

    fn union(&mut self, a: SetId, b: SetId) -> SetId {
        if a == b || b == SetId::EMPTY {
            return a;
        }
        if a == SetId::EMPTY {
            return b;
        }
        let (one, other) = (self.node(a), self.node(b));
        let (upper, upper_id, lower, low_id) =
            if one.length <= other.length { (one, a, other, b) } else { (other, b, one, a) };
        if !upper.holds(lower.prefix) {
            let common =
                u8::try_from((upper.prefix ^ lower.prefix).leading_zeros()).unwrap_or(u8::MAX);
            let prefix = upper.prefix & !low_bits(common);
            let (left, right) =
                if bit(upper.prefix, common) { (low_id, upper_id) } else { (upper_id, low_id) };
            return self.join(prefix, common, left, right);
        }
        if upper.is_leaf() {
            return upper_id;
        }
        if upper.length < lower.length {
            let (left, right) = if bit(lower.prefix, upper.length) {
                (upper.left, self.union(upper.right, low_id))
            } else {
                (self.union(upper.left, low_id), upper.right)
            };
            return self.join(upper.prefix, upper.length, left, right);
        }
        if lower.is_leaf() {
            return low_id;
        }
        let key = (a.min(b), a.max(b));
        if let Some(known) = self.unions.get(&key) {
            return *known;
        }
        let left = self.union(upper.left, lower.left);
        let right = self.union(upper.right, lower.right);
        let set = self.join(upper.prefix, upper.length, left, right);
        self.unions.insert(key, set);
        set
    }

    fn overlaps(&self, a: SetId, b: SetId) -> bool {
        if a == SetId::EMPTY || b == SetId::EMPTY {
            return false;
        }
        if a == b {
            return true;
        }
        let (one, other) = (self.node(a), self.node(b));
        let (upper, lower, low_id) =
            if one.length <= other.length { (one, other, b) } else { (other, one, a) };
        if !upper.holds(lower.prefix) {
            return false;
        }
        if upper.is_leaf() {
            return true;
        }
        if upper.length < lower.length {
            return self.overlaps(upper.side(lower.prefix), low_id);
        }
        lower.is_leaf()
            || self.overlaps(upper.left, lower.left)
            || self.overlaps(upper.right, lower.right)
    }

    fn ranges(&self, id: SetId, ranges: &mut Vec<(u128, u128)>) {
        if id == SetId::EMPTY {
            return;
        }
        let node = self.node(id);
        if node.is_leaf() {
            match ranges.last_mut() {
                Some(last) if last.1 + 1 == node.prefix => last.1 = node.last(),
                _ => ranges.push((node.prefix, node.last())),
            }
            return;
        }
        self.ranges(node.left, ranges);
        self.ranges(node.right, ranges);
    }
}

impl Store {
    /// The set of `ranges`.
    pub fn intern(&self, ranges: &Ranges) -> SetId {
        self.inner.borrow_mut().several(ranges.as_slice())
    }

    /// The set of `low..=high`.
    pub fn range(&self, low: u128, high: u128) -> SetId {
        if low > high { SetId::EMPTY } else { self.inner.borrow_mut().range(low, high) }
    }

    /// The values of a set.
    pub fn ranges(&self, id: SetId) -> Ranges {
        let mut ranges = Vec::new();
        self.inner.borrow().ranges(id, &mut ranges);
        Ranges::of(ranges)
    }

    /// What is in both.
    pub fn intersect(&self, a: SetId, b: SetId) -> SetId {
        self.inner.borrow_mut().intersect(a, b)
    }

    /// What is in `a` and not in `b`.
    pub fn minus(&self, a: SetId, b: SetId) -> SetId {
        self.inner.borrow_mut().minus(a, b)
    }

    /// What is in either.
    pub fn union(&self, a: SetId, b: SetId) -> SetId {
        self.inner.borrow_mut().union(a, b)
    }

    /// Whether `a` and `b` share a value.
    pub fn overlaps(&self, a: SetId, b: SetId) -> bool {
        self.inner.borrow().overlaps(a, b)
    }

    /// Whether all of `a` is in `b`.
    pub fn is_subset(&self, a: SetId, b: SetId) -> bool {
        a == b || self.intersect(a, b) == a
    }

    /// How many values a set holds; the whole of 128 bits counts as one less, which no caller can tell apart.
    pub fn size(&self, id: SetId) -> u128 {
        self.inner.borrow().sizes[id.0 as usize]
    }

    /// Whether `value` is in a set.
    pub fn contains(&self, id: SetId, value: u128) -> bool {
        let inner = self.inner.borrow();
        let mut id = id;
        while id != SetId::EMPTY {
            let node = inner.node(id);
            if !node.holds(value) {
                return false;
            }
            if node.is_leaf() {
                return true;
            }
            id = node.side(value);
        }
        false
    }

    /// The smallest value of a set.
    pub fn first(&self, id: SetId) -> Option<u128> {
        let inner = self.inner.borrow();
        let mut id = (id != SetId::EMPTY).then_some(id)?;
        loop {
            let node = inner.node(id);
            if node.is_leaf() {
                return Some(node.prefix);
            }
            id = node.left;
        }
    }

    /// The value of a set that holds one.
    pub fn only(&self, id: SetId) -> Option<u128> {
        if self.size(id) == 1 { self.first(id) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ranges, SetId, Store};
    use proptest::prelude::*;

    #[test]
    fn equal_sets_have_one_number() {
        let store = Store::default();
        let whole = store.range(0, 9);
        let rest = store.minus(whole, store.range(3, 5));
        assert_eq!(rest, store.intern(&Ranges::of(vec![(6, 9), (0, 2)])));
        assert_eq!(store.intersect(rest, whole), rest);
        assert!(store.is_subset(rest, whole) && !store.is_subset(whole, rest));
        assert_eq!(store.minus(rest, whole), SetId::EMPTY);
        assert_eq!(store.size(rest), 7);
        assert_eq!(store.only(store.range(7, 7)), Some(7));
    }

    #[test]
    fn the_whole_of_128_bits_is_one_leaf() {
        let store = Store::default();
        let all = store.range(0, u128::MAX);
        let most = store.minus(all, store.range(5, 5));
        assert_eq!(store.ranges(most).as_slice(), [(0, 4), (6, u128::MAX)]);
        assert_eq!(store.union(most, store.range(5, 5)), all);
    }

    fn ranges() -> impl Strategy<Value = Ranges> {
        let low = prop::collection::vec((0..40_u128, 0..40_u128), 0..6);
        let high = prop::collection::vec((u128::MAX - 20.., u128::MAX - 20..), 0..2);
        (low, high).prop_map(|(mut low, high)| {
            low.extend(high);
            Ranges::of(low)
        })
    }

    proptest! {
        #[test]
        fn trees_and_lists_agree(a in ranges(), b in ranges(), value in 0..45_u128) {
            let store = Store::default();
            let (one, other) = (store.intern(&a), store.intern(&b));
            prop_assert_eq!(&store.ranges(one), &a);
            prop_assert_eq!(store.intersect(one, other), store.intern(&a.intersect(&b)));
            prop_assert_eq!(store.minus(one, other), store.intern(&a.minus(&b)));
            prop_assert_eq!(store.union(one, other), store.intern(&a.union(&b)));
            prop_assert_eq!(store.overlaps(one, other), !a.intersect(&b).is_empty());
            prop_assert_eq!(store.is_subset(one, other), a.is_subset(&b));
            prop_assert_eq!(store.size(one), a.size());
            prop_assert_eq!(store.contains(one, value), a.contains(value));
            prop_assert_eq!(store.first(one), a.first());
        }
    }
}
