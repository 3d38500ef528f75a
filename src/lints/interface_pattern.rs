//! An interface name that reads like a pattern, or like an address of an interface, and is neither.

use super::{Context, Example, Finding, Findings, Fix, Lint, Place, quote::quoted};
use crate::{
    model::{Condition, InterfaceName, Rule, Ruleset, Verdict},
    settings::{Persona, Severity},
    source::Span,
    syntax::{Dialect, Tree},
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW705",
    name: "interface-pattern",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "an interface name that no interface has", zh: "没有任何接口叫这个名称"
    },
    why: Text {
        en: "Rules compare the whole name: `eth` is not `eth0`, and `eth0:1` is an address of eth0, whose packets come in on \
             eth0. The wildcard of iptables is `+`, that of nftables `*`; each takes the other for a letter.",
        zh: "规则比较的是完整名称：`eth` 不是 `eth0`；`eth0:1` 只是 eth0 上的一个地址，其数据包从 eth0 进入。\
             iptables 的通配符是 `+`，nftables 的是 `*`，互换后都只是普通字符。",
    },
    remedy: Text {
        en: "Write `eth+` in iptables and `\"eth*\"` in nftables; for an alias match its address with `-d` or `ip daddr`.",
        zh: "iptables 请写 `eth+`，nftables 请写 `\"eth*\"`；若指别名，请用 `-d` 或 `ip daddr` 匹配其地址。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
-A INPUT -i eth0:1 -p icmp -j ACCEPT
#~^ FW705
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -d 192.0.2.2/32 -i eth0 -p icmp -j ACCEPT
COMMIT
",
        },
        Example {
            dialect: Dialect::Nft,
            settings: "",
            bad: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		iifname \"eth+\" icmp type echo-request accept
#~^ FW705
	}
}
",
            good: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		iifname \"eth*\" icmp type echo-request accept
	}
}
",
        },
    ],
    check,
};

/// Why no interface has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// `eth0:1`.
    Alias,
    /// The other loader's wildcard.
    Wildcard,
    /// `eth`, where the kernel always puts a number behind.
    Stem,
}

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let ruleset = cx.ruleset();
    if !ruleset
        .interfaces
        .iter()
        .any(|name| [true, false].iter().any(|it| why(name, *it).is_some()))
    {
        return;
    }
    // Each name with where it stands first, and how often more.
    let mut named: Vec<(u32, Place, Why, usize)> = Vec::new();
    for rule in &ruleset.rules {
        each_interface(ruleset, rule, &mut |name, span| {
            let place = Place { file: rule.place.file, span };
            let is_it = |(known, at, ..): &&mut (u32, Place, Why, usize)| {
                *known == name && at.file == place.file
            };
            if let Some((.., more)) = named.iter_mut().find(is_it) {
                *more += 1;
                return;
            }
            let why = why(&ruleset.interfaces[name as usize], is_iptables(cx, place));
            named.extend(why.map(|why| (name, place, why, 0)));
        });
    }
    for (name, place, why, more) in named {
        findings.add(finding(&ruleset.interfaces[name as usize].name, place, why, more));
    }
}

/// The interfaces that a rule names, alone or among others, with the words that do.
fn each_interface(ruleset: &Ruleset, rule: &Rule, found: &mut dyn FnMut(u32, Span)) {
    let mut within = |condition: Condition, span: Span| match condition {
        Condition::Interface { name, .. } => found(name, span),
        Condition::OneOf { alternatives, .. } => {
            for inner in ruleset.alternatives[alternatives as usize].iter().flatten() {
                if let Condition::Interface { name, .. } = inner {
                    found(*name, span);
                }
            }
        }
        _ => {}
    };
    for (condition, span) in ruleset.conditions_of(rule) {
        within(condition, span);
    }
    if let Some((Verdict::Branches(index), span)) = ruleset.verdict_of(rule) {
        for branch in &ruleset.branches[index as usize] {
            branch.conditions.iter().for_each(|it| within(*it, span));
        }
    }
}

fn is_iptables(cx: &Context<'_>, place: Place) -> bool {
    let input = cx.inputs.iter().find(|input| input.file == place.file);
    input.is_some_and(|input| matches!(input.parsed.tree, Tree::Iptables(_)))
}

fn why(name: &InterfaceName, iptables: bool) -> Option<Why> {
    /// What the kernel, or the program that makes such interfaces, always numbers.
    const STEMS: [&str; 14] = [
        "bond", "docker", "eno", "enp", "ens", "eth", "ppp", "tap", "tun", "veth", "virbr", "wlan",
        "wlp", "wwan",
    ];
    if name.prefix {
        return None;
    }
    let wildcard = if iptables { '*' } else { '+' };
    let text = &*name.name;
    let is_alias = text.rsplit_once(':').is_some_and(|(device, label)| {
        !device.is_empty() && !label.is_empty() && label.bytes().all(|it| it.is_ascii_digit())
    });
    if is_alias {
        Some(Why::Alias)
    } else if text.len() > 1 && text.ends_with(wildcard) {
        Some(Why::Wildcard)
    } else {
        STEMS.contains(&text).then_some(Why::Stem)
    }
}

fn finding(name: &str, place: Place, why: Why, more: usize) -> Finding {
    let shown = quoted(name);
    let message = match why {
        Why::Alias => {
            let device = quoted(name.rsplit_once(':').map_or(name, |(device, _)| device));
            Message {
                en: format!(
                    "no packet comes in or goes out on {shown}: it is an address of {device}"
                ),
                zh: format!("没有数据包从 {shown} 进出：它只是 {device} 上的一个地址"),
            }
        }
        Why::Wildcard => Message {
            en: format!("the last character of {shown} is no wildcard here"),
            zh: format!("{shown} 的最后一个字符在此不是通配符"),
        },
        Why::Stem => Message {
            en: format!("{shown} is the whole name: no interface with a number behind it is meant"),
            zh: format!("{shown} 就是完整名称：不包括其后带编号的接口"),
        },
    };
    let label = match more {
        0 => Message { en: "compared as a whole".into(), zh: "按完整名称比较".into() },
        1 => Message {
            en: "compared as a whole, here and in one more place".into(),
            zh: "按完整名称比较，另有 1 处相同".into(),
        },
        _ => Message {
            en: format!("compared as a whole, here and in {more} more places"),
            zh: format!("按完整名称比较，另有 {more} 处相同"),
        },
    };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    Finding::new(&LINT, place, message, label).help(help)
}
