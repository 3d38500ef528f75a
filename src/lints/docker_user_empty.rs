//! Docker publishes ports to everybody, and the chain for the owner's rules is empty.

use super::{Context, Example, Finding, Findings, Fix, Label, Lint, phrases, published};
use crate::{
    model::{Chain, ChainId, Verdict},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW802",
    name: "docker-user-empty",
    severity: Severity::Info,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "nothing filters the ports that Docker publishes",
        zh: "Docker 发布的端口没有任何过滤",
    },
    why: Text {
        en: "Docker accepts in front of your own rules for forwarded packets. `DOCKER-USER` is the one chain that it calls \
             before and leaves alone.",
        zh: "Docker 会抢在您自己的转发规则之前放行。`DOCKER-USER` 是唯一由它提前调用、且不会改写的链。",
    },
    remedy: Text {
        en: "Say in `DOCKER-USER` who may reach containers, or publish ports on one address only.",
        zh: "请在 `DOCKER-USER` 中限定谁可以访问容器，或只在某个地址上发布端口。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*nat
:PREROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 47112 -j DNAT --to-destination 172.17.0.2:47112
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
#~^ FW802
-A FORWARD -j DOCKER-USER
-A FORWARD -o docker0 -j DOCKER
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 47112 -j ACCEPT
-A DOCKER-USER -j RETURN
COMMIT
",
        good: "\
*nat
:PREROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 47112 -j DNAT --to-destination 172.17.0.2:47112
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -o docker0 -j DOCKER
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 47112 -j ACCEPT
-A DOCKER-USER ! -s 10.0.0.0/24 -i eth0 -j DROP
-A DOCKER-USER -j RETURN
COMMIT
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let ruleset = cx.ruleset();
    for (chain, id) in ruleset.chains.iter().zip(0..) {
        if chain.name != "DOCKER-USER" || !chain.declared || !is_empty(cx, ChainId(id)) {
            continue;
        }
        let table = ruleset.table_of(ChainId(id)).family;
        let mut open = published::all(cx)
            .filter(|it| it.manager(cx) == Some("Docker") && table.sees(it.family.space.family));
        let Some(first) = open.next() else { continue };
        let audience = phrases::audience(first.family, &first.reach);
        let name = first.name();
        let message = message(chain, &name, &audience);
        let label = Message { en: "lets everything on".into(), zh: "不作任何限制".into() };
        let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
        let mut finding = Finding::new(&LINT, chain.place, message, label).help(help);
        let text = Message { en: "published here".into(), zh: "在此发布".into() };
        finding.labels.push(Label { place: first.place(cx), text });
        finding.witness = first.witness();
        finding.source_class = Some(first.reach.class.name());
        findings.add(finding);
    }
}

fn message(chain: &Chain, port: &str, audience: &Message) -> Message {
    Message {
        en: format!("`{}` is empty, and {port} of a container is open {}", chain.name, audience.en),
        zh: format!("`{}` 为空，而容器的 {port} {}", chain.name, audience.zh),
    }
}

/// Whether a chain holds nothing, or goes back at once.
fn is_empty(cx: &Context<'_>, chain: ChainId) -> bool {
    let ruleset = cx.ruleset();
    ruleset
        .rules_of(chain)
        .all(|(_, rule)| matches!(ruleset.verdict_of(rule), None | Some((Verdict::Return, _))))
}
