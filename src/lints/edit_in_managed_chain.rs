//! A rule of one's own in a chain that a program writes.

use super::{
    Context, Example, Finding, Findings, Fix, Lint, Place, iptables_file, nft_file, quote::quoted,
};
use crate::{
    knowledge::{is_for_the_owner, manager_of_chain, manager_of_table},
    settings::{Persona, Severity},
    syntax::{
        Dialect, FileKind,
        iptables::{self, Item},
        nft::{CommandKind, Verb},
    },
    words::{Message, Text},
};
use rustc_hash::FxHashSet;

pub(super) static LINT: Lint = Lint {
    code: "FW805",
    name: "edit-in-managed-chain",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a rule is added to a chain that another program rewrites",
        zh: "向由其他程序改写的链中添加规则",
    },
    why: Text {
        en: "The program empties and fills its chains when it starts and whenever something changes. Until then the rule may stand \
             in its way; after that it is gone, and nobody is told.",
        zh: "程序在启动以及情况变化时会清空并重写自己的链。在此之前，该规则可能妨碍程序；此后规则便悄然消失。",
    },
    remedy: Text {
        en: "Put the rule into the chain that is meant for it (`DOCKER-USER` for Docker), or into a base chain of your own that is \
             called earlier.",
        zh: "请把规则写入专门预留的链（Docker 为 `DOCKER-USER`），或写入自己的、更早被调用的基础链。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:DOCKER - [0:0]
-I DOCKER -s 192.0.2.0/24 -j DROP
#~^ FW805
-A FORWARD -o docker0 -j DOCKER
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:DOCKER-USER - [0:0]
-I DOCKER-USER -s 192.0.2.0/24 -j DROP
-A FORWARD -j DOCKER-USER
COMMIT
",
        },
        Example {
            dialect: Dialect::Nft,
            settings: "",
            bad: "\
add table ip filter
add chain ip filter DOCKER
insert rule ip filter DOCKER ip saddr 192.0.2.0/24 drop
#~^ FW805
",
            good: "\
add table ip filter
add chain ip filter DOCKER-USER
insert rule ip filter DOCKER-USER ip saddr 192.0.2.0/24 drop
",
        },
    ],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for file in iptables_file::all(cx).filter(|file| file.kind != FileKind::Dump) {
        let mut added = Added::default();
        for table in &file.tree.tables {
            let mut declared: FxHashSet<&str> = FxHashSet::default();
            for item in &table.items {
                match item {
                    Item::Chain(chain) => {
                        declared.insert(file.source.slice(chain.name));
                    }
                    Item::Rule(rule) if rule.place != iptables::Place::Delete => {
                        let chain = file.source.slice(rule.chain);
                        // What a file declares and fills from the start may be a copy of what the program made.
                        if rule.place != iptables::Place::Append || !declared.contains(chain) {
                            added.add(chain, manager_of_chain(chain), file.place(rule.line));
                        }
                    }
                    _ => {}
                }
            }
        }
        added.report(findings);
    }
    for file in nft_file::all(cx).filter(|file| file.kind != FileKind::Dump) {
        let mut added = Added::default();
        for command in &file.tree.commands {
            let CommandKind::Rule { table, chain, .. } = &command.kind else { continue };
            if matches!(command.verb, Verb::Add | Verb::Insert | Verb::Replace) {
                let (table, chain) = (file.text(table.name), file.text(*chain));
                let manager = manager_of_chain(chain).or_else(|| manager_of_table(table));
                added.add(chain, manager, file.place(command.span));
            }
        }
        added.report(findings);
    }
}

/// The rules of one file that are added to chains of programs: each chain with the first of them, and how many more there are.
#[derive(Default)]
struct Added<'a>(Vec<(&'a str, &'static str, Place, usize)>);

impl<'a> Added<'a> {
    fn add(&mut self, chain: &'a str, manager: Option<&'static str>, place: Place) {
        // The files of ufw are there to be edited, and have a lint of their own where they are not.
        let Some(manager) = manager.filter(|it| *it != "ufw") else { return };
        if is_for_the_owner(chain) {
            return;
        }
        match self.0.iter_mut().find(|it| it.0 == chain) {
            Some((.., more)) => *more += 1,
            None => self.0.push((chain, manager, place, 0)),
        }
    }

    fn report(&self, findings: &mut Findings) {
        for (chain, manager, place, more) in &self.0 {
            findings.add(finding(chain, manager, *place, *more));
        }
    }
}

fn finding(chain: &str, manager: &str, place: Place, more: usize) -> Finding {
    let name = quoted(chain);
    let message = Message {
        en: format!("{name} is rewritten by {manager}: a rule that is added here does not last"),
        zh: format!("{name} 由 {manager} 改写：在此添加的规则不会长久保留"),
    };
    let label = match more {
        0 => Message { en: "added here".into(), zh: "在此添加".into() },
        1 => Message {
            en: "added here, and one more below".into(),
            zh: "在此添加，下面还有 1 条".into(),
        },
        _ => Message {
            en: format!("added here, and {more} more below"),
            zh: format!("在此添加，下面还有 {more} 条"),
        },
    };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    Finding::new(&LINT, place, message, label).help(help)
}
