//! The axes of one family's packets in one ruleset, and what its conditions mean on them.

use super::{
    arrival,
    interfaces::Interfaces,
    marks::{self, Marks},
    reach,
};
use crate::{
    model::{Condition, Family, Field, OpaqueId, OpaqueKind, RuleId, Ruleset, Subject, Values},
    packets::{Axis, Cube, Ranges, SetId, Store, Term},
};
use rustc_hash::FxHashMap;
use std::cell::RefCell;

/// More alternatives than this in one rule are not multiplied out: the rule then depends on an opaque condition.
const MOST_ALTERNATIVES: usize = 512;

/// Axes of fields after a rewrite come this far behind those as sent.
const REWRITTEN: u32 = 32;
const MARKS: u32 = 64;
const CONNECTION_MARKS: u32 = 96;
/// Axes from here on are questions that the text does not answer.
pub(super) const OPAQUES: u32 = 128;

/// The space of one family's packets as far as one ruleset tells them apart.
///
/// Each [`Field`] is an axis; a mark is an axis per group of bits; each opaque condition is an axis with the values 0 (it
/// does not hold) and 1. A field that a translation rewrote is read on an axis of its own, so that what was sent stays.
#[derive(Debug)]
pub struct Space<'r> {
    /// The ruleset.
    pub ruleset: &'r Ruleset,
    /// The family.
    pub family: Family,
    /// The value sets.
    pub store: Store,
    /// The interfaces as numbers.
    pub interfaces: Interfaces,
    marks: Marks,
    pub(super) global: SetId,
    pub(super) martians: SetId,
    /// The largest values on the axes of fields, by axis.
    last: Vec<u128>,
    /// The sets of ranges that were asked for, by their place in the ruleset.
    single: RefCell<Vec<SetId>>,
    /// What each axis from [`OPAQUES`] on stands for; timing conditions get one for each time they occur on the walk.
    opaques: RefCell<Vec<OpaqueAxis>>,
    fixed: RefCell<FxHashMap<(String, bool), Axis>>,
}

impl From<Field> for Axis {
    /// The axis of a field as it was sent.
    fn from(field: Field) -> Self {
        Space::axis(field)
    }
}

/// What an opaque axis stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpaqueAxis {
    /// The condition, if it is one that the rules write.
    opaque: Option<OpaqueId>,
    /// Why it is asked, if it is none.
    reason: Reason,
    /// How it behaves.
    pub kind: OpaqueKind,
}

/// Why an axis is opaque that no written condition stands behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// A condition does.
    Written,
    /// A program decides.
    Program,
    /// The rule jumps to something that is not given.
    Target(RuleId),
    /// There are too many alternatives to count.
    Alternatives,
    /// A policy is not written.
    Policy,
}

impl<'r> Space<'r> {
    pub(super) fn of(ruleset: &'r Ruleset, family: Family) -> Self {
        Self::naming(ruleset, family, Interfaces::of(&ruleset.interfaces))
    }

    /// The space that tells `interfaces` apart: those of the ruleset, and perhaps more behind them.
    pub(super) fn naming(ruleset: &'r Ruleset, family: Family, interfaces: Interfaces) -> Self {
        // Most rules bring a set or two of their own, and as many come about from them.
        let store = Store::with_room_for(ruleset.rules.len() * 8);
        let (marks, mut lasts) = (Marks::of(ruleset), vec![1; OPAQUES as usize]);
        for field in FIELDS {
            let last = match field {
                Field::In | Field::Out => interfaces.last(),
                _ => field.last().min(family.last_address()),
            };
            lasts[field as usize] = last;
            lasts[(field as u32 + REWRITTEN) as usize] = last;
        }
        for (group, axis) in marks.groups().iter().zip(0..) {
            for first in [MARKS, CONNECTION_MARKS] {
                lasts[first as usize + axis] = (1 << group.count_ones()) - 1;
            }
        }
        let single = vec![SetId::EMPTY; ruleset.ranges.len()];
        let addresses = [reach::global(family), arrival::martians(family)];
        let [global, martians] = addresses.map(|it| store.intern(&it, family.last_address()));
        Self {
            ruleset,
            family,
            store,
            interfaces,
            marks,
            global,
            martians,
            last: lasts,
            single: single.into(),
            opaques: RefCell::default(),
            fixed: RefCell::default(),
        }
    }

    /// The axis of a field as it was sent; marks have no such axis.
    pub const fn axis(field: Field) -> Axis {
        Axis(match field {
            Field::OriginalSource => Field::Source as u32,
            Field::OriginalDestination => Field::Destination as u32,
            Field::OriginalSourcePort => Field::SourcePort as u32,
            Field::OriginalDestinationPort => Field::DestinationPort as u32,
            _ => field as u32,
        })
    }

    /// The axis of a field after it was rewritten.
    pub const fn rewritten(field: Field) -> Axis {
        Axis(field as u32 + REWRITTEN)
    }

    /// Whether rules can change what is found on an axis: marks and the connection state.
    pub(super) const fn is_assigned(axis: Axis) -> bool {
        (MARKS <= axis.0 && axis.0 < OPAQUES) || axis.0 == Field::State as u32
    }

    /// Whether an axis is that of a field after it was rewritten.
    pub(super) const fn is_rewritten(axis: Axis) -> bool {
        REWRITTEN <= axis.0 && axis.0 < MARKS
    }

    /// Whether conditions read the field as sent even after a rewrite, and on which axis an entry asks for it.
    pub(super) const fn condition_axis(field: Field) -> Axis {
        Axis(field as u32)
    }

    /// The axes of a mark, with the bits each stands for.
    pub(super) fn mark_axes(&self, field: Field) -> impl Iterator<Item = (Axis, u32)> {
        let first = if field == Field::Mark { MARKS } else { CONNECTION_MARKS };
        self.marks.groups().iter().zip(first..).map(|(group, axis)| (Axis(axis), *group))
    }

    /// The terms of a mark that is `value`.
    pub(super) fn mark_terms(&self, field: Field, value: u32) -> impl Iterator<Item = Term> {
        let number = move |group| marks::extract(value, group);
        self.mark_axes(field).map(move |(axis, group)| (axis, self.one(axis, number(group))))
    }

    /// The field that an axis stands for, before or after a rewrite.
    pub(super) fn field(axis: Axis) -> Option<Field> {
        match axis.0 {
            MARKS..CONNECTION_MARKS => Some(Field::Mark),
            CONNECTION_MARKS..OPAQUES => Some(Field::ConnectionMark),
            _ => FIELDS.into_iter().find(|field| axis.0 % REWRITTEN == *field as u32),
        }
    }

    /// What an opaque axis stands for; `None` for any other axis.
    pub fn opaque(&self, axis: Axis) -> Option<OpaqueAxis> {
        let index = axis.0.checked_sub(OPAQUES)?;
        self.opaques.borrow().get(index as usize).copied()
    }

    /// Whether an axis stands for a question that nobody can answer from the text.
    pub(super) const fn is_opaque(axis: Axis) -> bool {
        axis.0 >= OPAQUES
    }

    /// Whether an axis stands for a question that is asked at one place of the walk only: a rate, a clock, a program.
    /// Where it is asked, either answer can be had by choosing the moment, whatever was answered before.
    pub(super) fn is_fresh(&self, axis: Axis) -> bool {
        self.opaque(axis).is_some_and(|it| it.kind == OpaqueKind::Timing || it.opaque.is_none())
    }

    /// Whether an axis stands for a target that nobody knows: 0 where it lets the packet on.
    pub(super) fn is_target(&self, axis: Axis) -> bool {
        self.opaque(axis).is_some_and(|it| matches!(it.reason, Reason::Target(_)))
    }

    /// The addresses that packets from the internet can bear.
    pub fn global(&self) -> SetId {
        self.global
    }

    /// What decides an opaque axis.
    pub fn subject(&self, axis: Axis) -> Option<Subject> {
        let it = self.opaque(axis)?;
        Some(match it.reason {
            Reason::Written => self.ruleset.opaques[it.opaque?.0 as usize].subject.clone(),
            Reason::Program => Subject::Program,
            Reason::Alternatives => Subject::Alternatives,
            Reason::Policy => Subject::Policy,
            Reason::Target(rule) => {
                let rule = self.ruleset.rule(rule);
                let named = self.ruleset.undefined.iter().find(|it| {
                    let (outer, inner) = (rule.place, it.place);
                    outer.file == inner.file
                        && outer.span.start <= inner.span.start
                        && inner.span.end <= outer.span.end
                });
                Subject::Target(named.map_or_else(String::new, |it| it.name.clone()))
            }
        })
    }

    /// Whether an axis asks how the frame was addressed on the link.
    pub(super) fn asks_link(&self, axis: Axis) -> bool {
        let opaque = self.opaque(axis).and_then(|it| it.opaque);
        let subject = opaque.map(|id| &self.ruleset.opaques[id.0 as usize].subject);
        matches!(subject, Some(Subject::Match(name)) if name == "pkttype")
    }

    /// What is asked on an opaque axis, in a normal form.
    pub(super) fn question(&self, axis: Axis) -> Option<String> {
        let it = self.opaque(axis)?;
        let written = it.opaque.map(|id| self.ruleset.opaques[id.0 as usize].text.as_str());
        Some(match written {
            Some(text) => format!("{:?} {text}", it.kind),
            None => format!("{:?}", self.subject(axis)),
        })
    }

    /// The question of a policy that is not written: 1 lets packets on.
    pub(super) fn new_policy(&self) -> Axis {
        self.new_opaque(Reason::Policy, OpaqueKind::Fixed)
    }

    pub(super) fn new_opaque(&self, reason: Reason, kind: OpaqueKind) -> Axis {
        self.add_opaque(OpaqueAxis { opaque: None, reason, kind })
    }

    fn add_opaque(&self, axis: OpaqueAxis) -> Axis {
        let mut opaques = self.opaques.borrow_mut();
        opaques.push(axis);
        Axis(
            OPAQUES
                + u32::try_from(opaques.len() - 1)
                    .expect("axes are bounded by the entries of the walk"),
        )
    }

    fn opaque_axis(&self, id: OpaqueId) -> Axis {
        let opaque = &self.ruleset.opaques[id.0 as usize];
        let written = OpaqueAxis { opaque: Some(id), reason: Reason::Written, kind: opaque.kind };
        if opaque.kind == OpaqueKind::Timing {
            return self.add_opaque(written);
        }
        let key = (opaque.text.clone(), opaque.kind == OpaqueKind::Foreign);
        if let Some(axis) = self.fixed.borrow().get(&key) {
            return *axis;
        }
        let axis = self.add_opaque(written);
        self.fixed.borrow_mut().insert(key, axis);
        axis
    }

    /// The largest value on an axis.
    fn last(&self, axis: Axis) -> u128 {
        self.last.get(axis.0 as usize).copied().unwrap_or(1)
    }

    /// The set of `low..=high` on an axis.
    pub fn range(&self, axis: impl Into<Axis>, low: u128, high: u128) -> SetId {
        self.store.range(low, high, self.last(axis.into()))
    }

    /// The set of one value on an axis.
    pub fn one(&self, axis: impl Into<Axis>, value: u128) -> SetId {
        self.range(axis, value, value)
    }

    /// The set of `ranges` on an axis.
    pub fn intern(&self, axis: impl Into<Axis>, ranges: &Ranges) -> SetId {
        self.store.intern(ranges, self.last(axis.into()))
    }

    /// The values of a set on an axis.
    pub fn ranges(&self, axis: impl Into<Axis>, set: SetId) -> Ranges {
        self.store.ranges(set, self.last(axis.into()))
    }

    /// How many values a set on an axis holds.
    pub fn size(&self, axis: impl Into<Axis>, set: SetId) -> u128 {
        self.store.size(set, self.last(axis.into()))
    }

    /// The least and the greatest value that a set on an axis may hold.
    pub fn bounds(&self, axis: impl Into<Axis>, set: SetId) -> (u128, u128) {
        self.store.bounds(set, self.last(axis.into()))
    }

    /// How many values two sets on an axis share.
    pub fn common_size(&self, axis: impl Into<Axis>, a: SetId, b: SetId) -> u128 {
        self.store.common_size(a, b, self.last(axis.into()))
    }

    /// The ends of a set on an axis that is one run of values.
    pub fn run(&self, axis: impl Into<Axis>, set: SetId) -> Option<(u128, u128)> {
        self.store.run(set, self.last(axis.into()))
    }

    /// A value of a set on an axis far from its smallest, where that is cheap to say.
    pub(super) fn far(&self, axis: Axis, set: SetId) -> Option<u128> {
        self.store.far(set, self.last(axis))
    }

    /// The value of a set on an axis that holds one.
    pub fn only(&self, axis: impl Into<Axis>, set: SetId) -> Option<u128> {
        self.store.only(set, self.last(axis.into()))
    }

    /// The packets that fulfil every condition, as a union of cubes. The axes are those an entry asks on: see
    /// [`super::Slice::view`].
    pub(super) fn cubes(&self, conditions: impl Iterator<Item = Condition>) -> Vec<Cube> {
        let mut terms: Vec<Term> = Vec::new();
        let mut several: Vec<Vec<Cube>> = Vec::new();
        for condition in conditions {
            match self.meaning(condition) {
                Meaning::Term(axis, set) => match terms.iter_mut().find(|term| term.0 == axis) {
                    Some(term) => term.1 = self.store.intersect(term.1, set),
                    None => terms.push((axis, set)),
                },
                Meaning::Cubes(cubes) => several.push(cubes),
            }
        }
        let Some(cube) = Cube::of_sides(terms) else { return Vec::new() };
        several.into_iter().fold(vec![cube], |product, cubes| self.multiply(&product, &cubes))
    }

    fn multiply(&self, left: &[Cube], right: &[Cube]) -> Vec<Cube> {
        if left.len() * right.len() > MOST_ALTERNATIVES {
            let axis = self.new_opaque(Reason::Alternatives, OpaqueKind::Fixed);
            let term = [(axis, self.one(axis, 1))];
            return left.iter().filter_map(|cube| cube.intersect(&term, &self.store)).collect();
        }
        let pairs = left.iter().flat_map(|a| right.iter().map(move |b| (a, b)));
        pairs.filter_map(|(a, b)| a.intersect(b.terms(), &self.store)).collect()
    }

    fn meaning(&self, condition: Condition) -> Meaning {
        match condition {
            Condition::Family { family, negated } if (family == self.family) != negated => {
                Meaning::Cubes(vec![Cube::ALL])
            }
            Condition::Never | Condition::Family { .. } => Meaning::Cubes(Vec::new()),
            Condition::In { field, values, negated } => {
                let axis = Self::condition_axis(field);
                Meaning::Term(axis, self.signed(self.values(axis, values), negated))
            }
            Condition::Interface { field, name, negated } => {
                let axis = Self::condition_axis(field);
                let set = self.intern(axis, self.interfaces.meant(name));
                Meaning::Term(axis, self.signed(set, negated))
            }
            Condition::Opaque { opaque, negated } => {
                let value = u128::from(!negated);
                let axis = self.opaque_axis(opaque);
                Meaning::Term(axis, self.one(axis, value))
            }
            Condition::Masked { field, values, negated } => self.masked(field, values, negated),
            Condition::OneOf { alternatives, negated } => {
                let lists = &self.ruleset.alternatives[alternatives as usize];
                let cubes: Vec<_> =
                    lists.iter().flat_map(|list| self.cubes(list.iter().copied())).collect();
                Meaning::Cubes(if negated { self.complement(&cubes) } else { cubes })
            }
        }
    }

    fn values(&self, axis: Axis, values: Values) -> SetId {
        let [(low, high)] = self.ruleset.values(values) else {
            return self.intern(axis, &Ranges::of(self.ruleset.values(values).to_vec()));
        };
        // A range is kept once in the ruleset. Kept as what it leaves out, its set depends on the axis.
        if Store::leaves_out(*low, *high, self.last(axis)) {
            return self.range(axis, *low, *high);
        }
        let mut known = self.single.borrow_mut();
        let known = &mut known[values.start as usize];
        if *known == SetId::EMPTY {
            *known = self.range(axis, *low, *high);
        }
        *known
    }

    fn signed(&self, set: SetId, negated: bool) -> SetId {
        if negated { self.store.minus(SetId::FULL, set) } else { set }
    }

    fn complement(&self, cubes: &[Cube]) -> Vec<Cube> {
        let mut rest = vec![Cube::ALL];
        for cube in cubes {
            rest = rest.iter().flat_map(|piece| piece.minus(cube.terms(), &self.store)).collect();
            if rest.len() > MOST_ALTERNATIVES {
                let axis = self.new_opaque(Reason::Alternatives, OpaqueKind::Fixed);
                return Cube::of(&self.store, [(axis, self.one(axis, 1))]).into_iter().collect();
            }
        }
        rest
    }

    /// Whether a condition that no set is made of holds for one packet: what is assumed of it, and a mask that leaves too many
    /// runs to enumerate, by the one value of its field.
    pub(super) fn holds_for(
        &self,
        condition: Condition,
        value: impl Fn(Field) -> Option<u128>,
    ) -> Option<bool> {
        if let Condition::Opaque { opaque, negated } = condition {
            let kind = self.ruleset.opaques[opaque.0 as usize].kind;
            return (kind == OpaqueKind::Assumed).then_some(!negated);
        }
        let Condition::Masked { field, values, negated } = condition else { return None };
        let is_mark = matches!(field, Field::Mark | Field::ConnectionMark);
        let (mask, wanted) = *self.ruleset.values(values).first()?;
        if is_mark
            || Ranges::under_mask(self.last(Self::condition_axis(field)), mask, wanted).is_some()
        {
            return None;
        }
        Some((value(field)? & mask == wanted) != negated)
    }

    fn masked(&self, field: Field, values: Values, negated: bool) -> Meaning {
        let Some((mask, value)) = self.ruleset.values(values).first().copied() else {
            return Meaning::Cubes(Vec::new());
        };
        if value & !mask != 0 {
            return if negated {
                Meaning::Cubes(vec![Cube::ALL])
            } else {
                Meaning::Cubes(Vec::new())
            };
        }
        if matches!(field, Field::Mark | Field::ConnectionMark) {
            let (mask, value) = (marks::bits(mask), marks::bits(value));
            let axes = self.mark_axes(field).filter(|(_, group)| group & mask != 0);
            let terms = axes.map(|(axis, group)| {
                let number = marks::extract(value, group);
                (axis, self.one(axis, number))
            });
            let cubes: Vec<_> = Cube::of(&self.store, terms).into_iter().collect();
            return Meaning::Cubes(if negated { self.complement(&cubes) } else { cubes });
        }
        let axis = Self::condition_axis(field);
        let last = self.last(axis);
        if let Some(runs) = Ranges::under_mask(last, mask, value) {
            Meaning::Term(axis, self.signed(self.intern(axis, &runs), negated))
        } else {
            let axis = self.new_opaque(Reason::Alternatives, OpaqueKind::Header);
            Meaning::Term(axis, self.one(axis, 1))
        }
    }
}

enum Meaning {
    Term(Axis, SetId),
    Cubes(Vec<Cube>),
}

const FIELDS: [Field; 18] = [
    Field::Protocol,
    Field::DestinationPort,
    Field::Source,
    Field::Destination,
    Field::SourcePort,
    Field::In,
    Field::Out,
    Field::State,
    Field::Icmp,
    Field::TcpFlags,
    Field::DestinationKind,
    Field::Fragment,
    Field::Direction,
    Field::Translated,
    Field::OriginalDestination,
    Field::OriginalDestinationPort,
    Field::OriginalSource,
    Field::OriginalSourcePort,
];
