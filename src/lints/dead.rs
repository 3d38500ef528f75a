//! What the lints about dead rules have in common: how bad it is, and the rules that explain it.

use super::{
    Confidence, Context, Edit, Finding, Fix, Label, Lint, Place, Repair, log, quote::quoted,
    refusal, reorder,
};
use crate::{
    analysis::{Analysis, Calls, Cause, Consequence, DeadRule, Kind, trace::Verdict as Fate},
    knowledge::{manager_of_chain, manager_of_table},
    model::{Action, ChainId, Condition, Rule, RuleId, Ruleset, Step, Verdict},
    packets::Packet,
    settings::Severity,
    syntax::FileKind,
    words::Message,
};

/// What `lint` reports of the dead rules that `wanted` picks, in the words of `message`.
pub(super) fn report(
    cx: &Context<'_>,
    findings: &mut super::Findings,
    lint: &'static Lint,
    wanted: impl Fn(&DeadRule) -> bool,
) {
    let told = told(cx).filter(|it| wanted(it));
    for dead in told {
        let Some(severity) = severity(cx, dead) else { continue };
        let finding = finding(cx, lint, dead).severity(severity);
        let fix = match lint.fix {
            Fix::Safe => removal(cx, &[(dead.rule, dead.rests_on_set)]),
            Fix::Unsafe => relocation(cx, dead),
            Fix::None => None,
        };
        findings.add(finding.fixed_by(fix));
    }
}

/// The dead rules of which there is something to say: what the loader refuses, or what stands behind such a rule, is mended first.
pub(super) fn told<'a>(cx: &'a Context<'_>) -> impl Iterator<Item = &'a DeadRule> {
    let spoilt = |rule: &RuleId| {
        let place = cx.ruleset().rule(*rule).place;
        let errors = cx.inputs.iter().find(|it| it.file == place.file);
        let mut errors = errors.iter().flat_map(|it| &it.parsed.errors);
        errors.any(|error| {
            error.stops_loading()
                && refusal::code(&error.kind) == "FW000"
                && error.span.start < place.span.end
                && place.span.start <= error.span.end
        })
    };
    let dead = cx.analysis.dead().rules.iter();
    dead.filter(move |it| ![it.rule].iter().chain(&it.by).chain(&it.deciders).any(spoilt))
}

/// What is said of rules of which it was not found out whether packets reach them, or what they change: once for each chain.
pub fn unsettled(analysis: &Analysis<'_>) -> Vec<(Place, Message)> {
    let reached = by_chain(analysis, analysis.unsettled(), |count, name| Message {
        en: format!("whether packets ever come to {count} rules of chain {name}"),
        zh: format!("链 {name} 中的 {count} 条规则是否会有数据包到达"),
    });
    let needed = by_chain(analysis, &analysis.unsought(), |count, name| Message {
        en: format!("whether {count} rules of chain {name} change anything"),
        zh: format!("链 {name} 中的 {count} 条规则是否起作用"),
    });
    [reached, needed].concat()
}

fn by_chain(
    analysis: &Analysis<'_>,
    rules: &[RuleId],
    said: impl Fn(usize, &str) -> Message,
) -> Vec<(Place, Message)> {
    let ruleset = analysis.ruleset;
    let chain = |rule: &RuleId| ruleset.rule(*rule).chain;
    let chains = rules.chunk_by(|a, b| chain(a) == chain(b));
    let said = chains.filter_map(|rules| {
        let first = rules.first()?;
        let name = quoted(&ruleset.chain(chain(first)).name);
        Some((ruleset.rule(*first).place, said(rules.len(), &name)))
    });
    said.collect()
}

/// How bad it is; `None` where its owner cannot mend it and nothing comes of it.
fn severity(cx: &Context<'_>, dead: &DeadRule) -> Option<Severity> {
    if dead.rests_on_set {
        return Some(Severity::Info);
    }
    let managed = is_managed(cx, dead.rule);
    // Nobody knows which packets a chain is handed that nothing calls.
    let fragment = cx.analysis.is_fragment();
    match dead.consequence {
        Consequence::None if managed => None,
        Consequence::None => Some(Severity::Info),
        _ if managed => Some(Severity::Info),
        // What a chain is not handed others may decide about on purpose.
        Consequence::Hole if fragment || dead.cause == Cause::Callers => Some(Severity::Warning),
        Consequence::Hole => Some(Severity::Error),
        Consequence::Outage | Consequence::Astray if fragment => Some(Severity::Info),
        Consequence::Outage | Consequence::Astray => Some(Severity::Warning),
    }
}

/// Whether a step of a rule counts for the rule alone: a counter with a name is read elsewhere.
pub(super) fn only_counts(cx: &Context<'_>, rule: &Rule, step: &Step) -> bool {
    let text = cx.text(Place { file: rule.place.file, span: step.span });
    let mut words = text.split(|it: char| !it.is_ascii_alphanumeric()).filter(|it| !it.is_empty());
    words.next() == Some("counter") && matches!(words.next(), None | Some("packets" | "null"))
}

/// Whether a program keeps the chain of a rule.
pub(super) fn is_managed(cx: &Context<'_>, rule: RuleId) -> bool {
    let ruleset = cx.ruleset();
    is_managed_chain(ruleset, ruleset.rule(rule).chain)
}

/// Whether a program keeps a chain.
pub(super) fn is_managed_chain(ruleset: &Ruleset, chain: ChainId) -> bool {
    manager_of_chain(&ruleset.chain(chain).name)
        .or_else(|| manager_of_table(&ruleset.table_of(chain).name))
        .is_some()
}

/// Whether a rule is in a file that a program printed.
pub(super) fn is_dumped(cx: &Context<'_>, rule: RuleId) -> bool {
    let file = cx.ruleset().rule(rule).place.file;
    cx.inputs.iter().any(|it| it.file == file && it.parsed.kind == FileKind::Dump)
}

/// Takes rules out that do nothing but decide, whose owner can do so, and on which nobody wrote why they stand there; with each,
/// whether that rests on what a named set holds.
pub(super) fn removal(cx: &Context<'_>, rules: &[(RuleId, bool)]) -> Option<Repair> {
    let ruleset = cx.ruleset();
    let title = Message { en: "remove the rule".into(), zh: "删除此规则".into() };
    let edits = rules.iter().map(|(id, rests_on_set)| {
        let rule = ruleset.rule(*id);
        let only_decides = ruleset.steps_of(rule).iter().all(|step| match step.action {
            Action::Match(condition) => !matches!(condition, Condition::Opaque { .. }),
            Action::Verdict(verdict) => {
                matches!(verdict, Verdict::Accept | Verdict::Drop | Verdict::Reject)
            }
            Action::Note | Action::Log(_) | Action::Assign(_) => false,
        });
        let said = cx.text(rule.place).contains("comment");
        let keeps = said || *rests_on_set || is_managed(cx, *id);
        let source = cx.source(rule.place).filter(|_| only_decides && !keeps)?;
        Some(Edit::remove(source, rule.place))
    });
    Some(Repair::safe(title).edits(edits.collect::<Option<Vec<Edit>>>()?))
}

/// Puts a rule in front of what takes its packets, where its owner can do so and that stands in its own chain, or is called
/// from there.
fn relocation(cx: &Context<'_>, dead: &DeadRule) -> Option<Repair> {
    let ruleset = cx.ruleset();
    let rule = ruleset.rule(dead.rule);
    let explained = matches!(dead.cause, Cause::Decided | Cause::CatchAll(_)) && dead.more == 0;
    // What has no conditions would only take the place of what shadows it.
    let asks = ruleset.conditions_of(rule).next().is_some();
    if !explained || !asks || dead.rests_on_set || is_managed(cx, dead.rule) {
        return None;
    }
    let at = |taker: &RuleId| {
        let leads_there = |(id, it): &(RuleId, &Rule)| {
            id == taker
                || ruleset.chains_entered(it).into_iter().any(|chain| {
                    let place = ruleset.rule(*taker).place;
                    Calls::rules_below(ruleset, chain).any(|it| it.place == place)
                })
        };
        let mut earlier = ruleset.rules_of(rule.chain).take_while(|(id, _)| *id < dead.rule);
        earlier.find(leads_there).map(|(id, _)| id)
    };
    let earliest = dead.by.iter().map(at).collect::<Option<Vec<RuleId>>>()?.into_iter().min()?;
    let line = cx.line(ruleset.rule(earliest).place);
    let title = Message {
        en: format!("put the rule in front of line {line}"),
        zh: format!("将此规则移到第 {line} 行之前"),
    };
    Some(Repair::risky(title).edits(reorder::in_front(cx, dead.rule, earliest)?))
}

/// A finding on a dead rule, with the rules that explain it.
pub(super) fn finding(cx: &Context<'_>, lint: &'static Lint, dead: &DeadRule) -> Finding {
    let place = cx.ruleset().rule(dead.rule).place;
    let label = Message { en: "never matches".into(), zh: "永不匹配".into() };
    let mut finding = Finding::new(lint, place, message(cx, dead), label);
    finding.labels = dead.by.iter().map(|rule| explaining(cx, dead, *rule)).collect();
    let mut behind: Vec<RuleId> = dead.deciders.clone();
    behind.retain(|it| !dead.by.contains(it));
    behind.sort_unstable();
    behind.dedup();
    finding.labels.extend(behind.into_iter().map(|rule| Label {
        place: cx.ruleset().rule(rule).place,
        text: Message { en: "decides about them".into(), zh: "在此作出决定".into() },
    }));
    finding.witness = witness(cx, dead);
    finding.help.extend(help(cx, dead, finding.witness.as_deref()));
    if cx.analysis.is_fragment() {
        finding.confidence = Confidence::Low;
    }
    if dead.rests_on_set {
        rest_on_set(&mut finding);
    }
    finding.help.push(remedy(lint, dead));
    finding
}

/// A packet that a rule was meant for, and that meets another fate where the rules say so all along its way.
fn witness(cx: &Context<'_>, dead: &DeadRule) -> Option<String> {
    // What else decides about packets that a chain is never handed says nothing of its rules.
    if dead.cause == Cause::Callers && dead.consequence == Consequence::Outage {
        return None;
    }
    let meets = |packet: &&Packet| {
        let verdict = cx.analysis.trace(packet).verdict;
        match dead.consequence {
            Consequence::Hole => verdict == Fate::Accept,
            Consequence::Outage => verdict.stops(),
            Consequence::Astray | Consequence::None => true,
        }
    };
    dead.witnesses.iter().find(meets).map(ToString::to_string)
}

/// What to do about it: nothing in the rule's own chain helps where others keep its packets away.
fn remedy(lint: &Lint, dead: &DeadRule) -> Message {
    let (en, zh) = match dead.cause {
        Cause::Callers => (
            "Put it into a chain that is called for its packets, or mend its conditions or those of the rule that calls \
             the chain; remove it if nobody misses it.",
            "请把它移到会为这些数据包调用的链中，或更正它自身或调用规则的条件；如果无人需要，则删除它。",
        ),
        Cause::Earlier => (
            "Let its packets pass in the chain that is called earlier, or remove it if nobody misses it.",
            "请在更早执行的链中让这些数据包通过；如果无人需要，则删除它。",
        ),
        _ => (lint.remedy.en, lint.remedy.zh),
    };
    Message { en: en.into(), zh: zh.into() }
}

/// Says that a finding holds for what a named set holds now.
pub(super) fn rest_on_set(finding: &mut Finding) {
    finding.confidence = Confidence::Medium;
    finding.help.push(Message {
        en: "This rests on what a named set holds in the file; sets can change while they are in use.".into(),
        zh: "此结论依据文件中命名集合当前的内容；集合在使用中可能改变。".into(),
    });
}

fn help(cx: &Context<'_>, dead: &DeadRule, witness: Option<&str>) -> Option<Message> {
    let (en, zh) = match (dead.consequence, witness) {
        // Those that there are all meet another fate.
        (_, None) if !dead.witnesses.is_empty() => return None,
        (Consequence::Hole, _) if cx.analysis.is_fragment() => (
            "Where its chain is called, what it should stop is let through.".to_owned(),
            "如果有规则调用该链，本应拦下的数据包会被放行。".to_owned(),
        ),
        (Consequence::Outage | Consequence::Astray, _) if cx.analysis.is_fragment() => (
            "Where its chain is called, what it should let through is dropped.".to_owned(),
            "如果有规则调用该链，本应放行的数据包会被丢弃。".to_owned(),
        ),
        (Consequence::None, _) | (Consequence::Outage | Consequence::Astray, None) => return None,
        (Consequence::Hole, Some(packet)) => (
            format!("What it should stop gets in: {packet}."),
            format!("本应拦下的数据包会被放行：{packet}。"),
        ),
        (Consequence::Hole, None) => (
            "What it should stop is let through.".to_owned(),
            "本应拦下的数据包会被放行。".to_owned(),
        ),
        (Consequence::Outage, Some(packet)) => (
            format!("What it should let through is dropped: {packet}."),
            format!("本应放行的数据包会被丢弃：{packet}。"),
        ),
        (Consequence::Astray, Some(packet)) => (
            format!("What it should translate is treated otherwise: {packet}."),
            format!("本应由它转换地址的数据包另有去处：{packet}。"),
        ),
    };
    Some(Message { en, zh })
}

/// What the rule is called in a sentence: the words of its verdict.
fn verdict(cx: &Context<'_>, rule: RuleId) -> Message {
    let rule = cx.ruleset().rule(rule);
    let words = cx
        .ruleset()
        .verdict_of(rule)
        .map_or("", |(_, span)| cx.text(Place { file: rule.place.file, span }));
    // In JSON a verdict is a structure, and no words.
    if words.is_empty() || words.contains(['{', '\n']) {
        return Message { en: "this rule".into(), zh: "此规则".into() };
    }
    Message { en: quoted(words), zh: quoted(words) }
}

fn message(cx: &Context<'_>, dead: &DeadRule) -> Message {
    let lines = lines(cx, &dead.by, dead.more);
    let own = verdict(cx, dead.rule);
    let (en, zh) = match dead.cause {
        Cause::Copy(first) if is_word_by_word(cx, dead.rule, first) => {
            (format!("repeats {}", lines.en), format!("与{}重复", lines.zh))
        }
        Cause::Copy(first) if !log::is_alike(cx, dead.rule, first) => (
            format!("does the same as {}, but for what it logs, which is never written", lines.en),
            format!("除日志内容外与{}作用相同，而其日志不会写出", lines.zh),
        ),
        Cause::Copy(_) => (
            format!("does the same as {}, written differently", lines.en),
            format!("与{}作用相同，只是写法不同", lines.zh),
        ),
        Cause::Impossible => (
            "no packet can match this rule: its conditions exclude each other here".to_owned(),
            "没有数据包能匹配此规则：其条件在此处互相矛盾".to_owned(),
        ),
        Cause::CatchAll(_) => (
            format!("stands behind {}, which lets no packet past", lines.en),
            format!("位于{}之后，而后者不会让任何数据包继续向下", lines.zh),
        ),
        Cause::Untracked => (
            format!(
                "asks for a state that no packet has here: tracking is turned off at {}",
                lines.en
            ),
            format!("所要求的连接状态在此不会出现：{}关闭了连接跟踪", lines.zh),
        ),
        Cause::Callers => (
            format!("never matches: its chain is called only for other packets, by {}", lines.en),
            format!("永不匹配：{}只为其他数据包调用它所在的链", lines.zh),
        ),
        Cause::Earlier if dead.by.is_empty() => (
            "never matches: chains called earlier keep its packets away".to_owned(),
            "永不匹配：更早执行的链已截下它的数据包".to_owned(),
        ),
        Cause::Earlier => (
            format!(
                "never matches: its packets are dropped in a chain called earlier, by {}",
                lines.en
            ),
            format!("永不匹配：{}已在更早执行的链中丢弃它的数据包", lines.zh),
        ),
        Cause::Same | Cause::Rest if dead.kind == Kind::Deny => already_denied(cx, dead, &lines),
        Cause::Same | Cause::Rest => {
            let (log_en, log_zh) = log::lost(cx, dead);
            (
                format!(
                    "changes nothing: all its packets already meet the same at {}{log_en}",
                    lines.en
                ),
                format!("不起作用：{}已对它的全部数据包作同样处理{log_zh}", lines.zh),
            )
        }
        Cause::Decided => {
            let (en, zh) = deciding(cx, dead);
            (
                format!("{} never takes effect: {} {en} all its packets first", own.en, lines.en),
                format!("{} 永远不会生效：{}已先{zh}它的全部数据包", own.zh, lines.zh),
            )
        }
    };
    Message { en, zh }
}

/// That a rule denies what others deny already, but for exceptions before it if there are such.
fn already_denied(cx: &Context<'_>, dead: &DeadRule, lines: &Message) -> (String, String) {
    let (en, zh) = denied(cx, dead);
    let (log_en, log_zh) = log::lost(cx, dead);
    let (but_en, but_zh) = if dead.cause == Cause::Rest {
        ("but for exceptions before it, ", "除前面放行的例外，")
    } else {
        ("", "")
    };
    (
        format!(
            "changes nothing: {but_en}all its packets are already {en} at {}{log_en}",
            lines.en
        ),
        format!("不起作用：{but_zh}{}已{zh}它的全部数据包{log_zh}", lines.zh),
    )
}

/// What became of packets that are denied, as a participle.
fn denied(cx: &Context<'_>, dead: &DeadRule) -> (&'static str, &'static str) {
    let ruleset = cx.ruleset();
    let verdicts = dead.deciders.iter().map(|it| ruleset.verdict_of(ruleset.rule(*it)));
    let verdicts: Vec<_> = verdicts.map(|it| it.map(|it| it.0)).collect();
    let all = |verdict| dead.more == 0 && verdicts.iter().all(|it| *it == Some(verdict));
    if all(Verdict::Drop) {
        ("dropped", "丢弃")
    } else if all(Verdict::Reject) {
        ("rejected", "拒绝")
    } else {
        ("denied", "拦下")
    }
}

/// Whether two rules are written alike, but for blanks and counters.
fn is_word_by_word(cx: &Context<'_>, one: RuleId, other: RuleId) -> bool {
    let words = |rule: RuleId| {
        let words = cx.text(cx.ruleset().rule(rule).place).split_whitespace();
        words.skip_while(|it| it.starts_with('['))
    };
    words(one).eq(words(other))
}

/// What the rules that explain it do, as a verb.
fn deciding(cx: &Context<'_>, dead: &DeadRule) -> (&'static str, &'static str) {
    let ruleset = cx.ruleset();
    let several = dead.by.len() + dead.more > 1;
    let verdicts =
        dead.deciders.iter().map(|rule| ruleset.verdict_of(ruleset.rule(*rule)).map(|it| it.0));
    let verdicts: Vec<_> = verdicts.collect();
    let all = |wanted: fn(&Verdict) -> bool| {
        dead.more == 0 && verdicts.iter().all(|it| it.as_ref().is_some_and(wanted))
    };
    if all(|it| *it == Verdict::Accept) {
        (if several { "accept" } else { "accepts" }, "放行")
    } else if all(|it| matches!(it, Verdict::Drop | Verdict::Reject)) {
        (if several { "drop" } else { "drops" }, "丢弃")
    } else if all(|it| *it == Verdict::Return) {
        (if several { "return" } else { "returns" }, "返回")
    } else {
        (if several { "decide about" } else { "decides about" }, "处理")
    }
}

/// The lines of the rules that explain it, and how many more there are.
pub(super) fn lines(cx: &Context<'_>, by: &[RuleId], more: usize) -> Message {
    let mut lines: Vec<u32> =
        by.iter().map(|rule| cx.line(cx.ruleset().rule(*rule).place)).collect();
    lines.sort_unstable();
    let numbers: Vec<String> = lines.iter().map(ToString::to_string).collect();
    let (en, zh) = match (&numbers[..], more) {
        ([], _) => ("an earlier rule".to_owned(), "更早的规则".to_owned()),
        ([one], 0) => (format!("line {one}"), format!("第 {one} 行")),
        ([first @ .., last], 0) => (
            format!("lines {} and {last}", first.join(", ")),
            format!("第 {} 行", numbers.join("、")),
        ),
        (some, more) => (
            format!("lines {} and {more} more", some.join(", ")),
            format!("第 {} 行等 {} 条规则", some.join("、"), some.len() + more),
        ),
    };
    Message { en, zh }
}

fn explaining(cx: &Context<'_>, dead: &DeadRule, rule: RuleId) -> Label {
    let one = dead.by.len() + dead.more == 1;
    let (en, zh) = match dead.cause {
        Cause::Copy(_) => ("says it first", "此处已有相同规则"),
        Cause::CatchAll(_) => ("lets nothing past", "不会让任何数据包继续向下"),
        Cause::Untracked => ("turns tracking off", "关闭连接跟踪"),
        Cause::Callers => ("calls this chain", "调用该链"),
        Cause::Earlier => ("drops its packets first", "已先丢弃它的数据包"),
        Cause::Same | Cause::Decided | Cause::Impossible if one => {
            ("takes all its packets first", "已先处理它的全部数据包")
        }
        Cause::Same | Cause::Rest | Cause::Decided | Cause::Impossible => {
            ("takes some of its packets first", "已先处理它的部分数据包")
        }
    };
    let text = Message { en: en.to_owned(), zh: zh.to_owned() };
    Label { place: cx.ruleset().rule(rule).place, text }
}
