//! What people write into comments so as not to hear of a finding: what it silences, what it does not, and what is said of
//! the comments themselves.

mod process;

use assert_cmd::assert::Assert;
use process::{fwlint, out, run, tree};
use std::path::Path;

/// A file with these lines; the rule that opens SSH is FW101, a warning.
fn rules(lines: &str) -> String {
    format!(
        "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -i lo -j ACCEPT\n\
         -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n{lines}COMMIT\n"
    )
}

const SSH: &str = "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n";

fn json(assert: &Assert) -> serde_json::Value {
    serde_json::from_str(&out(assert).0).expect("JSON")
}

/// The codes that a run over a file reports, with their lines, and how many findings are suppressed.
fn found(here: &Path, line: &str) -> (Vec<String>, u64) {
    let report = json(&run(here, line));
    let findings = report["findings"].as_array().expect("a list").iter();
    let codes = findings.map(|it| {
        format!("{} {}", it["range"]["start"]["line"], it["code"].as_str().expect("a code"))
    });
    (codes.collect(), report["summary"]["suppressed"].as_u64().expect("a number"))
}

/// The same of a text alone.
fn of(name: &str, text: &str) -> (Vec<String>, u64) {
    found(tree(&[(name, text)]).path(), &format!("-f json {name}"))
}

fn nothing(suppressed: u64) -> (Vec<String>, u64) {
    (Vec::new(), suppressed)
}

#[test]
fn a_comment_above_silences_the_rule_below() {
    for word in ["FW101", "fw101", "FW1", "admin-service-open", "FW104, FW101"] {
        let above = format!("# fwlint: ignore[{word}] OPS-4312\n{SSH}");
        let (codes, suppressed) = of("rules.v4", &rules(&above));
        let unused = if word.contains(',') { vec!["7 FW901".to_owned()] } else { Vec::new() };
        assert_eq!((codes, suppressed), (unused, 1), "{word}");
    }
    let twice = format!("# fwlint: ignore[FW101] OPS-4312\n{SSH}{SSH}");
    let (codes, suppressed) = of("rules.v4", &rules(&twice));
    assert_eq!(suppressed, 1);
    assert!(codes.iter().all(|it| !it.ends_with("FW101")), "the second is no opening: {codes:?}");
    let other = SSH.replace("22", "23");
    let below = format!("# fwlint: ignore[FW101] OPS-4312\n{SSH}{other}");
    assert_eq!(of("rules.v4", &rules(&below)), (vec!["9 FW104".to_owned()], 1));
}

#[test]
fn the_comment_of_the_rule_itself_silences_it() {
    let own = SSH.replace("-j", "-m comment --comment \"fwlint:ignore[FW101] OPS-4312\" -j");
    assert_eq!(of("rules.v4", &rules(&own)), nothing(1));
    let nft = "table inet t {\n\tchain c {\n\t\ttype filter hook input priority 0; policy drop;\n\
               \t\tiif lo accept\n\t\tct state established,related accept\n\
               \t\ticmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept\n\
               \t\ttcp dport 22 accept comment \"fwlint:ignore[FW101] OPS-4312\"\n\t}\n}\n";
    let only = |text: &str| {
        found(tree(&[("a.nft", text)]).path(), "-f json --select FW101,FW901,FW902 a.nft")
    };
    assert_eq!(only(nft), nothing(1));
    let behind = nft.replace(
        "accept comment \"fwlint:ignore[FW101] OPS-4312\"",
        "accept # fwlint: ignore[FW101] x",
    );
    assert_eq!(only(&behind), nothing(1));
    let long = nft
        .replace("tcp dport 22 accept comment", "tcp dport \\\n\t\t\t22 \\\n\t\t\taccept comment");
    assert_eq!(only(&long), nothing(1), "the rule goes over three lines");
}

#[test]
fn a_comment_at_the_top_silences_the_file() {
    let top = format!("# fwlint: ignore-file[FW1] the lab\n{}", rules(SSH));
    assert_eq!(of("rules.v4", &top), nothing(1));
    let late = format!("{}{}", "# x\n".repeat(20), top);
    assert_eq!(of("rules.v4", &late), (vec!["21 FW901".into(), "28 FW101".into()], 0));
}

#[test]
fn what_silences_nothing_is_told() {
    let idle = format!("# fwlint: ignore[FW104] OPS-4312\n{SSH}");
    let codes = vec!["7 FW901".to_owned(), "8 FW101".to_owned()];
    assert_eq!(of("rules.v4", &rules(&idle)), (codes, 0));
    let root = tree(&[("rules.v4", &rules(&idle))]);
    let only = |line: &str| found(root.path(), &format!("-f json {line} rules.v4")).0;
    assert_eq!(only("--select FW101,FW901"), ["8 FW101"], "FW104 was not asked");
    assert_eq!(only("--select FW101,FW104,FW901").len(), 2);
    let (stdout, _) = out(&run(root.path(), "-f concise --lang zh rules.v4").code(1));
    assert!(stdout.contains("此处没有 `FW104`"), "{stdout}");
    let silenced = format!("# fwlint: ignore-file[FW901] a template\n{}", rules(&idle));
    assert_eq!(of("rules.v4", &silenced), (vec!["9 FW101".into()], 1));
}

#[test]
fn a_misspelt_code_silences_nothing_and_is_told() {
    let root = tree(&[("rules.v4", &rules(&format!("# fwlint: ignore[FW110l] x\n{SSH}")))]);
    let (stdout, _) = out(&run(root.path(), "rules.v4").code(1));
    for part in ["FW904", "no lint has the code or name `FW110l`", "did you mean `FW110`?", "FW101"]
    {
        assert!(stdout.contains(part), "{part}: {stdout}");
    }
    for wrong in ["ignor[FW101] x", "ignore FW101", "ignore[] x", "disable[FW101] x"] {
        let text = rules(&format!("# fwlint: {wrong}\n{SSH}"));
        let codes = vec!["7 FW904".to_owned(), "8 FW101".to_owned()];
        assert_eq!(of("rules.v4", &text), (codes, 0), "{wrong}");
    }
}

#[test]
fn a_reason_can_be_required() {
    let text = rules(&format!("# fwlint: ignore[FW101]\n{SSH}"));
    assert_eq!(of("rules.v4", &text), (vec!["7 FW902".into()], 1));
    let required = "[lint.options]\nrequire-reason = true\n";
    let root = tree(&[("rules.v4", &text), ("fwlint.toml", required)]);
    let codes = vec!["7 FW902".to_owned(), "8 FW101".to_owned()];
    assert_eq!(found(root.path(), "-f json rules.v4"), (codes, 0));
}

#[test]
fn a_suppression_ends_with_its_day() {
    let text = rules(&format!("# fwlint: ignore[FW101] OPS-4312 until=2027-01-31\n{SSH}"));
    let root = tree(&[("rules.v4", &text)]);
    let on = |day: &str, code: i32| {
        let mut command = fwlint(root.path());
        let assert = command.env("FWLINT_TODAY", day).args(["-f", "json", "rules.v4"]).assert();
        json(&assert.code(code))["findings"].as_array().expect("a list").len()
    };
    assert_eq!(on("2027-01-31", 0), 0, "the day itself is in it");
    assert_eq!(on("2027-02-01", 1), 2, "FW903, and FW101 is back");
    let mut command = fwlint(root.path());
    let wrong = command.env("FWLINT_TODAY", "2027-02-30").arg("rules.v4").assert().code(2);
    assert!(out(&wrong).1.contains("`2027-02-30` is no day"));
    let text = text.replace("2027-01-31", "2027-02-30");
    assert_eq!(of("rules.v4", &text), (vec!["7 FW903".into(), "8 FW101".into()], 0));
}

#[test]
fn a_rule_ends_with_the_day_of_its_comment() {
    let own =
        SSH.replace("-j", "-s 192.0.2.0/28 -m comment --comment \"OPS-1 until=2020-01-31\" -j");
    let (codes, _) = of("rules.v4", &rules(&own));
    assert!(codes.contains(&"7 FW903".to_owned()), "{codes:?}");
    let (codes, _) = of("rules.v4", &rules(&own.replace("2020", "2999")));
    assert!(!codes.contains(&"7 FW903".to_owned()), "{codes:?}");
}

#[test]
fn what_is_suppressed_is_shown_where_that_is_asked_for() {
    let text = rules(&format!("# fwlint: ignore[FW101] OPS-4312\n{SSH}"));
    let root = tree(&[("rules.v4", &text)]);
    let report = json(&run(root.path(), "-f json --show-suppressed rules.v4").code(0));
    let by = serde_json::json!(
        {"by": "comment", "reason": "OPS-4312", "path": "rules.v4", "line": 7}
    );
    assert_eq!(report["findings"][0]["suppressed"], by);
    assert_eq!(report["summary"]["warning"], 0);
    assert_eq!(report["summary"]["suppressed"], 1);
    let alone = json(&run(root.path(), "-f json rules.v4"));
    assert_eq!(alone["findings"], serde_json::json!([]));
    let (stdout, _) = out(&run(root.path(), "rules.v4").code(0));
    assert!(stdout.contains("Found no problem (1 suppressed) in 1 file."), "{stdout}");
    let (stdout, _) = out(&run(root.path(), "--show-suppressed rules.v4").code(0));
    assert!(
        stdout.contains("warning[FW101]") && stdout.contains("suppressed at rules.v4:7: OPS-4312")
    );
}

#[test]
fn no_suppression_makes_a_check_complete() {
    let broken =
        "# fwlint: ignore-file[FW000] it loads elsewhere\n*filter\n-A INPUT --nonsense\nCOMMIT\n";
    let root = tree(&[("rules.v4", broken)]);
    let report = json(&run(root.path(), "-f json rules.v4").code(3));
    assert_eq!(report["analysis"]["complete"], false);
    assert_eq!(report["summary"]["suppressed"], 1);
}

#[test]
fn a_comment_in_an_included_file_is_about_that_file() {
    let main = "table inet fw {\n\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n\t\tinclude \"web.rules\"\n\t}\n}\n";
    let web = "# fwlint: ignore[FW101] OPS-4312\ntcp dport 22 accept\ntcp dport 3389 accept comment \"fwlint:ignore[FW101] OPS-4313\"\n";
    let root = tree(&[("main.nft", main), ("web.rules", web)]);
    let found = found(root.path(), "-f json --select FW101,FW901 main.nft");
    assert_eq!(found, nothing(2));
}

#[test]
fn the_comment_of_a_rule_in_a_script_silences_it_where_it_is_written() {
    let script = |lines: &str| format!("#!/bin/sh\niptables -P INPUT DROP\n{lines}");
    let of = |lines: &str| {
        let root = tree(&[("fw.sh", &script(lines))]);
        found(root.path(), "-f json --select FW101,FW104,FW901,FW902,FW903 fw.sh")
    };
    let rule = |comment: &str| {
        format!("iptables -A INPUT -p tcp --dport 22 -m comment --comment {comment} -j ACCEPT\n")
    };
    for comment in [
        "\"fwlint: ignore[FW101] OPS-4312\"",
        "'fwlint: ignore[admin-service-open] OPS-4312'",
        "\"the bastion. fwlint: ignore[FW1] OPS-4312\"",
    ] {
        assert_eq!(of(&rule(comment)), nothing(1), "{comment}");
    }
    let lines = "for port in 22 23; do\n\tiptables -A INPUT -p tcp --dport $port \\\n\t\t-m comment --comment \"fwlint: ignore[FW101,FW104] OPS-1\" -j ACCEPT\ndone\n";
    assert_eq!(of(lines), nothing(2), "once for all that a loop does");
    let restored = format!(
        "iptables-restore --noflush <<END\n*filter\n{}COMMIT\nEND\n",
        SSH.replace("-j", "-m comment --comment \"fwlint:ignore[FW101] OPS-1\" -j")
    );
    assert_eq!(of(&restored), nothing(1));
    let nft = "nft add table inet t\nnft add chain inet t c '{ type filter hook input priority 0; policy drop; }'\nnft 'add rule inet t c tcp dport 22 accept comment \"fwlint:ignore[FW101] OPS-1\"'\n";
    assert_eq!(of(nft), nothing(1));
    let idle = rule("\"fwlint: ignore[FW104] OPS-1\"");
    assert_eq!(of(&idle), (vec!["3 FW101".to_owned(), "3 FW901".to_owned()], 0));
    let over = rule("\"fwlint: ignore[FW101] until=2020-01-31\"");
    assert_eq!(of(&over).1, 0);
    assert_eq!(of(&over).0, ["3 FW101", "3 FW902", "3 FW903"]);
    // What is put together stands nowhere.
    let made = format!("WHY='ignore[FW101] OPS-1'\n{}", rule("\"fwlint: $WHY\""));
    assert_eq!(of(&made), (vec!["4 FW101".to_owned()], 0));
}

#[test]
fn the_comment_of_a_rule_that_a_command_adds_silences_it() {
    let text = "add table inet t\nadd chain inet t c { type filter hook input priority 0; policy drop; }\n\
                add rule inet t c tcp dport 22 accept comment \"fwlint:ignore[FW101] OPS-1\"\n";
    let root = tree(&[("a.nft", text)]);
    assert_eq!(found(root.path(), "-f json --select FW101,FW901 a.nft"), nothing(1));
}
