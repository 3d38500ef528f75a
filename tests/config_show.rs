//! `fwlint config`: what holds and who says so, what may be written, and a file to begin with.

mod process;

use fwlint::{
    commands,
    settings::{Environment, Error, Overrides, Settings, config},
    words::Language,
};
use process::{fwlint, out, run, tree};
use serde_json::Value;
use std::{fs, path::Path};

fn settled(text: &str) -> Result<Settings, Error> {
    let file = config::File::parse("fwlint.toml", Path::new(""), text.to_owned())?;
    let names = commands::lint_names(commands::catalogue());
    Overrides::default().settle(&[file], &Environment::default(), &names)
}

const FULL: &str = r#"
persona = "strict"
[lint]
select = ["FW", "FW901"]
fail-on = "error"
[lint.severity]
FW118 = "off"
shadowed-deny-not = "info"
[lint.options]
require-reason = true
[[lint.per-file]]
files = ["lab/**"]
severity = { FW1 = "info" }
[zones]
"my wan" = { interfaces = ["eth0"], trust = "untrusted" }
admin = { sources = ["10.20.0.0/16", "fd20::/48"] }
[expect]
public = ["tcp/80"]
ops = { from = "admin", must-reach = ["tcp/22"] }
[[expect.packet]]
name = "a \"b\""
packet = "tcp 10.20.0.5:40000 -> host:22 in eth0"
verdict = "accept"
[[host]]
name = "web1"
files = ["rules.v4"]
forwarding = false
"#;

#[test]
fn each_value_is_shown_with_who_says_it() {
    let root = tree(&[
        ("base.toml", "persona = \"audit\"\n[lint]\nignore = [\"FW2\"]\n"),
        ("a/fwlint.toml", "extend = \"../base.toml\"\n[lint.options]\nwide-range = 50\n"),
    ]);
    let mut command = fwlint(root.path());
    command.env("FWLINT_FAIL_ON", "error");
    let assert = command.args(["config", "show", "--select", "FW1,FW3", "a/rules.v4"]).assert();
    let (stdout, _) = out(&assert.code(0));
    for line in [
        "persona = \"audit\" # base.toml:1",
        "lang = \"auto\" # default",
        "select = [\"FW1\", \"FW3\"] # command line",
        "ignore = [\"FW2\"] # base.toml:3",
        "fail-on = \"error\" # FWLINT_FAIL_ON",
        "wide-range = 50 # a/fwlint.toml:3",
        "require-reason = false # default",
        "extra = [] # default",
    ] {
        assert!(stdout.lines().any(|it| it == line), "{line}:\n{stdout}");
    }
    let (stdout, _) = out(&run(root.path(), "config show --lang zh --isolated").code(0));
    assert!(stdout.contains("persona = \"default\" # 默认值"), "{stdout}");
    assert!(stdout.contains("lang = \"zh\" # 命令行"), "{stdout}");
}

#[test]
fn what_is_shown_is_a_file_that_says_the_same() {
    let text = FULL.replace("shadowed-deny-not", "FW3");
    let root = tree(&[("fwlint.toml", &text)]);
    let (shown, _) = out(&run(root.path(), "config show").code(0));
    settled(&shown).unwrap_or_else(|error| panic!("{}\n{shown}", error.text(Language::En)));
    let again = tree(&[("fwlint.toml", &shown)]);
    let (twice, _) = out(&run(again.path(), "config show").code(0));
    let values = |text: &str| {
        let lines = text.lines().map(|it| it.rsplit_once(" # ").map_or(it, |(value, _)| value));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(values(&shown), values(&twice));
    for said in
        ["FW3 = \"info\"", "\"my wan\" = {", "[[lint.per-file]]", "[[host]]", "forwarding = false"]
    {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    let wrong = tree(&[("fwlint.toml", FULL)]);
    let (_, stderr) = out(&run(wrong.path(), "config show").code(2));
    assert!(stderr.contains("fwlint.toml:8:1"), "{stderr}");
}

#[test]
fn the_file_to_begin_with_says_nothing_until_it_is_told_to() {
    for language in [Language::En, Language::Zh] {
        let template = config::template(language);
        let plain = |settings: Settings| format!("{settings:?}");
        assert_eq!(
            plain(settled(template).expect("it is right")),
            plain(settled("").expect("it is right"))
        );
        // A comment begins with a blank, a key does not; some keys name files.
        let files = ["extend", "extra", "sysctl", "sockets"];
        let is_said =
            |key: &str| !key.starts_with(' ') && !files.iter().any(|file| key.starts_with(file));
        let said = template
            .lines()
            .map(|line| line.strip_prefix('#').filter(|key| is_said(key)).unwrap_or(line));
        let said = said.collect::<Vec<_>>().join("\n");
        let settings =
            settled(&said).unwrap_or_else(|error| panic!("{}", error.text(Language::En)));
        assert_eq!((settings.hosts.len(), settings.zones.0.len()), (1, 2));
        let keys =
            |value: &Value| value.as_object().map(|it| it.keys().cloned().collect::<Vec<_>>());
        let schema = config::schema();
        for key in keys(&schema["properties"]).expect("a table") {
            assert!(template.contains(&key), "{key} is not in the file to begin with");
        }
    }
}

#[test]
fn a_file_to_begin_with_takes_no_place_that_is_taken() {
    let root = tree(&[("b/.fwlint.toml", "persona = \"audit\"\n"), ("c/x", "")]);
    let (_, stderr) = out(&run(root.path(), "config init").code(0));
    assert!(stderr.starts_with("fwlint: fwlint.toml: written"), "{stderr}");
    let text = fs::read_to_string(root.path().join("fwlint.toml")).expect("written");
    assert_eq!(text, config::template(Language::En));
    run(root.path(), "config init").code(2);
    let (_, stderr) = out(&run(root.path(), "config init b").code(2));
    assert!(stderr.contains("b/.fwlint.toml: is there already"), "{stderr}");
    assert!(!root.path().join("b/fwlint.toml").exists());
    run(root.path(), "config init --lang zh c").code(0);
    let text = fs::read_to_string(root.path().join("c/fwlint.toml")).expect("written");
    assert_eq!(text, config::template(Language::Zh));
    run(root.path(), "config init nowhere").code(2);
}

/// The keys that a table of the configuration takes, as the reader of it lists them.
fn taken(header: &str) -> Vec<String> {
    let text = format!("{header}\nxyzzy-is-no-key = 1\n");
    let error = toml::from_str::<toml::Table>(&text).err();
    assert!(error.is_none(), "{text}");
    match settled(&text) {
        Err(Error::Config(wrong)) => match wrong.cause {
            config::Cause::UnknownKey { known, .. } => known,
            other => panic!("{header}: {other:?}"),
        },
        other => panic!("{header}: {other:?}"),
    }
}

#[test]
fn the_schema_has_the_keys_that_are_read() {
    let root = tree(&[]);
    let (stdout, _) = out(&run(root.path(), "config schema").code(0));
    let schema: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(schema, config::schema());
    for (header, pointer) in [
        ("", ""),
        ("[lint]", "/properties/lint"),
        ("[lint.options]", "/properties/lint/properties/options"),
        ("[[lint.per-file]]", "/properties/lint/properties/per-file/items"),
        ("[zones.a]", "/properties/zones/additionalProperties"),
        ("[expect.a]", "/properties/expect/additionalProperties"),
        ("[[expect.packet]]", "/properties/expect/properties/packet/items"),
        ("[[host]]", "/properties/host/items"),
        ("[knowledge]", "/properties/knowledge"),
    ] {
        let table = schema.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is missing"));
        let keys = table["properties"].as_object().expect("a table").keys().cloned();
        let mut taken = taken(header);
        taken.sort();
        assert_eq!(keys.collect::<Vec<_>>(), taken, "{header}");
    }
}
