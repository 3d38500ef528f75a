use std::cmp::Reverse;

use super::{Cause, Knowledge, PortRange, Risk, Transport, parse};

const OWN: &str = r#"
[[service]]
id = "ledger"
ports = [9200, "7000-7002"]
transport = ["tcp"]
service = "ledger"
category = "data-store"
severity = "critical"
note.en = "The books."
note.zh = "账本。"
mitigation.en = "Close it."
mitigation.zh = "关闭它。"
"#;

#[test]
fn the_worst_services_of_a_range_come_first() {
    let knowledge = Knowledge::builtin();
    let range = PortRange { first: 0, last: 1023 };
    let found: Vec<_> = knowledge.services_in(6, range).collect();
    let risks = found.iter().map(|&(port, id)| (Reverse(knowledge.facts(id).risk), port));
    assert!(risks.is_sorted());
    assert_eq!(found[0].0, 23);
    let known = (0..=1023).filter(|&port| knowledge.services_at(6, port).next().is_some()).count();
    assert_eq!(knowledge.known_ports_in(6, range) as usize, known);
    assert_eq!(knowledge.services_in(6, PortRange { first: 3306, last: 3306 }).count(), 1);
}

#[test]
fn protocols_without_ports_are_known() {
    let knowledge = Knowledge::builtin();
    for (protocol, service) in [
        (2, "igmp"),
        (4, "ipip"),
        (41, "6in4"),
        (47, "gre"),
        (50, "esp"),
        (89, "ospf"),
        (112, "vrrp"),
    ] {
        let id = knowledge.protocol_service(protocol).expect("the protocol is known");
        assert_eq!(knowledge.facts(id).service, service);
    }
    assert_eq!(knowledge.protocol_service(6), None);
}

#[test]
fn services_are_found_by_name_program_and_port() {
    let knowledge = Knowledge::builtin();
    let found = |query: &str| -> Vec<&str> {
        knowledge.find(query).into_iter().map(|it| knowledge.facts(it).id).collect()
    };
    assert_eq!(found("redis"), ["redis"]);
    assert_eq!(found("chargen"), ["chargen", "chargen-tcp"]);
    assert_eq!(found("Valkey"), ["redis"]);
    assert_eq!(found("epmap"), ["msrpc"]);
    assert_eq!(found("tcp/79"), ["finger"]);
    assert_eq!(found("53"), ["domain-tcp", "domain-udp"]);
    assert_eq!(found("161/udp"), ["snmp-udp"]);
    assert!(found("mongo").contains(&"mongodb"));
    assert!(found("no such thing").is_empty());
}

#[test]
fn named_ranges_hold_what_they_are_named_for() {
    let knowledge = Knowledge::builtin();
    let names = |transport, first, last| -> Vec<&str> {
        knowledge
            .ranges_around(transport, PortRange { first, last })
            .iter()
            .map(|it| it.id)
            .collect()
    };
    assert_eq!(names(17, 60000, 61000)[0], "mosh");
    assert_eq!(names(17, 10000, 20000)[0], "rtp");
    assert_eq!(names(6, 30000, 32767)[0], "nodeport");
    assert_eq!(names(6, 6000, 6063)[0], "x11");
    assert_eq!(names(6, 32768, 60999)[0], "linux-ephemeral");
    assert_eq!(names(6, 1021, 1022), ["experimental"]);
    let classes: Vec<(u16, u16, &str)> =
        knowledge.classes().iter().map(|it| (it.ports.first, it.ports.last, it.name.zh)).collect();
    assert_eq!(
        classes,
        [(0, 1023, "公认端口"), (1024, 49151, "注册端口"), (49152, 65535, "动态/私有端口")]
    );
    assert!(knowledge.ranges().is_sorted_by_key(|it| it.ports[0].first));
}

#[test]
fn the_users_own_entries_come_first_and_replace() {
    let knowledge = Knowledge::builtin().with_file("ports.toml", OWN).expect("the file is valid");
    let at = |port| -> Vec<&str> {
        knowledge.services_at(6, port).map(|it| knowledge.facts(it).id).collect()
    };
    assert_eq!(at(9200), ["ledger", "elasticsearch"]);
    assert_eq!(at(7001), ["ledger", "weblogic", "ceph-osd"]);
    let own = knowledge.find("ledger")[0];
    assert_eq!(knowledge.entry(own).note.zh, "账本。");
    let inside: Vec<u16> =
        knowledge.services_in(6, PortRange { first: 7001, last: 7001 }).map(|it| it.0).collect();
    assert_eq!(inside, [7001]);

    let ssh = OWN.replace("\"ledger\"", "\"ssh\"").replace("[9200, \"7000-7002\"]", "[22]");
    let knowledge = knowledge.with_file("more.toml", &ssh).expect("the file is valid");
    let ssh: Vec<Risk> = knowledge.services_at(6, 22).map(|it| knowledge.facts(it).risk).collect();
    assert_eq!(ssh, [Risk::Critical]);
}

#[test]
fn a_broken_entry_is_refused_where_it_is_broken() {
    let check = |from: &str, to: &str, at: &str, suggestion: Option<&str>| -> Cause {
        let text = OWN.replace(from, to);
        let error = Knowledge::builtin().with_file("ports.toml", &text).expect_err(to);
        assert_eq!(&text[error.range()], at, "{error}");
        assert_eq!(error.help().map(|it| it.en.as_str()), suggestion, "{error}");
        assert!(error.to_string().starts_with("ports.toml: "), "{error}");
        error.cause
    };
    let category = check(
        "\"data-store\"",
        "\"data-stores\"",
        "\"data-stores\"",
        Some("did you mean `data-store`?"),
    );
    assert_eq!(category, Cause::Unknown { word: "data-stores".into(), what: "category" });
    let port = check("9200", "92000", "92000", None);
    assert_eq!(port, Cause::Port("92000".into()));
    let range = check("7000-7002", "7002-7000", "\"7002-7000\"", None);
    assert_eq!(range, Cause::Port("7002-7000".into()));
    let key = check("severity", "severty", "severty", Some("did you mean `severity`?"));
    assert!(matches!(key, Cause::Toml(_)));
    let empty = check("\"账本。\"", "\" \"", "\" \"", None);
    assert_eq!(empty, Cause::Empty("note.zh"));

    let refused = |text: &str| parse("ports.toml", text).expect_err("the file is broken").cause;
    assert_eq!(refused(&OWN.replace("note.zh = \"账本。\"\n", "")), Cause::Missing("note.zh"));
    assert_eq!(refused(&OWN.replace("ports = ", "protocol = 4\nports = ")), Cause::PortsOrProtocol);
    assert_eq!(refused(&format!("{OWN}{OWN}")), Cause::DuplicateId("ledger".into()));
}

#[test]
fn the_worst_at_a_port_is_the_worst_of_its_services() {
    let knowledge = Knowledge::builtin();
    for port in 0..=u16::MAX {
        let transports = Transport::ALL.into_iter();
        let services = transports.flat_map(|it| knowledge.services_at(it.protocol(), port));
        let worst = services.map(|it| knowledge.facts(it).risk).max();
        assert_eq!(knowledge.worst_at(port), worst, "port {port}");
    }
}

#[test]
fn what_the_seed_document_says_stays_with_the_port() {
    let finger = OWN.replace("\"ledger\"", "\"finger\"");
    let replaced = finger.replace("[9200, \"7000-7002\"]", "[79, 7979]");
    let knowledge = Knowledge::builtin().with_file("ports.toml", &replaced).expect("it keeps 79");
    let own = knowledge.services_at(6, 79).next().expect("it is known");
    assert_eq!(knowledge.facts(own).risk, Risk::Critical);
    let builtin = Knowledge::builtin();
    let before = builtin.entry(builtin.find("finger")[0]);
    assert!(!before.seed.is_empty());
    assert_eq!(knowledge.entry(own).seed, before.seed);

    let moved = finger.replace("[9200, \"7000-7002\"]", "[7979]");
    let error = Knowledge::builtin().with_file("ports.toml", &moved).expect_err("79 is lost");
    assert_eq!(error.cause, Cause::SeedPort { id: "finger".into(), port: "tcp/79".into() });

    let beside = OWN.replace("[9200, \"7000-7002\"]", "[79]");
    let knowledge = Knowledge::builtin().with_file("ports.toml", &beside).expect("it is valid");
    let own = knowledge.services_at(6, 79).next().expect("it is known");
    assert_eq!((knowledge.facts(own).id, &knowledge.entry(own).seed), ("ledger", &before.seed));
    let ids: Vec<_> = knowledge.services_at(6, 79).map(|it| knowledge.facts(it).id).collect();
    assert_eq!(ids, ["ledger", "finger"]);
}
