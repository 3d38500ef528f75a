//! Bad nftables files: whatever a file holds, the program says what is wrong with it, ends with the right code, and soon.

use assert_cmd::{Command, assert::Assert};
use std::{fmt::Write as _, fs, path::Path, time::Duration};
use tempfile::TempDir;

/// How much larger input is in an optimised build.
const SCALE: usize = if cfg!(debug_assertions) { 1 } else { 5 };

/// An input chain that lets nothing in, open at its end.
const OPEN: &str = "table inet t {\nchain i {\ntype filter hook input priority 0; policy drop;\n";

fn fwlint(here: &Path, select: &str) -> Assert {
    let mut command = Command::cargo_bin("fwlint").expect("the program is built");
    command.current_dir(here).env_clear().env("LANG", "C.UTF-8").timeout(Duration::from_secs(60));
    // Whether the file could be loaded twice is not the point here.
    let ignore = ["--ignore", "FW408,FW409"];
    command.args(["check", "-f", "concise", "--select", select, "x.nft"]).args(ignore).assert()
}

fn folder(content: impl AsRef<[u8]>) -> TempDir {
    let root = tempfile::tempdir().expect("a directory for the test");
    fs::write(root.path().join("x.nft"), content).expect("written");
    root
}

fn lines(assert: &Assert) -> Vec<String> {
    let text = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
    text.lines().map(str::to_owned).collect()
}

/// Checks a file `x.nft` of that content: the exit code, and what is found among load errors and ssh.
fn says(content: impl AsRef<[u8]>, code: i32, expected: &[&str]) {
    let root = folder(content);
    let assert = fwlint(root.path(), "FW0,FW4,FW101");
    let found = lines(&assert);
    let found: Vec<&str> = found.iter().map(|it| it.strip_prefix("x.nft:").unwrap_or(it)).collect();
    assert_eq!(found, expected, "{}", String::from_utf8_lossy(&assert.get_output().stderr));
    assert_eq!(assert.get_output().status.code(), Some(code));
}

/// Rules in the input chain.
fn rules(rules: &str) -> String {
    format!("{OPEN}{rules}\n}}\n}}\n")
}

/// Definitions `a0` to `a{last}`, each after the one before it.
fn definitions(first: &str, last: usize, next: impl Fn(usize) -> String) -> String {
    let mut text = format!("define a0 = {first}\n");
    for number in 1..=last {
        writeln!(text, "define a{number} = {}", next(number - 1)).expect("memory");
    }
    text
}

const OPEN_SSH: &str = "warning[FW101] tcp/22 (ssh) is open to any IPv4 or IPv6 address";

#[test]
fn nothing_is_too_deep_to_be_refused() {
    let deep = |open: &str, close: &str| {
        let rule = format!("tcp dport {}22{} accept", open.repeat(100_000), close.repeat(100_000));
        rules(&rule)
    };
    says(deep("{ ", " }"), 3, &["4:137: error[FW000] `{` is nested more than 64 levels deep"]);
    says(deep("(", ")"), 3, &["4:74: error[FW000] `(` is nested more than 64 levels deep"]);
    let jumps = format!("{}accept{}", "jump { ".repeat(100_000), " }".repeat(100_000));
    says(rules(&jumps), 3, &["4:447: error[FW000] `{` is nested more than 64 levels deep"]);
    let sum = format!("meta mark set 1{} accept", " | 1".repeat(100_000));
    says(rules(&sum), 3, &["4:1041: error[FW000] `|` is nested more than 256 levels deep"]);
    let root = folder("table ip t { ".repeat(100_000));
    let found = lines(&fwlint(root.path(), "FW0").code(3));
    assert!(found[0].starts_with("x.nft:1:14: "), "{found:?}");
    let root = folder(format!("{{\"nftables\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000)));
    let found = lines(&fwlint(root.path(), "FW0").code(3));
    assert!(found[0].starts_with("x.nft:1:"), "{found:?}");
}

#[test]
fn definitions_that_double_themselves_end() {
    let doubled = |first: &str, sign: &str, rule: &str| {
        let next = |before: usize| format!("$a{before}{sign}$a{before}");
        format!("{}{}", definitions(first, 40, next), rules(rule))
    };
    // A set of sets is one set.
    let sets = definitions("{ 22, 23 }", 40, |before| format!("{{ $a{before}, $a{before} }}"));
    let found = format!("1:15: {OPEN_SSH}");
    says(sets + &rules("tcp dport $a40 accept"), 1, &[&found]);
    // What is not computed is said to be maybe.
    for (first, sign, rule) in [
        ("22", " | ", "meta mark $a40 tcp dport 22 accept"),
        ("new", ", ", "ct state $a40 tcp dport 22 accept"),
        ("22", " . ", "tcp dport . tcp sport $a40 accept"),
        ("22", " - ", "tcp dport $a40 accept"),
    ] {
        let root = folder(doubled(first, sign, rule));
        let found = lines(&fwlint(root.path(), "FW"));
        assert!(found.iter().any(|line| line.contains("may")), "{rule}: {found:?}");
    }
}

#[test]
fn definitions_upon_definitions_do_not_overflow_the_stack() {
    let last = 100_000;
    let rule = |of: &str| rules(&of.replace("$a", &format!("$a{last}")));
    let plain = definitions("22", last, |before| format!("$a{before}"));
    says(plain + &rule("tcp dport $a accept"), 1, &[&format!("100005:1: {OPEN_SSH}")]);
    let sets = definitions("{ 22 }", last, |before| format!("{{ $a{before}, 5 }}"));
    let root = folder(sets + &rule("tcp dport $a accept"));
    let found = lines(&fwlint(root.path(), "FW101").code(1));
    assert!(found[0].ends_with(OPEN_SSH), "{found:?}");
    for (first, sign, of) in [
        ("22", " | 1", "meta mark $a tcp dport 22 accept"),
        ("new", ", established", "ct state $a tcp dport 22 accept"),
        ("22", " . 1", "tcp dport . tcp sport $a accept"),
    ] {
        let next = |before: usize| format!("$a{before}{sign}");
        let root = folder(definitions(first, last, next) + &rule(of));
        let found = lines(&fwlint(root.path(), "FW"));
        assert!(found.iter().any(|line| line.contains("may")), "{of}: {found:?}");
    }
}

#[test]
fn a_set_of_a_million_elements_is_read() {
    let mut text = String::from("table inet t {\nset s { type ipv4_addr; elements = { ");
    for number in 0..200_000 * SCALE {
        let [_, b, c, d] = u32::try_from(number).expect("a million").to_be_bytes();
        write!(text, "192.{b}.{c}.{d}, ").expect("memory");
    }
    text.push_str("}; }\nchain i {\ntype filter hook input priority 0; policy drop;\n");
    // Each rule asks the same of it.
    text.push_str(&"ip saddr @s tcp dport 22 accept\n".repeat(200));
    let root = folder(text + "}\n}\n");
    let found = lines(&fwlint(root.path(), "FW0,FW101"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("x.nft:5:13: "), "{found:?}");
}

#[test]
fn elements_come_and_go_in_time() {
    let mut text =
        String::from("table inet t {\nset s { type inet_service; elements = { 22 }; }\n}\n");
    for number in 1000..21_000 {
        writeln!(
            text,
            "add element inet t s {{ {number} }}\ndelete element inet t s {{ {number} }}"
        )
        .expect("memory");
    }
    text.push_str(&rules("tcp dport @s accept"));
    says(text, 1, &[&format!("2:41: {OPEN_SSH}")]);
}

#[test]
fn a_line_of_millions_of_bytes_is_read() {
    let rule = "tcp dport 22 ip saddr 192.0.2.1 drop; ";
    let many = rule.repeat(5_000_000 * SCALE / rule.len());
    says(
        rules(&format!("{many}tcp dport 22 accept")),
        1,
        &[&format!("4:{}: {OPEN_SSH}", many.len() + 1)],
    );
    let comment = "x".repeat(20_000_000 * SCALE);
    let root = folder(rules(&format!("tcp dport 22 accept comment \"{comment}\"")));
    let found = lines(&fwlint(root.path(), "FW0,FW4").code(3));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("x.nft:4:") && found[0].len() < 200, "{found:?}");
}

#[test]
fn millions_of_lines_are_read() {
    let comments = "#\n".repeat(2_000_000 * SCALE);
    let line = 2_000_000 * SCALE + 4;
    says(comments + &rules("tcp dport 22 accept"), 1, &[&format!("{line}:1: {OPEN_SSH}")]);
}

#[test]
fn what_nothing_closes_is_reported_where_it_opens() {
    says(
        rules("tcp dport 22 log prefix \"abc accept"),
        3,
        &["4:25: error[FW000] `\"` opens a string that nothing closes"],
    );
    says(OPEN, 3, &["2:9: error[FW000] `{` is never closed"]);
    let root = folder(rules("tcp dport { 22, 23 accept"));
    let found = lines(&fwlint(root.path(), "FW000").code(3));
    assert!(found.iter().any(|line| line.starts_with("x.nft:4:20: ")), "{found:?}");
    says(
        "table inet t {\n\tset s {\n\t\ttype ipv4_addr\n\t\telements = { 10.0.0.1, 10.0.",
        3,
        &[
            "4:14: error[FW000] `{` is never closed",
            "4:28: error[FW000] `.0.` stands where `,` or `}` should",
        ],
    );
}

#[test]
fn what_is_no_rule_file_says_so() {
    says("", 3, &[]);
    says(rules("tcp dport {{ x }} accept"), 3, &["4:11: info[FW000] template, not analysed"]);
    says(rules("{% if x %}"), 3, &["4:1: info[FW000] template, not analysed"]);
    let mut bytes = b"\x7fELF".to_vec();
    bytes.resize(100_000, 0);
    says(bytes, 3, &["1:1: error[FW000] binary data where text should be"]);
}

#[test]
fn bytes_of_no_text_cost_their_line() {
    let ssh = |line: u32| format!("{line}:1: {OPEN_SSH}");
    let with = |before: &[u8], after: &str| {
        let mut bytes = OPEN.as_bytes().to_vec();
        bytes.extend(before);
        bytes.extend(after.as_bytes());
        bytes.extend(b"\n}\n}\n");
        bytes
    };
    // In a comment they are none of the loader's business.
    says(with(b"# Gr\xfc\xdfe\n", "tcp dport 22 accept"), 1, &[&ssh(5)]);
    says(
        with(b"tcp dport \xfc accept\n", "tcp dport 22 accept"),
        3,
        &["4:11: error[FW000] `\u{fffd}` starts no word of nft", &ssh(5)],
    );
    says(
        with(b"tcp dport 22\0 accept\n", "tcp dport 22 accept"),
        3,
        &["4:13: error[FW000] `\\0` starts no word of nft", &ssh(5)],
    );
    let crlf = rules("tcp dport 22 accept").replace('\n', "\r\n");
    says(crlf, 1, &[&ssh(4)]);
}

#[test]
fn many_chains_and_deep_jumps_are_followed() {
    let count = 20_000 * SCALE;
    let mut text = String::from("table inet t {\n");
    for chain in 0..count {
        writeln!(text, "chain c{chain} {{ jump c{}; }}", chain + 1).expect("memory");
    }
    writeln!(text, "chain c{count} {{ tcp dport 22 accept; }}\n}}").expect("memory");
    let root = folder(text + &rules("jump c0"));
    let found = lines(&fwlint(root.path(), "FW000,FW211,FW101").code(1));
    assert_eq!(
        found,
        [format!("x.nft:{}:{}: {OPEN_SSH}", count + 2, count.to_string().len() + 11)]
    );
}

#[test]
fn a_circle_of_jumps_is_found() {
    let text = "table inet t {\nchain a { jump b; }\nchain b { goto a; }\n}\n";
    let root = folder(text.to_owned() + &rules("jump a"));
    let found = lines(&fwlint(root.path(), "FW0,FW211").code(3));
    assert!(!found.is_empty());
}
