//! What takes the packets of a dead rule, held against what the rule would do: the same, the same but for exceptions, or
//! something else.

use super::{
    DeadRule, Kind,
    cause::{Explaining, Found, leads, takes},
    consequence::Would,
    fate::Part,
    takers::{Taker, Taking},
};
use crate::{
    analysis::{
        Slice, Space,
        flat::{Effect, Entry},
        way::Listed,
    },
    model::{ChainKind, Field},
};

impl Explaining<'_, '_> {
    /// What a rule does that leads into chains: it denies where they accept nothing of its packets and deny some, and decides
    /// nothing where they do neither.
    pub(super) fn kind_of_jump(
        &self,
        family: usize,
        listed: &Listed,
        dead: &DeadRule,
        found: &Found,
    ) -> Kind {
        if listed.base.kind == ChainKind::Nat || !leads(self.ruleset, dead.rule) {
            return dead.kind;
        }
        let mut known = true;
        let mut would = |effect| {
            found.parts.iter().any(|(part, at)| {
                let it =
                    at.map(|at| self.would(family, listed, dead.rule, at, &part.slice, effect));
                known &= !matches!(it, Some(Would::Unknown));
                matches!(it, Some(Would::Do(_)))
            })
        };
        match (would(Effect::Accept), would(Effect::Drop)) {
            _ if !known => dead.kind,
            (true, _) => Kind::Jump,
            (false, true) => Kind::Deny,
            (false, false) => Kind::Note,
        }
    }

    /// Whether what takes a rule's packets does the same with them, and which few those are.
    pub(super) fn judge(&self, family: usize, listed: &Listed, dead: &DeadRule, found: &mut Found) {
        let space = &self.families[family].space;
        let flat = &listed.flat;
        // That replies and the loopback's packets were decided about before explains nothing of what was meant.
        let counts = |part: &Part| !self.beside(family, part, &found.starts);
        let nothing_else = !found.parts.iter().any(|(part, _)| counts(part));
        let counted = found.parts.iter().filter(|(part, _)| nothing_else || counts(part));
        let parts: Vec<(&Part, u32)> =
            counted.filter_map(|(part, at)| Some((part, (*at)?))).collect();
        let leads = listed.base.kind != ChainKind::Nat && leads(self.ruleset, dead.rule);
        let taking =
            |(part, at): (&Part, u32)| takes(part, at).map(|index| &flat.entries[index as usize]);
        let same = |it: &(&Part, u32)| {
            if leads {
                return self.is_as_wanted(family, listed, dead.rule, it.0, it.1);
            }
            taking(*it).is_none_or(|entry| {
                self.is_same(listed, dead.rule, entry)
                    || self.leads_alike(family, dead.rule, entry, it.0)
            })
        };
        let (alike, others): (Vec<_>, Vec<_>) = parts.into_iter().partition(same);
        let is_exception = |it: &(&Part, u32)| {
            let accepts = taking(*it).filter(|entry| entry.effect == Effect::Accept);
            accepts.is_some_and(|entry| self.is_narrower(family, listed, entry, found))
        };
        let same = found.same && others.is_empty();
        let excepted = found.same
            && !same
            && dead.kind == Kind::Deny
            && !alike.is_empty()
            && others.iter().all(is_exception);
        let parts = if excepted { alike } else { alike.into_iter().chain(others).collect() };
        let pairs = Taking { space, flat, parts };
        let takers = pairs.fewest();
        let covering = found.starts.iter().map(|start| {
            let taking = found.parts.iter().filter_map(|(part, at)| takes(part, (*at)?));
            let mut taking = taking.filter(|entry| self.covers(space, listed, dead, *entry, start));
            taking.next().map(Taker::of)
        });
        let covering = covering.collect::<Option<Vec<Taker>>>().map(|mut takers| {
            takers.sort_unstable_by_key(|it| it.entry);
            takers.dedup();
            takers
        });
        (found.takers, found.same, found.excepted) = (takers, same, excepted);
        found.covering = covering;
    }

    /// Whether all that an entry takes is a rule's too, and of that so little that it names what it means: an exception.
    fn is_narrower(&self, family: usize, listed: &Listed, entry: &Entry, found: &Found) -> bool {
        const NAMED: [Field; 6] = [
            Field::Source,
            Field::Destination,
            Field::SourcePort,
            Field::DestinationPort,
            Field::Protocol,
            Field::Icmp,
        ];
        let space = &self.families[family].space;
        let terms = listed.flat.terms(entry);
        let excepted = |slice: &Slice, start: &Slice| {
            let size = |of: &Slice, field| space.size(Space::axis(field), of.now(field));
            let less = |field: Field| size(slice, field) < size(start, field) / 2;
            slice.cube.is_subset(start.cube.terms(), &space.store) && NAMED.into_iter().any(less)
        };
        let taken = self.plain(family, listed).iter();
        let mut taken = taken.filter_map(|slice| slice.narrowed_to(terms, space));
        taken.all(|slice| found.starts.iter().any(|start| excepted(&slice, start)))
    }

    /// Whether an entry would do with all of `start` what the rule would, were it the only one before it.
    fn covers(
        &self,
        space: &Space<'_>,
        listed: &Listed,
        dead: &DeadRule,
        entry: u32,
        start: &Slice,
    ) -> bool {
        let entry = &listed.flat.entries[entry as usize];
        let same = if dead.kind == Kind::Deny {
            entry.effect == Effect::Drop && !self.asks_program(entry)
        } else {
            self.is_same(listed, dead.rule, entry)
        };
        let decides = entry.certain && !entry.opaque && entry.end == Entry::FINAL;
        decides
            && listed.base.kind == ChainKind::Filter
            && same
            && listed.flat.returns_past(entry).next().is_none()
            && start
                .view(listed.flat.terms(entry), space)
                .is_some_and(|view| start.cube.minus(&view, &space.store).is_empty())
    }
}
