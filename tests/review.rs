//! The review of hosts: what is open, to whom, and what a reviewer asks besides.
//!
//! `BLESS=1 cargo test --test review` rewrites `fixtures/review/`, so that a change of heart shows in its diff.

use fwlint::{
    analysis::trace::{Tracer, Verdict},
    commands::{
        Plan,
        review::{self, Answer, Cell, Detail, Line, Question, Review},
    },
    lower,
    model::Ruleset,
    packets::Packet,
    report,
    settings::{Look, Settings, TableFormat},
    source::{
        SourceFile,
        input::{Input, Inputs, Origin},
    },
    syntax,
    words::Language,
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};
use unicode_width::UnicodeWidthStr;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn goldens() -> PathBuf {
    root().join("fixtures/review")
}

fn of(files: &[(&str, &str)]) -> Review {
    told(files, Detail::Whole)
}

fn told(files: &[(&str, &str)], detail: Detail) -> Review {
    let input = |(path, text): &(&str, &str)| {
        let source = SourceFile::new(*path, text.as_bytes().to_vec());
        Input { source, origin: Origin::Named }
    };
    let files = files.iter().map(input).collect();
    let plan = Plan::of(Settings::default());
    review::review(Inputs { files, ..Inputs::default() }, None, &plan, detail)
}

/// The files of `fixtures/real/<host>`, by path.
fn real(host: &str) -> Review {
    let folder = root().join("fixtures/real").join(host);
    let entries = fs::read_dir(&folder).expect("a host of the fixtures");
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let texts: Vec<(String, String)> = paths
        .iter()
        .map(|path| {
            let name = path.file_name().and_then(|it| it.to_str()).expect("names are ASCII");
            (format!("{host}/{name}"), fs::read_to_string(path).expect("a readable file"))
        })
        .collect();
    let files: Vec<(&str, &str)> = texts.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    of(&files)
}

fn written(review: &Review, format: TableFormat, language: Language, width: usize) -> String {
    let settings = Settings { language, ..Settings::default() };
    let look = Look { width, ..Look::PLAIN };
    let mut out = Vec::new();
    report::review(&mut out, format, review, &settings, &look).expect("memory takes everything");
    String::from_utf8(out).expect("reports are UTF-8")
}

fn json(review: &Review) -> Value {
    let text = written(review, TableFormat::Json, Language::En, 100);
    serde_json::from_str(&text).expect("a report in JSON is JSON")
}

fn filter(rules: &str) -> String {
    format!(
        "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n{rules}COMMIT\n"
    )
}

fn line<'r>(review: &'r Review, what: &str) -> &'r Line {
    let lines = &review.hosts[0].lines;
    let found = lines.iter().find(|line| line.what.en == what);
    found.unwrap_or_else(|| panic!("no line for {what}: {lines:#?}"))
}

fn answer(review: &Review, question: Question) -> &Answer {
    let answers = &review.hosts[0].answers;
    answers.iter().find(|it| it.question == question).expect("an answer")
}

/// Hosts of the fixtures with the formats, languages and widths that are held.
const HELD: [(&str, TableFormat, Language, usize, &str); 11] = [
    ("docker-host", TableFormat::Text, Language::En, 100, "docker-host.en.100.txt"),
    ("docker-host", TableFormat::Text, Language::Zh, 60, "docker-host.zh.60.txt"),
    ("docker-host", TableFormat::Json, Language::En, 100, "docker-host.json"),
    ("web-server", TableFormat::Text, Language::En, 60, "web-server.en.60.txt"),
    ("web-server", TableFormat::Text, Language::Zh, 100, "web-server.zh.100.txt"),
    ("web-server", TableFormat::Csv, Language::En, 100, "web-server.csv"),
    ("nftables-server", TableFormat::Text, Language::En, 100, "nftables-server.en.100.txt"),
    ("nftables-server", TableFormat::Markdown, Language::En, 100, "nftables-server.en.md"),
    ("nftables-server", TableFormat::Markdown, Language::Zh, 100, "nftables-server.zh.md"),
    ("home-router", TableFormat::Text, Language::En, 100, "home-router.en.100.txt"),
    ("legacy-box", TableFormat::Text, Language::Zh, 60, "legacy-box.zh.60.txt"),
];

#[test]
fn the_reviews_of_ordinary_hosts_are_those_that_were_agreed_on() {
    let bless = env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for (host, format, language, width, golden) in HELD {
        let text = written(&real(host), format, language, width);
        let path = goldens().join(golden);
        if bless {
            fs::create_dir_all(goldens()).expect("made");
            fs::write(&path, &text).expect("written");
        }
        if fs::read_to_string(&path).unwrap_or_default() != text {
            wrong.push(golden);
        }
    }
    assert!(wrong.is_empty(), "BLESS=1 cargo test --test review rewrites {wrong:?}");
    let held: BTreeSet<String> = HELD.iter().map(|it| it.4.to_owned()).collect();
    let there = fs::read_dir(goldens()).expect("goldens").flatten();
    let there: BTreeSet<String> =
        there.map(|it| it.file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(held, there, "a golden file without its input");
}

#[test]
fn two_runs_give_the_same_bytes() {
    for format in TableFormat::ALL {
        let text = || written(&real("kubernetes-node"), format, Language::En, 100);
        assert_eq!(text(), text());
    }
}

#[test]
fn no_line_of_text_is_wider_than_asked_for() {
    let hosts = ["docker-host", "web-server", "nftables-server", "home-router", "legacy-box"];
    for host in hosts {
        for (language, width) in [(Language::En, 60), (Language::Zh, 60), (Language::Zh, 100)] {
            let text = written(&real(host), TableFormat::Text, language, width);
            for line in text.lines() {
                assert!(line.width() <= width, "{host}: {} cells: {line}", line.width());
            }
        }
    }
}

#[test]
fn columns_stand_under_their_heads_in_chinese() {
    let text = written(&real("web-server"), TableFormat::Text, Language::Zh, 100);
    let cell = |line: &str, word: &str| line.find(word).map(|at| line[..at].width());
    let mut column = None;
    let mut seen = 0;
    for line in text.lines() {
        if line.trim_start().starts_with("服务") {
            column = cell(line, "路径");
        } else if let (Some(column), Some(at)) = (column, cell(line, "入站"))
            && line.starts_with("  tcp/")
        {
            assert_eq!(at, column, "{line}");
            seen += 1;
        }
    }
    assert!(seen >= 5, "{seen} lines: {text}");
}

#[test]
fn the_same_service_open_in_both_families_is_one_line() {
    let rules = filter("-A INPUT -p tcp --dport 443 -j ACCEPT\n");
    let only =
        filter("-A INPUT -p tcp --dport 443 -j ACCEPT\n-A INPUT -p tcp --dport 22 -j ACCEPT\n");
    let review = of(&[("h/rules.v4", &rules), ("h/rules.v6", &only)]);
    assert_eq!(review.hosts.len(), 1);
    assert_eq!(review.hosts[0].name, "h");
    assert_eq!(review.hosts[0].lines.len(), 2);
    assert_eq!(line(&review, "tcp/443").cells, [Cell::Open, Cell::Open]);
    assert_eq!(line(&review, "tcp/443").decided_by.len(), 2);
    assert_eq!(line(&review, "tcp/22").cells, [Cell::Closed, Cell::Open]);
    assert_eq!(review.hosts[0].differences, Some(1));
}

#[test]
fn a_family_that_is_not_given_is_not_called_closed() {
    let review = of(&[("rules.v4", &filter("-A INPUT -p tcp --dport 443 -j ACCEPT\n"))]);
    assert_eq!(line(&review, "tcp/443").cells, [Cell::Open, Cell::NotGiven]);
    assert_eq!(review.hosts[0].differences, None);
    let kinds: Vec<_> = review.hosts[0].assumptions.iter().map(review::Assumption::name).collect();
    assert!(kinds.contains(&"missing-family") && kinds.contains(&"only-filter"), "{kinds:?}");
}

#[test]
fn nothing_open_is_said() {
    let review = of(&[("rules.v4", &filter("-A INPUT -i lo -j ACCEPT\n"))]);
    assert!(review.hosts[0].open.is_empty() && review.hosts[0].lines.is_empty());
    for (language, words) in
        [(Language::En, "Nothing is open over IPv4:"), (Language::Zh, "IPv4 没有开放")]
    {
        for format in [TableFormat::Text, TableFormat::Markdown] {
            assert!(written(&review, format, language, 100).contains(words));
        }
    }
    // Where nothing filters, nothing is listed and all is open.
    let nat =
        "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp --dport 1 -j REDIRECT\nCOMMIT\n";
    let unfiltered = of(&[("rules.v4", nat)]);
    let text = written(&unfiltered, TableFormat::Text, Language::En, 100);
    assert!(!text.contains("Nothing is open") && text.contains("do not say all"), "{text}");
    let kinds = unfiltered.hosts[0].assumptions.iter().map(review::Assumption::name);
    assert_eq!(kinds.filter(|it| *it == "unfiltered").count(), 2);
    assert_eq!(answer(&review, Question::Login).verdict.name(), "drop");
    let json = json(&review);
    assert_eq!(json["hosts"][0]["exposures"], Value::Array(Vec::new()));
    assert_eq!(json["hosts"][0]["lockout"][0]["verdict"], "drop");
    assert_eq!(json["hosts"][0]["lockout"][0]["decided_by"]["kind"], "policy");
}

#[test]
fn what_could_not_be_read_is_not_called_closed() {
    let broken = filter("-A INPUT -p tcp --dport 22 -j ACCEPT\n-A INPUT -p tcp --dport\n");
    let review = of(&[("h/rules.v4", &broken), ("h/rules.v6", &filter("-A INPUT -j ACCEPT\n"))]);
    assert!(!review.complete());
    assert_eq!(review.exit(&Settings::default()).code(), 3);
    assert!(review.hosts[0].lines.iter().all(|it| !it.cells.contains(&Cell::Closed)));
    assert!(written(&review, TableFormat::Text, Language::En, 100).contains("INCOMPLETE"));
    assert_eq!(json(&review)["hosts"][0]["complete"], false);
}

#[test]
fn of_a_fragment_the_way_to_it_is_not_known() {
    let fragment = "*filter\n:web - [0:0]\n-A web -p tcp --dport 443 -j ACCEPT\nCOMMIT\n";
    let review = of(&[("rules.v4", fragment)]);
    let json = json(&review);
    let host = &json["hosts"][0];
    assert_eq!(host["exposures"][0]["path"], "fragment");
    assert_eq!(host["exposures"][0]["confidence"], "low");
    for none in ["lockout", "basics", "policies", "stance"] {
        assert_eq!(host[none], Value::Array(Vec::new()), "{none}");
    }
    assert_eq!(host["assumptions"][0]["kind"], "fragment");
    assert!(written(&review, TableFormat::Text, Language::En, 100).contains("unknown"));
}

#[test]
fn what_depends_on_an_unknown_set_is_maybe_and_names_it() {
    let rules = filter("-A INPUT -p tcp --dport 22 -m set --match-set office src -j ACCEPT\n");
    let review = of(&[("rules.v4", &rules)]);
    let line = line(&review, "tcp/22");
    assert_eq!(line.cells[0], Cell::Maybe);
    assert_eq!(line.depends_on[0].en, "set office");
    let exposure = &json(&review)["hosts"][0]["exposures"][0];
    assert_eq!(exposure["state"], "maybe");
    assert_eq!(exposure["depends_on"][0], "set office");
    assert_eq!(exposure["confidence"], "low");
    let login = answer(&review, Question::Login);
    assert_eq!((login.verdict.name(), login.depends_on[0].en.as_str()), ("maybe", "set office"));
}

#[test]
fn a_rate_does_not_close_a_port() {
    let rules = filter("-A INPUT -p tcp --dport 22 -m limit --limit 1/min -j ACCEPT\n");
    let exposure = &json(&of(&[("rules.v4", &rules)]))["hosts"][0]["exposures"][0];
    assert_eq!(exposure["state"], "open");
    assert_eq!(exposure["limited_by"][0], "match limit");
}

#[test]
fn a_policy_that_accepts_opens_what_no_rule_closes() {
    let rules = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n-A INPUT -p tcp --dport 22 -j DROP\nCOMMIT\n";
    let review = of(&[("rules.v4", rules)]);
    let json = json(&review);
    let exposures = json["hosts"][0]["exposures"].as_array().expect("exposures");
    let ports = |transport: &str| -> Vec<&Value> {
        let own = exposures.iter().filter(|it| it["transport"] == transport);
        own.map(|it| &it["ports"]).collect()
    };
    assert_eq!(ports("tcp"), [&serde_json::json!([0, 21]), &serde_json::json!([23, 65535])]);
    assert_eq!(ports("udp"), [&serde_json::json!([0, 65535])]);
    assert_eq!(ports("other"), [&Value::Null]);
    assert!(exposures.iter().all(|it| it["rule"]["kind"] == "policy"));
    assert_eq!(exposures[0]["findings"], serde_json::json!(["FW130"]));
    assert_eq!(answer(&review, Question::Login).verdict.name(), "drop");
}

#[test]
fn a_published_port_of_a_container_is_forwarded_and_no_input_rule_applies() {
    let review = real("docker-host");
    let json = json(&review);
    let host = &json["hosts"][0];
    let postgres = host["exposures"].as_array().expect("exposures").iter();
    let postgres = postgres
        .filter(|it| it["dnat_to"] == "172.18.0.3:5432" && it["source_class"] == "any")
        .collect::<Vec<_>>();
    let [postgres] = postgres[..] else { panic!("{postgres:#?}") };
    assert_eq!(postgres["path"], "forward");
    assert_eq!(postgres["ports"], serde_json::json!([15432, 15432]));
    assert_eq!(postgres["services"][0]["name"], "postgresql");
    assert_eq!(postgres["findings"], serde_json::json!(["FW102"]));
    assert_eq!(postgres["rule"]["line"], 33);
    assert_eq!(host["containers"]["managers"], serde_json::json!(["Docker"]));
    assert_eq!(host["containers"]["docker_user_is_empty"], true);
    let kinds = host["assumptions"].as_array().expect("assumptions").iter();
    let kinds: Vec<&Value> = kinds.map(|it| &it["kind"]).collect();
    for kind in ["forwarding", "translation-target-elsewhere"] {
        assert!(kinds.contains(&&Value::from(kind)), "{kinds:?}");
    }
}

#[test]
fn the_json_has_every_field_of_the_contract() {
    let json = json(&real("web-server"));
    let has = |value: &Value, names: &[&str]| {
        for name in names {
            assert!(value.get(name).is_some(), "{name} is missing in {value:#}");
        }
    };
    has(&json, &["schema_version", "input_sha256", "tool", "knowledge", "hosts"]);
    let host = &json["hosts"][0];
    has(
        host,
        &["name", "complete", "exposures", "policies", "lockout", "dead_rules", "assumptions"],
    );
    assert_eq!(host["dead_rules"], 0);
    for exposure in host["exposures"].as_array().expect("exposures") {
        has(
            exposure,
            &[
                "id",
                "family",
                "transport",
                "ports",
                "path",
                "sources",
                "except",
                "source_class",
                "interfaces",
                "destinations",
                "state",
                "depends_on",
                "limited_by",
                "rule",
                "dnat_to",
                "services",
                "declared",
                "confidence",
                "findings",
            ],
        );
        has(&exposure["rule"], &["path", "line"]);
    }
}

#[test]
fn an_id_is_the_same_where_lines_moved_and_no_two_are_alike() {
    let rules = "-A INPUT -p tcp --dport 22 -j ACCEPT\n-A INPUT -p tcp --dport 80 -j ACCEPT\n";
    let moved = format!("-A INPUT -i lo -j ACCEPT\n\n{rules}");
    let ids = |text: &str| -> Vec<String> {
        let json = json(&of(&[("rules.v4", &filter(text))]));
        let exposures = json["hosts"][0]["exposures"].as_array().expect("exposures").clone();
        exposures.iter().map(|it| it["id"].as_str().expect("an id").to_owned()).collect()
    };
    assert_eq!(ids(rules), ids(&moved));
    for host in ["kubernetes-node", "docker-host", "home-router"] {
        let json = json(&real(host));
        let exposures = json["hosts"][0]["exposures"].as_array().expect("exposures").clone();
        let all: BTreeSet<&str> = exposures.iter().filter_map(|it| it["id"].as_str()).collect();
        assert_eq!(all.len(), exposures.len(), "{host}");
    }
}

#[test]
fn many_rules_about_one_port_are_one_line() {
    let rule = |index: u32| {
        format!("-A INPUT -s 23.{}.{}.0/24 -p tcp --dport 22 -j ACCEPT\n", index / 256, index % 256)
    };
    let rules: String = (0..600).map(|index| rule(index * 2)).collect();
    let review = of(&[("rules.v4", &filter(&rules))]);
    let [line] = &review.hosts[0].lines[..] else { panic!("{:#?}", review.hosts[0].lines) };
    assert_eq!(line.senders.en, "600 ranges");
    assert_eq!(line.decided_by.len(), 600);
    assert_eq!(review.hosts[0].open.len(), 600);
    let text = written(&review, TableFormat::Text, Language::En, 100);
    assert!(text.lines().count() < 40, "{text}");
}

#[test]
fn a_csv_has_a_row_of_as_many_fields_for_each_part() {
    let rules = "add table inet t\nadd chain inet t in { type filter hook input priority 0; policy drop; }\n\
                 add rule inet t in tcp dport 80 accept\n";
    let review = of(&[("a, \"b\".nft", rules)]);
    let text = written(&review, TableFormat::Csv, Language::En, 100);
    let rows = records(&text);
    assert_eq!(rows.len(), 1 + review.hosts[0].open.len());
    assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{rows:#?}");
    let rule = rows[0].iter().position(|it| it == "rule").expect("a column");
    assert_eq!(rows[1][rule], "a, \"b\".nft:3");
}

/// The records of a CSV text, as RFC 4180 reads them.
fn records(text: &str) -> Vec<Vec<String>> {
    let mut records = vec![vec![String::new()]];
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(it) = characters.next() {
        let record = records.last_mut().expect("there is always one");
        let field = record.last_mut().expect("there is always one");
        match it {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(String::new()),
            '\r' if !quoted => {
                assert_eq!(characters.next(), Some('\n'), "a record ends in CR LF");
                records.push(vec![String::new()]);
            }
            it => field.push(it),
        }
    }
    assert_eq!(records.pop(), Some(vec![String::new()]), "the last record ends too");
    records
}

/// The files of a host again, for the tracer, which knows nothing of exposures.
fn ruleset(host: &str) -> Ruleset {
    let review = real(host);
    let parsed: Vec<_> = review
        .files
        .iter()
        .map(|source| (source, syntax::parse(source, None).expect("a file of rules")))
        .collect();
    let inputs: Vec<_> = parsed
        .iter()
        .zip(0..)
        .map(|((source, parsed), file)| lower::Input { file, source, parsed })
        .collect();
    lower::ruleset(&inputs)
}

#[test]
fn what_is_open_lets_a_packet_in_and_what_is_closed_does_not() {
    let mut followed = 0;
    for host in ["docker-host", "web-server", "nftables-server", "home-router", "mail-server"] {
        let ruleset = ruleset(host);
        let tracer = Tracer::new(&ruleset);
        let follow = |family: &str, transport: &str, port: u64, interface: &str| {
            let source = if family == "ipv4" { "198.51.100.7" } else { "[2001:db8::7]" };
            let text = format!("{transport} {source}:40000 -> host:{port} in {interface}");
            tracer.trace(&Packet::parse(&text).expect("a packet")).verdict
        };
        let json = json(&real(host));
        let exposures = json["hosts"][0]["exposures"].as_array().expect("exposures");
        let families = json["hosts"][0]["families"].as_array().expect("families");
        let mut open: BTreeSet<(&str, &str, u64)> = BTreeSet::new();
        for exposure in exposures.iter().filter(|it| it["path"] == "input") {
            let text = |name: &str| exposure[name].as_str().expect("a word");
            let (family, transport) = (text("family"), text("transport"));
            let Some(first) = exposure["ports"][0].as_u64() else { continue };
            let last = exposure["ports"][1].as_u64().expect("two ports");
            // A translation or a source port is not what this packet has.
            let plain = exposure["source_class"] == "any"
                && exposure["source_ports"].as_array().is_some_and(Vec::is_empty);
            let interface = exposure["interfaces"][0].as_str().expect("an interface");
            let interface = if interface == "any" { "eth9" } else { interface };
            for port in [first, last] {
                open.insert((family, transport, port));
                if plain {
                    let verdict = follow(family, transport, port, interface);
                    let passes = matches!(verdict, Verdict::Accept | Verdict::Maybe);
                    assert!(passes, "{host}: {exposure:#}");
                    followed += 1;
                }
            }
        }
        for family in families.iter().map(|it| it.as_str().expect("a family")) {
            for (transport, port) in [("tcp", 3), ("tcp", 4444), ("udp", 7), ("tcp", 65_000)] {
                if !open.contains(&(family, transport, port)) {
                    let verdict = follow(family, transport, port, "eth9");
                    assert!(!matches!(verdict, Verdict::Accept), "{host}: {transport}/{port}");
                    followed += 1;
                }
            }
        }
    }
    assert!(followed > 50, "{followed} packets");
}

#[test]
fn what_a_path_holds_reaches_no_terminal() {
    let review =
        of(&[("a\u{1b}[31m\u{202e}.v4", &filter("-A INPUT -p tcp --dport 80 -j ACCEPT\n"))]);
    for format in [TableFormat::Text, TableFormat::Markdown] {
        let text = written(&review, format, Language::En, 100);
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
    }
}

#[test]
fn an_overview_of_very_many_rules_shows_the_same_lines_and_counts_the_rest() {
    let mut rules = String::new();
    // Neither is known to the knowledge base.
    for number in 0..20_000 {
        let (host, source) = (number / 250, number % 250);
        let _ = writeln!(
            rules,
            "-A INPUT -s 203.0.{host}.{source}/32 -p tcp -m tcp --dport 33999 -j ACCEPT"
        );
    }
    rules.push_str("-A INPUT -s 203.0.7.7/32 -p tcp -m tcp --dport 33999 -j ACCEPT\n");
    rules.push_str("-A INPUT -s 203.0.7.8/32 -p tcp -m tcp --dport 23 -j ACCEPT\n");
    rules.push_str("-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n");
    rules.push_str("-A INPUT -p udp -m udp --dport 2000:40000 -j ACCEPT\n");
    let v4 = filter(&rules);
    let v6 = filter("-A INPUT -p udp -m udp --dport 33999 -j ACCEPT\n");
    let files = [("rules.v4", &*v4), ("rules.v6", &*v6)];
    let (whole, overview) = (of(&files), told(&files, Detail::Overview));
    let said = |line: &Line| format!("{:?} {:?} {:?}", line.class, line.what.en, line.services);
    let lines = |review: &Review| review.hosts[0].lines.iter().map(said).collect::<Vec<_>>();
    let (all, shown) = (lines(&whole), lines(&overview));
    assert!(shown.iter().all(|it| all.contains(it)), "{shown:#?}");
    for what in ["tcp/22", "tcp/23", "udp/2000-40000"] {
        let (mine, other) = (line(&overview, what), line(&whole, what));
        assert_eq!(mine.decided_by, other.decided_by, "{what}");
        assert_eq!(mine.cells[0], other.cells[0], "{what}");
    }
    // What a rule of the other family lets in of a range may be among what is not told.
    assert_eq!(line(&whole, "udp/2000-40000").cells[1], Cell::Partly);
    assert!(line(&overview, "udp/2000-40000").cells[1].is_open());
    assert_eq!(line(&overview, "tcp/22").cells[1], Cell::Closed);
    // The one that says the same a second time lets nothing in.
    assert_eq!((whole.hosts[0].passed_over, overview.hosts[0].passed_over), (0, 20_001));
    let text = written(&overview, TableFormat::Text, Language::En, 100);
    assert!(text.contains("20001 more rules let in"), "{text}");
}
