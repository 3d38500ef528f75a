use super::{Part, Wrong};
use crate::packets::{
    Address, Contradiction, Direction, End, Family, Fields, Icmp, Interface, Packet, Route, State,
    has_ports,
};
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

fn read(text: &str) -> Packet {
    Packet::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

/// What is wrong with a text, and the bytes that are.
fn refused(text: &str) -> (Wrong, &str) {
    let error = Packet::parse(text).expect_err(text);
    (error.kind, &text[error.span])
}

#[test]
fn a_syn_to_a_port_reads_as_it_is_written() {
    let packet = read("tcp 198.51.100.7:40000 -> 192.0.2.1:79 in eth0");
    assert_eq!((packet.protocol, packet.family()), (6, Family::Ipv4));
    assert_eq!(packet.source.address, Address::Literal(Ipv4Addr::new(198, 51, 100, 7).into()));
    assert_eq!((packet.source.port, packet.destination.port), (Some(40_000), Some(79)));
    assert_eq!(packet.route, Route::Input { from: Interface::new("eth0").expect("a name") });
    assert_eq!((packet.state, packet.direction), (State::New, Direction::Original));
    assert_eq!((packet.flags, packet.mark), (Some(0x02), 0));
}

#[test]
fn what_is_usual_may_be_left_out_and_is() {
    let same = |long: &str, short: &str| {
        assert_eq!(read(long), read(short));
        assert_eq!(read(long).to_string(), short);
    };
    same(
        "tcp host -> 192.0.2.1:79 out eth0 in eth1 mark 0x0 dir original flags syn state new",
        "tcp host -> 192.0.2.1:79 in eth1 out eth0",
    );
    same(
        "tcp host -> [2001:db8::1] in eth0 state established flags ack",
        "tcp host -> 2001:db8::1 in eth0 state established",
    );
    same("17 host:1 -> 192.0.2.1:79 in eth0", "udp host:1 -> 192.0.2.1:79 in eth0");
    same("icmp host -> host type 8/0 in lo", "icmp host -> host in lo type 8/0");
    same("47 host -> 192.0.2.1 in a mark 0x10", "47 host -> 192.0.2.1 in a mark 16");
    same(
        "tcp host -> 192.0.2.1 in a flags ecn,syn,ece",
        "tcp host -> 192.0.2.1 in a flags syn,ece",
    );
}

#[test]
fn a_flag_that_is_usual_in_another_state_is_written() {
    let text = "tcp host -> 192.0.2.1:79 in eth0 state established flags syn";
    assert_eq!(read(text).to_string(), text);
    let text = "tcp host -> 192.0.2.1:79 in eth0 flags none";
    assert_eq!((read(text).flags, read(text).to_string().as_str()), (Some(0), text));
}

#[test]
fn the_icmp_of_the_other_family_is_only_a_number() {
    assert_eq!(refused("icmp ::1 -> ::2 in eth0"), (Wrong::OtherIcmp, "icmp"));
    assert_eq!(refused("icmpv6 192.0.2.1 -> host in eth0"), (Wrong::OtherIcmp, "icmpv6"));
    assert_eq!(read("1 ::1 -> ::2 in eth0").to_string(), "1 ::1 -> ::2 in eth0");
    assert_eq!(read("1 host -> 192.0.2.2 in eth0").to_string(), "icmp host -> 192.0.2.2 in eth0");
}

#[test]
fn what_does_not_fit_together_is_refused_where_it_is_written() {
    let cases = [
        ("udp host -> 192.0.2.1:53 in a flags syn", Contradiction::Flags, "flags syn"),
        (
            "tcp 192.0.2.1:1 -> [2001:db8::1]:22 in a",
            Contradiction::TwoFamilies,
            "tcp 192.0.2.1:1 -> [2001:db8::1]:22",
        ),
        ("tcp host:1 -> host:2 in lo", Contradiction::NoFamily, "tcp host:1 -> host:2"),
        ("icmp host:7 -> 192.0.2.1 in a", Contradiction::SourcePort, "7"),
        ("icmp host -> 192.0.2.1:22 in a", Contradiction::DestinationPort, "22"),
        ("47 192.0.2.7 -> [::1]:22 in a", Contradiction::TwoFamilies, "47 192.0.2.7 -> [::1]:22"),
        ("tcp host -> 192.0.2.1 type 8 in a", Contradiction::Icmp, "type 8"),
        ("1 ::1 -> ::2 in a type 8", Contradiction::Icmp, "type 8"),
        ("udp host -> 192.0.2.1 in a dir reply", Contradiction::Reply, "dir reply"),
        ("udp host -> ::1 in a state invalid dir reply", Contradiction::Reply, "dir reply"),
    ];
    for (text, contradiction, place) in cases {
        assert_eq!(refused(text), (Wrong::Contradiction(contradiction), place), "{text}");
    }
}

#[test]
fn a_word_that_nobody_knows_is_shown_with_the_one_that_was_meant() {
    let cases = [
        ("tpc host -> 192.0.2.1:1 in a", Part::Protocol, Some("tcp"), "tpc"),
        ("UDP host -> 192.0.2.1:1 in a", Part::Protocol, Some("udp"), "UDP"),
        ("icmp6 host -> ::1 in a", Part::Protocol, Some("icmpv6"), "icmp6"),
        ("gre host -> 192.0.2.1 in a", Part::Protocol, None, "gre"),
        ("256 host -> 192.0.2.1 in a", Part::Protocol, None, "256"),
        ("tcp hosts -> 192.0.2.1:1 in a", Part::Address, Some("host"), "hosts"),
        ("tcp 192.0.2.300 -> host in a", Part::Address, None, "192.0.2.300"),
        ("tcp example.org:80 -> host in a", Part::Address, None, "example.org"),
        ("tcp [::1 -> host in a", Part::Address, None, "[::1"),
        ("tcp [::1]22 -> host in a", Part::Port, None, "22"),
        ("tcp [::1]x:22 -> host in a", Part::Port, None, "x:22"),
        ("tcp 192.0.2.1:ssh -> host in a", Part::Port, None, "ssh"),
        ("tcp 192.0.2.1:65536 -> host in a", Part::Port, None, "65536"),
        ("tcp 192.0.2.1:+1 -> host in a", Part::Port, None, "+1"),
        ("tcp 192.0.2.1:020 -> host in a", Part::Port, None, "020"),
        ("tcp 192.0.2.1: -> host in a", Part::Port, None, ""),
        ("tcp host => 192.0.2.1 in a", Part::Arrow, None, "=>"),
        ("tcp host->192.0.2.1 in a", Part::Arrow, None, "->"),
        ("tcp host -> 192.0.2.1 on a", Part::Option, Some("in"), "on"),
        ("tcp host -> 192.0.2.1 in a stat new", Part::Option, Some("state"), "stat"),
        ("tcp host -> 192.0.2.1 in a ttl 5", Part::Option, None, "ttl"),
        ("tcp host -> 192.0.2.1 in a state NEW", Part::State, Some("new"), "NEW"),
        ("tcp host -> ::1 in a state estabished", Part::State, Some("established"), "estabished"),
        ("tcp host -> ::1 in a dir replay", Part::Direction, Some("reply"), "replay"),
        ("tcp host -> ::1 in a flags syn,akc", Part::Flags, Some("ack"), "akc"),
        ("tcp host -> ::1 in a flags syn,", Part::Flags, None, ""),
        ("icmp host -> 192.0.2.1 in a type echo", Part::Icmp, None, "echo"),
        ("icmp host -> 192.0.2.1 in a type 8/", Part::Icmp, None, "8/"),
        ("icmp host -> 192.0.2.1 in a type 8/256", Part::Icmp, None, "8/256"),
        ("tcp host -> ::1 in a mark 0x1ffffffff", Part::Mark, None, "0x1ffffffff"),
        ("tcp host -> ::1 in a mark 0x", Part::Mark, None, "0x"),
        ("tcp host -> ::1 in sixteen-letters1", Part::Interface, None, "sixteen-letters1"),
        ("tcp host -> ::1 in eth0:1", Part::Interface, None, "eth0:1"),
    ];
    for (text, part, suggestion, place) in cases {
        assert_eq!(refused(text), (Wrong::Expected(part, suggestion), place), "{text}");
    }
}

#[test]
fn a_port_behind_ipv6_needs_brackets_and_nothing_else_bears_them() {
    let whole = "2001:db8:1:2:3:4:5:6:22";
    let text = format!("tcp {whole} -> host:22 in a");
    assert_eq!(refused(&text), (Wrong::NeedsBrackets, whole));
    let text = "tcp [192.0.2.1]:22 -> host in a";
    assert_eq!(refused(text), (Wrong::NeedsNoBrackets, "192.0.2.1"));
    assert_eq!(refused("tcp ::1 -> [host] in a"), (Wrong::NeedsNoBrackets, "host"));
}

#[test]
fn what_is_missing_is_named_at_the_end() {
    let cases = [
        ("", Part::Protocol),
        ("  \t", Part::Protocol),
        ("tcp", Part::Address),
        ("tcp host", Part::Arrow),
        ("tcp host ->", Part::Address),
        ("tcp host -> ::1", Part::Route),
        ("tcp host -> ::1 state new  ", Part::Route),
        ("tcp host -> ::1 in", Part::Interface),
        ("tcp host -> ::1 in a flags", Part::Flags),
        ("icmpv6 host -> ::1 in a type", Part::Icmp),
        ("tcp host -> ::1 in a mark ", Part::Mark),
        ("tcp host -> ::1 in a dir", Part::Direction),
        ("tcp host -> ::1 in a state", Part::State),
    ];
    for (text, part) in cases {
        let error = Packet::parse(text).expect_err(text);
        let end = text.trim_end().len();
        assert_eq!((error.kind, error.span), (Wrong::Missing(part), end..end), "{text:?}");
    }
}

#[test]
fn an_option_stands_once_and_none_alone() {
    assert_eq!(refused("tcp host -> ::1 in a in b"), (Wrong::Twice("in"), "in"));
    assert_eq!(refused("tcp host -> ::1 in a flags syn,none"), (Wrong::NoneBesideFlag, "none"));
}

fn ends() -> impl Strategy<Value = (Address, Address)> {
    let four = || any::<u32>().prop_map(|it| IpAddr::V4(Ipv4Addr::from_bits(it)));
    // Some with zeros in the middle, which are written as two colons, and some that hold an IPv4 address.
    let six = || {
        let any_bits = any::<u128>();
        let bits = prop_oneof![
            any_bits,
            0..1_u128 << 48,
            any::<u64>().prop_map(|it| u128::from(it) << 64)
        ];
        bits.prop_map(|it| IpAddr::V6(Ipv6Addr::from_bits(it)))
    };
    let literal = Address::Literal;
    prop_oneof![
        (four(), four()).prop_map(move |(a, b)| (literal(a), literal(b))),
        (six(), six()).prop_map(move |(a, b)| (literal(a), literal(b))),
        six().prop_map(move |it| (Address::Host, literal(it))),
        four().prop_map(move |it| (literal(it), Address::Host)),
        Just((Address::Host, Address::Host)),
    ]
}

fn route() -> impl Strategy<Value = Route> {
    let name = || "[a-z][a-z0-9.@-]{0,14}".prop_map(|it| Interface::new(&it).expect("a name"));
    prop_oneof![
        name().prop_map(|from| Route::Input { from }),
        (name(), name()).prop_map(|(from, to)| Route::Forward { from, to }),
        name().prop_map(|to| Route::Output { to }),
    ]
}

fn state() -> impl Strategy<Value = (State, Direction)> {
    prop_oneof![
        Just((State::New, Direction::Original)),
        Just((State::Invalid, Direction::Original)),
        Just((State::Untracked, Direction::Original)),
        Just((State::Related, Direction::Original)),
        Just((State::Established, Direction::Original)),
        Just((State::Established, Direction::Reply)),
    ]
}

fn packets() -> impl Strategy<Value = Packet> {
    let protocol =
        prop_oneof![any::<u8>(), prop::sample::select(vec![1_u8, 6, 17, 33, 50, 51, 58, 132, 136])];
    let ports = (any::<Option<u16>>(), any::<Option<u16>>());
    let icmp = prop::option::of((any::<u8>(), any::<Option<u8>>()));
    let rest = (any::<Option<u8>>(), icmp, prop_oneof![Just(0), any::<u32>()]);
    let packet = (protocol, ends(), ports, route(), state(), rest);
    packet.prop_filter_map("both ends are this host", |it| {
        let (protocol, (source, destination), ports, route, (state, direction), rest) = it;
        let (source_port, destination_port) =
            if has_ports(protocol) { ports } else { (None, None) };
        let mut fields = Fields {
            protocol,
            source: End { address: source, port: source_port },
            destination: End { address: destination, port: destination_port },
            route,
            state,
            direction,
            flags: rest.0.filter(|_| protocol == 6),
            icmp: rest.1.map(|(kind, code)| Icmp { kind, code }),
            mark: rest.2,
        };
        if Packet::new(fields.clone()) == Err(Contradiction::Icmp) {
            fields.icmp = None;
        }
        Packet::new(fields).ok()
    })
}

proptest! {
    #[test]
    fn what_is_printed_reads_back_as_the_same(packet in packets()) {
        let text = packet.to_string();
        prop_assert_eq!(Packet::parse(&text).map_err(|error| format!("{text}: {error:?}")), Ok(packet));
    }

    #[test]
    fn nothing_that_is_printed_can_be_left_out(packet in packets()) {
        let text = packet.to_string();
        let words: Vec<&str> = text.split(' ').collect();
        // From the fourth word on, they are options of two words.
        for at in (4..words.len()).step_by(2) {
            let without = [&words[..at], &words[at + 2..]].concat().join(" ");
            prop_assert!(Packet::parse(&without).as_ref() != Ok(&packet), "{}", without);
        }
    }

    #[test]
    fn any_text_is_a_packet_or_has_a_place_that_is_wrong(text in "\\PC{0,40}") {
        if let Err(error) = Packet::parse(&text) {
            prop_assert!(text.get(error.span).is_some());
        }
    }

    #[test]
    fn any_words_are_a_packet_or_have_a_place_that_is_wrong(
        words in prop::collection::vec("tcp|icmp|host|host:22|->|in|out|a|flags|syn,|none|type|8/|[:1]|::|\\[::\\]:|état|\u{3000}", 0..12),
    ) {
        let text = words.join(" ");
        if let Err(error) = Packet::parse(&text) {
            prop_assert!(text.get(error.span).is_some());
        }
    }
}
