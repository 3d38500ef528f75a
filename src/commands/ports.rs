//! `fwlint ports`: the knowledge base.

use crate::{
    knowledge::{self, Knowledge, ServiceId},
    lints::Confidence,
    words::Message,
};

/// A service at one transport, as reports show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceView {
    /// The entry's id, stable.
    pub id: String,
    /// Its short name: `finger`.
    pub name: String,
    /// `tcp`, `udp`, …, or the protocol's own name where it has no ports.
    pub transport: String,
    /// Its ports, as inclusive ranges; empty for a protocol without ports.
    pub ports: Vec<(u16, u16)>,
    /// Whether its ports are registered for it or best known for it.
    pub primary: bool,
    /// The slug of its risk: the lint's name without `-open`.
    pub category: String,
    /// `critical`, `high`, `medium`, `low` or `info`.
    pub severity: String,
    /// How sure the entry is.
    pub confidence: Confidence,
    /// The risk.
    pub note: Message,
    /// What to do.
    pub mitigation: Message,
    /// Where a common claim about it is wrong: the claim and the correction.
    pub correction: Option<Message>,
    /// Programs that listen there.
    pub software: Vec<String>,
    /// Where the facts come from.
    pub references: Vec<String>,
}

impl ServiceView {
    /// The view of an entry; where it has several transports, of the first.
    pub fn of(knowledge: &Knowledge, id: ServiceId) -> Self {
        let entry = knowledge.entry(id);
        let transport = entry.transports.iter().next();
        let corrections: Vec<_> =
            entry.seed.iter().filter(|seed| seed.verdict != knowledge::Verdict::Ok).collect();
        let joined = |text: fn(&knowledge::Seed) -> &str, between: &str| {
            corrections.iter().map(|seed| text(seed)).collect::<Vec<_>>().join(between)
        };
        let correction = (!corrections.is_empty()).then(|| Message {
            en: joined(|seed| &seed.correction.en, " "),
            zh: joined(|seed| &seed.correction.zh, ""),
        });
        let software = entry.software.iter().flat_map(|names| names.split(", "));
        Self {
            id: entry.id.clone(),
            name: entry.service.clone(),
            transport: transport.map_or_else(|| entry.service.clone(), |it| it.slug().to_owned()),
            ports: entry.ports.iter().map(|range| (range.first, range.last)).collect(),
            primary: entry.primary,
            category: entry.category.slug().to_owned(),
            severity: entry.risk.slug().to_owned(),
            confidence: match entry.confidence {
                knowledge::Confidence::High => Confidence::High,
                knowledge::Confidence::Medium => Confidence::Medium,
                knowledge::Confidence::Low => Confidence::Low,
            },
            note: entry.note.clone(),
            mitigation: entry.mitigation.clone(),
            correction,
            software: software.map(str::to_owned).collect(),
            references: entry.references.clone(),
        }
    }

    /// Whether it listens at `port`.
    pub fn has_port(&self, port: u16) -> bool {
        self.ports.iter().any(|(first, last)| (*first..=*last).contains(&port))
    }

    /// Its place as people write it: `tcp/79`, `tcp/6660-6669,6697`, `gre`.
    pub fn place(&self) -> String {
        let range = |(first, last): &(u16, u16)| {
            if first == last { first.to_string() } else { format!("{first}-{last}") }
        };
        if self.ports.is_empty() {
            return self.transport.clone();
        }
        format!("{}/{}", self.transport, self.ports.iter().map(range).collect::<Vec<_>>().join(","))
    }
}

/// What to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PortQuery {
    /// A port, `tcp/79`, or part of a name, a program or a note; `None` for all.
    pub text: Option<String>,
    /// The slug of a category; `None` for all.
    pub category: Option<String>,
}

/// Every service that is known, by transport and port.
pub fn services(knowledge: &Knowledge) -> Vec<ServiceView> {
    let mut views = Vec::new();
    for id in knowledge.services() {
        let view = ServiceView::of(knowledge, id);
        let transports = knowledge.facts(id).transports;
        if transports.is_empty() {
            views.push(view);
            continue;
        }
        let at = |transport: knowledge::Transport| ServiceView {
            transport: transport.slug().to_owned(),
            ..view.clone()
        };
        views.extend(transports.iter().map(at));
    }
    views.sort_by(|a, b| {
        let key = |it: &ServiceView| (it.ports.first().copied(), it.transport.clone());
        key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
    });
    views
}

/// The services that answer `query`, in the order they are in.
pub fn ports(services: Vec<ServiceView>, query: &PortQuery) -> Vec<ServiceView> {
    let in_category = |it: &ServiceView| query.category.as_ref().is_none_or(|c| *c == it.category);
    let wanted = query.text.as_deref().map(Wanted::of);
    let answers = |it: &ServiceView| wanted.as_ref().is_none_or(|wanted| wanted.is(it));
    services.into_iter().filter(|it| in_category(it) && answers(it)).collect()
}

/// What a word asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// `79`, `tcp/79`, `79/tcp`.
    Port(Option<String>, u16),
    /// Anything else, in lower case.
    Word(String),
}

impl Wanted {
    pub(super) fn of(text: &str) -> Self {
        let text = text.trim().to_lowercase();
        if let Ok(port) = text.parse() {
            return Self::Port(None, port);
        }
        if let Some((left, right)) = text.split_once('/') {
            for (transport, port) in [(left, right), (right, left)] {
                if let Ok(port) = port.parse() {
                    return Self::Port(Some(transport.to_owned()), port);
                }
            }
        }
        Self::Word(text)
    }

    pub(super) fn is(&self, service: &ServiceView) -> bool {
        match self {
            Self::Port(transport, port) => {
                transport.as_ref().is_none_or(|it| *it == service.transport)
                    && service.has_port(*port)
            }
            Self::Word(word) => {
                let texts = [
                    &service.id,
                    &service.name,
                    &service.transport,
                    &service.category,
                    &service.note.en,
                    &service.note.zh,
                ];
                let mut texts = texts.into_iter().chain(&service.software);
                texts.any(|text| text.to_lowercase().contains(word.as_str()))
            }
        }
    }
}
