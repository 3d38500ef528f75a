//! What the configuration says of a host besides its rules, and what follows for findings and reviews.

mod process;

use assert_cmd::assert::Assert;
use process::{out, run, tree};
use serde_json::Value;

fn json(assert: &Assert) -> Value {
    serde_json::from_str(&out(assert).0).expect("JSON")
}

/// Accepts what passes through, and opens telnet and a database.
const RULES: &str = "\
*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 23 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 3306 -j ACCEPT
COMMIT
";

const HOST: &str = "[[host]]\nname = \"web1\"\nfiles = [\"rules.v4\"]\n";
const WAN: &str = "[zones]\nwan = { interfaces = [\"eth0\"], trust = \"untrusted\" }\n";

/// The severity of FW131 under a configuration; `None` where it is not reported.
fn forward(config: &str, more: &[(&str, &str)]) -> Option<String> {
    let mut files = vec![("fwlint.toml", config), ("rules.v4", RULES)];
    files.extend(more);
    let root = tree(&files);
    let report = json(&run(root.path(), "-f json --select FW1 rules.v4"));
    let mut found = report["findings"].as_array().expect("a list").iter();
    let found = found.find(|it| it["code"] == "FW131");
    found.map(|it| it["severity"].as_str().expect("a word").to_owned())
}

#[test]
fn a_host_that_forwards_for_strangers_is_an_error() {
    let said = |config: &str| forward(config, &[]);
    assert_eq!(said("").as_deref(), Some("info"));
    assert_eq!(said(WAN).as_deref(), Some("info"), "nobody says that it forwards");
    assert_eq!(said(&format!("{HOST}forwarding = true\n")).as_deref(), Some("warning"));
    assert_eq!(said(&format!("{WAN}{HOST}forwarding = true\n")).as_deref(), Some("error"));
    assert_eq!(said(&format!("{WAN}{HOST}forwarding = false\n")), None);
    let inside = WAN.replace("untrusted", "trusted");
    assert_eq!(said(&format!("{inside}{HOST}forwarding = true\n")).as_deref(), Some("warning"));
}

/// What is sent to one address is not tracked, and all of that is let in.
const UNTRACKED: &str = "\
*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -d 203.0.113.5/32 -j NOTRACK
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m state --state RELATED,ESTABLISHED,UNTRACKED -j ACCEPT
COMMIT
";

#[test]
fn what_is_open_at_an_address_is_open_where_the_host_has_it() {
    let said = |addresses: &str| {
        let config = format!("{HOST}{addresses}");
        let root = tree(&[("fwlint.toml", &config), ("rules.v4", UNTRACKED)]);
        let report = json(&run(root.path(), "-f json --select FW120 rules.v4"));
        let found = report["findings"].as_array().expect("a list").first()?.clone();
        let word = |key: &str| found[key].as_str().expect("a word").to_owned();
        Some((word("severity"), word("confidence")))
    };
    let is = |severity: &str, confidence: &str| Some((severity.to_owned(), confidence.to_owned()));
    assert_eq!(said(""), is("warning", "low"));
    assert_eq!(said("addresses = [\"203.0.113.5\"]\n"), is("error", "high"));
    assert_eq!(said("addresses = [\"198.51.100.9\"]\n"), None);
    assert_eq!(said("addresses = [\"2001:db8::5\"]\n"), is("warning", "low"));
}

#[test]
fn the_kernel_says_whether_it_forwards() {
    let host = format!("{WAN}{HOST}sysctl = \"sysctl.txt\"\n");
    let said = |text: &str| forward(&host, &[("sysctl.txt", text)]);
    assert_eq!(said("net.ipv4.ip_forward = 1\n").as_deref(), Some("error"));
    assert_eq!(said("net.ipv4.ip_forward = 0\n"), None);
    assert_eq!(said("net.ipv6.conf.all.forwarding = 1\n").as_deref(), Some("info"));
}

#[test]
fn facts_that_cannot_be_followed_are_2() {
    let refused = |keys: &str, more: &[(&str, &str)], parts: &[&str]| {
        let config = format!("{HOST}{keys}");
        let mut files = vec![("fwlint.toml", config.as_str()), ("rules.v4", RULES)];
        files.extend(more);
        let root = tree(&files);
        let (_, stderr) = out(&run(root.path(), "rules.v4").code(2));
        for part in parts {
            assert!(stderr.contains(part), "{part}: {stderr}");
        }
        let (_, zh) = out(&run(root.path(), "--lang zh rules.v4").code(2));
        assert!(zh.chars().any(|it| ('\u{4e00}'..='\u{9fff}').contains(&it)), "{zh}");
    };
    let both = "forwarding = false\nsysctl = \"s\"\n";
    let on = [("s", "net.ipv4.ip_forward = 1\n")];
    refused(
        both,
        &on,
        &["s says the opposite of forwarding", "fwlint.toml:4:14", "contradicts this"],
    );
    refused("sysctl = \"s\"\n", &[("s", "nonsense\n")], &["s:1:1", "gives no key a value"]);
    refused("sockets = \"s\"\n", &[("s", "tcp x\n")], &["s:1:1", "lists no socket"]);
    refused("sockets = \"s\"\n", &[], &["fwlint.toml:4:11", "s cannot be read"]);
}

const SS: &str = "\
tcp   LISTEN 0      4096          0.0.0.0:23         0.0.0.0:*
tcp   LISTEN 0      80          127.0.0.1:3306       0.0.0.0:*
";

#[test]
fn what_nobody_listens_at_is_one_step_less_and_never_nothing() {
    let found = |config: &str| {
        let root = tree(&[("fwlint.toml", config), ("rules.v4", RULES), ("ss.txt", SS)]);
        let report = json(&run(root.path(), "-f json --select FW102,FW104 rules.v4"));
        let findings = report["findings"].as_array().expect("a list").clone();
        findings
            .iter()
            .map(|it| (it["severity"].as_str().expect("a word").to_owned(), it["help"].to_string()))
            .collect::<Vec<_>>()
    };
    let severities = |found: &[(String, String)]| {
        found.iter().map(|(severity, _)| severity.clone()).collect::<Vec<_>>()
    };
    assert_eq!(severities(&found(HOST)), ["error", "error"]);
    let heard = found(&format!("{HOST}sockets = \"ss.txt\"\n"));
    assert_eq!(severities(&heard), ["error", "warning"]);
    assert!(heard[0].1.contains("A program listens there, as ss.txt lists it."), "{heard:?}");
    assert!(heard[1].1.contains("No program listens there, as ss.txt lists them"), "{heard:?}");
    // What is a note already stays one.
    let web = RULES.replace("--dport 23", "--dport 80");
    let config = format!("{HOST}sockets = \"ss.txt\"\n");
    let root = tree(&[("fwlint.toml", &config), ("rules.v4", &web), ("ss.txt", SS)]);
    let report = json(&run(root.path(), "-f json --select FW118 rules.v4"));
    assert_eq!(report["findings"][0]["severity"], "info");
}

#[test]
fn a_review_says_what_listens() {
    let config = format!("{HOST}sockets = \"ss.txt\"\n");
    let root = tree(&[("fwlint.toml", &config), ("rules.v4", RULES), ("ss.txt", SS)]);
    let listening = |line: &str| {
        let report = json(&run(root.path(), line));
        let exposures = report["hosts"][0]["exposures"].as_array().expect("a list").clone();
        let of = |port: u16| {
            let ports = serde_json::json!([port, port]);
            let open = exposures.iter().find(|it| it["ports"] == ports && it["path"] == "input");
            open.expect("it is open")["listening"].as_str().expect("a word").to_owned()
        };
        [of(23), of(3306)]
    };
    assert_eq!(listening("review -f json rules.v4"), ["yes", "no"]);
    assert_eq!(listening("review -f json --isolated rules.v4"), ["unknown", "unknown"]);
    let (stdout, _) = out(&run(root.path(), "review rules.v4").code(0));
    assert!(stdout.contains("no program listens at tcp/3306 (ss.txt)"), "{stdout}");
    let (stdout, _) = out(&run(root.path(), "review --lang zh rules.v4").code(0));
    assert!(stdout.contains("没有程序在 tcp/3306 监听（ss.txt）"), "{stdout}");
}

#[test]
fn a_review_takes_for_granted_only_what_is_not_said() {
    let assumed = |config: &str| {
        let root = tree(&[("fwlint.toml", config), ("rules.v4", RULES)]);
        let report = json(&run(root.path(), "review -f json rules.v4"));
        let all = report["hosts"][0]["assumptions"].as_array().expect("a list").clone();
        let kinds = all.iter().map(|it| it["kind"].as_str().expect("a word").to_owned());
        kinds.filter(|it| it.contains("forwarding")).collect::<Vec<_>>()
    };
    assert_eq!(assumed(HOST), ["forwarding"]);
    assert_eq!(assumed(&format!("{HOST}forwarding = true\n")), [""; 0]);
    assert_eq!(assumed(&format!("{HOST}forwarding = false\n")), ["no-forwarding"]);
}
