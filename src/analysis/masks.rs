//! Values under a mask as runs.

use crate::packets::Ranges;

/// A mask that leaves more runs of addresses than this is not enumerated.
const MOST_RUNS: u128 = 4096;

/// The values up to `last` (all ones) whose bits at `mask` are those of `value`.
pub(super) fn runs(last: u128, mask: u128, value: u128) -> Option<Ranges> {
    let free = last & !mask;
    // The free bits below the lowest fixed one make each run; those above it are enumerated.
    let low = if mask & last == 0 { last } else { (1_u128 << (mask & last).trailing_zeros()) - 1 };
    let high = free & !low;
    if 1_u128.checked_shl(high.count_ones()).is_none_or(|count| count > MOST_RUNS) {
        return None;
    }
    let mut ranges = Vec::new();
    let mut chosen = 0_u128;
    loop {
        let start = (value & last & !low) | chosen;
        ranges.push((start, start | low));
        // Counts through the subsets of `high`.
        chosen = chosen.wrapping_sub(high) & high;
        if chosen == 0 {
            return Some(Ranges::of(ranges));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::runs;

    #[test]
    fn a_mask_with_holes_is_the_runs_it_leaves() {
        for (mask, value) in
            [(0x0f, 0x05), (0xf0, 0x50), (0xa5, 0x21), (0, 0), (0xff, 0x7e), (0x01, 1)]
        {
            let set = runs(0xff, mask, value).expect("256 values leave few runs");
            for number in 0..=0xff_u128 {
                assert_eq!(
                    set.contains(number),
                    number & mask == value,
                    "{number:x} & {mask:x} == {value:x}"
                );
            }
        }
        assert!(runs(u128::MAX, 1, 1).is_none());
    }
}
