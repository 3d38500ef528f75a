//! `fwlint diff`: what a change opens or closes, each with a packet, or the proof that nothing did.

mod entry;
mod pairing;

pub use entry::{Entry, Rule, Stand};

use super::{
    Exit, Plan,
    hosts::{self, Group},
    reading::Reading,
};
use crate::{
    analysis::{
        Calls,
        diff::{self, Class, Direction, FamilyComparison, Modulo, Pair, PolicyChange, Side},
    },
    knowledge::Knowledge,
    lints, lower,
    model::{ChainId, Family, Place, Policy, Ruleset},
    settings::Settings,
    source::{
        SourceFile, Span,
        input::{Inputs, Problem},
    },
    syntax,
    words::Message,
};
use entry::Teller;
use pairing::{Matched, pairs};

/// What fails the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Gate {
    /// Nothing.
    #[default]
    Never,
    /// What is let in now and was not, for sure or maybe.
    Widened,
    /// Any difference, and what is not proven to be none.
    Any,
}

/// All that two sides differ in.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Host by host.
    pub hosts: Vec<Host>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Whether there was nothing in any file.
    pub empty: bool,
    /// What made verdicts *maybe*, each with its path and line.
    pub unknown: Vec<(String, u32, Message)>,
}

/// What the two sides of one host differ in.
#[derive(Debug, Default)]
pub struct Host {
    /// Its file, or the two.
    pub name: String,
    /// What was read on each side.
    pub files: [Vec<String>; 2],
    /// The families that were compared.
    pub families: Vec<Family>,
    /// The families that only one side has rules for.
    pub alone: Vec<(Family, Side)>,
    /// Whether both sides let the same packets in; `None` where that is not proven.
    pub equivalent: Option<bool>,
    /// Whether everything of it was analysed.
    pub complete: bool,
    /// What this host sends was compared too.
    pub output: bool,
    /// Why it was not compared, if it was not.
    pub gone: Option<Gone>,
    /// What packets that begin a flow are let in now.
    pub widened: Vec<Entry>,
    /// What they were let in.
    pub narrowed: Vec<Entry>,
    /// What they may be let in now.
    pub maybe_widened: Vec<Entry>,
    /// What else differs: packets that begin no flow from outside.
    pub other: Vec<Entry>,
    /// How many differences more there are.
    pub omitted: usize,
    /// Policies that changed.
    pub policies: Vec<PolicyView>,
    /// What may lock an administrator out: indexes in `narrowed`, and what is cut of the sessions that there are.
    pub lockout: Vec<Entry>,
    /// What was not compared.
    pub modulo: Vec<Message>,
    /// How many rules were added, removed and moved.
    pub changes: [usize; 3],
}

/// Why a host of the old side has none on the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// Its file is not there any more.
    Removed,
    /// Its file cannot be read any more.
    Unreadable,
    /// It is new.
    Added,
}

/// A base chain whose policy changed.
#[derive(Debug)]
pub struct PolicyView {
    /// The family of its packets.
    pub family: Family,
    /// The table and the chain.
    pub chain: String,
    /// The hook, such as `input`.
    pub hook: &'static str,
    /// What it was, if there was such a chain.
    pub before: Option<&'static str>,
    /// What it is to be.
    pub after: Option<&'static str>,
    /// Where it stands on the new side.
    pub rule: Option<Rule>,
}

impl Comparison {
    /// Puts what it says of all hosts in order.
    fn settle(&mut self) {
        self.problems.sort();
        self.problems.dedup();
        self.unknown.sort_by(|a, b| (&a.0, a.1, &a.2.en).cmp(&(&b.0, b.1, &b.2.en)));
        self.unknown.dedup();
    }

    /// Whether everything that was named was analysed.
    pub fn complete(&self) -> bool {
        self.problems.is_empty() && self.hosts.iter().all(|it| it.complete)
    }

    /// Whether all hosts are the same on both sides; `None` where that is not proven.
    pub fn equivalent(&self) -> Option<bool> {
        if self.hosts.iter().any(|it| it.equivalent == Some(false)) {
            return Some(false);
        }
        let proven = self.complete() && !self.empty;
        let all = !self.hosts.is_empty() && self.hosts.iter().all(|it| it.equivalent == Some(true));
        (proven && all).then_some(true)
    }

    /// Whether a gate fails.
    pub fn fails(&self, gate: Gate) -> bool {
        let widened = |it: &Host| !it.widened.is_empty() || !it.maybe_widened.is_empty();
        match gate {
            Gate::Never => false,
            Gate::Widened => self.hosts.iter().any(widened),
            Gate::Any => self.equivalent() != Some(true),
        }
    }

    /// What the process ends with.
    pub fn exit(&self, gate: Gate, settings: &Settings) -> Exit {
        let nothing = self.empty && !settings.allow_empty;
        if (nothing || !self.complete()) && !settings.allow_incomplete {
            return Exit::Incomplete;
        }
        if self.fails(gate) { Exit::Findings } else { Exit::Clean }
    }
}

/// Compares what was read of both sides, the old one first; `output` says whether what the hosts send counts too, and the
/// settings of a host what is known of its ports.
pub fn diff(
    sides: [Inputs; 2],
    dialect: Option<syntax::Dialect>,
    output: bool,
    plan: &Plan,
) -> Comparison {
    let [old, new] = sides;
    let (old, new) = rayon::join(|| Reading::of(old, dialect), || Reading::of(new, dialect));
    let sides = [&old, &new];
    let [old, new] = sides;
    let is_empty = |it: &Reading| it.texts().iter().all(|text| text.parsed.says_nothing());
    let mut comparison =
        Comparison { empty: is_empty(old) && is_empty(new), ..Comparison::default() };
    for matched in pairs(old, new) {
        let told = match &matched {
            Matched::Both(before, after) => {
                let knowledge = known(plan, after);
                both(sides, before, after, knowledge, output, &mut comparison.unknown)
            }
            Matched::Old(before) => {
                let unreadable = |it: &Problem| {
                    !matches!(it, Problem::Missing { .. })
                        && (new.files.is_empty()
                            || before.iter().any(|host| host.source.path == it.path()))
                };
                let unreadable = new.problems.iter().any(unreadable);
                gone(before, if unreadable { Gone::Unreadable } else { Gone::Removed })
            }
            Matched::New(after) => added(after),
        };
        comparison.hosts.push(told);
    }
    comparison.problems = [&old.problems[..], &new.problems[..]].concat();
    comparison.settle();
    comparison
}

/// Compares two readings of the same files, host by host as `plan` makes them, with all that the hosts send; `None` where
/// they make other hosts.
pub(super) fn between(sides: [&Reading; 2], plan: &Plan) -> Option<Comparison> {
    if !make_the_same_hosts(sides, plan) {
        return None;
    }
    let texts = sides.map(Reading::texts);
    let [before, after] = [&texts[0], &texts[1]].map(|it| hosts::groups(it, plan).0);
    let mut comparison = Comparison::default();
    for (old, new) in before.iter().zip(&after) {
        let (old, new) = (old.inputs(&texts[0]), new.inputs(&texts[1]));
        let knowledge = known(plan, &new);
        let told = both(sides, &old, &new, knowledge, true, &mut comparison.unknown);
        comparison.hosts.push(told);
    }
    comparison.settle();
    Some(comparison)
}

/// Whether two readings make the same hosts of the same files.
pub(super) fn make_the_same_hosts(sides: [&Reading; 2], plan: &Plan) -> bool {
    let [old, new] = sides.map(|reading| {
        let texts = reading.texts();
        let files = |group: &Group<'_>| -> Vec<(u32, syntax::Dialect)> {
            let texts = group.texts.iter().map(|it| &texts[*it]);
            texts.map(|it| (it.file, it.parsed.dialect)).collect()
        };
        hosts::groups(&texts, plan).0.iter().map(files).collect::<Vec<_>>()
    });
    old == new
}

/// What is known of the ports of a host.
fn known<'p>(plan: &'p Plan, host: &[lower::Input<'_>]) -> &'p Knowledge {
    let path = host.first().map_or("", |input| &*input.source.path);
    &plan.settings(path).knowledge
}

/// The ruleset of a host, and whether all of it could be read.
fn ruleset(inputs: &[lower::Input<'_>]) -> (Ruleset, bool) {
    let mut errors = inputs.iter().flat_map(|input| &input.parsed.errors);
    let whole = !errors.any(syntax::Error::stops_loading);
    (lower::ruleset(inputs), whole)
}

fn both(
    sides: [&Reading; 2],
    before: &[lower::Input<'_>],
    after: &[lower::Input<'_>],
    knowledge: &Knowledge,
    output: bool,
    unknown: &mut Vec<(String, u32, Message)>,
) -> Host {
    let files = u32::try_from(sides[0].files.len()).unwrap_or(u32::MAX);
    let ((old, old_whole), (new, new_whole)) = rayon::join(|| ruleset(before), || ruleset(after));
    let loops = [&old, &new].iter().any(|it| has_loops(it));
    let pair = Pair::of(old, new, files);
    let place = |place| located(sides, files, place);
    unknown.extend(pair.ruleset.unknown.iter().map(|it| {
        let (source, span) = place(it.place);
        (source.path.clone(), source.position(span.start).line, lints::subject(&it.subject))
    }));
    let mut host = Host {
        name: name(before, after),
        files: [paths(before), paths(after)],
        output,
        complete: old_whole && new_whole && !loops,
        equivalent: Some(true),
        ..Host::default()
    };
    for family in [Family::Ipv4, Family::Ipv6] {
        match diff::sides(&pair, family)[..] {
            [only] => host.alone.push((family, only)),
            [_, _] => host.families.push(family),
            _ => {}
        }
    }
    for family in diff::compare(&pair, output) {
        let teller = Teller { pair: &pair, family: &family, knowledge, place: &place };
        take(&mut host, &teller, &family);
    }
    let lost = host.alone.iter().filter(|(_, side)| *side == Side::Old);
    let lost: Vec<Entry> = lost.map(|(family, _)| Entry::unknown(*family)).collect();
    host.maybe_widened.extend(lost);
    if !new_whole {
        let broken = host.families.iter().map(|family| Entry::unknown(*family));
        host.maybe_widened.extend(broken.collect::<Vec<_>>());
    }
    host.modulo.sort_by(|a, b| a.en.cmp(&b.en));
    host.modulo.dedup();
    let compared = pair.same || !host.families.is_empty();
    let unproven = !host.complete || !compared || !host.maybe_widened.is_empty();
    if host.equivalent == Some(true) && unproven {
        host.equivalent = None;
    }
    host
}

fn take(host: &mut Host, teller: &Teller<'_, '_, '_>, family: &FamilyComparison<'_>) {
    for difference in &family.differences {
        let entry = teller.entry(difference);
        let list = match (difference.class, difference.direction, difference.certain) {
            (Class::Flow, Direction::Widened, true) => &mut host.widened,
            (Class::Flow, Direction::Widened, false) => &mut host.maybe_widened,
            (Class::Flow, Direction::Narrowed, _) => &mut host.narrowed,
            _ => &mut host.other,
        };
        let narrowed = difference.direction == Direction::Narrowed;
        let cuts = difference.class == Class::Established || entry.holds_ssh();
        if narrowed && difference.path == diff::Path::Input && cuts {
            host.lockout.push(entry.clone());
        }
        list.push(entry);
    }
    host.omitted += family.omitted;
    host.complete &= !family.bounded;
    // What was not compared to the end may be let in.
    host.maybe_widened.extend(family.bounded.then(|| Entry::unknown(family.space.family)));
    host.policies.extend(family.policies.iter().map(|it| policy(teller, family, it)));
    host.modulo.extend(family.modulo.iter().map(modulo));
    if family.inexact {
        host.modulo.push(Message {
            en: "marks that the rules copy or that the text does not tell".into(),
            zh: "规则复制的标记，或文本未给出的标记".into(),
        });
    }
    let changes = family.changes;
    for (sum, more) in host.changes.iter_mut().zip([changes.added, changes.removed, changes.moved])
    {
        *sum = (*sum).max(more);
    }
    host.equivalent = match (host.equivalent, family.equivalent()) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    };
}

fn policy(
    teller: &Teller<'_, '_, '_>,
    family: &FamilyComparison<'_>,
    it: &PolicyChange,
) -> PolicyView {
    let ruleset = &teller.pair.ruleset;
    let word = |chain: ChainId| {
        ruleset.chain(chain).base.map(|base| match base.policy {
            Policy::Accept => "accept",
            Policy::Drop => "drop",
            Policy::Unknown => "unknown",
        })
    };
    let shown = it.new.or(it.old).expect("a policy that changed is of some chain");
    let table = ruleset.table_of(shown);
    let hook = ruleset.chain(shown).base.map_or("", |base| base.hook.name());
    PolicyView {
        family: family.space.family,
        chain: format!("{} {} {}", table.family.name(), table.name, ruleset.chain(shown).name),
        hook,
        before: it.old.and_then(word),
        after: it.new.and_then(word),
        rule: it.new.map(|chain| teller.policy(chain)),
    }
}

/// A host that the new side has no more.
fn gone(before: &[lower::Input<'_>], why: Gone) -> Host {
    let (old, whole) = ruleset(before);
    let has = |family| old.tables.iter().any(|table| table.family.sees(family));
    let families = [Family::Ipv4, Family::Ipv6].into_iter().filter(|family| has(*family));
    Host {
        name: before.first().map_or_else(String::new, |it| it.source.path.clone()),
        files: [paths(before), Vec::new()],
        complete: whole && why == Gone::Removed,
        gone: Some(why),
        maybe_widened: families.map(Entry::unknown).collect(),
        ..Host::default()
    }
}

/// A host that only the new side has: nobody knows what was there before.
fn added(after: &[lower::Input<'_>]) -> Host {
    let (_, whole) = ruleset(after);
    Host {
        name: after.first().map_or_else(String::new, |it| it.source.path.clone()),
        files: [Vec::new(), paths(after)],
        complete: whole,
        gone: Some(Gone::Added),
        ..Host::default()
    }
}

fn has_loops(ruleset: &Ruleset) -> bool {
    !Calls::of(ruleset).loops.is_empty()
}

fn paths(inputs: &[lower::Input<'_>]) -> Vec<String> {
    inputs.iter().map(|it| it.source.path.clone()).collect()
}

fn name(before: &[lower::Input<'_>], after: &[lower::Input<'_>]) -> String {
    let (old, new) = (paths(before), paths(after));
    if old == new { new.join(", ") } else { format!("{} -> {}", old.join(", "), new.join(", ")) }
}

/// Where a place of both sides stands: the file, and the bytes in it.
fn located(sides: [&Reading; 2], files: u32, place: Place) -> (&SourceFile, Span) {
    let (reading, file) = match place.file.checked_sub(files) {
        Some(file) => (sides[1], file),
        None => (sides[0], place.file),
    };
    let place = reading.locate(Place { file, ..place });
    (&reading.files[place.file as usize].source, place.span)
}

/// What was not compared, in words.
fn modulo(it: &Modulo) -> Message {
    let (en, zh) = match it {
        Modulo::Timing(subject) => {
            let what = lints::subject(subject);
            (format!("{} (limits and moments)", what.en), format!("{}（速率或时机）", what.zh))
        }
        Modulo::Unknown(subject) => {
            let what = lints::subject(subject);
            (
                format!("{} (the same question on both sides)", what.en),
                format!("{}（两侧视为同一条件）", what.zh),
            )
        }
        Modulo::Notes => {
            ("log lines, counters and set updates".into(), "日志、计数器与集合更新".into())
        }
        Modulo::Refusals => {
            ("how packets are refused (drop or reject)".into(), "拒绝方式（drop 或 reject）".into())
        }
        Modulo::SourceTranslation => {
            ("what source addresses are translated to".into(), "源地址转换的目标".into())
        }
        Modulo::HeaderChanges => {
            ("header fields that rules write".into(), "规则改写的报头字段".into())
        }
    };
    Message { en, zh }
}
