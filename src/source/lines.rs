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

/// Where each line starts.
#[derive(Debug)]
pub(super) struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    pub(super) fn of(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| offset(at + 1)));
        if starts.last() == Some(&offset(text.len())) && starts.len() > 1 {
            starts.pop();
        }
        Self { starts }
    }

    pub(super) fn count(&self) -> u32 {
        offset(self.starts.len())
    }

    pub(super) fn position(&self, text: &str, at: u32) -> Position {
        let at = at.min(offset(text.len()));
        let line = self.starts.partition_point(|start| *start <= at);
        let start = self.starts[line - 1];
        let before = text.as_bytes().get(start as usize..at as usize).unwrap_or_default();
        // A continuation byte of UTF-8 is no character of its own.
        let characters = before.iter().filter(|byte| (**byte & 0xc0) != 0x80).count();
        Position { line: offset(line), column: offset(characters) + 1, offset: at }
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

/// Files of four gibibytes and more are refused before they come here.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
