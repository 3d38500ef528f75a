//! Sets that `ipset save` files define, as conditions.

use super::{Input, build::Builder};
use crate::{
    model::{Condition, Field},
    source::SourceFile,
    syntax::{
        ipset::{Entry, File, Set},
        iptables::{
            Family,
            values::{self, Address, AddressRange},
        },
    },
};
use rustc_hash::{FxHashMap, FxHashSet};

/// Sets with more entries of several dimensions than this are not multiplied out.
const MOST_ALTERNATIVES: usize = 256;

/// The sets of one host.
#[derive(Debug, Default)]
pub(super) struct Sets<'f> {
    by_name: FxHashMap<&'f str, Given<'f>>,
}

/// A set, and the text that it is given in.
#[derive(Debug)]
struct Given<'f> {
    set: &'f Set,
    source: &'f SourceFile,
    /// Whether other entries may be in it when the rules are used.
    changes: bool,
}

impl<'f> Sets<'f> {
    pub(super) fn add(&mut self, file: &'f File, input: Input<'f>) {
        let source = input.source;
        let others: FxHashSet<&str> = file.changed.iter().map(|it| source.slice(*it)).collect();
        for set in &file.sets {
            let name = source.slice(set.name);
            let doubted = input.parsed.script().is_some_and(|script| {
                let doubted =
                    |span| !script.answers(span).is_empty() || script.unknown_in(span).is_some();
                doubted(set.line) || set.entries.iter().any(|it| doubted(it.entry))
            });
            let expires = set.timeout || set.entries.iter().any(|it| it.timeout || it.nomatch);
            let changes = doubted || expires || set.entries.is_empty() || others.contains(name);
            self.by_name.insert(name, Given { set, source, changes });
        }
    }

    /// Whether a set of that name was given.
    pub(super) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// Being in set `name`; `None` where the set was not given or may change while it is in use (it is empty, or its
    /// entries expire), or holds more than is modelled. `directions` says for each dimension whether the source is asked.
    pub(super) fn condition(
        &self,
        builder: &mut Builder,
        name: &str,
        directions: &[bool],
        ipv6: bool,
        negated: bool,
    ) -> Option<Condition> {
        let Given { set, source, changes } = self.by_name.get(name)?;
        if *changes || set.ipv6 != ipv6 {
            return None;
        }
        let (method, dimensions) = source.slice(set.kind).split_once(':')?;
        let dimensions: Vec<&str> = dimensions.split(',').collect();
        let family = if ipv6 { Family::V6 } else { Family::V4 };
        let is_plain = method == "bitmap";
        let reader = Reader { source, family, dimensions, directions, is_plain };
        if let [dimension @ ("ip" | "net")] = reader.dimensions[..] {
            let field = address_field(*directions.first()?);
            let ranges: Option<Vec<_>> =
                set.entries.iter().map(|entry| addresses(reader.text(entry), family)).collect();
            debug_assert!(!dimension.is_empty(), "a dimension has a name");
            return Some(Condition::In { field, values: builder.several(ranges?), negated });
        }
        if set.entries.len() > MOST_ALTERNATIVES {
            return None;
        }
        let alternatives: Option<Vec<_>> =
            set.entries.iter().map(|entry| reader.entry(builder, entry)).collect();
        Some(builder.one_of(alternatives?, negated))
    }
}

struct Reader<'a, 'f> {
    source: &'f SourceFile,
    family: Family,
    dimensions: Vec<&'f str>,
    directions: &'a [bool],
    /// Whether its ports are of TCP and UDP alike (`ip_set_get_ip_port`), without a protocol of their own.
    is_plain: bool,
}

impl<'f> Reader<'_, 'f> {
    fn text(&self, entry: &Entry) -> &'f str {
        self.source.slice(entry.entry)
    }

    /// One entry as conditions that must all hold.
    fn entry(&self, builder: &mut Builder, entry: &Entry) -> Option<Vec<Condition>> {
        let mut conditions = Vec::new();
        let parts = self.text(entry).split(',');
        for ((part, dimension), source) in parts.zip(&self.dimensions).zip(self.directions) {
            match *dimension {
                "ip" | "net" => {
                    let (low, high) = addresses(part, self.family)?;
                    conditions.push(builder.within(address_field(*source), low, high, false));
                }
                "port" => {
                    let (protocol, (low, high)) = ports(part)?;
                    let protocols = if self.is_plain {
                        builder.several([(6, 6), (17, 17)])
                    } else {
                        builder.one(protocol, protocol)
                    };
                    let field = Field::Protocol;
                    conditions.push(Condition::In { field, values: protocols, negated: false });
                    let field = if *source { Field::SourcePort } else { Field::DestinationPort };
                    conditions.push(builder.within(field, low, high, false));
                }
                "iface" => {
                    let field = if *source { Field::In } else { Field::Out };
                    let name = builder.interface(part, false);
                    conditions.push(Condition::Interface { field, name, negated: false });
                }
                _ => return None,
            }
        }
        (conditions.len() >= self.dimensions.len()).then_some(conditions)
    }
}

fn address_field(source: bool) -> Field {
    if source { Field::Source } else { Field::Destination }
}

/// `10.0.0.0/8`, `10.0.0.1` or `10.0.0.1-10.0.0.9`.
fn addresses(text: &str, family: Family) -> Option<(u128, u128)> {
    if text.contains('-') {
        return match values::address_range(text, family).ok()? {
            AddressRange::V4(range) => Some(((*range.start()).into(), (*range.end()).into())),
            AddressRange::V6(range) => Some((*range.start(), *range.end())),
        };
    }
    match values::address(text, family).ok()? {
        Address::V4 { address, mask } => Some(((address & mask).into(), (address | !mask).into())),
        Address::V6 { address, mask } => Some((address & mask, address | !mask)),
        Address::Name(_) => None,
    }
}

/// `80`, `80-90`, `udp:53`; without a protocol TCP is meant (ipset(8)).
fn ports(text: &str) -> Option<(u128, (u128, u128))> {
    let (protocol, ports) = text.split_once(':').unwrap_or(("tcp", text));
    let protocol = values::protocol(protocol).ok()?;
    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
    let (first, last) = (values::port(first).ok()?, values::port(last).ok()?);
    Some((protocol.into(), (first.into(), last.into())))
}
