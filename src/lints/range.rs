//! What the lints about many ports at once share.

use super::{
    Context, Finding, Findings, Lint, OpenService, RuleOpening, phrases, service,
    target::{self, Standing},
};
use crate::{
    analysis::{OpenRange, RangeClass, What},
    knowledge::{NamedRange, Risk},
    settings::Severity,
    words::Message,
};

/// Reports the ranges of `class` that rules open: one finding a rule.
pub(super) fn report(
    cx: &Context<'_>,
    findings: &mut Findings,
    lint: &'static Lint,
    class: RangeClass,
) {
    for RuleOpening { family, exposure, opening, both_families } in cx.openings_by_rule() {
        let What::Range(range) = &opening.what else { continue };
        if range.class != class {
            continue;
        }
        let reach = &opening.reach;
        let named = range.named.and_then(|id| cx.knowledge.ranges().iter().find(|it| it.id == id));
        let base = named.map_or(lint.severity, |named| match named.risk {
            Risk::Critical | Risk::High => Severity::Error,
            Risk::Medium => Severity::Warning,
            Risk::Low | Risk::Info => Severity::Info,
        });
        let Some(standing) = Standing::of(cx, family, reach, &range.target) else { continue };
        let (Some(severity), Some(place)) =
            (cx.lowered(base, standing.steps), service::opening_place(cx, exposure))
        else {
            continue;
        };
        let audience = phrases::audience_of(family, reach, both_families);
        let transport = phrases::transport(range.protocol);
        let ports = format!("{transport}/{}-{}", range.ports.first, range.ports.last);
        let number = phrases::grouped(range.opened.into());
        let at = target::at(family, &range.target);
        let zh = format!("{} {ports}", at.zh).trim_start().to_owned();
        let ports = Message { en: format!("{ports}{}", at.en), zh };
        let message = message(&ports, &number, named, &audience, &standing.depends_on);
        let mut finding = Finding::new(lint, place, message, label(range)).severity(severity);
        finding.help.extend(inside(cx, range));
        finding.help.push(match named {
            Some(named) => Message { en: named.note.en.to_owned(), zh: named.note.zh.to_owned() },
            None => Message { en: lint.remedy.en.to_owned(), zh: lint.remedy.zh.to_owned() },
        });
        finding.help.extend(service::limits(reach));
        finding.labels = service::labels(cx, exposure);
        finding.confidence = standing.confidence(reach, exposure);
        finding.source_class = Some(reach.class.name());
        let port = range.worst.first().map_or(range.ports.first.max(1), |(port, _)| *port);
        finding.witness = family.witness(exposure, reach, range.protocol, Some(port));
        let worst = range.worst.iter();
        finding.services = worst
            .map(|(port, service)| OpenService {
                service: *service,
                protocol: range.protocol,
                port: Some(*port),
            })
            .collect();
        findings.add(finding);
    }
}

fn message(
    ports: &Message,
    number: &str,
    named: Option<&NamedRange>,
    audience: &Message,
    depends_on: &[Message],
) -> Message {
    let usual = named.map_or_else(
        || Message { en: String::new(), zh: String::new() },
        |named| Message {
            en: format!(" such as {} may use", named.name.en),
            zh: format!("，可能用于 {}", named.name.zh),
        },
    );
    let depends = phrases::enumerated(depends_on);
    let (are, zh_may, en_on, zh_on) = if depends_on.is_empty() {
        ("are", "", String::new(), String::new())
    } else {
        (
            "may be",
            "可能",
            format!(": depends on {}", depends.en),
            format!("：取决于 {}", depends.zh),
        )
    };
    Message {
        en: format!("{}, {number} ports{}, {are} open {}{en_on}", ports.en, usual.en, audience.en),
        zh: format!("{}（{number} 个端口{}）{zh_may}{}{zh_on}", ports.zh, usual.zh, audience.zh),
    }
}

fn label(range: &OpenRange) -> Message {
    let number = range.known;
    Message {
        en: match number {
            0 => "none of them is known for a service".to_owned(),
            1 => "one of them is known for a service".to_owned(),
            _ => format!("{number} of them are known for services"),
        },
        zh: match number {
            0 => "其中没有已知服务的端口".to_owned(),
            _ => format!("其中 {number} 个端口有已知服务"),
        },
    }
}

/// The worst services that the range opens.
fn inside(cx: &Context<'_>, range: &OpenRange) -> Option<Message> {
    let transport = phrases::transport(range.protocol);
    let name = |(port, service): &(u16, _)| {
        format!("{transport}/{port} ({})", cx.knowledge.facts(*service).service)
    };
    let names: Vec<String> = range.worst.iter().map(name).collect();
    if names.is_empty() {
        return None;
    }
    let names = phrases::listed(&names);
    Some(Message {
        en: format!("The worst inside: {}.", names.en),
        zh: format!("其中风险最高的：{}。", names.zh),
    })
}
