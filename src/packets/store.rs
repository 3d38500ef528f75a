use super::Ranges;
use hashbrown::HashTable;
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::{cell::RefCell, hash::BuildHasher};

/// A value set in a [`Store`]. Two are equal exactly when their sets are.
///
/// A set that holds 0 is kept as what it leaves out: "any source but these" then costs no more than "these".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SetId(u32);

impl SetId {
    /// The set of nothing, in every store.
    pub const EMPTY: Self = Self(0);
    /// The set of every value of an axis, in every store.
    pub const FULL: Self = Self(Self::LEAVES_OUT);

    const LEAVES_OUT: u32 = 1 << 31;

    const fn tree(self) -> Tree {
        Tree(self.0 & !Self::LEAVES_OUT)
    }

    const fn leaves_out(self) -> bool {
        self.0 & Self::LEAVES_OUT != 0
    }

    const fn all_but(tree: Tree) -> Self {
        Self(tree.0 | Self::LEAVES_OUT)
    }

    const fn of(tree: Tree) -> Self {
        Self(tree.0)
    }
}

/// A node, as the root of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Tree(u32);

impl Tree {
    const EMPTY: Self = Self(0);
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
    /// What has a 0 after the prefix; [`Tree::EMPTY`] on both sides for a leaf, which holds everything.
    left: Tree,
    /// What has a 1 after the prefix.
    right: Tree,
}

impl Node {
    fn is_leaf(&self) -> bool {
        self.left == Tree::EMPTY
    }

    /// Whether `value` begins with the prefix.
    fn holds(&self, value: u128) -> bool {
        (value ^ self.prefix).leading_zeros() >= self.length.into()
    }

    /// The side that `value`, which begins with the prefix, is on.
    fn side(&self, value: u128) -> Tree {
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
    /// Every node by its content; the content itself stands in `nodes` only.
    known: HashTable<Tree>,
    intersections: FxHashMap<(Tree, Tree), Tree>,
    differences: FxHashMap<(Tree, Tree), Tree>,
    unions: FxHashMap<(Tree, Tree), Tree>,
}

impl Default for Inner {
    fn default() -> Self {
        let nothing = Node { prefix: 0, length: 0, left: Tree::EMPTY, right: Tree::EMPTY };
        Self {
            nodes: vec![nothing],
            sizes: vec![0],
            known: HashTable::new(),
            intersections: FxHashMap::default(),
            differences: FxHashMap::default(),
            unions: FxHashMap::default(),
        }
    }
}

impl Inner {
    fn node(&self, id: Tree) -> Node {
        self.nodes[id.0 as usize]
    }

    fn keep(&mut self, node: Node) -> Tree {
        let hash = FxBuildHasher.hash_one(node);
        if let Some(id) = self.known.find(hash, |id| self.nodes[id.0 as usize] == node) {
            return *id;
        }
        let id = Tree(
            u32::try_from(self.nodes.len()).expect("fewer than four billion nodes fit in memory"),
        );
        let size = if node.is_leaf() {
            low_bits(node.length).saturating_add(1)
        } else {
            self.sizes[node.left.0 as usize].saturating_add(self.sizes[node.right.0 as usize])
        };
        self.nodes.push(node);
        self.sizes.push(size);
        let nodes = &self.nodes;
        self.known.insert_unique(hash, id, |id| FxBuildHasher.hash_one(nodes[id.0 as usize]));
        id
    }

    fn leaf(&mut self, prefix: u128, length: u8) -> Tree {
        self.keep(Node { prefix, length, left: Tree::EMPTY, right: Tree::EMPTY })
    }

    /// The node with these sides, which hold what follows `prefix`.
    fn join(&mut self, prefix: u128, length: u8, left: Tree, right: Tree) -> Tree {
        if left == Tree::EMPTY {
            return right;
        }
        if right == Tree::EMPTY {
            return left;
        }
        let whole = |node: Node| node.is_leaf() && node.length == length + 1;
        if whole(self.node(left)) && whole(self.node(right)) {
            return self.leaf(prefix, length);
        }
        self.keep(Node { prefix, length, left, right })
    }

    /// The two halves of a leaf.
    fn halves(&mut self, leaf: Node) -> (Tree, Tree) {
        let middle = 1 << (127 - leaf.length);
        (self.leaf(leaf.prefix, leaf.length + 1), self.leaf(leaf.prefix | middle, leaf.length + 1))
    }

    fn range(&mut self, low: u128, high: u128) -> Tree {
        let (mut set, mut from) = (Tree::EMPTY, low);
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
    fn several(&mut self, ranges: &[(u128, u128)]) -> Tree {
        match ranges {
            [] => Tree::EMPTY,
            [(low, high)] => self.range(*low, *high),
            _ => {
                let (first, second) = ranges.split_at(ranges.len() / 2);
                let (first, second) = (self.several(first), self.several(second));
                self.union(first, second)
            }
        }
    }

    fn intersect(&mut self, a: Tree, b: Tree) -> Tree {
        if a == b || a == Tree::EMPTY {
            return a;
        }
        if b == Tree::EMPTY {
            return b;
        }
        let (one, other) = (self.node(a), self.node(b));
        // The one with the shorter prefix holds the other or shares nothing with it.
        let (upper, lower, low_id) =
            if one.length <= other.length { (one, other, b) } else { (other, one, a) };
        if !upper.holds(lower.prefix) {
            return Tree::EMPTY;
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

    fn minus(&mut self, a: Tree, b: Tree) -> Tree {
        if a == b || a == Tree::EMPTY {
            return Tree::EMPTY;
        }
        if b == Tree::EMPTY {
            return a;
        }
        let (one, other) = (self.node(a), self.node(b));
        if other.length < one.length {
            return match () {
                () if !other.holds(one.prefix) => a,
                () if other.is_leaf() => Tree::EMPTY,
                () => self.minus(a, other.side(one.prefix)),
            };
        }
        if !one.holds(other.prefix) {
            return a;
        }
        if one.length == other.length && other.is_leaf() {
            return Tree::EMPTY;
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

    fn union(&mut self, a: Tree, b: Tree) -> Tree {
        if a == b || b == Tree::EMPTY {
            return a;
        }
        if a == Tree::EMPTY {
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

    fn overlaps(&self, a: Tree, b: Tree) -> bool {
        if a == Tree::EMPTY || b == Tree::EMPTY {
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

    fn is_subset(&self, a: Tree, b: Tree) -> bool {
        if a == b || a == Tree::EMPTY {
            return true;
        }
        if b == Tree::EMPTY {
            return false;
        }
        let (one, other) = (self.node(a), self.node(b));
        if other.length > one.length || !other.holds(one.prefix) {
            return false;
        }
        if other.is_leaf() {
            return true;
        }
        if other.length < one.length {
            return self.is_subset(a, other.side(one.prefix));
        }
        !one.is_leaf()
            && self.is_subset(one.left, other.left)
            && self.is_subset(one.right, other.right)
    }

    fn ranges(&self, id: Tree, ranges: &mut Vec<(u128, u128)>) {
        if id == Tree::EMPTY {
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

    fn contains(&self, mut tree: Tree, value: u128) -> bool {
        while tree != Tree::EMPTY {
            let node = self.node(tree);
            if !node.holds(value) {
                return false;
            }
            if node.is_leaf() {
                return true;
            }
            tree = node.side(value);
        }
        false
    }

    fn first(&self, mut tree: Tree) -> u128 {
        loop {
            let node = self.node(tree);
            if node.is_leaf() {
                return node.prefix;
            }
            tree = node.left;
        }
    }
}

impl Store {
    /// A store with room for about so many sets.
    pub fn with_room_for(sets: usize) -> Self {
        let store = Self::default();
        {
            let mut inner = store.inner.borrow_mut();
            inner.nodes.reserve(sets);
            inner.sizes.reserve(sets);
            // Nothing is in the table that would have to be put elsewhere.
            inner.known.reserve(sets, |_| 0);
        }
        store
    }

    /// The set of `ranges` on an axis whose largest value is `last`.
    pub fn intern(&self, ranges: &Ranges, last: u128) -> SetId {
        let mut inner = self.inner.borrow_mut();
        if ranges.first() == Some(0) {
            let out = Ranges::range(0, last).minus(ranges);
            return SetId::all_but(inner.several(out.as_slice()));
        }
        SetId::of(inner.several(ranges.as_slice()))
    }

    /// The set of `low..=high` on an axis whose largest value is `last`.
    pub fn range(&self, low: u128, high: u128, last: u128) -> SetId {
        let (high, mut inner) = (high.min(last), self.inner.borrow_mut());
        match low {
            _ if low > high => SetId::EMPTY,
            0 if high == last => SetId::FULL,
            0 => SetId::all_but(inner.range(high + 1, last)),
            _ => SetId::of(inner.range(low, high)),
        }
    }

    /// The values of a set on an axis whose largest value is `last`.
    pub fn ranges(&self, id: SetId, last: u128) -> Ranges {
        let mut ranges = Vec::new();
        self.inner.borrow().ranges(id.tree(), &mut ranges);
        let ranges = Ranges::of(ranges);
        if id.leaves_out() { Ranges::range(0, last).minus(&ranges) } else { ranges }
    }

    /// What is in both.
    pub fn intersect(&self, a: SetId, b: SetId) -> SetId {
        let mut inner = self.inner.borrow_mut();
        match (a.leaves_out(), b.leaves_out()) {
            (false, false) => SetId::of(inner.intersect(a.tree(), b.tree())),
            (false, true) => SetId::of(inner.minus(a.tree(), b.tree())),
            (true, false) => SetId::of(inner.minus(b.tree(), a.tree())),
            (true, true) => SetId::all_but(inner.union(a.tree(), b.tree())),
        }
    }

    /// What is in `a` and not in `b`.
    pub fn minus(&self, a: SetId, b: SetId) -> SetId {
        let mut inner = self.inner.borrow_mut();
        match (a.leaves_out(), b.leaves_out()) {
            (false, false) => SetId::of(inner.minus(a.tree(), b.tree())),
            (false, true) => SetId::of(inner.intersect(a.tree(), b.tree())),
            (true, false) => SetId::all_but(inner.union(a.tree(), b.tree())),
            (true, true) => SetId::of(inner.minus(b.tree(), a.tree())),
        }
    }

    /// What is in either.
    pub fn union(&self, a: SetId, b: SetId) -> SetId {
        let mut inner = self.inner.borrow_mut();
        match (a.leaves_out(), b.leaves_out()) {
            (false, false) => SetId::of(inner.union(a.tree(), b.tree())),
            (false, true) => SetId::all_but(inner.minus(b.tree(), a.tree())),
            (true, false) => SetId::all_but(inner.minus(a.tree(), b.tree())),
            (true, true) => SetId::all_but(inner.intersect(a.tree(), b.tree())),
        }
    }

    /// What is in any of `sets`.
    pub fn union_of(&self, sets: &[SetId]) -> SetId {
        match sets {
            [] => SetId::EMPTY,
            [set] => *set,
            _ => {
                let (first, second) = sets.split_at(sets.len() / 2);
                let (first, second) = (self.union_of(first), self.union_of(second));
                self.union(first, second)
            }
        }
    }

    /// Whether `a` and `b` share a value.
    pub fn overlaps(&self, a: SetId, b: SetId) -> bool {
        match (a.leaves_out(), b.leaves_out()) {
            (false, false) => self.inner.borrow().overlaps(a.tree(), b.tree()),
            // Both hold 0.
            (true, true) => true,
            // One leaves something out: they share nothing only if it leaves out all of the other.
            (true, false) => !self.is_subset_tree(b.tree(), a.tree()),
            (false, true) => !self.is_subset_tree(a.tree(), b.tree()),
        }
    }

    fn is_subset_tree(&self, a: Tree, b: Tree) -> bool {
        self.inner.borrow().is_subset(a, b)
    }

    /// Whether all of `a` is in `b`.
    pub fn is_subset(&self, a: SetId, b: SetId) -> bool {
        match (a.leaves_out(), b.leaves_out()) {
            (false, false) => self.is_subset_tree(a.tree(), b.tree()),
            (false, true) => !self.inner.borrow().overlaps(a.tree(), b.tree()),
            // Only one of them holds 0.
            (true, false) => false,
            (true, true) => self.is_subset_tree(b.tree(), a.tree()),
        }
    }

    /// How many values a set on an axis whose largest value is `last` holds; the whole of 128 bits counts as one less,
    /// which no caller can tell apart.
    pub fn size(&self, id: SetId, last: u128) -> u128 {
        let size = self.inner.borrow().sizes[id.tree().0 as usize];
        if id.leaves_out() { (last - size).saturating_add(1) } else { size }
    }

    /// How many values two sets on an axis whose largest value is `last` share; cheaper than the size of what they share,
    /// where one of them leaves out much.
    pub fn common_size(&self, a: SetId, b: SetId, last: u128) -> u128 {
        match (a.leaves_out(), b.leaves_out()) {
            (true, false) => self.common_size(b, a, last),
            (false, true) => {
                let left_out = self.intersect(a, SetId::of(b.tree()));
                self.size(a, last) - self.size(left_out, last)
            }
            _ => self.size(self.intersect(a, b), last),
        }
    }

    /// Whether `value` is in a set.
    pub fn contains(&self, id: SetId, value: u128) -> bool {
        self.inner.borrow().contains(id.tree(), value) != id.leaves_out()
    }

    /// The smallest value of a set.
    pub fn first(&self, id: SetId) -> Option<u128> {
        match id {
            SetId::EMPTY => None,
            _ if id.leaves_out() => Some(0),
            _ => Some(self.inner.borrow().first(id.tree())),
        }
    }

    /// The value of a set that holds one.
    pub fn only(&self, id: SetId, last: u128) -> Option<u128> {
        if self.size(id, last) == 1 { self.first(id) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ranges, SetId, Store};
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
            let (one, other) = (store.intern(&a, LAST), store.intern(&b, LAST));
            prop_assert_eq!(&store.ranges(one, LAST), &a);
            prop_assert_eq!(store.intersect(one, other), store.intern(&a.intersect(&b), LAST));
            prop_assert_eq!(store.minus(one, other), store.intern(&a.minus(&b), LAST));
            prop_assert_eq!(store.union(one, other), store.intern(&a.union(&b), LAST));
            prop_assert_eq!(store.overlaps(one, other), !a.intersect(&b).is_empty());
            prop_assert_eq!(store.is_subset(one, other), a.is_subset(&b));
            prop_assert_eq!(store.size(one, LAST), a.size());
            prop_assert_eq!(store.common_size(one, other, LAST), a.intersect(&b).size());
            prop_assert_eq!(store.contains(one, value), a.contains(value));
            prop_assert_eq!(store.first(one), a.first());
        }
    }
}
