//! The knowledge base holds together: entries whole, seeds there, index in date.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::Path,
};

use fwlint::{
    knowledge::{
        Category, Classes, Confidence, Entry, Evidence, Knowledge, PortRange, Risk, Seed,
        Transport, Transports, Verdict, parse, parse_classes,
    },
    words::Message,
};

const INDEX: &str = "src/knowledge/index.rs";

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn entries_of(category: Category) -> Vec<Entry> {
    let path = format!("rules/{}.toml", category.slug());
    parse(&path, &read(&path)).unwrap_or_else(|error| panic!("{:?}", miette::Report::new(error)))
}

/// All entries on disk in the order of the index: protocols, then by port, then by id.
fn entries() -> Vec<Entry> {
    let mut entries: Vec<Entry> = Category::ALL.into_iter().flat_map(entries_of).collect();
    entries.sort_by_key(|it| (it.ports.first().map(|it| it.first), it.protocol, it.id.clone()));
    entries
}

fn classes() -> Classes {
    let path = "rules/classes.toml";
    parse_classes(path, &read(path))
        .unwrap_or_else(|error| panic!("{:?}", miette::Report::new(error)))
}

#[test]
fn the_index_is_in_date() {
    let expected = index(&entries(), &classes());
    if std::env::var_os("BLESS").is_some() {
        fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(INDEX), expected)
            .expect("the index is ours to write");
        return;
    }
    assert!(read(INDEX) == expected, "{INDEX} is out of date: BLESS=1 cargo test --test knowledge");
}

#[test]
fn ids_are_unique() {
    let entries = entries();
    let ids: BTreeSet<&str> = entries.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids.len(), entries.len());
    for id in ids {
        let plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || "-.".contains(it);
        assert!(id.chars().all(plain) && !id.starts_with('-'), "{id}");
    }
}

#[test]
fn a_file_holds_one_category_by_port() {
    for category in Category::ALL {
        let entries = entries_of(category);
        assert!(!entries.is_empty(), "{category:?}");
        assert!(entries.iter().all(|it| it.category == category), "{category:?}");
        let place = |it: &Entry| (it.ports.first().map(|it| it.first), it.protocol, it.id.clone());
        assert!(entries.is_sorted_by_key(place), "{category:?}: sort by port, then id");
    }
}

#[test]
fn every_category_has_its_own_lint() {
    let codes: BTreeSet<&str> = Category::ALL.into_iter().map(Category::code).collect();
    let expected: BTreeSet<String> = (101..=119).map(|it| format!("FW{it}")).collect();
    assert!(codes.iter().copied().eq(expected.iter().map(String::as_str)));
    assert!(Category::ALL.into_iter().map(Category::code).is_sorted());
}

#[test]
fn texts_are_sentences_in_both_languages() {
    for entry in entries() {
        for message in [&entry.note, &entry.mitigation] {
            assert_sentences(&entry.id, message);
        }
        entry.seed.iter().for_each(|it| assert_seed(&entry.id, it));
    }
    let classes = classes();
    for class in classes.classes.iter().chain([&classes.definition]) {
        assert_sentences(&class.id, &class.note);
        assert!(is_han(&class.name.zh), "{}", class.id);
        class.seed.iter().for_each(|it| assert_seed(&class.id, it));
    }
    for range in &classes.ranges {
        assert_sentences(&range.id, &range.note);
    }
}

fn assert_seed(id: &str, seed: &Seed) {
    assert_sentences(id, &seed.claim);
    assert_sentences(id, &seed.correction);
}

fn assert_sentences(id: &str, message: &Message) {
    let Message { en, zh } = message;
    assert!(en.ends_with('.') && !en.contains("  ") && !is_han(en), "{id}: {en}");
    let first = en.trim_start_matches('"').chars().next();
    assert!(
        first.is_some_and(|it| !it.is_lowercase()) || en.starts_with("cups-browsed"),
        "{id}: {en}"
    );
    assert!(zh.ends_with('。') && is_han(zh), "{id}: {zh}");
}

fn is_han(text: &str) -> bool {
    text.chars().any(|it| ('\u{4e00}'..='\u{9fff}').contains(&it))
}

#[test]
fn well_founded_entries_say_where_to_read_on() {
    for entry in entries() {
        let evidence = entry.evidence.unwrap_or_else(|| panic!("{} has no evidence", entry.id));
        assert!(evidence != Evidence::A || !entry.references.is_empty(), "{}", entry.id);
        assert!(evidence != Evidence::D || entry.audit_only, "{}: D is for audits", entry.id);
        assert!(evidence != Evidence::D || entry.confidence == Confidence::Low, "{}", entry.id);
        assert!(
            entry.category != Category::MalwarePort || entry.confidence < Confidence::High,
            "{}",
            entry.id
        );
    }
}

#[test]
fn a_shared_port_is_named_by_one() {
    let entries = entries();
    for transport in Transport::ALL {
        for (ports, services) in segments(&entries, transport) {
            let primary = services.iter().filter(|&&it| entries[it].primary).count();
            let names: Vec<&str> = services.iter().map(|&it| entries[it].id.as_str()).collect();
            assert!(services.len() == 1 || primary == 1, "{transport:?} {ports:?}: {names:?}");
        }
    }
}

/// The ports of the seed document: where it put them, and what they are.
const SEED: [(u16, &[Transport], &str, Category); 29] = {
    use Category as C;
    const TCP: &[Transport] = &[Transport::Tcp];
    const UDP: &[Transport] = &[Transport::Udp];
    const BOTH: &[Transport] = &[Transport::Tcp, Transport::Udp];
    [
        (0, BOTH, "reserved-port-0", C::LegacyService),
        (1, TCP, "tcpmux", C::LegacyService),
        (7, TCP, "echo", C::LegacyService),
        (7, UDP, "echo", C::Amplifier),
        (19, TCP, "chargen", C::LegacyService),
        (19, UDP, "chargen", C::Amplifier),
        (21, TCP, "ftp", C::CleartextService),
        (22, TCP, "ssh", C::AdminService),
        (23, TCP, "telnet", C::CleartextService),
        (25, TCP, "smtp", C::MailService),
        (31, TCP, "msg-auth", C::MalwarePort),
        (42, BOTH, "wins-replication", C::NameService),
        (53, UDP, "domain", C::Amplifier),
        (67, UDP, "dhcp-server", C::NameService),
        (69, UDP, "tftp", C::FileSharing),
        (79, TCP, "finger", C::LegacyService),
        (80, TCP, "http", C::WebService),
        (99, TCP, "metagram", C::MalwarePort),
        (102, TCP, "iso-tsap", C::IndustrialService),
        (109, TCP, "pop2", C::LegacyService),
        (110, TCP, "pop3", C::CleartextService),
        (119, TCP, "nntp", C::LegacyService),
        (135, BOTH, "msrpc", C::AdminService),
        (137, TCP, "netbios-ns", C::FileSharing),
        (137, UDP, "netbios-ns", C::Amplifier),
        (138, UDP, "netbios-dgm", C::FileSharing),
        (139, TCP, "netbios-ssn", C::FileSharing),
        (161, UDP, "snmp", C::Amplifier),
        (8080, TCP, "http-alt", C::WebService),
    ]
};

#[test]
fn every_seed_port_is_known_with_its_claim_and_correction() {
    let knowledge = Knowledge::builtin();
    for (port, transports, service, category) in SEED {
        for transport in transports {
            let first = knowledge.services_at(transport.protocol(), port).next();
            let id = first.unwrap_or_else(|| panic!("{transport:?} {port} is unknown"));
            let facts = knowledge.facts(id);
            assert_eq!(
                (facts.service, facts.category, facts.audit_only),
                (service, category, false),
                "{port}"
            );
            assert!(!knowledge.entry(id).seed.is_empty(), "{port}");
        }
    }
}

#[test]
fn the_seed_is_corrected_where_it_is_wrong() {
    let verdict = |transport: Transport, port| {
        let knowledge = Knowledge::builtin();
        let id =
            knowledge.services_at(transport.protocol(), port).next().expect("a seed port is known");
        knowledge.entry(id).seed[0].verdict
    };
    assert_eq!(verdict(Transport::Udp, 67), Verdict::Wrong);
    assert_eq!(verdict(Transport::Udp, 68), Verdict::Wrong);
    assert_eq!(verdict(Transport::Tcp, 109), Verdict::Wrong);
    assert_eq!(verdict(Transport::Tcp, 110), Verdict::Wrong);
    assert_eq!(verdict(Transport::Tcp, 111), Verdict::Wrong);
    assert_eq!(verdict(Transport::Tcp, 53), Verdict::Outdated);
    let classes = Knowledge::builtin().class_entries();
    let verdicts: Vec<Verdict> = classes.classes.iter().map(|it| it.seed[0].verdict).collect();
    assert_eq!(verdicts, [Verdict::PartlyWrong, Verdict::Outdated, Verdict::Outdated]);
    assert_eq!(classes.definition.seed[0].verdict, Verdict::Incomplete);
}

#[test]
#[expect(clippy::print_stderr, reason = "a comparison that was not made says so")]
fn every_row_of_the_seed_table_is_here() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/kb/seed.tsv");
    let Ok(table) = fs::read_to_string(&path) else {
        eprintln!("not compared: {} is not here", path.display());
        return;
    };
    let knowledge = Knowledge::builtin();
    for row in table.lines().skip(1) {
        let columns: Vec<&str> = row.split('\t').collect();
        let (id, kind, ports, transports) = (columns[0], columns[1], columns[2], columns[10]);
        let verdict = columns[7].split(' ').next().unwrap_or_default();
        let seeds: Vec<Seed> = if kind.starts_with("port-class") || kind == "definition" {
            let classes = knowledge.class_entries();
            let all = classes.classes.iter().chain([&classes.definition]);
            all.filter(|it| {
                ports == "-" || ports == format!("{}-{}", it.ports.first, it.ports.last)
            })
            .flat_map(|it| it.seed.clone())
            .collect()
        } else {
            let ports = ports
                .split([',', '-'])
                .map(|it| it.parse().expect("a port of the seed is a number"));
            let named = |it: &Transport| {
                transports.split([' ', ',', '(', ')']).any(|word| word == it.slug())
            };
            let transports: Vec<Transport> = Transport::ALL.into_iter().filter(named).collect();
            ports
                .flat_map(|port: u16| transports.iter().map(move |it| (it.protocol(), port)))
                .filter(|&(transport, port)| {
                    (transport, port) != (17, 1) && (transport, port) != (17, 22)
                })
                .filter(|&(transport, port)| (transport, port) != (6, 161))
                .flat_map(|(transport, port)| {
                    let known: Vec<_> = knowledge.services_at(transport, port).collect();
                    assert!(!known.is_empty(), "{id}: {transport} {port} is unknown");
                    known.into_iter().flat_map(|it| knowledge.entry(it).seed.clone())
                })
                .collect()
        };
        assert!(
            seeds.iter().any(|it| it.verdict.slug() == verdict),
            "{id}: nothing says {verdict}"
        );
    }
}

#[test]
fn what_makes_a_reviewer_call_is_never_less_than_high() {
    let knowledge = Knowledge::builtin();
    let critical =
        [23, 139, 445, 512, 513, 514, 502, 102, 2375, 2379, 3389, 6379, 9200, 10250, 11211, 27017];
    for port in critical {
        assert_risk(&knowledge, port, Risk::Critical);
    }
    for port in
        [21, 135, 873, 1433, 1521, 2049, 3306, 5432, 5900, 5985, 6443, 6000, 1099, 8500, 4505]
    {
        assert_risk(&knowledge, port, Risk::High);
    }
}

fn assert_risk(knowledge: &Knowledge, port: u16, at_least: Risk) {
    let id = knowledge.services_at(6, port).next().unwrap_or_else(|| panic!("{port} is unknown"));
    let facts = knowledge.facts(id);
    assert!(facts.risk >= at_least && facts.confidence == Confidence::High, "{port}: {facts:?}");
}

#[test]
fn an_ordinary_server_is_no_cause_for_alarm() {
    let knowledge = Knowledge::builtin();
    let risk = |transport, port| {
        let id = knowledge.services_at(transport, port).next().expect("an ordinary port is known");
        knowledge.facts(id).risk
    };
    assert_eq!(risk(6, 22), Risk::Medium);
    assert_eq!(risk(17, 53), Risk::Medium);
    for (transport, port) in [
        (6, 80),
        (6, 443),
        (17, 443),
        (6, 8080),
        (6, 8443),
        (6, 25),
        (6, 465),
        (6, 587),
        (6, 993),
        (6, 995),
        (17, 68),
    ] {
        assert!(risk(transport, port) <= Risk::Low, "{port}");
    }
    for (transport, port) in [(17, 500), (17, 4500), (17, 1194), (17, 51820)] {
        assert_eq!(risk(transport, port), Risk::Info, "{port}");
    }
}

/// The text of the index.
fn index(entries: &[Entry], classes: &Classes) -> String {
    let mut out = String::from(
        "//! Generated from `rules/` by `BLESS=1 cargo test --test knowledge`; not to be edited.\n\n\
         use super::{\n    Category as C, Confidence as G, Facts, NamedRange, PortClass, RangeKind, Risk as R, \
         Transport as T, Transports,\n    facts::{AUDIT, PRIMARY, Segment, protocol, range, row, segment},\n};\n\
         use crate::words::Text;\n\n",
    );
    let _ = writeln!(
        out,
        "/// How many entries there are.\npub(super) const COUNT: usize = {};\n",
        entries.len()
    );
    out += "/// Every entry: protocols without ports, then by port, then by id.\n";
    out += "pub(super) static SERVICES: [Facts<'static>; COUNT] = [\n";
    out.extend(entries.iter().map(row));
    out += "];\n";
    for transport in Transport::ALL {
        let _ = writeln!(out, "\nstatic {}: &[Segment] = &[", table(transport));
        for (ports, services) in segments(entries, transport) {
            let _ = writeln!(out, "    segment({}, {}, &{services:?}),", ports.first, ports.last);
        }
        out += "];\n";
    }
    out += "\n/// The ports of a transport that have an entry, in order.\n";
    out += "pub(super) fn segments(transport: T) -> &'static [Segment] {\n    match transport {\n";
    for transport in Transport::ALL {
        let _ = writeln!(out, "        T::{transport:?} => {},", table(transport));
    }
    out += "    }\n}\n\n/// The classes of the registry.\npub(super) static CLASSES: &[PortClass] = &[\n";
    for class in &classes.classes {
        let (id, ports, risk) = (&class.id, range(class.ports), class.risk);
        let (name, note) = (text(&class.name), text(&class.note));
        let fields =
            format!("id: {id:?}, ports: {ports}, name: {name}, note: {note}, risk: R::{risk:?}");
        let _ = writeln!(out, "    PortClass {{ {fields} }},");
    }
    out += "];\n\n/// The named ranges, by their lowest port.\npub(super) static RANGES: &[NamedRange] = &[\n";
    for named in &classes.ranges {
        let (id, kind, risk) = (&named.id, named.kind, named.risk);
        let (transports, ports) = (transports(named.transports), ranges(&named.ports));
        let (name, note) = (text(&named.name), text(&named.note));
        let place = format!(
            "kind: RangeKind::{kind:?}, transports: Transports::of({transports}), ports: {ports}"
        );
        let _ = writeln!(
            out,
            "    NamedRange {{ id: {id:?}, {place}, name: {name}, note: {note}, risk: R::{risk:?} }},"
        );
    }
    out += "];\n";
    out
}

fn row(entry: &Entry) -> String {
    let Entry { id, service, category, risk, confidence, .. } = entry;
    let judged = format!("C::{category:?}, R::{risk:?}, G::{confidence:?}");
    if let Some(number) = entry.protocol {
        return format!("    protocol({id:?}, {service:?}, {number}, {judged}),\n");
    }
    let flags = match (entry.primary, entry.audit_only) {
        (false, false) => "0",
        (true, false) => "PRIMARY",
        (false, true) => "AUDIT",
        (true, true) => "PRIMARY | AUDIT",
    };
    let (transports, ports) = (transports(entry.transports), ranges(&entry.ports));
    format!("    row({id:?}, {service:?}, {transports}, {ports}, {judged}, {flags}),\n")
}

fn table(transport: Transport) -> String {
    format!("{transport:?}").to_uppercase()
}

fn text(message: &Message) -> String {
    format!("Text {{ en: {:?}, zh: {:?} }}", message.en, message.zh)
}

fn transports(transports: Transports) -> String {
    let names: Vec<String> = transports.iter().map(|it| format!("T::{it:?}")).collect();
    format!("&[{}]", names.join(", "))
}

fn ranges(ports: &[PortRange]) -> String {
    let ranges: Vec<String> = ports.iter().copied().map(range).collect();
    format!("&[{}]", ranges.join(", "))
}

fn range(ports: PortRange) -> String {
    format!("range({}, {})", ports.first, ports.last)
}

/// Consecutive ports with the same entries, the primary one first.
fn segments(entries: &[Entry], transport: Transport) -> Vec<(PortRange, Vec<usize>)> {
    let mut at: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
    for (id, entry) in
        entries.iter().enumerate().filter(|(_, it)| it.transports.contains(transport))
    {
        for port in entry.ports.iter().flat_map(|it| it.first..=it.last) {
            at.entry(port).or_default().push(id);
        }
    }
    let mut segments: Vec<(PortRange, Vec<usize>)> = Vec::new();
    for (port, mut services) in at {
        services.sort_by_key(|&id| !entries[id].primary);
        match segments.last_mut() {
            Some((ports, same)) if ports.last + 1 == port && *same == services => ports.last = port,
            _ => segments.push((PortRange { first: port, last: port }, services)),
        }
    }
    segments
}

#[test]
fn who_is_inside_is_not_told_to_let_in_only_those_inside() {
    let knowledge = Knowledge::builtin();
    let (mut left, mut done) = (0, 0);
    for id in knowledge.services() {
        let entry = knowledge.entry(id);
        let advice = entry.advice_inside();
        let both = |text: &Message| {
            (text.en.contains("local network only"), text.zh.contains("仅允许内网来源"))
        };
        assert!(matches!(both(&entry.mitigation), (true, true) | (false, false)), "{}", entry.id);
        match advice {
            None => done += 1,
            Some(advice) => {
                assert_eq!(both(&advice), (false, false), "{}", entry.id);
                let is_less = advice != entry.mitigation;
                assert_eq!(is_less, both(&entry.mitigation).0, "{}: {advice:?}", entry.id);
                left += usize::from(is_less);
            }
        }
    }
    assert!(left > 0 && done > 0);
}
