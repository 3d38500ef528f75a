//! A rule in DOCKER-USER names the published port; the chain sees the container's.

use super::{Context, Example, Findings, Fix, Lint, misnamed};
use crate::{
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW803",
    name: "docker-user-wrong-port",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a rule in `DOCKER-USER` names the port that Docker publishes, not the container's",
        zh: "`DOCKER-USER` 中的规则写的是 Docker 发布的端口，而不是容器的端口",
    },
    why: Text {
        en: "`DOCKER-USER` is called when the destination is translated already. A rule for the published port never matches, \
             so the port that it should close stays open to everybody.",
        zh: "调用 `DOCKER-USER` 时目的地址已完成转换。针对发布端口的规则永远不会匹配，本应关闭的端口依然对所有人开放。",
    },
    remedy: Text {
        en: "Name the container's port, or the one that was dialled: `-m conntrack --ctorigdstport 8080 --ctdir ORIGINAL`.",
        zh: "请写容器的端口，或匹配客户端原先访问的端口：`-m conntrack --ctorigdstport 8080 --ctdir ORIGINAL`。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*nat
:PREROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A DOCKER -s 10.0.0.0/8 ! -i docker0 -p tcp -m tcp --dport 47443 -j DNAT --to-destination 172.17.0.2:47080
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -o docker0 -j DOCKER
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 47080 -j ACCEPT
-A DOCKER-USER -i eth0 -p tcp -m tcp --dport 47443 -j DROP
#~^ FW803
-A DOCKER-USER -j RETURN
COMMIT
",
        good: "\
*nat
:PREROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A DOCKER -s 10.0.0.0/8 ! -i docker0 -p tcp -m tcp --dport 47443 -j DNAT --to-destination 172.17.0.2:47080
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -o docker0 -j DOCKER
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 47080 -j ACCEPT
-A DOCKER-USER -i eth0 -p tcp -m conntrack --ctorigdstport 47443 --ctdir ORIGINAL -j DROP
-A DOCKER-USER -j RETURN
COMMIT
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    if !cx.ruleset().chains.iter().any(|chain| chain.name == "DOCKER-USER") {
        return;
    }
    let found = cx.analysis.families.iter().flat_map(|family| cx.analysis.misnamed_ports(family));
    for misnamed in found.filter(|it| misnamed::is_of_docker_user(cx, it)) {
        findings.add(misnamed::finding(cx, &LINT, &misnamed));
    }
}
