//! Asking: which services are at a port, what is known about one, where one is found by name.

use std::sync::{LazyLock, OnceLock};

use super::{
    Cause, Classes, Entry, Error, Facts, NamedRange, PortClass, PortRange, Risk, Seed, ServiceId,
    Transport, classes, embedded,
    facts::Segment,
    index,
    parse::{parse, parse_with_places, port_number},
};

/// All entries: the built-in ones, and those of the user's files, which come first.
///
/// ```
/// use fwlint::knowledge::Knowledge;
///
/// let knowledge = Knowledge::builtin();
/// let id = knowledge.services_at(6, 79).next().expect("finger is known");
/// assert_eq!(knowledge.facts(id).service, "finger");
/// assert!(knowledge.entry(id).note.en.ends_with('.'));
/// ```
#[derive(Debug, Clone)]
pub struct Knowledge {
    extra: Vec<Entry>,
    /// The id of the first of them.
    first: usize,
    /// Built-in entries that one of the user's replaces, sorted.
    replaced: Vec<ServiceId>,
    /// The worst risk at each port, over any transport, once somebody asked.
    worst: OnceLock<Box<[Option<Risk>]>>,
}

impl Knowledge {
    /// What is embedded. Costs nothing: no TOML is parsed.
    pub const fn builtin() -> Knowledge {
        Knowledge {
            extra: Vec::new(),
            first: index::COUNT,
            replaced: Vec::new(),
            worst: OnceLock::new(),
        }
    }

    /// With the entries of the user's file `path` besides. An entry with the id of an earlier one replaces it; at a port
    /// that both know, the user's names it. What the seed document says of a port stays with whoever names it.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with the file.
    pub fn with_file(mut self, path: &str, text: &str) -> Result<Knowledge, Error> {
        let builtin = Self::builtin();
        for (at, mut entry) in parse_with_places(path, text)? {
            if let Some(replaced) = index::SERVICES.iter().position(|it| it.id == entry.id) {
                let replaced = service_id(replaced);
                if let Some(port) = lost_port(builtin.entry(replaced), &entry) {
                    let cause = Cause::SeedPort { id: entry.id, port };
                    return Err(Error::new(path, text, at, cause));
                }
                self.replaced.push(replaced);
            }
            if entry.seed.is_empty() {
                entry.seed = builtin.said_of(&entry);
            }
            match self.extra.iter_mut().find(|it| it.id == entry.id) {
                Some(earlier) => *earlier = entry,
                None => self.extra.push(entry),
            }
        }
        self.replaced.sort_unstable();
        self.replaced.dedup();
        self.worst = OnceLock::new();
        Ok(self)
    }

    /// How many entries are the user's.
    pub fn own(&self) -> usize {
        self.extra.len()
    }

    /// The same, with ids for the user's entries that are behind those of `others` entries of other users.
    #[must_use]
    pub fn behind(&self, others: usize) -> Knowledge {
        Knowledge { first: index::COUNT + others, ..self.clone() }
    }

    /// What the seed document says of the ports that an entry lists one by one.
    fn said_of(&self, entry: &Entry) -> Vec<Seed> {
        let single = entry.ports.iter().filter(|it| it.first == it.last);
        let at = single.flat_map(|it| {
            let at = |transport: Transport| self.services_at(transport.protocol(), it.first);
            entry.transports.iter().flat_map(at)
        });
        let mut ids: Vec<ServiceId> = at.collect();
        ids.extend(entry.protocol.and_then(|it| self.protocol_service(it)));
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().flat_map(|id| self.entry(id).seed.clone()).collect()
    }

    /// The services at a port, the one that names it first; those for audits too. `transport` is an IP protocol number.
    pub fn services_at(&self, transport: u8, port: u16) -> impl Iterator<Item = ServiceId> + '_ {
        let transport = Transport::of_protocol(transport);
        let own = self.extra().filter(move |(_, it)| is_at(it, transport, port));
        let (primary, other) =
            (own.clone().filter(|(_, it)| it.primary), own.filter(|(_, it)| !it.primary));
        let segment = transport.and_then(|it| segment(it, port));
        let builtin = segment.map_or(&[][..], |it| it.services).iter().map(|&it| ServiceId(it));
        primary.chain(other).map(|(id, _)| id).chain(builtin.filter(|it| !self.is_replaced(*it)))
    }

    /// How bad the worst service at a port is, over whatever transport; `None` where none is known.
    pub fn worst_at(&self, port: u16) -> Option<Risk> {
        self.worst.get_or_init(|| self.worst_by_port())[usize::from(port)]
    }

    fn worst_by_port(&self) -> Box<[Option<Risk>]> {
        let mut worst = vec![None; 1 << 16];
        let built_in = Transport::ALL.into_iter().flat_map(index::segments);
        let built_in = built_in
            .flat_map(|it| it.services.iter().map(|id| (it.ports, ServiceId(*id))))
            .filter(|(_, id)| !self.is_replaced(*id))
            .map(|(ports, id)| (ports, self.facts(id).risk));
        let own = self.extra.iter().filter(|it| !it.transports.is_empty());
        let own = own.flat_map(|it| it.ports.iter().map(|ports| (*ports, it.facts().risk)));
        for (ports, risk) in built_in.chain(own) {
            for known in &mut worst[usize::from(ports.first)..=usize::from(ports.last)] {
                *known = (*known).max(Some(risk));
            }
        }
        worst.into()
    }

    /// The service of an IP protocol without ports.
    pub fn protocol_service(&self, protocol: u8) -> Option<ServiceId> {
        let own = self.extra().find(|(_, it)| it.protocol == Some(protocol)).map(|(id, _)| id);
        own.or_else(|| {
            let mut builtin = index::SERVICES.iter().take_while(|it| it.protocol.is_some());
            let id = service_id(builtin.position(|it| it.protocol == Some(protocol))?);
            (!self.is_replaced(id)).then_some(id)
        })
    }

    /// The services that name ports of a range, each at the lowest such port; the worst first, then by port.
    pub fn services_in(
        &self,
        transport: u8,
        ports: PortRange,
    ) -> impl Iterator<Item = (u16, ServiceId)> {
        let mut seen = vec![false; self.first + self.extra.len()];
        let first_seen =
            |&(_, id): &(PortRange, ServiceId)| !std::mem::replace(&mut seen[id.0 as usize], true);
        let mut found: Vec<(u16, ServiceId)> = self
            .named_parts(transport, ports)
            .filter(first_seen)
            .map(|(part, id)| (part.first, id))
            .collect();
        found.sort_by_key(|&(port, id)| (std::cmp::Reverse(self.facts(id).risk), port));
        found.into_iter()
    }

    /// How many ports of a range have an entry.
    pub fn known_ports_in(&self, transport: u8, ports: PortRange) -> u32 {
        self.named_parts(transport, ports).map(|(part, _)| part.count()).sum()
    }

    /// What is known without parsing anything.
    pub fn facts(&self, id: ServiceId) -> Facts<'_> {
        let at = id.0 as usize;
        match index::SERVICES.get(at) {
            Some(&facts) => facts,
            None => self.extra[at - self.first].facts(),
        }
    }

    /// The entry with its sentences, parsed when it is first asked for.
    pub fn entry(&self, id: ServiceId) -> &Entry {
        static PARSED: [OnceLock<Entry>; index::COUNT] = [const { OnceLock::new() }; index::COUNT];
        let at = id.0 as usize;
        match index::SERVICES.get(at) {
            Some(facts) => PARSED[at].get_or_init(|| builtin_entry(facts)),
            None => &self.extra[at - self.first],
        }
    }

    /// Every service: the user's in their order, then the built-in ones by port.
    pub fn services(&self) -> impl Iterator<Item = ServiceId> + Clone + '_ {
        let builtin = (0..index::COUNT).map(service_id).filter(|&it| !self.is_replaced(it));
        self.extra().map(|(id, _)| id).chain(builtin)
    }

    /// The services that somebody may mean: by port (`79`, `tcp/79`, `79/udp`), or by id, name, registered name or program. If
    /// the words name a service exactly, only such; else all that contain them.
    pub fn find(&self, query: &str) -> Vec<ServiceId> {
        let query = query.trim().to_lowercase();
        if query.is_empty() {
            return Vec::new();
        }
        if let Some((transport, port)) = port_query(&query) {
            let transports = Transport::ALL
                .into_iter()
                .filter(|&it| transport.is_none_or(|wanted| it == wanted));
            let mut found = Vec::new();
            for id in transports.flat_map(|it| self.services_at(it.protocol(), port)) {
                if !found.contains(&id) {
                    found.push(id);
                }
            }
            return found;
        }
        let exact = self.matching(|it| it.id == query || it.service.to_lowercase() == query);
        if !exact.is_empty() {
            return exact;
        }
        let named = |wanted: &dyn Fn(&str) -> bool| -> Vec<ServiceId> {
            self.services().filter(|&id| self.entry(id).names().any(|it| wanted(&it))).collect()
        };
        let whole = named(&|it| it == query);
        if whole.is_empty() { named(&|it| it.contains(&query)) } else { whole }
    }

    /// The classes of the registry: 0-1023, 1024-49151, 49152-65535.
    pub fn classes(&self) -> &'static [PortClass] {
        index::CLASSES
    }

    /// Every named range, by its lowest port.
    pub fn ranges(&self) -> &'static [NamedRange] {
        index::RANGES
    }

    /// The named ranges that hold all of `ports`, the tightest first.
    pub fn ranges_around(&self, transport: u8, ports: PortRange) -> Vec<&'static NamedRange> {
        Transport::of_protocol(transport)
            .map_or_else(Vec::new, |transport| classes::around(index::RANGES, transport, ports))
    }

    /// The definition of a port, the classes and the ranges with their sentences and seeds.
    pub fn class_entries(&self) -> &'static Classes {
        static PARSED: LazyLock<Classes> = LazyLock::new(|| {
            classes::parse_classes("rules/classes.toml", embedded::CLASSES)
                .expect("the embedded classes are valid, a test parses them")
        });
        &PARSED
    }

    fn extra(&self) -> impl Iterator<Item = (ServiceId, &Entry)> + Clone + '_ {
        self.extra.iter().enumerate().map(|(at, it)| (service_id(self.first + at), it))
    }

    fn is_replaced(&self, id: ServiceId) -> bool {
        self.replaced.binary_search(&id).is_ok()
    }

    fn matching(&self, wanted: impl Fn(&Facts<'_>) -> bool) -> Vec<ServiceId> {
        self.services().filter(|&id| wanted(&self.facts(id))).collect()
    }

    /// The parts of a range that one service names, from the lowest port up.
    fn named_parts(
        &self,
        transport: u8,
        ports: PortRange,
    ) -> impl Iterator<Item = (PortRange, ServiceId)> + '_ {
        let segments = Transport::of_protocol(transport).map_or(&[][..], index::segments);
        let start = segments.partition_point(|it| it.ports.last < ports.first);
        let segments = segments[start..]
            .iter()
            .map(|it| it.ports)
            .take_while(move |it| it.first <= ports.last);
        // Where the user's own entries start and end, a part does too.
        let own = self.extra().flat_map(|(_, it)| it.ports.iter().copied());
        let mut edges: Vec<u32> = segments
            .chain(own.filter(|it| it.overlaps(ports)))
            .flat_map(|it| {
                [u32::from(it.first.max(ports.first)), u32::from(it.last.min(ports.last)) + 1]
            })
            .collect();
        edges.sort_unstable();
        edges.dedup();
        let between: Vec<PortRange> = edges
            .windows(2)
            .filter_map(|it| {
                Some(PortRange { first: port_number(it[0])?, last: port_number(it[1] - 1)? })
            })
            .collect();
        between
            .into_iter()
            .filter_map(move |part| Some((part, self.services_at(transport, part.first).next()?)))
    }
}

fn service_id(at: usize) -> ServiceId {
    ServiceId(u32::try_from(at).expect("entries are counted in thousands"))
}

fn segment(transport: Transport, port: u16) -> Option<&'static Segment> {
    let segments = index::segments(transport);
    let at = segments.partition_point(|it| it.ports.last < port);
    segments.get(at).filter(|it| it.ports.contains(port))
}

fn is_at(entry: &Entry, transport: Option<Transport>, port: u16) -> bool {
    transport.is_some_and(|it| entry.transports.contains(it))
        && entry.ports.iter().any(|it| it.contains(port))
}

/// A port of a built-in entry with a seed that the entry which is to replace it lacks.
fn lost_port(builtin: &Entry, entry: &Entry) -> Option<String> {
    if builtin.seed.is_empty() {
        return None;
    }
    let ends = builtin.ports.iter().flat_map(|it| [it.first, it.last]);
    let lacks = |transport: Transport| {
        let lost = ends.clone().find(|port| !is_at(entry, Some(transport), *port))?;
        Some(format!("{}/{lost}", transport.slug()))
    };
    builtin.transports.iter().find_map(lacks)
}

fn builtin_entry(facts: &Facts<'static>) -> Entry {
    embedded::block(facts.category, facts.id)
        .and_then(|text| parse(facts.id, text).ok()?.pop())
        .expect("every entry of the index is in the embedded files and valid, a test compares them")
}

/// `79`, `tcp/79` or `79/udp`.
fn port_query(query: &str) -> Option<(Option<Transport>, u16)> {
    if let Ok(port) = query.parse() {
        return Some((None, port));
    }
    let (left, right) = query.split_once('/')?;
    let (transport, port) = if left.parse::<u16>().is_ok() { (right, left) } else { (left, right) };
    let transport = Transport::ALL.into_iter().find(|it| it.slug() == transport)?;
    Some((Some(transport), port.parse().ok()?))
}
