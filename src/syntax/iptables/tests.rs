//! Text in, tree or errors out.

use super::{Family, File, Item, Opt, Place, Policy, TableKind, extensions, parse};
use crate::syntax::{Error, ErrorKind, ipset};
use proptest::prelude::*;
use std::fmt::Write as _;

fn read(text: &str, family: Family) -> (File, Vec<Error>) {
    let (file, errors) = parse(text, family);
    (file, errors.into_vec())
}

/// The words of each option: `extension.option=value`, `!` before a negated one.
fn option(text: &str, it: &Opt) -> String {
    let value = text[it.value.range()].replace(' ', "_");
    let negation = if it.negated { "!" } else { "" };
    match extensions::option(it) {
        Some(spec) => {
            let extension = extensions::ALL[usize::from(it.extension)].name;
            format!("{negation}{extension}.{}={value}", spec.name)
        }
        None => format!("{negation}?{}={value}", &text[it.name.range()]),
    }
}

/// One line for each table and item.
fn tree(text: &str, family: Family) -> String {
    let (file, errors) = read(text, family);
    assert_eq!(errors, [], "{text}");
    let mut tree = String::new();
    for table in &file.tables {
        let _ =
            writeln!(tree, "*{}{}", table.kind.name(), if table.committed { "" } else { " open" });
        for item in &table.items {
            let line = match item {
                Item::Chain(chain) => {
                    let policy = match chain.policy {
                        Some((Policy::Accept, _)) => " accept",
                        Some((Policy::Drop, _)) => " drop",
                        None => "",
                    };
                    let packets =
                        chain.packets.map_or(String::new(), |packets| format!(" {packets}"));
                    format!("chain {}{policy}{packets}", &text[chain.name.range()])
                }
                Item::Rule(rule) => {
                    let place = match rule.place {
                        Place::Append => "append".to_owned(),
                        Place::Insert(number) => format!("insert {number}"),
                        Place::Replace(number) => format!("replace {number}"),
                        Place::Delete => "delete".to_owned(),
                    };
                    let range = rule.options.start as usize..rule.options.end as usize;
                    let options: Vec<_> =
                        file.options[range].iter().map(|it| option(text, it)).collect();
                    format!("{place} {} {}", &text[rule.chain.range()], options.join(" "))
                }
                other => {
                    format!("{other:?}").split([' ', '{']).next().unwrap_or_default().to_owned()
                }
            };
            let _ = writeln!(tree, "  {}", line.trim_end());
        }
    }
    tree
}

/// The kinds of the errors and the words they stand on.
fn errors(text: &str, family: Family) -> Vec<String> {
    let name = |kind: &ErrorKind| {
        let debug = format!("{kind:?}");
        debug.split([' ', '(', '{']).next().unwrap_or_default().to_owned()
    };
    let (_, errors) = read(text, family);
    errors
        .iter()
        .map(|error| format!("{} {}", name(&error.kind), &text[error.span.range()]))
        .collect()
}

#[test]
fn rules_keep_their_options_in_the_order_written() {
    for (line, expected) in [
        (
            "-A INPUT -p tcp --dport 22 -j ACCEPT",
            "append INPUT .protocol=tcp tcp.destination-port=22 .jump=ACCEPT",
        ),
        (
            "-A INPUT -m state --state NEW -p tcp --dport ssh",
            "append INPUT .match=state state.state=NEW .protocol=tcp tcp.destination-port=ssh",
        ),
        ("-I INPUT 3 ! -s 10/8 -j DROP", "insert 3 INPUT !.source=10/8 .jump=DROP"),
        ("-I INPUT -ilo -jACCEPT", "insert 1 INPUT .in-interface=lo .jump=ACCEPT"),
        ("-D INPUT -j ACCEPT", "delete INPUT .jump=ACCEPT"),
        ("-j ACCEPT --append INPUT", "append INPUT .jump=ACCEPT"),
        ("-A INPUT -g own", "append INPUT .goto=own"),
        (
            "-A INPUT -p tcp --tcp-flags SYN,ACK SYN",
            "append INPUT .protocol=tcp tcp.tcp-flags=SYN,ACK_SYN",
        ),
        (
            "-A INPUT -m comment --comment \"two words\" -j LOG --log-prefix \"x: \"",
            "append INPUT .match=comment comment.comment=\"two_words\" .jump=LOG LOG.log-prefix=\"x:_\"",
        ),
        (
            "-A INPUT -m geoip ! --src-cc CN,RU -j DROP",
            "append INPUT .match=geoip !?! --src-cc=CN,RU .jump=DROP",
        ),
        ("-A INPUT -j JOOL --instance a", "append INPUT .jump=JOOL ?--instance=a"),
        (
            "-A INPUT -m recent --set -m recent --rcheck --name a",
            "append INPUT .match=recent recent.set= .match=recent recent.rcheck= recent.name=a",
        ),
        (
            "-A INPUT -p udp --dport=53 --sport 1:2",
            "append INPUT .protocol=udp udp.destination-port=53 udp.source-port=1:2",
        ),
        ("-A INPUT -p tcp --dpo 22", "append INPUT .protocol=tcp tcp.destination-port=22"),
        ("[5:300] -A INPUT -j ACCEPT", "append INPUT .jump=ACCEPT"),
    ] {
        let text = format!("*filter\n{line}\nCOMMIT\n");
        assert_eq!(tree(&text, Family::V4), format!("*filter\n  {expected}\n"), "{line}");
    }
}

#[test]
fn lines_of_the_other_family_are_passed_over() {
    let text = "*filter\n-A INPUT -6 -s ::1 -j ACCEPT\n-A INPUT -4 -s 10/8 -j ACCEPT\nCOMMIT\n";
    assert_eq!(tree(text, Family::V4), "*filter\n  append INPUT .source=10/8 .jump=ACCEPT\n");
}

#[test]
fn a_file_has_tables_with_chains() {
    let text = "# made by hand\n*nat\n:PREROUTING ACCEPT [1:2]\n:own - [0:0]\nCOMMIT\n\n*filter\n-P INPUT DROP\n-N own\n-F\n-X own\n-D INPUT 2\n-E own new\n-Z\nCOMMIT\n";
    let expected = "*nat\n  chain PREROUTING accept 1\n  chain own 0\n*filter\n  chain INPUT drop\n  chain own\n  Flush\n  DeleteChain\n  DeleteNumber\n  Rename\n";
    assert_eq!(tree(text, Family::V4), expected);
}

#[test]
fn a_listing_finds_its_table() {
    for (text, kind) in [
        ("-P INPUT DROP\n-A INPUT -j ACCEPT\n", TableKind::Filter),
        (
            "-P PREROUTING ACCEPT\n-A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.1\n",
            TableKind::Nat,
        ),
        ("-P PREROUTING ACCEPT\n-A PREROUTING -j NOTRACK\n", TableKind::Raw),
        ("-P PREROUTING ACCEPT\n-P FORWARD ACCEPT\n", TableKind::Mangle),
        ("-A INPUT -j SECMARK --selctx a\n", TableKind::Mangle),
        ("-A own -j RETURN\n", TableKind::Filter),
    ] {
        let (file, errors) = read(text, Family::V4);
        assert_eq!(errors, [], "{text}");
        assert_eq!(file.tables[0].kind, kind, "{text}");
    }
    let text = "-A INPUT -j ACCEPT\n-t nat -A POSTROUTING -j MASQUERADE\n";
    assert_eq!(
        tree(text, Family::V4),
        "*filter open\n  append INPUT .jump=ACCEPT\n*nat open\n  append POSTROUTING .jump=MASQUERADE\n"
    );
}

#[test]
fn a_bad_line_costs_one_error_at_the_wrong_word() {
    for (line, expected) in [
        ("-A INPUT -p tcp --dprot 22", "UnknownOption --dprot"),
        ("-A INPUT -s ! 10.0.0.1", "OldNegation !"),
        ("-A INPUT -p tcp --dport ! 22", "OldNegation !"),
        ("-A INPUT -p tcp --dport", "MissingValue --dport"),
        ("-A INPUT -p tcp --dport 99999", "BadValue 99999"),
        ("-A INPUT -p tcp --dport 22 --dport 23", "OptionTwice --dport"),
        ("-A INPUT -p tcp --syn=1", "UnexpectedValue 1"),
        ("-A INPUT ! -j ACCEPT", "NotNegatable ! -j"),
        ("-A INPUT ! ! -s 10/8", "DoubleNegation !"),
        ("-A INPUT !", "DanglingNegation !"),
        ("-A INPUT ! -s 10/8,11/8", "NegatedList 10/8,11/8"),
        ("-A INPUT --s 10/8", "AmbiguousOption --s"),
        ("-A INPUT -m multiport --dports 22", "RequiresProtocol multiport"),
        ("-A INPUT -p tcp -m multiport --dports 22 --sports 1", "Excludes multiport"),
        ("-A INPUT -m limit --limit x", "BadValue x"),
        ("-A INPUT -m conntrack", "MissingOption conntrack"),
        ("-A INPUT -o eth0", "WrongChain -o"),
        ("-A INPUT -j MASQUERADE", "WrongTable MASQUERADE"),
        ("-A INPUT -i an-interface-too-long", "LimitExceeded an-interface-too-long"),
        ("-A INPUT -m hl --hl-eq 1", "WrongFamily hl"),
        ("-A INPUT -j ACCEPT junk", "UnexpectedWord junk"),
        ("-A INPUT -A INPUT", "SecondCommand -A"),
        ("-A PREROUTING -j ACCEPT", "WrongChain PREROUTING"),
        ("-s 10/8", "NoCommand -s 10/8"),
        ("-N own -j ACCEPT", "NotWithCommand -j"),
        ("-N LOG", "InvalidChainName LOG"),
        ("-P own DROP", "PolicyOnUserChain own"),
        ("-P INPUT REJECT", "UnknownPolicy REJECT"),
        (":INPUT DORP [0:0]", "UnknownPolicy DORP"),
        (":INPUT", "MissingPolicy :INPUT"),
        ("[1 -A INPUT", "BadCounters [1"),
        ("-A INPUT -t nat", "NotWithCommand -t"),
        ("-A INPUT ! -p all", "NeverMatches all"),
        ("-A INPUT\0", "Binary \0"),
        ("-A INPUT -s fe80::1", "BadValue fe80::1"),
        ("-I INPUT 0", "BadValue 0"),
    ] {
        let text = format!("*filter\n-A INPUT -j ACCEPT\n{line}\n-A INPUT -j DROP\nCOMMIT\n");
        assert_eq!(errors(&text, Family::V4), [expected], "{line}");
        let (file, _) = read(&text, Family::V4);
        assert_eq!(file.tables[0].items.len(), 2, "{line}");
        assert_eq!(file.options.len(), 2, "{line}");
    }
}

#[test]
fn the_file_as_a_whole_may_be_wrong() {
    for (text, expected) in [
        ("*filter\n-A INPUT -j ACCEPT\n", &["MissingCommit *filter"][..]),
        ("*filter\n*nat\nCOMMIT\n", &["MissingCommit *filter"]),
        ("*fliter\n-A INPUT -j ACCEPT\nCOMMIT\n", &["UnknownTable fliter"]),
        ("-A INPUT\n*filter\nCOMMIT\n", &["OutsideTable -A INPUT"]),
        ("*filter\nCOMMIT\nCOMMIT\n", &["OutsideTable COMMIT"]),
        ("*filter\r\n-A INPUT -j ACCEPT\r\nCOMMIT\r\n", &["CarriageReturn \r"]),
        ("*filter\n-A INPUT -j ACCEPT\nCOMMIT", &[]),
        ("", &[]),
    ] {
        assert_eq!(errors(text, Family::V4), expected, "{text}");
    }
}

#[test]
fn a_misspelling_is_told_what_was_meant() {
    for (line, meant) in [
        ("-A INPUT -p tcp --dprot 22", "destination-port"),
        ("-A INPUT -p tpc", "tcp"),
        ("-A INPUT -m conntrack --ctstate NWE", "NEW"),
        ("-A INPUT -j REJECT --reject-with icmp-prot-unreachable", "icmp-proto-unreachable"),
        ("-P INPUT DORP", "DROP"),
        ("-A INPUT -p tcp --dport htttps", "https"),
    ] {
        let (_, errors) = read(&format!("*filter\n{line}\nCOMMIT\n"), Family::V4);
        let suggestion = match &errors[0].kind {
            ErrorKind::UnknownOption { suggestion }
            | ErrorKind::BadValue { suggestion, .. }
            | ErrorKind::UnknownPolicy { suggestion } => *suggestion,
            other => panic!("{other:?}"),
        };
        let close = suggestion == Some(meant)
            || (meant == "destination-port" && suggestion == Some("dport"));
        assert!(close, "{line}: {suggestion:?}");
    }
}

#[test]
fn what_the_loader_cuts_off_is_said_and_kept() {
    let text = format!("*filter\n-A INPUT -j LOG --log-prefix {}\nCOMMIT\n", "a".repeat(30));
    let (file, errors) = read(&text, Family::V4);
    assert!(
        matches!(&errors[0].kind, ErrorKind::LimitExceeded(limit) if limit.truncated && limit.limit == 29)
    );
    assert_eq!(file.tables[0].items.len(), 1);
}

#[test]
fn errors_are_bounded() {
    let text = format!("*filter\n{}COMMIT\n", "garbage\n".repeat(1000));
    let (_, errors) = read(&text, Family::V4);
    assert_eq!(errors.len(), 101);
    assert_eq!(errors[100].kind, ErrorKind::TooManyErrors { more: 900 });
}

#[test]
fn a_line_past_the_loaders_buffer_is_an_error() {
    let text = format!("*filter\n-A INPUT {} -j ACCEPT\nCOMMIT\n", " ".repeat(10_240));
    assert!(
        matches!(&read(&text, Family::V4).1[0].kind, ErrorKind::LimitExceeded(limit) if limit.what == "line")
    );
    let text = format!("*filter\n-A INPUT -m comment --comment {}\nCOMMIT\n", "a".repeat(1024));
    assert!(
        matches!(&read(&text, Family::V4).1[0].kind, ErrorKind::LimitExceeded(limit) if limit.what == "word")
    );
}

#[test]
fn every_line_is_an_item_an_error_a_comment_or_blank() {
    let text = "# comment\n\n*filter\n:INPUT DROP [0:0]\n-A INPUT -j ACCEPT\n-A INPUT --nonsense\nCOMMIT\n# end\n";
    let (file, errors) = read(text, Family::V4);
    let mut start = 0;
    for line in text.lines() {
        let end = start + line.len();
        let inside =
            |span: crate::source::Span| span.start as usize >= start && span.end as usize <= end;
        let item = file.tables[0].items.iter().any(|item| match item {
            Item::Chain(chain) => chain.line.range() == (start..end),
            Item::Rule(rule) => rule.line.range() == (start..end),
            _ => false,
        });
        let known = line.is_empty() || line.starts_with(['#', '*']) || line == "COMMIT";
        let error = errors.iter().any(|error| inside(error.span));
        assert_eq!(u8::from(item) + u8::from(known) + u8::from(error), 1, "{line}");
        start = end + 1;
    }
}

/// Words that mean something somewhere, and some that do not.
fn any_word() -> impl Strategy<Value = String> {
    let words = [
        "*filter",
        "*nat",
        "COMMIT",
        "\n",
        "\r\n",
        ":INPUT",
        "DROP",
        "-",
        "[0:0]",
        "[1:2",
        "-A",
        "INPUT",
        "-I",
        "-p",
        "tcp",
        "--dport",
        "22",
        "1:2",
        "!",
        "-m",
        "conntrack",
        "--ctstate",
        "NEW,",
        "-j",
        "LOG",
        "--log-prefix",
        "\"a b",
        "\"",
        "\\",
        "-s",
        "10/8",
        "::1",
        "--tcp-flags",
        "SYN",
        "-fj",
        "-6",
        "--",
        "--dp=",
        "multiport",
        "--dports",
        "set",
        "--match-set",
        "create",
        "add",
        "a",
        "hash:ip",
        "timeout",
        "#",
        "\0",
        "é",
        "-é",
        "--é=é",
        "string",
        "--hex-string",
        "|0d|é",
    ];
    prop_oneof![9 => prop::sample::select(words.to_vec()).prop_map(str::to_owned), 1 => ".{0,6}"]
}

proptest! {
    #[test]
    fn any_text_is_read_and_every_span_is_a_piece_of_it(words in prop::collection::vec(any_word(), 0..60)) {
        let text = words.join(" ").replace(" \n ", "\n");
        let spanned = |errors: Vec<Error>| errors.iter().all(|error| text.get(error.span.range()).is_some());
        for family in [Family::V4, Family::V6] {
            let (file, errors) = read(&text, family);
            prop_assert!(spanned(errors));
            prop_assert!(file.options.iter().all(|it| text.get(it.name.to(it.value).range()).is_some()));
        }
        prop_assert!(spanned(ipset::parse(&text).1.into_vec()));
    }
}

#[test]
fn rules_read_on_several_threads_are_those_read_on_one() {
    let bad = "-A INPUT -p tcp --dprot 22 -j ACCEPT\n";
    let rules: String = (0..20_000)
        .map(|number| {
            let line = format!("-A INPUT -s 10.0.{}.{}/32 -j DROP\n", number / 256, number % 256);
            if number % 5_000 == 4_999 { line + bad } else { line }
        })
        .collect();
    let text = format!("*filter\n:INPUT DROP [0:0]\n{rules}-F OUTPUT\n{rules}COMMIT\n");
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let (file, errors) = pool.install(|| super::file::parse(&text, Family::V4));
        format!("{file:?} {:?}", errors.into_vec())
    };
    let alone = on(1);
    assert_eq!(alone.matches("UnknownOption").count(), 8);
    assert_eq!(on(2), alone);
    assert_eq!(on(5), alone);
}
