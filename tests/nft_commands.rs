//! Commands say the same as the rule set that the real nft has after them.
//!
//! Each command is tried on a rule set that is loaded already: the text that is checked is what `nft -a list ruleset` (or
//! `nft -j -a`) prints of it, with the command behind.

#![expect(clippy::print_stderr, reason = "a skip is said aloud")]

use fwlint::{
    commands::{self, Outcome},
    settings::Settings,
    source::{
        SourceFile,
        input::{Input, Inputs, Origin},
    },
    syntax::Dialect,
};
use std::{env, fmt::Write as _, fs, path::Path, process::Command};

/// Every rule, element and chain opens another port, and each order matters.
const BASE: &str = "\
table inet t {
	set s { type inet_service; elements = { 21, 23 }; }
	set ranges { type inet_service; flags interval; elements = { 102, 109-110 }; }
	set pairs { type inet_proto . inet_service; elements = { tcp . 389, udp . 69 }; }
	map m { type inet_service : verdict; elements = { 79 : accept, 3306 : jump d }; }
	counter k { }
	chain c {
		type filter hook input priority 0; policy drop;
		tcp dport 6379 accept
		tcp dport 2375 drop
		tcp dport 445 accept
		tcp dport @s accept
		tcp dport @ranges accept
		meta l4proto . th dport @pairs accept
		tcp dport vmap @m
		tcp dport 5432 jump d
	}
	chain d {
		accept
	}
	chain e {
		tcp dport 11211 accept
	}
}
table ip u {
	chain x {
		type filter hook input priority 10; policy accept;
		tcp dport 6379 drop
	}
}
";

/// Commands by their words; `{rule:N}` is the handle of the `N`th rule of chain `c`, `{chain:e}` that of the chain, and so on. `&&` stands
/// between transactions.
const COMMANDS: &[&str] = &[
    "add rule inet t c tcp dport 513 accept",
    "inet t c tcp dport 513 accept",
    "insert rule inet t c tcp dport 6379 drop",
    "insert rule inet t c tcp dport 6379 drop && insert rule inet t c tcp dport 6379 accept",
    "add rule inet t c index 1 tcp dport 2375 accept",
    "insert rule inet t c index 1 tcp dport 2375 accept",
    "add rule inet t c index 0 tcp dport 445 drop",
    "add rule inet t c handle {rule:0} tcp dport 2375 accept",
    "add rule inet t c position {rule:1} tcp dport 2375 accept",
    "insert rule inet t c handle {rule:1} tcp dport 2375 accept",
    "insert rule inet t c position {rule:2} tcp dport 445 drop",
    "replace rule inet t c handle {rule:0} tcp dport 6379 drop",
    "replace rule inet t c handle {rule:1} tcp dport 2375 accept",
    "delete rule inet t c handle {rule:1}",
    "delete rule inet t c handle {rule:2}",
    "delete rule inet t c handle {rule:0} && delete rule inet t c handle {rule:2}",
    "flush chain inet t c",
    "flush chain inet t d",
    "flush table inet t",
    "flush table ip u",
    "flush ruleset",
    "flush ruleset ip",
    "flush ruleset inet",
    "delete table ip u",
    "delete table inet t",
    "delete table ip handle {table:u}",
    "delete table inet t && table inet t { chain c { type filter hook input priority 0; policy drop; tcp dport 23 accept; }\n}",
    "delete chain ip u x",
    "delete chain inet t e",
    "delete chain inet t handle {chain:e}",
    "flush chain inet t c && delete chain inet t c",
    "rename chain inet t d f",
    "rename chain inet t e f && add rule inet t c tcp dport 11211 jump f",
    "rename chain inet t d f && add chain inet t d && add rule inet t c tcp dport 513 jump d",
    "rename chain inet t d f && rename chain inet t f g",
    "add element inet t s { 25 }",
    "create element inet t s { 25, 110 }",
    "add element inet t s { 21 }",
    "delete element inet t s { 21 }",
    "delete element inet t s { telnet }",
    "delete element inet t s { 21, 23 }",
    "delete element inet t s { 21 } && add element inet t s { 21 }",
    "add element inet t s { 25 } && delete element inet t s { 25 }",
    "delete element inet t s { 21 } && delete element inet t s { 23 }",
    "delete element inet t ranges { 102 }",
    "delete element inet t ranges { 109-110 }",
    "delete element inet t pairs { tcp . 389 }",
    "delete element inet t pairs { 17 . 69 }",
    "delete element inet t m { 79 : accept }",
    "delete element inet t m { 79 }",
    "add element inet t m { 25 : accept }",
    "delete element inet t m { 79 } && add element inet t m { 79 : drop }",
    "flush set inet t s",
    "flush set inet t s && add element inet t s { 25 }",
    "flush map inet t m",
    "flush map inet t m && add element inet t m { 25 : accept }",
    "flush chain inet t c && delete set inet t s",
    "flush chain inet t c && delete map inet t m",
    "flush chain inet t c && delete set inet t handle {set:s}",
    "delete counter inet t k",
    "add counter inet t n",
    "add quota inet t n { over 25 mbytes } && delete quota inet t n",
    "add limit inet t n { rate 1/second } && delete limit inet t n",
    "add chain inet t c { policy accept; }",
    "add chain inet t e",
    "add chain inet t n { type filter hook input priority -5; policy drop; }",
    "add table inet v",
    "create table inet v",
    "create chain inet t n",
    "add set inet t n { type inet_service; elements = { 25 }; } && add rule inet t c tcp dport @n accept",
    "reset counters",
    "reset quotas",
    "reset counter inet t k",
    "list ruleset",
    "list chain inet t c",
    "list set inet t s",
    "list map inet t m",
    "list table inet t",
    "get element inet t s { 21 }",
];

/// What nft 1.0.6 does not know, with the commands that do the same there.
const NEWER: &[(&str, &str)] = &[
    ("destroy table ip u", "delete table ip u"),
    ("destroy table ip nosuch", "list tables"),
    ("destroy chain inet t e", "delete chain inet t e"),
    ("destroy chain inet t nosuch", "list tables"),
    ("destroy rule inet t c handle {rule:0}", "delete rule inet t c handle {rule:0}"),
    ("destroy element inet t s { 21 }", "delete element inet t s { 21 }"),
    ("flush chain inet t c && destroy set inet t s", "flush chain inet t c && delete set inet t s"),
    ("flush chain inet t c && destroy map inet t m", "flush chain inet t c && delete map inet t m"),
    ("destroy counter inet t k", "delete counter inet t k"),
];

/// The same in JSON.
const JSON: &[&str] = &[
    r#"{"add": {"rule": {"family": "inet", "table": "t", "chain": "c", "handle": {rule:0}, "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 2375}}, {"accept": null}]}}}"#,
    r#"{"insert": {"rule": {"family": "inet", "table": "t", "chain": "c", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 6379}}, {"drop": null}]}}}"#,
    r#"{"replace": {"rule": {"family": "inet", "table": "t", "chain": "c", "handle": {rule:0}, "expr": [{"drop": null}]}}}"#,
    r#"{"delete": {"rule": {"family": "inet", "table": "t", "chain": "c", "handle": {rule:1}}}}"#,
    r#"{"delete": {"chain": {"family": "inet", "table": "t", "name": "e"}}}"#,
    r#"{"delete": {"element": {"family": "inet", "table": "t", "name": "s", "elem": [21]}}}"#,
    r#"{"add": {"element": {"family": "inet", "table": "t", "name": "s", "elem": [25]}}}"#,
    r#"{"delete": {"table": {"family": "ip", "name": "u"}}}"#,
    r#"{"flush": {"chain": {"family": "inet", "table": "t", "name": "c"}}}"#,
    r#"{"flush": {"ruleset": null}}"#,
    r#"{"add": {"rule": {"family": "inet", "table": "t", "chain": "c", "index": 0, "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 2375}}, {"accept": null}]}}}"#,
    r#"{"insert": {"rule": {"family": "inet", "table": "t", "chain": "c", "handle": {rule:1}, "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 2375}}, {"accept": null}]}}}"#,
    r#"{"rename": {"chain": {"family": "inet", "table": "t", "name": "d", "newname": "f"}}}"#,
];

fn check(text: &str, dialect: Dialect) -> Outcome {
    let source = SourceFile::new("rules", text.as_bytes().to_vec());
    let files = vec![Input { source, origin: Origin::Named }];
    commands::check(Inputs { files, ..Inputs::default() }, Some(dialect), &Settings::default())
}

/// What is said of commands that a listing does not hold, or not as badly.
const OF_THE_TEXT: [&str; 6] = ["FW205", "FW208", "FW408", "FW409", "FW601", "FW608"];

/// What is found, without the places, and whether anything is unknown.
fn found(text: &str, dialect: Dialect) -> (Vec<String>, usize) {
    let outcome = check(text, dialect);
    let line = |it: &fwlint::lints::Finding| {
        // What names the lines that explain it is another text in another file.
        let places = ["line ", "lines "].iter().any(|word| it.message.en.contains(word));
        let message = if places { "" } else { it.message.en.as_str() };
        format!("{} {} {message}", it.severity.name(), it.lint.code)
    };
    let of_rules = |it: &&fwlint::lints::Finding| !OF_THE_TEXT.contains(&it.lint.code);
    let mut found: Vec<_> = outcome.findings.iter().filter(of_rules).map(line).collect();
    found.sort();
    (found, outcome.unknown.len())
}

/// What nft prints of a rule set before and after a command, in a network namespace of its own.
struct Judge {
    before: String,
    after: String,
}

fn judge(folder: &Path, command: &str, json: bool) -> Result<Judge, String> {
    fs::write(folder.join("base.nft"), BASE).expect("written");
    let (list, load) = if json { ("nft -j -a", "nft -j") } else { ("nft -a", "nft") };
    let mut script = format!("nft -f base.nft && {list} list ruleset > before");
    for (transaction, number) in command.split(" && ").zip(0..) {
        fs::write(folder.join(number.to_string()), format!("{transaction}\n")).expect("written");
        write!(script, " && {load} -f {number} > /dev/null").expect("memory");
    }
    script.push_str(" && nft list ruleset > after");
    let output = Command::new("unshare")
        .args(["-n", "sh", "-c", &script])
        .current_dir(folder)
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let text = |name: &str| fs::read_to_string(folder.join(name)).expect("nft printed it");
    Ok(Judge { before: text("before"), after: text("after") })
}

/// The command with the handles that the rule set has: they are the same each time it is loaded.
fn with_handles(command: &str, listing: &str) -> String {
    let mut text = command.to_owned();
    let sorts = ["{rule:", "{chain:", "{set:", "{table:"];
    while let Some(start) = sorts.iter().find_map(|sort| text.find(sort)) {
        let end = start + text[start..].find('}').expect("it is closed");
        let (sort, which) = text[start + 1..end].split_once(':').expect("two words");
        let lines: Vec<&str> = listing.lines().map(str::trim).collect();
        let line = if sort == "rule" {
            let chain = lines.iter().position(|line| line.starts_with("chain c {")).expect("there");
            lines[chain + 2 + which.parse::<usize>().expect("a number")]
        } else {
            let begins = |line: &&&str| {
                let mut words = line.split_whitespace();
                words.next() == Some(sort) && words.any(|word| word == which)
            };
            lines.iter().find(begins).expect("it is listed")
        };
        let handle = line.rsplit("# handle ").next().expect("it has one").to_owned();
        text.replace_range(start..=end, &handle);
    }
    text
}

fn can_load() -> bool {
    let output = Command::new("unshare").args(["-n", "nft", "list", "ruleset"]).output();
    let can = output.is_ok_and(|output| output.status.success());
    if !can {
        assert!(env::var_os("FWLINT_REQUIRE_LOADERS").is_none(), "nft cannot run here");
        eprintln!("SKIPPED: nft cannot run here");
    }
    can
}

#[test]
fn a_command_does_what_the_kernel_does() {
    if !can_load() {
        return;
    }
    let folder = tempfile::tempdir().expect("a directory for the test");
    let listing = judge(folder.path(), "list ruleset", false).expect("the base loads").before;
    let same = COMMANDS.iter().map(|command| (*command, *command));
    let mut wrong = Vec::new();
    for (command, real) in same.chain(NEWER.iter().copied()) {
        let (command, real) = (with_handles(command, &listing), with_handles(real, &listing));
        let judge = match judge(folder.path(), &real, false) {
            Ok(judge) => judge,
            Err(error) => {
                wrong.push(format!("{command}\n  does not load: {error}"));
                continue;
            }
        };
        let text = format!("{}{}\n", judge.before, command.replace(" && ", "\n"));
        let (written, unknown) = found(&text, Dialect::Nft);
        let (listed, unknown_after) = found(&judge.after, Dialect::Nft);
        if written != listed || unknown != unknown_after {
            wrong.push(format!(
                "{command}\n  {unknown} {written:#?}\n  {unknown_after} {listed:#?}\n{}",
                judge.after
            ));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_port_of_the_base_has_a_finding() {
    // So that equal findings mean equal rules.
    let (base, unknown) = found(BASE, Dialect::Nft);
    assert_eq!(unknown, 0);
    for port in ["21", "23", "79", "102", "109", "110", "389", "445", "3306", "5432", "6379"] {
        let named = base
            .iter()
            .any(|line| line.contains(&format!("/{port} ")) || line.contains(&format!("/{port},")));
        assert!(named, "{port}: {base:#?}");
    }
}

#[test]
fn a_command_in_json_does_what_the_kernel_does() {
    if !can_load() {
        return;
    }
    let folder = tempfile::tempdir().expect("a directory for the test");
    let listing = judge(folder.path(), "list ruleset", false).expect("the base loads").before;
    let mut wrong = Vec::new();
    for command in JSON {
        let command = with_handles(command, &listing);
        let judge = judge(folder.path(), &format!("{{\"nftables\": [{command}]}}"), true);
        let judge = match judge {
            Ok(judge) => judge,
            Err(error) => {
                wrong.push(format!("{command}\n  does not load: {error}"));
                continue;
            }
        };
        let before = judge.before.trim_end().strip_suffix("]}").expect("a list of commands");
        let (written, unknown) = found(&format!("{before}, {command}]}}"), Dialect::NftJson);
        let (listed, unknown_after) = found(&judge.after, Dialect::Nft);
        if written != listed || unknown != unknown_after {
            wrong.push(format!("{command}\n  {written:#?}\n  {listed:#?}\n{}", judge.after));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_no_listing_numbers_is_unknown() {
    for command in [
        "delete rule inet t c handle 7",
        "replace rule inet t c handle 7 accept",
        "add rule inet t c handle 7 accept",
        "insert rule inet t c position 7 accept",
        "insert rule inet t c index 99 accept",
        "delete chain inet t handle 7",
        "delete set inet t handle 7",
        "delete table inet handle 7",
    ] {
        let (_, unknown) = found(&format!("{BASE}{command}\n"), Dialect::Nft);
        assert_eq!(unknown, 1, "{command}");
    }
}

#[test]
fn elements_that_were_not_there_leave_the_set_unknown() {
    // On the host they may be there; here nobody knows which of the others they cover.
    for command in ["delete element inet t s { 22 }", "delete element inet t ranges { 109 }"] {
        let outcome = check(&format!("{BASE}{command}\n"), Dialect::Nft);
        assert_eq!(outcome.unknown.len(), 1, "{command}: {:?}", outcome.unknown);
    }
}
