//! What becomes of packets, for programs.

use crate::commands::{Decider, Step, Traced, Traces};
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    complete: bool,
    hosts: Vec<Host<'a>>,
}

#[derive(Serialize)]
struct Host<'a> {
    name: &'a str,
    traces: Vec<Trace<'a>>,
}

#[derive(Serialize)]
struct Trace<'a> {
    /// Only where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<&'a str>,
    packet: &'a str,
    verdict: &'static str,
    decided_by: By<'a>,
    accepts: Vec<By<'a>>,
    depends_on: Vec<&'a str>,
    rewritten: Option<&'a str>,
    assumptions: Vec<&'a str>,
    advice: Option<&'a str>,
    /// Only where it is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    walk: Option<Vec<Met<'a>>>,
}

#[derive(Serialize)]
struct By<'a> {
    path: Option<&'a str>,
    line: Option<u32>,
    family: Option<&'static str>,
    table: Option<&'a str>,
    chain: Option<&'a str>,
    kind: &'static str,
}

#[derive(Serialize)]
struct Met<'a> {
    hook: &'static str,
    table: Option<&'a str>,
    chain: Option<&'a str>,
    path: Option<&'a str>,
    line: Option<u32>,
    effect: &'static str,
    to: Option<&'a str>,
}

/// One document.
pub(in crate::report) fn document(
    out: &mut dyn Write,
    traces: &Traces,
    walk: bool,
) -> io::Result<()> {
    let hosts = traces.hosts.iter().map(|host| {
        let traces = host.traces.iter().map(|it| trace(it, None, walk)).collect();
        Host { name: &host.name, traces }
    });
    let complete = traces.complete();
    super::print(out, &Document { schema_version: 1, complete, hosts: hosts.collect() })
}

/// An object a line, in the order of the packets.
pub(in crate::report) fn lines(out: &mut dyn Write, traces: &Traces, walk: bool) -> io::Result<()> {
    let several = traces.hosts.len() > 1;
    let packets = traces.hosts.first().map_or(0, |host| host.traces.len());
    for packet in 0..packets {
        for host in &traces.hosts {
            let name = several.then_some(host.name.as_str());
            let line = trace(&host.traces[packet], name, walk);
            serde_json::to_writer(&mut *out, &line)?;
            writeln!(out)?;
        }
    }
    Ok(())
}

fn trace<'a>(traced: &'a Traced, host: Option<&'a str>, walk: bool) -> Trace<'a> {
    Trace {
        host,
        packet: &traced.packet,
        verdict: traced.verdict.name(),
        decided_by: by(&traced.decided_by),
        accepts: traced.accepts.iter().map(by).collect(),
        depends_on: traced.depends_on.iter().map(|it| it.en.as_str()).collect(),
        rewritten: traced.rewritten.as_deref(),
        assumptions: traced.assumptions.iter().map(|it| it.en.as_str()).collect(),
        advice: traced.advice.as_ref().map(|it| it.en.as_str()),
        walk: walk.then(|| traced.walk.iter().map(met).collect()),
    }
}

fn by(decider: &Decider) -> By<'_> {
    By {
        path: decider.path.as_deref(),
        line: decider.line,
        family: decider.family,
        table: decider.table.as_deref(),
        chain: decider.chain.as_deref(),
        kind: decider.kind,
    }
}

fn met(step: &Step) -> Met<'_> {
    Met {
        hook: step.hook,
        table: step.by.table.as_deref(),
        chain: step.by.chain.as_deref(),
        path: step.by.path.as_deref(),
        line: step.by.line,
        effect: step.effect,
        to: step.to.as_deref(),
    }
}
