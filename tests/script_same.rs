//! A script says what it does: our own scripts are run in a network namespace of their own, and what the loaders print
//! then is the same policy as the script, packet by packet.

#![expect(clippy::print_stderr, reason = "a skip is said aloud")]

use fwlint::{
    analysis::diff::{self, Pair},
    lower::{self, Input},
    model::Ruleset,
    source::SourceFile,
    syntax::{self, Dialect},
};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What one file or several of one host say.
fn ruleset(files: &[(&str, Dialect)]) -> Ruleset {
    let sources: Vec<_> = files
        .iter()
        .map(|(text, dialect)| {
            let source = SourceFile::new("rules", text.as_bytes().to_vec());
            let parsed = syntax::parse(&source, Some(*dialect)).expect("a dialect is given");
            assert!(parsed.errors.is_empty(), "{:?} in {text}", parsed.errors);
            (source, parsed)
        })
        .collect();
    let inputs = sources.iter().zip(0..).map(|((source, parsed), file)| Input {
        file,
        source: parsed.text(source),
        parsed,
    });
    lower::ruleset(&inputs.collect::<Vec<_>>())
}

/// What a command prints after the script ran, in a network namespace of its own.
fn after(script: &Path, command: &str) -> Result<String, String> {
    let first = fs::read_to_string(script).expect("the fixture can be read");
    let shell = if first.starts_with("#!/bin/bash") { "bash" } else { "sh" };
    let line = format!("{shell} '{}' start >&2; {command}", script.display());
    let output = Command::new("unshare").args(["-n", "sh", "-c", &line]).output();
    let output = output.map_err(|error| error.to_string())?;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(|error| error.to_string());
    if output.status.success() { text(output.stdout) } else { Err(text(output.stderr)?) }
}

fn scripts() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/same/script");
    let entries = fs::read_dir(folder).expect("the fixtures are there");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

fn can_run() -> bool {
    let line = "iptables -F && ip6tables -F && ipset list && nft list ruleset && bash -c :";
    let output = Command::new("unshare").args(["-n", "sh", "-c", line]).output();
    output.is_ok_and(|output| output.status.success())
}

#[test]
fn a_script_is_equal_to_what_it_loads() {
    if !can_run() {
        assert!(env::var_os("FWLINT_REQUIRE_LOADERS").is_none(), "scripts cannot run here");
        eprintln!("SKIPPED: no script can run in `unshare -n` here");
        return;
    }
    let mut rules = 0;
    for path in scripts() {
        let name = path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        let text = fs::read_to_string(&path).expect("the fixture can be read");
        let script = ruleset(&[(&text, Dialect::Script)]);
        let open: Vec<_> = script.opaques.iter().map(|it| &it.text).collect();
        let loaded = if name.starts_with("nft") {
            let listed = after(&path, "nft list ruleset").expect("the script runs");
            ruleset(&[(&listed, Dialect::Nft)])
        } else {
            let saved = |program| after(&path, program).expect("the script runs");
            let (four, six) = (saved("iptables-save"), saved("ip6tables-save"));
            let both = [(four.as_str(), Dialect::Iptables), (six.as_str(), Dialect::Ip6tables)];
            let sets = if name.starts_with("sets") { saved("ipset save") } else { String::new() };
            let mut given: Vec<_> =
                both.into_iter().filter(|(text, _)| text.contains('*')).collect();
            if !sets.is_empty() {
                given.push((&sets, Dialect::Ipset));
            }
            ruleset(&given)
        };
        assert_eq!(script.rules.len(), loaded.rules.len(), "{name}: {open:?}");
        assert!(script.rules.len() > 5, "{name} loads little");
        rules += script.rules.len();
        let pair = Pair::of(script, loaded, 1);
        let families = diff::compare(&pair, true);
        assert!(!families.is_empty(), "{name}");
        for family in families {
            assert_eq!(family.equivalent(), Some(true), "{name}: {:#?}", family.differences);
        }
    }
    eprintln!("{rules} rules of scripts are those that the loaders print");
}
