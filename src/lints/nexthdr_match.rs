//! A rule looks at the first header of IPv6 packets where it means the transport.

use super::{Context, Edit, Example, Finding, Findings, Fix, Lint, Repair, nft_file};
use crate::{
    model::{Rule, TableFamily},
    settings::{Persona, Severity},
    source::Span,
    syntax::{
        Dialect,
        nft::{ExprId, ExprKind, StatementKind, fields::Header},
    },
    words::{Message, Text},
};
use std::{cell::LazyCell, collections::BTreeMap};

pub(super) static LINT: Lint = Lint {
    code: "FW505",
    name: "nexthdr-match",
    severity: Severity::Warning,
    fix: Fix::Unsafe,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a rule asks for the next header where it means the transport protocol",
        zh: "规则匹配的是“下一报头”，而非传输层协议",
    },
    why: Text {
        en: "IPv6 packets may carry extension headers in front of the transport. `ip6 nexthdr` looks at the first of them only: \
             a sender who adds one walks past the rule.",
        zh: "IPv6 数据包可在传输层报头之前携带扩展报头。`ip6 nexthdr` 只看第一个：发送者只要加一个扩展报头就能绕过该规则。",
    },
    remedy: Text {
        en: "Ask for the transport, wherever it stands: `meta l4proto tcp`.",
        zh: "请匹配传输层协议，无论其位置如何：`meta l4proto tcp`。",
    },
    examples: &[Example {
        dialect: Dialect::Nft,
        settings: "",
        bad: "\
table ip6 filter {
	chain forward {
		type filter hook forward priority filter; policy drop;
		ip6 nexthdr udp drop
#~^ FW505
	}
}
",
        good: "\
table ip6 filter {
	chain forward {
		type filter hook forward priority filter; policy drop;
		meta l4proto udp drop
	}
}
",
    }],
    check,
};

/// Protocols of the link and of routers, whose packets have no extension headers in practice: ICMP, OSPF, PIM, VRRP,
/// IGMP, EIGRP.
const PLAIN: [&str; 14] = [
    "icmpv6",
    "ipv6-icmp",
    "58",
    "ospf",
    "ospfigp",
    "89",
    "pim",
    "103",
    "vrrp",
    "112",
    "igmp",
    "2",
    "eigrp",
    "88",
];

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for file in nft_file::all(cx) {
        let rules = LazyCell::new(|| rules(cx, file.index));
        for statement in &file.tree.statements {
            let (left, right) = match statement.kind {
                StatementKind::Match { left, right, .. } => (left, Some(right)),
                StatementKind::Vmap { key, .. } => (key, None),
                _ => continue,
            };
            if !is_next_header(&file, left) {
                continue;
            }
            let values = right.map(|it| file.constants(it)).unwrap_or_default();
            let plain =
                !values.is_empty() && names_of(&file, &values).all(|it| PLAIN.contains(&it));
            let span = file.tree.expr(left).span;
            // What is only marked or counted is no hole and no outage.
            let decides = around(&rules, span).is_none_or(|it| it.decides);
            let severity = if plain || !decides { Severity::Info } else { LINT.severity };
            let message = Message {
                en: "`ip6 nexthdr` misses packets with extension headers".into(),
                zh: "`ip6 nexthdr` 会漏掉带扩展报头的数据包".into(),
            };
            let label = Message {
                en: "looks at the first header only".into(),
                zh: "只检查第一个报头".into(),
            };
            let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
            let place = file.place(span);
            let finding = Finding::new(&LINT, place, message, label).severity(severity).help(help);
            let extension = names_of(&file, &values).any(|it| EXTENSIONS.contains(&it));
            let fix = fix(&rules, &file, left).filter(|_| !extension && !values.is_empty());
            findings.add(finding.fixed_by(fix));
        }
    }
}

/// Headers in front of the transport, and none at all: only the next header tells of them.
const EXTENSIONS: [&str; 14] = [
    "hopopt",
    "0",
    "ipv6-route",
    "43",
    "ipv6-frag",
    "44",
    "ah",
    "51",
    "ipv6-nonxt",
    "59",
    "ipv6-opts",
    "60",
    "mobility-header",
    "135",
];

fn names_of<'f>(
    file: &nft_file::NftFile<'f>,
    values: &[ExprId],
) -> impl Iterator<Item = &'f str> + use<'f> {
    let names: Vec<_> = values.iter().map(|it| file.text(file.tree.expr(*it).span)).collect();
    names.into_iter()
}

/// A rule of a file: where it ends, what its table sees, and whether it gives a verdict.
struct Around {
    end: u32,
    family: TableFamily,
    decides: bool,
}

/// The rules of a file, by where they start.
type Rules = BTreeMap<u32, Around>;

fn rules(cx: &Context<'_>, file: u32) -> Rules {
    let ruleset = cx.ruleset();
    let rules = ruleset.rules.iter().filter(|it| it.place.file == file);
    let around = |it: &Rule| Around {
        end: it.place.span.end,
        family: ruleset.table_of(it.chain).family,
        decides: ruleset.verdict_of(it).is_some(),
    };
    rules.map(|it| (it.place.span.start, around(it))).collect()
}

/// The rule that something is written in.
fn around(rules: &Rules, span: Span) -> Option<&Around> {
    let (_, rule) = rules.range(..=span.start).next_back()?;
    (span.end <= rule.end).then_some(rule)
}

/// The transport in the place of the next header; a rule that sees IPv4 too asks for IPv6 besides.
fn fix(rules: &Rules, file: &nft_file::NftFile<'_>, left: ExprId) -> Option<Repair> {
    let expression = file.tree.expr(left);
    if !matches!(expression.kind, ExprKind::Payload(_)) {
        return None;
    }
    let place = file.place(expression.span);
    let text = match around(rules, place.span)?.family {
        TableFamily::Ip6 => "meta l4proto",
        TableFamily::Inet => "meta nfproto ipv6 meta l4proto",
        _ => return None,
    };
    let title = Message { en: format!("write `{text}`"), zh: format!("改写为 `{text}`") };
    Some(Repair::risky(title).edit(Edit::replace(place, text)))
}

/// Whether an expression is the next header of IPv6, alone or among others.
fn is_next_header(file: &nft_file::NftFile<'_>, id: ExprId) -> bool {
    match &file.tree.expr(id).kind {
        ExprKind::Payload(field) => field.header == Header::Ip6 && field.name == "nexthdr",
        ExprKind::Concat(parts) => {
            file.tree.parts(*parts).iter().any(|part| is_next_header(file, *part))
        }
        _ => false,
    }
}
