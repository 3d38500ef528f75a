//! A port that IANA keeps free is open.

use super::{
    Context, Example, Finding, Findings, Fix, Lint, OpenService, RuleOpening, phrases, service,
};
use crate::{
    analysis::What,
    model::Subject,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW125",
    name: "reserved-port-open",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text { en: "a reserved port is open", zh: "保留端口被放行" },
    why: Text {
        en: "No service has these numbers: 0, 1023, 1024 and 49151 are reserved at the edges of the port classes, 1021 and 1022 \
             are for experiments (RFC 4727). A rule that names one is most often a range with an end missing, or a number that \
             is one off.",
        zh: "没有任何服务使用这些端口：0、1023、1024、49151 是各类端口边界上的保留端口，1021、1022 供实验使用（RFC 4727）。\
             单独写出其中一个，多半是漏写了范围的一端，或数字差了一。",
    },
    remedy: Text {
        en: "Write the port or the range that was meant, or remove the rule.",
        zh: "请改成原本要写的端口或范围，或删除该规则。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 1024 -j ACCEPT
#~^ FW125
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for RuleOpening { family, exposure, opening, both_families } in cx.openings_by_rule() {
        let What::Reserved { protocol, port, service: known } = opening.what else { continue };
        let reach = &opening.reach;
        let steps = service::steps(reach);
        let (Some(severity), Some(place)) =
            (cx.lowered(LINT.severity, steps), service::opening_place(cx, exposure))
        else {
            continue;
        };
        let message = message(
            protocol,
            port,
            &phrases::audience_of(family, reach, both_families),
            &reach.depends_on,
        );
        let mut finding = Finding::new(&LINT, place, message, label(port)).severity(severity);
        if let Some(known) = known {
            let entry = cx.knowledge.entry(known);
            finding.help.extend([entry.note.clone(), entry.mitigation.clone()]);
            finding.services.push(OpenService { service: known, protocol, port: Some(port) });
        } else {
            finding.help.push(Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() });
        }
        finding.help.extend(service::limits(reach));
        finding.labels = service::labels(cx, exposure);
        finding.confidence = service::reach_confidence(reach, exposure);
        finding.source_class = Some(reach.class.name());
        finding.witness = family.witness(exposure, reach, protocol, Some(port));
        findings.add(finding);
    }
}

fn message(protocol: u8, port: u16, audience: &Message, depends_on: &[Subject]) -> Message {
    let transport = phrases::transport(protocol);
    let (en, zh) = match port {
        1021 | 1022 => ("a port for experiments", "实验端口"),
        _ => ("a reserved port", "保留端口"),
    };
    if depends_on.is_empty() {
        return Message {
            en: format!("{transport}/{port}, {en}, is open {}", audience.en),
            zh: format!("{zh} {transport}/{port} {}", audience.zh),
        };
    }
    let depends = phrases::subjects(depends_on);
    Message {
        en: format!(
            "{transport}/{port}, {en}, may be open {}: depends on {}",
            audience.en, depends.en
        ),
        zh: format!("{zh} {transport}/{port} 可能{}：取决于 {}", audience.zh, depends.zh),
    }
}

fn label(port: u16) -> Message {
    let (en, zh) = match port {
        0 => ("no program can ask to listen at port 0", "程序无法指定监听 0 端口"),
        1021 | 1022 => ("kept for experiments by RFC 4727", "RFC 4727 留作实验用途"),
        1023 => {
            ("the last well-known port: an end of a range?", "公认端口的最后一个，是否漏写了范围？")
        }
        1024 => {
            ("the first registered port: an end of a range?", "注册端口的第一个，是否漏写了范围？")
        }
        _ => {
            ("the last registered port: an end of a range?", "注册端口的最后一个，是否漏写了范围？")
        }
    };
    Message { en: en.into(), zh: zh.into() }
}
