//! A rule that was meant to be gone by now.

use super::{
    Context, Example, Finding, Findings, Fix, Lint, Place, iptables_file, nft_file, quote::quoted,
};
use crate::{
    settings::{Persona, Severity},
    source::Span,
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW910",
    name: "temporary-marker",
    severity: Severity::Info,
    fix: Fix::None,
    persona: Persona::Strict,
    since: "0.1.0",
    summary: Text {
        en: "the comment of a rule says that it is for a while only",
        zh: "规则的注释表明它只是临时的",
    },
    why: Text {
        en: "Nobody takes a rule out that says `temp` and not until when: openings for a test outlive the test by years.",
        zh: "只写 `temp` 而不写期限的规则没有人会去删：为测试开的口子往往比测试多活好几年。",
    },
    remedy: Text {
        en: "Say in the comment until when it is needed, as a date (`until=2027-01-31`), or take the rule out.",
        zh: "请在注释中写明期限（如 `until=2027-01-31`），或删除该规则。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
-A INPUT -s 192.0.2.7/32 -p icmp -m comment --comment \"temp for the migration\" -j ACCEPT
#~^ FW910
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -s 192.0.2.7/32 -p icmp -m comment --comment \"migration until=2027-01-31\" -j ACCEPT
COMMIT
",
        },
        Example {
            dialect: Dialect::Nft,
            settings: "",
            bad: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		icmp type echo-request accept comment \"debug\"
#~^ FW910
	}
}
",
            good: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		icmp type echo-request accept comment \"monitoring\"
	}
}
",
        },
    ],
    check,
};

const MARKERS: [&str; 11] = [
    "debug",
    "debugging",
    "fixme",
    "temp",
    "temporarily",
    "temporary",
    "test",
    "testing",
    "tests",
    "tmp",
    "todo",
];
const CHINESE_MARKERS: [&str; 3] = ["临时", "测试", "调试"];

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for file in iptables_file::all(cx) {
        let comments = file.tree.options.iter();
        let comments = comments.filter(|option| {
            iptables_file::extension(option).is_some_and(|it| it.name == "comment")
        });
        for comment in comments {
            add(cx, findings, file.place(comment.value));
        }
    }
    for file in nft_file::all(cx) {
        for comment in file.tree.every_rule().filter_map(|rule| rule.comment) {
            add(cx, findings, file.place(comment));
        }
    }
}

fn add(cx: &Context<'_>, findings: &mut Findings, place: Place) {
    let text = cx.text(place);
    let Some((at, marker)) = marker(text).filter(|_| !has_date(text)) else { return };
    let start = place.span.start.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
    let length = u32::try_from(marker.len()).unwrap_or(0);
    let place = Place { span: Span::new(start, start.saturating_add(length)), ..place };
    let name = quoted(marker);
    let message = Message {
        en: format!("the comment says {name}, and not until when"),
        zh: format!("注释写着 {name}，却没有写期限"),
    };
    let label = Message { en: "for how long?".into(), zh: "到什么时候为止？".into() };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    findings.add(Finding::new(&LINT, place, message, label).help(help));
}

/// The first word that says that something is not meant to stay, and where it stands.
fn marker(text: &str) -> Option<(usize, &str)> {
    let mut at = 0;
    for word in text.split_inclusive(|it: char| !it.is_ascii_alphabetic()) {
        let bare = word.trim_end_matches(|it: char| !it.is_ascii_alphabetic());
        // A path, a host name and the name of an object are no words: `/tmp`, `test.example`, `debug_in`.
        let joined = |it: Option<char>| {
            it.is_some_and(|it| it.is_alphanumeric() || matches!(it, '/' | '_' | '-' | '.'))
        };
        let mut after = text[at + bare.len()..].chars();
        // A full stop ends a sentence, or joins the parts of a name.
        let next = after.next().and_then(|it| if it == '.' { after.next() } else { Some(it) });
        let alone = !joined(text[..at].chars().next_back()) && !joined(next);
        if alone && MARKERS.iter().any(|it| bare.eq_ignore_ascii_case(it)) {
            return Some((at, bare));
        }
        at += word.len();
    }
    CHINESE_MARKERS.iter().find_map(|it| text.find(it).map(|at| (at, *it)))
}

/// Whether a comment names a day: four digits, two and two.
fn has_date(text: &str) -> bool {
    let is_date = |it: &[u8]| {
        it.iter().zip(b"0000-00-00").all(|(it, model)| match model {
            b'0' => it.is_ascii_digit(),
            _ => it == model,
        })
    };
    text.as_bytes().windows(10).any(is_date)
}

#[cfg(test)]
mod tests {
    use super::{has_date, marker};

    #[test]
    fn only_words_are_markers() {
        let found = |text| marker(text).map(|(_, it)| it);
        assert_eq!(found("TEMP: bob"), Some("TEMP"));
        assert_eq!(found("\"for testing\""), Some("testing"));
        assert_eq!(found("just a test."), Some("test"));
        assert_eq!(found("临时放行"), Some("临时"));
        for text in
            ["latest", "attempt", "/tmp", "test.example", "temperature", "debug_in", "x-test"]
        {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn a_date_is_a_day() {
        assert!(has_date("temp until=2027-01-31"));
        assert!(!has_date("temp since 2027"));
    }
}
