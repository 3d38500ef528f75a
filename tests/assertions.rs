//! `fwlint test`: what passes, what fails, what nobody knows, and what the process says of it.

mod process;

use process::{out, run, tree};

const RULES: &str = "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -s 10.20.0.0/16 -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -d 192.0.2.10/32 -p tcp -m tcp --dport 443 -j ACCEPT
-A INPUT -p tcp -m set --match-set friends src -m tcp --dport 8443 -j ACCEPT
-A INPUT -p udp -j REJECT --reject-with icmp-port-unreachable
COMMIT
";

fn packet(packet: &str, verdict: &str) -> String {
    format!("[[expect.packet]]\nname = \"it\"\npacket = \"{packet}\"\nverdict = \"{verdict}\"\n")
}

/// The outcome, the verdict, the deciding line and the reason of each assertion.
fn asked(rules: &[(&str, &str)], config: &str, code: i32) -> Vec<(String, String, u64, String)> {
    let mut files = rules.to_vec();
    files.push(("fwlint.toml", config));
    let root = tree(&files);
    let assert = run(root.path(), "test -f json").code(code);
    let report: serde_json::Value = serde_json::from_str(&out(&assert).0).expect("JSON");
    let text = |it: &serde_json::Value| it.as_str().unwrap_or_default().to_owned();
    let all = report["assertions"].as_array().expect("a list");
    all.iter()
        .map(|it| {
            let line = it["decided_by"]["line"].as_u64().unwrap_or_default();
            (text(&it["outcome"]), text(&it["verdict"]), line, text(&it["reason"]))
        })
        .collect()
}

/// The outcome, the verdict and the deciding line of one assertion about [`RULES`].
fn of(config: &str, code: i32) -> (String, String, u64) {
    let mut all = asked(&[("rules.v4", RULES)], config, code);
    assert_eq!(all.len(), 1, "{all:?}");
    let (outcome, verdict, line, _) = all.remove(0);
    (outcome, verdict, line)
}

fn ends(outcome: &str, verdict: &str, line: u64) -> (String, String, u64) {
    (outcome.to_owned(), verdict.to_owned(), line)
}

#[test]
fn a_packet_passes_with_its_verdict_and_fails_with_another() {
    let ssh = "tcp 10.20.0.5:40000 -> host:22 in eth0";
    assert_eq!(of(&packet(ssh, "accept"), 0), ends("passed", "accept", 6));
    assert_eq!(of(&packet(ssh, "drop"), 1), ends("failed", "accept", 6));
    let other = "tcp 10.21.0.5:40000 -> host:22 in eth0";
    assert_eq!(of(&packet(other, "drop"), 0), ends("passed", "drop", 2));
    assert_eq!(of(&packet(other, "reject"), 1), ends("failed", "drop", 2));
    let udp = "udp 10.21.0.5:40000 -> host:53 in eth0";
    assert_eq!(of(&packet(udp, "reject"), 0), ends("passed", "reject", 9));
    assert_eq!(of(&packet(udp, "drop"), 1), ends("failed", "reject", 9));
}

#[test]
fn what_a_set_that_is_not_given_decides_is_maybe() {
    let config = packet("tcp 198.51.100.7:40000 -> host:8443 in eth0", "accept");
    let all = asked(&[("rules.v4", RULES)], &config, 0);
    assert_eq!((all[0].0.as_str(), all[0].1.as_str(), all[0].2), ("maybe", "maybe", 8));
    assert!(all[0].3.contains("depends on set friends"), "{all:?}");
    let set = "create friends hash:net family inet\nadd friends 198.51.100.0/24\n";
    let all = asked(&[("rules.v4", RULES), ("sets.ipset", set)], &config, 0);
    assert_eq!(all.len(), 1, "{all:?}");
}

#[test]
fn the_addresses_of_a_host_settle_what_is_sent_to_it() {
    let https = packet("tcp 198.51.100.7:40000 -> host:443 in eth0", "accept");
    assert_eq!(of(&https, 0).0, "maybe");
    let host = |addresses: &str| {
        format!(
            "{https}[[host]]\nname = \"web\"\nfiles = [\"rules.v4\"]\naddresses = [{addresses}]\n"
        )
    };
    assert_eq!(of(&host("\"192.0.2.10\""), 0), ends("passed", "accept", 7));
    assert_eq!(of(&host("\"192.0.2.11\""), 1), ends("failed", "drop", 2));
    assert_eq!(of(&host("\"192.0.2.10\", \"192.0.2.11\""), 0).0, "maybe");
}

#[test]
fn rules_that_are_not_given_are_maybe_unless_the_host_is_said_to_lack_them() {
    let ssh = packet("tcp [2001:db8::7]:40000 -> host:22 in eth0", "drop");
    let all = asked(&[("rules.v4", RULES)], &ssh, 0);
    assert_eq!((all[0].0.as_str(), all[0].3.as_str()), ("maybe", "no rules for IPv6 are given"));
    let host = format!(
        "{ssh}[[host]]\nname = \"web\"\nfiles = [\"rules.v4\"]\nfamilies = [\"ipv4\", \"ipv6\"]\n"
    );
    let all = asked(&[("rules.v4", RULES)], &host, 1);
    assert_eq!((all[0].0.as_str(), all[0].3.as_str()), ("failed", "accepted: no chain sees it"));
    let fragment = "*filter\n:web - [0:0]\n-A web -p tcp -m tcp --dport 22 -j DROP\nCOMMIT\n";
    let ipv4 = packet("tcp 192.0.2.7:40000 -> host:22 in eth0", "drop");
    let all = asked(&[("rules.v4", fragment)], &ipv4, 0);
    assert_eq!(all[0].0, "maybe");
    assert!(all[0].3.contains("from a hook"), "{all:?}");
}

#[test]
fn one_address_of_a_zone_that_is_kept_out_is_enough_to_fail() {
    let group = |sources: &str, port: &str| {
        format!(
            "[zones]\nz = {{ sources = [{sources}] }}\n[expect]\nops = {{ from = \"z\", must-reach = [\"{port}\"] }}\n"
        )
    };
    assert_eq!(of(&group("\"10.20.0.0/16\"", "tcp/22"), 0).0, "passed");
    assert_eq!(of(&group("\"10.20.0.0/15\"", "tcp/22"), 1), ends("failed", "drop", 2));
    assert_eq!(of(&group("\"10.20.0.0/16\"", "udp/22"), 1), ends("failed", "reject", 9));
    assert_eq!(of(&group("\"10.20.0.0/16\"", "tcp/8443"), 0), ends("maybe", "maybe", 8));
    let both =
        asked(&[("rules.v4", RULES)], &group("\"10.20.0.0/16\", \"fd20::/48\"", "tcp/22"), 0);
    assert_eq!(both.iter().map(|it| it.0.as_str()).collect::<Vec<_>>(), ["passed", "maybe"]);
}

#[test]
fn a_policy_that_is_not_written_is_maybe() {
    let config = "[zones]\nz = { sources = [\"10.20.0.0/16\"] }\n[expect]\nops = { from = \"z\", must-reach = [\"tcp/22\"] }\n";
    let rules = "*filter\n:FORWARD DROP [0:0]\n-A INPUT -s 10.20.0.0/17 -j ACCEPT\nCOMMIT\n";
    let all = asked(&[("rules.v4", rules)], config, 0);
    assert_eq!(all[0].0, "maybe");
    assert!(all[0].3.contains("a policy that the input does not say"), "{all:?}");
}

#[test]
fn nothing_is_public_but_what_is_declared() {
    assert_eq!(of("[expect]\npublic = [\"tcp/443\"]\n", 0).0, "maybe");
    assert_eq!(of("[expect]\npublic = [\"tcp/443\", \"tcp/8443\"]\n", 0).0, "passed");
    assert_eq!(of("[expect]\npublic = [\"tcp/8443\"]\n", 1), ends("failed", "accept", 7));
    let open = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -p tcp -m tcp ! --dport 443 -j DROP\n-A INPUT ! -p tcp -j DROP\nCOMMIT\n";
    let config = |ports: &str| format!("[expect]\npublic = [{ports}]\n");
    let all = asked(&[("rules.v4", open)], &config("\"tcp/443\""), 0);
    assert_eq!(all[0].0, "passed");
    let all = asked(&[("rules.v4", open)], &config("\"tcp/80\""), 1);
    assert_eq!((all[0].0.as_str(), all[0].2), ("failed", 2), "only the policy opens it: {all:?}");
    assert_eq!(all[0].3, "tcp/443 open to strangers");
}

#[test]
fn a_configuration_is_about_the_files_below_it_that_have_no_nearer_one() {
    let root = tree(&[
        ("fwlint.toml", &packet("tcp 10.20.0.5:40000 -> host:22 in eth0", "accept")),
        ("a/rules.v4", RULES),
        ("b/rules.v4", RULES),
        ("b/fwlint.toml", "[lint]\nignore = [\"FW1\"]\n"),
        ("more.toml", &packet("tcp 10.20.0.5:40000 -> host:23 in eth0", "drop")),
    ]);
    let (stdout, _) = out(&run(root.path(), "test").code(0));
    assert!(stdout.contains("a/rules.v4") && !stdout.contains("b/rules.v4"), "{stdout}");
    let (stdout, _) = out(&run(root.path(), "test fwlint.toml more.toml").code(0));
    assert!(stdout.contains("2 assertions: 2 passed, 0 failed, 0 maybe."), "{stdout}");
    let (_, stderr) = out(&run(root.path(), "test b/fwlint.toml").code(3));
    assert!(stderr.contains("nothing was tested"), "{stderr}");
    run(root.path(), "test --config more.toml").code(0);
    run(root.path(), "test --isolated").code(3);
    run(root.path(), "test nowhere.toml").code(2);
}

#[test]
fn what_was_not_understood_is_3_and_a_wrong_configuration_2() {
    let ssh = packet("tcp 10.20.0.5:40000 -> host:22 in eth0", "accept");
    let broken = RULES.replace("-A INPUT -i lo", "-A INPUT --nonsense");
    let root = tree(&[("fwlint.toml", &ssh), ("rules.v4", &broken)]);
    let (_, stderr) = out(&run(root.path(), "test").code(3));
    assert!(stderr.contains("rules.v4: not everything in it was analysed"), "{stderr}");
    let root = tree(&[("fwlint.toml", &packet("tcp", "drop")), ("rules.v4", RULES)]);
    run(root.path(), "test").code(2);
    let host = format!("{ssh}[[host]]\nname = \"x\"\nfiles = [\"rules.v4\", \"nope.v6\"]\n");
    let root = tree(&[("fwlint.toml", &host), ("rules.v4", RULES)]);
    run(root.path(), "test").code(3);
}

#[test]
fn the_report_is_for_people_in_their_language() {
    let config = format!(
        "{}[[expect.packet]]\nname = \"bastion\"\npacket = \"tcp 10.20.0.5:40000 -> host:22 in eth0\"\nverdict = \"accept\"\n",
        packet("tcp 10.21.0.5:40000 -> host:22 in eth0", "accept"),
    );
    let root = tree(&[("fwlint.toml", &config), ("rules.v4", RULES)]);
    let (stdout, _) = out(&run(root.path(), "test").code(1));
    let wanted = "\
rules.v4
  failed it: dropped by the policy at rules.v4:2
         tcp 10.21.0.5:40000 -> host:22 in eth0
         expected accept (fwlint.toml:2)
  passed bastion: accepted at rules.v4:6
2 assertions: 1 passed, 1 failed, 0 maybe.
";
    assert_eq!(stdout, wanted);
    let (stdout, _) = out(&run(root.path(), "test --lang zh").code(1));
    assert!(stdout.contains("失败   it：被 rules.v4:2 的默认策略丢弃"), "{stdout}");
    assert!(stdout.contains("2 项断言：1 项通过，1 项失败，0 项不确定。"), "{stdout}");
}
