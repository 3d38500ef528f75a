//! Sets, maps, flowtables and stateful objects.

use super::{Node, Read, Reader, wrong};
use crate::{
    source::Span,
    syntax::nft::{
        datatype::Datatype,
        error::Wanted,
        tree::{
            Data, ExprKind, Family, Flowtable, Ids, KeyType, Object, ObjectKind, ObjectSpec, Set,
            SetFlags, SetPolicy, TypePart,
        },
    },
};

impl Reader<'_> {
    /// The name, which a handle may stand for.
    fn named(&self, node: &Node) -> Read<(Span, Option<u64>)> {
        let handle = self.number_at(node, "handle");
        match self.text_at(node, "name") {
            Some(name) => Ok((name, handle)),
            None if handle.is_some() => Ok((Span::default(), handle)),
            None => Err(wrong(node.span, Wanted::OneOf(&["name"]))),
        }
    }

    pub(super) fn set(&mut self, is_map: bool, makes: bool, node: &Node) -> Read<Set> {
        let (name, handle) = self.named(node)?;
        let mut set = Set {
            span: node.span,
            name,
            is_map,
            body: makes.then_some(node.span),
            key: None,
            data: None,
            flags: SetFlags::default(),
            flags_span: None,
            timeout: None,
            gc_interval: None,
            size: self.number_at(node, "size"),
            policy: match self.word_at(node, "policy") {
                "performance" => Some(SetPolicy::Performance),
                "memory" => Some(SetPolicy::Memory),
                _ => None,
            },
            auto_merge: self.flag_at(node, "auto-merge"),
            elements: Vec::new(),
            comment: self.text_at(node, "comment"),
            statements: Ids::default(),
            handle,
        };
        if !makes {
            return Ok(set);
        }
        set.key = Some(self.key_type(self.need(node, &["type"])?)?);
        if let Some(map) = self.get(node, "map") {
            set.data = Some(self.data_type(map)?);
        }
        for word in self.words_at(node, "flags") {
            set.flags.0 |= match word {
                "constant" => SetFlags::CONSTANT,
                "interval" => SetFlags::INTERVAL,
                "timeout" => SetFlags::TIMEOUT,
                "dynamic" => SetFlags::DYNAMIC,
                _ => 0,
            };
        }
        if let Some(time) = self.get(node, "timeout") {
            set.timeout = Some(self.expression(time)?);
        }
        if let Some(time) = self.get(node, "gc-interval") {
            set.gc_interval = Some(self.expression(time)?);
        }
        if let Some(elements) = self.get(node, "elem") {
            let ids = self.elements(elements)?;
            let id = self.push(elements.span, ExprKind::Set(ids));
            set.elements.push(id);
        }
        if let Some(list) = self.get(node, "stmt") {
            let mut statements = Vec::new();
            for statement in list.list() {
                statements.push(self.statement(statement)?);
            }
            set.statements = self.statements(statements);
        }
        Ok(set)
    }

    // type := name | [ name … ] | { "typeof": expression }
    fn key_type(&mut self, node: &Node) -> Read<KeyType> {
        if let Some(inner) = self.get(node, "typeof") {
            return Ok(KeyType::Typeof(self.expression(inner)?));
        }
        let mut parts = Vec::new();
        for part in node.list() {
            let span = part.string().ok_or_else(|| wrong(part.span, Wanted::Name))?;
            let datatype =
                Datatype::of(self.slice(span)).ok_or_else(|| wrong(span, Wanted::Name))?;
            parts.push(TypePart { span, datatype });
        }
        Ok(KeyType::Types(parts))
    }

    fn data_type(&mut self, node: &Node) -> Read<Data> {
        let word = node.string().map_or("", |span| self.slice(span));
        Ok(match word {
            "verdict" => Data::Verdict,
            _ => match object_kind(word) {
                Some(kind) => Data::Object(kind),
                None => Data::Value { of: self.key_type(node)?, interval: false },
            },
        })
    }

    pub(super) fn flowtable(&mut self, node: &Node) -> Read<Flowtable> {
        let (name, handle) = self.named(node)?;
        let priority = match self.get(node, "prio") {
            Some(_) => Some(self.priority(node)?),
            None => None,
        };
        let flags = self.words_at(node, "flags");
        Ok(Flowtable {
            span: node.span,
            name,
            priority,
            offload: flags.contains(&"offload"),
            counter: flags.contains(&"counter"),
            devices: self.devices(node)?,
            handle,
        })
    }

    pub(super) fn object(&mut self, kind: Span, makes: bool, node: &Node) -> Read<Object> {
        let Some(sort) = object_kind(self.slice(kind)) else {
            return Err(wrong(kind, Wanted::Command));
        };
        let (name, handle) = self.named(node)?;
        let mut spec = None;
        if makes {
            spec = match sort {
                ObjectKind::Counter => Some(ObjectSpec::Counter {
                    packets: self.number_at(node, "packets").unwrap_or_default(),
                    bytes: self.number_at(node, "bytes").unwrap_or_default(),
                }),
                ObjectKind::Quota => Some(ObjectSpec::Quota(self.quota(node))),
                ObjectKind::Limit => Some(ObjectSpec::Limit(self.limit(node)?)),
                ObjectKind::Synproxy => Some(ObjectSpec::Synproxy(self.synproxy(node))),
                ObjectKind::Helper => Some(ObjectSpec::Helper {
                    helper: self.need_text(node, &["type"])?,
                    protocol: self.need_text(node, &["protocol"])?,
                    family: Family::of(self.word_at(node, "l3proto")),
                }),
                ObjectKind::Timeout => Some(ObjectSpec::Timeout(node.span)),
                ObjectKind::Expectation => Some(ObjectSpec::Expectation(node.span)),
                ObjectKind::Tunnel => Some(ObjectSpec::Tunnel(node.span)),
                ObjectKind::Secmark => self.text_at(node, "context").map(ObjectSpec::Secmark),
            };
        }
        let comment = self.text_at(node, "comment");
        Ok(Object { span: node.span, kind: sort, name, spec, comment, handle })
    }
}

fn object_kind(word: &str) -> Option<ObjectKind> {
    Some(match word {
        "counter" => ObjectKind::Counter,
        "quota" => ObjectKind::Quota,
        "limit" => ObjectKind::Limit,
        "ct helper" => ObjectKind::Helper,
        "ct timeout" => ObjectKind::Timeout,
        "ct expectation" => ObjectKind::Expectation,
        "synproxy" => ObjectKind::Synproxy,
        "secmark" => ObjectKind::Secmark,
        "tunnel" => ObjectKind::Tunnel,
        _ => return None,
    })
}
