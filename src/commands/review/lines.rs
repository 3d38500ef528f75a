//! The lines of the table: what is open to the same sort of senders is one line, in both families and by all rules.

use super::{
    HostContext, OpenPart,
    assumptions::is_filtered,
    exposures::{Decided, Source},
    sentences::{senders, what},
};
use crate::{
    analysis::{Path, SourceClass},
    knowledge::{PortRange, Risk, ServiceId},
    model::{Family, Hook},
    packets::{Ranges, SetId},
    words::Message,
};
use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};

/// A part with more ranges of ports than this is one line.
const MOST_RANGES: usize = 8;
/// More ports than this are nearly all of them.
const EVERYTHING: u32 = 60_000;
/// Up to so many ports in a row, each known service is named as one that is opened.
const FEW_PORTS: u32 = 3;

/// A line of the table.
#[derive(Debug, Clone)]
pub struct Line {
    /// Who can send.
    pub class: SourceClass,
    /// Where it goes.
    pub paths: Vec<Path>,
    /// `tcp/22`, `icmp`, `tcp: 31 ranges, 65,505 ports`.
    pub what: Message,
    /// The services there, the worst first.
    pub services: Vec<String>,
    /// Whether those are only the known ones among many ports.
    pub is_among_many: bool,
    /// Where a translation leads.
    pub translated_to: Option<String>,
    /// In IPv4 and in IPv6.
    pub cells: [Cell; 2],
    /// The senders, in words.
    pub senders: Message,
    /// What decides, in the order of the files.
    pub decided_by: Vec<Decided>,
    /// What a *maybe* depends on.
    pub depends_on: Vec<Message>,
    /// What slows a sender down.
    pub limited_by: Vec<Message>,
    /// Whether the user said that it is meant to be open.
    pub declared: bool,
    /// The lints that report it.
    pub findings: Vec<&'static str>,
    weight: Weight,
}

/// How bad it is: what opens nearly everything, then what opens the worst service.
type Weight = (bool, Option<Risk>);

/// What a line says about one family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// Open.
    Open,
    /// Open, and a sender has to wait or to repeat.
    Limited,
    /// Perhaps.
    Maybe,
    /// Open for some of it.
    Partly,
    /// Closed.
    Closed,
    /// The files do not say.
    NotGiven,
}

impl Cell {
    /// Whether packets surely or perhaps get in.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Limited | Self::Maybe | Self::Partly)
    }
}

/// What makes two parts one line.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) class: SourceClass,
    pub(super) path: Path,
    pub(super) transport: Arc<str>,
    pub(super) ports: Ports,
    pub(super) icmp: Vec<u8>,
    pub(super) translated_to: Option<String>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ports {
    None,
    Range(u16, u16),
    /// Many ranges.
    Many(Vec<(u16, u16)>),
}

/// The parts of a line.
pub(super) struct Member<'o> {
    pub(super) opens: Vec<&'o OpenPart>,
    pub(super) sources: [Vec<SetId>; 2],
    pub(super) interfaces: [Vec<SetId>; 2],
}

impl Member<'_> {
    const NONE: Self = Self {
        opens: Vec::new(),
        sources: [const { Vec::new() }; 2],
        interfaces: [const { Vec::new() }; 2],
    };
}

/// The lines, the worst first.
///
/// Where not everything was analysed, nothing is surely closed; nor is a range of ports where rules were `passed_over`.
pub(super) fn of(
    cx: &HostContext<'_>,
    opens: &[OpenPart],
    sources: &[Source<'_>],
    complete: bool,
    passed_over: bool,
) -> Vec<Line> {
    let mut members: BTreeMap<Key, Member<'_>> = BTreeMap::new();
    for exposure in sources.chunk_by(|a, b| a.exposure == b.exposure) {
        for (key, group) in groups(opens, exposure) {
            let told = if &*key.transport == "any" {
                vec![(Ports::None, group)]
            } else {
                ranges(opens, &group)
            };
            for (ports, own) in told {
                let about = ports.clone();
                let member = members.entry(Key { ports, ..key.clone() }).or_insert(Member::NONE);
                for source in own {
                    let at = usize::from(source.family.space.family == Family::Ipv6);
                    member.sources[at].push(source.part.sources);
                    member.interfaces[at].push(source.part.from);
                    let opens = &opens[source.opens.clone()];
                    member.opens.extend(opens.iter().filter(|it| within(it, &about)));
                }
            }
        }
    }
    let index = Index::of(opens);
    let lines = members.into_iter().map(|(key, member)| {
        let is_known = complete && (!passed_over || opened(&key) == 1);
        let mut line = line(cx, &index, key, &member);
        for cell in line.cells.iter_mut().filter(|it| !is_known && **it == Cell::Closed) {
            *cell = Cell::Maybe;
        }
        line
    });
    let mut lines: Vec<Line> = lines.collect();
    join_paths(&mut lines);
    // The order of the keys stands where these are alike.
    lines.sort_by_key(|it| {
        let sure = it.cells.iter().any(|cell| matches!(cell, Cell::Open | Cell::Limited));
        (it.class, Reverse(sure), Reverse(it.weight))
    });
    lines
}

/// What one rule opens, by what keeps its parts from being told together whatever their ports are.
fn groups<'s, 'a>(
    opens: &[OpenPart],
    exposure: &'s [Source<'a>],
) -> BTreeMap<Key, Vec<&'s Source<'a>>> {
    let mut groups: BTreeMap<Key, Vec<&Source<'_>>> = BTreeMap::new();
    for source in exposure {
        let Some(open) = opens[source.opens.clone()].first() else { continue };
        let transport = match &*open.transport {
            "icmpv6" => "icmp".into(),
            _ => Arc::clone(&open.transport),
        };
        let key = Key {
            class: open.class,
            path: open.path,
            transport,
            ports: Ports::None,
            icmp: types(open),
            translated_to: open.translated_to.clone(),
        };
        groups.entry(key).or_default().push(source);
    }
    // TCP, UDP and all others in whole are simply everything.
    let of = |key: &Key, transport: &str| Key { transport: transport.into(), ..key.clone() };
    let others: Vec<Key> =
        groups.keys().filter(|it| matches!(&*it.transport, "other" | "any")).cloned().collect();
    for key in others {
        let keys = ["tcp", "udp", "other"].map(|it| of(&key, it));
        let is_whole = |key: &Key| {
            groups.get(key).is_some_and(|group| {
                matches!(&ranges(opens, group)[..], [(Ports::Range(0, u16::MAX) | Ports::None, _)])
            })
        };
        if groups.contains_key(&of(&key, "any")) || keys.iter().all(is_whole) {
            let all: Vec<_> = keys.iter().filter_map(|it| groups.remove(it)).flatten().collect();
            groups.entry(of(&key, "any")).or_default().extend(all);
        }
    }
    groups
}

/// The ports that some parts open together, each range with the parts that are about it; many ranges are one.
fn ranges<'s, 'a>(
    opens: &[OpenPart],
    group: &[&'s Source<'a>],
) -> Vec<(Ports, Vec<&'s Source<'a>>)> {
    let ports = |source: &Source<'_>| opens[source.opens.clone()].iter().filter_map(|it| it.ports);
    let single = group.iter().flat_map(|it| ports(it)).map(|(a, b)| (a.into(), b.into()));
    let joined = Ranges::of(single.collect());
    let port = |value: u128| u16::try_from(value).expect("a port has 16 bits");
    let joined: Vec<(u16, u16)> =
        joined.as_slice().iter().map(|(low, high)| (port(*low), port(*high))).collect();
    if joined.is_empty() {
        return vec![(Ports::None, group.to_vec())];
    }
    if joined.len() > MOST_RANGES {
        return vec![(Ports::Many(joined), group.to_vec())];
    }
    let about = |range: (u16, u16)| {
        let range = Ports::Range(range.0, range.1);
        let touches =
            |it: &&&Source<'_>| opens[it.opens.clone()].iter().any(|open| within(open, &range));
        let own = group.iter().filter(touches).copied().collect();
        (range, own)
    };
    joined.into_iter().map(about).collect()
}

/// Whether a part is about these ports.
fn within(open: &OpenPart, ports: &Ports) -> bool {
    match (ports, open.ports) {
        (Ports::Range(low, high), Some((first, last))) => *low <= first && last <= *high,
        _ => true,
    }
}

/// Makes one of lines that differ in their path alone.
fn join_paths(lines: &mut Vec<Line>) {
    let mut joined: Vec<Line> = Vec::new();
    let mut known: BTreeMap<(SourceClass, String, Option<String>), Vec<usize>> = BTreeMap::new();
    for line in std::mem::take(lines) {
        let key = (line.class, line.what.en.clone(), line.translated_to.clone());
        let same = known.entry(key).or_default();
        if let Some(at) = same.iter().find(|at| joined[**at].is_like(&line)) {
            joined[*at].paths.extend(line.paths);
            continue;
        }
        same.push(joined.len());
        joined.push(line);
    }
    *lines = joined;
}

impl Line {
    /// Whether the same is said of another path.
    fn is_like(&self, other: &Self) -> bool {
        let said = |it: &Self| (it.cells, it.senders.clone(), it.findings.clone());
        self.decided_by == other.decided_by
            && said(self) == said(other)
            && (&self.depends_on, &self.limited_by) == (&other.depends_on, &other.limited_by)
    }
}

/// The types of ICMP, those of IPv6 by the numbers that the same have in IPv4.
fn types(open: &OpenPart) -> Vec<u8> {
    open.icmp.iter().map(|kind| if *kind == 128 { 8 } else { *kind }).collect()
}

/// What is open, to find what else is open at the same ports.
struct Index<'o>(BTreeMap<(Family, Path, &'o str), Vec<&'o OpenPart>>);

impl<'o> Index<'o> {
    fn of(opens: &'o [OpenPart]) -> Self {
        let mut index = Self(BTreeMap::new());
        for open in opens {
            let key = (open.family, open.path, &*open.transport);
            index.0.entry(key).or_default().push(open);
        }
        index
    }

    /// Whether a family opens it to as many in some other way.
    fn cell(&self, family: Family, key: &Key) -> Cell {
        let of = |transport| self.0.get(&(family, key.path, transport)).into_iter().flatten();
        let transport = match (&*key.transport, family) {
            ("icmp", Family::Ipv6) => "icmpv6",
            (other, _) => other,
        };
        let wide = of(transport).chain(of("any")).filter(|it| it.class <= key.class);
        let mut found = Cell::Closed;
        for open in wide {
            let whole = match (&key.ports, open.ports) {
                (Ports::Range(low, high), Some((first, last))) => {
                    if last < *low || *high < first {
                        continue;
                    }
                    first <= *low && *high <= last
                }
                (Ports::Many(_), Some(_)) => false,
                _ => open.icmp.is_empty() || types(open) == key.icmp,
            };
            let cell = if whole { state(open) } else { Cell::Partly };
            found = better(found, cell);
        }
        found
    }
}

fn better(a: Cell, b: Cell) -> Cell {
    let rank = |cell: Cell| match cell {
        Cell::Open => 5,
        Cell::Limited => 4,
        Cell::Partly => 3,
        Cell::Maybe => 2,
        Cell::Closed => 1,
        Cell::NotGiven => 0,
    };
    if rank(a) >= rank(b) { a } else { b }
}

fn state(open: &OpenPart) -> Cell {
    if !open.depends_on.is_empty() {
        Cell::Maybe
    } else if !open.limited_by.is_empty() {
        Cell::Limited
    } else {
        Cell::Open
    }
}

fn line(cx: &HostContext<'_>, index: &Index<'_>, key: Key, member: &Member<'_>) -> Line {
    let opens = &member.opens;
    let cell = |family: Family| {
        let own = opens.iter().filter(|it| it.family == family).map(|it| state(it));
        let own = own.reduce(better);
        own.unwrap_or_else(|| {
            if is_given(cx, family, key.path) { index.cell(family, &key) } else { Cell::NotGiven }
        })
    };
    let cells = [Family::Ipv4, Family::Ipv6].map(cell);
    let facts = |id| cx.knowledge.facts(id);
    let mut named: Vec<_> = opens.iter().flat_map(|it| &it.services).map(|it| it.service).collect();
    named.sort_by_key(|id| (Reverse(facts(*id).risk), *id));
    named.dedup();
    let weight = (opened(&key) >= EVERYTHING, named.first().map(|id| facts(*id).risk));
    let own = |id: &ServiceId| -> u32 {
        let ports = facts(*id).ports.iter();
        let shared = |it: &PortRange| match key.ports {
            Ports::Range(low, high) if it.first <= high && low <= it.last => {
                u32::from(it.last.min(high)) - u32::from(it.first.max(low)) + 1
            }
            _ => 0,
        };
        ports.map(shared).sum()
    };
    let is_among_many = !matches!(key.ports, Ports::None)
        && opened(&key) > FEW_PORTS
        && named.iter().all(|id| own(id) * 2 < opened(&key));
    let mut services: Vec<String> = named.iter().map(|id| facts(*id).service.to_owned()).collect();
    services.retain(|it| **it != *key.transport);
    let mut seen = std::collections::BTreeSet::new();
    services.retain(|it| seen.insert(it.clone()));
    let mut decided_by: Vec<Decided> = opens.iter().map(|it| it.decided_by).collect();
    decided_by.sort_unstable_by_key(|it| it.place());
    decided_by.dedup();
    let mut findings: Vec<_> = opens.iter().flat_map(|it| it.findings.iter().copied()).collect();
    findings.sort_unstable();
    findings.dedup();
    let messages = |of: fn(&OpenPart) -> &[Message]| {
        let mut all: Vec<Message> = opens.iter().flat_map(|it| of(it)).cloned().collect();
        all.sort_by(|a, b| a.en.cmp(&b.en));
        all.dedup();
        all
    };
    let maybe = cells.contains(&Cell::Maybe);
    let limited = cells.contains(&Cell::Limited);
    Line {
        class: key.class,
        paths: vec![key.path],
        what: what(&key),
        services,
        is_among_many,
        cells,
        senders: senders(cx, key.class, member),
        decided_by,
        depends_on: if maybe { messages(|it| &it.depends_on) } else { Vec::new() },
        limited_by: if limited { messages(|it| &it.limited_by) } else { Vec::new() },
        declared: opens.iter().all(|it| it.declared),
        findings,
        weight,
        translated_to: key.translated_to,
    }
}

/// How many ports it is about.
pub(super) fn opened(key: &Key) -> u32 {
    let count = |(low, high): &(u16, u16)| u32::from(*high) - u32::from(*low) + 1;
    match &key.ports {
        Ports::None => {
            if &*key.transport == "any" {
                u32::MAX
            } else {
                0
            }
        }
        Ports::Range(low, high) => count(&(*low, *high)),
        Ports::Many(ranges) => ranges.iter().map(count).sum(),
    }
}

/// Whether the files say what becomes of a family's packets on a path.
fn is_given(cx: &HostContext<'_>, family: Family, path: Path) -> bool {
    let analysed = cx.analysis.families.iter().any(|it| it.space.family == family);
    analysed
        && match path {
            Path::Input => is_filtered(cx, family, Hook::Input),
            Path::Forward => is_filtered(cx, family, Hook::Forward),
            Path::Fragment => true,
        }
}
