//! Rules, statement by statement.

use super::{
    Checker,
    context::{Context, Known},
};
use crate::{
    source::Span,
    syntax::{
        Limit,
        nft::{
            datatype::Datatype,
            error::{ErrorKind, Wanted},
            tree::{
                ExprId, ExprKind, Family, Hook, Jump, ObjectKind, Operator, Queue, Rule, Statement,
                StatementKind, Target, Verdict,
            },
            values,
        },
    },
};

/// The longest text of a log prefix.
const LONGEST_PREFIX: u32 = 127;

/// The longest name of a chain, set or table.
const LONGEST_NAME: u32 = 255;

const LEVELS: &[&str] =
    &["emerg", "alert", "crit", "err", "warn", "notice", "info", "debug", "audit"];

impl<'f> Checker<'f> {
    pub(super) fn rule(&mut self, cx: &Context<'f>, rule: &Rule) {
        let mut known = Known::default();
        for statement in self.file.statements(rule.statements) {
            if let Some(verdict) = known.verdict {
                self.add(statement.span, ErrorKind::AfterVerdict { verdict });
                return;
            }
            let before = self.errors.len();
            self.statement(cx, &mut known, statement);
            // One error a rule is enough: the rest of it may only follow from that.
            if self.errors.len() > before {
                return;
            }
        }
    }

    fn statement(&mut self, cx: &Context<'f>, known: &mut Known, statement: &Statement) {
        match &statement.kind {
            StatementKind::Match { left, operator, right } => {
                self.matching(cx, known, *left, *operator, *right);
            }
            StatementKind::Verdict(verdict) => {
                self.verdict(cx, *verdict);
                // What follows rules in braces is reached: they may return.
                let returns = matches!(
                    verdict,
                    Verdict::Jump(Jump::Block(_)) | Verdict::Goto(Jump::Block(_))
                );
                if *verdict != Verdict::Continue && !returns {
                    known.verdict = Some(statement.span);
                }
            }
            StatementKind::Vmap { key, map } => {
                let readable = self.left(cx, known, *key);
                if readable {
                    self.lookup(cx, *key, *map, true);
                }
            }
            StatementKind::Object { kind, name } => self.object(cx, known, *kind, *name),
            StatementKind::Log(log) => {
                if let Some(level) = log.level
                    && !LEVELS.contains(&self.slice(level))
                {
                    let word = self.slice(level);
                    let suggestion = self.nearest(word, LEVELS.iter().copied());
                    let wanted = Wanted::OneOf(LEVELS);
                    self.add(level, ErrorKind::Unexpected { wanted, suggestion });
                }
                if let Some(prefix) = log.prefix {
                    let span = self.file.expr(prefix).span;
                    let length = values::unquoted(self.slice(span)).len();
                    self.too_long("log prefix", LONGEST_PREFIX, length, span);
                }
            }
            StatementKind::Reject(reject) => {
                self.reject(cx, known, *reject, statement.span);
                known.verdict = Some(statement.span);
            }
            StatementKind::Nat(nat) => {
                self.nat(cx, known, nat, statement.span);
                known.verdict = Some(statement.span);
            }
            StatementKind::Tproxy(tproxy) => self.tproxy(cx, known, tproxy, statement.span),
            StatementKind::Queue(queue) => {
                self.queue(cx, known, *queue);
                known.verdict = Some(statement.span);
            }
            StatementKind::Dup(dup) => {
                for id in [Some(dup.to), dup.device].into_iter().flatten() {
                    self.no_range(id);
                }
            }
            StatementKind::Fwd(fwd) => {
                if cx.family != Family::Netdev {
                    let families = &[Family::Netdev];
                    self.add(statement.span, ErrorKind::NeedsFamily { families });
                }
                self.no_range(fwd.to);
            }
            StatementKind::Set { target, value } => self.assignment(cx, known, *target, *value),
            StatementKind::Update(update) => {
                self.refer(cx, Target::Set, update.set);
                self.left(cx, known, update.element.key);
                if let Some(data) = update.element.data {
                    self.left(cx, known, data);
                }
            }
            StatementKind::Meter(meter) => {
                self.left(cx, known, meter.element.key);
            }
            StatementKind::Synproxy(_) => {
                self.in_hooks(cx, &[Hook::Input, Hook::Forward], statement.span);
            }
            StatementKind::Flow(name) => self.refer(cx, Target::Flowtable, *name),
            _ => {}
        }
    }

    fn matching(
        &mut self,
        cx: &Context<'f>,
        known: &mut Known,
        left: ExprId,
        operator: Operator,
        right: ExprId,
    ) {
        let expr = self.file.expr(left);
        if matches!(
            expr.kind,
            ExprKind::Number(_)
                | ExprKind::Ipv4(_)
                | ExprKind::Ipv6
                | ExprKind::Mac
                | ExprKind::Time
                | ExprKind::Quoted
                | ExprKind::Word
        ) {
            self.add(expr.span, ErrorKind::ConstantOnTheLeft);
            return;
        }
        if !self.left(cx, known, left) {
            return;
        }
        let right_expr = self.file.expr(right);
        if let ExprKind::SetReference(name) = right_expr.kind {
            self.refer(cx, Target::Set, name);
        }
        let secret = matches!(expr.kind, ExprKind::Meta(key) | ExprKind::Ct { key, .. } if key.name == "secmark");
        if secret && matches!(right_expr.kind, ExprKind::Number(_)) {
            self.add(
                right_expr.span,
                ErrorKind::Unexpected { wanted: Wanted::Name, suggestion: None },
            );
            return;
        }
        let kinds = self.kinds(cx, left);
        // `fib … oif exists`, `exthdr … exists`: presence can be asked of anything that is looked up.
        let presence = matches!(self.slice(right_expr.span), "exists" | "missing");
        if !(presence && matches!(expr.kind, ExprKind::Fib { .. } | ExprKind::Option(_))) {
            self.value(cx, &kinds, right, 0);
        }
        if let ExprKind::Set(elements) = right_expr.kind
            && let Some(element) =
                self.file.elements(elements).iter().find_map(|element| element.data)
        {
            self.add(self.file.expr(element).span, ErrorKind::UnexpectedData);
        }
        if let [Some(kind)] = kinds[..] {
            self.merges(kind, right);
        }
        if matches!(operator, Operator::Implicit | Operator::Equal) {
            self.learn(cx, known, left, right);
        }
    }

    /// Checks the keys of a map against what is looked up, and the map's data.
    pub(super) fn lookup(&mut self, cx: &Context<'f>, key: ExprId, map: ExprId, verdicts: bool) {
        let kinds = self.kinds(cx, key);
        let Some(resolved) = self.file.resolved(map) else { return };
        match self.file.expr(resolved).kind {
            ExprKind::SetReference(name) => {
                self.refer(cx, Target::Map, name);
                let table = self.names.get(cx.family, cx.table);
                let set = table.and_then(|table| table.sets.get(self.slice(name)));
                if set.is_some_and(|set| !set.is_map) {
                    let target = Target::Map;
                    self.add(name, ErrorKind::Undefined { target, suggestion: None });
                }
                self.value(cx, &kinds, resolved, 0);
            }
            ExprKind::Set(elements) => {
                for element in self.file.elements(elements) {
                    self.value(cx, &kinds, element.key, 0);
                    let Some(data) = element.data else {
                        // A variable may hold elements with their data.
                        let key = self.file.expr(element.key);
                        if !matches!(key.kind, ExprKind::Variable(_) | ExprKind::Set(_)) {
                            self.add(key.span, ErrorKind::MissingData);
                        }
                        continue;
                    };
                    let data = self.file.expr(data);
                    match data.kind {
                        ExprKind::Verdict(verdict) => {
                            if !verdicts {
                                self.add(
                                    data.span,
                                    ErrorKind::Unexpected {
                                        wanted: Wanted::Value,
                                        suggestion: None,
                                    },
                                );
                            }
                            self.verdict(cx, verdict);
                        }
                        ExprKind::Variable(_) | ExprKind::Word => {}
                        _ if verdicts => {
                            let datatype = Datatype::Verdict;
                            self.add(data.span, ErrorKind::BadValue { datatype });
                        }
                        _ => {}
                    }
                }
                if let [Some(kind)] = kinds[..] {
                    self.overlaps(kind, elements);
                }
            }
            _ => {}
        }
    }

    pub(super) fn verdict(&mut self, cx: &Context<'f>, verdict: Verdict) {
        let (Verdict::Jump(jump) | Verdict::Goto(jump)) = verdict else { return };
        match jump {
            Jump::Chain(id) => {
                let expr = self.file.expr(id);
                let resolved =
                    self.file.resolved(id).map_or(expr.span, |id| self.file.expr(id).span);
                self.too_long("chain name", LONGEST_NAME, resolved.range().len(), expr.span);
                if expr.kind == ExprKind::Word {
                    self.refer(cx, Target::Chain, expr.span);
                }
            }
            Jump::Block(rules) => {
                for rule in self.file.rules(rules) {
                    self.rule(cx, rule);
                }
            }
        }
    }

    fn object(&mut self, cx: &Context<'f>, known: &mut Known, kind: ObjectKind, name: ExprId) {
        let expr = self.file.expr(name);
        match expr.kind {
            ExprKind::Quoted | ExprKind::Word => {
                let span = expr.span;
                let quotes = u32::from(expr.kind == ExprKind::Quoted);
                let inner = Span::new(span.start + quotes, span.end - quotes);
                self.refer(cx, Target::Object(kind), inner);
            }
            ExprKind::Map { .. } => {
                self.left(cx, known, name);
            }
            ExprKind::Variable(_) => {}
            _ => self
                .add(expr.span, ErrorKind::Unexpected { wanted: Wanted::Name, suggestion: None }),
        }
    }

    fn assignment(&mut self, cx: &Context<'f>, known: &mut Known, target: ExprId, value: ExprId) {
        if !self.left(cx, known, target) || !self.left(cx, known, value) {
            return;
        }
        let kinds = self.kinds(cx, target);
        let expr = self.file.expr(value);
        let bitmask = matches!(kinds[..], [Some(kind)] if kind.datatype.is_bitmask());
        if matches!(expr.kind, ExprKind::Set(_) | ExprKind::SetReference(_))
            || (!bitmask && matches!(expr.kind, ExprKind::Range { .. }))
        {
            self.add(expr.span, ErrorKind::Unexpected { wanted: Wanted::Value, suggestion: None });
            return;
        }
        let target = self.file.expr(target);
        let writable = match &target.kind {
            ExprKind::Meta(key) | ExprKind::Ct { key, .. } => key.writable,
            ExprKind::Payload(_) | ExprKind::Raw { .. } | ExprKind::Option(_) => true,
            _ => false,
        };
        if matches!(&target.kind, ExprKind::Meta(key) if key.name == "pkttype") {
            self.in_hooks(cx, &[Hook::Ingress, Hook::Egress, Hook::Prerouting], target.span);
        }
        if !writable {
            let span = target.span;
            self.add(span, ErrorKind::Unexpected { wanted: Wanted::Statement, suggestion: None });
            return;
        }
        if !matches!(expr.kind, ExprKind::Map { .. }) {
            self.value(cx, &kinds, value, 0);
        }
    }

    fn queue(&mut self, cx: &Context<'f>, known: &mut Known, queue: Queue) {
        let Some(id) = queue.number else { return };
        if !self.left(cx, known, id) {
            return;
        }
        let kind = super::types::Kind { datatype: Datatype::Integer, bits: 16 };
        let expr = self.file.expr(id);
        match &expr.kind {
            ExprKind::Number(_) | ExprKind::Range { .. } => {
                self.value(cx, &[Some(kind)], id, 0);
            }
            ExprKind::Hash(hash) => {
                use crate::syntax::nft::tree::Hash;
                let (Hash::Numgen { modulus, offset, .. }
                | Hash::Jhash { modulus, offset, .. }
                | Hash::Symhash { modulus, offset }) = **hash;
                if queue.fanout || modulus.saturating_add(offset) > 65_536 {
                    self.add(expr.span, ErrorKind::OutOfRange { max: 65_535 });
                }
            }
            ExprKind::Meta(key)
                if key.datatype != Datatype::Integer && key.datatype != Datatype::Mark =>
            {
                let (expected, found) = (Datatype::Integer, key.datatype);
                self.add(expr.span, ErrorKind::TypeMismatch { expected, found });
            }
            _ => {}
        }
    }

    pub(super) fn no_range(&mut self, id: ExprId) {
        let Some(resolved) = self.file.resolved(id) else { return };
        if matches!(self.file.expr(resolved).kind, ExprKind::Range { .. } | ExprKind::Prefix { .. })
        {
            let span = self.file.expr(id).span;
            self.add(span, ErrorKind::Unexpected { wanted: Wanted::Value, suggestion: None });
        }
    }

    fn too_long(&mut self, what: &'static str, limit: u32, length: usize, span: Span) {
        let written = u32::try_from(length).unwrap_or(u32::MAX);
        if written > limit {
            let limit = Limit { what, limit, written, truncated: false };
            let kind = crate::syntax::ErrorKind::LimitExceeded(limit);
            self.errors.add(crate::syntax::Error { span, kind });
        }
    }
}
