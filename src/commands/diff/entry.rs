//! One difference as reports show it: everything resolved to words, paths and lines.

use crate::{
    analysis::{
        SourceClass,
        diff::{Class, Decision, Difference, FamilyComparison, Pair, Path, Standing, State},
    },
    knowledge::{Knowledge, PortRange, ServiceId},
    lints,
    model::{self, Address, ChainId, Family, Field, display_ranges},
    packets::Ranges,
    source::{SourceFile, Span},
    words::Message,
};
use sha2::{Digest, Sha256};

/// Services of one range that are named.
const MOST_SERVICES: usize = 5;

/// One difference.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The same for the same difference in the next run.
    pub id: String,
    /// The family.
    pub family: Family,
    /// What sort of packets these are.
    pub class: Class,
    /// The protocol number, if it is one.
    pub protocol: Option<u8>,
    /// The ports, where they have some.
    pub ports: Option<(u16, u16)>,
    /// Where they go; none where nothing is known.
    pub path: Option<Path>,
    /// Who sends them.
    pub sources: Vec<String>,
    /// Who of those does not.
    pub except: Vec<String>,
    /// Who that is in general; none where nothing is known.
    pub source_class: Option<SourceClass>,
    /// The interfaces that they come in on; none for any.
    pub interfaces: Vec<String>,
    /// Where they are sent; none for anywhere.
    pub destinations: Vec<String>,
    /// What was.
    pub before: Stand,
    /// What is to be.
    pub after: Stand,
    /// Services that are known there, the worst first: name and id.
    pub services: Vec<(String, String)>,
    /// One of the packets.
    pub witness: Option<String>,
}

/// What becomes of packets on one side.
#[derive(Debug, Clone)]
pub struct Stand {
    /// `open`, `maybe` or `closed`.
    pub state: State,
    /// What it depends on.
    pub depends_on: Vec<Message>,
    /// What limits it.
    pub limited_by: Vec<Message>,
    /// What decides.
    pub rule: Option<Rule>,
    /// Where the destination was rewritten to.
    pub to: Option<String>,
}

/// A rule or a policy that decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The file.
    pub path: String,
    /// The line in it.
    pub line: u32,
    /// Whether it is a policy.
    pub policy: bool,
}

impl Entry {
    /// Everything of a family: nobody knows any more what becomes of it.
    pub(super) fn unknown(family: Family) -> Self {
        let stand = |state| Stand {
            state,
            depends_on: Vec::new(),
            limited_by: Vec::new(),
            rule: None,
            to: None,
        };
        let mut entry = Self {
            id: String::new(),
            family,
            class: Class::Flow,
            protocol: None,
            ports: None,
            path: None,
            sources: all(family),
            except: Vec::new(),
            source_class: Some(SourceClass::Any),
            interfaces: Vec::new(),
            destinations: Vec::new(),
            before: stand(State::Maybe),
            after: stand(State::Maybe),
            services: Vec::new(),
            witness: None,
        };
        entry.id = entry.identity();
        entry
    }

    /// What tells it from the others, as a short number.
    fn identity(&self) -> String {
        let words = format!(
            "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            self.family,
            self.class,
            self.protocol,
            self.ports,
            self.path,
            self.sources,
            self.except,
            self.interfaces,
            (&self.destinations, self.before.state, self.after.state, &self.after.to),
        );
        let digest = Sha256::digest(words.as_bytes());
        let number =
            digest.iter().take(6).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        format!("{number:012x}")
    }

    /// The transport as people write it; `any` for several.
    pub fn transport(&self) -> String {
        match self.protocol {
            Some(1) => "icmp".to_owned(),
            Some(58) => "icmpv6".to_owned(),
            Some(47) => "gre".to_owned(),
            Some(protocol) => lints::transport(protocol).replace(' ', "/"),
            None => "any".to_owned(),
        }
    }

    /// The transport with its ports, such as `tcp/22`.
    pub fn what(&self) -> String {
        let transport = self.transport();
        match self.ports {
            Some((0, u16::MAX)) | None => transport,
            Some((low, high)) if low == high => format!("{transport}/{low}"),
            Some((low, high)) => format!("{transport}/{low}-{high}"),
        }
    }

    /// Whether the port of ssh is among them.
    pub(super) fn holds_ssh(&self) -> bool {
        const SSH: u16 = 22;
        let port = self.ports.is_none_or(|(low, high)| (low..=high).contains(&SSH));
        self.protocol.is_none_or(|it| it == 6) && port
    }
}

/// Tells of the differences of one family.
pub(super) struct Teller<'t, 'p, 's> {
    pub(super) pair: &'t Pair,
    pub(super) family: &'t FamilyComparison<'p>,
    pub(super) knowledge: &'t Knowledge,
    pub(super) place: &'t dyn Fn(model::Place) -> (&'s SourceFile, Span),
}

impl Teller<'_, '_, '_> {
    pub(super) fn entry(&self, it: &Difference) -> Entry {
        let family = self.family.space.family;
        let (sources, except) = self.addresses(it, Field::Source);
        let (destinations, others) = self.addresses(it, Field::Destination);
        // All but a few are no list that anybody reads.
        let destinations = if others.is_empty() { destinations } else { all(family) };
        let whole = destinations == all(family);
        let mut entry = Entry {
            id: String::new(),
            family,
            class: it.class,
            protocol: it.protocol,
            ports: it.ports,
            path: Some(it.path),
            sources,
            except,
            source_class: Some(it.source_class),
            interfaces: self.family.interfaces(it),
            destinations: if whole { Vec::new() } else { destinations },
            before: self.stand(&it.before),
            after: self.stand(&it.after),
            services: self.services(it),
            witness: it.witness.as_ref().map(ToString::to_string),
        };
        entry.id = entry.identity();
        entry
    }

    fn addresses(&self, it: &Difference, field: Field) -> (Vec<String>, Vec<String>) {
        let family = self.family.space.family;
        let Some(set) = self.family.values(it, field) else { return (all(family), Vec::new()) };
        let others = Ranges::range(0, family.last_address()).minus(&set);
        if others.size() < set.size() && others.as_slice().len() <= set.as_slice().len() {
            return (all(family), prefixes(family, &others));
        }
        (prefixes(family, &set), Vec::new())
    }

    fn stand(&self, it: &Standing) -> Stand {
        let words = |all: &[model::Subject]| all.iter().map(lints::subject).collect();
        let address = it.address.map(|address| {
            it.port
                .map_or_else(|| address.to_string(), |port| address.with_ports(&port.to_string()))
        });
        Stand {
            state: it.state,
            depends_on: words(&it.depends_on),
            limited_by: words(&it.limited_by),
            rule: self.rule(it.decided_by),
            to: address.or_else(|| it.port.map(|port| format!(":{port}"))),
        }
    }

    fn rule(&self, decision: Decision) -> Option<Rule> {
        match decision {
            Decision::Rule(rule, _) => Some(self.at(self.pair.ruleset.rule(rule).place, false)),
            Decision::Policy(chain) => Some(self.policy(chain)),
            Decision::None => None,
        }
    }

    pub(super) fn policy(&self, chain: ChainId) -> Rule {
        let chain = self.pair.ruleset.chain(chain);
        let place = chain.base.and_then(|base| base.policy_place).unwrap_or(chain.place);
        self.at(place, true)
    }

    fn at(&self, place: model::Place, policy: bool) -> Rule {
        let (source, span) = (self.place)(place);
        Rule { path: source.path.clone(), line: source.position(span.start).line, policy }
    }

    fn services(&self, it: &Difference) -> Vec<(String, String)> {
        let Some(protocol) = it.protocol else { return Vec::new() };
        let ids: Vec<ServiceId> = match it.ports {
            None => self.knowledge.protocol_service(protocol).into_iter().collect(),
            Some((low, high)) if low == high => {
                self.knowledge.services_at(protocol, low).take(1).collect()
            }
            Some((first, last)) => {
                let services = self.knowledge.services_in(protocol, PortRange { first, last });
                services.map(|it| it.1).take(MOST_SERVICES).collect()
            }
        };
        let name = |id| {
            let entry = self.knowledge.entry(id);
            (entry.service.clone(), entry.id.clone())
        };
        ids.into_iter().map(name).collect()
    }
}

/// Every address of a family.
fn all(family: Family) -> Vec<String> {
    display_ranges(family, &[(0, family.last_address())])
}

/// Ranges as prefixes, as many as it takes.
fn prefixes(family: Family, ranges: &Ranges) -> Vec<String> {
    const MOST: usize = 64;
    let shown = display_ranges(family, &ranges.as_slice()[..ranges.as_slice().len().min(MOST)]);
    let more = ranges.as_slice().len().saturating_sub(MOST);
    let last = (more > 0).then(|| {
        let (_, high) = ranges.as_slice().last().copied().unwrap_or_default();
        format!("+{more} up to {}", Address { family, bits: high })
    });
    shown.into_iter().chain(last).collect()
}
