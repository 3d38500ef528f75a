//! Limits on the rate of packets, as lints look for them.

use super::Context;
use crate::{
    model::{Condition, OpaqueId, OpaqueKind, RuleId, Subject},
    source::Span,
};

/// The limit of a rule that holds while a rate is kept.
pub(super) fn kept(cx: &Context<'_>, rule: RuleId) -> Option<(OpaqueId, Span)> {
    let ruleset = cx.ruleset();
    ruleset.conditions_of(ruleset.rule(rule)).find_map(|(condition, span)| {
        let Condition::Opaque { opaque, negated: false } = condition else { return None };
        let it = &ruleset.opaques[opaque.0 as usize];
        let Subject::Match(name) = &it.subject else { return None };
        let is_kept = match name.as_str() {
            "limit" => true,
            "hashlimit" => !it.text.contains("hashlimit-above"),
            "limit rate" => !it.text.split_whitespace().any(|word| word == "over"),
            _ => false,
        };
        (is_kept && it.kind == OpaqueKind::Timing).then_some((opaque, span))
    })
}
