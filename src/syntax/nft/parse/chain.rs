//! Chains.

use super::{Kind, Parser, Read, Sign, wrong};
use crate::{
    source::Span,
    syntax::nft::{
        error::{ErrorKind, Wanted},
        tree::{
            BaseChain, Chain, ChainType, Devices, ExprKind, Hook, Ids, Policy, PolicyKind, Priority,
        },
    },
};

impl Parser<'_> {
    // chain := name ("{" chain_item* "}")?
    pub(super) fn chain(&mut self, start: u32, must_have_block: bool) -> Read<Chain> {
        let mut chain = Chain {
            span: Span::default(),
            name: Span::default(),
            body: None,
            base: None,
            policy: None,
            offload: false,
            comment: None,
            rules: Ids::default(),
            handle: None,
        };
        chain.name = self.name()?;
        if must_have_block || self.is_sign(Sign::Open) {
            let mark = self.rules.len();
            chain.handle = self.listed_handle(self.token.span.end);
            let body = self.deeper(|it| it.scoped(|it| it.block(|it| it.chain_item(&mut chain))));
            chain.body = Some(body?);
            chain.rules = self.rules_since(mark);
        }
        chain.span = self.since(start);
        Ok(chain)
    }

    // inline_chain := "{" (rule? (NL | ";"))* "}"
    pub(super) fn inline_chain(&mut self) -> Read<Ids> {
        let mark = self.rules.len();
        self.block(|it| {
            if let Some(common) = it.common() {
                return common.map(|_| ());
            }
            let rule = it.rule()?;
            it.rules.push(rule);
            Ok(())
        })?;
        Ok(self.rules_since(mark))
    }

    // chain_item := "type" … | "policy" … | "flags" "offload" | devices | comment | common | rule
    fn chain_item(&mut self, chain: &mut Chain) -> Read<()> {
        if let Some(common) = self.common() {
            return common.map(|_| ());
        }
        match self.word() {
            "type" => {
                let at = self.token.span;
                let base = self.base_chain()?;
                if chain.base.is_some() {
                    self.errors.add(wrong(at, ErrorKind::SaidTwice));
                }
                chain.base = Some(Box::new(base));
            }
            "policy" => {
                self.bump();
                let policy = self.policy()?;
                if chain.policy.is_some() {
                    self.errors.add(wrong(policy.span, ErrorKind::SaidTwice));
                }
                chain.policy = Some(policy);
            }
            "flags" => {
                self.bump();
                self.expect(&["offload"])?;
                chain.offload = true;
            }
            "devices" => {
                let devices = self.devices()?;
                if let Some(base) = &mut chain.base {
                    base.devices = Some(devices);
                }
            }
            "comment" => self.only_comment(&mut chain.comment)?,
            _ => {
                let rule = self.rule()?;
                self.rules.push(rule);
            }
        }
        Ok(())
    }

    // base_chain := "type" word "hook" word devices? "priority" priority
    fn base_chain(&mut self) -> Read<BaseChain> {
        let start = self.bump().span.start;
        let type_span = self.token.span;
        let chain_type = match self.expect(&["filter", "nat", "route"])? {
            "filter" => ChainType::Filter,
            "nat" => ChainType::Nat,
            _ => ChainType::Route,
        };
        self.expect(&["hook"])?;
        let hook_span = self.token.span;
        let hook = self.hook()?;
        let mut devices = None;
        if self.is("device") || self.is("devices") {
            devices = Some(self.devices()?);
        }
        let priority = self.priority()?;
        let span = self.since(start);
        Ok(BaseChain { span, chain_type, type_span, hook, hook_span, devices, priority })
    }

    // hook := "ingress" | "prerouting" | "input" | "forward" | "output" | "postrouting" | "egress"
    pub(super) fn hook(&mut self) -> Read<Hook> {
        const HOOKS: &[&str] =
            &["prerouting", "input", "forward", "output", "postrouting", "ingress", "egress"];
        let name = self.expect(HOOKS)?;
        Hook::of(name).ok_or_else(|| self.unexpected(Wanted::OneOf(HOOKS)))
    }

    // devices := "device" (string | variable) | "devices" "=" ("{" name ("," name)* ","? "}" | variable)
    pub(super) fn devices(&mut self) -> Read<Devices> {
        let start = self.token.span.start;
        let mark = self.parts.len();
        let many = self.expect(&["device", "devices"])? == "devices";
        if many {
            self.expect_sign(Sign::Assign, &["="])?;
        }
        if many && self.is_sign(Sign::Open) {
            self.bump();
            loop {
                self.skip_newlines();
                if self.parts.len() > mark && self.is_sign(Sign::Close) {
                    break;
                }
                self.device()?;
                self.skip_newlines();
                if !self.take_sign(Sign::Comma) {
                    break;
                }
            }
            self.expect_sign(Sign::Close, &[",", "}"])?;
        } else {
            self.device()?;
        }
        let names = self.parts_since(mark);
        Ok(Devices { span: self.since(start), names })
    }

    fn device(&mut self) -> Read<()> {
        let span = self.token.span;
        let id = match self.token.kind {
            Kind::Sign(Sign::Dollar) => self.variable()?,
            Kind::Quoted => {
                self.bump();
                self.push(span, ExprKind::Quoted)
            }
            Kind::Word | Kind::Wildcard => {
                self.bump();
                self.push(span, ExprKind::Word)
            }
            _ => return Err(self.unexpected(Wanted::Name)),
        };
        self.parts.push(id);
        Ok(())
    }

    // priority := "priority" (variable | name)? (("+" | "-")? number)?
    pub(super) fn priority(&mut self) -> Read<Priority> {
        self.expect(&["priority"])?;
        let start = self.token.span.start;
        let mut base = None;
        match self.token.kind {
            Kind::Sign(Sign::Dollar) => {
                let id = self.variable()?;
                return Ok(Priority { span: self.since(start), base: Some(id), offset: 0 });
            }
            Kind::Word => {
                let span = self.bump().span;
                base = Some(self.push(span, ExprKind::Word));
            }
            _ => {}
        }
        let negative = self.is_sign(Sign::Dash);
        let mut offset = 0;
        if negative || (base.is_some() && self.is_sign(Sign::Plus)) {
            self.bump();
            offset = self.priority_number()?;
        } else if base.is_none() {
            offset = self.priority_number()?;
        }
        let offset = if negative { -offset } else { offset };
        Ok(Priority { span: self.since(start), base, offset })
    }

    fn priority_number(&mut self) -> Read<i32> {
        let max = u64::from(i32::MAX.unsigned_abs());
        Ok(i32::try_from(self.number(max)?).unwrap_or(i32::MAX))
    }

    // policy := "accept" | "drop" | variable
    fn policy(&mut self) -> Read<Policy> {
        let span = self.token.span;
        let kind = if self.is_sign(Sign::Dollar) {
            PolicyKind::Variable(self.variable()?)
        } else {
            match self.expect(&["accept", "drop"])? {
                "accept" => PolicyKind::Accept,
                _ => PolicyKind::Drop,
            }
        };
        Ok(Policy { span: self.since(span.start), kind })
    }
}
