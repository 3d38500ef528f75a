//! What the README shows is what the program prints, its table is the catalogue's, and its links lead somewhere.
//!
//! `BLESS=1 cargo test --test readme` rewrites everything between `<!-- run: … -->`, `<!-- file: … -->` or
//! `<!-- table: … -->` and `<!-- end -->`.

use assert_cmd::Command;
use fwlint::{lints::ALL, settings::Persona};
use std::{env, fmt::Write as _, fs, path::Path};

const END: &str = "<!-- end -->";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).expect("a README")
}

/// The README with everything between markers made anew.
fn renewed(readme: &str) -> String {
    let mut renewed = String::new();
    let mut lines = readme.lines();
    while let Some(line) = lines.next() {
        let _ = writeln!(renewed, "{line}");
        let Some(content) = content(line) else { continue };
        renewed.push_str(&content);
        let end = lines.find(|line| *line == END);
        let _ = writeln!(renewed, "{}", end.expect("a marker is closed"));
    }
    renewed
}

/// What belongs under a line, if it is a marker.
fn content(line: &str) -> Option<String> {
    let marker = line.strip_prefix("<!-- ")?.strip_suffix(" -->")?;
    if let Some(command) = marker.strip_prefix("run: ") {
        return Some(format!("```text\n$ {command}\n{}```\n", output(command)));
    }
    if let Some(path) = marker.strip_prefix("file: ") {
        let text = fs::read_to_string(root().join(path)).expect("a file that is shown");
        return Some(format!("```toml\n{text}```\n"));
    }
    (marker == "table: lints").then(table)
}

/// What a command prints, run where the dumps are.
fn output(command: &str) -> String {
    let command_line = command.strip_prefix("fwlint ").expect("it runs fwlint");
    // Between quotes a word has blanks.
    let parts = command_line.split('\'').zip([false, true].into_iter().cycle());
    let words = parts.flat_map(
        |(part, quoted)| {
            if quoted { vec![part] } else { part.split_whitespace().collect() }
        },
    );
    let mut program = Command::cargo_bin("fwlint").expect("the program is built");
    let here = root().join("fixtures/real");
    let output = program.current_dir(here).env_clear().env("LANG", "C.UTF-8").args(words).output();
    let output = output.expect("it runs");
    assert!(output.stderr.is_empty(), "{command}: {output:?}");
    String::from_utf8(output.stdout).expect("reports are UTF-8")
}

fn table() -> String {
    let mut table = String::from("| code | name | severity | |\n|---|---|---|---|\n");
    for lint in ALL {
        let persona = match lint.persona {
            Persona::Default => String::new(),
            other => format!(" (persona {})", other.name()),
        };
        let (code, name, severity) = (lint.code, lint.name, lint.severity.name());
        let _ =
            writeln!(table, "| {code} | `{name}` | {severity} | {}{persona} |", lint.summary.en);
    }
    table
}

#[test]
fn what_it_shows_is_what_the_program_prints() {
    let readme = readme();
    let renewed = renewed(&readme);
    if env::var_os("BLESS").is_some() {
        fs::write(root().join("README.md"), &renewed).expect("written");
        return;
    }
    let differs = |(old, new): &(&str, &str)| old != new;
    let difference = readme.lines().zip(renewed.lines()).find(differs);
    assert!(
        readme == renewed,
        "README.md is out of date: BLESS=1 cargo test --test readme\n{difference:#?}"
    );
}

#[test]
fn its_links_lead_somewhere() {
    let readme = readme();
    let links = readme.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    for link in links.filter(|link| !link.starts_with("http")) {
        assert!(root().join(link).exists(), "{link}");
    }
}

#[test]
fn its_commands_are_read() {
    let readme = readme();
    let lines = readme.lines().filter(|line| line.starts_with("fwlint "));
    let mut count = 0;
    for line in lines {
        count += 1;
        let words = line.split('#').next().expect("a line").split_whitespace().skip(1);
        // No such file is 3; a command line that cannot be followed is 2.
        let mut program = Command::cargo_bin("fwlint").expect("the program is built");
        let here = tempfile::tempdir().expect("a directory for the test");
        program.current_dir(here.path()).env_clear().args(words);
        let code = program.output().expect("it runs").status.code();
        assert_ne!(code, Some(2), "{line}");
    }
    assert!(count > 3, "{count} commands");
}
