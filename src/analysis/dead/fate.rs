//! What becomes of some packets in a list, entry by entry, and which entries take them.

use super::points::{is_unsure, side};
use crate::{
    analysis::{
        Slice, Space,
        flat::{Effect, Entry, Flat},
        walk,
    },
    model::Field,
    packets::{SetId, Term},
};
use rustc_hash::FxHashMap;
use std::{borrow::Cow, cell::OnceCell};

/// More entries than this are not met for one question, and the packets not cut into more pieces.
const MOST_STEPS: usize = 3_000;
const MOST_PIECES: usize = 200;
/// More lists than this are not looked through side by side.
const MOST_LISTS: usize = 4;
/// Lists up to this length are looked through as a whole.
const SHORT: usize = 64;
/// Ports and runs of sources beyond this many are not looked up one by one.
const FEW: u128 = 16;
/// Ranges of ports are looked up by blocks of so many ports, and those of more than so many blocks not at all.
const BLOCK: u128 = 256;
const MOST_BLOCKS: u128 = 32;

/// The entries of a list by what they ask for, so that a question meets few of them.
#[derive(Debug, Default)]
pub(super) struct Index {
    by_port: FxHashMap<(SetId, u128), Members>,
    /// Ranges, by the blocks that they reach into; and single ports by theirs.
    by_block: FxHashMap<(SetId, u128), Members>,
    in_block: FxHashMap<(SetId, u128), Members>,
    wide: Members,
    /// All of them, for who asks about many ports.
    all: OnceCell<Members>,
}

/// Entries in order.
#[derive(Debug, Default)]
struct Members {
    /// All of them.
    all: Vec<u32>,
    /// Those that leave the source free, or ask for much of it.
    free: Vec<u32>,
    /// Those about some sources, by the first of them: the first, the last, the entry.
    keyed: Vec<(u128, u128, u32)>,
    /// The largest last one up to each of them.
    reach: Vec<u128>,
}

impl Members {
    fn add(&mut self, space: &Space<'_>, sources: Option<SetId>, index: u32) {
        self.all.push(index);
        let Some(sources) = sources else { return self.free.push(index) };
        if let Some((low, high)) = space.run(Field::Source, sources) {
            return self.keyed.push((low, high, index));
        }
        let ranges = space.ranges(Field::Source, sources);
        if ranges.as_slice().len() as u128 > FEW {
            return self.free.push(index);
        }
        self.keyed.extend(ranges.as_slice().iter().map(|(low, high)| (*low, *high, index)));
    }

    fn settle(&mut self) {
        self.keyed.sort_unstable();
        let mut last = 0;
        self.reach.extend(self.keyed.iter().map(|(_, high, _)| {
            last = last.max(*high);
            last
        }));
    }

    /// The entries about some of these sources.
    fn near(&self, ranges: &[(u128, u128)], found: &mut Vec<u32>) {
        for (low, high) in ranges {
            let end = self.keyed.partition_point(|it| it.0 <= *high);
            for at in (0..end).rev() {
                if self.reach[at] < *low {
                    break;
                }
                if self.keyed[at].1 >= *low {
                    found.push(self.keyed[at].2);
                }
            }
        }
    }
}

/// The ports that terms are about.
enum Ports {
    Few(SetId, Vec<u128>),
    Blocks(SetId, Vec<u128>),
    Many,
}

impl Ports {
    fn of(space: &Space<'_>, terms: &[Term]) -> Self {
        let side = |field| side(terms, Space::condition_axis(field));
        let (Some(protocol), Some(ports)) = (side(Field::Protocol), side(Field::DestinationPort))
        else {
            return Self::Many;
        };
        if space.only(Field::Protocol, protocol).is_none() {
            return Self::Many;
        }
        if space.size(Field::DestinationPort, ports) <= FEW {
            let ports = space.ranges(Field::DestinationPort, ports);
            let ports = ports.as_slice().iter().flat_map(|(low, high)| *low..=*high);
            return Self::Few(protocol, ports.collect());
        }
        let ports = space.ranges(Field::DestinationPort, ports);
        let blocks = ports.as_slice().iter().map(|(low, high)| low / BLOCK..=high / BLOCK);
        if blocks.clone().map(|it| it.end() - it.start() + 1).sum::<u128>() > MOST_BLOCKS {
            return Self::Many;
        }
        let mut blocks: Vec<u128> = blocks.flatten().collect();
        blocks.dedup();
        Self::Blocks(protocol, blocks)
    }
}

impl Index {
    pub(super) fn of(space: &Space<'_>, flat: &Flat) -> Self {
        let mut index = Self::default();
        for (entry, number) in flat.entries.iter().zip(0..) {
            let terms = flat.terms(entry);
            let sources = side(terms, Space::condition_axis(Field::Source));
            match Ports::of(space, terms) {
                Ports::Few(protocol, ports) => {
                    let mut last = None;
                    for port in ports {
                        let members = index.by_port.entry((protocol, port)).or_default();
                        members.add(space, sources, number);
                        let block = port / BLOCK;
                        if last.replace(block) != Some(block) {
                            let members = index.in_block.entry((protocol, block)).or_default();
                            members.add(space, sources, number);
                        }
                    }
                }
                Ports::Blocks(protocol, blocks) => {
                    for block in blocks {
                        let members = index.by_block.entry((protocol, block)).or_default();
                        members.add(space, sources, number);
                    }
                }
                Ports::Many => index.wide.add(space, sources, number),
            }
        }
        index.wide.settle();
        for members in [&mut index.by_port, &mut index.by_block, &mut index.in_block]
            .into_iter()
            .flat_map(FxHashMap::values_mut)
        {
            members.settle();
        }
        index
    }

    fn all(&self, space: &Space<'_>, flat: &Flat) -> &Members {
        self.all.get_or_init(|| {
            let mut all = Members::default();
            for (entry, number) in flat.entries.iter().zip(0..) {
                let sources = side(flat.terms(entry), Space::condition_axis(Field::Source));
                all.add(space, sources, number);
            }
            all.settle();
            all
        })
    }

    /// Lists of entries, each in order, that hold every entry which takes a packet of `slice`.
    fn candidates(&self, space: &Space<'_>, flat: &Flat, slice: &Slice) -> Vec<Cow<'_, [u32]>> {
        let members: Vec<&Members> = match Ports::of(space, slice.cube.terms()) {
            Ports::Few(protocol, ports) => {
                let at = |port: &u128| self.by_port.get(&(protocol, *port));
                let mut blocks: Vec<u128> = ports.iter().map(|port| port / BLOCK).collect();
                blocks.dedup();
                let near = |block: &u128| self.by_block.get(&(protocol, *block));
                let few = ports.iter().filter_map(at).chain(blocks.iter().filter_map(near));
                std::iter::once(&self.wide).chain(few).collect()
            }
            Ports::Blocks(protocol, blocks) => {
                let by = |block: &u128| {
                    let key = (protocol, *block);
                    [self.by_block.get(&key), self.in_block.get(&key)].into_iter().flatten()
                };
                std::iter::once(&self.wide).chain(blocks.iter().flat_map(by)).collect()
            }
            Ports::Many => vec![self.all(space, flat)],
        };
        let sources = slice.now(Field::Source);
        let whole = sources == SetId::FULL;
        let length = |it: &Members| if whole { it.all.len() } else { it.free.len() };
        let few = members.iter().map(|it| length(it)).sum::<usize>() <= MOST_STEPS;
        let several = members.len() > 1 && few;
        let members =
            if members.len() > MOST_LISTS && !few { vec![self.all(space, flat)] } else { members };
        if whole && !several {
            return members.into_iter().map(|it| Cow::Borrowed(&it.all[..])).collect();
        }
        let sources = space.ranges(Field::Source, sources);
        let (mut keyed, mut lists) = (Vec::new(), Vec::new());
        for members in members {
            if whole {
                keyed.extend_from_slice(&members.all);
                continue;
            }
            members.near(sources.as_slice(), &mut keyed);
            if several {
                keyed.extend_from_slice(&members.free);
            } else {
                lists.push(Cow::Borrowed(&members.free[..]));
            }
        }
        keyed.sort_unstable();
        keyed.dedup();
        lists.push(Cow::Owned(keyed));
        lists
    }
}

/// A part of the packets, and what takes it.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// The entry that decides it for good; `None` for the end of the list.
    pub(super) by: Option<u32>,
    /// The return on whose account it does not come to the entry that was asked about.
    pub(super) returned: Option<u32>,
    pub(super) slice: Slice,
}

/// What becomes of packets.
#[derive(Debug, Default)]
pub(super) struct Fate {
    pub(super) parts: Vec<Part>,
    /// Whether not everything was followed.
    pub(super) bounded: bool,
    /// How many entries were met.
    pub(super) steps: usize,
}

/// Walks `start` from entry `from` on. Entries that need not do what they say, or ask what nobody can answer, are passed.
/// `until` is the place that was asked about: returns to behind it are noted.
pub(super) fn of(
    space: &Space<'_>,
    flat: &Flat,
    index: &Index,
    start: Slice,
    from: u32,
    until: u32,
) -> Fate {
    let mut fate = Fate::default();
    let mut lists = index.candidates(space, flat, &start);
    let candidates = lists.iter().map(|list| list.len()).sum::<usize>();
    if !flat.assigns && candidates <= SHORT {
        // Nothing changes on the way: what the whole does not meet none of its parts does.
        fate.steps += candidates / 8;
        let meets = |index: &u32| {
            let terms = flat.terms(&flat.entries[*index as usize]);
            let view = start.view(terms, space);
            view.is_some_and(|view| start.cube.overlaps(&view, &space.store))
        };
        let mut met: Vec<u32> = lists.iter().flat_map(|list| list.iter().copied()).collect();
        met.retain(meets);
        met.sort_unstable();
        met.dedup();
        lists = vec![Cow::Owned(met)];
    }
    let mut pieces = vec![(start, from, None)];
    while let Some((piece, from, returned)) = pieces.pop() {
        let mut at = from;
        let met = loop {
            let next =
                lists.iter().filter_map(|list| list.get(list.partition_point(|it| *it < at))).min();
            let Some(next) = next.copied() else { break None };
            fate.steps += 1;
            let entry = &flat.entries[next as usize];
            if fate.steps < MOST_STEPS
                && let Some(terms) = taken(space, flat, entry, &piece)
            {
                break Some((next, terms));
            }
            if fate.steps >= MOST_STEPS {
                fate.bounded = true;
                break None;
            }
            at = next + 1;
        };
        if fate.bounded || pieces.len() + fate.parts.len() > MOST_PIECES {
            fate.bounded = true;
            return fate;
        }
        let Some((number, terms)) = met else {
            fate.parts.push(Part { by: None, returned, slice: piece });
            continue;
        };
        let entry = &flat.entries[number as usize];
        let rest = piece.cube.minus(&terms, &space.store);
        let common = piece.cube.intersect(&terms, &space.store);
        pieces.extend(rest.into_iter().map(|cube| (piece.narrowed(cube), number + 1, returned)));
        let Some(common) = common else { continue };
        let slice = piece.narrowed(common);
        match entry.effect {
            Effect::Return if entry.end == Entry::FINAL => {
                fate.parts.push(Part { by: None, returned: returned.or(Some(number)), slice });
            }
            Effect::Return => {
                let skips = number < until && entry.end > until;
                let returned = returned.or(skips.then_some(number));
                pieces.push((slice, entry.end, returned));
            }
            Effect::Assign(change) => {
                pieces.push((walk::assign(space, slice, change), number + 1, returned));
            }
            Effect::Accept | Effect::Drop | Effect::Dnat(_) => {
                fate.parts.push(Part { by: Some(number), returned, slice });
            }
        }
    }
    fate
}

/// What an entry surely takes of a piece, if anything.
fn taken(space: &Space<'_>, flat: &Flat, entry: &Entry, piece: &Slice) -> Option<Vec<Term>> {
    let view = piece.view(flat.terms(entry), space)?;
    if !piece.cube.overlaps(&view, &space.store) {
        return None;
    }
    let open = |term: &Term| Space::is_opaque(term.0) && piece.cube.get(term.0).is_none();
    (!is_unsure(flat, entry) && !view.iter().any(open)).then(|| view.into_owned())
}
