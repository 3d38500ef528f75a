//! The lines of the loader's own test suite: each is taken or refused as it says there.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "counts and skips are said aloud")]

use fwlint::{
    source::SourceFile,
    syntax::{self, Dialect},
};
use std::{fmt::Write, fs, path::PathBuf};

/// Lines where we differ, and why.
const DIFFERENT: &[(&str, &str)] = &[
    ("ct mark original", "names of marks are the machine's"),
    ("queue num symhash mod 65536", "`num` is read like `to`, which takes this"),
    (
        "icmp code != 1 icmp type 2 icmp mtu 5",
        "types of ICMP that exclude each other are no headers",
    ),
    (
        "%cthelp2 type ct helper { type \"ftp\" protocol tcp; l3proto ip6; }",
        "a helper of the other family is the kernel's to refuse",
    ),
];

fn corpus() -> Option<PathBuf> {
    let corpus = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if corpus.join("manifest.tsv").is_file() {
        return Some(corpus);
    }
    eprintln!("SKIPPED: {} is not there", corpus.display());
    None
}

/// What a test file has set up before a line.
#[derive(Default)]
struct Setting {
    chains: Vec<(String, String)>,
    tables: Vec<(String, Vec<String>)>,
    declarations: String,
}

/// `declaration` as an item of a table.
fn object(line: &str) -> Option<String> {
    let (name, spec) = line.split_once(" type ")?;
    let (kind, spec) = [
        "ct helper",
        "ct timeout",
        "ct expectation",
        "counter",
        "quota",
        "limit",
        "synproxy",
        "secmark",
    ]
    .iter()
    .find_map(|kind| spec.strip_prefix(kind).map(|rest| (*kind, rest.trim())))?;
    let body = if spec.starts_with('{') { spec.to_owned() } else { format!("{{ {spec} }}") };
    Some(format!("  {kind} {name} {body}\n"))
}

/// `declaration` as a set or map.
fn set(line: &str) -> String {
    let (name, spec) = line.split_once(' ').unwrap_or((line, ""));
    let spec = if spec.starts_with("type") { spec.to_owned() } else { format!("type {spec}") };
    let kind = if spec.contains(" : ") { "map" } else { "set" };
    format!("  {kind} {name} {{ {spec}; }}\n")
}

/// Whether any of the family's chains takes the rule.
fn is_taken(setting: &Setting, family: &str, chains: &[String], rule: &str, extra: &str) -> bool {
    chains.iter().any(|chain| {
        let hook = setting.chains.iter().find(|(name, _)| name == chain);
        let hook = hook.map_or(String::new(), |(_, hook)| format!("    {hook}\n"));
        let mut text =
            format!("table {family} t {{\n{}{extra}  chain c {{\n{hook}", setting.declarations);
        let _ = writeln!(text, "    {rule}\n  }}\n}}");
        let source = SourceFile::new("line", text.into_bytes());
        let parsed = syntax::parse(&source, Some(Dialect::Nft)).expect("a given dialect is taken");
        parsed.errors.is_empty()
    })
}

#[test]
fn lines_of_the_test_suite_agree() {
    let Some(corpus) = corpus() else { return };
    let manifest = fs::read_to_string(corpus.join("manifest.tsv")).expect("a manifest of text");
    let (mut all, mut agree) = (0_u32, 0_u32);
    let mut wrong = Vec::new();
    for row in manifest.lines().filter(|line| line.starts_with("nft-py-t\t")) {
        let out = row.split('\t').nth(7).expect("eight fields").trim_matches('"');
        if out.contains("regit+nftables") {
            continue;
        }
        let bytes = fs::read(corpus.join(out)).expect("a listed file");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut setting = Setting::default();
        for line in text.lines() {
            let mut fields = line.split(';');
            match line.chars().next() {
                None | Some('#' | '-' | '?') => continue,
                Some(':') => {
                    let (name, hook) = line[1..].split_once(';').expect("a chain and its hook");
                    setting.chains.push((name.to_owned(), hook.to_owned()));
                    continue;
                }
                Some('*') => {
                    let family = line[1..].split(';').next().expect("a family").to_owned();
                    let chains = line.rsplit(';').next().unwrap_or_default();
                    let chains = chains.split(',').map(str::to_owned).collect();
                    setting.tables.push((family, chains));
                    continue;
                }
                Some('!') => {
                    let declaration =
                        set(fields.next().unwrap_or_default().trim_start_matches('!'));
                    setting.declarations += &declaration;
                    continue;
                }
                _ => {}
            }
            let ok = line.contains(";ok");
            let rule = line.split(";ok").next().unwrap_or(line);
            let rule = rule.split(";fail").next().unwrap_or(rule);
            let extra = line.strip_prefix('%').map(|_| object(&rule[1..]).unwrap_or_default());
            for (family, chains) in &setting.tables {
                let taken = match &extra {
                    Some(extra) => is_taken(&setting, family, chains, "accept", extra),
                    None => is_taken(&setting, family, chains, rule, ""),
                };
                all += 1;
                if taken == ok {
                    agree += 1;
                } else if !DIFFERENT.iter().any(|(it, _)| *it == rule) {
                    let verdict = if ok { "REFUSED" } else { "TAKEN" };
                    wrong.push(format!("{verdict} {family}: {rule}   ({out})"));
                }
            }
            if let Some(extra) = extra.filter(|_| ok) {
                setting.declarations += &extra;
            }
        }
    }
    let share = f64::from(agree) * 100.0 / f64::from(all.max(1));
    println!("nft-py-t: {agree} of {all} lines agree, {share:.2} %");
    assert!(wrong.is_empty() && share >= 98.0, "{}\n{}", wrong.len(), wrong.join("\n"));
}
