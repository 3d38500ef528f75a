//! What can be wrong with a file of entries, and where.

use crate::words::Message;
use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode, SourceSpan};

/// A file of entries that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {cause}", place.path)]
pub struct Error {
    /// What is wrong with it.
    pub cause: Cause,
    place: Box<Place>,
}

/// Where it is wrong, and what to write instead; boxed, as an error should be small.
#[derive(Debug)]
struct Place {
    path: String,
    text: NamedSource<String>,
    span: SourceSpan,
    suggestion: Option<Message>,
}

/// What can be wrong with an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// The file is no TOML, or has a key or a type that does not belong there.
    #[error("{0}")]
    Toml(String),
    /// A key is absent.
    #[error("the entry has no `{0}`")]
    Missing(&'static str),
    /// A text says nothing.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// A word is not one of those that the key takes.
    #[error("`{word}` is no {what}")]
    Unknown {
        /// The word.
        word: String,
        /// What it should be: `category`, `severity`.
        what: &'static str,
    },
    /// Neither a port nor a range of ports.
    #[error("`{0}` is no port: ports are numbers from 0 to 65535 and ranges such as \"6000-6063\"")]
    Port(String),
    /// Two entries have one id.
    #[error("the id `{0}` is taken by another entry of the file")]
    DuplicateId(String),
    /// An entry of ours is replaced by one without a port of it that the seed document speaks of.
    #[error("the entry `{id}` must keep {port}, which it is known for")]
    SeedPort {
        /// The id.
        id: String,
        /// The port with its transport: `tcp/79`.
        port: String,
    },
    /// Both ports and a protocol, or neither.
    #[error("an entry has either `ports` and `transport`, or a `protocol` without ports")]
    PortsOrProtocol,
}

impl Error {
    pub(super) fn new(path: &str, text: &str, span: std::ops::Range<usize>, cause: Cause) -> Error {
        let start = span.start.min(text.len());
        let end = span.end.clamp(start, text.len());
        let span = (start, end - start).into();
        let text = NamedSource::new(path, text.to_owned()).with_language("toml");
        let place = Box::new(Place { path: path.to_owned(), text, span, suggestion: None });
        Error { cause, place }
    }

    pub(super) fn suggest(mut self, suggestion: Message) -> Error {
        self.place.suggestion = Some(suggestion);
        self
    }

    /// The file.
    pub fn path(&self) -> &str {
        &self.place.path
    }

    /// The bytes of the file that are wrong.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.place.span.offset()..self.place.span.offset() + self.place.span.len()
    }

    /// What to write instead.
    pub fn help(&self) -> Option<&Message> {
        self.place.suggestion.as_ref()
    }
}

impl Cause {
    /// What is wrong, in both languages.
    pub fn message(&self) -> Message {
        let zh = match self {
            Self::Toml(why) => format!("不是合法的 TOML：{why}"),
            Self::Missing(key) => format!("条目缺少 `{key}`"),
            Self::Empty(key) => format!("`{key}` 为空"),
            Self::Unknown { word, what } => format!("`{what}` 不接受 `{word}`"),
            Self::Port(word) => {
                format!("`{word}` 不是端口：端口是 0 到 65535 的数字，或 \"6000-6063\" 这样的范围")
            }
            Self::DuplicateId(id) => format!("id `{id}` 已被本文件的另一个条目使用"),
            Self::SeedPort { id, port } => format!("条目 `{id}` 必须保留其为人所知的端口 {port}"),
            Self::PortsOrProtocol => {
                "条目应有 `ports` 和 `transport`，或者只有不含端口的 `protocol`".to_owned()
            }
        };
        Message { en: self.to_string(), zh }
    }
}

impl Diagnostic for Error {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new("knowledge"))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        self.place.suggestion.as_ref().map(|it| Box::new(&it.en) as Box<dyn std::fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.place.text)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = match &self.cause {
            Cause::Toml(_) | Cause::PortsOrProtocol => "here".to_owned(),
            Cause::Missing(key) => format!("this entry needs `{key}`"),
            Cause::Empty(_) => "write a sentence".to_owned(),
            Cause::Unknown { what, .. } => format!("not a {what}"),
            Cause::Port(_) => "not a port".to_owned(),
            Cause::DuplicateId(_) => "the second of that id".to_owned(),
            Cause::SeedPort { port, .. } => format!("this entry needs {port}"),
        };
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(Some(label), self.place.span))))
    }
}
