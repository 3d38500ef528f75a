//! What was there already is not reported: by a baseline, or by what a commit holds.

mod process;

use assert_cmd::assert::Assert;
use process::{out, run, tree};
use std::{fs, path::Path, process::Command};

/// Opens the ports to everybody, each in a rule.
fn open(ports: &[u16]) -> String {
    let rule = |port: &u16| format!("-A INPUT -p tcp -m tcp --dport {port} -j ACCEPT\n");
    let rules = ports.iter().map(rule).collect::<Vec<_>>().concat();
    format!(
        "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -i lo -j ACCEPT\n\
         -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n{rules}COMMIT\n"
    )
}

fn json(assert: &Assert) -> serde_json::Value {
    serde_json::from_str(&out(assert).0).expect("JSON")
}

/// The codes that a run reports.
fn codes(here: &Path, line: &str) -> Vec<String> {
    let report = json(&run(here, &format!("-f json {line}")));
    let findings = report["findings"].as_array().expect("a list").iter();
    findings.map(|it| it["code"].as_str().expect("a code").to_owned()).collect()
}

fn write(here: &Path, name: &str, text: &str) {
    fs::write(here.join(name), text).expect("written");
}

#[test]
fn what_a_baseline_holds_is_not_reported_wherever_it_moves() {
    let root = tree(&[("rules.v4", &open(&[22, 23]))]);
    let (_, stderr) = out(&run(root.path(), "baseline create rules.v4").code(0));
    assert_eq!(stderr, "fwlint: fwlint-baseline.json: 2 findings written\n");
    let check = "--baseline fwlint-baseline.json rules.v4";
    run(root.path(), check).code(0);
    let report = json(&run(root.path(), &format!("-f json --show-suppressed {check}")));
    let by = serde_json::json!(
        {"by": "baseline", "reason": null, "path": "fwlint-baseline.json", "line": 4}
    );
    assert_eq!(report["findings"][0]["suppressed"], by);
    assert_eq!(report["findings"][1]["suppressed"]["line"], 5);
    assert_eq!(report["summary"]["suppressed"], 2);
    let moved = format!("# a new line\n\n{}", open(&[23, 3389, 22]));
    write(root.path(), "rules.v4", &moved);
    assert_eq!(codes(root.path(), check), ["FW101"], "3389 is new");
    run(root.path(), check).code(1);
}

#[test]
fn what_is_mended_is_taken_out() {
    let root = tree(&[("a.v4", &open(&[22, 23])), ("b.v4", &open(&[21]))]);
    run(root.path(), "baseline create --baseline b.json .").code(0);
    write(root.path(), "a.v4", &open(&[22]));
    let (_, stderr) = out(&run(root.path(), "baseline prune --baseline b.json b.v4").code(0));
    assert_eq!(stderr, "fwlint: b.json: 0 taken out, 3 left\n", "a.v4 was not looked at");
    let (_, stderr) = out(&run(root.path(), "baseline prune --baseline b.json").code(0));
    assert_eq!(stderr, "fwlint: b.json: 1 taken out, 2 left\n");
    write(root.path(), "a.v4", &open(&[22, 23]));
    assert_eq!(codes(root.path(), "--baseline b.json ."), ["FW104"], "it came back");
    fs::remove_file(root.path().join("b.v4")).expect("it was there");
    let (_, stderr) = out(&run(root.path(), "baseline prune --baseline b.json a.v4").code(0));
    assert_eq!(stderr, "fwlint: b.json: 1 taken out, 1 left\n", "b.v4 is gone");
}

#[test]
fn a_baseline_is_neither_overwritten_nor_made_of_half_a_check() {
    let root = tree(&[("rules.v4", &open(&[22])), ("x.json", "mine")]);
    let (_, stderr) = out(&run(root.path(), "baseline create --baseline x.json .").code(2));
    assert!(stderr.contains("x.json: is there already"), "{stderr}");
    assert_eq!(fs::read_to_string(root.path().join("x.json")).expect("there"), "mine");
    write(root.path(), "broken.v4", "*filter\n-A INPUT --nonsense\nCOMMIT\n");
    run(root.path(), "baseline create --baseline y.json .").code(3);
    assert!(!root.path().join("y.json").exists());
    run(root.path(), "baseline create --baseline nowhere/y.json rules.v4").code(2);
    run(root.path(), "baseline destroy").code(2);
}

#[test]
fn a_baseline_that_is_none_is_2() {
    let root = tree(&[("rules.v4", &open(&[22])), ("x.json", "{}")]);
    for line in ["--baseline x.json rules.v4", "baseline prune --baseline x.json"] {
        let (_, stderr) = out(&run(root.path(), line).code(2));
        assert!(stderr.contains("x.json: not a baseline: missing field"), "{stderr}");
    }
    let (_, stderr) = out(&run(root.path(), "--baseline nope.json rules.v4").code(2));
    assert!(stderr.contains("nope.json: the baseline cannot be read"), "{stderr}");
    let (_, stderr) = out(&run(root.path(), "--lang zh --baseline x.json rules.v4").code(2));
    assert!(stderr.contains("不是基线文件"), "{stderr}");
}

#[test]
fn a_baseline_of_another_project_is_told() {
    let root = tree(&[("a/rules.v4", &open(&[21])), ("b/rules.v4", &open(&[22]))]);
    run(root.path(), "baseline create --baseline a.json a").code(0);
    let (_, stderr) = out(&run(root.path(), "--baseline a.json b").code(1));
    assert!(stderr.contains("a.json: nothing in it matches (1 finding)"), "{stderr}");
    let (_, stderr) = out(&run(root.path(), "--baseline a.json a").code(0));
    assert_eq!(stderr, "");
}

#[test]
fn a_second_rule_of_the_same_words_is_new() {
    let root = tree(&[("a.v4", &open(&[22]))]);
    run(root.path(), "baseline create .").code(0);
    write(root.path(), "b.v4", &open(&[22]));
    assert_eq!(codes(root.path(), "--baseline fwlint-baseline.json a.v4 b.v4"), ["FW101"]);
    assert_eq!(codes(root.path(), "--baseline fwlint-baseline.json b.v4"), [""; 0]);
}

/// A repository with these files in its one commit.
fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tree(files);
    for arguments in [
        &["init", "-q"][..],
        &["add", "-A"],
        &["-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-q", "-m", "x"],
    ] {
        let status = Command::new("git").args(arguments).current_dir(root.path()).status();
        assert!(status.expect("git is here").success());
    }
    root
}

/// The program with git in its way.
fn with_git(here: &Path, line: &str) -> Assert {
    let mut command = process::fwlint(here);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.args(line.split_whitespace()).assert()
}

#[test]
fn only_what_a_commit_does_not_report_is_new() {
    let root = repository(&[("a/rules.v4", &open(&[22])), ("a/fwlint.toml", "")]);
    let line = "-f json --new-since HEAD a";
    assert_eq!(json(&with_git(root.path(), line).code(0))["summary"]["suppressed"], 1);
    write(root.path(), "a/rules.v4", &open(&[23, 22]));
    write(root.path(), "a/new.v4", &open(&[21]));
    let report = json(&with_git(root.path(), line).code(1));
    let found: Vec<_> =
        report["findings"].as_array().expect("a list").iter().map(|it| &it["path"]).collect();
    assert_eq!(found, ["a/new.v4", "a/rules.v4"]);
    let shown = json(&with_git(root.path(), &format!("{line} --show-suppressed")));
    let by = serde_json::json!(
        {"by": "baseline", "reason": "reported at HEAD already", "path": "a/rules.v4", "line": 7}
    );
    let all = shown["findings"].as_array().expect("a list");
    assert!(all.iter().any(|it| it["suppressed"] == by), "{shown}");
    let in_folder = json(&with_git(&root.path().join("a"), "-f json --new-since HEAD rules.v4"));
    assert_eq!(in_folder["findings"].as_array().map(Vec::len), Some(1));
    write(root.path(), "a/fwlint.toml", "[lint.severity]\nFW104 = \"off\"\n");
    let report = json(&with_git(root.path(), "-f json --new-since HEAD a/rules.v4").code(0));
    assert_eq!(report["summary"]["warning"], 0, "the settings are those of today");
}

#[test]
fn a_suppression_that_is_gone_leaves_what_is_new() {
    let silent = open(&[22]).replace("-A INPUT -p", "# fwlint: ignore[FW101] x\n-A INPUT -p");
    let root = repository(&[("rules.v4", &silent)]);
    with_git(root.path(), "--new-since HEAD rules.v4").code(0);
    write(root.path(), "rules.v4", &open(&[22]));
    with_git(root.path(), "--new-since HEAD rules.v4").code(1);
}

#[test]
fn a_commit_that_is_none_is_3() {
    let root = repository(&[("rules.v4", &open(&[22]))]);
    let (_, stderr) = out(&with_git(root.path(), "--new-since nope rules.v4").code(3));
    assert!(stderr.contains("nope: git does not give it"), "{stderr}");
    let bare = tree(&[("rules.v4", &open(&[22]))]);
    with_git(bare.path(), "--new-since HEAD rules.v4").code(3);
}
