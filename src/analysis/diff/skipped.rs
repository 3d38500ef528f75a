use super::{Decision, Difference, Pair, Side, compare, standing::State};
use crate::{
    analysis::Analysis,
    model::{Action, RuleId, Ruleset, Verdict},
    packets::Packet,
};

/// So many times rule sets are compared for one question.
const MOST_COMPARED: usize = 24;

/// A goto but for which packets would fare otherwise.
#[derive(Debug)]
pub struct Skipping {
    /// The goto.
    pub rule: RuleId,
    /// One of the packets; none where what tells them apart cannot be said in packet notation.
    pub witness: Option<Packet>,
    /// What decides about it.
    pub before: Decision,
    /// What would if it came back behind the goto.
    pub after: Decision,
    /// Whether it is let in as it is, and not if it came back; else it is the other way round.
    pub passes: bool,
}

impl Analysis<'_> {
    /// Those of `gotos` from whose chains packets come that would surely fare otherwise behind a jump, in their order.
    pub fn skipping(&self, gotos: &[RuleId]) -> Vec<Skipping> {
        let mut found = Vec::new();
        let mut open = vec![gotos.to_vec()];
        let mut compared = 0;
        while let Some(some) = open.pop() {
            if some.is_empty() || compared == MOST_COMPARED {
                continue;
            }
            compared += 1;
            let Some(difference) = self.as_jumps(&some) else { continue };
            if let [rule] = some[..] {
                found.push(Skipping { rule, ..difference });
                continue;
            }
            let (first, second) = some.split_at(some.len() / 2);
            open.push(second.to_vec());
            open.push(first.to_vec());
        }
        found
    }

    /// What fares otherwise if gotos were jumps.
    fn as_jumps(&self, gotos: &[RuleId]) -> Option<Skipping> {
        let mut other = self.ruleset.clone();
        for rule in gotos {
            jump(&mut other, *rule);
        }
        let pair = Pair::of(self.ruleset.clone(), other, 0);
        let own = |it: Decision| match it {
            Decision::Rule(rule, chain) if pair.side(rule) == Side::New => Decision::Rule(
                RuleId(rule.0 - pair.seam.rule.0),
                crate::model::ChainId(chain.0 - pair.seam.chain.0),
            ),
            other => other,
        };
        let differences = compare(&pair, true).into_iter().flat_map(|it| it.differences);
        let told = differences.filter(|it| it.certain && it.before.state != it.after.state);
        let mut told = told.map(|Difference { witness, before, after, .. }| Skipping {
            rule: gotos[0],
            witness,
            passes: before.state == State::Open,
            before: before.decided_by,
            after: own(after.decided_by),
        });
        let first = told.next()?;
        if first.witness.is_some() {
            return Some(first);
        }
        Some(told.find(|it| it.witness.is_some()).unwrap_or(first))
    }
}

/// Makes the gotos of a rule jumps.
fn jump(ruleset: &mut Ruleset, rule: RuleId) {
    let steps = ruleset.rules[rule.0 as usize].steps.clone();
    for index in steps {
        match &mut ruleset.steps[index as usize].action {
            Action::Verdict(verdict) => match *verdict {
                Verdict::Goto(chain) => *verdict = Verdict::Jump(chain),
                Verdict::Branches(branches) => {
                    for branch in &mut ruleset.branches[branches as usize] {
                        if let Verdict::Goto(chain) = branch.verdict {
                            branch.verdict = Verdict::Jump(chain);
                        }
                    }
                }
                _ => {}
            },
            Action::Match(_) | Action::Note | Action::Log(_) | Action::Assign(_) => {}
        }
    }
}
