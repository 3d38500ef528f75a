//! What is open, one value for each transport, range of ports and group of senders.

use super::{HostContext, codes::Codes};
use crate::{
    analysis::{
        Decider, Exposure, FamilyAnalysis, Opening, Part, Path, Slice, SourceClass, Transport, What,
    },
    knowledge::{self, Knowledge},
    lints::{Confidence, OpenService, Place, subject},
    model::{Family, Field, RuleId, Subject, display_ranges},
    packets::{Ranges, SetId},
    settings::{Expect, Listening},
    words::Message,
};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Packets that start a flow and are let in.
#[derive(Debug, Clone)]
pub struct OpenPart {
    /// The family.
    pub family: Family,
    /// The transport's name: `tcp`, `icmp`, `gre`; `any` for all, `other` for all but TCP and UDP.
    pub transport: Arc<str>,
    /// The ports that a client dials; `None` where there are none to say.
    pub ports: Option<(u16, u16)>,
    /// Where they go.
    pub path: Path,
    /// Who can send them.
    pub class: SourceClass,
    /// The sources, without those that are left out of all.
    pub sources: Arc<Addresses>,
    /// The interfaces they come in on: `any` first where that is so, then with `!` what is not.
    pub interfaces: Arc<[String]>,
    /// The interfaces they go out on, where they go through.
    pub out: Arc<[String]>,
    /// The destinations as they are sent to.
    pub destinations: Arc<Addresses>,
    /// The source ports; none for any.
    pub source_ports: Arc<[(u16, u16)]>,
    /// The types of ICMP; none for every one that starts a flow.
    pub icmp: Arc<[u8]>,
    /// What must hold besides and nobody can tell: then it *may* be open.
    pub depends_on: Arc<[Message]>,
    /// What slows a sender down.
    pub limited_by: Arc<[Message]>,
    /// What decided.
    pub decided_by: Decided,
    /// Where a translation leads.
    pub translated_to: Option<String>,
    /// The services there, the worst first.
    pub services: Vec<OpenService>,
    /// Whether the user said that it is meant to be open.
    pub declared: bool,
    /// Whether a program of the host listens there.
    pub listening: Listening,
    /// How sure it is.
    pub confidence: Confidence,
    /// The lints that report it.
    pub findings: Vec<&'static str>,
}

impl OpenPart {
    /// The word of JSON.
    pub fn state(&self) -> &'static str {
        if self.depends_on.is_empty() { "open" } else { "maybe" }
    }
}

/// Addresses as people say them: those, or all but those.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Addresses {
    /// Their family.
    pub family: Family,
    /// The addresses.
    pub ranges: Vec<(u128, u128)>,
    /// What is left out of them.
    pub except: Vec<(u128, u128)>,
}

impl Addresses {
    /// The addresses as prefixes, or as `first-last`.
    pub fn names(&self) -> Vec<String> {
        display_ranges(self.family, &self.ranges)
    }

    /// What is left out.
    pub fn exceptions(&self) -> Vec<String> {
        display_ranges(self.family, &self.except)
    }

    /// Whether it is all of them, or all but some.
    pub fn is_all(&self) -> bool {
        self.ranges == [(0, self.family.last_address())]
    }

    /// A set that holds more than half of all is told by what it lacks.
    pub(super) fn of(family: &FamilyAnalysis<'_>, field: Field, set: SetId) -> Self {
        let last = family.space.family.last_address();
        let held = family.space.ranges(field, set);
        let all = Ranges::range(0, last);
        let (ranges, except) = if held.size() > last / 2 {
            let except = all.minus(&held);
            (all, except)
        } else {
            (held, Ranges::EMPTY)
        };
        let [ranges, except] = [ranges, except].map(|it| it.as_slice().to_vec());
        Self { family: family.space.family, ranges, except }
    }

    /// Destinations: any, or all of them one by one.
    fn of_destinations(family: &FamilyAnalysis<'_>, set: SetId) -> Self {
        let space = &family.space;
        let ranges = if family.is_any_destination(set) {
            vec![(0, space.family.last_address())]
        } else {
            space.ranges(Field::Destination, set).as_slice().to_vec()
        };
        Self { family: space.family, ranges, except: Vec::new() }
    }
}

/// What let packets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decided {
    /// A rule.
    Rule(Place),
    /// A chain's policy.
    Policy(Place),
}

impl Decided {
    /// Where it is written.
    pub const fn place(self) -> Place {
        match self {
            Self::Rule(place) | Self::Policy(place) => place,
        }
    }
}

/// A part with where it comes from: what a line of the table is made of.
pub(super) struct Source<'a> {
    pub(super) family: &'a FamilyAnalysis<'a>,
    /// Those with the same number are let in by the same rule or policy on the same path.
    pub(super) exposure: usize,
    pub(super) path: Path,
    pub(super) part: Part,
    /// The open parts that are made of it, one for each range of ports.
    pub(super) opens: std::ops::Range<usize>,
}

/// Everything that is open, and what it is made of.
pub(super) fn of<'a>(cx: &HostContext<'a>, codes: &Codes) -> (Vec<OpenPart>, Vec<Source<'a>>) {
    let mut opens = Vec::new();
    let mut sources = Vec::new();
    for (family, openings) in cx.analysis.families.iter().zip(cx.openings) {
        let mut shown = Shown::new(cx, family);
        let mut at = 0;
        for (exposure, index) in family.exposures.iter().zip(0..) {
            let own = openings[at..].iter().take_while(|it| it.exposure == index).count();
            let found = From::Exposure(exposure, &openings[at..at + own]);
            at += own;
            add(
                &mut shown,
                codes,
                &exposure.slices,
                exposure.path,
                found,
                &mut opens,
                &mut sources,
            );
        }
        for policy in &family.policies {
            let found = From::Policy(policy.chain);
            add(&mut shown, codes, &policy.slices, policy.path, found, &mut opens, &mut sources);
        }
    }
    (opens, sources)
}

/// What lets slices in.
#[derive(Clone, Copy)]
enum From<'a> {
    Exposure(&'a Exposure, &'a [Opening]),
    Policy(crate::model::ChainId),
}

fn add<'a>(
    shown: &mut Shown<'_, 'a>,
    codes: &Codes,
    slices: &[Slice],
    path: Path,
    from: From<'a>,
    opens: &mut Vec<OpenPart>,
    sources: &mut Vec<Source<'a>>,
) {
    let family = shown.family;
    let exposure = sources.last().map_or(0, |it: &Source<'_>| it.exposure + 1);
    for part in family.parts(slices, path) {
        let start = opens.len();
        let template = shown.open(&part, path, from);
        for ports in port_ranges(family, &part) {
            let mut open = template.clone();
            open.ports = ports;
            let protocol = match part.transport {
                Transport::Protocol(protocol) => Some(protocol),
                Transport::Any | Transport::Other => None,
            };
            if let From::Exposure(_, openings) = from {
                open.services = services(shown.cx.knowledge, openings, protocol, ports);
            }
            if let Some(worst) = open.services.first() {
                let facts = shown.cx.knowledge.facts(worst.service);
                open.confidence = open.confidence.min(confidence(facts.confidence));
            }
            open.findings = codes.about(shown.places(from), open.class, protocol, ports);
            let expect = &shown.cx.group.settings.expect;
            open.declared = protocol.is_some_and(|it| declared(expect, it, open.ports));
            open.listening = listening(shown.cx, &open, protocol);
            opens.push(open);
        }
        let opens = start..opens.len();
        sources.push(Source { family, exposure, path, part, opens });
    }
}

/// Whether a program of the host itself listens there, as far as the user says.
fn listening(cx: &HostContext<'_>, open: &OpenPart, protocol: Option<u8>) -> Listening {
    let to_host = open.path == Path::Input && open.translated_to.is_none();
    let host = cx.group.host.filter(|_| to_host);
    match (host, protocol, open.ports) {
        (Some(host), Some(protocol), Some((first, last))) => {
            host.listening(open.family, protocol, first..=last)
        }
        _ => Listening::Unknown,
    }
}

/// Whether the user said that all of it is meant to be open.
fn declared(expect: &Expect, protocol: u8, ports: Option<(u16, u16)>) -> bool {
    ports.is_some_and(|(first, last)| {
        Ranges::range(first.into(), last.into()).is_subset(&expect.public_ports(protocol))
    })
}

const fn confidence(confidence: knowledge::Confidence) -> Confidence {
    match confidence {
        knowledge::Confidence::High => Confidence::High,
        knowledge::Confidence::Medium => Confidence::Medium,
        knowledge::Confidence::Low => Confidence::Low,
    }
}

/// The ranges of a part's ports; one without ports for a transport that has none.
fn port_ranges(family: &FamilyAnalysis<'_>, part: &Part) -> Vec<Option<(u16, u16)>> {
    let has_ports =
        matches!(part.transport, Transport::Protocol(it) if crate::packets::has_ports(it));
    if !has_ports {
        return vec![None];
    }
    ports(family, Field::DestinationPort, part.ports).into_iter().map(Some).collect()
}

pub(super) fn ports(family: &FamilyAnalysis<'_>, field: Field, set: SetId) -> Vec<(u16, u16)> {
    let port = |value: u128| u16::try_from(value).expect("a port has 16 bits");
    let ranges = family.space.ranges(field, set);
    ranges.as_slice().iter().map(|(low, high)| (port(*low), port(*high))).collect()
}

/// The services that an exposure opens at some ports, the worst first.
fn services(
    knowledge: &Knowledge,
    openings: &[Opening],
    protocol: Option<u8>,
    ports: Option<(u16, u16)>,
) -> Vec<OpenService> {
    let within = |port: Option<u16>| match (port, ports) {
        (Some(port), Some((first, last))) => (first..=last).contains(&port),
        (None, None) => true,
        _ => false,
    };
    let mut services = Vec::new();
    for opening in openings {
        match &opening.what {
            // A port is called what it is best known for.
            What::Service(it)
                if Some(it.protocol) == protocol && within(it.port) && !it.secondary =>
            {
                let (service, protocol, port) = (it.service, it.protocol, it.port);
                services.push(OpenService { service, protocol, port });
            }
            What::Range(range) if Some(range.protocol) == protocol => {
                let worst = range.worst.iter().filter(|(port, _)| within(Some(*port)));
                services.extend(worst.map(|(port, service)| OpenService {
                    service: *service,
                    protocol: range.protocol,
                    port: Some(*port),
                }));
            }
            What::Reserved { protocol: own, port, service: Some(service) }
                if Some(*own) == protocol && within(Some(*port)) =>
            {
                let (service, protocol, port) = (*service, *own, Some(*port));
                services.push(OpenService { service, protocol, port });
            }
            _ => {}
        }
    }
    services.sort_by_key(|it| (std::cmp::Reverse(knowledge.facts(it.service).risk), it.port));
    services
}

/// Makes values of sets, each set once.
struct Shown<'s, 'a> {
    cx: &'s HostContext<'a>,
    family: &'a FamilyAnalysis<'a>,
    transports: FxHashMap<Transport, Arc<str>>,
    sources: FxHashMap<SetId, Arc<Addresses>>,
    destinations: FxHashMap<SetId, Arc<Addresses>>,
    interfaces: FxHashMap<SetId, Arc<[String]>>,
}

impl<'s, 'a> Shown<'s, 'a> {
    fn new(cx: &'s HostContext<'a>, family: &'a FamilyAnalysis<'a>) -> Self {
        let (sources, destinations) = (FxHashMap::default(), FxHashMap::default());
        let (transports, interfaces) = (FxHashMap::default(), FxHashMap::default());
        Self { cx, family, transports, sources, destinations, interfaces }
    }

    /// What is said of a part whatever its ports are.
    fn open(&mut self, part: &Part, path: Path, from: From<'_>) -> OpenPart {
        let family = self.family;
        let kept = |set, to: bool| if to { set } else { SetId::EMPTY };
        let interfaces = |this: &mut Self, set| {
            let named = this.interfaces.entry(set);
            Arc::clone(named.or_insert_with(|| family.interface_names(set).into()))
        };
        let (come, go) = (interfaces(self, part.from), kept(part.to, path == Path::Forward));
        let out = if go == SetId::EMPTY { Arc::default() } else { interfaces(self, go) };
        let sources = self.sources.entry(part.sources);
        let sources =
            sources.or_insert_with(|| Arc::new(Addresses::of(family, Field::Source, part.sources)));
        // What is sent to where others are translated goes there, too.
        let target = part.translated_to.and_then(|(addresses, _)| addresses);
        let all = family.space.store.union(part.destinations, target.unwrap_or(SetId::EMPTY));
        let sent_to = if family.is_any_destination(all) { all } else { part.destinations };
        let destinations = self
            .destinations
            .entry(sent_to)
            .or_insert_with(|| Arc::new(Addresses::of_destinations(family, sent_to)));
        let transports = self.transports.entry(part.transport);
        let transport =
            transports.or_insert_with(|| transport(self.cx.knowledge, part.transport).into());
        let any = part.source_ports == SetId::FULL;
        let source_ports = || ports(family, Field::SourcePort, part.source_ports);
        let said = |subjects: &[Subject]| shared(subjects.iter().map(subject).collect());
        let sure = part.depends_on.is_empty() && path != Path::Fragment;
        OpenPart {
            family: family.space.family,
            transport: Arc::clone(transport),
            ports: None,
            path,
            class: part.class,
            sources: Arc::clone(sources),
            interfaces: come,
            out,
            destinations: Arc::clone(destinations),
            source_ports: shared(if any { Vec::new() } else { source_ports() }),
            icmp: shared(icmp(family, part)),
            depends_on: said(&part.depends_on),
            limited_by: said(&part.limited_by),
            decided_by: self.decided_by(from),
            translated_to: translated_to(family, part),
            services: Vec::new(),
            declared: false,
            listening: Listening::Unknown,
            confidence: if sure { Confidence::High } else { Confidence::Low },
            findings: Vec::new(),
        }
    }

    fn decided_by(&self, from: From<'_>) -> Decided {
        let ruleset = self.cx.analysis.ruleset;
        let policy = |chain| {
            let chain = ruleset.chain(chain);
            Decided::Policy(chain.base.and_then(|it| it.policy_place).unwrap_or(chain.place))
        };
        let rule = |rule: RuleId| Decided::Rule(ruleset.rule(rule).place);
        match from {
            From::Policy(chain) => policy(chain),
            From::Exposure(exposure, _) => match exposure.decider {
                Decider::Rule(it) => rule(it),
                Decider::Policy(chain) => policy(chain),
            },
        }
    }

    /// The places that a finding about it may be at.
    fn places(&self, from: From<'_>) -> impl Iterator<Item = Place> {
        let translated = match from {
            From::Exposure(exposure, _) => exposure.translated_by,
            From::Policy(_) => None,
        };
        let translated = translated.map(|it| self.cx.analysis.ruleset.rule(it).place);
        [self.decided_by(from).place()].into_iter().chain(translated)
    }
}

/// Most lists are empty, and all empty ones are one.
fn shared<T>(list: Vec<T>) -> Arc<[T]> {
    if list.is_empty() { Arc::default() } else { list.into() }
}

/// The types of ICMP, where not all that start a flow are open.
fn icmp(family: &FamilyAnalysis<'_>, part: &Part) -> Vec<u8> {
    let starting: &[u8] = match family.space.family {
        Family::Ipv4 => &[8, 13, 15, 17],
        Family::Ipv6 => &[128, 139],
    };
    if part.icmp == SetId::FULL {
        return Vec::new();
    }
    let held = |kind: &u8| {
        let first = u128::from(*kind) << 8;
        let codes = family.space.range(Field::Icmp, first, first | 0xff);
        family.space.store.overlaps(part.icmp, codes)
    };
    let types: Vec<u8> = starting.iter().copied().filter(held).collect();
    if types.len() == starting.len() { Vec::new() } else { types }
}

/// `172.18.0.3:5432`, `10.0.0.1-10.0.0.4:80`, `:3128` for another port of this host.
fn translated_to(family: &FamilyAnalysis<'_>, part: &Part) -> Option<String> {
    let (addresses, ports) = part.translated_to?;
    let ports = ports.map(|set| {
        let ranges = self::ports(family, Field::DestinationPort, set);
        ranges.into_iter().map(port_range).collect::<Vec<_>>().join(",")
    });
    let Some(addresses) = addresses else { return ports.map(|it| format!(":{it}")) };
    if let (Some(address), Some(ports)) = (family.only_address(addresses), &ports) {
        return Some(address.with_ports(ports));
    }
    let ranges = family.space.ranges(Field::Destination, addresses);
    let names = display_ranges(family.space.family, ranges.as_slice()).join(",");
    Some(ports.map_or_else(|| names.clone(), |ports| format!("{names}:{ports}")))
}

/// `79`, `6000-6063`.
pub(super) fn port_range((first, last): (u16, u16)) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

fn transport(knowledge: &Knowledge, transport: Transport) -> String {
    let protocol = match transport {
        Transport::Any => return "any".to_owned(),
        Transport::Other => return "other".to_owned(),
        Transport::Protocol(protocol) => protocol,
    };
    let known = match protocol {
        1 => "icmp",
        6 => "tcp",
        17 => "udp",
        33 => "dccp",
        50 => "esp",
        51 => "ah",
        58 => "icmpv6",
        132 => "sctp",
        136 => "udplite",
        _ => match knowledge.protocol_service(protocol) {
            Some(service) => knowledge.facts(service).service,
            None => return protocol.to_string(),
        },
    };
    known.to_owned()
}
