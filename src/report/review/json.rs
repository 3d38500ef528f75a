//! For programs: English, all parts of what is open, and each with an id that moves with it.

use super::{
    super::json::{self, v1},
    words::{family_name, path_name},
};
use crate::{
    commands::review::{
        Addresses, Answer, Assumption, Decided, Host, OpenPart, PolicyLine, Review,
    },
    model::Policy,
    words::Message,
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    fmt::Write as _,
    io::{self, Write},
};

/// Version 1 of the format. A field may be added; none is renamed, removed or given another meaning.
#[derive(Serialize)]
struct Report<'a> {
    schema_version: u32,
    input_sha256: &'a str,
    tool: v1::Tool,
    knowledge: Knowledge,
    complete: bool,
    problems: Vec<Problem<'a>>,
    hosts: Vec<HostEntry<'a>>,
}

#[derive(Serialize)]
struct Knowledge {
    version: &'static str,
    services: usize,
}

#[derive(Serialize)]
struct Problem<'a> {
    path: &'a str,
    what: String,
}

#[derive(Serialize)]
struct HostEntry<'a> {
    name: &'a str,
    complete: bool,
    files: Vec<File<'a>>,
    rules: usize,
    families: Vec<&'static str>,
    exposures: Vec<Exposure<'a>>,
    policies: Vec<PolicyEntry<'a>>,
    stance: Vec<StanceEntry<'a>>,
    lockout: Vec<AnswerEntry<'a>>,
    basics: Vec<AnswerEntry<'a>>,
    parity: Option<Parity>,
    containers: ContainersEntry<'a>,
    dead_rules: usize,
    assumptions: Vec<AssumptionEntry>,
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    dialect: &'static str,
    kind: &'static str,
}

#[derive(Serialize)]
struct Exposure<'a> {
    id: String,
    family: &'static str,
    transport: &'a str,
    ports: Option<(u16, u16)>,
    path: &'static str,
    sources: Vec<String>,
    except: Vec<String>,
    source_class: &'static str,
    interfaces: &'a [String],
    out: &'a [String],
    destinations: Vec<String>,
    source_ports: &'a [(u16, u16)],
    icmp_types: &'a [u8],
    state: &'static str,
    depends_on: Vec<&'a str>,
    limited_by: Vec<&'a str>,
    rule: Rule<'a>,
    dnat_to: Option<&'a str>,
    services: Vec<v1::Service<'a>>,
    declared: bool,
    listening: &'static str,
    confidence: &'static str,
    findings: &'a [&'static str],
}

#[derive(Serialize)]
struct Rule<'a> {
    path: &'a str,
    line: u32,
    kind: &'static str,
}

#[derive(Serialize)]
struct PolicyEntry<'a> {
    family: &'static str,
    hook: &'static str,
    table: &'a str,
    chain: &'a str,
    policy: &'static str,
    reached: Option<bool>,
    path: &'a str,
    line: u32,
    findings: &'a [&'static str],
}

#[derive(Serialize)]
struct StanceEntry<'a> {
    hook: &'static str,
    ipv4: &'static str,
    ipv6: &'static str,
    findings: &'a [&'static str],
}

#[derive(Serialize)]
struct AnswerEntry<'a> {
    question: &'static str,
    family: &'static str,
    packet: &'a str,
    verdict: &'static str,
    decided_by: Option<Rule<'a>>,
    depends_on: Vec<&'a str>,
}

#[derive(Serialize)]
struct Parity {
    differences: usize,
}

#[derive(Serialize)]
struct ContainersEntry<'a> {
    managers: &'a [&'static str],
    published: usize,
    docker_user_is_empty: Option<bool>,
}

#[derive(Serialize)]
struct AssumptionEntry {
    kind: &'static str,
    text: String,
}

pub(super) fn write(out: &mut dyn Write, review: &Review) -> io::Result<()> {
    let mut ids = Ids::default();
    let version = env!("CARGO_PKG_VERSION");
    let problems = review.problems.iter();
    let report = Report {
        schema_version: 1,
        input_sha256: &review.digest,
        tool: v1::Tool { name: "fwlint", version },
        knowledge: Knowledge { version, services: review.known },
        complete: review.complete(),
        problems: problems.map(|it| Problem { path: it.path(), what: it.message().en }).collect(),
        hosts: review.hosts.iter().map(|it| host(review, it, &mut ids)).collect(),
    };
    json::print(out, &report)
}

fn host<'a>(review: &'a Review, host: &'a Host, ids: &mut Ids) -> HostEntry<'a> {
    let file = |it: &crate::commands::review::HostFile| File {
        path: &review.files[it.file as usize].path,
        dialect: it.dialect.name(),
        kind: it.kind.name(),
    };
    let answers = |lockout: bool| {
        let own = host.answers.iter().filter(|it| it.question.is_lockout() == lockout);
        own.map(|it| answer(review, it)).collect()
    };
    HostEntry {
        name: &host.name,
        complete: host.complete,
        files: host.files.iter().map(file).collect(),
        rules: host.rules,
        families: host.families.iter().map(|it| family_name(*it)).collect(),
        exposures: host.open.iter().map(|it| exposure(review, host, it, ids)).collect(),
        policies: host.policies.iter().map(|it| policy(review, it)).collect(),
        stance: host
            .stances
            .iter()
            .map(|it| StanceEntry {
                hook: it.hook.name(),
                ipv4: it.ipv4.name(),
                ipv6: it.ipv6.name(),
                findings: &it.findings,
            })
            .collect(),
        lockout: answers(true),
        basics: answers(false),
        parity: host.differences.map(|differences| Parity { differences }),
        containers: ContainersEntry {
            managers: &host.containers.managers,
            published: host.containers.published,
            docker_user_is_empty: host.containers.docker_user_is_empty,
        },
        dead_rules: host.dead_rules,
        assumptions: host.assumptions.iter().map(assumption).collect(),
    }
}

fn assumption(it: &Assumption) -> AssumptionEntry {
    AssumptionEntry { kind: it.name(), text: it.text().en }
}

fn exposure<'a>(
    review: &'a Review,
    host: &Host,
    open: &'a OpenPart,
    ids: &mut Ids,
) -> Exposure<'a> {
    let services = open
        .services
        .iter()
        .filter_map(|it| review.services.get(&it.service).map(|view| v1::Service::new(view, it)));
    Exposure {
        id: ids.of(&host.name, open),
        family: family_name(open.family),
        transport: &open.transport,
        ports: open.ports,
        path: path_name(open.path),
        sources: open.sources.names(),
        except: open.sources.exceptions(),
        source_class: open.class.name(),
        interfaces: &open.interfaces,
        out: &open.out,
        destinations: open.destinations.names(),
        source_ports: &open.source_ports,
        icmp_types: &open.icmp,
        state: open.state(),
        depends_on: english(&open.depends_on),
        limited_by: english(&open.limited_by),
        rule: rule(review, open.decided_by),
        dnat_to: open.translated_to.as_deref(),
        services: services.collect(),
        declared: open.declared,
        listening: open.listening.name(),
        confidence: json::confidence(open.confidence),
        findings: &open.findings,
    }
}

fn english(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|it| it.en.as_str()).collect()
}

fn rule(review: &Review, decided: Decided) -> Rule<'_> {
    let place = decided.place();
    let source = &review.files[place.file as usize];
    let kind = match decided {
        Decided::Rule(_) => "rule",
        Decided::Policy(_) => "policy",
    };
    Rule { path: &source.path, line: source.position(place.span.start).line, kind }
}

fn policy<'a>(review: &'a Review, it: &'a PolicyLine) -> PolicyEntry<'a> {
    let Rule { path, line, .. } = rule(review, Decided::Policy(it.place));
    PolicyEntry {
        family: family_name(it.family),
        hook: it.hook.name(),
        table: &it.table,
        chain: &it.chain,
        policy: match it.policy {
            Policy::Accept => "accept",
            Policy::Drop => "drop",
            Policy::Unknown => "unknown",
        },
        reached: it.reached,
        path,
        line,
        findings: &it.findings,
    }
}

fn answer<'a>(review: &'a Review, it: &'a Answer) -> AnswerEntry<'a> {
    AnswerEntry {
        question: it.question.name(),
        family: family_name(it.family),
        packet: &it.witness,
        verdict: it.verdict.name(),
        decided_by: it.decided_by.map(|decided| rule(review, decided)),
        depends_on: english(&it.depends_on),
    }
}

/// What is open is known by what it is and who can send it, not by where it stands: lines may move.
#[derive(Default)]
struct Ids(HashMap<[u8; 8], u32>);

impl Ids {
    fn of(&mut self, host: &str, open: &OpenPart) -> String {
        let mut hash = Sha256::new();
        let mut part = |text: &[u8]| {
            hash.update(text);
            hash.update([0]);
        };
        part(host.as_bytes());
        part(family_name(open.family).as_bytes());
        part(open.transport.as_bytes());
        let (first, last) = open.ports.unwrap_or_default();
        part(&[u8::from(open.ports.is_some())]);
        part(&[first.to_be_bytes(), last.to_be_bytes()].concat());
        part(path_name(open.path).as_bytes());
        part(&bytes(&open.sources));
        part(&bytes(&open.destinations));
        open.interfaces.iter().for_each(|it| part(it.as_bytes()));
        part(&[]);
        open.out.iter().for_each(|it| part(it.as_bytes()));
        part(&[]);
        open.source_ports
            .iter()
            .for_each(|(a, b)| part(&[a.to_be_bytes(), b.to_be_bytes()].concat()));
        part(&open.icmp);
        open.depends_on.iter().chain(open.limited_by.iter()).for_each(|it| part(it.en.as_bytes()));
        part(open.translated_to.as_deref().unwrap_or_default().as_bytes());
        let digest = hash.finalize();
        let mut key = [0; 8];
        key.copy_from_slice(&digest[..8]);
        let count = self.0.entry(key).or_insert(0);
        *count += 1;
        let mut id = String::with_capacity(18);
        for byte in key {
            let _ = write!(id, "{byte:02x}");
        }
        if *count > 1 {
            let _ = write!(id, "-{count}");
        }
        id
    }
}

fn bytes(addresses: &Addresses) -> Vec<u8> {
    let ends = |ranges: &[(u128, u128)]| -> Vec<u8> {
        ranges
            .iter()
            .flat_map(|(low, high)| [low.to_be_bytes(), high.to_be_bytes()])
            .flatten()
            .collect()
    };
    let mut bytes = ends(&addresses.ranges);
    bytes.push(0);
    bytes.extend(ends(&addresses.except));
    bytes
}
