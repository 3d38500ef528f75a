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

#[test]
fn what_the_loaders_refuse_is_refused() {
    let Some(corpus) = corpus() else { return };
    for row in rows(&corpus).iter().filter(|row| row.valid == "no") {
        let Some(dialect) = dialect(row) else { continue };
        let source = SourceFile::new(
            row.out.clone(),
            fs::read(corpus.join(&row.out)).expect("a listed file"),
        );
        let parsed = parse(&source, dialect);
        let line = parsed.errors.first().map(|error| source.position(error.span.start).line);
        println!(
            "{}: line {line:?} {:?} ({})",
            row.out,
            parsed.errors.first().map(|it| &it.kind),
            row.note
        );
        assert!(line.is_some(), "{} is refused: {}", row.out, row.note);
    }
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
