//! Rules that no packet reaches or matches, and why.
//!
//! A rule is dead where, at every place of every walk that leads to it, all packets that can be there are surely taken by
//! earlier entries of the same base chain, or were surely dropped or left untracked by a base chain called before. The
//! packets are every one that can be at that hook ([`arrive`]): all states, the loopback's too, not only those that open
//! something. Only what is certain takes anything: a rate, a queue, a set that may change, an extension nobody knows never
//! do, and of what earlier hooks do only drops and NOTRACK are followed, not through address translation.
//!
//! Not followed, so that such a rule is not called dead: what conntrack makes of odd TCP flags, which kinds of destination
//! the addresses have, and marks across base chains. Later fragments count as bearing ports, but for who
//! explains a rule: where connection tracking is in use nobody sees any.

mod cause;
mod consequence;
mod copies;
mod fate;
mod hooks;
mod idle;
mod judge;
mod near;
mod points;
mod search;
mod survey;
mod takers;
mod verdicts;

pub use idle::{Bypassed, Counting, Idle, Left, PartialRule, Redundant, Skipping, Undone};

use super::{Calls, FamilyAnalysis};
use crate::{
    model::{RuleId, Ruleset},
    packets::Packet,
};
use near::Indexes;
use std::cell::RefCell;
use survey::Survey;

/// A rule that no packet reaches or matches.
#[derive(Debug, Clone)]
pub struct DeadRule {
    /// The rule.
    pub rule: RuleId,
    /// What it was meant to do.
    pub kind: Kind,
    /// Why it never matches.
    pub cause: Cause,
    /// What comes of that.
    pub consequence: Consequence,
    /// The few rules that explain it, the most important first, where they are met on the walk that leads to it; the callers
    /// where they hand it none of its packets.
    pub by: Vec<RuleId>,
    /// The rules that decide: those of `by`, or others in chains that those lead to.
    pub deciders: Vec<RuleId>,
    /// How many more there are.
    pub more: usize,
    /// Whether it or what explains it rests on what a named set holds now.
    pub rests_on_set: bool,
    /// Packets that it was meant for and that may meet another fate, the best to show first; translation is not followed.
    pub witnesses: Vec<Packet>,
}

/// What a rule does with packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Throws them away, or hands them to a chain that only does that.
    Deny,
    /// Lets them on, or translates them.
    Accept,
    /// Hands them back to the caller.
    Return,
    /// Hands them to another chain.
    Jump,
    /// Decides nothing.
    Note,
}

/// Why a rule never matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// It says again what this one says.
    Copy(RuleId),
    /// Its own conditions exclude each other, or cannot hold where it stands.
    Impossible,
    /// It stands behind this one, which lets nothing past.
    CatchAll(RuleId),
    /// It asks for a state that packets do not have once they are not tracked.
    Untracked,
    /// Rules before it do the same with all its packets.
    Same,
    /// Rules before it deny all its packets but those that narrower ones accept, its exceptions.
    Rest,
    /// Rules before it decide about all its packets.
    Decided,
    /// The rules that call its chain hand it none of its packets.
    Callers,
    /// Base chains before its own keep its packets away.
    Earlier,
}

/// What comes of a rule's being dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Consequence {
    /// Its packets meet the fate they were meant to.
    None,
    /// What it would let through is not.
    Outage,
    /// What it would send elsewhere is sent to another place, or to none.
    Astray,
    /// What it would deny gets in.
    Hole,
}

/// What is known of the rules that nothing reaches.
#[derive(Debug)]
pub struct DeadRules {
    /// Those that are dead in all families that see them, in the order of the rules.
    pub rules: Vec<DeadRule>,
    /// Those of which a bound stopped the search; nothing is said of them.
    pub unsettled: Vec<RuleId>,
    indexes: Indexes,
    /// For each rule, whether some packet may come to it.
    reached: Vec<bool>,
    /// Those that are alive, and of which a bound stopped the search for what they change.
    unsought: RefCell<Vec<RuleId>>,
}

impl DeadRules {
    /// Whether some packet may come to a rule.
    pub fn reaches(&self, rule: RuleId) -> bool {
        self.reached[rule.0 as usize]
    }

    pub(super) fn of(ruleset: &Ruleset, calls: &Calls, families: &[FamilyAnalysis<'_>]) -> Self {
        let survey = Survey::of(ruleset, families);
        let candidates = survey::dead(ruleset, families, &survey);
        let indexes = Indexes::new(families);
        let (mut rules, left) =
            cause::explained(ruleset, calls, families, &survey, &indexes, &candidates);
        copies::find(ruleset, &mut rules);
        let mut unsettled = survey.unsettled();
        unsettled.extend(left);
        unsettled.sort_unstable();
        let ids = (0..).map(RuleId).take(ruleset.rules.len());
        let reached = ids.map(|it| survey.is_alive(it)).collect();
        Self { rules, unsettled, indexes, reached, unsought: RefCell::default() }
    }
}
