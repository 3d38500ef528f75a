//! What stands on the left of a match, as a field of the model and what it takes for granted.

use super::Reader;
use crate::{
    model::{Condition, Family, Field, OpaqueKind, Subject},
    source::Span,
    syntax::nft::{
        BinaryOperator, Direction, ExprId, ExprKind, FibFlags, FibResult,
        datatype::Datatype,
        fields::{self, Header},
    },
};

/// What a match looks at.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Selector {
    /// A field that the model has.
    Field {
        /// The field.
        field: Field,
        /// What its values are written as.
        datatype: Datatype,
        /// What is looked at of it; `None` for all.
        mask: Option<u128>,
    },
    /// An interface's name.
    Interface(Field),
    /// The family, as `meta nfproto` and `meta protocol` give it.
    Family,
    /// Several at once.
    Several(Vec<Selector>),
    /// Whether it is a fragment: 0 for no.
    Fragment {
        /// Whether only those behind the first are meant.
        later: bool,
        /// Whether 1 means yes; else any other number is a certain place in the whole.
        is_boolean: bool,
    },
    /// A reverse path test.
    ReversePath,
    /// Something that nobody can compute.
    Opaque(OpaqueKind),
}

impl Reader<'_, '_> {
    /// Reads an expression on the left of a match; what it takes for granted is added to `given`.
    pub(super) fn selector(&mut self, id: ExprId, given: &mut Vec<Condition>) -> Selector {
        let file = self.replay.file;
        let expr = file.expr(id);
        match &expr.kind {
            ExprKind::Payload(field) => self.payload(field, expr.span, given),
            ExprKind::Meta(key) => meta(key),
            ExprKind::Ct { key, direction, .. } => self.connection(key, *direction, given),
            ExprKind::Fib { flags, result } => fib(*flags, *result),
            ExprKind::Concat(parts) => {
                let parts = file.parts(*parts).iter();
                Selector::Several(parts.map(|part| self.selector(*part, given)).collect())
            }
            ExprKind::Binary { operator: BinaryOperator::And, left, right } => {
                // `ip frag-off & 0x1fff`: whether it is a later fragment, and with 0x2000 whether it is one at all.
                if let ExprKind::Payload(payload) = &file.expr(*left).kind
                    && (payload.header, payload.name) == (Header::Ip, "frag-off")
                {
                    given.push(Condition::Family { family: Family::Ipv4, negated: false });
                    return match self.number(*right, None) {
                        Some(mask @ (0x1fff | 0x3fff)) => {
                            Selector::Fragment { later: mask == 0x1fff, is_boolean: false }
                        }
                        _ => Selector::Opaque(OpaqueKind::Header),
                    };
                }
                match self.selector(*left, given) {
                    Selector::Field { field, datatype, mask: None } => {
                        let mask = self.number(*right, Some(datatype));
                        mask.map_or(Selector::Opaque(OpaqueKind::Header), |mask| Selector::Field {
                            field,
                            datatype,
                            mask: Some(mask),
                        })
                    }
                    _ => Selector::Opaque(OpaqueKind::Header),
                }
            }
            ExprKind::Whole(header) => {
                given.extend(family_of(*header));
                if *header == Header::Frag {
                    return Selector::Fragment { later: false, is_boolean: true };
                }
                Selector::Opaque(OpaqueKind::Header)
            }
            ExprKind::Option(option) => {
                given.extend(family_of(option.header));
                Selector::Opaque(OpaqueKind::Header)
            }
            ExprKind::Raw { .. } | ExprKind::Inner { .. } => Selector::Opaque(OpaqueKind::Header),
            ExprKind::Hash(_) => Selector::Opaque(OpaqueKind::Timing),
            ExprKind::Xt => Selector::Opaque(OpaqueKind::Foreign),
            _ => Selector::Opaque(OpaqueKind::Fixed),
        }
    }

    fn payload(
        &mut self,
        payload: &fields::Field,
        span: Span,
        given: &mut Vec<Condition>,
    ) -> Selector {
        let family = |family| Condition::Family { family, negated: false };
        let whole =
            |field: Field| Selector::Field { field, datatype: payload.datatype, mask: None };
        let protocol = match payload.header {
            Header::Tcp => Some(6),
            Header::Udp => Some(17),
            Header::Udplite => Some(136),
            Header::Sctp => Some(132),
            Header::Dccp => Some(33),
            Header::Icmp | Header::Igmp => {
                given.push(family(Family::Ipv4));
                Some(if payload.header == Header::Icmp { 1 } else { 2 })
            }
            Header::Icmp6 => {
                given.push(family(Family::Ipv6));
                Some(58)
            }
            Header::Ah => Some(51),
            Header::Esp => Some(50),
            Header::Comp => Some(108),
            Header::Gre => Some(47),
            Header::Ip => {
                given.push(family(Family::Ipv4));
                None
            }
            Header::Ip6 => {
                given.push(family(Family::Ipv6));
                None
            }
            header => {
                given.extend(family_of(header));
                None
            }
        };
        if let Some(protocol) = protocol {
            given.push(self.builder.within(Field::Protocol, protocol, protocol, false));
        }
        match (payload.header, payload.name) {
            (Header::Ip | Header::Ip6, "saddr") => whole(Field::Source),
            (Header::Ip | Header::Ip6, "daddr") => whole(Field::Destination),
            (Header::Ip, "protocol") => whole(Field::Protocol),
            (Header::Ip6, "nexthdr") => {
                // Only the first header is looked at, the protocol may stand behind others.
                let place = self.replay.place(span);
                let (text, subject) = ("ip6 nexthdr", Subject::Match("ip6 nexthdr".to_owned()));
                let kind = OpaqueKind::Assumed;
                let opaque = self.builder.opaque(text.to_owned(), subject, kind, place);
                given.push(Condition::Opaque { opaque, negated: false });
                whole(Field::Protocol)
            }
            (Header::Th, "sport" | "dport") => {
                // On a protocol without ports it reads other bytes: what has ports is what is meant.
                let transports = [6, 17, 33, 132, 136].map(|number| (number, number));
                let values = self.builder.several(transports);
                given.push(Condition::In { field: Field::Protocol, values, negated: false });
                whole(if payload.name == "sport" {
                    Field::SourcePort
                } else {
                    Field::DestinationPort
                })
            }
            (_, "sport") => whole(Field::SourcePort),
            (_, "dport") => whole(Field::DestinationPort),
            (Header::Tcp, "flags") => whole(Field::TcpFlags),
            (Header::Icmp | Header::Icmp6, "type") => whole(Field::Icmp),
            // Who is on the link is no choice of a sender elsewhere, as with iptables' `mac`.
            (Header::Ether, "saddr") => Selector::Opaque(OpaqueKind::Fixed),
            _ => Selector::Opaque(OpaqueKind::Header),
        }
    }

    fn connection(
        &mut self,
        key: &fields::Key,
        direction: Option<Direction>,
        given: &mut Vec<Condition>,
    ) -> Selector {
        let whole = |field| Selector::Field { field, datatype: key.datatype, mask: None };
        if key.name == "state" {
            return whole(Field::State);
        }
        // Every other key fails on packets without a connection, negated or not.
        let tracked = self.builder.one(1, 3);
        given.push(Condition::In { field: Field::State, values: tracked, negated: false });
        let original = direction == Some(Direction::Original);
        let addresses = |field| Selector::Field { field, datatype: Datatype::Ipv4, mask: None };
        match key.name {
            "mark" => whole(Field::ConnectionMark),
            "direction" => whole(Field::Direction),
            "status" => whole(Field::Translated),
            "protocol" => whole(Field::Protocol),
            "saddr" if original => addresses(Field::OriginalSource),
            "daddr" if original => addresses(Field::OriginalDestination),
            "proto-src" if original => whole(Field::OriginalSourcePort),
            "proto-dst" if original => whole(Field::OriginalDestinationPort),
            "packets" | "bytes" | "avgpkt" | "expiration" => Selector::Opaque(OpaqueKind::Timing),
            _ => Selector::Opaque(OpaqueKind::Fixed),
        }
    }
}

/// The family that alone has a header or an option: nft asks for it first.
fn family_of(header: Header) -> Option<Condition> {
    use Header::{Dst, Frag, Hbh, IpOption, Mh, Rt, Rt0, Rt2, Rt4};
    let family = match header {
        Hbh | Rt | Rt0 | Rt2 | Rt4 | Frag | Dst | Mh => Family::Ipv6,
        IpOption => Family::Ipv4,
        _ => return None,
    };
    Some(Condition::Family { family, negated: false })
}

fn meta(key: &fields::Key) -> Selector {
    let whole = |field| Selector::Field { field, datatype: key.datatype, mask: None };
    match key.name {
        "iif" | "iifname" => Selector::Interface(Field::In),
        "oif" | "oifname" => Selector::Interface(Field::Out),
        "l4proto" => whole(Field::Protocol),
        "nfproto" | "protocol" => Selector::Family,
        "mark" => whole(Field::Mark),
        "length" | "priority" => Selector::Opaque(OpaqueKind::Header),
        "time" | "hour" | "day" | "random" => Selector::Opaque(OpaqueKind::Timing),
        _ => Selector::Opaque(OpaqueKind::Fixed),
    }
}

fn fib(flags: FibFlags, result: FibResult) -> Selector {
    match result {
        FibResult::Type if flags.contains(FibFlags::DADDR) => Selector::Field {
            field: Field::DestinationKind,
            datatype: Datatype::FibType,
            mask: None,
        },
        FibResult::Oif | FibResult::OifName | FibResult::Check
            if flags.contains(FibFlags::SADDR) =>
        {
            Selector::ReversePath
        }
        _ => Selector::Opaque(OpaqueKind::Fixed),
    }
}
