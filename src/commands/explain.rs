//! `fwlint explain`: the page of a lint, or all that is known of a port.

use super::{ServiceView, ports::Wanted};
use crate::{lints::Lint, settings::nearest};

/// What there is to read.
#[derive(Debug)]
pub enum Page {
    /// A lint: why, bad, good, what to do.
    Lint(&'static Lint),
    /// Every service of a port or of a name, the primary ones first.
    Services(Vec<ServiceView>),
}

/// No lint and no service answers to the word.
#[derive(Debug, PartialEq, Eq)]
pub struct NotFound {
    /// What was probably meant.
    pub nearest: Option<String>,
}

/// Finds the page for a code, a lint's name, a port or a service's name.
///
/// # Errors
///
/// Nothing answers to `word`.
pub fn explain(
    word: &str,
    lints: &[&'static Lint],
    services: &[ServiceView],
) -> Result<Page, NotFound> {
    let word = word.trim();
    let is_meant = |lint: &&&'static Lint| {
        lint.code.eq_ignore_ascii_case(word) || lint.name.eq_ignore_ascii_case(word)
    };
    if let Some(lint) = lints.iter().find(is_meant) {
        return Ok(Page::Lint(lint));
    }
    let wanted = Wanted::of(word);
    let exact = |it: &&ServiceView| match &wanted {
        Wanted::Port(..) => wanted.is(it),
        Wanted::Word(word) => {
            [&it.id, &it.name].into_iter().any(|name| name.to_lowercase() == *word)
        }
    };
    let mut found: Vec<_> = services.iter().filter(exact).cloned().collect();
    if found.is_empty() {
        let lints = lints.iter().flat_map(|lint| [lint.code, lint.name]);
        let names = services.iter().map(|it| it.name.as_str());
        let nearest = nearest(word, lints.chain(names)).map(str::to_owned);
        return Err(NotFound { nearest });
    }
    found.sort_by_key(|it| !it.primary);
    Ok(Page::Services(found))
}
