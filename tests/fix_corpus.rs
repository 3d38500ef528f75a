//! Rule files of other people, mended: each still loads where it did, no verdict changes, and a second time nothing does.
//! The files are copied and the copies mended, as a user would.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "counts and skips are said aloud")]

mod loaders;
mod manifest;

use assert_cmd::Command;
use fwlint::{
    commands::{self, Plan},
    lower,
    model::Ruleset,
    settings::Settings,
    source::{
        SourceFile,
        input::{Input, Inputs, Origin},
    },
    syntax::{self, Dialect},
};
use loaders::Loader;
use manifest::{Row, corpus, rows};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use std::{collections::BTreeMap, fs, path::Path, process::Output};

/// How a row is read, and whether it has a loader to judge it.
fn dialect(row: &Row) -> Option<Dialect> {
    match row.dialect.as_str() {
        "iptables-save" => Some(Dialect::Iptables),
        "ip6tables-save" => Some(Dialect::Ip6tables),
        "nft" => Some(Dialect::Nft),
        _ => None,
    }
}

fn mend(here: &Path, dialect: Dialect, risky: bool) -> Output {
    let mut command = Command::cargo_bin("fwlint").expect("the program is built");
    command.current_dir(here).env_clear();
    command.args(["--isolated", "--fix", "--persona", "audit", "-f", "concise", "--dialect"]);
    command.args([dialect.name(), "rules"]);
    command.args(risky.then_some("--unsafe-fixes")).output().expect("it runs")
}

fn inputs(bytes: &[u8]) -> Inputs {
    let source = SourceFile::new("rules", bytes.to_vec());
    Inputs { files: vec![Input { source, origin: Origin::Named }], ..Inputs::default() }
}

fn ruleset(bytes: &[u8], dialect: Dialect) -> Ruleset {
    let source = SourceFile::new("rules", bytes.to_vec());
    let parsed = syntax::parse(&source, Some(dialect)).expect("a given dialect is taken");
    lower::ruleset(&[lower::Input { file: 0, source: &source, parsed: &parsed }])
}

/// What a file was, and what it is after `--fix`; or what is wrong with that. `risky` asks for all fixes.
fn mended(path: &Path, dialect: Dialect, risky: bool) -> Result<(Vec<u8>, Vec<u8>), String> {
    let root = tempfile::tempdir().expect("a folder for the test");
    let copy = root.path().join("rules");
    let before = fs::read(path).expect("a listed file");
    fs::write(&copy, &before).expect("written");
    let output = mend(root.path(), dialect, risky);
    let notes = String::from_utf8_lossy(&output.stderr);
    if ![Some(0), Some(1), Some(3)].contains(&output.status.code()) {
        return Err(format!("{:?}: {notes}", output.status));
    }
    let after = fs::read(&copy).expect("still there");
    if after == before {
        return Ok((before, after));
    }
    mend(root.path(), dialect, risky);
    if fs::read(&copy).expect("still there") != after {
        return Err("a second time changes it again".to_owned());
    }
    if risky {
        return Ok((before, after));
    }
    let comparison = commands::diff::diff(
        [inputs(&before), inputs(&after)],
        Some(dialect),
        true,
        &Plan::of(Settings::default()),
    );
    let loaded = commands::check(inputs(&before), Some(dialect), &Settings::default());
    let proven = if comparison.complete() {
        comparison.equivalent() == Some(true)
    } else {
        // Too much to compare packet by packet: then it must say the same word by word.
        ruleset(&before, dialect).is_like(&ruleset(&after, dialect))
    };
    if loaded.complete() && !proven {
        return Err(format!("not equivalent: {notes}"));
    }
    Ok((before, after))
}

#[test]
fn other_peoples_files_are_mended_without_a_change_of_verdict() {
    everywhere(false);
}

#[test]
fn what_may_change_verdicts_loads_too_and_is_done_once() {
    everywhere(true);
}

fn everywhere(risky: bool) {
    let Some(corpus) = corpus() else { return };
    let rows = rows(&corpus);
    let rows: Vec<(&Row, Dialect)> = rows
        .iter()
        .filter(|row| row.valid == "yes")
        .filter_map(|row| Some((row, dialect(row)?)))
        .collect();
    let results: Vec<_> = rows
        .par_iter()
        .map(|(row, dialect)| (*row, *dialect, mended(&corpus.join(&row.out), *dialect, risky)))
        .collect();
    let loaders: BTreeMap<&str, Vec<Loader>> =
        [Dialect::Iptables, Dialect::Ip6tables, Dialect::Nft]
            .into_iter()
            .map(|it| (it.name(), Loader::of(it)))
            .collect();
    let (mut changed, mut judged) = (0, 0);
    let mut problems = Vec::new();
    for (row, dialect, result) in results {
        let (before, after) = match result {
            Ok(both) => both,
            Err(problem) => {
                problems.push(format!("{} ({}): {problem}", row.out, row.note));
                continue;
            }
        };
        if before == after {
            continue;
        }
        changed += 1;
        let [before, after] = [before, after].map(|it| String::from_utf8_lossy(&it).into_owned());
        for loader in &loaders[dialect.name()] {
            if loader.test(&before).is_ok() {
                judged += 1;
                if let Err(why) = loader.test(&after) {
                    problems.push(format!("{}: {why}", row.out));
                }
            }
        }
    }
    println!("{changed} of {} files were mended; loaders judged {judged} times", rows.len());
    if judged == 0 {
        eprintln!("SKIPPED: no loader judged, because none runs in `unshare -n` here");
    }
    assert!(changed > 0, "nothing was mended: the files show nothing");
    assert!(problems.is_empty(), "{}\n{}", problems.len(), problems.join("\n"));
}
