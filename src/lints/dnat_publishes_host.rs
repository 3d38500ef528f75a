//! A translation leads strangers to a host behind this one.

use super::{
    Context, Example, Finding, Findings, Fix, Label, Lint, phrases,
    published::{self, Published},
    service,
};
use crate::{
    model::{Address, ChainId, Field, RuleId},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};
use std::collections::BTreeSet;

pub(super) static LINT: Lint = Lint {
    code: "FW134",
    name: "dnat-publishes-host",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a host behind this one is published to everybody",
        zh: "内部主机被发布给所有人",
    },
    why: Text {
        en: "The translation and the rule that lets its packets pass put an inside host on the internet: nothing but the \
             service there stands between it and whoever asks.",
        zh: "地址转换加上放行规则，等于把内部主机直接放到互联网上：除了服务本身，没有任何东西挡在来访者面前。",
    },
    remedy: Text {
        en: "Translate only for those who need it (`-s`, in nftables `ip saddr`), and keep the host apart from the rest of the \
             inside.",
        zh: "请只对需要的来源做转换（`-s`，nftables 为 `ip saddr`），并将该主机与内部网络隔离。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -i eth0 -p tcp -m tcp --dport 47112 -j DNAT --to-destination 10.0.0.5:47112
#~^ FW134
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
-A FORWARD -m conntrack --ctstate DNAT -j ACCEPT
COMMIT
",
            good: "\
*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -i eth0 -s 198.51.100.0/28 -p tcp -m tcp --dport 47112 -j DNAT --to-destination 10.0.0.5:47112
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
-A FORWARD -m conntrack --ctstate DNAT -j ACCEPT
COMMIT
",
        },
        Example {
            dialect: Dialect::Nft,
            settings: "",
            bad: "\
table ip host {
	chain prerouting {
		type nat hook prerouting priority dstnat; policy accept;
		iifname \"eth0\" tcp dport 47112 dnat to 10.0.0.5
#~^ FW134
	}
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct status dnat accept
	}
}
",
            good: "\
table ip host {
	chain prerouting {
		type nat hook prerouting priority dstnat; policy accept;
		iifname \"eth0\" ip saddr 198.51.100.0/28 tcp dport 47112 dnat to 10.0.0.5
	}
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct status dnat accept
	}
}
",
        },
    ],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    // What is known by its service is reported there, with the translation beside it.
    let known: BTreeSet<RuleId> =
        cx.openings().filter_map(|(_, exposure, _)| exposure.translated_by).collect();
    let mut said = BTreeSet::new();
    // Who publishes many ports does it in one place, and means it each time.
    let mut chains: Vec<(ChainId, Vec<Published<'_>>)> = Vec::new();
    for published in published::all(cx) {
        let is_new = !known.contains(&published.translation) && said.insert(published.translation);
        if !is_new || published.manager(cx).is_some() {
            continue;
        }
        let chain = cx.ruleset().rule(published.translation).chain;
        match chains.iter_mut().find(|(id, _)| *id == chain) {
            Some((_, others)) => others.push(published),
            None => chains.push((chain, vec![published])),
        }
    }
    for (_, mut published) in chains {
        published.sort_by_key(|it| it.translation);
        findings.0.extend(finding(cx, &published));
    }
}

/// Labels are put on so many more translations.
const SHOWN: usize = 3;

fn finding(cx: &Context<'_>, all: &[Published<'_>]) -> Option<Finding> {
    let [published, others @ ..] = all else { return None };
    let (family, exposure) = (published.family, published.exposure);
    let space = &family.space;
    let audience = phrases::audience(family, &published.reach);
    let target = exposure.slices.first().and_then(|slice| {
        let bits = space.only(Field::Destination, slice.now(Field::Destination))?;
        Some(Address { family: space.family, bits }.to_string())
    });
    let name = published.name();
    let (en, zh) =
        target.map_or_else(Default::default, |it| (format!(" of {it}"), format!("{it} 的 ")));
    let (more_en, more_zh) = match others.len() {
        0 => Default::default(),
        1 => (" (and one more here)".to_owned(), "（此处另有 1 条）".to_owned()),
        more => (format!(" (and {more} more here)"), format!("（此处另有 {more} 条）")),
    };
    let message = Message {
        en: format!("{name}{en}, behind this host, is open {}{more_en}", audience.en),
        zh: format!("位于本机之后的 {zh}{name} {}{more_zh}", audience.zh),
    };
    let label = Message {
        en: "leads to a host behind this one".into(),
        zh: "通向本机之后的主机".into(),
    };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    let mut finding = Finding::new(&LINT, published.place(cx), message, label).help(help);
    finding.help.extend(service::limits(&published.reach));
    finding.confidence = service::reach_confidence(&published.reach, exposure);
    finding.source_class = Some(published.reach.class.name());
    finding.witness = published.witness();
    for other in others.iter().take(SHOWN) {
        let text = Message { en: "so does this".into(), zh: "此条亦然".into() };
        finding.labels.push(Label { place: other.place(cx), text });
    }
    Some(finding)
}
