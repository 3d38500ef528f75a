//! Dumps of ordinary hosts: how many findings each file has, by lint and severity.
//!
//! `BLESS=1 cargo test --test real` rewrites `fixtures/real/findings.txt`, so that a change of heart shows in its diff.

use fwlint::{
    commands::{self, Outcome},
    settings::Settings,
    source::{
        SourceFile,
        input::{Input, Inputs, Origin},
    },
};
use std::{
    collections::BTreeMap,
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

const GOLDEN: &str = "findings.txt";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/real")
}

/// The files of every host, as `host/file`, sorted.
fn paths() -> Vec<String> {
    let list = |folder: PathBuf| {
        let entries = fs::read_dir(folder).expect("a readable folder");
        let path = |entry: std::io::Result<fs::DirEntry>| entry.expect("a readable folder").path();
        entries.map(path).collect::<Vec<_>>()
    };
    let hosts = list(folder()).into_iter().filter(|path| path.is_dir());
    let name = |path: PathBuf| {
        let path = path.strip_prefix(folder()).expect("a path below the folder").to_owned();
        path.to_str().expect("names are ASCII").to_owned()
    };
    let mut paths: Vec<_> = hosts.flat_map(list).map(name).collect();
    paths.sort();
    paths
}

fn outcome() -> Outcome {
    let input = |path: String| {
        let bytes = fs::read(folder().join(&path)).expect("a listed file");
        Input { source: SourceFile::new(path, bytes), origin: Origin::Named }
    };
    let inputs = Inputs { files: paths().into_iter().map(input).collect(), ..Inputs::default() };
    commands::check(inputs, None, &Settings::default())
}

/// How many findings each file has, as `FW102 data-store-open error`.
fn counts(outcome: &Outcome) -> BTreeMap<&str, BTreeMap<String, u32>> {
    let files = outcome.files.iter().map(|file| (file.source.path.as_str(), BTreeMap::new()));
    let mut counts: BTreeMap<_, BTreeMap<String, u32>> = files.collect();
    for finding in &outcome.findings {
        let path = &outcome.files[finding.primary.place.file as usize].source.path;
        let (code, name) = (finding.lint.code, finding.lint.name);
        let key = format!("{code} {name} {}", finding.severity.name());
        *counts.entry(path).or_default().entry(key).or_default() += 1;
    }
    counts
}

#[test]
fn every_file_is_read_whole() {
    let outcome = outcome();
    let read: Vec<_> = outcome.files.iter().map(|file| file.source.path.as_str()).collect();
    assert_eq!(read, paths());
    assert!(outcome.complete());
}

#[test]
fn the_findings_of_each_file_are_those_that_were_agreed_on() {
    let outcome = outcome();
    let mut text = String::new();
    for (path, counts) in counts(&outcome) {
        let _ = writeln!(text, "{path}");
        for (lint, count) in counts {
            let _ = writeln!(text, "  {lint} {count}");
        }
    }
    let golden = folder().join(GOLDEN);
    if env::var_os("BLESS").is_some() {
        fs::write(&golden, &text).expect("written");
    }
    let agreed = fs::read_to_string(&golden).unwrap_or_default();
    assert!(text == agreed, "BLESS=1 cargo test --test real rewrites {GOLDEN}; it is now\n{text}");
}

#[test]
fn both_variants_of_the_loader_print_the_same_host() {
    let outcome = outcome();
    let counts = counts(&outcome);
    assert_eq!(counts["docker-host/rules.v4"], counts["docker-host-legacy/rules.v4"]);
}
