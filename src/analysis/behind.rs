//! Which interface leads to a host: what a rule says that names both.
//!
//! Packets whose destination is translated leave through an interface that no text gives. But a rule that accepts what is
//! sent to one host out of one interface, as those of Docker do, tells where that host is.

use super::{Slice, Space};
use crate::{
    model::{Condition, Field, Verdict},
    packets::Ranges,
};
use rustc_hash::FxHashMap;

/// The interfaces behind which rules say that hosts are, by address.
#[derive(Debug, Default)]
pub(super) struct Behind(FxHashMap<u128, Ranges>);

impl Behind {
    pub(super) fn of(space: &Space<'_>) -> Self {
        let ruleset = space.ruleset;
        let mut behind = FxHashMap::default();
        if ruleset.translations.is_empty() {
            return Self::default();
        }
        for rule in &ruleset.rules {
            if !matches!(ruleset.verdict_of(rule), Some((Verdict::Accept, _))) {
                continue;
            }
            let (mut host, mut out) = (None, None);
            for (condition, _) in ruleset.conditions_of(rule) {
                match condition {
                    Condition::In { field: Field::Destination, values, negated: false } => {
                        if let [(low, high)] = ruleset.values(values)
                            && low == high
                        {
                            host = Some(*low);
                        }
                    }
                    Condition::Interface { field: Field::Out, name, negated: false } => {
                        out = Some(space.interfaces.meant(name));
                    }
                    _ => {}
                }
            }
            if let (Some(host), Some(out)) = (host, out) {
                let known = behind.entry(host).or_insert(Ranges::EMPTY);
                *known = known.union(out);
            }
        }
        Self(behind)
    }

    /// Sends a slice that goes through this host to a translated address out of the interface behind which rules say it is.
    pub(super) fn sent_on(&self, space: &Space<'_>, slice: Slice) -> Slice {
        if slice.translated_by.is_none() {
            return slice;
        }
        let host = space.only(Field::Destination, slice.now(Field::Destination));
        let Some(out) = host.and_then(|host| self.0.get(&host)) else { return slice };
        let terms = [(Space::axis(Field::Out), space.intern(Field::Out, out))];
        let cube = slice.cube.intersect(&terms, &space.store);
        cube.map_or_else(|| slice.clone(), |cube| slice.narrowed(cube))
    }
}
