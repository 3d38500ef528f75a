//! What headers a rule takes the packet to have.

use super::{
    Checker,
    context::{Context, Known},
    types::Kind,
};
use crate::{
    source::Span,
    syntax::nft::{
        datatype::Datatype,
        error::{ErrorKind, Wanted},
        fields::Header,
        tree::{ExprId, ExprKind, Family, FibFlags, FibResult, Hook},
    },
};

/// The protocols whose headers exclude each other.
const TRANSPORTS: &[(Header, u8)] = &[
    (Header::Icmp, 1),
    (Header::Igmp, 2),
    (Header::Tcp, 6),
    (Header::Udp, 17),
    (Header::Dccp, 33),
    (Header::Icmp6, 58),
    (Header::Sctp, 132),
    (Header::Udplite, 136),
];

const INCOMING: &[Hook] = &[Hook::Prerouting, Hook::Input, Hook::Forward];
const OUTGOING: &[Hook] = &[Hook::Forward, Hook::Output, Hook::Postrouting];

/// How deep expressions are followed into each other.
const DEEPEST: u32 = 32;

impl<'f> Checker<'f> {
    /// Walks an expression about the packet: the headers it reads, the maps it asks. Whether all was well.
    pub(super) fn left(&mut self, cx: &Context<'f>, known: &mut Known, id: ExprId) -> bool {
        let before = self.errors.len();
        self.walk(cx, known, id, 0);
        self.errors.len() == before
    }

    fn walk(&mut self, cx: &Context<'f>, known: &mut Known, id: ExprId, depth: u32) {
        if depth > DEEPEST {
            return;
        }
        let expr = self.file.expr(id);
        match &expr.kind {
            ExprKind::Payload(field) => self.header(cx, known, field.header, expr.span),
            ExprKind::Option(option) if option.header == Header::IpOption => {
                self.header(cx, known, Header::Ip, expr.span);
            }
            ExprKind::Meta(key) => {
                let bridge = matches!(
                    key.name,
                    "ibrname"
                        | "obrname"
                        | "ibrpvid"
                        | "ibrvproto"
                        | "ibrhwaddr"
                        | "ibriport"
                        | "obriport"
                        | "ibridgename"
                        | "obridgename"
                        | "broute"
                );
                if bridge && cx.family != Family::Bridge {
                    let families = &[Family::Bridge];
                    self.add(expr.span, ErrorKind::NeedsFamily { families });
                } else if key.name == "broute"
                    && cx.base.is_some_and(|base| base.hook != Hook::Prerouting)
                {
                    self.add(expr.span, ErrorKind::NeedsHook { hooks: &[Hook::Prerouting] });
                }
            }
            ExprKind::Raw { offset, length, .. }
                if !(1..=128).contains(length) || offset.checked_add(*length).is_none() =>
            {
                self.add(expr.span, ErrorKind::OutOfRange { max: 128 });
            }
            ExprKind::Ct { key, direction, family } => {
                self.flow_key(cx, known, key.name, direction.is_some(), *family, expr.span);
            }
            ExprKind::Osf { .. } => self.in_hooks(cx, INCOMING, expr.span),
            ExprKind::Ipsec { inbound, .. } => {
                self.in_hooks(cx, if *inbound { INCOMING } else { OUTGOING }, expr.span);
            }
            ExprKind::Rt { key, .. } if key.name == "mtu" => {
                self.in_hooks(cx, OUTGOING, expr.span);
            }
            ExprKind::Rt { key, family } => {
                if key.name == "nexthop" && family.is_none() && cx.family == Family::Inet {
                    self.add(
                        expr.span,
                        ErrorKind::NeedsFamily { families: &[Family::Ip, Family::Ip6] },
                    );
                } else if let Some(family) = *family {
                    self.network(cx, known, family, expr.span, false);
                }
            }
            ExprKind::Fib { flags, result } => self.route(cx, *flags, *result, expr.span),
            ExprKind::Concat(parts) => {
                for part in self.file.parts(*parts) {
                    self.unsized_key(*part);
                    self.walk(cx, known, *part, depth + 1);
                }
            }
            ExprKind::Map { key, map } => {
                self.unsized_key(*key);
                self.walk(cx, known, *key, depth + 1);
                self.lookup(cx, *key, *map, false);
            }
            ExprKind::Binary { left, right, .. } => {
                self.walk(cx, known, *right, depth + 1);
                let mut left = *left;
                while let ExprKind::Binary { left: next, right, .. } = self.file.expr(left).kind {
                    self.walk(cx, known, right, depth + 1);
                    left = next;
                }
                self.walk(cx, known, left, depth + 1);
            }
            ExprKind::Hash(hash) => {
                if let crate::syntax::nft::tree::Hash::Jhash { key, .. } = **hash {
                    self.walk(cx, known, key, depth + 1);
                }
            }
            _ => {}
        }
    }

    /// An address of a flow has no length to look up until its family is written.
    fn unsized_key(&mut self, id: ExprId) {
        let expr = self.file.expr(id);
        if let ExprKind::Ct { key, family: None, .. } = expr.kind
            && key.bits == 0
        {
            self.add(expr.span, ErrorKind::NeedsFamily { families: &[Family::Ip, Family::Ip6] });
        }
    }

    fn route(&mut self, cx: &Context<'f>, flags: FibFlags, result: FibResult, span: Span) {
        let sides = flags.contains(FibFlags::SADDR) != flags.contains(FibFlags::DADDR);
        if !sides || flags.contains(FibFlags::IIF | FibFlags::OIF) {
            let wanted = Wanted::OneOf(&["saddr", "daddr"]);
            self.add(span, ErrorKind::Unexpected { wanted, suggestion: None });
            return;
        }
        let incoming: &'static [Hook] =
            &[Hook::Ingress, Hook::Prerouting, Hook::Input, Hook::Forward];
        let outgoing: &'static [Hook] =
            &[Hook::Egress, Hook::Output, Hook::Postrouting, Hook::Forward];
        let to_device = matches!(result, FibResult::Oif | FibResult::OifName);
        if to_device || (flags.contains(FibFlags::IIF) && result == FibResult::Type) {
            self.in_hooks(cx, incoming, span);
        } else if flags.contains(FibFlags::OIF) {
            self.in_hooks(cx, outgoing, span);
        }
    }

    /// Notes that a base chain of another hook cannot hold this.
    pub(super) fn in_hooks(&mut self, cx: &Context<'f>, hooks: &'static [Hook], span: Span) {
        if cx.base.is_some_and(|base| !hooks.contains(&base.hook)) {
            self.add(span, ErrorKind::NeedsHook { hooks });
        }
    }

    fn flow_key(
        &mut self,
        cx: &Context<'f>,
        known: &mut Known,
        key: &str,
        directed: bool,
        family: Option<Family>,
        span: Span,
    ) {
        let needs = matches!(key, "saddr" | "daddr" | "proto-src" | "proto-dst" | "protocol");
        let may = needs || matches!(key, "l3proto" | "bytes" | "packets" | "avgpkt" | "zone");
        if directed && !may || needs && !directed && family.is_some() {
            let wanted = Wanted::Selector;
            self.add(span, ErrorKind::Unexpected { wanted, suggestion: None });
        } else if let Some(family) = family {
            self.network(cx, known, family, span, false);
        } else if matches!(key, "saddr" | "daddr")
            && known.network.is_none()
            && !matches!(cx.family, Family::Ip | Family::Ip6)
        {
            self.add(span, ErrorKind::NeedsFamily { families: &[Family::Ip, Family::Ip6] });
        }
    }

    /// A header is read: the packet has it, and not another one.
    fn header(&mut self, cx: &Context<'f>, known: &mut Known, header: Header, span: Span) {
        match header {
            Header::Ip => self.network(cx, known, Family::Ip, span, true),
            Header::Ip6 => self.network(cx, known, Family::Ip6, span, true),
            Header::Arp => self.network(cx, known, Family::Arp, span, true),
            Header::Th => known.ports = true,
            _ => {
                let number = TRANSPORTS.iter().find(|(it, _)| *it == header);
                let Some((_, number)) = number else { return };
                if let Some((other, earlier)) = known.transport
                    && other != *number
                {
                    self.add(span, ErrorKind::ConflictingProtocols { header, earlier });
                    return;
                }
                known.transport = Some((*number, span));
                known.ports |= !matches!(number, 1 | 2 | 58);
            }
        }
    }

    /// The packet is of that network protocol.
    fn network(
        &mut self,
        cx: &Context<'f>,
        known: &mut Known,
        family: Family,
        span: Span,
        remember: bool,
    ) {
        let header = match family {
            Family::Ip => Header::Ip,
            Family::Ip6 => Header::Ip6,
            _ => Header::Arp,
        };
        let fixed = match cx.family {
            Family::Ip => family == Family::Ip,
            Family::Ip6 => family == Family::Ip6,
            Family::Arp => family == Family::Arp,
            Family::Inet => family != Family::Arp,
            _ => true,
        };
        let earlier = known.network.filter(|(other, _)| *other != family);
        if !fixed || earlier.is_some() {
            let earlier = earlier.map_or(span, |(_, earlier)| earlier);
            self.add(span, ErrorKind::ConflictingProtocols { header, earlier });
        } else if remember {
            known.network = Some((family, span));
        }
    }

    /// What a match that holds says about the packet's protocols.
    pub(super) fn learn(
        &mut self,
        _cx: &Context<'f>,
        known: &mut Known,
        left: ExprId,
        right: ExprId,
    ) {
        let expr = self.file.expr(left);
        let span = expr.span;
        let (datatype, bits) = match &expr.kind {
            ExprKind::Meta(key) if matches!(key.name, "l4proto" | "nfproto" | "protocol") => {
                (key.datatype, u32::from(key.bits))
            }
            ExprKind::Payload(field)
                if matches!(
                    (field.header, field.name),
                    (Header::Ip, "protocol") | (Header::Ip6, "nexthdr") | (Header::Ether, "type")
                ) =>
            {
                (field.datatype, u32::from(field.bits))
            }
            _ => return,
        };
        let kind = Kind { datatype, bits };
        let Some(resolved) = self.file.resolved(right) else {
            known.ports = true;
            return;
        };
        let value = match self.file.expr(resolved).kind {
            // Several protocols: the loader goes by the last, and only one of its own header follows.
            ExprKind::Set(_) | ExprKind::SetReference(_) | ExprKind::Concat(_) => {
                known.ports |= datatype == Datatype::Protocol;
                return;
            }
            _ => self.number_of(kind, resolved),
        };
        let Some(value) = value else { return };
        match datatype {
            Datatype::Protocol => {
                let Ok(number) = u8::try_from(value) else { return };
                known.ports |= matches!(number, 6 | 17 | 33 | 132 | 136);
                // The loader knows the headers of these; what follows another number is not held against it.
                let has_header = matches!(expr.kind, ExprKind::Meta(_))
                    || matches!(number, 50 | 51 | 108)
                    || TRANSPORTS.iter().any(|(_, it)| *it == number);
                if known.transport.is_none() && has_header {
                    known.transport = Some((number, span));
                }
            }
            Datatype::NfProto => match value {
                2 => known.network = Some((Family::Ip, span)),
                10 => known.network = Some((Family::Ip6, span)),
                _ => {}
            },
            Datatype::EtherType => match value {
                0x0800 => known.network = Some((Family::Ip, span)),
                0x86dd => known.network = Some((Family::Ip6, span)),
                0x0806 => known.network = Some((Family::Arp, span)),
                _ => {}
            },
            _ => {}
        }
    }
}
