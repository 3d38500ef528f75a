//! Packets as the user writes them, and what to say where the words are none.

use crate::{
    packets::{
        Contradiction, Packet,
        notation::{NotationError, Part, Wrong},
    },
    words::Message,
};
use std::ops::Range;

/// A text that is no packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoPacket {
    /// The text.
    pub text: String,
    /// The bytes that are wrong.
    pub span: Range<usize>,
    /// What is wrong, and what to write.
    pub message: Message,
}

/// Reads a packet.
///
/// # Errors
///
/// The text is none.
pub fn packet(text: &str) -> Result<Packet, NoPacket> {
    Packet::parse(text).map_err(|NotationError { span, kind }| {
        let message = wrong(kind, &text[span.clone()]);
        NoPacket { text: text.to_owned(), span, message }
    })
}

fn wrong(kind: Wrong, word: &str) -> Message {
    let both = |en: &str, zh: &str| Message { en: en.to_owned(), zh: zh.to_owned() };
    match kind {
        Wrong::Missing(part) => {
            let it = expected(part);
            Message { en: format!("{} is missing", it.en), zh: format!("缺少{}", it.zh) }
        }
        Wrong::Expected(part, suggestion) => {
            let it = expected(part);
            let (en, zh) = suggestion.map_or_else(Default::default, |word| {
                (format!("; did you mean `{word}`?"), format!("；您是否想写 `{word}`？"))
            });
            Message {
                en: format!("expected {}, not `{word}`{en}", it.en),
                zh: format!("此处应为{}，而不是 `{word}`{zh}", it.zh),
            }
        }
        Wrong::NeedsBrackets => both(
            "an IPv6 address with a port is written in brackets: `[2001:db8::1]:22`",
            "带端口的 IPv6 地址要写在方括号内：`[2001:db8::1]:22`",
        ),
        Wrong::NeedsNoBrackets => both(
            "only an IPv6 address is written in brackets: `192.0.2.1:22`, `host:22`",
            "只有 IPv6 地址才写在方括号内：`192.0.2.1:22`、`host:22`",
        ),
        Wrong::Twice(option) => Message {
            en: format!("`{option}` is written twice; leave one"),
            zh: format!("`{option}` 写了两次，请只保留一个"),
        },
        Wrong::NoneBesideFlag => {
            both("`none` is no flag at all: write it alone", "`none` 表示没有任何标志，请单独书写")
        }
        Wrong::OtherIcmp => both(
            "`icmp` is for IPv4 and `icmpv6` for IPv6: write the one of these addresses, or the number",
            "`icmp` 用于 IPv4，`icmpv6` 用于 IPv6：请按地址选择其一，或写协议号",
        ),
        Wrong::Contradiction(it) => contradiction(it),
    }
}

fn contradiction(it: Contradiction) -> Message {
    let (en, zh) = match it {
        Contradiction::TwoFamilies => (
            "no packet goes from an IPv4 to an IPv6 address: write two of one family",
            "没有从 IPv4 地址到 IPv6 地址的数据包：请写同一地址族的两个地址",
        ),
        Contradiction::NoFamily => (
            "nothing here tells IPv4 from IPv6: write at least one address",
            "无法判断是 IPv4 还是 IPv6：请至少写明一个地址",
        ),
        Contradiction::SourcePort | Contradiction::DestinationPort => (
            "this protocol has no ports: only tcp, udp, udplite, sctp and dccp do",
            "该协议没有端口：只有 tcp、udp、udplite、sctp 和 dccp 才有",
        ),
        Contradiction::Flags => ("only tcp has flags", "只有 tcp 才有标志位"),
        Contradiction::Icmp => (
            "only icmp between IPv4 and icmpv6 between IPv6 addresses have a type",
            "只有 IPv4 的 icmp 和 IPv6 的 icmpv6 才有类型",
        ),
        Contradiction::Reply => (
            "only a packet of a known connection is a reply: add `state established` or `state related`",
            "只有已知连接的数据包才是应答：请加上 `state established` 或 `state related`",
        ),
    };
    Message { en: en.to_owned(), zh: zh.to_owned() }
}

/// What should stand there.
fn expected(part: Part) -> Message {
    let (en, zh) = match part {
        Part::Protocol => (
            "a protocol (tcp, udp, udplite, sctp, dccp, icmp, icmpv6, esp, ah or a number)",
            "协议（tcp、udp、udplite、sctp、dccp、icmp、icmpv6、esp、ah 或编号）",
        ),
        Part::Address => {
            ("an address, or `host` for one of this host", "地址，或用 `host` 表示本机地址")
        }
        Part::Port => ("a port from 0 to 65535", "0 到 65535 的端口"),
        Part::Arrow => ("`->`", "`->`"),
        Part::Option => (
            "one of `in`, `out`, `state`, `dir`, `flags`, `type`, `mark`",
            "`in`、`out`、`state`、`dir`、`flags`、`type`、`mark` 之一",
        ),
        Part::Interface => ("the name of an interface", "接口名"),
        Part::Route => (
            "the way: `in eth0` to this host, `in eth0 out eth1` through it, `out eth0` from it",
            "路径：发往本机写 `in eth0`，经由本机写 `in eth0 out eth1`，从本机发出写 `out eth0`",
        ),
        Part::State => (
            "a state (new, established, related, invalid or untracked)",
            "连接状态（new、established、related、invalid 或 untracked）",
        ),
        Part::Direction => ("`original` or `reply`", "`original` 或 `reply`"),
        Part::Flags => (
            "flags of TCP (fin, syn, rst, psh, ack, urg, ece, cwr with commas, or none)",
            "TCP 标志（用逗号分隔的 fin、syn、rst、psh、ack、urg、ece、cwr，或 none）",
        ),
        Part::Icmp => ("a type from 0 to 255, or type/code", "0 到 255 的类型，或“类型/代码”"),
        Part::Mark => ("a mark: a number, or 0x and a number", "标记：数字，或 0x 开头的数字"),
    };
    Message { en: en.to_owned(), zh: zh.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::packet;

    #[test]
    fn what_is_no_packet_is_told_where_and_why() {
        for (text, wrong, words) in [
            ("tcp 198.51.100.7:1 -> host:99999 in eth0", "99999", "a port from 0 to 65535"),
            ("tpc 198.51.100.7:1 -> host:1 in eth0", "tpc", "did you mean `tcp`?"),
            ("udp 198.51.100.7:1 -> host:1 in eth0 flags syn", "syn", "only tcp has flags"),
            ("udp 198.51.100.7:1 -> [2001:db8::1]:1 in eth0", "", "one family"),
            ("icmp 198.51.100.7:1 -> host in eth0", "1", "no ports"),
            ("tcp 198.51.100.7:1 -> host:1", "", "the way"),
        ] {
            let error = packet(text).expect_err(text);
            assert!(error.text[error.span.clone()].contains(wrong), "{text}: {error:?}");
            assert!(error.message.en.contains(words), "{text}: {}", error.message.en);
            assert!(!error.message.zh.is_empty());
        }
    }
}
