//! A rule set says the same however it is written: as somebody wrote it, and as the real nft prints it once it is loaded.

#![expect(clippy::print_stderr, reason = "a skip is said aloud")]

use fwlint::{
    commands,
    settings::Settings,
    source::{
        SourceFile,
        input::{Input, Inputs, Origin},
    },
    syntax::Dialect,
};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/same/nft");
    let entries = fs::read_dir(folder).expect("the fixtures are there");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

/// What is said of how a file is written, or of commands that a listing does not hold.
const OF_THE_TEXT: [&str; 4] = ["FW408", "FW409", "FW601", "FW608"];

/// What is found, without the places.
fn found(name: &str, text: &str) -> Vec<String> {
    let source = SourceFile::new(name, text.as_bytes().to_vec());
    let files = vec![Input { source, origin: Origin::Named }];
    let inputs = Inputs { files, ..Inputs::default() };
    let outcome = commands::check(inputs, Some(Dialect::Nft), &Settings::default());
    let line = |it: &fwlint::lints::Finding| {
        format!("{} {} {}", it.severity.name(), it.lint.code, it.message.en)
    };
    let mut found: Vec<_> = outcome.findings.iter().map(line).collect();
    found.sort();
    found
}

/// The rule set as nft prints it, loaded in a network namespace of its own.
fn listed(path: &Path) -> Result<String, String> {
    let script = format!("nft -f '{}' && nft list ruleset", path.display());
    let output = Command::new("unshare").args(["-n", "sh", "-c", &script]).output();
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() {
        String::from_utf8(output.stdout).map_err(|error| error.to_string())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn can_load() -> bool {
    let output = Command::new("unshare").args(["-n", "nft", "list", "ruleset"]).output();
    output.is_ok_and(|output| output.status.success())
}

#[test]
fn a_loaded_rule_set_says_what_was_written() {
    if !can_load() {
        assert!(env::var_os("FWLINT_REQUIRE_LOADERS").is_none(), "nft cannot run here");
        eprintln!("SKIPPED: nft cannot run here");
        return;
    }
    for path in files() {
        let name =
            path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let written = fs::read_to_string(&path).expect("the fixture can be read");
        let listed = listed(&path).unwrap_or_else(|error| panic!("{name} does not load: {error}"));
        let (mut written, listed_found) = (found(&name, &written), found(&name, &listed));
        // Were they left in the other list, a listing would not be known for what it is.
        written.retain(|it| !OF_THE_TEXT.iter().any(|code| it.contains(code)));
        assert!(!written.is_empty(), "{name} has nothing to say");
        assert_eq!(written, listed_found, "{name} as nft prints it:\n{listed}");
    }
}
