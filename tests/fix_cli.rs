//! `--fix`, `--unsafe-fixes` and `--diff` as a user runs them: what is written, what is not, and what is said.

mod process;

use process::{fwlint, out, run, tree};
use std::{fs, path::Path};

/// One safe fix: the network.
const NETWORK: &str = "\
# kept \t
*filter
:INPUT DROP [12:34]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
[5:6] -A INPUT -s 10.1.2.3/8 -p icmp -m icmp --icmp-type 8 -j ACCEPT   
COMMIT
";

/// The same, mended.
fn network() -> String {
    NETWORK.replace("10.1.2.3/8", "10.0.0.0/8")
}

fn read(here: &Path, name: &str) -> String {
    fs::read_to_string(here.join(name)).expect("a file of the test")
}

/// The names in a folder: nothing is left lying about.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    let mut names: Vec<String> =
        entries.map(|it| it.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn what_is_safe_is_written_and_nothing_else_changes() {
    let root = tree(&[("a.v4", NETWORK)]);
    let assert = run(root.path(), "--fix a.v4").success();
    assert_eq!(read(root.path(), "a.v4"), network());
    assert_eq!(names(root.path()), ["a.v4"]);
    let (findings, notes) = out(&assert);
    assert!(findings.starts_with("Found no problem"), "{findings}");
    assert_eq!(notes, "fwlint: a.v4: 1 fix made in 1 round\n");
    let again = run(root.path(), "--fix a.v4").success();
    assert_eq!(out(&again).1, "");
    assert_eq!(read(root.path(), "a.v4"), network());
}

#[test]
fn what_is_left_is_reported_and_decides_the_exit_code() {
    let text = NETWORK.replace("COMMIT", "-A INPUT -p tcp --dport 23 -j ACCEPT\nCOMMIT");
    let root = tree(&[("a.v4", &text)]);
    let (findings, _) = out(&run(root.path(), "--fix -f concise a.v4").code(1));
    assert!(findings.contains("FW104") && !findings.contains("FW303"), "{findings}");
    let (notes, _) = out(&run(root.path(), "--fix --lang zh a.v4").code(1));
    assert!(notes.contains("发现 1 个问题"), "{notes}");
}

#[test]
fn a_diff_shows_what_would_be_written_and_writes_nothing() {
    let root = tree(&[("a.v4", NETWORK)]);
    for line in ["--diff a.v4", "--fix --diff a.v4"] {
        let (diff, notes) = out(&run(root.path(), line).code(1));
        let wanted = "\
--- a.v4
+++ a.v4
@@ -5,5 +5,5 @@
 :OUTPUT ACCEPT [0:0]
 -A INPUT -i lo -j ACCEPT
 -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-[5:6] -A INPUT -s 10.1.2.3/8 -p icmp -m icmp --icmp-type 8 -j ACCEPT   
+[5:6] -A INPUT -s 10.0.0.0/8 -p icmp -m icmp --icmp-type 8 -j ACCEPT   
 COMMIT
";
        assert_eq!(diff, wanted);
        assert_eq!(notes, "fwlint: a.v4: 1 fix to be made in 1 round\n");
    }
    assert_eq!(read(root.path(), "a.v4"), NETWORK);
    fs::write(root.path().join("a.v4"), network()).expect("written");
    let (diff, _) = out(&run(root.path(), "--diff a.v4").success());
    assert_eq!(diff, "");
}

#[test]
#[expect(clippy::print_stderr, reason = "a comparison that was not made says so")]
fn a_diff_goes_into_patch() {
    let latin = [b"# Gr\xfc\xdfe\r\n".as_slice(), NETWORK.as_bytes(), b"# no end"].concat();
    let root = tree(&[("a.v4", "")]);
    fs::write(root.path().join("a.v4"), &latin).expect("written");
    let diff = run(root.path(), "--diff a.v4").code(1).get_output().stdout.clone();
    let mut patch = assert_cmd::Command::new("patch");
    let patch = patch.current_dir(root.path()).args(["-p0", "--binary"]).write_stdin(diff);
    let Ok(output) = patch.output() else {
        eprintln!("SKIPPED: there is no `patch` here");
        return;
    };
    assert!(output.status.success(), "{output:?}");
    let patched = fs::read(root.path().join("a.v4")).expect("still there");
    fs::write(root.path().join("a.v4"), &latin).expect("written");
    run(root.path(), "--fix a.v4").success();
    assert_eq!(fs::read(root.path().join("a.v4")).expect("still there"), patched);
    assert_ne!(patched, latin);
}

#[test]
fn a_diff_of_what_stays_incomplete_is_no_success() {
    let root = tree(&[("a.v4", "*filter\n-A INPUT --nonsense\nCOMMIT\n")]);
    run(root.path(), "--diff a.v4").code(3);
    let root = tree(&[("a.v4", NETWORK.trim_end_matches("COMMIT\n"))]);
    let (diff, _) = out(&run(root.path(), "--diff a.v4").code(1));
    assert!(diff.contains("+COMMIT\n"), "it would be complete: {diff}");
}

#[test]
fn a_last_line_without_its_end_is_shown_as_one() {
    let text = NETWORK.trim_end_matches("\nCOMMIT\n");
    let root = tree(&[("a.v4", text)]);
    let (diff, _) = out(&run(root.path(), "--diff --select FW405 a.v4").code(1));
    let end = "\\ No newline at end of file\n";
    assert!(diff.contains(&format!("-j ACCEPT   \n{end}+")), "{diff}");
    run(root.path(), "--fix --select FW405 a.v4").success();
    assert_eq!(read(root.path(), "a.v4"), NETWORK);
}

/// Drops what the host asks for and its own packets.
const DEAF: &str = "\
table ip filter {
	chain input {
		type filter hook input priority filter; policy drop;
		icmp type echo-request accept
	}
}
";

#[test]
fn what_may_change_verdicts_is_asked_for_and_shown_first() {
    let root = tree(&[("a.nft", DEAF)]);
    let (_, notes) = out(&run(root.path(), "--fix --select FW301,FW302 a.nft").code(1));
    assert_eq!(read(root.path(), "a.nft"), DEAF);
    let more = "fwlint: check: 1 more with `--unsafe-fixes`, which may change what is accepted\n";
    assert_eq!(notes, more);
    let line = "--fix --unsafe-fixes --select FW301,FW302 a.nft";
    let (_, notes) = out(&run(root.path(), line).success());
    assert!(notes.starts_with("a.nft: NOT EQUIVALENT"), "{notes}");
    assert!(notes.contains("established connections: any IPv4 -> host"), "{notes}");
    let wanted = "policy drop;\n\t\tiifname \"lo\" accept\n\t\tct state established,related accept\n\t\ticmp";
    assert!(read(root.path(), "a.nft").contains(wanted));
}

#[test]
fn unsafe_fixes_alone_ask_for_nothing() {
    let root = tree(&[("a.nft", DEAF)]);
    let (_, notes) = out(&run(root.path(), "--unsafe-fixes a.nft").code(2));
    assert!(notes.contains("--fix"), "{notes}");
}

#[test]
#[cfg(unix)]
fn a_read_only_file_is_said_and_left_and_others_are_written() {
    use std::os::unix::fs::PermissionsExt;
    let root = tree(&[("a.v4", NETWORK), ("b.v4", NETWORK)]);
    let path = root.path().join("a.v4");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).expect("changed");
    let (findings, notes) = out(&run(root.path(), "--fix -f concise a.v4 b.v4").code(2));
    assert!(notes.contains("fwlint: a.v4: not written: it is read-only\n"), "{notes}");
    assert!(findings.starts_with("a.v4:8:19: warning[FW303]"), "{findings}");
    assert_eq!(
        (read(root.path(), "a.v4"), read(root.path(), "b.v4")),
        (NETWORK.to_owned(), network())
    );
    assert_eq!(names(root.path()), ["a.v4", "b.v4"]);
}

#[test]
#[cfg(unix)]
fn the_files_of_one_host_are_written_together_or_not_at_all() {
    use std::os::unix::fs::PermissionsExt;
    let v6 =
        NETWORK.replace("-s 10.1.2.3/8 -p icmp -m icmp --icmp-type 8", "-s fd00::1/8 -p ipv6-icmp");
    let root = tree(&[("rules.v4", NETWORK), ("rules.v6", &v6)]);
    let path = root.path().join("rules.v6");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).expect("changed");
    run(root.path(), "--fix .").code(2);
    assert_eq!(
        (read(root.path(), "rules.v4"), read(root.path(), "rules.v6")),
        (NETWORK.to_owned(), v6.clone())
    );
    assert_eq!(names(root.path()), ["rules.v4", "rules.v6"]);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("changed");
    run(root.path(), "--fix --select FW303 .").success();
    assert_eq!(read(root.path(), "rules.v6"), v6.replace("fd00::1/8", "fd00::/8"));
}

#[test]
#[cfg(unix)]
#[expect(clippy::print_stderr, reason = "what was not tried says so")]
fn a_folder_that_nobody_may_write_is_said() {
    use std::os::unix::{fs::MetadataExt, fs::PermissionsExt, process::CommandExt};
    let root = tree(&[("a.v4", NETWORK)]);
    let set = |mode| fs::set_permissions(root.path(), fs::Permissions::from_mode(mode));
    let program = assert_cmd::cargo::cargo_bin("fwlint");
    let mut command = std::process::Command::new(program);
    command.current_dir(root.path()).env_clear().env("LANG", "C.UTF-8").args(["--fix", "a.v4"]);
    set(0o555).expect("changed");
    if fs::metadata(root.path()).expect("a folder").uid() == 0 {
        // Who may do everything is stopped by no rights.
        command.uid(65534);
    }
    let Ok(output) = command.output() else {
        eprintln!("SKIPPED: the program does not run as another user here");
        return;
    };
    set(0o755).expect("changed back");
    let notes = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{notes}");
    assert!(notes.contains("fwlint: a.v4: not written: Permission denied"), "{notes}");
    assert_eq!(read(root.path(), "a.v4"), NETWORK);
    assert_eq!(names(root.path()), ["a.v4"]);
}

#[test]
#[cfg(unix)]
fn a_link_stays_one_and_rights_are_kept() {
    use std::os::unix::fs::PermissionsExt;
    let root = tree(&[("real/a.v4", NETWORK)]);
    let real = root.path().join("real/a.v4");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("changed");
    std::os::unix::fs::symlink("real/a.v4", root.path().join("link.v4")).expect("a link");
    run(root.path(), "--fix link.v4").success();
    let link = fs::symlink_metadata(root.path().join("link.v4")).expect("still there");
    assert!(link.file_type().is_symlink());
    assert_eq!(read(root.path(), "real/a.v4"), network());
    let mode = fs::metadata(&real).expect("still there").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert_eq!(names(&root.path().join("real")), ["a.v4"]);
}

#[test]
fn standard_input_comes_out_mended() {
    let root = tree(&[]);
    let pipe = |text: &[u8], arguments: &[&str]| {
        let assert = fwlint(root.path()).args(arguments).write_stdin(text).assert();
        let output = assert.get_output();
        (output.stdout.clone(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (text, said) = pipe(NETWORK.as_bytes(), &["--fix", "-"]);
    assert_eq!(String::from_utf8_lossy(&text), network());
    assert!(said.contains("fwlint: -: 1 fix made") && said.contains("Found no problem"), "{said}");
    let (text, _) = pipe(network().as_bytes(), &["--fix", "-"]);
    assert_eq!(String::from_utf8_lossy(&text), network(), "what needs nothing comes out as it is");
    let latin = [b"# Gr\xfc\xdfe\n".as_slice(), NETWORK.as_bytes()].concat();
    let (text, _) = pipe(&latin, &["--fix", "--stdin-filename", "x/rules.v4", "-"]);
    assert_eq!(text, [b"# Gr\xfc\xdfe\n".as_slice(), network().as_bytes()].concat());
    let (text, said) = pipe(NETWORK.as_bytes(), &["--diff", "-"]);
    assert!(String::from_utf8_lossy(&text).starts_with("--- -\n+++ -\n@@ "), "{said}");
}

#[test]
fn json_says_what_a_fix_writes() {
    let root = tree(&[("a.v4", NETWORK)]);
    let (json, _) = out(&run(root.path(), "-f json a.v4").code(1));
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let fixes = json["findings"][0]["fixes"].as_array().expect("a list");
    let safeties: Vec<_> = fixes.iter().map(|it| it["safety"].as_str()).collect();
    assert_eq!(safeties, [Some("safe"), Some("unsafe")]);
    let number = |value: &serde_json::Value| {
        usize::try_from(value.as_u64().expect("a number")).expect("small")
    };
    let edit = &fixes[0]["edits"][0];
    let (offset, length) = (number(&edit["offset"]), number(&edit["length"]));
    let mut text = NETWORK.to_owned();
    text.replace_range(offset..offset + length, edit["text"].as_str().expect("words"));
    assert_eq!((text, edit["path"].as_str()), (network(), Some("a.v4")));
}

#[test]
fn text_says_what_a_fix_writes() {
    let root = tree(&[("a.v4", NETWORK)]);
    let (text, _) = out(&run(root.path(), "a.v4").code(1));
    assert!(text.contains("fix: write `10.0.0.0/8` (--fix)\n"), "{text}");
    assert!(text.contains("or: match the one host: `10.1.2.3`\n"), "{text}");
    assert!(text.contains("1 fixable with --fix."), "{text}");
    let (text, _) = out(&run(root.path(), "--lang zh a.v4").code(1));
    assert!(text.contains("修复：改写为 `10.0.0.0/8`（--fix）"), "{text}");
    assert!(text.contains("1 个可用 --fix 修复。"), "{text}");
}

#[test]
fn reports_in_files_are_about_what_is_left() {
    let root = tree(&[("a.v4", NETWORK)]);
    run(root.path(), "--fix -o json=left.json a.v4").success();
    assert!(read(root.path(), "left.json").contains("\"findings\": []"));
    let root = tree(&[("a.v4", NETWORK)]);
    run(root.path(), "--fix --ignore FW303 a.v4").success();
    assert_eq!(read(root.path(), "a.v4"), NETWORK, "what is not reported is not mended");
}
