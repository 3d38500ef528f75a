use crate::words::Message;
use std::sync::Arc;

/// The text of a configuration file, for what is wrong with it.
#[derive(Debug, PartialEq, Eq)]
pub struct Text {
    /// Its path as it is shown.
    pub path: String,
    /// What it holds.
    pub text: String,
}

/// A place in a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The file.
    pub file: Arc<Text>,
    /// The bytes.
    pub span: std::ops::Range<usize>,
}

impl Spot {
    /// Its line, from 1.
    pub fn line(&self) -> usize {
        let before = self.file.text.get(..self.span.start).unwrap_or_default();
        before.matches('\n').count() + 1
    }
}

/// Something that a configuration file says, with where it says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written<T> {
    /// What.
    pub value: T,
    /// Where.
    pub spot: Spot,
}

/// A place in a configuration file that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Where.
    pub spot: Spot,
    /// The place that it contradicts, if there is one.
    pub against: Option<Spot>,
    /// Why.
    pub cause: Cause,
}

/// Why a place cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// It is no TOML; what the parser says.
    Toml(String),
    /// A key is there twice.
    TwiceTheKey,
    /// There is no such key.
    UnknownKey {
        /// What was written.
        key: String,
        /// The nearest key.
        nearest: Option<String>,
        /// All that belong there.
        known: Vec<String>,
    },
    /// A value is of another type.
    Type {
        /// What belongs there.
        expected: Type,
        /// The key that was probably meant, where this one is the user's own to name.
        nearest: Option<String>,
    },
    /// A word is none of those that belong there.
    UnknownWord {
        /// What was written.
        word: String,
        /// All that belong there.
        words: Vec<&'static str>,
        /// The nearest of them.
        nearest: Option<String>,
    },
    /// No lint is called so.
    UnknownLint {
        /// What was written.
        word: String,
        /// The nearest code or name.
        nearest: Option<String>,
    },
    /// No zone is called so.
    UnknownZone {
        /// What was written.
        word: String,
        /// The nearest zone.
        nearest: Option<String>,
    },
    /// A table lacks a key.
    Missing(&'static str),
    /// A list holds nothing, where nothing makes no sense.
    Empty(&'static str),
    /// Neither an address nor a network.
    NoNetwork(String),
    /// A network with bits set behind its prefix; the network they are in.
    HostBits(String),
    /// Not a whole address.
    NoAddress(String),
    /// No name that an interface can have.
    NoInterface(String),
    /// Not of the form `tcp/443` or `udp/6000-6063`.
    NoPorts(String),
    /// A zone that says of no packet that it is inside.
    EmptyZone(String),
    /// Two zones, or two entries of one, hold the same packets.
    Overlap {
        /// What both hold.
        shared: String,
        /// The zone of the other entry.
        with: String,
    },
    /// Two hosts, or two assertions, have one name.
    TwiceTheName(String),
    /// No packet; what is wrong with it.
    Packet(Message),
    /// A number that is out of its range.
    Number {
        /// The least that is in it.
        least: i64,
        /// The most.
        most: i64,
    },
    /// No regular expression; why.
    Regex(String),
    /// No pattern of paths.
    Pattern(Message),
    /// A file of entries about ports that cannot be used.
    Knowledge {
        /// What is wrong with it.
        message: Message,
        /// What to write instead.
        help: Option<Message>,
    },
    /// A line that lists no socket.
    NoSocket,
    /// A line that gives no key a value.
    NoSysctl,
    /// What the user says of forwarding, and what the kernel is told by the file of that path, are opposites.
    Forwarding(String),
    /// A lint has a severity by its code already.
    TwiceTheLint(String),
    /// The files of a host cannot be loaded together.
    Together(Message),
    /// Following `extend` leads back to a file that is being read.
    Cycle(String),
    /// The file that `extend` names cannot be read.
    Unreadable {
        /// The path.
        path: String,
        /// What the system says.
        why: String,
    },
}

/// A type of TOML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// A text.
    Text,
    /// A list.
    List,
    /// A table.
    Table,
    /// Yes or no.
    Boolean,
    /// A whole number.
    Number,
}

impl Wrong {
    pub(in crate::settings) fn new(spot: &Spot, cause: Cause) -> Self {
        Self { spot: spot.clone(), against: None, cause }
    }

    /// What is wrong.
    pub fn message(&self) -> Message {
        let both = |en: String, zh: String| Message { en, zh };
        match &self.cause {
            Cause::Toml(why) => both(format!("not TOML: {why}"), format!("不是合法的 TOML：{why}")),
            Cause::TwiceTheKey => both("this key is there twice".into(), "此键出现了两次".into()),
            Cause::UnknownKey { key, .. } => {
                both(format!("no key is called `{key}`"), format!("没有名为 `{key}` 的键"))
            }
            Cause::Type { expected, .. } => {
                let it = expected.name();
                both(format!("this should be {}", it.en), format!("此处应为{}", it.zh))
            }
            Cause::UnknownWord { word, .. } => {
                both(format!("`{word}` is no word of this key"), format!("此键不接受 `{word}`"))
            }
            Cause::UnknownLint { word, .. } => both(
                format!("no lint has the code or name `{word}`"),
                format!("没有代码或名称为 `{word}` 的检查项"),
            ),
            Cause::UnknownZone { word, .. } => {
                both(format!("no zone is called `{word}`"), format!("没有名为 `{word}` 的区域"))
            }
            Cause::Missing(key) => both(format!("`{key}` is missing"), format!("缺少 `{key}`")),
            Cause::Empty(key) => both(format!("`{key}` is empty"), format!("`{key}` 为空")),
            Cause::NoNetwork(word) => both(
                format!("`{word}` is neither an address nor a network"),
                format!("`{word}` 既不是地址也不是网络"),
            ),
            Cause::HostBits(network) => both(
                format!("bits are set behind the prefix; the network is `{network}`"),
                format!("前缀之后还有非零位；该网络应写作 `{network}`"),
            ),
            Cause::NoAddress(word) => {
                both(format!("`{word}` is no address"), format!("`{word}` 不是地址"))
            }
            Cause::NoInterface(word) => both(
                format!("no interface can be called `{word}`"),
                format!("接口不能名为 `{word}`"),
            ),
            Cause::NoPorts(word) => {
                both(format!("`{word}` names no port"), format!("`{word}` 不是端口"))
            }
            Cause::EmptyZone(zone) => both(
                format!("zone `{zone}` has neither interfaces nor sources"),
                format!("区域 `{zone}` 既没有接口也没有来源"),
            ),
            Cause::Overlap { shared, with } => both(
                format!("{shared} is in zone `{with}` already"),
                format!("{shared} 已属于区域 `{with}`"),
            ),
            Cause::TwiceTheName(name) => both(
                format!("the name `{name}` is taken already"),
                format!("名称 `{name}` 已被使用"),
            ),
            Cause::Packet(message) => {
                both(format!("not a packet: {}", message.en), format!("不是数据包：{}", message.zh))
            }
            Cause::Together(message)
            | Cause::Pattern(message)
            | Cause::Knowledge { message, .. } => message.clone(),
            Cause::Number { least, most } => both(
                format!("this should be a number from {least} to {most}"),
                format!("此处应为 {least} 到 {most} 之间的数"),
            ),
            Cause::Regex(why) => {
                both(format!("not a regular expression: {why}"), format!("正则表达式无效：{why}"))
            }
            Cause::NoSocket => both(
                "this line lists no socket as `ss -Hlntu` does".into(),
                "此行不是 `ss -Hlntu` 所列的套接字".into(),
            ),
            Cause::NoSysctl => both(
                "this line gives no key a value as `sysctl -a` does".into(),
                "此行不是 `sysctl -a` 所列的键值".into(),
            ),
            Cause::Forwarding(path) => both(
                format!("{path} says the opposite of forwarding"),
                format!("{path} 中的转发设置与此相反"),
            ),
            Cause::TwiceTheLint(lint) => both(
                format!("`{lint}` has a severity already"),
                format!("`{lint}` 已指定过严重级别"),
            ),
            Cause::Cycle(path) => {
                both(format!("`extend` leads back to {path}"), format!("`extend` 又回到了 {path}"))
            }
            Cause::Unreadable { path, why } => {
                both(format!("{path} cannot be read: {why}"), format!("无法读取 {path}：{why}"))
            }
        }
    }

    /// What was probably meant, or what belongs there.
    pub fn help(&self) -> Option<Message> {
        let text = |en: &str, zh: &str| Some(Message { en: en.to_owned(), zh: zh.to_owned() });
        match &self.cause {
            Cause::UnknownKey { nearest: Some(nearest), .. }
            | Cause::Type { nearest: Some(nearest), .. }
            | Cause::UnknownWord { nearest: Some(nearest), .. }
            | Cause::UnknownLint { nearest: Some(nearest), .. }
            | Cause::UnknownZone { nearest: Some(nearest), .. } => Some(Message {
                en: format!("did you mean `{nearest}`?"),
                zh: format!("您是否想写 `{nearest}`？"),
            }),
            Cause::UnknownWord { words, .. } => {
                let words = words.join(", ");
                Some(Message {
                    en: format!("the words are {words}"),
                    zh: format!("可用的词：{words}"),
                })
            }
            Cause::UnknownLint { .. } => {
                text("`fwlint lints` lists them all", "`fwlint lints` 列出全部检查项")
            }
            Cause::NoPorts(_) => text(
                "write `tcp/443`, or `udp/6000-6063`; the transports are tcp, udp, sctp, dccp and udplite",
                "请写 `tcp/443` 或 `udp/6000-6063`；传输协议为 tcp、udp、sctp、dccp、udplite",
            ),
            Cause::NoNetwork(_) => {
                text("write `10.20.0.0/16` or `fd20::/48`", "请写 `10.20.0.0/16` 或 `fd20::/48`")
            }
            Cause::Knowledge { help, .. } => help.clone(),
            Cause::NoInterface(_) => text(
                "write `eth0`, or `eth+` for all names that begin so",
                "请写 `eth0`，或用 `eth+` 表示以此开头的所有名称",
            ),
            _ => None,
        }
    }

    /// What stands under the place itself.
    pub fn label(&self) -> Message {
        let (en, zh) = match &self.cause {
            Cause::Overlap { .. } => ("and again here", "此处重复"),
            Cause::Missing(_) => ("in this table", "在此表中"),
            _ => ("here", "此处"),
        };
        Message { en: en.to_owned(), zh: zh.to_owned() }
    }
}

impl Type {
    fn name(self) -> Message {
        let (en, zh) = match self {
            Self::Text => ("a text in quotes", "带引号的文本"),
            Self::List => ("a list in brackets", "方括号中的列表"),
            Self::Table => ("a table", "一个表"),
            Self::Boolean => ("`true` or `false`", " `true` 或 `false`"),
            Self::Number => ("a whole number", "整数"),
        };
        Message { en: en.to_owned(), zh: zh.to_owned() }
    }
}
