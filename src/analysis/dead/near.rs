//! The entries of a list by what they ask for, so that a question about some packets meets few of them.

use crate::{
    analysis::{FamilyAnalysis, Slice, Space, bounds::Bounds, flat::Flat},
    model::Field,
    packets::{SetId, Term, side},
};
use rustc_hash::FxHashMap;
use std::{
    borrow::Cow,
    cell::{Cell, OnceCell},
};

/// More entries than this are not put in order for one question.
const MOST_SORTED: usize = 3_000;
/// After so many looks through all entries they are put into tables.
const MOST_LOOKS_THROUGH: usize = 32;
/// More lists than this are not looked through side by side.
const MOST_LISTS: usize = 4;
/// Ports and runs of sources beyond this many are not looked up one by one.
const FEW: u128 = 16;
/// Ranges of ports are looked up by blocks of so many ports, and those of more than so many blocks not at all.
const BLOCK: u128 = 256;
const MOST_BLOCKS: u128 = 32;

/// The indexes of each family's lists, made as they are asked for.
#[derive(Debug)]
pub(super) struct Indexes(Vec<Vec<OnceCell<Index>>>);

impl Indexes {
    pub(super) fn new(families: &[FamilyAnalysis<'_>]) -> Self {
        let lists =
            |it: &FamilyAnalysis<'_>| it.way.lists.iter().map(|_| OnceCell::new()).collect();
        Self(families.iter().map(lists).collect())
    }

    pub(super) fn of(&self, families: &[FamilyAnalysis<'_>], family: usize, list: usize) -> &Index {
        let it = &families[family];
        self.0[family][list].get_or_init(|| Index::of(&it.space, &it.way.lists[list].flat))
    }
}

/// The entries of one list.
#[derive(Debug)]
pub(super) struct Index {
    /// Where each entry lies.
    bounds: Vec<Bounds>,
    /// How often it was asked: the tables cost as much as many looks through all bounds.
    asked: Cell<usize>,
    tables: OnceCell<Tables>,
}

/// Entries by what they ask for.
#[derive(Debug, Default)]
struct Tables {
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

    /// Adds to `found` the entries about some of these sources that are wanted; how many were looked at.
    fn near(
        &self,
        ranges: &[(u128, u128)],
        wanted: impl Fn(&u32) -> bool,
        found: &mut Vec<u32>,
    ) -> usize {
        let mut looked = 0;
        for (low, high) in ranges {
            let end = self.keyed.partition_point(|it| it.0 <= *high);
            for at in (0..end).rev() {
                if self.reach[at] < *low {
                    break;
                }
                looked += 1;
                let (_, last, index) = self.keyed[at];
                if last >= *low && wanted(&index) {
                    found.push(index);
                }
            }
        }
        looked
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

impl Tables {
    fn of(space: &Space<'_>, flat: &Flat) -> Self {
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

    fn members(&self, space: &Space<'_>, flat: &Flat, slice: &Slice) -> Vec<&Members> {
        match Ports::of(space, slice.cube.terms()) {
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
        }
    }
}

impl Index {
    pub(super) fn of(space: &Space<'_>, flat: &Flat) -> Self {
        let bounds = flat.entries.iter().map(|it| Bounds::of_terms(space, flat.terms(it)));
        Self { bounds: bounds.collect(), asked: Cell::default(), tables: OnceCell::new() }
    }

    /// Whether an entry may take what lies within some bounds.
    pub(super) fn may_meet(&self, index: u32, bounds: &Bounds) -> bool {
        self.bounds[index as usize].meets(bounds)
    }

    /// Lists of entries, each in order, that hold every entry which takes a packet of `slice`, as far as it lies within
    /// `bounds`; and how many were looked at for that.
    pub(super) fn candidates(
        &self,
        space: &Space<'_>,
        flat: &Flat,
        slice: &Slice,
        bounds: &Bounds,
    ) -> (Vec<Cow<'_, [u32]>>, usize) {
        let meets = |index: &u32| self.may_meet(*index, bounds);
        let asked = self.asked.replace(self.asked.get() + 1);
        if asked < MOST_LOOKS_THROUGH {
            let all = 0..u32::try_from(self.bounds.len()).expect("entries are numbered");
            let met: Vec<u32> = all.filter(meets).collect();
            let looked = met.len();
            return (vec![Cow::Owned(met)], looked);
        }
        let tables = self.tables.get_or_init(|| Tables::of(space, flat));
        let members = tables.members(space, flat, slice);
        let sources = slice.now(Field::Source);
        let whole = sources == SetId::FULL;
        let length = |it: &&Members| if whole { it.all.len() } else { it.free.len() };
        let few = members.iter().map(length).sum::<usize>() <= MOST_SORTED;
        let members = if members.len() > MOST_LISTS && !few {
            vec![tables.all(space, flat)]
        } else {
            members
        };
        let (mut met, mut lists, mut looked) = (Vec::new(), Vec::new(), 0);
        let ranges = (!whole).then(|| space.ranges(Field::Source, sources));
        for members in members {
            if let Some(ranges) = &ranges {
                looked += members.near(ranges.as_slice(), meets, &mut met);
            }
            let list = if whole { &members.all } else { &members.free };
            if few {
                looked += list.len();
                met.extend(list.iter().copied().filter(meets));
            } else {
                lists.push(Cow::Borrowed(&list[..]));
            }
        }
        met.sort_unstable();
        met.dedup();
        lists.push(Cow::Owned(met));
        (lists, looked)
    }
}
