//! A filter rule names the port that packets had before they were translated.

use super::{Context, Example, Findings, Fix, Lint, misnamed};
use crate::{
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW309",
    name: "pre-dnat-port-in-filter",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a filter rule accepts the port that packets had before their translation",
        zh: "过滤规则放行的是地址转换之前的端口",
    },
    why: Text {
        en: "The destination is translated before the filter sees a packet. The rule waits for a port that no packet has any \
             more, and the published service is unreachable.",
        zh: "目的地址的转换先于过滤。规则等待的端口已不会出现在数据包中，发布的服务因此无法访问。",
    },
    remedy: Text {
        en: "Name the port behind the translation, or ask for the one that was dialled: `-m conntrack --ctorigdstport`, in \
             nftables `meta l4proto tcp ct original proto-dst`.",
        zh: "请写转换之后的端口，或匹配客户端原先访问的端口：`-m conntrack --ctorigdstport`，nftables 为 \
             `meta l4proto tcp ct original proto-dst`。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -i eth0 -p tcp -m tcp --dport 47443 -j DNAT --to-destination 10.0.0.5:7443
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
-A FORWARD -d 10.0.0.5 -p tcp -m tcp --dport 47443 -j ACCEPT
#~^ FW309
COMMIT
",
            good: "\
*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -i eth0 -p tcp -m tcp --dport 47443 -s 10.8.0.7 -j DNAT --to-destination 10.0.0.5:7443
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
-A FORWARD -d 10.0.0.5 -p tcp -m tcp --dport 7443 -j ACCEPT
COMMIT
",
        },
        Example {
            dialect: Dialect::Nft,
            settings: "",
            bad: "\
table ip host {
	chain prerouting {
		type nat hook prerouting priority dstnat; policy accept;
		iifname \"eth0\" tcp dport 47443 dnat to 10.0.0.5:7443
	}
	chain forward {
		type filter hook forward priority filter; policy drop;
		ip daddr 10.0.0.5 tcp dport 47443 accept
#~^ FW309
	}
}
",
            good: "\
table ip host {
	chain prerouting {
		type nat hook prerouting priority dstnat; policy accept;
		iifname \"eth0\" ip saddr 10.8.0.7 tcp dport 47443 dnat to 10.0.0.5:7443
	}
	chain forward {
		type filter hook forward priority filter; policy drop;
		meta l4proto tcp ct original proto-dst 47443 accept
	}
}
",
        },
    ],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let found = cx.analysis.families.iter().flat_map(|family| cx.analysis.misnamed_ports(family));
    for misnamed in found {
        // A filter of forwarded packets may deny the port to whatever else passes.
        if !misnamed.passes && !misnamed::is_of_docker_user(cx, &misnamed) {
            findings.add(misnamed::finding(cx, &LINT, &misnamed));
        }
    }
}
