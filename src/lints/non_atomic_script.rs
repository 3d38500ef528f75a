//! Rules that come one by one, so that packets meet a part of them.

use super::{Context, Example, Finding, Findings, Fix, Lint, scripts};
use crate::{
    settings::{Persona, Severity},
    source::Span,
    syntax::{
        Dialect,
        iptables::{Item, Place},
        nft::{CommandKind, Verb},
    },
    words::{Message, Text},
};

/// So many commands one by one are a matter of course.
const FEW: usize = 3;

pub(super) static LINT: Lint = Lint {
    code: "FW410",
    name: "non-atomic-script",
    severity: Severity::Info,
    fix: Fix::None,
    persona: Persona::Strict,
    since: "0.1.0",
    summary: Text { en: "script loads its rules one by one", zh: "脚本逐条加载规则" },
    why: Text {
        en: "Until the last command has run, packets meet a part of the rules; a command that fails leaves it at that part, \
             and every command copies the whole table to the kernel and back.",
        zh: "最后一条命令执行之前，数据包面对的只是部分规则；若某条命令失败，就会停留在这部分规则上；\
             而且每条命令都要在内核与用户空间之间复制整张表。",
    },
    remedy: Text {
        en: "Write the rules into one file and load it with `iptables-restore` or `nft -f`: all of it or nothing.",
        zh: "请把规则写进一个文件，用 `iptables-restore` 或 `nft -f` 加载：要么全部生效，要么都不生效。",
    },
    examples: &[Example {
        dialect: Dialect::Script,
        settings: "",
        bad: "\
#!/bin/sh
iptables -F INPUT
iptables -A INPUT -i lo -j ACCEPT
#~^ FW410
iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
iptables -A INPUT -p icmp -j ACCEPT
iptables -A INPUT -j DROP
",
        good: "\
#!/bin/sh
iptables-restore <<'END'
*filter
:INPUT DROP [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
-A INPUT -p icmp -j ACCEPT
COMMIT
END
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for script in scripts::all(cx) {
        let alone = |span: Span| script.file.command(span).is_some_and(|it| !it.is_text);
        let mut rules: Vec<Span> = Vec::new();
        for (_, file) in script.families() {
            rules.extend(scripts::told(file).filter_map(|it| match it.item {
                Item::Rule(rule) if rule.place != Place::Delete => Some(rule.line),
                _ => None,
            }));
        }
        rules.extend(script.file.nft.commands.iter().filter_map(|command| {
            let adds = matches!(command.verb, Verb::Add | Verb::Insert);
            let is_rule = matches!(command.kind, CommandKind::Rule { .. });
            (adds && is_rule).then_some(command.span)
        }));
        rules.retain(|span| alone(*span));
        let first = rules.iter().min_by_key(|span| script.file.located(**span).start);
        let Some(first) = first.filter(|_| rules.len() > FEW) else { continue };
        let count = rules.len();
        let message = Message {
            en: format!(
                "{count} rules are loaded by as many commands: meanwhile packets meet a part of them"
            ),
            zh: format!("{count} 条规则由同样多的命令逐条加载，其间数据包只会遇到部分规则"),
        };
        let label = Message { en: "the first of them".into(), zh: "其中第一条".into() };
        let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
        findings.add(Finding::new(&LINT, script.place(*first), message, label).help(help));
    }
}
