//! A rule believes private addresses on an interface where anybody can write them.

use super::{Context, Example, Finding, Findings, Fix, Lint, Place, phrases, service};
use crate::{
    analysis::{Exposure, FamilyAnalysis, Reach},
    model::{Action, Condition, Field, RuleId, display_ranges},
    settings::{Persona, Severity},
    source::Span,
    syntax::Dialect,
    words::{Message, Text},
};
use std::collections::BTreeSet;

pub(super) static LINT: Lint = Lint {
    code: "FW135",
    name: "private-source-on-wan",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a rule trusts private addresses on an untrusted interface",
        zh: "规则在不可信接口上信任私有地址",
    },
    why: Text {
        en: "Whoever is on that network writes any source address into a packet; nothing there holds private ones back. The \
             rule lets forged packets in.",
        zh: "该网络上的任何人都可以在数据包中写入任意源地址，没有什么会拦下私有地址。这样的规则会放行伪造的数据包。",
    },
    remedy: Text {
        en: "Drop private sources on that interface first, or name the inside interface in the rule (`-i eth1`).",
        zh: "请先在该接口上丢弃私有源地址，或在规则中指明内部接口（`-i eth1`）。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "\
[zones]
wan = { interfaces = [\"eth0\"], trust = \"untrusted\" }
",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 10.0.0.0/8 -j ACCEPT
#~^ FW135
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 10.0.0.0/8 -i eth0 -j DROP
-A INPUT -s 10.0.0.0/8 -j ACCEPT
COMMIT
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let mut seen: BTreeSet<(RuleId, _)> = BTreeSet::new();
    for family in &cx.analysis.families {
        for exposure in &family.exposures {
            let Some(rule) = Context::opening_rule(exposure) else { continue };
            let Some(reach) = family.believed(exposure, &cx.settings.zones) else { continue };
            if seen.insert((rule, family.space.family)) {
                findings.0.extend(finding(cx, family, exposure, &reach));
            }
        }
    }
}

fn finding(
    cx: &Context<'_>,
    family: &FamilyAnalysis<'_>,
    exposure: &Exposure,
    reach: &Reach,
) -> Option<Finding> {
    let place = sources_place(cx, exposure)?;
    let interfaces = phrases::listed(&family.untrusted_of(exposure));
    let message = message(family, reach, &interfaces);
    let label = Message {
        en: "anybody there can send from these".into(),
        zh: "该处任何人都能以此为源地址发送".into(),
    };
    let mut finding = Finding::new(&LINT, place, message, label)
        .severity(cx.lowered(LINT.severity, u8::from(!reach.depends_on.is_empty()))?)
        .help(Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() });
    finding.labels = service::labels(cx, exposure);
    finding.confidence = service::reach_confidence(reach, exposure);
    finding.source_class = Some(reach.class.name());
    finding.witness = family.forged(exposure, reach);
    Some(finding)
}

fn message(family: &FamilyAnalysis<'_>, reach: &Reach, interfaces: &Message) -> Message {
    const SHOWN: usize = 3;
    let sources = family.space.ranges(Field::Source, reach.sources);
    let sources = sources.as_slice();
    let shown = &sources[..sources.len().min(SHOWN)];
    let mut names = display_ranges(family.space.family, shown);
    if sources.len() > SHOWN {
        names.push("…".to_owned());
    }
    let names = phrases::listed(&names);
    if reach.depends_on.is_empty() {
        return Message {
            en: format!("{} can be forged on untrusted interface {}", names.en, interfaces.en),
            zh: format!("{} 可在不可信接口 {} 上伪造", names.zh, interfaces.zh),
        };
    }
    let depends = phrases::subjects(&reach.depends_on);
    Message {
        en: format!(
            "{} may be let in when forged on untrusted interface {}: depends on {}",
            names.en, interfaces.en, depends.en
        ),
        zh: format!(
            "在不可信接口 {} 上伪造的 {} 可能被放行：取决于 {}",
            interfaces.zh, names.zh, depends.zh
        ),
    }
}

/// The words that name the sources, or those that open what is opened.
fn sources_place(cx: &Context<'_>, exposure: &Exposure) -> Option<Place> {
    let ruleset = cx.ruleset();
    let rule = ruleset.rule(Context::opening_rule(exposure)?);
    let spans = ruleset.steps_of(rule).iter().filter_map(|step| match step.action {
        Action::Match(Condition::In { field: Field::Source, .. }) => Some(step.span),
        _ => None,
    });
    match spans.reduce(Span::to) {
        Some(span) => Some(Place { file: rule.place.file, span }),
        None => service::opening_place(cx, exposure),
    }
}
