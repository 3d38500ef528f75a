//! `fwlint` and the kernel agree about made-up rules and packets.

use super::{
    Backend, Files,
    agreement::{Count, compare},
    generate::nft,
    generated::{PACKETS, packets, restore, rule_sets},
    on_the_kernel,
};
use std::time::Instant;

/// Compares rule sets of one kind and says how many pairs there were.
fn agree(kind: &str, made: impl Fn(u64) -> (Files, &'static [bool], Backend)) {
    let (start, mut count) = (Instant::now(), Count::default());
    for seed in 0..rule_sets() {
        let (files, families, backend) = made(seed);
        let packets = packets(seed, &files, families, PACKETS);
        // Asking for the rule as well takes four times as long.
        match compare(&files, backend, &packets, seed % 2 == 0) {
            Ok(more) => count.add(more),
            Err(it) => panic!("{kind}, seed {seed}, {backend:?}: {}\n{}", it.0, it.1),
        }
    }
    println!("{kind}: {count} in {:.1?}", start.elapsed());
    assert!(
        count.maybe * 100 < count.pairs,
        "{kind}: {} of {} are maybe",
        count.maybe,
        count.pairs
    );
}

#[test]
fn rules_of_iptables_do_what_the_kernel_does() {
    on_the_kernel(|| {
        agree("iptables", |seed| {
            let (files, families) = restore(seed);
            let backend = if seed % 4 < 2 { Backend::Nft } else { Backend::Legacy };
            (files, families, backend)
        });
    });
}

#[test]
fn rules_of_nftables_do_what_the_kernel_does() {
    on_the_kernel(|| {
        agree("nftables", |seed| {
            let files = Files { nft: Some(nft::rule_set(seed)), ..Files::default() };
            (files, &[false, true], Backend::Nft)
        });
    });
}
