//! A list of who is kept out holds IPv4 addresses only.

use super::{Context, Example, Finding, Findings, Fix, Lint, Place, quote::quoted};
use crate::{
    model::{Condition, Family, Field, Rule, TableFamily, Verdict},
    settings::{Persona, Severity},
    source::Span,
    syntax::Dialect,
    words::{Message, Text},
};
use std::collections::BTreeSet;

pub(super) static LINT: Lint = Lint {
    code: "FW506",
    name: "v4-only-blocklist",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a blocklist has no twin for IPv6", zh: "黑名单没有对应的 IPv6 列表"
    },
    why: Text {
        en: "Who is kept out over IPv4 comes back over IPv6, where nobody is on a list.",
        zh: "在 IPv4 上被拦截的来访者，可以改用没有任何黑名单的 IPv6 再来。",
    },
    remedy: Text {
        en: "Keep a second set of type `ipv6_addr`, and drop `ip6 saddr` in it too.",
        zh: "请另设一个 `ipv6_addr` 类型的集合，并同样丢弃其中的 `ip6 saddr`。",
    },
    examples: &[Example {
        dialect: Dialect::Nft,
        settings: "",
        bad: "\
table inet filter {
	set bad {
		type ipv4_addr
		flags dynamic,timeout
	}
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr @bad drop
#~^ FW506
		ct state established,related accept
	}
}
",
        good: "\
table inet filter {
	set bad {
		type ipv4_addr
		flags dynamic,timeout
	}
	set bad6 {
		type ipv6_addr
		flags dynamic,timeout
	}
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr @bad drop
		ip6 saddr @bad6 drop
		ct state established,related accept
	}
}
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let of = |wanted| cx.analysis.families.iter().find(|it| it.space.family == wanted);
    let (Some(_), Some(ipv6)) = (of(Family::Ipv4), of(Family::Ipv6)) else { return };
    let ruleset = cx.ruleset();
    let listed = |wanted| {
        let rules = ruleset.rules.iter();
        rules.filter_map(move |rule| Some((rule, blocked(cx, rule, wanted)?)))
    };
    let lists: Vec<(&Rule, Span)> = listed(Family::Ipv4).collect();
    if lists.is_empty() || listed(Family::Ipv6).next().is_some() || !cx.analysis.is_spoken(ipv6) {
        return;
    }
    let mut said = BTreeSet::new();
    for (rule, span) in lists {
        let place = Place { file: rule.place.file, span };
        let after = cx.text(place).rsplit('@').next().unwrap_or_default();
        let is_name = |it: char| it.is_alphanumeric() || matches!(it, '_' | '-' | '.' | '/');
        let set = after.split(|it| !is_name(it)).next().unwrap_or_default();
        if !said.insert(set) {
            continue;
        }
        let message = Message {
            en: format!("{} keeps out IPv4 addresses, and no list keeps out IPv6", quoted(set)),
            zh: format!("{} 只拦截 IPv4 地址，没有列表拦截 IPv6", quoted(set)),
        };
        let label = Message { en: "of IPv4 only".into(), zh: "仅限 IPv4".into() };
        let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
        findings.add(Finding::new(&LINT, place, message, label).help(help));
    }
}

/// The words by which a rule drops whoever of the family is in a named set, addresses of the internet among them as far as
/// the text tells.
fn blocked(cx: &Context<'_>, rule: &Rule, family: Family) -> Option<Span> {
    let ruleset = cx.ruleset();
    let drops = matches!(ruleset.verdict_of(rule)?.0, Verdict::Drop | Verdict::Reject);
    let table = ruleset.table_of(rule.chain).family;
    let asks = ruleset.conditions_of(rule).any(|(condition, _)| {
        matches!(condition, Condition::Family { family: it, negated: false } if it == family)
    });
    let of_family = match table {
        TableFamily::Ip => family == Family::Ipv4,
        TableFamily::Ip6 => family == Family::Ipv6,
        TableFamily::Inet | TableFamily::Netdev => asks,
        TableFamily::Bridge | TableFamily::Arp => false,
    };
    if !drops || !of_family {
        return None;
    }
    let analysis = cx.analysis.families.iter().find(|it| it.space.family == family)?;
    let global = analysis.space.ranges(Field::Source, analysis.space.global());
    let known = ruleset.conditions_within(rule).filter_map(|condition| match condition {
        Condition::In { field: Field::Source, values, .. } => Some(ruleset.values(values)),
        _ => None,
    });
    let known: Vec<(u128, u128)> = known.flatten().copied().collect();
    let strangers = crate::packets::Ranges::of(known.clone()).intersect(&global);
    // A list of addresses that nobody on the internet has is about something else.
    if !known.is_empty() && strangers.is_empty() {
        return None;
    }
    ruleset.conditions_of(rule).map(|(_, span)| span).find(|span| {
        let text = cx.text(Place { file: rule.place.file, span: *span });
        text.contains("saddr") && text.contains('@') && !text.contains("!=")
    })
}
