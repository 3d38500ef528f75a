//! A configuration file to begin with: every key, explained and commented out.

use crate::words::Language;

/// The file in one language.
pub const fn template(language: Language) -> &'static str {
    match language {
        Language::En => include_str!("en.toml"),
        Language::Zh => include_str!("zh.toml"),
    }
}
