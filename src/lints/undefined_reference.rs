//! A chain, target or set that is named and defined nowhere.

use super::{
    Confidence, Context, Example, Finding, Findings, Fix, Lint, quote::quoted, refusal,
    refused::Refused,
};
use crate::{
    knowledge::manager_of_chain,
    lower::Input,
    model::{Action, Ruleset, Sort, TableId, Undefined, Verdict},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

pub(super) static LINT: Lint = Lint {
    code: "FW412",
    name: "undefined-reference",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a chain, target or set is named and not defined",
        zh: "引用了未定义的链、目标或集合",
    },
    why: Text {
        en: "The loader refuses the whole table, and often blames the line of `COMMIT` for it; what the rule was meant to do \
             is not done.",
        zh: "加载程序会拒绝整个表，且常把错误归于 `COMMIT` 行；该规则本应完成的事并未完成。",
    },
    remedy: Text {
        en: "Correct the name, or declare the chain with a line such as `:NAME - [0:0]`.",
        zh: "请改正名称，或用 `:NAME - [0:0]` 之类的行声明该链。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:ALLOWED - [0:0]
-A INPUT -i lo -j ALOWED
#~^ FW412
-A ALLOWED -j ACCEPT
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:ALLOWED - [0:0]
-A INPUT -i lo -j ALLOWED
-A ALLOWED -j ACCEPT
COMMIT
",
    }],
    check,
};

/// The most pairs of names that are compared: a file that defines nothing must not take forever.
const COMPARED: usize = 2_000_000;

fn check(cx: &Context<'_>, findings: &mut Findings) {
    refusal::report(cx, findings, &LINT);
    let ruleset = cx.ruleset();
    let names = Names::of(ruleset);
    let jumps = unresolved(ruleset);
    let ufw = ruleset.chains.iter().any(|chain| chain.declared && is_of_ufw(&chain.name));
    let refused: Vec<Refused<'_>> = cx.inputs.iter().map(Refused::of).collect();
    let mut compared = 0;
    for undefined in ruleset.undefined.iter().filter(|it| it.sort == Sort::Chain) {
        // The name of a variable that nothing defines: that is an error of its own.
        if undefined.name.is_empty() {
            continue;
        }
        // ufw loads its files with `--noflush` into chains that another of them makes.
        if ufw && is_of_ufw(&undefined.name) {
            continue;
        }
        let place = undefined.place;
        let of_script = |it: &Input<'_>| it.file == place.file && it.parsed.script().is_some();
        let by_script = cx.inputs.iter().any(of_script);
        // A script runs where other programs have made their chains.
        let made = by_script && !undefined.later && manager_of_chain(&undefined.name).is_some();
        let partial = !by_script && is_partial(ruleset, undefined.table);
        if made || partial || refused.iter().any(|it| may_define(it, undefined)) {
            continue;
        }
        let chains = names.of_table(undefined.table);
        compared += chains.len();
        let nearest = if compared <= COMPARED { nearest(&undefined.name, chains) } else { None };
        let is_jump = jumps.contains(&(place.file, place.span.end));
        let finding = finding(ruleset, undefined, is_jump, nearest);
        findings.add(if by_script && !undefined.later {
            on_the_host(finding, nearest)
        } else {
            finding
        });
    }
}

fn finding(
    ruleset: &Ruleset,
    undefined: &Undefined,
    is_jump: bool,
    nearest: Option<&str>,
) -> Finding {
    let name = quoted(&undefined.name);
    let table = &ruleset.tables[undefined.table.0 as usize].name;
    let message = if !is_jump && !undefined.later {
        Message {
            en: format!("rule in chain {name}, which table `{table}` does not have"),
            zh: format!("规则所在的链 {name} 在表 `{table}` 中不存在"),
        }
    } else if undefined.later {
        Message {
            en: format!("chain {name} is declared only further down"),
            zh: format!("链 {name} 在后文才声明"),
        }
    } else if looks_like_a_target(&undefined.name) {
        Message {
            en: format!("no chain of table `{table}` and no target is called {name}"),
            zh: format!("表 `{table}` 中没有名为 {name} 的链，也没有这样的目标"),
        }
    } else {
        Message {
            en: format!("no chain of table `{table}` is called {name}"),
            zh: format!("表 `{table}` 中没有名为 {name} 的链"),
        }
    };
    let label = match nearest {
        Some(nearest) => {
            let nearest = quoted(nearest);
            Message {
                en: format!("did you mean {nearest}?"), zh: format!("是否应为 {nearest}？")
            }
        }
        None => Message { en: "not defined in this file".into(), zh: "本文件未定义".into() },
    };
    let finding = Finding::new(&LINT, undefined.place, message, label);
    if nearest.is_some() {
        return finding;
    }
    let line = quoted(&format!(":{} - [0:0]", undefined.name));
    finding.help(Message {
        en: format!("Declare it with {line}; if another file makes it, load this one after that, with `--noflush`."),
        zh: format!("请用 {line} 声明它；若它由另一个文件创建，请在其之后以 `--noflush` 加载本文件。"),
    })
}

/// The same of a script, whose chains may have been on the host before it ran.
fn on_the_host(finding: Finding, nearest: Option<&str>) -> Finding {
    let mut finding = finding.severity(Severity::Warning);
    finding.confidence = Confidence::Medium;
    if nearest.is_none() {
        finding.help = vec![Message {
            en:
                "Make it with `iptables -N` first, unless it is on the host before the script runs."
                    .into(),
            zh: "请先用 `iptables -N` 创建它，除非脚本运行前主机上已有该链。".into(),
        }];
    }
    finding
}

/// Whether a table comes from a listing of some of its chains: `iptables -S FORWARD` prints no other chain, and a whole
/// listing begins with the policy of each.
fn is_partial(ruleset: &Ruleset, table: TableId) -> bool {
    let is_listing = ruleset.tables[table.0 as usize].place.span.is_empty();
    let mut bases = ruleset.base_chains().filter(|(_, chain, _)| chain.table == table);
    let mut chains = ruleset.chains.iter().filter(|chain| chain.table == table);
    is_listing && chains.any(|chain| chain.declared) && bases.any(|(_, chain, _)| !chain.declared)
}

/// Where the words end that decide nothing because nobody knows what they name.
fn unresolved(ruleset: &Ruleset) -> FxHashSet<(u32, u32)> {
    let mut ends = FxHashSet::default();
    if ruleset.undefined.is_empty() {
        return ends;
    }
    for rule in &ruleset.rules {
        for step in ruleset.steps_of(rule) {
            if step.action == Action::Verdict(Verdict::Unknown) {
                ends.insert((rule.place.file, step.span.end));
            }
        }
    }
    ends
}

/// Whether a line that was refused may define it.
fn may_define(refused: &Refused<'_>, it: &Undefined) -> bool {
    it.place.file == refused.file && (refused.more || refused.words.contains(it.name.as_str()))
}

/// Extensions are written in capitals; so are many chains.
fn looks_like_a_target(name: &str) -> bool {
    name.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_')
}

fn is_of_ufw(name: &str) -> bool {
    name.starts_with("ufw-") || name.starts_with("ufw6-")
}

/// The chains that each table defines, and the built-in targets.
struct Names<'r>(BTreeMap<TableId, Vec<&'r str>>);

impl<'r> Names<'r> {
    fn of(ruleset: &'r Ruleset) -> Self {
        let mut names: BTreeMap<TableId, Vec<&'r str>> = BTreeMap::new();
        if ruleset.undefined.is_empty() {
            return Self(names);
        }
        for chain in ruleset.chains.iter().filter(|it| it.declared && it.base.is_none()) {
            names.entry(chain.table).or_default().push(&chain.name);
        }
        Self(names)
    }

    fn of_table(&self, table: TableId) -> &[&'r str] {
        self.0.get(&table).map_or(&[], Vec::as_slice)
    }
}

/// The name that `name` is most likely a misspelling of.
fn nearest<'n>(name: &str, chains: &[&'n str]) -> Option<&'n str> {
    const TARGETS: [&str; 10] = [
        "ACCEPT",
        "DROP",
        "REJECT",
        "RETURN",
        "LOG",
        "MASQUERADE",
        "DNAT",
        "SNAT",
        "REDIRECT",
        "MARK",
    ];
    let limit = (name.chars().count() / 3).clamp(1, 3);
    let folded = name.to_lowercase();
    TARGETS
        .into_iter()
        .chain(chains.iter().copied())
        .filter(|it| it.len().abs_diff(name.len()) <= limit)
        .map(|it| (strsim::damerau_levenshtein(&folded, &it.to_lowercase()), it))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, it)| it)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn chains_and_targets_are_suggested() {
        assert_eq!(nearest("ALOWED", &["ALLOWED", "BLOCKED"]), Some("ALLOWED"));
        assert_eq!(nearest("ACEPT", &["ALLOWED"]), Some("ACCEPT"));
        assert_eq!(nearest("drop", &[]), Some("DROP"));
        assert_eq!(nearest("NOPE", &["ALLOWED"]), None);
    }
}
