//! The numbers that constants stand for, where the text alone says so.

use super::{Checker, types::Kind};
use crate::syntax::{
    iptables::values as words,
    nft::{
        datatype::Datatype,
        tree::{ExprId, ExprKind},
        values,
    },
};

impl Checker<'_> {
    /// The number of a single constant.
    pub(super) fn number_of(&self, kind: Kind, id: ExprId) -> Option<u128> {
        let id = self.file.resolved(id)?;
        let expr = self.file.expr(id);
        let text = self.slice(expr.span);
        match expr.kind {
            ExprKind::Number(number) => Some(u128::from(number)),
            ExprKind::Ipv4(address) => Some(u128::from(u32::from(address))),
            ExprKind::Ipv6 => values::ipv6(text).map(u128::from),
            ExprKind::Mac => values::mac(text)
                .map(|mac| mac.iter().fold(0, |number, byte| (number << 8) | u128::from(*byte))),
            ExprKind::Time => values::time(text).map(u128::from),
            ExprKind::Word | ExprKind::Quoted => symbol(kind.datatype, values::unquoted(text)),
            _ => None,
        }
    }

    /// The first and the last number of a constant, range or prefix.
    pub(super) fn interval_of(&self, kind: Kind, id: ExprId) -> Option<(u128, u128)> {
        let id = self.file.resolved(id)?;
        match self.file.expr(id).kind {
            ExprKind::Range { first, last } => {
                Some((self.number_of(kind, first)?, self.number_of(kind, last)?))
            }
            ExprKind::Prefix { base, length } => {
                let number = self.number_of(kind, base)?;
                let host = kind.bits.checked_sub(u32::from(length))?;
                let mask = if host >= 128 { u128::MAX } else { (1 << host) - 1 };
                Some((number & !mask, number | mask))
            }
            _ => self.number_of(kind, id).map(|number| (number, number)),
        }
    }
}

/// The number that `word` stands for.
pub(super) fn symbol(datatype: Datatype, word: &str) -> Option<u128> {
    if let Some((_, number)) = datatype.symbols().iter().find(|(name, _)| *name == word) {
        return Some(u128::from(*number));
    }
    let number = match datatype {
        Datatype::Service => words::service_port(word).map(u128::from),
        Datatype::Protocol => words::protocol(word).ok().map(u128::from),
        _ => None,
    };
    number.or_else(|| values::number(word).map(u128::from))
}
