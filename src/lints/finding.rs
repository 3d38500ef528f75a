use super::{Lint, Repair};
use crate::{model::Place, settings::Severity, words::Message};

/// How sure a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Depends on what static text cannot tell.
    Low,
    /// Rests on an assumption that is said.
    Medium,
    /// Computed.
    High,
}

/// A place with what to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub place: Place,
    /// What holds there.
    pub text: Message,
}

/// A service that a rule opens, by its entry in the knowledge base and the port it is opened at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenService {
    /// The entry.
    pub service: crate::knowledge::ServiceId,
    /// The IP protocol it is opened over.
    pub protocol: u8,
    /// The port that a client dials; `None` for a protocol without ports.
    pub port: Option<u16>,
}

/// What a lint reports.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The lint.
    pub lint: &'static Lint,
    /// How much it matters here.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// What is wrong, about this very place: a lower-case clause without a full stop.
    pub message: Message,
    /// Where: the words that matter, with what the caret says.
    pub primary: Label,
    /// Other places that explain it.
    pub labels: Vec<Label>,
    /// What to do, and why it matters: whole sentences.
    pub help: Vec<Message>,
    /// The services it is about, the worst first.
    pub services: Vec<OpenService>,
    /// Who can reach them, as a word of JSON: `any`, `public` …
    pub source_class: Option<&'static str>,
    /// A packet that proves it, in packet notation.
    pub witness: Option<String>,
    /// What mends it, the best first.
    pub fixes: Vec<Repair>,
}
