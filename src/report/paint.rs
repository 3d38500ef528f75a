//! Colours and links, for the few words that miette does not write.

use crate::settings::{Look, Severity};
use std::fmt::Write as _;

/// A manner of painting: what to write before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    Error,
    Warning,
    Info,
    Added,
    Strong,
    Faint,
    Heading,
}

impl Paint {
    pub(super) const fn of(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
            Severity::Info => Self::Info,
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Error => "1;31",
            Self::Warning => "1;33",
            Self::Info => "1;36",
            Self::Added => "1;32",
            Self::Strong => "1",
            Self::Faint => "2",
            Self::Heading => "1;4",
        }
    }

    /// `text`, painted where `look` says so.
    pub(super) fn on(self, text: &str, look: &Look) -> String {
        if look.color { format!("\u{1b}[{}m{text}\u{1b}[0m", self.code()) } else { text.to_owned() }
    }
}

/// `text` as a link to the file at `path`, where `look` says so.
pub(super) fn link(text: &str, path: &str, look: &Look) -> String {
    let Some(here) = look.links.as_deref().filter(|_| path != "-") else {
        return text.to_owned();
    };
    let absolute = if path.starts_with('/') { path.to_owned() } else { format!("{here}/{path}") };
    let mut url = String::from("file://");
    for byte in absolute.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            let _ = write!(url, "%{byte:02X}");
        }
    }
    format!("\u{1b}]8;;{url}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\")
}
