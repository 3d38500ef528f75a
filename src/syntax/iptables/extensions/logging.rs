//! Targets that tell somebody.

use super::spec::{Case, Extension, Value, at_most_one, cut_text, flag, option, target, text};
use crate::syntax::iptables::values::number;

pub(super) const LOG: Extension = target(
    "LOG",
    &[
        option(
            "log-level",
            Value::Form("0..7 or emerg, alert, crit, error, warning, notice, info, debug", level),
        ),
        option("log-prefix", Value::Text { what: "log prefix", least: 1, most: 29, cut: true }),
        flag("log-tcp-sequence"),
        flag("log-tcp-options"),
        flag("log-ip-options"),
        flag("log-uid"),
        flag("log-macdecode"),
    ],
);

fn level(text: &str) -> bool {
    static NAMES: &[&str] =
        &["alert", "crit", "debug", "emerg", "error", "info", "notice", "panic", "warning"];
    number(text, 0, 7).is_ok() || NAMES.contains(&text)
}

pub(super) const NFLOG: Extension = target(
    "NFLOG",
    &[
        option("nflog-group", Value::u16()),
        option("nflog-prefix", Value::Text { what: "log prefix", least: 1, most: 63, cut: true }),
        option("nflog-range", Value::u32()),
        option("nflog-size", Value::u32()),
        option("nflog-threshold", Value::u16()),
    ],
)
.groups(&[at_most_one(&["nflog-range", "nflog-size"])]);

pub(super) const ULOG: Extension = target(
    "ULOG",
    &[
        option("ulog-nlgroup", Value::Number { min: 1, max: 32 }),
        option("ulog-prefix", Value::Text { what: "log prefix", least: 1, most: 31, cut: true }),
        option("ulog-cprange", Value::Number { min: 0, max: u64::MAX }),
        option("ulog-qthreshold", Value::Number { min: 1, max: 50 }),
    ],
)
.family(crate::syntax::iptables::Family::V4);

pub(super) const AUDIT: Extension = target(
    "AUDIT",
    &[option("type", Value::Choice(Case::Either, &["accept", "drop", "reject"])).mandatory()],
);

/// nft takes it in every table, the older loader in `raw` only.
pub(super) const TRACE: Extension = target("TRACE", &[]);

pub(super) const LED: Extension = target(
    "LED",
    &[
        option("led-trigger-id", text("trigger name", 16)).mandatory(),
        option("led-delay", Value::Form("MILLISECONDS or inf", delay)),
        flag("led-always-blink"),
    ],
);

fn delay(text: &str) -> bool {
    text.eq_ignore_ascii_case("inf") || number(text, 0, u64::from(u32::MAX)).is_ok()
}

pub(super) const IDLETIMER: Extension = target(
    "IDLETIMER",
    &[
        option("timeout", Value::Number { min: 1, max: 2_147_483 }).mandatory(),
        option("label", Value::Text { what: "timer label", least: 1, most: 27, cut: true })
            .mandatory(),
        flag("alarm"),
    ],
);

pub(super) const RATEEST: Extension = target(
    "RATEEST",
    &[
        option("rateest-name", cut_text("estimator name", 15)).mandatory(),
        option("rateest-interval", Value::Form("TIME such as 250ms", time)).mandatory(),
        option("rateest-ewmalog", Value::Form("TIME such as 500ms", time)).mandatory(),
    ],
);

fn time(text: &str) -> bool {
    let digits = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let units = ["", "s", "sec", "secs", "ms", "msec", "msecs", "us", "usec", "usecs"];
    text[..digits].parse::<f64>().is_ok()
        && units.contains(&text[digits..].to_ascii_lowercase().as_str())
}
