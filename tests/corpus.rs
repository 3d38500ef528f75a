//! Rule files of other people: what the real loaders took parses, what they refused is refused at its line.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "counts and skips are said aloud")]

mod manifest;

use fwlint::{
    source::SourceFile,
    syntax::{self, Dialect, ErrorKind, Parsed, Tree},
};
use manifest::{Row, corpus, rows};
use std::{collections::BTreeMap, fs};

fn dialect(row: &Row) -> Option<Dialect> {
    match row.dialect.as_str() {
        "iptables-save" | "iptables-S" => Some(Dialect::Iptables),
        "ip6tables-save" => Some(Dialect::Ip6tables),
        "ipset" => Some(Dialect::Ipset),
        _ => None,
    }
}

fn parse(source: &SourceFile, dialect: Dialect) -> Parsed {
    syntax::parse(source, Some(dialect)).expect("a given dialect is taken")
}

/// A finding of its own, not a syntax error.
fn has_own_lint(kind: &ErrorKind) -> bool {
    matches!(kind, ErrorKind::CarriageReturn)
        || matches!(kind, ErrorKind::LimitExceeded(limit) if limit.truncated)
}

/// Lines of `valid=yes` files that the loaders refuse all the same, and why the manifest does not say so.
const REFUSED: &[(&str, u32, &str)] = &[
    (
        "AclCheckTest.testRejectReset.stdout.ref",
        11,
        "judged by --test; the kernel wants -p tcp for tcp-reset",
    ),
    (
        "iptables-basic_server_firewall_with_default_deny.rules",
        4,
        "judged with -P lines turned into : lines; -P takes no comment",
    ),
];

#[test]
fn what_the_loaders_take_parses() {
    let Some(corpus) = corpus() else { return };
    let mut counts: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for row in rows(&corpus).iter().filter(|row| row.valid == "yes") {
        let Some(mut dialect) = dialect(row) else { continue };
        let source = SourceFile::new(
            row.out.clone(),
            fs::read(corpus.join(&row.out)).expect("a listed file"),
        );
        // `-S` listings are of either family; the folder does not say.
        if row.dialect == "iptables-S" {
            dialect = Dialect::of(&source).unwrap_or(dialect);
        }
        let parsed = parse(&source, dialect);
        let count = counts.entry(row.dialect.clone()).or_default();
        let errors: Vec<_> =
            parsed.errors.iter().filter(|error| !has_own_lint(&error.kind)).collect();
        count.0 += 1;
        count.1 += u32::from(errors.is_empty());
        for error in errors.iter().take(3) {
            let position = source.position(error.span.start);
            if REFUSED
                .iter()
                .any(|(name, line, _)| row.out.ends_with(name) && *line == position.line)
            {
                continue;
            }
            wrong.push(format!(
                "{}:{}:{} {:?}",
                row.out, position.line, position.column, error.kind
            ));
        }
    }
    for (dialect, (all, clean)) in &counts {
        println!("{dialect}: {clean} of {all} files without an error");
    }
    assert!(wrong.is_empty(), "{} errors\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn each_file_is_recognised() {
    let Some(corpus) = corpus() else { return };
    let mut wrong = Vec::new();
    let mut count = 0;
    for row in rows(&corpus).iter().filter(|row| row.valid == "yes") {
        let expected: &[Dialect] = match row.dialect.as_str() {
            "iptables-save" => &[Dialect::Iptables],
            "iptables-S" => &[Dialect::Iptables, Dialect::Ip6tables],
            "ip6tables-save" => &[Dialect::Ip6tables],
            "ipset" => &[Dialect::Ipset],
            "iptables-script" | "nft-script" => &[Dialect::Script],
            "nft" => &[Dialect::Nft],
            "nft-json" => &[Dialect::NftJson],
            _ => continue,
        };
        count += 1;
        let source = SourceFile::new(
            row.out.clone(),
            fs::read(corpus.join(&row.out)).expect("a listed file"),
        );
        let found = Dialect::of(&source);
        if !found.is_some_and(|found| expected.contains(&found)) {
            wrong.push(format!("{} is {found:?}", row.out));
        }
    }
    println!("{} of {count} files recognised", count - wrong.len());
    assert!(wrong.is_empty(), "{} not recognised\n{}", wrong.len(), wrong.join("\n"));
}

/// Refused files whose note says nothing about the line, and where the error is.
const LINES: &[(&str, u32, &str)] = &[
    ("AclCheckTest.testLogLimit.stdout.ref", 11, "the only line with a match `--limit`"),
    ("samples__redundant.rules", 33, "the first line with a `#` behind its words"),
    ("sshguard-ipset/iptables.rules", 2, "both loaders name it when they are run"),
    ("0009-table-name-comment_0--here-1", 2, "both loaders name it when they are run"),
];

/// Refused files that we refuse at another line than the note, and why.
const ELSEWHERE: &[(&str, u32, &str)] =
    &[("iptables-viewer/iptables-save.txt", 1, "CR LF is one finding a file, at its first line")];

/// The line in a note such as `iptables-restore: line 2 failed`.
fn noted_line(note: &str) -> Option<u32> {
    let mut after = note.split(": line ").skip(1);
    after.find_map(|rest| rest.split(' ').next()?.parse().ok())
}

#[test]
fn what_the_loaders_refuse_is_refused_at_its_line() {
    let Some(corpus) = corpus() else { return };
    let (mut files, mut noted, mut known, mut elsewhere) = (0, 0, 0, 0);
    let mut wrong = Vec::new();
    for row in rows(&corpus).iter().filter(|row| row.valid == "no") {
        let Some(dialect) = dialect(row) else { continue };
        let source = SourceFile::new(
            row.out.clone(),
            fs::read(corpus.join(&row.out)).expect("a listed file"),
        );
        let parsed = parse(&source, dialect);
        let found = parsed.errors.first().map(|error| source.position(error.span.start).line);
        let listed = |list: &'static [(&str, u32, &str)]| {
            list.iter().find(|(name, ..)| row.out.ends_with(name))
        };
        files += 1;
        let expected = if let Some((name, line, why)) = listed(ELSEWHERE) {
            println!("excepted: {name}: {why}");
            elsewhere += 1;
            Some(*line)
        } else if let Some(line) = noted_line(&row.note) {
            noted += 1;
            Some(line)
        } else {
            known += 1;
            listed(LINES).map(|(_, line, _)| *line)
        };
        if expected.is_none() || found != expected {
            wrong.push(format!("{}: {found:?}, not {expected:?}: {}", row.out, row.note));
        }
    }
    println!(
        "{files} files refused: {noted} at the line of the note, {known} at the line known here, {elsewhere} elsewhere"
    );
    assert!(noted > 0, "no note has a line any more");
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn no_file_makes_the_parser_panic() {
    let Some(corpus) = corpus() else { return };
    let mut count = 0;
    for row in &rows(&corpus) {
        let source = SourceFile::new(
            row.out.clone(),
            fs::read(corpus.join(&row.out)).expect("a listed file"),
        );
        for dialect in [Dialect::Iptables, Dialect::Ip6tables, Dialect::Ipset] {
            let parsed = parse(&source, dialect);
            assert!(parsed.errors.len() <= 101);
            let in_file = |error: &syntax::Error| error.span.end as usize <= source.text().len();
            assert!(parsed.errors.iter().all(in_file), "{}", row.out);
            count += usize::from(!matches!(parsed.tree, Tree::Opaque));
        }
    }
    println!("{count} trees");
}
