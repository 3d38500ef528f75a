//! Files that only their engine can turn into rules.

use super::Dialect;
use crate::source::SourceFile;
use memchr::memmem;

/// What template engines put behind a file's own name.
pub(super) static EXTENSIONS: &[&str] =
    &[".j2", ".jinja", ".jinja2", ".erb", ".tmpl", ".tpl", ".epp", ".mustache"];

/// Where the first marker of a template stands.
pub(super) fn marker(source: &SourceFile, dialect: Dialect) -> Option<usize> {
    let text = source.text();
    let path = source.path.to_ascii_lowercase();
    let named = EXTENSIONS.iter().any(|extension| path.ends_with(extension));
    let first = ["{{", "{%", "<%"]
        .iter()
        .filter_map(|marker| outside_comments(text, marker, dialect, named))
        .min();
    first.or_else(|| named.then_some(0))
}

/// Shell and JSON have such pairs of their own; there, only a name or a line that starts so tells.
fn outside_comments(text: &str, marker: &str, dialect: Dialect, named: bool) -> Option<usize> {
    let lenient = named || !matches!(dialect, Dialect::Script | Dialect::NftJson);
    memmem::find_iter(text.as_bytes(), marker.as_bytes()).find(|at| {
        let line = text[..*at].rsplit('\n').next().unwrap_or_default().trim_start();
        if lenient { !line.starts_with('#') } else { line.is_empty() && marker != "{{" }
    })
}
