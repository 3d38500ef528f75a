//! What lints about the two address families share.

use super::{Context, phrases};
use crate::{
    analysis::{self, Decider, Exposure, FamilyAnalysis, Opening, Path, What},
    model::{Base, ChainKind, Family, Hook, Policy},
};
use std::collections::BTreeMap;

/// A service that a rule opens on this host.
#[derive(Clone, Copy)]
pub(super) struct Open<'a> {
    pub(super) family: &'a FamilyAnalysis<'a>,
    pub(super) exposure: &'a Exposure,
    pub(super) opening: &'a Opening,
    pub(super) service: &'a analysis::OpenService,
}

impl Open<'_> {
    /// As people name it: `tcp/22`.
    pub(super) fn name(&self) -> String {
        let transport = phrases::transport(self.service.protocol);
        match self.service.port {
            Some(port) => format!("{transport}/{port}"),
            None => transport,
        }
    }

    /// A packet that gets there.
    pub(super) fn witness(&self) -> Option<String> {
        let (protocol, port) = (self.service.protocol, self.service.port);
        self.family.witness(self.exposure, &self.opening.reach, protocol, port)
    }
}

/// A family, a protocol and a port.
type Key = (Family, u8, Option<u16>);

/// The ports of this host that rules open in both families; none where only one is in the input.
pub(super) struct Services<'a>(BTreeMap<Key, Vec<Open<'a>>>);

impl<'a> Services<'a> {
    pub(super) fn of(cx: &Context<'a>) -> Self {
        let mut services: BTreeMap<Key, Vec<Open<'a>>> = BTreeMap::new();
        if cx.analysis.families.len() < 2 {
            return Self(services);
        }
        for (family, exposure, opening) in cx.openings() {
            let What::Service(service) = &opening.what else { continue };
            let by_rule = matches!(exposure.decider, Decider::Rule(_));
            let is_own = exposure.path == Path::Input && exposure.translated_by.is_none();
            if by_rule && is_own && service.port.is_some() && !service.by_chance {
                let key = (family.space.family, service.protocol, service.port);
                let open = Open { family, exposure, opening, service };
                services.entry(key).or_default().push(open);
            }
        }
        Self(services)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Open<'a>> {
        self.0.values().flatten()
    }

    /// What opens the same port over the other family.
    pub(super) fn twins(&self, open: &Open<'_>) -> &[Open<'a>] {
        let other = match open.family.space.family {
            Family::Ipv4 => Family::Ipv6,
            Family::Ipv6 => Family::Ipv4,
        };
        let key = (other, open.service.protocol, open.service.port);
        self.0.get(&key).map_or(&[], Vec::as_slice)
    }
}

/// Whether packets of the family to this host meet a filter.
pub(super) fn is_filtered(cx: &Context<'_>, family: &FamilyAnalysis<'_>) -> bool {
    filters(cx, family).next().is_some()
}

/// Whether one of those filters drops what no rule decides.
pub(super) fn drops_by_policy(cx: &Context<'_>, family: &FamilyAnalysis<'_>) -> bool {
    filters(cx, family).any(|base| base.policy == Policy::Drop)
}

fn filters(cx: &Context<'_>, family: &FamilyAnalysis<'_>) -> impl Iterator<Item = Base> {
    let (ruleset, family) = (cx.ruleset(), family.space.family);
    let base = ruleset.base_chains().filter(move |(id, _, base)| {
        let sees = ruleset.table_of(*id).family.sees(family);
        base.hook == Hook::Input && base.kind == ChainKind::Filter && sees
    });
    base.map(|(.., base)| base)
}
