//! `fwlint` and the kernel agree.

use super::{
    Backend, Files,
    agreement::{Count, compare},
    numbers::Numbers,
    on_the_kernel,
    rules::rule_set,
};
use fwlint::packets::Packet;

/// Packets whose addresses, ports and interfaces are those that the rules speak of, and their neighbours.
fn packets(seed: u64, count: usize) -> Vec<Packet> {
    let mut numbers = Numbers(seed ^ 0x5eed);
    let mut packets = Vec::new();
    while packets.len() < count {
        let protocol = numbers.pick(&["tcp", "tcp", "udp", "47"]);
        let source =
            numbers.pick(&["198.51.100.1", "198.51.100.2", "198.51.100.9", "10.1.1.1", "10.0.0.5"]);
        let destination = numbers.pick(&["192.0.2.1", "192.0.2.7", "10.0.0.5", "10.0.0.9"]);
        let port = numbers.pick(&["22", "23", "80", "81", "443", "4000"]);
        let source_port = numbers.pick(&["4000", "5000", "23"]);
        let interface = numbers.pick(&["eth0", "eth1", "wg0"]);
        let route = numbers.pick(&["", " out eth2", " out wg0"]);
        let state = numbers.pick(&[
            "",
            "",
            "",
            " state established",
            " state established dir reply",
            " state invalid",
            " state untracked",
        ]);
        let ends = if protocol == "47" {
            format!("{source} -> {destination}")
        } else {
            format!("{source}:{source_port} -> {destination}:{port}")
        };
        packets.push(
            Packet::parse(&format!("{protocol} {ends} in {interface}{route}{state}"))
                .expect("a packet"),
        );
    }
    packets
}

#[test]
fn made_up_rules_of_iptables_do_what_the_kernel_does() {
    on_the_kernel(|| {
        let mut count = Count::default();
        for seed in 0..100 {
            let files = Files { v4: Some(rule_set(seed)), ..Files::default() };
            let backend = if seed % 2 == 0 { Backend::Legacy } else { Backend::Nft };
            match compare(&files, backend, &packets(seed, 100), seed % 4 < 2) {
                Ok(more) => count.add(more),
                Err(it) => {
                    panic!("seed {seed} {backend:?}: {}\n{}", it.0, files.v4.unwrap_or_default())
                }
            }
        }
        println!("{count:?}");
    });
}
