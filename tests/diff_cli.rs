//! `fwlint diff` as a process: what it exits with, what it reads from git, and what it never calls the same.

use assert_cmd::Command;
use serde_json::Value;
use std::{fs, path::Path, process};
use tempfile::TempDir;

const OLD: &str = "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
-A INPUT -p tcp --dport 22 -j ACCEPT
COMMIT
";

/// The old rules with one more, before `COMMIT`.
fn with(rule: &str) -> String {
    OLD.replace("COMMIT", &format!("{rule}\nCOMMIT"))
}

fn without_ssh() -> String {
    OLD.replace("-A INPUT -p tcp --dport 22 -j ACCEPT\n", "")
}

fn tree(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().expect("a directory for the test");
    for (name, text) in files {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().expect("below the root")).expect("made");
        fs::write(path, text).expect("written");
    }
    root
}

/// The exit code, standard output and standard error.
fn run(here: &Path, line: &str) -> (i32, String, String) {
    let mut command = Command::cargo_bin("fwlint").expect("the program is built");
    command.current_dir(here).env_clear().env("LANG", "C.UTF-8");
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    let output = command.arg("diff").args(line.split_whitespace()).output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("reports are UTF-8");
    (output.status.code().expect("it ends"), text(output.stdout), text(output.stderr))
}

fn json(here: &Path, line: &str) -> (i32, Value) {
    let (code, out, error) = run(here, &format!("-f json {line}"));
    (code, serde_json::from_str(&out).unwrap_or_else(|_| panic!("{line}: {out}{error}")))
}

fn count(report: &Value, list: &str) -> usize {
    report[list].as_array().map_or(0, Vec::len)
}

#[test]
fn the_gate_is_what_was_asked_for() {
    let (open, closed) = (with("-A INPUT -p tcp --dport 8443 -j ACCEPT"), without_ssh());
    let set = with("-A INPUT -m set --match-set friends src -p tcp --dport 25 -j ACCEPT");
    let here = tree(&[("old", OLD), ("open", &open), ("closed", &closed), ("set", &set)]);
    for (new, gate, code) in [
        ("open", "never", 0),
        ("open", "widened", 1),
        ("open", "any", 1),
        ("closed", "never", 0),
        ("closed", "widened", 0),
        ("closed", "any", 1),
        ("set", "widened", 1),
        ("old", "any", 0),
    ] {
        for format in ["text", "json", "csv", "markdown"] {
            let line = format!("old {new} --fail-on {gate} -f {format}");
            let (got, out, _) = run(here.path(), &line);
            assert_eq!(got, code, "{line}\n{out}");
            assert_eq!(run(here.path(), &line).1, out, "two runs give the same bytes");
        }
    }
    assert_eq!(run(here.path(), "old open").0, 0, "the gate is never by default");
}

#[test]
fn json_says_what_was_compared_and_what_differs() {
    let new = with("-A INPUT -s 10.0.0.0/8 -p tcp --dport 79 -j ACCEPT");
    let here = tree(&[("old.v4", OLD), ("new.v4", &new)]);
    let (_, report) = json(here.path(), "old.v4 new.v4");
    assert_eq!(report["schema_version"], 1);
    assert_eq!((&report["equivalent"], &report["complete"]), (&false.into(), &true.into()));
    assert_eq!(report["scope"]["families"], serde_json::json!(["ipv4"]));
    assert_eq!(
        (&report["scope"]["nat"], &report["scope"]["output"]),
        (&true.into(), &false.into())
    );
    let [entry] = &report["widened"].as_array().expect("a list")[..] else { panic!("{report}") };
    for (key, value) in [
        ("family", serde_json::json!("ipv4")),
        ("transport", "tcp".into()),
        ("ports", serde_json::json!([79, 79])),
        ("path", "input".into()),
        ("sources", serde_json::json!(["10.0.0.0/8"])),
        ("source_class", "private".into()),
        ("interfaces", serde_json::json!(["any"])),
        ("before", "closed".into()),
        ("after", "open".into()),
        ("rule", serde_json::json!({"path": "new.v4", "line": 8, "kind": "rule"})),
        ("old_rule", serde_json::json!({"path": "old.v4", "line": 2, "kind": "policy"})),
        ("witness", "tcp 10.0.0.7:40000 -> host:79 in eth0".into()),
    ] {
        assert_eq!(entry[key], value, "{key}");
    }
    assert_eq!(entry["services"][0]["name"], "finger");
    for list in ["narrowed", "maybe_widened", "other", "policies", "lockout"] {
        assert_eq!(count(&report, list), 0, "{list}");
    }
    let (_, report) = json(here.path(), "old.v4 old.v4");
    assert_eq!(report["equivalent"], true);
    let (_, report) = json(here.path(), "--outgoing old.v4 old.v4");
    assert_eq!(report["scope"]["output"], true);
}

#[test]
fn who_loses_ssh_is_told() {
    let here = tree(&[("old", OLD), ("new", &without_ssh())]);
    let (_, report) = json(here.path(), "old new");
    assert_eq!(count(&report, "lockout"), 1);
    let cut = OLD.replace("ESTABLISHED,RELATED", "RELATED");
    let here = tree(&[("old", OLD), ("new", &cut)]);
    let (_, report) = json(here.path(), "old new");
    assert!(report["lockout"].to_string().contains("established"), "{report}");
    assert_eq!(count(&report, "narrowed"), 0, "they begin no flow");
}

#[test]
fn what_cannot_be_read_is_never_the_same() {
    let broken = OLD.replace("--dport 22", "--dport twenty-two");
    let template = OLD.replace("22", "{{ port }}");
    let here =
        tree(&[("old/rules.v4", OLD), ("new/rules.v4", &broken), ("t/rules.v4.j2", &template)]);
    for new in ["new/rules.v4", "t/rules.v4.j2", "nothing"] {
        let (code, report) = json(here.path(), &format!("old/rules.v4 {new}"));
        assert_eq!(code, 3, "{new}");
        assert_ne!(report["equivalent"], true, "{new}");
        assert_eq!(report["complete"], false, "{new}");
        assert!(count(&report, "maybe_widened") > 0, "{new}: {report}");
        let line = format!("--allow-incomplete --fail-on widened old/rules.v4 {new}");
        assert_eq!(run(here.path(), &line).0, 1, "{new}");
        let (_, out, _) = run(here.path(), &format!("old/rules.v4 {new}"));
        assert!(!out.contains("EQUIVALENT for all"), "{out}");
    }
    let (code, report) = json(here.path(), "new/rules.v4 old/rules.v4");
    assert_eq!((code, &report["complete"]), (3, &false.into()));
}

#[test]
fn a_file_that_goes_is_widened_to_maybe() {
    let here = tree(&[("a/x.v4", OLD), ("a/y.v4", OLD), ("b/x.v4", OLD)]);
    let (code, report) = json(here.path(), "--fail-on widened a b");
    assert_eq!(code, 1);
    assert_eq!(report["equivalent"], Value::Null);
    assert_eq!(report["maybe_widened"][0]["host"], "a/y.v4");
    let (code, report) = json(here.path(), "--fail-on widened b a");
    assert_eq!(
        (code, &report["equivalent"]),
        (0, &Value::Null),
        "a new file is compared with nothing"
    );
}

#[test]
fn what_it_is_compared_modulo_is_said() {
    let new = with(
        "-A INPUT -m limit --limit 5/min -j LOG\n\
         -A INPUT -p tcp --dport 25 -m ttl --ttl-gt 3 -j REJECT",
    );
    let here = tree(&[("old", &new), ("new", &new)]);
    let (code, out, _) = run(here.path(), "old new");
    assert_eq!(code, 0);
    for word in ["EQUIVALENT for all IPv4 packets", "modulo: ", "log lines", "ttl", "refused"] {
        assert!(out.contains(word), "{word}: {out}");
    }
    let (_, out, _) = run(here.path(), "--lang zh old new");
    assert!(out.contains("等价") && out.contains("未比较："), "{out}");
}

#[test]
fn one_host_in_two_files_may_become_one_file() {
    let nft = "table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n\
        \t\tiifname \"lo\" accept\n\t\tct state { established, related } accept\n\
        \t\ttcp dport 22 accept\n\t}\n\tchain forward {\n\
        \t\ttype filter hook forward priority filter; policy drop;\n\t}\n}\n";
    let here = tree(&[("old/rules.v4", OLD), ("old/rules.v6", OLD), ("new/nftables.conf", nft)]);
    let (code, report) = json(here.path(), "old new --fail-on any");
    assert_eq!((code, &report["equivalent"]), (0, &true.into()), "{report}");
    assert_eq!(report["scope"]["families"], serde_json::json!(["ipv4", "ipv6"]));
}

#[test]
fn a_comparison_that_is_not_finished_is_no_proof_and_fails_the_gate() {
    let mut rules = String::new();
    for number in 0..6_000_u32 {
        let (a, b) = (number / 250 + 1, number % 250 + 1);
        let verdict = if number % 2 == 0 { "ACCEPT" } else { "DROP" };
        let (from, to) = (1_000 + number % 977, 2_000 + number % 1_013);
        let rule = format!("-s 10.7.{a}.{b}/32 -d 192.0.2.{b} -p tcp --sport {from} --dport {to}");
        rules.extend(["-A INPUT ", &rule, " -j ", verdict, "\n"]);
    }
    let old = with(rules.trim_end());
    let new = old.replace(":INPUT DROP", ":INPUT ACCEPT");
    let here = tree(&[("old", &old), ("new", &new)]);
    let (code, report) = json(here.path(), "old new");
    assert_eq!((code, &report["complete"]), (3, &false.into()));
    assert_ne!(report["equivalent"], true);
    assert_eq!(report["policies"][0]["after"], "accept");
    assert!(count(&report, "maybe_widened") > 0);
    let (code, _) = json(here.path(), "--allow-incomplete --fail-on widened old new");
    assert_eq!(code, 1);
}

#[test]
fn a_command_line_that_cannot_be_followed_is_2() {
    let here = tree(&[("old", OLD)]);
    for line in ["old", "old old old", "--fail-on much old old"] {
        let (code, _, error) = run(here.path(), line);
        assert_eq!(code, 2, "{line}");
        assert!(!error.is_empty(), "{line}");
    }
    let (code, out, error) = run(here.path(), "--git nowhere old");
    assert_eq!((code, out.as_str()), (3, ""), "a commit that is not there is no clean answer");
    assert!(error.contains("nowhere"), "{error}");
}

fn git(here: &Path, line: &str) {
    let status = process::Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"])
        .args(line.split_whitespace())
        .current_dir(here)
        .output()
        .expect("git is there");
    assert!(status.status.success(), "{line}: {status:?}");
}

#[test]
fn a_commit_is_compared_with_what_lies_here() {
    let rules = "include \"ports.nft\"\ntable ip t {\n\tchain i {\n\
        \t\ttype filter hook input priority 0; policy drop;\n\t\ttcp dport $open accept\n\t}\n}\n";
    let here = tree(&[
        ("hosts/a/nftables.conf", rules),
        ("hosts/a/ports.nft", "define open = { 22 }\n"),
        ("hosts/b/rules.v4", OLD),
        ("hosts/gone.v4", OLD),
    ]);
    let root = here.path();
    git(root, "init -q -b main");
    git(root, "add .");
    git(root, "commit -q -m first");
    let (code, report) = json(root, "--git main --fail-on any");
    assert_eq!((code, &report["equivalent"]), (0, &true.into()), "{report}");

    fs::write(root.join("hosts/a/ports.nft"), "define open = { 22, 8080 }\n").expect("written");
    fs::write(root.join("hosts/new.v4"), OLD).expect("written");
    let (code, report) = json(root, "--git main --fail-on widened");
    assert_eq!(code, 1);
    let [entry] = &report["widened"].as_array().expect("a list")[..] else { panic!("{report}") };
    assert_eq!(entry["host"], "hosts/a/nftables.conf");
    assert_eq!(entry["ports"], serde_json::json!([8080, 8080]));
    assert_eq!(entry["old_rule"]["path"], "hosts/a/nftables.conf");

    fs::remove_file(root.join("hosts/gone.v4")).expect("removed");
    fs::remove_file(root.join("hosts/new.v4")).expect("removed");
    let (_, report) = json(root, "--git main");
    assert_eq!(report["maybe_widened"][0]["host"], "hosts/gone.v4", "{report}");
    let (code, report) = json(root, "--git main hosts/gone.v4");
    assert_eq!((code, count(&report, "maybe_widened")), (3, 1), "{report}");

    // From a folder below, and by name.
    let (_, report) = json(&root.join("hosts/a"), "--git HEAD nftables.conf");
    assert_eq!(report["widened"][0]["host"], "nftables.conf", "{report}");

    // Nothing of the user's is touched, and nothing is left behind.
    let status =
        process::Command::new("git").args(["status", "--porcelain"]).current_dir(root).output();
    let status = String::from_utf8(status.expect("it runs").stdout).expect("names are ASCII");
    assert_eq!(status, " M hosts/a/ports.nft\n D hosts/gone.v4\n");
}
