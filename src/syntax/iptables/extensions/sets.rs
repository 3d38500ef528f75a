//! ipset.

use super::spec::{
    Extension, Facts, OptionSpec, Value, at_least_one, at_most_one, flag, matching, option, target,
};
use crate::syntax::{Error, ErrorKind};

const fn counter(name: &'static str) -> OptionSpec {
    option(name, Value::Number { min: 0, max: u64::MAX })
}

pub(super) const SET_MATCH: Extension = matching(
    "set",
    &[
        option("match-set", Value::Set).negatable().aliases(&["set"]),
        flag("return-nomatch").repeatable(),
        flag("update-counters").negatable().repeatable(),
        flag("update-subcounters").negatable().repeatable(),
        counter("packets-eq").negatable(),
        counter("packets-lt"),
        counter("packets-gt"),
        counter("bytes-eq").negatable(),
        counter("bytes-lt"),
        counter("bytes-gt"),
    ],
)
.groups(&[
    at_least_one(&["match-set"]),
    at_most_one(&["packets-eq", "packets-lt", "packets-gt"]),
    at_most_one(&["bytes-eq", "bytes-lt", "bytes-gt"]),
]);

pub(super) const SET: Extension = target(
    "SET",
    &[
        // The loader does not look at a `!` here, nor at repeats.
        option("add-set", Value::Set).negatable(),
        option("del-set", Value::Set).negatable(),
        flag("exist").negatable().repeatable(),
        option("timeout", Value::Number { min: 0, max: 0xffff_fffe }).negatable().repeatable(),
        option("map-set", Value::Set),
        flag("map-mark").requires(&["map-set"]),
        flag("map-prio").requires(&["map-set"]),
        flag("map-queue").requires(&["map-set"]),
    ],
)
.groups(&[at_least_one(&["add-set", "del-set", "map-set"])])
.check(mapping_stands_alone);

fn mapping_stands_alone(facts: &Facts<'_>) -> Result<(), Error> {
    // `--exist` and `--timeout` are about what is added.
    let added = facts.get("add-set").or_else(|| facts.get("map-set"));
    let extra = facts.get("exist").or_else(|| facts.get("timeout"));
    if let (None, Some(extra)) = (added, extra) {
        return Err(Error { span: extra.name, kind: ErrorKind::Requires { other: "add-set" } });
    }
    let Some(map) = facts.get("map-set") else { return Ok(()) };
    let maps = ["map-mark", "map-prio", "map-queue"];
    if maps.iter().any(|name| facts.get(name).is_some()) {
        return Ok(());
    }
    Err(Error {
        span: map.name,
        kind: ErrorKind::MissingOption {
            extension: "SET",
            options: &["map-mark", "map-prio", "map-queue"],
        },
    })
}
