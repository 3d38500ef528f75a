//! Where the entries of a list lie, so that a question about a few packets meets few of them.

use crate::analysis::bounds::Bounds;
use std::{cell::OnceCell, ops::RangeInclusive};

/// Entries are looked up by blocks of so many ports, and those about more than so many blocks not at all.
const BLOCK: u16 = 256;
const MOST_BLOCKS: usize = 16;

/// The entries of one list, in order.
#[derive(Debug)]
pub(super) struct Nearby {
    bounds: Vec<Bounds>,
    blocks: OnceCell<Blocks>,
}

#[derive(Debug)]
struct Blocks {
    /// The entries about a few ports, by the blocks of those.
    few: Vec<Vec<u32>>,
    wide: Vec<u32>,
}

fn blocks(bounds: &Bounds) -> Option<RangeInclusive<usize>> {
    let (low, high) = (usize::from(bounds.ports.0 / BLOCK), usize::from(bounds.ports.1 / BLOCK));
    (high.saturating_sub(low) < MOST_BLOCKS).then_some(low..=high)
}

impl Nearby {
    pub(super) const fn of(bounds: Vec<Bounds>) -> Self {
        Self { bounds, blocks: OnceCell::new() }
    }

    fn blocks(&self) -> &Blocks {
        self.blocks.get_or_init(|| {
            let few = vec![Vec::new(); usize::from(u16::MAX / BLOCK) + 1];
            let mut all = Blocks { few, wide: Vec::new() };
            for (bounds, entry) in self.bounds.iter().zip(0..) {
                match blocks(bounds) {
                    Some(own) => all.few[own].iter_mut().for_each(|block| block.push(entry)),
                    None => all.wide.push(entry),
                }
            }
            all
        })
    }

    /// The entries, in order, that may meet what lies within some bounds.
    pub(super) fn meeting(&self, bounds: &Bounds) -> Vec<u32> {
        let meets = |entry: &u32| self.bounds[*entry as usize].meets(bounds);
        let Some(asked) = blocks(bounds) else {
            return (0..super::lists::number(self.bounds.len())).filter(meets).collect();
        };
        let blocks = self.blocks();
        let all = blocks.few[asked].iter().flatten().chain(&blocks.wide);
        let mut met: Vec<u32> = all.copied().filter(meets).collect();
        met.sort_unstable();
        met.dedup();
        met
    }
}
