use super::{
    Ranges,
    recent::Recent,
    tree::{Tree, Trees},
};
use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;
use std::{cell::RefCell, hash::BuildHasher};

/// A value set in a [`Store`]. Two are equal exactly when their sets are.
///
/// A set that holds the pivot of its axis, a value that stays the same, is kept as what it leaves out: "any source but
/// these" then costs no more than "these".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SetId(u32);

impl SetId {
    /// The set of nothing, in every store.
    pub const EMPTY: Self = Self(0);
    /// The set of every value of an axis, in every store.
    pub const FULL: Self = Self(Self::LEAVES_OUT);

    const LEAVES_OUT: u32 = 1 << 31;

    const fn kept(self) -> Kept {
        Kept(self.0 & !Self::LEAVES_OUT)
    }

    const fn leaves_out(self) -> bool {
        self.0 & Self::LEAVES_OUT != 0
    }

    const fn all_but(kept: Kept) -> Self {
        Self(kept.0 | Self::LEAVES_OUT)
    }

    const fn of(kept: Kept) -> Self {
        Self(kept.0)
    }
}

/// The value that decides how the sets of an axis are kept. Any would do; but what rules leave of a long list of banned
/// addresses is short only if it holds this one, so it is one that nobody bans: that of a root name server
/// (a.root-servers.net, <https://www.iana.org/domains/root/servers>). Lists of bogus addresses begin with 0.0.0.0/8.
pub(super) const fn pivot(last: u128) -> u128 {
    const IPV4: u128 = u32::MAX as u128;
    match last {
        IPV4 => 0xc629_0004,
        u128::MAX => 0x2001_0503_ba3e_0000_0000_0000_0002_0030,
        _ => 0,
    }
}

/// What is kept of a set: its values, or those that it leaves out. One run of values is a [`Form::Run`], anything else but
/// nothing is several and a [`Form::Tree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kept(u32);

/// How values are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Index of a run.
    Run(u32),
    Tree(Tree),
}

impl Kept {
    const EMPTY: Self = Self(0);
    const RUN: u32 = 1 << 30;

    const fn form(self) -> Form {
        if self.0 & Self::RUN == 0 {
            Form::Tree(Tree(self.0))
        } else {
            Form::Run(self.0 & !Self::RUN)
        }
    }
}

/// Every value set of one analysis, each kept once; dropped whole.
///
/// One run of values (an address, a network, a range of ports) is its two ends. What is more than that is a tree over the
/// bits of its values, the highest first, with the levels left out at which nothing branches (a Patricia trie), and equal
/// subtrees are one. So adding a prefix to a set of a hundred thousand makes a dozen nodes, and "all but those" shares
/// nearly all of its nodes with the "all but those" of one rule before.
#[derive(Debug, Default)]
pub struct Store {
    inner: RefCell<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// The runs by their ends.
    runs: Vec<(u128, u128)>,
    /// The tree of each run, once somebody asked for it.
    trees: Vec<Tree>,
    /// Every run by its ends.
    known: HashTable<u32>,
    /// Every tree.
    forest: Trees,
    unions: Recent,
    differences: Recent,
}

/// How values are kept, a run with its ends.
enum Look {
    Run(u128, u128),
    Tree(Tree),
}

impl Inner {
    /// The run `low..=high`.
    fn run(&mut self, low: u128, high: u128) -> Kept {
        let hash = FxBuildHasher.hash_one((low, high));
        if let Some(known) = self.known.find(hash, |it| self.runs[*it as usize] == (low, high)) {
            return Kept(known | Kept::RUN);
        }
        let id =
            u32::try_from(self.runs.len()).expect("fewer than four billion runs fit in memory");
        self.runs.push((low, high));
        self.trees.push(Tree::EMPTY);
        let runs = &self.runs;
        let rehash = |it: &u32| FxBuildHasher.hash_one(runs[*it as usize]);
        self.known.insert_unique(hash, id, rehash);
        Kept(id | Kept::RUN)
    }

    /// What is kept as a tree.
    fn tree(&mut self, kept: Kept) -> Tree {
        let run = match kept.form() {
            Form::Tree(tree) => return tree,
            Form::Run(run) => run as usize,
        };
        if self.trees[run] == Tree::EMPTY {
            let (low, high) = self.runs[run];
            self.trees[run] = self.forest.range(low, high);
        }
        self.trees[run]
    }

    /// What a tree holds, as it is kept.
    fn kept(&mut self, tree: Tree) -> Kept {
        match self.forest.run(tree) {
            Some((low, high)) => self.run(low, high),
            None => Kept(tree.0),
        }
    }

    fn look(&self, kept: Kept) -> Look {
        match kept.form() {
            Form::Run(run) => {
                let (low, high) = self.runs[run as usize];
                Look::Run(low, high)
            }
            Form::Tree(tree) => Look::Tree(tree),
        }
    }

    fn several(&mut self, ranges: &[(u128, u128)]) -> Kept {
        match ranges {
            [(low, high)] => self.run(*low, *high),
            _ => Kept(self.forest.several(ranges).0),
        }
    }

    fn intersect(&mut self, a: Kept, b: Kept) -> Kept {
        if a == b || a == Kept::EMPTY || b == Kept::EMPTY {
            return if a == b { a } else { Kept::EMPTY };
        }
        if let (Look::Run(low, high), Look::Run(from, to)) = (self.look(a), self.look(b)) {
            let (low, high) = (low.max(from), high.min(to));
            return if low <= high { self.run(low, high) } else { Kept::EMPTY };
        }
        let (a, b) = (self.tree(a), self.tree(b));
        let tree = self.forest.intersect(a, b);
        self.kept(tree)
    }

    fn union(&mut self, a: Kept, b: Kept) -> Kept {
        if a == Kept::EMPTY || b == Kept::EMPTY {
            return if a == Kept::EMPTY { b } else { a };
        }
        if let (Look::Run(low, high), Look::Run(from, to)) = (self.look(a), self.look(b))
            && low.max(from) <= high.min(to).saturating_add(1)
        {
            return self.run(low.min(from), high.max(to));
        }
        if let Some(known) = self.unions.get(a.0, b.0) {
            return Kept(known);
        }
        let (one, other) = (self.tree(a), self.tree(b));
        let tree = self.forest.union(one, other);
        let kept = self.kept(tree);
        self.unions.put(a.0, b.0, kept.0);
        kept
    }

    fn minus(&mut self, a: Kept, b: Kept) -> Kept {
        if a == Kept::EMPTY || b == Kept::EMPTY {
            return a;
        }
        if let (Look::Run(low, high), Look::Run(from, to)) = (self.look(a), self.look(b)) {
            match (low < from, to < high) {
                _ if high < from || to < low => return a,
                (false, false) => return Kept::EMPTY,
                (true, false) => return self.run(low, from - 1),
                (false, true) => return self.run(to + 1, high),
                (true, true) => {}
            }
        }
        if let Some(known) = self.differences.get(a.0, b.0) {
            return Kept(known);
        }
        let (one, other) = (self.tree(a), self.tree(b));
        let tree = self.forest.minus(one, other);
        let kept = self.kept(tree);
        self.differences.put(a.0, b.0, kept.0);
        kept
    }

    fn overlaps(&self, a: Kept, b: Kept) -> bool {
        match (self.look(a), self.look(b)) {
            (Look::Run(low, high), Look::Run(from, to)) => low.max(from) <= high.min(to),
            (Look::Run(low, high), Look::Tree(tree)) | (Look::Tree(tree), Look::Run(low, high)) => {
                self.forest.meets(tree, low, high)
            }
            (Look::Tree(a), Look::Tree(b)) => self.forest.overlaps(a, b),
        }
    }

    fn is_subset(&self, a: Kept, b: Kept) -> bool {
        match (self.look(a), self.look(b)) {
            (Look::Run(low, high), Look::Run(from, to)) => from <= low && high <= to,
            (Look::Run(low, high), Look::Tree(tree)) => self.forest.covers(tree, low, high),
            (Look::Tree(tree), Look::Run(low, high)) => self.forest.is_within(tree, low, high),
            (Look::Tree(a), Look::Tree(b)) => self.forest.is_subset(a, b),
        }
    }

    fn size(&self, kept: Kept) -> u128 {
        match self.look(kept) {
            Look::Run(low, high) => (high - low).saturating_add(1),
            Look::Tree(tree) => self.forest.size(tree),
        }
    }
}

impl Store {
    /// A store with room for about so many sets.
    pub fn with_room_for(sets: usize) -> Self {
        let store = Self::default();
        {
            let mut inner = store.inner.borrow_mut();
            inner.runs.reserve(sets);
            inner.trees.reserve(sets);
            // Nothing is in the table that would have to be put elsewhere.
            inner.known.reserve(sets, |_| 0);
        }
        store
    }

    /// The set of `ranges` on an axis whose largest value is `last`.
    pub fn intern(&self, ranges: &Ranges, last: u128) -> SetId {
        let mut inner = self.inner.borrow_mut();
        if ranges.contains(pivot(last)) {
            let out = Ranges::range(0, last).minus(ranges);
            return SetId::all_but(inner.several(out.as_slice()));
        }
        SetId::of(inner.several(ranges.as_slice()))
    }

    /// Whether `low..=high` is kept as what it leaves out of an axis whose largest value is `last`: only then do two axes have
    /// different sets for it.
    pub fn leaves_out(low: u128, high: u128, last: u128) -> bool {
        (low..=high).contains(&pivot(last))
    }

    /// The set of `low..=high` on an axis whose largest value is `last`.
    pub fn range(&self, low: u128, high: u128, last: u128) -> SetId {
        let (high, mut inner) = (high.min(last), self.inner.borrow_mut());
        if low > high {
            return SetId::EMPTY;
        }
        if !Self::leaves_out(low, high, last) {
            return SetId::of(inner.run(low, high));
        }
        SetId::all_but(match (low, high == last) {
            (0, true) => Kept::EMPTY,
            (0, false) => inner.run(high + 1, last),
            (_, true) => inner.run(0, low - 1),
            (_, false) => inner.several(&[(0, low - 1), (high + 1, last)]),
        })
    }

    /// The values of a set on an axis whose largest value is `last`.
    pub fn ranges(&self, id: SetId, last: u128) -> Ranges {
        let mut ranges = Vec::new();
        let inner = self.inner.borrow();
        match inner.look(id.kept()) {
            Look::Run(low, high) => ranges.push((low, high)),
            Look::Tree(tree) => inner.forest.ranges(tree, &mut ranges),
        }
        let ranges = Ranges::of(ranges);
        if id.leaves_out() { Ranges::range(0, last).minus(&ranges) } else { ranges }
    }

    /// What is in both.
    pub fn intersect(&self, a: SetId, b: SetId) -> SetId {
        let mut inner = self.inner.borrow_mut();
        match (a.leaves_out(), b.leaves_out()) {
            (false, false) => SetId::of(inner.intersect(a.kept(), b.kept())),
            (false, true) => SetId::of(inner.minus(a.kept(), b.kept())),
            (true, false) => SetId::of(inner.minus(b.kept(), a.kept())),
            (true, true) => SetId::all_but(inner.union(a.kept(), b.kept())),
        }
    }

    /// What is in `a` and not in `b`.
    pub fn minus(&self, a: SetId, b: SetId) -> SetId {
        let mut inner = self.inner.borrow_mut();
        match (a.leaves_out(), b.leaves_out()) {
            (false, false) => SetId::of(inner.minus(a.kept(), b.kept())),
            (false, true) => SetId::of(inner.intersect(a.kept(), b.kept())),
            (true, false) => SetId::all_but(inner.union(a.kept(), b.kept())),
            (true, true) => SetId::of(inner.minus(b.kept(), a.kept())),
        }
    }

    /// What is in either.
    pub fn union(&self, a: SetId, b: SetId) -> SetId {
        let mut inner = self.inner.borrow_mut();
        match (a.leaves_out(), b.leaves_out()) {
            (false, false) => SetId::of(inner.union(a.kept(), b.kept())),
            (false, true) => SetId::all_but(inner.minus(b.kept(), a.kept())),
            (true, false) => SetId::all_but(inner.minus(a.kept(), b.kept())),
            (true, true) => SetId::all_but(inner.intersect(a.kept(), b.kept())),
        }
    }

    /// Whether `a` and `b` share a value.
    pub fn overlaps(&self, a: SetId, b: SetId) -> bool {
        match (a.leaves_out(), b.leaves_out()) {
            (false, false) => self.inner.borrow().overlaps(a.kept(), b.kept()),
            // Both hold the pivot.
            (true, true) => true,
            // One leaves something out: they share nothing only if it leaves out all of the other.
            (true, false) => !self.is_subset_kept(b.kept(), a.kept()),
            (false, true) => !self.is_subset_kept(a.kept(), b.kept()),
        }
    }

    fn is_subset_kept(&self, a: Kept, b: Kept) -> bool {
        self.inner.borrow().is_subset(a, b)
    }

    /// Whether all of `a` is in `b`.
    pub fn is_subset(&self, a: SetId, b: SetId) -> bool {
        match (a.leaves_out(), b.leaves_out()) {
            (false, false) => self.is_subset_kept(a.kept(), b.kept()),
            (false, true) => !self.inner.borrow().overlaps(a.kept(), b.kept()),
            // Only one of them holds the pivot.
            (true, false) => false,
            (true, true) => self.is_subset_kept(b.kept(), a.kept()),
        }
    }

    /// How many values a set on an axis whose largest value is `last` holds; the whole of 128 bits counts as one less,
    /// which no caller can tell apart.
    pub fn size(&self, id: SetId, last: u128) -> u128 {
        let size = self.inner.borrow().size(id.kept());
        if id.leaves_out() { (last - size).saturating_add(1) } else { size }
    }

    /// How many values two sets on an axis whose largest value is `last` share; cheaper than the size of what they share,
    /// where one of them leaves out much.
    pub fn common_size(&self, a: SetId, b: SetId, last: u128) -> u128 {
        match (a.leaves_out(), b.leaves_out()) {
            (true, false) => self.common_size(b, a, last),
            (false, true) => {
                let left_out = self.intersect(a, SetId::of(b.kept()));
                self.size(a, last) - self.size(left_out, last)
            }
            _ => self.size(self.intersect(a, b), last),
        }
    }

    /// Whether `value` is in a set.
    pub fn contains(&self, id: SetId, value: u128) -> bool {
        let inner = self.inner.borrow();
        let kept = match inner.look(id.kept()) {
            Look::Run(low, high) => low <= value && value <= high,
            Look::Tree(tree) => inner.forest.contains(tree, value),
        };
        kept != id.leaves_out()
    }

    /// The ends of a set that is one run of values, on an axis whose largest value is `last`.
    pub fn run(&self, id: SetId, last: u128) -> Option<(u128, u128)> {
        let inner = self.inner.borrow();
        match (id.leaves_out(), inner.look(id.kept())) {
            _ if id == SetId::EMPTY => None,
            _ if id == SetId::FULL => Some((0, last)),
            (false, Look::Run(low, high)) => Some((low, high)),
            (true, Look::Run(low, high)) if high == last => Some((0, low - 1)),
            _ => None,
        }
    }

    /// A value of a set far from its smallest, where that is cheap to say.
    pub fn far(&self, id: SetId, last: u128) -> Option<u128> {
        if id.leaves_out() && self.contains(id, last) {
            return Some(last);
        }
        self.run(id, last).map(|(_, high)| high).or_else(|| self.first(id))
    }

    /// The smallest value of a set.
    pub fn first(&self, id: SetId) -> Option<u128> {
        if id == SetId::EMPTY {
            return None;
        }
        let inner = self.inner.borrow();
        Some(match (inner.look(id.kept()), id.leaves_out()) {
            (Look::Run(low, _), false) => low,
            (Look::Tree(tree), false) => inner.forest.first(tree),
            (Look::Run(0, high), true) => high + 1,
            (Look::Run(..), true) => 0,
            (Look::Tree(tree), true) => inner.forest.first_outside(tree),
        })
    }

    /// The least and the greatest value of a set on an axis whose largest value is `last`; of one that leaves something out,
    /// those of the axis.
    pub fn bounds(&self, id: SetId, last: u128) -> (u128, u128) {
        if id.leaves_out() {
            return (0, last);
        }
        let inner = self.inner.borrow();
        match inner.look(id.kept()) {
            Look::Run(low, high) => (low, high),
            Look::Tree(tree) => (inner.forest.first(tree), inner.forest.last(tree)),
        }
    }

    /// The value of a set that holds one.
    pub fn only(&self, id: SetId, last: u128) -> Option<u128> {
        if self.size(id, last) == 1 { self.first(id) } else { None }
    }
}
