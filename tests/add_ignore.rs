//! `fwlint check --add-ignore`: the comments are written where they silence, and nothing else of a file changes.
//!
//! Says aloud that the loaders are not asked where they cannot run; `FWLINT_REQUIRE_LOADERS=1` makes that a failure.

#![expect(clippy::print_stderr, reason = "skips are said aloud")]

mod process;

use process::{fwlint, out, run, tree};
use std::{env, fs, path::Path, process::Command};

const OPEN: &str = "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m multiport --dports 22,23 -j ACCEPT
COMMIT
";

fn read(here: &Path, name: &str) -> String {
    fs::read_to_string(here.join(name)).expect("it is there")
}

#[test]
fn what_is_reported_is_suppressed_with_the_reason() {
    let root = tree(&[("rules.v4", OPEN)]);
    run(root.path(), "rules.v4").code(1);
    let mut command = fwlint(root.path());
    let assert = command.args(["check", "--add-ignore=OPS-4312: the vendor", "rules.v4"]).assert();
    let (stdout, stderr) = out(&assert.code(0));
    assert_eq!(stdout, "");
    assert_eq!(stderr, "fwlint: rules.v4: 1 comment added, 2 findings suppressed\n");
    let comment =
        "# fwlint: ignore[FW101,FW104] OPS-4312: the vendor\n-A INPUT -p tcp -m multiport";
    assert_eq!(
        read(root.path(), "rules.v4"),
        OPEN.replace("-A INPUT -p tcp -m multiport", comment)
    );
    run(root.path(), "rules.v4").code(0);
    let (_, stderr) = out(&run(root.path(), "--add-ignore rules.v4").code(0));
    assert_eq!(stderr, "", "there is nothing left");
    assert_eq!(fs::read_dir(root.path()).expect("a folder").count(), 1, "nothing lies beside it");
}

#[test]
fn a_line_is_indented_and_ended_as_the_one_below_it() {
    let nft = "#!/usr/sbin/nft -f\nflush ruleset\ntable inet t {\n\tchain c {\n\
               \t\ttype filter hook input priority 0; policy drop;\n\t\ttcp dport { 22 } \\\n\t\t\taccept\n\t}\n}\n";
    let root = tree(&[("a.nft", nft)]);
    run(root.path(), "--add-ignore=x --select FW101 a.nft").code(0);
    let comment = "\t\t# fwlint: ignore[FW101] x\n\t\ttcp";
    assert_eq!(read(root.path(), "a.nft"), nft.replace("\t\ttcp", comment));
    run(root.path(), "--select FW101 a.nft").code(0);
    let other = OPEN.replace('\n', "\r\n");
    let root = tree(&[("rules.v4", &other)]);
    let (_, stderr) = out(&run(root.path(), "--add-ignore=x --select FW406 rules.v4").code(3));
    assert!(stderr.contains("not everything was analysed"), "{stderr}");
    let comment = "# fwlint: ignore[FW406] x\r\n*filter\r\n";
    assert_eq!(read(root.path(), "rules.v4"), other.replace("*filter\r\n", comment));
}

#[test]
fn bytes_that_are_no_text_stay_as_they_are() {
    let root = tree(&[]);
    let mut bytes = b"# Gr\xfc\xdfe\n".to_vec();
    bytes.extend_from_slice(OPEN.as_bytes());
    fs::write(root.path().join("rules.v4"), &bytes).expect("written");
    run(root.path(), "--add-ignore=x rules.v4").code(0);
    let written = fs::read(root.path().join("rules.v4")).expect("it is there");
    assert!(written.starts_with(b"# Gr\xfc\xdfe\n*filter\n"));
    assert_eq!(written.len(), bytes.len() + "# fwlint: ignore[FW101,FW104] x\n".len());
}

#[test]
fn a_file_that_cannot_be_written_leaves_all_as_they_are() {
    let root = tree(&[("a.v4", OPEN), ("b.v4", OPEN)]);
    let path = root.path().join("b.v4");
    let mut permissions = fs::metadata(&path).expect("it is there").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).expect("it is ours");
    let (_, stderr) = out(&run(root.path(), "--add-ignore=x a.v4 b.v4").code(2));
    assert_eq!(stderr, "fwlint: b.v4: not written: it is read-only\n");
    let (_, stderr) = out(&run(root.path(), "--lang zh --add-ignore=x b.v4").code(2));
    assert!(stderr.starts_with("fwlint: b.v4: 未写入"), "{stderr}");
    assert_eq!([read(root.path(), "a.v4"), read(root.path(), "b.v4")], [OPEN, OPEN]);
    assert_eq!(fs::read_dir(root.path()).expect("a folder").count(), 2, "nothing lies beside them");
    let mut command = fwlint(root.path());
    let stdin = command.args(["--add-ignore=x", "-"]).write_stdin(OPEN).assert();
    assert!(out(&stdin.code(2)).1.starts_with("fwlint: -: not written"));
}

#[test]
fn a_link_stays_and_what_it_leads_to_is_written() {
    let root = tree(&[("real/rules.v4", OPEN)]);
    std::os::unix::fs::symlink("real/rules.v4", root.path().join("rules.v4")).expect("a link");
    run(root.path(), "--add-ignore=x rules.v4").code(0);
    assert!(fs::symlink_metadata(root.path().join("rules.v4")).expect("there").is_symlink());
    assert!(read(root.path(), "real/rules.v4").contains("# fwlint: ignore[FW101,FW104] x"));
}

#[test]
fn what_no_comment_can_suppress_is_told() {
    let broken = OPEN.replace("-i lo", "--nonsense lo");
    let root = tree(&[("rules.v4", &broken)]);
    let (_, stderr) = out(&run(root.path(), "--add-ignore=x rules.v4").code(3));
    assert!(stderr.contains("rules.v4:5: FW000 is not suppressed by a comment here"), "{stderr}");
    let misspelt = OPEN.replace("-A INPUT -p", "# fwlint: ignore[FW1O1] x\n-A INPUT -p");
    let root = tree(&[("rules.v4", &misspelt)]);
    let (_, stderr) = out(&run(root.path(), "--add-ignore=x rules.v4").code(1));
    assert!(stderr.contains("rules.v4:7: FW904 is not suppressed by a comment here"), "{stderr}");
    let elements = "table inet t {\n\tchain c {\n\t\ttype filter hook input priority 0; policy drop;\n\t\ttcp dport 22 accept; ct state established accept\n\t}\n}\n";
    let root = tree(&[("a.nft", elements)]);
    run(root.path(), "--add-ignore=x --select FW101 a.nft").code(0);
    run(root.path(), "--select FW101,FW000 a.nft").code(0);
}

#[test]
fn a_reason_is_one_line() {
    let root = tree(&[("rules.v4", OPEN)]);
    let mut command = fwlint(root.path());
    let assert = command.args(["check", "--add-ignore=a\nb", "rules.v4"]).assert().code(2);
    assert!(out(&assert).1.contains("a reason is one line of text"));
    run(root.path(), "--add-ignore rules.v4").code(0);
    assert!(read(root.path(), "rules.v4").contains("# fwlint: ignore[FW101,FW104]\n"));
    let (stdout, _) = out(&run(root.path(), "-f concise rules.v4").code(1));
    assert_eq!(stdout.matches("FW902").count(), stdout.lines().count(), "{stdout}");
}

#[test]
fn the_loaders_take_a_file_with_the_comments_in_it() {
    let nft = "flush ruleset\ntable inet t {\n\tset open {\n\t\ttype inet_service\n\t\telements = { 22,\n\t\t\t23 }\n\t}\n\
               \tchain c {\n\t\ttype filter hook input priority 0; policy drop;\n\t\ttcp dport @open accept\n\
               \t\ttcp dport {\n\t\t\t5900,\n\t\t\t6379\n\t\t} accept\n\t}\n}\n";
    let root = tree(&[("a.nft", nft), ("rules.v4", OPEN)]);
    run(root.path(), "--add-ignore=x .").code(0);
    run(root.path(), ".").code(0);
    assert!(read(root.path(), "a.nft").matches("# fwlint: ignore[").count() >= 4);
    let line = "nft -f a.nft && iptables-restore rules.v4";
    let output =
        Command::new("unshare").args(["-n", "sh", "-c", line]).current_dir(root.path()).output();
    let allowed = Command::new("unshare").args(["-n", "nft", "list", "ruleset"]).output();
    if !allowed.is_ok_and(|it| it.status.success()) {
        let required = env::var_os("FWLINT_REQUIRE_LOADERS").is_some();
        assert!(!required, "the loaders cannot run here");
        eprintln!("SKIPPED: no network namespace or no loaders here");
        return;
    }
    let output = output.expect("unshare runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
