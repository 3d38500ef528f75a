//! Which lints report what a rule opens.

use crate::{
    analysis::SourceClass,
    lints::{Finding, OpenService, Place},
};
use std::collections::BTreeMap;

/// The codes of findings by where they are.
pub(super) struct Codes {
    /// For each file, the findings by the start of their words.
    files: BTreeMap<u32, Vec<Code>>,
}

struct Code {
    start: u32,
    lint: &'static str,
    /// Who can reach what it is about, where it says so.
    class: Option<&'static str>,
    /// What they are about; none for everything that the rule opens.
    services: Vec<OpenService>,
}

/// A finding about a class of ports names the worst services inside, and is about all of them.
const CLASSES: [&str; 5] = ["FW120", "FW121", "FW122", "FW123", "FW124"];

impl Codes {
    pub(super) fn of(findings: &[Finding]) -> Self {
        let mut files: BTreeMap<u32, Vec<Code>> = BTreeMap::new();
        for finding in findings {
            let lint = finding.lint.code;
            let is_class = CLASSES.contains(&lint);
            // An element of a set is one place, the rule that uses it another.
            let places = finding.labels.iter().chain([&finding.primary]).map(|it| it.place);
            for place in places {
                let services = if is_class { Vec::new() } else { finding.services.clone() };
                let class = finding.source_class;
                let code = Code { start: place.span.start, lint, class, services };
                files.entry(place.file).or_default().push(code);
            }
        }
        for codes in files.values_mut() {
            codes.sort_by_key(|it| (it.start, it.lint));
        }
        Self { files }
    }

    /// The codes of findings at a place that are about no service, sorted.
    pub(super) fn at(&self, place: Place) -> Vec<&'static str> {
        self.about([place].into_iter(), SourceClass::Any, None, None)
    }

    /// The codes of findings at one of `places` about a port that senders of a class can reach, sorted.
    pub(super) fn about(
        &self,
        places: impl Iterator<Item = Place>,
        class: SourceClass,
        protocol: Option<u8>,
        ports: Option<(u16, u16)>,
    ) -> Vec<&'static str> {
        let is_about = |it: &OpenService| {
            let at = match (it.port, ports) {
                (Some(port), Some((first, last))) => (first..=last).contains(&port),
                (None, _) | (_, None) => true,
            };
            protocol.is_none_or(|protocol| protocol == it.protocol) && at
        };
        let mut found = Vec::new();
        for place in places {
            let codes = self.files.get(&place.file).map_or(&[][..], Vec::as_slice);
            let first = codes.partition_point(|it| it.start < place.span.start);
            let here = codes[first..].iter().take_while(|it| it.start <= place.span.end);
            let about = here
                .filter(|it| it.class.is_none_or(|it| it == class.name()))
                .filter(|it| it.services.is_empty() || it.services.iter().any(is_about));
            found.extend(about.map(|it| it.lint));
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}
