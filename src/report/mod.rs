//! How things are shown. Decides nothing: it is handed findings already filtered and sorted, and writes to what it is
//! given. Machine formats are English and never painted.

mod clean;
mod concise;
pub mod diff;
pub mod fix;
mod json;
mod paint;
mod review;
mod suppressed;
mod text;

pub use crate::commands::ServiceView;
pub use review::write as review;
pub use text::{assertions, lints, note, page, ports, refusal, traces, wrong_packet};

use crate::{
    commands::{Assertions, Outcome, Traces},
    lints::Lint,
    settings::{Format, Look, Settings},
};
use std::io::{self, Write};

/// Writes one report of a check.
///
/// # Errors
///
/// The writer's.
pub fn write(
    out: &mut dyn Write,
    format: Format,
    outcome: &Outcome,
    settings: &Settings,
    look: &Look,
) -> io::Result<()> {
    match format {
        Format::Text => text::write(out, outcome, settings, look),
        Format::Concise => concise::write(out, outcome, settings),
        Format::Json => json::write(out, outcome, settings),
    }
}

/// Writes the catalogue for programs.
///
/// # Errors
///
/// The writer's.
pub fn lints_json(out: &mut dyn Write, lints: &[&'static Lint]) -> io::Result<()> {
    json::lints(out, lints)
}

/// Writes what was tested for programs.
///
/// # Errors
///
/// The writer's.
pub fn assertions_json(out: &mut dyn Write, assertions: &Assertions) -> io::Result<()> {
    json::assertions(out, assertions)
}

/// Writes entries of the knowledge base for programs.
///
/// # Errors
///
/// The writer's.
pub fn ports_json(out: &mut dyn Write, services: &[ServiceView]) -> io::Result<()> {
    json::services(out, services)
}

/// Writes what becomes of packets for programs: one document, or an object a line.
///
/// # Errors
///
/// The writer's.
pub fn traces_json(
    out: &mut dyn Write,
    traces: &Traces,
    walk: bool,
    lines: bool,
) -> io::Result<()> {
    if lines {
        json::trace::lines(out, traces, walk)
    } else {
        json::trace::document(out, traces, walk)
    }
}
