//! A review as text, Markdown, JSON and CSV. Lines arrive merged and sorted; here they become words.

mod csv;
mod json;
mod markdown;
mod table;
mod text;
mod words;

use crate::{
    commands::review::Review,
    settings::{Look, Settings, TableFormat},
};
use std::io::{self, Write};

/// Writes one report of a review.
///
/// # Errors
///
/// The writer's.
pub fn write(
    out: &mut dyn Write,
    format: TableFormat,
    review: &Review,
    settings: &Settings,
    look: &Look,
) -> io::Result<()> {
    match format {
        TableFormat::Text => text::write(out, review, settings, look),
        TableFormat::Markdown => markdown::write(out, review, settings, look),
        TableFormat::Json => json::write(out, review),
        TableFormat::Csv => csv::write(out, review),
    }
}
