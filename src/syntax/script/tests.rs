//! Scripts and what they do, as text in and text out.

use super::{File, UnreadKind};
use crate::{
    source::SourceFile,
    syntax::{self, Dialect, ErrorKind, Parsed, ShellError},
};
use proptest::prelude::{ProptestConfig, proptest};

fn parsed(text: &str) -> (SourceFile, Parsed) {
    let source = SourceFile::new("x.sh", text.as_bytes().to_vec());
    let parsed = syntax::parse(&source, Some(Dialect::Script)).expect("a dialect is given");
    (source, parsed)
}

fn file(parsed: &Parsed) -> &File {
    parsed.script().expect("a script")
}

/// The commands that a script runs, one a line: `?` before one that may not run, `!` where it is the answer no.
fn commands(text: &str) -> String {
    let (_, parsed) = parsed(text);
    let file = file(&parsed);
    let line = |it: &super::Command| {
        let answers = it.answers.iter().map(|(_, negated)| if *negated { '!' } else { '?' });
        let answers: String = answers.collect();
        format!("{answers}{}", file.whole.source.slice(it.span).trim())
    };
    file.commands.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn words_are_expanded() {
    for (script, expected) in [
        ("iptables -F", "iptables -F"),
        ("A=1\niptables -A x$A \"y $A\" '$A'", "iptables -A x1 \"y 1\" $A"),
        ("A='a b'\niptables $A \"$A\"", "iptables a b \"a b\""),
        ("A=; iptables -F $A x", "iptables -F x"),
        ("iptables -A \\\n  INPUT # a comment", "iptables -A INPUT"),
        ("iptables -s ${NET:-10/8} ${X:+no} ${Y-y}", "iptables -s 10/8 y"),
        ("A=x; iptables ${A:+yes} ${A:-no}", "iptables yes x"),
        ("A=(a 'b c'); iptables \"${A[@]}\" $A", "iptables a \"b c\" a"),
        ("A=a; A+=b; iptables $A", "iptables ab"),
        ("iptables -p $(cat x) `y` $((1+1))", "iptables -p \"$(cat x)\" `y` $((1+1))"),
        ("iptables a{b,c} {1..3}", "iptables ab ac 1 2 3"),
        ("#!/bin/sh\niptables a{b,c}", "iptables a{b,c}"),
        ("iptables \"\" ''", "iptables \"\" \"\""),
        ("iptables 'a\"b' c\\ d", "iptables \"a\\\"b\" \"c d\""),
        ("A=1 iptables -F", "iptables -F"),
        ("IPT=iptables\nsudo -n $IPT -F", "iptables -F"),
        ("IPT=$(which iptables)\n$IPT -F", "iptables -F"),
        ("IPT='iptables -w'\n$IPT -F", "iptables -w -F"),
        ("/usr/sbin/ip6tables-nft -F >/dev/null 2>&1 || true", "/usr/sbin/ip6tables-nft -F"),
        ("$IPTABLES -F", "$IPTABLES -F"),
        ("iptables-save > x; iptables -L -n; iptables --version", ""),
        ("ssh host iptables -F", ""),
        ("nft add rule t c tcp dport { 1, 2 } accept", "add rule t c tcp dport { 1, 2 } accept"),
        ("nft add chain t c \\{ policy drop\\; \\}", "add chain t c { policy drop; }"),
        ("ipset create a hash:ip; ipset -q list a", "ipset create a hash:ip"),
    ] {
        assert_eq!(commands(script), expected, "{script}");
    }
}

#[test]
fn what_runs_is_followed() {
    for (script, expected) in [
        ("for i in 1 2; do iptables -A $i; done", "iptables -A 1\niptables -A 2"),
        ("for i in $X; do iptables -A $i; done", "?iptables -A $i"),
        (
            "f() { iptables -A $1 $2; shift; iptables -A \"$@\"; }\nf a b",
            "iptables -A a b\niptables -A b",
        ),
        ("if [ x = x ]; then iptables -A a; else iptables -A b; fi", "iptables -A a"),
        ("if [ $X ]; then iptables -A a; else iptables -A b; fi", "?iptables -A a\n!iptables -A b"),
        ("if a; then if b; then iptables -F; fi; fi", "??iptables -F"),
        ("if [ $X ]; then exit 1; fi\niptables -F", "iptables -F"),
        ("if [ $X ]; then iptables -X; exit; fi\niptables -F", "iptables -F"),
        ("[ -x /sbin/iptables ] || exit 0\niptables -F", "iptables -F"),
        ("command -v iptables > /dev/null && iptables -F", "iptables -F"),
        ("test -n \"$X\" && iptables -F", "?iptables -F"),
        ("[ $X ] || iptables -F", "!iptables -F"),
        ("iptables -C a || iptables -A a", "iptables -A a"),
        ("iptables -N a || iptables -F a", "iptables -N a\niptables -F a"),
        ("iptables -A a && iptables -A b || iptables -A c", "iptables -A a\niptables -A b"),
        ("while read x; do iptables -A $x; done < f", "?iptables -A $x"),
        ("case $1 in start) iptables -A a;; stop) iptables -F;; esac", "iptables -A a"),
        ("case $X in a) iptables -A a;; *) iptables -A b;; esac", "?iptables -A a\n?iptables -A b"),
        ("[ \"$1\" = stop ] && { iptables -F; exit; }\niptables -A a", "iptables -A a"),
        ("X=1; (X=2; iptables -A $X); iptables -A $X", "iptables -A 2\niptables -A 1"),
        ("if a; then X=1; else X=2; fi; iptables -A $X", "iptables -A $X"),
        ("exit\niptables -F", ""),
        ("for i in a b; do [ $i = a ] && continue; iptables -A $i; done", "iptables -A b"),
        (
            "for i in a b; do [ $X ] && continue; iptables -A $i; done",
            "!iptables -A a\n!!iptables -A b",
        ),
        ("iptables-restore <<E\n*filter\nE\niptables -F", "*filter\niptables -F"),
        ("iptables-restore <<'E'\n$X\nE", "$X"),
        ("X=1\niptables-restore <<-E\n\t$X\\$\n\tE", "1$"),
        ("echo '*filter' | iptables-restore", "*filter"),
        ("iptables -A a & wait", "iptables -A a"),
        ("cat > f <<E\n*filter\nE\niptables-restore < f", "*filter"),
        (
            "T=$(mktemp)\necho '*filter' > $T; echo COMMIT >> $T\niptables-restore $T",
            "*filter\nCOMMIT",
        ),
        ("echo 'flush ruleset' > f; nft -f f", "flush ruleset"),
        ("echo a > f; [ $X ] && echo b > f; nft -f f", ""),
        ("function f { iptables -F; }; f", "iptables -F"),
        ("rules() {\niptables -F\n}", "iptables -F"),
        ("stop() { iptables -F; }\nset $X\ncase $1 in start) :;; esac", ""),
    ] {
        assert_eq!(commands(script), expected, "{script}");
    }
}

#[test]
fn what_is_not_followed_is_told() {
    use UnreadKind::{Command, Ends, Input};
    let path = |path: &str| UnreadKind::File { path: path.to_owned() };
    for (script, expected) in [
        ("eval \"iptables -F $X\"", vec![Command]),
        ("ssh host iptables -F", vec![Command]),
        ("xargs -n1 iptables -A INPUT -s", vec![Command]),
        ("iptables -A $X -j DROP", vec![Command]),
        ("iptables -t $X -F", vec![Command]),
        ("iptables -P INPUT $X", vec![Command]),
        ("nft add rule t $X accept", vec![Command]),
        ("iptables-restore < /etc/rules", vec![path("/etc/rules")]),
        ("iptables-restore /etc/rules", vec![path("/etc/rules")]),
        ("nft -f rules.nft", vec![path("rules.nft")]),
        (". ./lib.sh", vec![path("./lib.sh")]),
        ("make | iptables-restore", vec![Input]),
        ("echo iptables -F | sh", vec![Command]),
        ("trap 'iptables -F' EXIT", vec![Command]),
        ("log_begin_msg 'Loading iptables rules'", vec![]),
        ("make > f; nft -f f", vec![path("f")]),
        ("if a; then iptables -F; exit; fi", vec![Ends]),
        ("iptables -A INPUT -s $X -j DROP", vec![]),
        ("echo iptables", vec![]),
    ] {
        let (_, parsed) = parsed(script);
        assert!(parsed.errors.is_empty(), "{script}: {:?}", parsed.errors);
        let kinds: Vec<_> = file(&parsed).unread.iter().map(|it| it.kind.clone()).collect();
        assert_eq!(kinds, expected, "{script}");
    }
}

#[test]
fn what_a_shell_refuses_is_an_error_at_its_place() {
    let open = |what| ErrorKind::Shell(ShellError::NeverClosed { what });
    let unexpected = ErrorKind::Shell(ShellError::Unexpected);
    for (script, place, kind) in [
        ("iptables -F 'x", 12, open("'")),
        ("iptables -F \"x", 12, open("\"")),
        ("iptables -F $(x", 12, open("$(")),
        ("if a; then iptables -F", 0, open("if")),
        ("for i in a; do nft", 0, open("for")),
        ("f() { nft", 4, open("{")),
        ("(nft", 0, open("(")),
        ("case nft in b) c;;", 0, open("case")),
        ("nft; fi", 5, unexpected.clone()),
        ("nft )", 4, unexpected.clone()),
        ("if nft; fi", 8, unexpected),
        ("iptables -F\r\n", 11, ErrorKind::CarriageReturn),
    ] {
        let (_, parsed) = parsed(script);
        let errors: Vec<_> =
            parsed.errors.iter().map(|it| (it.span.start, it.kind.clone())).collect();
        assert_eq!(errors, [(place, kind)], "{script}");
    }
}

#[test]
fn what_loads_no_rules_has_no_errors() {
    for script in ["for i in a; do b", "a )", "x=(\n", "{% if a %}\n", "for f in *(.N); do a; done"]
    {
        assert_eq!(parsed(script).1.errors, [], "{script}");
    }
    let said = |script| !parsed(script).1.errors.is_empty();
    assert!(said("$IPT -F\na )"), "a variable that is called so most likely holds a loader");
}

#[test]
fn the_rest_is_read_behind_an_error() {
    assert_eq!(commands("a )\niptables -F"), "iptables -F");
    assert_eq!(commands("iptables -F\niptables -X; fi"), "iptables -F\niptables -X");
}

#[test]
fn places_are_those_of_the_script() {
    let script = "P=80\nf() { iptables -A INPUT -p tcp --dport $P -s $1 -j ACCEPT; }\nf 10.0.0.1\nf 10.0.0.2\n";
    let (source, parsed) = parsed(script);
    let file = file(&parsed);
    let rules: Vec<_> = file.ipv4.tables.iter().flat_map(|it| &it.items).collect();
    assert_eq!(rules.len(), 2);
    let shown = |option: &syntax::iptables::Opt| {
        let written = file.whole.source.slice(option.value);
        format!("{written}={}", source.slice(file.located(option.value)))
    };
    let all: Vec<_> = file.ipv4.options.iter().map(shown).collect();
    let of = |address: &str| {
        vec![
            "tcp=tcp".to_owned(),
            "80=$P".to_owned(),
            format!("{address}=$1"),
            "ACCEPT=ACCEPT".to_owned(),
        ]
    };
    assert_eq!(all, [of("10.0.0.1"), of("10.0.0.2")].concat());
}

#[test]
fn a_script_that_does_not_end_is_read_no_further_than_is_said() {
    let nested = "for a in {1..999}; do for b in {1..999}; do iptables -F; done; done";
    let (_, parsed) = parsed(nested);
    assert!(matches!(parsed.errors[0].kind, ErrorKind::LimitExceeded(_)), "{:?}", parsed.errors);
    let doubled = format!("A=x\n{}iptables $A", "A=$A$A\n".repeat(64));
    assert!(commands(&doubled).len() < 1000);
    let (_, parsed) = self::parsed("f() { f; iptables -F; }\nf");
    assert!(matches!(parsed.errors[0].kind, ErrorKind::LimitExceeded(_)), "{:?}", parsed.errors);
    let branches = "if [ $X ]; then ".repeat(50);
    let calls = format!("f() {{ {branches} f; iptables -F; {}}}\nf", "fi; ".repeat(50));
    assert!(commands(&calls).lines().count() < 100);
    let many: Vec<String> =
        (0..3_000).map(|it| format!("f{it}() {{ :; }}\nA{it}=$B{it}\n[ $C ] && A=1")).collect();
    let (_, parsed) = self::parsed(&many.join("\n"));
    assert!(parsed.errors.len() < 2);
    let deep = format!("{}iptables -F", "( ".repeat(10_000));
    let (_, parsed) = self::parsed(&deep);
    assert!(!parsed.errors.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_is_read(text in "(\\PC|\n|[$\"'`(){};|&<>\\\\ ]|if|fi|for|do|done|case|esac|iptables -A|nft |<<E\n|E\n){0,40}") {
        let (source, parsed) = parsed(&text);
        // What has the marks of a template is one, and not read.
        let Some(file) = parsed.script() else { return Ok(()) };
        let length = u32::try_from(source.text().len()).expect("short");
        for error in &parsed.errors {
            let span = file.located(error.span);
            assert!(span.start <= span.end && span.end <= length.max(1), "{span:?} in {text:?}");
        }
    }
}
