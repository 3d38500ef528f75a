//! A base chain that does not say its policy, and so accepts.

use super::{
    Context, Edit, Example, Finding, Findings, Fix, Lint, Place, Repair, default_accept_forward,
    default_accept_input, nft_file, quote::quoted,
};
use crate::{
    analysis::Path,
    model::{Base, ChainId, ChainKind, Hook, Policy, TableFamily},
    settings::{Persona, Severity},
    source::Span,
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW601",
    name: "implicit-accept-policy",
    severity: Severity::Warning,
    fix: Fix::Safe,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a base chain does not say its policy, and accepts",
        zh: "基本链未写明策略，因而默认放行",
    },
    why: Text {
        en: "Without the word `policy` a chain lets on what no rule of it decides. Readers who know other firewalls take it \
             for closed, and a block that is loaded over another one keeps the policy of that.",
        zh: "未写 `policy` 的链会放行其规则未决定的数据包。熟悉其他防火墙的人会以为它默认拒绝；\
             而且若该链此前已经加载，则会沿用原有的策略。",
    },
    remedy: Text {
        en: "Write the policy behind the priority: `policy drop;`, or `policy accept;` where that is what you mean.",
        zh: "请在优先级之后写明策略：`policy drop;`，若确实要放行则写 `policy accept;`。",
    },
    examples: &[
        Example {
            dialect: Dialect::Nft,
            settings: "",
            bad: "\
table inet filter {
	chain input {
		type filter hook input priority 0;
#~^ FW601=error
		ct state established,related accept
	}
}
",
            good: "\
table inet filter {
	chain input {
		type filter hook input priority 0; policy drop;
		ct state established,related accept
	}
}
",
        },
        Example {
            dialect: Dialect::Nft,
            settings: "",
            bad: "\
table inet filter {
	chain forward {
		type filter hook forward priority 0;
#~^ FW601
		ct state established,related accept
	}
}
",
            good: "\
table inet filter {
	chain forward {
		type filter hook forward priority 0; policy drop;
		ct state established,related accept
	}
}
",
        },
    ],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for (id, _, base) in cx.ruleset().base_chains() {
        let Some((path, span)) = unsaid(cx, id, base) else { continue };
        if let Some(finding) = finding(cx, id, base, path, span) {
            findings.add(finding);
        }
    }
}

/// Whether what a chain's policy lets in is reported here, as one that is not written.
pub(super) fn reports(cx: &Context<'_>, id: ChainId) -> bool {
    let base = cx.ruleset().chain(id).base;
    cx.is_on(&LINT) && base.is_some_and(|base| unsaid(cx, id, base).is_some())
}

/// Where the packets of a chain go that does not say its policy, and the words behind which that should stand.
fn unsaid(cx: &Context<'_>, id: ChainId, base: Base) -> Option<(Path, Span)> {
    let path = match base.hook {
        Hook::Input => Path::Input,
        Hook::Forward => Path::Forward,
        _ => return None,
    };
    let accepts = base.policy == Policy::Accept && base.policy_place.is_none();
    let family = cx.ruleset().table_of(id).family;
    let routes = matches!(family, TableFamily::Ip | TableFamily::Ip6 | TableFamily::Inet);
    if base.kind != ChainKind::Filter || !accepts || !routes {
        return None;
    }
    Some((path, nft_file::base_of(cx, id)?))
}

fn finding(cx: &Context<'_>, id: ChainId, base: Base, path: Path, span: Span) -> Option<Finding> {
    let chain = cx.ruleset().chain(id);
    let reaches = || {
        let families = cx.analysis.families.iter();
        families.flat_map(|it| it.policies.iter().map(move |reach| (it, reach)))
    };
    let of_path = || reaches().filter(|(_, reach)| reach.path == path);
    let here: Vec<_> = of_path().filter(|(_, reach)| reach.chain == id).collect();
    let severity = match here.iter().find(|(_, reach)| !reach.slices.is_empty()) {
        Some(_) if base.hook == Hook::Input => default_accept_input::severity(cx, id),
        Some((family, reach)) => {
            default_accept_forward::severity(cx, family, reach).unwrap_or(Severity::Info)
        }
        // Its rules decide everything, or another chain of the hook has the last word.
        None if !here.is_empty() || of_path().next().is_some() => return None,
        None if cx.ruleset().base_chains().any(|(_, _, it)| drops(it, base.hook)) => return None,
        None => Severity::Info,
    };
    let name = quoted(&chain.name);
    let message = Message {
        en: format!("chain {name} does not say its policy, which is then `accept`"),
        zh: format!("链 {name} 未写明策略，因而默认为 `accept`"),
    };
    let label = Message { en: "no `policy` behind it".into(), zh: "其后未写 `policy`".into() };
    let place = Place { file: chain.place.file, span };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    let mut finding = Finding::new(&LINT, place, message, label).severity(severity).help(help);
    finding.fixes.extend(fix(cx, place));
    finding.witness = here.iter().find_map(|(family, reach)| family.policy_witness(reach));
    Some(finding)
}

/// The policy that it has, written behind the priority.
fn fix(cx: &Context<'_>, place: Place) -> Option<Repair> {
    let text = cx.source(place)?.text();
    let behind = text.get(place.span.range().end..)?;
    let blanks = behind.len() - behind.trim_start_matches([' ', '\t']).len();
    let ended = behind[blanks..].starts_with(';');
    let semicolon = place.span.end + u32::try_from(blanks + 1).ok()?;
    let edit = if ended {
        let place = Place { span: Span::new(place.span.start, semicolon), ..place };
        Edit::after(place, " policy accept;")
    } else {
        Edit::after(place, "; policy accept;")
    };
    let title = Message {
        en: "say the policy that it has: `policy accept;`".into(),
        zh: "写明其现有策略：`policy accept;`".into(),
    };
    Some(Repair::safe(title).edit(edit))
}

fn drops(base: Base, hook: Hook) -> bool {
    base.hook == hook && base.kind == ChainKind::Filter && base.policy == Policy::Drop
}
