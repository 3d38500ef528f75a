//! What came of two sets lately: the same are often asked for again and again.

use rustc_hash::FxBuildHasher;
use std::hash::BuildHasher;

/// Pairs of numbers that are not both 0, and what came of them.
#[derive(Debug, Default)]
pub(super) struct Recent(Vec<(u32, u32, u32)>);

impl Recent {
    const BITS: u32 = 12;

    fn place(a: u32, b: u32) -> usize {
        let hash = FxBuildHasher.hash_one((a, b));
        usize::try_from(hash >> (u64::BITS - Self::BITS)).unwrap_or(0)
    }

    pub(super) fn get(&self, a: u32, b: u32) -> Option<u32> {
        let known = self.0.get(Self::place(a, b))?;
        (known.0 == a && known.1 == b).then_some(known.2)
    }

    /// Notes what came of two.
    pub(super) fn put(&mut self, a: u32, b: u32, result: u32) {
        if self.0.is_empty() {
            self.0 = vec![(0, 0, 0); 1 << Self::BITS];
        }
        self.0[Self::place(a, b)] = (a, b, result);
    }
}
