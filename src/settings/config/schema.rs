//! What a configuration file may hold, for editors: JSON Schema. The tests hold its keys to those that are read.

use crate::settings::{ExpectedVerdict, Options, Persona, Severity, Trust};
use serde_json::{Value, json};

/// The schema of a configuration file.
pub fn schema() -> Value {
    let text = |description: &str| json!({"description": description, "type": "string"});
    let texts = |description: &str| list(description, &json!({"type": "string"}));
    let ports = json!({
        "type": "string",
        "pattern": "^(tcp|udp|sctp|dccp|udplite)/[0-9]{1,5}(-[0-9]{1,5})?$"
    });
    let zone = table(
        "Where packets come from: by interfaces, by sources, or by both together",
        &json!({
            "interfaces": texts("Names; ppp+ is every name that begins so"),
            "sources": texts("Networks such as 10.20.0.0/16"),
            "trust": {"enum": Trust::ALL.map(Trust::name), "default": "trusted"}
        }),
        &[],
    );
    let group = table(
        "Who must reach what",
        &json!({"from": text("A zone"), "must-reach": list("Ports", &ports)}),
        &["from", "must-reach"],
    );
    let packet = table(
        "What becomes of a packet",
        &json!({
            "name": text("What it is called"),
            "packet": text("As in `fwlint trace`: tcp 192.0.2.1:40000 -> host:22 in eth0"),
            "verdict": {"enum": ExpectedVerdict::ALL.map(ExpectedVerdict::name)}
        }),
        &["name", "packet", "verdict"],
    );
    let expect = json!({
        "description": "What should be so",
        "type": "object",
        "properties": {
            "public": list("The ports that are meant to be public", &ports),
            "packet": {"type": "array", "items": packet}
        },
        "additionalProperties": group
    });
    let knowledge = table(
        "What is known about ports",
        &json!({"extra": texts("Files with entries of your own")}),
        &[],
    );
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "fwlint.toml",
        "type": "object",
        "properties": {
            "extend": text("A configuration file whose values this one replaces"),
            "persona": {"enum": Persona::ALL.map(Persona::name), "default": "default"},
            "lang": {"enum": ["auto", "en", "zh"], "default": "auto"},
            "lint": lint(),
            "zones": {
                "description": "Where packets come from, by names of your own",
                "type": "object", "additionalProperties": zone
            },
            "expect": expect,
            "host": {"type": "array", "items": host()},
            "knowledge": knowledge
        },
        "additionalProperties": false
    })
}

fn lint() -> Value {
    let severities = Severity::ALL.map(Severity::name);
    let gates: Vec<&str> = severities.into_iter().chain(["never"]).collect();
    let levels: Vec<&str> = severities.into_iter().chain(["off"]).collect();
    let lints =
        list("Codes, code prefixes such as FW1, or names of lints", &json!({"type": "string"}));
    let severity = json!({
        "description": "The severity of findings by the code, prefix or name of their lint",
        "type": "object",
        "additionalProperties": {"enum": levels}
    });
    let text = |description: &str| json!({"description": description, "type": "string"});
    let texts = |description: &str| list(description, &json!({"type": "string"}));
    let per_file = table(
        "What is wanted of some files",
        &json!({
            "files": texts("Patterns from the folder of the configuration file"),
            "select": lints, "ignore": lints, "severity": severity
        }),
        &["files"],
    );
    let options = table(
        "What lints are told",
        &json!({
            "wide-range": {
                "description": "How many ports in a row are still told one by one",
                "type": "integer", "minimum": 1, "maximum": Options::WIDEST, "default": 100
            },
            "require-reason": {
                "description": "Whether a suppression without a reason silences nothing",
                "type": "boolean", "default": false
            },
            "comment-regex": text("What the comment of a rule must look like")
        }),
        &[],
    );
    table(
        "Which lints are on, and how bad they are",
        &json!({
            "select": lints, "ignore": lints,
            "fail-on": {"description": "Exit 1 from", "enum": gates, "default": "warning"},
            "severity": severity, "options": options,
            "per-file": {"type": "array", "items": per_file}
        }),
        &[],
    )
}

fn host() -> Value {
    let texts = |description: &str| list(description, &json!({"type": "string"}));
    table(
        "Which files make a host, and what its rules do not say of it",
        &json!({
            "name": {"type": "string"},
            "files": texts("What it loads"),
            "addresses": texts("Its own addresses"),
            "interfaces": texts("The interfaces it has"),
            "families": list("The families it speaks", &json!({"enum": ["ipv4", "ipv6"]})),
            "forwarding": {"description": "Whether it forwards packets", "type": "boolean"},
            "sysctl": {"description": "A file with what `sysctl -a` prints", "type": "string"},
            "sockets": {"description": "A file with what `ss -Hlntu` prints", "type": "string"}
        }),
        &["name", "files"],
    )
}

fn list(description: &str, items: &Value) -> Value {
    json!({"description": description, "type": "array", "items": items})
}

fn table(description: &str, properties: &Value, required: &[&str]) -> Value {
    json!({
        "description": description,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false
    })
}
