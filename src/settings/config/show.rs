//! What holds, as a file that would say it, and who says so.

use super::{
    File,
    raw::{Named, RawLint, RawOptions, Word},
    values::last,
};
use crate::{
    settings::{Options, Overrides, Persona, Severity},
    words::{Language, Message},
};
use std::fmt::Write as _;
use toml::{Spanned, Value};

/// Who says something.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Origin {
    /// Nobody.
    Default,
    /// A configuration file, at this line.
    File(String, usize),
    /// A variable of the environment.
    Environment(&'static str),
    /// The command line.
    CommandLine,
}

impl Origin {
    fn text(&self, language: Language) -> String {
        let fixed = |en: &str, zh: &str| {
            Message { en: en.to_owned(), zh: zh.to_owned() }.get(language).to_owned()
        };
        match self {
            Self::Default => fixed("default", "默认值"),
            Self::File(path, line) => format!("{path}:{line}"),
            Self::Environment(name) => (*name).to_owned(),
            Self::CommandLine => fixed("command line", "命令行"),
        }
    }
}

/// The keys that a variable of the environment may say, with its name.
pub const VARIABLES: [(&str, &str); 5] = [
    ("persona", "FWLINT_PERSONA"),
    ("lang", "FWLINT_LANG"),
    ("select", "FWLINT_SELECT"),
    ("ignore", "FWLINT_IGNORE"),
    ("fail_on", "FWLINT_FAIL_ON"),
];

/// What holds, as a file. `from_environment` says of which of [`VARIABLES`] the overrides are.
pub fn show(
    files: &[File],
    own: &Overrides,
    from_environment: &[&str],
    language: Language,
) -> String {
    let mut page = Page { files, from_environment, language, text: String::new() };
    let default = |word: &str| Value::String(word.to_owned());
    let persona = own.persona.map(|it| default(it.name()));
    page.word(
        "persona",
        "persona",
        persona,
        |it| it.raw.persona.as_ref(),
        default(Persona::Default.name()),
    );
    let lang = own.language.map(|it| default(if it == Language::Zh { "zh" } else { "en" }));
    page.word("lang", "lang", lang, |it| it.raw.lang.as_ref(), default("auto"));
    page.section("[lint]");
    page.list("select", &own.select, |it| it.select.as_ref());
    page.list("ignore", &own.ignore, |it| it.ignore.as_ref());
    let gate = |it: Option<Severity>| default(it.map_or("never", Severity::name));
    let fail_on = if own.exit_zero { Some(gate(None)) } else { own.fail_on.map(gate) };
    page.word("fail-on", "fail_on", fail_on, |it| lint(it)?.fail_on.as_ref(), default("warning"));
    page.severities();
    page.options();
    page.per_file();
    page.zones();
    page.expect();
    page.hosts();
    page.section("[knowledge]");
    let extra = last(files, |it| it.raw.knowledge.as_ref()?.extra.as_ref());
    page.words("extra", extra);
    page.text
}

fn lint(file: &File) -> Option<&RawLint> {
    file.raw.lint.as_deref()
}

fn options(file: &File) -> Option<&RawOptions> {
    lint(file)?.options.as_deref()
}

struct Page<'a> {
    files: &'a [File],
    from_environment: &'a [&'a str],
    language: Language,
    text: String,
}

impl Page<'_> {
    fn section(&mut self, name: &str) {
        let _ = writeln!(self.text, "\n{name}");
    }

    fn value(&mut self, key: &str, value: &Value, origin: &Origin) {
        let origin = origin.text(self.language);
        let _ = writeln!(self.text, "{} = {value} # {origin}", bare(key));
    }

    /// Who says what the overrides hold.
    fn own(&self, id: &str) -> Origin {
        let variable = VARIABLES.iter().find(|(key, _)| *key == id);
        let variable = variable.filter(|_| self.from_environment.contains(&id));
        variable.map_or(Origin::CommandLine, |(_, name)| Origin::Environment(name))
    }

    fn word(
        &mut self,
        key: &str,
        id: &str,
        own: Option<Value>,
        get: impl Fn(&File) -> Option<&Word>,
        default: Value,
    ) {
        let said = last(self.files, get).map(|(file, word)| (string(word), at(file, word)));
        let (value, origin) = match (own, said) {
            (Some(own), _) => (own, self.own(id)),
            (None, Some(said)) => said,
            (None, None) => (default, Origin::Default),
        };
        self.value(key, &value, &origin);
    }

    fn list(&mut self, key: &str, own: &[String], get: impl Fn(&RawLint) -> Option<&Vec<Word>>) {
        if own.is_empty() {
            let said = last(self.files, |file| get(lint(file)?));
            return self.words(key, said);
        }
        let value = Value::Array(own.iter().map(|it| Value::String(it.clone())).collect());
        let origin = self.own(key);
        self.value(key, &value, &origin);
    }

    /// A list of a file; nothing where nobody says it.
    fn words(&mut self, key: &str, said: Option<(&File, &Vec<Word>)>) {
        let origin = match said {
            None => Origin::Default,
            Some((file, words)) => words.first().map_or_else(
                || Origin::File(file.path().to_owned(), file.line_of(key)),
                |first| at(file, first),
            ),
        };
        let words = said.map_or_else(|| Value::Array(Vec::new()), |(_, words)| array(words));
        self.value(key, &words, &origin);
    }

    fn severities(&mut self) {
        self.section("[lint.severity]");
        let mut found: Vec<(&File, &Word, &Word)> = Vec::new();
        for file in self.files {
            let severities = lint(file).and_then(|it| it.severity.as_ref());
            for (lint, severity) in severities.into_iter().flat_map(|it| &it.0) {
                found.retain(|(_, known, _)| known.get_ref() != lint.get_ref());
                found.push((file, lint, severity));
            }
        }
        for (file, lint, severity) in found {
            self.value(lint.get_ref(), &string(severity), &at(file, lint));
        }
    }

    fn options(&mut self) {
        self.section("[lint.options]");
        let defaults = Options::default();
        let wide = last(self.files, |it| options(it)?.wide_range.as_ref());
        let wide = wide.map(|(file, it)| (Value::Integer(*it.get_ref()), at(file, it)));
        let default = (Value::Integer(defaults.wide_range.into()), Origin::Default);
        let (value, origin) = wide.unwrap_or(default);
        self.value("wide-range", &value, &origin);
        let required = last(self.files, |it| options(it)?.require_reason.as_ref());
        let required = required.map(|(file, it)| (Value::Boolean(*it.get_ref()), at(file, it)));
        let default = (Value::Boolean(defaults.require_reason), Origin::Default);
        let (value, origin) = required.unwrap_or(default);
        self.value("require-reason", &value, &origin);
        let empty = Value::String(String::new());
        self.word("comment-regex", "", None, |it| options(it)?.comment_regex.as_ref(), empty);
    }

    fn per_file(&mut self) {
        let said = last(self.files, |it| lint(it)?.per_file.as_ref());
        let Some((file, entries)) = said else { return };
        for entry in entries {
            self.section("[[lint.per-file]]");
            let raw = &**entry.get_ref();
            self.of(file, "files", raw.files.as_ref());
            self.of(file, "select", raw.select.as_ref());
            self.of(file, "ignore", raw.ignore.as_ref());
            if let Some(Named(levels)) = &raw.severity {
                let words = levels.iter().map(|(lint, it)| (lint.get_ref().clone(), string(it)));
                let value = Value::Table(words.collect());
                self.value("severity", &value, &at(file, entry));
            }
        }
    }

    /// A list of an entry, where it has one.
    fn of(&mut self, file: &File, key: &str, words: Option<&Vec<Word>>) {
        if let Some(words) = words {
            self.words(key, Some((file, words)));
        }
    }

    fn zones(&mut self) {
        self.section("[zones]");
        let mut found: Vec<(&File, &Word, Value)> = Vec::new();
        for file in self.files {
            for (name, raw) in file.raw.zones.iter().flat_map(|it| &it.0) {
                let raw = &**raw.get_ref();
                let lists = [("interfaces", &raw.interfaces), ("sources", &raw.sources)];
                let mut zone = toml::Table::new();
                for (key, words) in lists {
                    zone.extend(words.iter().map(|it| (key.to_owned(), array(it))));
                }
                zone.extend(raw.trust.iter().map(|it| ("trust".to_owned(), string(it))));
                put(&mut found, (file, name, Value::Table(zone)));
            }
        }
        for (file, name, value) in found {
            self.value(name.get_ref(), &value, &at(file, name));
        }
    }

    fn expect(&mut self) {
        self.section("[expect]");
        let public = last(self.files, |it| it.raw.expect.as_ref()?.public.as_ref());
        if let Some((file, public)) = public {
            self.value("public", &array(public.get_ref()), &at(file, public));
        }
        let mut found: Vec<(&File, &Word, Value)> = Vec::new();
        for file in self.files {
            for (name, raw) in file.raw.expect.iter().flat_map(|it| &it.groups) {
                let raw = &**raw.get_ref();
                let mut group = toml::Table::new();
                group.extend(raw.from.iter().map(|it| ("from".to_owned(), string(it))));
                group.extend(raw.must_reach.iter().map(|it| ("must-reach".to_owned(), array(it))));
                put(&mut found, (file, name, Value::Table(group)));
            }
        }
        for (file, name, value) in found {
            self.value(name.get_ref(), &value, &at(file, name));
        }
        let packets = last(self.files, |it| it.raw.expect.as_ref()?.packet.as_ref());
        let Some((file, packets)) = packets else { return };
        for packet in packets {
            self.section("[[expect.packet]]");
            let raw = &**packet.get_ref();
            self.entry(file, "name", raw.name.as_ref());
            self.entry(file, "packet", raw.packet.as_ref());
            self.entry(file, "verdict", raw.verdict.as_ref());
        }
    }

    fn hosts(&mut self) {
        let Some((file, hosts)) = last(self.files, |it| it.raw.host.as_ref()) else { return };
        for host in hosts {
            self.section("[[host]]");
            let raw = &**host.get_ref();
            self.entry(file, "name", raw.name.as_ref());
            self.of(file, "files", raw.files.as_ref());
            self.of(file, "addresses", raw.addresses.as_ref());
            self.of(file, "interfaces", raw.interfaces.as_ref());
            self.of(file, "families", raw.families.as_ref());
            self.entry(file, "sysctl", raw.sysctl.as_ref());
            self.entry(file, "sockets", raw.sockets.as_ref());
            if let Some(forwarding) = &raw.forwarding {
                self.value(
                    "forwarding",
                    &Value::Boolean(*forwarding.get_ref()),
                    &at(file, forwarding),
                );
            }
        }
    }

    /// A word of an entry, where it has one.
    fn entry(&mut self, file: &File, key: &str, word: Option<&Word>) {
        if let Some(word) = word {
            self.value(key, &string(word), &at(file, word));
        }
    }
}

/// Takes the place of an entry of the same name.
fn put<'a>(found: &mut Vec<(&'a File, &'a Word, Value)>, new: (&'a File, &'a Word, Value)) {
    match found.iter_mut().find(|(_, name, _)| name.get_ref() == new.1.get_ref()) {
        Some(known) => *known = new,
        None => found.push(new),
    }
}

fn at<T>(file: &File, written: &Spanned<T>) -> Origin {
    Origin::File(file.path().to_owned(), file.spot(written).line())
}

fn string(word: &Word) -> Value {
    Value::String(word.get_ref().clone())
}

fn array(words: &[Word]) -> Value {
    Value::Array(words.iter().map(string).collect())
}

/// A key as it stands in a file: in quotes where it needs them.
fn bare(key: &str) -> String {
    let plain = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
    if !key.is_empty() && key.chars().all(plain) {
        key.to_owned()
    } else {
        Value::String(key.to_owned()).to_string()
    }
}
