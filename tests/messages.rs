//! What findings say: the port, where it leads, the service, and who can reach it, in both languages.

use fwlint::{
    commands,
    settings::{Persona, Settings},
    source::{
        SourceFile,
        input::{Input, Inputs, Origin},
    },
    syntax::Dialect,
};

#[test]
fn a_message_names_what_is_open_and_to_whom() {
    let input_drop =
        |source: &str| format!("*filter\n:INPUT DROP [0:0]\n-A INPUT -s {source} -j DROP\n");
    let translated = |target: &str| {
        format!(
            "*nat\n-A PREROUTING {target}\nCOMMIT\n*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n\
             -A FORWARD -m conntrack --ctstate DNAT -j ACCEPT\n"
        )
    };
    let through = "-p tcp --dport 6379 -j DNAT --to-destination 172.17.0.2";
    let many = "-p udp --dport 27015:27030 -j DNAT --to-destination 192.168.1.60";
    let on_link = "-s 10.2.0.0/16 -d 10.1.0.0/16 -p tcp --dport 6379";
    for (text, en, zh) in [
        (
            input("-p tcp --dport 6000:6063"),
            "tcp/6000-6063 (x11) are open to any IPv4 address",
            "tcp/6000-6063 (x11) 对任意 IPv4 地址开放",
        ),
        (
            input("-p tcp -m multiport --dports 5900,5901,22"),
            "tcp/5900-5901 (vnc) and tcp/22 (ssh) are open to any IPv4 address",
            "tcp/5900-5901 (vnc)、tcp/22 (ssh) 对任意 IPv4 地址开放",
        ),
        (
            input("-p tcp --dport 9100"),
            "tcp/9100 (jetdirect or node-exporter) is open to any IPv4 address",
            "tcp/9100 (jetdirect 或 node-exporter) 对任意 IPv4 地址开放",
        ),
        (
            input("-s 10.1.2.3 -p tcp -m multiport --dports 515,631,9100"),
            "tcp/515 (lpd), tcp/631 (ipp) and tcp/9100 (jetdirect or node-exporter) are open to private \
             IPv4 addresses (10.1.2.3)",
            "tcp/515 (lpd)、tcp/631 (ipp)、tcp/9100 (jetdirect 或 node-exporter) 对私有 IPv4 地址开放（10.1.2.3）",
        ),
        (
            translated(through),
            "tcp/6379 -> 172.17.0.2:6379 (redis) is open to any IPv4 address",
            "tcp/6379 -> 172.17.0.2:6379 (redis) 对任意 IPv4 地址开放",
        ),
        (
            translated(many),
            "udp/27015-27030 -> 192.168.1.60:27015-27030 (source-engine) are open to any IPv4 address",
            "udp/27015-27030 -> 192.168.1.60:27015-27030 (source-engine) 对任意 IPv4 地址开放",
        ),
        (
            input(on_link),
            "tcp/6379 (redis) is open to 10.2.0.0/16, at private addresses only",
            "tcp/6379 (redis) 对 10.2.0.0/16 开放（仅限私有目的地址）",
        ),
        (
            input("-s 10.2.0.0/16 -d 169.254.0.5/32 -p tcp --dport 6379"),
            "tcp/6379 (redis) is open to 10.2.0.0/16 on the same link only",
            "tcp/6379 (redis) 仅对同一链路上的 10.2.0.0/16 开放",
        ),
        (
            format!(
                "{}-A INPUT -s 10.2.0.0/16 -p tcp --dport 6379 -j ACCEPT\n",
                input_drop("10.2.7.7")
            ),
            "tcp/6379 (redis) is open to private IPv4 addresses (most of 10.2.0.0/16)",
            "tcp/6379 (redis) 对私有 IPv4 地址开放（10.2.0.0/16 中的大部分）",
        ),
    ] {
        assert_said(&text, en, zh);
    }
}

#[test]
fn a_message_names_the_place_and_what_a_rule_repeats() {
    for (text, en, zh) in [
        (
            input("-i wg0 -p tcp --dport 6379"),
            "tcp/6379 (redis) is open to any IPv4 address on inside interface wg0",
            "tcp/6379 (redis) 对内部接口 wg0 上的任意 IPv4 地址开放",
        ),
        (
            input("-i wg0 -s 10.0.0.5 -p tcp --dport 6379"),
            "tcp/6379 (redis) is open to 10.0.0.5 on inside interface wg0",
            "tcp/6379 (redis) 对内部接口 wg0 上的 10.0.0.5 开放",
        ),
        (
            format!("{}-A INPUT -p tcp --dport 22 -j ACCEPT\n", input("-p tcp --dport 22")),
            "repeats line 3",
            "与第 3 行重复",
        ),
        (
            format!("{}-A INPUT -p tcp --dport ssh -j ACCEPT\n", input("-p tcp --dport 22")),
            "does the same as line 3, written differently",
            "与第 3 行作用相同，只是写法不同",
        ),
        (
            forward("-d 203.0.113.5/32 -p udp"),
            "every udp port of 203.0.113.5 is open to any IPv4 address",
            "203.0.113.5 的全部 udp 端口对任意 IPv4 地址开放",
        ),
        (
            input("-p tcp -m tcp ! --dport 6379"),
            "nearly every tcp port is open to any IPv4 address",
            "几乎全部 tcp 端口对任意 IPv4 地址开放",
        ),
    ] {
        assert_said(&text, en, zh);
    }
}

#[test]
fn many_ports_are_told_with_the_addresses_that_they_are_open_at() {
    let untracked = |conditions: &str, hook: &str| {
        format!(
            "*raw\n-A PREROUTING {conditions} -j NOTRACK\n\
             -A PREROUTING -s 192.0.2.77/32 -i eth2 -j NOTRACK\nCOMMIT\n\
             *filter\n:{hook} DROP [0:0]\n-A {hook} -m conntrack --ctstate UNTRACKED -j ACCEPT\n"
        )
    };
    for (text, en, zh) in [
        (
            forward("-d 203.0.113.5/32 -p tcp -m tcp --dport 1024:65535"),
            "tcp/1024-65535 of 203.0.113.5, 64,512 ports, are open to any IPv4 address",
            "203.0.113.5 的 tcp/1024-65535（64,512 个端口）对任意 IPv4 地址开放",
        ),
        (
            forward("-o eth7 -p tcp -m tcp --dport 5000:5999"),
            "tcp/5000-5999 behind `eth7`, 1,000 ports, are open to any IPv4 address",
            "`eth7` 之后的 tcp/5000-5999（1,000 个端口）对任意 IPv4 地址开放",
        ),
        (
            forward("-d 203.0.113.5/32 -p udp -m udp --sport 53"),
            "every udp port of 203.0.113.5 is open to any IPv4 address from source port 53",
            "203.0.113.5 的全部 udp 端口对任意 IPv4 地址开放，只要源端口为 53",
        ),
        (
            forward("-d 203.0.113.5/32 -p udp -m udp --sport 53 --dport 1024:2047"),
            "1,024 udp ports of 203.0.113.5 are open to any IPv4 address from source port 53",
            "203.0.113.5 的 1,024 个 udp 端口对任意 IPv4 地址开放，只要源端口为 53",
        ),
        (
            untracked("-d 203.0.113.5/32", "FORWARD"),
            "every port of 203.0.113.5 is open to any IPv4 address",
            "203.0.113.5 的全部端口对任意 IPv4 地址开放",
        ),
        (
            untracked("-d 203.0.113.5/32", "INPUT"),
            "every port of 203.0.113.5 may be open to any IPv4 address: depends on whether 203.0.113.5 is an address \
             of this host",
            "203.0.113.5 的全部端口可能对任意 IPv4 地址开放：取决于 203.0.113.5 是否为本机地址",
        ),
        (
            untracked("-d 203.0.113.8/29 -p udp -m udp --sport 53", "INPUT"),
            "every udp port of 203.0.113.8/29 may be open to any IPv4 address from source port 53: depends on whether \
             this host has an address among 203.0.113.8/29",
            "203.0.113.8/29 的全部 udp 端口可能对任意 IPv4 地址开放，只要源端口为 53（取决于 203.0.113.8/29 之中是否有本机地址）",
        ),
    ] {
        assert_said(&text, en, zh);
    }
}

fn input(rule: &str) -> String {
    format!("*filter\n:INPUT DROP [0:0]\n-A INPUT {rule} -j ACCEPT\n")
}

fn forward(rule: &str) -> String {
    format!("*filter\n:FORWARD DROP [0:0]\n-A FORWARD {rule} -j ACCEPT\n")
}

/// Holds that a finding about the rules says so in both languages.
fn assert_said(text: &str, en: &str, zh: &str) {
    let source = SourceFile::new("example", format!("{text}COMMIT\n").into_bytes());
    let inputs =
        Inputs { files: vec![Input { source, origin: Origin::Named }], ..Inputs::default() };
    let outcome = commands::check(inputs, Some(Dialect::Iptables), &Settings::default());
    let messages =
        outcome.findings.iter().map(|it| (it.message.en.as_str(), it.message.zh.as_str()));
    let messages: Vec<_> = messages.collect();
    assert!(messages.contains(&(en, zh)), "{text}{messages:#?}");
}

#[test]
fn an_inside_interface_is_told_once_for_both_families() {
    let text = "table inet filter {\n\tchain input {\n\t\ttype filter hook input priority 0; policy drop;\n\
                \t\tiifname \"wg0\" tcp dport 2049 accept\n\t}\n}\n";
    let source = SourceFile::new("example", text.into());
    let inputs =
        Inputs { files: vec![Input { source, origin: Origin::Named }], ..Inputs::default() };
    let outcome = commands::check(inputs, Some(Dialect::Nft), &Settings::default());
    let shares: Vec<_> = outcome.findings.iter().filter(|it| it.lint.code == "FW109").collect();
    let [share] = &shares[..] else { panic!("{shares:#?}") };
    let en = "tcp/2049 (nfs) is open to any IPv4 or IPv6 address on inside interface wg0";
    let zh = "tcp/2049 (nfs) 对内部接口 wg0 上的任意 IPv4 或 IPv6 地址开放";
    assert_eq!((share.message.en.as_str(), share.message.zh.as_str()), (en, zh));
}

/// The packet and the help of what is said about a line in persona audit.
fn shown(text: &str, code: &str) -> (Option<String>, String) {
    let source = SourceFile::new("example", text.as_bytes().to_vec());
    let inputs =
        Inputs { files: vec![Input { source, origin: Origin::Named }], ..Inputs::default() };
    let settings = Settings { persona: Persona::Audit, ..Settings::default() };
    let outcome = commands::check(inputs, Some(Dialect::Iptables), &settings);
    let mut found = outcome.findings.into_iter().filter(|it| it.lint.code == code);
    let finding = found.next().unwrap_or_else(|| panic!("no {code}: {text}"));
    assert!(found.next().is_none(), "{text}");
    let help: Vec<String> = finding.help.into_iter().map(|it| it.en).collect();
    (finding.witness, help.join("\n"))
}

const FILTER: &str = "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n";

#[test]
fn what_a_dead_rule_should_stop_comes_past_the_chains_before() {
    let dead =
        format!("{FILTER}-A INPUT -i eth1 -j ACCEPT\n-A INPUT -i eth1 -p tcp -j DROP\nCOMMIT\n");
    let before =
        |table: &str, rule: &str| format!("*{table}\n-A PREROUTING {rule}\nCOMMIT\n{dead}");
    let (packet, help) = shown(&dead, "FW201");
    assert_eq!(packet.as_deref(), Some("tcp 198.51.100.7:40000 -> host:22 in eth1"));
    assert!(help.contains("gets in: tcp 198.51.100.7:40000 -> host:22 in eth1."), "{help}");
    let (packet, _) = shown(&before("raw", "! -s 10.9.8.0/28 -i eth1 -j DROP"), "FW201");
    assert_eq!(packet.as_deref(), Some("tcp 10.9.8.7:40000 -> host:22 in eth1"));
    let (packet, _) =
        shown(&before("mangle", "-i eth1 -p tcp -m tcp --dport 1:1023 -j DROP"), "FW201");
    assert_eq!(packet.as_deref(), Some("tcp 198.51.100.7:40000 -> host:1024 in eth1"));
    // All of it is sent elsewhere.
    let (packet, help) =
        shown(&before("nat", "-i eth1 -p tcp -j DNAT --to-destination 192.0.2.9"), "FW201");
    assert_eq!(packet, None);
    assert!(!help.contains("should stop"), "{help}");
}

#[test]
fn a_rule_of_a_chain_that_is_called_for_others_is_helped_elsewhere() {
    let text = "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n:web - [0:0]\n\
         -A FORWARD -i eth9 -s 203.0.113.0/24 -j DROP\n-A FORWARD -d 203.0.113.64/26 -j web\n\
         -A web -d 203.0.113.5/32 -p tcp -m tcp --dport 443 -j ACCEPT\nCOMMIT\n";
    let (packet, help) = shown(text, "FW202");
    assert_eq!(packet, None);
    assert!(help.contains("Put it into a chain that is called for its packets"), "{help}");
    assert!(!help.contains("in front of") && !help.contains("is dropped"), "{help}");
    assert_said(
        text.trim_end_matches("COMMIT\n"),
        "never matches: its chain is called only for other packets, by line 7",
        "永不匹配：第 7 行只为其他数据包调用它所在的链",
    );
}

#[test]
fn a_packet_comes_from_an_address_that_a_host_can_have() {
    for (network, address) in [
        ("198.51.100.0/24", "198.51.100.7"),
        ("198.51.100.0/29", "198.51.100.1"),
        ("198.51.100.7/32", "198.51.100.7"),
        ("10.4.5.128/26", "10.4.5.135"),
        ("10.4.5.128/30", "10.4.5.129"),
        ("10.4.5.8/29", "10.4.5.9"),
        ("10.4.5.128/31", "10.4.5.129"),
    ] {
        let rule = input(&format!("-s {network} -p tcp -m tcp --dport 23"));
        let (packet, _) = shown(&format!("{rule}COMMIT\n"), "FW104");
        assert_eq!(packet, Some(format!("tcp {address}:40000 -> host:23 in eth0")), "{network}");
    }
    // What is left of a network begins with its own address.
    let rules = format!(
        "{FILTER}-A INPUT -s 10.4.5.129/32 -j DROP\n-A INPUT -s 10.4.5.130/31 -j DROP\n\
         -A INPUT -s 10.4.5.132/30 -j DROP\n-A INPUT -s 10.4.5.128/28 -p tcp -m tcp --dport 23 -j ACCEPT\nCOMMIT\n"
    );
    let (packet, _) = shown(&rules, "FW104");
    assert_eq!(packet.as_deref(), Some("tcp 10.4.5.137:40000 -> host:23 in eth0"));
}

#[test]
fn a_packet_that_depends_on_a_set_goes_to_a_port_that_needs_it() {
    let text = |more: &str| {
        format!("{FILTER}-A INPUT -p tcp -m set --match-set office src -j ACCEPT\n{more}COMMIT\n")
    };
    let packet = |more: &str| shown(&text(more), "FW120").0.expect("a packet");
    assert_eq!(packet(""), "tcp 198.51.100.7:40000 -> host:22 in eth0");
    let more = "-A INPUT -p tcp -m set --match-set banned src -j DROP\n\
                -A INPUT -p tcp -m multiport --dports 22,445 -j ACCEPT\n";
    assert_eq!(packet(more), "tcp 198.51.100.7:40000 -> host:3306 in eth0");
}
