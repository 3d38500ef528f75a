//! A packet that a rule is about, to ask what becomes of it.

use super::{
    Analysis, Calls, FamilyAnalysis, Path, arrival,
    interfaces::Interfaces,
    trace::{Effect, Event},
    witness,
};
use crate::{
    model::{Base, Condition, DestinationKind, Field, Hook, RuleId},
    packets::{Packet, Ranges},
};

/// Chains that call each other more deeply are not climbed.
const DEEPEST: usize = 64;

impl Analysis<'_> {
    /// A packet that starts a flow, arrives from outside, and fulfils what `rule` asks, the jumps on one way to it, and
    /// `more`. `None` where there is none, or the rule is at no hook that such packets pass before they are routed on.
    pub fn sample(
        &self,
        family: &FamilyAnalysis<'_>,
        rule: RuleId,
        more: &[Condition],
    ) -> Option<Packet> {
        let (base, rules) = self.way_to(rule)?;
        let path = match base.hook {
            Hook::Prerouting | Hook::Input => Path::Input,
            Hook::Forward => Path::Forward,
            Hook::Ingress | Hook::Output | Hook::Postrouting | Hook::Egress => return None,
        };
        let space = &family.space;
        let own = rules.iter().flat_map(|id| self.ruleset.conditions_of(self.ruleset.rule(*id)));
        let conditions = own.map(|(condition, _)| condition).chain(more.iter().copied());
        let cubes = space.cubes(conditions);
        let unicast = space.one(Field::DestinationKind, DestinationKind::Unicast.value());
        for mut slice in arrival::arriving(space) {
            let through = slice.sent(Field::DestinationKind) == unicast;
            if through != (path == Path::Forward) {
                continue;
            }
            if through {
                let nowhere = [Interfaces::LOOPBACK, Interfaces::NONE].map(|it| (it, it));
                let all = Ranges::range(0, space.interfaces.last());
                let out = space.intern(Field::Out, &all.minus(&Ranges::of(nowhere.to_vec())));
                slice.cube = slice.cube.replace(super::Space::axis(Field::Out), Some(out));
            }
            let met = cubes.iter().find_map(|cube| slice.narrowed_to(cube.terms(), space));
            if let Some(slice) = met {
                return witness::packet_of(space, &slice, path);
            }
        }
        None
    }

    /// Whether a packet that starts a flow comes to `rule` and fulfils what it asks, as far as a few packets tell.
    pub fn meets(&self, family: &FamilyAnalysis<'_>, rule: RuleId) -> bool {
        let Some((base, way)) = self.way_to(rule) else { return false };
        if self.sample(family, rule, &[]).is_some_and(|it| self.comes_to(&it, rule)) {
            return true;
        }
        // One that every rule on the way is for may be let in before.
        let asks =
            |id: &RuleId| self.ruleset.conditions_of(self.ruleset.rule(*id)).next().is_some();
        !way.iter().any(asks)
            && family.strangers(base.hook).iter().any(|it| self.comes_to(it, rule))
    }

    /// Whether a packet that fulfils the conditions of `rule` comes to it.
    fn comes_to(&self, packet: &Packet, rule: RuleId) -> bool {
        let chain = self.ruleset.rule(rule).chain;
        let events = self.trace(packet).walk;
        let is_of =
            |event: &Event| event.rule.is_some_and(|it| self.ruleset.rule(it).chain == chain);
        let enters = |event: &Event| {
            let goes = matches!(event.effect, Effect::Jump(to) | Effect::Goto(to) if to == chain);
            goes || event.base == chain
        };
        let Some(entered) = events.iter().position(enters) else { return false };
        // What happens in the base chains that are called later tells nothing.
        let base = events[entered].base;
        let events: Vec<&Event> = events[entered..].iter().filter(|it| it.base == base).collect();
        if let Some(last) = events.iter().rfind(|it| is_of(it)) {
            if last.rule >= Some(rule) {
                return true;
            }
            if last.effect.leaves() {
                return false;
            }
        }
        // Before it the packet went into other chains at most: did it come back?
        let below = Calls::chains_below(self.ruleset, chain);
        events.last().is_some_and(|end| match end.rule {
            Some(end) => !below[self.ruleset.rule(end).chain.0 as usize],
            None => true,
        })
    }

    /// The base chain that leads to a rule, and the rules of one way from there: itself first, then the jumps.
    pub fn way_to(&self, rule: RuleId) -> Option<(Base, Vec<RuleId>)> {
        let mut rules = vec![rule];
        let mut chain = self.ruleset.rule(rule).chain;
        while rules.len() < DEEPEST {
            if let Some(base) = self.ruleset.chain(chain).base {
                return Some((base, rules));
            }
            let is_reached = |id: &&RuleId| self.calls.is_reached(self.ruleset.rule(**id).chain);
            let caller = *self.calls.callers(chain).iter().find(is_reached)?;
            rules.push(caller);
            chain = self.ruleset.rule(caller).chain;
        }
        None
    }
}
