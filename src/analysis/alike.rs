//! Rules in a row that differ in the values of one field only: one rule with a set of values says the same.

use super::Analysis;
use crate::model::{
    Action, Assignment, ChainId, Condition, Field, OpaqueKind, Rule, RuleId, Ruleset, Step, Verdict,
};

/// Such rules, one behind the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The first.
    pub first: RuleId,
    /// How many there are.
    pub count: u32,
    /// The field that they differ in.
    pub field: Field,
    /// Which of the steps of each rule asks for it.
    pub step: usize,
}

/// What tells whether words that the model does not interpret (how a packet is refused) are the same.
pub type SameWords<'w> = &'w dyn Fn((&Rule, &Step), (&Rule, &Step)) -> bool;

impl Analysis<'_> {
    /// The runs of at least `least` rules in `chain`, in its order.
    pub fn runs(&self, chain: ChainId, least: u32, same_words: SameWords<'_>) -> Vec<Run> {
        let ruleset = self.ruleset;
        let mut runs = Vec::new();
        let mut open: Option<Run> = None;
        let mut before: Option<&Rule> = None;
        for (id, rule) in ruleset.rules_of(chain) {
            let difference = before.and_then(|it| difference(ruleset, it, rule, same_words));
            before = Some(rule);
            match (&mut open, difference) {
                (Some(run), Some((step, field))) if (run.step, run.field) == (step, field) => {
                    run.count += 1;
                    continue;
                }
                _ => {}
            }
            runs.extend(open.take().filter(|run| run.count >= least));
            open = difference.map(|(step, field)| {
                let first = RuleId(id.0 - 1);
                Run { first, count: 2, field, step }
            });
        }
        runs.extend(open.filter(|run| run.count >= least));
        runs
    }
}

/// The one step in which two rules differ, if a set of values could stand there.
fn difference(
    ruleset: &Ruleset,
    one: &Rule,
    other: &Rule,
    same_words: SameWords<'_>,
) -> Option<(usize, Field)> {
    let (ours, theirs) = (ruleset.steps_of(one), ruleset.steps_of(other));
    if ours.len() != theirs.len() {
        return None;
    }
    let (mut found, mut acts) = (None, false);
    for (index, (a, b)) in ours.iter().zip(theirs).enumerate() {
        if let (Action::Match(a), Action::Match(b)) = (a.action, b.action) {
            if same(ruleset, a, b) {
                continue;
            }
            let field = set_of(ruleset, a).filter(|it| Some(*it) == set_of(ruleset, b))?;
            if found.replace((index, field)).is_some() {
                return None;
            }
        } else if !same_effect(a.action, b.action) || !same_words((one, a), (other, b)) {
            return None;
        } else {
            acts = true;
        }
    }
    found.filter(|_| acts)
}

fn same(ruleset: &Ruleset, a: Condition, b: Condition) -> bool {
    match (a, b) {
        (
            Condition::In { field, values, negated },
            Condition::In { field: other, values: others, negated: turned },
        )
        | (
            Condition::Masked { field, values, negated },
            Condition::Masked { field: other, values: others, negated: turned },
        ) => {
            (field, negated) == (other, turned)
                && (values == others || ruleset.values(values) == ruleset.values(others))
        }
        // A rate that each rule counts for itself is not the one that a single rule counts.
        (Condition::Opaque { opaque, .. }, _) => {
            a == b && ruleset.opaques[opaque.0 as usize].kind != OpaqueKind::Timing
        }
        _ => a == b,
    }
}

/// The field of a condition in whose place one with more values may stand.
fn set_of(ruleset: &Ruleset, condition: Condition) -> Option<Field> {
    match condition {
        Condition::In { field, negated: false, .. } => Some(field),
        Condition::Interface { field, name, negated: false } => {
            (!ruleset.interfaces[name as usize].prefix).then_some(field)
        }
        _ => None,
    }
}

/// Whether two steps do the same to packets that are told apart by nothing else, without leaving a trace of each.
fn same_effect(a: Action, b: Action) -> bool {
    let plain = match a {
        Action::Verdict(verdict) => matches!(
            verdict,
            Verdict::Accept
                | Verdict::Drop
                | Verdict::Reject
                | Verdict::Return
                | Verdict::Jump(_)
                | Verdict::Goto(_)
        ),
        Action::Assign(assignment) => assignment != Assignment::Other,
        Action::Match(_) | Action::Note | Action::Log(_) => false,
    };
    plain && a == b
}
