//! The ports of the seed document: each is reported where it is open, with its note in both languages, and nowhere else.

use fwlint::{
    commands::{self, Outcome},
    knowledge::{Knowledge, Transport},
    settings::Settings,
    source::{
        SourceFile,
        input::{Input, Inputs, Origin},
    },
    syntax::Dialect,
};

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
    let text = format!(
        "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n:NOBODY - [0:0]\n{rules}COMMIT\n"
    );
    let source = SourceFile::new("rules.v4", text.into_bytes());
    let files = vec![Input { source, origin: Origin::Named }];
    let inputs = Inputs { files, ..Inputs::default() };
    commands::check(inputs, Some(Dialect::Iptables), &Settings::default())
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
