//! What the words about refused nftables files have in common: names of types, examples of values, common slips.

use crate::{
    source::Span,
    syntax::nft::{ChainType, ErrorKind, ObjectKind, Target, Wanted, datatype::Datatype},
    words::Text,
};

/// As many words are named in a sentence; more of them are left to the label.
pub(super) const FEW: usize = 3;

const fn text(en: &'static str, zh: &'static str) -> Text {
    Text { en, zh }
}

/// The other place that an error is about.
pub(super) fn earlier(kind: &ErrorKind) -> Option<Span> {
    match *kind {
        ErrorKind::Redefined { earlier }
        | ErrorKind::Duplicate { earlier }
        | ErrorKind::ConflictingProtocols { earlier, .. } => Some(earlier),
        ErrorKind::AfterVerdict { verdict } => Some(verdict),
        ErrorKind::Overlap { other } => Some(other),
        _ => None,
    }
}

/// What holds at that place.
pub(super) fn there(kind: &ErrorKind) -> Text {
    match kind {
        ErrorKind::Redefined { .. } => text("defined here", "在此定义"),
        ErrorKind::ConflictingProtocols { .. } => {
            text("says which protocol it is", "此处已限定协议")
        }
        ErrorKind::AfterVerdict { .. } => text("the rule ends here", "规则到此结束"),
        ErrorKind::Overlap { .. } => text("shares values with it", "与之重叠"),
        _ => text("the first one", "第一处"),
    }
}

/// What is meant by words of other firewalls, and by words that need another one before them.
pub(super) fn meant(wanted: Wanted, raw: &str) -> &'static [&'static str] {
    match raw {
        _ if matches!(wanted, Wanted::OneOf(_) | Wanted::FieldOf(_)) => &[],
        "dport" | "dports" | "port" => &["tcp dport", "udp dport"],
        "sport" | "sports" => &["tcp sport", "udp sport"],
        "saddr" | "src" => &["ip saddr", "ip6 saddr"],
        "daddr" | "dst" => &["ip daddr", "ip6 daddr"],
        "state" | "ctstate" | "conntrack" => &["ct state"],
        "=" => &["=="],
        "ACCEPT" | "allow" | "pass" => &["accept"],
        "DROP" | "deny" | "block" => &["drop"],
        "REJECT" => &["reject"],
        "RETURN" => &["return"],
        "LOG" => &["log"],
        "MASQUERADE" => &["masquerade"],
        "DNAT" => &["dnat to"],
        "SNAT" => &["snat to"],
        "REDIRECT" => &["redirect to"],
        _ => &[],
    }
}

/// Values of a type, as a rule holds them.
pub(super) fn examples(datatype: Datatype) -> Vec<&'static str> {
    /// More than these are a list and no example.
    const SHOWN: usize = 6;
    let chosen: &[&str] = match datatype {
        Datatype::Integer => &["22", "0x16"],
        Datatype::String => &["\"text\""],
        Datatype::Ipv4 => &["192.0.2.1", "192.0.2.0/24"],
        Datatype::Ipv6 => &["2001:db8::1", "2001:db8::/32"],
        Datatype::Ether | Datatype::LinkLayer => &["00:11:22:33:44:55"],
        Datatype::Service => &["22", "1024-2047", "ssh"],
        Datatype::Protocol => &["tcp", "udp", "icmp", "ipv6-icmp"],
        Datatype::Mark | Datatype::Bitmask => &["0x10"],
        Datatype::IfName => &["\"eth0\"", "\"wg*\""],
        Datatype::IfIndex => &["lo", "eth0"],
        Datatype::Uid | Datatype::Gid => &["root", "1000"],
        Datatype::Realm | Datatype::CtLabel => &["1"],
        Datatype::ClassId => &["1:10"],
        Datatype::Cgroup => &["\"system.slice\""],
        Datatype::EtherType => &["ip", "ip6", "arp", "vlan"],
        Datatype::IcmpType => {
            &["echo-request", "echo-reply", "destination-unreachable", "time-exceeded"]
        }
        Datatype::Icmp6Type => &["echo-request", "packet-too-big", "nd-neighbor-solicit"],
        Datatype::TcpFlag => &["syn", "ack", "fin", "rst"],
        Datatype::CtState => &["new", "established", "related", "invalid", "untracked"],
        Datatype::Hour => &["\"08:00\""],
        Datatype::Time => &["30s", "\"2030-12-24 18:21\""],
        Datatype::Verdict => &["accept", "drop", "jump CHAIN"],
        _ => &[],
    };
    if chosen.is_empty() {
        return datatype.symbols().iter().map(|(name, _)| *name).take(SHOWN).collect();
    }
    chosen.to_vec()
}

/// A value of a type in a sentence.
pub(super) fn noun(datatype: Datatype) -> Text {
    match datatype {
        Datatype::Integer => text("a number", "数字"),
        Datatype::Bitmask => text("a set of bits", "位掩码"),
        Datatype::String => text("a string of 1 to 16 bytes", "1 到 16 字节的字符串"),
        Datatype::Ipv4 => text("an IPv4 address", "IPv4 地址"),
        Datatype::Ipv6 => text("an IPv6 address", "IPv6 地址"),
        Datatype::Ether => text("a MAC address", "MAC 地址"),
        Datatype::LinkLayer => text("a link layer address", "链路层地址"),
        Datatype::Service => text("a port", "端口"),
        Datatype::Protocol => text("a protocol", "协议"),
        Datatype::Mark => text("a mark", "标记"),
        Datatype::IfName => text("an interface name of up to 15 bytes", "不超过 15 字节的接口名"),
        Datatype::IfIndex => text("an interface", "接口"),
        Datatype::IfType => text("a kind of interface", "接口类型"),
        Datatype::DevGroup => text("a group of interfaces", "接口组"),
        Datatype::Uid => text("a user", "用户"),
        Datatype::Gid => text("a group of users", "用户组"),
        Datatype::Realm => text("a routing realm", "路由域"),
        Datatype::ClassId => text("a traffic class", "流量类别"),
        Datatype::Cgroup => text("the path of a control group", "控制组路径"),
        Datatype::NfProto => text("`ipv4` or `ipv6`", "`ipv4` 或 `ipv6`"),
        Datatype::EtherType => text("an Ethernet type", "以太网类型"),
        Datatype::ArpOp => text("an ARP operation", "ARP 操作"),
        Datatype::PktType => text("a packet type", "数据包类型"),
        Datatype::IcmpType => text("an ICMP type", "ICMP 类型"),
        Datatype::IcmpCode => text("an ICMP code", "ICMP 代码"),
        Datatype::Icmp6Type => text("an ICMPv6 type", "ICMPv6 类型"),
        Datatype::Icmp6Code => text("an ICMPv6 code", "ICMPv6 代码"),
        Datatype::IcmpxCode => text("a reason for `icmpx`", "`icmpx` 的拒绝原因"),
        Datatype::IgmpType => text("an IGMP type", "IGMP 类型"),
        Datatype::Dscp => text("a DSCP class", "DSCP 类别"),
        Datatype::Ecn => text("an ECN mark", "ECN 标记"),
        Datatype::TcpFlag => text("a TCP flag", "TCP 标志"),
        Datatype::CtState => text("a state of a connection", "连接状态"),
        Datatype::CtDirection => text("a direction of a connection", "连接方向"),
        Datatype::CtStatus => text("a status of a connection", "连接的 status 标志"),
        Datatype::CtEvent => text("an event of a connection", "连接事件"),
        Datatype::CtLabel => text("a connection label", "连接标签"),
        Datatype::MhType => text("a mobility header type", "移动首部类型"),
        Datatype::DccpType => text("a DCCP packet type", "DCCP 包类型"),
        Datatype::MptcpSubtype => text("an MPTCP option", "MPTCP 选项"),
        Datatype::FibType => text("a type of address", "地址类型"),
        Datatype::Boolean => text("`exists` or `missing`", "`exists` 或 `missing`"),
        Datatype::Day => text("a day of the week", "星期"),
        Datatype::Hour => text("a time of day", "时刻"),
        Datatype::Time => text("a time", "时间"),
        Datatype::Verdict => text("a verdict", "判决"),
    }
}

/// What a name stands for.
pub(super) fn thing(target: Target) -> Text {
    match target {
        Target::Chain => text("chain", "链"),
        Target::Set => text("set", "集合"),
        Target::Map => text("map", "映射"),
        Target::Flowtable => text("flowtable", "流表"),
        Target::Object(kind) => match kind {
            ObjectKind::Counter => text("counter", "计数器"),
            ObjectKind::Quota => text("quota", "配额"),
            ObjectKind::Limit => text("limit", "限速对象"),
            ObjectKind::Helper => text("ct helper", "ct 助手"),
            ObjectKind::Timeout => text("ct timeout", "ct 超时策略"),
            ObjectKind::Expectation => text("ct expectation", "ct 期望"),
            ObjectKind::Synproxy => text("synproxy", "synproxy 对象"),
            ObjectKind::Secmark => text("secmark", "secmark 对象"),
            ObjectKind::Tunnel => text("tunnel", "隧道对象"),
        },
    }
}

/// How such a thing is declared.
pub(super) fn declaration(target: Target, name: &str) -> String {
    match target {
        Target::Chain => format!("`chain {name} {{ … }}`"),
        Target::Set => format!("`set {name} {{ type ipv4_addr; }}`"),
        Target::Map => format!("`map {name} {{ type ipv4_addr : verdict; }}`"),
        Target::Flowtable => {
            format!("`flowtable {name} {{ hook ingress priority 0; devices = {{ … }}; }}`")
        }
        Target::Object(kind) => format!("`{} {name} {{ … }}`", thing(Target::Object(kind)).en),
    }
}

/// A range whose ends have changed places, where it is that simple.
pub(super) fn swapped(raw: &str) -> Option<String> {
    let (first, last) = raw.split_once('-').filter(|(_, last)| !last.contains('-'))?;
    Some(format!("`{}-{}`", last.trim(), first.trim()))
}

/// The start of a base chain in which a translation such as `masquerade` works.
pub(super) fn nat_chain(raw: &str) -> Option<&'static str> {
    match raw.split_ascii_whitespace().next()? {
        "snat" | "masquerade" => Some("`type nat hook postrouting priority srcnat;`"),
        "dnat" | "redirect" => Some("`type nat hook prerouting priority dstnat;`"),
        _ => None,
    }
}

/// The word of a translation that lacks its family: `dnat` of `dnat to …`.
pub(super) fn translation(raw: &str) -> Option<&str> {
    let verb = raw.split_ascii_whitespace().next()?;
    matches!(verb, "dnat" | "snat" | "tproxy").then_some(verb)
}

/// The word for a type of chain.
pub(super) const fn chain_type(it: ChainType) -> &'static str {
    match it {
        ChainType::Filter => "filter",
        ChainType::Nat => "nat",
        ChainType::Route => "route",
    }
}

/// Whether a priority that is refused is a number, and so refused for being too early.
pub(super) fn is_early(raw: &str) -> bool {
    raw.starts_with("raw") || raw.contains(|it: char| it.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::super::{
        refusal::{Said, Subject},
        refusal_nft_in_chinese as chinese, refusal_nft_in_english as english,
    };
    use crate::{
        source::{Refusal, Span},
        syntax::{
            Dialect,
            nft::{
                ChainType, ErrorKind, Family, Hook, ObjectKind, Target, Wanted, datatype::Datatype,
                fields::Header,
            },
        },
    };
    use std::collections::BTreeSet;

    const ELSEWHERE: Span = Span { start: 0, end: 0 };

    const OBJECTS: [ObjectKind; 9] = [
        ObjectKind::Counter,
        ObjectKind::Quota,
        ObjectKind::Limit,
        ObjectKind::Helper,
        ObjectKind::Timeout,
        ObjectKind::Expectation,
        ObjectKind::Synproxy,
        ObjectKind::Secmark,
        ObjectKind::Tunnel,
    ];

    /// Every way an include fails.
    fn refusals() -> [Refusal; 6] {
        [
            Refusal::Missing,
            Refusal::NotAFile,
            Refusal::Cycle,
            Refusal::TooDeep { limit: 16 },
            Refusal::TooLarge { limit: 10 },
            Refusal::Unreadable { why: "no".into() },
        ]
    }

    /// Every error with words that it is about.
    fn errors() -> Vec<(&'static str, ErrorKind)> {
        let hooks: &[Hook] = &[Hook::Prerouting, Hook::Output];
        let mut errors: Vec<_> =
            refusals().map(|refusal| ("x", ErrorKind::Include(refusal))).into();
        errors.extend([
            ("\\", ErrorKind::UnexpectedCharacter),
            ("\"", ErrorKind::UnterminatedString),
            ("{", ErrorKind::UnterminatedBlock),
            ("{", ErrorKind::TooDeep { limit: 64 }),
            ("log", ErrorKind::ReservedName),
            ("99999", ErrorKind::OutOfRange { max: 65_535 }),
            ("ssh", ErrorKind::UndefinedVariable { suggestion: Some("sshd".into()) }),
            ("ssh", ErrorKind::Redefined { earlier: ELSEWHERE }),
            ("c", ErrorKind::Duplicate { earlier: ELSEWHERE }),
            ("type", ErrorKind::SaidTwice),
            ("counter", ErrorKind::AfterVerdict { verdict: ELSEWHERE }),
            (
                "forward",
                ErrorKind::WrongHook { chain_type: ChainType::Nat, family: Family::Ip, hooks },
            ),
            ("nat", ErrorKind::WrongChainType { family: Family::Arp }),
            ("-300", ErrorKind::WrongPriority { suggestion: None }),
            ("fliter", ErrorKind::WrongPriority { suggestion: Some("filter") }),
            ("ingress", ErrorKind::MissingDevice),
            ("device eth0", ErrorKind::UnexpectedDevice),
            ("drop", ErrorKind::PolicyOnRegularChain),
            ("drop", ErrorKind::WrongPolicy),
            ("masquerade", ErrorKind::NeedsChainType { chain_type: ChainType::Nat }),
            ("x", ErrorKind::NeedsChainType { chain_type: ChainType::Filter }),
            ("masquerade", ErrorKind::NeedsHook { hooks }),
            ("dnat to 192.0.2.1", ErrorKind::NeedsFamily { families: &[Family::Ip, Family::Ip6] }),
            ("ct saddr", ErrorKind::NeedsFamily { families: &[Family::Ip, Family::Ip6] }),
            ("rt nexthop", ErrorKind::NeedsFamily { families: &[Family::Ip, Family::Ip6] }),
            ("fwd to eth0", ErrorKind::NeedsFamily { families: &[Family::Netdev] }),
            ("8080", ErrorKind::MissingTransport),
            ("10.0.0.0/8", ErrorKind::MissingInterval),
            ("10.1.0.0/16", ErrorKind::Overlap { other: ELSEWHERE }),
            ("s", ErrorKind::MissingType),
            ("22", ErrorKind::MissingData),
            ("accept", ErrorKind::UnexpectedData),
            ("v4", ErrorKind::TypeMismatch { expected: Datatype::Service, found: Datatype::Ipv4 }),
            ("::1", ErrorKind::BadValue { datatype: Datatype::Ipv4 }),
            ("192.0.2.1", ErrorKind::BadValue { datatype: Datatype::Ipv6 }),
            ("192.0.2.1,192.0.2.2", ErrorKind::NotFlags { datatype: Datatype::Ipv4 }),
            ("10.0.0.0/33", ErrorKind::PrefixTooLong { max: 32 }),
            ("90-80", ErrorKind::ReversedRange),
            (
                "udp dport",
                ErrorKind::ConflictingProtocols { header: Header::Udp, earlier: ELSEWHERE },
            ),
            (
                "ip6 saddr",
                ErrorKind::ConflictingProtocols { header: Header::Ip6, earlier: ELSEWHERE },
            ),
            ("c", ErrorKind::JumpLoop),
            ("22", ErrorKind::ConstantOnTheLeft),
            ("in", ErrorKind::NoOperator),
            ("{", ErrorKind::MissingOptions { missing: vec!["protocol", "size"] }),
            ("chain", ErrorKind::OutsideTable),
        ]);
        let wanted = [
            Wanted::Command,
            Wanted::TableItem,
            Wanted::Statement,
            Wanted::Selector,
            Wanted::FieldOf(Header::Tcp),
            Wanted::Value,
            Wanted::Name,
            Wanted::Number,
            Wanted::Text,
            Wanted::Time,
            Wanted::End,
            Wanted::OneOf(&["to"]),
            Wanted::OneOf(&["hook"]),
            Wanted::OneOf(&["accept", "drop"]),
            Wanted::OneOf(&[",", "}"]),
            Wanted::OneOf(&["second", "minute", "hour", "day", "week"]),
        ];
        for wanted in wanted {
            errors.push(("bogus", ErrorKind::Unexpected { wanted, suggestion: None }));
            errors.push(("dport", ErrorKind::Unexpected { wanted, suggestion: Some("tcp") }));
        }
        errors.push((
            "ipv4_adr",
            ErrorKind::Unexpected { wanted: Wanted::Name, suggestion: Some("ipv4_addr") },
        ));
        errors.push(("policy", ErrorKind::Unexpected { wanted: Wanted::End, suggestion: None }));
        let targets = [Target::Chain, Target::Set, Target::Map, Target::Flowtable];
        for target in targets.into_iter().chain(OBJECTS.map(Target::Object)) {
            errors.push(("n", ErrorKind::Undefined { target, suggestion: None }));
        }
        for datatype in Datatype::ALL.iter().copied() {
            errors.push(("bogus", ErrorKind::UnknownSymbol { datatype, suggestion: None }));
        }
        errors
    }

    fn has_han(text: &str) -> bool {
        text.chars().any(|it| matches!(it, '\u{4e00}'..='\u{9fff}'))
    }

    /// What is wrong with the words in one language.
    fn problems(said: &Said, raw: &str, stop: char, chinese: bool) -> Vec<String> {
        let mut problems = Vec::new();
        for clause in [&said.message, &said.label] {
            if clause.trim() != clause || clause.is_empty() || clause.contains("  ") {
                problems.push(format!("blanks: {clause}"));
            }
            if clause.ends_with(stop) || clause.starts_with(|it: char| it.is_ascii_uppercase()) {
                problems.push(format!("a sentence: {clause}"));
            }
        }
        if said.help.as_ref().is_some_and(|help| !help.ends_with(stop)) {
            problems.push(format!("no sentence: {:?}", said.help));
        }
        if !said.message.contains(&format!("`{raw}`"))
            && !said.message.contains(&format!("`${raw}`"))
        {
            problems.push(format!("without its word: {}", said.message));
        }
        for text in
            [Some(&said.message), Some(&said.label), said.help.as_ref()].into_iter().flatten()
        {
            if has_han(text) != chinese || text.matches('`').count() % 2 != 0 {
                problems.push(format!("language or backticks: {text}"));
            }
        }
        problems
    }

    #[test]
    fn every_refusal_has_words_of_its_own_in_both_languages() {
        let mut wrong = Vec::new();
        let mut messages = BTreeSet::new();
        for (raw, kind) in errors() {
            let subject = Subject::alone(raw, Dialect::Nft);
            let (en, zh) = (english::said(&kind, &subject), chinese::said(&kind, &subject));
            wrong.extend(problems(&en, raw, '.', false));
            // A label may be nothing but a word in backticks and its verb, so its Chinese is looked at as well.
            wrong.extend(problems(&zh, raw, '。', true));
            if en.help.is_some() != zh.help.is_some() {
                wrong.push(format!("help in one language: {kind:?}"));
            }
            for message in [en.message, zh.message] {
                if !messages.insert(message.clone()) {
                    wrong.push(format!("said of two errors: {message}"));
                }
            }
        }
        assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    }

    #[test]
    fn no_error_is_missing_here() {
        let source = include_str!("../syntax/nft/error.rs");
        let (kinds, wanted) = source.split_once("pub enum Wanted").expect("both enums are there");
        let names = |text: &str| -> BTreeSet<String> {
            let lines = text.lines().filter_map(|line| line.strip_prefix("    "));
            let names = lines.filter(|line| line.starts_with(|it: char| it.is_ascii_uppercase()));
            names.map(first_word).collect()
        };
        let mut said = BTreeSet::new();
        let mut said_wanted = BTreeSet::new();
        for (_, kind) in errors() {
            said.insert(first_word(&format!("{kind:?}")));
            if let ErrorKind::Unexpected { wanted, .. } = kind {
                said_wanted.insert(first_word(&format!("{wanted:?}")));
            }
        }
        assert_eq!(said, names(kinds));
        assert_eq!(said_wanted, names(wanted));
    }

    fn first_word(text: &str) -> String {
        text.split(|it: char| !it.is_ascii_alphanumeric()).next().unwrap_or_default().to_owned()
    }

    #[test]
    fn the_end_of_a_line_is_no_word() {
        let kind = ErrorKind::Unexpected { wanted: Wanted::Value, suggestion: None };
        let subject = Subject::alone("\n", Dialect::Nft);
        assert_eq!(
            english::said(&kind, &subject).message,
            "the line ends where a value should stand"
        );
        assert_eq!(chinese::said(&kind, &subject).message, "此处应为值，而本行已结束");
    }
}
