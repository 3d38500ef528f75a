//! What two sides differ in, for people, for programs, for tables and for a comment under a change.

mod csv;
mod json;
mod markdown;
mod phrases;
mod text;

use crate::{
    commands::diff::{Comparison, Gate},
    settings::{Look, Settings, TableFormat},
};
use std::io::{self, Write};

/// Writes one report of a comparison; `gate` is what was asked to fail.
///
/// # Errors
///
/// The writer's.
pub fn write(
    out: &mut dyn Write,
    format: TableFormat,
    comparison: &Comparison,
    gate: Gate,
    settings: &Settings,
    look: &Look,
) -> io::Result<()> {
    match format {
        TableFormat::Text => text::write(out, comparison, gate, settings, look),
        TableFormat::Markdown => markdown::write(out, comparison, settings.language),
        TableFormat::Json => json::write(out, comparison, settings),
        TableFormat::Csv => csv::write(out, comparison),
    }
}
