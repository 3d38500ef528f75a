//! Ports in bulk: the three classes of the registry, and the ranges that programs and platforms are known to use.

use serde::Deserialize;
use toml::Spanned;

use super::{
    Error, PortRange, Risk, Seed, Transport, Transports,
    parse::{File, RawSeed, RawText},
};
use crate::words::{Message, Text};

/// A class of the registry: system, user or dynamic ports.
#[derive(Debug, Clone, Copy)]
pub struct PortClass {
    /// `system`, `user` or `dynamic`.
    pub id: &'static str,
    /// Its ports.
    pub ports: PortRange,
    /// What people call it.
    pub name: Text,
    /// What opening all of it means.
    pub note: Text,
    /// How bad that is in anybody's reach.
    pub risk: Risk,
}

/// Why a range has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RangeKind {
    /// A program takes its ports from it: RTP, mosh.
    Application,
    /// An operating system or a cluster does: ephemeral ports, `NodePort`.
    Platform,
    /// Set aside by IANA: 0, 1023, the experimental ports.
    Reserved,
}

impl RangeKind {
    /// Every one of them.
    pub const ALL: [RangeKind; 3] =
        [RangeKind::Application, RangeKind::Platform, RangeKind::Reserved];

    /// Its word in TOML.
    pub const fn slug(self) -> &'static str {
        match self {
            RangeKind::Application => "application",
            RangeKind::Platform => "platform",
            RangeKind::Reserved => "reserved",
        }
    }
}

/// A range that means something as a whole.
#[derive(Debug, Clone, Copy)]
pub struct NamedRange {
    /// Unique and stable: `mosh`, `nodeport`.
    pub id: &'static str,
    /// Why it has a name.
    pub kind: RangeKind,
    /// Over what.
    pub transports: Transports,
    /// Where; several when there are several customs.
    pub ports: &'static [PortRange],
    /// What people call it.
    pub name: Text,
    /// What opening it means.
    pub note: Text,
    /// How bad that is in anybody's reach.
    pub risk: Risk,
}

impl NamedRange {
    /// The one of its ranges that holds all of `ports`.
    pub fn around(&self, ports: PortRange) -> Option<PortRange> {
        self.ports.iter().copied().find(|it| it.first <= ports.first && ports.last <= it.last)
    }
}

/// `rules/classes.toml` with its sentences and its seeds.
#[derive(Debug, Clone)]
pub struct Classes {
    /// What a port is.
    pub definition: ClassEntry,
    /// The three classes, in order.
    pub classes: Vec<ClassEntry>,
    /// The named ranges, in order.
    pub ranges: Vec<RangeEntry>,
}

/// A class with its seeds.
#[derive(Debug, Clone)]
pub struct ClassEntry {
    /// `port`, `system`, `user` or `dynamic`.
    pub id: String,
    /// Its ports.
    pub ports: PortRange,
    /// What people call it.
    pub name: Message,
    /// What opening all of it means.
    pub note: Message,
    /// How bad that is.
    pub risk: Risk,
    /// Where to read on.
    pub references: Vec<String>,
    /// What the seed document says about it.
    pub seed: Vec<Seed>,
}

/// A named range as written.
#[derive(Debug, Clone)]
pub struct RangeEntry {
    /// Unique and stable.
    pub id: String,
    /// Why it has a name.
    pub kind: RangeKind,
    /// Over what.
    pub transports: Transports,
    /// Where.
    pub ports: Vec<PortRange>,
    /// What people call it.
    pub name: Message,
    /// What opening it means.
    pub note: Message,
    /// How bad that is.
    pub risk: Risk,
    /// Where to read on.
    pub references: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    definition: Spanned<RawRange>,
    #[serde(default)]
    class: Vec<Spanned<RawRange>>,
    #[serde(default)]
    range: Vec<Spanned<RawRange>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRange {
    id: Option<Spanned<String>>,
    kind: Option<Spanned<String>>,
    transport: Option<Vec<Spanned<String>>>,
    ports: Option<Vec<Spanned<toml::Value>>>,
    severity: Option<Spanned<String>>,
    name: Option<Spanned<RawText>>,
    note: Option<Spanned<RawText>>,
    #[serde(default)]
    references: Vec<String>,
    #[serde(default)]
    seed: Vec<Spanned<RawSeed>>,
}

/// The classes and ranges of a file.
///
/// # Errors
///
/// The first thing that is wrong with it.
pub fn parse_classes(path: &str, text: &str) -> Result<Classes, Error> {
    let file = File { path, text };
    let raw: RawFile = file.toml()?;
    Ok(Classes {
        definition: class(file, raw.definition)?,
        classes: raw.class.into_iter().map(|it| class(file, it)).collect::<Result<_, _>>()?,
        ranges: raw.range.into_iter().map(|it| range(file, it)).collect::<Result<_, _>>()?,
    })
}

fn class(file: File<'_>, raw: Spanned<RawRange>) -> Result<ClassEntry, Error> {
    let at = raw.span();
    let mut raw = raw.into_inner();
    let seed = std::mem::take(&mut raw.seed)
        .into_iter()
        .map(|it| file.seed(it))
        .collect::<Result<_, _>>()?;
    let all = raw.ports.take();
    let ports = file.ports(file.required(&at, "ports", all)?)?;
    let ports = file.required(&at, "ports", ports.first().copied())?;
    Ok(ClassEntry {
        id: file.words(&at, "id", raw.id)?,
        ports,
        name: file.message(&at, ["name", "name.en", "name.zh"], raw.name)?,
        note: file.message(&at, ["note", "note.en", "note.zh"], raw.note)?,
        risk: {
            let word = file.required(&at, "severity", raw.severity)?;
            file.choice("severity", &word, Risk::ALL, Risk::slug)?
        },
        references: raw.references,
        seed,
    })
}

fn range(file: File<'_>, raw: Spanned<RawRange>) -> Result<RangeEntry, Error> {
    let at = raw.span();
    let raw = raw.into_inner();
    let severity = file.required(&at, "severity", raw.severity)?;
    let kind = file.required(&at, "kind", raw.kind)?;
    let transports = file.transports(file.required(&at, "transport", raw.transport)?)?;
    let ports = file.ports(file.required(&at, "ports", raw.ports)?)?;
    Ok(RangeEntry {
        id: file.words(&at, "id", raw.id)?,
        kind: file.choice("kind", &kind, RangeKind::ALL, RangeKind::slug)?,
        transports,
        ports,
        name: file.message(&at, ["name", "name.en", "name.zh"], raw.name)?,
        note: file.message(&at, ["note", "note.en", "note.zh"], raw.note)?,
        risk: file.choice("severity", &severity, Risk::ALL, Risk::slug)?,
        references: raw.references,
    })
}

/// The named ranges that hold all of `ports`, the tightest first.
pub(super) fn around(
    ranges: &'static [NamedRange],
    transport: Transport,
    ports: PortRange,
) -> Vec<&'static NamedRange> {
    let mut found: Vec<_> = ranges
        .iter()
        .filter(|it| it.transports.contains(transport))
        .filter_map(|it| Some((it.around(ports)?.count(), it)))
        .collect();
    found.sort_by_key(|&(count, _)| count);
    found.into_iter().map(|(_, it)| it).collect()
}
