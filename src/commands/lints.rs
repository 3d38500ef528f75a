//! `fwlint lints`: the catalogue.

use crate::{
    lints::{self, Lint},
    settings::LintName,
};

/// Every lint, by code.
pub fn catalogue() -> &'static [&'static Lint] {
    lints::ALL
}

/// What settings need to know of the catalogue.
pub fn lint_names(lints: &[&'static Lint]) -> Vec<LintName<'static>> {
    lints.iter().map(|lint| LintName { code: lint.code, name: lint.name }).collect()
}
