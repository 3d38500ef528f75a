//! For tables: one row a difference.

use super::phrases::List;
use crate::commands::diff::{Comparison, Entry, Host, Rule};
use std::io::{self, Write};

const HEAD: &str = "host,change,family,transport,ports,path,sources,except,interfaces,destinations,\
    before,after,rule,old_rule,services,witness";

pub(super) fn write(out: &mut dyn Write, comparison: &Comparison) -> io::Result<()> {
    writeln!(out, "{HEAD}")?;
    for host in &comparison.hosts {
        for list in List::ALL {
            for entry in list.of(host) {
                let row: Vec<String> =
                    row(host, list, entry).iter().map(|cell| quoted(cell)).collect();
                writeln!(out, "{}", row.join(","))?;
            }
        }
    }
    Ok(())
}

fn row(host: &Host, list: List, it: &Entry) -> [String; 16] {
    let place = |rule: &Option<Rule>| {
        rule.as_ref().map_or_else(String::new, |it| format!("{}:{}", it.path, it.line))
    };
    let ports = it.ports.map_or_else(String::new, |(low, high)| {
        if low == high { low.to_string() } else { format!("{low}-{high}") }
    });
    let services: Vec<&str> = it.services.iter().map(|(name, _)| name.as_str()).collect();
    [
        host.name.clone(),
        list.name().to_owned(),
        it.family.name().to_owned(),
        it.transport(),
        ports,
        it.path.map_or("", crate::analysis::diff::Path::name).to_owned(),
        it.sources.join(" "),
        it.except.join(" "),
        it.interfaces.join(" "),
        it.destinations.join(" "),
        it.before.state.name().to_owned(),
        it.after.state.name().to_owned(),
        place(&it.after.rule),
        place(&it.before.rule),
        services.join(" "),
        it.witness.clone().unwrap_or_default(),
    ]
}

/// A cell as RFC 4180 quotes it; a sign in front that a spreadsheet would compute is kept from it.
fn quoted(cell: &str) -> String {
    let cell =
        if cell.starts_with(['=', '+', '-', '@']) { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}
