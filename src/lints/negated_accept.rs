//! "Not from there" with an accept: everybody else gets in.

use super::{Context, Example, Finding, Findings, Fix, Label, Lint, Place, quote::quoted, service};
use crate::{
    analysis::{Decider, Path},
    model::{Condition, Field, OpaqueKind, RuleId, Subject},
    settings::{Persona, Severity},
    source::Span,
    syntax::Dialect,
    words::{Message, Text},
};
use std::collections::BTreeSet;

pub(super) static LINT: Lint = Lint {
    code: "FW305",
    name: "negated-accept",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a rule accepts everybody but a few, at every port",
        zh: "规则放行了除少数来源之外的所有来源与端口",
    },
    why: Text {
        en: "Who wants to keep somebody out writes a rule that drops. `! -s X -j ACCEPT` drops nobody: it lets in all others, \
             to whatever listens, and leaves X to the rules below.",
        zh: "想拒绝某个来源，应写一条丢弃规则。`! -s X -j ACCEPT` 并不丢弃任何数据包：它让其余来源访问所有端口，\
             而 X 则交由后面的规则处理。",
    },
    remedy: Text {
        en: "Drop the few (`-s X -j DROP`), and accept by port what the others may reach.",
        zh: "请丢弃该来源（`-s X -j DROP`），并按端口放行其他来源可访问的服务。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
-A INPUT ! -s 10.0.0.0/8 -j ACCEPT
#~^ FW120 FW305
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -s 10.0.0.0/8 -j DROP
-A INPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT
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
		ip saddr != 10.0.0.0/8 accept
#~^ FW120 FW305
	}
}
",
            good: "\
table ip filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr 10.0.0.0/8 drop
		icmp type echo-request accept
	}
}
",
        },
    ],
    check,
};

/// A rule for so many ports is about services.
const SERVICES: u128 = 1024;

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let mut seen: BTreeSet<RuleId> = BTreeSet::new();
    for family in &cx.analysis.families {
        let space = &family.space;
        for exposure in family.exposures.iter().filter(|it| it.path != Path::Fragment) {
            let Decider::Rule(rule) = exposure.decider else { continue };
            let Some(span) = negation(cx, rule) else { continue };
            let slices: Vec<usize> = (0..exposure.slices.len()).collect();
            let Some(reach) = family.reach(exposure, &slices) else { continue };
            let is_wide = exposure.slices.iter().any(|slice| {
                let protocols = slice.sent(Field::Protocol);
                let has_ports = [6, 17].into_iter().any(|it| space.store.contains(protocols, it));
                let ports = space.size(Field::DestinationPort, slice.sent(Field::DestinationPort));
                has_ports && ports > SERVICES
            });
            if !reach.class.is_world() || !is_wide || !seen.insert(rule) {
                continue;
            }
            let place = Place { file: cx.ruleset().rule(rule).place.file, span };
            let message = Message {
                en: format!(
                    "{} with an accept opens every port to everybody else",
                    quoted(cx.text(place))
                ),
                zh: format!("{} 配合放行，等于对其余所有来源开放全部端口", quoted(cx.text(place))),
            };
            let label =
                Message { en: "all but these".into(), zh: "除此之外的所有来源".into() };
            let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
            let mut finding = Finding::new(&LINT, place, message, label).help(help);
            if let Some((_, span)) = cx.ruleset().verdict_of(cx.ruleset().rule(rule)) {
                let text = Message { en: "are let in".into(), zh: "全部放行".into() };
                finding.labels.push(Label { place: Place { span, ..place }, text });
            }
            finding.confidence = service::reach_confidence(&reach, exposure);
            finding.source_class = Some(reach.class.name());
            finding.witness = family.witness(exposure, &reach, 6, Some(22));
            findings.add(finding);
        }
    }
}

/// The words of a rule that leave out some sources, where nothing of it asks for a port.
fn negation(cx: &Context<'_>, rule: RuleId) -> Option<Span> {
    let ruleset = cx.ruleset();
    let rule = ruleset.rule(rule);
    let is_port = |condition: Condition| {
        matches!(
            condition,
            Condition::In { field: Field::DestinationPort | Field::OriginalDestinationPort, .. }
        )
    };
    if ruleset.conditions_within(rule).any(is_port) {
        return None;
    }
    ruleset.conditions_of(rule).find_map(|(condition, span)| {
        let leaves_out = match condition {
            Condition::In { field: Field::Source, negated, .. }
            | Condition::Masked { field: Field::Source, negated, .. } => negated,
            Condition::Opaque { opaque, negated } => {
                let opaque = &ruleset.opaques[opaque.0 as usize];
                negated
                    && opaque.kind == OpaqueKind::Fixed
                    && matches!(opaque.subject, Subject::Set(_))
                    && opaque.text.contains("src")
            }
            _ => false,
        };
        leaves_out.then_some(span)
    })
}
