//! What an exposure opens, as the knowledge base calls it: services, ranges, everything.

use super::{
    Decider, Exposure, FamilyAnalysis, RangeClass, Slice,
    interfaces::Atom,
    opened::{Everything, OpenRange, OpenService, Opening, What},
    runs::{class, is_by_chance, is_custom, joined, port_number, port_range},
};
use crate::{
    knowledge::{Category, Knowledge, PortRange, RangeKind, Risk, ServiceId},
    model::{Address, Condition, DestinationKind, Field, RuleId},
    packets::{Ranges, SetId},
};
use std::collections::{BTreeMap, BTreeSet};

/// The transports that have ports, by protocol number: TCP, UDP, SCTP, DCCP, UDP-Lite.
pub(super) const TRANSPORTS: [u8; 5] = [6, 17, 132, 33, 136];
/// A rule that leaves fewer ports than this closed opens everything.
const EVERYTHING: u128 = 60_000;
/// A source port condition that leaves more ports than this trusts nobody in particular.
const NARROW_SOURCE_PORTS: u128 = 32_768;
/// More groups of addresses than this are not told apart by the ports that are open at each.
const MOST_TARGETS: usize = 512;

/// The ports that are open of each transport, and the slices that open them.
type Ports = BTreeMap<u8, (Ranges, Vec<usize>)>;

/// What a family's exposures open. Runs of more than `wide` ports count as ranges.
pub(super) fn of(
    family: &FamilyAnalysis<'_>,
    knowledge: &Knowledge,
    wide: u16,
    audit: bool,
) -> Vec<Opening> {
    let mut openings = Vec::new();
    for (exposure, index) in family.exposures.iter().zip(0..) {
        if family.leads_outside(exposure) {
            continue;
        }
        let opener = Opener {
            family,
            knowledge,
            exposure,
            index,
            wide: wide.into(),
            audit,
            openings: &mut openings,
        };
        opener.run();
    }
    openings
}

struct Opener<'a, 'r> {
    family: &'a FamilyAnalysis<'r>,
    knowledge: &'a Knowledge,
    exposure: &'a Exposure,
    index: usize,
    wide: u128,
    audit: bool,
    openings: &'a mut Vec<Opening>,
}

impl Opener<'_, '_> {
    fn run(mut self) {
        let mut ports = self.of_strangers(self.ports(|_| true));
        if self.source_port(&ports) {
            return;
        }
        if !all_open(&ports).is_empty() {
            // What passes without the rule is told of what lets it pass.
            let by_policy = matches!(self.exposure.decider, Decider::Policy(_));
            ports =
                self.of_strangers(self.ports(|it| !(it.regardless || by_policy && it.redirected)));
            if self.everything(&ports) {
                return;
            }
        }
        // A rule for all protocols that lacks the ports is not about SCTP and its like.
        if ports.contains_key(&6) && ports.contains_key(&17) {
            ports.retain(|protocol, _| matches!(protocol, 6 | 17));
        }
        self.protocols();
        self.range(&ports);
        for (protocol, (open, slices)) in &ports {
            for (low, high) in open.as_slice() {
                if high - low < self.wide && !self.in_range(*protocol, *low) {
                    let run = port_range(*low, *high);
                    for port in run.first..=run.last {
                        self.port(*protocol, port, run, slices);
                    }
                }
            }
        }
    }

    /// The ports that slices open, by transport, with these slices.
    fn ports(&self, asked: impl Fn(&Slice) -> bool) -> Ports {
        let space = &self.family.space;
        let with = |protocol: u8| {
            let has = |index: &usize| {
                let slice = &self.exposure.slices[*index];
                space.store.contains(slice.sent(Field::Protocol), protocol.into()) && asked(slice)
            };
            let slices: Vec<usize> = (0..self.exposure.slices.len()).filter(has).collect();
            let open = self.union(&slices, Field::DestinationPort);
            (!slices.is_empty()).then_some((protocol, (open, slices)))
        };
        TRANSPORTS.into_iter().filter_map(with).collect()
    }

    /// The values of a field as it was sent: ports are those that a client dials.
    fn union(&self, slices: &[usize], field: Field) -> Ranges {
        let space = &self.family.space;
        let sets = slices.iter().map(|index| self.exposure.slices[*index].sent(field));
        let union = sets.fold(SetId::EMPTY, |union, set| space.store.union(union, set));
        space.ranges(field, union)
    }

    fn add(&mut self, what: What, slices: &[usize]) {
        if let Some(reach) = self.family.reach(self.exposure, slices) {
            self.openings.push(Opening { exposure: self.index, what, reach });
        }
    }

    /// What strangers get to where somebody gets to all ports: that a few are trusted with everything is no part of it, nor are
    /// addresses and source ports that only some ports are open to.
    fn of_strangers(&self, mut ports: Ports) -> Ports {
        for (open, slices) in ports.values_mut().filter(|(open, _)| is_all(open)) {
            *slices = self.widest(slices);
            let mut main = slices.clone();
            for narrow in [Self::of_many_ports, Self::at_open_addresses] {
                let narrowed = narrow(self, &main);
                if is_all(&self.union(&narrowed, Field::DestinationPort)) {
                    main = narrowed;
                }
            }
            // The ports that other conditions are asked of are part of it all the same.
            let ends = [Field::Destination, Field::SourcePort];
            let ends = ends.map(|field| (field, self.union(&main, field)));
            slices.retain(|it| {
                ends.iter().all(|(field, main)| self.union(&[*it], *field).is_subset(main))
            });
            *open = self.union(slices, Field::DestinationPort);
        }
        ports
    }

    /// The slices of the widest class, where those of one slice alone are strangers.
    fn widest(&self, slices: &[usize]) -> Vec<usize> {
        let class = |it: &usize| self.family.reach(self.exposure, &[*it]).map(|it| it.class);
        let classes: Vec<_> = slices.iter().map(class).collect();
        let widest = classes.iter().flatten().copied().filter(|it| it.is_world()).min();
        let of_it = slices.iter().zip(&classes).filter(|(_, class)| **class == widest);
        if widest.is_some() { of_it.map(|(it, _)| *it).collect() } else { slices.to_vec() }
    }

    fn of_many_ports(&self, slices: &[usize]) -> Vec<usize> {
        let space = &self.family.space;
        let count = |it: &usize| {
            let ports = self.exposure.slices[*it].sent(Field::DestinationPort);
            space.size(Field::DestinationPort, ports)
        };
        slices.iter().copied().filter(|it| count(it) > self.wide).collect()
    }

    /// The slices that are sent to addresses at which all ports are open.
    fn at_open_addresses(&self, slices: &[usize]) -> Vec<usize> {
        let store = &self.family.space.store;
        let get = |it: &usize, field| self.exposure.slices[*it].sent(field);
        let mut sent_to: BTreeMap<SetId, SetId> = BTreeMap::new();
        for it in slices {
            let ports = sent_to.entry(get(it, Field::Destination)).or_insert(SetId::EMPTY);
            *ports = store.union(*ports, get(it, Field::DestinationPort));
        }
        if sent_to.len() > MOST_TARGETS {
            return slices.to_vec();
        }
        let all_open = |addresses: &SetId| {
            let around = sent_to.iter().filter(|(it, _)| store.is_subset(*addresses, **it));
            let ports = around.fold(SetId::EMPTY, |all, (_, ports)| store.union(all, *ports));
            is_all(&self.family.space.ranges(Field::DestinationPort, ports))
        };
        let open: BTreeSet<SetId> = sent_to.keys().copied().filter(all_open).collect();
        slices.iter().copied().filter(|it| open.contains(&get(it, Field::Destination))).collect()
    }

    fn is_world(&self, slices: &[usize]) -> bool {
        self.family.reach(self.exposure, slices).is_some_and(|reach| reach.class.is_world())
    }

    /// Whether the rule trusts a source port: few source ports, many destination ports.
    fn source_port(&mut self, ports: &Ports) -> bool {
        for (protocol, (open, slices)) in ports {
            let from = self.union(slices, Field::SourcePort);
            let (Some(first), Some(last)) = (from.first(), from.as_slice().last()) else {
                continue;
            };
            if from.size() >= NARROW_SOURCE_PORTS
                || open.size() <= self.wide
                || !self.is_world(slices)
            {
                continue;
            }
            // DHCP clients and servers talk from one fixed port to another.
            let dhcp = [(67, 68), (546, 547)];
            if *protocol == 17 && dhcp.iter().any(|(a, b)| first >= *a && last.1 <= *b) {
                continue;
            }
            let target = self.family.target(self.exposure, slices);
            let what = What::SourcePort { protocol: *protocol, from, open: open.clone(), target };
            self.add(what, slices);
            return true;
        }
        false
    }

    fn everything(&mut self, ports: &Ports) -> bool {
        let all = all_open(ports);
        if all.is_empty() {
            return false;
        }
        let world: Vec<_> = all.iter().filter(|(_, slices)| self.is_world(slices)).collect();
        if let Some((_, slices)) = world.first() {
            let slices = (*slices).clone();
            let every = Ranges::range(1, u16::MAX.into());
            let opened = Everything {
                protocols: world.iter().map(|(protocol, _)| *protocol).collect(),
                whole: world.iter().all(|(protocol, _)| every.is_subset(&ports[protocol].0)),
                target: self.family.target(self.exposure, &slices),
                anywhere: self.is_anywhere(&slices),
            };
            self.add(What::Everything(opened), &slices);
        }
        // All ports for a few: somebody is trusted with everything, which is no exposure of a service.
        true
    }

    /// Whether packets may come in and go out on interfaces that no rule names.
    fn is_anywhere(&self, slices: &[usize]) -> bool {
        let space = &self.family.space;
        let atoms = space.interfaces.atoms().iter().zip(0_u128..);
        let other = atoms.filter(|(atom, _)| **atom == Atom::Other).map(|(_, number)| number);
        let slices = || slices.iter().map(|it| &self.exposure.slices[*it]);
        other.into_iter().any(|other| {
            let has = |set| space.store.contains(set, other);
            slices().any(|it| has(it.sent(Field::In)) && has(it.sent(Field::Out)))
        })
    }

    /// Protocols without ports, where the rule is about them and not about everything.
    fn protocols(&mut self) {
        let space = &self.family.space;
        let mut found: BTreeMap<u8, Vec<usize>> = BTreeMap::new();
        for (slice, index) in self.exposure.slices.iter().zip(0..) {
            let set = slice.sent(Field::Protocol);
            if space.size(Field::Protocol, set) > 4 {
                continue;
            }
            let set = space.ranges(Field::Protocol, set);
            for protocol in set.as_slice().iter().flat_map(|(low, high)| *low..=*high) {
                found.entry(u8::try_from(protocol).unwrap_or(u8::MAX)).or_default().push(index);
            }
        }
        for (protocol, slices) in found {
            if let Some(service) = self.knowledge.protocol_service(protocol) {
                let what = OpenService {
                    service,
                    protocol,
                    port: None,
                    translated_to: None,
                    decided_port: None,
                    by_chance: false,
                    routine: false,
                    secondary: false,
                };
                self.add(What::Service(what), &slices);
            }
        }
    }

    /// The one finding about a range: the widest class, then the longest run.
    fn range(&mut self, ports: &Ports) {
        let mut best: Option<(RangeClass, u128, u8, (u128, u128))> = None;
        for (protocol, (open, _)) in ports {
            for (low, high) in joined(open) {
                let inside = open.intersect(&Ranges::range(low, high)).size();
                let short = high - low < self.wide && !self.is_customary(*protocol, low, high);
                if short || inside * 10 < (high - low + 1) * 9 {
                    continue;
                }
                let class = class(low, high);
                let better = best.is_none_or(|(known, size, ..)| {
                    (class, u128::MAX - inside) < (known, u128::MAX - size)
                });
                if better {
                    best = Some((class, inside, *protocol, (low, high)));
                }
            }
        }
        let Some((class, _, protocol, (low, high))) = best else { return };
        let (open, slices) = &ports[&protocol];
        let range = port_range(low, high);
        let inside = open.intersect(&Ranges::range(low, high));
        let opened = u32::try_from(inside.size()).unwrap_or(u32::MAX);
        let mut worst = Vec::new();
        let mut known = 0;
        for (low, high) in inside.as_slice() {
            let part = port_range(*low, *high);
            known += self.knowledge.known_ports_in(protocol, part);
            let shown = |(_, id): &(u16, ServiceId)| {
                let facts = self.knowledge.facts(*id);
                facts.category != Category::MalwarePort && (self.audit || !facts.audit_only)
            };
            worst.extend(self.knowledge.services_in(protocol, part).filter(shown).take(5));
        }
        worst.sort_by_key(|(port, id)| (std::cmp::Reverse(self.knowledge.facts(*id).risk), *port));
        worst.truncate(5);
        let named = self.knowledge.ranges_around(protocol, range);
        let named = named.iter().find(|it| is_custom(it, class, range)).map(|it| it.id);
        let touching: Vec<usize> =
            slices.iter().copied().filter(|index| self.touches(*index, low, high)).collect();
        let target = self.family.target(self.exposure, &self.widest(&touching));
        self.add(
            What::Range(OpenRange {
                class,
                protocol,
                ports: range,
                opened,
                target,
                known,
                worst,
                named,
            }),
            &touching,
        );
    }

    /// Whether exactly these ports are those of one application that is not dangerous itself.
    fn is_customary(&self, protocol: u8, low: u128, high: u128) -> bool {
        let run = port_range(low, high);
        self.knowledge.ranges_around(protocol, run).iter().any(|it| {
            it.kind == RangeKind::Application && it.risk < Risk::High && it.around(run) == Some(run)
        })
    }

    fn touches(&self, slice: usize, low: u128, high: u128) -> bool {
        let space = &self.family.space;
        let ports = self.exposure.slices[slice].sent(Field::DestinationPort);
        space.store.overlaps(ports, space.range(Field::DestinationPort, low, high))
    }

    /// Whether a range finding already speaks of the port.
    fn in_range(&self, protocol: u8, port: u128) -> bool {
        self.openings.iter().rev().take_while(|it| it.exposure == self.index).any(|it| {
            match &it.what {
                What::Range(range) => {
                    range.protocol == protocol && range.ports.contains(port_number(port))
                }
                _ => false,
            }
        })
    }

    fn port(&mut self, protocol: u8, port: u16, run: PortRange, slices: &[usize]) {
        let touching: Vec<usize> = slices
            .iter()
            .copied()
            .filter(|it| self.touches(*it, port.into(), port.into()))
            .collect();
        let singly = self.is_written(port);
        let translated_to = self.translated_to(&touching);
        let decided = self.decided_port(&touching).filter(|decided| *decided != port);
        let shown = |id: &ServiceId| self.audit || !self.knowledge.facts(*id).audit_only;
        let mut known = self.knowledge.services_at(protocol, port).filter(shown);
        let first = known.next();
        if singly && matches!(port, 0 | 1021..=1024 | 49151) {
            let service = first.filter(|_| port == 0);
            self.add(What::Reserved { protocol, port, service }, &touching);
            return;
        }
        let others: Vec<ServiceId> = known.collect();
        let risk = |id: ServiceId| self.knowledge.facts(id).risk;
        let behind =
            decided.and_then(|decided| self.knowledge.services_at(protocol, decided).find(shown));
        let service = match (first, behind) {
            (Some(first), Some(behind)) if risk(behind) > risk(first) => Some(behind),
            (first, behind) => first.or(behind),
        };
        let routine = protocol == 17 && self.is_routine(port, &touching);
        let knowledge = self.knowledge;
        let open = |service, secondary| OpenService {
            service,
            protocol,
            port: Some(port),
            translated_to,
            decided_port: decided,
            by_chance: !singly
                && decided.is_none()
                && is_by_chance(knowledge.facts(service), port, run),
            routine,
            secondary,
        };
        let is_malware = |id: ServiceId| self.knowledge.facts(id).category == Category::MalwarePort;
        match service {
            // An old trojan's port inside a range says nothing.
            Some(service) if is_malware(service) && !singly => {}
            Some(service) => self.add(What::Service(open(service, false)), &touching),
            None => {
                let other = if protocol == 6 { 17 } else { 6 };
                let high = |id: &ServiceId| {
                    self.knowledge.facts(*id).confidence == crate::knowledge::Confidence::High
                };
                if let Some(service) = self.knowledge.services_at(other, port).find(high) {
                    self.add(What::Mismatch { service, protocol, port }, &touching);
                }
            }
        }
        if singly
            && service.is_none_or(|it| !is_malware(it))
            && let Some(malware) = others.into_iter().find(|it| is_malware(*it))
        {
            self.add(What::Service(open(malware, true)), &touching);
        }
    }

    /// Whether what is sent to a port of UDP is part of how any host comes by its address or its neighbours.
    fn is_routine(&self, port: u16, slices: &[usize]) -> bool {
        let space = &self.family.space;
        let group = space.one(Field::DestinationKind, DestinationKind::Multicast.value());
        let to_group = |it: &usize| self.exposure.slices[*it].sent(Field::DestinationKind) == group;
        let from = |low: u128, high: u128| {
            self.union(slices, Field::SourcePort).is_subset(&Ranges::range(low, high))
        };
        match port {
            68 => from(67, 68),
            546 => from(546, 547),
            1900 | 5353 => slices.iter().all(to_group),
            _ => false,
        }
    }

    /// The port that a translated packet has when it is let in, if it is one.
    fn decided_port(&self, slices: &[usize]) -> Option<u16> {
        let slice = &self.exposure.slices[*slices.first()?];
        if !slice.port_rewritten {
            return None;
        }
        let space = &self.family.space;
        let port = space.only(Field::DestinationPort, slice.now(Field::DestinationPort))?;
        u16::try_from(port).ok()
    }

    /// The address that a translation leads to, if it is one.
    fn translated_to(&self, slices: &[usize]) -> Option<Address> {
        let slice = &self.exposure.slices[*slices.first()?];
        let space = &self.family.space;
        let target = slice.address_rewritten.then(|| slice.now(Field::Destination))?;
        Some(Address { family: space.family, bits: space.only(Field::Destination, target)? })
    }

    /// Whether a rule on the way names the port itself.
    fn is_written(&self, port: u16) -> bool {
        let own = match self.exposure.decider {
            Decider::Rule(rule) => Some(rule),
            Decider::Policy(_) => None,
        };
        let rules = own
            .into_iter()
            .chain(self.exposure.jumps.iter().copied())
            .chain(self.exposure.translated_by);
        rules.into_iter().any(|rule| names_port(self.family, rule, port))
    }
}

/// The transports of which all ports are open.
fn all_open(ports: &Ports) -> Vec<(u8, &Vec<usize>)> {
    let all =
        ports.iter().filter(|(protocol, (open, _))| matches!(protocol, 6 | 17) && is_all(open));
    all.map(|(protocol, (_, slices))| (*protocol, slices)).collect()
}

/// Whether all ports are open, or nearly all.
fn is_all(open: &Ranges) -> bool {
    let system = Ranges::range(1, 1023);
    open.size() >= EVERYTHING && open.intersect(&system).size() > system.size() / 2
}

fn names_port(family: &FamilyAnalysis<'_>, rule: RuleId, port: u16) -> bool {
    let ruleset = family.space.ruleset;
    let names = |condition: Condition| match condition {
        Condition::In {
            field: Field::DestinationPort | Field::OriginalDestinationPort,
            values,
            negated: false,
        } => ruleset.values(values).contains(&(port.into(), port.into())),
        _ => false,
    };
    ruleset.conditions_within(ruleset.rule(rule)).any(names)
}
