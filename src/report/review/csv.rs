//! One row for each part of what is open (RFC 4180), all of them; lists are joined by blanks.

use super::words::{family_name, path_name};
use crate::commands::review::{OpenPart, Review};
use std::io::{self, Write};

const HEAD: [&str; 21] = [
    "host",
    "family",
    "transport",
    "first_port",
    "last_port",
    "path",
    "sources",
    "except",
    "source_class",
    "interfaces",
    "out",
    "destinations",
    "state",
    "depends_on",
    "limited_by",
    "rule",
    "dnat_to",
    "services",
    "declared",
    "confidence",
    "findings",
];

pub(super) fn write(out: &mut dyn Write, review: &Review) -> io::Result<()> {
    row(out, &HEAD.map(str::to_owned))?;
    for host in &review.hosts {
        for open in &host.open {
            row(out, &fields(review, &host.name, open))?;
        }
    }
    Ok(())
}

fn fields(review: &Review, host: &str, open: &OpenPart) -> [String; 21] {
    let place = open.decided_by.place();
    let source = &review.files[place.file as usize];
    let rule = format!("{}:{}", source.path, source.position(place.span.start).line);
    let services = open.services.iter().filter_map(|it| review.services.get(&it.service));
    let mut services: Vec<&str> = services.map(|it| it.name.as_str()).collect();
    services.dedup();
    let words = |all: &[crate::words::Message]| {
        all.iter().map(|it| it.en.as_str()).collect::<Vec<_>>().join("; ")
    };
    let ports = open.ports.map(|(first, last)| (first.to_string(), last.to_string()));
    let (first, last) = ports.unwrap_or_default();
    [
        host.to_owned(),
        family_name(open.family).to_owned(),
        open.transport.to_string(),
        first,
        last,
        path_name(open.path).to_owned(),
        open.sources.names().join(" "),
        open.sources.exceptions().join(" "),
        open.class.name().to_owned(),
        open.interfaces.join(" "),
        open.out.join(" "),
        open.destinations.names().join(" "),
        open.state().to_owned(),
        words(&open.depends_on),
        words(&open.limited_by),
        rule,
        open.translated_to.clone().unwrap_or_default(),
        services.join(" "),
        open.declared.to_string(),
        super::super::json::confidence(open.confidence).to_owned(),
        open.findings.join(" "),
    ]
}

fn row(out: &mut dyn Write, fields: &[String; 21]) -> io::Result<()> {
    let quoted: Vec<String> = fields.iter().map(|it| quoted(it)).collect();
    write!(out, "{}\r\n", quoted.join(","))
}

/// The field in quotes where it needs them.
fn quoted(text: &str) -> String {
    if !text.contains([',', '"', '\r', '\n']) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_field_is_quoted_where_it_would_end_early() {
        assert_eq!(quoted("rules.v4:3"), "rules.v4:3");
        assert_eq!(quoted("a,b"), "\"a,b\"");
        assert_eq!(quoted("say \"x\"\n"), "\"say \"\"x\"\"\n\"");
    }
}
