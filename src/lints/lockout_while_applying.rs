//! A script that closes the host before it opens it.

use super::{
    Context, Example, Finding, Findings, Fix, Label, Lint, nft_file,
    scripts::{self, Script, Told},
};
use crate::{
    settings::{Persona, Severity},
    source::Span,
    syntax::{
        Dialect,
        iptables::{self, Item, Opt, Place, Policy, TableKind, extensions},
        nft::{self, CommandKind, Hook, PolicyKind, StatementKind},
    },
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW402",
    name: "lockout-while-applying",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "script drops everything before it lets anybody in",
        zh: "脚本在放行任何流量之前先全部丢弃",
    },
    why: Text {
        en: "Each command takes effect at once. From the policy that drops to the first rule that accepts, every connection \
             hangs, that of whoever runs the script too; if a command in between fails or the terminal goes with the \
             connection, it stays so.",
        zh: "每条命令都会立即生效。从丢弃策略到第一条放行规则之间，所有连接都会中断，包括执行脚本者自己的连接；\
             若其间某条命令失败，或终端随连接一起断开，状态就会一直如此。",
    },
    remedy: Text {
        en: "Set the policy after the rules that let you in, or load all at once with `iptables-restore` or `nft -f`.",
        zh: "请在放行自己的规则之后再设置策略，或用 `iptables-restore`、`nft -f` 一次性加载全部规则。",
    },
    examples: &[Example {
        dialect: Dialect::Script,
        settings: "",
        bad: "\
#!/bin/sh
iptables -F INPUT
iptables -P INPUT DROP
#~^ FW402
iptables -A INPUT -i lo -j ACCEPT
iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
",
        good: "\
#!/bin/sh
iptables -P INPUT ACCEPT
iptables -F INPUT
iptables -A INPUT -i lo -j ACCEPT
iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
iptables -P INPUT DROP
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for script in scripts::all(cx) {
        let mut windows: Vec<Window> = Vec::new();
        for (_, file) in script.families() {
            windows.extend(by_policy(&script, file));
        }
        windows.extend(by_chain(cx, &script));
        // Two families are closed side by side: one finding tells of both.
        windows.sort_by_key(|it| it.closed);
        if let Some(first) = windows.first() {
            findings.add(finding(&script, *first));
        }
    }
}

/// From where everything is dropped to where somebody gets in.
#[derive(Clone, Copy)]
struct Window {
    closed: Span,
    opened: Span,
}

fn finding(script: &Script<'_>, window: Window) -> Finding {
    let line = script.line(window.opened);
    let message = Message {
        en: format!("from here to line {line} nobody gets in, whoever runs the script included"),
        zh: format!("从这里到第 {line} 行之间任何人都无法进入，包括执行脚本者自己"),
    };
    let label = Message {
        en: "drops what no rule accepts yet".into(),
        zh: "此时尚无规则放行，全部丢弃".into(),
    };
    let mut finding = Finding::new(&LINT, script.place(window.closed), message, label)
        .help(Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() });
    if script.only_adds(window.closed, window.opened) {
        finding.severity = Severity::Warning;
        finding.help.push(Message {
            en: "Nothing but commands that add rules stands between the two, so the time is short, unless one of them fails."
                .into(),
            zh: "两者之间只有添加规则的命令，因此时间很短，除非其中某条命令失败。".into(),
        });
    }
    // A program closes first and means it; who runs what it wrote cannot move a line.
    if script.is_generated() {
        finding.severity = Severity::Info;
        finding.help.push(Message {
            en: "The order is that of the program which wrote the script; many have a setting that lets an \
                 administrator in first."
                .into(),
            zh: "此顺序由生成该脚本的程序决定；许多此类程序可设置先放行管理员。".into(),
        });
    }
    let text = Message {
        en: "the first rule that lets somebody in".into(),
        zh: "第一条放行规则".into(),
    };
    finding.labels.push(Label { place: script.place(window.opened), text });
    finding
}

/// What iptables is told.
fn by_policy(script: &Script<'_>, file: &iptables::File) -> Option<Window> {
    let (mut closed, mut open) = (None, false);
    for Told { table, item, replaces } in scripts::told(file) {
        if table != TableKind::Filter {
            continue;
        }
        match item {
            // A text is loaded whole.
            Item::Rule(_) | Item::Chain(_) if replaces => (closed, open) = (None, true),
            Item::Chain(chain) if script.text(chain.name) == "INPUT" => match chain.policy {
                Some((Policy::Drop, span)) if !open => closed = Some(chain.line.to(span)),
                Some((Policy::Accept, _)) => closed = None,
                _ => {}
            },
            Item::Flush { chain, .. } if closed.is_none() => {
                open &= chain.is_some_and(|it| script.text(it) != "INPUT");
            }
            Item::Rule(rule)
                if script.text(rule.chain) == "INPUT" && rule.place != Place::Delete =>
            {
                if !lets_in(script, scripts::options(file, rule)) {
                    continue;
                }
                if let Some(closed) = closed {
                    return Some(Window { closed, opened: rule.line });
                }
                open = true;
            }
            _ => {}
        }
    }
    None
}

/// Whether a rule may let somebody in from outside.
fn lets_in(script: &Script<'_>, options: &[Opt]) -> bool {
    let value = |name: &str| {
        options.iter().find_map(|it| {
            let extension = extensions::ALL.get(usize::from(it.extension))?;
            let is_it = extension.name.is_empty()
                && extension.options[usize::from(it.option)].is_called(name);
            is_it.then(|| script.text(it.value))
        })
    };
    let loopback = value("in-interface") == Some("lo");
    let target = value("jump").or_else(|| value("goto"));
    let passes = |it: &str| !matches!(it, "DROP" | "REJECT" | "LOG" | "NFLOG" | "RETURN");
    !loopback && target.is_some_and(passes)
}

/// What `nft` is told, command by command.
fn by_chain(cx: &Context<'_>, script: &Script<'_>) -> Option<Window> {
    let file = nft_file::all(cx).find(|it| it.index == script.input.file)?;
    let alone = |span: Span| script.file.command(span).is_some_and(|it| !it.is_text);
    let mut closed: Option<(nft::TableRef, Span, Span)> = None;
    for command in file.tree.commands.iter().filter(|it| alone(it.span)) {
        match &command.kind {
            CommandKind::Chain { table, chain } if nft_file::makes(command.verb) => {
                let drops = chain.policy.filter(|it| it.kind == PolicyKind::Drop);
                let input = chain.base.as_ref().is_some_and(|it| it.hook == Hook::Input);
                if let Some(policy) = drops.filter(|_| input) {
                    closed.get_or_insert((*table, chain.name, policy.span));
                }
            }
            CommandKind::Rule { table, chain, rule, .. } => {
                let Some((of, name, span)) = closed else { continue };
                let same = of.family == table.family
                    && file.text(of.name) == file.text(table.name)
                    && file.text(name) == file.text(*chain);
                let statements = file.tree.statements(rule.statements);
                let accepts = statements
                    .iter()
                    .any(|it| matches!(it.kind, StatementKind::Verdict(nft::Verdict::Accept)));
                let loopback = file.source.slice(rule.span).contains("lo accept");
                if same && accepts && !loopback {
                    return Some(Window { closed: span, opened: rule.span });
                }
            }
            _ => {}
        }
    }
    None
}
