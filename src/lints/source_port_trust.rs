//! A rule lets in whoever sends from a certain port.

use super::{
    Context, Example, Finding, Findings, Fix, Lint, Place, RuleOpening, phrases, service,
    target::{self, Standing},
};
use crate::{
    analysis::{Exposure, What},
    model::{Action, Condition, Field},
    packets::Ranges,
    settings::{Persona, Severity},
    source::Span,
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW136",
    name: "source-port-trust",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a rule trusts the sender's port", zh: "规则信任发送方的源端口"
    },
    why: Text {
        en: "The sender chooses its source port: `nc -p 53` or `nmap -g 53` passes such a rule and reaches every port behind it. \
             It was written to let replies in, from the days before connection tracking.",
        zh: "源端口由发送方自行选定：`nc -p 53` 或 `nmap -g 53` 就能通过这样的规则，访问其后的每个端口。它本是连接跟踪出现之前为放行回包而写的。",
    },
    remedy: Text {
        en: "Let replies in by state (`--ctstate ESTABLISHED,RELATED`, in nftables `ct state established,related`); a source port proves nothing.",
        zh: "请按状态放行回包（`--ctstate ESTABLISHED,RELATED`，nftables 为 `ct state established,related`）；源端口证明不了任何事。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p udp -m udp --sport 53 -j ACCEPT
#~^ FW136
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p udp -m udp --sport 53 -m conntrack --ctstate ESTABLISHED -j ACCEPT
COMMIT
",
    }],
    check,
};

/// Ports that a reader knows, the first that is open for the packet that is shown.
const SHOWN: [u128; 5] = [22, 161, 445, 3306, 8080];
/// Open ports of one transport from here on are all of them.
const ALL_PORTS: u128 = 65_535;

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for RuleOpening { family, exposure, opening, both_families } in cx.openings_by_rule() {
        let What::SourcePort { protocol, from, open, target } = &opening.what else { continue };
        let reach = &opening.reach;
        let Some(standing) = Standing::of(cx, family, reach, target) else { continue };
        let severity = cx.lowered(LINT.severity, standing.steps);
        let (Some(severity), Some(place)) = (severity, place(cx, exposure)) else { continue };
        let audience = phrases::audience_of(family, reach, both_families);
        let ports = ports(*protocol, open, &target::at(family, target));
        let is = if open.size() >= ALL_PORTS { "is" } else { "are" };
        let message = message(&ports, is, &audience, &sender(from), &standing.depends_on);
        let label = Message {
            en: "the sender chooses this port".into(),
            zh: "此端口由发送方自行选定".into(),
        };
        let mut finding = Finding::new(&LINT, place, message, label)
            .severity(severity)
            .help(Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() });
        finding.help.extend(service::limits(reach));
        finding.labels = service::labels(cx, exposure);
        finding.confidence = standing.confidence(reach, exposure);
        finding.source_class = Some(reach.class.name());
        finding.witness = family.witness(exposure, reach, *protocol, shown_port(open));
        findings.add(finding);
    }
}

fn ports(protocol: u8, open: &Ranges, at: &Message) -> Message {
    let transport = phrases::transport(protocol);
    if open.size() >= ALL_PORTS {
        return Message {
            en: format!("every {transport} port{}", at.en),
            zh: format!("{}全部 {transport} 端口", at.zh),
        };
    }
    let number = phrases::grouped(open.size());
    Message {
        en: format!("{number} {transport} ports{}", at.en),
        zh: format!("{} {number} 个 {transport} 端口", at.zh).trim_start().to_owned(),
    }
}

fn message(
    ports: &Message,
    is: &str,
    audience: &Message,
    sender: &Message,
    depends_on: &[Message],
) -> Message {
    let from = Message {
        en: format!("{} from source {}", audience.en, sender.en),
        zh: format!("{}，只要源端口为 {}", audience.zh, sender.zh),
    };
    if depends_on.is_empty() {
        return Message {
            en: format!("{} {is} open {}", ports.en, from.en),
            zh: format!("{}{}", ports.zh, from.zh),
        };
    }
    let depends = phrases::enumerated(depends_on);
    Message {
        en: format!("{} may be open {}: depends on {}", ports.en, from.en, depends.en),
        zh: format!("{}可能{}（取决于 {}）", ports.zh, from.zh, depends.zh),
    }
}

/// The words that name the source port, with the protocol in front of them.
fn place(cx: &Context<'_>, exposure: &Exposure) -> Option<Place> {
    let ruleset = cx.ruleset();
    let rule = ruleset.rule(Context::opening_rule(exposure)?);
    let of = |wanted: Field| {
        let spans = ruleset.steps_of(rule).iter().filter_map(|step| match step.action {
            Action::Match(Condition::In { field, .. }) if field == wanted => Some(step.span),
            _ => None,
        });
        spans.reduce(Span::to)
    };
    let Some(port) = of(Field::SourcePort) else { return service::opening_place(cx, exposure) };
    let span = of(Field::Protocol).map_or(port, |protocol| protocol.to(port));
    Some(Place { file: rule.place.file, span })
}

/// The source ports that are trusted, the first few of them.
fn sender(from: &Ranges) -> Message {
    const SHOWN: usize = 3;
    let one = |(low, high): &(u128, u128)| {
        if low == high { low.to_string() } else { format!("{low}-{high}") }
    };
    let mut names: Vec<String> = from.as_slice().iter().take(SHOWN).map(one).collect();
    if from.as_slice().len() > SHOWN {
        names.push("…".to_owned());
    }
    let noun = if from.size() == 1 { "port" } else { "ports" };
    let Message { en, zh } = phrases::listed(&names);
    let zh = if from.size() == 1 { zh } else { format!("{zh} 之一") };
    Message { en: format!("{noun} {en}"), zh }
}

/// An open port that a reader knows, or the first one.
fn shown_port(open: &Ranges) -> Option<u16> {
    let known = SHOWN.into_iter().find(|port| open.contains(*port));
    known.or_else(|| open.first()).and_then(|port| u16::try_from(port).ok())
}
