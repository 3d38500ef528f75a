use super::{SetId, Store};

/// A dimension of the space of headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Axis(pub u32);

/// One side of a cube.
pub type Term = (Axis, SetId);

/// A product of value sets: all headers whose value on each axis named here is in its set. Axes that are not named are
/// free. Terms stand in the order of their axes and are never empty, so a cube always holds a header.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Cube(Vec<Term>);

/// How one cube lies to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// They share no header.
    Apart,
    /// They share some.
    Across,
    /// All of the one is in the other.
    Inside,
}

/// The set on `axis` among terms in the order of their axes; `None` where it is free.
pub fn side(terms: &[Term], axis: Axis) -> Option<SetId> {
    terms.binary_search_by_key(&axis, |term| term.0).ok().map(|at| terms[at].1)
}

impl Cube {
    /// Every header.
    pub const ALL: Self = Self(Vec::new());

    /// The headers with these values; `None` where a set is empty or two sets of one axis share nothing.
    pub fn of(store: &Store, terms: impl IntoIterator<Item = Term>) -> Option<Self> {
        let mut cube = Self::ALL;
        for (axis, set) in terms {
            cube = cube.with(store, axis, set)?;
        }
        Some(cube)
    }

    /// The headers with these values, one set an axis; `None` where a set is empty.
    pub fn of_sides(mut sides: Vec<Term>) -> Option<Self> {
        sides.retain(|(_, set)| *set != SetId::FULL);
        sides.sort_unstable_by_key(|term| term.0);
        debug_assert!(sides.windows(2).all(|pair| pair[0].0 != pair[1].0), "one set an axis");
        sides.iter().all(|(_, set)| *set != SetId::EMPTY).then_some(Self(sides))
    }

    /// The sides, in the order of their axes.
    pub fn terms(&self) -> &[Term] {
        &self.0
    }

    /// The set on `axis`; `None` where it is free.
    pub fn get(&self, axis: Axis) -> Option<SetId> {
        side(&self.0, axis)
    }

    /// This cube, narrowed on one axis.
    pub fn with(mut self, store: &Store, axis: Axis, set: SetId) -> Option<Self> {
        match self.0.binary_search_by_key(&axis, |term| term.0) {
            Ok(at) => {
                self.0[at].1 = store.intersect(self.0[at].1, set);
                (self.0[at].1 != SetId::EMPTY).then_some(self)
            }
            Err(at) => {
                self.0.insert(at, (axis, set));
                (set != SetId::EMPTY).then_some(self)
            }
        }
    }

    /// This cube with the set on `axis` replaced, or freed by `None`.
    #[must_use]
    pub fn replace(mut self, axis: Axis, set: Option<SetId>) -> Self {
        match (self.0.binary_search_by_key(&axis, |term| term.0), set) {
            (Ok(at), Some(set)) => self.0[at].1 = set,
            (Ok(at), None) => drop(self.0.remove(at)),
            (Err(at), Some(set)) => self.0.insert(at, (axis, set)),
            (Err(_), None) => {}
        }
        self
    }

    /// What is in both; `None` for nothing.
    pub fn intersect(&self, other: &[Term], store: &Store) -> Option<Self> {
        let mut terms = Vec::with_capacity(self.0.len() + other.len());
        let (mut left, mut right) = (self.0.iter().peekable(), other.iter().peekable());
        loop {
            match (left.peek(), right.peek()) {
                (Some(a), Some(b)) if a.0 == b.0 => {
                    let set = store.intersect(a.1, b.1);
                    if set == SetId::EMPTY {
                        return None;
                    }
                    terms.push((a.0, set));
                    left.next();
                    right.next();
                }
                (Some(a), Some(b)) if a.0 > b.0 => terms.extend(right.next()),
                (Some(_), _) => terms.extend(left.next()),
                (None, Some(_)) => terms.extend(right.next()),
                (None, None) => return Some(Self(terms)),
            }
        }
    }

    /// Whether a header is in both.
    pub fn overlaps(&self, other: &[Term], store: &Store) -> bool {
        let mut mine = self.0.iter().peekable();
        for (axis, set) in other {
            while mine.next_if(|term| term.0 < *axis).is_some() {}
            if let Some(term) = mine.peek()
                && term.0 == *axis
                && !store.overlaps(term.1, *set)
            {
                return false;
            }
        }
        true
    }

    /// Whether every header of this cube is in `other`.
    pub fn is_subset(&self, other: &[Term], store: &Store) -> bool {
        let mine = |axis| self.get(axis).unwrap_or(SetId::FULL);
        other.iter().all(|(axis, set)| store.is_subset(mine(*axis), *set))
    }

    /// How this cube lies to `other`.
    pub fn relation(&self, other: &[Term], store: &Store) -> Relation {
        let mut relation = Relation::Inside;
        let mut mine = self.0.iter().peekable();
        for (axis, set) in other {
            while mine.next_if(|term| term.0 < *axis).is_some() {}
            let side =
                mine.peek().filter(|term| term.0 == *axis).map_or(SetId::FULL, |term| term.1);
            if !store.overlaps(side, *set) {
                return Relation::Apart;
            }
            if relation == Relation::Inside && !store.is_subset(side, *set) {
                relation = Relation::Across;
            }
        }
        relation
    }

    /// What is in this cube and not in `other`, as disjoint cubes.
    pub fn minus(&self, other: &[Term], store: &Store) -> Vec<Self> {
        if !self.overlaps(other, store) {
            return vec![self.clone()];
        }
        self.parted(other, store).1
    }

    /// What is in both, which must be something, and what is in this cube alone, as disjoint cubes.
    pub fn parted(&self, other: &[Term], store: &Store) -> (Self, Vec<Self>) {
        let mut rest = Vec::new();
        let mut common = self.clone();
        for (axis, set) in other {
            let mine = common.get(*axis).unwrap_or(SetId::FULL);
            let outside = store.minus(mine, *set);
            if outside != SetId::EMPTY {
                rest.push(common.clone().replace(*axis, Some(outside)));
                common = common.replace(*axis, Some(store.intersect(mine, *set)));
            }
        }
        (common, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::{Axis, Cube, Relation, Store};
    use crate::packets::Ranges;
    use proptest::prelude::*;

    const TOP: u128 = 5;
    const AXES: u32 = 3;

    type Sides = Vec<Option<Vec<(u128, u128)>>>;

    fn sides() -> impl Strategy<Value = Sides> {
        let side = prop::option::of(prop::collection::vec((0..=TOP, 0..=TOP), 1..3));
        prop::collection::vec(side, AXES as usize)
    }

    fn cube(store: &Store, sides: &Sides) -> Option<Cube> {
        let terms =
            sides.iter().zip(0..).filter_map(|(side, axis)| Some((Axis(axis), side.clone()?)));
        Cube::of(store, terms.map(|(axis, side)| (axis, store.intern(&Ranges::of(side), TOP))))
    }

    fn members(store: &Store, cube: &Cube) -> Vec<bool> {
        let values =
            (0..=TOP).flat_map(|a| (0..=TOP).flat_map(move |b| (0..=TOP).map(move |c| [a, b, c])));
        let inside = |point: [u128; 3]| {
            cube.terms().iter().all(|(axis, set)| store.contains(*set, point[axis.0 as usize]))
        };
        values.map(inside).collect()
    }

    fn assert_operations_agree_with_counting(store: &Store, a: &Cube, b: &Cube) {
        let (in_a, in_b) = (members(store, a), members(store, b));
        let common = a.intersect(b.terms(), store);
        let counted: Vec<bool> = in_a.iter().zip(&in_b).map(|(x, y)| *x && *y).collect();
        assert_eq!(common.is_some(), counted.contains(&true));
        assert_eq!(a.overlaps(b.terms(), store), common.is_some());
        let relation = match (&common, a.is_subset(b.terms(), store)) {
            (None, _) => Relation::Apart,
            (Some(_), true) => Relation::Inside,
            (Some(_), false) => Relation::Across,
        };
        assert_eq!(a.relation(b.terms(), store), relation);
        if let Some(common) = common {
            assert_eq!(members(store, &common), counted);
            let (both, alone) = a.parted(b.terms(), store);
            assert_eq!(members(store, &both), counted);
            assert_eq!(alone, a.minus(b.terms(), store));
        }
        let mut times = vec![0; in_a.len()];
        for piece in a.minus(b.terms(), store) {
            for (count, inside) in times.iter_mut().zip(members(store, &piece)) {
                *count += u32::from(inside);
            }
        }
        let only: Vec<u32> = in_a.iter().zip(&in_b).map(|(x, y)| u32::from(*x && !*y)).collect();
        assert_eq!(times, only, "the pieces of a difference are disjoint and make it up");
        assert_eq!(
            members(store, a).iter().zip(members(store, b)).all(|(x, y)| !*x || y),
            a.is_subset(b.terms(), store)
        );
    }

    #[test]
    fn a_side_that_holds_0_is_not_cut_from_one_that_is_whole() {
        let store = Store::default();
        let a = cube(&store, &vec![Some(vec![(1, 1)]), None, None]).expect("not empty");
        let b = cube(&store, &vec![None, None, Some(vec![(0, 5)])]).expect("not empty");
        assert_operations_agree_with_counting(&store, &a, &b);
    }

    proptest! {
        #[test]
        fn operations_agree_with_counting(a in sides(), b in sides()) {
            let store = Store::default();
            let (Some(a), Some(b)) = (cube(&store, &a), cube(&store, &b)) else { return Ok(()) };
            assert_operations_agree_with_counting(&store, &a, &b);
        }
    }
}
