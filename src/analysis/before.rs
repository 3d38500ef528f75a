//! What the entries before some place of a list leave to those behind.
//!
//! Entries that decide for good can be asked in any order. A return cannot: what it takes skips the rest of its chain. While
//! the walk is inside that chain this makes no difference (what was returned does not come here, like what was decided);
//! once the chain is left, its decisions hold only for what had not been returned before them. So the entries of each chain
//! with a return are kept twice: in any order for the rules of that chain, and by their places for those behind it.

use super::{
    Slice, Space,
    cover::{Cover, Meeting, Part},
    cut::{Budget, cut, undecided},
    flat::{Effect, Entry, Flat},
    slight::Slight,
    walk::assign,
};
use crate::packets::{Axis, Term};
use rustc_hash::FxHashMap;
use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    ops::Range,
};

/// More pieces than this at one time are not followed; the search says that it stopped.
pub(super) const MOST_SLICES: usize = 20_000;

/// More looks at what was passed than this are not taken for all questions of a list; the search says that it stopped.
const MOST_STEPS_OF_ALL: u64 = 64_000_000;

/// How what the entries before leave is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// All that may come past, to say what is open: a question that is the same everywhere has one answer, yes or no.
    MayPass,
    /// Whether surely nothing does, to say what is dead: only what surely happens takes anything, and a question that
    /// nobody can answer takes only who has answered it alike (some fail on a packet with either answer: the owner of a
    /// packet without a socket).
    SurelyTaken,
}

/// The entries that the walk has passed.
#[derive(Debug)]
pub(super) struct Before {
    asked: Asked,
    /// Whether every piece is cut out, however little it takes.
    pub(super) exact: bool,
    /// Whether entries change what later ones ask for, so that all are met by place.
    pub(super) ordered: bool,
    at: u32,
    /// The walk through a chain that is asked about, where it may be at its end.
    pub(super) inside: Option<u32>,
    /// How many looks at what was passed were taken, and after how many a search stops.
    pub(super) steps: Cell<u64>,
    pub(super) most_steps: u64,
    /// The chains with returns that the walk is in, the outermost first; the first is the list itself.
    frames: Vec<Frame>,
    /// Entries behind a question of their own, and what the same jump leads to, by the first such question.
    questions: FxHashMap<Axis, Vec<u32>>,
}

#[derive(Debug)]
struct Frame {
    /// Where the chain ends.
    end: u32,
    /// What its entries take, in any order.
    cover: Cover,
    /// The same by place. Of the list itself only the chains that were left.
    items: RefCell<Vec<Item>>,
    /// Whether a chain was left in it that has to be asked by place.
    has_left: bool,
}

/// A part of a chain, by place.
#[derive(Debug)]
enum Item {
    /// Entries that decide for good, and what they take once somebody asks.
    Decisions(Range<u32>, Option<Cover>),
    /// A return.
    Return(u32),
    /// A chain that was left.
    Left(Left),
}

/// A chain with returns that the walk has left.
#[derive(Debug)]
struct Left {
    /// What its own entries take in any order: who is not among that, here and in the chains left inside it, passes
    /// untouched.
    cover: Cover,
    items: Vec<Item>,
}

impl Before {
    pub(super) fn new(flat: &Flat, asked: Asked) -> Self {
        let ordered = match asked {
            Asked::MayPass => flat.assigns,
            Asked::SurelyTaken => flat.asks_for_changes(),
        };
        let (frames, questions) = (vec![Frame::new(Entry::FINAL)], FxHashMap::default());
        Self {
            asked,
            exact: asked == Asked::SurelyTaken,
            ordered,
            at: 0,
            inside: None,
            steps: Cell::new(0),
            most_steps: MOST_STEPS_OF_ALL,
            frames,
            questions,
        }
    }

    /// Whether packets can come past `entry` whatever it asks: it need not do what it says.
    fn is_unsure(&self, flat: &Flat, entry: &Entry) -> bool {
        let unsure = !entry.certain || (flat.changes_unmodelled && entry.opaque);
        self.asked == Asked::SurelyTaken && unsure
    }

    /// Whether what an entry takes comes to where the walk is.
    fn comes_on(&self, flat: &Flat, index: u32) -> bool {
        let end = flat.entries[index as usize].end;
        let leaves = || self.inside.is_some_and(|call| flat.leaves(index, call));
        end < self.at || (end == self.at && !leaves())
    }

    /// Whether a question is one that a packet may have answered either way, or not at all.
    fn is_open(&self, space: &Space<'_>, axis: Axis) -> bool {
        match self.asked {
            Asked::MayPass => space.is_fresh(axis),
            Asked::SurelyTaken => Space::is_opaque(axis),
        }
    }

    /// Goes past entry `index`.
    pub(super) fn pass(&mut self, space: &Space<'_>, flat: &Flat, index: u32) {
        self.leave(index);
        self.at = index + 1;
        let entry = &flat.entries[index as usize];
        let assigns = matches!(entry.effect, Effect::Assign(_));
        if self.ordered || assigns {
            return;
        }
        if entry.effect == Effect::Return {
            if entry.end <= index + 1 {
                return;
            }
            if self.top().end != entry.end {
                self.frames.push(Frame::new(entry.end));
            }
            // Behind the chain even those that may have returned are met again.
            self.top().items.get_mut().push(Item::Return(index));
        }
        if self.is_unsure(flat, entry) {
            return;
        }
        let asked = if entry.opaque { flat.terms(entry) } else { &[] };
        if let Some((axis, _)) = asked.iter().find(|(axis, _)| self.is_open(space, *axis)) {
            self.questions.entry(*axis).or_default().push(index);
            return;
        }
        if entry.effect == Effect::Return {
            // Its place is noted.
        } else if self.frames.len() > 1 {
            let items = self.top().items.get_mut();
            match items.last_mut() {
                Some(Item::Decisions(range, None)) if range.end == index => range.end += 1,
                _ => items.push(Item::Decisions(index..index + 1, None)),
            }
        }
        self.top().cover.add(space, flat, entry);
    }

    /// Leaves the chains that end at `index` or before.
    fn leave(&mut self, index: u32) {
        while self.top().end <= index {
            let Some(frame) = self.frames.pop() else { return };
            let left = Left { cover: frame.cover, items: frame.items.into_inner() };
            if left.items.iter().any(|item| !matches!(item, Item::Return(_))) {
                let top = self.top();
                top.items.get_mut().push(Item::Left(left));
                top.has_left = true;
            }
        }
    }

    fn top(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("the list itself is never left: it ends nowhere")
    }

    /// What of `start` comes past all of them: each piece is handed to `found`, which says whether to go on. Returns whether
    /// the search stopped short.
    pub(super) fn survivors(
        &mut self,
        space: &Space<'_>,
        flat: &Flat,
        start: Slice,
        mut found: impl FnMut(Slice) -> bool,
    ) -> bool {
        self.leave(self.at);
        if self.ordered {
            let all: Vec<u32> = (0..self.at).collect();
            return self.by_place(space, flat, &all, start, &mut found);
        }
        // Who has answered a question that others were asked too meets them by place.
        let answered = start.cube.terms().iter().filter_map(|(axis, _)| self.questions.get(axis));
        let mut asked: Vec<u32> = answered.flatten().copied().collect();
        asked.sort_unstable();
        let asked = &asked[..];
        let has_left = self.frames.iter().any(|frame| frame.has_left);
        let is_plain = asked.is_empty() && !has_left && !start.is_rewritten();
        let mut slight = (is_plain && !self.exact).then(|| Slight::new(space, &start));
        let mut meeting = Vec::new();
        for (frame, index) in self.frames.iter_mut().zip(0_usize..) {
            match frame.cover.meeting(space, &start, slight.as_mut()) {
                Meeting::Whole => return false,
                Meeting::Some(parts) => meeting.extend(parts.into_iter().map(|part| (index, part))),
            }
        }
        let slight = slight.filter(|it| !it.is_empty());
        if meeting.is_empty() && asked.is_empty() && !has_left && slight.is_none() {
            found(start);
            return false;
        }
        let terms = |(frame, part): &(usize, Part)| self.frames[*frame].cover.terms(*part);
        let groups: Vec<Cow<'_, [Term]>> = meeting.iter().map(terms).collect();
        let budget = Budget::of(&self.steps, self.most_steps);
        let (mut bounded, mut go_on) = (false, true);
        let mut crumbled = Vec::new();
        let short = cut(space, start, &groups, &budget, |mut piece| {
            if let Some(slight) = &slight {
                piece.core = slight.core(space, &piece);
                if piece.core.is_none() {
                    crumbled.push(piece);
                    return true;
                }
            }
            let mut through = vec![piece];
            for frame in &self.frames {
                for item in frame.items.borrow_mut().iter_mut() {
                    if let Item::Left(left) = item {
                        through = left.pass(space, flat, through, &budget, &mut bounded);
                    }
                }
            }
            for piece in through {
                bounded |= self.by_place(space, flat, asked, piece, &mut |piece| {
                    go_on = found(piece);
                    go_on
                });
                if !go_on {
                    break;
                }
            }
            go_on
        });
        bounded |= short;
        if short || !go_on {
            return bounded;
        }
        // Without the many that take little none of them would meet anything.
        for frame in &mut self.frames {
            let undecided =
                |piece| undecided(space, &mut frame.cover, piece, &budget, &mut bounded);
            crumbled = crumbled.into_iter().flat_map(undecided).collect();
        }
        let _ = crumbled.into_iter().all(found);
        bounded
    }

    /// Walks `start` past the entries `ordered` one by one, up to where the walk is; the pieces that come through are handed to
    /// `found`, which says whether to go on. Returns whether the search stopped short.
    fn by_place(
        &self,
        space: &Space<'_>,
        flat: &Flat,
        ordered: &[u32],
        start: Slice,
        found: &mut impl FnMut(Slice) -> bool,
    ) -> bool {
        let mut pieces = vec![(start, 0_u32)];
        for _ in 0..MOST_SLICES {
            let Some((piece, from)) = pieces.pop() else { return false };
            let first = ordered.partition_point(|index| *index < from);
            self.steps.set(self.steps.get() + (ordered.len() - first) as u64);
            if self.steps.get() > self.most_steps {
                return true;
            }
            let Some(met) = self.met_at(space, flat, &piece, ordered, from) else {
                if !found(piece) {
                    return false;
                }
                continue;
            };
            let Met { index, terms, passes } = met;
            let entry = &flat.entries[index as usize];
            if self.comes_on(flat, index)
                && let Some(common) = piece.cube.intersect(&terms, &space.store)
            {
                let taken = piece.narrowed(common);
                let taken = match entry.effect {
                    Effect::Assign(change) => assign(space, taken, change),
                    _ => taken,
                };
                pieces.push((taken, entry.end));
            }
            if passes {
                pieces.push((piece, index + 1));
                continue;
            }
            let rest = piece.cube.minus(&terms, &space.store);
            pieces.extend(rest.into_iter().rev().map(|cube| (piece.narrowed(cube), index + 1)));
        }
        true
    }

    /// The first of the entries `ordered`, from index `from` on, that makes a difference to some packet of `piece`.
    fn met_at(
        &self,
        space: &Space<'_>,
        flat: &Flat,
        piece: &Slice,
        ordered: &[u32],
        from: u32,
    ) -> Option<Met> {
        let first = ordered.partition_point(|index| *index < from);
        ordered[first..].iter().find_map(|index| {
            let entry = &flat.entries[*index as usize];
            let view = piece.view(flat.terms(entry), space)?;
            if !piece.cube.overlaps(&view, &space.store) {
                return None;
            }
            // A question that only this entry asks can be answered with no.
            let open = |axis: Axis| self.is_open(space, axis) && piece.cube.get(axis).is_none();
            let escapable = self.is_unsure(flat, entry)
                || entry.opaque && view.iter().any(|(axis, _)| open(*axis));
            (!escapable || self.comes_on(flat, *index)).then(|| Met {
                index: *index,
                terms: view.into_owned(),
                passes: escapable,
            })
        })
    }
}

/// An entry that makes a difference to a piece.
struct Met {
    index: u32,
    terms: Vec<Term>,
    /// Whether all of the piece may come past it none the less.
    passes: bool,
}

impl Frame {
    fn new(end: u32) -> Self {
        Self { end, cover: Cover::default(), items: RefCell::default(), has_left: false }
    }
}

impl Left {
    /// Whether an entry of the chain, or of one that was left inside it, takes some packet of `piece`.
    fn touches(&mut self, space: &Space<'_>, piece: &Slice) -> bool {
        let inside = |item: &mut Item| match item {
            Item::Left(left) => left.touches(space, piece),
            Item::Decisions(..) | Item::Return(_) => false,
        };
        !matches!(self.cover.meeting(space, piece, None), Meeting::Some(numbers) if numbers.is_empty())
            || self.items.iter_mut().any(inside)
    }

    /// What of `pieces` comes through the chain.
    fn pass(
        &mut self,
        space: &Space<'_>,
        flat: &Flat,
        pieces: Vec<Slice>,
        budget: &Budget<'_>,
        bounded: &mut bool,
    ) -> Vec<Slice> {
        let (mut walking, mut through): (Vec<Slice>, Vec<Slice>) =
            pieces.into_iter().partition(|piece| self.touches(space, piece));
        for item in &mut self.items {
            walking = match item {
                Item::Left(left) => left.pass(space, flat, walking, budget, bounded),
                Item::Return(index) => {
                    let terms = flat.terms(&flat.entries[*index as usize]);
                    let mut rest = Vec::new();
                    for piece in walking {
                        let Some(view) = piece.view(terms, space) else {
                            rest.push(piece);
                            continue;
                        };
                        through.extend(
                            piece
                                .cube
                                .intersect(&view, &space.store)
                                .map(|cube| piece.narrowed(cube)),
                        );
                        let left = piece.cube.minus(&view, &space.store);
                        rest.extend(left.into_iter().map(|cube| piece.narrowed(cube)));
                    }
                    rest
                }
                Item::Decisions(range, known) => {
                    let cover = known.get_or_insert_with(|| {
                        let mut cover = Cover::default();
                        let entries = &flat.entries[range.start as usize..range.end as usize];
                        for entry in entries.iter().filter(|entry| !entry.fresh) {
                            cover.add(space, flat, entry);
                        }
                        cover
                    });
                    walking
                        .into_iter()
                        .flat_map(|piece| undecided(space, cover, piece, budget, bounded))
                        .collect()
                }
            };
            if walking.is_empty() {
                break;
            }
            if walking.len() + through.len() > MOST_SLICES {
                *bounded = true;
                break;
            }
        }
        through.extend(walking);
        through
    }
}
