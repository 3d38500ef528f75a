//! From the letters of an option to what it is, the way `getopt_long` decides.

use super::extensions::{ALL, CORE_NAMES, Core};
use crate::syntax::{ErrorKind, error::nearest};

/// What an option's name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// One of the core's.
    Core(Core),
    /// An option of the extension that was loaded at this place.
    Loaded {
        /// The place in the list of loaded extensions.
        instance: usize,
        /// The option's index.
        option: u16,
    },
}

/// The option of that long name, or the only one that starts so. What was loaded last comes first. Without `suggest`, an error proposes nothing.
pub(super) fn long(name: &str, loaded: &[u16], suggest: bool) -> Result<Found, ErrorKind> {
    for (instance, extension) in loaded.iter().enumerate().rev() {
        if let Some(option) = ALL[usize::from(*extension)].option(name) {
            return Ok(Found::Loaded { instance, option });
        }
    }
    if let Some((.., core)) = CORE_NAMES.iter().find(|(long, ..)| *long == name) {
        return Ok(Found::Core(*core));
    }
    abbreviated(name, loaded, suggest)
}

fn abbreviated(name: &str, loaded: &[u16], suggest: bool) -> Result<Found, ErrorKind> {
    let mut first: Option<(&'static str, Found)> = None;
    let begins = |candidate: &str| !name.is_empty() && candidate.starts_with(name);
    for (candidate, found) in names(loaded).filter(|(candidate, _)| begins(candidate)) {
        match first {
            None => first = Some((candidate, found)),
            Some((_, earlier)) if earlier == found => {}
            Some((earlier, _)) => {
                return Err(ErrorKind::AmbiguousOption { candidates: [earlier, candidate] });
            }
        }
    }
    if let Some((_, found)) = first {
        return Ok(found);
    }
    let candidates = names(loaded).map(|(name, _)| name).filter(|_| suggest);
    Err(ErrorKind::UnknownOption { suggestion: nearest(name, candidates) })
}

fn names(loaded: &[u16]) -> impl Iterator<Item = (&'static str, Found)> {
    let core = CORE_NAMES.iter().map(|(name, _, core)| (*name, Found::Core(*core)));
    let extensions = loaded.iter().enumerate().rev().flat_map(|(instance, extension)| {
        ALL[usize::from(*extension)].options.iter().zip(0..).flat_map(move |(spec, option)| {
            spec.names().map(move |name| (name, Found::Loaded { instance, option }))
        })
    });
    core.chain(extensions)
}

/// The core option with that letter.
pub(super) fn short(letter: u8) -> Option<Core> {
    CORE_NAMES.iter().find(|(_, short, _)| *short == letter && letter != 0).map(|(.., core)| *core)
}
