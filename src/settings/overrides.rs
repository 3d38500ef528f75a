use super::{
    Display, Environment, Error, Format, Output, Persona, Settings, Severity, TableFormat,
    config::{File, lints, values},
};
use crate::words::Language;
use std::path::PathBuf;

/// What the command line and the `FWLINT_*` variables say; `None` and empty where they say nothing.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Overrides {
    /// `--persona`.
    pub persona: Option<Persona>,
    /// `--select`.
    pub select: Vec<String>,
    /// `--ignore`.
    pub ignore: Vec<String>,
    /// `--min-severity`.
    pub min_severity: Option<Severity>,
    /// `--fail-on`; the inner `None` is `never`.
    pub fail_on: Option<Option<Severity>>,
    /// `--exit-zero`.
    pub exit_zero: bool,
    /// `--lang`; `None` for `auto` too.
    pub language: Option<Language>,
    /// `--allow-empty`.
    pub allow_empty: bool,
    /// `--allow-incomplete`.
    pub allow_incomplete: bool,
    /// How often `-v` was given.
    pub verbose: u8,
    /// `--statistics`.
    pub statistics: bool,
    /// `--show-suppressed`.
    pub show_suppressed: bool,
    /// `--format`.
    pub format: Option<Format>,
    /// `--output`, each as it was written.
    pub outputs: Vec<String>,
    /// How it should look.
    pub display: Display,
}

/// How a lint is called: all that settings know of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LintName<'a> {
    /// For machines.
    pub code: &'a str,
    /// For people.
    pub name: &'a str,
}

impl Overrides {
    /// Lays what was said over the defaults, in the order defaults < configuration files, of which a later one counts more
    /// than those it extends < environment < command line.
    ///
    /// # Errors
    ///
    /// A word that names no lint of the `catalogue`, or no format; a place of a file that cannot be followed.
    pub fn settle(
        &self,
        files: &[File],
        environment: &Environment,
        catalogue: &[LintName<'_>],
    ) -> Result<Settings, Error> {
        known(&self.select, "--select", catalogue)?;
        known(&self.ignore, "--ignore", catalogue)?;
        let defaults = Settings::default();
        let outputs = outputs(&self.outputs, self.format, &FORMATS)?;
        // What the files say is looked at even where the command line says otherwise: it may be wrong.
        let persona = values::persona(files)?;
        let fail_on = values::fail_on(files)?;
        let language = values::language(files)?;
        let select = lints::select(files, catalogue)?;
        let ignore = lints::ignore(files, catalogue)?;
        let mut per_file = lints::per_file(files, catalogue)?;
        if !self.select.is_empty() {
            for it in &mut per_file {
                it.select.clear();
            }
        }
        let zones = values::zones(files)?;
        let expect = values::expect(files, &zones)?;
        let fail_on = self.fail_on.or(fail_on).unwrap_or(defaults.fail_on);
        let said = |own: &Vec<String>, file| if own.is_empty() { file } else { own.clone() };
        Ok(Settings {
            persona: self.persona.or(persona).unwrap_or(defaults.persona),
            select: said(&self.select, select),
            ignore: said(&self.ignore, ignore),
            severity: lints::severity(files, catalogue)?,
            per_file,
            options: lints::options(files)?,
            fold_infos: self.verbose == 0 && self.min_severity.is_none(),
            min_severity: self.min_severity.unwrap_or(defaults.min_severity),
            fail_on: if self.exit_zero { None } else { fail_on },
            language: self.language.or(language).unwrap_or_else(|| environment.language()),
            allow_empty: self.allow_empty,
            allow_incomplete: self.allow_incomplete,
            statistics: self.statistics,
            outputs,
            display: self.display.clone(),
            config: files.last().map(|file| file.path().to_owned()),
            zones,
            expect,
            hosts: values::hosts(files)?,
            knowledge: lints::knowledge(files)?,
            today: environment.today.day()?,
            show_suppressed: self.show_suppressed,
        })
    }
}

fn known(words: &[String], option: &'static str, lints: &[LintName<'_>]) -> Result<(), Error> {
    words.iter().try_for_each(|word| {
        unknown_lint(word, lints).map_err(|nearest| Error::UnknownLint {
            word: word.clone(),
            option,
            nearest,
        })
    })
}

/// Whether a word names lints; what was probably meant by one that names none.
pub(crate) fn unknown_lint(word: &str, lints: &[LintName<'_>]) -> Result<(), Option<String>> {
    let upper = word.to_ascii_uppercase();
    let family = upper.starts_with("FW") && upper.len() <= 2;
    let named = || lints.iter().any(|it| it.name == word || it.code.starts_with(&upper));
    if !word.is_empty() && (family || named()) {
        return Ok(());
    }
    let all = lints.iter().flat_map(|it| [it.code, it.name]);
    Err(nearest(word, all).map(str::to_owned))
}

/// The candidate that a person who wrote `word` probably meant.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = word.to_ascii_lowercase();
    let close = |candidate: &'a str| {
        let likeness = strsim::jaro_winkler(&word, &candidate.to_ascii_lowercase());
        (likeness > 0.8).then_some((likeness, candidate))
    };
    let best = candidates.filter_map(close).reduce(|a, b| if b.0 > a.0 { b } else { a });
    best.map(|(_, candidate)| candidate)
}

/// The formats of a command: their words, and the ends of the names of files that are written so.
struct Formats<F: 'static> {
    all: &'static [F],
    name: fn(F) -> &'static str,
    endings: &'static [(&'static str, F)],
}

const FORMATS: Formats<Format> =
    Formats { all: &Format::ALL, name: Format::name, endings: &[("json", Format::Json)] };

const TABLE_FORMATS: Formats<TableFormat> = Formats {
    all: &TableFormat::ALL,
    name: TableFormat::name,
    endings: &[
        ("json", TableFormat::Json),
        ("md", TableFormat::Markdown),
        ("csv", TableFormat::Csv),
    ],
};

/// The tables that `--output` and `--format` ask for; without any, one on standard output.
///
/// # Errors
///
/// A word that names no format.
pub fn table_outputs(
    words: &[String],
    format: Option<TableFormat>,
) -> Result<Vec<Output<TableFormat>>, Error> {
    outputs(words, format, &TABLE_FORMATS)
}

fn outputs<F: Copy + Default>(
    words: &[String],
    format: Option<F>,
    formats: &Formats<F>,
) -> Result<Vec<Output<F>>, Error> {
    if words.is_empty() {
        return Ok(vec![Output { format: format.unwrap_or_default(), path: None }]);
    }
    words.iter().map(|word| output(word, format, formats)).collect()
}

/// `[FORMAT=]FILE`; without a format, that of `--format`, then that of the file's name.
fn output<F: Copy + Default>(
    word: &str,
    format: Option<F>,
    formats: &Formats<F>,
) -> Result<Output<F>, Error> {
    let (prefix, file) = match word.split_once('=') {
        Some((prefix, file)) if is_word(prefix) => (Some(prefix), file),
        _ => (None, word),
    };
    let format = match prefix {
        Some(prefix) => format_of(prefix, formats)?,
        None => format.unwrap_or_else(|| by_name(file, formats)),
    };
    Ok(Output { format, path: (file != "-").then(|| PathBuf::from(file)) })
}

fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') && !text.is_empty()
}

fn format_of<F: Copy>(word: &str, formats: &Formats<F>) -> Result<F, Error> {
    let names = || formats.all.iter().map(|it| (formats.name)(*it));
    let found = formats.all.iter().zip(names()).find(|(_, name)| *name == word);
    found.map(|(format, _)| *format).ok_or_else(|| {
        let nearest = nearest(word, names()).map(str::to_owned);
        Error::UnknownFormat { word: word.to_owned(), nearest, formats: names().collect() }
    })
}

fn by_name<F: Copy + Default>(file: &str, formats: &Formats<F>) -> F {
    let ending = std::path::Path::new(file).extension();
    let format = formats.endings.iter().find(|(it, _)| ending.is_some_and(|own| own == *it));
    format.map_or_else(F::default, |(_, format)| *format)
}

#[cfg(test)]
mod tests {
    use super::{Environment, Error, Format, LintName, Overrides, Settings, Severity, TableFormat};
    use crate::words::Language;

    const LINTS: [LintName<'_>; 2] = [
        LintName { code: "FW106", name: "legacy-service-open" },
        LintName { code: "FW201", name: "shadowed-deny" },
    ];

    fn settle(overrides: &Overrides) -> Result<Settings, Error> {
        overrides.settle(&[], &Environment::default(), &LINTS)
    }

    fn select(word: &str) -> Result<Settings, Error> {
        settle(&Overrides { select: vec![word.into()], ..Overrides::default() })
    }

    #[test]
    fn saying_nothing_changes_nothing() {
        let settled = settle(&Overrides::default()).expect("nothing is wrong with nothing");
        assert_eq!(format!("{settled:?}"), format!("{:?}", Settings::default()));
    }

    #[test]
    fn an_unknown_lint_is_refused_with_a_suggestion() {
        for word in ["FW", "FW1", "fw106", "shadowed-deny"] {
            assert!(select(word).is_ok(), "{word}");
        }
        let nearest = |word| match select(word) {
            Err(Error::UnknownLint { nearest, .. }) => nearest,
            other => panic!("{word} was taken: {other:?}"),
        };
        assert_eq!(nearest("shadowed-deni").as_deref(), Some("shadowed-deny"));
        assert_eq!(nearest("FW109").as_deref(), Some("FW106"));
        assert_eq!(nearest("xyz"), None);
        assert_eq!(nearest(""), None);
    }

    #[test]
    fn exit_zero_is_never() {
        let said = Overrides {
            exit_zero: true,
            fail_on: Some(Some(Severity::Info)),
            ..Overrides::default()
        };
        assert_eq!(settle(&said).map(|it| it.fail_on), Ok(None));
    }

    #[test]
    fn outputs_name_their_format_or_take_it_from_their_name() {
        let outputs = |words: &[&str]| {
            let outputs = words.iter().map(ToString::to_string).collect();
            let settled = settle(&Overrides { outputs, ..Overrides::default() })?;
            Ok(settled.outputs.into_iter().map(|it| (it.format, it.path.is_some())).collect())
        };
        assert_eq!(
            outputs(&["json=a", "a.json", "concise=-", "./a=b"]),
            Ok::<Vec<_>, Error>(vec![
                (Format::Json, true),
                (Format::Json, true),
                (Format::Concise, false),
                (Format::Text, true),
            ])
        );
        assert!(matches!(outputs(&["jsn=a"]), Err(Error::UnknownFormat { .. })));
    }

    #[test]
    fn tables_have_formats_of_their_own() {
        let outputs = |word: &str, format| {
            let outputs = super::table_outputs(&[word.to_owned()], format)?;
            Ok::<_, Error>(outputs.into_iter().map(|it| it.format).collect::<Vec<_>>())
        };
        for (word, format) in [
            ("a.csv", TableFormat::Csv),
            ("a.md", TableFormat::Markdown),
            ("a.txt", TableFormat::Text),
            ("json=a.csv", TableFormat::Json),
        ] {
            assert_eq!(outputs(word, None), Ok(vec![format]), "{word}");
        }
        assert_eq!(outputs("a.csv", Some(TableFormat::Json)), Ok(vec![TableFormat::Json]));
        let error = outputs("jsn=a", None).expect_err("there is no such format");
        assert!(error.help().is_some_and(|it| it.en.contains("`json`")), "{error:?}");
        let error = outputs("zzz=a", None).expect_err("there is no such format");
        let help = error.help().expect("the formats are named").en;
        assert_eq!(help, "the formats are text, markdown, json and csv");
    }

    #[test]
    fn the_language_is_that_of_the_locale_unless_said() {
        let chinese = Environment { locale: Some("zh_CN".into()), ..Environment::default() };
        let language = |language| {
            let said = Overrides { language, ..Overrides::default() };
            said.settle(&[], &chinese, &LINTS).map(|it| it.language)
        };
        assert_eq!(language(None), Ok(Language::Zh));
        assert_eq!(language(Some(Language::En)), Ok(Language::En));
    }
}
