//! How a finding names the services that a rule opens.

use super::{Context, phrases, service::Open};
use crate::{
    analysis,
    knowledge::{self, Category},
    settings::Persona,
    words::Message,
};

/// `tcp/79 (finger)` for each service, `tcp/6000-6063 (x11)` for one at many ports in a row.
pub(super) fn names(cx: &Context<'_>, opens: &[Open<'_>]) -> Vec<Message> {
    opens
        .chunk_by(|open, next| continues(open.service, next.service))
        .filter_map(|run| Some(name(cx, run.first()?, run.last()?)))
        .collect()
}

/// Whether `next` is the same at the next port, and a translation leads both to the same port or to neighbouring ones.
fn continues(open: &analysis::OpenService, next: &analysis::OpenService) -> bool {
    let same = |it: &analysis::OpenService| (it.service, it.protocol, it.translated_to);
    let follows = |port: Option<u16>, next: Option<u16>| {
        port.and_then(|port| port.checked_add(1)).is_some_and(|port| Some(port) == next)
    };
    let (decided, next_decided) = (open.decided_port, next.decided_port);
    same(open) == same(next)
        && follows(open.port, next.port)
        && (decided == next_decided || follows(decided, next_decided))
}

/// `tcp/79 (finger)`, or with where a translation leads: `tcp/15432 -> 172.18.0.3:5432 (postgresql)`.
fn name(cx: &Context<'_>, first: &Open<'_>, last: &Open<'_>) -> Message {
    let mut services = vec![cx.knowledge.facts(first.service.service).service];
    services.extend(others(cx, first).named);
    let (Some(low), Some(high)) = (first.service.port, last.service.port) else {
        let name = phrases::alternatives(&services);
        return Message { en: name.en, zh: name.zh };
    };
    let ports = |low: u16, high: u16| {
        if low == high { low.to_string() } else { format!("{low}-{high}") }
    };
    let decided = first.service.decided_port.zip(last.service.decided_port);
    let target = match (first.service.translated_to, decided) {
        (None, None) => String::new(),
        (None, Some((low, high))) => format!(" -> {}", ports(low, high)),
        (Some(address), decided) => {
            let (low, high) = decided.unwrap_or((low, high));
            format!(" -> {}", address.with_ports(&ports(low, high)))
        }
    };
    let transport = phrases::transport(first.service.protocol);
    let names = phrases::alternatives(&services);
    let written = format!("{transport}/{}{target}", ports(low, high));
    Message { en: format!("{written} ({})", names.en), zh: format!("{written} ({})", names.zh) }
}

/// What else a port may be, where it is not surely the service that names it.
#[derive(Default)]
struct Others<'k> {
    /// As likely as that one.
    named: Vec<&'k str>,
    /// Less likely, or at this port only because they take many.
    mentioned: Vec<&'k str>,
}

fn others<'k>(cx: &Context<'k>, open: &Open<'_>) -> Others<'k> {
    const NAMED: usize = 2;
    const MANY: u32 = 16;
    let facts = cx.knowledge.facts(open.service.service);
    let own = |port: &u16| facts.ports.iter().any(|it| it.contains(*port));
    let dialled = open.service.port.filter(own);
    let Some(port) = dialled.or(open.service.decided_port.filter(own)) else {
        return Others::default();
    };
    let mut others = Others::default();
    if facts.confidence == knowledge::Confidence::High || open.service.secondary {
        return others;
    }
    for id in cx.knowledge.services_at(open.service.protocol, port) {
        let other = cx.knowledge.facts(id);
        let hidden = other.audit_only && cx.settings.persona != Persona::Audit;
        if other.service == facts.service || other.category == Category::MalwarePort || hidden {
            continue;
        }
        let takes_many = other.ports.iter().any(|it| it.contains(port) && it.count() > MANY);
        let as_likely = other.confidence >= knowledge::Confidence::Medium && !takes_many;
        if as_likely && others.named.len() < NAMED {
            others.named.push(other.service);
        } else {
            others.mentioned.push(other.service);
        }
    }
    others
}

/// Whom ports are shared with besides those that are named.
pub(super) fn shared(cx: &Context<'_>, opens: &[Open<'_>]) -> Vec<Message> {
    let mut sentences = Vec::new();
    for open in opens {
        let names: Vec<String> =
            others(cx, open).mentioned.into_iter().map(str::to_owned).collect();
        let Some(port) = open.service.port.filter(|_| !names.is_empty()) else { continue };
        let transport = phrases::transport(open.service.protocol);
        let names = phrases::listed(&names);
        sentences.push(Message {
            en: format!("{transport}/{port} is also used by {}.", names.en),
            zh: format!("{transport}/{port} 也被 {} 使用。", names.zh),
        });
    }
    sentences
}
