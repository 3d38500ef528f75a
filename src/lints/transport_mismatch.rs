//! A port is open over a transport that its service does not use.

use super::{Context, Example, Finding, Findings, Fix, Lint, RuleOpening, phrases, service};
use crate::{
    analysis::What,
    knowledge::{Transport, Transports},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW126",
    name: "transport-mismatch",
    severity: Severity::Info,
    fix: Fix::None,
    persona: Persona::Strict,
    since: "0.1.0",
    summary: Text {
        en: "a port is open over a transport that its service does not use",
        zh: "放行的传输协议与该端口的服务不符",
    },
    why: Text {
        en: "The rule opens a door that nobody uses, and the one that was meant may still be shut: a slip stays hidden from \
             whoever reads the rules, and any other program that listens there is exposed.",
        zh: "这条规则打开的门无人使用，而真正要开的那扇可能仍关着：笔误因此不易被发现，碰巧监听在那里的其他程序却暴露在外。",
    },
    remedy: Text {
        en: "Write the transport that the service uses; if that is open already, remove the rule.",
        zh: "请改为该服务实际使用的传输协议；若已另行放行，请删除该规则。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p udp -m udp --dport 3306 -j ACCEPT
#~^ FW126
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -p tcp -m tcp --dport 3306 -j ACCEPT
COMMIT
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for RuleOpening { family, exposure, opening, both_families } in cx.openings_by_rule() {
        let What::Mismatch { service: meant, protocol, port } = opening.what else { continue };
        let reach = &opening.reach;
        let steps = service::steps(reach);
        let (Some(severity), Some(place)) =
            (cx.lowered(LINT.severity, steps), service::opening_place(cx, exposure))
        else {
            continue;
        };
        let audience = phrases::audience_of(family, reach, both_families);
        let facts = cx.knowledge.facts(meant);
        let transport = phrases::transport(protocol);
        let (name, used) = (facts.service, used(facts.transports));
        let message = Message {
            en: format!("{transport}/{port} is open {}, but {name} uses {}", audience.en, used.en),
            zh: format!("{transport}/{port} {}，但 {name} 使用 {}", audience.zh, used.zh),
        };
        let label = Message {
            en: format!("{name} does not listen over {transport}"),
            zh: format!("{name} 不经 {transport} 提供服务"),
        };
        let mut finding = Finding::new(&LINT, place, message, label).severity(severity).help(Message {
            en: format!("Write {}/{port} if {name} was meant; if that is open already, remove the rule.", used.en),
            zh: format!("若本意是 {name}，请改为 {}/{port}；若已另行放行，请删除该规则。", used.zh),
        });
        finding.help.extend(service::limits(reach));
        finding.labels = service::labels(cx, exposure);
        finding.confidence = service::reach_confidence(reach, exposure);
        finding.source_class = Some(reach.class.name());
        finding.witness = family.witness(exposure, reach, protocol, Some(port));
        findings.add(finding);
    }
}

/// The transports that a service uses.
fn used(transports: Transports) -> Message {
    let used = Transport::ALL.into_iter().filter(|it| transports.contains(*it));
    phrases::listed(&used.map(|it| it.slug().to_owned()).collect::<Vec<_>>())
}
