//! Declarations of sets, maps, flowtables and stateful objects.

use super::{Kind, Parser, Read, Sign, expression::Side, wrong};
use crate::{
    source::Span,
    syntax::{
        error::nearest,
        nft::{
            datatype::Datatype,
            error::{ErrorKind, Wanted},
            tree::{
                Data, ExprId, Flowtable, Ids, KeyType, Object, ObjectKind, ObjectSpec, Set,
                SetFlags, SetPolicy, TypePart,
            },
        },
    },
};

const SET_WORDS: &[&str] = &[
    "type",
    "typeof",
    "flags",
    "timeout",
    "gc-interval",
    "size",
    "policy",
    "auto-merge",
    "elements",
    "comment",
    "counter",
    "limit",
    "quota",
    "last",
    "ct",
];

impl Parser<'_> {
    // set_block := name ("{" set_item* "}")?
    pub(super) fn set_block(
        &mut self,
        start: u32,
        is_map: bool,
        must_have_block: bool,
    ) -> Read<Set> {
        let mut set = Set {
            span: Span::default(),
            name: self.name()?,
            is_map,
            body: None,
            key: None,
            data: None,
            flags: SetFlags::default(),
            timeout: None,
            gc_interval: None,
            size: None,
            policy: None,
            auto_merge: false,
            elements: Vec::new(),
            comment: None,
            statements: Ids::default(),
            handle: None,
        };
        if must_have_block || self.is_sign(Sign::Open) {
            let mark = self.statements.len();
            let body = self.deeper(|it| it.scoped(|it| it.block(|it| it.set_item(&mut set))));
            set.body = Some(body?);
            set.statements = self.statements_since(mark);
        }
        set.span = self.since(start);
        Ok(set)
    }

    // set_item := "type" … | "typeof" … | "flags" … | "timeout" time | "elements" "=" set | …
    fn set_item(&mut self, set: &mut Set) -> Read<()> {
        if let Some(common) = self.common() {
            return common.map(|_| ());
        }
        let at = self.token.span;
        match self.word() {
            "type" | "typeof" => {
                if set.key.is_some() {
                    self.errors.add(wrong(at, ErrorKind::SaidTwice));
                }
                set.key = Some(self.key_type()?);
                if set.is_map {
                    self.expect_sign(Sign::Colon, &[":"])?;
                    set.data = Some(self.data_type(at)?);
                } else if self.is_sign(Sign::Colon) {
                    return Err(wrong(self.token.span, ErrorKind::UnexpectedData));
                }
            }
            "flags" => {
                self.bump();
                loop {
                    set.flags.0 |=
                        match self.expect(&["constant", "interval", "timeout", "dynamic"])? {
                            "constant" => SetFlags::CONSTANT,
                            "interval" => SetFlags::INTERVAL,
                            "timeout" => SetFlags::TIMEOUT,
                            _ => SetFlags::DYNAMIC,
                        };
                    if !self.take_sign(Sign::Comma) {
                        break;
                    }
                }
            }
            "timeout" => {
                self.bump();
                set.timeout = Some(self.time()?);
            }
            "gc-interval" => {
                self.bump();
                set.gc_interval = Some(self.time()?);
            }
            "size" => {
                self.bump();
                set.size = Some(self.number(u64::from(u32::MAX))?);
            }
            "policy" => {
                self.bump();
                set.policy = Some(match self.expect(&["performance", "memory"])? {
                    "performance" => SetPolicy::Performance,
                    _ => SetPolicy::Memory,
                });
            }
            "auto-merge" => {
                self.bump();
                set.auto_merge = true;
            }
            "elements" => {
                self.bump();
                self.expect_sign(Sign::Assign, &["="])?;
                let elements = self.elements_value()?;
                set.elements.push(elements);
            }
            "comment" => self.only_comment(&mut set.comment)?,
            _ => match self.stateful() {
                Some(statement) => {
                    let mut statement = statement?;
                    loop {
                        self.statements.push(statement);
                        match self.stateful() {
                            Some(next) => statement = next?,
                            None => break,
                        }
                    }
                }
                None => return Err(self.unexpected(Wanted::OneOf(SET_WORDS))),
            },
        }
        Ok(())
    }

    // elements_value := set | variable
    pub(super) fn elements_value(&mut self) -> Read<ExprId> {
        match self.token.kind {
            Kind::Sign(Sign::Open) => self.set(Side::Key),
            Kind::Sign(Sign::Dollar) => self.variable(),
            _ => Err(self.unexpected(Wanted::OneOf(&["{", "$"]))),
        }
    }

    // key_type := "type" name ("." name)* | "typeof" expression
    fn key_type(&mut self) -> Read<KeyType> {
        if self.expect(&["type", "typeof"])? == "typeof" {
            return Ok(KeyType::Typeof(self.expression(Side::Left)?));
        }
        self.types().map(KeyType::Types)
    }

    fn types(&mut self) -> Read<Vec<TypePart>> {
        let mut parts = Vec::new();
        loop {
            let span = self.token.span;
            let Some(datatype) = Datatype::of(self.word()) else {
                let names = Datatype::ALL.iter().map(|it| it.name());
                let suggestion = nearest(self.word(), names).filter(|_| !self.word().is_empty());
                let mut error = self.unexpected(Wanted::Name);
                if self.token.kind == Kind::Word {
                    error = wrong(span, ErrorKind::Unexpected { wanted: Wanted::Name, suggestion });
                }
                return Err(error);
            };
            self.bump();
            parts.push(TypePart { span, datatype });
            if !self.take_sign(Sign::Dot) {
                return Ok(parts);
            }
        }
    }

    // data_type := "interval"? types | "verdict" | object | "interval"? expression
    fn data_type(&mut self, keyword: Span) -> Read<Data> {
        let by_expression = self.slice(keyword) == "typeof";
        let interval = self.take("interval");
        let object = match self.word() {
            "verdict" => {
                self.bump();
                return Ok(Data::Verdict);
            }
            "ct" => match self.slice(self.second().span) {
                "helper" => Some(ObjectKind::Helper),
                "timeout" => Some(ObjectKind::Timeout),
                "expectation" => Some(ObjectKind::Expectation),
                _ => None,
            },
            "counter" => Some(ObjectKind::Counter),
            "quota" => Some(ObjectKind::Quota),
            "limit" => Some(ObjectKind::Limit),
            "synproxy" => Some(ObjectKind::Synproxy),
            "secmark" => Some(ObjectKind::Secmark),
            "tunnel" if !by_expression || self.second().kind != Kind::Word => {
                Some(ObjectKind::Tunnel)
            }
            _ => None,
        };
        if let Some(kind) = object {
            if self.is("ct") {
                self.bump();
            }
            self.bump();
            return Ok(Data::Object(kind));
        }
        let of = if by_expression {
            KeyType::Typeof(self.expression(Side::Argument)?)
        } else {
            KeyType::Types(self.types()?)
        };
        Ok(Data::Value { of, interval })
    }

    // flowtable := name ("{" ("hook" hook "priority" priority | devices | "counter" | "flags" "offload")* "}")?
    pub(super) fn flowtable(&mut self, start: u32, must_have_block: bool) -> Read<Flowtable> {
        let mut flowtable = Flowtable {
            span: Span::default(),
            name: self.name()?,
            priority: None,
            devices: None,
            counter: false,
            offload: false,
            handle: None,
        };
        if must_have_block || self.is_sign(Sign::Open) {
            self.deeper(|it| {
                it.scoped(|it| {
                    it.block(|it| {
                        if let Some(common) = it.common() {
                            return common.map(|_| ());
                        }
                        match it.word() {
                            "hook" => {
                                it.bump();
                                it.expect(&["ingress"])?;
                                flowtable.priority = Some(it.priority()?);
                            }
                            "devices" => flowtable.devices = Some(it.devices()?),
                            "counter" => {
                                it.bump();
                                flowtable.counter = true;
                            }
                            "flags" => {
                                it.bump();
                                it.expect(&["offload"])?;
                                flowtable.offload = true;
                            }
                            _ => {
                                let words = &["hook", "devices", "counter", "flags"];
                                return Err(it.unexpected(Wanted::OneOf(words)));
                            }
                        }
                        Ok(())
                    })
                })
            })?;
        }
        flowtable.span = self.since(start);
        Ok(flowtable)
    }

    // object_kind := "counter" | "quota" | "limit" | "ct" ("helper" | "timeout" | "expectation") | …
    pub(super) fn object_kind(&mut self) -> Option<Read<ObjectKind>> {
        let kind = match self.word() {
            "counter" => ObjectKind::Counter,
            "quota" => ObjectKind::Quota,
            "limit" => ObjectKind::Limit,
            "synproxy" => ObjectKind::Synproxy,
            "secmark" => ObjectKind::Secmark,
            "tunnel" => ObjectKind::Tunnel,
            "ct" => {
                self.bump();
                let kind = self.expect(&["helper", "timeout", "expectation"]);
                return Some(kind.map(|kind| match kind {
                    "helper" => ObjectKind::Helper,
                    "timeout" => ObjectKind::Timeout,
                    _ => ObjectKind::Expectation,
                }));
            }
            _ => return None,
        };
        self.bump();
        Some(Ok(kind))
    }

    // object := name ("{" spec "}")?
    pub(super) fn object(
        &mut self,
        start: u32,
        kind: ObjectKind,
        must_have_block: bool,
    ) -> Read<Object> {
        let mut object = Object {
            span: Span::default(),
            kind,
            name: self.name()?,
            spec: None,
            comment: None,
            handle: None,
        };
        if must_have_block || self.is_sign(Sign::Open) {
            let mut helper = Helper::default();
            let body = self.deeper(|it| {
                it.scoped(|it| it.block(|it| it.object_item(&mut object, &mut helper)))
            })?;
            match kind {
                ObjectKind::Helper => {
                    object.spec = helper.spec();
                    if object.spec.is_none() {
                        return Err(wrong(
                            object.name,
                            ErrorKind::Unexpected {
                                wanted: Wanted::OneOf(&["type"]),
                                suggestion: None,
                            },
                        ));
                    }
                }
                ObjectKind::Timeout => object.spec = Some(ObjectSpec::Timeout(body)),
                ObjectKind::Expectation => {
                    if let Some(missing) = helper.missing() {
                        let wanted = Wanted::OneOf(missing);
                        return Err(wrong(
                            object.name,
                            ErrorKind::Unexpected { wanted, suggestion: None },
                        ));
                    }
                    object.spec = Some(ObjectSpec::Expectation(body));
                }
                ObjectKind::Tunnel => object.spec = Some(ObjectSpec::Tunnel(body)),
                _ => {}
            }
        } else if !self.at_end() {
            self.object_item(&mut object, &mut Helper::default())?;
        }
        object.span = self.since(start);
        Ok(object)
    }

    fn object_item(&mut self, object: &mut Object, helper: &mut Helper) -> Read<()> {
        if let Some(common) = self.common() {
            return common.map(|_| ());
        }
        if self.is("comment") {
            object.comment = Some(self.comment()?);
            return Ok(());
        }
        match object.kind {
            ObjectKind::Counter => {
                let mut numbers = [0, 0];
                if let Some(ObjectSpec::Counter { packets, bytes }) = object.spec {
                    numbers = [packets, bytes];
                }
                let which = usize::from(self.expect(&["packets", "bytes"])? == "bytes");
                numbers[which] = self.number(u64::MAX)?;
                if self.take("bytes") {
                    numbers[1] = self.number(u64::MAX)?;
                }
                object.spec = Some(ObjectSpec::Counter { packets: numbers[0], bytes: numbers[1] });
            }
            ObjectKind::Quota => object.spec = Some(ObjectSpec::Quota(self.quota_spec()?)),
            ObjectKind::Limit => object.spec = Some(ObjectSpec::Limit(self.rate()?)),
            ObjectKind::Synproxy => {
                if !matches!(self.word(), "mss" | "wscale" | "timestamp" | "sack-perm") {
                    let words = &["mss", "wscale", "timestamp", "sack-perm"];
                    return Err(self.unexpected(Wanted::OneOf(words)));
                }
                let mut spec = self.synproxy_spec(false)?;
                if let Some(ObjectSpec::Synproxy(earlier)) = &object.spec {
                    spec.mss = spec.mss.or(earlier.mss);
                    spec.wscale = spec.wscale.or(earlier.wscale);
                    spec.timestamp |= earlier.timestamp;
                    spec.sack_perm |= earlier.sack_perm;
                }
                object.spec = Some(ObjectSpec::Synproxy(spec));
            }
            ObjectKind::Secmark => object.spec = Some(ObjectSpec::Secmark(self.string()?)),
            ObjectKind::Helper => return self.helper_item(helper),
            ObjectKind::Timeout => return self.timeout_item(helper),
            ObjectKind::Expectation => return self.expectation_item(helper),
            ObjectKind::Tunnel => self.tunnel_item(),
        }
        Ok(())
    }

    // helper_item := "type" string "protocol" word | "l3proto" family
    fn helper_item(&mut self, helper: &mut Helper) -> Read<()> {
        if self.expect(&["type", "l3proto"])? == "l3proto" {
            helper.family = self.family().map(|(family, _)| family);
            return match helper.family {
                Some(_) => Ok(()),
                None => Err(self.unexpected(Wanted::OneOf(&["ip", "ip6", "inet"]))),
            };
        }
        helper.name = Some(self.string()?);
        self.expect(&["protocol"])?;
        helper.protocol = Some(self.token.span);
        self.expect(&["tcp", "udp"])?;
        Ok(())
    }

    // timeout_item := "protocol" word | "l3proto" family | "policy" "=" "{" state ":" time ("," …)* "}"
    fn timeout_item(&mut self, helper: &mut Helper) -> Read<()> {
        match self.expect(&["protocol", "l3proto", "policy"])? {
            "protocol" => {
                helper.protocol = Some(self.token.span);
                self.expect(&["tcp", "udp"])?;
            }
            "l3proto" => {
                if self.family().is_none() {
                    return Err(self.unexpected(Wanted::OneOf(&["ip", "ip6", "inet"])));
                }
            }
            _ => {
                self.expect_sign(Sign::Assign, &["="])?;
                self.expect_sign(Sign::Open, &["{"])?;
                loop {
                    self.skip_newlines();
                    let protocol = helper.protocol.map_or("", |span| self.slice(span));
                    self.expect(states(protocol))?;
                    self.expect_sign(Sign::Colon, &[":"])?;
                    if self.token.kind == Kind::Number {
                        self.number32()?;
                    } else {
                        self.time()?;
                    }
                    self.skip_newlines();
                    if !self.take_sign(Sign::Comma) {
                        break;
                    }
                    self.skip_newlines();
                    if self.is_sign(Sign::Close) {
                        break;
                    }
                }
                self.expect_sign(Sign::Close, &[",", "}"])?;
            }
        }
        Ok(())
    }

    // expectation_item := "protocol" word | "dport" number | "timeout" time | "size" number | "l3proto" family
    fn expectation_item(&mut self, helper: &mut Helper) -> Read<()> {
        let word = self.expect(&["protocol", "dport", "timeout", "size", "l3proto"])?;
        helper.said.push(word);
        match word {
            "protocol" => {
                self.string()?;
            }
            "timeout" => {
                self.time()?;
            }
            "l3proto" => {
                if self.family().is_none() {
                    return Err(self.unexpected(Wanted::OneOf(&["ip", "ip6", "inet"])));
                }
            }
            _ => {
                self.number16()?;
            }
        }
        Ok(())
    }

    // tunnel_item := word …, kept as text
    fn tunnel_item(&mut self) {
        let braces = self.braces.len();
        while !(self.at_end() && self.braces.len() <= braces) && self.token.kind != Kind::End {
            self.bump();
        }
    }
}

/// What a helper's block has said so far.
#[derive(Default)]
struct Helper {
    name: Option<Span>,
    protocol: Option<Span>,
    family: Option<crate::syntax::nft::tree::Family>,
    said: Vec<&'static str>,
}

/// The states that a timeout can be given for.
fn states(protocol: &str) -> &'static [&'static str] {
    const TCP: &[&str] = &[
        "close",
        "close_wait",
        "established",
        "fin_wait",
        "last_ack",
        "retrans",
        "syn_recv",
        "syn_sent",
        "syn_sent2",
        "time_wait",
        "unack",
    ];
    const UDP: &[&str] = &["replied", "unreplied"];
    const ALL: &[&str] = &[
        "close",
        "close_wait",
        "established",
        "fin_wait",
        "last_ack",
        "retrans",
        "syn_recv",
        "syn_sent",
        "syn_sent2",
        "time_wait",
        "unack",
        "replied",
        "unreplied",
    ];
    match protocol {
        "tcp" => TCP,
        "udp" => UDP,
        _ => ALL,
    }
}

impl Helper {
    /// What an expectation still has to say.
    fn missing(&self) -> Option<&'static [&'static str]> {
        let needed: [&'static [&'static str]; 4] =
            [&["protocol"], &["dport"], &["timeout"], &["size"]];
        needed.into_iter().find(|word| !self.said.contains(&word[0]))
    }

    fn spec(&self) -> Option<ObjectSpec> {
        let (helper, protocol) = self.name.zip(self.protocol)?;
        Some(ObjectSpec::Helper { helper, protocol, family: self.family })
    }
}
