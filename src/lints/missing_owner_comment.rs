//! A rule whose comment does not say what the user wants every comment to say.

use super::{
    Context, Example, Finding, Findings, Fix, Lint, Place, dead::is_managed_chain, quote::quoted,
};
use crate::{
    model::{RuleId, Ruleset},
    settings::{CommentPattern, Persona, Severity},
    source::Span,
    syntax::{Dialect, Parsed, iptables, nft, script},
    words::{Message, Text},
};
use rustc_hash::{FxHashMap, FxHashSet};

pub(super) static LINT: Lint = Lint {
    code: "FW905",
    name: "missing-owner-comment",
    severity: Severity::Info,
    fix: Fix::None,
    persona: Persona::Strict,
    since: "0.1.0",
    summary: Text {
        en: "the comment of a rule is not what `comment-regex` asks for",
        zh: "规则的注释不符合 `comment-regex` 的要求",
    },
    why: Text {
        en: "A rule that names nobody is nobody's: no one dares to remove it, and no one can say what it was for.",
        zh: "没有写明归属的规则就没有人负责：谁也不敢删，也没人说得清它的用途。",
    },
    remedy: Text {
        en: "Say in the comment whose rule it is and why it is there: `--comment \"OPS-123\"`, in nftables `comment \"OPS-123\"`.",
        zh: "请在注释中写明归属与缘由：`--comment \"OPS-123\"`，nftables 为 `comment \"OPS-123\"`。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "[lint.options]\ncomment-regex = \"^OPS-[0-9]+\"\n",
            bad: "\
*filter
:INPUT DROP [0:0]
-A INPUT -s 192.0.2.7/32 -p icmp -j ACCEPT
#~^ FW905
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -s 192.0.2.7/32 -p icmp -m comment --comment \"OPS-123 monitoring\" -j ACCEPT
COMMIT
",
        },
        Example {
            dialect: Dialect::Nft,
            settings: "[lint.options]\ncomment-regex = \"^OPS-[0-9]+\"\n",
            bad: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		icmp type echo-request accept comment \"monitoring\"
#~^ FW905
	}
}
",
            good: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		icmp type echo-request accept comment \"OPS-123 monitoring\"
	}
}
",
        },
    ],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let Some(pattern) = &cx.settings.options.comment else { return };
    let ruleset = cx.ruleset();
    let comments = comments(cx);
    let none = Vec::new();
    // One line may make several rules.
    let mut told = FxHashSet::default();
    for (rule, id) in ruleset.rules.iter().zip(0..) {
        let Place { file, span } = rule.place;
        if is_of_a_program(ruleset, RuleId(id)) || !told.insert(located(cx, rule.place)) {
            continue;
        }
        let comments = comments.get(&file).unwrap_or(&none);
        let first = comments.partition_point(|it| it.start < span.start);
        let own = comments[first..].iter().take_while(|it| it.end <= span.end);
        let mut own = own.map(|it| Place { file, span: *it }).peekable();
        let shown = own.peek().copied();
        if !own.any(|it| is_open(cx, it) || pattern.is_in(&said(cx, it))) {
            findings.add(finding(rule.place, shown, pattern));
        }
    }
}

/// Whether a program keeps the rule, or the chain that it leads to: such rules bear what the program writes.
fn is_of_a_program(ruleset: &Ruleset, id: RuleId) -> bool {
    let rule = ruleset.rule(id);
    is_managed_chain(ruleset, rule.chain)
        || ruleset.chains_entered(rule).iter().any(|it| is_managed_chain(ruleset, *it))
}

/// The comments of rules, in the order of each file.
fn comments(cx: &Context<'_>) -> FxHashMap<u32, Vec<Span>> {
    let of = |parsed: &Parsed| {
        let tables = parsed.iptables().into_iter().flat_map(|(_, file)| iptables::comments(file));
        let mut found: Vec<Span> = tables.collect();
        found.extend(parsed.nft().into_iter().flat_map(nft::comments));
        found.sort_unstable();
        found
    };
    cx.inputs.iter().map(|input| (input.file, of(input.parsed))).collect()
}

/// What a comment says, without the quotes around it.
fn said(cx: &Context<'_>, place: Place) -> String {
    iptables::values::unquoted(cx.text(place)).into_owned()
}

/// Whether only a run of the script tells what a comment says.
fn is_open(cx: &Context<'_>, place: Place) -> bool {
    script(cx, place).is_some_and(|script| script.unknown_word(place.span).is_some())
}

fn script<'a>(cx: &Context<'a>, place: Place) -> Option<&'a script::File> {
    cx.inputs.iter().find(|input| input.file == place.file)?.parsed.script()
}

/// Where a place stands in the file as people wrote it.
fn located(cx: &Context<'_>, place: Place) -> (u32, Span) {
    let script = script(cx, place);
    (place.file, script.map_or(place.span, |script| script.located(place.span)))
}

fn finding(rule: Place, comment: Option<Place>, pattern: &CommentPattern) -> Finding {
    let pattern = quoted(&pattern.to_string());
    let (message, label) = if comment.is_some() {
        (
            Message {
                en: format!("the comment of this rule does not match {pattern}"),
                zh: format!("此规则的注释与 {pattern} 不匹配"),
            },
            Message { en: "says something else".into(), zh: "写的是其他内容".into() },
        )
    } else {
        (
            Message {
                en: format!("this rule has no comment, and {pattern} is asked for"),
                zh: format!("此规则没有注释，而要求注释匹配 {pattern}"),
            },
            Message { en: "whose rule is it?".into(), zh: "这条规则归谁负责？".into() },
        )
    };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    Finding::new(&LINT, comment.unwrap_or(rule), message, label).help(help)
}
