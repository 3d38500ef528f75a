//! The statements of a rule as steps.

use super::{Reader, selector::Selector};

use crate::{
    lower::script,
    model::{
        Action, Assignment, Branch, ChainId, Condition, Family, Field, Log, OpaqueKind, Rule, Sort,
        Subject, Translation, Undefined, Unserved, Values, Verdict,
    },
    source::Span,
    syntax::nft::{
        self, ExprId, ExprKind, Jump, Nat, NatKind, ObjectKind, RejectKind, Statement,
        StatementKind,
    },
};

impl<'f> Reader<'_, 'f> {
    /// Adds a rule to a chain. One that the loader refuses is not there.
    pub(super) fn rule(&mut self, chain: ChainId, rule: &'f nft::Rule) {
        let file = self.replay.file;
        let statements = file.statements(rule.statements);
        if statements.iter().any(|it| matches!(it.kind, StatementKind::Wrong)) {
            return;
        }
        let answers = script::answers(self.replay.input, rule.span, self.builder);
        let start = self.builder.mark();
        for answer in answers {
            self.builder.condition(rule.span, answer);
        }
        for statement in statements {
            self.statement(statement);
        }
        let steps = start..self.builder.mark();
        let place = self.replay.place(rule.span);
        self.builder.rules(chain).push(Rule { chain, place, steps, packets: None });
        while let Some((chain, rules)) = self.blocks.pop() {
            for rule in self.replay.file.rules(rules) {
                self.rule(chain, rule);
            }
        }
    }

    fn statement(&mut self, statement: &'f Statement) {
        let span = statement.span;
        let unresolved = script::unresolved(self.replay.input, ("", span), self.builder);
        match &statement.kind {
            StatementKind::Match { left, operator, right } => {
                let mut given = Vec::new();
                let selector = self.selector(*left, &mut given);
                let condition =
                    unresolved.unwrap_or_else(|| self.compare(&selector, *operator, *right, span));
                for condition in given.into_iter().chain([condition]) {
                    self.builder.condition(span, condition);
                }
            }
            StatementKind::Nat(_) if unresolved.is_some() => {
                self.builder.verdict(span, Verdict::Unknown);
            }
            StatementKind::Verdict(verdict) => {
                if let Some(verdict) = self.verdict(*verdict, span) {
                    self.builder.verdict(span, verdict);
                }
            }
            StatementKind::Vmap { key, map } => self.verdict_map(*key, *map, span),
            StatementKind::Limit(_)
            | StatementKind::Quota(_)
            | StatementKind::Connections { .. }
            | StatementKind::Meter { .. }
            | StatementKind::Object { kind: ObjectKind::Quota | ObjectKind::Limit, .. } => {
                let condition = self.opaque(OpaqueKind::Timing, span);
                self.builder.condition(span, condition);
            }
            StatementKind::Update(update) => {
                let limited = self.replay.file.extra(&update.element).is_some_and(|extra| {
                    let statements = self.replay.file.statements(extra.statements);
                    statements.iter().any(|it| matches!(it.kind, StatementKind::Limit(_)))
                });
                if limited {
                    let condition = self.opaque(OpaqueKind::Timing, span);
                    self.builder.condition(span, condition);
                } else {
                    self.builder.assign(span, Assignment::Other);
                }
            }
            StatementKind::Reject(reject) => {
                if reject.kind == RejectKind::TcpReset {
                    let tcp = self.builder.within(Field::Protocol, 6, 6, false);
                    self.builder.condition(span, tcp);
                }
                self.builder.verdict(span, Verdict::Reject);
            }
            StatementKind::Nat(nat) => self.nat(nat, span),
            StatementKind::Tproxy(tproxy) => {
                let ports = tproxy.port.and_then(|port| self.values(port, Field::DestinationPort));
                let proxy = Some(Unserved::GoesOn);
                let translation =
                    Translation { ports, local: true, proxy, ..Translation::default() };
                let verdict = self.builder.translation(translation);
                self.builder.verdict(span, verdict);
            }
            StatementKind::Notrack => self.builder.assign(span, Assignment::Untracked),
            StatementKind::Queue(queue) => {
                self.builder.verdict(span, Verdict::Queue { bypass: queue.bypass });
            }
            StatementKind::Synproxy(_) => self.builder.verdict(span, Verdict::Synproxy),
            StatementKind::Fwd(_) => self.builder.verdict(span, Verdict::Drop),
            StatementKind::Set { target, value } => self.assign(*target, *value, span),
            // With a group, or as an audit record, it is not the kernel that writes it down.
            StatementKind::Log(log) => {
                let level = log.level.map(|it| self.replay.input.source.slice(it));
                let to_program = log.group.is_some() || level == Some("audit");
                let to = if to_program { Log::Program } else { Log::Kernel };
                self.builder.step(span, Action::Log(to));
            }
            StatementKind::Xt => self.foreign(span),
            StatementKind::Counter { .. }
            | StatementKind::Object { .. }
            | StatementKind::Last { .. }
            | StatementKind::Dup(_)
            | StatementKind::ResetOption(_)
            | StatementKind::Flow(_)
            | StatementKind::Wrong => self.builder.step(span, Action::Note),
        }
    }

    /// A match or target of iptables that nft can only print.
    fn foreign(&mut self, span: Span) {
        let text = self.replay.input.source.slice(span);
        if text.starts_with("xt target") {
            self.builder.verdict(span, Verdict::Unknown);
        } else {
            let condition = self.opaque(OpaqueKind::Foreign, span);
            self.builder.condition(span, condition);
        }
    }

    /// A condition that nobody can compute, named after the first words that say it.
    pub(super) fn opaque(&mut self, kind: OpaqueKind, span: Span) -> Condition {
        let text = self.replay.input.source.slice(span);
        let words: Vec<&str> = text.split_whitespace().take(2).collect();
        let place = self.replay.place(span);
        let subject = Subject::Match(words.join(" "));
        if kind == OpaqueKind::Foreign {
            self.builder.unknown(place, subject.clone());
        }
        let opaque = self.builder.opaque(text.to_owned(), subject, kind, place);
        Condition::Opaque { opaque, negated: false }
    }

    fn verdict(&mut self, verdict: nft::Verdict, span: Span) -> Option<Verdict> {
        match verdict {
            nft::Verdict::Accept => Some(Verdict::Accept),
            nft::Verdict::Drop => Some(Verdict::Drop),
            nft::Verdict::Return => Some(Verdict::Return),
            nft::Verdict::Continue => None,
            nft::Verdict::Jump(jump) => Some(self.jump(jump, span, Verdict::Jump)),
            nft::Verdict::Goto(jump) => Some(self.jump(jump, span, Verdict::Goto)),
        }
    }

    fn jump(&mut self, jump: Jump, span: Span, verdict: fn(ChainId) -> Verdict) -> Verdict {
        match jump {
            Jump::Chain(name) => {
                let at = self.replay.file.expr(name).span.start;
                let name = self.replay.word(name).unwrap_or_default();
                let name = self.standing.current_name(name, at);
                if let Some(chain) = self.chains.get(name) {
                    return verdict(*chain);
                }
                let (place, table) = (self.replay.place(span), self.table);
                let (sort, name, later) = (Sort::Chain, name.to_owned(), false);
                self.builder.undefined(Undefined { sort, name, place, table, later });
                Verdict::Unknown
            }
            Jump::Block(rules) => {
                let place = self.replay.place(span);
                let chain = self.builder.chain(self.table, "{}", place, None);
                self.builder.ruleset.chains[chain.0 as usize].declared = true;
                self.blocks.push((chain, rules));
                verdict(chain)
            }
        }
    }

    fn verdict_map(&mut self, key: ExprId, map: ExprId, span: Span) {
        let mut given = Vec::new();
        let selector = self.selector(key, &mut given);
        for condition in given {
            self.builder.condition(span, condition);
        }
        let Some(elements) =
            self.elements(map).filter(|_| !matches!(selector, Selector::Opaque(_)))
        else {
            self.builder.verdict(span, Verdict::Unknown);
            return;
        };
        let mut branches: Vec<Branch> = Vec::new();
        let mut others: Vec<Vec<Condition>> = Vec::new();
        let mut rest = None;
        for element in elements {
            let Some(data) = element.data.and_then(|data| self.replay.file.resolved(data)) else {
                continue;
            };
            let ExprKind::Verdict(verdict) = self.replay.file.expr(data).kind else { continue };
            let verdict = self.verdict(verdict, span);
            if matches!(self.replay.file.expr(element.key).kind, ExprKind::CatchAll) {
                rest = Some(verdict);
                continue;
            }
            let conditions = self.map_key(&selector, element.key, span);
            others.push(conditions.clone());
            if let Some(verdict) = verdict {
                branches.push(Branch { conditions, verdict });
            }
        }
        if let Some(Some(verdict)) = rest {
            let none = self.builder.one_of(others, true);
            branches.push(Branch { conditions: vec![none], verdict });
        }
        self.branches(branches, span);
    }

    fn branches(&mut self, branches: Vec<Branch>, span: Span) {
        let index = u32::try_from(self.builder.ruleset.branches.len()).unwrap_or(u32::MAX);
        self.builder.ruleset.branches.push(branches);
        self.builder.verdict(span, Verdict::Branches(index));
    }

    fn nat(&mut self, nat: &Nat, span: Span) {
        let local = match nat.kind {
            NatKind::Snat | NatKind::Masquerade => {
                let given = self.source(nat).map(|it| self.builder.translated(it));
                return self.builder.verdict(span, Verdict::Snat(given));
            }
            NatKind::Dnat => false,
            NatKind::Redirect => true,
        };
        let family = match nat.family {
            Some(nft::Family::Ip) => Some(Family::Ipv4),
            Some(nft::Family::Ip6) => Some(Family::Ipv6),
            _ => None,
        };
        if let Some(family) = family {
            self.builder.condition(span, Condition::Family { family, negated: false });
        }
        let target = nat.address.map(|address| &self.replay.file.expr(address).kind);
        if let Some(ExprKind::Map { key, map }) = target {
            return self.nat_map(*key, *map, local, span);
        }
        let address = nat.address.and_then(|address| self.target(address));
        let port = nat.port.and_then(|port| self.values(port, Field::DestinationPort));
        let (addresses, own) = address.unwrap_or((None, None));
        let ports = port.or(own);
        let translation =
            Translation { addresses, ports, local, picked: nat.flags.0, ..Translation::default() };
        let verdict = self.builder.translation(translation);
        self.builder.verdict(span, verdict);
    }

    /// What a source becomes, where the text says it.
    fn source(&mut self, nat: &Nat) -> Option<Translation> {
        let (addresses, own) = match nat.address {
            Some(address) => self.target(address).filter(|it| it.0.is_some())?,
            None => (None, None),
        };
        let ports = match nat.port {
            Some(port) => Some(self.values(port, Field::SourcePort)?),
            None => own,
        };
        let local = nat.kind == NatKind::Masquerade;
        let picked = nat.flags.0;
        Some(Translation { addresses, ports, local, picked, ..Translation::default() })
    }

    fn nat_map(&mut self, key: ExprId, map: ExprId, local: bool, span: Span) {
        let mut given = Vec::new();
        let selector = self.selector(key, &mut given);
        for condition in given {
            self.builder.condition(span, condition);
        }
        let Some(elements) =
            self.elements(map).filter(|_| !matches!(selector, Selector::Opaque(_)))
        else {
            self.builder.verdict(span, Verdict::Unknown);
            return;
        };
        let mut branches = Vec::new();
        for element in elements {
            let Some((addresses, ports)) = element.data.and_then(|data| self.target(data)) else {
                continue;
            };
            let conditions = self.map_key(&selector, element.key, span);
            let verdict = self.builder.translation(Translation {
                addresses,
                ports,
                local,
                ..Translation::default()
            });
            branches.push(Branch { conditions, verdict });
        }
        self.branches(branches, span);
    }

    /// The address and the port that a translation leads to.
    fn target(&mut self, id: ExprId) -> Option<(Option<Values>, Option<Values>)> {
        let file = self.replay.file;
        let id = file.resolved(id)?;
        match &file.expr(id).kind {
            ExprKind::Concat(parts) => {
                let [address, port] = file.parts(*parts) else { return None };
                Some((
                    self.values(*address, Field::Destination),
                    self.values(*port, Field::DestinationPort),
                ))
            }
            _ => Some((self.values(id, Field::Destination), None)),
        }
    }

    fn assign(&mut self, target: ExprId, value: ExprId, span: Span) {
        let mark = |kind: &ExprKind| match kind {
            ExprKind::Meta(key) if key.name == "mark" => Some(Field::Mark),
            ExprKind::Ct { key, .. } if key.name == "mark" => Some(Field::ConnectionMark),
            _ => None,
        };
        let file = self.replay.file;
        let (kind, from) = (&file.expr(target).kind, mark(&file.expr(value).kind));
        let values = match file.expr(value).kind {
            ExprKind::Map { key, map } => self.looked_up(key, map, span),
            _ => Some(vec![value]),
        };
        let assignment = match (mark(kind), kind) {
            (Some(to), _) => match from {
                Some(from) if from != to => {
                    if from == Field::ConnectionMark {
                        // Without a connection there is nothing to read, and the rule ends.
                        let tracked = self.builder.within(Field::State, 1, 3, false);
                        self.builder.condition(span, tracked);
                    }
                    Assignment::Copy { from, to, mask: u32::MAX }
                }
                _ => {
                    let numbers = values.iter().flatten().map(|it| self.number(*it, None));
                    let mut numbers: Vec<_> = numbers.collect();
                    numbers.dedup();
                    let value = match numbers[..] {
                        [Some(number)] => u32::try_from(number).ok(),
                        _ => None,
                    };
                    Assignment::Bits { field: to, mask: u32::MAX, value }
                }
            },
            (None, ExprKind::Payload(_)) => {
                let mut given = Vec::new();
                let selector = self.selector(target, &mut given);
                for condition in given {
                    self.builder.condition(span, condition);
                }
                match selector {
                    Selector::Field { field, mask: None, .. } => {
                        let values = values.and_then(|it| self.values_of_all(&it, field));
                        Assignment::Header { field, values }
                    }
                    _ => Assignment::Other,
                }
            }
            _ => Assignment::Other,
        };
        self.builder.assign(span, assignment);
    }

    /// What a map may give: packets without one of its keys do not go on in the rule. `None` where nobody can tell.
    fn looked_up(&mut self, key: ExprId, map: ExprId, span: Span) -> Option<Vec<ExprId>> {
        let mut given = Vec::new();
        let selector = self.selector(key, &mut given);
        for condition in given {
            self.builder.condition(span, condition);
        }
        let known = self.elements(map).filter(|_| !matches!(selector, Selector::Opaque(_)));
        let Some(elements) = known else {
            let condition = self.opaque(OpaqueKind::Fixed, span);
            self.builder.condition(span, condition);
            return None;
        };
        let has_rest = elements
            .iter()
            .any(|it| matches!(self.replay.file.expr(it.key).kind, ExprKind::CatchAll));
        if !has_rest {
            let keys = elements.iter().map(|it| self.map_key(&selector, it.key, span)).collect();
            let condition = self.builder.one_of(keys, false);
            self.builder.condition(span, condition);
        }
        Some(elements.iter().filter_map(|it| it.data).collect())
    }

    /// Every value of several expressions; `None` where one of them is not known.
    fn values_of_all(&mut self, all: &[ExprId], field: Field) -> Option<Values> {
        let mut ranges = Vec::new();
        for id in all {
            let values = self.values(*id, field)?;
            ranges.extend_from_slice(self.builder.ruleset.values(values));
        }
        Some(self.builder.several(ranges))
    }
}
