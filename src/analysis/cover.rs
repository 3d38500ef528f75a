//! What the entries of a list decide together, gathered so that a question meets few cubes.
//!
//! Entries that differ in one side only (a hundred thousand blocked sources, the sources of one port) are one cube: which
//! of them decides does not matter to what comes after all of them.

use super::{
    Slice, Space,
    bounds::{Bounds, Counts},
    flat::{Entry, Flat},
    slight::Slight,
};
use crate::{
    model::Field,
    packets::{Ranges, Relation, SetId, Term, side},
};
use hashbrown::HashTable;
use rustc_hash::{FxHashMap, FxHasher};
use std::{
    borrow::Cow,
    collections::BTreeMap,
    hash::{Hash, Hasher},
};

/// The sides that entries are gathered along, the best first.
const ALONG: [Field; 4] =
    [Field::Source, Field::Destination, Field::DestinationPort, Field::SourcePort];

/// A range of ports over more buckets than this is kept with those of no port.
const MOST_BUCKETS: u128 = 16;
const BUCKET: u128 = 256;

/// What some entries take, order aside.
#[derive(Debug, Default)]
pub(super) struct Cover {
    groups: Vec<Group>,
    /// Where each of them lies.
    bounds: Vec<Bounds>,
    /// How many addresses each has.
    counts: Vec<Counts>,
    /// Groups by all their terms but the one that gathers.
    by_sides: HashTable<u32>,
    /// Groups about single ports, by protocol and port.
    by_port: FxHashMap<(SetId, u128), Vec<u32>>,
    /// Groups about short ranges of ports, by protocol and bucket.
    by_bucket: FxHashMap<(SetId, u128), Vec<u32>>,
    /// Groups about single ports by protocol and bucket, but for those that are looked up.
    singles: FxHashMap<(SetId, u128), Vec<u32>>,
    /// Groups that gather ports.
    gathered: Vec<u32>,
    /// Groups about other ports, or none.
    wide: Vec<u32>,
    /// Groups that together with those that gather ports are all that was added, the fewest: for who asks about many ports.
    broad: Vec<u32>,
}

/// What of a slice the groups of a cover take.
#[derive(Debug)]
pub(super) enum Meeting {
    /// One of them takes all of it.
    Whole,
    /// These take a part of it; none if there are none.
    Some(Vec<Part>),
}

/// A group, or what of its waiting values lies where a slice does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    group: u32,
    set: Option<SetId>,
}

#[derive(Debug)]
struct Group {
    terms: Vec<Term>,
    /// Which of the terms gathers.
    along: Option<usize>,
    /// Whether who asks about a port finds its entries in the index, so that others must not be gathered with them.
    looked_up: bool,
    /// Values that are not yet in that term. One that is added to a set costs a node for each level of its tree, in order
    /// they cost one each; and who has few values can ask here.
    waiting: Disjoint,
}

/// Disjoint ranges, by their start.
#[derive(Debug, Default)]
struct Disjoint(BTreeMap<u128, u128>);

impl Disjoint {
    fn add(&mut self, mut low: u128, mut high: u128) {
        // Every range from the one before to the last that touches the new one becomes a part of it.
        while let Some((start, end)) = self.0.range(..=high.saturating_add(1)).next_back() {
            let (start, end) = (*start, *end);
            if end.saturating_add(1) < low {
                break;
            }
            if start <= low && high <= end {
                return;
            }
            self.0.remove(&start);
            (low, high) = (low.min(start), high.max(end));
        }
        self.0.insert(low, high);
    }

    /// What of it is in `low..=high`.
    fn within(&self, low: u128, high: u128) -> impl Iterator<Item = (u128, u128)> {
        let before = self.0.range(..low).next_back().filter(|(_, end)| **end >= low);
        let inside = self.0.range(low..=high);
        before.into_iter().chain(inside).map(move |(start, end)| (low.max(*start), high.min(*end)))
    }
}

impl Group {
    /// Whether entries with these terms belong to it.
    fn has_sides(&self, terms: &[Term], along: Option<usize>, looked_up: bool) -> bool {
        let sides = self.terms.iter().zip(terms).enumerate();
        (self.along, self.looked_up) == (along, looked_up)
            && self.terms.len() == terms.len()
            && sides.into_iter().all(|(at, (mine, other))| {
                mine.0 == other.0 && (mine.1 == other.1 || Some(at) == along)
            })
    }

    fn part(&self, part: Part) -> Cow<'_, [Term]> {
        match (part.set, self.along) {
            (Some(set), Some(along)) => {
                let mut terms = self.terms.clone();
                terms[along].1 = set;
                Cow::Owned(terms)
            }
            _ => Cow::Borrowed(&self.terms),
        }
    }

    /// Whether `slice` can meet it, whatever waits to be joined.
    fn may_meet(&self, space: &Space<'_>, slice: &Slice) -> bool {
        let (before, from) = self.terms.split_at(self.along.unwrap_or(self.terms.len()));
        let meets = |terms: &[Term]| {
            let view = slice.view(terms, space);
            view.is_some_and(|view| slice.cube.overlaps(&view, &space.store))
        };
        meets(before) && meets(from.get(1..).unwrap_or_default())
    }

    /// Its conditions, with everything gathered so far.
    fn settled(&mut self, space: &Space<'_>) {
        if let Some(along) = self.along
            && !self.waiting.0.is_empty()
        {
            let waiting = std::mem::take(&mut self.waiting.0);
            let (axis, gathered) = &mut self.terms[along];
            let new = space.intern(*axis, &Ranges::of(waiting.into_iter().collect()));
            *gathered = space.store.union(*gathered, new);
        }
    }

    /// What of the waiting values `slice` has.
    fn near(&self, space: &Space<'_>, slice: &Slice) -> Option<SetId> {
        let axis = self.terms[self.along?].0;
        let mine = slice.values(space, axis);
        let near = mine.as_slice().iter().flat_map(|(low, high)| self.waiting.within(*low, *high));
        let near = Ranges::of(near.collect());
        (!near.is_empty()).then(|| space.intern(axis, &near))
    }
}

fn sides_hash(terms: &[Term], along: Option<usize>, looked_up: bool) -> u64 {
    let mut hasher = FxHasher::default();
    (along, looked_up).hash(&mut hasher);
    for (at, (axis, set)) in terms.iter().enumerate() {
        axis.hash(&mut hasher);
        if Some(at) != along {
            set.hash(&mut hasher);
        }
    }
    hasher.finish()
}

impl Cover {
    /// Adds what `entry` takes.
    pub(super) fn add(&mut self, space: &Space<'_>, flat: &Flat, entry: &Entry) {
        self.add_terms(space, flat.terms(entry));
    }

    /// Adds what `terms` take. A short list of ports is added port by port: each then finds its like.
    pub(super) fn add_terms(&mut self, space: &Space<'_>, terms: &[Term]) {
        let few = Self::few_ports(space, terms);
        let Some((protocol, ports)) = few.as_ref().filter(|(_, it)| it.as_slice().len() > 1) else {
            return self.add_cube(space, terms, few.as_ref());
        };
        let mut terms = terms.to_vec();
        for (low, high) in ports.as_slice() {
            let axis = Space::condition_axis(Field::DestinationPort);
            for term in terms.iter_mut().filter(|term| term.0 == axis) {
                term.1 = space.range(Field::DestinationPort, *low, *high);
            }
            self.add_cube(space, &terms, Some(&(*protocol, Ranges::range(*low, *high))));
        }
    }

    fn add_cube(&mut self, space: &Space<'_>, terms: &[Term], few: Option<&(SetId, Ranges)>) {
        let position = |field: &Field| {
            terms.binary_search_by_key(&Space::condition_axis(*field), |term| term.0).ok()
        };
        let along = ALONG.iter().find_map(position);
        let by_ports = along.is_some() && along == position(&Field::DestinationPort);
        // Ports gathered into one set answer who asks about many ports; who asks about one looks in the index.
        if by_ports && let Some(few) = few {
            if let Some(number) = self.put(space, terms, None, true) {
                self.index(number, few);
            }
            let gathering = self.put(space, terms, along, true);
            self.gathered.extend(gathering);
            return;
        }
        let Some(number) = self.put(space, terms, along, false) else { return };
        self.broad.push(number);
        match few {
            Some(few) => self.index(number, few),
            None => self.wide.push(number),
        }
    }

    fn put(
        &mut self,
        space: &Space<'_>,
        terms: &[Term],
        along: Option<usize>,
        looked_up: bool,
    ) -> Option<u32> {
        let hash = sides_hash(terms, along, looked_up);
        let same = |number: &u32| self.groups[*number as usize].has_sides(terms, along, looked_up);
        let (bounds, counts) = (Bounds::of_terms(space, terms), Counts::of_terms(space, terms));
        if let Some(known) = self.by_sides.find(hash, same).copied() {
            self.bounds[known as usize].extend(&bounds);
            self.counts[known as usize].extend(&counts);
            if let Some(along) = along {
                let (axis, set) = terms[along];
                let waiting = &mut self.groups[known as usize].waiting;
                for (low, high) in space.ranges(axis, set).as_slice() {
                    waiting.add(*low, *high);
                }
            }
            return None;
        }
        let number = u32::try_from(self.groups.len()).expect("groups are bounded by the entries");
        self.groups.push(Group {
            terms: terms.to_vec(),
            along,
            looked_up,
            waiting: Disjoint::default(),
        });
        self.bounds.push(bounds);
        self.counts.push(counts);
        let groups = &self.groups;
        self.by_sides.insert_unique(hash, number, |number| {
            let group = &groups[*number as usize];
            sides_hash(&group.terms, group.along, group.looked_up)
        });
        Some(number)
    }

    /// The protocol and the few ports that an entry is about, if it is about such.
    fn few_ports(space: &Space<'_>, terms: &[Term]) -> Option<(SetId, Ranges)> {
        let set = |field| side(terms, Space::condition_axis(field));
        let (ports, protocol) = (set(Field::DestinationPort)?, set(Field::Protocol)?);
        space.only(Field::Protocol, protocol)?;
        let ports = space.ranges(Field::DestinationPort, ports);
        let buckets = ports.as_slice().iter().map(|(low, high)| high / BUCKET - low / BUCKET + 1);
        (buckets.sum::<u128>() <= MOST_BUCKETS).then_some((protocol, ports))
    }

    /// Files a group under the few ports that it is about.
    fn index(&mut self, number: u32, (protocol, ports): &(SetId, Ranges)) {
        let group = &self.groups[number as usize];
        for (low, high) in ports.as_slice() {
            if low == high {
                if !group.looked_up {
                    self.singles.entry((*protocol, low / BUCKET)).or_default().push(number);
                }
                let groups = self.by_port.entry((*protocol, *low)).or_default();
                // One that gathers nothing may take all and spare the others their gathering.
                groups.insert(if group.along.is_some() { groups.len() } else { 0 }, number);
                continue;
            }
            for bucket in low / BUCKET..=high / BUCKET {
                self.by_bucket.entry((*protocol, bucket)).or_default().push(number);
            }
        }
    }

    /// What of the groups `slice` can meet; where many take little of it, `slight` notes them instead.
    pub(super) fn meeting(
        &mut self,
        space: &Space<'_>,
        slice: &Slice,
        mut slight: Option<&mut Slight>,
    ) -> Meeting {
        let mut found = Vec::new();
        let bounds = Bounds::of(space, |field| slice.now(field));
        // What gathers ports often takes all of them, and spares the others a look.
        let many = Self::is_about_many_ports(space, slice);
        let gathered = if many { self.gathered.len() } else { 0 };
        for at in 0..gathered {
            let number = self.gathered[at];
            if self.meet(space, slice, &bounds, number, &mut found) {
                return Meeting::Whole;
            }
        }
        let others = if many {
            self.at_many_ports(space, slice, &bounds)
        } else {
            self.at_few_ports(space, slice)
        };
        let is_noted = |number: &u32| {
            let at = *number as usize;
            let takes = (&self.bounds[at], &self.counts[at]);
            takes.0.meets(&bounds) && slight.as_mut().is_some_and(|it| it.notes(takes))
        };
        let (noted, mut others): (Vec<u32>, Vec<u32>) = others.into_iter().partition(is_noted);
        if let Some(slight) = slight
            && Slight::are_few(noted.len(), self.groups.len())
        {
            slight.forget(noted.len());
            others.extend(noted);
        }
        for number in others {
            if self.meet(space, slice, &bounds, number, &mut found) {
                return Meeting::Whole;
            }
        }
        Meeting::Some(found)
    }

    /// Adds to `found` what of group `number` `slice` meets; whether it takes all of the slice.
    fn meet(
        &mut self,
        space: &Space<'_>,
        slice: &Slice,
        bounds: &Bounds,
        number: u32,
        found: &mut Vec<Part>,
    ) -> bool {
        if !self.bounds[number as usize].meets(bounds) {
            return false;
        }
        let group = &mut self.groups[number as usize];
        let mut near = None;
        if !group.waiting.0.is_empty() {
            if !group.may_meet(space, slice) {
                return false;
            }
            let narrow =
                group.along.is_some_and(|along| slice.is_narrow(space, group.terms[along].0));
            if narrow {
                near = group.near(space, slice);
            } else {
                group.settled(space);
            }
        }
        let near = near.map(|set| Part { group: number, set: Some(set) });
        for part in near.into_iter().chain([Part { group: number, set: None }]) {
            let terms = group.part(part);
            let Some(view) = slice.view(&terms, space) else { continue };
            match slice.cube.relation(&view, &space.store) {
                Relation::Apart => {}
                Relation::Across => found.push(part),
                Relation::Inside => return true,
            }
        }
        false
    }

    /// The conditions of a part of a group.
    pub(super) fn terms(&self, part: Part) -> Cow<'_, [Term]> {
        self.groups[part.group as usize].part(part)
    }

    /// Whether a slice has more ports than are worth a look each, or they are not those of one protocol.
    fn is_about_many_ports(space: &Space<'_>, slice: &Slice) -> bool {
        const FEW_PORTS: u128 = 64;
        let (protocol, ports) = (slice.now(Field::Protocol), slice.now(Field::DestinationPort));
        space.only(Field::Protocol, protocol).is_none()
            || space.size(Field::DestinationPort, ports) > FEW_PORTS
    }

    /// The groups that may be about the few ports of a slice.
    fn at_few_ports(&self, space: &Space<'_>, slice: &Slice) -> Vec<u32> {
        let (protocol, ports) = (slice.now(Field::Protocol), slice.now(Field::DestinationPort));
        let mut found = Vec::new();
        let mut last_bucket = None;
        for (low, high) in space.ranges(Field::DestinationPort, ports).as_slice() {
            for port in *low..=*high {
                found.extend(self.by_port.get(&(protocol, port)).into_iter().flatten());
                let bucket = port / BUCKET;
                if last_bucket != Some(bucket) {
                    found.extend(self.by_bucket.get(&(protocol, bucket)).into_iter().flatten());
                    last_bucket = Some(bucket);
                }
            }
        }
        // Those that gather much come last: one before may take all and spare the gathering.
        found.extend_from_slice(&self.wide);
        found
    }

    /// The groups, but those that gather ports, that together are all that may be about the ports of a slice, in the order
    /// in which they came.
    fn at_many_ports(&self, space: &Space<'_>, slice: &Slice, bounds: &Bounds) -> Vec<u32> {
        let protocol = slice.now(Field::Protocol);
        let (low, high) = (u128::from(bounds.ports.0), u128::from(bounds.ports.1));
        let one_protocol = space.only(Field::Protocol, protocol).is_some();
        if !one_protocol || high / BUCKET - low / BUCKET >= MOST_BUCKETS {
            return self.broad.clone();
        }
        let mut found = Vec::new();
        let near = |number: &&u32| {
            let number = **number as usize;
            self.bounds[number].meets(bounds) && !self.groups[number].looked_up
        };
        for bucket in low / BUCKET..=high / BUCKET {
            for index in [&self.singles, &self.by_bucket] {
                let groups = index.get(&(protocol, bucket)).into_iter().flatten();
                found.extend(groups.filter(near));
            }
        }
        found.extend_from_slice(&self.wide);
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The conditions of the fewest groups that are all that was added.
    pub(super) fn groups(&mut self, space: &Space<'_>) -> impl Iterator<Item = &[Term]> {
        let numbers = || self.gathered.iter().chain(&self.broad);
        for number in numbers() {
            self.groups[*number as usize].settled(space);
        }
        numbers().map(|number| self.groups[*number as usize].terms.as_slice())
    }
}
