//! The files that the benchmark measures with are what it says they are, and have one answer.

#![expect(clippy::print_stderr, reason = "skips are said aloud")]

#[path = "../benches/check/generate.rs"]
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
    for count in [generate::FEWEST, 30, 1_000, 10_000] {
        let text = generate::rules(count, 1);
        assert_eq!(text.lines().filter(|line| line.starts_with("-A ")).count(), count);
        assert_eq!(text, generate::rules(count, 1));
    }
    assert_ne!(generate::rules(100, 1), generate::rules(100, 2));
}

#[test]
fn a_file_is_analysed_whole_and_has_one_answer() {
    for seed in 1..=3 {
        let text = generate::rules(1_000, seed);
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
        assert!(test(variant, &generate::rules(1_000, 1)), "iptables-{variant}-restore refuses");
    }
}
