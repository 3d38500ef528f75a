//! What stands on the right of a match, as numbers.

use super::Reader;
use crate::{
    model::{DestinationKind, Field},
    source::Span,
    syntax::{
        iptables::values::{protocol, service_port},
        nft::{BinaryOperator, ExprId, ExprKind, datatype::Datatype, values},
    },
};
use std::net::IpAddr;

/// A range of values with the words that say it.
pub(super) type Ranged = (u128, u128, Span);

/// How deep operators are computed, variables followed: past a chain of them that is read.
const DEEPEST: u32 = 512;
/// How many steps one number takes at most: definitions that double each other have no end.
const LONGEST: u32 = 4096;

impl Reader<'_, '_> {
    /// The number that an expression stands for; words are those of `datatype`.
    pub(super) fn number(&self, id: ExprId, datatype: Option<Datatype>) -> Option<u128> {
        self.number_within(id, datatype, DEEPEST, &mut LONGEST.clone())
    }

    fn number_within(
        &self,
        id: ExprId,
        datatype: Option<Datatype>,
        depth: u32,
        steps: &mut u32,
    ) -> Option<u128> {
        let depth = depth.checked_sub(1)?;
        *steps = steps.checked_sub(1)?;
        let file = self.replay.file;
        let id = file.resolved(id)?;
        let expr = file.expr(id);
        match &expr.kind {
            ExprKind::Number(number) => Some((*number).into()),
            ExprKind::Ipv4(address) => Some(address.to_bits().into()),
            ExprKind::Ipv6 => values::ipv6(self.replay.input.source.slice(expr.span))
                .map(std::net::Ipv6Addr::to_bits),
            ExprKind::Word | ExprKind::Quoted => word(self.replay.text(expr.span), datatype?),
            ExprKind::Binary { operator, left, right } => {
                let left = self.number_within(*left, datatype, depth, steps)?;
                let right = self.number_within(*right, datatype, depth, steps)?;
                match operator {
                    BinaryOperator::And => Some(left & right),
                    BinaryOperator::Or => Some(left | right),
                    BinaryOperator::Xor => Some(left ^ right),
                    BinaryOperator::ShiftLeft => left.checked_shl(u32::try_from(right).ok()?),
                    BinaryOperator::ShiftRight => left.checked_shr(u32::try_from(right).ok()?),
                    BinaryOperator::Masked => None,
                }
            }
            // Flags separated by commas are one value.
            ExprKind::List(parts) if datatype.is_some_and(Datatype::is_bitmask) => {
                let parts = file.parts(*parts).iter();
                parts
                    .map(|part| self.number_within(*part, datatype, depth, steps))
                    .try_fold(0, |all, bit| Some(all | bit?))
            }
            _ => None,
        }
    }

    /// The values that an expression stands for: one, a range, a prefix.
    pub(super) fn range(&self, id: ExprId, datatype: Datatype) -> Option<Ranged> {
        let file = self.replay.file;
        let id = file.resolved(id)?;
        let expr = file.expr(id);
        let span = expr.span;
        match &expr.kind {
            ExprKind::Range { first, last } => Some((
                self.number(*first, Some(datatype))?,
                self.number(*last, Some(datatype))?,
                span,
            )),
            ExprKind::Prefix { base, length } => {
                let base = file.resolved(*base)?;
                let width: u32 = match file.expr(base).kind {
                    ExprKind::Ipv6 => 128,
                    _ => 32,
                };
                let address = self.number(base, Some(datatype))?;
                let free = width.checked_sub((*length).into())?;
                let host = 1_u128.checked_shl(free).map_or(u128::MAX, |it| it - 1);
                Some((address & !host, address | host, span))
            }
            _ => {
                let number = self.number(id, Some(datatype))?;
                Some((number, number, span))
            }
        }
    }

    /// The numbers of the model's field for a value as nft has it.
    pub(super) fn as_field(field: Field, (low, high, span): Ranged) -> Vec<Ranged> {
        let one = |value: u128| (value, value, span);
        match field {
            // A state is a bit for nft; one bit is at most one state.
            Field::State => {
                let bits = [(1, 0), (2, 1), (4, 2), (8, 3), (64, 4)];
                bits.iter()
                    .filter(|(bit, _)| low & bit != 0)
                    .map(|(_, state)| one(*state))
                    .collect()
            }
            Field::Icmp => vec![(low << 8, (high << 8) | 0xff, span)],
            Field::DestinationKind => {
                let kind = match low {
                    1 => DestinationKind::Unicast,
                    2 => DestinationKind::Local,
                    3 => DestinationKind::Broadcast,
                    5 => DestinationKind::Multicast,
                    _ => DestinationKind::Other,
                };
                vec![one(kind.value())]
            }
            // Of the status bits the model has those of translation.
            Field::Translated => match low {
                0x10 => vec![one(1), one(3)],
                0x20 => vec![one(2), one(3)],
                _ => Vec::new(),
            },
            _ => vec![(low, high, span)],
        }
    }
}

fn word(text: &str, datatype: Datatype) -> Option<u128> {
    let symbol = datatype.symbols().iter().find(|(name, _)| *name == text);
    if let Some((_, number)) = symbol {
        return Some((*number).into());
    }
    if let Some(number) = values::number(text) {
        return Some(number.into());
    }
    match datatype {
        Datatype::Service => service_port(text).map(Into::into),
        Datatype::Protocol => protocol(text).ok().map(Into::into),
        Datatype::Ipv4 | Datatype::Ipv6 => match text.parse().ok()? {
            IpAddr::V4(address) => Some(address.to_bits().into()),
            IpAddr::V6(address) => Some(address.to_bits()),
        },
        _ => None,
    }
}
