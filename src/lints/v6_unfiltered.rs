//! What IPv4 refuses comes in over IPv6.

use super::{Context, Example, Finding, Findings, Fix, Lint, decider, parity};
use crate::{
    model::Family,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW501",
    name: "v6-unfiltered",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "IPv4 is filtered and IPv6 is not", zh: "只过滤了 IPv4，未过滤 IPv6"
    },
    why: Text {
        en: "Most hosts have an IPv6 address today, and every service that IPv4 hides answers there. Scanners try both.",
        zh: "如今大多数主机都有 IPv6 地址，IPv4 上隐藏的服务都会在那里应答。扫描器两者都会尝试。",
    },
    remedy: Text {
        en: "Give IPv6 the same rules and the same policy, best in one inet table, or switch IPv6 off on the host.",
        zh: "请为 IPv6 配置同样的规则与默认策略，最好使用同一张 inet 表；否则请在主机上关闭 IPv6。",
    },
    examples: &[Example {
        dialect: Dialect::Nft,
        settings: "",
        bad: "\
table ip filter {
	chain input {
		type filter hook input priority filter; policy drop;
#~^ FW501
		ct state established,related accept
		iifname \"lo\" accept
	}
}
table ip6 filter {
	chain forward {
		type filter hook forward priority filter; policy drop;
	}
}
",
        good: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ct state established,related accept
		iifname \"lo\" accept
	}
}
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    if cx.analysis.is_fragment() {
        return;
    }
    let of = |wanted| cx.analysis.families.iter().find(|it| it.space.family == wanted);
    let (Some(ipv4), Some(ipv6)) = (of(Family::Ipv4), of(Family::Ipv6)) else { return };
    if !parity::is_filtered(cx, ipv4) {
        return;
    }
    if parity::drops_by_policy(cx, ipv6) {
        return;
    }
    let Some(stopped) = cx.analysis.stopped_unasked(ipv4) else { return };
    let Some((packet, by)) = cx.analysis.passed_unasked(ipv6) else { return };
    // The policy that lets it in is the place to mend. Where no filter of IPv6 sees it, what keeps IPv4 out is all there is
    // to show.
    let is_filtered = parity::is_filtered(cx, ipv6);
    let shown = if is_filtered { by } else { stopped.by };
    let Some((_, place)) = decider::place(cx, shown) else { return };
    let message = Message {
        en: "what this host drops over IPv4 comes in over IPv6".into(),
        zh: "本机在 IPv4 上丢弃的数据包，可以通过 IPv6 进入".into(),
    };
    let label = if is_filtered {
        Message {
            en: "lets in whatever comes over IPv6".into(), zh: "放行所有 IPv6 数据包".into()
        }
    } else {
        Message { en: "for IPv4 packets only".into(), zh: "仅对 IPv4 数据包生效".into() }
    };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    let mut finding = Finding::new(&LINT, place, message, label).help(help);
    finding.witness = Some(packet.to_string());
    findings.add(finding);
}
