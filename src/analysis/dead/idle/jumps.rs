//! Jumps that change nothing: what the chain does with their packets, if anything, would be done to them anyway.

use super::{
    Asking, Counting, List,
    later::{Asked, Ending},
};
use crate::{
    analysis::{
        Analysis,
        flat::{Effect, Passage},
    },
    model::{RuleId, Verdict},
};
use rustc_hash::FxHashMap;

/// A jump that changes nothing.
#[derive(Debug, Clone)]
pub struct Idle {
    /// The jump.
    pub rule: RuleId,
    /// The later rules that do the same with what the chain decides about, in order; none where it decides about nothing.
    pub by: Vec<RuleId>,
    /// Whether that rests on what a named set holds now.
    pub rests_on_set: bool,
}

impl Analysis<'_> {
    /// Those of `jumps` that packets could as well not take, in order.
    pub fn idle_jumps(&self, jumps: &[RuleId], counting: Counting<'_>) -> Vec<Idle> {
        let asking = Asking::new(self, counting);
        let may_be = |it: &&RuleId| self.dead().reaches(**it) && !asking.leaves_trace(**it);
        // What is known of each: nothing yet, what does the same, or that it is needed.
        let mut known: FxHashMap<RuleId, Option<Option<Idle>>> =
            jumps.iter().filter(may_be).map(|it| (*it, None)).collect();
        if known.is_empty() {
            return Vec::new();
        }
        for list in asking.lists() {
            for (passage, number) in list.listed.flat.passages.iter().zip(0..) {
                let Some(known) = known.get_mut(&passage.rule) else { continue };
                if matches!(known, Some(None)) {
                    continue;
                }
                let new = asking.jump(&list, passage, number);
                *known = match (known.take(), new) {
                    (Some(Some(mut idle)), Some(new)) => {
                        idle.by.extend(new.by);
                        Some(Some(idle))
                    }
                    (_, new) => Some(new),
                };
            }
        }
        let mut found: Vec<Idle> = known.into_values().flatten().flatten().collect();
        for idle in &mut found {
            idle.by.sort_unstable();
            idle.by.dedup();
            idle.rests_on_set = idle.by.iter().chain([&idle.rule]).any(|it| asking.asks_set(*it));
        }
        found.sort_by_key(|it| it.rule);
        found
    }
}

impl Asking<'_, '_> {
    /// What would do the same as a chain does with what one jump hands it; `None` if nothing would.
    fn jump(&self, list: &List<'_, '_>, jump: &Passage, number: usize) -> Option<Idle> {
        let (flat, space) = (&list.listed.flat, &list.family.space);
        let mut idle = Idle { rule: jump.rule, by: Vec::new(), rests_on_set: false };
        let below = |call: u32| flat.jumps_to(call).any(|it| it == jump.rule);
        let entries = flat.entries[jump.at as usize..].iter().zip(jump.at..);
        let entries = entries.take_while(|(entry, _)| below(entry.call));
        let end = jump.at + u32::try_from(entries.clone().count()).unwrap_or(u32::MAX);
        let after = flat.passages[number + 1..].iter().take_while(|it| it.at <= end);
        let noting = |it: &&Passage| below(it.call) && self.leaves_trace(it.rule);
        let meets = |it: &Passage| {
            let terms = flat.passage_terms(it);
            list.starts.iter().any(|start| start.narrowed_to(terms, space).is_some())
        };
        if after.filter(noting).any(meets) {
            return None;
        }
        for (entry, at) in entries.filter(|(entry, _)| entry.effect != Effect::Return) {
            if self.is_spent() {
                self.leave([jump.rule]);
                return None;
            }
            let starts = list.starts.iter();
            for start in starts.filter_map(|it| it.narrowed_to(flat.terms(entry), space)) {
                for taken in self.comes(list, start, jump.at, at) {
                    let verdict = self.ruleset.verdict_of(self.ruleset.rule(entry.rule));
                    let (verdict, _) = verdict.filter(|_| !self.leaves_trace(entry.rule))?;
                    // Two refusals may not tell the sender the same.
                    let decides = matches!(verdict, Verdict::Accept | Verdict::Drop);
                    let wanted = Some(entry.effect).filter(|_| decides)?;
                    let (from, verdict, without) = (end, Some(verdict), Some(jump.rule));
                    let asked =
                        Asked { from, wanted, verdict, without, passing: false, traces: false };
                    match self.ending(list, &taken, asked) {
                        Ending::Same { by, policy: false } => idle.by.extend(by),
                        Ending::Same { .. } | Ending::Other => return None,
                        Ending::Unsettled => {
                            self.leave([jump.rule]);
                            return None;
                        }
                    }
                }
            }
        }
        Some(idle)
    }
}
