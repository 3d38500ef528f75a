//! The ICMP of the other family: no packet is one.

use super::{Context, Edit, Example, Finding, Findings, Fix, Lint, Place, Repair};
use crate::{
    model::{Condition, Family, Field, Rule, TableFamily},
    settings::{Persona, Severity},
    source::Span,
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW307",
    name: "wrong-family-protocol",
    severity: Severity::Error,
    fix: Fix::Unsafe,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a rule asks for the ICMP of the other address family",
        zh: "规则匹配的是另一地址族的 ICMP",
    },
    why: Text {
        en: "ICMP is protocol 1 over IPv4 and protocol 58 over IPv6. Both loaders take either, and a rule for the wrong one \
             never matches: what it should accept or drop is decided elsewhere.",
        zh: "ICMP 在 IPv4 中是协议 1，在 IPv6 中是协议 58。加载器两者都接受，但写错的规则永远不会匹配：\
             本应由它放行或丢弃的数据包会由其他规则决定。",
    },
    remedy: Text {
        en: "Write `-p ipv6-icmp` in IPv6 rules and `-p icmp` in IPv4 rules.",
        zh: "IPv6 规则请写 `-p ipv6-icmp`，IPv4 规则请写 `-p icmp`。",
    },
    examples: &[
        Example {
            dialect: Dialect::Ip6tables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
-A INPUT -p icmp -j ACCEPT
#~^ FW307
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -p ipv6-icmp -j ACCEPT
COMMIT
",
        },
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
-A INPUT -p ipv6-icmp -j ACCEPT
#~^ FW307
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT
COMMIT
",
        },
        Example {
            dialect: Dialect::Nft,
            settings: "",
            bad: "\
table ip6 filter {
	chain input {
		type filter hook input priority filter; policy drop;
		meta l4proto icmp accept
#~^ FW307
	}
}
",
            good: "\
table ip6 filter {
	chain input {
		type filter hook input priority filter; policy drop;
		meta l4proto ipv6-icmp accept
	}
}
",
        },
    ],
    check,
};

const ICMP: u128 = 1;
const ICMPV6: u128 = 58;

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let ruleset = cx.ruleset();
    for rule in &ruleset.rules {
        let Some((family, span)) = foreign(cx, rule) else { continue };
        let (en, zh) = match family {
            Family::Ipv4 => (
                "ICMPv6 in a rule for IPv4 packets: it never matches",
                "仅匹配 IPv4 的规则却要求 ICMPv6，永远不会匹配",
            ),
            Family::Ipv6 => (
                "the ICMP of IPv4 in a rule for IPv6 packets: it never matches",
                "仅匹配 IPv6 的规则却要求 IPv4 的 ICMP，永远不会匹配",
            ),
        };
        let place = Place { file: rule.place.file, span };
        let label = match family {
            Family::Ipv4 => {
                Message { en: "IPv4 has `icmp`".into(), zh: "IPv4 应为 `icmp`".into() }
            }
            Family::Ipv6 => {
                Message { en: "IPv6 has `ipv6-icmp`".into(), zh: "IPv6 应为 `ipv6-icmp`".into() }
            }
        };
        let message = Message { en: format!("this is {en}"), zh: zh.into() };
        let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
        let finding = Finding::new(&LINT, place, message, label).help(help);
        let mut finding = finding.fixed_by(fix(cx, place, family));
        if has_right_one(cx, rule, family) {
            finding = finding.severity(Severity::Info);
        }
        findings.add(finding);
    }
}

/// The name of the family's own protocol, in the place of the other's.
fn fix(cx: &Context<'_>, place: Place, family: Family) -> Option<Repair> {
    let (others, own): (&[&str], _) = match family {
        Family::Ipv4 => (&["ipv6-icmp", "icmpv6", "58"], "icmp"),
        Family::Ipv6 => (&["icmp", "1"], "ipv6-icmp"),
    };
    let (before, word) = cx.text(place).rsplit_once([' ', '\t'])?;
    let asks = before.trim_ascii_end().rsplit([' ', '\t']).next()?;
    let names = ["-p", "--protocol", "--proto", "l4proto", "protocol", "nexthdr"];
    if !others.contains(&word) || !names.contains(&asks) {
        return None;
    }
    let start = place.span.end.checked_sub(u32::try_from(word.len()).ok()?)?;
    let place = Place { span: Span::new(start, place.span.end), ..place };
    let title = Message { en: format!("write `{own}`"), zh: format!("改写为 `{own}`") };
    Some(Repair::risky(title).edit(Edit::replace(place, own)))
}

/// Whether the same chain also has a rule for the ICMP of the family: then the wrong one is only idle.
fn has_right_one(cx: &Context<'_>, rule: &Rule, family: Family) -> bool {
    let ruleset = cx.ruleset();
    let right = match family {
        Family::Ipv4 => ICMP,
        Family::Ipv6 => ICMPV6,
    };
    ruleset.rules_of(rule.chain).any(|(_, other)| {
        ruleset.verdict_of(other).map(|(verdict, _)| verdict)
            == ruleset.verdict_of(rule).map(|(verdict, _)| verdict)
            && ruleset.conditions_of(other).any(|(condition, _)| match condition {
                Condition::In { field: Field::Protocol, values, negated: false } => {
                    ruleset.values(values).contains(&(right, right))
                }
                _ => false,
            })
    })
}

/// The family of a rule's packets, and the words that ask for the ICMP of the other one.
fn foreign(cx: &Context<'_>, rule: &Rule) -> Option<(Family, Span)> {
    let ruleset = cx.ruleset();
    let (protocol, span) = ruleset.conditions_of(rule).find_map(|(condition, span)| {
        let Condition::In { field: Field::Protocol, values, negated: false } = condition else {
            return None;
        };
        match ruleset.values(values) {
            [(ICMP, ICMP)] => Some((ICMP, span)),
            [(ICMPV6, ICMPV6)] => Some((ICMPV6, span)),
            _ => None,
        }
    })?;
    let asked = ruleset.conditions_of(rule).find_map(|(condition, _)| match condition {
        Condition::Family { family, negated: false } => Some(family),
        _ => None,
    });
    let family = match ruleset.table_of(rule.chain).family {
        TableFamily::Ip => Family::Ipv4,
        TableFamily::Ip6 => Family::Ipv6,
        TableFamily::Inet | TableFamily::Netdev => asked?,
        TableFamily::Bridge | TableFamily::Arp => return None,
    };
    let wrong = match family {
        Family::Ipv4 => ICMPV6,
        Family::Ipv6 => ICMP,
    };
    (protocol == wrong).then_some((family, span))
}
