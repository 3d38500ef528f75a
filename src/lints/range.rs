//! What the lints about many ports at once share.

use super::{Confidence, Context, Finding, Findings, Lint, OpenService, phrases, service};
use crate::{
    analysis::{OpenRange, RangeClass, What},
    knowledge::Risk,
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
    for (family, exposure, opening) in cx.openings() {
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
        let maybe = u8::from(!reach.depends_on.is_empty());
        let steps = service::class_steps(reach.class) + maybe;
        let (Some(severity), Some(place)) =
            (cx.lowered(base, steps), service::opening_place(cx, exposure))
        else {
            continue;
        };
        let audience = phrases::audience(family, reach);
        let transport = phrases::transport(range.protocol);
        let ports = format!("{transport}/{}-{}", range.ports.first, range.ports.last);
        let number = phrases::grouped(range.ports.count().into());
        let may = if reach.depends_on.is_empty() { ("are", "") } else { ("may be", "可能") };
        let message = match named {
            Some(named) => Message {
                en: format!(
                    "{ports}, {number} ports usual for {}, {} open {}",
                    named.name.en, may.0, audience.en
                ),
                zh: format!(
                    "{ports}（{number} 个端口，常用于 {}）{}{}",
                    named.name.zh, may.1, audience.zh
                ),
            },
            None => Message {
                en: format!("{ports}, {number} ports, {} open {}", may.0, audience.en),
                zh: format!("{ports} 共 {number} 个端口{}{}", may.1, audience.zh),
            },
        };
        let mut finding = Finding::new(lint, place, message, label(range)).severity(severity);
        finding.help.extend(inside(cx, range));
        finding.help.push(match named {
            Some(named) => Message { en: named.note.en.to_owned(), zh: named.note.zh.to_owned() },
            None => Message { en: lint.remedy.en.to_owned(), zh: lint.remedy.zh.to_owned() },
        });
        finding.help.extend(service::limits(reach));
        finding.labels = service::labels(cx, exposure);
        finding.confidence = service::reach_confidence(reach, exposure).min(Confidence::High);
        finding.source_class = Some(reach.class.name());
        let port = range.worst.first().map_or(range.ports.first.max(1), |(port, _)| *port);
        finding.witness = Some(family.witness(exposure, reach, range.protocol, Some(port)));
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

fn label(range: &OpenRange) -> Message {
    let number = range.known;
    Message {
        en: match number {
            0 => "none of them is known for a service".to_owned(),
            1 => "one of them is known for a service".to_owned(),
            _ => format!("{number} of them are known for services"),
        },
        zh: format!("其中 {number} 个端口有已知服务"),
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
