//! Names, numbers, strings and times.

use super::{Kind, Parser, Read, Sign, wrong};
use crate::{
    source::Span,
    syntax::{
        Limit,
        nft::{
            error::{ErrorKind, Wanted},
            tree::{ExprId, ExprKind, Unit},
            values,
        },
    },
};

/// Words that the scanner always takes for themselves, so that nothing can bear them as a name.
const RESERVED: &[&str] = &[
    "accept", "add", "ah", "and", "arp", "bridge", "chain", "comment", "comp", "continue",
    "counter", "create", "ct", "dccp", "define", "delete", "drop", "dup", "element", "elements",
    "eq", "esp", "ether", "exthdr", "fib", "flow", "flush", "fwd", "ge", "goto", "gt", "handle",
    "hook", "icmp", "icmpv6", "igmp", "iif", "iifname", "include", "inet", "insert", "ip", "ip6",
    "jhash", "jump", "le", "limit", "list", "log", "lt", "map", "mark", "meta", "ne", "netdev",
    "notrack", "numgen", "oif", "oifname", "or", "osf", "policy", "queue", "quota", "redefine",
    "reject", "rename", "replace", "return", "rt", "ruleset", "sctp", "set", "socket", "symhash",
    "synproxy", "table", "tcp", "th", "tproxy", "type", "typeof", "udp", "udplite", "undefine",
    "vlan", "vmap", "xor",
];

/// The longest comment.
const LONGEST_COMMENT: u32 = 128;

impl Parser<'_> {
    // name := word
    pub(super) fn name(&mut self) -> Read<Span> {
        // Addresses and times are strings to the grammar, so that a chain may be called `1d`.
        if !matches!(
            self.token.kind,
            Kind::Word | Kind::Ipv4 | Kind::Ipv6 | Kind::Mac | Kind::Time | Kind::Class
        ) {
            return Err(self.unexpected(Wanted::Name));
        }
        if RESERVED.contains(&self.word()) {
            return Err(wrong(self.token.span, ErrorKind::ReservedName));
        }
        Ok(self.bump().span)
    }

    // string := word | wildcard | quoted
    pub(super) fn string(&mut self) -> Read<Span> {
        let span = self.token.span;
        match self.token.kind {
            Kind::Word | Kind::Wildcard => Ok(self.bump().span),
            Kind::Quoted => {
                self.bump();
                Ok(Span::new(span.start + 1, span.end - 1))
            }
            _ => Err(self.unexpected(Wanted::Text)),
        }
    }

    // comment := "comment" string
    pub(super) fn comment(&mut self) -> Read<Span> {
        self.expect(&["comment"])?;
        let span = self.string()?;
        if span.len() > LONGEST_COMMENT {
            let limit = Limit {
                what: "comment",
                limit: LONGEST_COMMENT,
                written: span.len(),
                truncated: false,
            };
            let kind = crate::syntax::ErrorKind::LimitExceeded(limit);
            self.errors.add(crate::syntax::Error { span, kind });
        }
        Ok(span)
    }

    /// A comment where one may be.
    pub(super) fn only_comment(&mut self, place: &mut Option<Span>) -> Read<()> {
        let start = self.token.span.start;
        let comment = self.comment()?;
        if place.is_some() {
            self.errors.add(wrong(self.since(start), ErrorKind::SaidTwice));
        }
        *place = Some(comment);
        Ok(())
    }

    // number := digits, up to `max`
    pub(super) fn number(&mut self, max: u64) -> Read<u64> {
        if self.token.kind != Kind::Number {
            return Err(self.unexpected(Wanted::Number));
        }
        let token = self.bump();
        match values::number(self.slice(token.span)) {
            Some(number) if number <= max => Ok(number),
            _ => Err(wrong(token.span, ErrorKind::OutOfRange { max })),
        }
    }

    pub(super) fn number32(&mut self) -> Read<u32> {
        self.number(u64::from(u32::MAX)).map(|it| u32::try_from(it).unwrap_or(u32::MAX))
    }

    pub(super) fn number16(&mut self) -> Read<u16> {
        self.number(u64::from(u16::MAX)).map(|it| u16::try_from(it).unwrap_or(u16::MAX))
    }

    // time := digits unit …, or a quoted one
    pub(super) fn time(&mut self) -> Read<ExprId> {
        let span = self.token.span;
        let readable = match self.token.kind {
            Kind::Time => true,
            Kind::Quoted => values::time(self.slice(span)).is_some(),
            _ => false,
        };
        if !readable {
            return Err(self.unexpected(Wanted::Time));
        }
        self.bump();
        Ok(self.push(span, ExprKind::Time))
    }

    // amount := number ("bytes" | "kbytes" | "mbytes")
    pub(super) fn amount(&mut self) -> Read<(u64, Unit)> {
        let number = self.number(u64::MAX)?;
        Ok((number, self.data_unit()?))
    }

    pub(super) fn data_unit(&mut self) -> Read<Unit> {
        Ok(match self.expect(&["bytes", "kbytes", "mbytes"])? {
            "kbytes" => Unit::Kilobytes,
            "mbytes" => Unit::Megabytes,
            _ => Unit::Bytes,
        })
    }

    // variable := "$" word
    pub(super) fn variable(&mut self) -> Read<ExprId> {
        let start = self.expect_sign(Sign::Dollar, &["$"])?.start;
        if self.token.kind != Kind::Word {
            return Err(self.unexpected(Wanted::Name));
        }
        let name = self.bump().span;
        let definition = self.lookup(name);
        Ok(self.push(self.since(start), ExprKind::Variable(definition)))
    }
}
