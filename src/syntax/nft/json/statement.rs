//! Statements.

use super::{Node, Read, Reader, Value, wrong};
use crate::{
    source::Span,
    syntax::nft::{
        error::Wanted,
        tree::{
            Dup, Element, ExprId, ExprKind, Extra, ExtraId, Family, Fwd, Limit, Log, Meter, Nat,
            NatFlags, NatKind, ObjectKind, Operator, Queue, Quota, Reject, RejectKind, Statement,
            StatementKind, Synproxy, TimeUnit, Tproxy, Unit, Update, UpdateKind,
        },
    },
};

impl<'t> Reader<'t> {
    /// One member of `expr`.
    pub(super) fn statement(&mut self, node: &Node) -> Read<Statement> {
        let Some((name, inner)) = node.only() else {
            return Err(wrong(node.span, Wanted::Statement));
        };
        let word = self.slice(name);
        let kind = match self.verdict(word, inner) {
            Some(verdict) => StatementKind::Verdict(verdict?),
            None if word == "xt" => StatementKind::Xt,
            None => self.statement_kind(word, inner).map_err(|mut error| {
                if error.span == inner.span && matches!(inner.value, Value::Null) {
                    error.span = name;
                }
                error
            })?,
        };
        Ok(Statement { span: node.span, kind })
    }

    pub(super) fn statement_kind(&mut self, word: &str, node: &Node) -> Read<StatementKind> {
        Ok(match word {
            "match" => self.matching(node)?,
            "vmap" => StatementKind::Vmap {
                key: self.expression(self.need(node, &["key"])?)?,
                map: self.expression(self.need(node, &["data"])?)?,
            },
            "counter" | "quota" | "limit" | "synproxy" | "tunnel" if self.is_reference(node) => {
                let kind = match word {
                    "counter" => ObjectKind::Counter,
                    "quota" => ObjectKind::Quota,
                    "limit" => ObjectKind::Limit,
                    "synproxy" => ObjectKind::Synproxy,
                    _ => ObjectKind::Tunnel,
                };
                StatementKind::Object { kind, name: self.expression(node)? }
            }
            "counter" => StatementKind::Counter {
                packets: self.number_at(node, "packets").unwrap_or_default(),
                bytes: self.number_at(node, "bytes").unwrap_or_default(),
            },
            "quota" => StatementKind::Quota(Box::new(self.quota(node))),
            "limit" => StatementKind::Limit(Box::new(self.limit(node)?)),
            "last" => {
                let used =
                    self.get(node, "used").filter(|used| matches!(used.value, Value::Number(_)));
                StatementKind::Last { used: used.map(|used| self.expression(used)).transpose()? }
            }
            "ct count" => StatementKind::Connections {
                over: self.flag_at(node, "inv"),
                count: self
                    .number_at(node, "val")
                    .and_then(|it| u32::try_from(it).ok())
                    .unwrap_or_default(),
            },
            "ct helper" => self.reference(ObjectKind::Helper, node)?,
            "ct timeout" => self.reference(ObjectKind::Timeout, node)?,
            "ct expectation" => self.reference(ObjectKind::Expectation, node)?,
            "mangle" => StatementKind::Set {
                target: self.expression(self.need(node, &["key"])?)?,
                value: self.expression(self.need(node, &["value"])?)?,
            },
            "log" => self.log(node),
            "reject" => self.reject(node)?,
            "dnat" => self.nat(NatKind::Dnat, node)?,
            "snat" => self.nat(NatKind::Snat, node)?,
            "masquerade" => self.nat(NatKind::Masquerade, node)?,
            "redirect" => self.nat(NatKind::Redirect, node)?,
            "tproxy" => StatementKind::Tproxy(Tproxy {
                family: self.layer3(node),
                address: self.maybe(node, "addr")?,
                port: self.maybe(node, "port")?,
            }),
            "notrack" => StatementKind::Notrack,
            "queue" => {
                let flags = self.words_at(node, "flags");
                StatementKind::Queue(Queue {
                    number: self.maybe(node, "num")?,
                    bypass: flags.contains(&"bypass"),
                    fanout: flags.contains(&"fanout"),
                })
            }
            "dup" => {
                let device = self.maybe(node, "dev")?;
                let address = self.maybe(node, "addr")?;
                match (address, device) {
                    (Some(to), device) => StatementKind::Dup(Dup { to, device }),
                    (None, Some(to)) => StatementKind::Dup(Dup { to, device: None }),
                    (None, None) => return Err(wrong(node.span, Wanted::OneOf(&["addr", "dev"]))),
                }
            }
            "fwd" => {
                let device = self.maybe(node, "dev")?;
                let address = self.maybe(node, "addr")?;
                let family = self.layer3(node);
                match (address, device) {
                    (Some(to), device) => StatementKind::Fwd(Fwd { family, to, device }),
                    (None, Some(to)) => StatementKind::Fwd(Fwd { family, to, device: None }),
                    (None, None) => return Err(wrong(node.span, Wanted::OneOf(&["dev"]))),
                }
            }
            "synproxy" => StatementKind::Synproxy(self.synproxy(node)),
            "set" | "map" => self.update(node)?,
            "meter" => {
                let name = self.need_text(node, &["name"])?;
                let element = self.updated(node, "key")?;
                let size = self.number_at(node, "size").and_then(|it| u32::try_from(it).ok());
                StatementKind::Meter(Box::new(Meter { name, size, element }))
            }
            "flow" => {
                let name = self.need_text(node, &["flowtable"])?;
                StatementKind::Flow(self.without_at(name))
            }
            "reset" => StatementKind::ResetOption(self.expression(node)?),
            _ => return Err(wrong(node.span, Wanted::Statement)),
        })
    }

    /// Whether an object is named, or found in a map, and not described.
    fn is_reference(&self, node: &Node) -> bool {
        node.string().is_some() || self.get(node, "map").is_some()
    }

    fn reference(&mut self, kind: ObjectKind, node: &Node) -> Read<StatementKind> {
        Ok(StatementKind::Object { kind, name: self.expression(node)? })
    }

    fn maybe(&mut self, node: &Node, key: &str) -> Read<Option<ExprId>> {
        self.get(node, key).map(|node| self.expression(node)).transpose()
    }

    fn layer3(&self, node: &Node) -> Option<Family> {
        Family::of(self.word_at(node, "family"))
    }

    pub(super) fn words_at(&self, node: &Node, key: &str) -> Vec<&'t str> {
        let Some(node) = self.get(node, key) else { return Vec::new() };
        node.list().iter().filter_map(|it| it.string().map(|span| self.slice(span))).collect()
    }

    fn without_at(&self, name: Span) -> Span {
        let at = u32::from(self.slice(name).starts_with('@'));
        Span::new(name.start + at, name.end)
    }

    fn matching(&mut self, node: &Node) -> Read<StatementKind> {
        let left = self.expression(self.need(node, &["left"])?)?;
        let right = self.expression(self.need(node, &["right"])?)?;
        let operator = match self.get(node, "op") {
            None => Operator::Implicit,
            Some(op) => match op.string().map_or("", |span| self.slice(span)) {
                "==" => Operator::Equal,
                "!=" => Operator::NotEqual,
                "<" => Operator::Less,
                "<=" => Operator::LessEqual,
                ">" => Operator::Greater,
                ">=" => Operator::GreaterEqual,
                "in" => Operator::Implicit,
                "!" => Operator::Not,
                _ => {
                    let wanted = Wanted::OneOf(&["==", "!=", "<", "<=", ">", ">=", "in", "!"]);
                    return Err(wrong(op.span, wanted));
                }
            },
        };
        Ok(StatementKind::Match { left, operator, right })
    }

    pub(super) fn quota(&self, node: &Node) -> Quota {
        let amount = self.number_at(node, "val").or_else(|| self.number_at(node, "bytes"));
        let used = self.number_at(node, "used").filter(|used| *used > 0);
        Quota {
            over: self.flag_at(node, "inv"),
            amount: (amount.unwrap_or_default(), unit(self.word_at(node, "val_unit"), Unit::Bytes)),
            used: used.map(|used| (used, unit(self.word_at(node, "used_unit"), Unit::Bytes))),
        }
    }

    pub(super) fn limit(&self, node: &Node) -> Read<Limit> {
        let per = match self.word_at(node, "per") {
            "" | "second" => TimeUnit::Second,
            "minute" => TimeUnit::Minute,
            "hour" => TimeUnit::Hour,
            "day" => TimeUnit::Day,
            "week" => TimeUnit::Week,
            _ => {
                let words = &["second", "minute", "hour", "day", "week"];
                return Err(wrong(node.span, Wanted::OneOf(words)));
            }
        };
        let rate = self
            .number_at(node, "rate")
            .ok_or_else(|| wrong(node.span, Wanted::OneOf(&["rate"])))?;
        let word = self.word_at(node, "rate_unit");
        let word = if word.is_empty() { self.word_at(node, "unit") } else { word };
        let rate_unit = unit(word, Unit::Packets);
        let burst_unit = match rate_unit {
            Unit::Packets => Unit::Packets,
            _ => unit(self.word_at(node, "burst_unit"), Unit::Bytes),
        };
        let burst = self.number_at(node, "burst").map(|burst| (burst, burst_unit));
        Ok(Limit { over: self.flag_at(node, "inv"), rate, unit: rate_unit, per, burst })
    }

    pub(super) fn synproxy(&self, node: &Node) -> Synproxy {
        let flags = self.words_at(node, "flags");
        Synproxy {
            mss: self.number_at(node, "mss").and_then(|it| u16::try_from(it).ok()),
            wscale: self.number_at(node, "wscale").and_then(|it| u8::try_from(it).ok()),
            timestamp: flags.contains(&"timestamp"),
            sack_perm: flags.contains(&"sack-perm"),
        }
    }

    fn log(&mut self, node: &Node) -> StatementKind {
        let mut log = Log { level: self.text_at(node, "level"), ..Log::default() };
        if let Some(prefix) = self.get(node, "prefix") {
            log.prefix = Some(self.push(prefix.span, ExprKind::Quoted));
        }
        log.flags = self.get(node, "flags").map(|flags| flags.span);
        let small = |key| self.number_at(node, key).and_then(|it| u16::try_from(it).ok());
        log.group = small("group");
        log.queue_threshold = small("queue-threshold");
        log.snaplen = self.number_at(node, "snaplen").and_then(|it| u32::try_from(it).ok());
        StatementKind::Log(Box::new(log))
    }

    fn reject(&mut self, node: &Node) -> Read<StatementKind> {
        let kind = match self.text_at(node, "type") {
            None => RejectKind::Default,
            Some(span) => match self.slice(span) {
                "tcp reset" => RejectKind::TcpReset,
                "icmp" => RejectKind::Icmp,
                "icmpv6" => RejectKind::Icmp6,
                "icmpx" => RejectKind::Icmpx,
                _ => {
                    return Err(wrong(
                        span,
                        Wanted::OneOf(&["tcp reset", "icmp", "icmpv6", "icmpx"]),
                    ));
                }
            },
        };
        Ok(StatementKind::Reject(Reject { kind, code: self.maybe(node, "expr")? }))
    }

    fn nat(&mut self, kind: NatKind, node: &Node) -> Read<StatementKind> {
        let mut flags = NatFlags::default();
        for word in
            self.words_at(node, "flags").into_iter().chain(self.words_at(node, "type_flags"))
        {
            flags.0 |= match word {
                "random" => NatFlags::RANDOM,
                "fully-random" => NatFlags::FULLY_RANDOM,
                "persistent" => NatFlags::PERSISTENT,
                "prefix" => NatFlags::PREFIX,
                "interval" => NatFlags::INTERVAL,
                "concat" => NatFlags::ADDRESS_AND_PORT,
                _ => 0,
            };
        }
        let family = self.layer3(node);
        let address = self.maybe(node, "addr")?;
        let port = self.maybe(node, "port")?;
        Ok(StatementKind::Nat(Box::new(Nat { kind, family, address, port, flags })))
    }

    fn update(&mut self, node: &Node) -> Read<StatementKind> {
        let kind = match self.word_at(node, "op") {
            "add" => UpdateKind::Add,
            "update" => UpdateKind::Update,
            "delete" => UpdateKind::Delete,
            _ => return Err(wrong(node.span, Wanted::OneOf(&["add", "update", "delete"]))),
        };
        let name = match self.text_at(node, "set") {
            Some(name) => name,
            None => self.need_text(node, &["map"])?,
        };
        let element = self.updated(node, "elem")?;
        let set = self.without_at(name);
        Ok(StatementKind::Update(Box::new(Update { kind, set, element })))
    }

    /// The element that a statement adds, with the statements beside it.
    fn updated(&mut self, node: &Node, key: &'static str) -> Read<Element> {
        let it = self.get(node, key).ok_or_else(|| wrong(node.span, Wanted::Value))?;
        let data = self.get(node, "data");
        let mut element = match self.get(it, "elem") {
            Some(inner) => self.element(inner, data)?,
            None => Element {
                key: self.expression(it)?,
                data: data.map(|data| self.expression(data)).transpose()?,
                extra: None,
            },
        };
        if let Some(list) = self.get(node, "stmt") {
            let mut statements = Vec::new();
            for statement in list.list() {
                statements.push(self.statement(statement)?);
            }
            let statements = self.statements(statements);
            let before = element.extra.map(|id| self.file.extras[id.index()]).unwrap_or_default();
            element.extra = Some(ExtraId::at(self.file.extras.len()));
            self.file.extras.push(Extra { statements, ..before });
        }
        Ok(element)
    }
}

fn unit(word: &str, otherwise: Unit) -> Unit {
    match word {
        "packets" => Unit::Packets,
        "bytes" => Unit::Bytes,
        "kbytes" => Unit::Kilobytes,
        "mbytes" => Unit::Megabytes,
        _ => otherwise,
    }
}
