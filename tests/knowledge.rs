//! The knowledge base holds together: entries whole, seeds there, index in date.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use fwlint::{
    knowledge::{Category, Classes, Entry, PortRange, Transport, Transports, parse, parse_classes},
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
    entries.iter().for_each(|it| out += &row(it));
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
