//! Characters that show nothing and make a line read as something else.

use super::{Context, Edit, Example, Finding, Findings, Fix, Lint, Place, Repair};
use crate::{
    settings::{Persona, Severity},
    source::{SUBSTITUTE, SourceFile, Span, is_hidden},
    syntax::{Dialect, Tree},
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW909",
    name: "hidden-characters",
    severity: Severity::Error,
    fix: Fix::Unsafe,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a line has characters that nobody sees", zh: "行中含有看不见的字符"
    },
    why: Text {
        en: "Characters that turn the direction of writing, or move the cursor of a terminal, make a reviewer read another \
             rule than the one that is loaded; ones without width make two names look the same.",
        zh: "改变书写方向或移动终端光标的字符，会让审阅者读到的规则与实际加载的不同；零宽字符则会让两个不同的名称看上去一样。",
    },
    remedy: Text {
        en: "Take the character out; an editor that shows control characters, or `grep -nP`, finds it.",
        zh: "请删除该字符；可用能显示控制字符的编辑器或 `grep -nP` 找到它。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
-A INPUT -s 192.0.2.7/32 -p icmp -m comment --comment \"ops \u{202e}moor revres\u{202c}\" -j ACCEPT
#~^ FW909
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -s 192.0.2.7/32 -p icmp -m comment --comment \"ops server room\" -j ACCEPT
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
		icmp type echo-request accept comment \"ops\u{200b}\"
#~^ FW909
	}
}
",
            good: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		icmp type echo-request accept comment \"ops\"
	}
}
",
        },
    ],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for input in cx.inputs {
        if matches!(input.parsed.tree, Tree::Opaque) || !may_hide(input.source.text()) {
            continue;
        }
        for line in 1..=input.source.line_count() {
            let line = input.source.line(line);
            let found = hidden(input.source, line);
            if let [first, ..] = found[..] {
                let finding = finding(Place { file: input.file, span: first.0 }, first.1, &found);
                findings.add(finding.fixed_by([removal(input.file, &found)]));
            }
        }
    }
}

/// Whether a text has anything but printed ASCII, tabs and line ends.
fn may_hide(text: &str) -> bool {
    let plain = |it: u8| matches!(it, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    !text.bytes().fold(true, |all, it| all & plain(it))
}

/// The hidden characters of a line that have no business there.
fn hidden(source: &SourceFile, line: Span) -> Vec<(Span, char)> {
    let text = source.slice(line);
    let mut found = Vec::new();
    let mut before = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, it)) = characters.next() {
        let after = characters.peek().map(|(_, it)| *it);
        let start = line.start.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
        let length = u32::try_from(it.len_utf8()).unwrap_or(1);
        // The first stands for a byte of another encoding; the byte order mark begins files of some editors.
        let known = matches!(it, SUBSTITUTE | '\t' | '\r') || (it == '\u{feff}' && start == 0);
        if is_hidden(it) && !known && !is_of_script(it, before, after) {
            found.push((Span::new(start, start.saturating_add(length)), it));
        }
        before = Some(it);
    }
    found
}

/// Takes them out: a name may be another one afterwards.
fn removal(file: u32, found: &[(Span, char)]) -> Repair {
    let (en, zh) = if found.len() == 1 {
        ("take out the hidden character", "删除隐藏字符")
    } else {
        ("take out the hidden characters", "删除本行的隐藏字符")
    };
    let edits = found.iter().map(|(span, _)| Edit::replace(Place { file, span: *span }, ""));
    Repair::risky(Message { en: en.into(), zh: zh.into() }).edits(edits)
}

/// Joiners belong between letters of many scripts and in pictures, and marks of direction beside letters that run from right to
/// left.
fn is_of_script(it: char, before: Option<char>, after: Option<char>) -> bool {
    let foreign = |it: Option<char>| it.is_some_and(|it| !it.is_ascii() && !is_hidden(it));
    match it {
        '\u{200c}' | '\u{200d}' => foreign(before) && foreign(after),
        '\u{200e}' | '\u{200f}' | '\u{61c}' => foreign(before) || foreign(after),
        _ => false,
    }
}

fn finding(place: Place, first: char, all: &[(Span, char)]) -> Finding {
    let code = format!("U+{:04X}", u32::from(first));
    let what = what(first);
    let message = Message {
        en: format!("this line has a hidden character, {code} ({})", what.en),
        zh: format!("此行含有隐藏字符 {code}（{}）", what.zh),
    };
    let label = match all.len() - 1 {
        0 => Message { en: "hidden here".into(), zh: "隐藏在此".into() },
        1 => Message {
            en: "hidden here, and one more in this line".into(),
            zh: "隐藏在此，本行还有 1 个".into(),
        },
        more => Message {
            en: format!("hidden here, and {more} more in this line"),
            zh: format!("隐藏在此，本行还有 {more} 个"),
        },
    };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    Finding::new(&LINT, place, message, label).help(help)
}

fn what(it: char) -> Text {
    match it {
        '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Text { en: "turns the direction of writing", zh: "改变书写方向" }
        }
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => {
            Text { en: "a control character", zh: "控制字符" }
        }
        '\u{2028}' | '\u{2029}' => {
            Text { en: "ends a line or paragraph", zh: "结束一行或一段" }
        }
        _ => Text { en: "has no width", zh: "没有宽度" },
    }
}
