//! One policy written twice is equal: as it was written and as nft lists it, as iptables' rules and as what
//! `iptables-restore-translate` makes of them.

#![expect(clippy::print_stderr, reason = "a skip is said aloud")]

mod manifest;

use fwlint::{
    analysis::diff::{self, Changes, Pair},
    commands::{self, Plan},
    lower::{self, Input},
    model::Ruleset,
    settings::Settings,
    source::{
        SourceFile,
        input::{Input as File, Inputs, Origin},
    },
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

fn inputs(text: &[u8]) -> Inputs {
    let source = SourceFile::new("rules", text.to_vec());
    Inputs { files: vec![File { source, origin: Origin::Named }], ..Inputs::default() }
}

#[test]
fn every_file_is_equal_to_itself() {
    let Some(corpus) = manifest::corpus() else { return };
    let mut problems = Vec::new();
    let mut compared = 0;
    for row in manifest::rows(&corpus).iter().filter(|row| row.valid == "yes") {
        let dialect = match row.dialect.as_str() {
            "iptables-save" => Dialect::Iptables,
            "ip6tables-save" => Dialect::Ip6tables,
            "nft" => Dialect::Nft,
            _ => continue,
        };
        let text = fs::read(corpus.join(&row.out)).expect("a listed file");
        let it = commands::diff::diff(
            [inputs(&text), inputs(&text)],
            Some(dialect),
            true,
            &Plan::of(Settings::default()),
        );
        if it.empty || !it.complete() {
            continue;
        }
        compared += 1;
        let changes: Vec<_> = it.hosts.iter().map(|host| host.changes).collect();
        if it.equivalent() != Some(true) || changes.iter().any(|it| *it != [0; 3]) {
            problems.push(format!("{} ({}): {:?} {changes:?}", row.out, row.note, it.equivalent()));
        }
    }
    assert!(compared > 500, "only {compared} files were compared");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn rules_that_no_ip_packet_passes_are_equal_where_they_say_the_same() {
    let text = |address: &str| {
        format!(
            "table bridge b {{\n\tchain c {{\n\t\ttype filter hook forward priority 0;\n\t\tip saddr {address} drop\n\t}}\n}}\n"
        )
    };
    let of = |new: &str| {
        let [old, new] = [text("10.0.0.0/8"), text(new)];
        let sides = [&old, &new].map(|it| inputs(it.as_bytes()));
        let plan = Plan::of(Settings::default());
        commands::diff::diff(sides, Some(Dialect::Nft), true, &plan).equivalent()
    };
    assert_eq!(of("10.0.0.0/8"), Some(true));
    assert_eq!(of("10.9.9.9/8"), Some(true), "the same network");
    assert_eq!(of("11.0.0.0/8"), None);
}

#[test]
fn what_rules_ask_anew_is_the_same_question_whichever_is_met_first() {
    let text = |more: &str| {
        format!(
            "table ip t {{
	chain c {{
		type filter hook forward priority 0; policy accept;{more}
		ct bytes < 937500 ip dscp < cs4 drop
	}}
}}
"
        )
    };
    let changes = |more: &str| {
        let of = |text: &str| ruleset(text, Dialect::Nft);
        let pair = Pair::of(of(&text("")), of(&text(more)), 1);
        diff::compare(&pair, true).into_iter().map(|it| it.changes).collect::<Vec<_>>()
    };
    assert_eq!(changes(""), [Changes::default()]);
    let added = Changes { added: 1, ..Changes::default() };
    assert_eq!(changes("\n\t\tip daddr 192.0.2.1 drop"), [added]);
}
