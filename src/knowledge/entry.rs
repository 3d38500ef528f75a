//! An entry with its sentences.

use super::{Category, Confidence, Evidence, Facts, PortRange, Risk, Transports, Verdict};
use crate::words::{Message, Text};

/// The words of the advice to let in nobody but the local network.
const INSIDE: Text = Text { en: "from the local network only", zh: "仅允许内网来源" };

/// All that is known about a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Unique and stable: `finger`, `domain-udp`.
    pub id: String,
    /// What people call it.
    pub service: String,
    /// Where, sorted; none for a protocol without ports.
    pub ports: Vec<PortRange>,
    /// Over what; none for a protocol without ports.
    pub transports: Transports,
    /// The IP protocol, for one without ports.
    pub protocol: Option<u8>,
    /// What IANA's registry has at the port: at ports taken by custom, the name of something else.
    pub iana: Option<String>,
    /// Programs that listen there.
    pub software: Option<String>,
    /// What kind of risk it is.
    pub category: Category,
    /// How bad it is in anybody's reach.
    pub risk: Risk,
    /// How far the number can be trusted.
    pub confidence: Confidence,
    /// How well the entry is founded; a user's own entry does not say.
    pub evidence: Option<Evidence>,
    /// Whether it names the ports it shares with others.
    pub primary: bool,
    /// Whether it is shown in persona audit only.
    pub audit_only: bool,
    /// Why it matters.
    pub note: Message,
    /// What to do.
    pub mitigation: Message,
    /// How much traffic it returns for what it is sent.
    pub amplification: Option<Amplification>,
    /// Where to read on.
    pub references: Vec<String>,
    /// What the seed document says about it.
    pub seed: Vec<Seed>,
}

impl Entry {
    /// What is left to do of [`Entry::mitigation`] where nobody but the local network can reach it.
    pub fn advice_inside(&self) -> Option<Message> {
        let without = |text: &str, end: char, between: &str, done: &str| {
            let clauses = text.trim_end_matches(end).split(between);
            let left: Vec<&str> =
                clauses.map(str::trim).filter(|clause| !clause.contains(done)).collect();
            (!left.is_empty()).then(|| {
                let mut text = left.join(between);
                text.push(end);
                text
            })
        };
        let mut en = without(&self.mitigation.en, '.', "; ", INSIDE.en)?;
        let zh = without(&self.mitigation.zh, '。', "；", INSIDE.zh)?;
        if let Some(first) = en.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Some(Message { en, zh })
    }
}

/// How much traffic a service returns for what it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amplification {
    /// Bytes out for each byte in: `358.8`, `28-54`.
    pub factor: String,
    /// Who measured it.
    pub source: String,
}

/// A claim of the seed document and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed {
    /// The claim, in our words.
    pub claim: Message,
    /// Whether it holds.
    pub verdict: Verdict,
    /// What holds instead, or besides.
    pub correction: Message,
}

impl Entry {
    /// The entry without its sentences.
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            id: &self.id,
            service: &self.service,
            transports: self.transports,
            ports: &self.ports,
            protocol: self.protocol,
            category: self.category,
            risk: self.risk,
            confidence: self.confidence,
            primary: self.primary,
            audit_only: self.audit_only,
        }
    }

    /// Everything it may be asked for by, in lower case: id, name, registered name, programs.
    pub(super) fn names(&self) -> impl Iterator<Item = String> + '_ {
        let software = self.software.iter().flat_map(|it| it.split([',', '/', '(', ')']));
        [self.id.as_str(), self.service.as_str()]
            .into_iter()
            .chain(self.iana.as_deref())
            .chain(software)
            .map(|it| it.trim().to_lowercase())
            .filter(|it| !it.is_empty())
    }
}
