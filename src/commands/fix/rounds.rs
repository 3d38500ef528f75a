//! The rounds in which the files of some hosts are mended.

use super::{
    Change, Done, How, Mended, Why,
    offers::{Offer, apart, edits, offers},
    proof,
};
use crate::{
    commands::{check_as_planned, reading::Reading},
    lints::Safety,
    source::{SourceFile, input::Inputs},
};
use std::collections::BTreeMap;

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
    loop {
        let outcome = check_as_planned(now.clone(), how.dialect, how.plan);
        let (all, mut left) = offers(&outcome, &now);
        if all.is_empty() {
            mended.left = left;
            break;
        }
        let mut round = Round::new(&now, how);
        let stages: &[Safety] = match (proof::refused(&round.reading).is_empty(), how.risky) {
            (false, _) => &[Safety::Loads],
            (true, false) => &[Safety::Safe],
            (true, true) => &[Safety::Safe, Safety::Unsafe],
        };
        let over = mended.rounds == MOST_ROUNDS;
        for stage in stages.iter().filter(|_| !over) {
            round.take(*stage, &all);
            if round.taken.is_empty() {
                continue;
            }
            if *stage == Safety::Unsafe && proven.is_none() {
                proven = Some(now.clone());
            }
            break;
        }
        if round.taken.is_empty() {
            let loads = stages != [Safety::Loads];
            let waits = |it: &&Offer| it.safety == Safety::Unsafe && !how.risky;
            mended.withheld = all.iter().filter(waits).count();
            let rest = all.iter().filter(|it| !waits(it));
            left.extend(
                rest.map(|it| it.left(if over { Why::NotReached } else { why(it, loads) })),
            );
            left.sort_by(|a, b| (&a.path, a.line, a.code).cmp(&(&b.path, b.line, b.code)));
            mended.left = left;
            break;
        }
        mended.rounds += 1;
        mended.done.extend(round.taken.iter().map(done));
        let texts = round.texts(&round.taken);
        now = how.rewritten(&now, texts);
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

/// Why an offer that could have been carried out was not.
fn why(offer: &Offer, loads: bool) -> Why {
    match (offer.safety, loads) {
        (Safety::Loads, _) | (Safety::Unsafe, true) => Why::WouldNotLoad,
        (Safety::Safe, true) => Why::NotProven,
        (Safety::Safe | Safety::Unsafe, false) => Why::DoesNotLoad,
    }
}

fn done(offer: &Offer) -> Done {
    let Offer { path, line, code, title, safety, .. } = offer.clone();
    Done { path, line, code, title, safety }
}

/// One round: what is taken of what is offered.
struct Round<'r> {
    how: How<'r>,
    now: &'r Inputs,
    reading: Reading,
    taken: Vec<Offer>,
    proofs: u32,
}

impl<'r> Round<'r> {
    fn new(now: &'r Inputs, how: How<'r>) -> Self {
        let reading = Reading::of(now.clone(), how.dialect);
        Self { how, now, reading, taken: Vec::new(), proofs: 0 }
    }

    /// Takes of the offers of one sort what is apart and keeps its promise.
    fn take(&mut self, stage: Safety, all: &[Offer]) {
        let wanted = all.iter().filter(|it| it.safety == stage);
        let batch = apart(wanted);
        self.grow(stage, &batch);
    }

    /// Takes all of `batch`, or what of it can be.
    fn grow(&mut self, stage: Safety, batch: &[&Offer]) {
        if batch.is_empty() || self.proofs == MOST_PROOFS {
            return;
        }
        self.proofs += 1;
        let mut trial = self.taken.clone();
        trial.extend(batch.iter().map(|it| (*it).clone()));
        if self.keeps(stage, &trial) {
            self.taken = trial;
        } else if batch.len() > 1 {
            let (first, second) = batch.split_at(batch.len() / 2);
            self.grow(stage, first);
            self.grow(stage, second);
        }
    }

    /// Whether the text keeps what is promised once these are carried out.
    fn keeps(&self, stage: Safety, offers: &[Offer]) -> bool {
        let inputs = self.how.rewritten(self.now, self.texts(offers));
        let new = Reading::of(inputs, self.how.dialect);
        match stage {
            Safety::Safe => proof::same_verdicts(&self.reading, &new, self.how.plan),
            Safety::Unsafe => proof::difference(&self.reading, &new, self.how.plan).is_some(),
            Safety::Loads => {
                let codes: Vec<&'static str> = offers.iter().map(|it| it.code).collect();
                proof::loads_better(&self.reading, &new, &codes)
            }
        }
    }

    /// The files that these change.
    fn texts(&self, offers: &[Offer]) -> BTreeMap<u32, SourceFile> {
        let edits = edits(offers).into_iter();
        edits.map(|(file, it)| (file, self.now.files[file as usize].source.edited(&it))).collect()
    }
}
