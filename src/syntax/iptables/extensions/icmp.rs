//! ICMP of both families, and mobility headers.

use super::spec::{Extension, Value, matching, option};
use crate::syntax::iptables::{Family, values::number};

pub(super) const ICMP: Extension =
    matching("icmp", &[option("icmp-type", Value::IcmpType).negatable().mandatory()])
        .family(Family::V4)
        .protocols(&[1]);

pub(super) const ICMP6: Extension =
    matching("icmp6", &[option("icmpv6-type", Value::Icmpv6Type).negatable().mandatory()])
        .family(Family::V6)
        .protocols(&[58]);

pub(super) const MH: Extension =
    matching("mh", &[option("mh-type", Value::Form("TYPE[:TYPE]", mobility_types)).negatable()])
        .family(Family::V6)
        .protocols(&[135]);

// types := type (":" type)? ; type := name | 0..255
fn mobility_types(text: &str) -> bool {
    static NAMES: &[&str] = &[
        "binding-refresh-request",
        "brr",
        "home-test-init",
        "hoti",
        "careof-test-init",
        "coti",
        "home-test",
        "hot",
        "careof-test",
        "cot",
        "binding-update",
        "bu",
        "binding-acknowledgement",
        "ba",
        "binding-error",
        "be",
    ];
    let known = |part: &str| {
        let named = NAMES
            .iter()
            .any(|name| !part.is_empty() && name.starts_with(&part.to_ascii_lowercase()));
        named || number(part, 0, 255).is_ok()
    };
    match text.split_once(':') {
        Some((from, to)) => {
            let reversed = matches!((number(from, 0, 255), number(to, 0, 255)), (Ok(from), Ok(to)) if from > to);
            (from.is_empty() || known(from)) && (to.is_empty() || known(to)) && !reversed
        }
        None => known(text),
    }
}
