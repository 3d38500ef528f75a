//! A port of a protocol that the packet must not have.

use super::{Context, Example, Finding, Findings, Fix, Lint, iptables_file, quote::quoted};
use crate::{
    settings::{Persona, Severity},
    syntax::{Dialect, iptables::Opt},
    words::{Message, Text},
};
use iptables_file::IptablesFile;

pub(super) static LINT: Lint = Lint {
    code: "FW703",
    name: "negated-protocol-with-port",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a rule asks for a port of the protocol that it excludes",
        zh: "规则要求端口，却又排除了该端口所属的协议",
    },
    why: Text {
        en: "`! -p tcp --dport 22` asks for TCP's port of a packet that must not be TCP. The nft variant of iptables loads it, never \
             matches TCP, and takes the same bytes of every other protocol for a port: UDP to port 22 matches. The legacy \
             variant refuses the whole file.",
        zh: "`! -p tcp --dport 22` 对非 TCP 数据包要求 TCP 端口。nft 版 iptables 会加载它：TCP 永不匹配，\
             而其他协议相同位置的字节会被当作端口，例如发往 22 端口的 UDP 会匹配。legacy 版则拒绝整个文件。",
    },
    remedy: Text {
        en: "Negate the port, `-p tcp ! --dport 22`, or leave the port out if every other protocol is meant.",
        zh: "请对端口取反：`-p tcp ! --dport 22`；若指的是其他所有协议，请去掉端口。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT ! -p tcp -m tcp --dport 22 -j DROP
#~^ FW703
-A INPUT -j DROP
COMMIT
",
        good: "\
*filter
:INPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp -m tcp ! --dport 22 -j DROP
-A INPUT -j DROP
COMMIT
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for file in iptables_file::all(cx) {
        for rule in file.rules() {
            let options = file.options(rule);
            let excluded =
                options.iter().find(|it| it.negated && iptables_file::is_core(it, "protocol"));
            let Some(excluded) = excluded else { continue };
            let of_it =
                |it: &&Opt| iptables_file::extension(it).is_some_and(|it| it.negated_protocol);
            if let Some(asked) = options.iter().find(of_it) {
                findings.add(finding(&file, excluded, asked));
            }
        }
    }
}

fn finding(file: &IptablesFile<'_>, excluded: &Opt, asked: &Opt) -> Finding {
    let words = |it: &Opt| quoted(file.source.slice(it.name.to(it.value)));
    let (without, with) = (words(excluded), words(asked));
    let message = Message {
        en: format!(
            "{without} and {with} exclude each other: the port is looked for in other protocols"
        ),
        zh: format!("{without} 与 {with} 互相排斥：实际比较的是其他协议的数据"),
    };
    let label =
        Message { en: "never matches this protocol".into(), zh: "永不匹配该协议".into() };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    let span = excluded.name.to(excluded.value);
    Finding::new(&LINT, file.place(span), message, label).help(help)
}
