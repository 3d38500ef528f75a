use super::{SUBSTITUTE, SourceFile, Span};

/// Other bytes in the place of some of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edit {
    /// What goes; nothing, where something is only written.
    pub span: Span,
    /// What is written there.
    pub text: String,
}

impl Edit {
    /// Whether its text was copied from bytes that are no text: to write it would lose them.
    pub fn loses_bytes(&self) -> bool {
        self.text.contains(SUBSTITUTE)
    }
}

impl SourceFile {
    /// The same file after `edits`, none of which reaches into another; all other bytes are as they were on disk.
    #[must_use]
    pub fn edited(&self, edits: &[Edit]) -> Self {
        let mut edits: Vec<&Edit> = edits.iter().collect();
        edits.sort_by_key(|edit| edit.span);
        let old = self.bytes();
        let mut bytes = Vec::with_capacity(old.len() + 64);
        let mut from = 0;
        for edit in edits {
            let span = edit.span.range();
            bytes.extend_from_slice(old.get(from..span.start).unwrap_or_default());
            bytes.extend_from_slice(edit.text.as_bytes());
            from = span.end.max(from);
        }
        bytes.extend_from_slice(old.get(from..).unwrap_or_default());
        Self::new(self.path.clone(), bytes)
    }

    /// The bytes of the lines that `span` touches, their ends among them.
    pub fn whole_lines(&self, span: Span) -> Span {
        let text = self.text().as_bytes();
        let (start, end) = (span.range().start.min(text.len()), span.range().end.min(text.len()));
        let first = memchr::memrchr(b'\n', &text[..start]).map_or(0, |at| at + 1);
        // What ends with a line feed touches no line behind it.
        let last = if end > first && end > start && text[end - 1] == b'\n' {
            end
        } else {
            memchr::memchr(b'\n', &text[end..]).map_or(text.len(), |at| end + at + 1)
        };
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span::new(offset(first), offset(last))
    }
}

#[cfg(test)]
mod tests {
    use super::{Edit, SourceFile, Span};

    fn edit(start: u32, end: u32, text: &str) -> Edit {
        Edit { span: Span::new(start, end), text: text.to_owned() }
    }

    #[test]
    fn all_bytes_but_the_edited_stay() {
        let file = SourceFile::new("a", b"# Gr\xfc\xdfe\r\n*filter \n".to_vec());
        let edited = file.edited(&[edit(10, 16, "nat"), edit(2, 2, "! ")]);
        assert_eq!(edited.bytes(), b"# ! Gr\xfc\xdfe\r\n*nat \n".as_slice());
        assert_eq!(file.edited(&[]).bytes(), file.bytes());
    }

    #[test]
    fn text_from_bytes_that_are_none_is_known() {
        let file = SourceFile::new("a", b"# \xfc\n".to_vec());
        assert!(edit(0, 0, file.slice(Span::new(2, 3))).loses_bytes());
        assert!(!edit(0, 0, "u").loses_bytes());
    }

    #[test]
    fn lines_are_whole() {
        let file = SourceFile::new("a", b"one\ntwo\nthree".to_vec());
        let of = |start, end| {
            let span = file.whole_lines(Span::new(start, end));
            (span.start, span.end)
        };
        assert_eq!(of(5, 6), (4, 8));
        assert_eq!(of(1, 5), (0, 8));
        assert_eq!(of(4, 8), (4, 8), "the line feed is the line's own");
        assert_eq!(of(4, 4), (4, 8), "what is written before a line touches it");
        assert_eq!(of(9, 13), (8, 13), "the last line needs no end");
    }
}
