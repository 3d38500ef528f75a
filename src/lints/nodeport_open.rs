//! Ports of Kubernetes services on the node are open, whatever INPUT says.

use super::{Context, Example, Finding, Findings, Fix, Label, Lint, phrases, published};
use crate::{
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW806",
    name: "nodeport-open",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "the ports that Kubernetes opens on its nodes are open to strangers",
        zh: "Kubernetes 的 NodePort 对外开放",
    },
    why: Text {
        en: "A node port is translated before routing and goes through FORWARD to a pod, on every node of the cluster: rules \
             for INPUT do not guard it.",
        zh: "NodePort 在路由之前被转换，经 FORWARD 前往 Pod，且集群的每个节点都如此：INPUT 规则管不到它。",
    },
    remedy: Text {
        en: "Publish through a load balancer or an ingress, or drop the range of node ports from strangers before it is \
             translated, in `PREROUTING` of the mangle table.",
        zh: "请通过负载均衡或 Ingress 发布服务，或在转换之前（mangle 表的 `PREROUTING`）丢弃外部来源对 NodePort 范围的访问。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*nat
:PREROUTING ACCEPT [0:0]
:KUBE-NODEPORTS - [0:0]
#~^ FW806
:KUBE-SERVICES - [0:0]
:KUBE-SEP-A - [0:0]
-A PREROUTING -j KUBE-SERVICES
-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
-A KUBE-NODEPORTS -p tcp -m tcp --dport 31112 -j KUBE-SEP-A
-A KUBE-SEP-A -p tcp -m tcp -j DNAT --to-destination 10.244.0.5:47112
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
-A FORWARD -d 10.244.0.0/16 -j ACCEPT
COMMIT
",
        good: "\
*mangle
:PREROUTING ACCEPT [0:0]
-A PREROUTING ! -s 10.0.0.0/24 -p tcp -m tcp --dport 30000:32767 -j DROP
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-SEP-A - [0:0]
-A PREROUTING -j KUBE-SERVICES
-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
-A KUBE-NODEPORTS -p tcp -m tcp --dport 31112 -j KUBE-SEP-A
-A KUBE-SEP-A -p tcp -m tcp -j DNAT --to-destination 10.244.0.5:47112
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
-A FORWARD -d 10.244.0.0/16 -p tcp -m conntrack --ctstate DNAT -j ACCEPT
COMMIT
",
    }],
    check,
};

/// `--service-node-port-range` of kube-apiserver, where nothing else is said.
const NODE_PORTS: std::ops::RangeInclusive<u16> = 30_000..=32_767;

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let chains = &cx.ruleset().chains;
    let Some(chain) = chains.iter().find(|chain| chain.name == "KUBE-NODEPORTS") else { return };
    let mut open = published::all(cx).filter(|it| {
        it.manager(cx) == Some("Kubernetes") && it.port.is_some_and(|it| NODE_PORTS.contains(&it))
    });
    let Some(first) = open.next() else { return };
    let audience = phrases::audience(first.family, &first.reach);
    let name = first.name();
    let message = Message {
        en: format!("node port {name} is open {}, past every rule for this host", audience.en),
        zh: format!("NodePort {name} 绕过所有入站规则，{}", audience.zh),
    };
    let label = Message {
        en: "what these lead to is open".into(),
        zh: "由此通往的服务均为开放".into(),
    };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    let mut finding = Finding::new(&LINT, chain.place, message, label).help(help);
    let text = Message { en: "leads to the pod".into(), zh: "通往 Pod".into() };
    finding.labels.push(Label { place: first.place(cx), text });
    finding.source_class = Some(first.reach.class.name());
    finding.witness = first.witness();
    findings.add(finding);
}
