//! Who calls which chain.

use crate::model::{Base, ChainId, ChainKind, Rule, RuleId, Ruleset, Verdict};
use rustc_hash::FxHashMap;

/// A chain that leads back to itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loop {
    /// The jumps, from the chain back to it, as many as are worth showing; the first is the one that closes the loop.
    pub jumps: Vec<RuleId>,
    /// How many jumps it has.
    pub length: usize,
    /// More jumps that close the same loop, as many as are worth showing.
    pub again: Vec<RuleId>,
    /// How many these are.
    pub times_again: usize,
}

/// A file can hold a loop for every jump, each through every chain: more than this are counted only.
const MOST_LOOPS: usize = 100;
const MOST_JUMPS: usize = 64;

/// The call graph.
#[derive(Debug, Default)]
pub struct Calls {
    /// For each chain, the rules that jump or go to it.
    callers: Vec<Vec<RuleId>>,
    /// Whether the kernel's walk can come to a chain.
    reached: Vec<bool>,
    /// The loops, one for each pair of chains of which one leads back to the other; the first so many.
    pub loops: Vec<Loop>,
    /// How many loops more there are.
    pub more_loops: usize,
}

impl Calls {
    /// The call graph of a ruleset.
    pub fn of(ruleset: &Ruleset) -> Self {
        let mut callers = vec![Vec::new(); ruleset.chains.len()];
        let mut calls: Vec<Vec<(RuleId, ChainId)>> = vec![Vec::new(); ruleset.chains.len()];
        for (rule, id) in ruleset.rules.iter().zip(0..) {
            for chain in ruleset.chains_entered(rule) {
                callers[chain.0 as usize].push(RuleId(id));
                calls[rule.chain.0 as usize].push((RuleId(id), chain));
            }
        }
        let (loops, more_loops) = loops(&calls);
        let reached = reached(ruleset, ruleset.base_chains().map(|(id, ..)| id).collect());
        Self { callers, reached, loops, more_loops }
    }

    /// The rules that jump or go to `chain`.
    pub fn callers(&self, chain: ChainId) -> &[RuleId] {
        &self.callers[chain.0 as usize]
    }

    /// Whether a packet on its way through the kernel can come to `chain`.
    pub fn is_reached(&self, chain: ChainId) -> bool {
        self.reached[chain.0 as usize]
    }

    /// For each chain, whether it is `chain` or below it.
    pub(super) fn chains_below(ruleset: &Ruleset, chain: ChainId) -> Vec<bool> {
        reached(ruleset, vec![chain])
    }

    /// The rules of `chain` and of what it calls, by their ids.
    pub(super) fn rule_ids_below(ruleset: &Ruleset, chain: ChainId) -> Vec<RuleId> {
        let reached = reached(ruleset, vec![chain]).into_iter().zip(0..);
        let chains = reached.filter(|(reached, _)| *reached);
        chains.flat_map(|(_, id)| ruleset.chain(ChainId(id)).rules.clone().map(RuleId)).collect()
    }

    /// The rules of `chain` and of what it calls.
    pub fn rules_below(ruleset: &Ruleset, chain: ChainId) -> impl Iterator<Item = &Rule> {
        let reached = reached(ruleset, vec![chain]);
        ruleset.rules.iter().filter(move |rule| reached[rule.chain.0 as usize])
    }

    /// Whether a chain does nothing but deny.
    pub(super) fn denies(ruleset: &Ruleset, chain: ChainId) -> bool {
        let denying = |rule| match ruleset.verdict_of(rule).map(|it| it.0) {
            None => Some(false),
            Some(Verdict::Drop | Verdict::Reject) => Some(true),
            Some(_) => None,
        };
        let verdicts: Option<Vec<bool>> =
            ruleset.rules_of(chain).map(|(_, rule)| denying(rule)).collect();
        verdicts.is_some_and(|it| it.last() == Some(&true))
    }
}

/// For each chain, whether a packet that comes to one of `open` can come to it.
fn reached(ruleset: &Ruleset, mut open: Vec<ChainId>) -> Vec<bool> {
    let mut reached = vec![false; ruleset.chains.len()];
    while let Some(chain) = open.pop() {
        if std::mem::replace(&mut reached[chain.0 as usize], true) {
            continue;
        }
        for (_, rule) in ruleset.rules_of(chain) {
            open.extend(ruleset.chains_entered(rule));
        }
    }
    reached
}

/// A depth-first search without recursion: files with chains ten thousand deep exist.
fn loops(calls: &[Vec<(RuleId, ChainId)>]) -> (Vec<Loop>, usize) {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        No,
        Open,
        Done,
    }
    let mut seen = vec![Seen::No; calls.len()];
    let mut loops: Vec<Loop> = Vec::new();
    let mut more = 0;
    // The way to an open chain is one, so who leads back where says which loop it is.
    let mut known: FxHashMap<(usize, usize), Option<usize>> = FxHashMap::default();
    for start in 0..calls.len() {
        if seen[start] != Seen::No {
            continue;
        }
        // Each chain on the way with the number of its calls that were followed.
        let mut way = vec![(start, 0_usize)];
        seen[start] = Seen::Open;
        while let Some((chain, followed)) = way.last_mut() {
            let Some((rule, called)) = calls[*chain].get(*followed).copied() else {
                seen[*chain] = Seen::Done;
                way.pop();
                continue;
            };
            *followed += 1;
            let (chain, called) = (*chain, called.0 as usize);
            match seen[called] {
                Seen::Done => {}
                Seen::No => {
                    seen[called] = Seen::Open;
                    way.push((called, 0));
                }
                Seen::Open if known.contains_key(&(chain, called)) => {
                    if let Some(it) = known[&(chain, called)].and_then(|it| loops.get_mut(it)) {
                        it.again.extend((it.again.len() < MOST_JUMPS).then_some(rule));
                        it.times_again += 1;
                    }
                }
                Seen::Open if loops.len() == MOST_LOOPS => {
                    known.insert((chain, called), None);
                    more += 1;
                }
                Seen::Open => {
                    known.insert((chain, called), Some(loops.len()));
                    let from = way.iter().position(|(chain, _)| *chain == called).unwrap_or(0);
                    let onward = way[from..].iter().take(MOST_JUMPS);
                    let onward = onward.map(|(chain, next)| calls[*chain][next - 1].0);
                    let mut jumps = vec![rule];
                    jumps.extend(onward.filter(|jump| *jump != rule));
                    let (length, again) = (way.len() - from, Vec::new());
                    loops.push(Loop { jumps, length, again, times_again: 0 });
                }
            }
        }
    }
    loops.sort_by_key(|it| it.jumps.first().copied());
    (loops, more)
}

/// The base chains as the kernel calls them at each hook.
pub(super) fn in_calling_order(ruleset: &Ruleset) -> Vec<(ChainId, Base)> {
    let mut chains: Vec<_> = ruleset.base_chains().map(|(id, _, base)| (id, base)).collect();
    // At equal priority the chain registered last runs first.
    chains.reverse();
    chains.sort_by_key(|(_, base)| (base.called_at(), base.hook));
    // Chains of kind `nat` are called together, and by their own numbers among themselves.
    let is_nat = |(_, base): &(_, Base)| base.kind == ChainKind::Nat;
    let mut nat: Vec<_> = chains.iter().copied().filter(is_nat).collect();
    nat.sort_by_key(|(_, base)| (base.called_at(), base.hook, base.priority));
    let places = chains.iter_mut().filter(|it| is_nat(it));
    places.zip(nat).for_each(|(place, chain)| *place = chain);
    chains
}
