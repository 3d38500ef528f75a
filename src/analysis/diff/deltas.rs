//! The packets, as they start, that can meet an entry which one side has and the other has not.
//!
//! All others meet the same entries on both sides, in the same order, so nothing has to be asked about them: what two
//! hundred thousand rules do is compared by walking the packets of the ten that were changed.

use super::lists::{Listed, Lists};
use crate::{
    analysis::{Space, cover::Cover, flat::Effect},
    model::{ChainKind, Field, Hook},
    packets::{Axis, Cube, Term},
};

/// More parts than this are not looked at one by one.
const MOST_PARTS: usize = 512;
/// More translations than this are not told apart.
const MOST_TRANSLATIONS: usize = 64;

/// Parts of the packets as they start; all outside of them are treated alike. One without conditions is all packets.
pub(super) fn deltas(space: &Space<'_>, lists: &Lists) -> Vec<Cube> {
    let mut cover = Cover::default();
    let mut any = false;
    let translations = translations(space, lists);
    for listed in lists.all() {
        if listed.policy_changed {
            return vec![Cube::ALL];
        }
        for at in &listed.changed {
            let terms = stable(space, listed.flat.terms(&listed.flat.entries[*at as usize]));
            if translations.is_empty() || !is_behind_translation(listed) {
                cover.add_terms(space, &terms);
                any = true;
                continue;
            }
            cover.add_terms(space, &terms);
            any = true;
            let elsewhere: Vec<Term> =
                terms.iter().copied().filter(|(axis, _)| !is_translated(*axis)).collect();
            if elsewhere.len() == terms.len() {
                continue;
            }
            let Some(elsewhere) = Cube::of(&space.store, elsewhere) else { continue };
            if translations.len() > MOST_TRANSLATIONS {
                cover.add_terms(space, elsewhere.terms());
                continue;
            }
            for translated in &translations {
                if let Some(both) = elsewhere.intersect(translated, &space.store) {
                    cover.add_terms(space, both.terms());
                }
            }
        }
    }
    if !any {
        return Vec::new();
    }
    let mut parts = Vec::new();
    for terms in cover.groups(space) {
        let Some(part) = Cube::of(&space.store, terms.iter().copied()) else { continue };
        if part == Cube::ALL || parts.len() == MOST_PARTS {
            return vec![Cube::ALL];
        }
        parts.push(part);
    }
    let inside = |a: &Cube, b: &Cube| a.is_subset(b.terms(), &space.store);
    let mut kept: Vec<Cube> = Vec::new();
    for part in parts {
        if !kept.iter().any(|known| inside(&part, known)) {
            kept.retain(|known| !inside(known, &part));
            kept.push(part);
        }
    }
    kept
}

/// What the entries that translate ask of packets.
fn translations(space: &Space<'_>, lists: &Lists) -> Vec<Vec<Term>> {
    let mut found = Vec::new();
    for listed in lists.all() {
        let entries = listed.flat.entries.iter();
        let dnat = entries.filter(|entry| matches!(entry.effect, Effect::Dnat(_)));
        found.extend(dnat.map(|entry| stable(space, listed.flat.terms(entry))));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Those of the terms about which nothing on the way changes what a packet answers, and that are asked only once.
pub(super) fn stable(space: &Space<'_>, terms: &[Term]) -> Vec<Term> {
    let is_stable = |axis: Axis| {
        !Space::is_assigned(axis)
            && !Space::is_rewritten(axis)
            && axis != Space::axis(Field::Out)
            && axis != Space::axis(Field::Translated)
            && axis != Space::axis(Field::Direction)
            && !space.is_fresh(axis)
    };
    terms.iter().copied().filter(|(axis, _)| is_stable(*axis)).collect()
}

/// Whether a chain may see packets whose destination was rewritten.
pub(super) fn is_behind_translation(listed: &Listed) -> bool {
    match listed.base.hook {
        Hook::Ingress => false,
        Hook::Prerouting | Hook::Output => {
            listed.base.called_at() >= -100 && listed.base.kind != ChainKind::Nat
        }
        _ => true,
    }
}

/// Whether a translation changes what a packet answers on an axis.
pub(super) fn is_translated(axis: Axis) -> bool {
    [Field::Destination, Field::DestinationPort, Field::DestinationKind]
        .into_iter()
        .any(|field| axis == Space::axis(field))
}
