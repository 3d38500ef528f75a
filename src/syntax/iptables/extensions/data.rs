//! Hooks, tables and protocols that several extensions are limited to.

use crate::syntax::iptables::{Hook, TableKind};

pub(super) const MANGLE: &[TableKind] = &[TableKind::Mangle];
pub(super) const NAT: &[TableKind] = &[TableKind::Nat];
pub(super) const RAW: &[TableKind] = &[TableKind::Raw];
pub(super) const FILTER: &[TableKind] = &[TableKind::Filter];
pub(super) const MANGLE_OR_SECURITY: &[TableKind] = &[TableKind::Mangle, TableKind::Security];
pub(super) const RAW_OR_MANGLE: &[TableKind] = &[TableKind::Raw, TableKind::Mangle];

/// Where a packet still has the interface it came in by.
pub(super) const INCOMING: &[Hook] = &[Hook::Prerouting, Hook::Input, Hook::Forward];
/// Where a packet has the interface it goes out by.
pub(super) const OUTGOING: &[Hook] = &[Hook::Forward, Hook::Output, Hook::Postrouting];
/// Where it is decided whether a packet is let through.
pub(super) const FILTERING: &[Hook] = &[Hook::Input, Hook::Forward, Hook::Output];

pub(super) const TCP: &[u8] = &[6];
pub(super) const UDP: &[u8] = &[17];
/// TCP, UDP, UDP-Lite, SCTP, DCCP.
pub(super) const WITH_PORTS: &[u8] = &[6, 17, 136, 132, 33];
