//! What the loader refuses and no other lint names.

use super::{Context, Example, Finding, Findings, Fix, Lint, Place, refusal};
use crate::{
    model::Table,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW000",
    name: "syntax-error",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "the loader refuses a line, or a file cannot be analysed",
        zh: "加载程序拒绝某一行，或文件无法分析",
    },
    why: Text {
        en: "Restore files load as a whole or not at all: one wrong word, and the host keeps the rules it had before, at \
             boot none. What is not understood is not analysed either, so the check is incomplete.",
        zh: "restore 文件要么整体加载，要么完全不加载：一个词写错，主机就保持原有规则，启动时则没有任何规则。\
             无法理解的内容也无法分析，因此检查是不完整的。",
    },
    remedy: Text {
        en: "Correct the word; `iptables-restore --test` takes the file then.",
        zh: "请改正该词；之后 `iptables-restore --test` 应能接受该文件。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
-A INPUT -i lo -p tcp --dprot 22 -j ACCEPT
#~^ FW000
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -i lo -p tcp --dport 22 -j ACCEPT
COMMIT
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    refusal::report(cx, findings, &LINT);
    for family in &cx.analysis.families {
        let of_family = |table: &&Table| table.family.sees(family.space.family);
        let table = cx.ruleset().tables.iter().find(of_family);
        if family.bounded.is_some()
            && let Some(table) = table
        {
            findings.add(bounded(table.place, family.space.family.name()));
        }
    }
}

/// The loader takes it, and what is said about it is all the same not all there is to say.
fn bounded(place: Place, family: &str) -> Finding {
    let message = Message {
        en: format!("too many different conditions to follow every {family} packet"),
        zh: format!("条件过于繁多，无法追踪所有 {family} 数据包"),
    };
    let label = Message {
        en: "what is said about it is incomplete".into(),
        zh: "对其得出的结论并不完整".into(),
    };
    Finding::new(&LINT, place, message, label).severity(Severity::Warning).help(Message {
        en: "Long lists of addresses belong into a set, which is one condition.".into(),
        zh: "较长的地址列表应放入集合，集合只算一个条件。".into(),
    })
}
