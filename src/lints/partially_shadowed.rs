//! A rule of which only a part applies.

use super::{Context, Example, Finding, Findings, Fix, Label, Lint, Place, dead};
use crate::{
    analysis::{Left, PartialRule},
    model::{Condition, Field, RuleId, Verdict, display_ranges},
    settings::{Persona, Severity},
    source::Span,
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW210",
    name: "partially-shadowed",
    severity: Severity::Info,
    fix: Fix::None,
    persona: Persona::Audit,
    since: "0.1.0",
    summary: Text {
        en: "earlier rules decide otherwise about some of the ports or addresses that a rule names",
        zh: "规则所写的部分端口或地址已由前面的规则作出不同裁决",
    },
    why: Text {
        en: "What the rule says of those values holds for no packet that opens a connection. That may be an exception on purpose, or a rule that stands too far down.",
        zh: "对这些取值而言，规则不会对任何新建连接的数据包生效。这可能是有意的例外，也可能是规则的位置过于靠后。",
    },
    remedy: Text {
        en: "Compare what is left with what was meant; narrow the rule to it, or move it up.",
        zh: "请核对实际生效的范围是否符合本意：收窄规则，或将其上移。",
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
-A INPUT -s 192.0.2.0/26 -p icmp -j DROP
-A INPUT -s 192.0.2.0/24 -p icmp -j ACCEPT
#~^ FW210
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 192.0.2.0/26 -p sctp -j DROP
-A INPUT -s 192.0.2.0/24 -p icmp -j ACCEPT
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
		ip saddr 192.0.2.0/26 meta l4proto icmp drop
		ip saddr 192.0.2.0/24 meta l4proto icmp accept
#~^ FW210
	}
}
",
            good: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr 192.0.2.0/26 meta l4proto sctp drop
		ip saddr 192.0.2.0/24 meta l4proto icmp accept
	}
}
",
        },
    ],
    check,
};

/// The most ranges that are shown.
const SHOWN: usize = 6;

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let ruleset = cx.ruleset();
    let rules = ruleset.rules.iter().zip(0..).filter(|(rule, id)| {
        let verdict = ruleset.verdict_of(rule).map(|it| it.0);
        matches!(verdict, Some(Verdict::Accept | Verdict::Drop | Verdict::Reject))
            && !dead::is_managed(cx, RuleId(*id))
    });
    let rules: Vec<RuleId> = rules.map(|(_, id)| RuleId(id)).collect();
    for it in cx.analysis.partial(&rules) {
        findings.add(finding(cx, &it));
    }
}

fn finding(cx: &Context<'_>, it: &PartialRule) -> Finding {
    let rule = cx.ruleset().rule(it.rule);
    let lines = dead::lines(cx, &it.by, it.more);
    let one = it.by.len() + it.more == 1;
    let (decides, decide) = ("decides otherwise about", "decide otherwise about");
    let verb = if one { decides } else { decide };
    let message = if it.left.is_empty() {
        Message {
            en: format!(
                "applies to no packet that opens a connection: {} {verb} all of them first",
                lines.en
            ),
            zh: format!("对新建连接的数据包均不生效：{}已先对它们作出不同裁决", lines.zh),
        }
    } else {
        let left: Vec<Message> = it.left.iter().map(values).collect();
        let en: Vec<&str> = left.iter().map(|it| it.en.as_str()).collect();
        let zh: Vec<&str> = left.iter().map(|it| it.zh.as_str()).collect();
        Message {
            en: format!("only applies to {}: {} {verb} the rest first", en.join(" and "), lines.en),
            zh: format!("仅对{}生效：其余部分已先由{}作出不同裁决", zh.join("及"), lines.zh),
        }
    };
    let span = it.left.first().and_then(|left| words(cx, it.rule, left.field));
    let place = span.map_or(rule.place, |span| Place { file: rule.place.file, span });
    let label = Message { en: "not all of this applies".into(), zh: "并非全部生效".into() };
    let mut finding = Finding::new(&LINT, place, message, label);
    finding.labels.extend(it.by.iter().map(|rule| Label {
        place: cx.ruleset().rule(*rule).place,
        text: Message {
            en: "takes some of its packets first".into(),
            zh: "已先处理它的部分数据包".into(),
        },
    }));
    finding.witness.clone_from(&it.witness);
    if it.rests_on_set {
        dead::rest_on_set(&mut finding);
    }
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    finding.help(help)
}

/// The words of a rule that name values of a field.
fn words(cx: &Context<'_>, rule: RuleId, wanted: Field) -> Option<Span> {
    let mut conditions = cx.ruleset().conditions_of(cx.ruleset().rule(rule));
    conditions.find_map(|(condition, span)| match condition {
        Condition::In { field, negated: false, .. } if field == wanted => Some(span),
        _ => None,
    })
}

/// What is left, in a sentence.
fn values(left: &Left) -> Message {
    let but = left.lost.as_slice().len() < left.values.as_slice().len();
    let ranges = if but { left.lost.as_slice() } else { left.values.as_slice() };
    let shown = &ranges[..ranges.len().min(SHOWN)];
    let mut names: Vec<String> = match left.field {
        Field::Source | Field::Destination => display_ranges(left.family, shown),
        _ => {
            let port = |(low, high): &(u128, u128)| {
                if low == high { low.to_string() } else { format!("{low}-{high}") }
            };
            shown.iter().map(port).collect()
        }
    };
    if ranges.len() > SHOWN {
        names.push("…".to_owned());
    }
    let (en, zh) = match left.field {
        Field::Source => ("sources", "源地址"),
        Field::Destination => ("destinations", "目的地址"),
        Field::SourcePort => ("source ports", "源端口"),
        _ => ("destination ports", "目的端口"),
    };
    let (listed, chinese) = (names.join(", "), names.join("、"));
    if but {
        Message {
            en: format!("{en} other than {listed}"), zh: format!("{zh}（{chinese} 除外）")
        }
    } else {
        Message { en: format!("{en} {listed}"), zh: format!("{zh} {chinese} ") }
    }
}

#[cfg(test)]
mod tests {
    use super::Left;
    use crate::{
        model::{Family, Field},
        packets::Ranges,
    };

    #[test]
    fn the_shorter_of_what_is_left_and_what_is_not_is_said() {
        let said = |field, left: &[(u128, u128)], lost: &[(u128, u128)]| {
            let [values, lost] = [left, lost].map(|it| Ranges::of(it.to_vec()));
            super::values(&Left { field, family: Family::Ipv4, values, lost }).en
        };
        let port = Field::DestinationPort;
        assert_eq!(said(port, &[(22, 22)], &[(80, 443)]), "destination ports 22");
        let ports = [(22, 22), (25, 30)];
        assert_eq!(said(port, &ports, &[(80, 80)]), "destination ports other than 80");
        let sources = [(0x0a00_0000, 0x0a00_00ff)];
        assert_eq!(said(Field::Source, &sources, &sources), "sources 10.0.0.0/24");
    }
}
