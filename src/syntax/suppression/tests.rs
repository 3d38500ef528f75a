use super::{Date, Remarks, Scope, Standing, in_comments, in_rules};
use crate::{
    source::SourceFile,
    syntax::{Dialect, parse},
};
use proptest::prelude::*;

fn source(text: &str) -> SourceFile {
    SourceFile::new("rules", text.as_bytes().to_vec())
}

/// `line 3 FW101,FW2 because until 2027-01-31`, one a suppression.
fn told(source: &SourceFile, remarks: &Remarks) -> Vec<String> {
    let told = remarks.suppressions.iter().map(|it| {
        let scope = match it.scope {
            Scope::Line(line) => format!("line {line}"),
            Scope::File => "file".to_owned(),
        };
        let words: Vec<_> = it.words.iter().map(|word| source.slice(*word)).collect();
        let reason = it.reason.as_deref().map(|it| format!(" {it}")).unwrap_or_default();
        let until = it.until.map(|it| match it.day {
            Some(day) => format!(" until {day}"),
            None => " until never".to_owned(),
        });
        format!("{scope} {}{reason}{}", words.join(","), until.unwrap_or_default())
    });
    told.collect()
}

fn comments(text: &str, dialect: Dialect) -> Vec<String> {
    let source = source(text);
    told(&source, &in_comments(&source, dialect))
}

#[test]
fn a_comment_is_about_the_next_line_that_is_none() {
    let text = "*filter\n# fwlint: ignore[FW101] the bastion until=2027-01-31\n\
                # fwlint:ignore[ FW2 , shadowed-deny ]\n#~^ FW1\n-A INPUT -j ACCEPT\n";
    assert_eq!(
        comments(text, Dialect::Iptables),
        ["line 5 FW101 the bastion until 2027-01-31", "line 5 FW2,shadowed-deny"]
    );
    assert_eq!(
        comments("# fwlint: ignore-file[FW7] a dump\r\n\r\n", Dialect::Iptables),
        ["file FW7 a dump"]
    );
}

#[test]
fn behind_a_rule_it_is_about_that_rule_where_the_format_has_such_comments() {
    let text = "tcp dport 22 accept # fwlint: ignore[FW101] x\n  # fwlint: ignore[FW102] y\nz\n";
    assert_eq!(comments(text, Dialect::Nft), ["line 1 FW101 x", "line 3 FW102 y"]);
    assert_eq!(comments(text, Dialect::Script), ["line 1 FW101 x", "line 3 FW102 y"]);
    assert_eq!(comments(text, Dialect::Iptables), [""; 0]);
    assert_eq!(comments(text, Dialect::NftJson), [""; 0]);
}

#[test]
fn a_sign_in_quotes_or_inside_a_word_begins_no_comment() {
    let quoted = "log prefix \"# fwlint: ignore[FW1] x\"\n";
    assert_eq!(comments(quoted, Dialect::Nft), [""; 0]);
    for line in
        ["echo '# fwlint: ignore[FW1]'", "a#fwlint:ignore[FW1]", "a \\# fwlint: ignore[FW1]"]
    {
        assert_eq!(comments(line, Dialect::Script), [""; 0], "{line}");
    }
    assert_eq!(comments("echo don't # fwlint: ignore[FW1]", Dialect::Script), [""; 0]);
    assert_eq!(comments("a ';' # fwlint: ignore[FW1]\n", Dialect::Script), ["line 1 FW1"]);
}

#[test]
fn what_begins_so_and_is_none_is_told() {
    let malformed = |text: &str| {
        let source = source(text);
        let remarks = in_comments(&source, Dialect::Nft);
        assert_eq!(remarks.suppressions, [], "{text}");
        let words = remarks.malformed.iter().map(|it| source.slice(it.word).to_owned());
        words.collect::<Vec<_>>()
    };
    assert_eq!(malformed("# fwlint: ignor[FW101]"), ["ignor"]);
    assert_eq!(malformed("# fwlint: ignore FW101"), ["ignore"]);
    assert_eq!(malformed("# fwlint: ignore[]"), ["ignore"]);
    assert_eq!(malformed("# fwlint: ignore[FW101"), ["ignore"]);
    assert_eq!(malformed("# fwlint:"), [""]);
    assert_eq!(malformed("# x fwlint: ignore"), ["ignore"]);
    assert_eq!(malformed("# fwlint: 忽略[FW101]"), [""]);
    assert_eq!(malformed("# see fwlint: it says why"), [""; 0], "prose");
}

#[test]
fn rules_carry_theirs_in_their_own_comment() {
    let iptables = "*filter\n-A INPUT -m comment --comment \"fwlint:ignore[FW101] OPS-4312\" -j ACCEPT\n\
                    -A INPUT -m comment --comment fwlint:ignore[FW102] -j ACCEPT\n\
                    -A INPUT -m comment --comment \"OPS-1 until=2026-01-31\" -j ACCEPT\nCOMMIT\n";
    let nft = "table inet t {\n\tchain c {\n\t\ttcp dport 22 accept comment \"fwlint:ignore[FW101] OPS-4312\"\n\
               \t\taccept comment \"fwlint:ignore[FW102]\"\n\t\taccept comment \"OPS-1 until=2026-01-31\"\n\t}\n}\n";
    for (text, dialect, first) in [(iptables, Dialect::Iptables, 2), (nft, Dialect::Nft, 3)] {
        let source = source(text);
        let parsed = parse(&source, Some(dialect)).expect("the dialect is given");
        let remarks = in_rules(&source, &parsed);
        let wanted = [format!("line {first} FW101 OPS-4312"), format!("line {} FW102", first + 1)];
        assert_eq!(told(&source, &remarks), wanted);
        assert!(remarks.suppressions.iter().all(|it| it.place == Standing::RuleComment));
        let [end] = &remarks.ends[..] else { panic!("{remarks:?}") };
        assert_eq!(
            (source.slice(end.span), end.day),
            ("until=2026-01-31", Date::read("2026-01-31"))
        );
    }
}

#[test]
fn what_is_no_day_is_told() {
    let text = "# fwlint: ignore[FW1] x until=soon\n# fwlint: ignore[FW1] until=2027-01-01, x\n";
    assert_eq!(
        comments(text, Dialect::Nft),
        ["line 3 FW1 x until never", "line 3 FW1 x until 2027-01-01"]
    );
}

proptest! {
    #[test]
    fn any_comment_is_read_and_every_place_is_in_it(
        text in "(# |fwlint: ?|ignore(-file)?|\\[|\\]|,|until=|20[0-9]{2}-[01][0-9]-[0-3][0-9]|\"|\n|\\PC|FW101)*"
    ) {
        let source = source(&text);
        for dialect in Dialect::ALL {
            let remarks = in_comments(&source, dialect);
            let suppressions = remarks.suppressions.iter().flat_map(|it| {
                it.words.iter().copied().chain(it.until.map(|until| until.span)).chain([it.span])
            });
            let malformed = remarks.malformed.iter().flat_map(|it| [it.span, it.word]);
            for span in suppressions.chain(malformed) {
                prop_assert!(text.get(span.range()).is_some(), "{span:?}");
            }
        }
    }
}
