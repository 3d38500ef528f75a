//! A match as a condition: what is looked at, compared with values, sets and names.

use super::{Reader, selector::Selector, set::Contents, value::Ranged};
use crate::{
    model::{Condition, Family, Field, OpaqueKind, Sort, Subject, Undefined, Values},
    source::Span,
    syntax::nft::{Element, ExprId, ExprKind, Operator, datatype::Datatype},
};
use rustc_hash::FxHashSet;

/// Named sets within named sets deeper than this are not followed; the grammar hardly allows two.
const DEEPEST: u8 = 8;
/// The places of elements are kept in sets up to this size.
const PLACED: usize = 4096;

impl Reader<'_, '_> {
    /// Whether the packet compares as `operator` says.
    pub(super) fn compare(
        &mut self,
        selector: &Selector,
        operator: Operator,
        right: ExprId,
        span: Span,
    ) -> Condition {
        let negated = matches!(operator, Operator::NotEqual | Operator::Not);
        if let Selector::Opaque(kind) = selector {
            return self.opaque(*kind, span);
        }
        if *selector == Selector::ReversePath {
            return self.reverse_path(negated, right, span);
        }
        if let Selector::Fragment { later, is_boolean } = selector {
            let first = if *later { 2 } else { 1 };
            let number = self.number(right, Some(Datatype::Boolean));
            return match number {
                Some(it) if it == 0 || (*is_boolean && it == 1) => {
                    self.builder.within(Field::Fragment, first, 2, (it == 0) != negated)
                }
                _ => self.opaque(OpaqueKind::Header, span),
            };
        }
        if let Selector::Field { field: Field::TcpFlags, mask, .. } = selector {
            return self.flags(*mask, operator, right, span);
        }
        if let Selector::Field { field, mask: None, datatype } = selector
            && matches!(field, Field::State | Field::Translated)
            && let Some(condition) = self.whole_bits(*field, *datatype, operator, right, span)
        {
            return condition;
        }
        let order = matches!(
            operator,
            Operator::Less | Operator::LessEqual | Operator::Greater | Operator::GreaterEqual
        );
        if order {
            return self.ordered(selector, operator, right, span);
        }
        // A variable that stands for nothing here may stand for anything.
        let Some(right) = self.replay.file.resolved(right) else {
            return self.opaque(OpaqueKind::Fixed, span);
        };
        let condition = match self.replay.file.expr(right).kind {
            ExprKind::SetReference(name) => self.named_set(selector, name, span),
            ExprKind::Set(_) | ExprKind::List(_) => self.one_of_elements(selector, right, span),
            _ => {
                let conditions = self.key(selector, right, span);
                match conditions[..] {
                    [condition] => condition,
                    _ => self.builder.one_of(vec![conditions], false),
                }
            }
        };
        if negated { self.not(condition) } else { condition }
    }

    /// Whether there is a route back by the way a packet came.
    fn reverse_path(&mut self, negated: bool, right: ExprId, span: Span) -> Condition {
        let missing = match (self.replay.word(right), self.number(right, Some(Datatype::Boolean))) {
            (Some("missing"), _) | (_, Some(0)) => true,
            (Some("exists"), _) | (_, Some(1)) => false,
            _ => return self.opaque(OpaqueKind::Fixed, span),
        };
        let (text, subject) = ("fib saddr", Subject::Match("fib saddr".to_owned()));
        let place = self.replay.place(span);
        let opaque = self.builder.opaque(text.to_owned(), subject, OpaqueKind::Assumed, place);
        Condition::Opaque { opaque, negated: missing != negated }
    }

    fn not(&mut self, condition: Condition) -> Condition {
        match condition {
            Condition::In { field, values, negated } => {
                Condition::In { field, values, negated: !negated }
            }
            Condition::Masked { field, values, negated } => {
                Condition::Masked { field, values, negated: !negated }
            }
            Condition::Interface { field, name, negated } => {
                Condition::Interface { field, name, negated: !negated }
            }
            Condition::Family { family, negated } => {
                Condition::Family { family, negated: !negated }
            }
            Condition::OneOf { alternatives, negated } => {
                Condition::OneOf { alternatives, negated: !negated }
            }
            Condition::Opaque { opaque, negated } => {
                Condition::Opaque { opaque, negated: !negated }
            }
            Condition::Never => self.builder.one_of(vec![vec![]], false),
        }
    }

    /// Bits that are compared as one number, where that is more than asking for any of them: `== a,b` wants both and
    /// nothing else, and `!= a,b` holds for all that has only one of them.
    fn whole_bits(
        &mut self,
        field: Field,
        datatype: Datatype,
        operator: Operator,
        right: ExprId,
        span: Span,
    ) -> Option<Condition> {
        let is_set = |kind: &ExprKind| matches!(kind, ExprKind::Set(_) | ExprKind::SetReference(_));
        let file = self.replay.file;
        let exact = matches!(operator, Operator::Equal | Operator::NotEqual)
            || file.resolved(right).is_some_and(|it| is_set(&file.expr(it).kind));
        if !exact {
            return None;
        }
        if field == Field::Translated {
            // Beside those of translation there are bits that the text does not tell.
            return Some(self.opaque(OpaqueKind::Fixed, span));
        }
        // A packet has one state.
        let bits = self.number(right, Some(datatype))?;
        (bits.count_ones() != 1).then(|| match operator {
            Operator::NotEqual => self.not(Condition::Never),
            _ => Condition::Never,
        })
    }

    /// `<`, `<=`, `>`, `>=`.
    fn ordered(
        &mut self,
        selector: &Selector,
        operator: Operator,
        right: ExprId,
        span: Span,
    ) -> Condition {
        let Selector::Field { field, datatype, mask: None } = selector else {
            return self.opaque(OpaqueKind::Header, span);
        };
        let is_mark = matches!(field, Field::Mark | Field::ConnectionMark);
        let Some(number) = self.number(right, Some(*datatype)).filter(|_| !is_mark) else {
            return self.opaque(OpaqueKind::Header, span);
        };
        let last = field.last();
        let range = match operator {
            Operator::Less => number.checked_sub(1).map(|high| (0, high)),
            Operator::LessEqual => Some((0, number)),
            Operator::Greater => number.checked_add(1).map(|low| (low, last)),
            _ => Some((number, last)),
        };
        match range {
            Some((low, high)) if low <= high => self.builder.within(*field, low, high, false),
            _ => Condition::Never,
        }
    }

    /// TCP flags: a bare value is "any of these", a comparison is exact.
    fn flags(
        &mut self,
        mask: Option<u128>,
        operator: Operator,
        right: ExprId,
        span: Span,
    ) -> Condition {
        let negated = matches!(operator, Operator::NotEqual);
        let file = self.replay.file;
        let Some(right) = file.resolved(right) else {
            return self.opaque(OpaqueKind::Header, span);
        };
        let masked = |reader: &mut Self, mask: u128, value: u128, negated: bool| {
            let values = reader.builder.several([(mask, value)]);
            Condition::Masked { field: Field::TcpFlags, values, negated }
        };
        if let ExprKind::Binary {
            operator: crate::syntax::nft::BinaryOperator::Masked,
            left,
            right,
        } = file.expr(right).kind
        {
            let flags = Some(Datatype::TcpFlag);
            if let (Some(value), Some(mask)) = (self.number(left, flags), self.number(right, flags))
            {
                return masked(self, mask, value, negated);
            }
        }
        if let ExprKind::Set(_) = file.expr(right).kind {
            let Some(elements) = self.elements(right) else {
                return self.opaque(OpaqueKind::Header, span);
            };
            let flags =
                elements.iter().filter_map(|it| self.number(it.key, Some(Datatype::TcpFlag)));
            let flags: Vec<(u128, u128)> = flags.map(|flags| (flags, flags)).collect();
            let values = self.builder.several(flags);
            return Condition::In { field: Field::TcpFlags, values, negated };
        }
        let Some(value) = self.number(right, Some(Datatype::TcpFlag)) else {
            return self.opaque(OpaqueKind::Header, span);
        };
        match (operator, mask) {
            (Operator::Implicit, None) => masked(self, value, 0, true),
            (Operator::Not, None) => masked(self, value, 0, false),
            (_, mask) => masked(self, mask.unwrap_or(0xff), value, negated),
        }
    }

    /// Being in a set that is written there, or behind a variable.
    fn one_of_elements(&mut self, selector: &Selector, set: ExprId, span: Span) -> Condition {
        match self.elements(set) {
            Some(elements) => self.any(selector, &elements, span),
            None => self.opaque(OpaqueKind::Fixed, span),
        }
    }

    /// Being one of these elements.
    fn any(&mut self, selector: &Selector, elements: &[Element], span: Span) -> Condition {
        if let Selector::Field { field, datatype, mask: None } = selector
            && !matches!(field, Field::Mark | Field::ConnectionMark)
        {
            let all = elements
                .iter()
                .any(|it| matches!(self.replay.file.expr(it.key).kind, ExprKind::CatchAll));
            if all {
                return self.builder.one_of(vec![vec![]], false);
            }
            let ranges: Option<Vec<Ranged>> =
                elements.iter().map(|it| self.range(it.key, *datatype)).collect();
            if let Some(ranges) = ranges {
                let ranges = ranges.into_iter().flat_map(|range| Self::as_field(*field, range));
                let values = self.placed(*field, ranges.collect());
                return Condition::In { field: *field, values, negated: false };
            }
        }
        let keys = elements.iter().map(|it| self.key(selector, it.key, span)).collect();
        self.builder.one_of(keys, false)
    }

    /// Values whose words a finding may point at.
    fn placed(&mut self, field: Field, ranges: Vec<Ranged>) -> Values {
        let keep = field == Field::DestinationPort && ranges.len() <= PLACED;
        let places: Vec<Span> = ranges.iter().map(|range| range.2).collect();
        let values = self.builder.several(ranges.into_iter().map(|(low, high, _)| (low, high)));
        if keep {
            for (index, span) in (values.start..values.end).zip(places) {
                self.builder.ruleset.elements.insert(index, self.replay.place(span));
            }
        }
        values
    }

    /// Being this key of a map, which a finding may point at.
    pub(super) fn map_key(
        &mut self,
        selector: &Selector,
        key: ExprId,
        span: Span,
    ) -> Vec<Condition> {
        let conditions = self.key(selector, key, span);
        let place = self.replay.place(self.replay.file.expr(key).span);
        for condition in &conditions {
            if let Condition::In { field: Field::DestinationPort, values, .. } = condition {
                for index in values.start..values.end {
                    self.builder.ruleset.elements.entry(index).or_insert(place);
                }
            }
        }
        conditions
    }

    /// Being this one key: all of the conditions.
    pub(super) fn key(&mut self, selector: &Selector, key: ExprId, span: Span) -> Vec<Condition> {
        let file = self.replay.file;
        let Some(key) = file.resolved(key) else {
            return vec![self.opaque(OpaqueKind::Fixed, span)];
        };
        match selector {
            Selector::Several(parts) => {
                let ExprKind::Concat(keys) = file.expr(key).kind else {
                    return vec![self.opaque(OpaqueKind::Fixed, span)];
                };
                let keys = file.parts(keys);
                parts.iter().zip(keys).flat_map(|(part, key)| self.key(part, *key, span)).collect()
            }
            Selector::Interface(field) => {
                let name = self.replay.word(key).unwrap_or_default();
                let (name, prefix) = match name.strip_suffix("\\*") {
                    Some(name) => (format!("{name}*"), false),
                    None => match name.strip_suffix('*') {
                        Some(name) => (name.to_owned(), true),
                        None => (name.to_owned(), false),
                    },
                };
                let name = self.builder.interface(&name, prefix);
                vec![Condition::Interface { field: *field, name, negated: false }]
            }
            Selector::Family => match self.replay.word(key) {
                Some("ipv4" | "ip" | "0x0800" | "2") => {
                    vec![Condition::Family { family: Family::Ipv4, negated: false }]
                }
                Some("ipv6" | "ip6" | "0x86dd" | "10") => {
                    vec![Condition::Family { family: Family::Ipv6, negated: false }]
                }
                _ => vec![Condition::Never],
            },
            Selector::Field { field, datatype, mask } => {
                if let ExprKind::Set(_) | ExprKind::List(_) = file.expr(key).kind
                    && *field != Field::State
                {
                    return vec![self.one_of_elements(selector, key, span)];
                }
                vec![self.value(*field, *datatype, *mask, key, span)]
            }
            Selector::Fragment { .. } | Selector::ReversePath | Selector::Opaque(_) => {
                vec![self.opaque(OpaqueKind::Fixed, span)]
            }
        }
    }

    fn value(
        &mut self,
        field: Field,
        datatype: Datatype,
        mask: Option<u128>,
        key: ExprId,
        span: Span,
    ) -> Condition {
        let is_mark = matches!(field, Field::Mark | Field::ConnectionMark);
        if is_mark || mask.is_some() {
            let mask = mask.unwrap_or(u32::MAX.into());
            return match self.number(key, Some(datatype)) {
                Some(value) => {
                    let values = self.builder.several([(mask, value)]);
                    Condition::Masked { field, values, negated: false }
                }
                // A mark is none of the sender's.
                None if is_mark => self.opaque(OpaqueKind::Fixed, span),
                None => self.opaque(OpaqueKind::Header, span),
            };
        }
        let Some(range) = self.range(key, datatype) else {
            let name = self.replay.word(key).unwrap_or_default();
            if matches!(field, Field::Source | Field::Destination) {
                return self.host_name(name, span);
            }
            return self.opaque(OpaqueKind::Fixed, span);
        };
        let ranges = Self::as_field(field, range);
        if ranges.is_empty() {
            return self.opaque(OpaqueKind::Fixed, span);
        }
        let values = self.builder.several(ranges.into_iter().map(|(low, high, _)| (low, high)));
        Condition::In { field, values, negated: false }
    }

    fn host_name(&mut self, name: &str, span: Span) -> Condition {
        let (text, subject) = (format!("host {name}"), Subject::HostName(name.to_owned()));
        let place = self.replay.place(span);
        self.builder.unknown(place, subject.clone());
        let opaque = self.builder.opaque(text, subject, OpaqueKind::Fixed, place);
        Condition::Opaque { opaque, negated: false }
    }

    /// Being in a named set: the same condition for every rule that asks the same of it.
    fn named_set(&mut self, selector: &Selector, name: Span, span: Span) -> Condition {
        let place = self.replay.place(span);
        self.builder.ruleset.named_sets.push(place);
        let text = self.replay.text(name);
        let asked = self.asked.get(text).into_iter().flatten();
        if let Some((_, known)) = asked.into_iter().find(|(it, _)| it == selector) {
            return *known;
        }
        let condition = self.being_in(selector, text, span);
        self.asked.entry(text).or_default().push((selector.clone(), condition));
        condition
    }

    fn being_in(&mut self, selector: &Selector, text: &str, span: Span) -> Condition {
        let place = self.replay.place(span);
        let Some(set) = self.standing.sets.get(text) else {
            let (sort, name, table) = (Sort::Set, text.to_owned(), self.table);
            self.builder.undefined(Undefined { sort, name, place, table, later: false });
            return self.changing(text, span);
        };
        let Contents { elements, may_change } = self.contents(set, DEEPEST);
        if !may_change {
            return self.any(selector, &elements, span);
        }
        if elements.is_empty() {
            return self.changing(text, span);
        }
        // What is in it now counts for what it opens; that it stays is no promise, so it never closes anything.
        let now = self.any(selector, &elements, span);
        let text_now = format!("set {text} keeps its elements");
        let subject = Subject::Set(text.to_owned());
        let opaque = self.builder.opaque(text_now, subject, OpaqueKind::Header, place);
        let stays = Condition::Opaque { opaque, negated: false };
        let later = self.changing(text, span);
        self.builder.one_of(vec![vec![now, stays], vec![later]], false)
    }

    /// Being in a set whose elements may be any.
    fn changing(&mut self, name: &str, span: Span) -> Condition {
        let place = self.replay.place(span);
        let subject = Subject::Set(name.to_owned());
        self.builder.unknown(place, subject.clone());
        let opaque = self.builder.opaque(format!("set {name}"), subject, OpaqueKind::Fixed, place);
        Condition::Opaque { opaque, negated: false }
    }

    /// The elements of a set, a list or a variable that stands for one; `None` for a set that is not here.
    pub(super) fn elements(&self, id: ExprId) -> Option<Vec<Element>> {
        let mut elements = Vec::new();
        self.gather(id, DEEPEST, &mut elements).then_some(elements)
    }

    /// Adds the elements to `into`, those of sets within sets once however often they are named.
    pub(super) fn gather(&self, id: ExprId, depth: u8, into: &mut Vec<Element>) -> bool {
        let file = self.replay.file;
        let mut open = vec![Element { key: id, data: None, extra: None }];
        let (first, mut seen) = (file.resolved(id), FxHashSet::default());
        while let Some(element) = open.pop() {
            let Some(id) = file.resolved(element.key) else { return false };
            match file.expr(id).kind {
                ExprKind::Set(_) if !seen.insert(id) => {}
                ExprKind::Set(ids) => open.extend(file.elements(ids).iter().rev()),
                // Within a set, a list is one value of several flags.
                ExprKind::List(ids) if first == Some(id) => {
                    let flag = |part: &ExprId| Element { key: *part, data: None, extra: None };
                    open.extend(file.parts(ids).iter().rev().map(flag));
                }
                ExprKind::SetReference(name) => {
                    let set = self.standing.sets.get(self.replay.text(name));
                    let Some(set) = set.filter(|_| depth > 0) else { return false };
                    let contents = self.contents(set, depth - 1);
                    if contents.may_change {
                        return false;
                    }
                    into.extend(contents.elements);
                }
                _ => into.push(element),
            }
        }
        true
    }

    /// The values of an address or port.
    pub(super) fn values(&mut self, id: ExprId, field: Field) -> Option<Values> {
        let datatype =
            if field == Field::DestinationPort { Datatype::Service } else { Datatype::Ipv4 };
        let (low, high, _) = self.range(id, datatype)?;
        Some(self.builder.one(low, high))
    }
}
