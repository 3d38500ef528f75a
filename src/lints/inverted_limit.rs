//! A rate limit on a drop: what comes too fast is what passes.

use super::{Context, Example, Finding, Findings, Fix, Lint, Place, quote::quoted, rate};
use crate::{
    analysis::{
        FamilyAnalysis,
        trace::{self, Dependence},
    },
    model::{OpaqueId, RuleId, Verdict},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW306",
    name: "inverted-limit",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a rate limit drops a few packets and lets the flood pass",
        zh: "限速规则丢弃了少量数据包，却放过了洪水",
    },
    why: Text {
        en: "A limit matches as long as the rate is kept. With a drop it stops the first packets of each second, the ones \
             that were meant to pass, and everything above the rate goes on to the rules below.",
        zh: "限速条件只在速率未超限时匹配。与丢弃搭配时，被丢弃的是每秒最先到达、本应放行的数据包，\
             超出速率的部分反而继续向下匹配。",
    },
    remedy: Text {
        en: "Accept within the limit and drop after it: `-m limit --limit 5/s -j ACCEPT`, then `-j DROP`; in nftables \
             `limit rate over 5/second drop`.",
        zh: "请在限额内放行，随后丢弃：先 `-m limit --limit 5/s -j ACCEPT`，再 `-j DROP`；nftables 可写 \
             `limit rate over 5/second drop`。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
-A INPUT -p icmp -m icmp --icmp-type 8 -m limit --limit 5/sec -j DROP
#~^ FW306
-A INPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -p icmp -m icmp --icmp-type 8 -m limit --limit 5/sec -j ACCEPT
-A INPUT -p icmp -m icmp --icmp-type 8 -j DROP
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
		icmp type echo-request limit rate 5/second drop
#~^ FW306
		icmp type echo-request accept
	}
}
",
            good: "\
table ip filter {
	chain input {
		type filter hook input priority filter; policy drop;
		icmp type echo-request limit rate over 5/second drop
		icmp type echo-request accept
	}
}
",
        },
    ],
    check,
};

/// More rules than this are not asked about.
const MOST_ASKED: usize = 64;

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let ruleset = cx.ruleset();
    let candidates = ruleset.rules.iter().zip(0..).filter_map(|(rule, id)| {
        let (verdict, _) = ruleset.verdict_of(rule)?;
        let stops = matches!(verdict, Verdict::Drop | Verdict::Reject);
        Some((RuleId(id), rate::kept(cx, RuleId(id)).filter(|_| stops)?))
    });
    for (rule, (opaque, span)) in candidates.take(MOST_ASKED) {
        let passes = |family: &FamilyAnalysis<'_>| flood(cx, family, rule, opaque);
        let Some(witness) = cx.analysis.families.iter().find_map(passes) else { continue };
        let place = Place { file: ruleset.rule(rule).place.file, span };
        let message = Message {
            en: format!(
                "{} with a drop lets everything above the rate pass",
                quoted(cx.text(place))
            ),
            zh: format!("{} 配合丢弃，超出速率的数据包反而会通过", quoted(cx.text(place))),
        };
        let label = Message {
            en: "matches while the rate is kept".into(),
            zh: "仅在未超速时匹配".into(),
        };
        let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
        let mut finding = Finding::new(&LINT, place, message, label).help(help);
        finding.witness = Some(witness);
        findings.add(finding);
    }
}

/// A packet of the rule that passes where the limit is exceeded, and only then.
fn flood(
    cx: &Context<'_>,
    family: &FamilyAnalysis<'_>,
    rule: RuleId,
    limit: OpaqueId,
) -> Option<String> {
    let packet = cx.analysis.sample(family, rule, &[])?;
    let trace = cx.analysis.trace(&packet);
    let subject = &cx.ruleset().opaques[limit.0 as usize].subject;
    let depends = trace.depends_on.contains(&Dependence::Subject(subject.clone()));
    let passes = trace.ends.contains(&trace::Verdict::Accept);
    (depends && passes).then(|| packet.to_string())
}
