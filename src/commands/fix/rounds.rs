//! The rounds in which the files of some hosts are mended.

use super::{
    Change, Done, How, Mended, Why,
    offers::{Offer, apart, edits, offers},
    proof,
};
use crate::{
    commands::{Outcome, check_as_planned, reading::Reading},
    lints::{Fix, Safety},
    source::{SourceFile, input::Inputs},
};
use std::collections::{BTreeMap, BTreeSet};

/// How often the text is changed and read again.
const MOST_ROUNDS: u32 = 16;

/// How many proofs a round may take: where all fixes together are not proven, halves of them are tried.
const MOST_PROOFS: u32 = 64;

/// Mends what was read; the files of [`Mended::changes`] are counted as they are in `inputs`.
pub(super) fn mend(inputs: &Inputs, how: How<'_>) -> Mended {
    let mut mended = Mended::default();
    let mut now = inputs.clone();
    // The text before the first fix that may change what is accepted.
    let mut proven: Option<Inputs> = None;
    let mut outcome = check_as_planned(now.clone(), how.dialect, how.plan);
    loop {
        let (all, mut left) = offers(&outcome, &now);
        if all.is_empty() {
            mended.left = left;
            break;
        }
        let mut round = Round::new(&now, &outcome, how);
        let stages: &[Safety] = match (proof::refused(&round.reading).is_empty(), how.risky) {
            (false, _) => &[Safety::Loads],
            (true, false) => &[Safety::Safe],
            // What changes nothing as long as rules are shadowed may be what is meant once they are not.
            (true, true) => &[Safety::Unsafe, Safety::Safe],
        };
        let over = mended.rounds == MOST_ROUNDS;
        for stage in stages.iter().filter(|_| !over) {
            round.take(*stage, &all);
            if !round.taken.is_empty() {
                let first = *stage == Safety::Unsafe && proven.is_none();
                proven = proven.or_else(|| first.then(|| now.clone()));
                break;
            }
        }
        let Some(reached) = round.reached else {
            let waits = |it: &&Offer| it.safety == Safety::Unsafe && !how.risky;
            mended.withheld = all.iter().filter(waits).count();
            let rest = all.iter().filter(|it| !waits(it));
            left.extend(rest.map(|it| it.left(round.why(it, stages))));
            left.sort_by(|a, b| (&a.path, a.line, a.code).cmp(&(&b.path, b.line, b.code)));
            mended.left = left;
            break;
        };
        mended.rounds += 1;
        mended.done.extend(round.taken.iter().map(done));
        (now, outcome) = reached;
    }
    if let Some(proven) = &proven {
        let [old, new] = [proven, &now].map(|it| Reading::of(it.clone(), how.dialect));
        mended.exposure = proof::difference(&old, &new, how.plan);
    }
    let files = inputs.files.iter().zip(&now.files).zip(0..);
    let changed = files.filter(|((old, new), _)| old.source.bytes() != new.source.bytes());
    mended.changes = changed
        .map(|((old, new), file)| Change { file, old: old.source.clone(), new: new.source.clone() })
        .collect();
    mended
}

fn done(offer: &Offer) -> Done {
    let Offer { path, line, code, title, safety, .. } = offer.clone();
    Done { path, line, code, title, safety }
}

/// One round: what is taken of what is offered.
struct Round<'r> {
    how: How<'r>,
    now: &'r Inputs,
    outcome: &'r Outcome,
    reading: Reading,
    taken: Vec<Offer>,
    /// The text after all that is taken, and what is reported of it.
    reached: Option<(Inputs, Outcome)>,
    /// What cannot be taken, and why.
    failed: Vec<(Offer, Why)>,
    proofs: u32,
}

impl<'r> Round<'r> {
    fn new(now: &'r Inputs, outcome: &'r Outcome, how: How<'r>) -> Self {
        let reading = Reading::of(now.clone(), how.dialect);
        Self {
            how,
            now,
            outcome,
            reading,
            taken: Vec::new(),
            reached: None,
            failed: Vec::new(),
            proofs: 0,
        }
    }

    /// Takes of the offers of one sort what is apart and keeps its promise.
    fn take(&mut self, stage: Safety, all: &[Offer]) {
        self.proofs = 0;
        // What cannot be taken does not stand in the way of what touches the same lines.
        while self.taken.is_empty() && self.proofs < MOST_PROOFS {
            let failed = |it: &&Offer| self.failed.iter().any(|(failed, _)| failed == *it);
            let wanted = all.iter().filter(|it| it.safety == stage && !failed(it));
            let batch = apart(wanted);
            if batch.is_empty() {
                return;
            }
            self.grow(stage, &batch);
        }
    }

    /// Takes all of `batch`, or what of it can be.
    fn grow(&mut self, stage: Safety, batch: &[&Offer]) {
        if batch.is_empty() || self.proofs == MOST_PROOFS {
            return;
        }
        self.proofs += 1;
        let mut trial = self.taken.clone();
        trial.extend(batch.iter().map(|it| (*it).clone()));
        match (self.reach(stage, &trial), batch) {
            (Ok(reached), _) => {
                self.taken = trial;
                self.reached = Some(reached);
            }
            (Err(why), [only]) => self.failed.push(((*only).clone(), why)),
            (Err(_), _) => {
                let (first, second) = batch.split_at(batch.len() / 2);
                self.grow(stage, first);
                self.grow(stage, second);
            }
        }
    }

    /// Why an offer was not carried out.
    fn why(&self, offer: &Offer, stages: &[Safety]) -> Why {
        match self.failed.iter().find(|(it, _)| it == offer) {
            Some((_, why)) => *why,
            None if stages.contains(&offer.safety) => Why::NotReached,
            None => Why::DoesNotLoad,
        }
    }

    /// The text once these are carried out, where it keeps what is promised and their findings are gone.
    fn reach(&self, stage: Safety, offers: &[Offer]) -> Result<(Inputs, Outcome), Why> {
        let inputs = self.how.rewritten(self.now, self.texts(offers));
        let new = Reading::of(inputs.clone(), self.how.dialect);
        let codes: Vec<&'static str> = offers.iter().map(|it| it.code).collect();
        let (keeps, why) = match stage {
            Safety::Safe => {
                (proof::same_verdicts(&self.reading, &new, self.how.plan), Why::NotProven)
            }
            Safety::Unsafe => (proof::loads(&self.reading, &new, self.how.plan), Why::WouldNotLoad),
            Safety::Loads => (proof::loads_better(&self.reading, &new, &codes), Why::WouldNotLoad),
        };
        if !keeps {
            return Err(why);
        }
        let outcome = check_as_planned(inputs.clone(), self.how.dialect, self.how.plan);
        // A fix that mends nothing would be made again and again.
        let said = |outcome: &Outcome| {
            let findings = outcome.findings.iter();
            counted(findings.map(|it| (it.lint.code, it.message.en.clone())))
        };
        let (before, after) = (said(self.outcome), said(&outcome));
        let wanted = counted(offers.iter().map(|it| (it.code, it.message.en.clone())));
        let count = |counts: &Counts, key: &Said| counts.get(key).copied().unwrap_or(0);
        let gone =
            |(key, wanted): (&Said, &usize)| count(&after, key) + wanted <= count(&before, key);
        let mended = wanted.iter().all(gone) && fewer_dead(offers, self.outcome, &outcome);
        mended.then_some((inputs, outcome)).ok_or(Why::MendsNothing)
    }

    /// The files that these change.
    fn texts(&self, offers: &[Offer]) -> BTreeMap<u32, SourceFile> {
        let edits = edits(offers).into_iter();
        edits.map(|(file, it)| (file, self.now.files[file as usize].source.edited(&it))).collect()
    }
}

/// Whether what was moved does not leave other rules dead in the place of those that it brought to life: these would be
/// moved back again.
fn fewer_dead(offers: &[Offer], before: &Outcome, after: &Outcome) -> bool {
    let moved = offers.iter().filter(|it| it.moves_to().is_some());
    let families: BTreeSet<&str> = moved.map(|it| family(it.code)).collect();
    families.into_iter().all(|moved| {
        let dead = |outcome: &Outcome| {
            let lints = outcome.findings.iter().map(|it| it.lint);
            lints.filter(|it| it.fix != Fix::None && family(it.code) == moved).count()
        };
        dead(after) < dead(before)
    })
}

/// The lints that are about the same: the first digit of a code tells.
fn family(code: &str) -> &str {
    &code[..code.len().min(3)]
}

/// A lint with what it says.
type Said = (&'static str, String);

/// How often each is said.
type Counts = BTreeMap<Said, usize>;

fn counted(all: impl Iterator<Item = Said>) -> Counts {
    let mut counts = Counts::new();
    for it in all {
        *counts.entry(it).or_default() += 1;
    }
    counts
}
