//! What lints about ports that lead to other hosts or to containers share.

use super::{Context, Place};
use crate::{
    analysis::{Exposure, FamilyAnalysis, Path, Reach},
    knowledge::{manager_of_chain, manager_of_table},
    model::{Field, RuleId},
    packets::SetId,
};

/// A port that is translated on its way through this host, and open to strangers.
pub(super) struct Published<'a> {
    pub(super) family: &'a FamilyAnalysis<'a>,
    pub(super) exposure: &'a Exposure,
    pub(super) translation: RuleId,
    pub(super) reach: Reach,
    pub(super) protocol: u8,
    /// The port that a client dials, if it is one.
    pub(super) port: Option<u16>,
}

impl Published<'_> {
    /// The program that manages the chain of the translation, or its table.
    pub(super) fn manager(&self, cx: &Context<'_>) -> Option<&'static str> {
        let chain = cx.ruleset().rule(self.translation).chain;
        let of_chain = manager_of_chain(&cx.ruleset().chain(chain).name);
        of_chain.or_else(|| manager_of_table(&cx.ruleset().table_of(chain).name))
    }

    /// The words that translate.
    pub(super) fn place(&self, cx: &Context<'_>) -> Place {
        let rule = cx.ruleset().rule(self.translation);
        let span = cx.ruleset().verdict_of(rule).map_or(rule.place.span, |(_, span)| span);
        Place { file: rule.place.file, span }
    }

    /// A packet that gets there.
    pub(super) fn witness(&self) -> Option<String> {
        self.family.witness(self.exposure, &self.reach, self.protocol, self.port)
    }

    /// The port as people name it: `tcp/8080`, or the transport alone.
    pub(super) fn name(&self) -> String {
        let transport = super::phrases::transport(self.protocol);
        self.port.map_or_else(|| transport.clone(), |port| format!("{transport}/{port}"))
    }
}

/// The ports that are.
pub(super) fn all<'a>(cx: &Context<'a>) -> impl Iterator<Item = Published<'a>> {
    cx.analysis.families.iter().flat_map(|family| {
        family.exposures.iter().filter_map(move |exposure| {
            let translation = exposure.translated_by.filter(|_| exposure.path == Path::Forward)?;
            let slices: Vec<usize> = (0..exposure.slices.len()).collect();
            let reach = family.reach(exposure, &slices).filter(|it| it.class.is_world())?;
            let space = &family.space;
            let sent = |field: Field| exposure.slices.iter().map(move |slice| slice.sent(field));
            let mut protocols = sent(Field::Protocol);
            let protocol = protocols
                .find_map(|set| [6, 17].into_iter().find(|it| space.store.contains(set, *it)))?;
            let ports = sent(Field::DestinationPort);
            let ports = ports.fold(SetId::EMPTY, |all, set| space.store.union(all, set));
            let port = space.only(Field::DestinationPort, ports);
            Some(Published {
                family,
                exposure,
                translation,
                reach,
                protocol: u8::try_from(protocol).ok()?,
                port: port.and_then(|port| u16::try_from(port).ok()),
            })
        })
    })
}
