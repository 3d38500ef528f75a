//! What is said of a file of which the loader refuses a line.

use fwlint::{
    commands,
    settings::Settings,
    source::{
        SourceFile,
        input::{Input, Inputs, Origin},
    },
    syntax::Dialect,
};

/// Two chains that nothing calls yet.
const SCRIPT: &str = "\
#!/bin/sh
iptables -N WEB
iptables -N OLD
iptables -P INPUT DROP
iptables -A WEB -p tcp --dport 443 -j ACCEPT
iptables -A OLD -p tcp --dport 80 -j DROP
";

/// The lines, from 1, with a finding of `code`.
fn lines(code: &str, text: &str, dialect: Dialect) -> Vec<u32> {
    let source = SourceFile::new("rules", text.as_bytes().to_vec());
    let files = vec![Input { source, origin: Origin::Named }];
    let inputs = Inputs { files, ..Inputs::default() };
    let outcome = commands::check(inputs, Some(dialect), &Settings::default());
    let source = &outcome.files[0].source;
    let findings = outcome.findings.iter().filter(|it| it.lint.code == code);
    findings.map(|it| source.position(it.primary.place.span.start).line).collect()
}

#[test]
fn it_calls_the_chain_that_it_jumps_to() {
    let rules = "\
*filter
:INPUT DROP [0:0]
:WEB - [0:0]
:OLD - [0:0]
-A INPUT -s ! 192.0.2.1 -j WEB
-A WEB -p tcp -m tcp --dport 443 -j ACCEPT
-A OLD -s ! 192.0.2.2
-A OLD -p tcp -m tcp --dport 80 -j DROP
COMMIT
";
    assert_eq!(lines("FW000", rules, Dialect::Iptables), [5, 7]);
    assert_eq!(lines("FW208", rules, Dialect::Iptables), [4]);
    let script = format!("{SCRIPT}iptables -A INPUT -s ! 192.0.2.1 -j WEB\n");
    assert_eq!(lines("FW000", &script, Dialect::Script), [7]);
    assert_eq!(lines("FW208", &script, Dialect::Script), [3]);
    let nft = "\
table inet filter {
	chain web { tcp dport 443 accept; }
	chain old { tcp dport 80 drop; }
	chain input {
		type filter hook input priority filter; policy drop;
		tcp sport in { 80 } jump web
	}
}
";
    assert_eq!(lines("FW000", nft, Dialect::Nft), [6]);
    assert_eq!(lines("FW208", nft, Dialect::Nft), [3]);
}

#[test]
fn so_does_a_command_that_is_not_known_in_full() {
    let script = format!("{SCRIPT}$IPTABLES -A INPUT -d ! 192.0.2.0/24 -j WEB\n");
    assert_eq!(lines("FW208", &script, Dialect::Script), [3]);
}

#[test]
fn of_more_lines_than_are_told_any_may_call() {
    let mut rules = String::from("*filter\n:INPUT DROP [0:0]\n:WEB - [0:0]\n:OLD - [0:0]\n");
    rules.push_str(&"-A INPUT -s ! 192.0.2.1\n".repeat(200));
    rules.push_str("-A INPUT -s ! 192.0.2.1 -j WEB\nCOMMIT\n");
    assert_eq!(lines("FW208", &rules, Dialect::Iptables), [4]);
}

#[test]
fn a_variable_that_nothing_defines_is_no_name_of_a_chain() {
    let rules = "\
table ip t { chain c { }; }
add rule ip t c jump $NOWHERE
add rule ip t c jump nowhere
";
    assert_eq!(lines("FW000", rules, Dialect::Nft), [2]);
    assert_eq!(lines("FW412", rules, Dialect::Nft), [3]);
}
