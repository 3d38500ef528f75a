//! `fwlint trace`: what becomes of packets, and which rule decides.

use super::{
    Exit, Plan, hosts,
    reading::{Reading, Text},
    refused::{self, Refused},
};
use crate::{
    analysis::trace::{self, Assumption, Decision, Effect, Event, Tracer, Verdict},
    lints, lower,
    model::{ChainId, Place, Ruleset},
    packets::{Address, Packet},
    settings::{Error, Settings},
    source::input::{Inputs, Problem},
    syntax::{self, Dialect},
    words::Message,
};

/// What becomes of packets in each host.
#[derive(Debug, Default)]
pub struct Traces {
    /// The hosts, in the order of their files.
    pub hosts: Vec<HostTraces>,
    /// Named inputs that could not be read.
    pub problems: Vec<Problem>,
    /// Hosts of the configuration that cannot be.
    pub refused: Vec<Error>,
    /// Files with a part that was left out by an error.
    pub opaque: Vec<String>,
}

/// What becomes of packets in one host.
#[derive(Debug)]
pub struct HostTraces {
    /// The host by its name, or by its files.
    pub name: String,
    /// The packets, in the order in which they were given.
    pub traces: Vec<Traced>,
}

/// What becomes of one packet.
#[derive(Debug)]
pub struct Traced {
    /// The packet.
    pub packet: String,
    /// What becomes of it.
    pub verdict: Verdict,
    /// What decides.
    pub decided_by: Decider,
    /// What let it on, base chain by base chain.
    pub accepts: Vec<Decider>,
    /// What the verdict depends on, where it is *maybe*.
    pub depends_on: Vec<Message>,
    /// The packet as the rules have rewritten it.
    pub rewritten: Option<String>,
    /// What it met on its way.
    pub walk: Vec<Step>,
    /// What was taken for granted.
    pub assumptions: Vec<Message>,
    /// Where a rule would have to stand to change the verdict, and one that would.
    pub advice: Option<Message>,
}

/// What decides about a packet in a base chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decider {
    /// `rule`, `policy` or `none`.
    pub kind: &'static str,
    /// The file.
    pub path: Option<String>,
    /// The line.
    pub line: Option<u32>,
    /// The text of the rule.
    pub text: Option<String>,
    /// The family of the table.
    pub family: Option<&'static str>,
    /// The table.
    pub table: Option<String>,
    /// The chain that the rule is in, or the base chain whose policy it is.
    pub chain: Option<String>,
}

/// Something that a packet met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The hook.
    pub hook: &'static str,
    /// What it met.
    pub by: Decider,
    /// What that did.
    pub effect: &'static str,
    /// The chain that it led to.
    pub to: Option<String>,
}

impl Traces {
    /// Whether everything that was named was analysed.
    pub fn complete(&self) -> bool {
        self.opaque.is_empty() && self.problems.is_empty()
    }

    /// What the process ends with.
    pub fn exit(&self, settings: &Settings) -> Exit {
        let nothing = self.hosts.is_empty() && !settings.allow_empty;
        match () {
            () if !self.refused.is_empty() => Exit::Usage,
            () if (nothing || !self.complete()) && !settings.allow_incomplete => Exit::Incomplete,
            () => Exit::Clean,
        }
    }
}

/// Follows packets through every host among the inputs.
pub fn traces(inputs: Inputs, dialect: Option<Dialect>, plan: &Plan, packets: &[Packet]) -> Traces {
    let reading = Reading::of(inputs, dialect);
    let texts = reading.texts();
    let (groups, refused) = hosts::groups(&texts, plan);
    let mut result = Traces { refused, ..Traces::default() };
    for group in groups {
        let inputs: Vec<_> = group.texts.iter().map(|it| texts[*it].input()).collect();
        let ruleset = lower::ruleset(&inputs);
        if ruleset.chains.is_empty() {
            continue;
        }
        let stops =
            |it: &&lower::Input<'_>| it.parsed.errors.iter().any(syntax::Error::stops_loading);
        result.opaque.extend(inputs.iter().filter(stops).map(|it| it.source.path.clone()));
        let own: Vec<Text<'_>> = group.texts.iter().map(|it| texts[*it]).collect();
        let refused = refused::all(&ruleset, &own);
        let host = Host { ruleset: &ruleset, reading: &reading, texts: &texts, refused: &refused };
        let tracer = Tracer::new(&ruleset);
        let all = packets.iter().map(|packet| host.traced(packet, &tracer.trace(packet)));
        result.hosts.push(HostTraces { name: group.name(&texts), traces: all.collect() });
    }
    result.problems = reading.problems;
    result
}

struct Host<'a> {
    ruleset: &'a Ruleset,
    reading: &'a Reading,
    texts: &'a [Text<'a>],
    refused: &'a [Refused],
}

impl Host<'_> {
    fn traced(&self, packet: &Packet, trace: &trace::Trace) -> Traced {
        let mut depends_on: Vec<Message> = trace.depends_on.iter().map(lints::dependence).collect();
        if trace.bounded {
            depends_on.push(Message {
                en: "more rules and answers than are followed".into(),
                zh: "过多而未跟踪到底的规则与可能".into(),
            });
        }
        let refused = refused::met(self.ruleset, trace, self.refused);
        depends_on.extend(refused.map(|it| self.refusal(it)));
        let by_refused = refused.filter(|_| trace.verdict != Verdict::Maybe);
        let (verdict, advice) = match by_refused {
            Some(_) => (Verdict::Maybe, None),
            None => (trace.verdict, self.advice(packet, trace)),
        };
        let sure = trace.accepts.iter().filter(|_| verdict != Verdict::Maybe);
        Traced {
            packet: packet.to_string(),
            verdict,
            decided_by: by_refused.map_or_else(
                || self.decider(trace.decided_by),
                |it| self.in_chain(it.place, it.chain),
            ),
            accepts: sure.map(|it| self.decider(*it)).collect(),
            depends_on,
            rewritten: trace.rewritten.as_ref().map(ToString::to_string),
            walk: trace.walk.iter().map(|it| self.step(it)).collect(),
            assumptions: trace.assumptions.iter().map(|it| assumption(*it)).collect(),
            advice,
        }
    }

    fn decider(&self, decision: Decision) -> Decider {
        let ruleset = self.ruleset;
        let (kind, place, chain) = match decision {
            Decision::Rule(rule, _) => {
                let rule = ruleset.rule(rule);
                ("rule", rule.place, rule.chain)
            }
            Decision::Policy(chain) => {
                let known = ruleset.chain(chain);
                let written = known.base.and_then(|base| base.policy_place);
                ("policy", written.unwrap_or(known.place), chain)
            }
            Decision::None => {
                return Decider {
                    kind: "none",
                    path: None,
                    line: None,
                    text: None,
                    family: None,
                    table: None,
                    chain: None,
                };
            }
        };
        let decider = self.in_chain(place, chain);
        let text = decider.text.filter(|_| kind == "rule");
        Decider { kind, text, ..decider }
    }

    /// A line that the loader refuses.
    fn refusal(&self, refused: &Refused) -> Message {
        let at = self.in_chain(refused.place, refused.chain);
        let (path, line) = (at.path.unwrap_or_default(), at.line.unwrap_or_default());
        Message {
            en: format!("what {path}:{line} would do, which the loader refuses"),
            zh: format!("被加载程序拒绝的 {path}:{line} 本应起的作用"),
        }
    }

    /// A rule at a place.
    fn in_chain(&self, place: Place, chain: ChainId) -> Decider {
        let ruleset = self.ruleset;
        let table = ruleset.table_of(chain);
        let text = self.texts.iter().find(|it| it.file == place.file);
        let text = text.map(|it| it.source.slice(place.span).split_whitespace());
        let located = self.reading.locate(place);
        let source = &self.reading.files[located.file as usize].source;
        Decider {
            kind: "rule",
            path: Some(source.path.clone()),
            line: Some(source.position(located.span.start).line),
            text: text.map(|words| words.collect::<Vec<_>>().join(" ")),
            family: Some(table.family.name()),
            table: Some(table.name.clone()),
            chain: Some(ruleset.chain(chain).name.clone()),
        }
    }

    fn step(&self, event: &Event) -> Step {
        let by = match event.rule {
            Some(rule) => Decision::Rule(rule, event.base),
            None => Decision::Policy(event.base),
        };
        let to = match event.effect {
            Effect::Jump(chain) | Effect::Goto(chain) => {
                Some(self.ruleset.chain(chain).name.clone())
            }
            _ => None,
        };
        let (hook, effect) = (event.hook.name(), event.effect.name());
        Step { hook, by: self.decider(by), effect, to }
    }

    /// Where to put a rule that changes the verdict.
    fn advice(&self, packet: &Packet, trace: &trace::Trace) -> Option<Message> {
        let (wanted_en, wanted_zh, iptables, nft) = match trace.verdict {
            Verdict::Accept => ("stop", "阻止", "DROP", "drop"),
            Verdict::Drop | Verdict::Reject => ("allow", "放行", "ACCEPT", "accept"),
            Verdict::Maybe => return None,
        };
        let chain = match trace.decided_by {
            Decision::Rule(rule, _) => self.ruleset.rule(rule).chain,
            Decision::Policy(chain) => chain,
            Decision::None => return None,
        };
        let at = self.decider(trace.decided_by);
        let (path, line) = (at.path?, at.line?);
        let seen = trace.rewritten.as_ref().unwrap_or(packet);
        let place = match trace.decided_by {
            Decision::Rule(rule, _) => self.ruleset.rule(rule).place,
            _ => self.ruleset.chain(chain).place,
        };
        let text = self.texts.iter().find(|it| it.file == place.file)?;
        let name = &self.ruleset.chain(chain).name;
        let rule = match text.parsed.dialect {
            Dialect::Nft | Dialect::NftJson => format!("{} {nft}", as_nft(seen)),
            _ => format!("-A {name}{} -j {iptables}", as_iptables(seen)),
        };
        let by_rule = matches!(trace.decided_by, Decision::Rule(..));
        Some(if by_rule {
            Message {
                en: format!("to {wanted_en} it, put before {path}:{line}: `{rule}`"),
                zh: format!("如需{wanted_zh}，请在 {path}:{line} 之前加入：`{rule}`"),
            }
        } else {
            Message {
                en: format!("to {wanted_en} it, put at the end of chain `{name}`: `{rule}`"),
                zh: format!("如需{wanted_zh}，请在链 `{name}` 末尾加入：`{rule}`"),
            }
        })
    }
}

/// The packet's protocol, source and port as conditions of iptables.
fn as_iptables(packet: &Packet) -> String {
    let source = match packet.source.address {
        Address::Literal(address) => format!(" -s {address}"),
        Address::Host => String::new(),
    };
    let port = packet.destination.port.map_or_else(String::new, |port| format!(" --dport {port}"));
    format!("{source} -p {}{port}", protocol(packet))
}

fn as_nft(packet: &Packet) -> String {
    let mut words = Vec::new();
    if let Address::Literal(address) = packet.source.address {
        let family = if address.is_ipv4() { "ip" } else { "ip6" };
        words.push(format!("{family} saddr {address}"));
    }
    words.push(match packet.destination.port {
        Some(port) => format!("{} dport {port}", protocol(packet)),
        None => format!("meta l4proto {}", protocol(packet)),
    });
    words.join(" ")
}

/// The word that the notation has for it, which the loaders know too.
fn protocol(packet: &Packet) -> String {
    packet.to_string().split(' ').next().unwrap_or_default().to_owned()
}

fn assumption(assumption: Assumption) -> Message {
    let (en, zh) = match assumption {
        Assumption::TargetIsElsewhere => (
            "the address that it is translated to is taken for another host's",
            "假定转换后的地址不属于本机",
        ),
        Assumption::UnwrittenPolicyAccepts => (
            "policies that the file does not write are taken for ACCEPT, as the kernel sets them",
            "文件未写明的默认策略按内核初始值 ACCEPT 处理",
        ),
    };
    Message { en: en.to_owned(), zh: zh.to_owned() }
}
