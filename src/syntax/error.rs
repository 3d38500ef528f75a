use crate::source::Span;

/// Something the loader would refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The wrong word.
    pub span: Span,
    /// What is wrong with it.
    pub kind: ErrorKind,
}

/// What is wrong, as data: the lints put it into words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// A template, which only its engine can turn into rules.
    Template,
    /// Bytes that are no text (a NUL byte, say).
    Binary,
    /// A table without its `COMMIT`.
    MissingCommit,
    /// Lines end in CR LF, which the loader takes for part of the last word.
    CarriageReturn,
    /// A length or count past what the loader or the kernel takes.
    LimitExceeded(Limit),
}

/// A bound of the loader or the kernel, with what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// What is bounded, for people: `interface name`, `multiport slots`.
    pub what: &'static str,
    /// The largest accepted.
    pub limit: u32,
    /// What was written.
    pub written: u32,
    /// Accepted all the same and cut off (a log prefix).
    pub truncated: bool,
}
