//! A suppression that does not say why.

use super::{
    Example, Finding, Findings, Fix, Lint,
    suppressions::{self, Commented},
};
use crate::{
    settings::{Persona, Severity},
    syntax::{Dialect, suppression::Suppression},
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW902",
    name: "suppression-without-reason",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text { en: "a suppression does not say why", zh: "抑制注释没有写明原因" },
    why: Text {
        en: "Whoever reads the rules next cannot tell whether the risk was weighed or the noise was merely unwelcome, and \
             nobody dares to remove it.",
        zh: "后来的人无从判断当初是权衡过风险，还是只嫌告警烦人，于是谁也不敢删除它。",
    },
    remedy: Text {
        en: "Write the reason, or the ticket that holds it, behind the bracket.",
        zh: "请在方括号之后写明原因，或注明相应的工单号。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 22 -m comment --comment \"fwlint:ignore[FW101]\" -j ACCEPT
#~^ FW902
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 22 -m comment --comment \"fwlint:ignore[FW101] OPS-4312\" -j ACCEPT
COMMIT
",
    }],
    check: suppressions::nothing,
};

pub(super) fn report(file: Commented<'_>, suppression: &Suppression, findings: &mut Findings) {
    if suppression.reason.is_some() {
        return;
    }
    let message = if file.settings.options.require_reason {
        Message {
            en: "without a reason this suppression silences nothing".into(),
            zh: "此抑制注释未写明原因，因此不起作用".into(),
        }
    } else {
        Message {
            en: "this suppression gives no reason".into(), zh: "此抑制注释未写明原因".into()
        }
    };
    let label = Message { en: "why?".into(), zh: "为什么？".into() };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    findings.add(Finding::new(&LINT, file.place(suppression.span), message, label).help(help));
}
