//! Accepts that a base chain called later undoes.

use super::{
    Asking, List,
    later::{Asked, Ending},
    limits::opening,
};
use crate::{
    analysis::{
        Analysis, Slice, Space,
        dead::hooks,
        flat::{Effect, Entry},
        way::Listed,
        witness,
    },
    model::{ChainId, Family, Field, Policy, RuleId},
    packets::SetId,
};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// A rule that lets packets on to a base chain that drops all of them.
#[derive(Debug, Clone)]
pub struct Undone {
    /// The rule.
    pub rule: RuleId,
    /// The base chain that drops them.
    pub later: ChainId,
    /// The rules that do, in order.
    pub by: Vec<RuleId>,
    /// Whether its policy does, too.
    pub policy: bool,
    /// The family, where packets of the other one get further.
    pub family: Option<Family>,
    /// Whether that rests on what a named set holds now.
    pub rests_on_set: bool,
    /// One of the packets.
    pub witness: Option<String>,
}

impl Analysis<'_> {
    /// Those of `accepts` of which nothing that opens a flow gets through the base chains called later at the same hook.
    pub fn undone(&self, accepts: &[RuleId]) -> Vec<Undone> {
        let wanted: FxHashSet<RuleId> =
            accepts.iter().copied().filter(|it| self.dead().reaches(*it)).collect();
        let asking = Asking::new(self, &|_, _| false);
        // What is known of each rule in each family; nothing where some of its packets get through.
        let mut known: BTreeMap<RuleId, BTreeMap<Family, Option<Undone>>> = BTreeMap::new();
        let mut uppermost = Vec::new();
        for number in 0..self.families.len() {
            for listed in asking.filters(number) {
                let later: Vec<&Listed> = asking.later(number, listed).collect();
                if !later.iter().any(|it| may_drop(it)) {
                    uppermost.push((number, listed));
                    continue;
                }
                let list = asking.list(number, listed);
                let later: Vec<_> = later.into_iter().map(|it| asking.list(number, it)).collect();
                let family = list.family.space.family;
                let behind = Behind { starts: to_hosts(&list), changes: may_change(listed), later };
                for (entry, at) in listed.flat.entries.iter().zip(0..) {
                    if entry.effect != Effect::Accept || !wanted.contains(&entry.rule) {
                        continue;
                    }
                    let families = known.entry(entry.rule).or_default();
                    if families.get(&family).is_some_and(Option::is_none) {
                        continue;
                    }
                    let new = match asking.passed(&list, &behind, entry, at) {
                        Passed::Nothing => continue,
                        Passed::Some => None,
                        Passed::Dropped(new) => {
                            Some(joined(families.remove(&family).flatten(), new))
                        }
                    };
                    families.insert(family, new);
                }
            }
        }
        known.retain(|_, families| families.values().any(Option::is_some));
        if known.is_empty() {
            return Vec::new();
        }
        for (number, listed) in uppermost {
            let family = &self.families[number].space;
            let starts = to_hosts(&asking.list(number, listed));
            for entry in listed.flat.entries.iter().filter(|it| it.effect == Effect::Accept) {
                let terms = listed.flat.terms(entry);
                let Some(families) = known.get_mut(&entry.rule) else { continue };
                if starts.iter().any(|it| it.narrowed_to(terms, family).is_some()) {
                    families.insert(family.family, None);
                }
            }
        }
        let found = known.into_values().filter_map(|families| {
            let passes = families.values().any(Option::is_none);
            let undone = families.into_values().flatten().next()?;
            Some(Undone { family: undone.family.filter(|_| passes), ..undone })
        });
        found.collect()
    }
}

/// What comes to a list, and the lists called after it.
struct Behind<'a, 'r> {
    starts: Vec<Slice>,
    later: Vec<List<'a, 'r>>,
    /// Whether it may change marks, and may not.
    changes: bool,
}

/// What becomes of packets in the lists called later.
enum Passed {
    /// There are none.
    Nothing,
    /// Some may get through.
    Some,
    /// All are dropped.
    Dropped(Undone),
}

/// What holds of a rule at two places.
fn joined(old: Option<Undone>, mut new: Undone) -> Undone {
    let Some(old) = old else { return new };
    new.by.extend(old.by);
    new.by.sort_unstable();
    new.by.dedup();
    new.policy |= old.policy;
    new.rests_on_set |= old.rests_on_set;
    new.witness = old.witness.or(new.witness);
    new
}

impl<'a> Asking<'a, '_> {
    /// The lists called after one at its hook, in order.
    fn later(&self, family: usize, own: &'a Listed) -> impl Iterator<Item = &'a Listed> {
        let fragment = self.analysis.families[family].way.is_fragment();
        let lists = self.filters(family).filter(move |_| !fragment);
        lists.filter(move |it| it.base.hook == own.base.hook && it.index > own.index)
    }

    /// What becomes of the packets that a rule lets on at one place.
    fn passed(
        &self,
        list: &List<'_, '_>,
        behind: &Behind<'_, '_>,
        entry: &Entry,
        at: u32,
    ) -> Passed {
        let (flat, space) = (&list.listed.flat, &list.family.space);
        let narrowed =
            behind.starts.iter().filter_map(|it| it.narrowed_to(flat.terms(entry), space));
        let come: Vec<Slice> = narrowed.flat_map(|start| self.comes(list, start, 0, at)).collect();
        let Some(first) = come.first() else { return Passed::Nothing };
        if self.is_spent() {
            self.leave([entry.rule]);
            return Passed::Some;
        }
        let wanted = Effect::Drop;
        let asked =
            Asked { from: 0, wanted, verdict: None, without: None, passing: true, traces: true };
        let mut changed = behind.changes;
        for it in &behind.later {
            let mut undone = Undone {
                rule: entry.rule,
                later: it.listed.chain,
                by: Vec::new(),
                policy: false,
                family: Some(space.family),
                rests_on_set: self.asks_set(entry.rule),
                witness: witness::at_hook(space, first, list.listed.base.hook)
                    .map(|packet| packet.to_string()),
            };
            let all = may_drop(it.listed)
                && come.iter().all(|slice| {
                    let slice = if changed { unmarked(space, slice) } else { slice.clone() };
                    match self.ending(it, &slice, asked) {
                        Ending::Same { by, policy } => {
                            undone.by.extend(by);
                            undone.policy |= policy;
                            true
                        }
                        Ending::Other => false,
                        Ending::Unsettled => {
                            self.leave([entry.rule]);
                            false
                        }
                    }
                });
            if all {
                undone.by.sort_unstable();
                undone.by.dedup();
                undone.rests_on_set |= undone.by.iter().any(|rule| self.asks_set(*rule));
                return Passed::Dropped(undone);
            }
            changed |= it.listed.flat.assigns;
        }
        Passed::Some
    }
}

/// Whether rules of a list change packets if something holds that nobody can tell.
fn may_change(listed: &Listed) -> bool {
    let changes = |it: &Entry| matches!(it.effect, Effect::Assign(_));
    listed.flat.entries.iter().any(|it| changes(it) && (it.opaque || !it.certain))
}

fn may_drop(listed: &Listed) -> bool {
    listed.base.policy == Policy::Drop
        || listed.flat.entries.iter().any(|entry| entry.effect == Effect::Drop)
}

/// The packets that open a flow and are sent to one host; those to groups, too, where a rule is about nothing else.
fn to_hosts(list: &List<'_, '_>) -> Vec<Slice> {
    let space = &list.family.space;
    let hosts = space.store.minus(SetId::FULL, hooks::groups(space));
    let terms = [(Space::axis(Field::DestinationKind), hosts)];
    opening(list).iter().filter_map(|it| it.narrowed_to(&terms, space)).collect()
}

/// The same packets, whatever marks they bear by now.
fn unmarked(space: &Space<'_>, slice: &Slice) -> Slice {
    let mut cube = slice.cube.clone();
    for field in [Field::Mark, Field::ConnectionMark] {
        for (axis, _) in space.mark_axes(field) {
            cube = cube.replace(axis, None);
        }
    }
    slice.narrowed(cube)
}
