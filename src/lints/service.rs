//! What the lints about open services share: FW101 to FW119 differ in the category they ask for and in their words.

use super::{
    Confidence, Context, Finding, Findings, Label, Lint, OpenService, Place, named, phrases,
    wide_private_source,
};
use crate::{
    analysis::{self, Decider, Exposure, FamilyAnalysis, Opening, Path, Reach, SourceClass, What},
    knowledge::{self, Category, Risk},
    model::{Action, Condition, Field, RuleId},
    settings::{Listening, Severity},
    source::Span,
    words::Message,
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

/// Reports the services of `category` that each rule opens: one finding a rule.
pub(super) fn report(
    cx: &Context<'_>,
    findings: &mut Findings,
    lint: &'static Lint,
    category: Category,
) {
    let mut rules: BTreeMap<RuleId, Vec<Open<'_>>> = BTreeMap::new();
    let mut lesser = Vec::new();
    let by_rule = publications(cx);
    for (family, exposure, opening) in cx.openings() {
        let What::Service(service) = &opening.what else { continue };
        if cx.knowledge.facts(service.service).category != category {
            continue;
        }
        let risk = cx.knowledge.facts(service.service).risk;
        if risk < Risk::Critical && is_declared(cx, service) {
            continue;
        }
        let Some(rule) = Context::opening_rule(exposure) else { continue };
        // What a rule lets through on one way and a policy on the others is one publication.
        let by_policy = matches!(exposure.decider, Decider::Policy(_));
        if by_policy && by_rule.contains(&(rule, service.protocol, service.port)) {
            continue;
        }
        let open = Open { family, exposure, opening, service, severity: Severity::Info };
        match severity(cx, &open) {
            Some(severity) => rules.entry(rule).or_default().push(Open { severity, ..open }),
            // Too little to speak of alone; beside others of the same rule it is named all the same.
            None if !service.routine => lesser.push((rule, open)),
            None => {}
        }
    }
    for (rule, open) in lesser {
        rules.entry(rule).and_modify(|opens| opens.push(open));
    }
    findings.0.extend(rules.into_values().filter_map(|opens| finding(cx, lint, opens)));
}

/// The translations, by port as it is dialled, whose packets a rule lets pass.
fn publications(cx: &Context<'_>) -> BTreeSet<(RuleId, u8, Option<u16>)> {
    let published = cx.openings().filter_map(|(_, exposure, opening)| match &opening.what {
        What::Service(service) if matches!(exposure.decider, Decider::Rule(_)) => {
            Some((exposure.translated_by?, service.protocol, service.port))
        }
        _ => None,
    });
    published.collect()
}

/// Whether the user says that the port is meant to be public: what is dangerous all the same is told more softly.
fn is_declared(cx: &Context<'_>, service: &analysis::OpenService) -> bool {
    service.port.is_some_and(|port| cx.settings.expect.declares(service.protocol, port))
}

/// A service that a rule opens.
#[derive(Clone, Copy)]
pub(super) struct Open<'a> {
    family: &'a FamilyAnalysis<'a>,
    exposure: &'a Exposure,
    opening: &'a Opening,
    pub(super) service: &'a analysis::OpenService,
    severity: Severity,
}

impl Open<'_> {
    /// Whether the same sentence can be said of both.
    fn is_like(&self, other: &Self) -> bool {
        let said = |it: &Self| (it.opening.reach.class, it.opening.reach.depends_on.is_empty());
        said(self) == said(other)
    }
}

fn finding(cx: &Context<'_>, lint: &'static Lint, mut opens: Vec<Open<'_>>) -> Option<Finding> {
    opens.sort_by_key(|open| {
        let risk = cx.knowledge.facts(open.service.service).risk;
        (Reverse((open.severity, risk)), open.opening.reach.class, open.service.port)
    });
    let families = families(&opens);
    // A port may be reachable in several ways (translated, or sent to directly): the worst is the one to name.
    let mut seen = Vec::new();
    opens.retain(|open| {
        let key = (open.service.service, open.service.protocol, dialled(open));
        let new = !seen.contains(&key);
        seen.push(key);
        new
    });
    let worst = *opens.first()?;
    let reach = &worst.opening.reach;
    let (mut alike, other): (Vec<Open<'_>>, Vec<Open<'_>>) =
        opens.iter().partition(|open| open.is_like(&worst));
    alike.sort_by_key(|open| (Reverse(open.severity), open.service.protocol, open.service.port));
    let names = named::names(cx, &alike);
    let rule = opening_place(cx, worst.exposure)?;
    let element = match &named_ports(&alike)[..] {
        [port] => element_place(cx, worst.exposure, *port),
        _ => None,
    };
    let place = element.unwrap_or(rule);
    let entry = cx.knowledge.entry(worst.service.service);
    let mut finding = Finding::new(
        lint,
        place,
        message(&worst, reach, &names, alike.len() > 1, families),
        label(&worst, reach, families),
    )
    .severity(worst.severity)
    .help(entry.note.clone());
    let inside =
        matches!(reach.class, SourceClass::Private | SourceClass::Interface | SourceClass::OnLink);
    finding.help.extend(if inside {
        entry.advice_inside()
    } else {
        Some(entry.mitigation.clone())
    });
    finding.confidence = confidence(cx, &worst);
    finding.help.extend(named::shared(cx, &alike));
    if let (Some(owner), Some(port)) = (owner_by_chance(cx, worst.service), worst.service.port) {
        let transport = phrases::transport(worst.service.protocol);
        finding.help.push(Message {
            en: format!(
                "{transport}/{port} is registered for `{owner}`, and the range may be for anything."
            ),
            zh: format!("{transport}/{port} 的注册名是 `{owner}`，该范围也可能另有用途。"),
        });
    }
    finding.help.extend(also(cx, &other));
    finding.help.extend(limits(reach));
    finding.help.extend(wide_private_source::advice(cx, worst.family, worst.service, reach));
    if is_declared(cx, worst.service) {
        finding.help.push(Message {
            en: "It is declared in `[expect] public`, which makes it one step less.".into(),
            zh: "该端口已在 `[expect] public` 中声明，因此严重程度降低一级。".into(),
        });
    }
    finding.help.extend(heard(cx, &worst));
    finding.labels = labels(cx, worst.exposure);
    if place.file != rule.file || rule.span.to(place.span) != rule.span {
        let text =
            Message { en: "this rule uses it".into(), zh: "此规则引用该元素".into() };
        finding.labels.insert(0, Label { place: rule, text });
    }
    finding.source_class = Some(reach.class.name());
    let (protocol, port) = (worst.service.protocol, worst.service.port);
    finding.witness = worst.family.witness(worst.exposure, reach, protocol, port);
    let service = |open: &Open<'_>| OpenService {
        service: open.service.service,
        protocol: open.service.protocol,
        port: open.service.port,
    };
    finding.services = opens.iter().map(service).collect();
    Some(finding)
}

/// Whether a rule opens the same to everybody in one family or in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Families {
    One,
    Both,
}

fn families(opens: &[Open<'_>]) -> Families {
    let Some(worst) = opens.first() else { return Families::One };
    let said = |open: &Open<'_>| (open.service.service, open.service.protocol, open.service.port);
    let same = |open: &&Open<'_>| {
        let interfaces = |it: &Open<'_>| it.opening.reach.interfaces.clone();
        said(open) == said(worst) && open.is_like(worst) && interfaces(open) == interfaces(worst)
    };
    let family = |open: &Open<'_>| open.family.space.family;
    let everybody = |open: &Open<'_>| phrases::is_everybody(open.family, &open.opening.reach);
    let mut alike = opens.iter().filter(same);
    let both = alike.any(|open| family(open) != family(worst) && everybody(open));
    if both && everybody(worst) { Families::Both } else { Families::One }
}

/// The ports that a finding names.
fn named_ports(opens: &[Open<'_>]) -> Vec<u16> {
    opens.iter().filter_map(|open| open.service.decided_port.or(open.service.port)).collect()
}

/// Where the element of a set or map stands that opens `port`.
fn element_place(cx: &Context<'_>, exposure: &Exposure, port: u16) -> Option<Place> {
    let ruleset = cx.ruleset();
    let rule = ruleset.rule(Context::opening_rule(exposure)?);
    let port = u128::from(port);
    ruleset.conditions_within(rule).find_map(|condition| {
        let Condition::In { field: Field::DestinationPort, values, .. } = condition else {
            return None;
        };
        let ranges = ruleset.values(values).iter().zip(values.start..);
        let mut holding = ranges.filter(|((low, high), _)| (*low..=*high).contains(&port));
        holding.find_map(|(_, at)| ruleset.elements.get(&at)).copied()
    })
}

/// The port by which a reader knows the service: the one behind a translation.
fn dialled(open: &Open<'_>) -> Option<u16> {
    open.service.decided_port.or(open.service.port)
}

/// What the same rule opens to fewer.
fn also(cx: &Context<'_>, others: &[Open<'_>]) -> Option<Message> {
    if others.is_empty() {
        return None;
    }
    let names = phrases::enumerated(&named::names(cx, others));
    Some(Message {
        en: format!("To fewer, it also opens {}.", names.en),
        zh: format!("该规则还对较少来源放行 {}。", names.zh),
    })
}

/// The severity of one service: the entry's, lowered by who can reach it and by what is not known.
fn severity(cx: &Context<'_>, open: &Open<'_>) -> Option<Severity> {
    let facts = cx.knowledge.facts(open.service.service);
    let mut base = match facts.risk {
        Risk::Critical | Risk::High => Severity::Error,
        Risk::Medium => Severity::Warning,
        Risk::Low | Risk::Info => Severity::Info,
    };
    if facts.confidence != knowledge::Confidence::High {
        base = base.min(Severity::Warning);
    }
    if owner_by_chance(cx, open.service).is_some() {
        base = base.min(Severity::Warning);
    }
    if open.service.secondary || is_also_honest(cx, open.service) {
        base = Severity::Info;
    }
    if open.service.routine {
        return cx.lowered(Severity::Info, 1);
    }
    let chance = u8::from(open.service.by_chance && facts.risk < Risk::High);
    let declared = u8::from(is_declared(cx, open.service));
    let own = u8::from(is_own_proxy(open));
    let severity = cx.lowered(base, steps(&open.opening.reach) + chance + declared + own)?;
    // A program may be started tomorrow: less, and never nothing.
    Some(match listening(cx, open) {
        Listening::No => cx.lowered(severity, 1).unwrap_or(Severity::Info),
        Listening::Yes | Listening::Unknown => severity,
    })
}

/// Who has the port of a service by IANA's registry, where it is in a range by chance and only custom gives it to the
/// service: what the range is for may be anything. What is critical is critical all the same.
fn owner_by_chance<'k>(cx: &Context<'k>, service: &analysis::OpenService) -> Option<&'k str> {
    if !service.by_chance || cx.knowledge.facts(service.service).risk == Risk::Critical {
        return None;
    }
    let entry = cx.knowledge.entry(service.service);
    entry.iana.as_deref().filter(|it| *it != entry.service)
}

/// Whether those inside are led to a service of this host that they did not dial: a proxy that nobody else can use.
fn is_own_proxy(open: &Open<'_>) -> bool {
    let slices = &open.exposure.slices;
    open.opening.reach.class == SourceClass::Private
        && open.service.decided_port.is_some()
        && slices.iter().all(|it| it.redirected)
}

/// Whether a port known from malware is known for something else as well: what listens there is then rather that.
fn is_also_honest(cx: &Context<'_>, service: &analysis::OpenService) -> bool {
    let is_malware = |id| cx.knowledge.facts(id).category == Category::MalwarePort;
    let Some(port) = service.port.filter(|_| is_malware(service.service)) else { return false };
    cx.knowledge.services_at(service.protocol, port).any(|it| !is_malware(it))
}

/// Whether a program of the host itself listens there, as far as the user says.
fn listening(cx: &Context<'_>, open: &Open<'_>) -> Listening {
    let known = cx.host.filter(|_| open.exposure.path == Path::Input);
    let (Some(host), Some(port)) = (known, dialled(open)) else { return Listening::Unknown };
    host.listening(open.family.space.family, open.service.protocol, port..=port)
}

/// The sentence about it.
fn heard(cx: &Context<'_>, open: &Open<'_>) -> Option<Message> {
    let path = &cx.host?.sockets.as_ref()?.path;
    match listening(cx, open) {
        Listening::Yes => Some(Message {
            en: format!("A program listens there, as {path} lists it."),
            zh: format!("{path} 显示有程序在该端口监听。"),
        }),
        Listening::No => Some(Message {
            en: format!(
                "No program listens there, as {path} lists them, which makes it one step less."
            ),
            zh: format!("{path} 显示没有程序在该端口监听，因此严重程度降低一级。"),
        }),
        Listening::Unknown => None,
    }
}

/// How much those who can reach it lower a severity, and that the outcome depends on what the text does not hold. A few
/// private addresses (256 of IPv4, a /64 of IPv6) count like a few public ones: two steps, not the one of all of 10/8.
pub(super) fn steps(reach: &Reach) -> u8 {
    let class = match reach.class {
        SourceClass::Any | SourceClass::Public => 0,
        SourceClass::Private if !reach.few => 1,
        SourceClass::Private
        | SourceClass::Narrow
        | SourceClass::Interface
        | SourceClass::OnLink => 2,
    };
    class + u8::from(!reach.depends_on.is_empty())
}

fn confidence(cx: &Context<'_>, open: &Open<'_>) -> Confidence {
    // Any program may listen where one of malware did.
    if cx.knowledge.facts(open.service.service).category == Category::MalwarePort {
        return Confidence::Low;
    }
    let known = match cx.knowledge.facts(open.service.service).confidence {
        knowledge::Confidence::High => Confidence::High,
        knowledge::Confidence::Medium => Confidence::Medium,
        knowledge::Confidence::Low => Confidence::Low,
    };
    let known = match owner_by_chance(cx, open.service) {
        Some(_) => Confidence::Low,
        None => known,
    };
    known.min(reach_confidence(&open.opening.reach, open.exposure))
}

pub(super) fn reach_confidence(reach: &Reach, exposure: &Exposure) -> Confidence {
    if reach.depends_on.is_empty() && exposure.path != analysis::Path::Fragment {
        Confidence::High
    } else {
        Confidence::Low
    }
}

fn message(
    open: &Open<'_>,
    reach: &Reach,
    names: &[Message],
    several: bool,
    families: Families,
) -> Message {
    let audience = phrases::audience_of(open.family, reach, families == Families::Both);
    let names = phrases::enumerated(names);
    if reach.depends_on.is_empty() {
        let is = if several { "are" } else { "is" };
        return Message {
            en: format!("{} {is} open {}", names.en, audience.en),
            zh: format!("{} {}", names.zh, audience.zh),
        };
    }
    let depends = phrases::subjects(&reach.depends_on);
    Message {
        en: format!("{} may be open {}: depends on {}", names.en, audience.en, depends.en),
        zh: format!("{} 可能{}：取决于 {}", names.zh, audience.zh, depends.zh),
    }
}

fn label(open: &Open<'_>, reach: &Reach, families: Families) -> Message {
    let family = match families {
        Families::One => open.family.space.family.name(),
        Families::Both => "IPv4 or IPv6",
    };
    match reach.class {
        _ if reach.regardless => Message {
            en: "whoever this rule does not match passes as well".into(),
            zh: "不匹配此规则的来访者同样会通过".into(),
        },
        SourceClass::Any if reach.depends_on.is_empty() => Message {
            en: format!("no source is required: any {family} address passes"),
            zh: format!("未限制来源：任意 {family} 地址均可通过"),
        },
        _ => Message { en: "opens it here".into(), zh: "在此放行".into() },
    }
}

/// What a sender has to wait for or repeat.
pub(super) fn limits(reach: &Reach) -> Option<Message> {
    if reach.limited_by.is_empty() {
        return None;
    }
    let limits = phrases::subjects(&reach.limited_by);
    Some(Message {
        en: format!("Limited by {}, which slows a sender down and does not stop one.", limits.en),
        zh: format!("受 {} 限制：只能减慢来访者，不能阻止。", limits.zh),
    })
}

/// Where the rule says what it opens: from its protocol to its ports, or its verdict.
pub(super) fn opening_place(cx: &Context<'_>, exposure: &Exposure) -> Option<Place> {
    let rule = Context::opening_rule(exposure)?;
    Some(rule_place(cx, rule))
}

fn rule_place(cx: &Context<'_>, id: RuleId) -> Place {
    let ruleset = cx.ruleset();
    let rule = ruleset.rule(id);
    let of = |wanted: &dyn Fn(Field) -> bool| {
        let spans = ruleset.steps_of(rule).iter().filter_map(|step| match step.action {
            Action::Match(Condition::In { field, .. }) if wanted(field) => Some(step.span),
            // A list of ports of either end.
            Action::Match(Condition::OneOf { .. }) if wanted(Field::DestinationPort) => {
                Some(step.span)
            }
            _ => None,
        });
        spans.reduce(Span::to)
    };
    let ports =
        of(&|field| matches!(field, Field::DestinationPort | Field::OriginalDestinationPort));
    let protocol = of(&|field| field == Field::Protocol);
    let verdict = ruleset.verdict_of(rule).map(|(_, span)| span);
    let span = match (protocol, ports) {
        (Some(protocol), Some(ports)) => protocol.to(ports),
        (None, Some(span)) | (Some(span), None) => span,
        (None, None) => verdict.unwrap_or(rule.place.span),
    };
    Place { file: rule.place.file, span }
}

/// The jumps and the translation that led to the rule.
pub(super) fn labels(cx: &Context<'_>, exposure: &Exposure) -> Vec<Label> {
    const SHOWN: usize = 3;
    let ruleset = cx.ruleset();
    let verdict_place = |id: RuleId| {
        let rule = ruleset.rule(id);
        let span = ruleset.verdict_of(rule).map_or(rule.place.span, |(_, span)| span);
        Place { file: rule.place.file, span }
    };
    let mut labels = Vec::new();
    let changes = exposure.slices.iter().any(|it| it.address_rewritten || it.port_rewritten);
    if let Some(rule) = exposure
        .translated_by
        .filter(|rule| changes && Context::opening_rule(exposure) != Some(*rule))
    {
        let text = Message { en: "translated here".into(), zh: "在此转换目的地址".into() };
        labels.push(Label { place: verdict_place(rule), text });
    }
    for jump in exposure.jumps.iter().take(SHOWN) {
        let entered = ruleset.chains_entered(ruleset.rule(*jump));
        let names: Vec<&str> = entered.iter().map(|id| ruleset.chain(*id).name.as_str()).collect();
        let chain = names.join("`, `");
        let text = Message {
            en: format!("packets enter `{chain}` here"),
            zh: format!("数据包在此进入 `{chain}`"),
        };
        labels.push(Label { place: verdict_place(*jump), text });
    }
    labels
}
