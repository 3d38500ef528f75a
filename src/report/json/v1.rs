//! Version 1 of the format, field by field. A field may be added; none is renamed, removed or given another meaning.

use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Report<'a> {
    pub(super) schema_version: u32,
    pub(super) tool: Tool,
    pub(super) analysis: Analysis<'a>,
    pub(super) files: Vec<File<'a>>,
    pub(super) findings: Vec<Finding<'a>>,
    pub(super) summary: Summary,
}

#[derive(Serialize)]
pub(in crate::report) struct Tool {
    pub(in crate::report) name: &'static str,
    pub(in crate::report) version: &'static str,
}

#[derive(Serialize)]
pub(super) struct Analysis<'a> {
    pub(super) complete: bool,
    pub(super) allow_incomplete: bool,
    pub(super) unknown: Vec<Unknown<'a>>,
    pub(super) context: Vec<&'a str>,
    pub(super) problems: Vec<Problem<'a>>,
}

#[derive(Serialize)]
pub(super) struct Unknown<'a> {
    pub(super) path: &'a str,
    pub(super) line: u32,
    pub(super) what: &'a str,
}

#[derive(Serialize)]
pub(super) struct Problem<'a> {
    pub(super) path: &'a str,
    pub(super) what: String,
}

#[derive(Serialize)]
pub(super) struct File<'a> {
    pub(super) path: &'a str,
    pub(super) dialect: &'static str,
    pub(super) kind: &'static str,
    pub(super) rules: u32,
    pub(super) config: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Finding<'a> {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) severity: &'static str,
    pub(super) confidence: &'static str,
    pub(super) message: &'a str,
    pub(super) path: &'a str,
    pub(super) range: Range,
    pub(super) labels: Vec<Label<'a>>,
    pub(super) help: Vec<&'a str>,
    pub(super) service: Option<Service<'a>>,
    pub(super) services: Vec<Service<'a>>,
    pub(super) source_class: Option<&'static str>,
    pub(super) witness: Option<&'a str>,
    pub(super) fixes: Vec<Fix<'a>>,
    pub(super) fingerprint: &'a str,
    pub(super) suppressed: Option<Suppressed<'a>>,
}

#[derive(Serialize)]
pub(super) struct Fix<'a> {
    pub(super) title: &'a str,
    pub(super) safety: &'static str,
    pub(super) edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
pub(super) struct Edit<'a> {
    pub(super) path: &'a str,
    pub(super) offset: u32,
    pub(super) length: u32,
    pub(super) text: &'a str,
}

#[derive(Serialize)]
pub(super) struct Suppressed<'a> {
    pub(super) by: &'static str,
    pub(super) reason: Option<&'a str>,
    pub(super) path: &'a str,
    pub(super) line: u32,
}

#[derive(Serialize)]
pub(super) struct Label<'a> {
    pub(super) path: &'a str,
    pub(super) range: Range,
    pub(super) text: &'a str,
    pub(super) primary: bool,
}

#[derive(Serialize)]
pub(super) struct Range {
    pub(super) start: Position,
    pub(super) end: Position,
}

#[derive(Serialize)]
pub(super) struct Position {
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) offset: u32,
}

#[derive(Serialize)]
pub(in crate::report) struct Service<'a> {
    pub(in crate::report) id: &'a str,
    pub(in crate::report) name: &'a str,
    pub(in crate::report) transport: &'a str,
    pub(in crate::report) port: Option<u16>,
    pub(in crate::report) category: &'a str,
    pub(in crate::report) severity: &'a str,
    pub(in crate::report) note: Words<'a>,
}

#[derive(Serialize)]
pub(in crate::report) struct Words<'a> {
    pub(in crate::report) en: &'a str,
    pub(in crate::report) zh: &'a str,
}

#[derive(Serialize)]
pub(super) struct Summary {
    pub(super) error: usize,
    pub(super) warning: usize,
    pub(super) info: usize,
    pub(super) suppressed: usize,
}

#[derive(Serialize)]
pub(super) struct Lints {
    pub(super) schema_version: u32,
    pub(super) lints: Vec<Lint>,
}

#[derive(Serialize)]
pub(super) struct Lint {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) family: &'static str,
    pub(super) severity: &'static str,
    pub(super) fix: &'static str,
    pub(super) persona: &'static str,
    pub(super) since: &'static str,
    pub(super) summary: Words<'static>,
    pub(super) why: Words<'static>,
    pub(super) remedy: Words<'static>,
    pub(super) examples: Vec<Example>,
}

#[derive(Serialize)]
pub(super) struct Example {
    pub(super) dialect: &'static str,
    pub(super) settings: &'static str,
    pub(super) bad: &'static str,
    pub(super) good: &'static str,
}

#[derive(Serialize)]
pub(super) struct Services<'a> {
    pub(super) schema_version: u32,
    pub(super) services: Vec<ServiceEntry<'a>>,
}

#[derive(Serialize)]
pub(super) struct ServiceEntry<'a> {
    pub(super) id: &'a str,
    pub(super) name: &'a str,
    pub(super) transport: &'a str,
    pub(super) ports: &'a [(u16, u16)],
    pub(super) primary: bool,
    pub(super) category: &'a str,
    pub(super) severity: &'a str,
    pub(super) confidence: &'static str,
    pub(super) note: Words<'a>,
    pub(super) mitigation: Words<'a>,
    pub(super) correction: Option<Words<'a>>,
    pub(super) software: &'a [String],
    pub(super) references: &'a [String],
}

#[derive(Serialize)]
pub(super) struct Test {
    pub(super) schema_version: u32,
    pub(super) tool: Tool,
    pub(super) complete: bool,
    pub(super) assertions: Vec<Assertion>,
    pub(super) summary: Endings,
}

#[derive(Serialize)]
pub(super) struct Assertion {
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) host: String,
    pub(super) config: String,
    pub(super) line: usize,
    pub(super) outcome: &'static str,
    pub(super) expected: &'static str,
    pub(super) verdict: Option<&'static str>,
    pub(super) packet: Option<String>,
    pub(super) decided_by: Option<Decided>,
    pub(super) depends_on: Vec<String>,
    pub(super) reason: String,
}

#[derive(Serialize)]
pub(super) struct Decided {
    pub(super) path: String,
    pub(super) line: u32,
}

#[derive(Serialize)]
pub(super) struct Endings {
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) maybe: usize,
}
