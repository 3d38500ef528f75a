//! Translations, redirections to sockets, and refusals.

use super::{
    Checker,
    context::{Context, Known},
    types::Kind,
};
use crate::{
    source::Span,
    syntax::nft::{
        datatype::Datatype,
        error::ErrorKind,
        fields::Header,
        tree::{
            ChainType, ExprId, ExprKind, Family, Hook, Nat, NatKind, Reject, RejectKind, Tproxy,
        },
    },
};

const IP: &[Family] = &[Family::Ip, Family::Ip6, Family::Inet];

impl<'f> Checker<'f> {
    pub(super) fn nat(&mut self, cx: &Context<'f>, known: &mut Known, nat: &Nat, span: Span) {
        if !IP.contains(&cx.family) {
            self.add(span, ErrorKind::NeedsFamily { families: IP });
            return;
        }
        if let Some(base) = cx.base {
            if base.chain_type != ChainType::Nat {
                self.add(span, ErrorKind::NeedsChainType { chain_type: ChainType::Nat });
                return;
            }
            let hooks: &[Hook] = match nat.kind {
                NatKind::Dnat | NatKind::Redirect => &[Hook::Prerouting, Hook::Output],
                NatKind::Snat => &[Hook::Postrouting, Hook::Input],
                NatKind::Masquerade => &[Hook::Postrouting],
            };
            if !hooks.contains(&base.hook) {
                self.add(span, ErrorKind::NeedsHook { hooks });
                return;
            }
        }
        let family = translated(cx, known, nat.family);
        if let Some(address) = nat.address {
            if !self.left(cx, known, address) {
                return;
            }
            let constant = self.is_address(address);
            if cx.family == Family::Inet && family.is_none() && constant {
                self.add(span, ErrorKind::NeedsFamily { families: &[Family::Ip, Family::Ip6] });
                return;
            }
            self.address(cx, family, address);
        }
        if let Some(port) = nat.port {
            if !self.left(cx, known, port) {
                return;
            }
            if !known.ports {
                let span = self.file.expr(port).span;
                self.add(span, ErrorKind::MissingTransport);
                return;
            }
            self.port(cx, port);
        }
    }

    fn is_address(&self, id: ExprId) -> bool {
        let Some(resolved) = self.file.resolved(id) else { return false };
        match self.file.expr(resolved).kind {
            ExprKind::Ipv4(_) | ExprKind::Ipv6 => true,
            ExprKind::Range { first, .. } | ExprKind::Prefix { base: first, .. } => {
                matches!(self.file.expr(first).kind, ExprKind::Ipv4(_) | ExprKind::Ipv6)
            }
            _ => false,
        }
    }

    fn address(&mut self, cx: &Context<'f>, family: Option<Family>, id: ExprId) {
        let kind = match family {
            Some(Family::Ip) => Kind { datatype: Datatype::Ipv4, bits: 32 },
            Some(Family::Ip6) => Kind { datatype: Datatype::Ipv6, bits: 128 },
            _ => return,
        };
        if self.is_address(id) {
            self.value(cx, &[Some(kind)], id, 0);
        }
    }

    fn port(&mut self, cx: &Context<'f>, id: ExprId) {
        let Some(resolved) = self.file.resolved(id) else { return };
        let kind = Kind { datatype: Datatype::Service, bits: 16 };
        if matches!(
            self.file.expr(resolved).kind,
            ExprKind::Number(_) | ExprKind::Word | ExprKind::Quoted | ExprKind::Range { .. }
        ) {
            self.value(cx, &[Some(kind)], id, 0);
        }
    }

    pub(super) fn tproxy(
        &mut self,
        cx: &Context<'f>,
        known: &mut Known,
        tproxy: &Tproxy,
        span: Span,
    ) {
        if !IP.contains(&cx.family) {
            self.add(span, ErrorKind::NeedsFamily { families: IP });
            return;
        }
        if let Some(base) = cx.base
            && base.hook != Hook::Prerouting
        {
            // The hook is the kernel's to judge, and it takes the chain's jumps into account.
            let hooks = &[Hook::Prerouting];
            self.add(span, ErrorKind::NeedsHook { hooks });
            return;
        }
        if known.transport.is_none() && !known.ports {
            self.add(span, ErrorKind::MissingTransport);
            return;
        }
        if cx.family == Family::Inet && tproxy.family.is_none() && tproxy.address.is_some() {
            self.add(span, ErrorKind::NeedsFamily { families: &[Family::Ip, Family::Ip6] });
            return;
        }
        let family = translated(cx, known, tproxy.family);
        if let (Some(family), Some((earlier_family, earlier))) = (tproxy.family, known.network)
            && family != earlier_family
        {
            let header = if family == Family::Ip { Header::Ip } else { Header::Ip6 };
            self.add(span, ErrorKind::ConflictingProtocols { header, earlier });
            return;
        }
        if let Some(address) = tproxy.address {
            self.left(cx, known, address);
            self.no_range(address);
            self.address(cx, family, address);
        }
        if let Some(port) = tproxy.port {
            self.left(cx, known, port);
            self.no_range(port);
            self.port(cx, port);
        }
    }

    pub(super) fn reject(&mut self, cx: &Context<'f>, known: &Known, reject: Reject, span: Span) {
        if cx.family == Family::Arp {
            self.add(
                span,
                ErrorKind::NeedsFamily {
                    families: &[
                        Family::Ip,
                        Family::Ip6,
                        Family::Inet,
                        Family::Bridge,
                        Family::Netdev,
                    ],
                },
            );
            return;
        }
        let hooks: &[Hook] = match cx.family {
            Family::Bridge => &[Hook::Prerouting, Hook::Input],
            Family::Netdev => &[Hook::Ingress],
            Family::Inet => {
                &[Hook::Ingress, Hook::Prerouting, Hook::Input, Hook::Forward, Hook::Output]
            }
            _ => &[Hook::Prerouting, Hook::Input, Hook::Forward, Hook::Output],
        };
        if cx.base.is_some_and(|base| !hooks.contains(&base.hook)) {
            self.add(span, ErrorKind::NeedsHook { hooks });
            return;
        }
        if let Some((Family::Arp, earlier)) = known.network {
            self.add(span, ErrorKind::ConflictingProtocols { header: Header::Ip, earlier });
            return;
        }
        let at = reject.code.map_or(span, |code| self.file.expr(code).span);
        let (datatype, family) = match reject.kind {
            RejectKind::Default => return,
            RejectKind::TcpReset => {
                if let Some((number, earlier)) = known.transport
                    && number != 6
                {
                    self.add(
                        span,
                        ErrorKind::ConflictingProtocols { header: Header::Tcp, earlier },
                    );
                }
                return;
            }
            RejectKind::Icmp => (Datatype::IcmpCode, Some(Family::Ip)),
            RejectKind::Icmp6 => (Datatype::Icmp6Code, Some(Family::Ip6)),
            RejectKind::Icmpx => (Datatype::IcmpxCode, None),
        };
        if let Some(family) = family {
            let other = if family == Family::Ip { Family::Ip6 } else { Family::Ip };
            if cx.family == other {
                self.add(
                    at,
                    ErrorKind::NeedsFamily {
                        families: if family == Family::Ip { &[Family::Ip] } else { &[Family::Ip6] },
                    },
                );
                return;
            }
            if let Some((it, earlier)) = known.network
                && it == other
            {
                let header = if family == Family::Ip { Header::Ip } else { Header::Ip6 };
                self.add(at, ErrorKind::ConflictingProtocols { header, earlier });
                return;
            }
        }
        if let Some(code) = reject.code {
            self.value(cx, &[Some(Kind { datatype, bits: 8 })], code, 0);
        }
    }
}

/// The family of the address that is translated to.
fn translated(cx: &Context<'_>, known: &Known, written: Option<Family>) -> Option<Family> {
    let table = match cx.family {
        Family::Ip | Family::Ip6 => Some(cx.family),
        _ => None,
    };
    written.or(table).or(known.network.map(|(family, _)| family))
}
