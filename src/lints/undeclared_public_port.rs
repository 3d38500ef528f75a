//! A port is open to strangers, and the configuration does not say that it should be.

use super::{Context, Example, Finding, Findings, Fix, Lint, phrases, service};
use crate::{
    analysis::{Exposure, FamilyAnalysis, Undeclared},
    model::RuleId,
    packets::Ranges,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};
use std::collections::BTreeMap;

pub(super) static LINT: Lint = Lint {
    code: "FW133",
    name: "undeclared-public-port",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a port is public that `[expect] public` does not declare",
        zh: "对公网开放的端口未在 `[expect] public` 中声明",
    },
    why: Text {
        en: "The list says what this host means to offer; what is open besides was forgotten, or never reviewed.",
        zh: "该列表写明本机有意提供的服务；列表之外的开放端口，要么被遗忘，要么从未经过审查。",
    },
    remedy: Text {
        en: "Close the port, limit its sources, or declare it: `[expect] public = [\"tcp/443\"]`.",
        zh: "请关闭该端口、限制来源，或予以声明：`[expect] public = [\"tcp/443\"]`。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "\
[expect]
public = [\"tcp/443\"]
",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 4567 -j ACCEPT
#~^ FW133
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT
-A INPUT -s 192.0.2.0/28 -p tcp -m tcp --dport 4567 -j ACCEPT
COMMIT
",
    }],
    check,
};

/// What one rule opens in one family.
type Opened<'a> = (&'a FamilyAnalysis<'a>, &'a Exposure, Vec<Undeclared>);

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let expect = &cx.settings.expect;
    if expect.public.is_none() {
        return;
    }
    let mut rules: BTreeMap<RuleId, Vec<Opened<'_>>> = BTreeMap::new();
    for family in &cx.analysis.families {
        for exposure in &family.exposures {
            let Some(rule) = Context::opening_rule(exposure) else { continue };
            let undeclared = family.undeclared(exposure, expect);
            if !undeclared.is_empty() {
                rules.entry(rule).or_default().push((family, exposure, undeclared));
            }
        }
    }
    findings.0.extend(rules.into_values().filter_map(|opened| finding(cx, &opened)));
}

fn finding(cx: &Context<'_>, opened: &[Opened<'_>]) -> Option<Finding> {
    let is_sure = |it: &&Undeclared| it.reach.depends_on.is_empty();
    let all = || {
        let all = opened.iter();
        all.flat_map(|(family, exposure, ports)| ports.iter().map(move |it| (family, exposure, it)))
    };
    let (family, exposure, shown) =
        all().find(|(_, _, it)| is_sure(it)).or_else(|| all().next())?;
    let reach = &shown.reach;
    let mut ports: BTreeMap<u8, Ranges> = BTreeMap::new();
    for (_, _, it) in all() {
        let known = ports.entry(it.protocol).or_insert(Ranges::EMPTY);
        *known = known.union(&it.ports);
    }
    let place = service::opening_place(cx, exposure)?;
    let label = Message { en: "opens it here".into(), zh: "在此放行".into() };
    let mut finding = Finding::new(&LINT, place, message(&ports, shown), label)
        .severity(cx.lowered(LINT.severity, u8::from(!reach.depends_on.is_empty()))?)
        .help(Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() });
    finding.help.extend(service::limits(reach));
    finding.labels = service::labels(cx, exposure);
    finding.confidence = service::reach_confidence(reach, exposure);
    finding.source_class = Some(reach.class.name());
    finding.witness = family.witness(exposure, reach, shown.protocol, Some(shown.port));
    Some(finding)
}

fn message(ports: &BTreeMap<u8, Ranges>, shown: &Undeclared) -> Message {
    const SHOWN: usize = 5;
    let mut names = Vec::new();
    for (protocol, ports) in ports {
        let transport = phrases::transport(*protocol);
        names.extend(ports.as_slice().iter().map(|(low, high)| {
            let ports = if low == high { low.to_string() } else { format!("{low}-{high}") };
            format!("{transport}/{ports}")
        }));
    }
    let one = names.len() == 1 && !names[0].contains('-');
    let more = names.len().saturating_sub(SHOWN);
    names.truncate(SHOWN);
    if more > 0 {
        names.push("…".to_owned());
    }
    let names = phrases::listed(&names);
    let is = if one { "is" } else { "are" };
    if shown.reach.depends_on.is_empty() {
        return Message {
            en: format!("{} {is} public and not declared", names.en),
            zh: format!("{} 对公网开放而未声明", names.zh),
        };
    }
    let depends = phrases::subjects(&shown.reach.depends_on);
    Message {
        en: format!("{} may be public and {is} not declared: depends on {}", names.en, depends.en),
        zh: format!("{} 可能对公网开放而未声明：取决于 {}", names.zh, depends.zh),
    }
}
