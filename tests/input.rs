//! Bad input: whatever a file holds, the program says what is wrong with it, ends with the right code, and soon.

use assert_cmd::{Command, assert::Assert};
use std::{fmt::Write as _, fs, path::Path};
use tempfile::TempDir;

/// Chains that let nothing in.
const CHAINS: &str = "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n";

/// How much larger input is in an optimised build.
const SCALE: usize = if cfg!(debug_assertions) { 1 } else { 5 };

fn fwlint(here: &Path) -> Command {
    let mut command = Command::cargo_bin("fwlint").expect("the program is built");
    command.current_dir(here).env_clear().env("LANG", "C.UTF-8").args(["check", "-f", "concise"]);
    // What else a file may be blamed for is not tested here.
    command.args(["--select", "FW0,FW211,FW4"]);
    command
}

fn folder(name: &str, content: &[u8]) -> TempDir {
    let root = tempfile::tempdir().expect("a directory for the test");
    fs::write(root.path().join(name), content).expect("written");
    root
}

/// Checks a file `rules.v4` of that content.
fn check(content: impl AsRef<[u8]>) -> Assert {
    let root = folder("rules.v4", content.as_ref());
    fwlint(root.path()).arg("rules.v4").assert()
}

fn out(assert: &Assert) -> (String, String) {
    let output = assert.get_output();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// The exit code, the first lines of standard output, and that the incomplete is said on standard error.
fn says(assert: Assert, code: i32, lines: &[&str]) {
    let assert = assert.code(code);
    let (stdout, stderr) = out(&assert);
    let found: Vec<&str> = stdout.lines().take(lines.len()).collect();
    assert_eq!(found, lines, "{stdout}{stderr}");
    assert_eq!(stderr.contains("not everything was analysed"), code == 3, "{stderr}");
}

#[test]
fn an_empty_file_of_no_known_name_is_not_recognised() {
    let root = folder("notes", b"");
    let assert = fwlint(root.path()).arg("notes").assert().code(3);
    let (stdout, stderr) = out(&assert);
    assert_eq!(stdout, "");
    assert!(stderr.contains("notes: not recognised as a rule file"), "{stderr}");
    assert!(stderr.contains("nothing was checked"), "{stderr}");
}

#[test]
fn an_empty_rule_file_is_loaded_and_says_nothing() {
    // FIXME: the loader takes it, but nothing was looked at: it should be 3 unless `--allow-empty` is given.
    says(check(""), 0, &[]);
}

#[test]
fn binary_data_is_named_as_such() {
    let mut bytes = b"\x7fELF".to_vec();
    bytes.resize(100_000, 0);
    says(check(bytes), 3, &["rules.v4:1:1: error[FW000] binary data where text should be"]);
}

#[test]
fn a_nul_byte_costs_its_line() {
    let text = format!("{CHAINS}-A INPUT -s 192.0.2.1\0 -j ACCEPT\n-A INPUT -j NOPE\nCOMMIT\n");
    says(
        check(text),
        3,
        &[
            "rules.v4:5:22: error[FW000] binary data where text should be",
            "rules.v4:6:13: error[FW412] no chain of table `filter` and no target is called `NOPE`",
        ],
    );
}

#[test]
fn a_line_without_end_is_one_finding() {
    let length = 20_000_000 * SCALE;
    let comment = "x".repeat(length);
    let text = format!("{CHAINS}-A INPUT -m comment --comment {comment} -j ACCEPT\nCOMMIT\n");
    let said = format!("rules.v4:5:10240: error[FW415] the line is {} bytes long", length + 40);
    says(check(text), 3, &[&said]);
}

#[test]
fn millions_of_lines_are_read() {
    let comments = "#\n".repeat(2_000_000 * SCALE);
    says(
        check(format!("{CHAINS}{comments}-A INPUT -j NOPE\nCOMMIT\n")),
        1,
        &[&format!(
            "rules.v4:{}:13: error[FW412] no chain of table `filter` and no target is called `NOPE`",
            2_000_000 * SCALE + 5
        )],
    );
}

/// The peak is asked of the kernel while the program runs: it only ever grows.
#[test]
#[cfg(target_os = "linux")]
fn memory_stays_within_twenty_times_the_file() {
    let mut text = CHAINS.to_owned();
    for number in 0..150_000 * SCALE {
        writeln!(text, "-A INPUT -i lo -m comment --comment rule{number} -j ACCEPT")
            .expect("memory");
    }
    text.push_str("-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT\nCOMMIT\n");
    let root = folder("rules.v4", text.as_bytes());
    let program = assert_cmd::cargo::cargo_bin("fwlint");
    let mut child = std::process::Command::new(program)
        .args(["check", "-q", "--select", "FW0", "rules.v4"])
        .current_dir(root.path())
        .spawn()
        .expect("the program starts");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let code = loop {
        let line = fs::read_to_string(&status).unwrap_or_default();
        let line = line.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|it| it.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(kilobytes.unwrap_or(0_usize));
        if let Some(code) = child.try_wait().expect("a child") {
            break code;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    };
    assert_eq!(code.code(), Some(0));
    assert!(peak > 0, "the kernel says how much memory a process had");
    assert!(peak * 1024 < text.len() * 20, "{peak} kB for {} bytes", text.len());
}

#[test]
fn rules_that_are_too_many_to_follow_are_not_passed_over_in_silence() {
    let mut text = CHAINS.to_owned();
    for port in 1..40_000_u16 {
        let [c, d] = port.to_be_bytes();
        writeln!(text, "-A INPUT -s 10.0.{c}.{d}/32 -p tcp --sport {port} -j DROP")
            .expect("memory");
    }
    text.push_str("-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT\nCOMMIT\n");
    let said =
        "rules.v4:1:2: warning[FW000] too many different conditions to follow every IPv4 packet";
    says(check(text), 3, &[said]);
}

#[test]
fn bytes_that_are_not_utf8_are_no_error_in_a_comment() {
    let mut bytes = CHAINS.as_bytes().to_vec();
    bytes.extend(b"# Gr\xfc\xdfe\n-A INPUT -i lo -m comment --comment \"Gr\xfc\xdfe\" -j ACCEPT\n");
    bytes.extend(b"-A INPUT -j Gr\xfc\xdfe\nCOMMIT\n");
    says(
        check(bytes),
        1,
        &["rules.v4:7:13: error[FW412] no chain of table `filter` is called `Gr\u{fffd}\u{fffd}e`"],
    );
}

#[test]
fn carriage_returns_are_one_finding_a_file() {
    let text = format!("{CHAINS}-A INPUT -i lo -j ACCEPT\nCOMMIT\n").replace('\n', "\r\n");
    let assert = check(text);
    assert_eq!(out(&assert).0.lines().count(), 1);
    let said = "rules.v4:1:8: error[FW406] lines end in CR LF, and the loader takes the CR for a part of the last word";
    says(assert, 3, &[said]);
}

#[test]
fn a_missing_commit_is_said_at_the_table() {
    let said =
        "rules.v4:1:1: error[FW405] table `*filter` has no `COMMIT`, so nothing of it is loaded";
    says(check(format!("{CHAINS}-A INPUT -i lo -j ACCEPT\n")), 3, &[said]);
}

#[test]
fn text_before_the_first_table_is_outside_it() {
    let said = "rules.v4:1:1: error[FW000] `Here are my rules` stands outside a table";
    says(check(format!("Here are my rules\n{CHAINS}COMMIT\n")), 3, &[said]);
}

#[test]
fn a_template_is_not_analysed_and_says_so() {
    let text = format!("{CHAINS}{{% for port in ports %}}\nCOMMIT\n");
    says(check(text), 3, &["rules.v4:5:1: info[FW000] template, not analysed"]);
}

#[test]
fn what_is_ignored_is_incomplete_all_the_same() {
    let root = folder("rules.v4", format!("{CHAINS}-A INPUT --dprot 22\n").as_bytes());
    let ignoring = ["--ignore", "FW000,FW405", "rules.v4"];
    let assert = fwlint(root.path()).args(ignoring).assert();
    assert_eq!(out(&assert).0, "");
    says(assert, 3, &[]);
}

#[test]
fn errors_of_one_cause_end_after_a_hundred() {
    let assert = check(format!("{CHAINS}{}COMMIT\n", "-A INPUT --dprot 22\n".repeat(5_000)));
    let (stdout, _) = out(&assert);
    assert_eq!(stdout.lines().count(), 101);
    let last = stdout.lines().last().unwrap_or_default();
    assert!(last.ends_with("error[FW000] 4900 more errors in this file are not listed"), "{last}");
    says(assert, 3, &["rules.v4:5:10: error[FW000] unknown option `--dprot`"]);
}

#[test]
fn a_circle_of_jumps_is_found() {
    let text =
        format!("{CHAINS}:A - [0:0]\n:B - [0:0]\n-A INPUT -j A\n-A A -j B\n-A B -g A\nCOMMIT\n");
    let said = "rules.v4:9:6: error[FW211] chain `B` jumps back to `A`: `A` -> `B` -> `A`";
    says(check(text), 3, &[said]);
}

#[test]
fn a_circle_of_ten_thousand_chains_is_one_finding() {
    let text = deep(10_000, "-A C9999 -j C0\n");
    let said = "rules.v4:20005:10: error[FW211] chain `C9999` jumps back to `C0`: `C0` -> `C1` -> `C2` -> `C3` -> \
                `C4` -> `C5` -> `C6` -> … -> `C9999` -> `C0`";
    says(check(text), 3, &[said]);
}

#[test]
fn jumps_ten_thousand_deep_do_not_overflow_the_stack() {
    let text = deep(10_000, "-A C9999 -p tcp -m tcp --dport 22 -j ACCEPT\n");
    let root = folder("rules.v4", text.as_bytes());
    let assert = fwlint(root.path()).args(["--select", "FW101", "rules.v4"]).assert().code(1);
    let (stdout, stderr) = out(&assert);
    assert!(stdout.starts_with("rules.v4:20005:10: "), "{stdout}");
    assert_eq!(stderr, "");
}

/// Chains each of which jumps to the next, INPUT to the first.
fn deep(chains: usize, last: &str) -> String {
    let mut text = CHAINS.to_owned();
    for chain in 0..chains {
        writeln!(text, ":C{chain} - [0:0]").expect("memory");
    }
    text.push_str("-A INPUT -j C0\n");
    for chain in 1..chains {
        writeln!(text, "-A C{} -j C{chain}", chain - 1).expect("memory");
    }
    text + last + "COMMIT\n"
}

#[test]
fn a_hundred_thousand_chains_are_read() {
    let mut text = CHAINS.to_owned();
    for chain in 0..100_000 {
        writeln!(text, ":C{chain} - [0:0]").expect("memory");
    }
    for chain in 0..100_000 {
        writeln!(text, "-A INPUT -s 192.0.2.1 -j C{chain}").expect("memory");
    }
    text.push_str("-A INPUT -j C100000\nCOMMIT\n");
    let assert = check(text).code(1);
    let (stdout, _) = out(&assert);
    let said = "rules.v4:200005:13: error[FW412] no chain of table `filter` and no target is called `C100000`\n";
    assert_eq!(stdout, said);
}

#[test]
fn names_that_nothing_defines_are_found_soon() {
    let mut text = CHAINS.to_owned();
    for chain in 0..5_000 {
        writeln!(text, ":CHAIN{chain} - [0:0]\n-A INPUT -j CHAIM{chain}").expect("memory");
    }
    let assert = check(text + "COMMIT\n");
    assert_eq!(out(&assert).0.lines().count(), 5_000);
    let said =
        "rules.v4:6:13: error[FW412] no chain of table `filter` and no target is called `CHAIM0`";
    says(assert, 1, &[said]);
}

#[test]
fn a_second_block_of_a_table_is_said_to_wipe_the_first() {
    let said = "rules.v4:6:2: error[FW407] `*filter` once more throws away the block of line 1";
    says(check(format!("{CHAINS}COMMIT\n{CHAINS}COMMIT\n")), 1, &[said]);
}

#[test]
#[cfg(unix)]
#[expect(clippy::print_stderr, reason = "what is skipped is skipped out loud")]
fn a_file_that_may_not_be_read_is_incomplete() {
    use std::os::unix::fs::PermissionsExt;
    let root = folder("rules.v4", CHAINS.as_bytes());
    let path = root.path().join("rules.v4");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).expect("our own file");
    if fs::read(&path).is_ok() {
        eprintln!("SKIPPED: this user (root?) reads files whatever their mode");
        return;
    }
    let assert = fwlint(root.path()).arg("rules.v4").assert().code(3);
    let (_, stderr) = out(&assert);
    assert!(stderr.contains("rules.v4: cannot be read: Permission denied"), "{stderr}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_that_fails_while_it_is_read_is_incomplete() {
    let root = folder("rules.v4", CHAINS.as_bytes());
    let assert = fwlint(root.path()).arg("/proc/self/mem").assert().code(3);
    let (_, stderr) = out(&assert);
    assert!(stderr.contains("/proc/self/mem: cannot be read: "), "{stderr}");
}

#[test]
#[cfg(unix)]
fn links_that_lead_back_do_not_keep_a_walk_going() {
    use std::os::unix::fs::symlink;
    let root = folder("rules.v4", format!("{CHAINS}-A INPUT -j NOPE\nCOMMIT\n").as_bytes());
    symlink(".", root.path().join("again")).expect("a link");
    symlink("two", root.path().join("one")).expect("a link");
    symlink("one", root.path().join("two")).expect("a link");
    let assert = fwlint(root.path()).arg(".").assert();
    assert_eq!(out(&assert).0.lines().count(), 1);
    let said =
        "rules.v4:5:13: error[FW412] no chain of table `filter` and no target is called `NOPE`";
    says(assert, 1, &[said]);
    let assert = fwlint(root.path()).arg("one").assert().code(3);
    let (_, stderr) = out(&assert);
    assert!(stderr.contains("one: cannot be read: "), "{stderr}");
}

#[test]
fn an_unknown_dialect_is_2_and_names_those_there_are() {
    let root = folder("rules.v4", CHAINS.as_bytes());
    let assert = fwlint(root.path()).args(["--dialect", "pf", "rules.v4"]).assert().code(2);
    let (_, stderr) = out(&assert);
    assert!(stderr.contains("invalid value 'pf' for '--dialect"), "{stderr}");
    assert!(stderr.contains("iptables"), "{stderr}");
}
