//! Rule files of any length, the same each time.

mod grown;
mod mixed;
mod shapes;

pub(crate) use grown::rules as grown;
pub(crate) use mixed::{changed, iptables as mixed, nft as mixed_nft};
pub(crate) use shapes::{blocklist, five_tuples, nest, nft_set};

/// `SplitMix64`: ten lines instead of a crate, and the same numbers everywhere.
struct Dice(u64);

impl Default for Dice {
    fn default() -> Self {
        Self(1)
    }
}

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u32) -> u32 {
        u32::try_from(self.next() >> 33).expect("31 bits") % limit
    }

    fn index(&mut self, length: usize) -> usize {
        self.below(u32::try_from(length).expect("a short list")) as usize
    }
}
