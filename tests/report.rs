//! Reports, from constructed findings: what is written, to the byte.

use fwlint::{
    commands::{self, Anchor, By, CheckedFile, Outcome, ServiceView, Silence, Silenced, Unknown},
    knowledge::ServiceId,
    lints::{Confidence, Finding, Fix, Label, Lint, OpenService, Place},
    report,
    settings::{Format, Look, Persona, Settings, Severity},
    source::{SourceFile, Span},
    syntax::{Dialect, FileKind},
    words::{Language, Message, Text},
};
use std::time::{Duration, Instant};

static LEGACY: Lint = lint("FW106", "legacy-service-open", Severity::Warning);
static REFUSED: Lint = lint("FW000", "syntax-error", Severity::Error);
static SHADOWED: Lint = lint("FW201", "shadowed-deny", Severity::Error);
static REDUNDANT: Lint = lint("FW203", "redundant-rule", Severity::Info);
static RANGE: Lint = lint("FW124", "wide-range-open", Severity::Warning);

const fn lint(code: &'static str, name: &'static str, severity: Severity) -> Lint {
    let text = Text { en: "in English", zh: "中文" };
    Lint {
        code,
        name,
        severity,
        fix: Fix::None,
        persona: Persona::Default,
        since: "0.1.0",
        summary: text,
        why: text,
        remedy: text,
        examples: &[],
        check: |_, _| (),
    }
}

fn file(path: &str, text: &str) -> CheckedFile {
    CheckedFile {
        source: SourceFile::new(path, text.into()),
        dialect: Dialect::Iptables,
        kind: FileKind::RestoreFile,
        rules: 2,
        empty: false,
        anchors: Vec::new(),
        opaque: false,
        context: false,
        fail_on: None,
        config: None,
    }
}

fn message(en: &str, zh: &str) -> Message {
    Message { en: en.into(), zh: zh.into() }
}

/// The place of the `nth` occurrence of `words` in the file, from 0.
fn place(outcome: &Outcome, file: u32, words: &str, nth: usize) -> Place {
    let text = outcome.files[file as usize].source.text();
    let (at, _) = text.match_indices(words).nth(nth).expect("the words are in the file");
    let offset = |at| u32::try_from(at).expect("the file is small");
    Place { file, span: Span::new(offset(at), offset(at + words.len())) }
}

fn finding(lint: &'static Lint, place: Place) -> Finding {
    Finding {
        lint,
        severity: lint.severity,
        confidence: Confidence::High,
        message: message("something is wrong", "有问题"),
        primary: Label { place, text: message("here", "此处") },
        labels: Vec::new(),
        help: vec![message("Mend it.", "请修复。")],
        services: Vec::new(),
        source_class: None,
        witness: None,
        fixes: Vec::new(),
    }
}

fn outcome(text: &str) -> Outcome {
    Outcome { files: vec![file("rules.v4", text)], ..Outcome::default() }
}

fn render(format: Format, outcome: &Outcome, settings: &Settings, look: &Look) -> String {
    let mut out = Vec::new();
    report::write(&mut out, format, outcome, settings, look).expect("a vector takes all");
    String::from_utf8(out).expect("reports are UTF-8")
}

fn text(outcome: &Outcome) -> String {
    render(Format::Text, outcome, &Settings::default(), &Look::PLAIN)
}

fn json(outcome: &Outcome) -> serde_json::Value {
    let text = render(Format::Json, outcome, &Settings::default(), &Look::PLAIN);
    serde_json::from_str(&text).expect("the report is JSON")
}

const RULES: &str = "\
*filter
:INPUT DROP [0:0]
-A INPUT -s 10.0.0.0/8 -j ACCEPT
-A INPUT -p tcp --dport 79 -m comment --comment \"控制台\" -j ACCEPT
-A INPUT -j LOG
-A INPUT -j LOG
-A INPUT -j LOG
-A INPUT -s 10.66.0.0/16 -j DROP
COMMIT
";

fn legacy() -> Outcome {
    let mut outcome = outcome(RULES);
    let primary = place(&outcome, 0, "-p tcp --dport 79", 0);
    let view = ServiceView {
        id: "finger".into(),
        name: "finger".into(),
        transport: "tcp".into(),
        ports: vec![(79, 79)],
        primary: true,
        category: "legacy-service".into(),
        severity: "medium".into(),
        confidence: Confidence::High,
        note: message("Lists users.", "泄露用户。"),
        mitigation: message("Turn it off.", "请关闭。"),
        correction: None,
        software: Vec::new(),
        references: Vec::new(),
    };
    outcome.services.insert(ServiceId(7), view);
    outcome.findings.push(Finding {
        message: message(
            "tcp/79 (finger) is open to any IPv4 address",
            "tcp/79 (finger) 对任意 IPv4 地址开放",
        ),
        services: vec![OpenService { service: ServiceId(7), protocol: 6, port: Some(79) }],
        source_class: Some("any"),
        witness: Some("tcp 198.51.100.7:40000 -> 192.0.2.1:79 in eth0".into()),
        ..finding(&LEGACY, primary)
    });
    outcome
}

#[test]
fn text_shows_the_words_and_a_packet() {
    insta::assert_snapshot!(text(&legacy()), @r##"
    warning[FW106] legacy-service-open  rules.v4:4:10

      ⚠ tcp/79 (finger) is open to any IPv4 address
       ╭─[rules.v4:4:10]
     4 │ -A INPUT -p tcp --dport 79 -m comment --comment "控制台" -j ACCEPT
       ·          ────────┬────────
       ·                  ╰── here
       ╰────
      help: Mend it.
            witness: tcp 198.51.100.7:40000 -> 192.0.2.1:79 in eth0

    Found 1 problem: 1 warning in 1 file.
    analysis: complete · 1 file, 2 rules
    "##);
}

#[test]
fn text_speaks_chinese_and_draws_in_ascii() {
    let settings = Settings { language: Language::Zh, ..Settings::default() };
    let look = Look { unicode: false, width: 60, ..Look::PLAIN };
    insta::assert_snapshot!(render(Format::Text, &legacy(), &settings, &look), @r##"
    warning[FW106] legacy-service-open  rules.v4:4:10

      ! tcp/79 (finger) 对任意 IPv4 地址开放
       ,-[rules.v4:4:10]
     4 | -A INPUT -p tcp --dport 79 -m comment --co ...
       :          ^^^^^^^^|^^^^^^^^
       :                  `-- 此处
       `----
      help: 请修复。
            例证包: tcp 198.51.100.7:40000 -> 192.0.2.1:79 in
            eth0

    发现 1 个问题：1 个警告，共 1 个文件。
    分析：完整 - 1 个文件，2 条规则
    "##);
}

#[test]
fn far_labels_get_frames_of_their_own_with_the_primary_first() {
    let mut outcome = outcome(RULES);
    let later = place(&outcome, 0, "-s 10.66.0.0/16", 0);
    let earlier = place(&outcome, 0, "-s 10.0.0.0/8 -j ACCEPT", 0);
    let label = Label { place: earlier, text: message("covers all of it", "已全部覆盖") };
    outcome.findings.push(Finding { labels: vec![label], ..finding(&SHADOWED, later) });
    insta::assert_snapshot!(text(&outcome), @r##"
    error[FW201] shadowed-deny  rules.v4:8:10

      × something is wrong
       ╭─[rules.v4:8:10]
     8 │ -A INPUT -s 10.66.0.0/16 -j DROP
       ·          ───────┬───────
       ·                 ╰── here
       ╰────
       ╭─[rules.v4:3:10]
     3 │ -A INPUT -s 10.0.0.0/8 -j ACCEPT
       ·          ───────────┬───────────
       ·                     ╰── covers all of it
       ╰────
      help: Mend it.

    Found 1 problem: 1 error in 1 file.
    analysis: complete · 1 file, 2 rules
    "##);
}

#[test]
fn near_labels_share_a_frame_and_files_do_not() {
    let mut outcome = outcome(RULES);
    outcome.files.push(file("rules.v6", ":INPUT ACCEPT\n"));
    let primary = place(&outcome, 0, "-j LOG", 0);
    let label = |place| Label { place, text: message("this too", "此处亦然") };
    let labels =
        vec![label(place(&outcome, 0, "-j LOG", 2)), label(place(&outcome, 1, "INPUT ACCEPT", 0))];
    outcome.findings.push(Finding { labels, ..finding(&REDUNDANT, primary) });
    insta::assert_snapshot!(text(&outcome), @r##"
    info[FW203] redundant-rule  rules.v4:5:10

      ☞ something is wrong
       ╭─[rules.v4:5:10]
     5 │ -A INPUT -j LOG
       ·          ───┬──
       ·             ╰── here
     6 │ -A INPUT -j LOG
     7 │ -A INPUT -j LOG
       ·          ───┬──
       ·             ╰── this too
       ╰────
       ╭─[rules.v6:1:2]
     1 │ :INPUT ACCEPT
       ·  ──────┬─────
       ·        ╰── this too
       ╰────
      help: Mend it.

    Found no problem worth a warning: 1 note in 2 files.
    analysis: complete · 2 files, 4 rules
    "##);
}

#[test]
fn long_lines_are_cut_to_what_stands_around_the_labels() {
    let set: Vec<_> = (0..20_000).map(|n| format!("10.{}.{}.1", n / 256, n % 256)).collect();
    let mut outcome = outcome(&format!("add element ip t s {{ {} }}\n", set.join(", ")));
    let primary = place(&outcome, 0, "10.39.10.1", 0);
    outcome.findings.push(finding(&LEGACY, primary));
    insta::assert_snapshot!(text(&outcome), @r##"
    warning[FW106] legacy-service-open  rules.v4:1:123074

      ⚠ something is wrong
       ╭─[rules.v4:1:123074]
     1 │ … .6.1, 10.39.7.1, 10.39.8.1, 10.39.9.1, 10.39.10.1, 10.39.11.1, 10.39.12.1, 10.39.13.1, 1 …
       ·                                          ─────┬────
       ·                                               ╰── here
       ╰────
      help: Mend it.

    Found 1 problem: 1 warning in 1 file.
    analysis: complete · 1 file, 2 rules
    "##);
}

#[test]
fn nothing_in_a_file_reaches_the_terminal_raw() {
    let mut outcome = outcome("-A \u{1b}[31mINPUT\u{202e} -j\u{9b} ACCEPT\r\n");
    outcome.files[0].source.path = "a\u{1b}[2Jb".into();
    let primary = place(&outcome, 0, "-j\u{9b} ACCEPT", 0);
    let mut finding = finding(&LEGACY, primary);
    finding.message = message("`\u{1b}]0;x\u{7}` is wrong", "错");
    outcome.findings.push(finding);
    for format in [Format::Text, Format::Concise, Format::Json] {
        let text = render(format, &outcome, &Settings::default(), &Look::PLAIN);
        let raw = |it: char| (it.is_control() && it != '\n') || it == '\u{202e}';
        // JSON escapes controls by itself; other characters are data there.
        let raw = text.chars().filter(|it| raw(*it) && (format != Format::Json || *it < ' '));
        assert_eq!(raw.collect::<String>(), "", "{}", format.name());
    }
    let message = json(&outcome)["findings"][0]["message"].clone();
    assert_eq!(message, "`\u{1b}]0;x\u{7}` is wrong");
}

#[test]
fn a_label_at_the_end_of_the_file_has_a_caret() {
    for text_of_file in ["", "*filter", "*filter\n"] {
        let mut outcome = outcome(text_of_file);
        let end = u32::try_from(text_of_file.len()).expect("short");
        for past in [0, 1, 9] {
            let place = Place { file: 0, span: Span::new(end + past, end + past) };
            outcome.findings.push(finding(&LEGACY, place));
        }
        let shown = text(&outcome);
        assert_eq!(shown.matches("╰── here").count(), 3, "{shown}");
        assert_eq!(json(&outcome)["findings"].as_array().map(Vec::len), Some(3));
    }
}

#[test]
fn overlapping_labels_stay_under_their_words() {
    let mut outcome = outcome("-A INPUT -p tcp --dport 79 -j ACCEPT\n");
    let primary = place(&outcome, 0, "79", 0);
    let label =
        |words, text| Label { place: place(&outcome, 0, words, 0), text: message(text, "") };
    let labels = vec![
        label("-p tcp --dport 79 -j ACCEPT", "the whole"),
        label("79", "the same"),
        label("79 -j", "from the same"),
    ];
    outcome.findings.push(Finding { labels, ..finding(&LEGACY, primary) });
    insta::assert_snapshot!(text(&outcome), @r##"
    warning[FW106] legacy-service-open  rules.v4:1:25

      ⚠ something is wrong
       ╭─[rules.v4:1:25]
     1 │ -A INPUT -p tcp --dport 79 -j ACCEPT
       ·          ───────┬────────┬─┬─
       ·                 │        │ ╰── from the same
       ·                 │        ╰─┤ here
       ·                 │          │ the same
       ·                 ╰── the whole
       ╰────
      help: Mend it.

    Found 1 problem: 1 warning in 1 file.
    analysis: complete · 1 file, 2 rules
    "##);
}

#[test]
fn a_label_over_lines_is_drawn_or_cut_to_its_first() {
    let mut outcome = outcome("table ip t {\n\tchain c {\n\t\tdrop\n\t}\n}\n# a\n# b\n");
    let short = place(&outcome, 0, "chain c {\n\t\tdrop\n\t}", 0);
    let whole = Place { file: 0, span: Span::new(0, 38) };
    outcome.findings.push(finding(&LEGACY, short));
    outcome.findings.push(finding(&LEGACY, whole));
    insta::assert_snapshot!(text(&outcome), @r##"
    warning[FW106] legacy-service-open  rules.v4:2:2

      ⚠ something is wrong
       ╭─[rules.v4:2:2]
     2 │ ╭─▶     chain c {
     3 │ │           drop
     4 │ ├─▶     }
       · ╰──── here
       ╰────
      help: Mend it.

    warning[FW106] legacy-service-open  rules.v4:1:1

      ⚠ something is wrong
       ╭─[rules.v4:1:1]
     1 │ table ip t {
       · ──────┬─────
       ·       ╰── here (to line 6)
       ╰────
      help: Mend it.

    Found 2 problems: 2 warnings in 1 file.
    analysis: complete · 1 file, 2 rules
    "##);
}

#[test]
fn notes_are_folded_unless_they_are_all_there_is() {
    let mut outcome = legacy();
    let primary = place(&outcome, 0, "-j LOG", 1);
    outcome.findings.push(finding(&REDUNDANT, primary));
    let folded = text(&outcome);
    assert!(!folded.contains("FW203") && folded.contains("1 note not shown"), "{folded}");
    let settings = Settings { fold_infos: false, ..Settings::default() };
    assert!(render(Format::Text, &outcome, &settings, &Look::PLAIN).contains("FW203"));
    outcome.findings.remove(0);
    assert!(text(&outcome).contains("FW203"));
}

#[test]
fn what_is_refused_for_one_cause_is_drawn_three_times_and_counted() {
    let rule = "-A INPUT -m mac --mac-source XX:XX:XX:XX:XX:XX -j ACCEPT\n";
    let mut outcome = outcome(&format!("*filter\n{}-A INPUT -j LOG\n", rule.repeat(6)));
    let at = |nth| place(&outcome, 0, "XX:XX:XX:XX:XX:XX", nth);
    let refused: Vec<_> = (0..6).map(|nth| finding(&REFUSED, at(nth))).collect();
    let mut other = finding(&REFUSED, place(&outcome, 0, "-j LOG", 0));
    other.message = message("another cause", "另一个原因");
    outcome.findings = refused;
    outcome.findings.push(other);
    let folded = text(&outcome);
    assert_eq!(folded.matches("error[FW000]").count(), 4, "{folded}");
    assert!(folded.contains("\n3 more like it in this file: -v shows them.\n"), "{folded}");
    assert!(folded.contains("7 errors"), "{folded}");
    let settings = Settings { fold_infos: false, ..Settings::default() };
    let whole = render(Format::Text, &outcome, &settings, &Look::PLAIN);
    assert_eq!(whole.matches("error[FW000]").count(), 7, "{whole}");
    assert_eq!(json(&outcome)["findings"].as_array().map(Vec::len), Some(7));
}

#[test]
fn colour_is_only_where_it_was_asked_for() {
    let outcome = legacy();
    let plain = text(&outcome);
    assert!(!plain.contains('\u{1b}'));
    let look = Look { color: true, links: Some("/srv/a b".into()), ..Look::PLAIN };
    let painted = render(Format::Text, &outcome, &Settings::default(), &look);
    assert!(painted.contains("\u{1b}[1;33mwarning[FW106]"));
    assert!(painted.contains("\u{1b}]8;;file:///srv/a%20b/rules.v4\u{1b}\\rules.v4:4:10"));
    assert_eq!(anstream::adapter::strip_str(&painted).to_string(), plain);
}

#[test]
fn the_summary_says_what_is_not_known() {
    let mut outcome = legacy();
    let place = place(&outcome, 0, "-j LOG", 0);
    let unknown = Unknown { place, what: message("match `geoip`", "匹配 `geoip`") };
    outcome.unknown = vec![unknown; 5];
    let by = Silence { by: By::File, reason: None, path: "rules.v4".into(), line: 1 };
    let silenced = Silenced { finding: finding(&LEGACY, place), silence: by };
    outcome.silenced = vec![silenced.clone(), silenced];
    outcome.hidden = 1;
    outcome.skipped = 3;
    outcome.opaque = true;
    let settings = Settings { statistics: true, ..Settings::default() };
    let shown = render(Format::Text, &outcome, &settings, &Look::PLAIN);
    let summary = shown.split_once("     1  FW106").expect("there are statistics").1;
    insta::assert_snapshot!(summary, @r##"
      legacy-service-open

    Found 1 problem: 1 warning (2 suppressed) in 1 file.  1 finding below --min-severity.
    not known: rules.v4:5: match `geoip`
    not known: rules.v4:5: match `geoip`
    not known: rules.v4:5: match `geoip`
    not known: 2 more, -v shows them
    analysis: incomplete · 1 file, 2 rules · 3 other files skipped
    "##);
    let quiet = Look { quiet: true, ..Look::PLAIN };
    assert!(!render(Format::Text, &outcome, &settings, &quiet).contains("analysis:"));
}

#[test]
fn concise_is_one_line_a_finding() {
    assert_eq!(
        render(Format::Concise, &legacy(), &Settings::default(), &Look::PLAIN),
        "rules.v4:4:10: warning[FW106] tcp/79 (finger) is open to any IPv4 address\n"
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "the whole report is shown")]
fn json_is_the_documented_shape() {
    let mut outcome = legacy();
    outcome.files[0].source.path = "etc/rules.v4".into();
    insta::assert_snapshot!(render(Format::Json, &outcome, &Settings::default(), &Look::PLAIN), @r##"
    {
      "schema_version": 1,
      "tool": {
        "name": "fwlint",
        "version": "0.1.0"
      },
      "analysis": {
        "complete": true,
        "allow_incomplete": false,
        "unknown": [],
        "context": [],
        "problems": []
      },
      "files": [
        {
          "path": "etc/rules.v4",
          "dialect": "iptables",
          "kind": "restore-file",
          "rules": 2,
          "config": null
        }
      ],
      "findings": [
        {
          "code": "FW106",
          "name": "legacy-service-open",
          "severity": "warning",
          "confidence": "high",
          "message": "tcp/79 (finger) is open to any IPv4 address",
          "path": "etc/rules.v4",
          "range": {
            "start": {
              "line": 4,
              "column": 10,
              "offset": 68
            },
            "end": {
              "line": 4,
              "column": 27,
              "offset": 85
            }
          },
          "labels": [
            {
              "path": "etc/rules.v4",
              "range": {
                "start": {
                  "line": 4,
                  "column": 10,
                  "offset": 68
                },
                "end": {
                  "line": 4,
                  "column": 27,
                  "offset": 85
                }
              },
              "text": "here",
              "primary": true
            }
          ],
          "help": [
            "Mend it."
          ],
          "service": {
            "id": "finger",
            "name": "finger",
            "transport": "tcp",
            "port": 79,
            "category": "legacy-service",
            "severity": "medium",
            "note": {
              "en": "Lists users.",
              "zh": "泄露用户。"
            }
          },
          "services": [
            {
              "id": "finger",
              "name": "finger",
              "transport": "tcp",
              "port": 79,
              "category": "legacy-service",
              "severity": "medium",
              "note": {
                "en": "Lists users.",
                "zh": "泄露用户。"
              }
            }
          ],
          "source_class": "any",
          "witness": "tcp 198.51.100.7:40000 -> 192.0.2.1:79 in eth0",
          "fixes": [],
          "fingerprint": "177f9a4adb8f7a52280f30b7d56272dd",
          "suppressed": null
        }
      ],
      "summary": {
        "error": 0,
        "warning": 1,
        "info": 0,
        "suppressed": 0
      }
    }
    "##);
}

#[test]
fn a_class_of_ports_has_services_and_no_service() {
    let mut outcome = legacy();
    outcome.findings[0].lint = &RANGE;
    let finding = json(&outcome)["findings"][0].clone();
    assert!(finding["service"].is_null());
    assert_eq!(finding["services"][0]["port"], 79);
}

#[test]
fn columns_of_json_are_characters_and_offsets_bytes() {
    let mut outcome = outcome("# 控制台\n中文 -j ACCEPT\n");
    let primary = place(&outcome, 0, "-j", 0);
    outcome.findings.push(finding(&LEGACY, primary));
    let start = json(&outcome)["findings"][0]["range"]["start"].clone();
    assert_eq!(start, serde_json::json!({"line": 2, "column": 4, "offset": 19}));
}

fn fingerprints(text: &str) -> Vec<String> {
    let mut outcome = outcome(text);
    let count = text.matches("-j DROP").count();
    for nth in 0..count {
        let primary = place(&outcome, 0, "-j DROP", nth);
        outcome.findings.push(finding(&LEGACY, primary));
    }
    commands::fingerprints(&outcome.files, outcome.findings.iter())
}

#[test]
fn a_fingerprint_survives_moves_and_counters_and_tells_repeats_apart() {
    let first = fingerprints("-A INPUT -j DROP\n-A INPUT -j DROP\n");
    assert_ne!(first[0], first[1]);
    assert_eq!(first, fingerprints("# new\n\n[5:300] -A INPUT  -j DROP\n-A INPUT -j DROP\n"));
    assert_ne!(first[0], fingerprints("-A FORWARD -j DROP\n")[0]);
}

#[test]
fn a_fingerprint_knows_the_chain_where_rules_are_known() {
    let of = |chain: &str| {
        let mut outcome = outcome("tcp dport 79 accept\n");
        let primary = place(&outcome, 0, "dport 79", 0);
        let anchor = Anchor { span: Span::new(0, 19), chain: chain.into() };
        outcome.files[0].anchors.push(anchor);
        outcome.findings.push(finding(&LEGACY, primary));
        commands::fingerprints(&outcome.files, outcome.findings.iter()).remove(0)
    };
    assert_ne!(of("ip filter input"), of("ip6 filter input"));
    assert_eq!(of("ip filter input"), of("ip filter input"));
}

#[test]
fn a_thousand_findings_in_ten_megabytes_are_written_at_once() {
    let line = "-A INPUT -s 192.0.2.1/32 -p tcp -m tcp --dport 79 -j ACCEPT\n";
    let mut outcome = outcome(&line.repeat(170_000));
    for index in 0..1000 {
        let at = |line_number: u32| line_number * 60 + 9;
        let place = |number| Place { file: 0, span: Span::new(at(number), at(number) + 15) };
        let label = Label { place: place(index * 50), text: message("covers it", "已覆盖") };
        let primary = place(169_999 - index * 100);
        outcome.findings.push(Finding { labels: vec![label], ..finding(&LEGACY, primary) });
    }
    for format in [Format::Text, Format::Concise, Format::Json] {
        let start = Instant::now();
        let first = render(format, &outcome, &Settings::default(), &Look::PLAIN);
        // Scanning from the start of the file for each label would take minutes here.
        assert!(start.elapsed() < Duration::from_secs(20), "{}", format.name());
        assert_eq!(first, render(format, &outcome, &Settings::default(), &Look::PLAIN));
    }
}

#[test]
fn pages_are_written_for_lints_and_ports() {
    let mut out = Vec::new();
    report::lints(&mut out, &[&LEGACY, &SHADOWED], Language::En, &Look::PLAIN).expect("written");
    let page = fwlint::commands::explain("fw106", &[&LEGACY], &[]).expect("it is there");
    report::page(&mut out, &page, Language::Zh, &Look::PLAIN).expect("written");
    let services: Vec<_> = legacy().services.into_values().collect();
    for word in ["tcp/79", "79/TCP", "79", "finger"] {
        let page = fwlint::commands::explain(word, &[], &services);
        assert!(page.is_ok(), "{word}");
    }
    let page = fwlint::commands::explain("79", &[], &services).expect("it is there");
    report::page(&mut out, &page, Language::En, &Look::PLAIN).expect("written");
    report::ports(&mut out, &services, Language::En, &Look::PLAIN).expect("written");
    insta::assert_snapshot!(String::from_utf8(out).expect("UTF-8"), @r##"
    FW106 legacy-service-open  warning default  in English
    FW201 shadowed-deny        error   default  in English
    FW106 legacy-service-open
    中文
    warning，persona default，无自动修复，始于 0.1.0

    原因
      中文

    处理办法
      中文

    抑制方法
      fwlint --ignore FW106
    tcp/79  finger  medium, legacy-service
      Lists users.
      What to do: Turn it off.
    tcp/79           finger               medium   Lists users.
    "##);
    let missing = fwlint::commands::explain("udp/79", &[&LEGACY], &services);
    assert_eq!(missing.err().and_then(|it| it.nearest), None);
    let missing = fwlint::commands::explain("legacy-service", &[&LEGACY], &services);
    let nearest = missing.err().and_then(|it| it.nearest);
    assert_eq!(nearest.as_deref(), Some("legacy-service-open"));
}

#[test]
fn listings_are_json_too() {
    let mut out = Vec::new();
    report::lints_json(&mut out, &[&LEGACY]).expect("written");
    let value: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
    assert_eq!(value["lints"][0]["family"], "FW1");
    let services: Vec<_> = legacy().services.into_values().collect();
    out.clear();
    report::ports_json(&mut out, &services).expect("written");
    let value: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
    assert_eq!(value["services"][0]["ports"], serde_json::json!([[79, 79]]));
}

proptest::proptest! {
    #[test]
    fn no_text_and_no_labels_upset_the_drawing(
        text in "([a-z\t\u{1b}\r\u{300}\u{202e} é中]{0,60}\n?){0,9}",
        spans in proptest::collection::vec((0_u32..400, 0_u32..60), 1..12),
        width in 40_usize..120,
        unicode: bool,
    ) {
        let mut outcome = outcome(&text);
        let label = |(start, length): &(u32, u32)| Label {
            place: Place { file: 0, span: Span::new(*start, start + length) },
            text: message("a label of several words, long enough to be broken somewhere", "标签"),
        };
        let mut labels: Vec<_> = spans.iter().map(label).collect();
        let primary = labels.remove(0);
        let place = primary.place;
        outcome.findings.push(Finding { primary, labels, ..finding(&LEGACY, place) });
        let look = Look { width, unicode, ..Look::PLAIN };
        let shown = render(Format::Text, &outcome, &Settings::default(), &look);
        proptest::prop_assert!(!shown.contains("Failed to read"), "{shown}");
        proptest::prop_assert!(shown.contains("a label of"), "{shown}");
        json(&outcome);
    }
}
