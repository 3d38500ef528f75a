//! Turns of phrase about differences, in both languages.

use crate::{
    analysis::diff::{Class, Path, Side, State},
    commands::diff::{Comparison, Entry, Gone, Host, Rule, Stand},
    words::{Message, Text},
};

/// Which list a difference is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    Widened,
    MaybeWidened,
    Narrowed,
    Other,
}

impl List {
    pub(super) const ALL: [Self; 4] =
        [Self::Widened, Self::MaybeWidened, Self::Narrowed, Self::Other];

    pub(super) fn of(self, host: &Host) -> &[Entry] {
        match self {
            Self::Widened => &host.widened,
            Self::MaybeWidened => &host.maybe_widened,
            Self::Narrowed => &host.narrowed,
            Self::Other => &host.other,
        }
    }

    /// The word of CSV and JSON.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Widened => "widened",
            Self::MaybeWidened => "maybe_widened",
            Self::Narrowed => "narrowed",
            Self::Other => "other",
        }
    }

    pub(super) const fn sign(self) -> char {
        match self {
            Self::Widened => '+',
            Self::MaybeWidened => '?',
            Self::Narrowed => '-',
            Self::Other => '~',
        }
    }

    pub(super) const fn title(self) -> Text {
        match self {
            Self::Widened => Text { en: "WIDENED", zh: "放宽" },
            Self::MaybeWidened => Text { en: "MAYBE WIDENED", zh: "可能放宽" },
            Self::Narrowed => Text { en: "NARROWED", zh: "收紧" },
            Self::Other => Text { en: "OTHER", zh: "其他" },
        }
    }
}

/// What sort of packets, where they begin no flow from outside.
pub(super) const fn class(class: Class) -> Text {
    match class {
        Class::Flow => Text { en: "new connections", zh: "新连接" },
        Class::MidStream => {
            Text { en: "TCP amid a connection unknown", zh: "未知连接中途的 TCP" }
        }
        Class::Established => Text { en: "established connections", zh: "已建立的连接" },
        Class::Related => Text { en: "related connections", zh: "相关连接" },
        Class::Invalid => Text { en: "invalid packets", zh: "无效数据包" },
        Class::Loopback => Text { en: "loopback", zh: "回环" },
        Class::Output => Text { en: "sent by this host", zh: "本机发出" },
    }
}

/// Where packets go.
pub(super) const fn path(path: Option<Path>) -> Text {
    match path {
        Some(Path::Input) => Text { en: "host", zh: "本机" },
        Some(Path::Forward) => Text { en: "through", zh: "转发" },
        Some(Path::Output) => Text { en: "outside", zh: "外部" },
        None => Text { en: "anywhere", zh: "任意" },
    }
}

/// `closed`, `OPEN`, `OPEN (limited)`, `maybe`.
pub(super) fn state(stand: &Stand) -> Message {
    let (en, zh) = match (stand.state, stand.limited_by.is_empty()) {
        (State::Closed, _) => ("closed", "关闭"),
        (State::Maybe, _) => ("maybe", "不确定"),
        (State::Open, true) => ("OPEN", "开放"),
        (State::Open, false) => ("OPEN (limited)", "开放（限速）"),
    };
    let to = stand.to.as_ref().map(|to| format!(" -> {to}")).unwrap_or_default();
    Message { en: format!("{en}{to}"), zh: format!("{zh}{to}") }
}

/// Who sends them.
pub(super) fn sources(entry: &Entry) -> Message {
    let name = entry.family.name();
    let shortened = |all: &[String]| {
        const MOST: usize = 3;
        let shown = all.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
        if all.len() > MOST { format!("{shown}, …") } else { shown }
    };
    let interfaces = if entry.interfaces.is_empty() {
        (String::new(), String::new())
    } else {
        let names = shortened(&entry.interfaces);
        (format!(" on {names}"), format!("（接口 {names}）"))
    };
    let is_any = matches!(&entry.sources[..], [only] if only.ends_with("/0"));
    let (en, zh) = if is_any && entry.except.is_empty() {
        (format!("any {name}"), format!("任意 {name}"))
    } else if is_any {
        let except = shortened(&entry.except);
        (format!("any {name} but {except}"), format!("除 {except} 外的任意 {name}"))
    } else {
        (shortened(&entry.sources), shortened(&entry.sources))
    };
    Message { en: en + &interfaces.0, zh: zh + &interfaces.1 }
}

/// `rules.v4:14`, with the old one where that is another.
pub(super) fn rules(entry: &Entry) -> Message {
    let place = |rule: &Rule| format!("{}:{}", rule.path, rule.line);
    let marked = |rule: &Rule| {
        let (en, zh) = if rule.policy { (" (policy)", "（默认策略）") } else { ("", "") };
        Message { en: place(rule) + en, zh: place(rule) + zh }
    };
    match (&entry.before.rule, &entry.after.rule) {
        (Some(old), Some(new)) if old != new => {
            let (old, new) = (marked(old), marked(new));
            Message {
                en: format!("{}, was {}", new.en, old.en),
                zh: format!("{}，原为 {}", new.zh, old.zh),
            }
        }
        (_, Some(rule)) | (Some(rule), None) => marked(rule),
        (None, None) => Message { en: String::new(), zh: String::new() },
    }
}

/// What the comparison of a host came to.
pub(super) fn verdict(host: &Host) -> Message {
    let families: Vec<&str> = host.families.iter().map(|it| it.name()).collect();
    let (and, und) = (families.join(" and "), families.join(" 和 "));
    if let Some(gone) = host.gone {
        let (en, zh) = match gone {
            Gone::Removed => (
                "removed: nothing says any more what is let in",
                "文件已删除：放行哪些流量已无从得知",
            ),
            Gone::Unreadable => (
                "cannot be read any more: nothing says what is let in",
                "文件已无法读取：放行哪些流量已无从得知",
            ),
            Gone::Added => ("new: there is nothing to compare it with", "新文件：没有可比较的对象"),
        };
        return Message { en: en.into(), zh: zh.into() };
    }
    match host.equivalent {
        // No IP packets pass such rules.
        Some(true) if families.is_empty() => Message {
            en: "EQUIVALENT: both sides have the same rules".into(),
            zh: "等价：两侧规则相同".into(),
        },
        Some(true) => Message {
            en: format!("EQUIVALENT for all {and} packets"),
            zh: format!("等价：对所有 {und} 数据包结果相同"),
        },
        Some(false) => {
            let counts = [&host.widened, &host.maybe_widened, &host.narrowed, &host.other];
            let [widened, maybe, narrowed, other] = counts.map(Vec::len);
            Message {
                en: format!(
                    "NOT EQUIVALENT: {widened} widened, {maybe} maybe widened, {narrowed} narrowed, {other} other"
                ),
                zh: format!(
                    "不等价：放宽 {widened} 处，可能放宽 {maybe} 处，收紧 {narrowed} 处，其他 {other} 处"
                ),
            }
        }
        None => {
            Message { en: "NOT PROVEN to be equivalent".into(), zh: "未能证明等价".into() }
        }
    }
}

/// What only one side has rules for.
pub(super) fn alone(family: crate::model::Family, side: Side) -> Message {
    let name = family.name();
    match side {
        Side::Old => Message {
            en: format!("{name}: only the old side has rules for it"),
            zh: format!("{name}：仅旧的一侧有规则"),
        },
        Side::New => Message {
            en: format!("{name}: only the new side has rules for it; not compared"),
            zh: format!("{name}：仅新的一侧有规则；未比较"),
        },
    }
}

/// How many rules changed.
pub(super) fn changes([added, removed, moved]: [usize; 3]) -> Option<Message> {
    let all = added + removed + moved;
    (all > 0).then(|| Message {
        en: format!("rules: {added} added, {removed} removed, {moved} moved"),
        zh: format!("规则：新增 {added} 条，删除 {removed} 条，移动 {moved} 条"),
    })
}

/// How many differences of each sort there are.
pub(super) fn counts(comparison: &Comparison) -> [usize; 4] {
    List::ALL.map(|list| comparison.hosts.iter().map(|host| list.of(host).len()).sum())
}
