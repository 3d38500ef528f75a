//! Declarations of sets and maps.

use super::{Kind, Parser, Read, Sign, expression::Side, wrong};
use crate::{
    source::Span,
    syntax::{
        error::nearest,
        nft::{
            datatype::Datatype,
            error::{ErrorKind, Wanted},
            tree::{Data, ExprId, Ids, KeyType, ObjectKind, Set, SetFlags, SetPolicy, TypePart},
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
            flags_span: None,
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
            set.handle = self.listed_handle(self.token.span.end);
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
                set.flags_span = Some(self.since(at.start));
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
}
