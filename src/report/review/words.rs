//! What a review says in each language.

use crate::{
    analysis::{Path, SourceClass, trace::Verdict},
    commands::review::{Cell, Containers, Decided, Host, Line, Review, Stance},
    model::{Family, Hook},
    source::SourceFile,
    words::{Language, Message, Text},
};

/// This many rules of a line are named.
const MOST_RULES: usize = 2;
/// This many lines of a section are shown where not all are asked for.
pub(super) const MOST_LINES: usize = 30;
/// This many services of a line are named.
const MOST_SERVICES: usize = 3;

/// The senders that the lines of a section have in common.
pub(super) const fn section(class: SourceClass, zoned: bool) -> Text {
    match class {
        SourceClass::Any if zoned => Text { en: "OPEN TO ANY SOURCE", zh: "对任意来源开放" },
        SourceClass::Any => Text {
            en: "OPEN TO ANY SOURCE (no zone declared)",
            zh: "对任意来源开放（未声明区域）",
        },
        SourceClass::Public => Text { en: "OPEN TO PUBLIC NETWORKS", zh: "对公网网段开放" },
        SourceClass::Private => {
            Text { en: "OPEN TO PRIVATE NETWORKS", zh: "对私有网段开放" }
        }
        SourceClass::Narrow => {
            Text { en: "OPEN TO A FEW ADDRESSES", zh: "仅对少数地址开放" }
        }
        SourceClass::Interface => {
            Text { en: "OPEN ON INSIDE INTERFACES", zh: "仅在内部接口上开放" }
        }
        SourceClass::OnLink => Text { en: "OPEN ON THE SAME LINK", zh: "仅对同一链路开放" },
    }
}

/// The heads of the columns.
pub(super) const HEAD: [Text; 7] = [
    Text { en: "Service", zh: "服务" },
    Text { en: "IPv4", zh: "IPv4" },
    Text { en: "IPv6", zh: "IPv6" },
    Text { en: "Path", zh: "路径" },
    Text { en: "Decided by", zh: "决定规则" },
    Text { en: "Declared", zh: "已声明" },
    Text { en: "Findings", zh: "发现" },
];

pub(super) const fn cell(cell: Cell) -> Text {
    match cell {
        Cell::Open | Cell::Limited => Text { en: "OPEN", zh: "开放" },
        Cell::Maybe => Text { en: "maybe", zh: "可能" },
        Cell::Partly => Text { en: "partly", zh: "部分" },
        Cell::Closed => Text { en: "closed", zh: "关闭" },
        Cell::NotGiven => Text { en: "-", zh: "-" },
    }
}

const fn path(path: Path) -> Text {
    match path {
        Path::Input => Text { en: "input", zh: "入站" },
        Path::Forward => Text { en: "forward", zh: "转发" },
        Path::Fragment => Text { en: "unknown", zh: "未知" },
    }
}

/// The paths of a line.
pub(super) fn paths(line: &Line, language: Language) -> String {
    let names: Vec<&str> = line.paths.iter().map(|it| path(*it).get(language)).collect();
    names.join(" ")
}

/// The word of JSON and CSV.
pub(super) const fn path_name(path: Path) -> &'static str {
    match path {
        Path::Input => "input",
        Path::Forward => "forward",
        Path::Fragment => "fragment",
    }
}

pub(super) const fn family_name(family: Family) -> &'static str {
    match family {
        Family::Ipv4 => "ipv4",
        Family::Ipv6 => "ipv6",
    }
}

pub(super) const fn hook(hook: Hook) -> Text {
    match hook {
        Hook::Forward => Text { en: "forward", zh: "转发" },
        Hook::Output => Text { en: "output", zh: "出站" },
        _ => Text { en: "input", zh: "入站" },
    }
}

pub(super) const fn stance(stance: Stance) -> Text {
    match stance {
        Stance::Drop => Text { en: "drop", zh: "丢弃" },
        Stance::Accept => Text { en: "ACCEPT", zh: "放行" },
        Stance::Decided => Text { en: "rules decide all", zh: "规则已全部决定" },
        Stance::Unknown => Text { en: "not said", zh: "未写明" },
        Stance::Unfiltered => Text { en: "no chain", zh: "无链" },
        Stance::NotGiven => Text { en: "-", zh: "-" },
    }
}

pub(super) const fn verdict(verdict: Verdict) -> Text {
    match verdict {
        Verdict::Accept => Text { en: "yes", zh: "是" },
        Verdict::Drop | Verdict::Reject => Text { en: "NO", zh: "否" },
        Verdict::Maybe => Text { en: "maybe", zh: "可能" },
    }
}

pub(super) const fn declared(declared: bool) -> Text {
    if declared { Text { en: "yes", zh: "是" } } else { Text { en: "no", zh: "否" } }
}

/// What is open, with the services there: `tcp/22 ssh`, `tcp/15432 -> 172.18.0.3:5432 postgresql`.
pub(super) fn service(line: &Line, language: Language) -> String {
    let mut text = line.what.get(language).to_owned();
    if let Some(target) = &line.translated_to {
        text.push_str(" -> ");
        text.push_str(target);
    }
    let shown = line.services.iter().take(MOST_SERVICES).map(String::as_str);
    let names: Vec<&str> = shown.collect();
    if !names.is_empty() {
        text.push(' ');
        if line.is_among_many {
            text.push_str(Text { en: "with ", zh: "含 " }.get(language));
        }
        text.push_str(&names.join(", "));
    }
    if line.services.len() > MOST_SERVICES {
        text.push_str(" …");
    }
    text
}

/// The files of a host by names that tell them apart.
pub(super) struct Names<'r> {
    files: &'r [SourceFile],
    /// Whether the last part of a path is enough.
    short: bool,
}

impl<'r> Names<'r> {
    pub(super) fn of(review: &'r Review, host: &Host) -> Self {
        let files = &review.files[..];
        let named = host.lines.iter().flat_map(|it| &it.decided_by).map(|it| it.place().file);
        let own = host.files.iter().map(|it| it.file).chain(named);
        let mut paths: Vec<&str> = own.map(|it| files[it as usize].path.as_str()).collect();
        paths.sort_unstable();
        paths.dedup();
        let mut lasts: Vec<&str> = paths.into_iter().map(last).collect();
        lasts.sort_unstable();
        let short = lasts.windows(2).all(|pair| pair[0] != pair[1]);
        Self { files, short }
    }

    fn source(&self, decided: Decided) -> &'r SourceFile {
        &self.files[decided.place().file as usize]
    }

    /// `rules.v4:22`.
    pub(super) fn place(&self, decided: Decided) -> String {
        let source = self.source(decided);
        let path = if self.short { last(&source.path) } else { &source.path };
        format!("{path}:{}", source.position(decided.place().span.start).line)
    }

    /// The first few places of a line.
    pub(super) fn places(&self, line: &Line, language: Language) -> String {
        let shown = line.decided_by.iter().take(MOST_RULES);
        let mut names: Vec<String> = shown.map(|it| self.place(*it)).collect();
        names.dedup();
        let more = line.decided_by.len().saturating_sub(MOST_RULES);
        if more > 0 {
            names.push(match language {
                Language::En => format!("{more} more"),
                Language::Zh => format!("另有 {more} 处"),
            });
        }
        names.join(" ")
    }
}

fn last(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// What is to be said of a line besides: the senders, what it depends on, what limits it.
pub(super) fn notes(line: &Line, language: Language) -> Vec<String> {
    let mut notes = Vec::new();
    let zh = language == Language::Zh;
    let list = |all: &[Message]| {
        let all: Vec<&str> = all.iter().map(|it| it.get(language)).collect();
        all.join(if zh { "、" } else { ", " })
    };
    let plain = matches!(line.class, SourceClass::Any | SourceClass::OnLink)
        && line.senders.en == "any source";
    if !plain && !line.senders.en.is_empty() {
        let senders = line.senders.get(language);
        notes.push(match (line.class, zh) {
            (SourceClass::Interface, false) => format!("on {senders}"),
            (SourceClass::Interface, true) => format!("接口 {senders}"),
            (_, false) => format!("from {senders}"),
            (_, true) => format!("来源 {senders}"),
        });
    }
    if !line.depends_on.is_empty() {
        let list = list(&line.depends_on);
        notes.push(if zh { format!("取决于 {list}") } else { format!("depends on {list}") });
    }
    if !line.limited_by.is_empty() {
        let list = list(&line.limited_by);
        notes.push(if zh { format!("受 {list} 限制") } else { format!("limited by {list}") });
    }
    notes
}

/// `rules.v4 · iptables · 24 rules · analysis: complete`
pub(super) fn title(review: &Review, host: &Host, dot: &str, language: Language) -> String {
    let mut dialects: Vec<&str> = host.files.iter().map(|it| it.dialect.name()).collect();
    dialects.dedup();
    let (dialects, rules) = (dialects.join(" + "), host.rules);
    let complete = host.complete && review.problems.is_empty();
    match language {
        Language::En => {
            let plural = if rules == 1 { "rule" } else { "rules" };
            let complete = if complete { "complete" } else { "INCOMPLETE" };
            format!("{dialects} {dot} {rules} {plural} {dot} analysis: {complete}")
        }
        Language::Zh => {
            let complete = if complete { "完整" } else { "不完整" };
            format!("{dialects} {dot} {rules} 条规则 {dot} 分析：{complete}")
        }
    }
}

/// Said in place of a table.
pub(super) fn nothing_open(host: &Host) -> Message {
    let names: Vec<&str> = host.filtered.iter().map(|it| it.name()).collect();
    if names.is_empty() || names.len() < host.families.len() {
        return Message {
            en: "Nothing is listed as open, but the files do not say all: see the assumptions."
                .into(),
            zh: "没有列出开放的内容，但文件并未说明全部情况：见前提假设。".into(),
        };
    }
    Message {
        en: format!(
            "Nothing is open over {}: no packet from outside that starts a flow is let in.",
            names.join(" and ")
        ),
        zh: format!(
            "{} 没有开放任何内容：外来的、发起新连接的数据包均不放行。",
            names.join(" 与 ")
        ),
    }
}

pub(super) const INCOMPLETE: Text = Text {
    en: "Not everything could be analysed: more may be open, and less.",
    zh: "部分内容未能分析：实际开放的可能更多，也可能更少。",
};

pub(super) const NO_FILE: Text =
    Text { en: "No rule file was reviewed.", zh: "没有审查任何规则文件。" };

pub(super) const LOCKOUT: Text = Text { en: "CAN I STILL GET IN?", zh: "还能登录吗？" };
pub(super) const STANCE: Text =
    Text { en: "DEFAULT STANCE (IPv4/IPv6)", zh: "默认策略（IPv4/IPv6）" };
pub(super) const PARITY: Text = Text { en: "IPV4 AND IPV6", zh: "IPv4 与 IPv6" };
pub(super) const BASICS: Text = Text { en: "BASICS", zh: "基本功能" };
pub(super) const CONTAINERS: Text = Text { en: "CONTAINERS", zh: "容器" };
pub(super) const ASSUMPTIONS: Text = Text { en: "ASSUMPTIONS", zh: "前提假设" };

/// How many lines are not shown.
pub(super) fn more(count: usize) -> Message {
    Message {
        en: format!("{count} more lines, -v shows them; json and csv hold all"),
        zh: format!("另有 {count} 行，-v 可显示；json 与 csv 包含全部"),
    }
}

/// How many rules are told by their number only.
pub(super) fn passed_over(count: usize) -> Message {
    Message {
        en: format!(
            "{count} more rules let in what no entry of the knowledge base names and no lint reports; \
            -v shows it; json and csv hold all"
        ),
        zh: format!(
            "另有 {count} 条规则放行的内容未见于知识库，也没有检查项报告；-v 可显示；json 与 csv 包含全部"
        ),
    }
}

/// How many lines say something else for one family than for the other.
pub(super) fn parity(differences: usize) -> Message {
    let en = match differences {
        0 => "every line above is the same in both families".to_owned(),
        1 => "1 line above differs between the families".to_owned(),
        count => format!("{count} lines above differ between the families"),
    };
    let zh = match differences {
        0 => "以上各行在两个地址族中一致".to_owned(),
        count => format!("以上有 {count} 行在两个地址族中不同"),
    };
    Message { en, zh }
}

/// `Docker: 2 published ports; …`; nothing where there are no containers.
pub(super) fn containers(containers: &Containers) -> Option<Message> {
    if containers.managers.is_empty() && containers.published == 0 {
        return None;
    }
    let who = containers.managers.join(", ");
    let (en_who, zh_who) = if who.is_empty() {
        (String::new(), String::new())
    } else {
        (format!("{who}: "), format!("{who}："))
    };
    let (en, zh) = match containers.published {
        0 => ("no published port".to_owned(), "没有已发布的端口".to_owned()),
        1 => (
            "1 published port; rules of the input path do not apply to it".to_owned(),
            "已发布 1 个端口，入站规则对其不起作用".to_owned(),
        ),
        count => (
            format!("{count} published ports; rules of the input path do not apply to them"),
            format!("已发布 {count} 个端口，入站规则对其不起作用"),
        ),
    };
    let (en_user, zh_user) = match containers.docker_user_is_empty {
        Some(true) => ("; DOCKER-USER is empty", "；DOCKER-USER 为空"),
        Some(false) => ("; DOCKER-USER has rules", "；DOCKER-USER 中有规则"),
        None => ("", ""),
    };
    Some(Message { en: format!("{en_who}{en}{en_user}"), zh: format!("{zh_who}{zh}{zh_user}") })
}
