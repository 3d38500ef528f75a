//! Routers cannot tell this host that its packets are too big.

use super::{Context, Example, Findings, Fix, Lint, decider};
use crate::{
    model::{Family, Hook},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW312",
    name: "pmtud-blocked",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "the ICMP message \"fragmentation needed\" is dropped",
        zh: "丢弃了 ICMP“需要分片”消息",
    },
    why: Text {
        en: "Over a tunnel or a DSL line large packets do not fit, and this message says so. Without it a connection is made \
             and then hangs as soon as much is sent.",
        zh: "经过隧道或 DSL 线路时大包无法通过，需靠此消息告知。收不到它，连接虽能建立，一旦发送较多数据就会卡死。",
    },
    remedy: Text {
        en: "Accept errors about known connections before any rule drops ICMP: `-m conntrack --ctstate RELATED -j ACCEPT`, \
             or type 3 code 4 alone (`--icmp-type fragmentation-needed`).",
        zh: "请在任何丢弃 ICMP 的规则之前放行与已知连接相关的差错消息：`-m conntrack --ctstate RELATED -j ACCEPT`，\
             或仅放行类型 3 代码 4（`--icmp-type fragmentation-needed`）。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p icmp -j DROP
#~^ FW312
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p icmp -j DROP
COMMIT
",
        },
        Example {
            dialect: Dialect::Nft,
            settings: "",
            bad: "\
table ip filter {
	chain input {
		type filter hook input priority filter; policy drop;
#~^ FW312
		iifname \"lo\" accept
		ct state established accept
		icmp type echo-request accept
	}
}
",
            good: "\
table ip filter {
	chain input {
		type filter hook input priority filter; policy drop;
		iifname \"lo\" accept
		ct state established,related accept
		icmp type echo-request accept
	}
}
",
        },
    ],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    if cx.analysis.is_fragment() {
        return;
    }
    let ipv4 = cx.analysis.families.iter().filter(|it| it.space.family == Family::Ipv4);
    for family in ipv4.filter(|family| cx.analysis.has_rules(family, Hook::Input)) {
        let Some(stopped) = cx.analysis.stopped_too_big(family) else { continue };
        // Where no answer gets in at all, this one is the least of it.
        if !cx.analysis.is_answered(family) {
            continue;
        }
        let message = Message {
            en: "what says that a packet is too big for its way (ICMP type 3 code 4) is dropped"
                .into(),
            zh: "告知数据包过大的消息（ICMP 类型 3 代码 4）会被丢弃".into(),
        };
        let finding = decider::stopped(cx, &LINT, &stopped, message);
        findings.0.extend(finding.map(|(_, finding)| finding));
    }
}
