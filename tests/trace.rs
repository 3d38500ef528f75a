//! `fwlint trace` as a user runs it: verdicts, deciding rules, what is no packet, and exit codes.

use assert_cmd::Command;
use std::{fmt::Write as _, fs, path::Path};
use tempfile::TempDir;

const RULES: &str = "*nat\n:PREROUTING ACCEPT [0:0]\n\
    -A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination 10.0.0.5:80\nCOMMIT\n\
    *filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n:DOCKER - [0:0]\n\
    -A INPUT -m limit --limit 5/min -p udp --dport 53 -j ACCEPT\n\
    -A INPUT -p tcp --dport 22 -j ACCEPT\n\
    -A INPUT -p tcp -j REJECT\n\
    -A FORWARD -j DOCKER\n\
    -A DOCKER -d 10.0.0.5/32 -p tcp --dport 80 -j ACCEPT\nCOMMIT\n";

fn folder(name: &str, text: &str) -> TempDir {
    let root = tempfile::tempdir().expect("a directory for the test");
    fs::write(root.path().join(name), text).expect("written");
    root
}

/// Runs `fwlint trace`: the exit code, standard output and standard error.
fn trace(here: &Path, arguments: &[&str], stdin: &str) -> (i32, String, String) {
    let mut command = Command::cargo_bin("fwlint").expect("the program is built");
    command.current_dir(here).env_clear().env("LANG", "C.UTF-8").arg("trace").args(arguments);
    let output = command.write_stdin(stdin.to_owned()).output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it writes UTF-8");
    (output.status.code().expect("no signal"), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_packet_has_a_verdict_and_the_rule_that_decides() {
    let root = folder("rules.v4", RULES);
    for (packet, verdict, line, kind) in [
        ("tcp 198.51.100.7:1 -> host:22 in eth0", "accept", 11, "rule"),
        ("tcp 198.51.100.7:1 -> host:23 in eth0", "reject", 12, "rule"),
        ("udp 198.51.100.7:1 -> host:22 in eth0", "drop", 6, "policy"),
        ("udp 198.51.100.7:1 -> host:53 in eth0", "maybe", 10, "rule"),
        ("tcp 198.51.100.7:1 -> host:8080 in eth0", "accept", 14, "rule"),
        ("tcp 198.51.100.7:1 -> host:8080 in eth0 state established", "reject", 12, "rule"),
        ("tcp host:1 -> 198.51.100.7:25 out eth0", "accept", 8, "policy"),
    ] {
        let (code, out, err) = trace(root.path(), &["-f", "jsonl", packet, "rules.v4"], "");
        assert_eq!((code, err.as_str()), (0, ""), "{packet}");
        let trace: serde_json::Value = serde_json::from_str(&out).expect("one object");
        assert_eq!(trace["packet"], packet);
        assert_eq!(trace["verdict"], verdict, "{packet}: {out}");
        assert_eq!(trace["decided_by"]["line"], line, "{packet}: {out}");
        assert_eq!(trace["decided_by"]["kind"], kind, "{packet}: {out}");
        let depends = trace["depends_on"].as_array().expect("a list");
        assert_eq!(depends.is_empty(), verdict != "maybe", "{packet}: {out}");
        assert_eq!(trace.get("walk"), None, "nobody asked for it");
    }
}

#[test]
fn what_is_refused_before_the_decider_is_a_question() {
    let iptables = "*filter\n:INPUT DROP [0:0]\n:web - [0:0]\n\
        -A INPUT -p tcp --dport 22 -j ACCEPT\n-A INPUT -p tcp --dport 80 -j web\n\
        -A INPUT -p tcp --dprot 443 -j ACCEPT\n-A INPUT -p tcp --dport 25 -j ACCEPT\n\
        -A web -s 192.0.2.0/24 -j DROP\n-A web -j ACCEPT\n-A web -m nosuch --xx -j DROP\nCOMMIT\n";
    let nft = "table inet f {\nchain in {\ntype filter hook input priority 0; policy drop;\n\
        tcp dport 22 accept\ntcp dport 443 acept\ntcp dport 25 accept\n}\n}\n";
    for (name, text, port, verdict, line) in [
        ("a.v4", iptables, 22, "accept", 4),
        ("a.v4", iptables, 80, "accept", 9),
        ("a.v4", iptables, 25, "maybe", 6),
        ("a.v4", iptables, 443, "maybe", 6),
        ("a.nft", nft, 22, "accept", 4),
        ("a.nft", nft, 25, "maybe", 5),
        ("a.nft", nft, 443, "maybe", 5),
    ] {
        let root = folder(name, text);
        let packet = format!("tcp 198.51.100.7:1 -> host:{port} in eth0");
        let (code, out, _) = trace(root.path(), &["-f", "jsonl", &packet, name], "");
        let trace: serde_json::Value = serde_json::from_str(&out).expect("one object");
        assert_eq!(code, 3, "a line was refused");
        assert_eq!(
            (&trace["verdict"], &trace["decided_by"]["line"]),
            (&verdict.into(), &line.into())
        );
        let named = trace["depends_on"].to_string().contains(&format!("{name}:{line}"));
        assert_eq!(named, verdict == "maybe", "{out}");
    }
}

#[test]
fn a_host_has_no_address_of_the_loopback_for_others() {
    let root = folder(
        "a.nft",
        "table inet f {\nchain in {\ntype filter hook input priority 0; policy drop;\n\
         ip daddr 127.0.0.0/8 drop\nip6 daddr ::1 drop\ntcp dport 22 accept\n}\n}\n",
    );
    for (packet, verdict) in [
        ("tcp 198.51.100.7:1 -> host:22 in eth0", "accept"),
        ("tcp [2001:db8::7]:1 -> host:22 in eth0", "accept"),
        ("tcp 127.0.0.1:1 -> host:22 in lo", "maybe"),
    ] {
        let (_, out, _) = trace(root.path(), &["-f", "jsonl", packet, "a.nft"], "");
        let trace: serde_json::Value = serde_json::from_str(&out).expect("one object");
        assert_eq!(trace["verdict"], verdict, "{packet}: {out}");
    }
}

#[test]
fn headers_of_ipv6_are_asked_of_ipv6_alone() {
    let root = folder(
        "a.nft",
        "table inet f {\nchain in {\ntype filter hook input priority 0; policy drop;\n\
         rt type 0 drop\nip option lsrr exists drop\ntcp dport 22 accept\n}\n}\n",
    );
    for (packet, depends) in [
        ("tcp 198.51.100.7:1 -> host:22 in eth0", ["ip option"]),
        ("tcp [2001:db8::7]:1 -> host:22 in eth0", ["rt type"]),
    ] {
        let (_, out, _) = trace(root.path(), &["-f", "jsonl", packet, "a.nft"], "");
        let trace: serde_json::Value = serde_json::from_str(&out).expect("one object");
        assert_eq!(trace["verdict"], "maybe");
        let on = trace["depends_on"].as_array().expect("a list");
        assert_eq!(on.len(), 1, "{out}");
        assert!(on[0].to_string().contains(depends[0]), "{out}");
    }
}

#[test]
fn what_the_text_does_not_tell_is_assumed_to_be_usual_or_is_a_question() {
    let rules = |first: &str| {
        format!(
            "table inet f {{\nchain p {{\ntype filter hook prerouting priority raw;\n{first}\n}}\n\
             chain i {{\ntype filter hook input priority 0; policy drop;\ntcp dport 22 accept\n}}\n}}\n"
        )
    };
    for (first, verdict) in [
        ("fib saddr . iif oif missing drop", "accept"),
        ("fib saddr . iif oif exists drop", "drop"),
        ("fib saddr . iif oif != 0 drop", "drop"),
        ("ip6 nexthdr tcp drop", "drop"),
        ("ip6 saddr $nobody drop", "maybe"),
        ("ip6 saddr != $nobody drop", "maybe"),
        ("meta length 40 drop", "maybe"),
    ] {
        let root = folder("f.nft", &rules(first));
        let packet = "tcp [2001:db8::7]:1 -> host:22 in eth0";
        let (_, out, _) = trace(root.path(), &["-f", "jsonl", packet, "f.nft"], "");
        let trace: serde_json::Value = serde_json::from_str(&out).expect("one object");
        assert_eq!(trace["verdict"], verdict, "{first}: {out}");
    }
}

#[test]
fn a_walk_shows_every_rule_that_the_packet_meets() {
    let root = folder("rules.v4", RULES);
    let packet = "tcp 198.51.100.7:1 -> host:8080 in eth0";
    let (_, out, _) = trace(root.path(), &["--walk", "-f", "json", packet, "rules.v4"], "");
    let document: serde_json::Value = serde_json::from_str(&out).expect("a document");
    let trace = &document["hosts"][0]["traces"][0];
    assert_eq!(trace["rewritten"], "tcp 198.51.100.7:1 -> 10.0.0.5:80 in eth0");
    let met: Vec<(u64, &str)> = trace["walk"]
        .as_array()
        .expect("it was asked for")
        .iter()
        .map(|it| (it["line"].as_u64().expect("a line"), it["effect"].as_str().expect("a word")))
        .collect();
    assert!(met.starts_with(&[(3, "dnat"), (13, "jump"), (14, "accept")]), "{met:?}");
    let (_, text, _) = trace_in(root.path(), "zh", packet);
    assert!(
        text.contains("放行") && text.contains("改写为") && text.contains("rules.v4:14"),
        "{text}"
    );
}

fn trace_in(here: &Path, language: &str, packet: &str) -> (i32, String, String) {
    trace(here, &["--lang", language, "--walk", packet, "rules.v4"], "")
}

#[test]
fn advice_that_is_followed_changes_the_verdict() {
    let root = folder("rules.v4", RULES);
    for (packet, line, rule, verdict) in [
        (
            "tcp 198.51.100.7:1 -> host:22 in eth0",
            11,
            "-A INPUT -s 198.51.100.7 -p tcp --dport 22 -j DROP",
            "drop",
        ),
        (
            "tcp 198.51.100.7:1 -> host:23 in eth0",
            12,
            "-A INPUT -s 198.51.100.7 -p tcp --dport 23 -j ACCEPT",
            "accept",
        ),
    ] {
        let (_, text, _) = trace(root.path(), &[packet, "rules.v4"], "");
        assert!(text.contains(rule) && text.contains(&format!("rules.v4:{line}")), "{text}");
        let mut lines: Vec<&str> = RULES.lines().collect();
        lines.insert(line - 1, rule);
        let mended = folder("rules.v4", &(lines.join("\n") + "\n"));
        let (_, out, _) = trace(mended.path(), &["-f", "jsonl", packet, "rules.v4"], "");
        assert!(out.contains(&format!("\"verdict\":\"{verdict}\"")), "{out}");
    }
}

#[test]
fn packets_of_a_file_are_traced_in_order_and_every_word_is_a_path() {
    let root = folder("rules.v4", RULES);
    let packets = "# two\ntcp 198.51.100.7:1 -> host:22 in eth0  # ssh\n\nudp 198.51.100.7:1 -> host:9 in eth0\n";
    let (code, out, _) =
        trace(root.path(), &["--packets", "-", "-f", "jsonl", "rules.v4"], packets);
    let verdicts: Vec<_> = out
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).expect("an object")["verdict"].clone()
        })
        .collect();
    assert_eq!((code, verdicts), (0, vec!["accept".into(), "drop".into()]));
}

#[test]
fn what_cannot_be_followed_has_the_exit_code_of_its_kind() {
    let root = folder("rules.v4", RULES);
    let good = "tcp 198.51.100.7:1 -> host:22 in eth0";
    for (arguments, code, words) in [
        (
            &["udp 198.51.100.7:1 -> host:22 in eth0 flags syn", "rules.v4"][..],
            2,
            "only tcp has flags",
        ),
        (&["tcp 198.51.100.7 -> [2001:db8::1]:22 in eth0", "rules.v4"], 2, "one family"),
        (&["icmp 198.51.100.7:1 -> host in eth0", "rules.v4"], 2, "no ports"),
        (&["tcp 198.51.100.7:1 -> host:22", "rules.v4"], 2, "in eth0"),
        (&[], 2, "which packet?"),
        (&[good, "missing.v4"], 3, "missing.v4"),
    ] {
        let (exit, out, err) = trace(root.path(), arguments, "");
        assert_eq!((exit, out.as_str()), (code, ""), "{arguments:?}: {err}");
        assert!(err.contains(words), "{arguments:?}: {err}");
    }
    fs::write(root.path().join("broken.v4"), RULES.replace("--dport 22", "--dprot 22"))
        .expect("written");
    let (exit, out, err) = trace(root.path(), &[good, "broken.v4"], "");
    assert_eq!(exit, 3, "a rule that nobody could read may decide: {out}{err}");
}

#[test]
fn chains_that_call_each_other_twice_are_walked_once() {
    let mut rules = String::from("*filter\n:INPUT DROP [0:0]\n");
    for chain in 0..64 {
        let _ = writeln!(rules, ":c{chain} - [0:0]");
    }
    rules += "-A INPUT -j c0\n-A INPUT -p tcp --dport 22 -j ACCEPT\n";
    for chain in 0..63 {
        let next = chain + 1;
        for source in ["", " -s 10.0.0.0/8", ""] {
            let _ = writeln!(rules, "-A c{chain}{source} -j c{next}");
        }
    }
    rules += "-A c63 -s 192.0.2.1 -j DROP\nCOMMIT\n";
    let root = folder("rules.v4", &rules);
    let packet = "tcp 198.51.100.7:1 -> host:22 in eth0";
    let (code, out, _) = trace(root.path(), &["-f", "jsonl", packet, "rules.v4"], "");
    assert!(code == 0 && out.contains("\"verdict\":\"accept\""), "{code}: {out}");
}
