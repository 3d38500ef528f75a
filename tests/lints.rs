//! The catalogue: its words are there, its examples are reported at their marks and nowhere else, and so are the files
//! of `fixtures/lints/`.
//!
//! A mark is a comment under the line that is reported, with one code or several: `#~^ FW101 FW134`. A code may say how
//! bad it is there: `#~^ FW101=info`; one that stands twice asks for two findings.

mod loaders;

use fwlint::{
    commands,
    lints::{ALL, Example, Lint},
    settings::{Environment, Overrides, Settings, Severity, Today, config},
    source::{
        SourceFile,
        input::{self, Input, Inputs, Origin, Request},
    },
    syntax::{Dialect, suppression::Date},
    words::Text,
};
use loaders::Loader;
use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

/// Something reported, or a mark that says it should be: the line, the code, and how bad if it matters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Mark {
    line: u32,
    code: String,
    severity: Option<String>,
}

/// The marks of a text, each about the line above that is no mark itself.
fn marks(text: &str) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut about = 0;
    for (line, number) in text.lines().zip(1..) {
        let Some(codes) = line.strip_prefix("#~^ ") else {
            about = number;
            continue;
        };
        marks.extend(codes.split_whitespace().map(|word| {
            let (code, severity) = word.split_once('=').unzip();
            Mark {
                line: about,
                code: code.unwrap_or(word).to_owned(),
                severity: severity.map(str::to_owned),
            }
        }));
    }
    marks.sort();
    marks
}

/// `text` as a file that `lint` speaks about: in a repository, or under the name that is loaded at boot.
fn file(lint: &Lint, dialect: Dialect, text: &str) -> SourceFile {
    let name = match (lint.code, dialect) {
        ("FW413", Dialect::Nft) => "etc/nftables.conf",
        ("FW413", _) => "etc/iptables/rules.v4",
        _ => "example",
    };
    let mut source = SourceFile::new(name, text.as_bytes().to_vec());
    source.in_work_tree = lint.code == "FW707";
    source
}

/// What a run over `text` reports.
fn reported(
    lint: &Lint,
    text: &str,
    dialect: Dialect,
    settings: &Settings,
) -> Result<Vec<Mark>, String> {
    let source = file(lint, dialect, text);
    let mut inputs =
        Inputs { files: vec![Input { source, origin: Origin::Named }], ..Inputs::default() };
    let request = Request {
        paths: Vec::new(),
        stdin_filename: None,
        exclude: Vec::new(),
        force_exclude: false,
        max_file_size: u32::MAX,
        include_paths: Vec::new(),
        sysroot: None,
    };
    input::follow(&mut inputs, &request, &|source, origin| {
        commands::includes(source, origin, Some(dialect))
    });
    let outcome = commands::check(inputs, Some(dialect), settings);
    let [file] = &outcome.files[..] else { return Err("it was not read".to_owned()) };
    let mut found: Vec<Mark> = outcome
        .findings
        .iter()
        .map(|finding| Mark {
            line: file.source.position(finding.primary.place.span.start).line,
            code: finding.lint.code.to_owned(),
            severity: Some(finding.severity.name().to_owned()),
        })
        .collect();
    found.sort();
    Ok(found)
}

/// Runs over `text` and compares with its marks; the difference as a person reads it.
fn differs(lint: &Lint, text: &str, dialect: Dialect, settings: &Settings) -> Option<String> {
    let found = match reported(lint, text, dialect, settings) {
        Ok(found) => found,
        Err(problem) => return Some(problem),
    };
    let wanted = marks(text);
    let same = found.len() == wanted.len()
        && found.iter().zip(&wanted).all(|(found, wanted)| {
            (found.line, &found.code) == (wanted.line, &wanted.code)
                && (wanted.severity.is_none() || found.severity == wanted.severity)
        });
    let show = |marks: &[Mark]| {
        let shown = marks.iter().map(|mark| {
            let severity = mark.severity.as_ref().map(|it| format!("={it}")).unwrap_or_default();
            format!("line {} {}{severity}", mark.line, mark.code)
        });
        let shown = shown.collect::<Vec<_>>().join(", ");
        if shown.is_empty() { "nothing".to_owned() } else { shown }
    };
    (!same).then(|| format!("marked: {}; reported: {}", show(&wanted), show(&found)))
}

/// How the examples of a lint are checked: all lints of its persona are on. An example is a part of a file, the shortest
/// that shows the point: whether it loads twice, empties too much or leaves a host alive is said of no part.
fn settings_of(lint: &Lint, example: &Example) -> Settings {
    let about_whole_files =
        ["FW137", "FW301", "FW302", "FW312", "FW402", "FW408", "FW409", "FW504", "FW906"]
            .map(str::to_owned);
    let ignore = about_whole_files.into_iter().filter(|code| code != lint.code);
    let persona = Some(lint.persona);
    let own = Overrides { persona, ignore: ignore.collect(), ..Overrides::default() };
    settings(example.settings, &own)
}

/// Every example as `FW101 bad`, with its text.
fn examples() -> impl Iterator<Item = (&'static Lint, &'static Example, String, &'static str)> {
    let examples = ALL.iter().flat_map(|lint| lint.examples.iter().map(move |it| (*lint, it)));
    examples.flat_map(|(lint, example)| {
        let name = |which: &str| format!("{} {:?} {which}", lint.code, example.dialect);
        [(lint, example, name("bad"), example.bad), (lint, example, name("good"), example.good)]
    })
}

/// What a configuration file says, under what the test itself asks for.
fn settings(text: &str, own: &Overrides) -> Settings {
    let file = config::File::parse("fwlint.toml", Path::new(""), text.to_owned());
    let files = [file.unwrap_or_else(|error| panic!("{text}: {error:?}"))];
    let names = commands::lint_names(commands::catalogue());
    let day = Date::read("2026-01-31").expect("a day");
    let environment = Environment { today: Today::Is(day), ..Environment::default() };
    let settled = own.settle(&files, &environment, &names);
    settled.unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

/// How a fixture is looked at: with its lint alone, and the configuration beside it if there is one.
fn fixture_settings(path: &Path, lint: &str) -> Settings {
    let own = Overrides { select: vec![lint.to_owned()], ..Overrides::default() };
    settings(&fs::read_to_string(path.with_extension("toml")).unwrap_or_default(), &own)
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/lints")
}

/// The names in a folder, sorted; none if there is no folder.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut entries: Vec<_> =
        entries.map(|entry| entry.expect("a readable folder").path()).collect();
    entries.sort();
    entries
}

fn name(path: &Path) -> String {
    path.file_name().expect("a path below a folder").to_string_lossy().into_owned()
}

/// The files of `fixtures/lints/`: lint, dialect, path. What is wrong today is not among them.
fn cases() -> Vec<(&'static Lint, Dialect, PathBuf)> {
    let mut cases = Vec::new();
    for folder in entries(&fixtures()) {
        let lint = ALL.iter().find(|lint| lint.name == name(&folder));
        let lint = lint.unwrap_or_else(|| panic!("{} is named after no lint", folder.display()));
        for dialects in entries(&folder) {
            let dialect = match name(&dialects).as_str() {
                "iptables" => Dialect::Iptables,
                "ip6tables" => Dialect::Ip6tables,
                "nft" => Dialect::Nft,
                "script" => Dialect::Script,
                other => panic!("{other} is no dialect of fixtures"),
            };
            let files = entries(&dialects)
                .into_iter()
                .filter(|it| !is_wrong_today(it) && it.extension().is_none_or(|it| it != "toml"));
            cases.extend(files.map(|file| (*lint, dialect, file)));
        }
    }
    cases
}

fn is_wrong_today(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("-wrong-today"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn fail_if_any(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn the_catalogue_is_sorted_and_its_codes_and_names_are_its_own() {
    let codes: Vec<_> = ALL.iter().map(|lint| lint.code).collect();
    assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
    let names: BTreeSet<_> = ALL.iter().map(|lint| lint.name).collect();
    assert_eq!(names.len(), ALL.len());
    for lint in ALL {
        let digits = lint.code.strip_prefix("FW").unwrap_or_default();
        assert!(digits.len() == 3 && digits.bytes().all(|it| it.is_ascii_digit()), "{lint:?}");
        let well_formed = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
        assert!(lint.name.bytes().all(well_formed), "{}", lint.name);
        assert!(!lint.name.starts_with("no-") && !lint.name.starts_with("check-"), "{}", lint.name);
    }
}

#[test]
fn a_lint_is_in_the_file_of_its_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lints");
    for lint in ALL {
        let file = folder.join(lint.name.replace('-', "_")).with_extension("rs");
        let text = read(&file);
        assert!(text.contains(&format!("code: \"{}\"", lint.code)), "{lint:?}");
        assert!(text.contains(&format!("name: \"{}\"", lint.name)), "{lint:?}");
    }
    let written =
        entries(&folder).iter().filter(|it| read(it).contains("static LINT: Lint")).count();
    assert_eq!(written, ALL.len(), "a lint is not in ALL");
}

/// Whether a text has a Chinese character.
fn has_han(text: &str) -> bool {
    text.chars().any(|it| matches!(it, '\u{4e00}'..='\u{9fff}'))
}

fn words(lint: &Lint) -> [(&'static str, Text); 3] {
    [("summary", lint.summary), ("why", lint.why), ("remedy", lint.remedy)]
}

#[test]
fn every_lint_says_what_why_and_what_to_do_in_both_languages() {
    let mut problems = Vec::new();
    for lint in ALL {
        assert!(!lint.since.is_empty() && !lint.examples.is_empty(), "{lint:?}");
        for (field, text) in words(lint) {
            let mut wrong = |what: &str| problems.push(format!("{} {field}: {what}", lint.code));
            for language in [text.en, text.zh] {
                if language.trim().is_empty() || language.trim() != language {
                    wrong("is empty, or has blanks at an end");
                }
                if language.contains("  ") || language.contains('\n') {
                    wrong("has a gap");
                }
                if language.matches('`').count() % 2 != 0 {
                    wrong("has an odd number of backticks");
                }
            }
            if has_han(text.en) || !text.en.is_ascii() {
                wrong("is not English");
            }
            if !has_han(text.zh) {
                wrong("is not Chinese");
            }
            if has_half_width_punctuation(text.zh) {
                wrong("has half-width punctuation between Chinese words");
            }
            if field != "summary" && !(text.en.ends_with('.') && text.zh.ends_with('。')) {
                wrong("does not end with a full stop");
            }
        }
        if lint.why == lint.remedy || lint.summary == lint.why {
            problems.push(format!("{} says the same twice", lint.code));
        }
    }
    fail_if_any(&problems);
}

/// Whether ASCII punctuation stands next to a Chinese character, outside of backticks.
fn has_half_width_punctuation(text: &str) -> bool {
    let outside: String = text.split('`').step_by(2).collect();
    let characters: Vec<char> = outside.chars().collect();
    characters.windows(2).any(|pair| {
        let punctuation = |it: char| matches!(it, ',' | ';' | ':' | '?' | '!' | '(' | ')');
        let han = |it: char| matches!(it, '\u{4e00}'..='\u{9fff}');
        (punctuation(pair[0]) && han(pair[1])) || (han(pair[0]) && punctuation(pair[1]))
    })
}

#[test]
fn a_summary_is_no_sentence() {
    for lint in ALL {
        let Text { en, zh } = lint.summary;
        assert!(!en.ends_with('.') && !zh.ends_with('。'), "{lint:?}");
        let starts_low =
            |it: char| it.is_lowercase() || en.starts_with("IPv") || en.starts_with('`');
        assert!(en.chars().next().is_some_and(starts_low), "{lint:?}: {en}");
    }
}

#[test]
fn messages_are_clauses_in_both_languages() {
    let mut problems = Vec::new();
    for (lint, example, name, text) in examples() {
        let source = file(lint, example.dialect, text);
        let inputs =
            Inputs { files: vec![Input { source, origin: Origin::Named }], ..Inputs::default() };
        let settings = settings_of(lint, example);
        let outcome = commands::check(inputs, Some(example.dialect), &settings);
        for finding in &outcome.findings {
            let labels = finding.labels.iter().chain([&finding.primary]).map(|label| &label.text);
            for message in labels.chain([&finding.message]) {
                if message.en.ends_with('.') || message.zh.ends_with('。') {
                    problems.push(format!("{name}: a full stop: {message:?}"));
                }
                if message.en.starts_with(char::is_uppercase) && !message.en.starts_with("IPv") {
                    problems.push(format!("{name}: a capital: {message:?}"));
                }
                if !has_han(&message.zh) || has_han(&message.en) {
                    problems.push(format!("{name}: a wrong language: {message:?}"));
                }
            }
            if finding.message.en == finding.lint.summary.en {
                problems.push(format!("{name}: the message is the summary"));
            }
            for help in &finding.help {
                if !help.en.ends_with(['.', ')']) || !help.zh.ends_with(['。', '）']) {
                    problems.push(format!("{name}: help is no sentence: {help:?}"));
                }
            }
        }
    }
    fail_if_any(&problems);
}

#[test]
fn examples_are_reported_at_their_marks_and_nowhere_else() {
    let mut problems = Vec::new();
    for (lint, example, name, text) in examples() {
        let settings = settings_of(lint, example);
        if let Some(difference) = differs(lint, text, example.dialect, &settings) {
            problems.push(format!("{name}: {difference}"));
        }
        let marks = marks(text);
        if name.ends_with("bad") && !marks.iter().any(|mark| mark.code == lint.code) {
            problems.push(format!("{name}: no mark"));
        }
        if name.ends_with("good") && !marks.is_empty() {
            problems.push(format!("{name}: a mark"));
        }
    }
    fail_if_any(&problems);
}

#[test]
fn a_configuration_of_a_fixture_lies_beside_it() {
    let mut lonely = Vec::new();
    let is_toml = |path: &PathBuf| path.extension().is_some_and(|it| it == "toml");
    for folder in entries(&fixtures()).iter().flat_map(|lint| entries(lint)) {
        let all = entries(&folder);
        let (configurations, files): (Vec<PathBuf>, Vec<PathBuf>) =
            all.into_iter().partition(is_toml);
        lonely.extend(
            configurations
                .iter()
                .filter(|it| !files.iter().any(|file| file.with_extension("toml") == **it))
                .map(|it| format!("{} is beside no file", shown(it))),
        );
    }
    fail_if_any(&lonely);
}

#[test]
fn fixtures_are_reported_at_their_marks() {
    let mut problems = Vec::new();
    let cases = cases();
    assert!(!cases.is_empty());
    for (lint, dialect, path) in cases {
        let text = read(&path);
        let foreign = marks(&text).into_iter().find(|mark| mark.code != lint.code);
        assert_eq!(foreign, None, "{}", path.display());
        let settings = fixture_settings(&path, lint.code);
        if let Some(difference) = differs(lint, &text, dialect, &settings) {
            problems.push(format!("{}: {difference}", shown(&path)));
        }
    }
    fail_if_any(&problems);
}

fn shown(path: &Path) -> String {
    path.strip_prefix(fixtures()).unwrap_or(path).display().to_string()
}

/// What is kept as wrong must still be wrong: whoever mends the engine takes the ending off the file's name.
#[test]
fn what_is_wrong_today_is_still_wrong() {
    let mut right = Vec::new();
    for folder in entries(&fixtures()) {
        let dialects = [
            (Dialect::Iptables, "iptables"),
            (Dialect::Ip6tables, "ip6tables"),
            (Dialect::Nft, "nft"),
            (Dialect::Script, "script"),
        ];
        for (dialect, name) in dialects {
            for path in entries(&folder.join(name)).into_iter().filter(|it| is_wrong_today(it)) {
                let lint = folder.file_name().expect("a folder has a name").to_string_lossy();
                let settings = fixture_settings(&path, &lint);
                let lint = ALL.iter().find(|it| it.name == lint).expect("a fixture is of a lint");
                if differs(lint, &read(&path), dialect, &settings).is_none() {
                    right.push(format!("{} is right now: rename it", shown(&path)));
                }
            }
        }
    }
    fail_if_any(&right);
}

/// Marks are comments to the loader too, and no word of a rule.
#[test]
fn severities_in_marks_are_severities() {
    for (_, _, path) in cases() {
        for mark in marks(&read(&path)) {
            let known = Severity::ALL.map(Severity::name);
            let severity = mark.severity.as_deref();
            assert!(severity.is_none_or(|it| known.contains(&it)), "{}", path.display());
        }
    }
}

/// Whether a lint is about files that do not load here: what is refused, and interfaces that this machine lacks.
fn is_about_loading(lint: &Lint) -> bool {
    let loads = ["FW402", "FW408", "FW409", "FW410"];
    let refused = ["FW604", "FW609"];
    let of_family = ["FW0", "FW4"].iter().any(|family| lint.code.starts_with(family));
    refused.contains(&lint.code) || (of_family && !loads.contains(&lint.code))
}

#[test]
#[expect(clippy::print_stderr, reason = "a comparison that was not made says so")]
fn the_real_loaders_take_the_examples_and_fixtures() {
    let mut files: Vec<(Dialect, String, String)> = Vec::new();
    for (lint, example, name, text) in examples() {
        let refused = name.ends_with("bad") && is_about_loading(lint);
        if !refused {
            files.push((example.dialect, name, text.to_owned()));
        }
    }
    for (lint, dialect, path) in cases().into_iter().filter(|(lint, ..)| !is_about_loading(lint)) {
        files.push((dialect, format!("{} {}", lint.code, shown(&path)), read(&path)));
    }
    let mut problems = Vec::new();
    for dialect in [Dialect::Iptables, Dialect::Ip6tables, Dialect::Nft, Dialect::Script] {
        let loaders = Loader::of(dialect);
        if loaders.is_empty() {
            assert!(
                env::var_os("FWLINT_REQUIRE_LOADERS").is_none(),
                "no loader of {dialect:?} runs in `unshare -n` here"
            );
            eprintln!("SKIPPED: no loader of {dialect:?} runs in `unshare -n` here");
            continue;
        }
        for (_, name, text) in files.iter().filter(|(of, ..)| *of == dialect) {
            // A set that is not there is the host's business.
            if text.contains("--match-set") {
                continue;
            }
            let answers: Vec<_> = loaders.iter().map(|it| it.test(text)).collect();
            if answers.iter().all(Result::is_err) {
                problems.push(format!("{name}: {answers:?}"));
            }
        }
    }
    fail_if_any(&problems);
}

/// What is said not to load does not load: the words of the loader are not ours to keep.
#[test]
#[expect(clippy::print_stderr, reason = "a comparison that was not made says so")]
fn the_real_loader_refuses_what_nftables_refuses() {
    let loaders = Loader::of(Dialect::Nft);
    let [loader] = &loaders[..] else {
        eprintln!("SKIPPED: nft does not run in `unshare -n` here");
        return;
    };
    let mut problems = Vec::new();
    let refused = examples().filter(|(lint, example, name, _)| {
        let is_bad = name.ends_with("bad") && example.dialect == Dialect::Nft;
        is_bad && lint.severity == Severity::Error && is_about_loading(lint)
    });
    for (_, _, name, text) in refused {
        if loader.test(text).is_ok() {
            problems.push(format!("{name} loads"));
        }
    }
    fail_if_any(&problems);
}
