//! What fixes do to the examples of their lints: the finding goes, the file loads, and what is safe changes no verdict.

mod loaders;

use fwlint::{
    commands::{
        self, Plan,
        diff::Comparison,
        fix::{self, How, Mended},
    },
    lints::{ALL, Example, Fix, Lint, Safety},
    settings::{Environment, Overrides, Persona, Settings, Severity},
    source::{
        SourceFile,
        input::{self, Input, Inputs, Origin, Request},
    },
    syntax::Dialect,
};
use loaders::Loader;
use std::{env, path::PathBuf};

const REQUEST: Request = Request {
    paths: Vec::new(),
    stdin_filename: None,
    exclude: Vec::new(),
    force_exclude: false,
    max_file_size: u32::MAX,
    include_paths: Vec::new(),
    sysroot: None,
};

fn inputs(bytes: &[u8]) -> Inputs {
    let mut source = SourceFile::new("example", bytes.to_vec());
    source.in_work_tree = true;
    Inputs { files: vec![Input { source, origin: Origin::Named }], ..Inputs::default() }
}

/// One lint alone, as its persona sees it; what is not heard of anyway is known only beside the lints that are silenced.
fn settings(lint: &Lint) -> Settings {
    let others: &[&str] = if lint.code == "FW901" { &["FW1"] } else { &[] };
    let select = others.iter().chain([&lint.code]).map(|it| (*it).to_owned()).collect();
    chosen(select, lint.persona)
}

fn only(code: &str, persona: Persona) -> Settings {
    chosen(vec![code.to_owned()], persona)
}

fn chosen(select: Vec<String>, persona: Persona) -> Settings {
    let own = Overrides { select, persona: Some(persona), ..Overrides::default() };
    let names = commands::lint_names(commands::catalogue());
    own.settle(&[], &Environment::default(), &names).expect("a code of the catalogue")
}

/// What becomes of a text.
struct Outcome {
    bytes: Vec<u8>,
    mended: Vec<Mended>,
}

fn mend(bytes: &[u8], dialect: Dialect, settings: Settings, risky: bool) -> Outcome {
    let inputs = inputs(bytes);
    let plan = Plan::of(settings);
    let how = How { dialect: Some(dialect), request: &REQUEST, plan: &plan, risky };
    let mended = fix::fix(&inputs, how);
    let changes = mended.iter().flat_map(|it| &it.changes);
    let after = fix::rewritten(&inputs, changes, how);
    Outcome { bytes: after.files[0].source.bytes().to_vec(), mended }
}

/// How often a lint reports something of a text.
fn reported(bytes: &[u8], dialect: Dialect, lint: &Lint) -> usize {
    let findings = commands::check(inputs(bytes), Some(dialect), &settings(lint)).findings;
    findings.iter().filter(|it| it.lint.code == lint.code).count()
}

fn compared(old: &[u8], new: &[u8], dialect: Dialect) -> Comparison {
    commands::diff::diff(
        [inputs(old), inputs(new)],
        Some(dialect),
        true,
        &Plan::of(Settings::default()),
    )
}

fn mended_examples() -> impl Iterator<Item = (&'static Lint, &'static Example)> {
    let lints = ALL.iter().filter(|lint| lint.fix != Fix::None);
    lints.flat_map(|lint| lint.examples.iter().map(move |example| (*lint, example)))
}

/// What is reported, as its owner has it: the marks in it are ours, and without any comment it could be printed.
fn unmarked(example: &Example) -> Vec<u8> {
    let lines = example.bad.split_inclusive('\n').filter(|line| !line.starts_with("#~^"));
    ["# ours\n"].into_iter().chain(lines).collect::<String>().into_bytes()
}

#[test]
fn a_fix_does_what_the_catalogue_says() {
    let mut problems = Vec::new();
    for (lint, example) in mended_examples() {
        let (bad, dialect) = (&unmarked(example)[..], example.dialect);
        let name = format!("{} {dialect:?}", lint.code);
        let Outcome { bytes, mended } = mend(bad, dialect, settings(lint), lint.fix == Fix::Unsafe);
        let left = reported(&bytes, dialect, lint);
        if left > 0 {
            problems.push(format!("{name}: {left} left in\n{}", String::from_utf8_lossy(&bytes)));
        }
        let done: Vec<Safety> = mended.iter().flat_map(|it| &it.done).map(|it| it.safety).collect();
        let fits = |it: &Safety| (*it == Safety::Unsafe) == (lint.fix == Fix::Unsafe);
        if done.is_empty() || !done.iter().all(fits) {
            problems.push(format!("{name}: {done:?}"));
        }
        let safe = done.iter().all(|it| *it == Safety::Safe);
        if safe && compared(bad, &bytes, dialect).equivalent() != Some(true) {
            problems.push(format!("{name}: not equivalent\n{}", String::from_utf8_lossy(&bytes)));
        }
        let again = mend(&bytes, dialect, settings(lint), lint.fix == Fix::Unsafe);
        if again.bytes != bytes || again.mended.iter().any(|it| it.rounds > 0) {
            problems.push(format!("{name}: a second time changes it again"));
        }
    }
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn what_is_not_asked_for_is_not_done() {
    for (lint, example) in mended_examples().filter(|(lint, _)| lint.fix == Fix::Unsafe) {
        let bad = &unmarked(example)[..];
        let Outcome { bytes, mended } = mend(bad, example.dialect, settings(lint), false);
        assert_eq!(bytes, bad, "{}", lint.code);
        assert!(mended.iter().any(|it| it.withheld > 0), "{}", lint.code);
    }
}

#[test]
fn nothing_offers_more_than_the_catalogue_says() {
    for lint in ALL {
        for example in lint.examples {
            let bytes = &unmarked(example)[..];
            let outcome = commands::check(inputs(bytes), Some(example.dialect), &settings(lint));
            for fix in outcome.findings.iter().flat_map(|it| &it.fixes) {
                assert_ne!(lint.fix, Fix::None, "{}: {}", lint.code, fix.title.en);
                let safe = fix.safety != Safety::Unsafe;
                assert!(!safe || lint.fix == Fix::Safe, "{}: {}", lint.code, fix.title.en);
                assert!(!fix.title.en.ends_with('.') && !fix.title.zh.ends_with('。'));
                let is_han = |it| matches!(it, '\u{4e00}'..='\u{9fff}');
                let [en, zh] = [&fix.title.en, &fix.title.zh].map(|it| it.contains(is_han));
                assert!(!en && zh, "{}: {:?}", lint.code, fix.title);
            }
        }
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "a comparison that was not made says so")]
fn the_real_loaders_take_what_is_mended() {
    let mut problems = Vec::new();
    for dialect in [Dialect::Iptables, Dialect::Ip6tables, Dialect::Nft] {
        let loaders = Loader::of(dialect);
        if loaders.is_empty() {
            assert!(
                env::var_os("FWLINT_REQUIRE_LOADERS").is_none(),
                "no loader of {dialect:?} runs in `unshare -n` here"
            );
            eprintln!("SKIPPED: no loader of {dialect:?} runs in `unshare -n` here");
            continue;
        }
        for (lint, example) in mended_examples().filter(|(_, it)| it.dialect == dialect) {
            let risky = lint.fix == Fix::Unsafe;
            let after = mend(&unmarked(example), dialect, settings(lint), risky);
            let text = String::from_utf8(after.bytes).expect("examples are text");
            let answers: Vec<_> = loaders.iter().map(|it| it.test(&text)).collect();
            if answers.iter().all(Result::is_err) {
                problems.push(format!("{} {dialect:?}: {answers:?}\n{text}", lint.code));
            }
        }
    }
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// All lints of an ordinary run, with the fixes that are proven safe.
fn ordinary(text: &str, dialect: Dialect) -> (String, Vec<Mended>) {
    let after = mend(text.as_bytes(), dialect, Settings::default(), false);
    (String::from_utf8(after.bytes).expect("text"), after.mended)
}

#[test]
fn of_two_fixes_in_one_line_the_second_waits_for_its_round() {
    let (after, mended) = ordinary(
        "*filter\n:INPUT DROP [0:0]\n-A INPUT -s 10.1.2.3/8 -d 10.9.9.9/255.255.0.0 -p icmp -j ACCEPT\nCOMMIT\n",
        Dialect::Iptables,
    );
    assert!(after.contains("-s 10.0.0.0/8 -d 10.9.0.0/255.255.0.0 -p icmp"), "{after}");
    assert_eq!((mended[0].done.len(), mended[0].rounds), (2, 2));
}

#[test]
fn a_file_that_loads_after_one_fix_is_mended_further() {
    let (after, mended) = ordinary(
        "table ip t {\n\tset s {\n\t\ttype ipv4_addr; flags timeout\n\t\telements = { 10.0.0.0/8, 10.1.0.0/16 }\n\t}\n\tchain c {\n\t\ttype filter hook input priority 0; policy drop;\n\t\tip saddr 10.1.2.3/8 ip saddr @s drop\n\t}\n}\n",
        Dialect::Nft,
    );
    assert!(after.contains("flags timeout,interval\n\t\tauto-merge\n\t\telements"), "{after}");
    assert!(after.contains("ip saddr 10.0.0.0/8 ip"), "{after}");
    let codes: Vec<_> = mended[0].done.iter().map(|it| it.code).collect();
    assert_eq!(codes, ["FW609", "FW604", "FW303"]);
}

#[test]
fn what_cannot_be_proven_is_left_and_said() {
    // The element that is too much in one rule is needed in the other.
    let text = "\
define lan = { 10.1.0.0/16, 192.168.0.0/16 }
table ip t {
	chain c {
		type filter hook input priority 0; policy drop;
		ip saddr { 10.0.0.0/8, $lan } icmp type echo-request accept
		ip daddr $lan icmp type echo-reply accept
		ip saddr 10.9.9.9/8 drop
	}
}
";
    let (after, mended) = ordinary(text, Dialect::Nft);
    assert_eq!(after, text.replace("10.9.9.9/8", "10.0.0.0/8"));
    let left: Vec<_> = mended[0].left.iter().map(|it| (it.line, it.code, it.why)).collect();
    assert_eq!(left, [(1, "FW608", fix::Why::NotProven)]);
}

#[test]
fn what_sees_no_routed_packets_is_compared_word_by_word_or_by_what_it_says() {
    let text = "\
table bridge b {
	chain c {
		type filter hook forward priority 0; policy accept;
		ip saddr 10.1.2.3/8 drop
	}
}
";
    let (after, _) = ordinary(text, Dialect::Nft);
    assert_eq!(after, text.replace("10.1.2.3/8", "10.0.0.0/8"), "it says the same");
}

#[test]
fn a_file_with_other_errors_keeps_the_rest() {
    let (after, mended) = ordinary(
        "*filter\n:INPUT DROP [0:0]\n-A INPUT --nonsense\n-A INPUT -s 10.1.2.3/8 -p icmp -j ACCEPT\n",
        Dialect::Iptables,
    );
    assert!(after.ends_with("-A INPUT -s 10.1.2.3/8 -p icmp -j ACCEPT\nCOMMIT\n"), "{after}");
    let left: Vec<_> = mended[0].left.iter().map(|it| (it.code, it.why)).collect();
    assert_eq!(left, [("FW303", fix::Why::DoesNotLoad)]);
}

#[test]
fn bytes_elsewhere_stay() {
    let before = b"# Gr\xfc\xdfe  \n*filter\n:INPUT DROP [7:8]\n[3:4] -A INPUT -s 10.1.2.3/8 -p icmp -j ACCEPT   \n\nCOMMIT\n# end \t";
    let after = mend(before, Dialect::Iptables, Settings::default(), false).bytes;
    let wanted = b"# Gr\xfc\xdfe  \n*filter\n:INPUT DROP [7:8]\n[3:4] -A INPUT -s 10.0.0.0/8 -p icmp -j ACCEPT   \n\nCOMMIT\n# end \t";
    assert_eq!(after, wanted);
    let (after, _) = ordinary(
        "table ip t {\r\n\tchain c {\r\n\t\ttype filter hook input priority 0; \r\n\t\tip saddr 10.1.2.3/8 drop # x \r\n\t}\r\n}\r\n",
        Dialect::Nft,
    );
    assert_eq!(
        after,
        "table ip t {\r\n\tchain c {\r\n\t\ttype filter hook input priority 0; policy accept; \r\n\t\tip saddr 10.0.0.0/8 drop # x \r\n\t}\r\n}\r\n"
    );
}

#[test]
fn what_a_shell_or_json_reads_is_not_touched() {
    let json = r#"{"nftables": [{"add": {"table": {"family": "ip", "name": "t"}}}, {"add": {"chain": {"family": "ip", "table": "t", "name": "c", "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}}}, {"add": {"rule": {"family": "ip", "table": "t", "chain": "c", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": {"prefix": {"addr": "10.1.2.3", "len": 8}}}}, {"drop": null}]}}}]}"#;
    let outcome =
        commands::check(inputs(json.as_bytes()), Some(Dialect::NftJson), &Settings::default());
    let found: Vec<_> = outcome.findings.iter().filter(|it| it.lint.code == "FW303").collect();
    assert_eq!(found.len(), 1, "the finding is there");
    assert!(found[0].fixes.is_empty());
}

#[test]
fn a_file_that_nobody_named_is_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("part.nft"), "ip saddr 10.1.2.3/8 drop\n").expect("written");
    let text = "table ip t {\n\tchain c {\n\t\ttype filter hook input priority 0; policy drop;\n\t\tip saddr 10.9.9.9/8 drop\n\t\tinclude \"part.nft\"\n\t}\n}\n";
    std::fs::write(path("main.nft"), text).expect("written");
    let of = |names: &[&str]| {
        let paths: Vec<PathBuf> = names.iter().map(|it| path(it)).collect();
        let request = Request { paths, ..REQUEST };
        let dialect = Some(Dialect::Nft);
        let wanted = |source: &_, origin| commands::recognised(source, origin, dialect);
        let mut inputs = input::read(&request, &mut std::io::empty(), &wanted).expect("read");
        inputs.add(Vec::new());
        let includes = |source: &_, origin| commands::includes(source, origin, dialect);
        input::follow(&mut inputs, &request, &includes);
        let plan = Plan::of(only("FW303", Persona::Default));
        let how = How { dialect, request: &request, plan: &plan, risky: false };
        let mended = fix::fix(&inputs, how);
        let changed: Vec<String> = mended
            .iter()
            .flat_map(|it| &it.changes)
            .map(|it| {
                PathBuf::from(&it.old.path)
                    .file_name()
                    .expect("a name")
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        let left: Vec<fix::Why> = mended.iter().flat_map(|it| &it.left).map(|it| it.why).collect();
        (changed, left)
    };
    assert_eq!(of(&["main.nft"]), (vec!["main.nft".to_owned()], vec![fix::Why::NotNamed]));
    assert_eq!(
        of(&["main.nft", "part.nft"]),
        (vec!["main.nft".to_owned(), "part.nft".to_owned()], Vec::new())
    );
}

#[test]
fn a_fix_that_does_not_mend_is_not_made() {
    // What is not tracked is of no connection: to accept those changes nothing.
    let text = "\
table ip t {
	chain raw {
		type filter hook prerouting priority raw; policy accept;
		notrack
	}
	chain c {
		type filter hook input priority 0; policy drop;
		icmp type echo-request accept
	}
}
";
    let lint = ALL.iter().find(|it| it.code == "FW301").expect("a code of the catalogue");
    assert_eq!(reported(text.as_bytes(), Dialect::Nft, lint), 1);
    let after = mend(text.as_bytes(), Dialect::Nft, settings(lint), true);
    assert_eq!(String::from_utf8_lossy(&after.bytes), text);
    let left: Vec<_> = after.mended.iter().flat_map(|it| &it.left).map(|it| it.why).collect();
    assert_eq!(left, [fix::Why::MendsNothing]);
}

#[test]
fn what_only_a_removed_set_used_goes_too() {
    let lint = ALL.iter().find(|it| it.code == "FW606").expect("a code of the catalogue");
    let text = "\
define old = { 192.0.2.1, 192.0.2.2 }
table ip t {
	set blocked {
		type ipv4_addr; elements = $old
	}
	chain c {
		type filter hook input priority 0; policy drop;
		icmp type echo-request accept
	}
}
add element ip t blocked { 192.0.2.3 }
";
    let after = mend(text.as_bytes(), Dialect::Nft, settings(lint), false);
    let wanted = "\
table ip t {
	chain c {
		type filter hook input priority 0; policy drop;
		icmp type echo-request accept
	}
}
";
    assert_eq!(String::from_utf8_lossy(&after.bytes), wanted);
    assert_eq!(after.mended[0].rounds, 2);
}

#[test]
fn what_cannot_be_mended_does_not_stand_in_the_way() {
    // Both touch the only line, and neither is worse than the other: the first cannot be proven.
    let text = "define lan = { 10.1.0.0/16, 192.168.0.0/16 }; table ip t { chain c { \
                type filter hook input priority 0; ip saddr { 10.0.0.0/8, $lan } drop; \
                ip daddr $lan tcp dport 22 drop; }; }\n";
    let outcome =
        commands::check(inputs(text.as_bytes()), Some(Dialect::Nft), &Settings::default());
    let offered = outcome.findings.iter().filter(|it| !it.fixes.is_empty());
    let offered: Vec<_> = offered.map(|it| (it.lint.code, it.severity)).collect();
    assert_eq!(offered, [("FW608", Severity::Info), ("FW601", Severity::Info)]);
    let (after, mended) = ordinary(text, Dialect::Nft);
    assert_eq!(after, text.replace("priority 0;", "priority 0; policy accept;"));
    let left: Vec<_> = mended[0].left.iter().map(|it| (it.code, it.why)).collect();
    assert_eq!(left, [("FW608", fix::Why::NotProven)]);
}
