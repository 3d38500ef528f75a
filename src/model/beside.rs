//! Two rule sets beside each other in one, so that what is computed of the one is said in the same terms of the other.

use super::{
    Action, Base, Branch, Chain, ChainId, Condition, OpaqueId, Place, Rule, RuleId, Ruleset, Step,
    TableId, Translation, Values, Verdict,
};

/// Where the second of two rule sets begins.
#[derive(Debug, Clone, Copy)]
pub struct Seam {
    /// Its first chain.
    pub chain: ChainId,
    /// Its first rule.
    pub rule: RuleId,
}

impl Ruleset {
    /// Both rule sets in one, `other` behind this one; tables of one name stay two. The files of `other` count from
    /// `files` on.
    #[must_use]
    pub fn beside(mut self, other: Self, files: u32) -> (Self, Seam) {
        let moved = Moved {
            files,
            tables: count(&self.tables),
            chains: count(&self.chains),
            rules: count(&self.rules),
            steps: count(&self.steps),
            ranges: count(&self.ranges),
            interfaces: count(&self.interfaces),
            opaques: count(&self.opaques),
            devices: count(&self.devices),
            branches: count(&self.branches),
            translations: count(&self.translations),
            alternatives: count(&self.alternatives),
        };
        let seam = Seam { chain: ChainId(moved.chains), rule: RuleId(moved.rules) };
        self.tables.extend(other.tables.into_iter().map(|mut table| {
            table.place = moved.place(table.place);
            table
        }));
        self.chains.extend(other.chains.into_iter().map(|chain| moved.chain(chain)));
        self.rules.extend(other.rules.into_iter().map(|rule| moved.rule(rule)));
        self.steps.extend(other.steps.into_iter().map(|step| moved.step(step)));
        self.ranges.extend(other.ranges);
        self.interfaces.extend(other.interfaces);
        self.opaques.extend(other.opaques.into_iter().map(|mut opaque| {
            opaque.place = moved.place(opaque.place);
            opaque
        }));
        self.devices.extend(other.devices.into_iter().map(|name| name + moved.interfaces));
        self.branches.extend(
            other
                .branches
                .into_iter()
                .map(|it| it.into_iter().map(|it| moved.branch(it)).collect()),
        );
        let elements = other.elements.into_iter();
        self.elements.extend(elements.map(|(at, place)| (at + moved.ranges, moved.place(place))));
        self.translations.extend(other.translations.into_iter().map(|it| moved.translation(it)));
        let list = |list: Vec<Condition>| list.into_iter().map(|it| moved.condition(it)).collect();
        self.alternatives
            .extend(other.alternatives.into_iter().map(|it| it.into_iter().map(list).collect()));
        self.undefined.extend(other.undefined.into_iter().map(|mut it| {
            it.place = moved.place(it.place);
            it.table = TableId(it.table.0 + moved.tables);
            it
        }));
        self.unknown.extend(other.unknown.into_iter().map(|mut it| {
            it.place = moved.place(it.place);
            it
        }));
        (self, seam)
    }
}

fn count<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).expect("what two files hold is counted by 32 bits")
}

/// How far everything of the second rule set is moved.
struct Moved {
    files: u32,
    tables: u32,
    chains: u32,
    rules: u32,
    steps: u32,
    ranges: u32,
    interfaces: u32,
    opaques: u32,
    devices: u32,
    branches: u32,
    translations: u32,
    alternatives: u32,
}

impl Moved {
    fn place(&self, place: Place) -> Place {
        Place { file: place.file + self.files, ..place }
    }

    fn values(&self, values: Values) -> Values {
        Values { start: values.start + self.ranges, end: values.end + self.ranges }
    }

    fn chain(&self, mut chain: Chain) -> Chain {
        chain.table = TableId(chain.table.0 + self.tables);
        chain.place = self.place(chain.place);
        chain.rules = chain.rules.start + self.rules..chain.rules.end + self.rules;
        chain.base = chain.base.map(|base| Base {
            policy_place: base.policy_place.map(|place| self.place(place)),
            devices: base.devices.map(|(start, end)| (start + self.devices, end + self.devices)),
            ..base
        });
        chain
    }

    fn rule(&self, mut rule: Rule) -> Rule {
        rule.chain = ChainId(rule.chain.0 + self.chains);
        rule.place = self.place(rule.place);
        rule.steps = rule.steps.start + self.steps..rule.steps.end + self.steps;
        rule
    }

    fn step(&self, step: Step) -> Step {
        let action = match step.action {
            Action::Match(condition) => Action::Match(self.condition(condition)),
            Action::Verdict(verdict) => Action::Verdict(self.verdict(verdict)),
            same @ (Action::Assign(_) | Action::Note | Action::Log(_)) => same,
        };
        Step { action, ..step }
    }

    fn condition(&self, condition: Condition) -> Condition {
        match condition {
            Condition::In { field, values, negated } => {
                Condition::In { field, values: self.values(values), negated }
            }
            Condition::Masked { field, values, negated } => {
                Condition::Masked { field, values: self.values(values), negated }
            }
            Condition::Interface { field, name, negated } => {
                Condition::Interface { field, name: name + self.interfaces, negated }
            }
            Condition::OneOf { alternatives, negated } => {
                Condition::OneOf { alternatives: alternatives + self.alternatives, negated }
            }
            Condition::Opaque { opaque, negated } => {
                Condition::Opaque { opaque: OpaqueId(opaque.0 + self.opaques), negated }
            }
            same @ (Condition::Family { .. } | Condition::Never) => same,
        }
    }

    fn verdict(&self, verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Jump(chain) => Verdict::Jump(ChainId(chain.0 + self.chains)),
            Verdict::Goto(chain) => Verdict::Goto(ChainId(chain.0 + self.chains)),
            Verdict::Dnat(index) => Verdict::Dnat(index + self.translations),
            Verdict::Snat(index) => Verdict::Snat(index.map(|it| it + self.translations)),
            Verdict::Branches(index) => Verdict::Branches(index + self.branches),
            same @ (Verdict::Accept
            | Verdict::Drop
            | Verdict::Reject
            | Verdict::Return
            | Verdict::Queue { .. }
            | Verdict::Synproxy
            | Verdict::Unknown) => same,
        }
    }

    fn branch(&self, branch: Branch) -> Branch {
        Branch {
            conditions: branch.conditions.into_iter().map(|it| self.condition(it)).collect(),
            verdict: self.verdict(branch.verdict),
        }
    }

    fn translation(&self, translation: Translation) -> Translation {
        Translation {
            addresses: translation.addresses.map(|it| self.values(it)),
            ports: translation.ports.map(|it| self.values(it)),
            ..translation
        }
    }
}
