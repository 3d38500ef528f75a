//! Which of the entries that were passed take one packet.
//!
//! A packet is one value on each axis. Entries are filed by what they ask of addresses, ports, protocol and the interface
//! that packets come in on, each in one of a few ways (an address by its block of 8, 16, 24 bits or as a whole); a packet
//! looks once for each combination of ways that some entry is filed in, and asks the few entries that it finds.

use crate::{
    analysis::{
        Space,
        flat::{Effect, Entry, Flat},
        space::OPAQUES,
    },
    model::{Family, Field},
    packets::{Axis, Cube, Term, side},
};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use std::hash::{Hash, Hasher};

/// An entry about more runs of values than this is filed as if it left that axis free.
const MOST_RUNS: usize = 16;
/// An entry is not filed in more places than this.
const MOST_PLACES: usize = 64;
/// So many of the lowest bits are left out where an axis is left free.
const FREE: u8 = 128;

/// A value on each axis but the questions.
#[derive(Debug, Clone)]
pub(super) struct Packet([u128; OPAQUES as usize]);

impl Packet {
    /// One that rules seldom speak of.
    pub(super) fn unusual(family: Family) -> Self {
        let mut packet = Self([0; OPAQUES as usize]);
        let (source, destination) = match family {
            Family::Ipv4 => (0xb94d_0b17, 0xb94d_6f2d),
            Family::Ipv6 => (0x2a0e_97c0_0b17 << 80 | 7, 0x2a0e_97c0_6f2d << 80 | 9),
        };
        for (field, value) in [
            (Field::Source, source),
            (Field::Destination, destination),
            (Field::OriginalSource, source),
            (Field::OriginalDestination, destination),
            (Field::Protocol, 253),
            (Field::SourcePort, 39_987),
            (Field::DestinationPort, 39_989),
            (Field::OriginalSourcePort, 39_987),
            (Field::OriginalDestinationPort, 39_989),
            (Field::State, crate::model::State::New.value()),
            (Field::In, crate::analysis::interfaces::Interfaces::NONE),
            (Field::Out, crate::analysis::interfaces::Interfaces::NONE),
            (Field::TcpFlags, 2),
        ] {
            packet.put(Space::condition_axis(field), value);
        }
        packet
    }

    /// One with the smallest values.
    pub(super) const fn least() -> Self {
        Self([0; OPAQUES as usize])
    }

    pub(super) fn put(&mut self, axis: Axis, value: u128) {
        if let Some(mine) = self.0.get_mut(axis.0 as usize) {
            *mine = value;
        }
    }

    pub(super) fn get(&self, axis: Axis) -> u128 {
        self.0.get(axis.0 as usize).copied().unwrap_or_default()
    }

    fn of(&self, field: Field) -> u128 {
        self.0[field as usize]
    }
}

/// An entry that takes a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Taker {
    pub(super) index: u32,
    /// Whether it surely does; if not it hands the packet back to its caller or not.
    pub(super) surely: bool,
}

/// How many of the lowest bits of a value are left out.
type Way = [u8; SIDES.len()];

const SIDES: [Field; 6] = [
    Field::Source,
    Field::Destination,
    Field::DestinationPort,
    Field::Protocol,
    Field::SourcePort,
    Field::In,
];

/// Runs of values, each as a value and the bits that it shares with the others of its run.
struct Runs {
    runs: [(u128, u8); MOST_RUNS],
    length: usize,
}

/// Entries by what they ask for.
#[derive(Debug)]
pub(super) struct Points {
    ways: Vec<Way>,
    known: FxHashMap<Way, u32>,
    /// The last of the entries that are filed in one place.
    places: FxHashMap<u64, u32>,
    /// Each entry that was filed and the one that was filed before it in its place.
    filed: Vec<(u32, u32)>,
    /// A bit for the places in which something is filed: most that are asked for are empty, and a bit is nearer than a table.
    full: Vec<u64>,
    /// Addresses are filed by whole multiples of so many bits.
    step: u8,
    /// Axes on which entries change what others ask for: whatever is asked there is taken for granted.
    pub(super) loose: FxHashSet<Axis>,
}

const NONE: u32 = u32::MAX;
const FULL_BITS: usize = 1 << 21;

impl Points {
    pub(super) fn new(family: Family) -> Self {
        Self {
            ways: Vec::new(),
            known: FxHashMap::default(),
            places: FxHashMap::default(),
            filed: Vec::new(),
            full: vec![0; FULL_BITS / 64],
            step: if family == Family::Ipv4 { 8 } else { 16 },
            loose: FxHashSet::default(),
        }
    }

    /// Files an entry, if it may take anything.
    pub(super) fn add(&mut self, space: &Space<'_>, flat: &Flat, index: u32) {
        let entry = &flat.entries[index as usize];
        let changes = matches!(entry.effect, Effect::Assign(_));
        if changes || (entry.effect != Effect::Return && is_unsure(flat, entry)) {
            return;
        }
        let terms = flat.terms(entry);
        let mut sides = SIDES.map(|field| self.runs(space, terms, field));
        while sides.iter().map(|side| side.length).product::<usize>() > MOST_PLACES {
            let most = sides.iter_mut().max_by_key(|side| side.length);
            *most.expect("there are sides") = Runs::FREE;
        }
        let mut chosen = [0; SIDES.len()];
        loop {
            let run = |side: usize| sides[side].runs[chosen[side]];
            let way: Way = std::array::from_fn(|side| run(side).1);
            let values: [u128; SIDES.len()] = std::array::from_fn(|side| run(side).0);
            self.file(index, way, &values);
            // The next combination.
            let next = (0..SIDES.len()).find(|side| chosen[*side] + 1 < sides[*side].length);
            let Some(next) = next else { return };
            chosen[next] += 1;
            chosen[..next].fill(0);
        }
    }

    fn file(&mut self, index: u32, way: Way, values: &[u128; SIDES.len()]) {
        let ways = &mut self.ways;
        let number = *self.known.entry(way).or_insert_with(|| {
            ways.push(way);
            u32::try_from(ways.len() - 1).expect("there are few ways")
        });
        let last = u32::try_from(self.filed.len()).expect("bounded by the entries");
        let place = place(number, way, values);
        let (word, bit) = full(place);
        self.full[word] |= bit;
        let before = self.places.insert(place, last).unwrap_or(NONE);
        self.filed.push((index, before));
    }

    fn runs(&self, space: &Space<'_>, terms: &[Term], field: Field) -> Runs {
        let axis = Space::condition_axis(field);
        let Some(set) = side(terms, axis) else { return Runs::FREE };
        let mut runs = Runs { length: 0, ..Runs::FREE };
        if let Some((low, high)) = space.run(axis, set) {
            runs.add(field, self.step, low, high);
        } else if space.store.contains(set, 0) {
            // All but some.
            return Runs::FREE;
        } else {
            for (low, high) in space.ranges(axis, set).as_slice() {
                runs.add(field, self.step, *low, *high);
                if runs.length == MOST_RUNS {
                    return Runs::FREE;
                }
            }
        }
        runs
    }

    /// Puts into `found` the entries that take a packet of `piece`, in order; adds to `steps` what was looked at.
    pub(super) fn takers(
        &self,
        space: &Space<'_>,
        flat: &Flat,
        packet: &Packet,
        piece: &Cube,
        found: &mut Vec<Taker>,
        steps: &mut u64,
    ) {
        found.clear();
        let values = SIDES.map(|field| packet.of(field));
        for (way, number) in self.ways.iter().zip(0..) {
            *steps += 1;
            let place = place(number, *way, &values);
            let (word, bit) = full(place);
            if self.full[word] & bit == 0 {
                continue;
            }
            let mut next = self.places.get(&place).copied().unwrap_or(NONE);
            while let Some((index, before)) = self.filed.get(next as usize).copied() {
                *steps += 1;
                next = before;
                let entry = &flat.entries[index as usize];
                found.extend(
                    self.taken(space, flat, entry, packet, piece)
                        .map(|surely| Taker { index, surely }),
                );
            }
        }
        found.sort_unstable_by_key(|taker| taker.index);
        found.dedup_by_key(|taker| taker.index);
    }

    /// Whether an entry takes a packet, and if so whether it surely does.
    fn taken(
        &self,
        space: &Space<'_>,
        flat: &Flat,
        entry: &Entry,
        packet: &Packet,
        piece: &Cube,
    ) -> Option<bool> {
        let mut surely = !is_unsure(flat, entry);
        for (axis, set) in flat.terms(entry) {
            if Space::is_opaque(*axis) {
                match piece.get(*axis) {
                    Some(answer) if !space.store.overlaps(answer, *set) => return None,
                    Some(_) => {}
                    None => surely = false,
                }
            } else if !space.store.contains(*set, packet.get(*axis)) && !self.loose.contains(axis) {
                return None;
            }
        }
        (surely || entry.effect == Effect::Return).then_some(surely)
    }
}

/// Whether packets that fulfil an entry's conditions can come past it all the same.
pub(super) fn is_unsure(flat: &Flat, entry: &Entry) -> bool {
    !entry.certain || (flat.changes_unmodelled && entry.opaque)
}

impl Runs {
    const FREE: Self = Self { runs: [(0, FREE); MOST_RUNS], length: 1 };

    fn add(&mut self, field: Field, step: u8, low: u128, high: u128) {
        const BUCKET: u8 = 8;
        let bits = u8::try_from(u128::BITS - (low ^ high).leading_zeros()).unwrap_or(FREE);
        let buckets = (high >> BUCKET) - (low >> BUCKET) + 1;
        let left = MOST_RUNS - self.length;
        match field {
            Field::DestinationPort if bits > 0 && buckets <= left as u128 => {
                for bucket in low >> BUCKET..=high >> BUCKET {
                    self.push(bucket << BUCKET, BUCKET);
                }
            }
            Field::Source | Field::Destination => self.push(low, bits.next_multiple_of(step)),
            _ if bits == 0 => self.push(low, 0),
            _ => self.push(0, FREE),
        }
    }

    fn push(&mut self, value: u128, left_out: u8) {
        if let Some(run) = self.runs.get_mut(self.length) {
            *run = (value, left_out);
            self.length += 1;
        }
    }
}

/// Where the bit of a place is: its word, and itself.
fn full(place: u64) -> (usize, u64) {
    let at = usize::try_from(place >> (u64::BITS - FULL_BITS.ilog2())).unwrap_or(0);
    (at / 64, 1 << (at % 64))
}

/// Where an entry is filed that asks for such values.
fn place(number: u32, way: Way, values: &[u128; SIDES.len()]) -> u64 {
    let mut hasher = FxHasher::default();
    number.hash(&mut hasher);
    for (left_out, value) in way.into_iter().zip(values) {
        if left_out < FREE {
            (value >> left_out).hash(&mut hasher);
        }
    }
    hasher.finish()
}
