//! The files that the benchmark measures with are what it says they are, and have one answer.

#![expect(clippy::print_stderr, reason = "skips are said aloud")]

#[path = "../benches/check/generate/mod.rs"]
mod generate;

use fwlint::{
    commands::{self, Outcome},
    lints::Finding,
    settings::{Settings, Severity},
    source::{
        SourceFile,
        input::{Input, Inputs, Origin},
    },
};
use std::{env, fs, process::Command};

fn outcome(text: &str) -> Outcome {
    let source = SourceFile::new("rules.v4", text.as_bytes().to_vec());
    let files = vec![Input { source, origin: Origin::Named }];
    commands::check(Inputs { files, ..Inputs::default() }, None, &Settings::default())
}

fn line(outcome: &Outcome, finding: &Finding) -> u32 {
    outcome.files[0].source.position(finding.primary.place.span.start).line
}

/// What the findings say, with their lines.
fn answer(outcome: &Outcome) -> Vec<(u32, &'static str, &str)> {
    let findings = outcome.findings.iter();
    findings.map(|it| (line(outcome, it), it.lint.code, it.message.en.as_str())).collect()
}

#[test]
fn a_file_has_as_many_rules_as_were_asked_for_and_is_the_same_again() {
    for count in [30, 1_000, 10_000] {
        let text = generate::grown(count, 1);
        assert_eq!(text.lines().filter(|line| line.starts_with("-A ")).count(), count);
        assert_eq!(text, generate::grown(count, 1));
    }
    assert_ne!(generate::grown(100, 1), generate::grown(100, 2));
}

#[test]
fn a_file_is_analysed_whole_and_has_one_answer() {
    for seed in 1..=3 {
        let text = generate::grown(1_000, seed);
        let (first, second) = (outcome(&text), outcome(&text));
        assert!(first.complete());
        assert_eq!(answer(&first), answer(&second));
        let last = u32::try_from(text.lines().count() - 1).expect("a short file");
        let telnet = |finding: &&Finding| finding.services.iter().any(|it| it.port == Some(23));
        let found: Vec<_> = first.findings.iter().filter(telnet).collect();
        let [finding] = &found[..] else { panic!("seed {seed}: {found:?}") };
        assert_eq!((line(&first, finding), finding.severity), (last, Severity::Error));
    }
}

#[test]
fn the_other_shapes_have_as_many_rules_and_are_analysed_whole() {
    type Make = fn(usize) -> String;
    let made: [(&str, Make); 4] = [
        ("mixed", generate::mixed),
        ("blocklist", generate::blocklist),
        ("five tuples", generate::five_tuples),
        ("nest", generate::nest),
    ];
    for (name, make) in made {
        let text = make(1_100);
        let rules = text.lines().filter(|line| line.starts_with("-A ")).count();
        assert!((1_095..=1_102).contains(&rules), "{name}: {rules} rules");
        assert_eq!(text, make(1_100));
        assert!(outcome(&text).complete(), "{name}");
    }
    let (old, new) = (generate::mixed(1_000), generate::changed(&generate::mixed(1_000)));
    let changed = old.lines().zip(new.lines()).filter(|(old, new)| old != new).count();
    assert!((9..=11).contains(&changed), "{changed} lines changed");
}

#[test]
fn both_variants_of_the_loader_take_it() {
    let folder = tempfile::tempdir().expect("a directory for the test");
    let test = |variant: &str, text: &str| {
        let path = folder.path().join("rules.v4");
        fs::write(&path, text).expect("written");
        let loader = format!("iptables-{variant}-restore");
        let mut command = Command::new("unshare");
        command.args(["-n", &loader, "--test"]).arg(&path);
        command.output().is_ok_and(|output| output.status.success())
    };
    for variant in ["legacy", "nft"] {
        if !test(variant, "*filter\nCOMMIT\n") {
            let required = env::var("FWLINT_REQUIRE_LOADERS").is_ok_and(|value| value == "1");
            assert!(!required, "iptables-{variant}-restore cannot run here");
            eprintln!("SKIPPED: iptables-{variant}-restore cannot run here");
            continue;
        }
        let mixed = generate::mixed(1_000);
        let changed = generate::changed(&mixed);
        let nest = generate::nest(1_000);
        let others = [generate::blocklist(1_000), generate::five_tuples(1_000), nest];
        for text in [generate::grown(1_000, 1), mixed, changed].iter().chain(&others) {
            assert!(test(variant, text), "iptables-{variant}-restore refuses");
        }
    }
}

#[test]
fn nft_takes_its_files() {
    let folder = tempfile::tempdir().expect("a directory for the test");
    let test = |text: &str| {
        let path = folder.path().join("rules.nft");
        fs::write(&path, text).expect("written");
        let output = Command::new("unshare").args(["-n", "nft", "-c", "-f"]).arg(&path).output();
        output.is_ok_and(|output| output.status.success())
    };
    if !test("table ip a {}\n") {
        let required = env::var("FWLINT_REQUIRE_LOADERS").is_ok_and(|value| value == "1");
        assert!(!required, "nft cannot run here");
        eprintln!("SKIPPED: nft cannot run here");
        return;
    }
    assert!(test(&generate::mixed_nft(1_000)), "nft refuses the rules");
    assert!(test(&generate::nft_set(1_000)), "nft refuses the set");
}
