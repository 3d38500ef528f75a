//! Every refusal in Chinese.

use super::{
    quote::names,
    refusal::{Misplaced, Said, Subject},
    refusal_nft_in_chinese as nft,
};
use crate::syntax::{
    ErrorKind, Expected, Limit, ShellError,
    iptables::{Family, Hook, TableKind, values},
};

/// One error in Chinese.
#[expect(clippy::too_many_lines, reason = "one arm an error: the point is that none is missing")]
pub(super) fn said(kind: &ErrorKind, subject: &Subject<'_>) -> Said {
    let word = &subject.word;
    match kind {
        ErrorKind::Template => Said::new("模板文件，未分析", "只有模板引擎能填充此处").help("请先渲染模板，再检查结果。"),
        ErrorKind::Binary => Said::new("应为文本之处是二进制数据", "从此处起不是文本")
            .help("此字节之后的内容不会按原样到达内核；请恢复该文件或删除此字节。"),
        ErrorKind::MissingCommit => {
            Said::new(format!("表 {word} 缺少 `COMMIT`，其中的内容一概不会加载"), "从未提交")
                .help("请在该表最后一条规则之后另起一行写 `COMMIT`。")
        }
        ErrorKind::CarriageReturn => {
            Said::new("行尾为 CR LF，加载程序会把 CR 当作最后一个词的一部分", "回车符")
                .help("请以 LF 行尾保存文件（可用 `dos2unix`），并在 `.gitattributes` 中写明 `eol=lf`。")
        }
        ErrorKind::LimitExceeded(limit) => exceeded(*limit, word),
        ErrorKind::TooManyErrors { more } => {
            Said::new(format!("本文件另有 {more} 处错误未列出"), "其中最后一处")
                .help("大量同类错误往往出于同一原因：请先改正前几处再检查。")
        }
        ErrorKind::UnknownTable { .. } if subject.raw.starts_with('*') => {
            Said::new(format!("{word} 没有写明表名"), "应为表名，如 `*filter`")
        }
        ErrorKind::UnknownTable { suggestion } => {
            Said::new(format!("没有名为 {word} 的表"), write_or(*suggestion, "没有这个表"))
                .help("可用的表为 `filter`、`nat`、`mangle`、`raw` 和 `security`；其他表中的规则不会加载。")
        }
        ErrorKind::OutsideTable => Said::new(format!("{word} 不在任何表之内"), "此处没有打开的表")
            .help("每一行都应位于 `*filter` 之类的行与其后的 `COMMIT` 之间。"),
        ErrorKind::NoCommand => {
            Said::new(format!("{word} 不是规则：缺少 `-A INPUT` 之类的命令"), "应有 `-A` 和链名")
        }
        ErrorKind::SecondCommand => Said::new(format!("{word} 是本行的第二个命令"), "每行只能有一个命令"),
        ErrorKind::NotWithCommand => Said::new(
            format!("{word} 不能用在这一行"),
            if matches!(subject.raw, "-t" | "--table") { "表由 `*table` 行指定" } else { "不能与本行的命令同用" },
        ),
        ErrorKind::UnexpectedWord => unexpected(subject),
        ErrorKind::UnknownOption { suggestion } => {
            let owners = subject.owners();
            if !owners.is_empty() {
                let owners = names("", owners.iter().map(String::as_str), "、", " 或 ");
                return Said::new(format!("在 {owners} 之前无法识别选项 {word}"), format!("请在其前写 {owners}"));
            }
            let suggestion = suggestion.map(|name| format!("--{name}"));
            Said::new(
                format!("未知选项 {word}"),
                write_or(suggestion.as_deref(), "本行的匹配与目标都没有此选项"),
            )
        }
        ErrorKind::AmbiguousOption { candidates } => Said::new(
            format!("选项 {word} 可能指 {}", names("--", *candidates, "、", " 或 ")),
            "请写全名",
        ),
        ErrorKind::MissingValue(expected) => {
            let (_, form) = wanted(*expected, subject.is_ipv6());
            Said::new(format!("{word} 缺少值"), format!("应为{form}"))
        }
        ErrorKind::UnexpectedValue => Said::new(format!("{word} 是值，而该选项不带值"), "请删除"),
        ErrorKind::BadValue { expected, suggestion } => {
            let (what, form) = wanted(*expected, subject.is_ipv6());
            let form = format!("应为{form}");
            if let Some(option) = subject.option_without_value() {
                return Said::new(format!("{option} 缺少值：其后是 {word}"), form);
            }
            Said::new(format!("{word} 不是{what}"), write_or(*suggestion, &form))
        }
        ErrorKind::ReversedRange => Said::new(format!("范围 {word} 的终点小于起点"), "请把较小的一端写在前面"),
        ErrorKind::NeverMatches => {
            Said::new(format!("{word} 代表所有协议，该条件要么无意义，要么永不成立"), "此处不接受")
        }
        ErrorKind::NotNegatable => Said::new(format!("{word}：该选项不能取反"), "请删除 `!`"),
        ErrorKind::NegatedList => Said::new(format!("列表 {word} 不能取反"), "`!` 之后只能有一个地址").help(
            "每个地址会各成一条规则，而任何数据包总会匹配其中之一；请改用 ipset：`-m set ! --match-set NAME src`。",
        ),
        ErrorKind::DoubleNegation => Said::new("连续两个 `!`", "请删除一个"),
        ErrorKind::DanglingNegation => Said::new("`!` 之后没有内容", "其后应为选项"),
        ErrorKind::OldNegation => {
            Said::new("`!` 写在了选项之后", format!("请写 {}", subject.new_negation()))
        }
        ErrorKind::OptionTwice => Said::new(format!("{word} 出现了两次"), "第二次出现")
            .help("一条规则的所有条件须同时成立；若要“或”，请写成两条规则。"),
        ErrorKind::Excludes { other } if subject.raw.starts_with('-') => {
            Said::new(format!("{word} 与 `--{other}` 互斥"), "只能保留其一")
        }
        ErrorKind::Excludes { other } => {
            Said::new(format!("`--{other}` 与 {word} 的另一个选项互斥"), "只能保留其一")
        }
        ErrorKind::Requires { other } => {
            Said::new(format!("此处 {word} 还需要 `--{other}`"), format!("请加上 `--{other}`"))
        }
        ErrorKind::MissingOption { extension, options: [] } => {
            Said::new(format!("`{extension}` 没有带任何选项"), "单独写没有意义")
        }
        ErrorKind::MissingOption { extension, options } => {
            let options = names("--", options.iter().copied(), "、", " 或 ");
            Said::new(format!("`{extension}` 缺少 {options}"), format!("请加上 {options}"))
        }
        ErrorKind::RequiresProtocol { extension, protocols } => {
            let protocols = protocols.iter().filter_map(|it| values::protocol_name(*it));
            let protocols = names("-p ", protocols, "、", " 或 ");
            Said::new(
                format!("`{extension}` 只能与 {protocols} 同用"),
                format!("请在本行写 {protocols}"),
            )
        }
        ErrorKind::WrongTable { tables } => {
            let tables = names("", tables.iter().map(|it| TableKind::name(*it)), "、", " 和 ");
            Said::new(format!("{word} 不能用在这个表中"), format!("只能用在 {tables}"))
        }
        ErrorKind::WrongChain { hooks } => {
            let hooks = names("", hooks.iter().map(|it| Hook::name(*it)), "、", " 和 ");
            Said::new(format!("{word} 不能用在这条链中"), format!("只能用在 {hooks}"))
        }
        ErrorKind::WrongFamily { family: Family::V4 } => {
            Said::new(format!("{word} 属于 IPv4，而本文件用于 IPv6"), "仅限 IPv4")
        }
        ErrorKind::WrongFamily { family: Family::V6 } => {
            Said::new(format!("{word} 属于 IPv6，而本文件用于 IPv4"), "仅限 IPv6")
        }
        ErrorKind::UnknownPolicy { suggestion } => {
            Said::new(format!("{word} 不是默认策略"), write_or(*suggestion, "应为 `ACCEPT` 或 `DROP`"))
                .help("默认策略只能是 `ACCEPT` 或 `DROP`；其他动作（如 `REJECT`）须写成链的最后一条规则。")
        }
        ErrorKind::MissingPolicy => Said::new(
            format!("链声明 {word} 缺少默认策略"),
            "请在链名后写 `ACCEPT` 或 `DROP`，自定义链写 `-`",
        ),
        ErrorKind::PolicyOnUserChain => {
            Said::new(format!("链 {word} 在此不是内建链，没有默认策略"), "此链没有默认策略")
                .help("请把该动作写成链的最后一条规则。")
        }
        ErrorKind::InvalidChainName => Said::new(
            format!("{word} 不能用作链名"),
            "链名不能以 `-` 或 `!` 开头，不能含空格，也不能与目标同名",
        ),
        ErrorKind::BadCounters => Said::new(format!("{word} 不是计数器"), "应为 `[PACKETS:BYTES]`"),
        ErrorKind::DuplicateSet => Said::new(format!("集合 {word} 被创建了两次"), "第二次创建")
            .help("除非带 `-exist` 运行，`ipset restore` 会在此停止。"),
        ErrorKind::UnknownSet { suggestion } => Said::new(
            format!("本文件没有创建集合 {word}"),
            write_or(suggestion.as_deref(), "之前没有 `create` 行创建它"),
        ),
        ErrorKind::Shell(ShellError::NeverClosed { .. }) => {
            Said::new(format!("{word} 没有对应的结束"), "从这里开始")
        }
        ErrorKind::Shell(ShellError::Unexpected) => {
            Said::new(format!("shell 不接受此处的 {word}"), "位置不对")
        }
        ErrorKind::Nft(kind) => nft::said(kind, subject),
    }
}

fn write_or(suggestion: Option<&str>, otherwise: &str) -> String {
    suggestion.map_or_else(|| otherwise.to_owned(), |it| format!("请写 `{it}`"))
}

fn unexpected(subject: &Subject<'_>) -> Said {
    let word = &subject.word;
    match subject.misplaced() {
        Some(Misplaced::Comment) => Said::new("规则之后写了注释", "注释须独占一行")
            .help("请以 `#` 开始新的一行，或把说明写进规则：`-m comment --comment \"…\"`。"),
        Some(Misplaced::Indented) => Said::new(format!("{word} 前有缩进"), "必须从第一列开始"),
        Some(Misplaced::Followed) => {
            Said::new(format!("{word} 之后还有内容"), "其后连空格也不允许")
        }
        Some(Misplaced::Lowercase) => Said::new(format!("{word} 须用大写"), "请写 `COMMIT`"),
        Some(Misplaced::Program) => Said::new(
            format!("{word} 是 shell 命令，不能写在待加载的文件中"),
            "请删除：每行以命令（如 `-A`）开头",
        ),
        None => Said::new(format!("{word} 出现在应为选项的位置"), "应为选项")
            .help("一个值只占一个词；含空格的值须加双引号：`--comment \"two words\"`。"),
    }
}

fn exceeded(it: Limit, word: &str) -> Said {
    let Limit { what, limit, written, truncated } = it;
    let name = thing(what);
    if truncated {
        return Said::new(
            format!("{name} {word} 长 {written} 字节，超过 {limit} 字节的部分会被截去"),
            format!("只保留 {limit} 字节"),
        );
    }
    let label = format!("上限为 {limit}");
    match what {
        "multiport slots" => {
            Said::new(format!("列表 {word} 占用 {written} 个 multiport 位置"), label)
                .help("一个范围占两个位置；请拆分规则，或使用 `bitmap:port` 类型的 ipset。")
        }
        "words" => Said::new(format!("本行有 {written} 个词"), label),
        "line" => Said::new(format!("本行长 {written} 字节"), label),
        _ => Said::new(format!("{name} {word} 长 {written} 字节"), label),
    }
}

/// The name of what is bounded; one without a translation stays English.
fn thing(what: &str) -> &str {
    match what {
        "word" => "词",
        "chain name" => "链名",
        "target name" => "目标名",
        "interface name" => "接口名",
        "set name" => "集合名",
        "log prefix" => "日志前缀",
        "comment" => "注释",
        "helper name" => "助手名",
        "list name" => "列表名",
        "path" => "路径",
        "pattern" => "模式串",
        "hashlimit name" => "hashlimit 名",
        "estimator name" => "估算器名",
        "timer label" => "定时器标签",
        "trigger name" => "触发器名",
        "timeout policy" => "超时策略名",
        "security context" => "安全上下文",
        "operating system" => "操作系统名",
        "cgroup path" => "cgroup 路径",
        "accounting object" => "计费对象名",
        "algorithm" => "算法名",
        other => other,
    }
}

/// What a value should have been: as it ends 不是…, and as it ends 应为….
fn wanted(expected: Expected, ipv6: bool) -> (String, String) {
    let (what, form) = match expected {
        Expected::Number { min, max } => {
            return (format!(" {min} 到 {max} 之间的整数"), format!(" {min} 到 {max}"));
        }
        Expected::NumberRange { max } => {
            return ("数字范围".into(), format!(" `FROM:TO`，不超过 {max}，较小者在前"));
        }
        Expected::Probability => ("概率", " 0 到 1，如 `0.5`"),
        Expected::OneOf(words) => return ("该选项接受的词".into(), some(words, " 或 ")),
        Expected::SomeOf(words) => {
            return ("该选项接受的列表".into(), format!("{}，以逗号分隔", some(words, " 和 ")));
        }
        Expected::Port => ("端口", " 0 到 65535，或服务名"),
        Expected::PortRange => ("端口或端口范围", " `22`、`1024:2047`（较小者在前）或服务名"),
        Expected::PortList => ("端口列表", "至多 15 个端口，如 `22,80,8000:8100`"),
        Expected::Address if ipv6 => (" IPv6 地址", "单个地址，如 `2001:db8::1`"),
        Expected::Address => (" IPv4 地址", "单个地址，如 `192.0.2.1`"),
        Expected::Network if ipv6 => (" IPv6 地址或网段", " `2001:db8::1` 或 `2001:db8::/32` 之类"),
        Expected::Network => (" IPv4 地址或网段", " `192.0.2.1` 或 `192.0.2.0/24` 之类"),
        Expected::Mask if ipv6 => ("掩码", "不超过 128 的前缀长度，或 `ffff::` 之类的掩码"),
        Expected::Mask => ("掩码", "不超过 32 的前缀长度，或 `255.255.255.0` 之类的掩码"),
        Expected::AddressRange if ipv6 => {
            (" IPv6 地址范围", " `2001:db8::1-2001:db8::9` 之类，较小者在前")
        }
        Expected::AddressRange => (" IPv4 地址范围", " `192.0.2.1-192.0.2.9` 之类，较小者在前"),
        Expected::Protocol => ("协议", " `tcp` 之类的名称，或 0 到 255"),
        Expected::Mark => ("标记", " `VALUE` 或 `VALUE/MASK`，均为 32 位"),
        Expected::Tos => ("服务类型", " `0x10` 之类的字节，或其名称"),
        Expected::Mac => ("硬件地址", " `00:11:22:33:44:55` 之类"),
        Expected::Interface => ("接口名", " `eth0` 之类，或以 `eth+` 表示所有以此开头的接口"),
        Expected::Rate => ("速率", " `3/second`、`3/minute`、`3/hour` 或 `3/day` 之类"),
        Expected::IcmpType => (" ICMP 类型", " `echo-request` 之类的名称，或 `TYPE[/CODE]`"),
        Expected::TcpFlags => (
            " TCP 标志列表",
            "以逗号分隔的 `SYN`、`ACK`、`FIN`、`RST`、`URG`、`PSH`，或 `ALL`、`NONE`",
        ),
        Expected::SetDirections => ("方向列表", "以逗号分隔的 `src` 和 `dst`"),
        Expected::NatTarget => ("转换目标", "本文件地址族的 `ADDRESS[-ADDRESS][:PORT[-PORT]]`"),
        Expected::NatPorts => ("转换后的端口", " `PORT[-PORT]`"),
        Expected::Date => ("日期", " `2030-12-24T18:21` 之类"),
        Expected::TimeOfDay => ("时刻", " `18:21` 之类"),
        Expected::Weekdays => ("星期列表", "以逗号分隔的 `Mon` 到 `Sun`，或 1 到 7"),
        Expected::Monthdays => ("日期列表", "以逗号分隔的 1 到 31"),
        Expected::ChainName => ("链名", "链名"),
        Expected::ExtensionName => ("匹配或目标的名称", "匹配或目标的名称"),
        Expected::RuleNumber => ("规则序号", "从 1 起的数字"),
        Expected::Counters => ("一对计数器", " `PACKETS BYTES`"),
        Expected::Text => ("有内容的文本", "至少一个字符"),
        Expected::Form(form) => return ("该选项要求的形式".into(), format!(" `{form}`")),
    };
    (what.into(), form.into())
}

/// The first few of some words.
fn some(words: &[&str], last: &str) -> String {
    const SHOWN: usize = 8;
    if words.len() <= SHOWN {
        return format!(" {}", names("", words.iter().copied(), "、", last));
    }
    format!(" {} …", names("", words[..SHOWN].iter().copied(), "、", "、"))
}
