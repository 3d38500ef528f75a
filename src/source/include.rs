//! What a file pulls in, and the text that comes of it.

use super::{SourceFile, Span};

/// A line that pulls in other files, as whoever knows the format finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Directive {
    /// All of it.
    pub span: Span,
    /// What it names: a path or a pattern.
    pub path: Span,
    /// Where the text goes on that stands before it no more.
    pub resume: u32,
}

/// A directive with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Include {
    /// The directive.
    pub span: Span,
    /// What it names.
    pub path: Span,
    /// What became of it.
    pub outcome: Inclusion,
}

/// What became of a directive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Inclusion {
    /// What it names follows it.
    Read,
    /// It pulls in nothing, which loads.
    Nothing(Nothing),
    /// What it names is not given, so nobody here can tell.
    Unseen(Unseen),
    /// It does not load, or cannot be read to the end.
    Refused(Refusal),
}

/// Why a directive pulls in nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Nothing {
    /// No file matches the pattern.
    NoMatch,
    /// It names a directory, which is passed over.
    Directory,
}

/// Why a file was not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unseen {
    /// An absolute path that no `--sysroot` maps.
    Unmapped,
    /// It leads out of everything that was named.
    Outside,
    /// It is not beside the file, and nobody said where else to look.
    NotFound,
    /// Nobody looked: the text alone was given.
    NotLookedFor,
}

/// Why a directive fails.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// There is no such file where the user said to look.
    Missing,
    /// A device, a pipe or a socket.
    NotAFile,
    /// It leads back to a file that is being read.
    Cycle,
    /// More files in each other than the loader takes.
    TooDeep {
        /// How many it takes.
        limit: u32,
    },
    /// All together have more bytes than are read.
    TooLarge {
        /// How many are read.
        limit: u32,
    },
    /// The system refuses it.
    Unreadable {
        /// What the system says.
        why: String,
    },
}

/// A file with everything that it includes, as one text: what the loader reads.
#[derive(Debug, Clone)]
pub struct Whole {
    /// The text, under the name of the file that includes the others.
    pub source: SourceFile,
    /// Which files it is made of, in order.
    pub pieces: Vec<Piece>,
}

/// A stretch of a whole that comes from one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Where it starts in the whole.
    pub start: u32,
    /// The file it is from.
    pub file: u32,
    /// Where it starts in that file.
    pub offset: u32,
    /// How many bytes there it stands for as a whole, where it is no copy of them.
    pub length: Option<u32>,
}

impl Piece {
    /// Where the byte `at` of the whole stands.
    fn first(self, at: u32) -> u32 {
        if self.length.is_some() { self.offset } else { self.offset + (at - self.start) }
    }

    /// Where what ends before the byte `at` of the whole ends.
    fn last(self, at: u32) -> u32 {
        self.length.map_or_else(|| self.offset + (at - self.start), |length| self.offset + length)
    }
}

impl Whole {
    /// Where `span` stands: the file, and the bytes in it. What goes on in another file ends with the piece.
    pub fn locate(&self, span: Span) -> (u32, Span) {
        let (first, limit) = self.piece(span.start);
        let start = first.first(span.start);
        if span.end <= limit {
            let end = if span.is_empty() { start } else { first.last(span.end) };
            return (first.file, Span::new(start, end));
        }
        // A block around an include begins and ends in one file.
        let (last, _) = self.piece(span.end - 1);
        let end = if last.file == first.file { last.last(span.end) } else { first.last(limit) };
        (first.file, Span::new(start, end.max(start)))
    }

    /// The piece that byte `at` is in, and where that ends.
    fn piece(&self, at: u32) -> (Piece, u32) {
        let index = self.pieces.partition_point(|piece| piece.start <= at).saturating_sub(1);
        let end = self.pieces.get(index + 1).map_or(u32::MAX, |next| next.start);
        let whole = Piece { start: 0, file: 0, offset: 0, length: None };
        (self.pieces.get(index).copied().unwrap_or(whole), end)
    }
}

#[cfg(test)]
mod tests {
    use super::{Piece, SourceFile, Span, Whole};

    #[test]
    fn each_word_is_found_in_its_own_file() {
        // `t {` and `}` of file 0 around `inner` of file 1.
        let pieces = vec![
            Piece { start: 0, file: 0, offset: 0, length: None },
            Piece { start: 4, file: 1, offset: 0, length: None },
            Piece { start: 10, file: 0, offset: 4, length: None },
        ];
        let whole = Whole { source: SourceFile::new("a", b"t {\ninner\n}\n".to_vec()), pieces };
        let located = |start, end| {
            let (file, span) = whole.locate(Span::new(start, end));
            (file, span.start, span.end)
        };
        assert_eq!(located(0, 1), (0, 0, 1));
        assert_eq!(located(4, 9), (1, 0, 5));
        assert_eq!(located(10, 11), (0, 4, 5));
        assert_eq!(located(2, 11), (0, 2, 5), "a block around another file");
        assert_eq!(located(4, 11), (1, 0, 6), "what begins in another file ends with it");
        assert_eq!(located(12, 12), (0, 6, 6), "the end");
    }
}
