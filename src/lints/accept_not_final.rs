//! An accept that a later base chain undoes.

use super::{Context, Example, Finding, Findings, Fix, Label, Lint, Place, dead, nft_file};
use crate::{
    analysis::Undone,
    model::{Condition, Family, Field, Rule, RuleId, Ruleset, Verdict},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW602",
    name: "accept-not-final",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a base chain called later drops what a rule accepts",
        zh: "规则放行的数据包会被稍后执行的基本链丢弃",
    },
    why: Text {
        en: "`accept` ends the base chain that it stands in, and no other: a packet passes a hook only if every base chain there lets it on, in whatever table. A `drop` is final.",
        zh: "`accept` 只结束它所在的基本链：同一钩子上的所有基本链（无论属于哪个表）都放行，数据包才能通过；而 `drop` 是最终的。",
    },
    remedy: Text {
        en: "Accept it in the later chain, too, or filter in one base chain only.",
        zh: "请在后面的链中同样放行，或只用一条基本链过滤。",
    },
    examples: &[Example {
        dialect: Dialect::Nft,
        settings: "",
        bad: "\
table inet early {
	chain input {
		type filter hook input priority filter - 10; policy accept;
		ip saddr 192.0.2.0/24 meta l4proto icmp accept
#~^ FW602
	}
}
table inet late {
	chain input {
		type filter hook input priority filter; policy drop;
		ct state established,related accept
		meta l4proto ipv6-icmp accept
	}
}
",
        good: "\
table inet early {
	chain input {
		type filter hook input priority filter - 10; policy accept;
		ip saddr 192.0.2.0/24 meta l4proto icmp accept
	}
}
table inet late {
	chain input {
		type filter hook input priority filter; policy drop;
		ct state established,related accept
		meta l4proto ipv6-icmp accept
		ip saddr 192.0.2.0/24 meta l4proto icmp accept
	}
}
",
    }],
    check,
};

/// The most rules that are shown.
const SHOWN: usize = 3;

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let ruleset = cx.ruleset();
    let files: Vec<u32> = nft_file::all(cx).map(|file| file.index).collect();
    let accepts = ruleset.rules.iter().zip(0..).filter(|(rule, id)| {
        files.contains(&rule.place.file)
            && matches!(ruleset.verdict_of(rule), Some((Verdict::Accept, _)))
            && names_something(ruleset, rule)
            && !dead::is_managed(cx, RuleId(*id))
    });
    let accepts: Vec<RuleId> = accepts.map(|(_, id)| RuleId(id)).collect();
    if accepts.is_empty() {
        return;
    }
    for it in cx.analysis.undone(&accepts) {
        findings.0.extend(finding(cx, &it));
    }
}

/// Whether a rule names a port or an address.
fn names_something(ruleset: &Ruleset, rule: &Rule) -> bool {
    const NAMES: [Field; 4] =
        [Field::Source, Field::Destination, Field::SourcePort, Field::DestinationPort];
    ruleset.conditions_within(rule).any(|condition| match condition {
        Condition::In { field, negated: false, .. }
        | Condition::Masked { field, negated: false, .. } => NAMES.contains(&field),
        _ => false,
    })
}

fn finding(cx: &Context<'_>, it: &Undone) -> Option<Finding> {
    let ruleset = cx.ruleset();
    let rule = ruleset.rule(it.rule);
    let (_, span) = ruleset.verdict_of(rule)?;
    let later = nft_file::chain_name(cx, it.later);
    let (by, more) = it.by.split_at(it.by.len().min(SHOWN));
    let lines = dead::lines(cx, by, more.len());
    let over = it.family.map(Family::name);
    let what = Message {
        en: over.map_or_else(|| "it".to_owned(), |family| format!("it over {family}")),
        zh: over.map_or_else(String::new, |family| format!(" {family} ")),
    };
    let message = if by.is_empty() {
        Message {
            en: format!(
                "this accept is not final: {later} is called later and its policy drops {}",
                what.en
            ),
            zh: format!(
                "此处的放行并非最终裁决：{later} 稍后执行，其默认策略会丢弃这些{}数据包",
                what.zh
            ),
        }
    } else {
        Message {
            en: format!(
                "this accept is not final: {later} is called later and drops {}, at {}{}",
                what.en,
                lines.en,
                if it.policy { " and by its policy" } else { "" }
            ),
            zh: format!(
                "此处的放行并非最终裁决：{later} 稍后执行，{}{}会丢弃这些{}数据包",
                lines.zh,
                if it.policy { "与默认策略" } else { "" },
                what.zh
            ),
        }
    };
    let label =
        Message { en: "ends this base chain only".into(), zh: "只结束本基本链".into() };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    let place = Place { file: rule.place.file, span };
    let mut finding = Finding::new(&LINT, place, message, label);
    finding.labels.extend(by.iter().map(|rule| Label {
        place: ruleset.rule(*rule).place,
        text: Message { en: "drops it".into(), zh: "在此丢弃".into() },
    }));
    let policy = ruleset.chain(it.later).base.and_then(|base| base.policy_place);
    finding.labels.extend(policy.filter(|_| it.policy).map(|place| Label {
        place,
        text: Message {
            en: "drops what no rule accepts".into(),
            zh: "丢弃未被放行的数据包".into(),
        },
    }));
    finding.witness.clone_from(&it.witness);
    if it.rests_on_set {
        dead::rest_on_set(&mut finding);
    }
    Some(finding.help(help))
}
