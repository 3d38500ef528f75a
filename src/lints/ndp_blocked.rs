//! IPv6 neighbours cannot find this host, or routers cannot tell it that its packets are too big.

use super::{Context, Edit, Example, Findings, Fix, Lint, Repair, decider};
use crate::{
    model::{ChainId, ChainKind, Condition, Family, Hook, Ruleset, TableFamily},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW504",
    name: "ndp-blocked",
    severity: Severity::Error,
    fix: Fix::Unsafe,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "messages that IPv6 cannot do without are dropped",
        zh: "丢弃了 IPv6 必需的 ICMPv6 消息",
    },
    why: Text {
        en: "What ARP does for IPv4, ICMPv6 types 135 and 136 do for IPv6, and only type 2 says that a packet is too big. \
             Connection tracking knows nothing of neighbours: `established,related` does not let these in.",
        zh: "ARP 在 IPv4 中的作用，在 IPv6 中由 ICMPv6 类型 135 和 136 承担；数据包过大也只有类型 2 能告知。\
             连接跟踪不识别邻居发现：`established,related` 不会放行它们。",
    },
    remedy: Text {
        en: "Accept ICMPv6, at least types 2 and 133 to 136: `-p ipv6-icmp -j ACCEPT`, in nftables \
             `meta l4proto ipv6-icmp accept`.",
        zh: "请放行 ICMPv6，至少放行类型 2 和 133 至 136：`-p ipv6-icmp -j ACCEPT`，nftables 为 \
             `meta l4proto ipv6-icmp accept`。",
    },
    examples: &[
        Example {
            dialect: Dialect::Ip6tables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
#~^ FW504
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
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
-A INPUT -p ipv6-icmp -j ACCEPT
COMMIT
",
        },
        Example {
            dialect: Dialect::Nft,
            settings: "",
            bad: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
#~^ FW504
		iifname \"lo\" accept
		ct state established,related accept
	}
}
",
            good: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		iifname \"lo\" accept
		ct state established,related accept
		icmpv6 type { nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept
	}
}
",
        },
    ],
    check,
};

const SOLICITATION: u8 = 135;
const ADVERTISEMENT: u8 = 136;

fn check(cx: &Context<'_>, findings: &mut Findings) {
    if cx.analysis.is_fragment() {
        return;
    }
    let ipv6 = cx.analysis.families.iter().filter(|it| it.space.family == Family::Ipv6);
    for family in ipv6.filter(|family| cx.analysis.has_rules(family, Hook::Input)) {
        let kinds = [SOLICITATION, ADVERTISEMENT];
        let neighbours = kinds.map(|kind| cx.analysis.stopped_neighbour(family, kind));
        let found = [
            (
                &neighbours[0],
                "neighbour solicitations (ICMPv6 type 135)",
                "邻居请求（ICMPv6 类型 135）",
            ),
            (
                &neighbours[1],
                "neighbour advertisements (ICMPv6 type 136)",
                "邻居通告（ICMPv6 类型 136）",
            ),
            (
                &cx.analysis.stopped_too_big(family),
                "messages that a packet is too big (ICMPv6 type 2)",
                "数据包过大消息（ICMPv6 类型 2）",
            ),
        ];
        let stopped: Vec<_> = found.iter().filter(|(it, ..)| it.is_some()).collect();
        let Some(first) = stopped.first().and_then(|(it, ..)| it.as_ref()) else { continue };
        // A host that does not speak IPv6 needs none of this.
        if !cx.analysis.is_spoken(family) {
            continue;
        }
        let en: Vec<String> = stopped.iter().map(|(_, en, _)| (*en).to_owned()).collect();
        let zh: Vec<&str> = stopped.iter().map(|(.., zh)| *zh).collect();
        let message = Message {
            en: format!("{} are dropped", super::phrases::listed(&en).en),
            zh: format!("{}会被丢弃", zh.join("、")),
        };
        let Some((chain, finding)) = decider::stopped(cx, &LINT, first, message) else { continue };
        let mut finding = finding.fixed_by(fix(cx, chain));
        // Nothing is let in over IPv6 but replies, and not a word is about it: it may not be in use.
        if family.exposures.is_empty() && !speaks_of_it(cx.ruleset()) {
            finding.severity = Severity::Info;
            finding.help.push(Message {
                en: "No rule speaks of IPv6; a host that does not use it loses nothing.".into(),
                zh: "没有规则提及 IPv6；不使用 IPv6 的主机不受影响。".into(),
            });
        } else if !cx.analysis.accepts_new(family) {
            finding.severity = Severity::Warning;
            finding.help.push(Message {
                en: "No rule lets anybody in over IPv6; a host that means to stay alone loses nothing.".into(),
                zh: "没有规则放行来自外部的 IPv6 新连接；有意与外界隔绝的主机不受影响。".into(),
            });
        }
        findings.add(finding);
    }
}

/// Whether rules are about IPv6 alone.
fn speaks_of_it(ruleset: &Ruleset) -> bool {
    let of_ipv6 =
        |condition| matches!(condition, Condition::Family { family: Family::Ipv6, negated: false });
    ruleset.rules.iter().any(|rule| {
        ruleset.table_of(rule.chain).family == TableFamily::Ip6
            || ruleset.conditions_of(rule).any(|(condition, _)| of_ipv6(condition))
    })
}

/// The messages of neighbours and routers, and that a packet is too big, are accepted first of all.
fn fix(cx: &Context<'_>, chain: ChainId) -> Option<Repair> {
    let kind = cx.ruleset().chain(chain).base?.kind;
    let edit = Edit::first_of(
        cx,
        chain,
        &[
            "-p ipv6-icmp -m icmp6 --icmpv6-type 2 -j ACCEPT",
            "-p ipv6-icmp -m icmp6 --icmpv6-type 133 -j ACCEPT",
            "-p ipv6-icmp -m icmp6 --icmpv6-type 134 -j ACCEPT",
            "-p ipv6-icmp -m icmp6 --icmpv6-type 135 -j ACCEPT",
            "-p ipv6-icmp -m icmp6 --icmpv6-type 136 -j ACCEPT",
        ],
        "icmpv6 type { packet-too-big, nd-router-solicit, nd-router-advert, nd-neighbor-solicit, \
         nd-neighbor-advert } accept",
    )?;
    let title = Message {
        en: "accept ICMPv6 types 2 and 133 to 136 first".into(),
        zh: "首先放行 ICMPv6 类型 2 和 133 至 136".into(),
    };
    (kind == ChainKind::Filter).then(|| Repair::risky(title).edit(edit))
}
