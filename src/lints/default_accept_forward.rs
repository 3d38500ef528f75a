//! Packets through this host that no rule decides are accepted.

use super::{
    Context, Example, Finding, Findings, Fix, Lint, implicit_accept_policy, phrases,
    policy::PolicyFindings,
};
use crate::{
    analysis::{Decider, Exposure, FamilyAnalysis, Path, PolicyReach, Slice},
    model::{Chain, Family, Policy, Ruleset, Verdict},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW131",
    name: "default-accept-forward",
    severity: Severity::Info,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "packets through this host that no rule decides are accepted",
        zh: "穿过本机且未被任何规则决定的数据包会被放行",
    },
    why: Text {
        en: "Once the host forwards (containers, a VPN and virtual machines switch that on), anybody who can send to it \
             can send through it, into networks that were never meant to be reached from there.",
        zh: "一旦主机开启转发（容器、VPN、虚拟机都会开启），任何能向它发包的人都能借道进入本不应从那里到达的网络。",
    },
    remedy: Text {
        en: "Let the policy drop (`:FORWARD DROP`, in nftables `policy drop`), and accept what is meant to pass.",
        zh: "请将默认策略设为丢弃（`:FORWARD DROP`，nftables 为 `policy drop`），并只放行确需转发的流量。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
#~^ FW131
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
COMMIT
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    // A part of a rule set has no stance.
    if cx.analysis.is_fragment() {
        return;
    }
    let mut found = PolicyFindings::default();
    for family in &cx.analysis.families {
        let reached =
            family.policies.iter().filter(|it| it.path == Path::Forward && !it.slices.is_empty());
        for reach in reached {
            if implicit_accept_policy::reports(cx, reach.chain) {
                continue;
            }
            let chain = cx.ruleset().chain(reach.chain);
            let Some(base) = chain.base.filter(|base| base.policy == Policy::Accept) else {
                continue;
            };
            let evidence = said(cx, family)
                .or_else(|| evidence(cx.ruleset(), chain, 0))
                .or_else(|| router(family));
            let label = evidence.clone().unwrap_or_else(|| Message {
                en: "open as soon as the host forwards".into(),
                zh: "主机一旦开启转发即为开放".into(),
            });
            let Some(severity) = severity(cx, family, reach) else { continue };
            let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
            let place = base.policy_place.unwrap_or(chain.place);
            let mut finding =
                Finding::new(&LINT, place, message(chain, Some(family.space.family)), label)
                    .severity(severity)
                    .help(help);
            finding.witness = family.policy_witness(reach);
            found.add(reach.chain, finding, || message(chain, None));
        }
    }
    found.report(findings);
}

fn message(chain: &Chain, family: Option<Family>) -> Message {
    let packet = phrases::packet(family);
    Message {
        en: format!("`{}` passes on every {} that no rule decides", chain.name, packet.en),
        zh: format!("`{}` 会转发所有未被规则决定的{}", chain.name, packet.zh),
    }
}

/// How much it matters that a policy accepts: without a sign that the host forwards, little; most where the user says that
/// it does, and strangers can use it. One step less where the user says that it does not.
pub(super) fn severity(
    cx: &Context<'_>,
    family: &FamilyAnalysis<'_>,
    reach: &PolicyReach,
) -> Option<Severity> {
    let chain = cx.ruleset().chain(reach.chain);
    shown(cx, family, evidence(cx.ruleset(), chain, 0).is_some(), &reach.slices)
}

/// The same of a rule that accepts whatever comes to it, as a policy would.
pub(super) fn severity_of_rule(
    cx: &Context<'_>,
    family: &FamilyAnalysis<'_>,
    exposure: &Exposure,
) -> Option<Severity> {
    let Decider::Rule(rule) = exposure.decider else { return None };
    let ruleset = cx.ruleset();
    let chain = ruleset.chain(ruleset.rule(rule).chain);
    let seen = !exposure.jumps.is_empty() || evidence(ruleset, chain, 1).is_some();
    shown(cx, family, seen, &exposure.slices)
}

fn shown(
    cx: &Context<'_>,
    family: &FamilyAnalysis<'_>,
    seen: bool,
    slices: &[Slice],
) -> Option<Severity> {
    let seen = seen || router(family).is_some();
    let shown = if seen { Severity::Warning } else { Severity::Info };
    match forwards(cx, family) {
        None => Some(shown),
        Some(false) => cx.lowered(shown, 1),
        Some(true) if family.comes_from_untrusted(slices) => Some(Severity::Error),
        Some(true) => Some(Severity::Warning),
    }
}

fn forwards(cx: &Context<'_>, family: &FamilyAnalysis<'_>) -> Option<bool> {
    cx.host?.forwards(family.space.family)
}

/// What the user says of it.
fn said(cx: &Context<'_>, family: &FamilyAnalysis<'_>) -> Option<Message> {
    let (en, zh) = if forwards(cx, family)? {
        ("the host forwards, as its configuration says", "主机在转发：配置中已声明")
    } else {
        ("the host does not forward, as its configuration says", "主机不转发：配置中已声明")
    };
    Some(Message { en: en.into(), zh: zh.into() })
}

/// What shows that the host is a router: it denies by default, and has an inside.
fn router(family: &FamilyAnalysis<'_>) -> Option<Message> {
    if family.policies.iter().any(|it| it.path == Path::Input && !it.slices.is_empty()) {
        return None;
    }
    let inside = family.inside_interface()?;
    Some(Message {
        en: format!(
            "a router's: its rules for packets to itself name the inside interface `{inside}`"
        ),
        zh: format!("疑为路由器：其入站规则写有内部接口 `{inside}`"),
    })
}

/// What shows that the host forwards; `own` rules of the chain are what is asked about.
fn evidence(ruleset: &Ruleset, chain: &Chain, own: u32) -> Option<Message> {
    const FORWARDING: [&str; 7] =
        ["DOCKER", "LIBVIRT_", "KUBE-", "cali-", "FLANNEL", "CNI-", "NETAVARK"];
    let translates = |rule: &crate::model::Rule| {
        matches!(ruleset.verdict_of(rule), Some((Verdict::Snat(_) | Verdict::Dnat(_), _)))
    };
    if ruleset.rules.iter().any(translates) {
        return Some(Message {
            en: "the host forwards: it translates addresses".into(),
            zh: "主机在转发：存在地址转换规则".into(),
        });
    }
    let manager =
        ruleset.chains.iter().find(|it| FORWARDING.iter().any(|name| it.name.starts_with(name)));
    if let Some(manager) = manager {
        return Some(Message {
            en: format!("the host forwards: it has the chain `{}`", manager.name),
            zh: format!("主机在转发：存在链 `{}`", manager.name),
        });
    }
    if chain.packets.is_some_and(|packets| packets > 0) {
        return Some(Message {
            en: "the host forwards: the counter is not zero".into(),
            zh: "主机在转发：计数器不为零".into(),
        });
    }
    if chain.rules.end - chain.rules.start > own {
        return Some(Message {
            en: "the chain has rules, and passes on what they leave".into(),
            zh: "该链设有规则，却转发规则未处理的流量".into(),
        });
    }
    None
}
