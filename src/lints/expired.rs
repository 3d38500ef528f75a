//! A suppression, or a rule, whose last day is past.

use super::{
    Example, Finding, Findings, Fix, Lint,
    quote::quoted,
    suppressions::{self, Commented, is_over},
};
use crate::{
    settings::{Persona, Severity},
    syntax::{Dialect, suppression::Until},
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW903",
    name: "expired",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text { en: "the day after `until=` is past", zh: "`until=` 所写的日期已过" },
    why: Text {
        en: "Somebody wrote down until when the exception was to hold. It still holds for packets, and no longer for \
             this check.",
        zh: "有人写明了这一例外到何时为止。如今对数据包它依然有效，对本检查则已失效。",
    },
    remedy: Text {
        en: "Remove the rule, or decide anew and write another day.",
        zh: "请删除该规则，或重新评估并写上新的日期。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
# fwlint: ignore[FW101] OPS-4312: the vendor's support until=2020-01-31
#~^ FW903
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
#~^ FW101
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
# fwlint: ignore[FW101] OPS-4312: the vendor's support until=2099-01-31
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
",
        },
        Example {
            dialect: Dialect::Nft,
            settings: "",
            bad: "\
table inet filter {
	chain input {
		type filter hook input priority 0; policy drop;
		ip saddr 192.0.2.0/28 tcp dport 22 accept comment \"OPS-4312 until=2020-01-31\"
#~^ FW903
	}
}
",
            good: "\
table inet filter {
	chain input {
		type filter hook input priority 0; policy drop;
		ip saddr 192.0.2.0/28 tcp dport 22 accept comment \"OPS-4312 until=2099-01-31\"
	}
}
",
        },
    ],
    check: suppressions::nothing,
};

/// Reports a suppression that silences nothing any more.
pub(super) fn suppression(file: Commented<'_>, until: Until, findings: &mut Findings) {
    let subject = Text { en: "this suppression", zh: "此抑制注释" };
    findings.0.extend(finding(file, until, subject));
}

/// Reports a rule that was to be gone.
pub(super) fn rule(file: Commented<'_>, until: Until, findings: &mut Findings) {
    let subject = Text { en: "this rule", zh: "此规则" };
    // A comment is the user's own: `until=reboot` is no wrong date.
    let means_day = file.text(until.span).contains(|it: char| it.is_ascii_digit());
    if until.day.is_none() && !means_day {
        return;
    }
    findings.0.extend(finding(file, until, subject));
}

fn finding(file: Commented<'_>, until: Until, subject: Text) -> Option<Finding> {
    if !is_over(until, file.settings.today) {
        return None;
    }
    let word = file.text(until.span);
    let (message, label) = match until.day {
        Some(day) => (
            Message {
                en: format!("{} was to hold until {day}", subject.en),
                zh: format!("{}的有效期至 {day} 为止", subject.zh),
            },
            Message { en: "this day is past".into(), zh: "该日期已过".into() },
        ),
        None => (
            Message {
                en: format!("{} has no day that it ends with: {}", subject.en, quoted(word)),
                zh: format!("{}的截止日期无效：{}", subject.zh, quoted(word)),
            },
            Message {
                en: "write a day as `2027-01-31`".into(),
                zh: "日期请写作 `2027-01-31`".into(),
            },
        ),
    };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    Some(Finding::new(&LINT, file.place(until.span), message, label).help(help))
}
