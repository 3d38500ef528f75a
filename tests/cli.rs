//! The process: what it exits with, and which stream says what.

mod process;

use process::{fwlint, out, run, tree};
use std::fs;

/// A restore file that nothing is wrong with.
const CLEAN: &str = "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
COMMIT
";

/// Findings are not what is tested here, so they never count.
const CHECK: &str = "check --exit-zero --dialect iptables";

#[test]
fn a_file_that_was_analysed_is_0() {
    let root = tree(&[("rules.v4", CLEAN)]);
    let assert = run(root.path(), &format!("{CHECK} rules.v4")).code(0);
    let (stdout, stderr) = out(&assert);
    assert!(stdout.contains("analysis: complete"), "{stdout}");
    assert_eq!(stderr, "");
}

#[test]
fn check_is_the_default_command_and_options_may_come_first() {
    let root = tree(&[("rules.v4", CLEAN)]);
    run(root.path(), "--exit-zero --dialect iptables rules.v4").code(0);
    run(root.path(), "rules.v4 --dialect iptables -e").code(0);
    run(root.path(), "--lang zh check --dialect iptables -e rules.v4").code(0);
}

#[test]
fn a_missing_file_is_3_and_the_others_are_checked() {
    let root = tree(&[("rules.v4", CLEAN)]);
    let assert = run(root.path(), &format!("{CHECK} nope rules.v4")).code(3);
    let (stdout, stderr) = out(&assert);
    assert!(stderr.contains("fwlint: nope: no such file or directory"), "{stderr}");
    assert!(stdout.contains("analysis: incomplete · 1 file"), "{stdout}");
}

#[test]
fn exit_zero_does_not_hide_what_was_not_analysed() {
    let root = tree(&[]);
    run(root.path(), "check -e --fail-on never nope").code(3);
}

#[test]
fn allow_incomplete_does_and_says_so() {
    let root = tree(&[("rules.v4", CLEAN)]);
    let assert = run(root.path(), &format!("{CHECK} --allow-incomplete nope rules.v4")).code(0);
    assert!(out(&assert).1.contains("which `--allow-incomplete` allows"));
    let assert =
        run(root.path(), &format!("{CHECK} -f json --allow-incomplete nope rules.v4")).code(0);
    let json: serde_json::Value = serde_json::from_str(&out(&assert).0).expect("JSON");
    assert_eq!(json["analysis"]["complete"], false);
    assert_eq!(json["analysis"]["problems"][0]["path"], "nope");
}

#[test]
fn an_empty_directory_is_3_unless_allowed() {
    let root = tree(&[]);
    let assert = run(root.path(), "check").code(3);
    assert!(out(&assert).1.contains("nothing was checked"));
    run(root.path(), "check --allow-empty").code(0);
    run(root.path(), "check -f json --allow-empty .").code(0);
    fwlint(root.path()).env("FWLINT_ALLOW_EMPTY", "1").assert().code(0);
}

#[test]
fn a_named_file_that_is_no_rule_file_is_3() {
    let root = tree(&[("readme.md", "# Not rules\n\nJust words.\n")]);
    let assert = run(root.path(), "check -e readme.md").code(3);
    assert!(out(&assert).1.contains("readme.md: not recognised as a rule file"));
    let assert = run(root.path(), "check -e --allow-empty .").code(0);
    assert!(out(&assert).0.contains("1 other file skipped"));
}

#[test]
fn an_unknown_flag_is_2() {
    let root = tree(&[]);
    let assert = run(root.path(), "check --selct FW1").code(2);
    let (stdout, stderr) = out(&assert);
    assert!(stderr.contains("--select") && stdout.is_empty(), "{stderr}");
    run(root.path(), "check --fail-on sometimes").code(2);
    run(root.path(), "check --max-file-size 1T").code(2);
    run(root.path(), "check --exclude [ .").code(2);
}

#[test]
fn an_unknown_lint_is_2_in_the_environment_too() {
    let root = tree(&[("rules.v4", CLEAN)]);
    let assert = run(root.path(), &format!("{CHECK} --select no-such-lint rules.v4")).code(2);
    assert!(out(&assert).1.contains("no lint has the code or name `no-such-lint`"));
    run(root.path(), &format!("{CHECK} --ignore XY123 rules.v4")).code(2);
    let mut command = fwlint(root.path());
    command.env("FWLINT_SELECT", "XY123").args(["check", "rules.v4"]).assert().code(2);
    run(root.path(), &format!("{CHECK} --select FW rules.v4")).code(0);
}

#[test]
fn usage_wins_over_what_was_not_analysed() {
    let root = tree(&[]);
    run(root.path(), "check --select no-such-lint nope").code(2);
    run(root.path(), "check -o no/such/directory/report.json nope").code(2);
}

#[test]
fn standard_input_is_a_file() {
    let root = tree(&[]);
    let line = "check -e --dialect iptables -f json -";
    let assert = fwlint(root.path()).args(line.split(' ')).write_stdin(CLEAN).assert().code(0);
    let json: serde_json::Value = serde_json::from_str(&out(&assert).0).expect("JSON");
    assert_eq!(json["files"][0]["path"], "-");
    let mut named = fwlint(root.path());
    named.args(line.split(' ')).args(["--stdin-filename", "etc/rules.v4"]).write_stdin(CLEAN);
    let json: serde_json::Value =
        serde_json::from_str(&out(&named.assert().code(0)).0).expect("JSON");
    assert_eq!(json["files"][0]["path"], "etc/rules.v4");
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_3() {
    use std::os::unix::fs::PermissionsExt;
    let root = tree(&[("secret", CLEAN), ("rules.v4", CLEAN)]);
    let secret = root.path().join("secret");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).expect("permissions are set");
    if fs::read(&secret).is_ok() {
        use std::io::Write;
        let mut stderr = std::io::stderr().lock();
        writeln!(stderr, "not tested: root reads every file").expect("standard error is open");
        return;
    }
    let assert = run(root.path(), &format!("{CHECK} secret rules.v4")).code(3);
    assert!(out(&assert).1.contains("secret: cannot be read"));
}

#[test]
fn a_file_above_the_limit_is_3() {
    let root = tree(&[("rules.v4", CLEAN)]);
    let assert = run(root.path(), &format!("{CHECK} --max-file-size 10 rules.v4")).code(3);
    assert!(out(&assert).1.contains("larger than 10 bytes"));
}

#[test]
fn outputs_go_where_they_were_sent() {
    let root = tree(&[("rules.v4", CLEAN)]);
    let assert = run(root.path(), &format!("{CHECK} -o json=a -o b.json -o text=c rules.v4"));
    assert_eq!(out(&assert.code(0)).0, "");
    for name in ["a", "b.json"] {
        let text = fs::read_to_string(root.path().join(name)).expect("it was written");
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
    }
    let text = fs::read_to_string(root.path().join("c")).expect("it was written");
    assert!(text.contains("analysis: complete"));
    run(root.path(), &format!("{CHECK} -o jsn=a rules.v4")).code(2);
}

#[test]
fn the_environment_is_heard_and_the_command_line_louder() {
    let root = tree(&[("rules.v4", CLEAN)]);
    let mut command = fwlint(root.path());
    command.envs([("FWLINT_LANG", "zh"), ("FWLINT_ASCII", "yes"), ("FWLINT_DIALECT", "iptables")]);
    command.env("FWLINT_EXIT_ZERO", "on").arg("rules.v4");
    let (stdout, _) = out(&command.assert().code(0));
    assert!(stdout.contains("完整 - 1 个文件"), "{stdout}");
    let (stdout, _) = out(&command.args(["--lang", "en"]).assert().code(0));
    assert!(stdout.contains("analysis: complete - 1 file"), "{stdout}");
    fwlint(root.path()).env("FWLINT_ASCII", "perhaps").assert().code(2);
}

#[test]
fn a_locale_that_is_not_utf8_gets_ascii() {
    let root = tree(&[("rules.v4", CLEAN)]);
    let mut command = fwlint(root.path());
    command.env("LANG", "C").args(CHECK.split(' ')).arg("rules.v4");
    assert!(out(&command.assert().code(0)).0.is_ascii());
}

#[test]
fn a_pipe_gets_no_colour_unless_it_asks() {
    let root = tree(&[("rules.v4", CLEAN)]);
    let plain = out(&run(root.path(), &format!("{CHECK} rules.v4"))).0;
    assert!(!plain.contains('\u{1b}'));
    let painted = out(&run(root.path(), &format!("{CHECK} --color always rules.v4"))).0;
    assert!(painted.contains('\u{1b}'));
    let mut forced = fwlint(root.path());
    forced.env("FORCE_COLOR", "1").args(CHECK.split(' ')).arg("rules.v4");
    assert!(out(&forced.assert()).0.contains('\u{1b}'));
    assert!(!out(&forced.env("NO_COLOR", "1").assert()).0.contains('\u{1b}'));
}

#[test]
fn quiet_says_findings_and_nothing_else() {
    let root = tree(&[("rules.v4", CLEAN)]);
    let (stdout, _) = out(&run(root.path(), &format!("{CHECK} -q rules.v4")).code(0));
    assert!(!stdout.contains("analysis"));
}

#[test]
fn show_files_lists_what_would_be_checked() {
    let root = tree(&[("b/rules.v4", CLEAN), ("a.v4", CLEAN)]);
    let line = "check --dialect iptables --show-files b/rules.v4 a.v4 ./a.v4";
    let (stdout, _) = out(&run(root.path(), line).code(0));
    assert_eq!(stdout, "a.v4\nb/rules.v4\n");
}

#[test]
fn threads_change_nothing() {
    let root = tree(&[("rules.v4", CLEAN)]);
    let one = out(&run(root.path(), &format!("{CHECK} -j 1 rules.v4")).code(0));
    assert_eq!(one, out(&run(root.path(), &format!("{CHECK} -j 8 rules.v4")).code(0)));
}

#[test]
fn help_and_version_go_to_standard_output() {
    let root = tree(&[]);
    for line in ["-h", "--help", "check -h", "check --help", "--version", "explain --help"] {
        let (stdout, stderr) = out(&run(root.path(), line).code(0));
        assert!(stdout.contains("fwlint") && stderr.is_empty(), "{line}");
    }
    let (long, _) = out(&run(root.path(), "--help").code(0));
    assert!(long.contains("Examples:") && long.contains("Exit codes:"));
}

#[test]
fn explain_of_nothing_known_is_2() {
    let root = tree(&[]);
    let assert = run(root.path(), "explain no-such-thing-at-all").code(2);
    assert!(out(&assert).1.contains("no lint and no service is called so"));
}

#[test]
fn listings_are_json() {
    let root = tree(&[]);
    for (line, key) in [("lints --format json", "lints"), ("ports --format json", "services")] {
        let (stdout, _) = out(&run(root.path(), line).code(0));
        let json: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
        assert!(json["schema_version"] == 1 && json[key].is_array(), "{line}");
    }
}

#[test]
fn a_review_is_0_whatever_is_open_and_3_as_check() {
    let open = CLEAN.replace("COMMIT", "-A INPUT -p tcp --dport 23 -j ACCEPT\nCOMMIT");
    let broken = CLEAN.replace("-i lo", "-i");
    let files = [("a/rules.v4", open.as_str()), ("b/rules.v4", CLEAN), ("c/broken.v4", &broken)];
    let root = tree(&files);
    let assert = run(root.path(), "review a b").code(0);
    let (stdout, stderr) = out(&assert);
    assert!(stdout.contains("tcp/23 telnet  OPEN  -     input  rules.v4:7"), "{stdout}");
    let titles = stdout.lines().filter(|line| line.contains("analysis: complete")).count();
    assert_eq!((titles, stderr.as_str()), (2, ""), "a section for each host: {stdout}");
    let assert = run(root.path(), "review c").code(3);
    assert!(out(&assert).1.contains("fwlint: review: not everything was analysed"));
    run(root.path(), "review --allow-incomplete c").code(0);
    let assert = run(root.path(), "review nope").code(3);
    assert!(out(&assert).1.contains("fwlint: nope: no such file or directory"));
    run(root.path(), "review -f html a").code(2);
    run(root.path(), "review -o jsn=x a").code(2);
    run(root.path(), "review --exclude b,c").code(0);
}

#[test]
fn reviews_go_where_they_were_sent() {
    let root = tree(&[("rules.v4", CLEAN)]);
    let assert = run(root.path(), "review -o a.json -o b.csv -o c.md -o text=- rules.v4").code(0);
    assert!(out(&assert).0.contains("Nothing is open"));
    let read = |name: &str| fs::read_to_string(root.path().join(name)).expect("it was written");
    let json: serde_json::Value = serde_json::from_str(&read("a.json")).expect("JSON");
    assert_eq!(json["schema_version"], 1);
    assert!(read("b.csv").starts_with("host,family,transport,"));
    assert!(read("c.md").starts_with("## rules.v4\n"));
    let mut command = fwlint(root.path());
    let assert = command.args(["review", "-f", "json", "-"]).write_stdin(CLEAN).assert().code(0);
    let piped: serde_json::Value = serde_json::from_str(&out(&assert).0).expect("JSON");
    assert_eq!(piped["hosts"][0]["name"], "-");
    assert_eq!(piped["input_sha256"], json["input_sha256"]);
}

#[test]
fn completions_are_printed_for_every_shell() {
    let root = tree(&[]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (stdout, _) = out(&run(root.path(), &format!("completions {shell}")).code(0));
        assert!(stdout.contains("fwlint"), "{shell}");
    }
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_error() {
    use std::process::Stdio;
    let root = tree(&[]);
    let program = assert_cmd::cargo::cargo_bin("fwlint");
    let mut child = std::process::Command::new(program)
        .args(["completions", "bash"])
        .current_dir(root.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}

#[test]
fn counters_matter_only_where_they_are_committed() {
    let counted = "*filter\n:INPUT DROP [12:720]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n";
    let reported = |files: &[(&str, &str)]| {
        let root = tree(files);
        out(&run(root.path(), "--select FW707 --format concise hosts/rules.v4")).0.contains("FW707")
    };
    assert!(reported(&[("hosts/rules.v4", counted), (".git/HEAD", "ref: refs/heads/main\n")]));
    assert!(!reported(&[("hosts/rules.v4", counted)]));
}

#[test]
fn a_dump_is_stale_only_where_it_is_loaded_at_boot() {
    let dump = "# Generated by iptables-save v1.8.9\n*filter\n:INPUT DROP [0:0]\n:f2b-sshd - [0:0]\n\
                -A INPUT -j f2b-sshd\n-A f2b-sshd -s 192.0.2.7/32 -j DROP\nCOMMIT\n";
    let written = dump.split_once('\n').expect("it has lines").1;
    for (name, text, expected) in [
        ("captured/rules.v4", dump, false),
        ("web1/etc/iptables/rules.v4", dump, true),
        ("iptables/rules.v4", dump, true),
        ("captured/rules.v4", written, true),
        ("captured/notes.v4", written, false),
    ] {
        let root = tree(&[(name, text)]);
        let (found, _) = out(&run(root.path(), &format!("--select FW413 -f concise {name}")));
        assert_eq!(found.contains("FW413"), expected, "{name}: {found}");
    }
}
