//! What to track, and how.

use super::{
    data::RAW,
    spec::{Case, Extension, Value, cut_text, flag, option, target},
};
use crate::syntax::iptables::values::number;

const EVENTS: &[&str] = &[
    "new",
    "related",
    "destroy",
    "reply",
    "assured",
    "protoinfo",
    "helper",
    "mark",
    "natseqinfo",
    "secmark",
];

pub(super) const CT: Extension = target(
    "CT",
    &[
        flag("notrack"),
        option("helper", cut_text("helper name", 15)),
        option("timeout", cut_text("timeout policy", 31)),
        option("ctevents", Value::Choices(Case::Exact, EVENTS)),
        option("expevents", Value::Choices(Case::Exact, &["new"])),
        option("zone-orig", Value::Form("0..65535 or mark", zone)),
        option("zone-reply", Value::Form("0..65535 or mark", zone)),
        option("zone", Value::Form("0..65535 or mark", zone)),
    ],
)
.tables(RAW);

fn zone(text: &str) -> bool {
    text == "mark" || number(text, 0, 65535).is_ok()
}

pub(super) const NOTRACK: Extension = target("NOTRACK", &[]).tables(RAW);
