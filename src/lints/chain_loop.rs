//! Chains that lead back to themselves.

use super::{Context, Example, Finding, Findings, Fix, Label, Lint, Place, quote::quoted};
use crate::{
    analysis::Loop,
    model::{RuleId, Verdict},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

/// The most chains that a sentence names.
const NAMED: usize = 6;

/// The most jumps of one loop that are shown.
const SHOWN: usize = 20;

pub(super) static LINT: Lint = Lint {
    code: "FW211",
    name: "chain-loop",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text { en: "chains jump in a circle", zh: "链之间循环跳转" },
    why: Text {
        en: "A packet must leave every chain in the end: the kernel refuses a table whose chains lead back to themselves \
             (\"Too many levels of symbolic links\"), and `iptables-restore --test` does not notice.",
        zh: "数据包最终必须离开每一条链：内核会拒绝链能回到自身的表（“Too many levels of symbolic links”），\
             而 `iptables-restore --test` 发现不了。",
    },
    remedy: Text {
        en: "Remove the jump that leads back; a chain returns to its caller by itself.",
        zh: "请删除跳回去的规则；链执行完会自行返回调用者。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:WEB - [0:0]
:CHECKED - [0:0]
-A INPUT -p tcp --dport 443 -j WEB
-A WEB -j CHECKED
-A CHECKED -s 192.0.2.0/24 -j WEB
#~^ FW211
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:WEB - [0:0]
:CHECKED - [0:0]
-A INPUT -p tcp --dport 443 -j WEB
-A WEB -j CHECKED
-A CHECKED -s 192.0.2.0/24 -j RETURN
COMMIT
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let calls = &cx.analysis.calls;
    let mut found: Vec<Finding> = calls.loops.iter().filter_map(|it| finding(cx, it)).collect();
    if let (Some(last), more @ 1..) = (found.last_mut(), calls.more_loops) {
        last.help.push(Message {
            en: format!("{more} more circles are not listed."),
            zh: format!("另有 {more} 个循环未列出。"),
        });
    }
    findings.0.extend(found);
}

fn finding(cx: &Context<'_>, it: &Loop) -> Option<Finding> {
    let (closing, others) = it.jumps.split_first()?;
    let jump = Jump::of(cx, *closing)?;
    let others: Vec<Jump<'_>> =
        others.iter().take(SHOWN).filter_map(|rule| Jump::of(cx, *rule)).collect();
    let (from, to) = (quoted(jump.from), quoted(jump.to));
    let message = if it.jumps.len() == 1 {
        Message {
            en: format!("chain {from} jumps to itself"), zh: format!("链 {from} 跳转到自身")
        }
    } else {
        let mut way = vec![to.clone()];
        way.extend(others.iter().take(NAMED).map(|jump| quoted(jump.to)));
        if it.length > way.len() {
            way.push("…".to_owned());
            way.push(from.clone());
        }
        way.push(to.clone());
        let way = way.join(" -> ");
        Message {
            en: format!("chain {from} jumps back to {to}: {way}"),
            zh: format!("链 {from} 跳回 {to}：{way}"),
        }
    };
    let label = Message { en: "closes the circle".into(), zh: "在此形成循环".into() };
    // The kernel looks for circles on the way from its hooks only: both loaders take one that nothing leads to.
    let reached = cx.analysis.calls.is_reached(cx.ruleset().rule(*closing).chain);
    let severity = if reached { LINT.severity } else { Severity::Warning };
    let mut finding = Finding::new(&LINT, jump.place, message, label)
        .severity(severity)
        .help(Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() });
    if !reached {
        finding.help.push(Message {
            en: "Nothing leads there now; once something does, the table is refused.".into(),
            zh: "目前没有规则通向此处；一旦有，该表就会被拒绝。".into(),
        });
    }
    let follow = |jump: Jump<'_>| Label {
        place: jump.place,
        text: Message {
            en: format!("leads on to {}", quoted(jump.to)),
            zh: format!("继续前往 {}", quoted(jump.to)),
        },
    };
    finding.labels = others.into_iter().map(follow).collect();
    let again = it.again.iter().take(SHOWN).filter_map(|rule| Jump::of(cx, *rule));
    finding.labels.extend(again.map(|jump| Label {
        place: jump.place,
        text: Message { en: "closes it once more".into(), zh: "再次形成同一循环".into() },
    }));
    if it.times_again > 0 {
        let more = it.times_again;
        let (jumps, close) = if more == 1 { ("jump", "closes") } else { ("jumps", "close") };
        finding.help.push(Message {
            en: format!("{more} more {jumps} of chain {from} {close} the same circle."),
            zh: format!("链 {from} 中另有 {more} 个跳转形成同一循环。"),
        });
    }
    Some(finding)
}

struct Jump<'a> {
    from: &'a str,
    to: &'a str,
    place: Place,
}

impl<'a> Jump<'a> {
    fn of(cx: &Context<'a>, id: RuleId) -> Option<Self> {
        let ruleset = cx.ruleset();
        let rule = ruleset.rule(id);
        let (Verdict::Jump(to) | Verdict::Goto(to), span) = ruleset.verdict_of(rule)? else {
            return None;
        };
        let place = Place { file: rule.place.file, span };
        Some(Self { from: &ruleset.chain(rule.chain).name, to: &ruleset.chain(to).name, place })
    }
}
