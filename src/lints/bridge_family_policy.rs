//! A policy that drops, in a table that no routed packet passes.

use super::{Context, Example, Finding, Findings, Fix, Lint, nft_file, quote::quoted};
use crate::{
    model::{Base, ChainKind, Hook, Policy, TableFamily},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW607",
    name: "bridge-family-policy",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "only a table that IP packets do not pass has the policy `drop`",
        zh: "只有 IP 数据包不经过的表才以 `drop` 为策略",
    },
    why: Text {
        en: "A chain of a `bridge` table sees frames that a bridge forwards, one of an `arp` table ARP only, one at `egress` \
             what leaves: packets that the host takes in or routes pass by all of them, so that every port is open.",
        zh: "`bridge` 表的链只看到网桥转发的帧，`arp` 表的链只看到 ARP，`egress` 处的链只看到发出的数据包：\
             主机接收或路由的数据包都不经过它们，因此所有端口都是开放的。",
    },
    remedy: Text {
        en: "Filter IP in a table of family `inet`: `type filter hook input priority 0; policy drop;`, and the same at \
             `forward`.",
        zh: "请在 `inet` 族的表中过滤 IP：`type filter hook input priority 0; policy drop;`，`forward` 处同理。",
    },
    examples: &[Example {
        dialect: Dialect::Nft,
        settings: "",
        bad: "\
table bridge filter {
	chain input {
		type filter hook input priority 0; policy drop;
#~^ FW607
		tcp dport 22 accept
	}
}
",
        good: "\
table inet filter {
	chain input {
		type filter hook input priority 0; policy drop;
		iifname \"lo\" accept
	}
}
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    // What is not read may filter.
    if nft_file::all(cx).any(|file| file.includes()) {
        return;
    }
    let ruleset = cx.ruleset();
    let family = |chain: crate::model::ChainId| ruleset.table_of(chain).family;
    if ruleset.base_chains().any(|(id, _, base)| filters_ip(family(id), base)) {
        return;
    }
    let drops = |(id, _, base): &(_, _, Base)| {
        base.policy == Policy::Drop && base.kind == ChainKind::Filter && !sees_ip(family(*id))
    };
    let Some((id, chain, base)) = ruleset.base_chains().find(drops) else { return };
    let (table, name) = (family(id).name(), quoted(&chain.name));
    let message = Message {
        en: format!("`{table}` chain {name} drops by default, and no chain filters IP packets"),
        zh: format!("`{table}` 链 {name} 默认丢弃，却没有任何链过滤 IP 数据包"),
    };
    let label = Message {
        en: "packets to this host do not come here".into(),
        zh: "发往本机的数据包不经过此处".into(),
    };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    let place = base.policy_place.unwrap_or(chain.place);
    findings.add(Finding::new(&LINT, place, message, label).help(help));
}

/// Whether what the host takes in or routes passes a table.
const fn sees_ip(family: TableFamily) -> bool {
    matches!(family, TableFamily::Ip | TableFamily::Ip6 | TableFamily::Inet)
}

/// Whether a base chain can keep out what arrives.
fn filters_ip(family: TableFamily, base: Base) -> bool {
    let arrives = matches!(base.hook, Hook::Prerouting | Hook::Input | Hook::Forward);
    base.kind == ChainKind::Filter && (base.hook == Hook::Ingress || (sees_ip(family) && arrives))
}
