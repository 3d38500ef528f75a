//! Lines that put each rule in front of the one before.

use super::{
    Context, Edit, Example, Finding, Findings, Fix, Label, Lint, Repair, iptables_file,
    quote::quoted, reorder,
};
use crate::{
    analysis::diff::Reordered,
    model::{Action, ChainId, RuleId, Ruleset, Verdict},
    settings::{Persona, Severity},
    source::{SourceFile, Span},
    syntax::{
        Dialect,
        iptables::{Item, Place, Rule, Table},
    },
    words::{Message, Text},
};
use rustc_hash::FxHashSet;

pub(super) static LINT: Lint = Lint {
    code: "FW701",
    name: "insert-reverses-order",
    severity: Severity::Warning,
    fix: Fix::Safe,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "rules that are inserted one by one stand in reverse",
        zh: "逐条插入的规则顺序颠倒",
    },
    why: Text {
        en: "`-I CHAIN` puts a rule first. Of several such lines the last one comes first, so that an exception written in front \
             of its rule stands behind it.",
        zh: "`-I CHAIN` 会把规则放到链首。连续几行如此书写时，最后一行反而排在最前，写在前面的例外便落到了后面。",
    },
    remedy: Text {
        en: "Write `-A` in the order that is wanted, or give each line its place: `-I INPUT 1`, `-I INPUT 2`.",
        zh: "请按期望的顺序使用 `-A`，或写明位置：`-I INPUT 1`、`-I INPUT 2`。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
-I INPUT -s 192.0.2.0/24 -j ACCEPT
#~^ FW701
-I INPUT -p icmp -m icmp --icmp-type 8 -j DROP
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -s 192.0.2.0/24 -j ACCEPT
-A INPUT -p icmp -m icmp --icmp-type 8 -j DROP
COMMIT
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let ruleset = cx.ruleset();
    let mut groups: Vec<Vec<RuleId>> = Vec::new();
    for file in iptables_file::all(cx) {
        let first = |rule: &&Rule| rule.place == Place::Insert(1);
        let lines: FxHashSet<Span> = file.rules().filter(first).map(|rule| rule.line).collect();
        if lines.len() < 2 {
            continue;
        }
        for id in (0..).map(ChainId).take(ruleset.chains.len()) {
            let inserted = ruleset.rules_of(id).filter(|(_, rule)| {
                rule.place.file == file.index && lines.contains(&rule.place.span)
            });
            let as_loaded: Vec<RuleId> = inserted.map(|(id, _)| id).collect();
            let mut as_written = as_loaded.clone();
            as_written.sort_by_key(|it| ruleset.rule(*it).place.span.start);
            if as_written != as_loaded && !are_of_one_mind(ruleset, &as_written) {
                groups.push(as_written);
            }
        }
    }
    if groups.is_empty() {
        return;
    }
    let mut told = vec![false; groups.len()];
    for found in cx.analysis.reordered(&groups) {
        let group = groups.iter().position(|rules| is_about(ruleset, rules, &found));
        let group = group.unwrap_or_default();
        if !std::mem::replace(&mut told[group], true) {
            let as_written = &groups[group];
            let mut as_loaded = as_written.clone();
            as_loaded.sort_unstable();
            let title = Message {
                en: "write `-A`, in the order that holds once they are loaded".into(),
                zh: "改用 `-A`，按加载后的实际顺序书写".into(),
            };
            let safe = appended(cx, &as_loaded, Repair::safe(title));
            let title = Message {
                en: "write `-A`, in the order of the file".into(),
                zh: "改用 `-A`，保持文件中的顺序".into(),
            };
            let risky = appended(cx, as_written, Repair::risky(title));
            let finding = finding(cx, as_written, &found);
            findings.add(finding.fixed_by(safe.into_iter().chain(risky)));
        }
    }
}

/// Puts the inserted `rules` of a chain in this order in front of what its file appends; `None` where the file does more to
/// the chain, or may find rules in it.
fn appended(cx: &Context<'_>, rules: &[RuleId], repair: Repair) -> Option<Repair> {
    let ruleset = cx.ruleset();
    let of = ruleset.rule(*rules.first()?);
    let file = iptables_file::all(cx).find(|file| file.index == of.place.file)?;
    let chain = ruleset.chain(of.chain);
    let own = |rule: &&Rule| file.source.slice(rule.chain) == chain.name;
    let holds = |table: &&Table| {
        table.items.iter().any(|it| matches!(it, Item::Rule(rule) if rule.line == of.place.span))
    };
    let table = file.tree.tables.iter().find(holds)?;
    let written = table.items.iter().filter_map(|item| match item {
        Item::Rule(rule) => Some(rule),
        _ => None,
    });
    let written: Vec<&Rule> = written.filter(own).collect();
    let plain = |rule: &&Rule| matches!(rule.place, Place::Append | Place::Insert(1));
    if !chain.declared || !written.iter().all(plain) || written.len() != chain.rules.len() {
        return None;
    }
    let first = *written.first()?;
    let (mut text, mut gone) = (String::new(), Vec::new());
    for id in rules {
        let line = ruleset.rule(*id).place.span;
        let rule = *written.iter().find(|it| it.line == line)?;
        let lines = reorder::with_comments(file.source, line)?;
        let ended = reorder::ended(file.source, lines);
        let (start, end) = ((line.start - lines.start) as usize, (line.end - lines.start) as usize);
        text.extend([&ended[..start], &as_append(file.source, rule)?, &ended[end..]]);
        gone.push(lines);
    }
    let inserted = gone.iter().find(|lines| lines.to(first.line) == **lines);
    let edit = match inserted {
        Some(lines) => Edit::replace(file.place(Span::new(lines.start, lines.start)), text),
        None => reorder::above_comments(file.source, file.place(first.line), text),
    };
    let gone = gone.into_iter().map(|lines| reorder::taken_out(file.index, lines));
    Some(repair.edit(edit).edits(gone))
}

/// A line with `-A` in the place of `-I`.
fn as_append(source: &SourceFile, rule: &Rule) -> Option<String> {
    let before = source.slice(Span::new(rule.line.start, rule.chain.start));
    let counters = before.trim_ascii_end().strip_suffix("-I")?;
    let rest = source.slice(Span::new(rule.chain.end, rule.line.end));
    let options = match rest.trim_ascii_start().strip_prefix('1') {
        Some(after) if after.is_empty() || after.starts_with(' ') => after,
        _ => rest,
    };
    Some(format!("{counters}-A {}{options}", source.slice(rule.chain)))
}

/// Whether all of the rules decide alike, so that their order decides nothing.
fn are_of_one_mind(ruleset: &Ruleset, rules: &[RuleId]) -> bool {
    let plain = |id: RuleId| {
        let steps = ruleset.steps_of(ruleset.rule(id));
        let only = steps.iter().all(|step| !matches!(step.action, Action::Assign(_)));
        let verdict = ruleset.verdict_of(ruleset.rule(id)).map(|(verdict, _)| verdict);
        verdict.filter(|it| only && matches!(it, Verdict::Accept | Verdict::Drop | Verdict::Reject))
    };
    let first = rules.first().and_then(|it| plain(*it));
    first.is_some() && rules.iter().all(|it| plain(*it) == first)
}

/// Whether one of the rules, or a chain that one of them enters, decides about the packets.
fn is_about(ruleset: &Ruleset, rules: &[RuleId], found: &Reordered) -> bool {
    let deciding = [found.before, found.after].into_iter().flatten();
    let mut chains = deciding.clone().map(|it| ruleset.rule(it).chain);
    deciding.into_iter().any(|it| rules.contains(&it))
        || chains.any(|chain| {
            rules.iter().any(|it| ruleset.chains_entered(ruleset.rule(*it)).contains(&chain))
        })
}

fn finding(cx: &Context<'_>, rules: &[RuleId], found: &Reordered) -> Finding {
    let chain = cx.ruleset().chain(cx.ruleset().rule(rules[0]).chain);
    let (name, count) = (quoted(&format!("-I {}", chain.name)), rules.len());
    let message = Message {
        en: format!(
            "{count} lines with {name} stand in reverse once loaded, and that decides what passes"
        ),
        zh: format!("{count} 行 {name} 加载后顺序颠倒，并改变了哪些数据包能通过"),
    };
    let line = |id: RuleId| cx.ruleset().rule(id).place;
    // The one that would decide if the lines were loaded as they are written.
    let meant = found.after.filter(|it| rules.contains(it)).unwrap_or(rules[0]);
    let label = Message { en: "written first".into(), zh: "写在前面".into() };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    let mut finding = Finding::new(&LINT, line(meant), message, label).help(help);
    if let Some(decides) = found.before.filter(|it| *it != meant && rules.contains(it)) {
        let text = Message { en: "comes before it".into(), zh: "实际排在它之前".into() };
        finding.labels.push(Label { place: line(decides), text });
    }
    finding.witness = found.witness.as_ref().map(ToString::to_string);
    finding
}
