//! What each fix makes of a text, to the last byte; that a second time changes nothing, and what is not offered.

mod process;

use process::{out, run, tree};
use std::fs;

/// A file after `--fix` with one lint on, and after a second time.
fn mended(name: &str, code: &str, text: &str, flags: &str) -> String {
    let root = tree(&[(name, text)]);
    let line =
        format!("--isolated --persona audit --fix {flags} --select {code} --fail-on never {name}");
    let fix = || {
        let assert = run(root.path(), &line);
        let output = assert.get_output().clone();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        fs::read_to_string(root.path().join(name)).expect("still there")
    };
    let once = fix();
    assert_eq!(fix(), once, "a second time changes it again");
    once
}

/// Every text becomes what stands beside it.
fn become_of(name: &str, code: &str, flags: &str, cases: &[(&str, &str)]) {
    for (before, wanted) in cases {
        assert_eq!(mended(name, code, before, flags), *wanted, "of {before}");
    }
}

fn stays(name: &str, code: &str, flags: &str, cases: &[&str]) {
    for text in cases {
        assert_eq!(mended(name, code, text, flags), *text);
    }
}

fn iptables(rules: &str) -> String {
    format!(
        "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n{rules}COMMIT\n"
    )
}

/// Ours by its comment: a text without one could be printed.
fn nft(rules: &str) -> String {
    format!(
        "# ours\ntable inet t {{\n\tchain c {{\n\t\ttype filter hook input priority 0; policy drop;\n{rules}\t}}\n}}\n"
    )
}

#[test]
fn a_shadowed_rule_goes_in_front_with_its_own_comments_and_counters() {
    let before = iptables(
        "# the office\n-A INPUT -s 10.0.0.0/8 -p icmp -j ACCEPT\n\
         # quarantine\n# fwlint: ignore[FW906] quiet\n[3:4] -A INPUT -s 10.66.0.0/16 -p icmp -j DROP   \n\
         # the rest\n-A INPUT -s 192.0.2.0/24 -j ACCEPT\n",
    );
    let after = iptables(
        "# quarantine\n# fwlint: ignore[FW906] quiet\n[3:4] -A INPUT -s 10.66.0.0/16 -p icmp -j DROP   \n\
         # the office\n-A INPUT -s 10.0.0.0/8 -p icmp -j ACCEPT\n\
         # the rest\n-A INPUT -s 192.0.2.0/24 -j ACCEPT\n",
    );
    become_of("a.v4", "FW201", "--unsafe-fixes", &[(&before, &after)]);
    let crlf = |text: &str| text.replace('\n', "\r\n");
    let before =
        nft("\t\tip saddr 10.0.0.0/8 drop # all\n\t\tip saddr 10.1.0.0/16 accept # but these\n");
    let after =
        nft("\t\tip saddr 10.1.0.0/16 accept # but these\n\t\tip saddr 10.0.0.0/8 drop # all\n");
    become_of(
        "a.nft",
        "FW202",
        "--unsafe-fixes",
        &[
            (&before, &after),
            (&crlf(&before), &crlf(&after)),
            (
                "table ip t { chain c { type filter hook input priority 0; ip saddr 10.0.0.0/8 drop; ip saddr 10.1.0.0/16 accept; }; }\n",
                "table ip t { chain c { type filter hook input priority 0; ip saddr 10.1.0.0/16 accept; ip saddr 10.0.0.0/8 drop; }; }\n",
            ),
        ],
    );
}

#[test]
fn a_comment_over_several_rules_stays_over_them() {
    let before = iptables(
        "-A INPUT -s 10.0.0.0/8 -j DROP\n# monitoring\n-A INPUT -s 10.1.0.0/16 -j ACCEPT\n-A INPUT -s 192.0.2.1/32 -j ACCEPT\n",
    );
    let after = iptables(
        "-A INPUT -s 10.1.0.0/16 -j ACCEPT\n-A INPUT -s 10.0.0.0/8 -j DROP\n# monitoring\n-A INPUT -s 192.0.2.1/32 -j ACCEPT\n",
    );
    become_of("a.v4", "FW202", "--unsafe-fixes", &[(&before, &after)]);
}

#[test]
fn what_takes_packets_in_another_chain_is_passed_where_that_is_called() {
    let head = "*filter\n:INPUT DROP [0:0]\n:OWN - [0:0]\n";
    let before = format!(
        "{head}-A INPUT -i lo -j ACCEPT\n-A INPUT -j OWN\n-A INPUT -s 10.1.0.0/16 -j ACCEPT\n-A OWN -s 10.0.0.0/8 -j DROP\nCOMMIT\n"
    );
    let after = format!(
        "{head}-A INPUT -i lo -j ACCEPT\n-A INPUT -s 10.1.0.0/16 -j ACCEPT\n-A INPUT -j OWN\n-A OWN -s 10.0.0.0/8 -j DROP\nCOMMIT\n"
    );
    become_of("a.v4", "FW202", "--unsafe-fixes", &[(&before, &after)]);
}

#[test]
fn what_stands_behind_the_last_word_comes_before_it_in_its_own_order() {
    let lines = (1..40).map(|it| format!("-A INPUT -s 192.0.2.{it}/32 -j ACCEPT\n"));
    let rules = lines.collect::<Vec<_>>().concat();
    let before = iptables(&format!("-A INPUT -i lo -j ACCEPT\n-A INPUT -j REJECT\n{rules}"));
    let after = iptables(&format!("-A INPUT -i lo -j ACCEPT\n{rules}-A INPUT -j REJECT\n"));
    become_of("a.v4", "FW206", "--unsafe-fixes", &[(&before, &after)]);
    let unended = before.trim_end_matches("COMMIT\n").replace("*filter\n", "");
    let listing = unended.replace(
        ":INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n",
        "-P INPUT DROP\n",
    );
    let (first, rest) = listing.split_once("-A INPUT -j REJECT\n").expect("it holds it");
    let wanted = format!("{first}{rest}-A INPUT -j REJECT\n");
    become_of(
        "a.v4",
        "FW206",
        "--unsafe-fixes --dialect iptables",
        &[(listing.trim_end(), &wanted)],
    );
}

#[test]
fn what_would_only_take_the_place_of_another_is_not_moved() {
    let equal = iptables("-A INPUT -s 10.0.0.0/8 -j ACCEPT\n-A INPUT -s 10.0.0.0/8 -j DROP\n");
    let all = iptables("-A INPUT -j ACCEPT\n-A INPUT -j DROP\n");
    let by_command = "*filter\n:INPUT DROP [0:0]\n-A INPUT -s 10.0.0.0/8 -j DROP\n-I INPUT 2 -s 10.1.0.0/16 -j ACCEPT\nCOMMIT\n";
    let theirs = "*filter\n:FORWARD DROP [0:0]\n:DOCKER-USER - [0:0]\n-A FORWARD -j DOCKER-USER\n-A DOCKER-USER -s 10.0.0.0/8 -j DROP\n-A DOCKER-USER -s 10.1.0.0/16 -j ACCEPT\nCOMMIT\n";
    stays("a.v4", "FW2", "--unsafe-fixes", &[&equal, &all, by_command, theirs]);
    let set = "table ip t {\n\tset s { type ipv4_addr; flags interval; elements = { 10.0.0.0/8 }; }\n\tchain c {\n\t\ttype filter hook input priority 0; policy drop;\n\t\tip saddr @s drop\n\t\tip saddr 10.1.0.0/16 accept\n\t}\n}\n";
    stays("a.nft", "FW2", "--unsafe-fixes", &[set]);
    stays("a.v4", "FW206", "", &[&iptables("-A INPUT -j DROP\n-A INPUT -p icmp -j ACCEPT\n")]);
}

#[test]
fn a_chain_that_nothing_calls_goes_with_all_that_makes_it() {
    let before = "*filter\n:INPUT DROP [0:0]\n:OLD - [0:0]\n:MORE - [0:0]\n-A INPUT -p icmp -j ACCEPT\n-A OLD -s 10.0.0.0/8 -j MORE\n[5:6] -A OLD -j DROP\n-A MORE -j RETURN\nCOMMIT\n*nat\n:OLD - [0:0]\n-A PREROUTING -j OLD\nCOMMIT\n";
    let after = "*filter\n:INPUT DROP [0:0]\n-A INPUT -p icmp -j ACCEPT\nCOMMIT\n*nat\n:OLD - [0:0]\n-A PREROUTING -j OLD\nCOMMIT\n";
    become_of("a.v4", "FW208", "--unsafe-fixes", &[(before, after)]);
    let before = "table ip t {\n\tchain old { # gone\n\t\t# words\n\t\tdrop\n\t}\n\n\tchain c {\n\t\ttype filter hook input priority 0; policy drop;\n\t}\n}\nadd rule ip t old accept\nadd rule ip t c icmp type echo-request accept\n";
    let after = "table ip t {\n\n\tchain c {\n\t\ttype filter hook input priority 0; policy drop;\n\t}\n}\nadd rule ip t c icmp type echo-request accept\n";
    become_of("a.nft", "FW208", "--unsafe-fixes", &[(before, after)]);
    stays(
        "a.v4",
        "FW208",
        "--unsafe-fixes",
        &[
            "*filter\n:INPUT DROP [0:0]\n:OLD - [0:0]\n-A OLD -j DROP\n-F OLD\n-A INPUT -p icmp -j ACCEPT\nCOMMIT\n",
        ],
    );
}

#[test]
fn rules_become_one_with_all_their_values() {
    let rules = |values: &[&str]| {
        let lines = values.iter().map(|it| format!("\t\ttcp dport {it} accept\n"));
        nft(&lines.collect::<String>())
    };
    become_of(
        "a.nft",
        "FW610",
        "",
        &[
            (&rules(&["22", "{ 80, 443 }", "6000-6063"]), &rules(&["{ 22, 80, 443, 6000-6063 }"])),
            (
                &nft("\t\tip saddr 10.0.0.0/8 drop; ip saddr 192.0.2.1 drop; ip saddr 198.51.100.0/24 drop # x\n").replace(" # x", ""),
                &nft("\t\tip saddr { 10.0.0.0/8, 192.0.2.1, 198.51.100.0/24 } drop\n"),
            ),
            (
                &nft("\t\tiifname \"a\" accept\n\t\tiifname \"b\" accept\n\t\tiifname \"c\" accept\n"),
                &nft("\t\tiifname { \"a\", \"b\", \"c\" } accept\n"),
            ),
        ],
    );
    let shared = rules(&["22", "20-25", "80"]);
    let said = nft(
        "\t\ttcp dport 22 accept\n\t\t# the web\n\t\ttcp dport 80 accept\n\t\ttcp dport 443 accept\n",
    );
    let behind =
        nft("\t\ttcp dport 22 accept\n\t\ttcp dport 80 accept\n\t\ttcp dport 443 accept # tls\n");
    let counted = nft(
        "\t\ttcp dport 22 counter accept\n\t\ttcp dport 80 counter accept\n\t\ttcp dport 443 counter accept\n",
    );
    stays("a.nft", "FW610", "", &[&shared, &said, &behind, &counted]);
}

#[test]
fn ports_become_one_list_of_fifteen() {
    let rules = |options: &[&str]| {
        let lines = options.iter().map(|it| format!("-A INPUT -p tcp {it} -j ACCEPT\n"));
        iptables(&lines.collect::<String>())
    };
    let one = |all: &str| rules(&[all]);
    become_of(
        "a.v4",
        "FW610",
        "",
        &[
            (
                &rules(&["-m tcp --dport 22", "-m tcp --dport 80:90", "-m tcp --dport https"]),
                &one("-m multiport --dports 22,80:90,https"),
            ),
            (
                &rules(&["--sport 22 --syn", "--sport 80 --syn", "--sport 443 --syn"]),
                &one("-m multiport --sports 22,80,443 --syn"),
            ),
            (
                &rules(&[
                    "-m multiport --dports 22,23",
                    "-m multiport --dports 80",
                    "-m multiport --dports 443",
                ]),
                &one("-m multiport --dports 22,23,80,443"),
            ),
        ],
    );
    let ports = |count: u16| -> Vec<String> {
        (1..=count).map(|it| format!("--dport {}", 2 * it)).collect()
    };
    let of = |ports: &[String]| rules(&ports.iter().map(String::as_str).collect::<Vec<_>>());
    let full = (1..=15).map(|it| (2 * it).to_string()).collect::<Vec<_>>().join(",");
    become_of(
        "a.v4",
        "FW610",
        "",
        &[(&of(&ports(15)), &one(&format!("-m multiport --dports {full}")))],
    );
    let open = rules(&["--dport 22", "--dport 80", "--dport 1024:"]);
    let counted = rules(&["--dport 22", "--dport 80", "--dport 443"]).replace("-A", "[1:2] -A");
    stays("a.v4", "FW610", "", &[&of(&ports(16)), &open, &counted]);
}

#[test]
fn inserted_lines_are_appended_in_the_order_that_holds() {
    let before = iptables(
        "-A INPUT -i lo -j ACCEPT\n# the office\n[1:2] -I INPUT -s 192.0.2.0/24 -j ACCEPT\n\n\
         # no ping\n-I INPUT 1 -p icmp -j DROP\n\n-A INPUT -p tcp --dport 443 -j ACCEPT\n",
    );
    let as_loaded = iptables(
        "# no ping\n-A INPUT -p icmp -j DROP\n# the office\n[1:2] -A INPUT -s 192.0.2.0/24 -j ACCEPT\n\
         -A INPUT -i lo -j ACCEPT\n\n\n-A INPUT -p tcp --dport 443 -j ACCEPT\n",
    );
    become_of("a.v4", "FW701", "", &[(&before, &as_loaded)]);
    let first = iptables(
        "-I INPUT -s 192.0.2.0/24 -j ACCEPT\n-I INPUT -p icmp -j DROP\n-A INPUT -i lo -j ACCEPT\n",
    );
    let wanted = iptables(
        "-A INPUT -p icmp -j DROP\n-A INPUT -s 192.0.2.0/24 -j ACCEPT\n-A INPUT -i lo -j ACCEPT\n",
    );
    become_of("a.v4", "FW701", "", &[(&first, &wanted)]);
    let more = first.replace("COMMIT", "-D INPUT 3\nCOMMIT");
    let undeclared =
        "*filter\n-I INPUT -s 192.0.2.0/24 -j ACCEPT\n-I INPUT -p icmp -j DROP\nCOMMIT\n";
    stays("a.v4", "FW701", "", &[&more, undeclared]);
}

#[test]
fn what_is_inserted_can_also_stay_in_the_order_of_the_file() {
    let text = iptables("-I INPUT -s 192.0.2.0/24 -j ACCEPT\n-I INPUT -p icmp -j DROP\n");
    let root = tree(&[("a.v4", &text)]);
    let (json, _) =
        out(&run(root.path(), "--isolated --select FW701 --fail-on never -f json a.v4"));
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let fixes = json["findings"][0]["fixes"].as_array().expect("a list");
    let safeties: Vec<_> = fixes.iter().map(|it| it["safety"].as_str().expect("a word")).collect();
    assert_eq!(safeties, ["safe", "unsafe"]);
    let written = fixes[1]["edits"][0]["text"].as_str().expect("words");
    assert_eq!(written, "-A INPUT -s 192.0.2.0/24 -j ACCEPT\n-A INPUT -p icmp -j DROP\n");
}

#[test]
fn an_unused_suppression_goes_and_what_else_is_said_stays() {
    let rule = "-A INPUT -p icmp";
    let with = |comment: &str| iptables(&format!("{rule} {comment}-j ACCEPT\n"));
    let above = |comment: &str| iptables(&format!("# ours\n{comment}{rule} -j ACCEPT\n# end\n"));
    let telnet = "-A INPUT -p tcp --dport 23 -j ACCEPT\n";
    let listed = |list: &str| iptables(&format!("# fwlint: ignore[{list}] OPS-1\n{telnet}"));
    become_of(
        "a.v4",
        "FW1,FW901",
        "",
        &[
            (&above("# fwlint: ignore[FW101] OPS-1\n"), &above("")),
            (&with("-m comment --comment \"fwlint: ignore[FW101] OPS-1\" "), &with("")),
            (
                &with("-m comment --comment \"OPS-1, fwlint: ignore[FW101] x\" "),
                &with("-m comment --comment \"OPS-1,\" "),
            ),
            (&listed("FW101, FW104, FW102"), &listed("FW104")),
            (&listed("FW101,FW104"), &listed("FW104")),
        ],
    );
    let icmp = |words: &str| nft(&format!("\t\ticmp type echo-request accept{words}\n"));
    become_of(
        "a.nft",
        "FW1,FW901",
        "",
        &[
            (&icmp(" # fwlint: ignore[FW101] x"), &icmp("")),
            (&icmp(" # ping. fwlint: ignore[FW101] x"), &icmp(" # ping.")),
            (&icmp(" comment \"fwlint: ignore[FW101] x\""), &icmp("")),
            (
                &icmp(" comment \"ping fwlint: ignore[FW101] x\" # y"),
                &icmp(" comment \"ping\" # y"),
            ),
        ],
    );
    stays("a.v4", "FW1,FW901", "", &[&listed("FW104")]);
    let shell = "#!/bin/sh\n# fwlint: ignore[FW101] x\niptables -A INPUT -p icmp -j ACCEPT\n";
    stays("a.sh", "FW1,FW901", "", &[shell]);
}

#[test]
fn hidden_characters_go_and_letters_stay() {
    let before = iptables(
        "# a\u{200b}b\n-A INPUT -p icmp -m comment --comment \"中\u{202e}文\u{202c}\" -j ACCEPT\n",
    );
    let after = iptables("# ab\n-A INPUT -p icmp -m comment --comment \"中文\" -j ACCEPT\n");
    become_of("a.v4", "FW909", "--unsafe-fixes", &[(&before, &after)]);
    stays("a.v4", "FW909", "", &[&before]);
}

#[test]
fn exceptions_of_exceptions_end_with_the_most_exact_first() {
    let before = iptables(
        "-A INPUT -s 10.0.0.0/8 -j ACCEPT\n-A INPUT -s 10.1.0.0/16 -j DROP\n\
         -A INPUT -s 10.1.2.0/24 -j ACCEPT\n-A INPUT -s 10.1.2.3/32 -j DROP\n",
    );
    let after = iptables(
        "-A INPUT -s 10.1.2.3/32 -j DROP\n-A INPUT -s 10.1.2.0/24 -j ACCEPT\n\
         -A INPUT -s 10.1.0.0/16 -j DROP\n-A INPUT -s 10.0.0.0/8 -j ACCEPT\n",
    );
    become_of("a.v4", "FW2", "--unsafe-fixes", &[(&before, &after)]);
}

#[test]
#[cfg(unix)]
fn what_is_read_only_is_not_moved_either() {
    use std::os::unix::fs::PermissionsExt;
    let text = iptables("-A INPUT -s 10.0.0.0/8 -j DROP\n-A INPUT -s 10.1.0.0/16 -j ACCEPT\n");
    let root = tree(&[("a.v4", &text)]);
    let path = root.path().join("a.v4");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).expect("changed");
    let line = "--isolated --fix --unsafe-fixes --select FW202 a.v4";
    let (_, notes) = out(&run(root.path(), line).code(2));
    assert!(notes.contains("fwlint: a.v4: not written: it is read-only\n"), "{notes}");
    assert_eq!(fs::read_to_string(&path).expect("still there"), text);
}

#[test]
fn moves_that_reach_into_each_other_wait_for_their_round() {
    // The second rule is shadowed by the first, and the third by the second.
    let before = iptables(
        "-A INPUT -s 10.0.0.0/8 -j ACCEPT\n-A INPUT -s 10.1.0.0/16 -j DROP\n-A INPUT -s 10.1.1.0/24 -j LOG\n-A INPUT -s 10.1.1.0/24 -j ACCEPT\n",
    );
    let after = mended("a.v4", "FW201,FW202,FW203", &before, "--unsafe-fixes");
    let line = |text: &str| after.find(text).unwrap_or_else(|| panic!("{text} in {after}"));
    assert!(line("10.1.0.0/16 -j DROP") < line("10.0.0.0/8 -j ACCEPT"), "{after}");
}
