//! A chain that nothing jumps to.

use super::{
    Context, Edit, Example, Finding, Findings, Fix, Lint, Place, Repair, dead,
    nft_file::{self, NftFile},
    quote::quoted,
    refused::Refused,
};
use crate::{
    model::{Chain, ChainId, Sort, Undefined},
    settings::{Persona, Severity},
    source::{SourceFile, Span},
    syntax::{
        Dialect, Tree,
        iptables::{self, Item},
        nft::{self, CommandKind, TableRef, Verb},
    },
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW208",
    name: "unreferenced-chain",
    severity: Severity::Info,
    fix: Fix::Unsafe,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text { en: "nothing jumps to a chain", zh: "没有规则跳转到该链" },
    why: Text {
        en: "The rules of a chain count only for packets that some rule hands to it. A chain that nobody calls looks like protection, or like an opening, and is neither.",
        zh: "链中的规则只对被交来的数据包生效。无人调用的链看似防护或放行，其实两者都不是。",
    },
    remedy: Text {
        en: "Jump to it where it was meant to be used, or delete it.",
        zh: "请在需要之处跳转到它，或者删除它。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:OLD - [0:0]
#~^ FW208
-A OLD -s 192.0.2.0/24 -j DROP
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:OLD - [0:0]
-A INPUT -j OLD
-A OLD -s 192.0.2.0/24 -j DROP
COMMIT
",
        },
        Example {
            dialect: Dialect::Nft,
            settings: "",
            bad: "\
table inet filter {
	chain old {
#~^ FW208
		ip saddr 192.0.2.0/24 drop
	}
	chain input {
		type filter hook input priority filter; policy drop;
	}
}
",
            good: "\
table inet filter {
	chain old {
		ip saddr 192.0.2.0/24 drop
	}
	chain input {
		type filter hook input priority filter; policy drop;
		jump old
	}
}
",
        },
    ],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    // Who calls the chains of a part of a rule set stands elsewhere.
    if cx.analysis.is_fragment() {
        return;
    }
    let ruleset = cx.ruleset();
    let refused: Vec<Refused<'_>> = cx.inputs.iter().map(Refused::of).collect();
    for (chain, index) in ruleset.chains.iter().zip(0..) {
        let id = ChainId(index);
        let theirs = dead::is_managed_chain(ruleset, id);
        let called = chain.base.is_some() || !cx.analysis.calls.callers(id).is_empty();
        // One of its callers may be misspelt: that is told where it is written.
        let misspelt = |it: &Undefined| it.sort == Sort::Chain && it.table == chain.table;
        if ruleset.undefined.iter().any(misspelt) {
            continue;
        }
        let called = called || refused.iter().any(|it| it.called.contains(&*chain.name));
        if called || theirs || !chain.declared || is_named_elsewhere(cx, chain) {
            continue;
        }
        let name = quoted(&chain.name);
        let message = Message {
            en: format!("nothing jumps to chain {name}"),
            zh: format!("没有规则跳转到链 {name}"),
        };
        let label = Message { en: "never entered".into(), zh: "从不进入".into() };
        let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
        let finding = Finding::new(&LINT, chain.place, message, label).help(help);
        findings.add(finding.fixed_by(removal(cx, id)));
    }
}

/// Takes a chain out with its rules, where nothing but to make it is said of it.
fn removal(cx: &Context<'_>, id: ChainId) -> Option<Repair> {
    let chain = cx.ruleset().chain(id);
    let input = cx.inputs.iter().find(|input| input.file == chain.place.file)?;
    let of_it = |span: Span| Place { span, ..chain.place };
    let spans = match &input.parsed.tree {
        Tree::Iptables(file) => lines(file, input.source, chain.place.span)?,
        Tree::Nft(_) => blocks(&nft_file::of(input)?, cx, id)?,
        _ => return None,
    };
    let rules: Vec<Place> = cx.ruleset().rules_of(id).map(|(_, rule)| rule.place).collect();
    let holds = |it: &Place| spans.iter().any(|span| of_it(span.to(it.span)) == of_it(*span));
    if !rules.iter().all(|it| it.file == chain.place.file && holds(it)) {
        return None;
    }
    let name = quoted(&chain.name);
    let title = Message { en: format!("delete chain {name}"), zh: format!("删除链 {name}") };
    let edits = spans.into_iter().map(|span| Edit::remove(input.source, of_it(span)));
    Some(Repair::risky(title).edits(edits))
}

/// The lines of an iptables file that make a chain or append to it; `None` where others name it.
fn lines(file: &iptables::File, source: &SourceFile, declared: Span) -> Option<Vec<Span>> {
    let is_declared = |it: &Item| matches!(it, Item::Chain(chain) if chain.name == declared);
    let table = file.tables.iter().find(|table| table.items.iter().any(is_declared))?;
    let is_it = |name: Span| source.slice(name) == source.slice(declared);
    let mut lines = Vec::new();
    for item in &table.items {
        match item {
            Item::Chain(chain) if is_it(chain.name) => lines.push(chain.line),
            Item::Rule(rule) if is_it(rule.chain) => {
                if rule.place != iptables::Place::Append {
                    return None;
                }
                lines.push(rule.line);
            }
            Item::Flush { chain: Some(name), .. }
            | Item::DeleteChain { chain: Some(name), .. }
            | Item::DeleteNumber { chain: name, .. }
            | Item::Rename { old: name, .. }
            | Item::Rename { new: name, .. }
                if is_it(*name) =>
            {
                return None;
            }
            _ => {}
        }
    }
    Some(lines)
}

/// The blocks and commands of an nftables file that make a chain or add to it; `None` where others name it.
fn blocks(file: &NftFile<'_>, cx: &Context<'_>, id: ChainId) -> Option<Vec<Span>> {
    let (family, table) = {
        let table = cx.ruleset().table_of(id);
        (table.family.name(), &*table.name)
    };
    let name = &*cx.ruleset().chain(id).name;
    let is_it = |of: TableRef, chain: Span| {
        (of.family.name(), file.text(of.name), file.text(chain)) == (family, table, name)
    };
    let mut spans = Vec::new();
    for command in &file.tree.commands {
        match &command.kind {
            CommandKind::Table(table) => {
                let chains = table.items.iter().filter_map(|item| match item {
                    nft::Item::Chain(chain) => Some(chain),
                    _ => None,
                });
                let own = chains.filter(|it| is_it(table.table, it.name));
                spans.extend(own.map(|it| it.span));
            }
            CommandKind::Chain { table, chain } if is_it(*table, chain.name) => {
                if !nft_file::makes(command.verb) {
                    return None;
                }
                spans.push(command.span);
            }
            CommandKind::Rule { table, chain, place, .. } if is_it(*table, *chain) => {
                if place.is_some() || command.verb != Verb::Add {
                    return None;
                }
                spans.push(command.span);
            }
            CommandKind::RuleByPlace { table, chain, .. } if is_it(*table, *chain) => return None,
            CommandKind::Rename { table, old, new }
                if is_it(*table, *old) || is_it(*table, *new) =>
            {
                return None;
            }
            _ => {}
        }
    }
    Some(spans)
}

/// Whether the elements of a map lead to a chain, even if no rule is seen that asks the map.
fn is_named_elsewhere(cx: &Context<'_>, chain: &Chain) -> bool {
    let Some(source) = cx.source(chain.place) else { return false };
    let text = source.text();
    let before = ["jump ", "goto ", "\"target\": \"", "\"target\":\""];
    before.iter().any(|word| {
        let named = text.match_indices(word).map(|(at, _)| &text[at + word.len()..]);
        let is_name = |rest: &str| {
            let rest = rest.trim_start().trim_start_matches('"').strip_prefix(&*chain.name);
            rest.is_some_and(|it| {
                !it.starts_with(|it: char| it.is_alphanumeric() || it == '_' || it == '-')
            })
        };
        named.into_iter().any(is_name)
    })
}
