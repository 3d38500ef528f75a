use super::{CommandKind, ExprKind, File, Item, Operator, StatementKind};
use crate::syntax::{Error, ErrorKind};
use proptest::prelude::*;
use std::fmt::Write;

fn parse(text: &str) -> (File, Vec<Error>) {
    let (file, errors) = super::parse(text, &[]);
    (file, errors.into_vec())
}

/// Every error as `Kind(word)`.
fn errors(text: &str) -> String {
    let (_, errors) = parse(text);
    let said = errors.iter().map(|error| {
        let kind = match &error.kind {
            ErrorKind::Nft(kind) => format!("{kind:?}"),
            kind => format!("{kind:?}"),
        };
        let name = kind.split([' ', '(']).next().unwrap_or_default();
        format!("{name}({})", &text[error.span.range()])
    });
    said.collect::<Vec<_>>().join(" ")
}

/// The errors of a rule in a chain of an inet table that no hook leads into.
fn rule(rule: &str) -> String {
    errors(&format!(
        "table inet t {{\n  set v4 {{ type ipv4_addr; }}\n  map m {{ type ipv4_addr : verdict; }}\n  counter n {{ }}\n  chain other {{ }}\n  chain c {{\n    {rule}\n  }}\n}}\n"
    ))
}

/// The errors of a base chain's rule.
fn hooked(family: &str, base: &str, rule: &str) -> String {
    errors(&format!("table {family} t {{\n  chain c {{\n    {base}\n    {rule}\n  }}\n}}\n"))
}

#[test]
fn ordinary_rules_are_taken() {
    for text in [
        "tcp dport 22 accept",
        "tcp dport { 22, 80-90, https } ct state new,established accept",
        "ip saddr 192.0.2.0/24 counter packets 5 bytes 300 drop comment \"x\"",
        "ip6 saddr { fe80::/10, ::1 } accept",
        "iifname \"eth*\" oifname != { \"a\", b } accept",
        "meta l4proto { tcp, udp } th dport 53 accept",
        "tcp flags & (fin | syn | rst | ack) == syn counter",
        "tcp flags syn / syn,ack accept",
        "tcp flags ! syn drop",
        "ct state vmap { established : accept, invalid : drop, new : jump other }",
        "ip saddr @v4 accept",
        "ip saddr vmap @m",
        "ip saddr . tcp dport { 192.0.2.1 . 22, 192.0.2.0/24 . 80-90 } accept",
        "meta mark set tcp dport map { 22 : 1, 80 : 2 } accept",
        "ct mark set meta mark and 0xff or 0x100",
        "limit rate over 10/second burst 5 packets drop",
        "limit rate 10 mbytes/second burst 5 mbytes accept",
        "log prefix \"in: \" level warn flags tcp sequence,options group 5",
        "reject with icmpx admin-prohibited",
        "reject with tcp reset",
        "add @v4 { ip saddr timeout 5m limit rate 5/second } accept",
        "counter name \"n\" accept",
        "jump { tcp dport 22 accept; drop }",
        "fib saddr . iif oif missing drop",
        "meta hour \"08:00\"-\"17:00\" meta day Monday accept",
        "meta time > \"2024-01-01 10:00\" accept",
        "@th,0,16 22 accept",
        "tcp option maxseg size set 1400",
        "numgen inc mod 2 vmap { 0 : accept, 1 : drop }",
        "icmpv6 type { nd-router-advert, echo-request } accept",
        "ip dscp set cs1",
        "socket cgroupv2 level 2 \"a/b\" accept",
        "queue flags bypass to 1-3",
        "exthdr frag exists drop",
        "ip daddr 127.0.0.1 drop; ip saddr 192.0.2.1 drop",
        "ct original ip saddr 192.0.2.1 accept",
        "udp dport 4789 vxlan ip saddr 192.0.2.1 accept",
        "meta iif lo accept",
        "ip saddr localhost accept",
        "meta skuid nobody accept",
    ] {
        assert_eq!(rule(text), "", "{text}");
    }
}

#[test]
fn wrong_rules_are_refused_at_the_wrong_word() {
    for (text, expected) in [
        ("tcp dport 99999", "OutOfRange(99999)"),
        ("tcp dprt 22", "Unexpected(dprt)"),
        ("tcp dport sssh", "UnknownSymbol(sssh)"),
        ("tcp dport 90-80", "ReversedRange(90-80)"),
        ("tcp dport", "Unexpected(\n)"),
        ("ip saddr 10.0.0.0/33", "PrefixTooLong(10.0.0.0/33)"),
        ("ip saddr ::1", "BadValue(::1)"),
        ("ip6 saddr 192.0.2.1", "BadValue(192.0.2.1)"),
        ("accept drop", "AfterVerdict(drop)"),
        ("tcp dport 22 udp dport 53", "ConflictingProtocols(udp dport)"),
        ("ip saddr 192.0.2.1 ip6 daddr ::1", "ConflictingProtocols(ip6 daddr)"),
        ("ip saddr @v5", "Undefined(v5)"),
        ("jump othr", "Undefined(othr)"),
        ("counter name \"m\"", "Undefined(m)"),
        ("tcp dport $ssh", "UndefinedVariable(ssh)"),
        ("tcp dport @v4", "TypeMismatch(v4)"),
        ("ip saddr vmap @v4", "Undefined(v4)"),
        ("ct state estblished accept", "UnknownSymbol(estblished)"),
        ("ip saddr 192.0.2.1,192.0.2.2", "NotFlags(192.0.2.1,192.0.2.2)"),
        ("ip saddr . tcp dport { 192.0.2.1 }", "Unexpected(192.0.2.1)"),
        ("tcp dport vmap { 22-30 : accept, 25 : drop }", "Overlap(25)"),
        ("tcp dport vmap { 30-22 : accept, 25 : drop }", "ReversedRange(30-22)"),
        ("limit rate 5/fortnight", "Unexpected(fortnight)"),
        ("log level loud", "Unexpected(loud)"),
        ("frobnicate", "Unexpected(frobnicate)"),
        ("iifname averylonginterfacename", "BadValue(averylonginterfacename)"),
        ("meta hour \"24:00\"", "BadValue(\"24:00\")"),
        ("udp dport 53 reject with tcp reset", "ConflictingProtocols(reject with tcp reset)"),
        ("22 == tcp dport", "Unexpected(dport)"),
        ("22 == 22", "ConstantOnTheLeft(22)"),
        ("tcp dport { 22", "UnterminatedBlock({)"),
        ("log prefix \"open", "UnterminatedString(\")"),
    ] {
        let found = rule(text);
        assert!(found.starts_with(expected), "{text}: {found}");
    }
}

#[test]
fn chains_have_hooks_types_and_places() {
    let input = "type filter hook input priority filter; policy drop;";
    for (family, base, text, expected) in [
        ("inet", input, "accept", ""),
        ("ip", "type nat hook postrouting priority srcnat + 5;", "masquerade", ""),
        (
            "ip",
            "type nat hook prerouting priority dstnat;",
            "tcp dport 80 dnat to 192.0.2.1:8080",
            "",
        ),
        (
            "inet",
            "type nat hook prerouting priority -100;",
            "tcp dport 80 dnat ip to 192.0.2.1:80",
            "",
        ),
        ("netdev", "type filter hook ingress device eth0 priority -500;", "drop", ""),
        ("bridge", "type filter hook forward priority out - 10;", "", "WrongPriority(out)"),
        (
            "ip",
            "type nat hook prerouting priority 0;",
            "dnat to 192.0.2.1:80",
            "MissingTransport(80)",
        ),
        (
            "inet",
            "type nat hook prerouting priority 0;",
            "dnat to 192.0.2.1",
            "NeedsFamily(dnat to 192.0.2.1)",
        ),
        (
            "ip",
            "type filter hook prerouting priority 0;",
            "dnat to 192.0.2.1",
            "NeedsChainType(dnat to 192.0.2.1)",
        ),
        ("ip", "type nat hook prerouting priority 0;", "masquerade", "NeedsHook(masquerade)"),
        ("ip", "type nat hook forward priority 0;", "", "WrongHook(forward)"),
        ("arp", "type nat hook input priority 0;", "", "WrongChainType(nat)"),
        ("ip", "type nat hook prerouting priority -300;", "", "WrongPriority(-300)"),
        (
            "ip",
            "type filter hook input device eth0 priority 0;",
            "",
            "UnexpectedDevice(device eth0)",
        ),
        ("ip", "policy drop;", "", "PolicyOnRegularChain(drop)"),
        (
            "ip",
            "type filter hook output priority 0;",
            "fib saddr oif missing",
            "NeedsHook(fib saddr oif)",
        ),
        ("ip", "type filter hook inptu priority 0;", "", "Unexpected(inptu)"),
        ("ip", input, "ip6 saddr ::1", "ConflictingProtocols(ip6 saddr)"),
        ("ip", input, "jump c", "JumpLoop(c)"),
    ] {
        assert_eq!(hooked(family, base, text), expected, "{family} {base} {text}");
    }
}

#[test]
fn sets_hold_what_they_say() {
    for (body, expected) in [
        ("set s { type ipv4_addr; elements = { 192.0.2.1, 192.0.2.2 } }", ""),
        (
            "set s { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 192.0.2.1-192.0.2.9 } }",
            "",
        ),
        ("set s { type ipv4_addr . inet_service; elements = { 192.0.2.1 . 22 } }", ""),
        (
            "set s { typeof ip saddr . tcp dport; flags timeout; elements = { 192.0.2.1 . ssh timeout 5m comment \"x\" } }",
            "",
        ),
        ("map m { type inet_service : verdict; elements = { 22 : accept, * : drop } }", ""),
        (
            "map m { type ipv4_addr : interval ipv4_addr; flags interval; elements = { 10.0.0.0/8 : 192.0.2.0/24 } }",
            "",
        ),
        ("set s { type ipv4_addr; elements = { 10.0.0.0/8 } }", "MissingInterval(10.0.0.0/8)"),
        ("set s { type ifname; elements = { \"eth*\" } }", "MissingInterval(\"eth*\")"),
        (
            "set s { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 10.1.0.0/16 } }",
            "Overlap(10.1.0.0/16)",
        ),
        (
            "set s { type ipv4_addr; flags interval; auto-merge; elements = { 10.0.0.0/8, 10.1.0.0/16 } }",
            "",
        ),
        ("set s { type ipv4_addr; elements = { ::1 } }", "BadValue(::1)"),
        ("set s { flags interval; }", "MissingType(s)"),
        ("set s { type ipv4_adr; }", "Unexpected(ipv4_adr)"),
        ("set s { type ipv4_addr; elements = { 192.0.2.1 : accept } }", "UnexpectedData(accept)"),
        ("map m { type inet_service : verdict; elements = { 22 } }", "MissingData(22)"),
        ("map m { type inet_service : verdict; elements = { 22 : jump no } }", "Undefined(no)"),
    ] {
        assert_eq!(errors(&format!("table ip t {{ {body}; }}\n")), expected, "{body}");
    }
}

#[test]
fn commands_variables_and_blocks_are_read() {
    for (text, expected) in [
        (
            "add table inet t\nadd chain inet t c { type filter hook input priority 0 ; }\nadd rule inet t c tcp dport 22 accept\n",
            "",
        ),
        ("flush ruleset; table ip t { chain c { accept } }", ""),
        ("add rule t c jump elsewhere\n", ""),
        (
            "flush ruleset\nadd table t\nadd chain t c\nadd rule t c jump elsewhere\n",
            "Undefined(elsewhere)",
        ),
        ("filter input tcp dport 22 accept\n", ""),
        ("tabel filter {\n}\n", "Unexpected(tabel)"),
        (
            "tabel inet filter {\n chain c { drop }\n}\nflsh ruleset\n",
            "Unexpected(tabel) Unexpected(flsh)",
        ),
        ("ad rule filter input accept\nsett t s { 1 }\n", "Unexpected(ad) Unexpected(sett)"),
        ("tables c tcp dport 22 accept\nsets c ip protocol tcp snat to 192.0.2.1:80\n", ""),
        ("tables c tcp dprt 22 accept\n", "Unexpected(dprt)"),
        ("table tables { chain c { }; }\ntables c bogus\n", "Unexpected(bogus)"),
        (
            "chain c {\n tcp dport 22 accept\n tcp dprt 23 accept\n}\nset s { type inet_service; }\nct helper h {\n type \"ftp\" protocol tcp;\n}\n",
            "OutsideTable(chain) Unexpected(dprt)",
        ),
        ("add chain t c { }\n", ""),
        ("add chain c { }\n", "Unexpected({)"),
        ("table inet tables { chain c { }; }\ntables c bogus\n", "Unexpected(tables)"),
        ("define a = { 22, 80 }\ntable ip t { chain c { tcp dport $a accept; }; }\n", ""),
        ("define a = 1\ndefine a = 2\n", "Redefined(a)"),
        ("define a = 1\nredefine a = 2\nundefine a\n", ""),
        ("define a = $b\n", "UndefinedVariable(b)"),
        ("include \"x.nft\"\ndefine a = $b\n", ""),
        (
            "define a = 99999\ntable ip t { chain c { tcp dport $a; tcp dport $a; }; }\n",
            "OutOfRange(99999)",
        ),
        (
            "table ip t {\n chain a {\n tcp dprt 1\n accept\n bogus\n }\n chain b { drop }\n}\n",
            "Unexpected(dprt) Unexpected(bogus)",
        ),
        ("table ip t {\n chain log { }\n}\n", "ReservedName(log)"),
        ("table ip t {\n chain a {\n", "UnterminatedBlock({)"),
        ("delete rule ip t c handle 5\ndelete table ip handle 3\nlist ruleset\n", ""),
        ("delete rule ip t c\n", "Unexpected(\n)"),
        ("add element ip t s { 192.0.2.1, 192.0.2.2 }\n", ""),
        ("table ip t \\\n { }\n# comment \"\n", ""),
    ] {
        let found = errors(text);
        assert_eq!(found.trim(), expected, "{text}");
    }
}

#[test]
fn what_is_wrong_is_marked_where_it_stands() {
    for (text, expected) in [
        ("tcp dport in @v4", "NoOperator(in)"),
        ("tcp dport in { 22, 80 } accept", "NoOperator(in)"),
        ("meta iifname in @th,0,16 22 accept", ""),
        ("iifname in accept", ""),
    ] {
        assert_eq!(rule(text), expected, "{text}");
    }
    for (text, expected) in [
        ("ct expectation e { ; }", "MissingOptions({)"),
        ("ct helper h { ; }", "MissingOptions({)"),
        ("ct expectation e { protocol tcp; dport 22; timeout 1m; size 5; }", ""),
    ] {
        assert_eq!(errors(&format!("table inet t {{\n {text}\n}}\n")), expected, "{text}");
    }
    let (_, errors) = parse("table ip t {\n ct expectation e { protocol tcp; size 5; }\n}\n");
    let ErrorKind::Nft(super::ErrorKind::MissingOptions { missing }) = &errors[0].kind else {
        panic!("{errors:?}")
    };
    assert_eq!(missing, &["dport", "timeout"]);
}

#[test]
fn the_tree_is_what_was_written() {
    let text = "table inet t { chain c { tcp dport != { 22, 80 } accept; } }\n";
    let (file, errors) = parse(text);
    assert_eq!(errors, []);
    let CommandKind::Table(table) = &file.commands[0].kind else { panic!("a table") };
    let Item::Chain(chain) = &table.items[0] else { panic!("a chain") };
    let rule = file.rules(chain.rules)[0];
    assert_eq!(&text[rule.span.range()], "tcp dport != { 22, 80 } accept");
    let statements = file.statements(rule.statements);
    let StatementKind::Match { left, operator: Operator::NotEqual, right } = statements[0].kind
    else {
        panic!("a match")
    };
    assert!(matches!(file.expr(left).kind, ExprKind::Payload(field) if field.name == "dport"));
    let ExprKind::Set(elements) = file.expr(right).kind else { panic!("a set") };
    let keys: Vec<&str> = file
        .elements(elements)
        .iter()
        .map(|element| &text[file.expr(element.key).span.range()])
        .collect();
    assert_eq!(keys, ["22", "80"]);
}

#[test]
fn nodes_are_small() {
    assert!(size_of::<super::Expr>() <= 32);
    assert!(size_of::<super::Element>() <= 12);
    assert!(size_of::<super::Statement>() <= 32);
}

#[test]
fn depth_is_bounded() {
    for open in ["{ ", "(", "jump { ", "{ 1 : ", "vxlan ", "a . ", "1 | ", "$", "\"", "@"] {
        let text =
            format!("table ip t {{\n chain c {{\n tcp dport {}\n }}\n}}\n", open.repeat(100_000));
        assert!(!parse(&text).1.is_empty(), "{open}");
        let text =
            format!("table ip t {{\n chain c {{\n {}accept\n }}\n}}\n", open.repeat(100_000));
        assert!(!parse(&text).1.is_empty(), "{open}");
    }
    assert!(!parse(&"table ip t { ".repeat(100_000)).1.is_empty());
}

#[test]
fn a_definition_that_doubles_itself_costs_nothing() {
    let mut text = String::from("define a0 = { 22 }\n");
    for number in 1..40 {
        let before = number - 1;
        let _ = writeln!(text, "define a{number} = {{ $a{before}, $a{before} }}");
    }
    text += "table ip t { chain c { tcp dport $a39 accept; }; }\n";
    assert_eq!(errors(&text), "");
}

#[test]
fn errors_are_bounded() {
    let text = format!("table ip t {{\n chain c {{\n{}}}\n}}\n", "bogus\n".repeat(1000));
    let (_, errors) = parse(&text);
    assert_eq!(errors.len(), 101);
    assert!(matches!(errors[100].kind, ErrorKind::TooManyErrors { more: 900 }));
}

/// Pieces of the language and of none.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(vec![
            "table ",
            "inet ",
            "t ",
            "chain ",
            "{ ",
            "} ",
            "\n",
            "; ",
            "tcp ",
            "dport ",
            "22 ",
            "- ",
            "/ ",
            "ip ",
            "saddr ",
            "192.0.2.1 ",
            "::1 ",
            "set ",
            "map ",
            "vmap ",
            "elements = ",
            "type ",
            "ipv4_addr ",
            ": ",
            ", ",
            ". ",
            "$a ",
            "@s ",
            "define a = ",
            "accept ",
            "jump ",
            "counter ",
            "limit rate 5/second ",
            "log prefix ",
            "\"x\" ",
            "\"",
            "(",
            ") ",
            "& ",
            "| ",
            "!= ",
            "add rule ",
            "flags interval; ",
            "hook input ",
            "priority 0; ",
            "policy drop; ",
            "include ",
            "#",
            "\\\n",
            "fib ",
            "ct state new ",
            "meta mark ",
            "dnat to ",
            "reject with ",
            "typeof ",
            "* ",
            "1d ",
            "0x",
            "delete ",
            "handle ",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,3}",
    ]
}

proptest! {
    #[test]
    fn any_text_is_read(pieces in proptest::collection::vec(piece(), 0..60)) {
        let text = pieces.concat();
        let (file, errors) = parse(&text);
        let inside = |span: crate::source::Span| text.get(span.range()).is_some();
        prop_assert!(errors.iter().all(|error| inside(error.span)), "{errors:?}");
        prop_assert!(file.expressions.iter().all(|expr| inside(expr.span)));
        prop_assert!(file.statements.iter().all(|statement| inside(statement.span)));
        prop_assert!(file.rules.iter().all(|rule| inside(rule.span)));
        prop_assert!(file.commands.iter().all(|command| inside(command.span)));
    }

    #[test]
    fn any_json_is_read(pieces in proptest::collection::vec(json_piece(), 0..40)) {
        let text = format!("{{\"nftables\": [{{\"rule\": {{\"family\": \"ip\", \"table\": \"t\", \"chain\": \"c\", \"expr\": [{}", pieces.concat());
        for text in [text.clone(), format!("{text}]}}}}]}}"), pieces.concat()] {
            let (file, errors) = super::parse_json(&text);
            let inside = |span: crate::source::Span| text.get(span.range()).is_some();
            prop_assert!(errors.into_vec().iter().all(|error| inside(error.span)));
            prop_assert!(file.expressions.iter().all(|expr| inside(expr.span)));
        }
    }
}

/// Pieces of JSON.
fn json_piece() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "null",
        "1",
        "-1",
        "true",
        "\"x\"",
        "\"*\"",
        "\"@s\"",
        "\"é\\\"\"",
        "\"",
        "{\"accept\": null}",
        "{\"match\": {\"left\": {\"meta\": {\"key\": \"mark\"}}, \"op\": \"==\", \"right\": 1}}",
        "{\"set\": [1, 2]}",
        "{\"prefix\": {\"addr\": \"::\", \"len\": 200}}",
        "{\"log\": {\"level\": 1}}",
        "{\"jump\": {\"target\": \"c\"}}",
        "{\"range\": [2, 1]}",
        "{\"limit\": {\"rate\": 1}}",
        "{\"dnat\": {\"addr\": \"1.1.1.1\", \"port\": 1}}",
        " ",
    ])
}
