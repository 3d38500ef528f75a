//! A rule for INPUT guards a port that a container publishes: its packets never come there.

use super::{
    Context, Example, Finding, Findings, Fix, Label, Lint, Place, phrases,
    published::{self, Published},
};
use crate::{
    analysis::{Calls, Path},
    model::{ChainKind, Condition, Field, Hook, Rule, Verdict},
    settings::{Persona, Severity},
    source::Span,
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW801",
    name: "input-does-not-guard-containers",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a rule for packets to this host guards a port that a container publishes",
        zh: "用入站规则保护由容器发布的端口",
    },
    why: Text {
        en: "Published ports are translated before routing: their packets go through FORWARD to the container and never come \
             to INPUT. The rule stops nobody.",
        zh: "容器发布的端口在路由之前就被转换：数据包经 FORWARD 前往容器，从不经过 INPUT。这条规则拦不住任何人。",
    },
    remedy: Text {
        en: "Put the rule into `DOCKER-USER`, or publish the port on the loopback only (`-p 127.0.0.1:47112:47112`).",
        zh: "请把规则放进 `DOCKER-USER`，或只在回环地址上发布端口（`-p 127.0.0.1:47112:47112`）。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*nat
:PREROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 47112 -j DNAT --to-destination 172.17.0.2:47112
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:DOCKER - [0:0]
-A INPUT -s 10.0.0.0/24 -p tcp -m tcp --dport 47112 -j ACCEPT
#~^ FW801
-A FORWARD -o docker0 -j DOCKER
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 47112 -j ACCEPT
COMMIT
",
        good: "\
*nat
:PREROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 47112 -j DNAT --to-destination 172.17.0.2:47112
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -o docker0 -j DOCKER
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 47112 -j ACCEPT
-A DOCKER-USER ! -s 10.0.0.0/24 -p tcp -m conntrack --ctorigdstport 47112 -j DROP
COMMIT
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let mut said: Vec<Place> = Vec::new();
    for published in published::all(cx) {
        let Some(port) = published.port.filter(|_| published.manager(cx).is_some()) else {
            continue;
        };
        for (rule, span) in guards(cx, &published, port) {
            let place = Place { file: rule.place.file, span };
            if said.contains(&place) {
                continue;
            }
            said.push(place);
            findings.add(finding(cx, &published, place));
        }
    }
}

fn finding(cx: &Context<'_>, published: &Published<'_>, place: Place) -> Finding {
    let audience = phrases::audience(published.family, &published.reach);
    let name = published.name();
    let message = Message {
        en: format!("{name} goes to a container past this rule, and is open {}", audience.en),
        zh: format!("{name} 绕过此规则直达容器，且{}", audience.zh),
    };
    let label = Message {
        en: "packets to the published port never come here".into(),
        zh: "发往所发布端口的数据包不会到达这里".into(),
    };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    let mut finding = Finding::new(&LINT, place, message, label).help(help);
    let text = Message { en: "translated here".into(), zh: "在此转换目的地址".into() };
    finding.labels.push(Label { place: published.place(cx), text });
    finding.source_class = Some(published.reach.class.name());
    finding.witness = published.witness();
    finding
}

/// The rules for packets to this host that deny the port, or that alone let some sources have it.
fn guards<'a>(cx: &Context<'a>, published: &Published<'_>, port: u16) -> Vec<(&'a Rule, Span)> {
    let ruleset = cx.ruleset();
    let family = published.family;
    let let_in =
        |it: &&crate::analysis::PolicyReach| it.path == Path::Input && !it.slices.is_empty();
    let denies_by_default = !family.policies.iter().any(|it| let_in(&it));
    let input = ruleset.base_chains().filter(|(id, _, base)| {
        let is_filter = base.hook == Hook::Input && base.kind == ChainKind::Filter;
        is_filter && ruleset.table_of(*id).family.sees(family.space.family)
    });
    let rules = input.flat_map(|(id, ..)| Calls::rules_below(ruleset, id));
    let guards = rules.filter_map(|rule| {
        let (_, named) = *cx.analysis.ports_named(rule).iter().find(|(it, _)| *it == port)?;
        let mut conditions = ruleset.conditions_of(rule);
        let (_, span) = conditions.find(|(it, _)| *it == named)?;
        let asks = |wanted: Field| {
            ruleset.conditions_of(rule).any(|(it, _)| match it {
                Condition::In { field, .. } | Condition::Masked { field, .. } => field == wanted,
                Condition::Opaque { .. } => wanted == Field::Source,
                _ => false,
            })
        };
        let other_protocol = ruleset.conditions_of(rule).any(|(it, _)| match it {
            Condition::In { field: Field::Protocol, values, negated: false } => {
                let protocol = u128::from(published.protocol);
                let holds = |(low, high): &(u128, u128)| (*low..=*high).contains(&protocol);
                !ruleset.values(values).iter().any(holds)
            }
            _ => false,
        });
        let guards = match ruleset.verdict_of(rule)?.0 {
            Verdict::Drop | Verdict::Reject => true,
            Verdict::Accept => denies_by_default && asks(Field::Source),
            _ => false,
        };
        (guards && !other_protocol).then_some((rule, span))
    });
    guards.collect()
}
