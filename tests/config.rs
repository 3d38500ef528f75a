//! The configuration file as the process follows it, and the hosts that files make.

mod process;

use assert_cmd::assert::Assert;
use process::{fwlint, out, run, tree};

/// Opens SSH to everybody: FW101, a warning.
const OPEN: &str = "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
";

fn json(assert: &Assert) -> serde_json::Value {
    serde_json::from_str(&out(assert).0).expect("JSON")
}

/// The paths of findings of a report.
fn paths(report: &serde_json::Value) -> Vec<String> {
    let findings = report["findings"].as_array().expect("a list");
    findings.iter().map(|it| it["path"].as_str().expect("a path").to_owned()).collect()
}

#[test]
fn each_file_has_the_settings_of_its_nearest_configuration() {
    let root = tree(&[
        ("fwlint.toml", "[lint]\nfail-on = \"error\""),
        ("a/rules.v4", OPEN),
        ("b/rules.v4", OPEN),
        ("b/.fwlint.toml", "[lint]\nignore = [\"FW101\"]"),
    ]);
    let assert = run(root.path(), "-f json").code(0);
    let report = json(&assert);
    assert_eq!(paths(&report), ["a/rules.v4"]);
    let configs: Vec<_> =
        report["files"].as_array().expect("a list").iter().map(|it| &it["config"]).collect();
    assert_eq!(configs, ["fwlint.toml", "b/.fwlint.toml"]);
    run(root.path(), "a").code(0);
    run(root.path(), "--fail-on warning a").code(1);
    run(root.path(), "--isolated a").code(1);
    run(root.path(), "--config b/.fwlint.toml a").code(0);
    fwlint(root.path()).env("FWLINT_ISOLATED", "yes").arg("a").assert().code(1);
    fwlint(root.path()).env("FWLINT_CONFIG", "b/.fwlint.toml").arg("a").assert().code(0);
    run(root.path(), "--config fwlint.toml --isolated a").code(2);
    let both = |variable, value, line| {
        let mut command = fwlint(root.path());
        command.env(variable, value).args(["check", line, "a"]).assert()
    };
    both("FWLINT_CONFIG", "b/.fwlint.toml", "--isolated").code(1);
    both("FWLINT_ISOLATED", "1", "--config=b/.fwlint.toml").code(0);
}

#[test]
fn the_gate_of_a_file_is_that_of_its_own_configuration() {
    let root = tree(&[
        ("a/fwlint.toml", "[lint]\nfail-on = \"never\""),
        ("a/rules.v4", OPEN),
        ("b/rules.v4", OPEN),
    ]);
    run(root.path(), "a").code(0);
    run(root.path(), "a b").code(1);
}

#[test]
fn standard_input_has_the_configuration_of_its_name() {
    let root = tree(&[("b/fwlint.toml", "[lint]\nignore = [\"FW101\"]")]);
    let stdin = |name: &str| {
        let mut command = fwlint(root.path());
        command.args(["--stdin-filename", name, "-"]).write_stdin(OPEN).assert()
    };
    stdin("b/rules.v4").code(0);
    stdin("a/rules.v4").code(1);
}

#[test]
fn a_configuration_that_cannot_be_followed_is_2_with_the_place() {
    let root = tree(&[("fwlint.toml", "[lint]\nignroe = [\"FW101\"]\n"), ("rules.v4", OPEN)]);
    let (stdout, stderr) = out(&run(root.path(), "rules.v4").code(2));
    assert_eq!(stdout, "");
    for part in ["fwlint.toml:2:1", "no key is called `ignroe`", "did you mean `ignore`?", "───"]
    {
        assert!(stderr.contains(part), "{part}: {stderr}");
    }
    let (_, stderr) = out(&run(root.path(), "--lang zh rules.v4").code(2));
    assert!(stderr.contains("没有名为 `ignroe` 的键"), "{stderr}");
    run(root.path(), "--isolated rules.v4").code(1);
    run(root.path(), "--config nowhere.toml rules.v4").code(2);
    run(root.path(), "--config . rules.v4").code(2);
}

#[test]
fn nothing_in_a_configuration_reaches_the_terminal_raw() {
    let root =
        tree(&[("fwlint.toml", "\"a\\u001b[31m\" = 1 # \u{202e}\u{1b}[32m\n"), ("r.v4", OPEN)]);
    let (_, stderr) = out(&run(root.path(), "r.v4").code(2));
    assert!(!stderr.contains(['\u{1b}', '\u{202e}']), "{stderr:?}");
}

#[test]
fn zones_that_overlap_are_2_with_both_places() {
    let zones =
        "[zones]\na = { sources = [\"10.0.0.0/8\"] }\nb = { sources = [\"10.1.0.0/16\"] }\n";
    let root = tree(&[("fwlint.toml", zones), ("rules.v4", OPEN)]);
    let (_, stderr) = out(&run(root.path(), "rules.v4").code(2));
    for part in ["`10.1.0.0/16` is in zone `a` already", "fwlint.toml:3:18", "contradicts this"] {
        assert!(stderr.contains(part), "{part}: {stderr}");
    }
}

#[test]
fn a_wrong_packet_is_2_where_it_is_wrong() {
    let packet = "[[expect.packet]]\nname = \"x\"\npacket = \"tcp 192.0.2.1:1 -> host:99999 in eth0\"\nverdict = \"drop\"\n";
    let root = tree(&[("fwlint.toml", packet), ("rules.v4", OPEN)]);
    let (_, stderr) = out(&run(root.path(), "rules.v4").code(2));
    assert!(stderr.contains("fwlint.toml:3:35"), "{stderr}");
    assert!(stderr.contains("a port from 0 to 65535"), "{stderr}");
}

#[test]
fn two_configurations_in_one_folder_and_circles_are_2() {
    let root = tree(&[
        ("two/fwlint.toml", ""),
        ("two/.fwlint.toml", ""),
        ("two/rules.v4", OPEN),
        ("circle/fwlint.toml", "extend = \"../b.toml\""),
        ("b.toml", "extend = \"circle/fwlint.toml\""),
        ("circle/rules.v4", OPEN),
    ]);
    let (_, stderr) = out(&run(root.path(), "two").code(2));
    assert!(stderr.contains("two holds both `fwlint.toml` and `.fwlint.toml`"), "{stderr}");
    let (_, stderr) = out(&run(root.path(), "circle").code(2));
    assert!(stderr.contains("`extend` leads back to circle/fwlint.toml"), "{stderr}");
}

#[test]
fn the_file_of_the_other_family_is_context() {
    let root = tree(&[("rules.v4", OPEN), ("rules.v6", OPEN), ("other.v4", OPEN)]);
    let assert = run(root.path(), "-f json rules.v4").code(1);
    let report = json(&assert);
    assert_eq!(paths(&report), ["rules.v4"]);
    assert_eq!(report["analysis"]["context"], serde_json::json!(["rules.v6"]));
    assert_eq!(report["files"].as_array().map(Vec::len), Some(1));
    let (stdout, _) = out(&run(root.path(), "rules.v4").code(1));
    assert!(stdout.contains("1 file, 3 rules · 1 other file of the same host"), "{stdout}");
    let both = json(&run(root.path(), "-f json --select FW101 rules.v4 rules.v6").code(1));
    assert_eq!(paths(&both), ["rules.v4", "rules.v6"]);
    assert_eq!(both["analysis"]["context"], serde_json::json!([]));
    let (stdout, _) = out(&run(root.path(), "--show-files rules.v4").code(0));
    assert_eq!(stdout, "rules.v4\n");
}

#[test]
fn what_is_wrong_with_context_is_found_when_it_is_asked_about() {
    let root = tree(&[("rules.v4", OPEN), ("rules.v6", "*filter\n-A INPUT --nonsense\nCOMMIT\n")]);
    run(root.path(), "-e rules.v4").code(0);
    run(root.path(), "-e rules.v6").code(3);
}

const SETS: &str = "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp -m set --match-set office src -m tcp --dport 22 -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
";

#[test]
fn the_files_of_a_host_are_read_together_wherever_they_lie() {
    let host = "[[host]]\nname = \"web1\"\nfiles = [\"a/filter.rules\", \"b/sets.conf\"]\n";
    let set = "create office hash:net family inet\nadd office 192.0.2.0/29\n";
    let root = tree(&[("fwlint.toml", host), ("a/filter.rules", SETS), ("b/sets.conf", set)]);
    let alone = json(&run(root.path(), "-f json --isolated a/filter.rules"));
    assert_eq!(alone["analysis"]["unknown"][0]["what"], "set office");
    let whole = json(&run(root.path(), "-f json a/filter.rules"));
    assert_eq!(whole["analysis"]["unknown"], serde_json::json!([]), "{whole}");
    assert_eq!(whole["analysis"]["context"], serde_json::json!(["b/sets.conf"]));
}

#[test]
fn a_file_of_a_host_that_is_not_there_is_3() {
    let host = "[[host]]\nname = \"web1\"\nfiles = [\"rules.v4\", \"nope.v6\"]\n";
    let root = tree(&[("fwlint.toml", host), ("rules.v4", OPEN)]);
    let (_, stderr) = out(&run(root.path(), "-e rules.v4").code(3));
    assert!(stderr.contains("nope.v6: no such file"), "{stderr}");
}

#[test]
fn files_that_fill_the_same_table_are_no_host() {
    let host = "[[host]]\nname = \"web1\"\nfiles = [\"rules.v4\", \"web.nft\"]\n";
    let nft = "table ip filter {\n\tchain INPUT {\n\t\ttype filter hook input priority filter; policy drop;\n\t}\n}\n";
    let root = tree(&[("fwlint.toml", host), ("rules.v4", OPEN), ("web.nft", nft)]);
    let (stdout, stderr) = out(&run(root.path(), ".").code(2));
    let said = "host `web1`: rules.v4 and web.nft both fill table `ip filter`";
    assert!(stderr.contains(said) && stderr.contains("fwlint.toml:3:22"), "{stderr}");
    assert!(stdout.contains("FW101"), "the files are checked one by one: {stdout}");
    let apart = nft.replace("table ip filter", "table inet fw");
    let root = tree(&[("fwlint.toml", host), ("rules.v4", OPEN), ("web.nft", &apart)]);
    let together = json(&run(root.path(), "-f json --select FW1 rules.v4"));
    assert_eq!(paths(&together), Vec::<String>::new(), "the other table drops it");
}

#[test]
fn a_file_that_context_includes_is_still_asked_about() {
    let host = "[[host]]\nname = \"web1\"\nfiles = [\"main.nft\", \"web.rules\"]\n";
    let main = "table inet fw {\n\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n\t\tiifname \"lo\" accept\n\t\tct state established,related accept\n\t\ticmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept\n\t\tinclude \"web.rules\"\n\t\tinclude \"other.rules\"\n\t}\n}\n";
    let rule = "tcp dport 3389 accept\n";
    let root = tree(&[
        ("fwlint.toml", host),
        ("main.nft", main),
        ("web.rules", rule),
        ("other.rules", "tcp dport 23 accept\n"),
    ]);
    let whole = json(&run(root.path(), "-f json main.nft").code(1));
    assert_eq!(paths(&whole), ["other.rules", "web.rules"]);
    let part = json(&run(root.path(), "-f json --dialect nft web.rules").code(1));
    assert_eq!(paths(&part), ["web.rules"]);
}

#[test]
fn a_lint_has_the_severity_that_the_configuration_gives_it() {
    let severities = |text: &str| {
        let root = tree(&[("fwlint.toml", text), ("rules.v4", OPEN)]);
        let report = json(&run(root.path(), "-f json rules.v4"));
        let findings = report["findings"].as_array().expect("a list").clone();
        let severity = |it: &serde_json::Value| it["severity"].as_str().map(str::to_owned);
        findings.iter().filter_map(severity).collect::<Vec<_>>()
    };
    assert_eq!(severities(""), vec!["warning".to_owned()]);
    let named = "[lint.severity]\nadmin-service-open = \"error\"";
    assert_eq!(severities(named), vec!["error".to_owned()]);
    assert_eq!(severities("[lint.severity]\nFW101 = \"off\""), Vec::<String>::new());
    let root = tree(&[("fwlint.toml", "[lint.severity]\nFW101 = \"info\""), ("r.v4", OPEN)]);
    run(root.path(), "r.v4").code(0);
}

#[test]
fn a_lint_that_is_off_still_leaves_the_check_incomplete() {
    let broken = "*filter\n-A INPUT --nonsense\nCOMMIT\n";
    let root = tree(&[("fwlint.toml", "[lint.severity]\nFW000 = \"off\""), ("r.v4", broken)]);
    run(root.path(), "r.v4").code(3);
}

#[test]
fn some_files_are_looked_at_otherwise() {
    let per_file = "[[lint.per-file]]\nfiles = [\"lab/**\"]\nignore = [\"FW1\"]\n";
    let root =
        tree(&[("conf/fwlint.toml", per_file), ("conf/lab/a.v4", OPEN), ("conf/web/a.v4", OPEN)]);
    let report = json(&run(root.path(), "-f json conf").code(1));
    assert_eq!(paths(&report), ["conf/web/a.v4"], "the pattern starts where the file lies");
    let here = json(&run(&root.path().join("conf/lab"), "-f json a.v4").code(0));
    assert_eq!(paths(&here), Vec::<String>::new());
}

#[test]
fn what_is_a_wide_range_is_configured() {
    let wide = OPEN.replace("--dport 22 ", "--dport 5000:5050 ");
    let codes = |text: &str| {
        let root = tree(&[("fwlint.toml", text), ("rules.v4", &wide)]);
        let report = json(&run(root.path(), "-f json --select FW124 rules.v4"));
        report["findings"].as_array().expect("a list").len()
    };
    assert_eq!(codes(""), 0);
    assert_eq!(codes("[lint.options]\nwide-range = 50"), 1);
    assert_eq!(codes("[lint.options]\nwide-range = 51"), 0);
}

const LEDGER: &str = "\
[[service]]
id = \"ledger\"
ports = [4567]
transport = [\"tcp\"]
service = \"ledger\"
category = \"data-store\"
severity = \"critical\"
note.en = \"The books.\"
note.zh = \"账本。\"
mitigation.en = \"Close it.\"
mitigation.zh = \"关闭它。\"
";

#[test]
fn entries_of_the_users_own_are_known() {
    let ledger = OPEN.replace("--dport 22 ", "--dport 4567 ");
    let extra = "[knowledge]\nextra = [\"ports.toml\"]";
    let root = tree(&[
        ("a/fwlint.toml", extra),
        ("a/ports.toml", LEDGER),
        ("a/rules.v4", &ledger),
        ("b/fwlint.toml", extra),
        ("b/ports.toml", &LEDGER.replace("ledger", "till")),
        ("b/rules.v4", &ledger),
        ("c/rules.v4", &ledger),
    ]);
    let report = json(&run(root.path(), "-f json .").code(1));
    let findings = report["findings"].as_array().expect("a list");
    let found: Vec<_> = findings
        .iter()
        .map(|it| (it["code"].as_str(), it["severity"].as_str(), it["service"]["id"].as_str()))
        .collect();
    let wanted = |id| (Some("FW102"), Some("error"), Some(id));
    assert_eq!(found, [wanted("ledger"), wanted("till")], "each has its own");
    let (stdout, _) = out(&run(root.path(), "review a/rules.v4").code(0));
    assert!(stdout.contains("ledger"), "{stdout}");
}

#[test]
fn what_is_said_of_ports_knows_entries_of_the_users_own() {
    let ledger = OPEN.replace("--dport 22 ", "--dport 4567 ");
    let root = tree(&[
        ("fwlint.toml", "[knowledge]\nextra = [\"ports.toml\"]"),
        ("ports.toml", LEDGER),
        ("old/rules.v4", &OPEN.replace("-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n", "")),
        ("new/rules.v4", &ledger),
    ]);
    let told = |line: &str| out(&run(root.path(), line).code(0)).0;
    for line in ["explain tcp/4567", "explain ledger", "ports 4567", "diff old new"] {
        let text = told(line);
        assert!(text.contains("ledger"), "{line}: {text}");
        let (isolated, notes) = out(&run(root.path(), &format!("{line} --isolated")));
        assert!(!isolated.contains("ledger"), "{line}: {isolated}{notes}");
    }
    let (stdout, _) = out(&run(root.path(), "ports 4567 --format json").code(0));
    assert!(stdout.contains("\"ledger\""), "{stdout}");
    let other = root.path().join("new");
    let text = out(&run(&other, "ports 4567 --config ../fwlint.toml").code(0)).0;
    assert!(text.contains("ledger"), "{text}");
    // What differs is named by the configuration of the new side, wherever one stands.
    let (text, _) = out(&run(&other, "diff ../old/rules.v4 rules.v4").code(0));
    assert!(text.contains("ledger"), "{text}");
}

#[test]
fn the_page_of_a_lint_needs_no_configuration() {
    let root = tree(&[("fwlint.toml", "nonsense = 1"), ("a.v4", OPEN), ("b.v4", OPEN)]);
    let (page, _) = out(&run(root.path(), "explain FW101").code(0));
    assert!(page.contains("admin-service-open"), "{page}");
    for line in ["explain tcp/22", "ports 22", "diff a.v4 b.v4"] {
        let (_, notes) = out(&run(root.path(), line).code(2));
        assert!(notes.contains("nonsense"), "{line}: {notes}");
    }
}

#[test]
fn a_broken_entry_is_2_where_it_is_broken() {
    let extra = "[knowledge]\nextra = [\"ports.toml\"]";
    let ports = LEDGER.replace("data-store", "data-stor");
    let root = tree(&[("fwlint.toml", extra), ("ports.toml", &ports), ("rules.v4", OPEN)]);
    let (_, stderr) = out(&run(root.path(), "rules.v4").code(2));
    for part in ["ports.toml:6:12", "`data-stor` is no category", "did you mean `data-store`?"] {
        assert!(stderr.contains(part), "{part}: {stderr}");
    }
    let (_, stderr) = out(&run(root.path(), "--lang zh rules.v4").code(2));
    assert!(stderr.contains("`category` 不接受 `data-stor`"), "{stderr}");
    let root = tree(&[("fwlint.toml", extra), ("rules.v4", OPEN)]);
    let (_, stderr) = out(&run(root.path(), "rules.v4").code(2));
    assert!(stderr.contains("fwlint.toml:2:10"), "{stderr}");
}
