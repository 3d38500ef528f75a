//! The base chains of a ruleset as lists, by hook and priority: what every walk goes through.

use super::{Calls, Space, calls::in_calling_order, flat::Flat};
use crate::{
    model::{Base, ChainId, ChainKind, Field, Hook, Policy},
    packets::{Ranges, SetId},
};

/// `NF_IP_PRI_CONNTRACK` in `linux/netfilter_ipv4.h`.
pub(super) const CONNTRACK: i32 = -200;

/// The lists of all base chains that packets of one family pass.
#[derive(Debug)]
pub(super) struct Way {
    /// Hook by hook, in the order in which they are called; for a fragment, the chains that nothing calls.
    pub(super) lists: Vec<Listed>,
    fragment: bool,
}

/// One base chain.
#[derive(Debug)]
pub(super) struct Listed {
    /// Its index in [`Way::lists`].
    pub(super) index: usize,
    pub(super) chain: ChainId,
    pub(super) base: Base,
    pub(super) flat: Flat,
}

impl Way {
    pub(super) fn of(space: &Space<'_>) -> Self {
        let mut chains = in_calling_order(space.ruleset);
        chains.retain(|(id, _)| space.ruleset.table_of(*id).family.sees(space.family));
        chains.sort_by_key(|(_, base)| base.hook);
        let listed =
            |(index, (chain, base))| Listed { index, chain, base, flat: Flat::of(space, chain) };
        let lists = chains.into_iter().enumerate().map(listed).collect();
        Self { lists, fragment: false }
    }

    /// The chains of a fragment that nothing in it calls, each as if it were called with every packet.
    pub(super) fn of_fragment(space: &Space<'_>, calls: &Calls) -> Self {
        let ruleset = space.ruleset;
        let roots = ruleset.chains.iter().zip(0..).filter(|(chain, index)| {
            let id = ChainId(*index);
            chain.base.is_none()
                && calls.callers(id).is_empty()
                && !chain.rules.is_empty()
                && ruleset.table_of(id).family.sees(space.family)
        });
        let base = Base {
            hook: Hook::Input,
            priority: 0,
            kind: ChainKind::Filter,
            policy: Policy::Unknown,
            policy_place: None,
            devices: None,
        };
        let listed = |(index, (_, chain))| {
            let chain = ChainId(chain);
            Listed { index, chain, base, flat: Flat::of(space, chain) }
        };
        Self { lists: roots.enumerate().map(listed).collect(), fragment: true }
    }

    /// Whether the chains are those of a fragment.
    pub(super) const fn is_fragment(&self) -> bool {
        self.fragment
    }

    /// The chains of a hook.
    pub(super) fn at(&self, hook: Hook) -> impl Iterator<Item = &Listed> {
        self.lists.iter().filter(move |listed| !self.fragment && listed.base.hook == hook)
    }
}

/// The devices that a base chain is bound to.
pub(super) fn devices(space: &Space<'_>, base: Base) -> Option<SetId> {
    let (start, end) = base.devices?;
    let names = &space.ruleset.devices[start as usize..end as usize];
    let sets = names.iter().map(|name| space.interfaces.meant(*name));
    let all = sets.fold(Ranges::EMPTY, |union, set| union.union(set));
    Some(space.intern(Field::In, &all))
}
