//! Bytes and lines: what a file holds and where in it something stands.
//!
//! Knows nothing about firewalls. Nobody else computes a line number.

mod edit;
mod hidden;
mod include;
pub mod input;
mod lines;
mod span;

pub use edit::Edit;
pub use hidden::is_hidden;
pub use include::{Directive, Include, Inclusion, Nothing, Piece, Refusal, Unseen, Whole};
pub use lines::Position;
pub use span::Span;

use lines::LineIndex;
use std::sync::OnceLock;

/// The byte that stands in for each byte that is not UTF-8, so that offsets stay those of the file on disk.
pub const SUBSTITUTE: char = '\u{1a}';

/// One input: its name as the user wrote it, and its text.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The path as it is shown, with `/`; `-` or the value of `--stdin-filename` for standard input.
    pub path: String,
    /// What became of the directives in it that pull in other files, in order; none where nobody followed them.
    pub includes: Vec<Include>,
    /// Whether it lies in the work tree of a repository.
    pub in_work_tree: bool,
    text: String,
    /// What is on disk, where that is not UTF-8 and the text therefore something else.
    raw: Option<Vec<u8>>,
    lines: OnceLock<LineIndex>,
}

impl SourceFile {
    /// Takes the bytes of a file. Bytes that are not UTF-8 (a Latin-1 comment, say) become [`SUBSTITUTE`], one for one.
    pub fn new(path: impl Into<String>, bytes: Vec<u8>) -> Self {
        let (text, raw) = into_text(bytes);
        Self { raw, ..Self::of_text(path.into(), text, Vec::new()) }
    }

    /// Takes a text with what became of its directives.
    fn of_text(path: String, text: String, includes: Vec<Include>) -> Self {
        Self { path, includes, in_work_tree: false, text, raw: None, lines: OnceLock::new() }
    }

    /// The whole text; its offsets are those of the file on disk.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is on disk.
    pub fn bytes(&self) -> &[u8] {
        self.raw.as_deref().unwrap_or(self.text.as_bytes())
    }

    /// What stands at `span`.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Line and column (both from 1, columns in characters) of a byte offset.
    pub fn position(&self, offset: u32) -> Position {
        self.lines().position(&self.text, offset)
    }

    /// The number of lines; text after the last line feed counts as one.
    pub fn line_count(&self) -> u32 {
        self.lines().count()
    }

    /// The bytes of line `line` (from 1) without its line end.
    pub fn line(&self, line: u32) -> Span {
        self.lines().line(&self.text, line)
    }

    fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::of(&self.text))
    }
}

/// The bytes as text, and themselves where that loses any.
fn into_text(bytes: Vec<u8>) -> (String, Option<Vec<u8>>) {
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return (text, None),
        Err(error) => error.into_bytes(),
    };
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| SUBSTITUTE));
    }
    (text, Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::{SUBSTITUTE, SourceFile, Span};

    #[test]
    fn offsets_survive_bytes_that_are_not_utf8() {
        let file = SourceFile::new("a", b"# Gr\xfc\xdfe\n*filter\n".to_vec());
        assert_eq!(file.text().len(), 16);
        assert_eq!(file.slice(Span::new(8, 15)), "*filter");
        assert_eq!(file.text().matches(SUBSTITUTE).count(), 2);
    }

    #[test]
    fn columns_count_characters() {
        let file = SourceFile::new("a", "中文 x\nsecond".into());
        let position = file.position(7);
        assert_eq!((position.line, position.column), (1, 4));
        assert_eq!(file.position(9).line, 2);
        assert_eq!(file.slice(file.line(2)), "second");
        assert_eq!(file.line_count(), 2);
    }
}
