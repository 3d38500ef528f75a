//! Whoever commands containers or a cluster can be reached.

use super::{Example, Fix, Lint, service};
use crate::{
    knowledge::Category,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW103",
    name: "control-plane-open",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text { en: "a control plane is reachable", zh: "控制平面可被访问" },
    why: Text {
        en: "Whoever may start a container may mount the host's disk: the Docker API, a kubelet, etcd or Nomad in the \
             wrong hands is root on every node, and miners scan for 2375 and 10250 all day.",
        zh: "能启动容器的人就能挂载宿主机磁盘：Docker API、kubelet、etcd、Nomad 一旦落入他人之手，就等于交出每个节点的 root 权限，而挖矿程序整天都在扫描 2375 与 10250。",
    },
    remedy: Text {
        en: "Keep the Docker API on its socket or behind SSH (`docker -H ssh://host`); let only the cluster's nodes \
             and its administrators reach the rest, with client certificates.",
        zh: "Docker API 请只用本地 socket 或经由 SSH（`docker -H ssh://host`）；其余接口只放行集群节点与管理员，并启用客户端证书。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 2375 -j ACCEPT
#~^ FW103
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
COMMIT
",
    }],
    check: |cx, findings| service::report(cx, findings, &LINT, Category::ControlPlane),
};
