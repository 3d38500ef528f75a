//! The types of expressions.

use super::{Checker, context::Context};
use crate::syntax::nft::{
    datatype::Datatype,
    tree::{Data, ExprId, ExprKind, Family, FibResult, Hash, KeyType, Selector},
};

/// A type and its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Kind {
    pub(super) datatype: Datatype,
    /// 0 where unknown.
    pub(super) bits: u32,
}

/// The types of a concatenation's parts; `None` where one is not known from the text.
pub(super) type Kinds = Vec<Option<Kind>>;

const fn kind(datatype: Datatype, bits: u32) -> Kind {
    Kind { datatype, bits }
}

impl<'f> Checker<'f> {
    /// The types of the parts of an expression about the packet.
    pub(super) fn kinds(&self, cx: &Context<'f>, id: ExprId) -> Kinds {
        match &self.file.expr(id).kind {
            ExprKind::Concat(parts) => {
                self.file.parts(*parts).iter().map(|part| self.kind(cx, *part)).collect()
            }
            ExprKind::Map { map, .. } => self.map_kinds(cx, *map).1.unwrap_or_else(|| vec![None]),
            _ => vec![self.kind(cx, id)],
        }
    }

    /// The type of an expression about the packet.
    pub(super) fn kind(&self, cx: &Context<'f>, id: ExprId) -> Option<Kind> {
        let mut id = id;
        for _ in 0..64 {
            match &self.file.expr(id).kind {
                ExprKind::Inner { field, .. } => id = *field,
                ExprKind::Binary { left, .. } => id = *left,
                kind => return simple(cx, kind),
            }
        }
        None
    }

    /// The types of a declaration.
    pub(super) fn declared(&self, cx: &Context<'f>, key: &KeyType) -> Kinds {
        match key {
            KeyType::Types(parts) => {
                parts.iter().map(|part| Some(kind(part.datatype, part.datatype.bits()))).collect()
            }
            KeyType::Typeof(id) => self.kinds(cx, *id),
        }
    }

    /// The types of the keys and of the data of a map, where it is a named one of this file.
    pub(super) fn map_kinds(
        &self,
        cx: &Context<'f>,
        map: ExprId,
    ) -> (Option<Kinds>, Option<Kinds>) {
        let ExprKind::SetReference(name) = self.file.expr(map).kind else { return (None, None) };
        let Some(table) = self.names.get(cx.family, cx.table) else { return (None, None) };
        let Some(set) = table.sets.get(self.slice(name)) else { return (None, None) };
        let key = set.key.as_ref().map(|key| self.declared(cx, key));
        let data = match &set.data {
            Some(Data::Value { of, .. }) => Some(self.declared(cx, of)),
            _ => None,
        };
        (key, data)
    }
}

/// The type of an expression that is no operation on others.
fn simple(cx: &Context<'_>, it: &ExprKind) -> Option<Kind> {
    let address = |family: Option<Family>| match family.unwrap_or(cx.family) {
        Family::Ip => Some(kind(Datatype::Ipv4, 32)),
        Family::Ip6 => Some(kind(Datatype::Ipv6, 128)),
        _ => None,
    };
    let of_key = |key: &crate::syntax::nft::fields::Key, family| {
        if key.bits == 0 {
            return address(family);
        }
        Some(kind(key.datatype, u32::from(key.bits)))
    };
    Some(match it {
        ExprKind::Payload(field) => kind(field.datatype, u32::from(field.bits)),
        ExprKind::Whole(_) => kind(Datatype::Boolean, 1),
        ExprKind::Raw { length, .. } => kind(Datatype::Integer, *length),
        ExprKind::Option(option) => match option.selector {
            Selector::Presence => kind(Datatype::Boolean, 1),
            Selector::Integer(4) => kind(Datatype::MptcpSubtype, 4),
            Selector::Integer(bits) => kind(Datatype::Integer, u32::from(bits)),
            Selector::Address => kind(Datatype::Ipv4, 32),
        },
        ExprKind::Meta(key) | ExprKind::Tunnel(key) | ExprKind::Socket { key, .. } => {
            kind(key.datatype, u32::from(key.bits))
        }
        ExprKind::Ct { key, family, .. } => return of_key(key, *family),
        ExprKind::Rt { key, family } | ExprKind::Ipsec { key, family, .. } => {
            return of_key(key, *family);
        }
        ExprKind::Fib { result, .. } => match result {
            FibResult::Oif => kind(Datatype::IfIndex, 32),
            FibResult::OifName => kind(Datatype::IfName, 128),
            FibResult::Type => kind(Datatype::FibType, 32),
            FibResult::Check => kind(Datatype::Boolean, 1),
        },
        ExprKind::Osf { .. } => kind(Datatype::String, 128),
        ExprKind::Hash(hash) => match **hash {
            Hash::Numgen { .. } | Hash::Jhash { .. } | Hash::Symhash { .. } => {
                kind(Datatype::Integer, 32)
            }
        },
        _ => return None,
    })
}
