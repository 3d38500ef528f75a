//! Statements that are no matches, verdicts or translations.

use super::{Kind, Parser, Read, Sign, expression::Side};
use crate::{
    source::Span,
    syntax::nft::{
        error::Wanted,
        tree::{
            Dup, ExprKind, Family, Fwd, Limit, Log, ObjectKind, Queue, Quota, Reject, RejectKind,
            Statement, StatementKind, Synproxy, TimeUnit, Unit,
        },
    },
};

impl Parser<'_> {
    // stateful := counter | limit | quota | last | "ct" "count"
    pub(super) fn stateful(&mut self) -> Option<Read<Statement>> {
        let start = self.token.span.start;
        let kind = match self.word() {
            "counter" => self.counter(),
            "limit" => self.limit(),
            "quota" => self.quota(),
            "last" => self.last(),
            "ct" if self.second_is("count") => self.connections(),
            _ => return None,
        };
        Some(kind.map(|kind| Statement { span: self.since(start), kind }))
    }

    // action := log | reject | nat | …
    pub(super) fn action(&mut self) -> Option<Read<StatementKind>> {
        Some(match self.word() {
            "log" => self.log(),
            "reject" => self.reject(),
            "dnat" | "snat" | "masquerade" | "redirect" => self.nat(),
            "tproxy" => self.tproxy(),
            "notrack" => {
                self.bump();
                Ok(StatementKind::Notrack)
            }
            "queue" => self.queue(),
            "dup" => self.dup(),
            "fwd" => self.fwd(),
            "synproxy" => self.synproxy(),
            "add" | "update" | "delete" => self.update(),
            "set" => self.old_update(),
            "meter" => self.meter(),
            "flow" => self.flow(),
            "reset" => self.reset_option(),
            "xt" => self.xt(),
            "ct" => {
                let key = self.second();
                let kind = match self.slice(key.span) {
                    "helper" => ObjectKind::Helper,
                    "timeout" => ObjectKind::Timeout,
                    "expectation" => ObjectKind::Expectation,
                    _ => return None,
                };
                let third = super::lexer::token(self.text, key.span.end);
                if self.slice(third.span) != "set" {
                    return None;
                }
                self.bump();
                self.bump();
                self.bump();
                self.object_name(kind)
            }
            _ => return None,
        })
    }

    fn object_name(&mut self, kind: ObjectKind) -> Read<StatementKind> {
        Ok(StatementKind::Object { kind, name: self.expression(Side::Argument)? })
    }

    // counter := "counter" ("name" argument | ("packets" number)? ("bytes" number)?)
    fn counter(&mut self) -> Read<StatementKind> {
        self.bump();
        if self.take("name") {
            return self.object_name(ObjectKind::Counter);
        }
        let packets = if self.take("packets") { self.number(u64::MAX)? } else { 0 };
        let bytes = if self.take("bytes") { self.number(u64::MAX)? } else { 0 };
        Ok(StatementKind::Counter { packets, bytes })
    }

    // limit := "limit" ("name" argument | rate)
    fn limit(&mut self) -> Read<StatementKind> {
        self.bump();
        if self.take("name") {
            return self.object_name(ObjectKind::Limit);
        }
        Ok(StatementKind::Limit(Box::new(self.rate()?)))
    }

    // rate := "rate" ("over" | "until")? number unit? "/" time ("burst" number unit)?
    pub(super) fn rate(&mut self) -> Read<Limit> {
        self.expect(&["rate", "name"])?;
        let over = self.over();
        let rate = self.number(u64::MAX)?;
        let mut unit = Unit::Packets;
        let per;
        if self.is_sign(Sign::Slash) {
            self.bump();
            per = self.time_unit()?;
        } else if let Some((data, time)) = self.word().split_once('/') {
            let Some((data, time)) = data_unit(data).zip(time_unit(time)) else {
                return Err(self.unexpected(Wanted::OneOf(RATES)));
            };
            (unit, per) = (data, time);
            self.bump();
        } else {
            unit = self.data_unit()?;
            self.expect_sign(Sign::Slash, &["/"])?;
            per = self.time_unit()?;
        }
        let mut burst = None;
        if self.take("burst") {
            let amount = self.number(u64::from(u32::MAX))?;
            burst = Some(if unit == Unit::Packets {
                if !self.at_end() {
                    self.take("packets");
                }
                (amount, Unit::Packets)
            } else {
                (amount, self.data_unit()?)
            });
        }
        Ok(Limit { over, rate, unit, per, burst })
    }

    fn over(&mut self) -> bool {
        let over = self.take("over");
        if !over {
            self.take("until");
        }
        over
    }

    fn time_unit(&mut self) -> Read<TimeUnit> {
        match time_unit(self.word()) {
            Some(unit) => {
                self.bump();
                Ok(unit)
            }
            None => {
                Err(self.unexpected(Wanted::OneOf(&["second", "minute", "hour", "day", "week"])))
            }
        }
    }

    // quota := "quota" ("name" argument | quota_spec)
    fn quota(&mut self) -> Read<StatementKind> {
        self.bump();
        if self.take("name") {
            return self.object_name(ObjectKind::Quota);
        }
        Ok(StatementKind::Quota(Box::new(self.quota_spec()?)))
    }

    // quota_spec := ("over" | "until")? amount ("used" amount)?
    pub(super) fn quota_spec(&mut self) -> Read<Quota> {
        let over = self.over();
        let amount = self.amount()?;
        let used = if self.take("used") { Some(self.amount()?) } else { None };
        Ok(Quota { over, amount, used })
    }

    // last := "last" ("used" ("never" | time))?
    fn last(&mut self) -> Read<StatementKind> {
        self.bump();
        let mut used = None;
        if self.take("used") && !self.take("never") {
            used = Some(self.time()?);
        }
        Ok(StatementKind::Last { used })
    }

    // connections := "ct" "count" "over"? number
    fn connections(&mut self) -> Read<StatementKind> {
        self.bump();
        self.bump();
        let over = self.over();
        Ok(StatementKind::Connections { over, count: self.number32()? })
    }

    // log := "log" ("prefix" string | "level" word | "flags" … | "group" number | …)*
    fn log(&mut self) -> Read<StatementKind> {
        self.bump();
        let mut log = Log::default();
        loop {
            match self.word() {
                "prefix" => {
                    self.bump();
                    let span = self.token.span;
                    log.prefix = Some(match self.token.kind {
                        Kind::Sign(Sign::Dollar) => self.variable()?,
                        Kind::Quoted => {
                            self.bump();
                            self.interpolate(span);
                            self.push(span, ExprKind::Quoted)
                        }
                        Kind::Word | Kind::Wildcard => {
                            self.bump();
                            self.push(span, ExprKind::Word)
                        }
                        _ => return Err(self.unexpected(Wanted::Text)),
                    });
                }
                "level" => {
                    self.bump();
                    log.level = Some(self.string()?);
                }
                "group" => {
                    self.bump();
                    log.group = Some(self.number16()?);
                }
                "snaplen" => {
                    self.bump();
                    log.snaplen = Some(self.number32()?);
                }
                "queue-threshold" => {
                    self.bump();
                    log.queue_threshold = Some(self.number16()?);
                }
                "flags" => {
                    self.bump();
                    let flags = self.log_flags()?;
                    log.flags = Some(log.flags.map_or(flags, |earlier| earlier.to(flags)));
                }
                _ => return Ok(StatementKind::Log(Box::new(log))),
            }
        }
    }

    // log_flags := "all" | "skuid" | "ether" | "ip" "options" | "tcp" ("sequence" | "options") ("," …)*
    fn log_flags(&mut self) -> Read<Span> {
        let start = self.token.span.start;
        loop {
            match self.expect(&["all", "skuid", "ether", "ip", "tcp"])? {
                "ip" => {
                    self.expect(&["options"])?;
                }
                "tcp" => loop {
                    self.expect(&["sequence", "options"])?;
                    let second = self.second();
                    let more = matches!(self.slice(second.span), "sequence" | "options");
                    if !(more && self.take_sign(Sign::Comma)) {
                        break;
                    }
                },
                _ => {}
            }
            if !self.take_sign(Sign::Comma) {
                return Ok(self.since(start));
            }
        }
    }

    /// Looks up the variables that a log prefix names.
    fn interpolate(&mut self, span: Span) {
        let text = self.slice(span);
        let mut from = 0;
        while let Some(at) = text[from..].find('$') {
            let name = &text[from + at + 1..];
            let letters = |it: char| it.is_ascii_alphanumeric() || "/-_.".contains(it);
            let length = name.find(|it| !letters(it)).unwrap_or(name.len());
            let start = span.start + u32::try_from(from + at + 1).unwrap_or(0);
            if name.starts_with(|it: char| it.is_ascii_alphabetic()) {
                self.lookup(Span::new(start, start + u32::try_from(length).unwrap_or(0)));
            }
            from += at + 1 + length;
        }
    }

    // reject := "reject" ("with" (("icmp" | "icmpv6" | "icmpx") "type"? code | "tcp" "reset"))?
    fn reject(&mut self) -> Read<StatementKind> {
        self.bump();
        if !self.take("with") {
            return Ok(StatementKind::Reject(Reject { kind: RejectKind::Default, code: None }));
        }
        let kind = match self.expect(&["icmp", "icmpv6", "icmpx", "tcp"])? {
            "icmp" => RejectKind::Icmp,
            "icmpv6" => RejectKind::Icmp6,
            "icmpx" => RejectKind::Icmpx,
            _ => {
                self.expect(&["reset"])?;
                return Ok(StatementKind::Reject(Reject {
                    kind: RejectKind::TcpReset,
                    code: None,
                }));
            }
        };
        self.take("type");
        let code = Some(self.expression(Side::Right)?);
        Ok(StatementKind::Reject(Reject { kind, code }))
    }

    // queue := "queue" ("num" argument)? ("bypass" | "fanout" …)? | "queue" ("flags" …)? "to" argument
    fn queue(&mut self) -> Read<StatementKind> {
        self.bump();
        let mut queue = Queue { number: None, bypass: false, fanout: false };
        loop {
            match self.word() {
                "flags" => {
                    self.bump();
                    self.queue_flags(&mut queue)?;
                }
                "bypass" | "fanout" => self.queue_flags(&mut queue)?,
                "num" | "to" => {
                    self.bump();
                    queue.number = Some(self.expression(Side::Argument)?);
                }
                _ => return Ok(StatementKind::Queue(queue)),
            }
        }
    }

    fn queue_flags(&mut self, queue: &mut Queue) -> Read<()> {
        loop {
            match self.expect(&["bypass", "fanout"])? {
                "bypass" => queue.bypass = true,
                _ => queue.fanout = true,
            }
            if !self.take_sign(Sign::Comma) {
                return Ok(());
            }
        }
    }

    // dup := "dup" "to" argument ("device" argument)?
    fn dup(&mut self) -> Read<StatementKind> {
        self.bump();
        self.expect(&["to"])?;
        let to = self.expression(Side::Argument)?;
        let device =
            if self.take("device") { Some(self.expression(Side::Argument)?) } else { None };
        Ok(StatementKind::Dup(Dup { to, device }))
    }

    // fwd := "fwd" ("ip" | "ip6")? "to" argument ("device" argument)?
    fn fwd(&mut self) -> Read<StatementKind> {
        self.bump();
        let family = self.layer3();
        self.expect(&["to"])?;
        let to = self.expression(Side::Argument)?;
        let device =
            if self.take("device") { Some(self.expression(Side::Argument)?) } else { None };
        Ok(StatementKind::Fwd(Fwd { family, to, device }))
    }

    // layer3 := "ip" | "ip6"
    pub(super) fn layer3(&mut self) -> Option<Family> {
        let family = match self.word() {
            "ip" => Family::Ip,
            "ip6" => Family::Ip6,
            _ => return None,
        };
        self.bump();
        Some(family)
    }

    // synproxy := "synproxy" ("name" argument | synproxy_spec)
    fn synproxy(&mut self) -> Read<StatementKind> {
        self.bump();
        if self.take("name") {
            return self.object_name(ObjectKind::Synproxy);
        }
        Ok(StatementKind::Synproxy(self.synproxy_spec(false)?))
    }

    // synproxy_spec := ("mss" number | "wscale" number | "timestamp" | "sack-perm")*
    pub(super) fn synproxy_spec(&mut self, lines: bool) -> Read<Synproxy> {
        let mut spec = Synproxy::default();
        loop {
            if lines {
                self.skip_separators();
            }
            match self.word() {
                "mss" => {
                    self.bump();
                    spec.mss = Some(self.number16()?);
                }
                "wscale" => {
                    self.bump();
                    let scale = self.number(14)?;
                    spec.wscale = Some(u8::try_from(scale).unwrap_or(14));
                }
                "timestamp" => {
                    self.bump();
                    spec.timestamp = true;
                }
                "sack-perm" | "sack-permitted" => {
                    self.bump();
                    spec.sack_perm = true;
                }
                _ => return Ok(spec),
            }
        }
    }

    // reset_option := "reset" "tcp" "option" …
    fn reset_option(&mut self) -> Read<StatementKind> {
        self.bump();
        if !self.is("tcp") {
            return Err(self.unexpected(Wanted::OneOf(&["tcp"])));
        }
        Ok(StatementKind::ResetOption(self.expression(Side::Left)?))
    }

    // xt := "xt" ("match" | "target" | "watcher") string
    fn xt(&mut self) -> Read<StatementKind> {
        self.bump();
        self.expect(&["match", "target", "watcher"])?;
        self.string()?;
        Ok(StatementKind::Xt)
    }
}

const RATES: &[&str] = &[
    "bytes/second",
    "kbytes/second",
    "mbytes/second",
    "bytes/minute",
    "kbytes/minute",
    "mbytes/minute",
    "kbytes/hour",
    "mbytes/hour",
    "mbytes/day",
];

fn data_unit(word: &str) -> Option<Unit> {
    match word {
        "bytes" => Some(Unit::Bytes),
        "kbytes" => Some(Unit::Kilobytes),
        "mbytes" => Some(Unit::Megabytes),
        _ => None,
    }
}

fn time_unit(word: &str) -> Option<TimeUnit> {
    match word {
        "second" => Some(TimeUnit::Second),
        "minute" => Some(TimeUnit::Minute),
        "hour" => Some(TimeUnit::Hour),
        "day" => Some(TimeUnit::Day),
        "week" => Some(TimeUnit::Week),
        _ => None,
    }
}
