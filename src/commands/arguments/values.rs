//! Words that an option takes, and what they stand for.

use super::{BaselineAction, ConfigAction, Lang, Listing, TraceFormat};
use crate::{
    commands::diff,
    settings::{Format, Persona, Severity, TableFormat, When},
    syntax::Dialect,
    words::Language,
};
use clap::builder::{PossibleValuesParser, TypedValueParser};

/// A parser for the words of `all`; anything else is refused with the list and a suggestion.
fn words<T: Copy + Send + Sync + 'static>(
    all: Vec<(&'static str, T)>,
) -> impl TypedValueParser<Value = T> {
    let names = PossibleValuesParser::new(all.iter().map(|(name, _)| *name));
    names.map(move |word| {
        let found = all.iter().find(|(name, _)| *name == word);
        found.expect("clap takes only the words it was given").1
    })
}

pub(super) fn language() -> impl TypedValueParser<Value = Lang> {
    words(vec![
        ("auto", Lang::Auto),
        ("en", Lang::Fixed(Language::En)),
        ("zh", Lang::Fixed(Language::Zh)),
    ])
}

pub(super) fn when() -> impl TypedValueParser<Value = When> {
    words(vec![("auto", When::Auto), ("always", When::Always), ("never", When::Never)])
}

pub(super) fn listing() -> impl TypedValueParser<Value = Listing> {
    words(vec![("text", Listing::Text), ("json", Listing::Json)])
}

pub(super) fn baseline_action() -> impl TypedValueParser<Value = BaselineAction> {
    words(vec![("create", BaselineAction::Create), ("prune", BaselineAction::Prune)])
}

pub(super) fn config_action() -> impl TypedValueParser<Value = ConfigAction> {
    words(vec![
        ("show", ConfigAction::Show),
        ("schema", ConfigAction::Schema),
        ("init", ConfigAction::Init),
    ])
}

pub(super) fn trace_format() -> impl TypedValueParser<Value = TraceFormat> {
    words(vec![
        ("text", TraceFormat::Text),
        ("json", TraceFormat::Json),
        ("jsonl", TraceFormat::Jsonl),
    ])
}

pub(super) fn format() -> impl TypedValueParser<Value = Format> {
    words(Format::ALL.into_iter().map(|it| (it.name(), it)).collect())
}

pub(super) fn table_format() -> impl TypedValueParser<Value = TableFormat> {
    words(TableFormat::ALL.into_iter().map(|it| (it.name(), it)).collect())
}

pub(super) fn persona() -> impl TypedValueParser<Value = Persona> {
    words(Persona::ALL.into_iter().map(|it| (it.name(), it)).collect())
}

pub(super) fn severity() -> impl TypedValueParser<Value = Severity> {
    words(Severity::ALL.into_iter().map(|it| (it.name(), it)).collect())
}

pub(super) fn dialect() -> impl TypedValueParser<Value = Dialect> {
    words(Dialect::ALL.into_iter().map(|it| (it.name(), it)).collect())
}

/// A severity or `never`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate(pub Option<Severity>);

pub(super) fn gate() -> impl TypedValueParser<Value = Gate> {
    let severities = Severity::ALL.into_iter().map(|it| (it.name(), Gate(Some(it))));
    words(severities.chain([("never", Gate(None))]).collect())
}

pub(super) fn change_gate() -> impl TypedValueParser<Value = diff::Gate> {
    words(vec![
        ("never", diff::Gate::Never),
        ("widened", diff::Gate::Widened),
        ("any", diff::Gate::Any),
    ])
}

/// A reason of one line.
pub(super) fn reason(text: &str) -> Result<String, String> {
    if text.contains(char::is_control) {
        return Err("a reason is one line of text".to_owned());
    }
    Ok(text.trim().to_owned())
}

/// `1048576`, `1M`: bytes, at most what an offset can count.
pub(super) fn size(text: &str) -> Result<u32, String> {
    let digits = text.trim_end_matches(|it: char| !it.is_ascii_digit());
    let shift = match text[digits.len()..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        unit => return Err(format!("`{unit}` is no unit; K, M and G are")),
    };
    let number: u64 = digits.parse().map_err(|_| "not a number of bytes".to_owned())?;
    let bytes = number.checked_mul(1 << shift).and_then(|bytes| u32::try_from(bytes).ok());
    bytes.ok_or_else(|| format!("at most {}", u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_take_units_up_to_what_an_offset_counts() {
        assert_eq!(size("10"), Ok(10));
        assert_eq!(size("2K"), Ok(2048));
        assert_eq!(size("3 MiB"), Ok(3 << 20));
        assert_eq!(size("4294967295"), Ok(u32::MAX));
        for wrong in ["4G", "", "x", "1T", "-1"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
