use super::{Persona, Settings, Severity};
use crate::source::input::{Patterns, identity};
use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

/// How bad the findings of lints are, whatever the lints themselves say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// A code, a code prefix or a name.
    pub word: String,
    /// The severity; `None` for off.
    pub severity: Option<Severity>,
}

/// What is wanted of some files besides what is wanted of all.
#[derive(Debug, Clone)]
pub struct PerFile {
    /// The folder that the patterns start from.
    pub(super) folder: PathBuf,
    /// Which files.
    pub(super) files: Patterns,
    /// The patterns as they are written.
    pub words: Vec<String>,
    /// Takes the place of [`Settings::select`]; empty for nothing said.
    pub select: Vec<String>,
    /// Off in these files too.
    pub ignore: Vec<String>,
    /// Counts more than [`Settings::severity`].
    pub severity: Vec<Level>,
}

impl PerFile {
    /// Whether it is about the file at `path`, in whatever spelling.
    fn is_about(&self, path: &Path) -> bool {
        let Ok(below) = path.strip_prefix(&self.folder) else { return false };
        self.files.covers(&below.to_string_lossy().replace('\\', "/"))
    }
}

impl Settings {
    /// Whether a lint is on. The more exact of two words that name it wins, and `ignore` where both are as exact.
    /// A lint that is selected is on in every persona.
    pub fn is_on(&self, code: &str, name: &str, persona: Persona) -> bool {
        let off = self.level(code, name).filter(|level| level.severity.is_none());
        let off = off.and_then(|level| exactness([&level.word], code, name));
        let selected = exactness(&self.select, code, name);
        let ignored = exactness(&self.ignore, code, name).max(off);
        let by_persona = persona <= self.persona && self.select.is_empty();
        match (selected, ignored) {
            (None, None) => by_persona,
            (None, Some(_)) => false,
            // A prefix opens a family, not what its persona holds back.
            (Some(chosen), None) => chosen >= code.len() || persona <= self.persona,
            (Some(chosen), Some(ignored)) => {
                chosen > ignored && (chosen >= code.len() || persona <= self.persona)
            }
        }
    }

    /// What is wanted of the files that an entry of its own is about: a lint that is on for any file is on here, or in one
    /// of these.
    pub fn variants(&self) -> Vec<Self> {
        self.per_file.iter().map(|some| self.with(some)).collect()
    }

    /// How bad a lint's findings are made, where that is said; `None` for a lint that is off.
    pub fn as_wanted(&self, code: &str, name: &str, persona: Persona) -> Option<Option<Severity>> {
        let level = || self.level(code, name).and_then(|level| level.severity);
        self.is_on(code, name, persona).then(level)
    }

    /// How bad findings of a lint are made: the more exact word wins, and the later one where both are as exact.
    pub fn level(&self, code: &str, name: &str) -> Option<&Level> {
        let named = self.severity.iter();
        let named = named.filter_map(|it| Some((exactness([&it.word], code, name)?, it)));
        named.max_by_key(|(exact, _)| *exact).map(|(_, level)| level)
    }

    /// What is wanted of the file at `path`.
    pub fn of_file(&self, path: &str) -> Cow<'_, Self> {
        if self.per_file.is_empty() {
            return Cow::Borrowed(self);
        }
        let path = identity(Path::new(path));
        let about = self.per_file.iter().filter(|it| it.is_about(&path));
        about.fold(Cow::Borrowed(self), |settings, it| Cow::Owned(settings.with(it)))
    }

    fn with(&self, some: &PerFile) -> Self {
        let mut settings = self.clone();
        if !some.select.is_empty() {
            settings.select.clone_from(&some.select);
        }
        settings.ignore.extend_from_slice(&some.ignore);
        settings.severity.extend_from_slice(&some.severity);
        settings
    }
}

/// Whether a code, a code prefix or a name names the lint.
pub(crate) fn names_lint(word: &str, code: &str, name: &str) -> bool {
    word == name || code.starts_with(word.to_ascii_uppercase().as_str())
}

/// The length of the longest word that names the lint; a name counts as a whole code.
fn exactness<'w>(
    words: impl IntoIterator<Item = &'w String>,
    code: &str,
    name: &str,
) -> Option<usize> {
    let of = |word: &String| {
        let length = if word == name { code.len() } else { word.len() };
        names_lint(word, code, name).then_some(length)
    };
    words.into_iter().filter_map(of).max()
}

#[cfg(test)]
mod tests {
    use super::{Level, Persona, Settings, Severity};

    fn on(select: &[&str], ignore: &[&str], persona: Persona) -> bool {
        let words = |words: &[&str]| words.iter().map(ToString::to_string).collect();
        let settings =
            Settings { select: words(select), ignore: words(ignore), ..Settings::default() };
        settings.is_on("FW106", "legacy-service-open", persona)
    }

    #[test]
    fn codes_prefixes_and_names_select() {
        let on = |select, ignore| on(select, ignore, Persona::Default);
        assert!(on(&[], &[]));
        assert!(on(&["FW1"], &[]) && on(&["fw106"], &[]) && on(&["legacy-service-open"], &[]));
        assert!(!on(&["FW2"], &[]));
        assert!(!on(&[], &["FW1"]) && !on(&[], &["legacy-service-open"]));
    }

    #[test]
    fn the_more_exact_word_wins() {
        let on = |select, ignore| on(select, ignore, Persona::Default);
        assert!(on(&["FW106"], &["FW1"]));
        assert!(!on(&["FW1"], &["FW106"]));
        assert!(!on(&["FW106"], &["legacy-service-open"]));
    }

    #[test]
    fn a_prefix_does_not_open_what_the_persona_holds_back() {
        assert!(!on(&[], &[], Persona::Audit));
        assert!(!on(&["FW1"], &[], Persona::Audit));
        assert!(on(&["FW106"], &[], Persona::Audit));
    }

    #[test]
    fn a_lint_that_is_off_is_off_unless_a_more_exact_word_selects_it() {
        let level = |word: &str, severity| Level { word: word.into(), severity };
        let on = |severity, select: &[&str]| {
            let select = select.iter().map(ToString::to_string).collect();
            let settings = Settings { select, severity, ..Settings::default() };
            settings.is_on("FW106", "legacy-service-open", Persona::Default)
        };
        assert!(!on(vec![level("legacy-service-open", None)], &[]));
        assert!(!on(vec![level("FW1", None)], &["FW1"]));
        assert!(on(vec![level("FW1", None)], &["FW106"]));
        let raised = vec![level("FW106", Some(Severity::Error)), level("FW1", None)];
        assert!(on(raised.clone(), &[]), "the more exact word says that it is an error");
        let settings = Settings { severity: raised, ..Settings::default() };
        let level = settings.level("FW106", "legacy-service-open").expect("two words name it");
        assert_eq!(level.severity, Some(Severity::Error));
        assert_eq!(settings.level("FW201", "shadowed-deny"), None);
    }
}
