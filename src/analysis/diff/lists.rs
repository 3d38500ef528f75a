//! The base chains of two rule sets as lists, chain by chain beside each other, and which entries they do not share.

use super::{Pair, Side, align::align, deltas::stable, nearby::Nearby};
use crate::{
    analysis::{
        Space,
        bounds::Bounds,
        flat::{Effect, Entry, Flat},
        way::{self, CONNTRACK},
    },
    model::{Assignment, Base, ChainId, ChainKind, Field, Hook, Policy, Unserved, Values},
    packets::{Axis, Ranges, SetId, Term},
};
use rustc_hash::FxHashMap;

/// The hooks that packets pass, in the order in which they do.
pub(super) const HOOKS: [Hook; 6] =
    [Hook::Ingress, Hook::Prerouting, Hook::Input, Hook::Forward, Hook::Output, Hook::Postrouting];

/// A base chain as a list, or none: the other side has one that this one lacks.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) chain: ChainId,
    pub(super) base: Base,
    pub(super) flat: Flat,
    /// Where the packets of each entry lie as they start.
    pub(super) nearby: Nearby,
    /// The entries that the other side has not, or not there.
    pub(super) changed: Vec<u32>,
    /// Whether what no entry decides is treated otherwise than on the other side.
    pub(super) policy_changed: bool,
    /// The question of a policy that is not written.
    pub(super) policy: Axis,
}

/// The lists of both sides, hook by hook.
#[derive(Debug, Default)]
pub(super) struct Lists {
    pub(super) old: Vec<(Hook, Vec<Listed>)>,
    pub(super) new: Vec<(Hook, Vec<Listed>)>,
    pub(super) bounded: bool,
    /// Whether an entry rewrites where packets go.
    pub(super) translate: bool,
}

impl Lists {
    pub(super) fn of(space: &Space<'_>, pair: &Pair) -> Self {
        let mut keys = Keys { space, ..Keys::of(space) };
        let mut lists = Self::default();
        for hook in HOOKS {
            let mut of = |side: Side| -> Vec<Listed> {
                let chains = pair.chains(side).iter().filter(|(_, base)| base.hook == hook);
                let seen = chains
                    .filter(|(chain, _)| space.ruleset.table_of(*chain).family.sees(space.family));
                let listed = seen.map(|(chain, base)| {
                    let flat = Flat::of(space, *chain);
                    let stable = flat.entries.iter().map(|it| stable(space, flat.terms(it)));
                    let bounds = stable.map(|terms| Bounds::of_terms(space, &terms)).collect();
                    let nearby = Nearby::of(bounds);
                    lists.bounded |= flat.bounded;
                    let translates = |entry: &Entry| matches!(entry.effect, Effect::Dnat(_));
                    lists.translate |= flat.entries.iter().any(translates);
                    let policy = keys.policy(*chain);
                    let changed = (0..number(flat.entries.len())).collect();
                    let policy_changed = base.policy != Policy::Accept;
                    Listed {
                        chain: *chain,
                        base: *base,
                        flat,
                        nearby,
                        changed,
                        policy_changed,
                        policy,
                    }
                });
                // What lets everything on changes nothing.
                let decides =
                    |it: &Listed| !it.flat.entries.is_empty() || it.base.policy != Policy::Accept;
                listed.filter(decides).collect()
            };
            let (mut old, mut new) = (of(Side::Old), of(Side::New));
            keys.pair(&mut old, &mut new);
            lists.old.push((hook, old));
            lists.new.push((hook, new));
        }
        lists
    }

    pub(super) fn of_side(&self, side: Side) -> &[(Hook, Vec<Listed>)] {
        match side {
            Side::Old => &self.old,
            Side::New => &self.new,
        }
    }

    /// All lists of both sides.
    pub(super) fn all(&self) -> impl Iterator<Item = &Listed> {
        self.old.iter().chain(&self.new).flat_map(|(_, lists)| lists)
    }
}

/// What makes two entries the same, as numbers.
struct Keys<'s, 'r> {
    space: &'s Space<'r>,
    known: FxHashMap<(Box<[Term]>, EffectKey), u32>,
    questions: FxHashMap<String, u32>,
    policies: FxHashMap<String, Axis>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum EffectKey {
    Accept,
    Drop,
    Return,
    Dnat(Option<SetId>, Option<SetId>, bool, Option<Unserved>),
    Assign(Assignment),
}

impl<'s, 'r> Keys<'s, 'r> {
    fn of(space: &'s Space<'r>) -> Self {
        Self {
            space,
            known: FxHashMap::default(),
            questions: FxHashMap::default(),
            policies: FxHashMap::default(),
        }
    }

    /// The question of a chain's unwritten policy: the same for chains of one name in tables of one name.
    fn policy(&mut self, chain: ChainId) -> Axis {
        let table = self.space.ruleset.table_of(chain);
        let name = &self.space.ruleset.chain(chain).name;
        let name = format!("{} {} {name}", table.family.name(), table.name);
        *self.policies.entry(name).or_insert_with(|| self.space.new_policy())
    }

    /// Finds for each list the one of the other side that is called in its place, and what the two do not share.
    fn pair(&mut self, old: &mut [Listed], new: &mut [Listed]) {
        let (mut left, mut right) = (old.iter_mut().peekable(), new.iter_mut().peekable());
        let place = |it: &Listed| (it.base.called_at(), it.base.kind == ChainKind::Nat);
        while let (Some(a), Some(b)) = (left.peek_mut(), right.peek_mut()) {
            match place(a).cmp(&place(b)) {
                std::cmp::Ordering::Less => drop(left.next()),
                std::cmp::Ordering::Greater => drop(right.next()),
                std::cmp::Ordering::Equal => {
                    if self.devices(a) == self.devices(b) {
                        self.share(a, b);
                    }
                    left.next();
                    right.next();
                }
            }
        }
    }

    fn devices(&self, listed: &Listed) -> Option<SetId> {
        way::devices(self.space, listed.base)
    }

    /// Notes what two lists do not share, and makes the questions of what they share the same.
    fn share(&mut self, old: &mut Listed, new: &mut Listed) {
        let same_policy = old.base.policy == new.base.policy
            && (old.base.policy != Policy::Unknown || old.policy == new.policy);
        (old.policy_changed, new.policy_changed) = (!same_policy, !same_policy);
        let (left, right) = (self.numbers(&old.flat), self.numbers(&new.flat));
        let mut pairs = align(&left, &right);
        // A return must lead to the same place of what is shared.
        let shared = pairs.clone();
        pairs.retain(|(a, b)| {
            let (a, b) = (&old.flat.entries[*a], &new.flat.entries[*b]);
            let from_a = shared.partition_point(|it| number(it.0) < a.end);
            let from_b = shared.partition_point(|it| number(it.1) < b.end);
            a.effect != Effect::Return || from_a == from_b
        });
        let mut axes: FxHashMap<Axis, Axis> = FxHashMap::default();
        let mut taken: FxHashMap<Axis, Axis> = FxHashMap::default();
        for (a, b) in &pairs {
            let (a, b) = (&old.flat.entries[*a], &new.flat.entries[*b]);
            if !b.fresh {
                continue;
            }
            let (left, right) = (self.asked(old.flat.terms(a)), self.asked(new.flat.terms(b)));
            for ((.., a), (.., b)) in left.into_iter().zip(right) {
                if *taken.entry(a).or_insert(b) == b {
                    axes.entry(b).or_insert(a);
                }
            }
        }
        new.flat.rename(&axes);
        let all = |listed: &Listed| (0..number(listed.flat.entries.len())).collect::<Vec<u32>>();
        let without = |all: Vec<u32>, shared: Vec<u32>| {
            let mut shared = shared.into_iter().peekable();
            all.into_iter().filter(|at| shared.next_if_eq(at).is_none()).collect()
        };
        old.changed = without(all(old), pairs.iter().map(|it| number(it.0)).collect());
        new.changed = without(all(new), pairs.iter().map(|it| number(it.1)).collect());
    }

    fn numbers(&mut self, flat: &Flat) -> Vec<u32> {
        let entries = flat.entries.iter();
        let keys = entries.map(|entry| {
            let mut terms: Box<[Term]> = flat.terms(entry).into();
            if entry.fresh {
                for term in terms.iter_mut().filter(|term| self.space.is_fresh(term.0)) {
                    term.0 = self.question(term.0);
                }
                // Which of two questions was met first is no matter.
                terms.sort_unstable();
            }
            (terms, self.effect(entry.effect))
        });
        // The closure above borrows all of the keys.
        let keys: Vec<_> = keys.collect();
        let mut number_of = |key| {
            let next = number(self.known.len());
            *self.known.entry(key).or_insert(next)
        };
        keys.into_iter().map(&mut number_of).collect()
    }

    /// What is asked anew among some terms: the question as it reads, the answer, and its axis.
    fn asked(&mut self, terms: &[Term]) -> Vec<(Axis, SetId, Axis)> {
        let fresh = terms.iter().filter(|term| self.space.is_fresh(term.0));
        let mut asked: Vec<_> = fresh.map(|term| (self.question(term.0), term.1, term.0)).collect();
        asked.sort_unstable();
        asked
    }

    /// A number behind all axes for what is asked there.
    fn question(&mut self, axis: Axis) -> Axis {
        let text = self.space.question(axis).unwrap_or_default();
        let next = number(self.questions.len());
        Axis(u32::MAX - *self.questions.entry(text).or_insert(next))
    }

    fn effect(&self, effect: Effect) -> EffectKey {
        match effect {
            Effect::Accept => EffectKey::Accept,
            Effect::Drop => EffectKey::Drop,
            Effect::Return => EffectKey::Return,
            Effect::Assign(assignment) => EffectKey::Assign(assignment),
            Effect::Dnat(index) => {
                let translation = self.space.ruleset.translations[index as usize];
                let set = |field: Field, values: Values| {
                    let ranges = Ranges::of(self.space.ruleset.values(values).to_vec());
                    self.space.intern(field, &ranges)
                };
                let addresses = translation.addresses.map(|it| set(Field::Destination, it));
                let ports = translation.ports.map(|it| set(Field::DestinationPort, it));
                EffectKey::Dnat(addresses, ports, translation.local, translation.proxy)
            }
        }
    }
}

/// Whether a chain is called before connection tracking has seen the packet.
pub(super) const fn is_before_tracking(base: Base) -> bool {
    match base.hook {
        Hook::Ingress => true,
        Hook::Prerouting | Hook::Output => base.called_at() < CONNTRACK,
        _ => false,
    }
}

pub(super) fn number(length: usize) -> u32 {
    u32::try_from(length).expect("the list is bounded well below four billion entries")
}
