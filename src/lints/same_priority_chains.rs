//! Two base chains whose order nobody laid down, and whose order matters.

use super::{Confidence, Context, Example, Finding, Findings, Fix, Label, Lint, Place, nft_file};
use crate::{
    analysis::{Difference, OrderConflict},
    model::{ChainId, RuleId, Verdict},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW603",
    name: "same-priority-chains",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "two chains of one hook and priority depend on their order",
        zh: "同一钩子、同一优先级的两条链依赖先后顺序",
    },
    why: Text {
        en: "The kernel calls the chain that was registered last first: the order changes with the order in which tables are \
             loaded, at boot, by a restarted service or by hand.",
        zh: "内核先调用最后注册的链：其顺序随各表的加载顺序而变，无论是启动时、服务重启时还是手工加载时。",
    },
    remedy: Text {
        en: "Give the chain that must come first a smaller number: `priority filter - 1`.",
        zh: "请让必须先执行的链使用更小的优先级，如 `priority filter - 1`。",
    },
    examples: &[Example {
        dialect: Dialect::Nft,
        settings: "",
        bad: "\
table inet classify {
	chain forward {
		type filter hook forward priority 0; policy accept;
		iifname \"guest0\" meta mark set 1
	}
}
table inet filter {
	chain forward {
		type filter hook forward priority 0; policy drop;
#~^ FW603
		meta mark 1 drop
		ct state established,related accept
	}
}
",
        good: "\
table inet classify {
	chain forward {
		type filter hook forward priority -1; policy accept;
		iifname \"guest0\" meta mark set 1
	}
}
table inet filter {
	chain forward {
		type filter hook forward priority 0; policy drop;
		meta mark 1 drop
		ct state established,related accept
	}
}
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for conflict in cx.analysis.order_conflicts(&|one, two| is_alike(cx, one, two)) {
        findings.add(finding(cx, &conflict));
    }
}

/// Whether two rules translate alike, as far as their words say. Which ports a masquerade takes is nobody's concern.
fn is_alike(cx: &Context<'_>, one: RuleId, two: RuleId) -> bool {
    let words = |id: RuleId| {
        let rule = cx.ruleset().rule(id);
        let (verdict, span) = cx.ruleset().verdict_of(rule)?;
        let words = cx.text(Place { file: rule.place.file, span }).to_ascii_lowercase();
        let hides = matches!(verdict, Verdict::Snat(_)) && words.contains("masquerade");
        Some(if hides { "masquerade".to_owned() } else { words })
    };
    words(one).is_some() && words(one) == words(two)
}

fn finding(cx: &Context<'_>, conflict: &OrderConflict) -> Finding {
    let names = conflict.chains.map(|chain| nft_file::chain_name(cx, chain));
    let [first, second] = &names;
    let message = match conflict.what {
        Difference::Verdict => Message {
            en: format!("whether {first} or {second} comes first decides what passes"),
            zh: format!("{first} 与 {second} 的先后决定哪些数据包能通过"),
        },
        Difference::Translation => Message {
            en: format!(
                "whether {first} or {second} comes first decides how packets are translated"
            ),
            zh: format!("{first} 与 {second} 的先后决定数据包如何转换地址"),
        },
        Difference::Mark => Message {
            en: format!("whether {first} or {second} comes first decides the mark of packets"),
            zh: format!("{first} 与 {second} 的先后决定数据包的标记"),
        },
    };
    let at = |chain: ChainId| {
        let place = cx.ruleset().chain(chain).place;
        nft_file::base_of(cx, chain).map_or(place, |span| Place { file: place.file, span })
    };
    let label = Message {
        en: "called at the same priority as the other".into(),
        zh: "与另一条链在同一优先级被调用".into(),
    };
    let [one, other] = conflict.chains.map(|chain| cx.ruleset().chain(chain).base);
    let of_one_kind = one.map(|it| it.kind) == other.map(|it| it.kind);
    let help = if of_one_kind {
        Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() }
    } else {
        Message {
            en: "Change the priority of the `filter` chain: `nat` chains are called at -100 before routing and at 100 \
                 after it, whatever number they say."
                .into(),
            zh: "请修改 `filter` 链的优先级：`nat` 链在路由前总是以 -100、路由后总是以 100 被调用，与其所写的数值无关。"
                .into(),
        }
    };
    let mut finding = Finding::new(&LINT, at(conflict.chains[1]), message, label).help(help);
    let mut add = |place: Place, en: &str, zh: &str| {
        finding.labels.push(Label { place, text: Message { en: en.into(), zh: zh.into() } });
    };
    add(at(conflict.chains[0]), "the other one", "另一条链");
    let [changing, met] = conflict.rules.map(|rule| cx.ruleset().rule(rule).place);
    add(changing, "changes packets", "会改变数据包");
    add(met, "acts differently if it comes first", "若先执行则结果不同");
    if !conflict.certain {
        finding.confidence = Confidence::Low;
    }
    finding.witness.clone_from(&conflict.witness);
    finding
}
