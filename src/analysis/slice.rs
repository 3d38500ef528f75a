//! A part of the packets on their way: as they were sent, and what has been changed about them since.

use super::{Space, slight::Pair};
use crate::{
    model::{Field, RuleId},
    packets::{Axis, Cube, Ranges, SetId, Term},
};
use std::borrow::Cow;

/// Packets that have had the same things done to them.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is so of the packets or is not")]
pub struct Slice {
    /// Their headers. A field that a translation rewrote has two axes: as sent, and [`Space::rewritten`].
    pub cube: Cube,
    /// Whether the destination address was rewritten.
    pub address_rewritten: bool,
    /// Whether the destination port was rewritten.
    pub port_rewritten: bool,
    /// The rule that translated their destination.
    pub translated_by: Option<RuleId>,
    /// Whether the translation leads to this host itself.
    pub redirected: bool,
    /// Whether they pass whatever the questions answer that the rule asks which lets them in: without it others would.
    pub regardless: bool,
    /// How what they bear tells what their connection began with.
    pub beginning: Beginning,
    /// Where earlier rules take a little here and there: a source and a destination between which all of it is left.
    pub(super) core: Option<Pair>,
}

/// What the header of a packet tells of the first packet of its connection (`ct original`, `--ctorigdst`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// It was sent with the same addresses and ports.
    Same,
    /// With the same addresses; tracking knows no ports of the protocol.
    SameAddresses,
    /// Nothing: it is a reply.
    Unknown,
}

impl Slice {
    pub(super) const fn of(cube: Cube) -> Self {
        Self {
            cube,
            address_rewritten: false,
            port_rewritten: false,
            translated_by: None,
            redirected: false,
            regardless: false,
            beginning: Beginning::Same,
            core: None,
        }
    }

    /// Has `set` on an axis, whatever was there before.
    pub(super) fn put(&mut self, axis: Axis, set: SetId) {
        let set = Some(set).filter(|set| *set != SetId::FULL);
        self.cube = std::mem::take(&mut self.cube).replace(axis, set);
    }

    /// Leaves open who sent it: the source was rewritten to something that the rules need not say.
    pub(super) fn forget_source(&mut self) {
        for field in [Field::Source, Field::SourcePort] {
            self.cube = std::mem::take(&mut self.cube).replace(Space::axis(field), None);
        }
    }

    /// Whether its core, if it has one, is still a part of it.
    pub(super) fn has_its_core(&self, space: &Space<'_>) -> bool {
        self.core.is_none_or(|(source, destination)| {
            space.store.contains(self.now(Field::Source), source)
                && space.store.contains(self.now(Field::Destination), destination)
        })
    }

    /// Whether anything was done to its addresses or ports.
    pub(super) const fn is_rewritten(&self) -> bool {
        self.translated_by.is_some() || self.address_rewritten || self.port_rewritten
    }

    /// Whether they are replies: what their connection began with is not what they bear.
    pub(super) fn is_reply(&self) -> bool {
        self.beginning == Beginning::Unknown
    }

    /// The same history with other headers.
    pub(super) fn narrowed(&self, cube: Cube) -> Self {
        Self {
            cube,
            address_rewritten: self.address_rewritten,
            port_rewritten: self.port_rewritten,
            translated_by: self.translated_by,
            redirected: self.redirected,
            regardless: self.regardless,
            beginning: self.beginning,
            core: self.core,
        }
    }

    /// The part of it that fulfils `terms`.
    pub(super) fn narrowed_to(&self, terms: &[Term], space: &Space<'_>) -> Option<Self> {
        let view = self.view(terms, space)?;
        Some(self.narrowed(self.cube.intersect(&view, &space.store)?))
    }

    /// The part of it that fulfils `terms`, and the rest; `None` where nothing does.
    pub(super) fn parted(&self, terms: &[Term], space: &Space<'_>) -> Option<(Self, Vec<Self>)> {
        let view = self.view(terms, space)?;
        let common = self.cube.intersect(&view, &space.store)?;
        let rest = self.cube.minus(&view, &space.store).into_iter();
        Some((self.narrowed(common), rest.map(|cube| self.narrowed(cube)).collect()))
    }

    /// The axis on which a condition finds this slice's value of `axis`.
    fn axis(&self, axis: Axis) -> Axis {
        const DESTINATION: u32 = Field::Destination as u32;
        const PORT: u32 = Field::DestinationPort as u32;
        const KIND: u32 = Field::DestinationKind as u32;
        const ORIGINAL_DESTINATION: u32 = Field::OriginalDestination as u32;
        const ORIGINAL_PORT: u32 = Field::OriginalDestinationPort as u32;
        const ORIGINAL_SOURCE: u32 = Field::OriginalSource as u32;
        const ORIGINAL_SOURCE_PORT: u32 = Field::OriginalSourcePort as u32;
        match axis.0 {
            DESTINATION if self.address_rewritten => Space::rewritten(Field::Destination),
            KIND if self.translated_by.is_some() => Space::rewritten(Field::DestinationKind),
            PORT if self.port_rewritten => Space::rewritten(Field::DestinationPort),
            ORIGINAL_DESTINATION..=ORIGINAL_SOURCE_PORT if self.beginning == Beginning::Unknown => {
                axis
            }
            ORIGINAL_PORT | ORIGINAL_SOURCE_PORT if self.beginning != Beginning::Same => axis,
            ORIGINAL_DESTINATION => Axis(DESTINATION),
            ORIGINAL_PORT => Axis(PORT),
            ORIGINAL_SOURCE => Axis(Field::Source as u32),
            ORIGINAL_SOURCE_PORT => Axis(Field::SourcePort as u32),
            _ => axis,
        }
    }

    /// What `terms` ask of this slice, on the axes where it has them; `None` where nothing can fulfil them.
    pub(super) fn view<'t>(&self, terms: &'t [Term], space: &Space<'_>) -> Option<Cow<'t, [Term]>> {
        if terms.iter().all(|(axis, _)| self.axis(*axis) == *axis) {
            return Some(Cow::Borrowed(terms));
        }
        let cube =
            Cube::of(&space.store, terms.iter().map(|(axis, set)| (self.axis(*axis), *set)))?;
        Some(Cow::Owned(cube.terms().to_vec()))
    }

    /// Whether it has few values on the axis that a condition asks on: a network's worth of addresses.
    pub(super) fn is_narrow(&self, space: &Space<'_>, axis: Axis) -> bool {
        let axis = self.axis(axis);
        self.cube.get(axis).is_some_and(|set| space.size(axis, set) <= 1 << 16)
    }

    /// Its values on the axis that a condition asks on.
    pub(super) fn values(&self, space: &Space<'_>, axis: Axis) -> Ranges {
        let axis = self.axis(axis);
        space.ranges(axis, self.cube.get(axis).unwrap_or(SetId::FULL))
    }

    /// The set on the axis of `field` as conditions see it now.
    pub fn now(&self, field: Field) -> SetId {
        let axis = self.axis(Axis(field as u32));
        self.cube.get(axis).unwrap_or(SetId::FULL)
    }

    /// The set on the axis of `field` as it was sent.
    pub fn sent(&self, field: Field) -> SetId {
        let axis = Space::axis(field);
        self.cube.get(axis).unwrap_or(SetId::FULL)
    }
}
