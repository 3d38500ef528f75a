//! What a review takes for granted, because rules alone do not tell.

use super::{HostContext, OpenPart, questions};
use crate::{
    analysis::{Path, SourceClass},
    knowledge::manager_of_chain,
    lints::subject,
    model::{ChainKind, Family, Hook, Subject, TableFamily},
    settings::{Listening, Trust},
    words::{Message, Text},
};
use std::collections::BTreeSet;

/// Something that a review takes for granted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assumption {
    /// Only a part of a rule set is given.
    Fragment,
    /// The files say nothing about this family.
    MissingFamily(Family),
    /// No chain filters the packets of a hook.
    Unfiltered(Family, Hook),
    /// Only the filter table is given.
    OnlyFilter(Family),
    /// The host forwards.
    Forwarding,
    /// The user says that it does not.
    NoForwarding(Family),
    /// No program listens at ports that are open.
    NotListening {
        /// The ports.
        ports: Vec<String>,
        /// The file that lists who listens where.
        path: String,
    },
    /// What a destination is translated to is another host.
    TargetIsElsewhere,
    /// Reverse path tests pass.
    ReversePath,
    /// A set's elements are not given, or may change.
    Set(String),
    /// Something else that the text does not tell.
    Unknown(Subject),
    /// A helper lets peers choose further ports.
    Helper,
    /// A program opens ports on request.
    PortMapping,
    /// Packets that tell another way are let in.
    Rerouting(Family, u8),
    /// Whether packets come to so many rules was not found out.
    Unsettled(usize),
    /// Nobody said which interfaces lead where.
    NoZones,
}

impl Assumption {
    /// The word of JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Fragment => "fragment",
            Self::MissingFamily(_) => "missing-family",
            Self::Unfiltered(..) => "unfiltered",
            Self::OnlyFilter(_) => "only-filter",
            Self::Forwarding => "forwarding",
            Self::NoForwarding(_) => "no-forwarding",
            Self::NotListening { .. } => "not-listening",
            Self::TargetIsElsewhere => "translation-target-elsewhere",
            Self::ReversePath => "reverse-path",
            Self::Set(_) => "set-not-given",
            Self::Unknown(_) => "unknown",
            Self::Helper => "helper",
            Self::PortMapping => "port-mapping",
            Self::Rerouting(..) => "rerouting",
            Self::Unsettled(_) => "unsettled-rules",
            Self::NoZones => "no-zones",
        }
    }

    /// The sentence.
    pub fn text(&self) -> Message {
        let (en, zh) = match self {
            Self::Fragment => (
                "only a part of a rule set is given: whether packets come to it is not known".into(),
                "只给出了规则集的一部分：数据包是否会到达这里无从得知".into(),
            ),
            Self::MissingFamily(family) => {
                let name = family.name();
                (
                    format!("no rules for {name} are given: what is open there is not known"),
                    format!("未给出 {name} 规则：其开放情况未知"),
                )
            }
            Self::Unfiltered(family, hook) => {
                let (name, way) = (family.name(), way(*hook));
                (
                    format!("no chain filters {name} packets {}: they are not in the table", way.en),
                    format!("没有链过滤{}的 {name} 数据包：未列入表中", way.zh),
                )
            }
            Self::OnlyFilter(family) => {
                let name = family.name();
                (
                    format!("only the filter table is given for {name}: published ports are not known"),
                    format!("{name} 只给出了 filter 表：端口发布（DNAT）情况未知"),
                )
            }
            Self::Forwarding => (
                "the host forwards (`ip_forward` is no part of the rules)".into(),
                "假定主机开启了转发（`ip_forward` 不在规则之内）".into(),
            ),
            Self::NoForwarding(family) => {
                let name = family.name();
                (
                    format!("the host does not forward {name}, as its configuration says: what would pass is in the table"),
                    format!("配置声明主机不转发 {name}：表中仍列出规则所放行的转发流量"),
                )
            }
            Self::NotListening { ports, path } => not_listening(ports, path),
            Self::TargetIsElsewhere => (
                "what a destination is translated to is another host, so its packets are forwarded".into(),
                "假定目的地址转换（DNAT）指向其他主机，其数据包走转发路径".into(),
            ),
            Self::ReversePath => (
                "reverse path tests are taken as passed".into(),
                "反向路径检查一律视为通过".into(),
            ),
            Self::Set(name) => (
                format!("set {name} is not given whole or may change: what rests on it is maybe"),
                format!("集合 {name} 未完整给出或可能变化：依赖它的结论均为“可能”"),
            ),
            Self::Unknown(what) => {
                let what = subject(what);
                (format!("not known: {}", what.en), format!("未知：{}", what.zh))
            }
            Self::Helper => (
                "related connections are accepted and a helper is assigned: peers can choose further ports".into(),
                "放行 RELATED 连接且指派了连接跟踪助手：对端可另选端口".into(),
            ),
            Self::PortMapping => (
                "a UPnP daemon has chains here: programs inside open ports that the files do not show".into(),
                "存在 UPnP 守护进程的链：内部程序可打开文件中看不到的端口".into(),
            ),
            Self::Rerouting(family, kind) => rerouting(*family, *kind),
            Self::Unsettled(rules) => (
                format!("whether packets ever come to {rules} of the rules was not found out"),
                format!("未能确定是否有数据包会到达其中 {rules} 条规则"),
            ),
            Self::NoZones => (
                "no zone is declared: \"any source\" is not the same as the internet".into(),
                "未声明区域：“任意来源”不等于互联网".into(),
            ),
        };
        Message { en, zh }
    }
}

fn not_listening(ports: &[String], path: &str) -> (String, String) {
    const SHOWN: usize = 5;
    let names = ports[..ports.len().min(SHOWN)].join(", ");
    let more = ports.len().saturating_sub(SHOWN);
    let (more_en, more_zh) = match more {
        0 => (String::new(), String::new()),
        _ => (format!(" and {more} more"), format!(" 等另外 {more} 处")),
    };
    (
        format!("no program listens at {names}{more_en} ({path})"),
        format!("没有程序在 {names}{more_zh} 监听（{path}）"),
    )
}

fn rerouting(family: Family, kind: u8) -> (String, String) {
    match (family, kind) {
        (Family::Ipv6, 134) => (
            "IPv6 router advertisements (134) are accepted from anybody on the link".into(),
            "接受链路上任何人发来的 IPv6 路由器通告（134）".into(),
        ),
        (family, kind) => (
            format!("{} redirects ({kind}) are accepted from anybody", family.name()),
            format!("接受任何人发来的 {} 重定向报文（{kind}）", family.name()),
        ),
    }
}

/// Where packets of a hook go.
fn way(hook: Hook) -> Text {
    match hook {
        Hook::Forward => Text { en: "through this host", zh: "穿过本机" },
        _ => Text { en: "to this host", zh: "发往本机" },
    }
}

/// What holds for a host, in a fixed order.
pub(super) fn of(cx: &HostContext<'_>, opens: &[OpenPart]) -> Vec<Assumption> {
    let ruleset = cx.analysis.ruleset;
    let mut found = BTreeSet::new();
    let zones = &cx.group.settings.zones;
    let untrusted = zones.interfaces_with(Trust::Untrusted).next().is_some();
    if !untrusted && opens.iter().any(|it| it.class == SourceClass::Any) {
        found.insert(Assumption::NoZones);
    }
    found.extend(idle(cx, opens));
    let fragment = cx.analysis.is_fragment();
    if fragment {
        found.insert(Assumption::Fragment);
    }
    let analysed = |family| cx.analysis.families.iter().any(|it| it.space.family == family);
    let missing = [Family::Ipv4, Family::Ipv6].into_iter().filter(|family| !analysed(*family));
    found.extend(missing.map(Assumption::MissingFamily));
    for family in &cx.analysis.families {
        let forwards = family.exposures.iter().any(|it| it.path == Path::Forward)
            || family.policies.iter().any(|it| it.path == Path::Forward && !it.slices.is_empty());
        let family = family.space.family;
        if forwards {
            found.extend(match cx.group.host.and_then(|host| host.forwards(family)) {
                None => Some(Assumption::Forwarding),
                Some(false) => Some(Assumption::NoForwarding(family)),
                Some(true) => None,
            });
        }
        for hook in [Hook::Input, Hook::Forward] {
            if !fragment && !is_filtered(cx, family, hook) {
                found.insert(Assumption::Unfiltered(family, hook));
            }
        }
        if !fragment && has_only_filter(cx, family) {
            found.insert(Assumption::OnlyFilter(family));
        }
    }
    let leads_away = |it: &crate::model::Translation| it.addresses.is_some() && !it.local;
    if ruleset.translations.iter().any(leads_away) {
        found.insert(Assumption::TargetIsElsewhere);
    }
    if cx.says(&[&["rpfilter"], &["fib", "saddr"]]) {
        found.insert(Assumption::ReversePath);
    }
    if cx.says(&[&["--helper"], &["ct", "helper", "set"]]) && questions::takes_related(cx) {
        found.insert(Assumption::Helper);
    }
    let mapped = |name: &str| manager_of_chain(name) == Some("MiniUPnPd");
    if ruleset.chains.iter().any(|chain| mapped(&chain.name)) {
        found.insert(Assumption::PortMapping);
    }
    for unknown in &ruleset.unknown {
        found.insert(match &unknown.subject {
            Subject::Set(name) => Assumption::Set(name.clone()),
            other => Assumption::Unknown(other.clone()),
        });
    }
    let unsettled = cx.analysis.dead().unsettled.len();
    if unsettled > 0 {
        found.insert(Assumption::Unsettled(unsettled));
    }
    let rerouted = questions::is_rerouted(cx).into_iter();
    found.extend(rerouted.map(|(family, kind)| Assumption::Rerouting(family, kind)));
    found.into_iter().collect()
}

/// The open ports that no program of the host listens at.
fn idle(cx: &HostContext<'_>, opens: &[OpenPart]) -> Option<Assumption> {
    let path = cx.group.host?.sockets.as_ref()?.path.clone();
    let idle = opens.iter().filter(|it| it.listening == Listening::No);
    let ports: BTreeSet<(&str, (u16, u16))> =
        idle.filter_map(|it| Some((&*it.transport, it.ports?))).collect();
    let name = |(transport, (first, last)): (&str, (u16, u16))| {
        if first == last {
            format!("{transport}/{first}")
        } else {
            format!("{transport}/{first}-{last}")
        }
    };
    let ports: Vec<String> = ports.into_iter().map(name).collect();
    (!ports.is_empty()).then_some(Assumption::NotListening { ports, path })
}

/// Whether a chain filters the packets of a family at a hook.
pub(super) fn is_filtered(cx: &HostContext<'_>, family: Family, hook: Hook) -> bool {
    let ruleset = cx.analysis.ruleset;
    ruleset.base_chains().any(|(id, _, base)| {
        base.hook == hook
            && base.kind == ChainKind::Filter
            && ruleset.table_of(id).family.sees(family)
    })
}

/// Whether a dump of iptables holds the filter table alone.
fn has_only_filter(cx: &HostContext<'_>, family: Family) -> bool {
    let own = match family {
        Family::Ipv4 => TableFamily::Ip,
        Family::Ipv6 => TableFamily::Ip6,
    };
    let by_iptables = cx.inputs.iter().any(|input| !input.parsed.iptables().is_empty());
    let tables = cx.analysis.ruleset.tables.iter();
    let names: Vec<&str> =
        tables.filter(|it| it.family == own).map(|it| it.name.as_str()).collect();
    by_iptables && names.contains(&"filter") && !names.contains(&"nat")
}
