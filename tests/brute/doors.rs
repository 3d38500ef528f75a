//! Who is shut out, against packets traced one by one.

use super::rules::rule_set;
use fwlint::{
    analysis::{
        Analysis, Doors, Interest,
        trace::{Tracer, Verdict},
    },
    knowledge::{PortRange, Transport},
    lower::{self, Input},
    model::{Address, Family},
    packets::Packet,
    settings::{Environment, Overrides, Ports, Zones, config::File},
    source::SourceFile,
    syntax::{self, Dialect},
};
use std::path::Path;

const RULE_SETS: u64 = 200;
const SOURCES: [&str; 4] = ["198.51.100.0", "198.51.100.1", "198.51.100.2", "10.1.1.1"];
const INTERFACES: [&str; 3] = ["eth0", "eth1", "ppp0"];

fn zones() -> Zones {
    let all = ("all", "\"198.51.100.0/31\", \"198.51.100.2\"".to_owned());
    let each = SOURCES.map(|source| (source, format!("\"{source}\"")));
    let named: Vec<_> = each.into_iter().chain([all]).collect();
    // Zones that hold what others do are refused together.
    let settled = |name: &str, sources: &str, interface: &str| {
        let zone = format!("{{ sources = [{sources}], interfaces = [\"{interface}\"] }}");
        let text = format!("[zones]\n\"{name} {interface}\" = {zone}\n");
        let file = File::parse("fwlint.toml", Path::new(""), text).expect("TOML");
        Overrides::default().settle(&[file], &Environment::default(), &[]).expect("zones").zones.0
    };
    let zones = named.iter().flat_map(|(name, sources)| {
        INTERFACES.iter().flat_map(|interface| settled(name, sources, interface))
    });
    Zones(zones.collect())
}

#[test]
fn somebody_is_shut_out_if_their_packet_does_not_get_in() {
    let zones = zones();
    let (mut shut, mut open) = (0_u32, 0_u32);
    for seed in 0..RULE_SETS {
        let text = rule_set(seed);
        let source = SourceFile::new("rules.v4", text.clone().into_bytes());
        let parsed = syntax::parse(&source, Some(Dialect::Iptables)).expect("rules");
        let ruleset = lower::ruleset(&[Input { file: 0, source: &source, parsed: &parsed }]);
        let analysis = Analysis::within(&ruleset, Interest::Everything, &zones);
        let tracer = Tracer::new(&ruleset);
        let here = Address { family: Family::Ipv4, bits: 0xc000_0201 };
        let doors = Doors::of(&analysis.families[0], &[here]);
        for interface in INTERFACES {
            for port in [22, 23, 80] {
                let ports = Ports {
                    transport: Transport::Tcp,
                    ports: PortRange { first: port, last: port },
                };
                let refused = |zone: &str| {
                    let zone = zones.get(&format!("{zone} {interface}")).expect("it is there");
                    doors.shut_out(zone, ports)
                };
                let verdict = |source: &str| {
                    let packet = format!("tcp {source}:40000 -> 192.0.2.1:{port} in {interface}");
                    tracer.trace(&Packet::parse(&packet).expect("a packet")).verdict
                };
                let mut any = false;
                for source in SOURCES {
                    let verdict = verdict(source);
                    // The interface behind a translation is not known to a packet.
                    if verdict == Verdict::Maybe {
                        continue;
                    }
                    let kept_out = verdict != Verdict::Accept;
                    any |= kept_out && source.starts_with("198");
                    let said = !refused(source).is_empty();
                    assert_eq!(said, kept_out, "{source} {interface} {port} seed {seed}\n{text}");
                    *(if said { &mut shut } else { &mut open }) += 1;
                }
                if any {
                    let shown = refused("all");
                    let packet = shown.first().unwrap_or_else(|| panic!("seed {seed}\n{text}"));
                    assert_ne!(
                        tracer.trace(packet).verdict,
                        Verdict::Accept,
                        "{packet} seed {seed}"
                    );
                }
            }
        }
    }
    println!("doors: {shut} shut, {open} open");
    assert!(shut > 1_000 && open > 1_000, "{shut} shut, {open} open");
}
