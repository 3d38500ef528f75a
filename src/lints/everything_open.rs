//! A rule that opens every port to everybody.

use super::{Context, Example, Finding, Findings, Fix, Lint, RuleOpening, phrases, service};
use crate::{
    analysis::{Path, What},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW120",
    name: "everything-open",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a rule opens every port to everybody", zh: "规则向所有人放行全部端口"
    },
    why: Text {
        en: "The firewall is off for that path: whatever listens now, and any service started later, can be reached by anybody.",
        zh: "这条路径上的防火墙形同关闭：现在监听的服务以及今后启动的任何服务都可被任何人访问。",
    },
    remedy: Text {
        en: "Name the traffic you mean to let in; replies need only `--ctstate ESTABLISHED,RELATED`, in nftables \
             `ct state established,related`.",
        zh: "请写明要放行的流量；回包只需 `--ctstate ESTABLISHED,RELATED`，nftables 为 `ct state established,related`。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -j ACCEPT
#~^ FW120
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
COMMIT
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for RuleOpening { family, exposure, opening, both_families } in cx.openings_by_rule() {
        let What::Everything { protocols } = &opening.what else { continue };
        let reach = &opening.reach;
        let steps = service::steps(reach);
        let (Some(severity), Some(place)) =
            (cx.lowered(LINT.severity, steps), service::opening_place(cx, exposure))
        else {
            continue;
        };
        let audience = phrases::audience_of(family, reach, both_families);
        let what = match protocols[..] {
            [protocol] => {
                let transport = phrases::transport(protocol);
                Message {
                    en: format!("every {transport} port"),
                    zh: format!("全部 {transport} 端口"),
                }
            }
            _ => Message { en: "every port".into(), zh: "全部端口".into() },
        };
        let depends = phrases::subjects(&reach.depends_on);
        let message = if reach.depends_on.is_empty() {
            Message {
                en: format!("{} is open {}", what.en, audience.en),
                zh: format!("{}{}", what.zh, audience.zh),
            }
        } else {
            Message {
                en: format!("{} may be open {}: depends on {}", what.en, audience.en, depends.en),
                zh: format!("{}可能{}：取决于 {}", what.zh, audience.zh, depends.zh),
            }
        };
        let label = match exposure.path {
            Path::Forward => Message {
                en: "anything may pass through this host".into(),
                zh: "任何流量都可穿过本机".into(),
            },
            _ => Message { en: "lets everything in".into(), zh: "放行一切".into() },
        };
        let mut finding = Finding::new(&LINT, place, message, label)
            .severity(severity)
            .help(Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() });
        finding.help.extend(service::limits(reach));
        finding.labels = service::labels(cx, exposure);
        finding.confidence = service::reach_confidence(reach, exposure);
        finding.source_class = Some(reach.class.name());
        finding.witness = family.witness(exposure, reach, protocols[0], Some(22));
        findings.add(finding);
    }
}
