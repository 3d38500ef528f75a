//! nftables: rule files and dumps as `nft` takes and prints them.
//!
//! ```text
//! file    := (command? (NL | ";"))*
//! command := verb? ("table" block | "chain" … | "rule" … | "set" … | …)
//! rule    := (match | statement | verdict)+ comment?
//! match   := expression operator? value
//! ```
//!
//! The tree is flat (see [`tree`]), because files of a hundred thousand rules and sets of a million elements are ordinary.
//! Reading goes in two steps: `parse` knows the grammar, the checks know what the loader refuses in what was read.

mod checks;
pub mod datatype;
mod error;
pub mod fields;
mod json;
mod parse;
#[cfg(test)]
mod tests;
pub mod tree;
pub mod values;

pub use error::{ErrorKind, Wanted};
pub(super) use parse::{OBJECTS, includes};
pub use tree::*;

use super::error::Errors;
use crate::source;

/// Reads a whole file.
pub(super) fn parse(text: &str, includes: &[source::Include]) -> (File, Errors) {
    let (mut file, mut errors) = parse::parse(text, includes);
    file.merged = checks::check(text, &file, &mut errors);
    (file, errors)
}

/// Reads the commands that a script gives; where some of its words are not known, `open` is set, and a variable that
/// nothing defines is one of those.
pub(super) fn parse_commands(text: &str, open: bool) -> (File, Errors) {
    let (mut file, mut errors) = parse::parse_commands(text, open);
    file.merged = checks::check(text, &file, &mut errors);
    (file, errors)
}

/// Reads a whole file of `nft -j`.
pub(super) fn parse_json(text: &str) -> (File, Errors) {
    let (mut file, mut errors) = json::parse(text);
    file.merged = checks::check(text, &file, &mut errors);
    (file, errors)
}

/// What the comments of its rules say.
pub fn comments(file: &File) -> impl Iterator<Item = source::Span> {
    file.every_rule().filter_map(|rule| rule.comment)
}
