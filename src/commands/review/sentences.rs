//! What a line of the table says: what is open, and who can send there.

use super::{
    HostContext,
    exposures::{Addresses, port_range},
    lines::{Key, Member, Ports, opened},
};
use crate::{
    analysis::SourceClass,
    model::{Family, Field},
    packets::{SetId, Store},
    words::Message,
};

/// A line names this many groups of senders.
const MOST_NAMED: usize = 3;

/// What is open.
pub(super) fn what(key: &Key) -> Message {
    let same = |text: String| Message { en: text.clone(), zh: text };
    let transport = &key.transport;
    match (&key.ports, &**transport) {
        (Ports::None, "any") => Message { en: "all ports".into(), zh: "全部端口".into() },
        (Ports::None, "other") => {
            Message { en: "other protocols".into(), zh: "其他协议".into() }
        }
        (Ports::None, _) if !key.icmp.is_empty() => {
            let types: Vec<&str> = key.icmp.iter().map(|it| icmp(*it)).collect();
            same(format!("{transport} {}", types.join(",")))
        }
        (Ports::None, _) => same(transport.to_string()),
        (Ports::Range(0, u16::MAX), _) => Message {
            en: format!("{transport}, all ports"),
            zh: format!("{transport} 全部端口"),
        },
        (Ports::Range(low, high), _) => same(format!("{transport}/{}", port_range((*low, *high)))),
        (Ports::Many(ranges), _) => {
            let (ports, count) = (opened(key), ranges.len());
            Message {
                en: format!("{transport}, {ports} ports in {count} ranges"),
                zh: format!("{transport} 的 {count} 段共 {ports} 个端口"),
            }
        }
    }
}

/// The name of an ICMP type that starts a flow.
fn icmp(kind: u8) -> &'static str {
    match kind {
        8 => "echo",
        13 => "timestamp",
        15 => "info",
        17 => "address-mask",
        _ => "node-info",
    }
}

/// Who can send it, in words; the section says the class.
pub(super) fn senders(cx: &HostContext<'_>, class: SourceClass, member: &Member<'_>) -> Message {
    let mut names = Vec::new();
    let mut networks = 0;
    let mut but = 0;
    for family in &cx.analysis.families {
        let at = usize::from(family.space.family == Family::Ipv6);
        if member.sources[at].is_empty() {
            continue;
        }
        let union = |sets: &[SetId]| union(&family.space.store, sets);
        if class == SourceClass::Interface {
            names.extend(family.interface_names(union(&member.interfaces[at])));
            continue;
        }
        let addresses = Addresses::of(family, Field::Source, union(&member.sources[at]));
        if addresses.is_all() {
            but += addresses.except.len();
            continue;
        }
        networks += addresses.ranges.len();
        if addresses.ranges.len() <= MOST_NAMED {
            names.extend(addresses.names());
        }
    }
    if class == SourceClass::Interface {
        names.sort();
        names.dedup();
        return Message { en: names.join(", "), zh: names.join("、") };
    }
    if networks == 0 {
        return match but {
            0 => Message { en: "any source".into(), zh: "任意来源".into() },
            1 => Message {
                en: "any source but 1 range".into(), zh: "除 1 段外的任意来源".into()
            },
            _ => Message {
                en: format!("any source but {but} ranges"),
                zh: format!("除 {but} 段外的任意来源"),
            },
        };
    }
    if names.len() == networks && networks <= MOST_NAMED {
        return Message { en: names.join(", "), zh: names.join("、") };
    }
    Message { en: format!("{networks} ranges"), zh: format!("{networks} 段地址") }
}

/// The union of sets, two and two, so that few large sets come about on the way.
fn union(store: &Store, sets: &[SetId]) -> SetId {
    match sets {
        [] => SetId::EMPTY,
        [one] => *one,
        _ => {
            let (left, right) = sets.split_at(sets.len() / 2);
            store.union(union(store, left), union(store, right))
        }
    }
}
