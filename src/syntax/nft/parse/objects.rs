//! Declarations of flowtables and stateful objects.

use super::{Kind, Parser, Read, Sign, wrong};
use crate::{
    source::Span,
    syntax::{
        Error,
        nft::{
            error::{ErrorKind, Wanted},
            tree::{Flowtable, Object, ObjectKind, ObjectSpec},
        },
    },
};

impl Parser<'_> {
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
                        return Err(incomplete(body, vec!["type"]));
                    }
                }
                ObjectKind::Timeout => object.spec = Some(ObjectSpec::Timeout(body)),
                ObjectKind::Expectation => {
                    let missing = helper.missing();
                    if !missing.is_empty() {
                        return Err(incomplete(body, missing));
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

/// The error that a block is without what is missing in it.
fn incomplete(block: Span, missing: Vec<&'static str>) -> Error {
    wrong(Span::new(block.start, block.start + 1), ErrorKind::MissingOptions { missing })
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
    fn missing(&self) -> Vec<&'static str> {
        let needed = ["protocol", "dport", "timeout", "size"];
        needed.into_iter().filter(|word| !self.said.contains(word)).collect()
    }

    fn spec(&self) -> Option<ObjectSpec> {
        let (helper, protocol) = self.name.zip(self.protocol)?;
        Some(ObjectSpec::Helper { helper, protocol, family: self.family })
    }
}
