//! Whatever this host wants to send leaves it.

use super::{Context, Example, Finding, Findings, Fix, Lint, Place};
use crate::{
    model::{ChainKind, Hook, Policy},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};
use std::collections::BTreeSet;

pub(super) static LINT: Lint = Lint {
    code: "FW137",
    name: "open-egress",
    severity: Severity::Info,
    fix: Fix::None,
    persona: Persona::Strict,
    since: "0.1.0",
    summary: Text {
        en: "nothing limits what this host sends", zh: "对本机外发的流量没有任何限制"
    },
    why: Text {
        en: "Who breaks into a service fetches tools and sends data out. A list of where the host may connect stops much of \
             it, and shows it.",
        zh: "攻破服务的人会下载工具并向外传送数据。限定本机可连接的目标能阻止其中大部分行为，并使之暴露。",
    },
    remedy: Text {
        en: "Let the policy drop, and accept replies, the loopback and the few places that the host needs.",
        zh: "请将策略设为丢弃，并放行回包、回环接口以及本机所需的少数目标。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
:OUTPUT ACCEPT [0:0]
#~^ FW137
-A INPUT -i lo -j ACCEPT
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
:OUTPUT DROP [0:0]
-A INPUT -i lo -j ACCEPT
-A OUTPUT -o lo -j ACCEPT
-A OUTPUT -d 192.0.2.53 -p udp -m udp --dport 53 -j ACCEPT
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
		iifname \"lo\" accept
	}
	chain output {
		type filter hook output priority filter; policy accept;
#~^ FW137
	}
}
",
            good: "\
table ip filter {
	chain input {
		type filter hook input priority filter; policy drop;
		iifname \"lo\" accept
	}
	chain output {
		type filter hook output priority filter; policy drop;
		oifname \"lo\" accept
		udp dport 53 ip daddr 192.0.2.53 accept
	}
}
",
        },
    ],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let ruleset = cx.ruleset();
    let mut said: BTreeSet<Place> = BTreeSet::new();
    for family in &cx.analysis.families {
        let guards_input = cx.analysis.has_rules(family, Hook::Input);
        if !guards_input || cx.analysis.has_drops(family, Hook::Output) {
            continue;
        }
        // Of several chains that let all pass the first is shown.
        let accepting = ruleset.base_chains().find(|(id, _, base)| {
            base.hook == Hook::Output
                && base.kind == ChainKind::Filter
                && base.policy == Policy::Accept
                && ruleset.table_of(*id).family.sees(family.space.family)
        });
        let Some((_, chain, base)) = accepting else { continue };
        let place = base.policy_place.unwrap_or(chain.place);
        if !said.insert(place) {
            continue;
        }
        let message = Message {
            en: format!("`{}` lets out whatever this host sends", chain.name),
            zh: format!("`{}` 放行本机外发的一切流量", chain.name),
        };
        let label = Message { en: "nothing is stopped".into(), zh: "不拦截任何流量".into() };
        let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
        findings.add(Finding::new(&LINT, place, message, label).help(help));
    }
}
