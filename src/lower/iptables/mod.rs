//! iptables: replays the lines of each table as `iptables-restore` does, and reads the options of each rule.

mod meaning;
mod rule;
mod target;

use super::{Input, build::Builder, ipset::Sets, script};
use crate::{
    model::{
        Action, Base, ChainId, ChainKind, Condition, Hook, Place, Policy, Rule, Sort, Subject,
        TableFamily, TableId, Undefined, Verdict,
    },
    source::Span,
    syntax::iptables::{self, File, Item, TableKind},
};
use rustc_hash::FxHashMap;
use std::ops::Range;

/// Adds what `file` says to the ruleset.
pub(super) fn lower(
    file: &File,
    family: iptables::Family,
    input: Input<'_>,
    sets: &Sets<'_>,
    builder: &mut Builder,
) {
    let ipv6 = family == iptables::Family::V6;
    for (table, index) in file.tables.iter().zip(0..) {
        let of_kind = |it: &&iptables::Table| it.kind == table.kind;
        // Each `*table` line empties the table of that name: only the last one counts, and what is added to it behind.
        if file.tables[index + 1..].iter().filter(of_kind).any(|later| !later.keeps)
            || table.keeps && file.tables[..index].iter().any(|it| of_kind(&it))
        {
            continue;
        }
        let place = Place { file: input.file, span: table.name };
        let family = if ipv6 { TableFamily::Ip6 } else { TableFamily::Ip };
        let id = builder.table(family, table.kind.name(), place);
        let (kind, chains, pending) = (table.kind, FxHashMap::default(), Vec::new());
        let mut replay =
            Replay { file, input, sets, builder, table: id, kind, ipv6, chains, pending };
        replay.built_in_chains(place);
        for item in file.tables[index..].iter().filter(of_kind).flat_map(|it| &it.items) {
            replay.item(item);
        }
        replay.settle();
    }
}

/// One table while its lines are read.
struct Replay<'a, 'f> {
    file: &'f File,
    input: Input<'f>,
    sets: &'a Sets<'f>,
    builder: &'a mut Builder,
    table: TableId,
    kind: TableKind,
    ipv6: bool,
    chains: FxHashMap<&'f str, ChainId>,
    /// Jumps to chains that no line had declared yet: the step, the chain, the words.
    pending: Vec<(u32, ChainId, Span)>,
}

impl<'f> Replay<'_, 'f> {
    fn text(&self, span: Span) -> &'f str {
        self.input.source.slice(span)
    }

    fn place(&self, span: Span) -> Place {
        Place { file: self.input.file, span }
    }

    fn built_in_chains(&mut self, place: Place) {
        // A script leaves policies as they are, and nobody changes those of other tables but where it is written.
        let kept = self.input.parsed.script().is_some() && self.kind != TableKind::Filter;
        let policy = if kept { Policy::Accept } else { Policy::Unknown };
        for hook in self.kind.hooks() {
            let base = Base {
                hook: model_hook(*hook),
                priority: priority(self.kind, *hook),
                kind: if self.kind == TableKind::Nat { ChainKind::Nat } else { ChainKind::Filter },
                policy,
                policy_place: None,
                devices: None,
            };
            let id = self.builder.chain(self.table, hook.name(), place, Some(base));
            self.chains.insert(hook.name(), id);
        }
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Chain(chain) => self.declare(chain),
            Item::Rule(rule) => self.rule(rule),
            Item::Flush { line, chain } => {
                let one = chain.map(|name| self.chains.get(self.text(name)).copied());
                let mut ids: Vec<ChainId> = match one {
                    Some(one) => one.into_iter().collect(),
                    None => self.chains.values().copied().collect(),
                };
                ids.sort_unstable();
                for id in ids {
                    let all = 0..self.builder.rules(id).len();
                    self.remove(id, all, *line);
                }
            }
            Item::DeleteChain { line, chain } => self.delete(*chain, *line),
            Item::DeleteNumber { line, chain, number } => {
                if let Some(id) = self.chains.get(self.text(*chain)).copied() {
                    let at = (*number as usize).wrapping_sub(1);
                    if at < self.builder.rules(id).len() {
                        self.remove(id, at..at + 1, *line);
                    }
                }
            }
            Item::Rename { line, .. } if self.may_not_run(*line) => {
                self.builder.unknown(self.place(*line), Subject::Command);
            }
            Item::Rename { old, new, .. } => {
                if let Some(id) = self.chains.remove(self.text(*old)) {
                    let name = self.text(*new);
                    name.clone_into(&mut self.builder.ruleset.chains[id.0 as usize].name);
                    self.chains.insert(name, id);
                }
            }
        }
    }

    /// Whether only a run tells if the command at `line` does.
    fn may_not_run(&self, line: Span) -> bool {
        self.input.parsed.script().is_some_and(|script| !script.answers(line).is_empty())
    }

    /// Takes rules away, as the command at `line` does: where it may not run, they stay for the case that it does not.
    fn remove(&mut self, chain: ChainId, rules: Range<usize>, line: Span) {
        if !self.may_not_run(line) {
            self.builder.rules(chain).drain(rules);
            return;
        }
        let answers = script::answers(self.input, line, self.builder);
        let stays = match answers[..] {
            [Condition::Opaque { opaque, negated }] => {
                Condition::Opaque { opaque, negated: !negated }
            }
            _ => self.builder.one_of(vec![answers], true),
        };
        for at in rules {
            let rule = self.builder.rules(chain)[at].clone();
            let steps = self.builder.ruleset.steps_of(&rule).to_vec();
            let start = self.builder.mark();
            self.builder.condition(line, stays);
            self.builder.ruleset.steps.extend(steps);
            let end = self.builder.mark();
            self.builder.rules(chain)[at].steps = start..end;
        }
    }

    fn delete(&mut self, chain: Option<Span>, line: Span) {
        if self.may_not_run(line) {
            return;
        }
        if let Some(name) = chain {
            self.chains.remove(self.text(name));
        } else {
            let builder = &mut *self.builder;
            self.chains.retain(|_, id| {
                builder.ruleset.chain(*id).base.is_some() || !builder.rules(*id).is_empty()
            });
        }
    }

    fn declare(&mut self, chain: &iptables::Chain) {
        let place = self.place(chain.name);
        let id = self.chain(self.text(chain.name), place);
        let may_not_run = self.may_not_run(chain.line);
        if !chain.command {
            // A `:CHAIN` line of a user chain empties it.
            self.builder.rules(id).clear();
        }
        let declared = &mut self.builder.ruleset.chains[id.0 as usize];
        declared.declared = true;
        declared.place = place;
        declared.packets = chain.packets.or(declared.packets);
        if let Some(base) = &mut declared.base {
            // A dash keeps what is loaded, which is ACCEPT unless somebody changed it.
            let before = base.policy;
            base.policy = match chain.policy {
                Some((iptables::Policy::Accept, _)) => Policy::Accept,
                Some((iptables::Policy::Drop, _)) => Policy::Drop,
                None => Policy::Unknown,
            };
            if may_not_run && base.policy != before {
                base.policy = Policy::Unknown;
            }
            base.policy_place = chain.policy.map(|(_, span)| Place { file: place.file, span });
        }
    }

    /// The chain of that name, made where none is.
    fn chain(&mut self, name: &'f str, place: Place) -> ChainId {
        if let Some(id) = self.chains.get(name) {
            return *id;
        }
        let id = self.builder.chain(self.table, name, place, None);
        self.chains.insert(name, id);
        id
    }

    fn rule(&mut self, rule: &iptables::Rule) {
        let place = self.place(rule.chain);
        let chain = self.chain(self.text(rule.chain), place);
        let known = self.builder.ruleset.chain(chain);
        if !known.declared && known.base.is_none() && self.builder.rules(chain).is_empty() {
            self.undefined(Sort::Chain, self.text(rule.chain), rule.chain, false);
        }
        let answers = script::answers(self.input, rule.line, self.builder);
        let start = self.builder.mark();
        for answer in answers.iter().copied() {
            self.builder.condition(rule.line, answer);
        }
        self.options(&self.file.options[rule.options.start as usize..rule.options.end as usize]);
        let steps = start..self.builder.mark();
        let lowered = Rule { chain, place: self.place(rule.line), steps, packets: rule.packets };
        match rule.place {
            iptables::Place::Append => self.builder.rules(chain).push(lowered),
            iptables::Place::Insert(number) => {
                let rules = self.builder.rules(chain);
                let at = (number as usize).saturating_sub(1).min(rules.len());
                rules.insert(at, lowered);
            }
            iptables::Place::Replace(number) => {
                let at = (number as usize).wrapping_sub(1);
                if at < self.builder.rules(chain).len() {
                    self.remove(chain, at..at + 1, rule.line);
                    self.builder.rules(chain).insert(at, lowered);
                }
            }
            iptables::Place::Delete => {
                self.delete_rule(chain, &lowered, (rule.line, answers.len()));
            }
        }
    }

    /// `-D` with a rule removes the first one that says the same; the conditions of its own that let it run are no part
    /// of that.
    fn delete_rule(&mut self, chain: ChainId, rule: &Rule, (line, own): (Span, usize)) {
        let ruleset = &self.builder.ruleset;
        let wanted = &ruleset.steps_of(rule)[own..];
        let same = |it: &Rule| {
            let steps = ruleset.steps_of(it);
            let mut pairs = steps.iter().zip(wanted);
            steps.len() == wanted.len()
                && pairs.all(|(one, other)| ruleset.says_the_same(one.action, other.action))
        };
        let found = self.builder.rules_of(chain).iter().position(same);
        if let Some(at) = found {
            self.remove(chain, at..at + 1, line);
        }
    }

    /// Chains that were jumped to and never declared are no chains: a jump there has an outcome that nobody knows. One
    /// that is declared further down is a chain for us, and still refused by the loader.
    fn settle(&mut self) {
        for (step, chain, span) in std::mem::take(&mut self.pending) {
            let known = self.builder.ruleset.chain(chain);
            let (name, later) = (known.name.clone(), known.declared);
            if !later {
                self.builder.ruleset.steps[step as usize].action =
                    Action::Verdict(Verdict::Unknown);
            }
            self.undefined(Sort::Chain, &name, span, later);
        }
    }

    fn undefined(&mut self, sort: Sort, name: &str, span: Span, later: bool) {
        let (name, place, table) = (name.to_owned(), self.place(span), self.table);
        self.builder.undefined(Undefined { sort, name, place, table, later });
    }
}

fn model_hook(hook: iptables::Hook) -> Hook {
    match hook {
        iptables::Hook::Prerouting => Hook::Prerouting,
        iptables::Hook::Input => Hook::Input,
        iptables::Hook::Forward => Hook::Forward,
        iptables::Hook::Output => Hook::Output,
        iptables::Hook::Postrouting => Hook::Postrouting,
    }
}

/// `enum nf_ip_hook_priorities` in `linux/netfilter_ipv4.h`.
const fn priority(kind: TableKind, hook: iptables::Hook) -> i32 {
    match (kind, hook) {
        (TableKind::Raw, _) => -300,
        (TableKind::Mangle, _) => -150,
        (TableKind::Nat, iptables::Hook::Prerouting | iptables::Hook::Output) => -100,
        (TableKind::Filter, _) => 0,
        (TableKind::Security, _) => 50,
        (TableKind::Nat, _) => 100,
    }
}
