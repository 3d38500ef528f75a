//! The test lines of iptables 1.8.11's own suite, judged as it judges them.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "counts and skips are said aloud")]

use fwlint::{
    source::SourceFile,
    syntax::{self, Dialect, ErrorKind},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Lines that no reader of the text alone can judge, or that a context decides, and why.
const CONTEXT: &[(&str, &str)] =
    &[("-m nfacct --nfacct-name wrong", "fails because the object is not there")];

struct Judged {
    place: String,
    rule: String,
    expected: bool,
    verdict: Result<(), String>,
}

#[test]
fn at_least_99_of_100_lines_are_judged_as_the_suite_does() {
    let corpus = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/xtables-t");
    if !corpus.is_dir() {
        eprintln!("SKIPPED: {} is not there", corpus.display());
        return;
    }
    let judged: Vec<Judged> = suite(&corpus).iter().flat_map(|path| file(path)).collect();
    let differs = |it: &&Judged| it.expected != it.verdict.is_ok();
    let wrong: Vec<&Judged> = judged.iter().filter(differs).collect();
    let known = |it: &&Judged| CONTEXT.iter().any(|(rule, _)| it.rule == *rule);
    println!("{} of {} lines agree", judged.len() - wrong.len(), judged.len());
    let listed = wrong.iter().map(|it| format!("{}: {} => {:?}", it.place, it.rule, it.verdict));
    println!("{}", listed.collect::<Vec<_>>().join("\n"));
    assert!(judged.len() > 500, "{} lines", judged.len());
    assert!(wrong.len() * 100 <= judged.len());
    assert!(wrong.iter().all(known), "a difference without its reason");
}

fn suite(corpus: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for folder in fs::read_dir(corpus).expect("a folder").flatten() {
        for file in fs::read_dir(folder.path()).into_iter().flatten().flatten() {
            let name = file.file_name().to_string_lossy().into_owned();
            if !name.contains("libebt") && !name.contains("libarpt") && !name.contains("arptables")
            {
                files.push(file.path());
            }
        }
    }
    files.sort();
    files
}

/// Every rule of a file, in every chain and family it is about.
fn file(path: &Path) -> Vec<Judged> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let short = name.rsplit("__").next().unwrap_or(&name).to_owned();
    let families: &[Dialect] = match () {
        () if short.starts_with("libip6t") || short.starts_with("ip6tables") => {
            &[Dialect::Ip6tables]
        }
        () if short.starts_with("libipt") || short.starts_with("iptables") => &[Dialect::Iptables],
        () => &[Dialect::Iptables, Dialect::Ip6tables],
    };
    let text = fs::read_to_string(path).expect("text");
    let (mut chains, mut table) = (Vec::new(), "filter".to_owned());
    let mut judged = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim_end();
        if let Some(names) = line.strip_prefix(':') {
            chains = names.split(',').map(str::to_owned).collect();
        } else if let Some(name) = line.strip_prefix('*') {
            name.clone_into(&mut table);
        } else if !line.is_empty() && !line.starts_with(['#', '@', '%']) {
            let Some((rule, expected)) = rule(line) else { continue };
            for chain in &chains {
                for dialect in families {
                    let place = format!("{short}:{number} {} {table} {chain}", dialect.name());
                    let verdict = judge(*dialect, &table, chain, rule);
                    judged.push(Judged { place, rule: rule.to_owned(), expected, verdict });
                }
            }
        }
    }
    judged
}

/// A rule, and whether one of the variants takes it.
// line := rule ";" saved ";" ("OK" | "FAIL") (";" variant …)?
fn rule(line: &str) -> Option<(&str, bool)> {
    let mut fields = line.split(';');
    let rule = fields.next()?;
    let _saved = fields.next()?;
    let verdict = fields.next()?;
    let variant = fields.next().unwrap_or_default();
    // A verdict about one variant says that the other has the opposite one.
    let other_differs = matches!(variant, "LEGACY" | "NFT");
    Some((rule, verdict == "OK" || other_differs))
}

fn judge(dialect: Dialect, table: &str, chain: &str, rule: &str) -> Result<(), String> {
    let text = format!("*{table}\n-A {chain} {rule}\nCOMMIT\n");
    let source = SourceFile::new("-", text.into_bytes());
    let parsed = syntax::parse(&source, Some(dialect)).expect("a given dialect is taken");
    let truncated =
        |kind: &ErrorKind| matches!(kind, ErrorKind::LimitExceeded(limit) if limit.truncated);
    match parsed.errors.iter().find(|error| !truncated(&error.kind)) {
        None => Ok(()),
        Some(error) => Err(format!("{:?} at {:?}", error.kind, source.slice(error.span))),
    }
}
