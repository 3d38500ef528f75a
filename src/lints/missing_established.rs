//! Replies are dropped: the host can ask, and never hears an answer.

use super::{
    Context, Edit, Example, Finding, Findings, Fix, Label, Lint, Repair, decider,
    policy::PolicyFindings,
};
use crate::{
    analysis::{Decider, FamilyAnalysis, Path, What, trace::Verdict},
    model::{ChainId, ChainKind, Family, Hook},
    packets::Packet,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW301",
    name: "missing-established",
    severity: Severity::Error,
    fix: Fix::Unsafe,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "replies to what the rules let out or in are dropped",
        zh: "规则放行了请求，却丢弃其回包",
    },
    why: Text {
        en: "A connection needs both directions. The host can send its request and never gets the answer: name lookups, \
             updates and time synchronisation time out.",
        zh: "连接需要双向通行。请求发得出去，回包却收不到：域名解析、软件更新和时间同步都会超时。",
    },
    remedy: Text {
        en: "Accept what belongs to known connections: `-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT`, in nftables \
             `ct state established,related accept`.",
        zh: "请放行已知连接的数据包：`-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT`，nftables 为 \
             `ct state established,related accept`。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
#~^ FW301
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT
COMMIT
",
        },
        Example {
            dialect: Dialect::Nft,
            settings: "",
            bad: "\
table ip filter {
	chain input {
		type filter hook input priority filter; policy drop;
#~^ FW301
		iifname \"lo\" accept
		icmp type echo-request accept
	}
}
",
            good: "\
table ip filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ct state established,related accept
		iifname \"lo\" accept
		icmp type echo-request accept
	}
}
",
        },
    ],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    if cx.analysis.is_fragment() {
        return;
    }
    let mut found = PolicyFindings::default();
    for family in &cx.analysis.families {
        // Who lets in nothing at all over IPv6 has switched it off.
        let unused = family.space.family == Family::Ipv6 && family.exposures.is_empty();
        if cx.analysis.has_rules(family, Hook::Input) && !unused {
            unanswered(cx, family, &mut found);
        }
    }
    found.report(findings);
    for family in &cx.analysis.families {
        if let Some(finding) = unsent(cx, family) {
            findings.add(finding);
        }
    }
}

/// What this host asks is never answered.
fn unanswered(cx: &Context<'_>, family: &FamilyAnalysis<'_>, found: &mut PolicyFindings) {
    let Some(unanswered) = cx.analysis.unanswered(family) else { return };
    let message = |family: Option<Family>| Message {
        en: format!(
            "replies to the {}connections that this host opens are dropped",
            family.map(|it| format!("{} ", it.name())).unwrap_or_default()
        ),
        zh: format!(
            "本机发起的{}连接，其回包会被丢弃",
            family.map(|it| format!(" {} ", it.name())).unwrap_or_default()
        ),
    };
    let message_here = message(Some(family.space.family));
    let Some((chain, finding)) = decider::stopped(cx, &LINT, &unanswered.answer, message_here)
    else {
        return;
    };
    let sent = decider::named(&unanswered.sent);
    let finding = finding.help(Message {
        en: format!("What it answers leaves the host: {sent}."),
        zh: format!("与之对应的请求可以发出：{sent}。"),
    });
    let finding = finding.fixed_by(fix(cx, chain));
    found.add(chain, finding, || message(None));
}

/// What this host lets in is never answered: the first such service.
fn unsent(cx: &Context<'_>, family: &FamilyAnalysis<'_>) -> Option<Finding> {
    if !cx.analysis.has_drops(family, Hook::Output) {
        return None;
    }
    let of_family = |it: &&FamilyAnalysis<'_>| it.space.family == family.space.family;
    let opened = cx.openings().filter(|(it, exposure, opening)| {
        of_family(it)
            && exposure.path == Path::Input
            && matches!(exposure.decider, Decider::Rule(_))
            && matches!(opening.what, What::Service(_))
    });
    for (_, exposure, opening) in opened.take(MOST_SERVICES) {
        let What::Service(service) = &opening.what else { continue };
        let (protocol, port) = (service.protocol, service.port);
        let Some(witness) = family.witness(exposure, &opening.reach, protocol, port) else {
            continue;
        };
        let Ok(request) = Packet::parse(&witness) else { continue };
        if cx.analysis.trace(&request).verdict != Verdict::Accept {
            continue;
        }
        let Some(stopped) = cx.analysis.unsent(&request) else { continue };
        let message = Message {
            en: format!(
                "what this host answers to {} connections from outside is dropped",
                family.space.family.name()
            ),
            zh: format!("本机对外来 {} 连接的回包会被丢弃", family.space.family.name()),
        };
        let (chain, finding) = decider::stopped(cx, &LINT, &stopped, message)?;
        let mut finding = finding.fixed_by(fix(cx, chain));
        if let Some(rule) = Context::opening_rule(exposure) {
            let text = Message { en: "lets in the request".into(), zh: "放行了请求".into() };
            finding.labels.push(Label { place: cx.ruleset().rule(rule).place, text });
        }
        return Some(finding);
    }
    None
}

/// What belongs to known connections is accepted first of all.
fn fix(cx: &Context<'_>, chain: ChainId) -> Option<Repair> {
    let kind = cx.ruleset().chain(chain).base?.kind;
    let edit = Edit::first_of(
        cx,
        chain,
        &["-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"],
        "ct state established,related accept",
    )?;
    let title = Message {
        en: "accept first what belongs to known connections".into(),
        zh: "首先放行已知连接的数据包".into(),
    };
    (kind == ChainKind::Filter).then(|| Repair::risky(title).edit(edit))
}

/// Services that are asked about: where one is answered, most are.
const MOST_SERVICES: usize = 16;
