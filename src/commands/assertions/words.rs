use crate::{
    analysis::trace::{Decision, Trace, Verdict},
    lints,
    packets::Ranges,
    words::Message,
};
use std::collections::BTreeMap;

/// Ports that are public and not declared.
pub(super) struct Open {
    pub(super) protocol: u8,
    pub(super) ports: Ranges,
    pub(super) sure: bool,
    pub(super) packet: Option<String>,
}

/// The first of them, as `tcp/25, udp/53-60`.
pub(super) fn listed(open: &[Open]) -> String {
    const SHOWN: usize = 5;
    let mut all: BTreeMap<u8, Ranges> = BTreeMap::new();
    for it in open {
        let ports = all.entry(it.protocol).or_insert(Ranges::EMPTY);
        *ports = ports.union(&it.ports);
    }
    let mut names: Vec<String> = Vec::new();
    for (protocol, ports) in all {
        let transport = lints::transport(protocol);
        names.extend(ports.as_slice().iter().map(|(low, high)| {
            let ports = if low == high { low.to_string() } else { format!("{low}-{high}") };
            format!("{transport}/{ports}")
        }));
    }
    if names.len() > SHOWN {
        names.truncate(SHOWN);
        names.push("…".to_owned());
    }
    names.join(", ")
}

/// Why a packet ends as it does.
pub(super) fn reason(trace: &Trace, at: Option<&(String, u32)>, depends_on: &[Message]) -> Message {
    let place = at.map_or_else(String::new, |(path, line)| format!("{path}:{line}"));
    let by_policy = matches!(trace.decided_by, Decision::Policy(_));
    let (done_en, done_zh) = match trace.verdict {
        Verdict::Accept => ("accepted", "放行"),
        Verdict::Drop => ("dropped", "丢弃"),
        Verdict::Reject => ("rejected", "拒绝"),
        Verdict::Maybe => {
            let join = |words: Vec<&str>, comma: &str| words.join(comma);
            let en = join(depends_on.iter().map(|it| it.en.as_str()).collect(), ", ");
            let zh = join(depends_on.iter().map(|it| it.zh.as_str()).collect(), "、");
            if trace.bounded && depends_on.is_empty() {
                return Message {
                    en: "the rules are too many to follow to the end".into(),
                    zh: "规则过多，无法跟踪到底".into(),
                };
            }
            let at = |word: &str| {
                if place.is_empty() { String::new() } else { format!("{word}{place}") }
            };
            return Message {
                en: format!("depends on {en}{}", at(", at ")),
                zh: format!("取决于 {zh}{}", at("，位于 ")),
            };
        }
    };
    match (at, by_policy) {
        (None, _) => Message {
            en: format!("{done_en}: no chain sees it"),
            zh: format!("{done_zh}：没有链处理它"),
        },
        (Some(_), true) => Message {
            en: format!("{done_en} by the policy at {place}"),
            zh: format!("被 {place} 的默认策略{done_zh}"),
        },
        (Some(_), false) => {
            Message { en: format!("{done_en} at {place}"), zh: format!("在 {place} 被{done_zh}") }
        }
    }
}
