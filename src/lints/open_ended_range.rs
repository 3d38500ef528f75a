//! A port with a colon behind it: a range up to the last port.

use super::{Context, Example, Finding, Findings, Fix, Lint, Place, phrases, quote::quoted};
use crate::{
    model::{Condition, Field, Hook, RuleId, Verdict},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW304",
    name: "open-ended-range",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a range of ports without an end opens everything above",
        zh: "端口范围没有写终点，其上的端口全部放行",
    },
    why: Text {
        en: "`22:` is not port 22 but 22 to 65535. One colon too many opens nearly every service there is.",
        zh: "`22:` 不是端口 22，而是 22 到 65535。多写一个冒号，几乎所有服务都会暴露。",
    },
    remedy: Text {
        en: "Write the one port, or both ends of the range.",
        zh: "请只写该端口，或写明范围的两端。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
-A INPUT -s 10.1.2.3 -p tcp -m tcp --dport 8443: -j ACCEPT
#~^ FW304
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -s 10.1.2.3 -p tcp -m tcp --dport 8443 -j ACCEPT
COMMIT
",
    }],
    check,
};

/// Where whole classes of ports begin: nobody writes these by mistake.
const CLASSES: [u128; 5] = [0, 1, 1024, 32768, 49152];

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let ruleset = cx.ruleset();
    for (rule, id) in ruleset.rules.iter().zip(0..) {
        for (condition, span) in ruleset.conditions_of(rule) {
            let Condition::In { field: Field::DestinationPort, values, negated: false } = condition
            else {
                continue;
            };
            let [(first, 0xffff)] = ruleset.values(values) else { continue };
            let place = Place { file: rule.place.file, span };
            let written = cx.text(place).trim_end_matches(['"', '\'']);
            if CLASSES.contains(first) || !written.ends_with(':') || !lets_in(cx, RuleId(id)) {
                continue;
            }
            let words = written.rsplit([' ', '=']).next().unwrap_or(written);
            let above = phrases::grouped(0xffff - first);
            let message = Message {
                en: format!("{} opens port {first} and the {above} ports above it", quoted(words)),
                zh: format!("{} 放行端口 {first} 及其上的 {above} 个端口", quoted(words)),
            };
            let label = Message {
                en: format!("ports {first} to 65535"),
                zh: format!("端口 {first} 到 65535"),
            };
            let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
            findings.add(Finding::new(&LINT, place, message, label).help(help));
        }
    }
}

/// Whether a rule accepts what comes to or through this host, as far as the input says where it is.
fn lets_in(cx: &Context<'_>, id: RuleId) -> bool {
    let ruleset = cx.ruleset();
    let accepts = matches!(ruleset.verdict_of(ruleset.rule(id)), Some((Verdict::Accept, _)));
    let hook = cx.analysis.way_to(id).map(|(base, _)| base.hook);
    accepts && hook.is_none_or(|hook| matches!(hook, Hook::Input | Hook::Forward))
}
