//! A match whose outcome the text does not tell, so that verdicts become *maybe*.

use super::{Context, Example, Finding, Findings, Fix, Lint, quote::quoted};
use crate::{
    model::{Opaque, OpaqueKind},
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
        bad: "\
*filter
:INPUT DROP [0:0]
-A INPUT -p tcp --dport 8443 -m geoip --src-cc DE -j ACCEPT
#~^ FW001
-A INPUT -p tcp --dport 9443 -m geoip --src-cc FR -j ACCEPT
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -p tcp --dport 8443 -s 192.0.2.0/24 -j ACCEPT
COMMIT
",
    }],
    check,
};

/// Matches that everybody knows to depend on more than the rules: to say so again would be noise.
const UNDERSTOOD: [&str; 5] = ["limit", "mac", "owner", "recent", "string"];

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let decisive: BTreeSet<&str> = cx
        .openings()
        .flat_map(|(.., opening)| &opening.reach.depends_on)
        .map(String::as_str)
        .filter(|it| !UNDERSTOOD.contains(it))
        .collect();
    let mut said = BTreeSet::new();
    for opaque in &cx.ruleset().opaques {
        let foreign = opaque.kind == OpaqueKind::Foreign;
        let tells = foreign || decisive.contains(opaque.what.as_str());
        if tells && said.insert((opaque.place.file, opaque.what.as_str())) {
            findings.add(finding(opaque, foreign));
        }
    }
}

fn finding(opaque: &Opaque, foreign: bool) -> Finding {
    let what = quoted(&opaque.what);
    let message = if foreign {
        Message {
            en: format!("match {what} is not known here: what depends on it is maybe"),
            zh: format!("匹配 {what} 未知：依赖它的结论均为“可能”"),
        }
    } else {
        Message {
            en: format!(
                "the text does not tell which packets {what} matches: what it opens is maybe open"
            ),
            zh: format!("文本无法说明 {what} 匹配哪些数据包：由它放行的只能算“可能开放”"),
        }
    };
    let label = Message { en: "not computed".into(), zh: "未计算".into() };
    let finding = Finding::new(&LINT, opaque.place, message, label);
    if opaque.what.starts_with("set ") {
        return finding.help(Message {
            en: "Put the output of `ipset save` beside the file, and the set is looked into."
                .into(),
            zh: "把 `ipset save` 的输出放在该文件旁边，即可查看集合的内容。".into(),
        });
    }
    finding
}
