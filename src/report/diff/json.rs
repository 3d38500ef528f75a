//! For programs. The structs here are version 1 of the format: a field may be added, none is renamed or removed.

use super::phrases::List;
use crate::{
    analysis::diff::{Class, Side, State},
    commands::diff::{Comparison, Entry, Host, PolicyView, Rule},
    model::Family,
    settings::Settings,
    words::Message,
};
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize)]
struct Report<'a> {
    schema_version: u32,
    tool: Tool,
    equivalent: Option<bool>,
    complete: bool,
    allow_incomplete: bool,
    scope: Scope,
    modulo: Vec<&'a str>,
    unknown: Vec<Unknown<'a>>,
    problems: Vec<Problem<'a>>,
    hosts: Vec<HostSummary<'a>>,
    widened: Vec<Difference<'a>>,
    narrowed: Vec<Difference<'a>>,
    maybe_widened: Vec<Difference<'a>>,
    other: Vec<Difference<'a>>,
    policies: Vec<Policy<'a>>,
    lockout: Vec<Difference<'a>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Scope {
    hooks: Vec<&'static str>,
    states: Vec<&'static str>,
    families: Vec<&'static str>,
    nat: bool,
    output: bool,
}

#[derive(Serialize)]
struct Unknown<'a> {
    path: &'a str,
    line: u32,
    what: &'a str,
}

#[derive(Serialize)]
struct Problem<'a> {
    path: &'a str,
    what: String,
}

#[derive(Serialize)]
struct HostSummary<'a> {
    name: &'a str,
    old: &'a [String],
    new: &'a [String],
    equivalent: Option<bool>,
    complete: bool,
    families: Vec<&'static str>,
    only_old: Vec<&'static str>,
    only_new: Vec<&'static str>,
    omitted: usize,
    rules: Changes,
}

#[derive(Serialize)]
struct Changes {
    added: usize,
    removed: usize,
    moved: usize,
}

#[derive(Serialize)]
struct Difference<'a> {
    host: &'a str,
    id: &'a str,
    family: &'static str,
    class: &'static str,
    transport: String,
    ports: Option<[u16; 2]>,
    path: Option<&'static str>,
    sources: &'a [String],
    except: &'a [String],
    source_class: Option<&'static str>,
    interfaces: Vec<&'a str>,
    destinations: Vec<&'a str>,
    state: &'static str,
    depends_on: Vec<&'a str>,
    limited_by: Vec<&'a str>,
    rule: Option<Place<'a>>,
    old_rule: Option<Place<'a>>,
    dnat_to: Option<&'a str>,
    old_dnat_to: Option<&'a str>,
    services: Vec<Service<'a>>,
    confidence: &'static str,
    before: &'static str,
    after: &'static str,
    witness: Option<&'a str>,
}

#[derive(Serialize)]
struct Place<'a> {
    path: &'a str,
    line: u32,
    kind: &'static str,
}

#[derive(Serialize)]
struct Service<'a> {
    id: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Policy<'a> {
    host: &'a str,
    family: &'static str,
    chain: &'a str,
    hook: &'static str,
    before: Option<&'static str>,
    after: Option<&'static str>,
    rule: Option<Place<'a>>,
}

pub(super) fn write(
    out: &mut dyn Write,
    comparison: &Comparison,
    settings: &Settings,
) -> io::Result<()> {
    let hosts = &comparison.hosts;
    let list = |list: List| {
        let of = |host| list.of(host).iter().map(move |it| difference(host, it));
        hosts.iter().flat_map(of).collect()
    };
    let output = hosts.iter().any(|host| host.output);
    let mut modulo: Vec<&str> =
        hosts.iter().flat_map(|host| &host.modulo).map(|it| it.en.as_str()).collect();
    modulo.sort_unstable();
    modulo.dedup();
    let mut families: Vec<Family> = hosts.iter().flat_map(|it| it.families.clone()).collect();
    families.sort();
    families.dedup();
    let report = Report {
        schema_version: 1,
        tool: Tool { name: "fwlint", version: env!("CARGO_PKG_VERSION") },
        equivalent: comparison.equivalent(),
        complete: comparison.complete(),
        allow_incomplete: settings.allow_incomplete,
        scope: Scope {
            hooks: ["ingress", "prerouting", "input", "forward", "postrouting"]
                .into_iter()
                .chain(output.then_some("output"))
                .collect(),
            states: vec!["new", "untracked", "established", "related", "invalid"],
            families: families.into_iter().map(family).collect(),
            nat: true,
            output,
        },
        modulo,
        unknown: comparison
            .unknown
            .iter()
            .map(|(path, line, what)| Unknown { path, line: *line, what: &what.en })
            .collect(),
        problems: comparison
            .problems
            .iter()
            .map(|it| Problem { path: it.path(), what: it.message().en })
            .collect(),
        hosts: hosts.iter().map(summary).collect(),
        widened: list(List::Widened),
        narrowed: list(List::Narrowed),
        maybe_widened: list(List::MaybeWidened),
        other: list(List::Other),
        policies: hosts
            .iter()
            .flat_map(|host| host.policies.iter().map(|it| policy(host, it)))
            .collect(),
        lockout: hosts
            .iter()
            .flat_map(|host| host.lockout.iter().map(|it| difference(host, it)))
            .collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &report)?;
    out.write_all(b"\n")
}

const fn family(family: Family) -> &'static str {
    match family {
        Family::Ipv4 => "ipv4",
        Family::Ipv6 => "ipv6",
    }
}

fn summary(host: &Host) -> HostSummary<'_> {
    let alone = |side: Side| {
        let of = host.alone.iter().filter(|(_, it)| *it == side);
        of.map(|(it, _)| family(*it)).collect()
    };
    let [added, removed, moved] = host.changes;
    HostSummary {
        name: &host.name,
        old: &host.files[0],
        new: &host.files[1],
        equivalent: host.equivalent,
        complete: host.complete,
        families: host.families.iter().map(|it| family(*it)).collect(),
        only_old: alone(Side::Old),
        only_new: alone(Side::New),
        omitted: host.omitted,
        rules: Changes { added, removed, moved },
    }
}

fn difference<'a>(host: &'a Host, it: &'a Entry) -> Difference<'a> {
    // What lets them in tells what it depends on.
    let open = if it.after.state >= it.before.state { &it.after } else { &it.before };
    let words = |all: &'a [Message]| all.iter().map(|it| it.en.as_str()).collect::<Vec<_>>();
    let or_any = |all: &'a [String]| {
        if all.is_empty() { vec!["any"] } else { all.iter().map(String::as_str).collect() }
    };
    Difference {
        host: &host.name,
        id: &it.id,
        family: family(it.family),
        class: class(it.class),
        transport: it.transport(),
        ports: it.ports.map(|(low, high)| [low, high]),
        path: it.path.map(crate::analysis::diff::Path::name),
        sources: &it.sources,
        except: &it.except,
        source_class: it.source_class.map(crate::analysis::SourceClass::name),
        interfaces: or_any(&it.interfaces),
        destinations: or_any(&it.destinations),
        state: open.state.name(),
        depends_on: words(&open.depends_on),
        limited_by: words(&open.limited_by),
        rule: it.after.rule.as_ref().map(place),
        old_rule: it.before.rule.as_ref().map(place),
        dnat_to: it.after.to.as_deref(),
        old_dnat_to: it.before.to.as_deref(),
        services: it.services.iter().map(|(name, id)| Service { id, name }).collect(),
        confidence: if open.state == State::Open { "high" } else { "low" },
        before: it.before.state.name(),
        after: it.after.state.name(),
        witness: it.witness.as_deref(),
    }
}

fn place(rule: &Rule) -> Place<'_> {
    Place { path: &rule.path, line: rule.line, kind: if rule.policy { "policy" } else { "rule" } }
}

fn policy<'a>(host: &'a Host, it: &'a PolicyView) -> Policy<'a> {
    Policy {
        host: &host.name,
        family: family(it.family),
        chain: &it.chain,
        hook: it.hook,
        before: it.before,
        after: it.after,
        rule: it.rule.as_ref().map(place),
    }
}

const fn class(class: Class) -> &'static str {
    match class {
        Class::Flow => "flow",
        Class::MidStream => "mid-stream",
        Class::Established => "established",
        Class::Related => "related",
        Class::Invalid => "invalid",
        Class::Loopback => "loopback",
        Class::Output => "output",
    }
}
