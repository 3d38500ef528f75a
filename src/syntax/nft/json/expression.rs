//! Expressions.

use super::{Node, Read, Reader, Value, wrong};
use crate::{
    source::Span,
    syntax::{
        Error,
        nft::{
            error::{ErrorKind, Wanted},
            fields::{self, Header, Key},
            parse::literal_kind,
            tree::{
                BinaryOperator, Direction, Element, ExprId, ExprKind, Extra, ExtraId, Family,
                FibFlags, FibResult, Hash, Ids, Jump, OptionField, RawBase, Selector, Statement,
                Verdict,
            },
        },
    },
};

impl Reader<'_> {
    /// Any expression: a constant, a list, or an object that says what it is.
    pub(super) fn expression(&mut self, node: &Node) -> Read<ExprId> {
        let kind = match &node.value {
            Value::Number(Some(number)) => ExprKind::Number(*number),
            Value::Number(None) => ExprKind::Long,
            Value::Bool(_) => ExprKind::Word,
            Value::String(span) => return Ok(self.constant(node.span, *span)),
            Value::Array(nodes) => {
                let mut parts = Vec::with_capacity(nodes.len());
                for node in nodes {
                    parts.push(self.expression(node)?);
                }
                ExprKind::List(self.parts(parts))
            }
            Value::Object(_) => {
                let Some((name, inner)) = node.only() else {
                    return Err(wrong(node.span, Wanted::Value));
                };
                self.object_expression(name, inner)?
            }
            Value::Null => return Err(wrong(node.span, Wanted::Value)),
        };
        Ok(self.push(node.span, kind))
    }

    /// A string: an address, a word, a reference.
    fn constant(&mut self, quoted: Span, inner: Span) -> ExprId {
        let text = self.slice(inner);
        if text == "*" {
            return self.push(quoted, ExprKind::CatchAll);
        }
        if text.starts_with('@') {
            let name = Span::new(inner.start + 1, inner.end);
            return self.push(inner, ExprKind::SetReference(name));
        }
        match literal_kind(text) {
            Some(kind) => self.push(inner, kind),
            None => self.push(quoted, ExprKind::Quoted),
        }
    }

    fn object_expression(&mut self, name: Span, node: &Node) -> Read<ExprKind> {
        let word = self.slice(name);
        Ok(match word {
            "concat" => {
                let mut parts = Vec::new();
                for part in node.list() {
                    parts.push(self.expression(part)?);
                }
                ExprKind::Concat(self.parts(parts))
            }
            "set" => ExprKind::Set(self.elements(node)?),
            "map" | "vmap" => {
                let key = self.expression(self.need(node, &["key"])?)?;
                let map = self.expression(self.need(node, &["data"])?)?;
                ExprKind::Map { key, map }
            }
            "prefix" => {
                let base = self.expression(self.need(node, &["addr"])?)?;
                let length = self.number_at(node, "len").and_then(|it| u8::try_from(it).ok());
                let length = length.ok_or_else(|| wrong(node.span, Wanted::Number))?;
                ExprKind::Prefix { base, length }
            }
            "range" => {
                let [first, last] = node.list() else {
                    return Err(wrong(node.span, Wanted::Value));
                };
                ExprKind::Range { first: self.expression(first)?, last: self.expression(last)? }
            }
            "|" => self.binary(BinaryOperator::Or, node)?,
            "^" => self.binary(BinaryOperator::Xor, node)?,
            "&" => self.binary(BinaryOperator::And, node)?,
            "<<" => self.binary(BinaryOperator::ShiftLeft, node)?,
            ">>" => self.binary(BinaryOperator::ShiftRight, node)?,
            "elem" => {
                let element = self.element(node, None)?;
                let number = u32::try_from(self.file.elements.len()).unwrap_or(u32::MAX);
                self.file.elements.push(element);
                ExprKind::Set(Ids { start: number, end: number + 1 })
            }
            _ => return self.selector(name, node),
        })
    }

    /// An expression about the packet, or a verdict.
    fn selector(&mut self, name: Span, node: &Node) -> Read<ExprKind> {
        let word = self.slice(name);
        Ok(match word {
            "payload" => self.payload(node)?,
            "exthdr" => {
                let header = self.word_at(node, "name");
                let header =
                    Header::of(header).ok_or_else(|| wrong(node.span, Wanted::Selector))?;
                match self.text_at(node, "field") {
                    None => ExprKind::Whole(header),
                    Some(field) => {
                        let it = header.field(self.slice(field));
                        ExprKind::Payload(it.ok_or_else(|| wrong(field, Wanted::FieldOf(header)))?)
                    }
                }
            }
            "tcp option" => self.option(Header::TcpOption, node),
            "ip option" => self.option(Header::IpOption, node),
            "sctp chunk" => self.option(Header::SctpChunk, node),
            "dccp option" => self.option(Header::DccpOption, node),
            "meta" => ExprKind::Meta(self.key(fields::META_KEYS, node)?),
            "ct" => ExprKind::Ct {
                key: self.ct_key(node)?,
                direction: match self.word_at(node, "dir") {
                    "original" => Some(Direction::Original),
                    "reply" => Some(Direction::Reply),
                    _ => None,
                },
                family: self.ct_family(node),
            },
            "rt" => ExprKind::Rt {
                key: self.key(fields::RT_KEYS, node)?,
                family: Family::of(self.word_at(node, "family")),
            },
            "socket" => ExprKind::Socket {
                key: self.key(fields::SOCKET_KEYS, node)?,
                level: self.number_at(node, "level").and_then(|it| u32::try_from(it).ok()),
            },
            "osf" => ExprKind::Osf {
                ttl: self.text_at(node, "ttl"),
                version: self.word_at(node, "key") == "version",
            },
            "fib" => self.fib(node)?,
            "numgen" => ExprKind::Hash(Box::new(Hash::Numgen {
                random: self.word_at(node, "mode") == "random",
                modulus: self.number_at(node, "mod").unwrap_or_default(),
                offset: self.number_at(node, "offset").unwrap_or_default(),
            })),
            "jhash" => {
                let key = self.expression(self.need(node, &["expr"])?)?;
                ExprKind::Hash(Box::new(Hash::Jhash {
                    key,
                    modulus: self.number_at(node, "mod").unwrap_or_default(),
                    seed: self.number_at(node, "seed"),
                    offset: self.number_at(node, "offset").unwrap_or_default(),
                }))
            }
            "symhash" => ExprKind::Hash(Box::new(Hash::Symhash {
                modulus: self.number_at(node, "mod").unwrap_or_default(),
                offset: self.number_at(node, "offset").unwrap_or_default(),
            })),
            "ipsec" => ExprKind::Ipsec {
                key: self.key(fields::IPSEC_KEYS, node)?,
                inbound: self.word_at(node, "dir") == "in",
                number: self
                    .number_at(node, "spnum")
                    .and_then(|it| u8::try_from(it).ok())
                    .unwrap_or_default(),
                family: Family::of(self.word_at(node, "family")),
            },
            _ => match self.verdict(word, node) {
                Some(verdict) => ExprKind::Verdict(verdict?),
                None => return Err(wrong(name, Wanted::Selector)),
            },
        })
    }

    /// A verdict, where the word is one.
    pub(super) fn verdict(&mut self, word: &str, node: &Node) -> Option<Read<Verdict>> {
        Some(Ok(match word {
            "accept" => Verdict::Accept,
            "drop" => Verdict::Drop,
            "continue" => Verdict::Continue,
            "return" => Verdict::Return,
            "jump" | "goto" => {
                let target = self.need_text(node, &["target"]);
                let jump = match target {
                    Ok(span) => Jump::Chain(self.push(span, ExprKind::Word)),
                    Err(error) => return Some(Err(error)),
                };
                if word == "jump" { Verdict::Jump(jump) } else { Verdict::Goto(jump) }
            }
            _ => return None,
        }))
    }

    fn binary(&mut self, operator: BinaryOperator, node: &Node) -> Read<ExprKind> {
        let [first, rest @ ..] = node.list() else { return Err(wrong(node.span, Wanted::Value)) };
        if rest.len() > 256 {
            let kind = ErrorKind::TooDeep { limit: 256 };
            return Err(Error { span: node.span, kind: crate::syntax::ErrorKind::Nft(kind) });
        }
        let mut left = self.expression(first)?;
        // Newer dumps join more than two operands.
        for (index, right) in rest.iter().enumerate() {
            let right = self.expression(right)?;
            if index + 1 == rest.len() {
                return Ok(ExprKind::Binary { operator, left, right });
            }
            left = self.push(node.span, ExprKind::Binary { operator, left, right });
        }
        Err(wrong(node.span, Wanted::Value))
    }

    fn payload(&mut self, node: &Node) -> Read<ExprKind> {
        if let Some(base) = self.text_at(node, "base") {
            let base = match self.slice(base) {
                "ll" => RawBase::Link,
                "nh" => RawBase::Network,
                "th" => RawBase::Transport,
                "ih" => RawBase::Inner,
                _ => return Err(wrong(base, Wanted::OneOf(&["ll", "nh", "th", "ih"]))),
            };
            let number = |key| self.number_at(node, key).and_then(|it| u32::try_from(it).ok());
            let (Some(offset), Some(length)) = (number("offset"), number("len")) else {
                return Err(wrong(node.span, Wanted::Number));
            };
            return Ok(ExprKind::Raw { base, offset, length });
        }
        let protocol = self.need_text(node, &["protocol"])?;
        let field = self.need_text(node, &["field"])?;
        let header = Header::of(self.slice(protocol));
        let header = header.ok_or_else(|| wrong(protocol, Wanted::Selector))?;
        let found = header.field(self.slice(field));
        let found = found.ok_or_else(|| wrong(field, Wanted::FieldOf(header)))?;
        let kind = ExprKind::Payload(found);
        if let Some(tunnel) = self.text_at(node, "tunnel") {
            let tunnel =
                Header::of(self.slice(tunnel)).ok_or_else(|| wrong(tunnel, Wanted::Selector))?;
            let field = self.push(node.span, kind);
            return Ok(ExprKind::Inner { tunnel, field });
        }
        Ok(kind)
    }

    fn option(&self, header: Header, node: &Node) -> ExprKind {
        let option = self.text_at(node, "name").unwrap_or(node.span);
        let field = self.text_at(node, "field").unwrap_or_default();
        let number = |key| self.number_at(node, key).and_then(|it| u32::try_from(it).ok());
        let raw = number("offset").zip(number("len"));
        let selector = match raw {
            Some((_, length)) => Selector::Integer(u16::try_from(length).unwrap_or(u16::MAX)),
            None => crate::syntax::nft::parse::option_field(header, self.slice(field)),
        };
        ExprKind::Option(Box::new(OptionField { header, option, field, raw, selector }))
    }

    fn key(&self, keys: &'static [Key], node: &Node) -> Read<&'static Key> {
        let span = self.need_text(node, &["key"])?;
        fields::find(keys, self.slice(span)).ok_or_else(|| wrong(span, Wanted::Selector))
    }

    /// `ip saddr` is one key here.
    fn ct_key(&self, node: &Node) -> Read<&'static Key> {
        let span = self.need_text(node, &["key"])?;
        let word = self.slice(span);
        let word = word.strip_prefix("ip ").or_else(|| word.strip_prefix("ip6 ")).unwrap_or(word);
        fields::find(fields::CT_KEYS, word).ok_or_else(|| wrong(span, Wanted::Selector))
    }

    fn ct_family(&self, node: &Node) -> Option<Family> {
        let word = self.word_at(node, "key");
        Family::of(word.split(' ').next().unwrap_or_default())
            .or_else(|| Family::of(self.word_at(node, "family")))
    }

    fn fib(&self, node: &Node) -> Read<ExprKind> {
        let mut flags = FibFlags::default();
        for flag in self.need(node, &["flags"])?.list() {
            flags.0 |= match flag.string().map_or("", |span| self.slice(span)) {
                "saddr" => FibFlags::SADDR,
                "daddr" => FibFlags::DADDR,
                "mark" => FibFlags::MARK,
                "iif" => FibFlags::IIF,
                "oif" => FibFlags::OIF,
                _ => {
                    return Err(wrong(
                        flag.span,
                        Wanted::OneOf(&["saddr", "daddr", "mark", "iif", "oif"]),
                    ));
                }
            };
        }
        let result = match self.word_at(node, "result") {
            "oif" => FibResult::Oif,
            "oifname" => FibResult::OifName,
            "type" => FibResult::Type,
            "check" => FibResult::Check,
            _ => return Err(wrong(node.span, Wanted::OneOf(&["oif", "oifname", "type", "check"]))),
        };
        Ok(ExprKind::Fib { flags, result })
    }

    /// The elements of a set: keys, `[key, data]` pairs, or objects with more.
    pub(super) fn elements(&mut self, node: &Node) -> Read<Ids> {
        let mut elements: Vec<Element> = Vec::with_capacity(node.list().len());
        for node in node.list() {
            let pair = match &node.value {
                Value::Array(nodes) => match &nodes[..] {
                    [key, data] => Some((key, data)),
                    _ => return Err(wrong(node.span, Wanted::Value)),
                },
                _ => None,
            };
            let (key, data) = pair.map_or((node, None), |(key, data)| (key, Some(data)));
            let element = match self.get(key, "elem") {
                Some(inner) => self.element(inner, data)?,
                None => Element {
                    key: self.expression(key)?,
                    data: data.map(|data| self.expression(data)).transpose()?,
                    extra: None,
                },
            };
            elements.push(element);
        }
        let number = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let start = number(self.file.elements.len());
        self.file.elements.extend(elements);
        Ok(Ids { start, end: number(self.file.elements.len()) })
    }

    /// `{ "val": …, "timeout": …, "comment": … }`.
    pub(super) fn element(&mut self, node: &Node, data: Option<&Node>) -> Read<Element> {
        let key = self.expression(self.need(node, &["val"])?)?;
        let data = data.map(|data| self.expression(data)).transpose()?;
        let mut extra = Extra { comment: self.text_at(node, "comment"), ..Extra::default() };
        if let Some(time) = self.get(node, "timeout") {
            extra.timeout = Some(self.expression(time)?);
        }
        if let Some(time) = self.get(node, "expires") {
            extra.expires = Some(self.expression(time)?);
        }
        let mut statements: Vec<Statement> = Vec::new();
        for name in ["counter", "limit", "quota", "last", "ct count"] {
            if let Some(inner) = self.get(node, name) {
                let kind = self.statement_kind(name, inner)?;
                statements.push(Statement { span: inner.span, kind });
            }
        }
        extra.statements = self.statements(statements);
        let mut id = None;
        if extra.comment.is_some()
            || extra.timeout.is_some()
            || extra.expires.is_some()
            || !extra.statements.is_empty()
        {
            id = Some(ExtraId::at(self.file.extras.len()));
            self.file.extras.push(extra);
        }
        Ok(Element { key, data, extra: id })
    }
}
