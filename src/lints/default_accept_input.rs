//! Packets to this host that no rule decides are accepted.

use super::{
    Context, Example, Finding, Findings, Fix, Lint, Place, implicit_accept_policy, phrases,
    policy::PolicyFindings,
};
use crate::{
    analysis::{Calls, Path},
    model::{Chain, ChainId, Family, Policy, Verdict},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW130",
    name: "default-accept-input",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "packets to this host that no rule decides are accepted",
        zh: "发往本机且未被任何规则决定的数据包会被放行",
    },
    why: Text {
        en: "A port that nobody thought of is then an open port: the rules list what is forbidden, and whatever is started \
             tomorrow is not on the list.",
        zh: "没有人想到的端口就成了开放的端口：规则只列出禁止的内容，而明天启动的服务不在其中。",
    },
    remedy: Text {
        en: "Let the policy drop (`:INPUT DROP`, in nftables `policy drop`), and accept the loopback, replies and the services \
             you mean to offer.",
        zh: "请将默认策略设为丢弃（`:INPUT DROP`，nftables 为 `policy drop`），并放行回环接口、回包以及确需提供的服务。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT ACCEPT [0:0]
#~^ FW130
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
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
            family.policies.iter().filter(|it| it.path == Path::Input && !it.slices.is_empty());
        for reach in reached {
            if implicit_accept_policy::reports(cx, reach.chain) {
                continue;
            }
            let chain = cx.ruleset().chain(reach.chain);
            let Some(base) = chain.base else { continue };
            let place = base.policy_place.unwrap_or(chain.place);
            let finding = match base.policy {
                Policy::Drop => continue,
                // ufw loads its files with `--noflush`, next to chains that it made before.
                Policy::Unknown if cx.ruleset().chains.iter().any(is_of_ufw) => continue,
                // A listing may be of one chain only; a table that is opened is given whole.
                Policy::Unknown if cx.ruleset().table_of(reach.chain).place.span.is_empty() => {
                    continue;
                }
                Policy::Unknown => unknown(chain, place),
                Policy::Accept => Finding::new(
                    &LINT,
                    place,
                    message(chain, Some(family.space.family)),
                    Message {
                        en: "a port nobody mentions is open".into(),
                        zh: "未提及的端口即为开放".into(),
                    },
                )
                .severity(severity(cx, reach.chain)),
            };
            let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
            let mut finding = finding.help(help);
            finding.witness = family.policy_witness(reach);
            found.add(reach.chain, finding, || message(chain, None));
        }
    }
    found.report(findings);
}

fn message(chain: &Chain, family: Option<Family>) -> Message {
    let packet = phrases::packet(family);
    Message {
        en: format!("`{}` accepts every {} that no rule decides", chain.name, packet.en),
        zh: format!("`{}` 会放行所有未被规则决定的{}", chain.name, packet.zh),
    }
}

fn is_of_ufw(chain: &Chain) -> bool {
    chain.declared && (chain.name.starts_with("ufw-") || chain.name.starts_with("ufw6-"))
}

/// A list of what is forbidden says what it is for; a chain that accepts something was meant to decide, but for exceptions
/// on interfaces that it bars.
pub(super) fn severity(cx: &Context<'_>, chain: ChainId) -> Severity {
    let ruleset = cx.ruleset();
    // What one family shows of a host holds for the other: it is one list.
    let opens = cx.analysis.families.iter().any(|it| !it.lets_in_exceptions_only());
    let denies = Calls::rules_below(ruleset, chain)
        .any(|rule| matches!(ruleset.verdict_of(rule), Some((Verdict::Drop | Verdict::Reject, _))));
    if denies && !opens { Severity::Info } else { LINT.severity }
}

/// The file does not say what becomes of undecided packets, and the loaders differ.
fn unknown(chain: &Chain, place: Place) -> Finding {
    let name = &chain.name;
    Finding::new(
        &LINT,
        place,
        Message {
            en: format!(
                "the table has no `:{name}` line, so what becomes of undecided packets is not said"
            ),
            zh: format!("该表没有 `:{name}` 行，未说明如何处理未被决定的数据包"),
        },
        Message { en: format!("no policy for `{name}`"), zh: format!("缺少 `{name}` 的策略") },
    )
    .severity(Severity::Warning)
    .help(Message {
        en: "iptables-legacy keeps the policy that is loaded, iptables-nft sets ACCEPT.".into(),
        zh: "iptables-legacy 会保留已加载的策略，iptables-nft 则设为 ACCEPT。".into(),
    })
}
