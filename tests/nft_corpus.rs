//! nftables files of other people: what the loader took parses, what it refused for its text is refused at its line.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "counts and skips are said aloud")]

mod manifest;

use fwlint::{
    source::SourceFile,
    syntax::{self, Dialect, ErrorKind, Parsed},
};
use manifest::{Row, corpus};
use std::{collections::BTreeMap, fs, path::Path};

fn rows(corpus: &Path) -> Vec<Row> {
    let mut rows = manifest::rows(corpus);
    rows.retain(|row| ["nft", "nft-script", "nft-json"].contains(&row.dialect.as_str()));
    rows
}

/// A shell script that calls `nft`, which is another dialect.
fn is_shell(source: &SourceFile) -> bool {
    Path::new(&source.path).extension().is_some_and(|it| it == "sh")
        || source.text().starts_with("#!/bin/") && !source.text().starts_with("#!/bin/nft")
}

fn read(corpus: &Path, row: &Row) -> (SourceFile, Parsed) {
    let bytes = fs::read(corpus.join(&row.out)).expect("a listed file");
    let source = SourceFile::new(row.out.clone(), bytes);
    let dialect = if row.dialect == "nft-json" { Dialect::NftJson } else { Dialect::Nft };
    let parsed = syntax::parse(&source, Some(dialect)).expect("a given dialect is taken");
    (source, parsed)
}

fn describe(source: &SourceFile, error: &syntax::Error) -> String {
    let position = source.position(error.span.start);
    let kind = match &error.kind {
        ErrorKind::Nft(kind) => format!("{kind:?}"),
        kind => format!("{kind:?}"),
    };
    let line: String = source.slice(source.line(position.line)).trim().chars().take(90).collect();
    format!("{}:{}:{} {kind}\n      {line}", source.path, position.line, position.column)
}

#[test]
fn what_the_loader_takes_parses() {
    let Some(corpus) = corpus() else { return };
    let mut counts: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for row in rows(&corpus).iter().filter(|row| row.valid == "yes") {
        let (source, parsed) = read(&corpus, row);
        if is_shell(&source) {
            continue;
        }
        let count = counts.entry(row.dialect.clone()).or_default();
        count.0 += 1;
        count.1 += u32::from(parsed.errors.is_empty());
        wrong.extend(parsed.errors.iter().take(2).map(|error| describe(&source, error)));
    }
    for (dialect, (all, clean)) in &counts {
        println!("{dialect}: {clean} of {all} files without an error");
    }
    assert!(wrong.is_empty(), "{} errors\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_the_loader_refuses_is_refused() {
    let Some(corpus) = corpus() else { return };
    let (mut all, mut refused, mut at_its_line) = (0, 0, 0);
    let mut taken = Vec::new();
    for row in rows(&corpus).iter().filter(|row| row.valid == "no") {
        let (source, parsed) = read(&corpus, row);
        all += 1;
        let excepted = ACCEPTED.iter().find(|(name, _)| row.out.ends_with(name));
        if let Some((name, why)) = excepted {
            println!("excepted: {name}: {why}");
            continue;
        }
        let reason = row.note.rsplit("; ").next().unwrap_or_default();
        let line = reason.split(':').next().and_then(|line| line.parse::<u32>().ok());
        if parsed.errors.is_empty() {
            taken.push(format!("TAKEN {} {reason}", row.out));
            continue;
        }
        refused += 1;
        let Some(line) = line else { continue };
        let found: Vec<u32> =
            parsed.errors.iter().map(|error| source.position(error.span.start).line).collect();
        if found.contains(&line) {
            at_its_line += 1;
        } else {
            let first = describe(&source, &parsed.errors[0]);
            taken.push(format!("ELSEWHERE {reason}\n    {first}"));
        }
    }
    println!("nft: {refused} of {all} refused, {at_its_line} at the noted line");
    assert!(taken.is_empty(), "{}\n{}", taken.len(), taken.join("\n"));
}

/// Files that nft 1.0.6 refuses and we take, or refuse elsewhere, and why.
const ACCEPTED: &[(&str, &str)] = &[
    ("nftables-pre-up.nft.nft", "`destroy` is known from 1.0.7 on"),
    ("dscpclassify.d_main.nft.nft", "an included file is not there"),
    ("nftables-limits.d_input.nft.nft", "maps of limits by `typeof` are read from 1.0.7 on"),
    ("tests__synproxy.nft", "`;` in a synproxy outside braces, which no dump holds"),
    ("tests__table-chain.nft", "`} }` on one line, which 1.1 takes"),
    ("tn__add-chain.tn.nft", "`} }` on one line, which 1.1 takes"),
    (
        "ct_timeout_memleak_objfree",
        "times with units are read from 1.0.8 on; reported at the open brace",
    ),
    ("use_after_free_on_chain_removal", "`delete chain` with a block, which 1.1 takes"),
    ("huge_binop_expr_chain_crash", "crashes the loader; nothing is wrong with the words"),
    (
        "mapping_with_invalid_datatype_crash",
        "crashes the loader: the type of an anonymous map's data",
    ),
    ("netlink_gen_stmt_stateful_assert", "crashes the loader: an object in a place for counters"),
    ("objmap_to_prefix_assert", "crashes the loader: a wildcard as an object's name"),
    ("payload_expr_pctx_update_assert", "crashes the loader: compressed payload in itself"),
    ("synproxy-flag-1.json", "1.0.6 does not know synproxy in JSON, 1.1 does"),
    ("synproxy-flag-2.json", "1.0.6 does not know synproxy in JSON, 1.1 does"),
    ("json__synproxy.json", "1.0.6 does not know synproxy in JSON, 1.1 does"),
    ("space-keys.json", "1.0.6 does not read its own `ct timeout` in JSON"),
    ("payload_expr_unaligned_store", "crashes the loader: writing across byte borders"),
];

#[test]
fn no_file_is_too_much() {
    let Some(corpus) = corpus() else { return };
    let mut clean = 0;
    let rows = rows(&corpus);
    let others: Vec<_> = rows.iter().filter(|row| row.valid == "context").collect();
    for row in &others {
        let (source, parsed) = read(&corpus, row);
        clean += u32::from(parsed.errors.is_empty());
        for error in &parsed.errors {
            assert!(source.text().get(error.span.range()).is_some(), "{}", row.out);
        }
    }
    println!("nft: {clean} of {} files that need their context parse", others.len());
}
