use super::{Cause, File, Type, Wrong, load, nearest};
use crate::settings::{
    Environment, Error, LintName, Overrides, Persona, Settings, Severity, Trust,
};
use crate::words::Language;
use std::{fs, path::Path};
use tempfile::TempDir;

const LINTS: [LintName<'_>; 2] = [
    LintName { code: "FW106", name: "legacy-service-open" },
    LintName { code: "FW201", name: "shadowed-deny" },
];

/// What our defaults are, as a file.
const DEFAULTS: &str = r#"
persona = "default"
lang = "auto"
[lint]
select = []
ignore = []
fail-on = "warning"
[lint.severity]
[lint.options]
wide-range = 100
require-reason = false
comment-regex = ""
[zones]
[expect]
[knowledge]
extra = []
"#;

fn settled(texts: &[&str], overrides: &Overrides) -> Result<Settings, Error> {
    let files: Result<Vec<_>, _> = texts
        .iter()
        .map(|text| File::parse("fwlint.toml", Path::new(""), (*text).to_owned()))
        .collect();
    overrides.settle(&files?, &Environment::default(), &LINTS)
}

fn of(text: &str) -> Result<Settings, Error> {
    settled(&[text], &Overrides::default())
}

fn right(text: &str) -> Settings {
    of(text).unwrap_or_else(|error| panic!("{text}: {}", error.text(Language::En)))
}

/// What is wrong with a text, and the words that it is wrong at.
fn wrong(text: &str) -> (String, Cause) {
    match of(text) {
        Err(Error::Config(wrong)) => {
            let Wrong { spot, cause, .. } = *wrong;
            (spot.file.text[spot.span].to_owned(), cause)
        }
        other => panic!("{text} was taken: {other:?}"),
    }
}

fn tree(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().expect("a directory for the test");
    for (name, text) in files {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().expect("below the root")).expect("made");
        fs::write(path, text).expect("written");
    }
    root
}

#[test]
fn an_empty_file_changes_nothing() {
    let settings = Settings { config: Some("fwlint.toml".into()), ..Settings::default() };
    assert_eq!(format!("{:?}", right("")), format!("{settings:?}"));
}

#[test]
fn the_defaults_written_out_are_the_defaults() {
    assert_eq!(format!("{:?}", right(DEFAULTS)), format!("{:?}", right("")));
}

#[test]
fn what_a_file_says_counts_unless_the_command_line_says_otherwise() {
    let text =
        "persona = \"audit\"\nlang = \"zh\"\n[lint]\nselect = [\"FW1\"]\nfail-on = \"never\"";
    let settings = right(text);
    assert_eq!((settings.persona, settings.language), (Persona::Audit, Language::Zh));
    assert_eq!((settings.select, settings.fail_on), (vec!["FW1".to_owned()], None));
    let said = Overrides {
        persona: Some(Persona::Strict),
        select: vec!["FW2".into()],
        fail_on: Some(Some(Severity::Info)),
        language: Some(Language::En),
        ..Overrides::default()
    };
    let settings = settled(&[text], &said).expect("both are right");
    assert_eq!((settings.persona, settings.language), (Persona::Strict, Language::En));
    assert_eq!(settings.select, ["FW2"]);
    assert_eq!(settings.fail_on, Some(Severity::Info));
}

#[test]
fn a_later_file_replaces_lists_and_keeps_what_it_does_not_name() {
    let base = "persona = \"strict\"\n[lint]\nignore = [\"FW1\", \"FW2\"]\n\
                [zones]\na = { interfaces = [\"a\"] }\nb = { interfaces = [\"b\"] }";
    let over = "[lint]\nignore = [\"FW106\"]\n[zones]\nb = { interfaces = [\"c\"] }";
    let settings = settled(&[base, over], &Overrides::default()).expect("both are right");
    assert_eq!(settings.persona, Persona::Strict);
    assert_eq!(settings.ignore, ["FW106"]);
    let zones: Vec<_> = settings.zones.interfaces().map(|it| it.name.as_str()).collect();
    assert_eq!(zones, ["a", "c"]);
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_at_every_depth() {
    for (text, key, near) in [
        ("personna = \"audit\"", "personna", Some("persona")),
        ("[lint]\nselct = []", "selct", Some("select")),
        ("[lint]\nfail_on = \"never\"", "fail_on", Some("fail-on")),
        ("[zones]\nwan = { interface = [\"eth0\"] }", "interface", Some("interfaces")),
        ("[expect]\nadmin = { form = \"x\" }", "form", Some("from")),
        ("[[expect.packet]]\nverdikt = \"drop\"", "verdikt", Some("verdict")),
        ("[[host]]\nnam = \"x\"", "nam", Some("name")),
        ("[lint.options]\nwide_range = 5", "wide_range", Some("wide-range")),
        ("[[lint.per-file]]\nfile = [\"x\"]", "file", Some("files")),
        ("[knowledge]\nextras = []", "extras", Some("extra")),
        ("xyzzy = 1", "xyzzy", None),
    ] {
        let (at, cause) = wrong(text);
        let Cause::UnknownKey { key: told, nearest, known } = cause else { panic!("{text}") };
        assert_eq!((at.as_str(), told.as_str(), nearest.as_deref()), (key, key, near), "{text}");
        assert!(near.is_none_or(|near| known.iter().any(|it| it == near)), "{known:?}");
    }
}

#[test]
fn a_value_of_another_type_is_refused() {
    let plain = |expected| Cause::Type { expected, nearest: None };
    for (text, at, cause) in [
        ("lint = 5", "5", plain(Type::Table)),
        ("[lint]\nselect = \"FW1\"", "\"FW1\"", plain(Type::List)),
        ("[lint]\nselect = [5]", "5", plain(Type::Text)),
        ("zones = []", "[]", plain(Type::Table)),
        ("lint = [[\"FW1\"], [], \"never\"]", "[[\"FW1\"], [], \"never\"]", plain(Type::Table)),
        ("host = [[\"a\", [\"b\"]]]", "[\"a\", [\"b\"]]", plain(Type::Table)),
        ("[[host]]\nforwarding = 1", "1", plain(Type::Boolean)),
        ("[lint.options]\nwide-range = \"5\"", "\"5\"", plain(Type::Number)),
        ("[lint.severity]\nFW106 = 5", "5", plain(Type::Text)),
        ("[lint]\nseverity = [\"FW106\"]", "[\"FW106\"]", plain(Type::Table)),
    ] {
        assert_eq!(wrong(text), (at.to_owned(), cause), "{text}");
    }
    let (_, cause) = wrong("[expect]\npubic = [\"tcp/80\"]");
    let nearest = Some("public".to_owned());
    assert_eq!(cause, Cause::Type { expected: Type::Table, nearest });
}

#[test]
fn what_is_no_toml_is_refused_where_it_ends_to_be() {
    assert!(matches!(wrong("persona = ").1, Cause::Toml(_)));
    assert_eq!(wrong("[lint]\n[lint]").1, Cause::TwiceTheKey);
    assert!(matches!(of("persona = \"\u{1a}\""), Err(Error::Config(_))));
}

#[test]
fn a_word_that_a_key_does_not_take_is_refused() {
    let near = |text| match wrong(text).1 {
        Cause::UnknownWord { nearest, .. } | Cause::UnknownLint { nearest, .. } => nearest,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(near("persona = \"strickt\"").as_deref(), Some("strict"));
    assert_eq!(near("lang = \"fr\""), None);
    assert_eq!(near("[lint]\nfail-on = \"warn\"").as_deref(), Some("warning"));
    assert_eq!(near("[lint]\nignore = [\"shadowed-deni\"]").as_deref(), Some("shadowed-deny"));
    assert_eq!(
        near("[zones]\nwan = { interfaces = [\"a\"], trust = \"untrustd\" }").as_deref(),
        Some("untrusted")
    );
}

#[test]
fn zones_have_interfaces_or_sources() {
    let zones = right(
        "[zones]\nwan = { interfaces = [\"eth0\", \"ppp+\"], trust = \"untrusted\" }\n\
         admin = { sources = [\"10.20.0.0/16\", \"fd20::/48\", \"192.0.2.1\"] }",
    );
    let zones = zones.zones;
    let wan = zones.get("wan").expect("it is there");
    assert_eq!((wan.trust, wan.interfaces[1].value.prefix), (Trust::Untrusted, true));
    let admin = zones.get("admin").expect("it is there");
    let shown: Vec<_> = admin.sources.iter().map(|it| it.value.to_string()).collect();
    assert_eq!(shown, ["10.20.0.0/16", "fd20::/48", "192.0.2.1"]);
    assert_eq!(wrong("[zones]\nlan = { }").1, Cause::EmptyZone("lan".into()));
    for (text, cause) in [
        ("10.20.0.0/33", Cause::NoNetwork("10.20.0.0/33".into())),
        ("10.20", Cause::NoNetwork("10.20".into())),
        ("10.20.0.1/16", Cause::HostBits("10.20.0.0/16".into())),
    ] {
        assert_eq!(wrong(&format!("[zones]\na = {{ sources = [\"{text}\"] }}")).1, cause);
    }
    for name in ["", "eth 0", "an-interface-too-long", "eth/0"] {
        let text = format!("[zones]\na = {{ interfaces = [\"{name}\"] }}");
        assert_eq!(wrong(&text).1, Cause::NoInterface(name.into()));
    }
}

#[test]
fn zones_that_hold_the_same_packets_are_refused() {
    let shared = |text: &str| match wrong(&format!("[zones]\n{text}")).1 {
        Cause::Overlap { shared, .. } => shared,
        other => panic!("{text}: {other:?}"),
    };
    let interfaces = "a = { interfaces = [\"eth0\"] }\nb = { interfaces = [\"eth+\"] }";
    assert_eq!(shared(interfaces), "`eth0`");
    let sources = "a = { sources = [\"10.0.0.0/8\"] }\nb = { sources = [\"10.1.0.0/16\"] }";
    assert_eq!(shared(sources), "`10.1.0.0/16`");
    assert_eq!(shared("a = { sources = [\"fd00::/8\", \"fd20::/48\"] }"), "`fd20::/48`");
    assert_eq!(shared("a = { interfaces = [\"eth0\", \"eth0\"] }"), "`eth0`");
    let both = "a = { interfaces = [\"eth0\"], sources = [\"10.0.0.0/8\"] }\n\
                b = { interfaces = [\"eth0\"], sources = [\"10.1.0.0/16\"] }";
    assert_eq!(shared(both), "`10.1.0.0/16`");
}

#[test]
fn zones_that_differ_in_an_interface_or_a_source_do_not_overlap() {
    right(
        "[zones]\nwan = { interfaces = [\"eth0\"], trust = \"untrusted\" }\n\
         admin = { sources = [\"10.20.0.0/16\"] }\n\
         a = { interfaces = [\"eth1\"], sources = [\"10.0.0.0/8\"] }\n\
         b = { interfaces = [\"eth2\"], sources = [\"10.0.0.0/8\"] }\n\
         c = { interfaces = [\"eth1\"], sources = [\"192.168.0.0/16\"] }",
    );
}

#[test]
fn groups_name_a_zone_and_ports() {
    let zones = "[zones]\nadmin = { sources = [\"10.20.0.0/16\"] }\n[expect]\n";
    let of = |text: &str| format!("{zones}{text}");
    let settings = right(&of(
        "public = [\"tcp/80\", \"udp/6000-6063\"]\nops = { from = \"admin\", must-reach = [\"tcp/22\"] }",
    ));
    let public = settings.expect.public.as_deref().unwrap_or_default();
    assert_eq!(
        public.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["tcp/80", "udp/6000-6063"]
    );
    assert!(settings.expect.declares(17, 6063) && !settings.expect.declares(6, 6063));
    assert_eq!(settings.expect.groups[0].name.value, "ops");
    assert_eq!(wrong(&of("a = { must-reach = [\"tcp/1\"] }")).1, Cause::Missing("from"));
    assert_eq!(wrong(&of("a = { from = \"admin\" }")).1, Cause::Missing("must-reach"));
    let unknown = wrong(&of("a = { from = \"admim\", must-reach = [\"tcp/1\"] }")).1;
    let nearest = Some("admin".to_owned());
    assert_eq!(unknown, Cause::UnknownZone { word: "admim".into(), nearest });
    for word in ["tcp", "80", "tcp/", "tcp/65536", "tcp/9-8", "icmp/1", "tcp/+80", "tcp/ 80"] {
        let cause = wrong(&of(&format!("public = [\"{word}\"]"))).1;
        assert_eq!(cause, Cause::NoPorts(word.into()));
    }
}

#[test]
fn names_of_hosts_and_assertions_are_their_own() {
    let packet = "[[expect.packet]]\nname = \"a\"\npacket = \"x\"\nverdict = \"drop\"\n";
    right(packet);
    assert_eq!(wrong(&format!("{packet}{packet}")).1, Cause::TwiceTheName("a".into()));
    assert_eq!(wrong("[[expect.packet]]\nname = \"a\"").1, Cause::Missing("packet"));
    let host = "[[host]]\nname = \"a\"\nfiles = [\"x\"]\n";
    right(host);
    assert_eq!(wrong(&format!("{host}{host}")).1, Cause::TwiceTheName("a".into()));
    assert_eq!(wrong("[[host]]\nname = \"a\"\nfiles = []").1, Cause::Empty("files"));
}

#[test]
fn every_wrong_place_is_told_in_both_languages() {
    for text in [
        "xyzzy = 1",
        "lint = 5",
        "persona = \"x\"",
        "[zones]\na = { sources = [\"x\"] }",
        "[zones]\na = { interfaces = [\"a\", \"a\"] }",
        "[[host]]\nfiles = []",
        "[lint.options]\nwide-range = 0",
        "[lint.options]\nwide-range = \"x\"",
        "[lint.options]\ncomment-regex = \"(\"",
        "[[lint.per-file]]\nfiles = [\"{\"]",
        "[lint.severity]\nFW106 = \"off\"\nfw106 = \"off\"",
    ] {
        let error = of(text).expect_err(text);
        let (en, zh) = (error.text(Language::En), error.text(Language::Zh));
        assert!(!en.is_empty() && en.is_ascii(), "{en}");
        assert!(zh.chars().any(|it| ('\u{4e00}'..='\u{9fff}').contains(&it)), "{zh}");
    }
}

#[test]
fn the_nearest_file_counts_up_to_the_root_of_the_repository() {
    let root = tree(&[
        ("fwlint.toml", ""),
        ("repo/.git/HEAD", ""),
        ("repo/.fwlint.toml", ""),
        ("repo/a/b/rules.v4", ""),
        ("repo/a/fwlint.toml", ""),
        ("other/.git/HEAD", ""),
        ("other/rules.v4", ""),
    ]);
    let found = |folder: &str| {
        let found = nearest(&root.path().join(folder)).expect("one at most in a folder");
        let whole = root.path().canonicalize().expect("it is there");
        found.map(|it| it.strip_prefix(whole).expect("below the root").to_owned())
    };
    assert_eq!(found("repo/a/b").as_deref(), Some(Path::new("repo/a/fwlint.toml")));
    assert_eq!(found("repo").as_deref(), Some(Path::new("repo/.fwlint.toml")));
    assert_eq!(found("other"), None);
    assert_eq!(found("").as_deref(), Some(Path::new("fwlint.toml")));
}

#[test]
fn two_files_in_one_folder_are_refused() {
    let root = tree(&[("fwlint.toml", ""), (".fwlint.toml", "")]);
    assert!(matches!(nearest(root.path()), Err(Error::TwoConfigs { .. })));
}

#[test]
fn what_is_extended_comes_first_and_a_circle_is_refused() {
    let root = tree(&[
        ("base.toml", "persona = \"audit\""),
        ("a/fwlint.toml", "extend = \"../base.toml\""),
        ("circle.toml", "extend = \"round.toml\""),
        ("round.toml", "extend = \"./circle.toml\""),
        ("self.toml", "extend = \"self.toml\""),
        ("lost.toml", "extend = \"nowhere.toml\""),
    ]);
    let files = load(&root.path().join("a/fwlint.toml")).expect("both are right");
    let settings = Overrides::default().settle(&files, &Environment::default(), &LINTS);
    assert_eq!(settings.expect("both are right").persona, Persona::Audit);
    let cause = |name: &str| match load(&root.path().join(name)) {
        Err(Error::Config(wrong)) => wrong.cause,
        other => panic!("{name}: {other:?}"),
    };
    assert!(matches!(cause("circle.toml"), Cause::Cycle(_)));
    assert!(matches!(cause("self.toml"), Cause::Cycle(_)));
    assert!(matches!(cause("lost.toml"), Cause::Unreadable { .. }));
    assert!(matches!(load(&root.path().join("none.toml")), Err(Error::NoConfig { .. })));
}

#[test]
fn severities_are_by_code_prefix_or_name_and_a_lint_has_one() {
    let settings = right("[lint.severity]\nFW1 = \"info\"\nshadowed-deny = \"off\"");
    let of = |code, name| settings.level(code, name).map(|it| it.severity);
    assert_eq!(of("FW106", "legacy-service-open"), Some(Some(Severity::Info)));
    assert_eq!(of("FW201", "shadowed-deny"), Some(None));
    let twice = "[lint.severity]\nFW201 = \"off\"\nshadowed-deny = \"error\"";
    assert_eq!(wrong(twice), ("shadowed-deny".into(), Cause::TwiceTheLint("FW201".into())));
    let unknown = wrong("[lint.severity]\nshadowed-deni = \"off\"").1;
    let nearest = Some("shadowed-deny".to_owned());
    assert_eq!(unknown, Cause::UnknownLint { word: "shadowed-deni".into(), nearest });
    let later = settled(
        &["[lint.severity]\nFW1 = \"info\"", "[lint.severity]\nFW1 = \"error\""],
        &Overrides::default(),
    );
    let later = later.expect("both are right");
    let level = later.level("FW106", "legacy-service-open").expect("both name it");
    assert_eq!(level.severity, Some(Severity::Error));
}

#[test]
fn options_have_ranges() {
    let options =
        right("[lint.options]\nwide-range = 20\nrequire-reason = true\ncomment-regex = \"^OPS-\"");
    let options = options.options;
    assert_eq!((options.wide_range, options.require_reason), (20, true));
    assert!(options.comment.is_some_and(|it| it.is_in("OPS-1") && !it.is_in("ops-1")));
    for number in ["0", "1025", "-1", "99999999999"] {
        let text = format!("[lint.options]\nwide-range = {number}");
        assert_eq!(wrong(&text), (number.into(), Cause::Number { least: 1, most: 1024 }));
    }
    assert!(matches!(wrong("[lint.options]\ncomment-regex = \"(\"").1, Cause::Regex(_)));
}

#[test]
fn some_files_have_more_of_their_own() {
    let text = "[lint]\nselect = [\"FW2\"]\n[[lint.per-file]]\nfiles = [\"lab/**\"]\n\
                select = [\"FW1\"]\nignore = [\"FW201\"]\n[[lint.per-file]]\nfiles = [\"*.bak\"]\n\
                severity = { FW2 = \"info\" }";
    let settings = right(text);
    let on = |path: &str| {
        let own = settings.of_file(path);
        [("FW106", "legacy-service-open"), ("FW201", "shadowed-deny")]
            .map(|(code, name)| own.is_on(code, name, Persona::Default))
    };
    assert_eq!(on("rules.v4"), [false, true]);
    assert_eq!(on("lab/a/rules.v4"), [true, false]);
    assert_eq!(on("other/lab/rules.v4"), [false, true]);
    let mut variants = settings.variants().into_iter();
    assert!(variants.any(|it| it.is_on("FW106", "legacy-service-open", Persona::Default)));
    let level = |path: &str| {
        let own = settings.of_file(path);
        own.level("FW201", "shadowed-deny").and_then(|it| it.severity)
    };
    assert_eq!((level("x/a.bak"), level("x/a")), (Some(Severity::Info), None));
    assert_eq!(wrong("[[lint.per-file]]\nignore = [\"FW1\"]").1, Cause::Missing("files"));
    assert_eq!(wrong("[[lint.per-file]]\nfiles = []").1, Cause::Empty("files"));
    assert!(matches!(wrong("[[lint.per-file]]\nfiles = [\"a\", \"{\"]").1, Cause::Pattern(_)));
    let own = Overrides { select: vec!["FW2".into()], ..Overrides::default() };
    let settings = settled(&[text], &own).expect("both are right");
    let chosen = settings.of_file("lab/rules.v4");
    assert!(!chosen.is_on("FW106", "legacy-service-open", Persona::Default));
}
