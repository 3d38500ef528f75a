use crate::words::Message;
use std::io;

/// Why something that was named was not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// There is no such file.
    Missing {
        /// The path as it was written.
        path: String,
    },
    /// The system refuses it.
    Unreadable {
        /// The path.
        path: String,
        /// What the system says.
        why: String,
    },
    /// It has more bytes than `--max-file-size`.
    TooLarge {
        /// The path.
        path: String,
        /// The limit in bytes.
        limit: u32,
    },
    /// It was named, and nothing tells that it holds rules.
    Unrecognised {
        /// The path.
        path: String,
    },
    /// No file matches a pattern.
    NoMatch {
        /// The pattern.
        pattern: String,
    },
    /// A pattern that is none.
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        why: String,
    },
}

impl Problem {
    pub(super) fn unreadable(path: String, error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound {
            return Self::Missing { path };
        }
        Self::Unreadable { path, why: error.to_string() }
    }

    pub(super) fn walk(root: String, error: &ignore::Error) -> Self {
        Self::Unreadable { path: root, why: error.to_string() }
    }

    pub(super) fn pattern(pattern: &str, error: &globset::Error) -> Self {
        Self::Pattern { pattern: pattern.to_owned(), why: error.kind().to_string() }
    }

    /// What it is about: a path or a pattern.
    pub fn path(&self) -> &str {
        match self {
            Self::Missing { path }
            | Self::Unreadable { path, .. }
            | Self::TooLarge { path, .. }
            | Self::Unrecognised { path }
            | Self::NoMatch { pattern: path }
            | Self::Pattern { pattern: path, .. } => path,
        }
    }

    pub(super) fn path_mut(&mut self) -> &mut String {
        match self {
            Self::Missing { path }
            | Self::Unreadable { path, .. }
            | Self::TooLarge { path, .. }
            | Self::Unrecognised { path }
            | Self::NoMatch { pattern: path }
            | Self::Pattern { pattern: path, .. } => path,
        }
    }

    /// What is wrong, without the path.
    pub fn message(&self) -> Message {
        let (en, zh) = match self {
            Self::Missing { .. } => {
                ("no such file or directory".into(), "没有这个文件或目录".into())
            }
            Self::Unreadable { why, .. } => {
                (format!("cannot be read: {why}"), format!("无法读取：{why}"))
            }
            Self::TooLarge { limit, .. } => (
                format!("larger than {limit} bytes (`--max-file-size`)"),
                format!("超过 {limit} 字节（`--max-file-size`）"),
            ),
            Self::Unrecognised { .. } => (
                "not recognised as a rule file; name its format with `--dialect`".into(),
                "无法识别为规则文件；请用 `--dialect` 指明格式".into(),
            ),
            Self::NoMatch { .. } => {
                ("no file matches this pattern".into(), "没有文件匹配此模式".into())
            }
            Self::Pattern { why, .. } => {
                (format!("not a pattern: {why}"), format!("模式无效：{why}"))
            }
        };
        Message { en, zh }
    }
}
