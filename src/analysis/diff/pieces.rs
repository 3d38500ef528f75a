//! What only one side lets in, as cubes of packets as they were sent.

use super::{
    Class, Direction, Path, Side,
    deltas::deltas,
    lists::Lists,
    starts::{Start, starts},
    walk::{Ends, Prepared, Traveller, Walker},
};
use crate::{
    analysis::{Slice, Space, flat::Effect},
    model::{Assignment, Field, OpaqueKind},
    packets::{Axis, Cube, SetId, Term},
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::Cell;

/// More cubes than this are not subtracted from each other.
const MOST_CUBES: usize = 5_000;
/// More questions than this are not asked in one family.
const BUDGET: u64 = 4_000_000;

/// Where packets go, and what became of their destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Outcome {
    pub(super) path: Path,
    pub(super) address_rewritten: bool,
    pub(super) port_rewritten: bool,
    pub(super) redirected: bool,
}

/// What sets differences apart that are not put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Kind {
    pub(super) direction: Direction,
    /// Whether it was let in at some moments, and is let in at more of them or at fewer.
    pub(super) limit: bool,
    pub(super) class: Class,
    pub(super) is_reply: bool,
    pub(super) is_first: bool,
    pub(super) outcome: Outcome,
}

/// All that the two sides differ in.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    /// The cubes, kind by kind.
    pub(super) found: Vec<(Kind, Vec<Cube>)>,
    pub(super) starts: Vec<Start>,
    pub(super) bounded: bool,
    pub(super) inexact: bool,
}

/// What one side does with some packets, outcome by outcome.
#[derive(Default)]
struct Passed {
    /// Let in at any moment.
    always: FxHashMap<Outcome, Vec<Cube>>,
    /// Let in at some moments, thrown away at others.
    at_times: FxHashMap<Outcome, Vec<Cube>>,
    bounded: bool,
}

pub(super) fn pieces(space: &Space<'_>, lists: &Lists, output: bool) -> Pieces {
    let asks_destination = lists.all().any(|it| it.flat.asks_destination);
    let starts = starts(space, output, asks_destination);
    let budget = Cell::new(BUDGET);
    let walker = Walker { space, budget: &budget };
    let sent = Sent::of(space, lists);
    let mut pieces = Pieces { inexact: false, ..Pieces::default() };
    let mut found: FxHashMap<Kind, Vec<Cube>> = FxHashMap::default();
    let parts = deltas(space, lists);
    for part in &parts {
        let old = Prepared::of(space, lists, Side::Old, part, true);
        let new = Prepared::of(space, lists, Side::New, part, true);
        for start in &starts {
            let Some(slice) = start.slice.narrowed_to(part.terms(), space) else { continue };
            let ends = [&old, &new].map(|side| walker.walk(side, start, slice.clone()));
            pieces.bounded |= ends.iter().any(|it| it.bounded);
            pieces.inexact |= ends.iter().any(|it| it.inexact);
            if ends.iter().any(|it| it.bounded) {
                // Packets that start otherwise would fare no better.
                break;
            }
            let [old, new] = ends.map(|ends| sent.passed(ends, start));
            pieces.bounded |= old.bounded || new.bounded;
            let mut add = |direction, from: &Passed, without: &Passed| {
                let mut kinds = |limit, outcome: Outcome, cubes: Vec<Cube>| {
                    let kind = Kind {
                        direction,
                        limit,
                        class: start.class,
                        is_reply: start.slice.is_reply(),
                        is_first: start.is_first,
                        outcome,
                    };
                    if !cubes.is_empty() {
                        found.entry(kind).or_default().extend(cubes);
                    }
                };
                let mut outcomes: Vec<Outcome> =
                    from.always.keys().chain(from.at_times.keys()).copied().collect();
                outcomes.sort_unstable();
                outcomes.dedup();
                for outcome in outcomes {
                    let get = |it: &FxHashMap<Outcome, Vec<Cube>>| {
                        it.get(&outcome).cloned().unwrap_or_default()
                    };
                    let (all, some) = (get(&from.always), get(&from.at_times));
                    let (known, at_times) = (get(&without.always), get(&without.at_times));
                    let mut minus = |cubes: Vec<Cube>, without: &[Cube]| {
                        minus(space, cubes, without, &mut pieces.bounded)
                    };
                    let rest = minus([all.clone(), some].concat(), &known);
                    let only = minus(rest, &at_times);
                    // At more moments than before.
                    let more = minus(all, &known);
                    let more = minus(more, &only);
                    kinds(false, outcome, only);
                    kinds(true, outcome, more);
                }
            };
            add(Direction::Widened, &new, &old);
            add(Direction::Narrowed, &old, &new);
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|it| it.0);
    let bounded = &mut pieces.bounded;
    let found = found.into_iter().map(|(kind, cubes)| {
        // What two parts have in common was found twice.
        let mut apart: Vec<Cube> = Vec::new();
        for cube in cubes {
            let rest = minus(space, vec![cube], &apart, bounded);
            apart.extend(rest);
        }
        (kind, merged(space, apart))
    });
    pieces.found = found.collect();
    pieces.inexact |= sent.inexact && !parts.is_empty();
    pieces.starts = starts;
    pieces
}

/// Which axes are those of packets as they were sent.
struct Sent<'s, 'r> {
    space: &'s Space<'r>,
    writes_connection_mark: bool,
    inexact: bool,
}

impl<'s, 'r> Sent<'s, 'r> {
    fn of(space: &'s Space<'r>, lists: &Lists) -> Self {
        let entries = || lists.all().flat_map(|it| it.flat.entries.iter().map(move |at| (it, at)));
        let writes = |effect: Effect| {
            matches!(
                effect,
                Effect::Assign(
                    Assignment::Bits { field: Field::ConnectionMark, .. }
                        | Assignment::Copy { to: Field::ConnectionMark, .. }
                )
            )
        };
        let writes_connection_mark = entries().any(|(_, entry)| writes(entry.effect));
        let mut marks = space.mark_axes(Field::ConnectionMark).map(|it| it.0);
        let asks = writes_connection_mark
            && marks.any(|axis| {
                entries().any(|(it, entry)| it.flat.terms(entry).iter().any(|it| it.0 == axis))
            });
        Self { space, writes_connection_mark, inexact: asks }
    }

    /// The side's ends as cubes of what was sent.
    fn passed(&self, ends: Ends, start: &Start) -> Passed {
        let mut passed = Passed::default();
        let mut sometimes: Vec<Cube> = Vec::new();
        for lost in ends.lost {
            let (cube, timed) = self.cube(&lost.slice, start, Path::Forward);
            if timed {
                sometimes.push(cube);
            }
        }
        let store = &self.space.store;
        // Where it goes out is not known of what is thrown away before.
        let lost: Vec<Cube> = sometimes.into_iter().map(|it| it.replace(OUT, None)).collect();
        let paths =
            [(Path::Input, ends.input), (Path::Forward, ends.forward), (Path::Output, ends.output)];
        for (path, travellers) in paths {
            for Traveller { slice, .. } in travellers {
                let (cube, timed) = self.cube(&slice, start, path);
                for (outcome, cube) in self.outcomes(&slice, path, cube) {
                    if !timed {
                        passed.always.entry(outcome).or_default().push(cube);
                        continue;
                    }
                    let bounded = &mut passed.bounded;
                    let never = minus(self.space, vec![cube.clone()], &lost, bounded);
                    let at_times = lost.iter().filter_map(|it| cube.intersect(it.terms(), store));
                    passed.at_times.entry(outcome).or_default().extend(at_times);
                    passed.always.entry(outcome).or_default().extend(never);
                }
            }
        }
        passed
    }

    /// What becomes of the destination: a port that is rewritten to what it was is none.
    fn outcomes(&self, slice: &Slice, path: Path, cube: Cube) -> Vec<(Outcome, Cube)> {
        let outcome = Outcome {
            path,
            address_rewritten: slice.address_rewritten,
            port_rewritten: slice.port_rewritten,
            redirected: slice.redirected,
        };
        let rewritten = Space::rewritten(Field::DestinationPort);
        let only = cube.get(rewritten).filter(|it| self.space.only(rewritten, *it).is_some());
        let Some(port) = only.filter(|_| slice.port_rewritten) else {
            return vec![(outcome, cube)];
        };
        let dialled = [(Space::axis(Field::DestinationPort), port)];
        let others = cube.minus(&dialled, &self.space.store).into_iter().map(|it| (outcome, it));
        let mut all: Vec<_> = others.collect();
        if let Some(same) = cube.intersect(&dialled, &self.space.store) {
            let outcome = Outcome { port_rewritten: false, ..outcome };
            all.push((outcome, same.replace(rewritten, None)));
        }
        all
    }

    /// The packets of a slice as they were sent, with what was made of their destination; and whether they are so only at
    /// some moments.
    fn cube(&self, slice: &Slice, start: &Start, path: Path) -> (Cube, bool) {
        let mut timed = false;
        let is_known = matches!(start.class, Class::Established | Class::Related);
        let keeps = |axis: Axis| match Space::field(axis) {
            Some(Field::State | Field::Mark) => false,
            Some(Field::ConnectionMark) => is_known && !self.writes_connection_mark,
            Some(Field::DestinationKind) => !Space::is_rewritten(axis),
            Some(Field::Translated) => is_known && slice.translated_by.is_none(),
            Some(Field::Out) => path != Path::Input,
            _ => true,
        };
        let mut sides: Vec<Term> = Vec::new();
        for (axis, set) in slice.cube.terms() {
            let opaque = self.space.opaque(*axis);
            if opaque.is_some_and(|it| it.kind == OpaqueKind::Timing) {
                timed = true;
            } else if opaque.is_some() || keeps(*axis) {
                sides.push((*axis, *set));
            }
        }
        (Cube::of_sides(sides).expect("a slice has a value on each axis"), timed)
    }
}

const OUT: Axis = Space::axis(Field::Out);

/// What of `cubes` is in none of `without`, as disjoint pieces of each.
pub(super) fn minus(
    space: &Space<'_>,
    cubes: Vec<Cube>,
    without: &[Cube],
    bounded: &mut bool,
) -> Vec<Cube> {
    // Most of what two sides let in is the same on both, cube by cube.
    let known: FxHashSet<&Cube> = without.iter().collect();
    let cubes = cubes.into_iter().filter(|cube| !known.contains(cube)).collect();
    without.iter().fold(cubes, |cubes: Vec<Cube>, other| {
        if cubes.len() > MOST_CUBES {
            *bounded = true;
            return cubes;
        }
        let mut rest = Vec::with_capacity(cubes.len());
        for cube in cubes {
            if cube.overlaps(other.terms(), &space.store) {
                rest.extend(cube.minus(other.terms(), &space.store));
            } else {
                rest.push(cube);
            }
        }
        rest
    })
}

/// The same packets in fewer cubes: two that differ on one axis are one.
pub(super) fn merged(space: &Space<'_>, mut cubes: Vec<Cube>) -> Vec<Cube> {
    loop {
        let before = cubes.len();
        let mut axes: Vec<Axis> =
            cubes.iter().flat_map(|cube| cube.terms().iter().map(|it| it.0)).collect();
        axes.sort_unstable();
        axes.dedup();
        for axis in axes {
            let mut known: FxHashMap<Cube, usize> = FxHashMap::default();
            let mut next: Vec<Cube> = Vec::new();
            for cube in cubes {
                let Some(set) = cube.get(axis) else {
                    next.push(cube);
                    continue;
                };
                let rest = cube.clone().replace(axis, None);
                if let Some(at) = known.get(&rest) {
                    let mine = next[*at].get(axis).unwrap_or(SetId::FULL);
                    let both = space.store.union(mine, set);
                    let both = Some(both).filter(|set| *set != SetId::FULL);
                    next[*at] = std::mem::take(&mut next[*at]).replace(axis, both);
                    continue;
                }
                known.insert(rest, next.len());
                next.push(cube);
            }
            cubes = next;
        }
        if cubes.len() == before {
            return cubes;
        }
    }
}
