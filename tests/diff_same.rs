//! One policy written twice is equal: as it was written and as nft lists it, as iptables' rules and as what
//! `iptables-restore-translate` makes of them.

#![expect(clippy::print_stderr, reason = "a skip is said aloud")]

use fwlint::{
    analysis::diff::{self, Pair},
    lower::{self, Input},
    model::Ruleset,
    source::SourceFile,
    syntax::{self, Dialect},
};
use std::{env, fs, path::Path, process::Command};

fn ruleset(text: &str, dialect: Dialect) -> Ruleset {
    let source = SourceFile::new("rules", text.as_bytes().to_vec());
    let parsed = syntax::parse(&source, Some(dialect)).expect("a dialect is given");
    lower::ruleset(&[Input { file: 0, source: &source, parsed: &parsed }])
}

/// What a program prints, run in a network namespace of its own; nothing where it cannot run.
fn printed(script: &str) -> Option<String> {
    let output = Command::new("unshare").args(["-n", "sh", "-c", script]).output().ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).expect("listings are UTF-8"))
}

fn skip(what: &str) -> bool {
    assert!(env::var_os("FWLINT_REQUIRE_LOADERS").is_none(), "{what} cannot run here");
    eprintln!("SKIPPED: {what} cannot run here");
    true
}

fn equal(name: &str, old: Ruleset, new: Ruleset) {
    let pair = Pair::of(old, new, 1);
    let families = diff::compare(&pair, true);
    assert!(!families.is_empty(), "{name}");
    for family in families {
        assert_eq!(family.equivalent(), Some(true), "{name}: {:#?}", family.differences);
    }
}

fn fixture(path: &str) -> (String, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(path);
    let text = fs::read_to_string(&path).expect("the fixture can be read");
    (path.display().to_string(), text)
}

#[test]
fn a_rule_set_is_equal_to_its_listing() {
    for name in ["bogons", "server"] {
        let (path, text) = fixture(&format!("same/nft/{name}.nft"));
        let Some(listed) = printed(&format!("nft -f '{path}' && nft list ruleset")) else {
            assert!(skip("nft"));
            return;
        };
        equal(name, ruleset(&text, Dialect::Nft), ruleset(&listed, Dialect::Nft));
    }
}

#[test]
fn rules_are_equal_to_their_translation() {
    for (name, dialect) in [
        ("docker-host/rules.v4", Dialect::Iptables),
        ("docker-host-legacy/rules.v4", Dialect::Iptables),
        ("home-router/rules.v4", Dialect::Iptables),
        ("home-router/rules.v6", Dialect::Ip6tables),
    ] {
        let (path, text) = fixture(&format!("real/{name}"));
        let program = if dialect == Dialect::Iptables { "iptables" } else { "ip6tables" };
        let script = format!("{program}-restore-translate -f '{path}'");
        let Some(translated) = printed(&script) else {
            assert!(skip(program));
            return;
        };
        equal(name, ruleset(&text, dialect), ruleset(&translated, Dialect::Nft));
    }
}
