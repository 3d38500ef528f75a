//! Findings for programs. The structs of [`v1`] are the format; no type of another layer is serialised.

pub(super) mod trace;
pub(super) mod v1;

use crate::{
    commands::{Assertion, Assertions, CheckedFile, Ending, Outcome, Reported, ServiceView},
    knowledge::Transport,
    lints::{Confidence, Fix, Label, Lint, OpenService, Place, Repair},
    settings::{Settings, Severity},
    words::Message,
};
use serde::Serialize;
use std::io::{self, Write};

pub(super) fn write(out: &mut dyn Write, outcome: &Outcome, settings: &Settings) -> io::Result<()> {
    let all = outcome.all();
    let shown = all.iter().filter(|it| it.silence.is_none() || settings.show_suppressed);
    let report = v1::Report {
        schema_version: 1,
        tool: v1::Tool { name: "fwlint", version: env!("CARGO_PKG_VERSION") },
        analysis: analysis(outcome, settings),
        files: outcome.named().map(file).collect(),
        findings: shown.map(|it| finding(outcome, it)).collect(),
        summary: v1::Summary {
            error: outcome.count(Severity::Error),
            warning: outcome.count(Severity::Warning),
            info: outcome.count(Severity::Info),
            suppressed: outcome.silenced.len(),
        },
    };
    print(out, &report)
}

pub(super) fn assertions(out: &mut dyn Write, assertions: &Assertions) -> io::Result<()> {
    let assertion = |it: &'_ Assertion| v1::Assertion {
        name: it.name.en.clone(),
        kind: it.kind.name(),
        host: it.host.clone(),
        config: it.config.clone(),
        line: it.line,
        outcome: it.ending.name(),
        expected: it.expected,
        verdict: it.verdict,
        packet: it.packet.clone(),
        decided_by: it.decided_by.clone().map(|(path, line)| v1::Decided { path, line }),
        depends_on: it.depends_on.iter().map(|it| it.en.clone()).collect(),
        reason: it.reason.en.clone(),
    };
    let report = v1::Test {
        schema_version: 1,
        tool: v1::Tool { name: "fwlint", version: env!("CARGO_PKG_VERSION") },
        complete: assertions.complete(),
        assertions: assertions.all.iter().map(assertion).collect(),
        summary: v1::Endings {
            passed: assertions.count(Ending::Passed),
            failed: assertions.count(Ending::Failed),
            maybe: assertions.count(Ending::Maybe),
        },
    };
    print(out, &report)
}

pub(super) fn lints(out: &mut dyn Write, lints: &[&'static Lint]) -> io::Result<()> {
    let lints = lints.iter().map(|lint| lint_entry(lint)).collect();
    print(out, &v1::Lints { schema_version: 1, lints })
}

pub(super) fn services(out: &mut dyn Write, services: &[ServiceView]) -> io::Result<()> {
    let services = services.iter().map(service_entry).collect();
    print(out, &v1::Services { schema_version: 1, services })
}

pub(super) fn print(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    out.write_all(b"\n")
}

fn analysis<'a>(outcome: &'a Outcome, settings: &Settings) -> v1::Analysis<'a> {
    let unknown = outcome.unknown.iter().map(|it| v1::Unknown {
        path: &source(outcome, it.place).path,
        line: source(outcome, it.place).position(it.place.span.start).line,
        what: &it.what.en,
    });
    let problems = outcome.problems.iter();
    let context = outcome.files.iter().filter(|file| file.context);
    v1::Analysis {
        complete: outcome.complete(),
        allow_incomplete: settings.allow_incomplete,
        unknown: unknown.collect(),
        context: context.map(|it| it.source.path.as_str()).collect(),
        problems: problems
            .map(|it| v1::Problem { path: it.path(), what: it.message().en })
            .collect(),
    }
}

fn source(outcome: &Outcome, place: Place) -> &crate::source::SourceFile {
    &outcome.files[place.file as usize].source
}

fn file(file: &CheckedFile) -> v1::File<'_> {
    v1::File {
        path: &file.source.path,
        dialect: file.dialect.name(),
        kind: file.kind.name(),
        rules: file.rules,
        config: file.config.as_deref(),
    }
}

/// Lints about a class of ports: what they open is no one service.
const CLASSES: [&str; 5] = ["FW120", "FW121", "FW122", "FW123", "FW124"];

fn finding<'a>(outcome: &'a Outcome, reported: &'a Reported<'a>) -> v1::Finding<'a> {
    let Reported { finding, fingerprint, silence } = reported;
    let service =
        |it: &OpenService| outcome.services.get(&it.service).map(|view| v1::Service::new(view, it));
    let services: Vec<_> = finding.services.iter().filter_map(service).collect();
    let worst = finding.services.iter().find_map(service);
    let others = finding.labels.iter().map(|it| label(outcome, it, false));
    v1::Finding {
        code: finding.lint.code,
        name: finding.lint.name,
        severity: finding.severity.name(),
        confidence: confidence(finding.confidence),
        message: &finding.message.en,
        path: &source(outcome, finding.primary.place).path,
        range: range(outcome, finding.primary.place),
        labels: std::iter::once(label(outcome, &finding.primary, true)).chain(others).collect(),
        help: finding.help.iter().map(|it| it.en.as_str()).collect(),
        service: worst.filter(|_| !CLASSES.contains(&finding.lint.code)),
        services,
        source_class: finding.source_class,
        witness: finding.witness.as_deref(),
        fixes: finding.fixes.iter().map(|it| fix(outcome, it)).collect(),
        fingerprint,
        suppressed: silence.map(|it| v1::Suppressed {
            by: it.by.name(),
            reason: it.reason.as_deref(),
            path: &it.path,
            line: it.line,
        }),
    }
}

fn fix<'a>(outcome: &'a Outcome, fix: &'a Repair) -> v1::Fix<'a> {
    let edits = fix.edits.iter().map(|it| v1::Edit {
        path: &source(outcome, it.place).path,
        offset: it.place.span.start,
        length: it.place.span.len(),
        text: &it.text,
    });
    v1::Fix { title: &fix.title.en, safety: fix.safety.name(), edits: edits.collect() }
}

fn label<'a>(outcome: &'a Outcome, label: &'a Label, primary: bool) -> v1::Label<'a> {
    v1::Label {
        path: &source(outcome, label.place).path,
        range: range(outcome, label.place),
        text: &label.text.en,
        primary,
    }
}

fn range(outcome: &Outcome, place: Place) -> v1::Range {
    let source = source(outcome, place);
    let at = |offset| {
        let position = source.position(offset);
        v1::Position { line: position.line, column: position.column, offset: position.offset }
    };
    v1::Range { start: at(place.span.start), end: at(place.span.end) }
}

pub(super) const fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Low => "low",
        Confidence::Medium => "medium",
        Confidence::High => "high",
    }
}

fn lint_entry(lint: &Lint) -> v1::Lint {
    v1::Lint {
        code: lint.code,
        name: lint.name,
        family: &lint.code[..lint.code.len().min(3)],
        severity: lint.severity.name(),
        fix: match lint.fix {
            Fix::None => "none",
            Fix::Safe => "safe",
            Fix::Unsafe => "unsafe",
        },
        persona: lint.persona.name(),
        since: lint.since,
        summary: v1::Words { en: lint.summary.en, zh: lint.summary.zh },
        why: v1::Words { en: lint.why.en, zh: lint.why.zh },
        remedy: v1::Words { en: lint.remedy.en, zh: lint.remedy.zh },
        examples: lint
            .examples
            .iter()
            .map(|it| v1::Example {
                dialect: it.dialect.name(),
                settings: it.settings,
                bad: it.bad,
                good: it.good,
            })
            .collect(),
    }
}

fn words(message: &Message) -> v1::Words<'_> {
    v1::Words { en: &message.en, zh: &message.zh }
}

fn service_entry(view: &ServiceView) -> v1::ServiceEntry<'_> {
    v1::ServiceEntry {
        id: &view.id,
        name: &view.name,
        transport: &view.transport,
        ports: &view.ports,
        primary: view.primary,
        category: &view.category,
        severity: &view.severity,
        confidence: confidence(view.confidence),
        note: words(&view.note),
        mitigation: words(&view.mitigation),
        correction: view.correction.as_ref().map(words),
        software: &view.software,
        references: &view.references,
    }
}

impl<'a> v1::Service<'a> {
    /// The port is the one the client dials, which the entry need not know (behind a DNAT, say).
    pub(in crate::report) fn new(view: &'a ServiceView, open: &OpenService) -> Self {
        let transport = Transport::of_protocol(open.protocol).map(Transport::slug);
        Self {
            id: &view.id,
            name: &view.name,
            transport: transport.unwrap_or(&view.transport),
            port: open.port,
            category: &view.category,
            severity: &view.severity,
            note: words(&view.note),
        }
    }
}
