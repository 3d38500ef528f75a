//! A match whose outcome the text does not tell, so that verdicts become *maybe*.

use super::{Context, Example, Finding, Findings, Fix, Lint, quote::quoted};
use crate::{
    model::{Opaque, OpaqueKind, Subject},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};
use std::collections::BTreeSet;

pub(super) static LINT: Lint = Lint {
    code: "FW001",
    name: "unmodelled-match",
    severity: Severity::Info,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a match is not modelled, so results that rest on it are maybe",
        zh: "某个匹配未被建模，依赖它的结论均为“可能”",
    },
    why: Text {
        en: "Guessing would be worse than not knowing: packets that such a match decides about are reported as maybe \
             accepted, and no rule is called dead because of it.",
        zh: "猜测比不知道更糟：由这类匹配决定的数据包会报告为“可能放行”，也不会因此断言某条规则无效。",
    },
    remedy: Text {
        en: "Nothing has to change; read what depends on it with that in mind.",
        zh: "无需修改；阅读依赖它的结论时请记住这一点。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
-A INPUT -m geoip --src-cc DE -j DROP
#~^ FW001
-A INPUT -m geoip --src-cc FR -j DROP
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -s 192.0.2.0/24 -j DROP
COMMIT
",
    }],
    check,
};

/// Matches that everybody knows to depend on more than the rules: to say so again would be noise.
const UNDERSTOOD: [&str; 5] = ["limit", "mac", "owner", "recent", "string"];

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let decisive: BTreeSet<&Subject> =
        cx.openings().flat_map(|(.., opening)| &opening.reach.depends_on).collect();
    let mut said = BTreeSet::new();
    for opaque in &cx.ruleset().opaques {
        let foreign = opaque.kind == OpaqueKind::Foreign;
        let tells =
            foreign || decisive.contains(&opaque.subject) && !is_understood(&opaque.subject);
        if tells && said.insert((opaque.place.file, &opaque.subject)) {
            findings.0.extend(finding(opaque, foreign));
        }
    }
}

fn is_understood(subject: &Subject) -> bool {
    matches!(subject, Subject::Match(name) if UNDERSTOOD.contains(&name.as_str()))
}

/// Nothing about what is no match: jumps to what nobody defines and names to look up have lints of their own.
fn finding(opaque: &Opaque, foreign: bool) -> Option<Finding> {
    let message = match &opaque.subject {
        Subject::Match(name) if foreign => {
            let name = quoted(name);
            Message {
                en: format!("match {name} is not known here: what depends on it is maybe"),
                zh: format!("匹配 {name} 未知：依赖它的结论均为“可能”"),
            }
        }
        Subject::Match(name) => untold(&quoted(name), &quoted(name)),
        Subject::Set(name) => {
            let name = quoted(name);
            untold(&format!("set {name}"), &format!("集合 {name}"))
        }
        Subject::Target(_)
        | Subject::HostName(_)
        | Subject::Program
        | Subject::Alternatives
        | Subject::Policy
        | Subject::Include { .. }
        | Subject::Word(_)
        | Subject::Question { .. }
        | Subject::CalledWith(_)
        | Subject::Printed
        | Subject::Ends
        | Subject::Command => {
            return None;
        }
    };
    let label = Message { en: "not computed".into(), zh: "未计算".into() };
    let finding = Finding::new(&LINT, opaque.place, message, label);
    if !matches!(opaque.subject, Subject::Set(_)) {
        return Some(finding);
    }
    Some(finding.help(Message {
        en: "Put the output of `ipset save` beside the file, and the set is looked into.".into(),
        zh: "把 `ipset save` 的输出放在该文件旁边，即可查看集合的内容。".into(),
    }))
}

fn untold(en: &str, zh: &str) -> Message {
    Message {
        en: format!(
            "the text does not tell which packets {en} matches: what it opens is maybe open"
        ),
        zh: format!("文本无法说明 {zh} 匹配哪些数据包：由它放行的只能算“可能开放”"),
    }
}
