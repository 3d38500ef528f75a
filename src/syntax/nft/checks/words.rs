//! Whether a value is one of its type.

use super::{Checker, context::Context, numbers::symbol, types::Kind};
use crate::{
    source::Span,
    syntax::{
        iptables::values as lists,
        nft::{
            datatype::Datatype,
            error::{ErrorKind, Wanted},
            tree::{BinaryOperator, ExprId, ExprKind},
            values,
        },
    },
};

/// How deep values are followed into each other.
const DEEPEST: u32 = 32;

/// The longest name of an interface.
const LONGEST_NAME: usize = 15;

impl<'f> Checker<'f> {
    /// Holds the value, list, set or reference on the right against the types on the left.
    pub(super) fn value(
        &mut self,
        cx: &Context<'f>,
        kinds: &[Option<Kind>],
        id: ExprId,
        depth: u32,
    ) {
        if depth > DEEPEST || self.errors.is_full() {
            return;
        }
        let expr = self.file.expr(id);
        match expr.kind {
            ExprKind::Concat(parts) => {
                let parts = self.file.parts(parts);
                if kinds.len() != parts.len() {
                    if kinds.iter().all(Option::is_some) {
                        let kind =
                            ErrorKind::Unexpected { wanted: Wanted::Value, suggestion: None };
                        self.add(expr.span, kind);
                    }
                    return;
                }
                for (kind, part) in kinds.iter().zip(parts) {
                    self.value(cx, &[*kind], *part, depth + 1);
                }
            }
            ExprKind::Set(elements) => {
                for element in self.file.elements(elements) {
                    self.value(cx, kinds, element.key, depth + 1);
                }
            }
            ExprKind::SetReference(name) => self.same_kinds(cx, kinds, id, name),
            ExprKind::Variable(definition) => {
                let Some(definition) = definition else { return };
                let [Some(kind)] = kinds[..] else { return };
                if self.seen.insert((definition, kind)) {
                    self.value(cx, kinds, self.file.definition(definition).value, depth + 1);
                }
            }
            _ => {
                if let [Some(kind)] = kinds[..] {
                    self.single(cx, kind, id, depth);
                } else if kinds.len() > 1
                    && matches!(
                        expr.kind,
                        ExprKind::Number(_)
                            | ExprKind::Ipv4(_)
                            | ExprKind::Ipv6
                            | ExprKind::Mac
                            | ExprKind::Word
                            | ExprKind::Quoted
                            | ExprKind::Prefix { .. }
                            | ExprKind::Range { .. }
                    )
                {
                    let kind = ErrorKind::Unexpected { wanted: Wanted::Value, suggestion: None };
                    self.add(expr.span, kind);
                }
            }
        }
    }

    fn same_kinds(&mut self, cx: &Context<'f>, kinds: &[Option<Kind>], id: ExprId, name: Span) {
        let (Some(keys), _) = self.map_kinds(cx, id) else { return };
        if keys.len() != kinds.len() {
            return;
        }
        for (expected, found) in kinds.iter().zip(&keys) {
            if let (Some(expected), Some(found)) = (expected, found)
                && !compatible(expected.datatype, found.datatype)
            {
                let (expected, found) = (expected.datatype, found.datatype);
                self.add(name, ErrorKind::TypeMismatch { expected, found });
                return;
            }
        }
    }

    fn single(&mut self, cx: &Context<'f>, kind: Kind, id: ExprId, depth: u32) {
        let expr = self.file.expr(id);
        let one = [Some(kind)];
        match expr.kind {
            ExprKind::List(parts) => {
                if !kind.datatype.is_bitmask() {
                    self.add(expr.span, ErrorKind::NotFlags { datatype: kind.datatype });
                    return;
                }
                for part in self.file.parts(parts) {
                    self.value(cx, &one, *part, depth + 1);
                }
            }
            ExprKind::Range { first, last } => {
                self.value(cx, &one, first, depth + 1);
                self.value(cx, &one, last, depth + 1);
                let ends = self.number_of(kind, first).zip(self.number_of(kind, last));
                let cyclic = matches!(kind.datatype, Datatype::Hour | Datatype::Day);
                if ends.is_some_and(|(first, last)| first > last) && !cyclic {
                    self.add(expr.span, ErrorKind::ReversedRange);
                }
            }
            ExprKind::Prefix { base, length } => {
                self.value(cx, &one, base, depth + 1);
                if kind.bits > 0 && u32::from(length) > kind.bits {
                    self.add(expr.span, ErrorKind::PrefixTooLong { max: kind.bits });
                }
            }
            ExprKind::Binary { operator: BinaryOperator::Masked, .. }
                if !kind.datatype.is_bitmask() && kind.datatype != Datatype::Integer =>
            {
                self.add(expr.span, ErrorKind::NotFlags { datatype: kind.datatype });
            }
            ExprKind::Binary { mut left, right, .. } => {
                self.value(cx, &one, right, depth + 1);
                // Operators lean to the left, hundreds of them.
                while let ExprKind::Binary { left: next, right, .. } = self.file.expr(left).kind {
                    self.value(cx, &one, right, depth + 1);
                    left = next;
                }
                self.value(cx, &one, left, depth + 1);
            }
            _ => {
                if let Some(error) = self.literal(kind, id) {
                    self.add(expr.span, error);
                }
            }
        }
    }

    /// What is wrong with a single word as a value of that type.
    fn literal(&self, kind: Kind, id: ExprId) -> Option<ErrorKind> {
        let expr = self.file.expr(id);
        let datatype = kind.datatype;
        let text = values::unquoted(self.slice(expr.span));
        let bad = Some(ErrorKind::BadValue { datatype });
        let is_text = matches!(
            datatype,
            Datatype::IfName
                | Datatype::IfIndex
                | Datatype::String
                | Datatype::Cgroup
                | Datatype::DevGroup
                | Datatype::Uid
                | Datatype::Gid
        );
        match expr.kind {
            ExprKind::Number(number) => match datatype {
                Datatype::Day if number > 6 => Some(ErrorKind::OutOfRange { max: 6 }),
                Datatype::CtLabel if number > 127 => Some(ErrorKind::OutOfRange { max: 127 }),
                // A number is a text as it is written, and presence is a number to the loader.
                Datatype::IfName | Datatype::String | Datatype::Boolean | Datatype::Verdict => None,
                _ if (1..64).contains(&kind.bits) && number >> kind.bits != 0 => {
                    Some(ErrorKind::OutOfRange { max: (1 << kind.bits) - 1 })
                }
                _ => None,
            },
            ExprKind::Long if kind.bits > 64 || kind.bits == 0 => None,
            ExprKind::Long => Some(ErrorKind::OutOfRange { max: u64::MAX >> (64 - kind.bits) }),
            ExprKind::Ipv4(_) if is_text => None,
            ExprKind::Ipv4(_) if datatype == Datatype::Ipv4 => None,
            ExprKind::Ipv6 if is_text || datatype == Datatype::Ipv6 => None,
            ExprKind::Mac if matches!(datatype, Datatype::Ether | Datatype::LinkLayer) => None,
            ExprKind::Mac if is_text => None,
            ExprKind::Time if matches!(datatype, Datatype::Time | Datatype::Hour) || is_text => {
                None
            }
            ExprKind::ClassId if datatype == Datatype::ClassId || is_text => None,
            // `08:00` is a class to the scanner and a time of day to its type.
            ExprKind::ClassId if datatype == Datatype::Hour && is_hour(text) => None,
            // `::a` is an address to the scanner and a class to its type.
            ExprKind::Ipv6 if datatype == Datatype::ClassId => None,
            ExprKind::Ipv4(_)
            | ExprKind::Ipv6
            | ExprKind::Mac
            | ExprKind::Time
            | ExprKind::ClassId => bad,
            ExprKind::Word | ExprKind::Quoted => self.word(kind, text, &expr.kind),
            _ => None,
        }
    }

    fn word(&self, kind: Kind, text: &str, written: &ExprKind) -> Option<ErrorKind> {
        let datatype = kind.datatype;
        let bad = Some(ErrorKind::BadValue { datatype });
        let quoted = *written == ExprKind::Quoted;
        if !quoted && matches!(text, "exists" | "missing") {
            // To the grammar these are 1 and 0, whatever they are compared with.
            return None;
        }
        match datatype {
            Datatype::IfName | Datatype::IfIndex => {
                let length = text.trim_end_matches('*').replace('\\', "").len();
                let wild = datatype == Datatype::IfName && text == "*";
                (text.is_empty() || length > LONGEST_NAME || wild).then_some(bad).flatten()
            }
            Datatype::String => (text.is_empty() || text.len() > 16).then_some(bad).flatten(),
            // Names that the machine knows: hosts, users, labels, marks, groups.
            Datatype::Ipv4 | Datatype::Ipv6 if !text.is_empty() => None,
            Datatype::Uid
            | Datatype::Gid
            | Datatype::CtLabel
            | Datatype::DevGroup
            | Datatype::Mark
            | Datatype::Realm
            | Datatype::Cgroup
            | Datatype::Bitmask
            | Datatype::ClassId
            | Datatype::Verdict
            | Datatype::LinkLayer => None,
            Datatype::Ether => (!quoted || values::mac(text).is_none()).then_some(bad).flatten(),
            Datatype::Time => (!is_time(text)).then_some(bad).flatten(),
            Datatype::Hour => (!is_hour(text)).then_some(bad).flatten(),
            Datatype::Day => {
                let days = Datatype::Day.symbols();
                let known = days.iter().any(|(name, _)| name.eq_ignore_ascii_case(text));
                let number = values::number(text).is_some_and(|number| number < 7);
                (!known && !number).then(|| ErrorKind::UnknownSymbol {
                    datatype,
                    suggestion: self.nearest(text, days.iter().map(|(name, _)| *name)),
                })
            }
            _ => {
                if let Some(number) = symbol(datatype, text) {
                    let most = 1_u128.checked_shl(kind.bits).map_or(u128::MAX, |it| it - 1);
                    let max = u64::try_from(most).unwrap_or(u64::MAX);
                    let fits = kind.bits == 0 || number <= most;
                    return (!fits).then_some(ErrorKind::OutOfRange { max });
                }
                let suggestion = match datatype {
                    Datatype::Service => {
                        self.nearest(text, lists::SERVICES.iter().map(|(name, _)| *name))
                    }
                    _ => self.nearest(text, datatype.symbols().iter().map(|(name, _)| *name)),
                };
                if datatype.symbols().is_empty() && datatype != Datatype::Service {
                    return bad;
                }
                Some(ErrorKind::UnknownSymbol { datatype, suggestion })
            }
        }
    }
}

/// Whether values of the two types may meet.
pub(super) fn compatible(left: Datatype, right: Datatype) -> bool {
    let loose = |it| {
        matches!(
            it,
            Datatype::Integer
                | Datatype::Bitmask
                | Datatype::String
                | Datatype::LinkLayer
                | Datatype::MptcpSubtype
        )
    };
    let name = |it| matches!(it, Datatype::IfName | Datatype::IfIndex | Datatype::String);
    left == right || loose(left) || loose(right) || (name(left) && name(right))
}

/// `2020-06-06 17:00[:00]`, a length of time, or seconds.
fn is_time(text: &str) -> bool {
    if values::time(text).is_some() || values::number(text).is_some() {
        return true;
    }
    let (date, time) =
        text.split_once([' ', 'T']).map_or((text, None), |(date, time)| (date, Some(time)));
    let numbers: Vec<Option<u32>> = date.split('-').map(|part| part.parse().ok()).collect();
    let [Some(_), Some(month), Some(day)] = numbers[..] else { return false };
    (1..=12).contains(&month) && (1..=31).contains(&day) && time.is_none_or(is_hour)
}

/// `17:00[:00]`, or seconds.
fn is_hour(text: &str) -> bool {
    if values::number(text).is_some_and(|seconds| seconds < 86_400) {
        return true;
    }
    let numbers: Vec<Option<u32>> = text.split(':').map(|part| part.parse().ok()).collect();
    match numbers[..] {
        [Some(hour), Some(minute)] => hour < 24 && minute < 60,
        [Some(hour), Some(minute), Some(second)] => hour < 24 && minute < 60 && second < 60,
        _ => false,
    }
}
