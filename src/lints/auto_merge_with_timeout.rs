//! A set that merges its elements, and lets them expire.

use super::{Context, Example, Finding, Findings, Fix, Lint, nft_file, quote::quoted};
use crate::{
    settings::{Persona, Severity},
    syntax::{
        Dialect,
        nft::{Set, SetFlags},
    },
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW605",
    name: "auto-merge-with-timeout",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Audit,
    since: "0.1.0",
    summary: Text {
        en: "a set merges elements that expire", zh: "集合会合并有时限的元素"
    },
    why: Text {
        en: "`auto-merge` makes one range of elements that touch, and a range has one timeout: an address may stay longer \
             than it was added for, or go with its neighbour. Ranges that nobody added have been reported too.",
        zh: "`auto-merge` 会把相邻的元素合并为一个范围，而一个范围只有一个时限：\
             某个地址可能停留得比设定的更久，也可能随相邻地址一起失效。还有人报告过凭空出现的范围。",
    },
    remedy: Text {
        en: "Leave `auto-merge` out where elements have timeouts, and add elements that do not overlap.",
        zh: "元素有时限时请去掉 `auto-merge`，并避免添加相互重叠的元素。",
    },
    examples: &[Example {
        dialect: Dialect::Nft,
        settings: "",
        bad: "\
table inet filter {
	set blocked {
#~^ FW605
		type ipv4_addr
		flags interval, timeout
		auto-merge
		timeout 1h
	}
	chain input {
		type filter hook input priority 0; policy drop;
		ip saddr != @blocked icmp type echo-request accept
	}
}
",
        good: "\
table inet filter {
	set blocked {
		type ipv4_addr
		flags interval, timeout
		timeout 1h
	}
	chain input {
		type filter hook input priority 0; policy drop;
		ip saddr != @blocked icmp type echo-request accept
	}
}
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for file in nft_file::all(cx) {
        for (_, set) in file.sets().filter(|(_, set)| set.auto_merge) {
            let expires = set.timeout.is_some()
                || set.flags.contains(SetFlags::TIMEOUT)
                || has_timeouts(&file, set);
            if !expires {
                continue;
            }
            let name = quoted(file.text(set.name));
            let message = Message {
                en: format!("set {name} merges its elements, and they expire"),
                zh: format!("集合 {name} 既会合并元素，元素又有时限"),
            };
            let label = Message {
                en: "`auto-merge` and timeouts".into(),
                zh: "同时有 `auto-merge` 与时限".into(),
            };
            let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
            findings.add(Finding::new(&LINT, file.place(set.name), message, label).help(help));
        }
    }
}

/// Whether an element that the file gives the set expires.
fn has_timeouts(file: &nft_file::NftFile<'_>, set: &Set) -> bool {
    let given = set.elements.iter().filter_map(|id| file.tree.resolved(*id));
    given.into_iter().any(|id| match file.tree.expr(id).kind {
        crate::syntax::nft::ExprKind::Set(elements) => file
            .tree
            .elements(elements)
            .iter()
            .any(|it| file.tree.extra(it).is_some_and(|extra| extra.timeout.is_some())),
        _ => false,
    })
}
