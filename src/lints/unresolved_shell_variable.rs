//! A variable that nothing sets, in a command that loads rules.

use super::{Context, Example, Finding, Findings, Fix, Lint, scripts, scripts::Script};
use crate::{
    settings::{Persona, Severity},
    syntax::{Dialect, script::Unset},
    words::{Message, Text},
};
use std::collections::BTreeSet;

pub(super) static LINT: Lint = Lint {
    code: "FW706",
    name: "unresolved-shell-variable",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "script uses a variable in a rule that it never sets",
        zh: "脚本在规则中使用了从未赋值的变量",
    },
    why: Text {
        en: "A variable that is not set is no word at all: `-s $NET -j ACCEPT` becomes `-s -j ACCEPT`, and where an option \
             is optional the rule loads and says something else.",
        zh: "未赋值的变量展开后什么都没有：`-s $NET -j ACCEPT` 会变成 `-s -j ACCEPT`；\
             若该选项可以省略，规则仍会加载，但含义已经不同。",
    },
    remedy: Text {
        en: "Set it in the script, or write `${NAME:?}`, so that the script stops where it is missing.",
        zh: "请在脚本中为其赋值，或写成 `${NAME:?}`，使脚本在缺少该变量时停止。",
    },
    examples: &[Example {
        dialect: Dialect::Script,
        settings: "",
        bad: "\
#!/bin/sh
NET=192.0.2.0/24
iptables -A INPUT $EXTRA -s $NET -p tcp --dport 22 -j ACCEPT
#~^ FW706
",
        good: "\
#!/bin/sh
NET=192.0.2.0/24
iptables -A INPUT -s $NET -p tcp --dport 22 -j ACCEPT
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for script in scripts::all(cx) {
        // What other files set, this one need not.
        if script.file.sources {
            continue;
        }
        let used: BTreeSet<u32> = script.file.unknown_values().collect();
        let mut said = BTreeSet::new();
        for unset in script.file.unset.iter().filter(|it| used.contains(&it.number)) {
            if !is_asked_about(&script, &unset.name) && said.insert(unset.name.as_str()) {
                findings.add(finding(&script, unset));
            }
        }
    }
}

/// Whether the script asks for itself if the variable is set.
fn is_asked_about(script: &Script<'_>, name: &str) -> bool {
    script.file.questions.iter().any(|question| {
        let text = script.text(question.span);
        text.match_indices('$').any(|(at, _)| {
            let after = text[at + 1..].trim_start_matches('{');
            after.strip_prefix(name).is_some_and(|rest| {
                !rest.starts_with(|it: char| it.is_ascii_alphanumeric() || it == '_')
            })
        })
    })
}

fn finding(script: &Script<'_>, unset: &Unset) -> Finding {
    let name = &unset.name;
    let message = Message {
        en: format!(
            "nothing in this script sets `${name}`: where it is empty, the rule is another one"
        ),
        zh: format!("脚本中没有任何地方为 `${name}` 赋值：若其为空，规则的含义就会改变"),
    };
    let label = Message { en: "never set".into(), zh: "从未赋值".into() };
    Finding::new(&LINT, script.place(unset.span), message, label)
        .help(Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() })
}
