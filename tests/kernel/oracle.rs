//! The oracle itself: what it sends is what it says, and what it says is what the rules do.

use super::{
    Backend, Files, Judge,
    judge::{Judged, Unjudged, Verdict},
    on_the_kernel,
    places::Kind,
};
use fwlint::packets::Packet;

fn packet(text: &str) -> Packet {
    Packet::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

fn nft(text: &str) -> Files {
    Files { nft: Some(text.to_owned()), ..Files::default() }
}

fn v4(text: &str) -> Files {
    Files { v4: Some(text.to_owned()), ..Files::default() }
}

fn load(files: &Files, backend: Backend) -> Judge {
    Judge::load(files, backend).expect("the kernel can be asked").expect("the rules load")
}

fn judged(judge: &mut Judge, texts: &[&str]) -> Vec<Judged> {
    let packets: Vec<_> = texts.iter().map(|it| packet(it)).collect();
    judge.walks(&packets).expect("the kernel can be asked")
}

/// Asserts the verdict of each packet.
fn assert_verdicts(judge: &mut Judge, cases: &[(&str, Verdict)]) {
    let texts: Vec<_> = cases.iter().map(|(text, _)| *text).collect();
    for ((text, verdict), judged) in cases.iter().zip(judged(judge, &texts)) {
        assert_eq!(judged.verdict, Ok(*verdict), "{text}\n{:#?}", judged.walk);
    }
}

#[test]
fn a_packet_has_the_state_that_it_says() {
    on_the_kernel(|| {
        let mut packets = Vec::new();
        let ends = [("198.51.100.7", "192.0.2.1"), ("2001:db8::7", "2001:db8:1::1")];
        for (source, destination) in ends {
            let icmp = if source.contains(':') { "icmpv6" } else { "icmp" };
            for protocol in ["tcp", "udp", "udplite", "sctp", "dccp", icmp, "esp", "47", "99"] {
                for route in ["in eth0", "in eth1 out eth2", "out wg0", "in lo"] {
                    for state in [
                        "new",
                        "established",
                        "established dir reply",
                        "related",
                        "related dir reply",
                        "invalid",
                        "untracked",
                    ] {
                        if state == "related dir reply" && protocol != icmp {
                            continue;
                        }
                        packets.push(packet(&format!(
                            "{protocol} {source} -> {destination} {route} state {state}"
                        )));
                    }
                }
            }
        }
        let mut judge = load(&Files::default(), Backend::Nft);
        let judged = judge.verdicts(&packets).expect("the kernel can be asked");
        let mut unmade = 0;
        for (packet, judged) in packets.iter().zip(judged) {
            match judged.verdict {
                Ok(verdict) => {
                    assert_eq!(verdict, Verdict::Accept, "{packet}");
                    assert_eq!(judged.state, Some(packet.state), "{packet}");
                }
                Err(Unjudged::CannotBe(_)) => unmade += 1,
                Err(other) => panic!("{packet}: {other:?}"),
            }
        }
        println!("{} packets of every state, {unmade} that cannot be", packets.len());
        assert!(unmade < packets.len() / 10);
    });
}

#[test]
fn a_packet_goes_the_way_that_it_says() {
    on_the_kernel(|| {
        let mut judge = load(
            &nft("table inet t {\n\
                 chain i { type filter hook input priority 0; policy drop; iifname lo accept; iifname eth0 udp dport 1 accept; }\n\
                 chain f { type filter hook forward priority 0; policy drop; iifname eth1 oifname wg0 accept; }\n\
                 chain o { type filter hook output priority 0; policy drop; oifname br0 accept; }\n}\n"),
            Backend::Nft,
        );
        assert_verdicts(
            &mut judge,
            &[
                ("udp 198.51.100.7:9 -> 192.0.2.1:1 in eth0", Verdict::Accept),
                ("udp 198.51.100.7:9 -> 192.0.2.1:2 in eth0", Verdict::Drop),
                ("udp 198.51.100.7:9 -> 192.0.2.1:2 in lo", Verdict::Accept),
                ("udp 127.0.0.1:9 -> 127.0.0.1:2 in lo", Verdict::Accept),
                ("udp ::1 -> [::1]:2 in lo", Verdict::Accept),
                ("udp 198.51.100.7:9 -> 192.0.2.1:1 in eth1", Verdict::Drop),
                ("udp 198.51.100.7:9 -> 192.0.2.1:1 in eth1 out wg0", Verdict::Accept),
                ("udp 198.51.100.7:9 -> 192.0.2.1:1 in eth1 out eth0", Verdict::Drop),
                ("udp 2001:db8::7 -> [2001:db8::1]:1 in eth1 out wg0", Verdict::Accept),
                ("udp 198.51.100.7:9 -> 192.0.2.1:1 out br0", Verdict::Accept),
                ("udp host:9 -> 192.0.2.1:1 out eth0", Verdict::Drop),
                ("udp host:9 -> [2001:db8::1]:1 out br0", Verdict::Accept),
                // Groups and broadcasts are for this host too.
                ("udp 198.51.100.7:9 -> 224.0.0.251:1 in eth0", Verdict::Accept),
                ("udp 198.51.100.7:9 -> 255.255.255.255:1 in eth0", Verdict::Accept),
                ("udp fe80::7 -> [ff02::fb]:1 in eth0", Verdict::Accept),
                ("udp fe80::7 -> [ff02::fb]:2 in eth0", Verdict::Drop),
            ],
        );
        let judged = judged(
            &mut judge,
            &["udp host -> 192.0.2.1:1 in ppp0", "udp 224.0.0.1 -> host:1 in eth0"],
        );
        assert_eq!(judged[0].verdict, Err(Unjudged::NoInterface));
        assert_eq!(judged[1].verdict, Err(Unjudged::Lost));
    });
}

#[test]
fn what_is_translated_goes_where_the_rules_send_it() {
    on_the_kernel(|| {
        let rules = "*nat\n:PREROUTING ACCEPT [0:0]\n\
             -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.0.0.5:8080\n\
             -A PREROUTING -p tcp --dport 81 -j REDIRECT --to-ports 8081\nCOMMIT\n\
             *filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n\
             -A INPUT -p tcp --dport 8081 -j ACCEPT\n\
             -A FORWARD -d 10.0.0.5 -p tcp --dport 8080 -j ACCEPT\n\
             -A INPUT -d 10.0.0.5 -p tcp --dport 22 -j ACCEPT\nCOMMIT\n";
        for backend in [Backend::Nft, Backend::Legacy] {
            assert_verdicts(
                &mut load(&v4(rules), backend),
                &[
                    ("tcp 198.51.100.7:9 -> 192.0.2.1:80 in eth0", Verdict::Accept),
                    ("tcp 198.51.100.7:9 -> 192.0.2.1:80 in eth0 out eth1", Verdict::Accept),
                    ("tcp 198.51.100.7:9 -> 192.0.2.1:81 in eth0", Verdict::Accept),
                    ("tcp 198.51.100.7:9 -> 192.0.2.1:81 in eth0 out eth1", Verdict::Accept),
                    ("tcp 198.51.100.7:9 -> 192.0.2.1:8080 in eth0", Verdict::Drop),
                    // The target of the translation is this host's own where a packet is for it.
                    ("tcp 198.51.100.7:9 -> 10.0.0.5:22 in eth0", Verdict::Accept),
                    ("tcp 198.51.100.7:9 -> 10.0.0.5:8080 in eth0", Verdict::Drop),
                    // No first packet of a connection: nobody translates it.
                    ("tcp 198.51.100.7:9 -> 192.0.2.1:80 in eth0 state established", Verdict::Drop),
                ],
            );
        }
    });
}

#[test]
fn a_mark_comes_with_its_packet() {
    on_the_kernel(|| {
        let rules = "table inet t {\n\
             chain i { type filter hook input priority 0; policy drop; meta mark 0x1020304 accept; }\n\
             chain o { type filter hook output priority 0; policy drop; meta mark 7 accept; }\n}\n";
        assert_verdicts(
            &mut load(&nft(rules), Backend::Nft),
            &[
                ("udp 198.51.100.7:9 -> 192.0.2.1:1 in eth0 mark 0x1020304", Verdict::Accept),
                ("udp 198.51.100.7:9 -> 192.0.2.1:1 in lo mark 0x1020304", Verdict::Accept),
                ("udp 198.51.100.7:9 -> 192.0.2.1:1 in eth0 mark 0x4030201", Verdict::Drop),
                ("udp 198.51.100.7:9 -> 192.0.2.1:1 in eth0", Verdict::Drop),
                ("udp 2001:db8::7 -> [2001:db8::1]:1 out eth0 mark 7", Verdict::Accept),
                ("udp 198.51.100.7:9 -> 192.0.2.1:1 out eth0 mark 7", Verdict::Accept),
                ("udp 198.51.100.7:9 -> 192.0.2.1:1 out eth0 mark 8", Verdict::Drop),
            ],
        );
    });
}

#[test]
fn a_reject_is_told_by_its_answer_or_its_rule() {
    on_the_kernel(|| {
        let rules = "*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n\
             -A INPUT -p tcp --dport 1 -j REJECT --reject-with tcp-reset\n\
             -A INPUT -p udp -j REJECT\n\
             -A INPUT -p icmp -j REJECT\n\
             -A FORWARD -j REJECT --reject-with icmp-admin-prohibited\n\
             -A OUTPUT -p udp -j REJECT\nCOMMIT\n";
        let told = [
            "tcp 198.51.100.7:9 -> 192.0.2.1:1 in eth0",
            "tcp 198.51.100.7:9 -> 192.0.2.1:1 in eth0 state established",
            "udp 198.51.100.7:9 -> 192.0.2.1:1 in eth0",
            "icmp 198.51.100.7 -> 192.0.2.1 in eth0",
            "tcp 198.51.100.7:9 -> 192.0.2.1:1 in eth0 out eth1",
        ];
        // Nobody answers an error, a reset or what was sent to a group.
        let untold = [
            "icmp 198.51.100.7 -> 192.0.2.1 in eth0 state related type 3/3",
            "tcp 198.51.100.7:9 -> 192.0.2.1:1 in eth0 state established flags rst",
            "udp 198.51.100.7:9 -> 224.0.0.251:1 in eth0",
        ];
        for backend in [Backend::Nft, Backend::Legacy] {
            let mut judge = load(&v4(rules), backend);
            let packets = |texts: &[&str]| texts.iter().map(|it| packet(it)).collect::<Vec<_>>();
            for (texts, fast) in [(&told[..], Verdict::Reject), (&untold[..], Verdict::Drop)] {
                let verdicts = judge.verdicts(&packets(texts)).expect("the kernel can be asked");
                for (text, judged) in texts.iter().zip(verdicts) {
                    assert_eq!(judged.verdict, Ok(fast), "{text}");
                }
                for (text, judged) in texts.iter().zip(judged(&mut judge, texts)) {
                    assert_eq!(judged.verdict, Ok(Verdict::Reject), "{text}");
                }
            }
        }
    });
}

#[test]
fn the_rule_that_decides_is_named_by_its_line() {
    on_the_kernel(|| {
        let rules = "*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n\
             *filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:mine - [0:0]\n\
             -A INPUT -p tcp -j mine\n\
             -A mine -s 10.0.0.1,10.0.0.2 -j RETURN\n\
             -A mine -p tcp --dport 22 -j ACCEPT\n\
             -A INPUT -p tcp -j DROP\n-A FORWARD -j mine\nCOMMIT\n";
        let cases = [
            ("tcp 10.0.0.9:9 -> 192.0.2.1:22 in eth0", Verdict::Accept, Some(11)),
            ("tcp 10.0.0.2:9 -> 192.0.2.1:22 in eth0", Verdict::Drop, Some(12)),
            ("tcp 10.0.0.9:9 -> 192.0.2.1:23 in eth0", Verdict::Drop, Some(12)),
            ("udp 10.0.0.9:9 -> 192.0.2.1:22 in eth0", Verdict::Accept, None),
            ("tcp 10.0.0.9:9 -> 192.0.2.1:22 in eth0 out eth1", Verdict::Accept, Some(11)),
        ];
        for backend in [Backend::Nft, Backend::Legacy] {
            let mut judge = load(&v4(rules), backend);
            let texts = cases.map(|(text, ..)| text);
            for ((text, verdict, line), judged) in cases.iter().zip(judged(&mut judge, &texts)) {
                assert_eq!(judged.verdict, Ok(*verdict), "{text} {backend:?}");
                let place = judged.rule.map(|it| (it.file, it.line));
                assert_eq!(
                    place,
                    line.map(|it| (Kind::V4, it)),
                    "{text} {backend:?}\n{:#?}",
                    judged.walk
                );
            }
        }
        let rules = "table ip t {\n  chain a {\n    type filter hook input priority 0; policy accept;\n    \
             tcp dport vmap { 22 : accept,\n      23 : jump b }\n  }\n  chain b {\n    ip saddr 10.0.0.9 drop\n    continue\n  }\n}\n\
             table inet u {\n  chain c {\n    type filter hook input priority 5; tcp dport 22 drop\n    ip6 nexthdr tcp accept\n  }\n}\n";
        let mut judge = load(&nft(rules), Backend::Nft);
        let cases = [
            ("tcp 10.0.0.9:9 -> 192.0.2.1:22 in eth0", Verdict::Drop, Some(14)),
            ("tcp 10.0.0.9:9 -> 192.0.2.1:23 in eth0", Verdict::Drop, Some(8)),
            ("tcp 2001:db8::9 -> [2001:db8::1]:23 in eth0", Verdict::Accept, Some(15)),
        ];
        let texts = cases.map(|(text, ..)| text);
        for ((text, verdict, line), judged) in cases.iter().zip(judged(&mut judge, &texts)) {
            assert_eq!(judged.verdict, Ok(*verdict), "{text}");
            assert_eq!(judged.rule.map(|it| it.line), *line, "{text}\n{:#?}", judged.walk);
        }
    });
}

#[test]
fn many_packets_do_not_disturb_each_other() {
    on_the_kernel(|| {
        let rules = "*filter\n:INPUT DROP [0:0]\n-A INPUT -p udp --dport 0:29999 -j ACCEPT\n\
             -A INPUT -p tcp -m state --state ESTABLISHED -j ACCEPT\nCOMMIT\n";
        let mut judge = load(&v4(rules), Backend::Legacy);
        let mut packets = Vec::new();
        for port in 0..20_000_u32 {
            let port = port * 3;
            packets.push(packet(&format!("udp 198.51.100.7:9 -> 192.0.2.1:{port} in eth0")));
        }
        for number in 0..5_000 {
            let state = if number % 2 == 0 { "established" } else { "new" };
            packets
                .push(packet(&format!("tcp 198.51.100.7:9 -> 192.0.2.1:9 in eth0 state {state}")));
        }
        for is_traced in [false, true] {
            let judged = if is_traced { judge.walks(&packets) } else { judge.verdicts(&packets) };
            for (packet, judged) in packets.iter().zip(judged.expect("the kernel can be asked")) {
                let port = packet.destination.port.unwrap_or_default();
                let is_known = packet.state != fwlint::packets::State::New;
                let passes = if packet.protocol == 17 { port < 30_000 } else { is_known };
                let verdict = if passes { Verdict::Accept } else { Verdict::Drop };
                assert_eq!(judged.verdict, Ok(verdict), "{packet}");
                if is_traced && passes {
                    let line = if packet.protocol == 17 { 3 } else { 4 };
                    assert_eq!(judged.rule.map(|it| it.line), Some(line), "{packet}");
                }
            }
        }
    });
}

#[test]
fn fragments_are_put_together_where_tracking_begins() {
    on_the_kernel(|| {
        let rules = |priority: i32| {
            format!(
                "table inet t {{\n  chain p {{\n    type filter hook prerouting priority {priority}; policy accept;\n    \
                 ip frag-off & 0x3fff != 0 drop\n    exthdr frag exists drop\n  }}\n  \
                 chain i {{\n    type filter hook input priority 0; policy drop;\n    udp dport 1 accept\n  }}\n  \
                 chain f {{\n    type filter hook forward priority 0; policy drop;\n    udp dport 1 accept\n  }}\n}}\n"
            )
        };
        let packets = [
            "udp 198.51.100.7:9 -> 192.0.2.1:1 in eth0",
            "udp 198.51.100.7:9 -> 192.0.2.1:1 in eth0 out eth1",
            "udp 2001:db8::7 -> [2001:db8::1]:1 in eth0",
            "udp 2001:db8::7 -> [2001:db8::1]:1 in eth0 out eth1",
        ]
        .map(packet);
        // Connection tracking, which our own chains ask for, has them put together at -400.
        for (priority, verdict) in [(-300, Verdict::Accept), (-450, Verdict::Drop)] {
            let mut judge = load(&nft(&rules(priority)), Backend::Nft);
            let judged = judge.verdicts_in_pieces(&packets).expect("the kernel can be asked");
            for (packet, judged) in packets.iter().zip(judged) {
                assert_eq!(judged.verdict, Ok(verdict), "{packet} at {priority}");
            }
            let whole = judge.verdicts(&packets).expect("the kernel can be asked");
            assert!(whole.iter().all(|it| it.verdict == Ok(Verdict::Accept)));
        }
    });
}
