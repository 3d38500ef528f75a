//! Value sets of several runs, as trees that share what they have in common.

use hashbrown::HashTable;
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::hash::BuildHasher;

/// A node, as the root of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Tree(pub(super) u32);

impl Tree {
    pub(super) const EMPTY: Self = Self(0);
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
    shape: Shape,
}

/// How what a node holds lies in the block of its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Shape {
    /// It is one run.
    run: bool,
    /// It has the first value of the block.
    first: bool,
    /// It has the last value of the block.
    last: bool,
}

impl Shape {
    const WHOLE: Self = Self { run: true, first: true, last: true };
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

/// The bits that `low` and `high` begin with alike, how many they are, and the first value that has a 1 after them; 0 where
/// the two are equal.
fn parted(low: u128, high: u128) -> (u128, u8, u128) {
    let length = u8::try_from((low ^ high).leading_zeros()).unwrap_or(u8::MAX);
    let prefix = low & !low_bits(length);
    let middle = 127_u8.checked_sub(length).map_or(0, |shift| prefix | 1 << shift);
    (prefix, length, middle)
}

#[derive(Debug)]
pub(super) struct Trees {
    nodes: Vec<Node>,
    /// How many values each node holds.
    sizes: Vec<u128>,
    /// Every node by its content; the content itself stands in `nodes` only.
    known: HashTable<Tree>,
    intersections: FxHashMap<(Tree, Tree), Tree>,
    differences: FxHashMap<(Tree, Tree), Tree>,
    unions: FxHashMap<(Tree, Tree), Tree>,
}

impl Default for Trees {
    fn default() -> Self {
        let (left, right) = (Tree::EMPTY, Tree::EMPTY);
        let shape = Shape { run: false, first: false, last: false };
        let nothing = Node { prefix: 0, length: 0, left, right, shape };
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

impl Trees {
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
        let (left, right) = (Tree::EMPTY, Tree::EMPTY);
        self.keep(Node { prefix, length, left, right, shape: Shape::WHOLE })
    }

    /// The node with these sides, which hold what follows `prefix`.
    fn join(&mut self, prefix: u128, length: u8, left: Tree, right: Tree) -> Tree {
        if left == Tree::EMPTY {
            return right;
        }
        if right == Tree::EMPTY {
            return left;
        }
        let (low, high) = (self.node(left), self.node(right));
        let half = |node: Node| node.length == length + 1;
        if low.is_leaf() && half(low) && high.is_leaf() && half(high) {
            return self.leaf(prefix, length);
        }
        // A side may stand deeper than its half and still touch the end of it.
        let meet = low.last() + 1 == high.prefix;
        let shape = Shape {
            run: meet && low.shape.run && low.shape.last && high.shape.run && high.shape.first,
            first: low.prefix == prefix && low.shape.first,
            last: high.last() == prefix | low_bits(length) && high.shape.last,
        };
        self.keep(Node { prefix, length, left, right, shape })
    }

    /// The two halves of a leaf.
    fn halves(&mut self, leaf: Node) -> (Tree, Tree) {
        let middle = 1 << (127 - leaf.length);
        (self.leaf(leaf.prefix, leaf.length + 1), self.leaf(leaf.prefix | middle, leaf.length + 1))
    }

    /// The tree of `low..=high`.
    pub(super) fn range(&mut self, low: u128, high: u128) -> Tree {
        let (prefix, length, middle) = parted(low, high);
        if low == prefix && high == prefix | low_bits(length) {
            return self.leaf(prefix, length);
        }
        let (left, right) = (self.range(low, middle - 1), self.range(middle, high));
        self.join(prefix, length, left, right)
    }

    /// The tree of sorted ranges that do not touch.
    pub(super) fn several(&mut self, ranges: &[(u128, u128)]) -> Tree {
        // At least a leaf for each, and a node above it.
        let nodes = &self.nodes;
        self.known.reserve(2 * ranges.len(), |id| FxBuildHasher.hash_one(nodes[id.0 as usize]));
        match (ranges.first(), ranges.last()) {
            (Some((low, _)), Some((_, high))) => self.within(ranges, *low, *high),
            _ => Tree::EMPTY,
        }
    }

    /// The tree of what of `ranges` lies between `low`, in the first of them, and `high`, in the last. Parted where the bits
    /// of the values part, so that no node is made that is not kept.
    fn within(&mut self, ranges: &[(u128, u128)], low: u128, high: u128) -> Tree {
        if ranges.len() == 1 {
            return self.range(low, high);
        }
        let (prefix, length, middle) = parted(low, high);
        let first_after = ranges.partition_point(|range| range.0 < middle);
        let (before, after) = ranges.split_at(first_after);
        let end = before.last().map_or(low, |range| range.1);
        let left = self.within(before, low, end.min(middle - 1));
        let right = if end >= middle {
            self.within(&ranges[first_after - 1..], middle, high)
        } else {
            self.within(after, after[0].0, high)
        };
        self.join(prefix, length, left, right)
    }

    pub(super) fn intersect(&mut self, a: Tree, b: Tree) -> Tree {
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

    pub(super) fn minus(&mut self, a: Tree, b: Tree) -> Tree {
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

    pub(super) fn union(&mut self, a: Tree, b: Tree) -> Tree {
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

    pub(super) fn overlaps(&self, a: Tree, b: Tree) -> bool {
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

    pub(super) fn is_subset(&self, a: Tree, b: Tree) -> bool {
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

    pub(super) fn ranges(&self, id: Tree, ranges: &mut Vec<(u128, u128)>) {
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

    pub(super) fn contains(&self, tree: Tree, value: u128) -> bool {
        self.leaf_at(tree, value).is_some()
    }

    /// The first value that is not in it: the pieces that it begins with, one behind the other, are as few as bits.
    pub(super) fn first_outside(&self, tree: Tree) -> u128 {
        let mut value = 0;
        while let Some(leaf) = self.leaf_at(tree, value) {
            value = leaf.last() + 1;
        }
        value
    }

    fn leaf_at(&self, mut tree: Tree, value: u128) -> Option<Node> {
        while tree != Tree::EMPTY {
            let node = self.node(tree);
            if !node.holds(value) {
                return None;
            }
            if node.is_leaf() {
                return Some(node);
            }
            tree = node.side(value);
        }
        None
    }

    pub(super) fn first(&self, mut tree: Tree) -> u128 {
        loop {
            let node = self.node(tree);
            if node.is_leaf() {
                return node.prefix;
            }
            tree = node.left;
        }
    }

    pub(super) fn last(&self, mut tree: Tree) -> u128 {
        loop {
            let node = self.node(tree);
            if node.is_leaf() {
                return node.last();
            }
            tree = node.right;
        }
    }

    /// The ends of what is one run.
    pub(super) fn run(&self, tree: Tree) -> Option<(u128, u128)> {
        self.node(tree).shape.run.then(|| (self.first(tree), self.last(tree)))
    }

    /// How many values a tree holds.
    pub(super) fn size(&self, tree: Tree) -> u128 {
        self.sizes[tree.0 as usize]
    }

    /// Whether a value of `low..=high` is in a tree.
    pub(super) fn meets(&self, tree: Tree, low: u128, high: u128) -> bool {
        if tree == Tree::EMPTY {
            return false;
        }
        let node = self.node(tree);
        if high < node.prefix || node.last() < low {
            return false;
        }
        (low <= node.prefix && node.last() <= high)
            || node.is_leaf()
            || self.meets(node.left, low, high)
            || self.meets(node.right, low, high)
    }

    /// Whether every value of `low..=high` is in a tree.
    pub(super) fn covers(&self, tree: Tree, low: u128, high: u128) -> bool {
        if tree == Tree::EMPTY {
            return false;
        }
        let node = self.node(tree);
        if low < node.prefix || node.last() < high {
            return false;
        }
        if node.is_leaf() {
            return true;
        }
        let middle = node.prefix | 1 << (127 - node.length);
        match () {
            () if high < middle => self.covers(node.left, low, high),
            () if middle <= low => self.covers(node.right, low, high),
            () => self.covers(node.left, low, middle - 1) && self.covers(node.right, middle, high),
        }
    }

    /// Whether every value of a tree is in `low..=high`.
    pub(super) fn is_within(&self, tree: Tree, low: u128, high: u128) -> bool {
        tree == Tree::EMPTY || (low <= self.first(tree) && self.last(tree) <= high)
    }
}
