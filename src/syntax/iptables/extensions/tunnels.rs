//! IPsec.

use super::{
    data::{INCOMING, OUTGOING},
    spec::{Case, Extension, Facts, OptionSpec, Value, flag, matching, option},
};
use crate::syntax::{Error, ErrorKind, iptables::Family};

const SPI: Value = Value::NumberRange { max: 0xffff_ffff };

/// IPv6 takes it without `-p`, and with two options more.
pub(super) const AH: Extension = matching(
    "ah",
    &[
        option("ahspi", SPI).negatable(),
        option("ahlen", Value::u32()).negatable().family(Family::V6),
        flag("ahres").family(Family::V6),
    ],
)
.check(ipv4_needs_the_protocol);

fn ipv4_needs_the_protocol(facts: &Facts<'_>) -> Result<(), Error> {
    if facts.family == Family::V6 || facts.protocol == Some(51) {
        return Ok(());
    }
    Err(Error {
        span: facts.name,
        kind: ErrorKind::RequiresProtocol { extension: "ah", protocols: &[51] },
    })
}

pub(super) const ESP: Extension =
    matching("esp", &[option("espspi", SPI).negatable()]).protocols(&[50]);

pub(super) const IPCOMP: Extension =
    matching("ipcomp", &[option("ipcompspi", SPI).negatable(), flag("compres")]).protocols(&[108]);

const fn element(name: &'static str, value: Value) -> OptionSpec {
    option(name, value).negatable().repeatable()
}

pub(super) const POLICY: Extension = matching(
    "policy",
    &[
        option("dir", Value::Choice(Case::Exact, &["in", "out"])).mandatory(),
        option("pol", Value::Choice(Case::Exact, &["ipsec", "none"])).mandatory(),
        flag("strict"),
        element("reqid", Value::u32()),
        element("spi", Value::u32()),
        element("tunnel-src", Value::Network),
        element("tunnel-dst", Value::Network),
        element("proto", Value::Choice(Case::Either, &["esp", "ah", "ipcomp", "50", "51", "108"])),
        element("mode", Value::Choice(Case::Exact, &["transport", "tunnel"])),
        flag("next").repeatable().requires(&["strict"]),
    ],
)
.check(policy);

fn policy(facts: &Facts<'_>) -> Result<(), Error> {
    let value = |name| facts.get(name).map(|option| facts.value(option));
    let inward = value("dir") == Some("in");
    let hooks = if inward { INCOMING } else { OUTGOING };
    if let (Some(dir), Some(hook)) = (facts.get("dir"), facts.hook)
        && !hooks.contains(&hook)
    {
        return Err(Error { span: dir.value, kind: ErrorKind::WrongChain { hooks } });
    }
    let element = ["reqid", "spi", "tunnel-src", "tunnel-dst", "proto", "mode"]
        .into_iter()
        .filter_map(|name| facts.get(name))
        .next();
    if value("pol") == Some("none") {
        let strict = facts.get("strict").or(element);
        return strict.map_or(Ok(()), |option| {
            Err(Error { span: option.name, kind: ErrorKind::Excludes { other: "pol none" } })
        });
    }
    if let (Some(strict), None) = (facts.get("strict"), element) {
        let options = &["reqid", "spi", "proto", "mode"];
        return Err(Error {
            span: strict.name,
            kind: ErrorKind::MissingOption { extension: "policy", options },
        });
    }
    let tunnel = facts.get("tunnel-src").or_else(|| facts.get("tunnel-dst"));
    match tunnel {
        Some(option) if facts.get("strict").is_some() && value("mode") != Some("tunnel") => {
            Err(Error { span: option.name, kind: ErrorKind::Requires { other: "mode" } })
        }
        _ => Ok(()),
    }
}
