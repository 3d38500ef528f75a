//! `flush ruleset`, which takes away the rules of every other program too.

use super::{Context, Example, Finding, Findings, Fix, Lint, nft_file, phrases, quote::quoted};
use crate::{
    knowledge,
    model::Ruleset,
    settings::{Persona, Severity},
    syntax::{
        Dialect,
        nft::{CommandKind, Subject, Verb},
    },
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW409",
    name: "flush-ruleset-collateral",
    severity: Severity::Info,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "`flush ruleset` removes the rules of other programs",
        zh: "`flush ruleset` 会清除其他程序的规则",
    },
    why: Text {
        en: "It empties every table, also those of Docker, fail2ban, libvirt and of `iptables-nft`; what they had loaded is \
             gone until they are started again.",
        zh: "它会清空所有表，包括 Docker、fail2ban、libvirt 以及 `iptables-nft` 的表；这些程序加载的规则将一直缺失，直到它们重新启动。",
    },
    remedy: Text {
        en: "Empty your own tables only: `table inet filter` and `flush table inet filter` on two lines before the block.",
        zh: "请只清空自己的表：在表块之前用两行写 `table inet filter` 与 `flush table inet filter`。",
    },
    examples: &[Example {
        dialect: Dialect::Nft,
        settings: "",
        bad: "\
flush ruleset
#~^ FW409=warning
table inet filter {
	chain forward {
		type filter hook forward priority 0; policy drop;
		iifname \"docker0\" accept
		ct state established,related accept
	}
}
",
        good: "\
table inet filter
flush table inet filter
table inet filter {
	chain forward {
		type filter hook forward priority 0; policy drop;
		iifname \"docker0\" accept
		ct state established,related accept
	}
}
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for file in nft_file::all(cx) {
        let flushes = file.tree.commands.iter().find(|command| {
            let ruleset =
                matches!(command.kind, CommandKind::Broad { subject: Subject::Ruleset, .. });
            command.verb == Verb::Flush && ruleset
        });
        let Some(command) = flushes else { continue };
        let label = Message { en: "empties every table".into(), zh: "清空所有表".into() };
        let seen = seen(cx.ruleset());
        let message = match &seen {
            None => Message {
                en: "this also removes what other programs have loaded".into(),
                zh: "此命令也会清除其他程序已加载的规则".into(),
            },
            Some((managers, sign)) => Message {
                en: format!("this also removes the rules of {} ({sign})", managers.en),
                zh: format!("此命令也会清除 {} 的规则（{sign}）", managers.zh),
            },
        };
        let severity = if seen.is_some() { Severity::Warning } else { LINT.severity };
        let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
        let place = file.place(command.span);
        findings.add(Finding::new(&LINT, place, message, label).severity(severity).help(help));
    }
}

/// The programs whose names the rules speak of, and the first such name.
fn seen(ruleset: &Ruleset) -> Option<(Message, String)> {
    let chains = ruleset.chains.iter().map(|chain| chain.name.as_str());
    let missing = ruleset.undefined.iter().map(|it| it.name.as_str());
    let tables = ruleset.tables.iter().map(|table| table.name.as_str());
    let interfaces = ruleset.interfaces.iter().map(|it| it.name.as_str());
    let signs = chains
        .chain(missing)
        .map(|name| (knowledge::manager_of_chain(name), name))
        .chain(tables.map(|name| (knowledge::manager_of_table(name), name)))
        .chain(interfaces.map(|name| (knowledge::manager_of_interface(name), name)));
    let mut managers: Vec<String> = Vec::new();
    let mut first = None;
    for (manager, name) in signs {
        let Some(manager) = manager else { continue };
        first.get_or_insert(name);
        if !managers.iter().any(|known| known == manager) {
            managers.push(manager.to_owned());
        }
    }
    Some((phrases::listed(&managers), quoted(first?)))
}
