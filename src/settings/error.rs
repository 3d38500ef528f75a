use crate::words::{Language, Message};

/// Settings that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// No lint bears this code or name, and no code begins so.
    UnknownLint {
        /// What was written.
        word: String,
        /// The option it was written at.
        option: &'static str,
        /// The nearest code or name.
        nearest: Option<String>,
    },
    /// No format bears this name.
    UnknownFormat {
        /// What was written.
        word: String,
        /// The nearest name.
        nearest: Option<String>,
        /// The names that there are.
        formats: Vec<&'static str>,
    },
}

impl Error {
    /// What is wrong.
    pub fn message(&self) -> Message {
        match self {
            Self::UnknownLint { word, option, .. } => Message {
                en: format!("`{option}`: no lint has the code or name `{word}`"),
                zh: format!("`{option}`：没有代码或名称为 `{word}` 的检查项"),
            },
            Self::UnknownFormat { word, .. } => Message {
                en: format!("`--output`: no format is called `{word}`"),
                zh: format!("`--output`：没有名为 `{word}` 的格式"),
            },
        }
    }

    /// What was probably meant.
    pub fn help(&self) -> Message {
        let (Self::UnknownLint { nearest, .. } | Self::UnknownFormat { nearest, .. }) = self;
        match (nearest, self) {
            (Some(nearest), _) => Message {
                en: format!("did you mean `{nearest}`?"),
                zh: format!("您是否想写 `{nearest}`？"),
            },
            (None, Self::UnknownLint { .. }) => Message {
                en: "`fwlint lints` lists them all".into(),
                zh: "`fwlint lints` 列出全部检查项".into(),
            },
            (None, Self::UnknownFormat { formats, .. }) => {
                let (last, others) = formats.split_last().unwrap_or((&"", &[]));
                Message {
                    en: format!("the formats are {} and {last}", others.join(", ")),
                    zh: format!("可用格式：{}", formats.join("、")),
                }
            }
        }
    }

    /// Both, on two lines.
    pub fn text(&self, language: Language) -> String {
        format!("{}\n  {}", self.message().get(language), self.help().get(language))
    }
}
