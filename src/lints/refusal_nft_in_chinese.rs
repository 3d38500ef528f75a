//! Every refusal of an nftables file in Chinese.

use super::{
    quote::{names, quoted},
    refusal::{Said, Subject},
    refusal_nft::{
        FEW, chain_type, declaration, examples, is_early, meant, nat_chain, noun, swapped, thing,
        translation,
    },
};
use crate::{
    source::Refusal,
    syntax::nft::{ErrorKind, Family, Hook, Wanted, datatype::Datatype, fields::Header},
};

const BASE_CHAIN: &str = "基础链的开头应写成：`type filter hook input priority 0; policy drop;`。";

/// One error in Chinese.
#[expect(clippy::too_many_lines, reason = "one arm an error: the point is that none is missing")]
pub(super) fn said(kind: &ErrorKind, subject: &Subject<'_>) -> Said {
    let (word, raw) = (&subject.word, subject.raw);
    match kind {
        ErrorKind::UnexpectedCharacter => {
            Said::new(format!("nft 语法中没有字符 {word}"), "请删除，或把文本放进双引号")
        }
        ErrorKind::UnterminatedString => {
            Said::new(format!("字符串开头的 {word} 没有配对"), "其后没有 `\"` 结束该字符串")
        }
        ErrorKind::Include(refusal) => include(refusal, word),
        ErrorKind::UnterminatedBlock => Said::new(format!("{word} 没有配对的右括号"), "此块缺少 `}`")
            .help("其后的全部内容都被当作此块的一部分；请检查中间何处漏写了 `}`。"),
        ErrorKind::TooDeep { limit } => Said::new(format!("{word} 的嵌套超过 {limit} 层"), "不再继续读取"),
        ErrorKind::Unexpected { wanted, suggestion } => unexpected(*wanted, *suggestion, subject),
        ErrorKind::ReservedName => Said::new(
            format!("{word} 是 nft 的关键字，不能用作名称"),
            format!("请换一个名称，如 {}", quoted(&format!("my_{raw}"))),
        ),
        ErrorKind::OutOfRange { max } => Said::new(format!("{word} 超过了 {max}"), format!("最大为 {max}")),
        ErrorKind::UndefinedVariable { suggestion } => {
            let suggestion = suggestion.as_ref().map(|name| format!("${name}"));
            Said::new(
                format!("本行之前没有定义变量 {}", quoted(&format!("${raw}"))),
                write_or(suggestion.as_deref(), "此处没有值"),
            )
            .help(format!("请在前面写 `define {raw} = …`；块内的定义只在该块内有效。"))
        }
        ErrorKind::Redefined { .. } => {
            Said::new(format!("变量 {} 已经定义过", quoted(&format!("${raw}"))), "第二次定义")
                .help(format!("要改变它的值，请写 `redefine {raw} = …`。"))
        }
        ErrorKind::Undefined { target, suggestion } => Said::new(
            format!("本表中没有名为 {word} 的{}", after_han(thing(*target).zh)),
            write_or(suggestion.as_deref(), "本表中没有"),
        )
        .help(format!("须在同一个表中声明：{}。", declaration(*target, raw))),
        ErrorKind::Duplicate { .. } => {
            Said::new(format!("{word} 已经存在"), "第二个同名者").help("请改用其他名称，或将两者合并。")
        }
        ErrorKind::SaidTwice => {
            Said::new(format!("{word} 重复了"), "只能写一次").help("请删除其一：只有一个能生效。")
        }
        ErrorKind::AfterVerdict { .. } => Said::new(
            format!("{word} 位于{}之后，没有数据包能到达", between_han(subject.earlier_or("判决"))),
            "请写在判决之前",
        )
        .help("判决会结束一条规则：请把它写在最后，或另起一行写新的规则。"),
        ErrorKind::WrongHook { chain_type: it, family, hooks } => Said::new(
            format!("`{}` 族的表中，`{}` 类型的链没有钩子 {word}", family.name(), chain_type(*it)),
            format!("应为 {}", hook_names(hooks, " 或 ")),
        ),
        ErrorKind::WrongChainType { family } => {
            Said::new(format!("`{}` 族的表不支持 {word} 类型的链", family.name()), "只支持 `filter` 类型")
                .help("`nat` 和 `route` 类型的链须放在 `ip`、`ip6` 或 `inet` 族的表中。")
        }
        ErrorKind::WrongPriority { .. } if is_early(raw) => {
            Said::new(format!("优先级 {word} 对 `nat` 链来说过早"), "必须大于 -200")
                .help("地址转换在连接跟踪（优先级 -200）之后进行；`dstnat` 为 -100，`srcnat` 为 100。")
        }
        ErrorKind::WrongPriority { suggestion } => {
            Said::new(format!("该族的这个钩子没有名为 {word} 的优先级"), write_or(*suggestion, "此处不可用"))
                .help("`dstnat` 用于 `prerouting`，`srcnat` 用于 `postrouting`；数字（如 `priority 0`）处处可用。")
        }
        ErrorKind::MissingDevice => {
            Said::new(format!("钩子 {word} 没有指定设备"), "请在其后写 `device \"eth0\"`")
                .help("这种链只处理指定设备的数据包：`type filter hook ingress device \"eth0\" priority 0;`。")
        }
        ErrorKind::UnexpectedDevice => {
            Said::new(format!("该钩子不能指定设备 {word}"), "仅用于 `ingress` 和 `egress`")
                .help("请在规则中匹配接口：`iifname \"eth0\"`。")
        }
        ErrorKind::PolicyOnRegularChain => {
            Said::new(format!("本链没有挂接钩子，不能设默认策略 {word}"), "此链没有默认策略").help(
                "只有基础链才有默认策略：请写 `type filter hook input priority 0; policy drop;`，或把该判决写成链的最后一条规则。",
            )
        }
        ErrorKind::WrongPolicy => Said::new(format!("本链不能使用默认策略 {word}"), "应为 `accept`")
            .help("请在 `filter` 类型的链中丢弃数据包。"),
        ErrorKind::NeedsChainType { chain_type: it } => {
            let said = Said::new(
                format!("{word} 只能用在 `{}` 类型的链中", chain_type(*it)),
                "不能用在此类型的链中",
            );
            match nat_chain(raw) {
                Some(chain) => said.help(format!("请把规则放进以 {chain} 开头的链。")),
                None => said,
            }
        }
        ErrorKind::NeedsHook { hooks } => Said::new(
            format!("{word} 不能用在该钩子的链中"),
            format!("只能用在 {}", hook_names(hooks, " 和 ")),
        )
        .help(match nat_chain(raw) {
            Some(chain) => format!("请把规则放进以 {chain} 开头的链。"),
            None => "请把规则移到挂接这些钩子的链中。".to_owned(),
        }),
        ErrorKind::NeedsFamily { families } => needs_family(families, subject),
        ErrorKind::MissingTransport => {
            Said::new(format!("{word} 之前须限定带端口的协议"), "不知是哪种协议的端口")
                .help("请先匹配端口，如 `tcp dport 80`，或只匹配协议：`meta l4proto tcp`。")
        }
        ErrorKind::MissingInterval => Said::new(
            format!("{word} 不是单个值，而该集合没有 `flags interval`"),
            "这是范围、前缀或通配符",
        )
        .help("请在集合中加上 `flags interval;`；若元素可能重叠，再加上 `auto-merge;`。"),
        ErrorKind::Overlap { .. } => Said::new(
            format!("元素 {word} 与{}重叠", between_han(subject.earlier_or("另一个元素"))),
            "有些值同时属于两者",
        )
        .help("请删除其一，或在集合中加上 `auto-merge;`；映射的元素不能重叠。"),
        ErrorKind::MissingType => Said::new(format!("{word} 没有写明元素的类型"), "块中缺少 `type`")
            .help("请加上 `type ipv4_addr;` 或 `typeof ip saddr;`，映射则写 `type ipv4_addr : verdict;`。"),
        ErrorKind::MissingData => Said::new(format!("映射的元素 {word} 缺少对应的值"), "应为 `KEY : DATA`")
            .help("只需要键时请使用集合：`tcp dport { 22, 80 } accept`。"),
        ErrorKind::UnexpectedData => {
            Said::new(format!("{word} 是映射的值，而此处不是映射"), "请连同 `:` 一起删除")
                .help("带值的键须写进映射：`map m { type ipv4_addr : verdict; }`，或规则中的 `vmap { … }`。")
        }
        ErrorKind::TypeMismatch { expected, found } => Said::new(
            format!("{word} 的类型是 `{}`，而此处需要 `{}`", found.name(), expected.name()),
            format!("应为{}", after_han(noun(*expected).zh)),
        ),
        ErrorKind::UnknownSymbol { datatype, suggestion } => Said::new(
            format!("{word} 不是{}", after_han(noun(*datatype).zh)),
            write_or(*suggestion, &form(*datatype)),
        ),
        ErrorKind::BadValue { datatype } => bad_value(*datatype, subject),
        ErrorKind::NotFlags { datatype } => {
            let set = raw.split(',').map(str::trim).collect::<Vec<_>>().join(", ");
            Said::new(
                format!("此处应为单个{}，不能是列表 {word}", after_han(noun(*datatype).zh)),
                format!("请写 {}", quoted(&format!("{{ {set} }}"))),
            )
            .help("不带花括号的逗号用于组合标志，如 `ct state established,related`；多选一的值须放进花括号。")
        }
        ErrorKind::PrefixTooLong { max } => {
            Said::new(format!("{word} 的前缀长度超过 {max} 位"), format!("最大为 `/{max}`"))
        }
        ErrorKind::ReversedRange => Said::new(
            format!("范围 {word} 的终点小于起点"),
            swapped(raw).map_or_else(|| "请把较小的一端写在前面".into(), |it| format!("请写 {it}")),
        ),
        ErrorKind::ConflictingProtocols { header, .. } => conflict(*header, subject),
        ErrorKind::JumpLoop => Said::new(format!("跳转到 {word} 会回到本链"), "形成循环")
            .help("内核不接受会回到自身的链；请去掉其中一个跳转。"),
        ErrorKind::ConstantOnTheLeft => {
            Said::new(format!("{word} 是一个值，而不是数据包的字段"), "没有写明什么应等于它")
                .help("请先写要匹配的字段，如 `tcp dport 22`。")
        }
        ErrorKind::NoOperator => Said::new(format!("{word} 不是 nft 的运算符"), "请删除，字段之后直接写集合")
            .help("属于集合写作 `tcp dport { 22, 80 }` 或 `ip saddr @NAME`，不属于则写作 `ip saddr != @NAME`。"),
        ErrorKind::MissingOptions { missing } => {
            let missing = names("", missing.iter().copied(), "、", " 和 ");
            Said::new(format!("{word} 开始的块没有写 {missing}"), "须在此块中写明")
        }
        ErrorKind::OutsideTable => Said::new(format!("{word} 块不在任何表中"), "外层没有表")
            .help("本文件只有表的内容：请检查在 `table inet NAME { … }` 的花括号中引入它的文件，或在外层写上这张表。"),
    }
}

fn write_or(suggestion: Option<&str>, otherwise: &str) -> String {
    suggestion.map_or_else(|| otherwise.to_owned(), |it| format!("请写 `{it}`"))
}

/// With a blank in front where it starts with no Chinese character.
fn after_han(words: &str) -> String {
    format!("{}{words}", if words.starts_with(|it: char| it.is_ascii()) { " " } else { "" })
}

/// The same, and with a blank behind.
fn between_han(words: &str) -> String {
    format!("{}{}", after_han(words), if words.ends_with('`') { " " } else { "" })
}

fn hook_names(hooks: &[Hook], last: &str) -> String {
    names("", hooks.iter().map(|it| it.name()), "、", last)
}

fn form(datatype: Datatype) -> String {
    match &examples(datatype)[..] {
        [] => format!("应为{}", after_han(noun(datatype).zh)),
        examples => format!("应为 {} 之类", names("", examples.iter().copied(), "、", " 或 ")),
    }
}

fn bad_value(datatype: Datatype, subject: &Subject<'_>) -> Said {
    let what = after_han(noun(datatype).zh);
    let said = Said::new(format!("{} 不是{}", subject.word, what), form(datatype));
    match datatype {
        Datatype::Ipv4 if subject.is_address_of(Family::Ip6) => {
            said.help("IPv6 地址须用 `ip6 saddr` 或 `ip6 daddr` 匹配，集合类型为 `ipv6_addr`。")
        }
        Datatype::Ipv6 if subject.is_address_of(Family::Ip) => {
            said.help("IPv4 地址须用 `ip saddr` 或 `ip daddr` 匹配，集合类型为 `ipv4_addr`。")
        }
        _ => said,
    }
}

fn needs_family(families: &[Family], subject: &Subject<'_>) -> Said {
    let (word, raw) = (&subject.word, subject.raw);
    if let (Some(verb), [Family::Ip, Family::Ip6]) = (translation(raw), families) {
        return Said::new(
            format!("{word} 没有写明地址属于哪个族"),
            format!("请写 `{verb} ip to …` 或 `{verb} ip6 to …`"),
        )
        .help("`inet` 族的表同时处理 IPv4 和 IPv6，而一个地址只属于其中之一。");
    }
    let families = names("", families.iter().map(|it| it.name()), "、", " 或 ");
    let said =
        Said::new(format!("{word} 不能用在该族的表中"), format!("只能用在 {families} 族的表中"));
    if raw.starts_with("ct ") {
        return said.help("在其他表中须写明地址族：`ct original ip saddr`。");
    }
    if raw.starts_with("rt ") {
        return said.help("在其他表中须写明地址族：`rt ip nexthop`。");
    }
    said
}

fn conflict(header: Header, subject: &Subject<'_>) -> Said {
    let (word, name) = (&subject.word, header.name());
    let Some(earlier) = &subject.earlier else {
        return Said::new(
            format!("{word} 需要 `{name}` 协议，而该族的表中没有这种数据包"),
            "不能用在该族的表中",
        )
        .help("`inet` 族的表同时处理 IPv4 和 IPv6；`ip`、`ip6` 和 `arp` 族的表各处理一种协议。");
    };
    let said = Said::new(
        format!("{word} 需要 `{name}` 协议，而前面的 {earlier} 限定了另一种协议"),
        "没有数据包能同时符合两者",
    );
    match header {
        Header::Tcp | Header::Udp => {
            said.help("请写成两条规则，或用一条同时匹配：`meta l4proto { tcp, udp } th dport 53`。")
        }
        _ => said.help("一条规则的所有条件须同时成立；若要“或”，请写成两条规则。"),
    }
}

fn include(refusal: &Refusal, word: &str) -> Said {
    match refusal {
        Refusal::Missing => Said::new(format!("{word} 指定的文件不存在"), "没有这个文件")
            .help("相对路径先在该文件所在目录中查找，再到每个 `-I DIR` 中查找；绝对路径在 `--sysroot DIR` 之下查找。"),
        Refusal::NotAFile => Said::new(format!("{word} 指定的不是普通文件"), "这是设备、管道或套接字"),
        Refusal::Cycle => Said::new(format!("{word} 又指回正在读取的文件"), "如此包含将永无止境"),
        Refusal::TooDeep { limit } => Said::new(
            format!("{word} 的包含层数超过 {limit} 个文件"),
            format!("加载程序最多逐层读取 {limit} 个文件"),
        ),
        Refusal::TooLarge { limit } => Said::new(
            format!("{word} 包含的内容过多，未予读取"),
            format!("连同它一起超过 {limit} 字节"),
        ),
        Refusal::Unreadable { why } => Said::new(format!("{word} 无法读取"), format!("系统提示：{why}")),
    }
}

fn unexpected(wanted: Wanted, suggestion: Option<&str>, subject: &Subject<'_>) -> Said {
    let (word, raw) = (&subject.word, subject.raw);
    let (what, form) = wanted_words(wanted);
    let blank = raw.trim().is_empty();
    let message = match wanted {
        Wanted::OneOf(words) if words.len() > FEW && !blank => format!("{word} 不是此处可用的词"),
        Wanted::OneOf(words) if words.len() > FEW => "本行在此结束，还缺少一个词".into(),
        Wanted::Name if suggestion.and_then(Datatype::of).is_some() => {
            format!("没有名为 {word} 的类型")
        }
        _ if blank => format!("此处应为{what}，而本行已结束"),
        Wanted::FieldOf(_) => format!("{word} 不是{what}"),
        Wanted::End => format!("{word} 出现在本行应当结束的位置"),
        _ => format!("此处应为{what}，而不是 {word}"),
    };
    let meant = meant(wanted, raw);
    let said = if wanted == Wanted::End && raw == "policy" {
        Said::new(message, "请在其前写 `;`")
    } else if meant.is_empty() {
        Said::new(message, write_or(suggestion, &format!("应为{form}")))
    } else {
        Said::new(message, format!("请写 {}", names("", meant.iter().copied(), "、", " 或 ")))
    };
    match wanted {
        Wanted::Command => {
            said.help("规则须写在链中，链须写在表中：`table inet filter { chain input { … } }`。")
        }
        Wanted::TableItem => said.help(
            "规则须写在表的链中：`chain input { type filter hook input priority 0; policy drop; … }`。",
        ),
        Wanted::Statement if raw.starts_with('-') => said.help("带短横线的选项属于 iptables；可用 `iptables-translate` 把这种规则转换为 nft 规则。"),
        Wanted::End if raw == "policy" => said.help(BASE_CHAIN),
        Wanted::End => said.help("规则以换行或 `;` 结束，注释须写在规则末尾。"),
        Wanted::OneOf([",", "}"]) => said.help("元素之间须用逗号分隔：`{ 22, 80 }`。"),
        Wanted::OneOf(["accept", "drop"]) => said.help(
            "默认策略只能是 `accept` 或 `drop`；其他动作（如 `reject`）须写成链的最后一条规则。",
        ),
        Wanted::OneOf(["to"]) => {
            said.help("地址转换应写成 `dnat to 192.0.2.1:8080`，在 `inet` 族的表中为 `dnat ip to …`。")
        }
        Wanted::OneOf(["hook" | "priority" | "filter" | "prerouting", ..]) => {
            said.help(BASE_CHAIN)
        }
        _ => said,
    }
}

/// What should have stood at a place: in a sentence, and in the label, both behind 应为.
fn wanted_words(wanted: Wanted) -> (String, String) {
    let (what, form) = match wanted {
        Wanted::Command => ("命令", " `table`、`add`、`flush`、`define` 或 `include`"),
        Wanted::TableItem => ("表的内容", " `chain`、`set`、`map` 或对象的类型"),
        Wanted::Statement => ("匹配、语句或判决", " `tcp dport 22`、`counter` 或 `accept` 之类"),
        Wanted::Selector => ("数据包的字段", " `tcp dport`、`ip saddr` 或 `iifname` 之类"),
        Wanted::FieldOf(header) => {
            let fields = header.fields().iter().map(|field| field.name);
            let what = format!(" `{}` 的字段", header.name());
            return (what, some(&fields.collect::<Vec<_>>()));
        }
        Wanted::Value => ("值", "数字、地址、名称或花括号中的集合"),
        Wanted::Name => ("名称", "由字母、数字、`_` 和 `-` 组成的名称"),
        Wanted::Number => ("数字", "整数，如 `5`"),
        Wanted::Text => ("文本", "放在双引号中的文本"),
        Wanted::Time => ("时间", "带单位的时间，如 `30s`、`5m` 或 `1h30m`"),
        Wanted::End => ("行尾", "换行或 `;`"),
        Wanted::OneOf(words) => return (some(words), some(words)),
    };
    (what.into(), form.into())
}

/// The first few of some words.
fn some(words: &[&str]) -> String {
    const SHOWN: usize = 8;
    if words.len() <= SHOWN {
        return format!(" {}", names("", words.iter().copied(), "、", " 或 "));
    }
    format!(" {} …", names("", words[..SHOWN].iter().copied(), "、", "、"))
}
