//! What a packet carries: its length, its bytes.

use super::spec::{Case, Extension, Value, cut_text, exactly_one, flag, matching, option, text};
use crate::syntax::iptables::values::number;

pub(super) const LENGTH: Extension = matching(
    "length",
    &[option("length", Value::NumberRange { max: 0xffff }).negatable().mandatory()],
);

pub(super) const STRING: Extension = matching(
    "string",
    &[
        option("from", Value::u16()),
        option("to", Value::u16()),
        option("algo", Value::Choice(Case::Exact, &["bm", "kmp", "fsm"])).mandatory(),
        option("string", text("pattern", 128)).negatable(),
        option("hex-string", Value::Form("TEXT with |HEX BYTES|", hex_string)).negatable(),
        flag("icase"),
    ],
)
.groups(&[exactly_one(&["string", "hex-string"])]);

// pattern := (any | "|" (hex hex | blank)* "|" | "\" any)*
fn hex_string(text: &str) -> bool {
    let mut parts = text.split('|');
    let mut length = parts.next().map_or(0, str::len);
    let mut hexadecimal = true;
    let mut closed = true;
    for part in parts {
        if hexadecimal {
            let digits = part.bytes().filter(|byte| *byte != b' ').count();
            let hex = part.bytes().all(|byte| byte == b' ' || byte.is_ascii_hexdigit());
            if !hex || digits % 2 != 0 {
                return false;
            }
            length += digits / 2;
        } else {
            length += part.len();
        }
        closed = !hexadecimal;
        hexadecimal = !hexadecimal;
    }
    closed && length > 0 && length <= 128
}

pub(super) const BPF: Extension = matching(
    "bpf",
    &[
        option("bytecode", Value::Form("COUNT,OP JT JF K,…", bytecode)),
        option("object-pinned", cut_text("path", 511)),
    ],
)
.groups(&[exactly_one(&["bytecode", "object-pinned"])]);

// bytecode := count ("," op " " jt " " jf " " k){count}
fn bytecode(text: &str) -> bool {
    let mut parts = text.trim_end_matches(',').split(',');
    let count = parts.next().and_then(|count| number(count, 1, 64).ok());
    let instructions = parts.clone().count();
    let well_formed = |part: &str| {
        let mut words = part.split(' ').filter(|word| !word.is_empty());
        words.by_ref().take(4).filter(|word| word.bytes().all(|byte| byte.is_ascii_digit())).count()
            == 4
            && words.next().is_none()
    };
    count == u64::try_from(instructions).ok() && parts.all(well_formed)
}

pub(super) const U32: Extension =
    matching("u32", &[option("u32", Value::Form("TESTS", u32_tests)).negatable().mandatory()]);

// tests := location "=" values ("&&" location "=" values)*
fn u32_tests(text: &str) -> bool {
    text.split("&&").all(|test| {
        let Some((location, values)) = test.split_once('=') else { return false };
        let numbers =
            location.split(['&', '<', '>', '@']).map(str::trim).filter(|part| !part.is_empty());
        let value = |part: &str| {
            let (from, to) = part.split_once(':').unwrap_or((part, part));
            number(from.trim(), 0, u64::from(u32::MAX)).is_ok()
                && number(to.trim(), 0, u64::from(u32::MAX)).is_ok()
        };
        numbers.clone().count() > 0
            && numbers.clone().all(|part| number(part, 0, u64::from(u32::MAX)).is_ok())
            && values.split(',').all(value)
    })
}
