use super::config::Wrong;
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
    /// `FWLINT_TODAY` is no day.
    NoDay {
        /// What it says.
        word: String,
    },
    /// A folder has a configuration file under both names.
    TwoConfigs {
        /// The folder.
        folder: String,
    },
    /// A configuration file that was named, or found, cannot be read.
    NoConfig {
        /// The path.
        path: String,
        /// What the system says.
        why: String,
    },
    /// A place in a configuration file cannot be followed.
    Config(Box<Wrong>),
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
            Self::NoDay { word } => Message {
                en: format!("`FWLINT_TODAY`: `{word}` is no day"),
                zh: format!("`FWLINT_TODAY`：`{word}` 不是日期"),
            },
            Self::TwoConfigs { folder } => Message {
                en: format!("{folder} holds both `fwlint.toml` and `.fwlint.toml`"),
                zh: format!("{folder} 中同时有 `fwlint.toml` 和 `.fwlint.toml`"),
            },
            Self::NoConfig { path, why } => Message {
                en: format!("the configuration {path} cannot be read: {why}"),
                zh: format!("无法读取配置文件 {path}：{why}"),
            },
            Self::Config(wrong) => wrong.message(),
        }
    }

    /// What was probably meant.
    pub fn help(&self) -> Option<Message> {
        let text = |en: &str, zh: &str| Some(Message { en: en.to_owned(), zh: zh.to_owned() });
        match self {
            Self::UnknownLint { nearest: Some(nearest), .. }
            | Self::UnknownFormat { nearest: Some(nearest), .. } => Some(Message {
                en: format!("did you mean `{nearest}`?"),
                zh: format!("您是否想写 `{nearest}`？"),
            }),
            Self::UnknownLint { .. } => {
                text("`fwlint lints` lists them all", "`fwlint lints` 列出全部检查项")
            }
            Self::UnknownFormat { formats, .. } => {
                let (last, others) = formats.split_last().unwrap_or((&"", &[]));
                Some(Message {
                    en: format!("the formats are {} and {last}", others.join(", ")),
                    zh: format!("可用格式：{}", formats.join("、")),
                })
            }
            Self::TwoConfigs { .. } => text(
                "keep one of them, or name it with `--config`",
                "请只保留其中一个，或用 `--config` 指明",
            ),
            Self::NoDay { .. } => text("write it as `2027-01-31`", "请写作 `2027-01-31`"),
            Self::NoConfig { .. } => None,
            Self::Config(wrong) => wrong.help(),
        }
    }

    /// Both, on two lines.
    pub fn text(&self, language: Language) -> String {
        let message = self.message();
        let message = message.get(language);
        match self.help() {
            Some(help) => format!("{message}\n  {}", help.get(language)),
            None => message.to_owned(),
        }
    }
}
