//! What findings about dead rules say: the few lines that explain them, and a packet that shows what is lost.

use fwlint::{
    analysis::{Analysis, Interest},
    commands,
    lower::{self, Input as Lowered},
    settings::{Settings, Severity},
    source::{
        SourceFile,
        input::{Input, Inputs, Origin},
    },
    syntax::{self, Dialect},
};

/// What one finding says.
#[derive(Debug)]
struct Said {
    code: &'static str,
    severity: Severity,
    en: String,
    zh: String,
    /// The lines of its labels but the first.
    labels: Vec<u32>,
    witness: Option<String>,
    help: String,
}

/// What is said of the rule on one line of a file.
fn said(text: &str, dialect: Dialect, line: u32) -> Said {
    let source = SourceFile::new("example", text.into());
    let line_of = |offset: u32| {
        let before = &text[..offset as usize];
        u32::try_from(before.matches('\n').count()).expect("few lines") + 1
    };
    let inputs =
        Inputs { files: vec![Input { source, origin: Origin::Named }], ..Inputs::default() };
    let outcome = commands::check(inputs, Some(dialect), &Settings::default());
    let about = outcome.findings.iter().filter(|it| {
        it.lint.code.starts_with("FW20") && line_of(it.primary.place.span.start) == line
    });
    let about: Vec<_> = about.collect();
    let [it] = &about[..] else { panic!("{text}line {line}: {about:#?}") };
    Said {
        code: it.lint.code,
        severity: it.severity,
        en: it.message.en.clone(),
        zh: it.message.zh.clone(),
        labels: it.labels.iter().map(|label| line_of(label.place.span.start)).collect(),
        witness: it.witness.clone(),
        help: it.help.iter().map(|it| it.en.as_str()).collect::<Vec<_>>().join(" "),
    }
}

#[test]
fn what_is_dropped_before_tracking_is_shown_where_it_was_going() {
    let raw = "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -s 192.0.2.0/24 -j DROP\nCOMMIT\n";
    let rules = iptables(
        "-A FORWARD -s 192.0.2.7 -o eth1 -m conntrack --ctstate ESTABLISHED -p tcp -m tcp --dport 22 -j ACCEPT\n",
    );
    let text = format!("{raw}{rules}");
    let it = said(&text, Dialect::Iptables, 9);
    assert_eq!((it.code, it.severity), ("FW202", Severity::Warning), "{}", it.en);
    let witness = it.witness.expect("something is lost");
    assert_eq!(witness, "tcp 192.0.2.7:40000 -> 192.0.2.1:22 in eth0 out eth1 state established");
    assert_dropped(&text, &witness);
}

#[test]
fn a_mark_that_is_given_on_the_way_is_not_borne_from_the_start() {
    let mangle = "*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j MARK --set-xmark 0xa/0xffffffff\n\
                  -A PREROUTING -s 192.0.2.0/24 -j DROP\nCOMMIT\n";
    let rules = iptables("-A INPUT -s 192.0.2.7 -p tcp -m tcp --dport 22 -j ACCEPT\n");
    let text = format!("{mangle}{rules}");
    let it = said(&text, Dialect::Iptables, 10);
    assert_eq!((it.code, it.severity), ("FW202", Severity::Warning), "{}", it.en);
    let witness = it.witness.expect("something is lost");
    assert_eq!(witness, "tcp 192.0.2.7:40000 -> host:22 in eth0");
    assert_dropped(&text, &witness);
}

fn iptables(rules: &str) -> String {
    format!(
        "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n{rules}COMMIT\n"
    )
}

fn nft(rules: &str) -> String {
    format!(
        "table inet filter {{\nchain input {{\ntype filter hook input priority 0; policy drop;\n{rules}}}\n}}\n"
    )
}

/// Holds that a packet is dropped by the rules that are said to drop it.
fn assert_dropped(text: &str, packet: &str) {
    let source = SourceFile::new("rules.v4", text.into());
    let parsed = syntax::parse(&source, Some(Dialect::Iptables)).expect("a dialect is given");
    let ruleset = lower::ruleset(&[Lowered { file: 0, source: &source, parsed: &parsed }]);
    let analysis = Analysis::of(&ruleset, Interest::Everything);
    let packet = packet.parse().unwrap_or_else(|_| panic!("{packet} is a packet"));
    let verdict = analysis.trace(&packet).verdict;
    assert_eq!(format!("{verdict:?}"), "Drop", "{text}{packet}");
}

#[test]
fn what_is_denied_otherwise_is_said_to_be_denied() {
    let dropped = nft("tcp dport 22 drop\ntcp dport 22 reject\n");
    let it = said(&dropped, Dialect::Nft, 5);
    assert_eq!(it.en, "changes nothing: all its packets are already dropped at line 4");
    assert_eq!(it.zh, "不起作用：第 4 行已丢弃它的全部数据包");
    let rejected = nft("tcp dport 22 reject\ntcp dport 22 log prefix \"ssh \" drop\n");
    let it = said(&rejected, Dialect::Nft, 5);
    let wanted = "changes nothing: all its packets are already rejected at line 4; what it logs is never written";
    assert_eq!((it.code, it.en.as_str()), ("FW203", wanted));
    assert_eq!(it.zh, "不起作用：第 4 行已拒绝它的全部数据包；其日志也不会写出");
    let both =
        nft("tcp dport 22 reject\nudp dport 22 drop\nmeta l4proto { tcp, udp } th dport 22 drop\n");
    let it = said(&both, Dialect::Nft, 6);
    assert_eq!((it.code, it.labels), ("FW203", vec![4, 5]), "{}", it.en);
}

#[test]
fn what_accepts_the_same_meets_the_same() {
    let text = nft("tcp dport 20-22 accept\ntcp dport 22 accept\n");
    let it = said(&text, Dialect::Nft, 5);
    assert_eq!(it.en, "changes nothing: all its packets already meet the same at line 4");
}

#[test]
fn an_exception_before_is_told_apart_from_a_hole() {
    let text = "meta l4proto != tcp drop\nip saddr 192.0.2.7 tcp dport 22 accept\nmeta l4proto tcp reject\nip saddr 192.0.2.0/24 drop\n";
    let it = said(&nft(text), Dialect::Nft, 7);
    let wanted = "changes nothing: but for exceptions before it, all its packets are already denied at lines 4 and 6";
    assert_eq!((it.code, it.severity, it.en.as_str()), ("FW203", Severity::Info, wanted));
    assert_eq!(it.zh, "不起作用：除前面放行的例外，第 4、6 行已拦下它的全部数据包");
}

#[test]
fn a_jump_is_explained_where_it_stands_and_not_in_the_chain_that_many_call() {
    let text = iptables(
        ":LOGDROP - [0:0]\n:BANNED - [0:0]\n:SERVICES - [0:0]\n-A INPUT -j BANNED\n-A INPUT -j SERVICES\n\
         -A BANNED -s 192.0.2.0/24 -j LOGDROP\n-A LOGDROP -j DROP\n\
         -A SERVICES -s 192.0.2.7 -p tcp -m tcp --dport 22 -j ACCEPT\n",
    );
    let it = said(&text, Dialect::Iptables, 12);
    assert_eq!(it.en, "`-j ACCEPT` never takes effect: line 8 drops all its packets first");
    assert_eq!(it.labels, [8, 11], "the jump first, then what decides");
    let witness = it.witness.expect("something is lost");
    assert_eq!(witness, "tcp 192.0.2.7:40000 -> host:22 in eth0");
    assert_dropped(&text, &witness);
}

#[test]
fn one_rule_that_takes_all_is_named_alone() {
    let text = nft(
        "iifname \"eth1\" drop\nip saddr 192.0.2.9 drop\nip saddr 192.0.2.0/24 drop\nip saddr 192.0.2.0/25 udp dport 53 accept\n",
    );
    let it = said(&text, Dialect::Nft, 7);
    assert_eq!(it.en, "`accept` never takes effect: line 6 drops all its packets first");
    assert_eq!(it.labels, [6]);
    let text = nft(
        "ip saddr 192.0.2.9 accept\nip saddr 192.0.2.0/24 drop\nip saddr 192.0.2.0/25 udp dport 53 accept\n",
    );
    let it = said(&text, Dialect::Nft, 6);
    assert_eq!(it.labels, [5, 4], "and the one with another verdict");
}

#[test]
fn a_packet_of_each_way_shows_what_is_lost() {
    for (rules, line, packet) in [
        (
            "-A INPUT -p tcp -j DROP\n-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT\n",
            6,
            "tcp 198.51.100.7:40000 -> host:443 in eth0",
        ),
        (
            "-A OUTPUT -p tcp -j DROP\n-A OUTPUT -p tcp -m tcp --dport 443 -j ACCEPT\n",
            6,
            "tcp host:40000 -> 192.0.2.1:443 out eth0",
        ),
        (
            "-A INPUT -p tcp -j DROP\n-A INPUT -p tcp -m conntrack --ctstate ESTABLISHED -j ACCEPT\n",
            6,
            "tcp 198.51.100.7:40000 -> host:22 in eth0 state established",
        ),
        (
            "-A FORWARD -p tcp -m tcp ! --tcp-flags SYN,RST,ACK SYN -j DROP\n-A FORWARD -p tcp -j DROP\n\
             -A FORWARD -p tcp -m tcp --dport 443 -j ACCEPT\n",
            7,
            "tcp 198.51.100.7:40000 -> 192.0.2.1:443 in eth0 out eth0",
        ),
    ] {
        let text = iptables(rules);
        let it = said(&text, Dialect::Iptables, line);
        assert_eq!((it.code, it.severity), ("FW202", Severity::Warning), "{text}");
        let witness = it.witness.expect("something is lost");
        assert_eq!(witness, packet, "{text}");
        assert_dropped(&text, &witness);
    }
}

#[test]
fn later_fragments_do_not_explain_what_asks_for_ports() {
    let text = iptables(
        "-A FORWARD -f -j DROP\n-A FORWARD -p udp -j DROP\n-A FORWARD -p udp -m udp --sport 53 -j ACCEPT\n\
         -A FORWARD -p tcp ! -f -j DROP\n-A FORWARD -p tcp -j ACCEPT\n",
    );
    let it = said(&text, Dialect::Iptables, 7);
    assert_eq!(it.labels, [6], "{}", it.en);
    let it = said(&text, Dialect::Iptables, 9);
    assert_eq!(it.labels, [8, 5], "what asks for no port sees them: {}", it.en);
}

#[test]
fn where_nothing_calls_the_chain_no_packet_is_said_to_be_lost() {
    let text = "table inet filter {\nchain services {\ncounter drop\ntcp dport 443 accept\n}\n}\n";
    let it = said(text, Dialect::Nft, 4);
    assert_eq!((it.code, it.severity, it.witness), ("FW206", Severity::Info, None));
    assert!(it.help.contains("Where its chain is called, what it should let through is dropped."));
}

#[test]
fn a_rule_that_the_loader_refuses_explains_nothing() {
    for (good, bad) in [("counter drop", "counter drop drop"), ("drop", "tcp dport nowhere drop")] {
        let text = |rule: &str| nft(&format!("{rule}\ntcp dport 22 accept\n"));
        assert_eq!(said(&text(good), Dialect::Nft, 5).code, "FW206");
        let source = SourceFile::new("example", text(bad).into_bytes());
        let files = vec![Input { source, origin: Origin::Named }];
        let inputs = Inputs { files, ..Inputs::default() };
        let outcome = commands::check(inputs, Some(Dialect::Nft), &Settings::default());
        let codes: Vec<_> = outcome.findings.iter().map(|it| it.lint.code).collect();
        assert!(codes.contains(&"FW000"), "{codes:?}");
        assert!(!codes.iter().any(|it| it.starts_with("FW20")), "{codes:?}");
    }
}

#[test]
fn a_translation_that_others_make_before_is_shown_by_a_packet() {
    let text = "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -d 192.0.2.1 -p tcp -j DNAT --to-destination 10.0.0.1\n\
                -A PREROUTING -d 192.0.2.1 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.2\nCOMMIT\n";
    let it = said(text, Dialect::Iptables, 4);
    assert_eq!((it.code, it.severity), ("FW202", Severity::Warning));
    assert_eq!(it.witness.as_deref(), Some("tcp 198.51.100.7:40000 -> 192.0.2.1:80 in eth0"));
    assert!(it.help.starts_with("What it should translate is treated otherwise: "), "{}", it.help);
}
