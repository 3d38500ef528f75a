//! Scripts of other people: what the loaders take of them is read without an error, and what stays unknown is counted.

#![expect(clippy::print_stderr, reason = "counts, and what was not followed, are said aloud")]

mod manifest;

use fwlint::{
    source::SourceFile,
    syntax::{self, Dialect, Error, Parsed, script},
};
use std::{collections::BTreeMap, fs, path::Path, process::Command};

/// A script of the corpus with what it does.
struct Read {
    name: String,
    source: SourceFile,
    parsed: Parsed,
}

impl Read {
    fn of(corpus: &Path, row: &manifest::Row) -> Self {
        let path = corpus.join(&row.out);
        let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let source = SourceFile::new(row.out.clone(), bytes);
        let parsed = syntax::parse(&source, Some(Dialect::Script)).expect("a dialect is given");
        Self { name: row.out.clone(), source, parsed }
    }

    fn script(&self) -> &script::File {
        self.parsed.script().unwrap_or_else(|| panic!("{} is read as a script", self.name))
    }

    /// The line of the script that an error is on, and its number.
    fn line(&self, error: &Error) -> (&str, u32) {
        let span = self.script().located(error.span);
        let number = self.source.position(span.start).line;
        (self.source.slice(self.source.line(number)), number)
    }
}

/// Whether both variants of the loader refuse a command that is written out, in a namespace of its own.
fn is_refused(line: &str) -> bool {
    let Some(arguments) = line.trim().strip_prefix("iptables ") else { return false };
    ["iptables-nft", "iptables-legacy"].iter().all(|program| {
        let command = format!("{program} {arguments}");
        let output = Command::new("unshare").args(["-n", "sh", "-c", &command]).output();
        output.is_ok_and(|output| !output.status.success())
    })
}

fn loaders_run() -> bool {
    let output = Command::new("unshare").args(["-n", "iptables-nft", "-F"]).output();
    output.is_ok_and(|output| output.status.success())
}

#[test]
fn scripts_that_load_are_read_to_the_end() {
    let Some(corpus) = manifest::corpus() else { return };
    let judged = loaders_run();
    if !judged {
        eprintln!("SKIPPED: no loader runs in `unshare -n`: what it refuses is not judged");
    }
    let (mut problems, mut refused) = (Vec::new(), 0);
    let mut unread: BTreeMap<String, usize> = BTreeMap::new();
    let (mut scripts, mut open) = (0, 0);
    let of_scripts =
        |it: &manifest::Row| it.dialect == "iptables-script" || it.dialect == "nft-script";
    for row in manifest::rows(&corpus).iter().filter(|it| of_scripts(it) && it.valid == "yes") {
        let read = Read::of(&corpus, row);
        let script = read.script();
        scripts += 1;
        open +=
            usize::from(!script.unread.is_empty() || script.unresolved_words().next().is_some());
        for error in &read.parsed.errors {
            let (line, number) = read.line(error);
            // A name of the manifest is no proof: it counts the commands that load.
            if judged && is_refused(line) {
                refused += 1;
            } else if judged {
                let (name, note) = (&read.name, &row.note);
                problems.push(format!("{name}:{number}: {:?}: {line} ({note})", error.kind));
            }
        }
        for part in &script.unread {
            *unread.entry(format!("{}: not followed: {:?}", read.name, part.kind)).or_default() +=
                1;
        }
        for word in script.unresolved_words() {
            let word = script.whole.source.slice(word);
            *unread.entry(format!("{}: not known: {word}", read.name)).or_default() += 1;
        }
        for question in &script.questions {
            let text = read.source.slice(question.span);
            *unread.entry(format!("{}: asked: {text}", read.name)).or_default() += 1;
        }
    }
    for (what, number) in &unread {
        eprintln!("{number:>5} × {what}");
    }
    eprintln!(
        "{scripts} scripts that load, {open} of them with something unknown, {refused} commands refused by the loaders too"
    );
    assert!(scripts > 50, "the corpus has scripts");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_script_is_read_and_counted() {
    let Some(corpus) = manifest::corpus() else { return };
    let mut counts = BTreeMap::<&str, usize>::new();
    let of_scripts =
        |it: &manifest::Row| it.dialect == "iptables-script" || it.dialect == "nft-script";
    for row in manifest::rows(&corpus).iter().filter(|it| of_scripts(it)) {
        let read = Read::of(&corpus, row);
        let Some(script) = read.parsed.script() else { continue };
        let mut add = |what, number| *counts.entry(what).or_default() += number;
        add("scripts", 1);
        add("commands", script.commands.len());
        let doubted = script.commands.iter().filter(|it| !it.answers.is_empty());
        add("commands that may not run", doubted.count());
        add("words with something unknown", script.unresolved_words().count());
        add("parts not followed", script.unread.len());
        add("errors", read.parsed.errors.len());
        // Each place is one of the script.
        let length = u32::try_from(read.source.text().len()).expect("short");
        for command in &script.commands {
            let span = script.located(command.span);
            assert!(span.start < span.end && span.end <= length, "{}: {span:?}", read.name);
        }
    }
    for (what, number) in &counts {
        eprintln!("{number:>7} {what}");
    }
    assert!(counts["commands"] > 10_000, "{counts:?}");
}
