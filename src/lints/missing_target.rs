//! A rule that says what it matches and not what becomes of it.

use super::{Context, Example, Finding, Findings, Fix, Lint, iptables_file, quote::quoted};
use crate::{
    model::{Action, ChainId, Rule},
    settings::{Persona, Severity},
    source::Span,
    syntax::Dialect,
    words::{Message, Text},
};
use iptables_file::IptablesFile;

pub(super) static LINT: Lint = Lint {
    code: "FW702",
    name: "missing-target",
    severity: Severity::Info,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a rule has no target: it counts packets and decides nothing",
        zh: "规则没有目标：只计数，不作任何处置",
    },
    why: Text {
        en: "The loader takes a rule without `-j`, and packets pass it as if it were not there. Often the target was lost \
             when the line was edited.",
        zh: "没有 `-j` 的规则也能加载，数据包经过时就像它不存在一样。往往是编辑该行时丢掉了目标。",
    },
    remedy: Text {
        en: "Add the target (`-j DROP`, `-j ACCEPT`), or remove the rule if nobody reads its counter.",
        zh: "请补上目标（`-j DROP`、`-j ACCEPT`）；若无人查看其计数，请删除该规则。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
-A INPUT -s 192.0.2.7/32
#~^ FW702
-A INPUT -i lo -j ACCEPT
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -s 192.0.2.7/32 -j DROP
-A INPUT -i lo -j ACCEPT
COMMIT
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let ruleset = cx.ruleset();
    for file in iptables_file::all(cx) {
        for (chain, id) in ruleset.chains.iter().zip(0..) {
            if chain.place.file != file.index {
                continue;
            }
            let rules = || ruleset.rules_of(ChainId(id)).map(|(_, rule)| rule);
            let is_idle = |rule: &Rule| {
                let steps = ruleset.steps_of(rule);
                steps.iter().all(|step| matches!(step.action, Action::Match(_)))
            };
            // A chain of its own for nothing but counting is meant.
            let counts = chain.base.is_none() && rules().all(is_idle);
            if counts {
                continue;
            }
            // Without a match it is a counter too, or a comment.
            let asks = |rule: &&Rule| is_idle(rule) && !rule.steps.is_empty();
            let lost = rules().filter(asks).map(|rule| rule.place.span);
            let mut lost = lost.filter(|line| !leaves_a_trace(&file, *line));
            if let Some(first) = lost.next() {
                findings.add(finding(&file, &chain.name, first, lost.count()));
            }
        }
    }
}

/// Whether a match of the rule does something besides: it remembers the sender, or counts for somebody.
fn leaves_a_trace(file: &IptablesFile<'_>, line: Span) -> bool {
    const THAT_DO: [&str; 8] =
        ["recent", "nfacct", "quota", "hashlimit", "connlimit", "rateest", "set", "connbytes"];
    let options = file.options_within(line);
    options.iter().any(|option| {
        // An extension that nobody here knows may do anything.
        iptables_file::extension(option).is_none_or(|it| THAT_DO.contains(&it.name))
    })
}

fn finding(file: &IptablesFile<'_>, chain: &str, line: Span, more: usize) -> Finding {
    let name = quoted(chain);
    let message = Message {
        en: format!("this rule of {name} has no `-j`: packets go on as if it were not there"),
        zh: format!("{name} 中的此规则没有 `-j`：数据包会继续向下，如同它不存在"),
    };
    let label = match more {
        0 => Message { en: "only counts".into(), zh: "只计数".into() },
        1 => Message {
            en: "only counts, and so does one more rule of the chain".into(),
            zh: "只计数，本链另有 1 条规则相同".into(),
        },
        _ => Message {
            en: format!("only counts, and so do {more} more rules of the chain"),
            zh: format!("只计数，本链另有 {more} 条规则相同"),
        },
    };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    Finding::new(&LINT, file.place(line), message, label).help(help)
}
