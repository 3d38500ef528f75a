//! What the user does not want to hear of, in one line each.

use super::clean::clean;
use crate::{
    commands::{Outcome, Silenced},
    settings::Settings,
    words::{Language, Message},
};
use std::io::{self, Write};

/// `path:line:column: severity[CODE] message (suppressed at path:line: reason)`.
pub(super) fn lines(out: &mut dyn Write, outcome: &Outcome, settings: &Settings) -> io::Result<()> {
    if !settings.show_suppressed {
        return Ok(());
    }
    for Silenced { finding, silence, .. } in &outcome.silenced {
        let place = finding.primary.place;
        let source = &outcome.files[place.file as usize].source;
        let position = source.position(place.span.start);
        let at = format!("{}:{}", silence.path, silence.line);
        let (colon, reason) = match (&silence.reason, settings.language) {
            (Some(reason), Language::En) => (": ", reason.as_str()),
            (Some(reason), Language::Zh) => ("：", reason.as_str()),
            (None, _) => ("", ""),
        };
        let said = Message {
            en: format!(" (suppressed at {at}{colon}{reason})"),
            zh: format!("（已由 {at} 抑制{colon}{reason}）"),
        };
        writeln!(
            out,
            "{}:{}:{}: {}[{}] {}{}",
            clean(&source.path, true),
            position.line,
            position.column,
            finding.severity.name(),
            finding.lint.code,
            clean(finding.message.get(settings.language), true),
            clean(said.get(settings.language), true),
        )?;
    }
    Ok(())
}
