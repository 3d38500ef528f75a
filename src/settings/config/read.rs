use super::{Cause, Type, raw::RawExpect};
use crate::settings::nearest;
use std::ops::Range;

/// What the TOML reader found wrong, in words of our own where they are known. Its messages are held by the tests.
pub(super) fn cause(text: &str, span: Range<usize>, message: &str) -> Cause {
    if message == "duplicate key" {
        return Cause::TwiceTheKey;
    }
    if message.starts_with("unknown field ") {
        let written = text.get(span).unwrap_or_default().trim_matches(['"', '\'']);
        // `unknown field `a`, expected one of `b`, `c``
        let known = message.split('`').skip(3).step_by(2);
        let nearest = nearest(written, known.clone()).map(str::to_owned);
        let known = known.map(str::to_owned).collect();
        return Cause::UnknownKey { key: written.to_owned(), nearest, known };
    }
    let expected = message.rsplit_once("expected ").map(|(_, expected)| expected);
    let expected = match expected.filter(|_| message.starts_with("invalid type: ")) {
        Some("a string") => Type::Text,
        Some("a sequence") => Type::List,
        Some("a boolean") => Type::Boolean,
        Some("i64") => Type::Number,
        Some("a map" | "a group") => Type::Table,
        _ => return Cause::Toml(message.escape_debug().to_string()),
    };
    let in_group = message.ends_with("a group");
    let nearest = in_group.then(|| nearest(key_of(text, span.start), RawExpect::KEYS.into_iter()));
    Cause::Type { expected, nearest: nearest.flatten().map(str::to_owned) }
}

/// The key of the value that begins at `at`.
fn key_of(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.split('=').next().unwrap_or_default().trim().trim_matches(['"', '\''])
}
