//! Where a rule stands, and what is known of the packet by then.

use super::Checker;
use crate::{
    source::Span,
    syntax::nft::tree::{BaseChain, Family, TableRef},
};

/// Where a rule stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'f> {
    /// The table's family.
    pub(super) family: Family,
    /// The table's name.
    pub(super) table: &'f str,
    /// Whether everything that the table holds is in the file.
    pub(super) closed: bool,
    /// The chain's hook, where it has one.
    pub(super) base: Option<&'f BaseChain>,
}

/// What is known of the packet.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known {
    /// The network protocol, and where it was said.
    pub(super) network: Option<(Family, Span)>,
    /// The transport protocol's number, and where it was said.
    pub(super) transport: Option<(u8, Span)>,
    /// Whether it has ports, for all that is said.
    pub(super) ports: bool,
    /// The verdict that no packet passes.
    pub(super) verdict: Option<Span>,
}

impl<'f> Checker<'f> {
    pub(super) fn context(&self, table: TableRef, chain: &str, closed: bool) -> Context<'f> {
        let name = self.slice(table.name);
        let known = self.names.get(table.family, name);
        let chains = known.and_then(|table| table.chains.get(chain));
        let base = chains.and_then(|chains| chains.iter().find_map(|it| it.base.as_deref()));
        Context { family: table.family, table: name, closed, base }
    }
}
