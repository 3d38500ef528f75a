//! Turns of phrase that several lints share.

use crate::{
    analysis::{FamilyAnalysis, Reach, SourceClass, trace::Dependence},
    model::{Family, Field, Subject, display_ranges},
    source::Unseen,
    words::{Message, Text},
};

/// The name of a transport as it stands before a slash.
pub fn transport(protocol: u8) -> String {
    match protocol {
        6 => "tcp".to_owned(),
        17 => "udp".to_owned(),
        33 => "dccp".to_owned(),
        132 => "sctp".to_owned(),
        136 => "udplite".to_owned(),
        number => format!("protocol {number}"),
    }
}

/// Who can reach it, as the end of a sentence that says it is open.
pub(super) fn audience(family: &FamilyAnalysis<'_>, reach: &Reach) -> Message {
    let name = family.space.family.name();
    match reach.class {
        SourceClass::Any => Message {
            en: format!("to any {name} address"),
            zh: format!("对任意 {name} 地址开放"),
        },
        SourceClass::Public => Message {
            en: format!(
                "to {} public {name} addresses ({})",
                count(family, reach),
                sources(family, reach).en
            ),
            zh: format!(
                "对 {} 个公网 {name} 地址开放（{}）",
                count(family, reach),
                sources(family, reach).zh
            ),
        },
        SourceClass::Private
            if !family.space.store.overlaps(reach.sources, family.space.global()) =>
        {
            Message {
                en: format!("to private {name} addresses ({})", sources(family, reach).en),
                zh: format!("对私有 {name} 地址开放（{}）", sources(family, reach).zh),
            }
        }
        SourceClass::Private => Message {
            en: format!(
                "to private and a few public {name} addresses ({})",
                sources(family, reach).en
            ),
            zh: format!("对私有及少数公网 {name} 地址开放（{}）", sources(family, reach).zh),
        },
        SourceClass::Narrow => Message {
            en: format!("to {}", sources(family, reach).en),
            zh: format!("对 {} 开放", sources(family, reach).zh),
        },
        SourceClass::Interface if !reach.barred.is_empty() => {
            let (sources, barred) = (sources(family, reach), listed(&reach.barred));
            Message {
                en: format!("to inside network {}, barred on {}", sources.en, barred.en),
                zh: format!("对内部网络 {} 开放（不能从 {} 进入）", sources.zh, barred.zh),
            }
        }
        SourceClass::Interface => {
            let interfaces = listed(&reach.interfaces);
            let from = from(family, reach);
            Message {
                en: format!("to {} on inside interface {}", from.en, interfaces.en),
                zh: format!("对内部接口 {} 上的{}开放", interfaces.zh, from.zh),
            }
        }
        SourceClass::OnLink if reach.to_private => {
            let from = from(family, reach);
            Message {
                en: format!("to {}, at private addresses only", from.en),
                zh: format!("对{}开放（仅限私有目的地址）", from.zh),
            }
        }
        SourceClass::OnLink if !family.is_from_anywhere(reach) => {
            let sources = sources(family, reach);
            Message {
                en: format!("to {} on the same link only", sources.en),
                zh: format!("仅对同一链路上的 {} 开放", sources.zh),
            }
        }
        SourceClass::OnLink => Message {
            en: format!("to {name} neighbours on the same link only"),
            zh: format!("仅对同一链路上的 {name} 邻居开放"),
        },
    }
}

/// The sources, as a part of a sentence: in Chinese with the blanks that addresses have around them.
fn from(family: &FamilyAnalysis<'_>, reach: &Reach) -> Message {
    if family.is_from_anywhere(reach) {
        let name = family.space.family.name();
        return Message { en: format!("any {name} address"), zh: format!("任意 {name} 地址") };
    }
    let sources = sources(family, reach);
    Message { en: sources.en, zh: format!(" {} ", sources.zh) }
}

/// The same, where a rule may open it to everybody in both families.
pub(super) fn audience_of(family: &FamilyAnalysis<'_>, reach: &Reach, both: bool) -> Message {
    if !both {
        return audience(family, reach);
    }
    let all = everybody();
    if reach.interfaces.is_empty() {
        return all;
    }
    let interfaces = listed(&reach.interfaces);
    Message {
        en: format!("{} on inside interface {}", all.en, interfaces.en),
        zh: format!("对内部接口 {} 上的任意 IPv4 或 IPv6 地址开放", interfaces.zh),
    }
}

/// Whether it is said of any address, be it on inside interfaces only.
pub(super) fn is_everybody(family: &FamilyAnalysis<'_>, reach: &Reach) -> bool {
    match reach.class {
        SourceClass::Any => true,
        SourceClass::Interface => reach.barred.is_empty() && family.is_from_anywhere(reach),
        _ => false,
    }
}

/// A packet of a family, or of any.
pub(super) fn packet(family: Option<Family>) -> Message {
    let Some(family) = family else {
        return Message { en: "packet".into(), zh: "数据包".into() };
    };
    let name = family.name();
    Message { en: format!("{name} packet"), zh: format!(" {name} 数据包") }
}

/// Everybody, in both families.
pub(super) fn everybody() -> Message {
    Message {
        en: "to any IPv4 or IPv6 address".into(), zh: "对任意 IPv4 或 IPv6 地址开放".into()
    }
}

fn count(family: &FamilyAnalysis<'_>, reach: &Reach) -> String {
    let size = family.space.size(Field::Source, reach.sources);
    if size >= 1 << 64 { format!("2^{}", size.ilog2()) } else { grouped(size) }
}

/// A number with its thousands apart.
pub(super) fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The sources, the first few of them.
fn sources(family: &FamilyAnalysis<'_>, reach: &Reach) -> Message {
    let ranges = family.space.ranges(Field::Source, reach.sources);
    let ranges = ranges.as_slice();
    if let Some(network) = nearly_all_of(family, ranges) {
        return Message {
            en: format!("most of {network}"), zh: format!("{network} 中的大部分")
        };
    }
    some_ranges(family.space.family, ranges)
}

/// The first few of some addresses.
pub(super) fn some_ranges(family: Family, ranges: &[(u128, u128)]) -> Message {
    const SHOWN: usize = 3;
    let shown = &ranges[..ranges.len().min(SHOWN)];
    let mut names = display_ranges(family, shown);
    if ranges.len() > SHOWN {
        names.push("…".to_owned());
    }
    Message { en: names.join(", "), zh: names.join("、") }
}

/// The one prefix that lacks only a few addresses here and there.
fn nearly_all_of(family: &FamilyAnalysis<'_>, ranges: &[(u128, u128)]) -> Option<String> {
    let [first, .., last] = ranges else { return None };
    let (low, high) = (first.0, last.1);
    let holes: u128 = ranges.windows(2).map(|pair| pair[1].0 - pair[0].1 - 1).sum();
    if holes > (high - low) / 64 {
        return None;
    }
    let name = display_ranges(family.space.family, &[(low, high)]).pop()?;
    name.contains('/').then_some(name)
}

/// What decides, as a person would call it.
pub fn subject(subject: &Subject) -> Message {
    match subject {
        Subject::Match(name) => {
            Message { en: format!("match {name}"), zh: format!("匹配 {name}") }
        }
        Subject::Target(name) if name.is_empty() => Message {
            en: "a chain or target not given".into(),
            zh: "未给出的链或目标".into(),
        },
        Subject::Target(name) => {
            Message { en: format!("target {name}"), zh: format!("目标 {name}") }
        }
        Subject::Set(name) => Message { en: format!("set {name}"), zh: format!("集合 {name}") },
        Subject::HostName(name) => {
            Message { en: format!("host name {name}"), zh: format!("主机名 {name}") }
        }
        Subject::Include { path, why } => {
            let why = unseen(*why);
            Message {
                en: format!("include of {path}: {}", why.en),
                zh: format!("包含的文件 {path}：{}", why.zh),
            }
        }
        Subject::Command => Message {
            en: "a command whose effect the text does not tell".into(),
            zh: "文本无法判明效果的命令".into(),
        },
        Subject::Word(word) => Message {
            en: format!("the word {word}, which only a run of the script tells"),
            zh: format!("词语 {word}，只有运行脚本才能得知"),
        },
        Subject::Question { condition, .. } => Message {
            en: format!("what {condition} comes to when the script runs"),
            zh: format!("运行脚本时 {condition} 的结果"),
        },
        Subject::CalledWith(word) => Message {
            en: format!("the script is taken to be called with {word}"),
            zh: format!("假定脚本以参数 {word} 运行"),
        },
        Subject::Printed => {
            Message { en: "what another program prints".into(), zh: "其他程序的输出".into() }
        }
        Subject::Ends => Message {
            en: "commands before the end of the script in a case taken not to occur".into(),
            zh: "假定不会发生、且会结束脚本的情形中的命令".into(),
        },
        Subject::Program => {
            Message { en: "the program behind a queue".into(), zh: "队列背后的程序".into() }
        }
        Subject::Policy => Message {
            en: "a policy that the input does not say".to_owned(),
            zh: "输入中未写明的默认策略".to_owned(),
        },
        Subject::Alternatives => Message {
            en: "more alternatives than are counted".into(),
            zh: "过多而未展开的组合".into(),
        },
    }
}

/// Why nobody looked into a file.
fn unseen(why: Unseen) -> Text {
    let (en, zh) = match why {
        Unseen::Unmapped => (
            "an absolute path; `--sysroot DIR` says where it is",
            "绝对路径；可用 `--sysroot DIR` 指明其所在位置",
        ),
        Unseen::Outside => (
            "it leads outside of what was named; `-I DIR` allows it",
            "指向所给范围之外；可用 `-I DIR` 允许读取",
        ),
        Unseen::NotFound => (
            "not found beside the file; `-I DIR` says where else to look",
            "在该文件所在目录中未找到；可用 `-I DIR` 指明其他查找位置",
        ),
        Unseen::NotLookedFor => ("not looked for", "未查找"),
    };
    Text { en, zh }
}

/// Several of them.
pub(super) fn subjects(subjects: &[Subject]) -> Message {
    enumerated(&subjects.iter().map(subject).collect::<Vec<_>>())
}

/// What a packet's verdict depends on.
pub fn dependence(dependence: &Dependence) -> Message {
    let field = match dependence {
        Dependence::Subject(it) => return subject(it),
        Dependence::FirstOfItsKind => {
            let (en, zh) =
                ("whether it is the first packet of its flow", "是否为其流的第一个数据包");
            return Message { en: en.into(), zh: zh.into() };
        }
        Dependence::Field(field) => field,
    };
    let (en, zh) = match field {
        Field::Protocol => ("its protocol", "协议"),
        Field::DestinationPort => ("its destination port", "目的端口"),
        Field::Source => ("its source address", "源地址"),
        Field::Destination => ("its destination address", "目的地址"),
        Field::SourcePort => ("its source port", "源端口"),
        Field::In => ("the interface it comes in on", "入接口"),
        Field::Out => ("the interface it goes out on", "出接口"),
        Field::State => ("the state of its connection", "连接状态"),
        Field::Icmp => ("its ICMP type and code", "ICMP 类型与代码"),
        Field::TcpFlags => ("its TCP flags", "TCP 标志"),
        Field::DestinationKind => ("the kind of its destination", "目的地址的类别"),
        Field::Fragment => ("whether it is a fragment", "是否为分片"),
        Field::Direction => ("the direction of its connection", "连接方向"),
        Field::Translated => ("how its connection is translated", "连接的地址转换"),
        Field::Mark => ("its mark", "标记"),
        Field::ConnectionMark => ("the mark of its connection", "连接标记"),
        Field::OriginalDestination => ("its connection's first destination", "连接的原目的地址"),
        Field::OriginalDestinationPort => {
            ("its connection's first destination port", "连接的原目的端口")
        }
        Field::OriginalSource => ("its connection's first source", "连接的原源地址"),
        Field::OriginalSourcePort => ("its connection's first source port", "连接的原源端口"),
    };
    Message { en: en.into(), zh: zh.into() }
}

/// Several of what has a name in each language.
pub(super) fn enumerated(messages: &[Message]) -> Message {
    let en: Vec<String> = messages.iter().map(|it| it.en.clone()).collect();
    let zh: Vec<String> = messages.iter().map(|it| it.zh.clone()).collect();
    Message { en: listed(&en).en, zh: listed(&zh).zh }
}

/// `a`, `a or b`, `a, b or c`.
pub(super) fn alternatives(names: &[&str]) -> Message {
    let either = |or: &str, comma: &str| match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{}{or}{last}", first.join(comma)),
    };
    Message { en: either(" or ", ", "), zh: either(" 或 ", "、") }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(names: &[String]) -> Message {
    let zh = names.join("、");
    let en = match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    };
    Message { en, zh }
}

#[cfg(test)]
mod tests {
    use super::{grouped, listed};

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(grouped(65_536), "65,536");
        assert_eq!(grouped(100), "100");
        assert_eq!(grouped(1_000_000), "1,000,000");
    }

    #[test]
    fn a_list_ends_in_and() {
        let list =
            |names: &[&str]| listed(&names.iter().map(ToString::to_string).collect::<Vec<_>>()).en;
        assert_eq!(list(&["a"]), "a");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
    }
}
