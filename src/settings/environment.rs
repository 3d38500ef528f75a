use super::Error;
use crate::{syntax::suppression::Date, words::Language};
use std::ffi::OsString;

/// What the variables of the environment say about language and terminal, read once.
#[expect(clippy::struct_excessive_bools, reason = "each is a variable that is set or not")]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// The locale of messages: the first of `LC_ALL`, `LC_MESSAGES`, `LANG` that is not empty.
    pub locale: Option<String>,
    /// Whether the terminal's encoding is UTF-8, as far as the locale tells.
    pub utf8: bool,
    /// `NO_COLOR`, not empty.
    pub no_color: bool,
    /// `FORCE_COLOR` or `CLICOLOR_FORCE`, neither empty nor `0`.
    pub force_color: bool,
    /// `CLICOLOR=0`.
    pub clicolor_off: bool,
    /// `TERM=dumb`.
    pub dumb: bool,
    /// Whether the terminal is one of those known to draw links.
    pub hyperlinks: bool,
    /// `COLUMNS`, where it is exported.
    pub columns: Option<u16>,
    /// The day it is.
    pub today: Today,
}

/// The day it is, of UTC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Today {
    /// Nobody says.
    #[default]
    Unknown,
    /// This one.
    Is(Date),
    /// `FWLINT_TODAY` says what is no day.
    NoDay(String),
}

impl Today {
    /// The day, if it is known.
    ///
    /// # Errors
    ///
    /// What `FWLINT_TODAY` says is no day.
    pub fn day(&self) -> Result<Option<Date>, Error> {
        match self {
            Self::Unknown => Ok(None),
            Self::Is(day) => Ok(Some(*day)),
            Self::NoDay(word) => Err(Error::NoDay { word: word.clone() }),
        }
    }
}

impl Environment {
    /// Reads the variables through `get`; `system` is the locale of a system that has none in its environment, and
    /// `clock` the day that its clock shows.
    pub fn read(
        get: impl Fn(&str) -> Option<OsString>,
        system: Option<&str>,
        clock: Option<Date>,
    ) -> Self {
        let text = |name: &str| {
            let value = get(name)?.to_string_lossy().into_owned();
            (!value.is_empty()).then_some(value)
        };
        let forced = |name: &str| text(name).is_some_and(|value| value != "0");
        let first = |names: [&str; 3]| names.into_iter().find_map(text);
        let encoding = first(["LC_ALL", "LC_CTYPE", "LANG"]).or_else(|| system.map(str::to_owned));
        Self {
            locale: first(["LC_ALL", "LC_MESSAGES", "LANG"]).or_else(|| system.map(str::to_owned)),
            // Systems that keep their locale elsewhere have terminals that take UTF-8.
            utf8: system.is_some() || encoding.is_some_and(|it| is_utf8(&it)),
            no_color: text("NO_COLOR").is_some(),
            force_color: forced("FORCE_COLOR") || forced("CLICOLOR_FORCE"),
            clicolor_off: text("CLICOLOR").is_some_and(|value| value == "0"),
            dumb: text("TERM").is_some_and(|value| value == "dumb"),
            hyperlinks: links(&text),
            columns: text("COLUMNS").and_then(|value| value.parse().ok()),
            today: match text("FWLINT_TODAY") {
                Some(word) => Date::read(&word).map_or(Today::NoDay(word), Today::Is),
                None => clock.map_or(Today::Unknown, Today::Is),
            },
        }
    }

    /// The language of the locale; English where it is unknown.
    pub fn language(&self) -> Language {
        let chinese = |locale: &str| locale.to_ascii_lowercase().starts_with("zh");
        if self.locale.as_deref().is_some_and(chinese) { Language::Zh } else { Language::En }
    }
}

fn is_utf8(locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

fn links(text: &impl Fn(&str) -> Option<String>) -> bool {
    const PROGRAMS: [&str; 6] = ["iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "rio"];
    let program = text("TERM_PROGRAM").unwrap_or_default();
    let vte = text("VTE_VERSION").and_then(|version| version.parse::<u32>().ok());
    PROGRAMS.contains(&program.as_str())
        || vte.is_some_and(|version| version >= 5000)
        || text("WT_SESSION").is_some()
        || text("KONSOLE_VERSION").is_some()
        || text("TERM").is_some_and(|term| term == "xterm-kitty" || term == "alacritty")
}

#[cfg(test)]
mod tests {
    use super::{Environment, Language};

    fn of(variables: &[(&str, &str)]) -> Environment {
        let get = |name: &str| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into())
        };
        Environment::read(get, None, None)
    }

    #[test]
    fn the_first_locale_that_is_set_counts() {
        let language = |variables: &[(&str, &str)]| of(variables).language();
        assert_eq!(language(&[("LANG", "zh_CN.UTF-8")]), Language::Zh);
        assert_eq!(language(&[("LANG", "zh_CN.UTF-8"), ("LC_MESSAGES", "en_GB")]), Language::En);
        assert_eq!(language(&[("LANG", "en_GB"), ("LC_ALL", "zh_TW")]), Language::Zh);
        assert_eq!(language(&[("LC_ALL", ""), ("LANG", "zh_CN")]), Language::Zh);
        for locale in ["C", "POSIX", "de_DE.UTF-8", "C.UTF-8"] {
            assert_eq!(language(&[("LANG", locale)]), Language::En);
        }
        assert_eq!(language(&[]), Language::En);
    }

    #[test]
    fn encoding_is_that_of_the_characters_not_of_the_messages() {
        assert!(of(&[("LANG", "C.UTF-8")]).utf8);
        assert!(of(&[("LANG", "C"), ("LC_CTYPE", "en_GB.utf8")]).utf8);
        assert!(!of(&[("LANG", "zh_CN.GB18030")]).utf8);
        assert!(!of(&[]).utf8);
    }

    #[test]
    fn an_empty_no_color_does_not_count() {
        assert!(!of(&[("NO_COLOR", "")]).no_color);
        assert!(of(&[("NO_COLOR", "1")]).no_color);
        assert!(!of(&[("FORCE_COLOR", "0")]).force_color);
        assert!(of(&[("CLICOLOR_FORCE", "1")]).force_color);
    }
}
