//! One line a finding: `path:line:column: severity[CODE] message`.

use super::{clean::clean, suppressed};
use crate::{commands::Outcome, settings::Settings};
use std::io::{self, Write};

pub(super) fn write(out: &mut dyn Write, outcome: &Outcome, settings: &Settings) -> io::Result<()> {
    for finding in &outcome.findings {
        let place = finding.primary.place;
        let source = &outcome.files[place.file as usize].source;
        let position = source.position(place.span.start);
        writeln!(
            out,
            "{}:{}:{}: {}[{}] {}",
            clean(&source.path, true),
            position.line,
            position.column,
            finding.severity.name(),
            finding.lint.code,
            clean(finding.message.get(settings.language), true),
        )?;
    }
    suppressed::lines(out, outcome, settings)
}
