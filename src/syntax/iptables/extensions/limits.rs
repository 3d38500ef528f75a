//! Conditions on how often, how much and by chance.

use super::spec::{
    Case, Extension, OptionSpec, Value, at_most_one, cut_text, exactly_one, flag, matching, option,
};
use crate::syntax::{
    Error, ErrorKind, Expected,
    iptables::{extensions::Facts, values},
};

pub(super) const LIMIT: Extension = matching(
    "limit",
    &[option("limit", Value::Rate), option("limit-burst", Value::Number { min: 0, max: 10000 })],
);

const UPTO: OptionSpec = option(
    "hashlimit-upto",
    Value::Form("AMOUNT[/second|minute|hour|day] or AMOUNTkb/s", hash_rate),
)
.negatable()
.aliases(&["hashlimit"]);

pub(super) const HASHLIMIT: Extension = matching(
    "hashlimit",
    &[
        UPTO,
        option(
            "hashlimit-above",
            Value::Form("AMOUNT[/second|minute|hour|day] or AMOUNTkb/s", hash_rate),
        )
        .negatable(),
        option("hashlimit-srcmask", Value::PrefixMask),
        option("hashlimit-dstmask", Value::PrefixMask),
        option("hashlimit-burst", Value::Form("NUMBER[kb|mb]", amount)),
        option("hashlimit-htable-size", Value::u32()),
        option("hashlimit-htable-max", Value::u32()),
        option("hashlimit-htable-gcinterval", Value::Number { min: 1, max: 0xffff_ffff }),
        option("hashlimit-htable-expire", Value::Number { min: 1, max: 0xffff_ffff }),
        option("hashlimit-mode", Value::Form("srcip,srcport,dstip,dstport", hash_mode)),
        option(
            "hashlimit-name",
            Value::Text { what: "hashlimit name", least: 1, most: 254, cut: true },
        )
        .mandatory(),
        flag("hashlimit-rate-match"),
        option("hashlimit-rate-interval", Value::Form("SECONDS", seconds)),
    ],
)
.groups(&[exactly_one(&["hashlimit-upto", "hashlimit-above"])])
.check(name_is_a_file);

// mode := "" | part ("," part)*
fn hash_mode(text: &str) -> bool {
    text.split(',')
        .filter(|part| !part.is_empty())
        .all(|part| matches!(part, "srcip" | "srcport" | "dstip" | "dstport"))
}

fn seconds(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text[..digits].parse::<u32>().is_ok_and(|seconds| seconds > 0)
}

fn hash_rate(text: &str) -> bool {
    amount_with_unit(text.strip_suffix("/s").unwrap_or(text))
        || values::rate_up_to(text, 1_000_000).is_ok()
}

fn amount(text: &str) -> bool {
    amount_with_unit(text) || values::number(text, 1, 1_000_000).is_ok()
}

fn amount_with_unit(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && matches!(&text[digits..], "b" | "kb" | "mb")
}

/// The name is a file's below `/proc`.
fn name_is_a_file(facts: &Facts<'_>) -> Result<(), Error> {
    match facts.get("hashlimit-name") {
        Some(option) if facts.value(option).contains('/') => {
            let kind = ErrorKind::BadValue { expected: Expected::Text, suggestion: None };
            Err(Error { span: option.value, kind })
        }
        _ => Ok(()),
    }
}

const SET: OptionSpec = flag("set").negatable();

pub(super) const RECENT: Extension = matching(
    "recent",
    &[
        SET,
        flag("rcheck").negatable(),
        flag("update").negatable(),
        flag("remove").negatable(),
        option("seconds", Value::Number { min: 1, max: 0xffff_ffff }),
        flag("reap").requires(&["seconds"]),
        option("hitcount", Value::Number { min: 0, max: 65535 }),
        flag("rttl"),
        option("name", cut_text("list name", 199)),
        flag("rsource"),
        flag("rdest"),
        option("mask", Value::Host),
    ],
)
.groups(&[
    exactly_one(&["set", "rcheck", "update", "remove"]),
    at_most_one(&["rttl", "set"]),
    at_most_one(&["rttl", "remove"]),
    at_most_one(&["set", "seconds"]),
    at_most_one(&["set", "hitcount"]),
    at_most_one(&["remove", "seconds"]),
    at_most_one(&["remove", "hitcount"]),
]);

pub(super) const QUOTA: Extension = matching(
    "quota",
    &[option("quota", Value::Number { min: 0, max: u64::MAX }).negatable().mandatory()],
);

pub(super) const STATISTIC: Extension = matching(
    "statistic",
    &[
        option("mode", Value::Choice(Case::Exact, &["random", "nth"])).mandatory(),
        option("probability", Value::Probability).negatable(),
        option("every", Value::Number { min: 1, max: 0xffff_ffff }).negatable(),
        option("packet", Value::u32()).requires(&["every"]),
    ],
)
.groups(&[at_most_one(&["probability", "every"]), at_most_one(&["probability", "packet"])])
.check(mode_has_its_option);

fn mode_has_its_option(facts: &Facts<'_>) -> Result<(), Error> {
    let Some(mode) = facts.get("mode") else { return Ok(()) };
    let options: &'static [&'static str] =
        if facts.value(mode) == "random" { &["probability"] } else { &["every"] };
    if options.iter().any(|name| facts.get(name).is_some()) {
        return Ok(());
    }
    Err(Error {
        span: mode.value,
        kind: ErrorKind::MissingOption { extension: "statistic", options },
    })
}

pub(super) const TIME: Extension = matching(
    "time",
    &[
        option("datestart", Value::Date),
        option("datestop", Value::Date),
        option("timestart", Value::TimeOfDay),
        option("timestop", Value::TimeOfDay),
        flag("contiguous"),
        option("weekdays", Value::Weekdays).negatable(),
        option("monthdays", Value::Monthdays).negatable(),
        flag("localtz"),
        flag("utc"),
        flag("kerneltz"),
    ],
)
.groups(&[at_most_one(&["localtz", "utc"]), at_most_one(&["utc", "kerneltz"])])
.check(contiguous_passes_midnight);

/// One span of time over midnight is the only one that could be cut in two.
fn contiguous_passes_midnight(facts: &Facts<'_>) -> Result<(), Error> {
    let Some(contiguous) = facts.get("contiguous") else { return Ok(()) };
    let time = |name, default| match facts.get(name) {
        Some(option) => values::time_of_day(facts.value(option)).unwrap_or(default),
        None => default,
    };
    if time("timestop", 86_399) < time("timestart", 0) {
        return Ok(());
    }
    Err(Error { span: contiguous.name, kind: ErrorKind::Requires { other: "timestart" } })
}

pub(super) const RATEEST: Extension = matching(
    "rateest",
    &[
        option("rateest1", cut_text("estimator name", 15)).aliases(&["rateest"]),
        option("rateest2", cut_text("estimator name", 15)),
        option("rateest-bps1", Value::Optional("RATE", byte_rate)),
        option("rateest-pps1", Value::Optional("NUMBER", packet_rate)),
        option("rateest-bps2", Value::Optional("RATE", byte_rate)).aliases(&["rateest-bps"]),
        option("rateest-pps2", Value::Optional("NUMBER", packet_rate)).aliases(&["rateest-pps"]),
        flag("rateest-delta"),
        flag("rateest-lt").negatable(),
        flag("rateest-gt").negatable(),
        flag("rateest-eq").negatable(),
    ],
)
.groups(&[
    exactly_one(&["rateest-lt", "rateest-gt", "rateest-eq"]),
    super::spec::at_least_one(&["rateest1"]),
]);

fn byte_rate(text: &str) -> bool {
    let digits = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let unit = text[digits..].to_ascii_lowercase();
    let units = [
        "", "bit", "kibit", "kbit", "mibit", "mbit", "gibit", "gbit", "tibit", "tbit", "bps",
        "kibps", "kbps", "mibps", "mbps", "gibps", "gbps", "tibps", "tbps",
    ];
    digits > 0 && units.contains(&unit.as_str())
}

fn packet_rate(text: &str) -> bool {
    values::number(text, 0, u64::from(u32::MAX)).is_ok()
}
