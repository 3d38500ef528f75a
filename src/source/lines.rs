use super::Span;

/// A place as people count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in Unicode scalar values.
    pub column: u32,
    /// Byte offset in the file.
    pub offset: u32,
}

/// Where each line starts, and how many characters stand before every [`STRIDE`]th byte.
#[derive(Debug, Clone)]
pub(super) struct LineIndex {
    starts: Vec<u32>,
    /// Empty where the text is ASCII: every byte is a character there.
    characters: Vec<u32>,
}

/// A line of ten megabytes (`nft -j`) must not be counted from its start for every column.
const STRIDE: usize = 4096;

impl LineIndex {
    pub(super) fn of(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| offset(at + 1)));
        if starts.last() == Some(&offset(text.len())) && starts.len() > 1 {
            starts.pop();
        }
        let mut characters = Vec::new();
        if !text.is_ascii() {
            let mut sum = 0;
            for chunk in text.as_bytes().chunks(STRIDE) {
                characters.push(offset(sum));
                sum += count(chunk);
            }
        }
        Self { starts, characters }
    }

    pub(super) fn count(&self) -> u32 {
        offset(self.starts.len())
    }

    pub(super) fn position(&self, text: &str, at: u32) -> Position {
        let at = at.min(offset(text.len()));
        let line = self.starts.partition_point(|start| *start <= at);
        let start = self.starts[line - 1];
        let column = self.before(text, at) - self.before(text, start);
        Position { line: offset(line), column: column + 1, offset: at }
    }

    /// How many characters start before byte `at`.
    fn before(&self, text: &str, at: u32) -> u32 {
        if self.characters.is_empty() {
            return at;
        }
        let slot = (at as usize / STRIDE).min(self.characters.len() - 1);
        let rest = text.as_bytes().get(slot * STRIDE..at as usize).unwrap_or_default();
        self.characters[slot] + offset(count(rest))
    }

    pub(super) fn line(&self, text: &str, line: u32) -> Span {
        let index = (line as usize).saturating_sub(1);
        let Some(start) = self.starts.get(index).copied() else {
            return Span::new(offset(text.len()), offset(text.len()));
        };
        let next = self.starts.get(index + 1).map_or(text.len(), |next| *next as usize);
        let content = text[start as usize..next].trim_end_matches(['\n', '\r']);
        Span::new(start, start + offset(content.len()))
    }
}

/// A continuation byte of UTF-8 is no character of its own.
fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte & 0xc0) != 0x80).count()
}

/// Files of four gibibytes and more are refused before they come here.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{LineIndex, STRIDE};

    #[test]
    fn columns_far_into_a_line_count_characters() {
        let text = format!("first\n{}x", "中a".repeat(STRIDE));
        let index = LineIndex::of(&text);
        for (at, column) in [(6, 1), (9, 2), (10, 3), (6 + 4 * 3000, 6001)] {
            assert_eq!(index.position(&text, at).column, column, "at byte {at}");
        }
        let end = u32::try_from(text.len()).expect("the text is short");
        assert_eq!(index.position(&text, end).column as usize, 2 * STRIDE + 2);
    }

    #[test]
    fn an_empty_text_has_one_line() {
        let index = LineIndex::of("");
        assert_eq!((index.count(), index.position("", 0).column), (1, 1));
    }
}
