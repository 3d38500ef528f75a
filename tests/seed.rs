//! The ports of the seed document: each is reported where it is open, with its note in both languages, and nowhere else.

use fwlint::{
    commands::{self, Outcome},
    knowledge::{Category, Knowledge, Transport},
    settings::Settings,
    source::{
        SourceFile,
        input::{self, Input, Inputs, Origin, Request},
    },
    syntax::Dialect,
};
use std::{fs, path::Path, sync::LazyLock};
use tempfile::TempDir;

const PORTS: [(u16, Transport); 26] = {
    use Transport::{Tcp, Udp};
    [
        (0, Tcp),
        (1, Tcp),
        (7, Udp),
        (19, Udp),
        (21, Tcp),
        (22, Tcp),
        (23, Tcp),
        (25, Tcp),
        (31, Tcp),
        (42, Tcp),
        (53, Udp),
        (67, Udp),
        (69, Udp),
        (79, Tcp),
        (80, Tcp),
        (99, Tcp),
        (102, Tcp),
        (109, Tcp),
        (110, Tcp),
        (119, Tcp),
        (135, Tcp),
        (137, Udp),
        (138, Udp),
        (139, Tcp),
        (161, Udp),
        (8080, Tcp),
    ]
};

fn check(rules: &str) -> Outcome {
    let chains = ":INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n:NOBODY - [0:0]";
    run("rules.v4", format!("*filter\n{chains}\n{rules}COMMIT\n"), Dialect::Iptables)
}

/// The same for nft: what stands in the table, and what stands in its input chain.
fn check_nft(table: &str, input: &str) -> Outcome {
    let hook = "type filter hook input priority 0; policy drop;";
    let text = format!("table inet t {{\n{table}\nchain input {{\n{hook}\n{input}\n}}\n}}\n");
    run("nftables.conf", text, Dialect::Nft)
}

/// Where included files are, each with one rule that opens a port.
fn folder() -> &'static Path {
    static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
        let folder = tempfile::tempdir().expect("a directory for the test");
        for (port, transport) in PORTS {
            let transport = transport.slug();
            let path = folder.path().join(format!("{transport}-{port}.nft"));
            fs::write(path, format!("{transport} dport {port} accept\n")).expect("written");
        }
        folder
    });
    FOLDER.path()
}

fn run(name: &str, text: String, dialect: Dialect) -> Outcome {
    let source = SourceFile::new(name, text.into_bytes());
    let files = vec![Input { source, origin: Origin::Named }];
    let mut inputs = Inputs { files, ..Inputs::default() };
    let request = Request {
        paths: Vec::new(),
        stdin_filename: None,
        exclude: Vec::new(),
        force_exclude: false,
        max_file_size: u32::MAX,
        include_paths: vec![folder().to_owned()],
        sysroot: None,
    };
    input::follow(&mut inputs, &request, &|source, origin| {
        commands::includes(source, origin, Some(dialect))
    });
    let outcome = commands::check(inputs, Some(dialect), &Settings::default());
    let refused = outcome.findings.iter().find(|it| it.lint.code == "FW000");
    assert!(refused.is_none(), "{refused:?} in {}", outcome.files[0].source.text());
    outcome
}

/// The sentences of every finding that names a service.
fn notes(outcome: &Outcome) -> Vec<&fwlint::words::Message> {
    let findings = outcome.findings.iter().filter(|it| !it.services.is_empty());
    findings.flat_map(|it| &it.help).collect()
}

#[test]
fn an_open_port_is_reported_with_its_note_in_both_languages() {
    let knowledge = Knowledge::builtin();
    for (port, transport) in PORTS {
        let transport_name = transport.slug();
        let rule = format!("-A INPUT -p {transport_name} --dport {port} -j ACCEPT\n");
        let outcome = check(&rule);
        let id = knowledge.services_at(transport.protocol(), port).next();
        let entry =
            knowledge.entry(id.unwrap_or_else(|| panic!("no entry for {transport_name}/{port}")));
        let notes = notes(&outcome);
        assert!(
            notes.iter().any(|it| it.en == entry.note.en && it.zh == entry.note.zh),
            "{rule}{:?}",
            outcome.findings
        );
        let named = outcome.findings.iter().flat_map(|it| &it.services);
        assert!(named.into_iter().any(|it| it.port == Some(port)), "{rule}");
    }
}

#[test]
fn a_port_that_nobody_outside_reaches_is_not_reported() {
    for (port, transport) in PORTS {
        let opened = format!("-p {} --dport {port}", transport.slug());
        let closed = [
            (
                "dropped earlier",
                format!("-A INPUT {opened} -j DROP\n-A INPUT {opened} -j ACCEPT\n"),
            ),
            ("on the loopback only", format!("-A INPUT -i lo {opened} -j ACCEPT\n")),
            ("from the loopback only", format!("-A INPUT -s 127.0.0.0/8 {opened} -j ACCEPT\n")),
            ("in a chain nobody calls", format!("-A NOBODY {opened} -j ACCEPT\n")),
            ("behind everything", format!("-A INPUT -j REJECT\n-A INPUT {opened} -j ACCEPT\n")),
            (
                "as part of known connections",
                format!("-A INPUT {opened} -m conntrack --ctstate ESTABLISHED -j ACCEPT\n"),
            ),
        ];
        for (how, rules) in closed {
            let outcome = check(&rules);
            assert!(notes(&outcome).is_empty(), "{how}:\n{rules}{:?}", outcome.findings);
        }
    }
}

/// Every way of nft to open a port, as the table's part and the input chain's.
fn nft_ways(transport: &str, port: u16) -> Vec<(&'static str, String, String)> {
    let next = port.wrapping_add(1);
    let none = String::new;
    vec![
        ("a plain match", none(), format!("{transport} dport {port} accept")),
        ("an anonymous set", none(), format!("{transport} dport {{ {port}, 65000 }} accept")),
        (
            "a named set",
            format!("set s {{ type inet_service; elements = {{ {port} }} }}"),
            format!("{transport} dport @s accept"),
        ),
        (
            "a verdict map",
            none(),
            format!("{transport} dport vmap {{ {port} : accept, {next} : drop }}"),
        ),
        (
            "a named verdict map",
            format!("map m {{ type inet_service : verdict; elements = {{ {port} : accept }} }}"),
            format!("{transport} dport vmap @m"),
        ),
        (
            "a concatenation",
            none(),
            format!("meta l4proto . th dport {{ {transport} . {port}, sctp . 65000 }} accept"),
        ),
        ("a jump", format!("chain c {{\n{transport} dport {port} accept\n}}"), "jump c".to_owned()),
        ("a chain in braces", none(), format!("{transport} dport {port} jump {{\naccept\n}}")),
        (
            "a definition",
            format!("define p = {{ {port}, 65000 }}"),
            format!("{transport} dport $p accept"),
        ),
        ("an included file", none(), format!("include \"{transport}-{port}.nft\"")),
        (
            "an included file in a jump",
            format!("chain c {{\ninclude \"{transport}-{port}.n*t\"\n}}"),
            "jump c".to_owned(),
        ),
    ]
}

/// Ways that open the next port too, whose service may be the worse one.
fn nft_intervals(transport: &str, port: u16) -> Vec<(&'static str, String, String)> {
    let next = port + 1;
    let interval = format!("{port}-{next}");
    vec![
        ("an interval", String::new(), format!("{transport} dport {interval} accept")),
        (
            "an interval in an anonymous set",
            String::new(),
            format!("{transport} dport {{ {interval}, 65000 }} accept"),
        ),
        (
            "an interval in a named set",
            format!("set s {{ type inet_service; flags interval; elements = {{ {interval} }} }}"),
            format!("{transport} dport @s accept"),
        ),
        (
            "an interval in a verdict map",
            String::new(),
            format!("{transport} dport vmap {{ {interval} : accept }}"),
        ),
        (
            "an interval in a concatenation",
            "set s { type inet_proto . inet_service; flags interval; elements = { PAIR } }"
                .replace("PAIR", &format!("{transport} . {interval}")),
            "meta l4proto . th dport @s accept".to_owned(),
        ),
    ]
}

#[test]
fn nft_opens_a_port_in_many_ways() {
    let knowledge = Knowledge::builtin();
    for (port, transport) in PORTS {
        let id =
            knowledge.services_at(transport.protocol(), port).next().expect("seed ports are known");
        let note = &knowledge.entry(id).note;
        for (how, table, input) in nft_ways(transport.slug(), port) {
            let outcome = check_nft(&table, &input);
            let found = notes(&outcome).contains(&note);
            assert!(found, "{how}: {table} {input}\n{:?}", outcome.findings);
            // Dropped by an earlier rule, or by a chain of its own that comes before or after.
            let dropped = format!("{} dport {port} drop\n{input}", transport.slug());
            let outcome = check_nft(&table, &dropped);
            let named = |outcome: &Outcome| notes(outcome).contains(&note);
            assert!(!named(&outcome), "{how}, dropped earlier: {input}\n{:?}", outcome.findings);
            for priority in [-10, 10] {
                let other = format!(
                    "chain other {{\ntype filter hook input priority {priority}; policy accept;\n\
                     {} dport {port} drop\n}}\n{table}",
                    transport.slug()
                );
                let outcome = check_nft(&other, &input);
                assert!(
                    !named(&outcome),
                    "{how}, dropped at {priority}: {input}\n{:?}",
                    outcome.findings
                );
            }
        }
    }
}

#[test]
fn nft_opens_the_ports_of_an_interval() {
    let knowledge = Knowledge::builtin();
    for (port, transport) in PORTS {
        let id =
            knowledge.services_at(transport.protocol(), port).next().expect("seed ports are known");
        let entry = knowledge.entry(id);
        // Whoever opens a range means no trojan: a port of malware counts where it is written singly.
        let counts = entry.category != Category::MalwarePort;
        // As a report names it: with its port, and with its note in both languages.
        let named = |outcome: &Outcome| {
            let opened = outcome.findings.iter().flat_map(|it| &it.services);
            opened.into_iter().any(|it| it.port == Some(port) && it.service == id)
                && outcome.services.get(&id).is_some_and(|it| it.note == entry.note)
        };
        for (how, table, input) in nft_intervals(transport.slug(), port) {
            let outcome = check_nft(&table, &input);
            let found = named(&outcome);
            assert_eq!(found, counts, "{how}: {table} {input}\n{:?}", outcome.findings);
            let drop = format!("{} dport {port} drop", transport.slug());
            let outcome = check_nft(&table, &format!("{drop}\n{input}"));
            assert!(!named(&outcome), "{how}, dropped earlier: {input}\n{:?}", outcome.findings);
            for priority in [-10, 10] {
                let other = format!(
                    "chain other {{\ntype filter hook input priority {priority}; policy accept;\n\
                     {drop}\n}}\n{table}"
                );
                let outcome = check_nft(&other, &input);
                assert!(
                    !named(&outcome),
                    "{how}, dropped at {priority}: {input}\n{:?}",
                    outcome.findings
                );
            }
        }
    }
}

#[test]
fn an_interval_opens_what_is_in_it() {
    let outcome = check_nft("", "tcp dport 20-25 accept");
    let ports: Vec<_> =
        outcome.findings.iter().flat_map(|it| &it.services).filter_map(|it| it.port).collect();
    for port in [21, 22, 23] {
        assert!(ports.contains(&port), "{port}: {:?}", outcome.findings);
    }
}
