//! Made-up rule sets: the loaders take them, and the two backends of iptables do the same with every packet.

use super::{
    Backend, Files, Judge,
    generate::{
        Family, iptables, nft,
        packets::{Constants, packet},
    },
    judge::Unjudged,
    numbers::Numbers,
    on_the_kernel,
};
use fwlint::packets::Packet;
use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    time::Instant,
};

/// Packets for each rule set.
pub(super) const PACKETS: usize = 200;

/// Rule sets of each kind: as many as `FWLINT_KERNEL_RULE_SETS` says, or a few.
pub(super) fn rule_sets() -> u64 {
    const FEW: u64 = 60;
    env::var("FWLINT_KERNEL_RULE_SETS").ok().and_then(|it| it.parse().ok()).unwrap_or(FEW)
}

pub(super) fn packets(seed: u64, files: &Files, families: &[bool], count: usize) -> Vec<Packet> {
    let mut numbers = Numbers(seed ^ 0x5eed);
    let texts = [&files.v4, &files.v6, &files.nft, &files.ipset];
    let constants = Constants::of(texts.into_iter().flatten().map(String::as_str));
    (0..count)
        .map(|_| {
            let is_six = families[numbers.below(families.len())];
            packet(&mut numbers, &constants, is_six)
        })
        .collect()
}

pub(super) fn restore(seed: u64) -> (Files, &'static [bool]) {
    let family = if seed % 3 == 2 { Family::V6 } else { Family::V4 };
    let rules = iptables::rule_set(seed, family);
    let ipset = Some(rules.ipset);
    match family {
        Family::V4 => (Files { ipset, v4: Some(rules.restore), ..Files::default() }, &[false]),
        Family::V6 => (Files { ipset, v6: Some(rules.restore), ..Files::default() }, &[true]),
    }
}

fn load(files: &Files, backend: Backend) -> Result<Judge, String> {
    Judge::load(files, backend).expect("the kernel can be asked")
}

#[test]
fn the_two_backends_of_iptables_agree() {
    on_the_kernel(|| {
        let start = Instant::now();
        let (mut compared, mut unjudged, mut accepted) = (0_u32, 0_u32, 0_u32);
        let mut refused = Vec::new();
        for seed in 0..rule_sets() {
            let (files, families) = restore(seed);
            let packets = packets(seed, &files, families, PACKETS);
            let mut both = Vec::new();
            for backend in [Backend::Nft, Backend::Legacy] {
                match load(&files, backend) {
                    Ok(mut judge) => {
                        both.push(judge.walks(&packets).expect("the kernel can be asked"));
                    }
                    Err(complaint) => {
                        refused.push(format!("seed {seed}, {backend:?}: {complaint}"));
                    }
                }
            }
            let [nft, legacy] = &both[..] else { continue };
            for ((packet, nft), legacy) in packets.iter().zip(nft).zip(legacy) {
                assert_eq!(
                    (nft.verdict, nft.state, nft.rule),
                    (legacy.verdict, legacy.state, legacy.rule),
                    "seed {seed}: {packet}\n{files:?}\n{:#?}\n{:#?}",
                    nft.walk,
                    legacy.walk
                );
                compared += 1;
                unjudged += u32::from(nft.verdict.is_err());
                accepted += u32::from(nft.verdict == Ok(super::judge::Verdict::Accept));
            }
        }
        println!(
            "{compared} packets compared in {:.1?}, {accepted} let through, {unjudged} of which nothing can be said",
            start.elapsed()
        );
        assert!(refused.is_empty(), "{} are refused\n{}", refused.len(), refused.join("\n"));
        assert!(
            unjudged < compared / 20 && accepted > compared / 10 && accepted < compared * 9 / 10
        );
    });
}

#[test]
fn the_loader_takes_what_is_made_up_for_it() {
    on_the_kernel(|| {
        let mut refused = Vec::new();
        let (mut judged, mut accepted, mut decided) = (0_u32, 0_u32, 0_u32);
        let mut unjudged = BTreeMap::<String, u32>::new();
        let (mut rules, mut touched) = (0, 0);
        for seed in 0..rule_sets() {
            let files = Files { nft: Some(nft::rule_set(seed)), ..Files::default() };
            let mut judge = match load(&files, Backend::Nft) {
                Ok(judge) => judge,
                Err(complaint) => {
                    refused.push(format!("seed {seed}: {complaint}"));
                    continue;
                }
            };
            let packets = packets(seed, &files, &[false, true], PACKETS);
            let mut seen = BTreeSet::new();
            for (packet, it) in
                packets.iter().zip(judge.walks(&packets).expect("the kernel can be asked"))
            {
                judged += 1;
                accepted += u32::from(it.verdict == Ok(super::judge::Verdict::Accept));
                decided += u32::from(it.rule.is_some());
                if let Err(reason) = it.verdict {
                    *unjudged.entry(format!("{reason:?}")).or_default() += 1;
                }
                seen.extend(it.walk.iter().filter_map(|it| judge.place(it)));
                if let Err(Unjudged::WentElsewhere) = it.verdict {
                    panic!("seed {seed}: {packet}\n{:#?}", it.walk);
                }
            }
            rules += judge.rule_count();
            touched += seen.len();
        }
        println!(
            "{} of {} rule sets load; {judged} packets, {accepted} let through, {decided} decided by a rule; {touched} of {rules} rules match one; nothing can be said of {unjudged:?}",
            rule_sets() - refused.len() as u64,
            rule_sets()
        );
        assert!(refused.is_empty(), "{} are refused\n{}", refused.len(), refused.join("\n"));
        assert!(accepted > judged / 10 && accepted < judged * 9 / 10 && decided > judged / 4);
        assert!(touched > rules / 5 && unjudged.values().sum::<u32>() < judged / 20);
    });
}

#[test]
fn the_rates_are_said() {
    on_the_kernel(|| {
        const PACKETS: usize = 20_000;
        let (files, families) = restore(1);
        let packets = packets(1, &files, families, PACKETS);
        for backend in [Backend::Nft, Backend::Legacy] {
            let start = Instant::now();
            let mut judge = load(&files, backend).expect("the rules load");
            let loaded = start.elapsed();
            let rate = |start: Instant| {
                let micros = start.elapsed().as_micros().max(1);
                packets.len() as u128 * 1_000_000 / micros
            };
            let start = Instant::now();
            let verdicts = judge.verdicts(&packets).expect("the kernel can be asked");
            let fast = rate(start);
            let start = Instant::now();
            let walks = judge.walks(&packets).expect("the kernel can be asked");
            println!(
                "{backend:?}: loaded in {loaded:.0?}, {fast} verdicts a second, {} with the rule",
                rate(start)
            );
            assert_eq!(verdicts.len(), walks.len());
        }
    });
}
