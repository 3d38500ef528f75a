//! A rule that opens every port to everybody.

use super::{
    Context, Example, Finding, Findings, Fix, Lint, RuleOpening, default_accept_forward, phrases,
    service,
    target::{self, Standing},
};
use crate::{
    analysis::{Everything, Exposure, FamilyAnalysis, Path, What},
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

/// Ports that a reader knows.
const SHOWN: [u16; 5] = [22, 445, 3306, 8080, 161];

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for RuleOpening { family, exposure, opening, both_families } in cx.openings_by_rule() {
        let What::Everything(opened) = &opening.what else { continue };
        let reach = &opening.reach;
        // A rule that passes everything on is as bad as a policy that does.
        let as_policy =
            exposure.path == Path::Forward && opened.anywhere && opened.target.addresses.is_empty();
        let base = if as_policy {
            default_accept_forward::severity_of_rule(cx, family, exposure)
        } else {
            Some(LINT.severity)
        };
        let Some(standing) = Standing::of(cx, family, reach, &opened.target) else { continue };
        let severity = base.and_then(|base| cx.lowered(base, standing.steps));
        let (Some(severity), Some(place)) = (severity, service::opening_place(cx, exposure)) else {
            continue;
        };
        let audience = phrases::audience_of(family, reach, both_families);
        let what = what(family, opened);
        let depends = phrases::enumerated(&standing.depends_on);
        let message = if standing.depends_on.is_empty() {
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
        let mut finding = Finding::new(&LINT, place, message, label(exposure, opened))
            .severity(severity)
            .help(Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() });
        finding.help.extend(service::limits(reach));
        finding.labels = service::labels(cx, exposure);
        finding.confidence = standing.confidence(reach, exposure);
        finding.source_class = Some(reach.class.name());
        let protocol = opened.protocols[0];
        let port = family.shown_port(exposure, reach, protocol, &SHOWN);
        finding.witness = family.witness(exposure, reach, protocol, port);
        findings.add(finding);
    }
}

/// `every udp port of 192.0.2.5`
fn what(family: &FamilyAnalysis<'_>, opened: &Everything) -> Message {
    let (every_en, every_zh) =
        if opened.whole { ("every", "全部") } else { ("nearly every", "几乎全部") };
    let transport = match opened.protocols[..] {
        [protocol] => phrases::transport(protocol),
        _ => String::new(),
    };
    let (before, behind) = if transport.is_empty() { ("", "") } else { (" ", " ") };
    let at = target::at(family, &opened.target);
    Message {
        en: format!("{every_en}{before}{transport} port{}", at.en),
        zh: format!("{}{every_zh}{before}{transport}{behind}端口", at.zh),
    }
}

fn label(exposure: &Exposure, opened: &Everything) -> Message {
    let through = exposure.path == Path::Forward;
    let whole = opened.target.addresses.is_empty() && opened.target.behind.is_empty();
    let (en, zh) = match (through, whole, opened.whole) {
        (true, true, true) => ("anything may pass through this host", "任何流量都可穿过本机"),
        (true, ..) => ("lets it pass through this host", "允许其穿过本机"),
        (false, true, true) => ("lets everything in", "放行一切"),
        (false, ..) => ("lets it in", "在此放行"),
    };
    Message { en: en.into(), zh: zh.into() }
}
