//! Those who administer the host, as the configuration names them, do not get in.

use super::{Confidence, Context, Example, Finding, Findings, Fix, Lint, Place, phrases};
use crate::{
    analysis::{
        Doors,
        trace::{Decision, Trace, Tracer, Verdict},
    },
    model::Family,
    packets::Packet,
    settings::{Group, Persona, Ports, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW401",
    name: "admin-lockout",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "somebody whom `[expect]` names cannot reach what they must",
        zh: "`[expect]` 中列出的来源无法访问其必须访问的端口",
    },
    why: Text {
        en: "Once these rules are loaded, those who would have to repair them cannot log in. What is left is the console, if \
             there is one.",
        zh: "这些规则一经加载，本该来修复它们的人就无法登录。剩下的只有控制台（如果有的话）。",
    },
    remedy: Text {
        en: "Accept new connections from the zone to these ports before anything drops them, in each family it has addresses of.",
        zh: "请在任何丢弃规则之前放行该区域到这些端口的新连接，其地址所属的每个地址族都要放行。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "\
[zones]
admin = { sources = [\"10.20.0.0/24\"] }
[expect]
admin = { from = \"admin\", must-reach = [\"tcp/22\"] }
",
        bad: "\
*filter
:INPUT DROP [0:0]
#~^ FW401
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 10.20.0.0/25 -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 10.20.0.0/25 -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -s 10.20.0.128/25 -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let groups = &cx.settings.expect.groups;
    if groups.is_empty() || cx.analysis.is_fragment() {
        return;
    }
    let tracer = Tracer::new(cx.ruleset());
    let addresses = cx.host.map_or(&[][..], |host| &host.addresses);
    for family in &cx.analysis.families {
        let doors = Doors::of(family, addresses);
        for group in groups {
            let Some(zone) = cx.settings.zones.get(&group.from) else { continue };
            for ports in group.must_reach.iter().filter(|_| zone.speaks(family.space.family)) {
                let refused = doors.shut_out(zone, *ports);
                let mut shown: Vec<(Packet, Trace)> = refused
                    .into_iter()
                    .map(|packet| {
                        let trace = tracer.trace(&packet);
                        (packet, trace)
                    })
                    .filter(|(_, trace)| trace.verdict != Verdict::Accept)
                    .collect();
                // What is sure is shown rather than what may be.
                shown.sort_by_key(|(_, trace)| trace.verdict == Verdict::Maybe);
                if let Some((packet, trace)) = shown.first() {
                    let shut =
                        Shut { group, ports: *ports, family: family.space.family, packet, trace };
                    findings.0.extend(finding(cx, &shut));
                }
            }
        }
    }
}

/// Somebody who is shut out, and the packet that shows it.
struct Shut<'a> {
    group: &'a Group,
    ports: Ports,
    family: Family,
    packet: &'a Packet,
    trace: &'a Trace,
}

fn finding(cx: &Context<'_>, shut: &Shut<'_>) -> Option<Finding> {
    let (place, label) = decided(cx, shut.trace)?;
    let mut finding = Finding::new(&LINT, place, message(shut), label)
        .help(Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() })
        .help(asked(shut.group));
    if shut.trace.verdict == Verdict::Maybe {
        finding.severity = cx.lowered(LINT.severity, 1)?;
        finding.confidence = Confidence::Low;
    }
    finding.witness = Some(shut.packet.to_string());
    Some(finding)
}

fn message(shut: &Shut<'_>) -> Message {
    let (name, zone) = (&shut.group.name.value, &shut.group.from);
    let (ports, family) = (shut.ports, shut.family.name());
    if shut.trace.verdict != Verdict::Maybe {
        return Message {
            en: format!("`{name}` is shut out: zone `{zone}` cannot reach {ports} over {family}"),
            zh: format!("`{name}` 被拒之门外：区域 `{zone}` 无法通过 {family} 访问 {ports}"),
        };
    }
    let on: Vec<_> = shut.trace.depends_on.iter().map(phrases::dependence).collect();
    let on = phrases::enumerated(&on);
    Message {
        en: format!(
            "`{name}` may be shut out: whether zone `{zone}` reaches {ports} over {family} depends on {}",
            on.en
        ),
        zh: format!(
            "`{name}` 可能被拒之门外：区域 `{zone}` 能否通过 {family} 访问 {ports} 取决于 {}",
            on.zh
        ),
    }
}

/// Where the configuration asks for it.
fn asked(group: &Group) -> Message {
    let spot = &group.name.spot;
    let (name, path) = (&group.name.value, &spot.file.path);
    let line = spot.line();
    Message {
        en: format!("`{name}` of `[expect]` asks for it ({path}:{line})."),
        zh: format!("`[expect]` 中的 `{name}` 有此要求（{path}:{line}）。"),
    }
}

/// What keeps them out, with what to say there.
fn decided(cx: &Context<'_>, trace: &Trace) -> Option<(Place, Message)> {
    let ruleset = cx.ruleset();
    let both = |en: &str, zh: &str| Message { en: en.to_owned(), zh: zh.to_owned() };
    let unsure = trace.verdict == Verdict::Maybe;
    match trace.decided_by {
        Decision::Rule(id, _) => {
            let rule = ruleset.rule(id);
            let span = ruleset.verdict_of(rule).map_or(rule.place.span, |(_, span)| span);
            let label = if unsure {
                both("depends on this rule", "取决于此规则")
            } else {
                both("this rule keeps them out", "此规则将其拒绝")
            };
            Some((Place { file: rule.place.file, span }, label))
        }
        Decision::Policy(id) => {
            let chain = ruleset.chain(id);
            let place = chain.base.and_then(|base| base.policy_place).unwrap_or(chain.place);
            Some((place, both("no rule lets them in", "没有规则放行")))
        }
        Decision::None => {
            let (_, chain, _) = ruleset.base_chains().next()?;
            Some((chain.place, both("nothing here decides it", "此处没有任何内容作出决定")))
        }
    }
}
