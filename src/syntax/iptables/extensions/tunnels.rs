//! `IPsec`.

use super::{
    data::{INCOMING, OUTGOING},
    spec::{Case, Extension, Facts, OptionSpec, Value, flag, matching, option},
};
use crate::syntax::{
    Error, ErrorKind,
    iptables::{Family, Opt},
};

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
        option("pol", Value::Choice(Case::Exact, &["ipsec", "none"])),
        flag("strict"),
        element("reqid", Value::u32()),
        element("spi", Value::u32()),
        element("tunnel-src", Value::Network),
        element("tunnel-dst", Value::Network),
        element("proto", Value::Choice(Case::Exact, &["esp", "ah", "ipcomp", "50", "51", "108"])),
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
        .find_map(|name| facts.get(name));
    if let (Some(strict), None) = (facts.get("strict"), element) {
        let options = &["reqid", "spi", "proto", "mode"];
        return Err(Error {
            span: strict.name,
            kind: ErrorKind::MissingOption { extension: "policy", options },
        });
    }
    elements(facts)
}

/// `--next` starts another element; within one, nothing is said twice, and tunnel ends need tunnel mode.
fn elements(facts: &Facts<'_>) -> Result<(), Error> {
    let policy = &super::ALL[usize::from(facts.extension)];
    let mut seen = 0u64;
    let mut tunnel: Option<&Opt> = None;
    let mut in_tunnel_mode = false;
    for option in facts.options.iter().filter(|option| option.extension == facts.extension) {
        match policy.options[usize::from(option.option)].name {
            "next" => {
                if seen == 0 {
                    let options = &["reqid", "spi", "proto", "mode"];
                    let kind = ErrorKind::MissingOption { extension: "policy", options };
                    return Err(Error { span: option.name, kind });
                }
                ends_in_tunnel_mode(tunnel, in_tunnel_mode)?;
                (seen, tunnel, in_tunnel_mode) = (0, None, false);
                continue;
            }
            "mode" => in_tunnel_mode = facts.value(option) == "tunnel",
            "tunnel-src" | "tunnel-dst" => tunnel = Some(option),
            "dir" | "pol" | "strict" => continue,
            _ => {}
        }
        if seen & 1 << option.option != 0 {
            return Err(Error { span: option.name, kind: ErrorKind::OptionTwice });
        }
        seen |= 1 << option.option;
    }
    ends_in_tunnel_mode(tunnel, in_tunnel_mode)
}

fn ends_in_tunnel_mode(tunnel: Option<&Opt>, in_tunnel_mode: bool) -> Result<(), Error> {
    match tunnel {
        Some(option) if !in_tunnel_mode => {
            Err(Error { span: option.name, kind: ErrorKind::Requires { other: "mode" } })
        }
        _ => Ok(()),
    }
}
