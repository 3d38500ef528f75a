//! Packets of the host to itself are dropped.

use super::{Context, Edit, Example, Findings, Fix, Lint, Repair, decider, policy::PolicyFindings};
use crate::{
    model::{ChainId, ChainKind, Family, Hook},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW302",
    name: "loopback-blocked",
    severity: Severity::Warning,
    fix: Fix::Unsafe,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "packets of the host to itself are dropped",
        zh: "本机发给自己的数据包被丢弃",
    },
    why: Text {
        en: "Programs on one host talk over the loopback: databases, name resolvers, mail and monitoring stop working, often \
             with a timeout that points nowhere near the firewall.",
        zh: "同一主机上的程序通过回环接口通信：数据库、域名解析、邮件和监控会随之失效，且往往只表现为看不出与防火墙有关的超时。",
    },
    remedy: Text {
        en: "Accept the loopback first: `-A INPUT -i lo -j ACCEPT`, in nftables `iifname \"lo\" accept`.",
        zh: "请首先放行回环接口：`-A INPUT -i lo -j ACCEPT`，nftables 为 `iifname \"lo\" accept`。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
#~^ FW302
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
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
#~^ FW302
		ct state established,related accept
		icmp type echo-request accept
	}
}
",
            good: "\
table ip filter {
	chain input {
		type filter hook input priority filter; policy drop;
		iifname \"lo\" accept
		ct state established,related accept
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
        for hook in [Hook::Input, Hook::Output] {
            // Who lets nothing pass at all, or a family that nothing is said about, is meant to be silent.
            if !cx.analysis.has_rules(family, hook) || !cx.analysis.is_spoken(family) {
                continue;
            }
            let Some(stopped) = cx.analysis.stopped_at_home(family, hook) else { continue };
            let here = message(Some(family.space.family));
            let Some((chain, finding)) = decider::stopped(cx, &LINT, &stopped, here) else {
                continue;
            };
            let finding = finding.fixed_by(fix(cx, chain, hook));
            found.add(chain, finding, || message(None));
        }
    }
    found.report(findings);
}

/// The loopback is accepted first of all.
fn fix(cx: &Context<'_>, chain: ChainId, hook: Hook) -> Option<Repair> {
    let base = cx.ruleset().chain(chain).base?;
    let (iptables, nft) = match hook {
        Hook::Input => ("-i lo -j ACCEPT", "iifname \"lo\" accept"),
        _ => ("-o lo -j ACCEPT", "oifname \"lo\" accept"),
    };
    let edit = Edit::first_of(cx, chain, &[iptables], nft)?;
    let title =
        Message { en: "accept the loopback first".into(), zh: "首先放行回环接口".into() };
    let fits = base.kind == ChainKind::Filter && base.hook == hook;
    fits.then(|| Repair::risky(title).edit(edit))
}

fn message(family: Option<Family>) -> Message {
    let name = family.map(Family::name);
    Message {
        en: format!(
            "{}packets of this host to itself are dropped",
            name.map(|it| format!("{it} ")).unwrap_or_default()
        ),
        zh: format!(
            "本机发给自己的{}数据包会被丢弃",
            name.map(|it| format!(" {it} ")).unwrap_or_default()
        ),
    }
}
