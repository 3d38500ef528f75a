use super::Ranges;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;

/// A value set in a [`Store`]. Two are equal exactly when their sets are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SetId(u32);

impl SetId {
    /// The set of nothing, in every store.
    pub const EMPTY: Self = Self(0);
}

/// Every value set of one analysis, each kept once; dropped whole.
#[derive(Debug, Default)]
pub struct Store {
    inner: RefCell<Inner>,
}

#[derive(Debug)]
struct Inner {
    sets: Vec<Rc<Ranges>>,
    /// Sets of one range, which nearly all are.
    single: FxHashMap<(u128, u128), SetId>,
    several: FxHashMap<Rc<Ranges>, SetId>,
    intersections: FxHashMap<(SetId, SetId), SetId>,
    differences: FxHashMap<(SetId, SetId), SetId>,
}

impl Default for Inner {
    fn default() -> Self {
        Self {
            sets: vec![Rc::new(Ranges::EMPTY)],
            single: FxHashMap::default(),
            several: FxHashMap::default(),
            intersections: FxHashMap::default(),
            differences: FxHashMap::default(),
        }
    }
}

impl Inner {
    fn intern(&mut self, ranges: Ranges) -> SetId {
        match ranges.as_slice() {
            [] => return SetId::EMPTY,
            [range] => {
                if let Some(id) = self.single.get(range) {
                    return *id;
                }
                let id = self.next();
                self.single.insert(*range, id);
                self.sets.push(Rc::new(ranges));
                return id;
            }
            _ => {}
        }
        if let Some(id) = self.several.get(&ranges) {
            return *id;
        }
        let id = self.next();
        let ranges = Rc::new(ranges);
        self.sets.push(Rc::clone(&ranges));
        self.several.insert(ranges, id);
        id
    }

    fn next(&self) -> SetId {
        SetId(
            u32::try_from(self.sets.len())
                .expect("fewer than four billion distinct sets fit in memory"),
        )
    }
}

impl Store {
    /// The number of `ranges`.
    pub fn intern(&self, ranges: Ranges) -> SetId {
        self.inner.borrow_mut().intern(ranges)
    }

    /// The number of `low..=high`.
    pub fn range(&self, low: u128, high: u128) -> SetId {
        let mut inner = self.inner.borrow_mut();
        match inner.single.get(&(low, high)) {
            Some(id) => *id,
            None => inner.intern(Ranges::range(low, high)),
        }
    }

    /// The values of a set.
    pub fn get(&self, id: SetId) -> Rc<Ranges> {
        Rc::clone(&self.inner.borrow().sets[id.0 as usize])
    }

    /// What is in both.
    pub fn intersect(&self, a: SetId, b: SetId) -> SetId {
        if a == b {
            return a;
        }
        if a == SetId::EMPTY || b == SetId::EMPTY {
            return SetId::EMPTY;
        }
        let key = (a.min(b), a.max(b));
        let mut inner = self.inner.borrow_mut();
        let (left, right) = (&inner.sets[a.0 as usize], &inner.sets[b.0 as usize]);
        // Two single ranges are cheaper to intersect than to look up.
        if let ([one], [other]) = (left.as_slice(), right.as_slice()) {
            let (low, high) = (one.0.max(other.0), one.1.min(other.1));
            if low > high {
                return SetId::EMPTY;
            }
            if (low, high) == *one {
                return a;
            }
            if (low, high) == *other {
                return b;
            }
        } else if let Some(id) = inner.intersections.get(&key) {
            return *id;
        }
        let common = inner.sets[a.0 as usize].intersect(&inner.sets[b.0 as usize]);
        let id = inner.intern(common);
        inner.intersections.insert(key, id);
        id
    }

    /// What is in `a` and not in `b`.
    pub fn minus(&self, a: SetId, b: SetId) -> SetId {
        if a == b || a == SetId::EMPTY {
            return SetId::EMPTY;
        }
        if b == SetId::EMPTY {
            return a;
        }
        let mut inner = self.inner.borrow_mut();
        if let Some(id) = inner.differences.get(&(a, b)) {
            return *id;
        }
        let rest = inner.sets[a.0 as usize].minus(&inner.sets[b.0 as usize]);
        let id = inner.intern(rest);
        inner.differences.insert((a, b), id);
        id
    }

    /// Whether `a` and `b` share a value.
    pub fn overlaps(&self, a: SetId, b: SetId) -> bool {
        if a == b {
            return a != SetId::EMPTY;
        }
        {
            let inner = self.inner.borrow();
            if let ([one], [other]) =
                (inner.sets[a.0 as usize].as_slice(), inner.sets[b.0 as usize].as_slice())
            {
                return one.0.max(other.0) <= one.1.min(other.1);
            }
        }
        self.intersect(a, b) != SetId::EMPTY
    }

    /// Whether all of `a` is in `b`.
    pub fn is_subset(&self, a: SetId, b: SetId) -> bool {
        a == b || self.intersect(a, b) == a
    }

    /// How many values a set holds.
    pub fn size(&self, id: SetId) -> u128 {
        self.inner.borrow().sets[id.0 as usize].size()
    }
}

#[cfg(test)]
mod tests {
    use super::{Ranges, SetId, Store};

    #[test]
    fn equal_sets_have_one_number() {
        let store = Store::default();
        let whole = store.range(0, 9);
        let rest = store.minus(whole, store.range(3, 5));
        assert_eq!(rest, store.intern(Ranges::of(vec![(6, 9), (0, 2)])));
        assert_eq!(store.intersect(rest, whole), rest);
        assert!(store.is_subset(rest, whole) && !store.is_subset(whole, rest));
        assert_eq!(store.minus(rest, whole), SetId::EMPTY);
        assert_eq!(store.size(rest), 7);
    }
}
