//! A file that doubles its rules when it is loaded again.

use super::{
    Confidence, Context, Example, Finding, Findings, Fix, Label, Lint, nft_file, phrases, scripts,
};
use crate::{
    settings::{Persona, Severity},
    source::Span,
    syntax::{
        Dialect, FileKind,
        iptables::{self, Place, Rule, TableKind},
        nft::{CommandKind, Family, Item, Subject, TableRef, Verb},
        script::{Unread, UnreadKind},
    },
    words::{Message, Text},
};
use nft_file::NftFile;
use scripts::Script;

pub(super) static LINT: Lint = Lint {
    code: "FW408",
    name: "not-idempotent",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "loading the file or running the script again doubles its rules",
        zh: "再次加载文件或运行脚本会使其规则重复",
    },
    why: Text {
        en: "`nft -f` and `iptables -A` add to what is loaded: a table block over a table that is there appends its rules once more, and a \
             rule that was taken out of the file stays in force.",
        zh: "`nft -f` 与 `iptables -A` 都是在已加载内容之上添加：对已存在的表再次写表块会把其中的规则再追加一遍，\
             而已从文件中删去的规则仍然有效。",
    },
    remedy: Text {
        en: "Empty the table first, in the same file: `table inet filter` and `flush table inet filter` on two lines, or \
             `flush ruleset` where no other program keeps rules.",
        zh: "请在同一文件中先清空该表：用两行写 `table inet filter` 与 `flush table inet filter`；\
             若没有其他程序维护规则，也可写 `flush ruleset`。",
    },
    examples: &[
        Example {
            dialect: Dialect::Script,
            settings: "",
            bad: "\
#!/bin/sh
iptables -A INPUT -i lo -j ACCEPT
#~^ FW408
iptables -A INPUT -p icmp -j ACCEPT
",
            good: "\
#!/bin/sh
iptables -F INPUT
iptables -A INPUT -i lo -j ACCEPT
iptables -A INPUT -p icmp -j ACCEPT
",
        },
        Example {
            dialect: Dialect::Nft,
            settings: "",
            bad: "\
#!/usr/sbin/nft -f
table inet filter {
#~^ FW408
	chain input {
		type filter hook input priority 0; policy drop;
		iif \"lo\" accept
	}
}
",
            good: "\
#!/usr/sbin/nft -f
table inet filter
flush table inet filter
table inet filter {
	chain input {
		type filter hook input priority 0; policy drop;
		iif \"lo\" accept
	}
}
",
        },
    ],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for file in nft_file::all(cx).filter(|file| file.kind != FileKind::Dump) {
        let doubled = doubled(&file);
        if !doubled.is_empty() {
            findings.add(finding(&file, &doubled));
        }
    }
    for script in scripts::all(cx) {
        findings.0.extend(again(&script));
    }
}

/// What becomes of the rules of iptables when a script runs once more.
fn again(script: &Script<'_>) -> Option<Finding> {
    let mut doubled: Vec<(&str, TableKind, Span)> = Vec::new();
    for (family, file) in script.families() {
        let (mut tables, mut chains, mut removed) = (Vec::new(), Vec::new(), Vec::new());
        let program = if family == iptables::Family::V4 { "ip" } else { "ip6" };
        for told in scripts::told(file) {
            let words = |rule: &Rule| -> Vec<&str> {
                let options = scripts::options(file, rule).iter();
                let words = options.flat_map(|it| [script.text(it.name), script.text(it.value)]);
                std::iter::once(script.text(rule.chain)).chain(words).collect()
            };
            match told.item {
                _ if told.replaces => tables.push(told.table),
                iptables::Item::Flush { chain: None, .. } => tables.push(told.table),
                iptables::Item::Flush { chain: Some(name), .. } => {
                    chains.push((told.table, script.text(*name)));
                }
                iptables::Item::Rule(rule) if rule.place == Place::Delete => {
                    removed.push((told.table, words(rule)));
                }
                iptables::Item::Rule(rule) => {
                    let guarded = script.file.command(rule.line).is_some_and(|it| it.guarded);
                    let emptied = tables.contains(&told.table)
                        || chains.contains(&(told.table, script.text(rule.chain)));
                    if !guarded && !emptied && !removed.contains(&(told.table, words(rule))) {
                        doubled.push((program, told.table, rule.line));
                    }
                }
                _ => {}
            }
        }
    }
    doubled.sort_by_key(|(.., line)| script.file.located(*line).start);
    let first = doubled.first()?.2;
    // Chains that nobody here can name are emptied as well.
    let empties = |it: &Unread| {
        let mut words = script.text(it.span).split_whitespace();
        it.kind == UnreadKind::Command && words.any(|it| matches!(it, "-F" | "--flush"))
    };
    if script.file.unread.iter().any(empties) {
        return None;
    }
    let mut names: Vec<String> = Vec::new();
    for (program, table, _) in &doubled {
        let name = format!("`{program} {}`", table.name());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let noun = if names.len() == 1 { "table" } else { "tables" };
    let (names, count) = (phrases::listed(&names), doubled.len());
    let rules = if count == 1 { "one rule".to_owned() } else { format!("{count} rules") };
    let message = Message {
        en: format!("running this script again doubles {rules} of {noun} {}", names.en),
        zh: format!("再次运行本脚本会使表 {} 的 {count} 条规则重复", names.zh),
    };
    let label =
        Message { en: "added to what is there".into(), zh: "追加到已有规则之后".into() };
    let finding = Finding::new(&LINT, script.place(first), message, label).help(Message {
        en: "Empty the chain first with `iptables -F`, or ask for the rule with `iptables -C` before adding it.".into(),
        zh: "请先用 `iptables -F` 清空链，或在添加前用 `iptables -C` 检查该规则是否已存在。".into(),
    });
    if !script.is_in_part() {
        return Some(finding);
    }
    // What is not followed may empty the chain.
    Some(Finding { confidence: Confidence::Medium, ..finding.severity(Severity::Info) })
}

/// A table that gets rules on top of those it has.
struct Doubled {
    table: TableRef,
    rules: usize,
}

fn finding(file: &NftFile<'_>, doubled: &[Doubled]) -> Finding {
    const SHOWN: usize = 3;
    let name = |it: &Doubled| format!("`{}`", nft_file::table_name(file, it.table));
    let names: Vec<String> = doubled.iter().take(SHOWN).map(name).collect();
    let mut names = phrases::listed(&names);
    if doubled.len() > SHOWN {
        names.en =
            format!("{} and {} more", names.en.replace(" and ", ", "), doubled.len() - SHOWN);
        names.zh = format!("{} 等", names.zh);
    }
    let rules: usize = doubled.iter().map(|it| it.rules).sum();
    let noun = if doubled.len() == 1 { "table" } else { "tables" };
    let count = if rules == 1 { "the one rule".to_owned() } else { format!("the {rules} rules") };
    let (en, zh) = match file.kind {
        FileKind::Script => ("running this script again", "再次运行本脚本"),
        _ => ("loading this file again", "再次加载本文件"),
    };
    let message = Message {
        en: format!("{en} doubles {count} of {noun} {}", names.en),
        zh: format!("{zh}会使表 {} 的 {rules} 条规则重复", names.zh),
    };
    let label =
        |_: &Doubled| Message { en: "not emptied before".into(), zh: "此前未清空".into() };
    let place = |it: &Doubled| file.place(it.table.name);
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    let mut finding =
        Finding::new(&LINT, place(&doubled[0]), message, label(&doubled[0])).help(help);
    if !stands_alone(file) {
        finding.confidence = Confidence::Medium;
        finding = finding.severity(Severity::Info).help(Message {
            en: "Where another file takes this one in and removes the tables first, all is well."
                .into(),
            zh: "若另一个文件先清空这些表再包含本文件，则没有问题。".into(),
        });
    }
    let others = doubled[1..].iter().take(SHOWN - 1);
    finding.labels = others.map(|it| Label { place: place(it), text: label(it) }).collect();
    finding
}

/// Whether the file is loaded by itself: it is a program of `nft`, or the one that the service loads.
fn stands_alone(file: &NftFile<'_>) -> bool {
    let name = file.source.path.rsplit('/').next().unwrap_or_default();
    file.source.text().starts_with("#!") || name == "nftables.conf"
}

/// What the commands so far have emptied, or may have.
#[derive(Default)]
struct Emptied<'f> {
    all: bool,
    families: Vec<Family>,
    tables: Vec<(Family, &'f str)>,
    chains: Vec<(Family, &'f str, &'f str)>,
}

impl<'f> Emptied<'f> {
    fn holds(&self, file: &NftFile<'f>, table: TableRef, chain: Span) -> bool {
        let (family, name) = (table.family, file.text(table.name));
        self.all
            || self.families.contains(&family)
            || self.tables.contains(&(family, name))
            || self.chains.contains(&(family, name, file.text(chain)))
    }
}

/// The tables that a second load adds rules to, each once.
fn doubled(file: &NftFile<'_>) -> Vec<Doubled> {
    let mut emptied = Emptied::default();
    let mut doubled: Vec<Doubled> = Vec::new();
    let mut add = |table: TableRef, rules: usize| {
        let same = |it: &&mut Doubled| {
            it.table.family == table.family && file.text(it.table.name) == file.text(table.name)
        };
        match doubled.iter_mut().find(same) {
            Some(known) => known.rules += rules,
            None => doubled.push(Doubled { table, rules }),
        }
    };
    for command in &file.tree.commands {
        let removes = matches!(command.verb, Verb::Flush | Verb::Delete | Verb::Destroy);
        match &command.kind {
            CommandKind::Broad { subject: Subject::Ruleset, family, .. } if removes => match family
            {
                Some(family) => emptied.families.push(*family),
                None => emptied.all = true,
            },
            // What is not read may empty anything.
            CommandKind::Include if file.includes() => emptied.all = true,
            CommandKind::Wrong => emptied.all = true,
            CommandKind::Table(table) => {
                let (family, name) = (table.table.family, file.text(table.table.name));
                // `create` fails where the table is there already.
                if removes || command.verb == Verb::Create {
                    emptied.tables.push((family, name));
                }
                for item in &table.items {
                    let Item::Chain(chain) = item else { continue };
                    if !chain.rules.is_empty() && !emptied.holds(file, table.table, chain.name) {
                        add(table.table, chain.rules.len());
                    }
                }
            }
            CommandKind::Chain { table, chain } => {
                if removes || command.verb == Verb::Create {
                    let (family, name) = (table.family, file.text(table.name));
                    emptied.chains.push((family, name, file.text(chain.name)));
                } else if !chain.rules.is_empty() && !emptied.holds(file, *table, chain.name) {
                    add(*table, chain.rules.len());
                }
            }
            CommandKind::Rule { table, chain, .. }
                if matches!(command.verb, Verb::Add | Verb::Insert)
                    && !emptied.holds(file, *table, *chain) =>
            {
                add(*table, 1);
            }
            _ => {}
        }
    }
    doubled
}
