//! From what the files say to settings: of each value the last file's counts, lists replace, and what cannot be meant is
//! refused where it stands.

use super::{
    Cause, File, Spot, Wrong, facts,
    raw::{Named, RawExpect, RawGroup, RawHost, RawPacket, RawZone, Table, Word},
};
use crate::{
    knowledge::{PortRange, Transport},
    model::{Address, Family, InterfaceName, Prefix},
    packets::Interface,
    settings::{
        Error, Expect, ExpectedPacket, ExpectedVerdict, Group, Host, Persona, Ports, Severity,
        Sysctl, Trust, Written, Zone, Zones, nearest,
    },
    words::Language,
};
use std::net::IpAddr;
use toml::Spanned;

pub(super) type Read<T> = Result<T, Error>;

/// The last file's value of a key.
pub(super) fn last<'f, T>(
    files: &'f [File],
    get: impl Fn(&'f File) -> Option<T>,
) -> Option<(&'f File, T)> {
    files.iter().rev().find_map(|file| Some((file, get(file)?)))
}

/// The value that one of `words` stands for.
pub(super) fn word<T: Copy>(file: &File, written: &Word, words: &[(&'static str, T)]) -> Read<T> {
    let text = written.get_ref();
    if let Some((_, value)) = words.iter().find(|(name, _)| name == text) {
        return Ok(*value);
    }
    let words: Vec<&'static str> = words.iter().map(|(name, _)| *name).collect();
    let nearest = nearest(text, words.iter().copied()).map(str::to_owned);
    Err(file.wrong(written, Cause::UnknownWord { word: text.clone(), words, nearest }))
}

pub(in crate::settings) fn persona(files: &[File]) -> Read<Option<Persona>> {
    let words = Persona::ALL.map(|it| (it.name(), it));
    let found = last(files, |file| file.raw.persona.as_ref());
    found.map(|(file, written)| word(file, written, &words)).transpose()
}

/// `None` for `auto` too.
pub(in crate::settings) fn language(files: &[File]) -> Read<Option<Language>> {
    let words = [("auto", None), ("en", Some(Language::En)), ("zh", Some(Language::Zh))];
    let found = last(files, |file| file.raw.lang.as_ref());
    let found = found.map(|(file, written)| word(file, written, &words)).transpose()?;
    Ok(found.flatten())
}

/// The inner `None` is `never`.
#[expect(clippy::option_option, reason = "not said, and `never`, are two things")]
pub(in crate::settings) fn fail_on(files: &[File]) -> Read<Option<Option<Severity>>> {
    let severities = Severity::ALL.map(|it| (it.name(), Some(it)));
    let words: Vec<_> = severities.into_iter().chain([("never", None)]).collect();
    let found = last(files, |file| file.raw.lint.as_ref()?.fail_on.as_ref());
    found.map(|(file, written)| word(file, written, &words)).transpose()
}

/// The zones of all files; one that two name is the later's.
pub(in crate::settings) fn zones(files: &[File]) -> Read<Zones> {
    let mut zones: Vec<Zone> = Vec::new();
    for file in files {
        let Some(Named(entries)) = &file.raw.zones else { continue };
        for (name, raw) in entries {
            let zone = zone(file, name, raw)?;
            match zones.iter_mut().find(|it| it.name == zone.name) {
                Some(known) => *known = zone,
                None => zones.push(zone),
            }
        }
    }
    apart(&zones)?;
    Ok(Zones(zones))
}

fn zone(file: &File, name: &Word, raw: &Spanned<Table<RawZone>>) -> Read<Zone> {
    let RawZone { interfaces, sources, trust } = &**raw.get_ref();
    let interfaces = list(file, interfaces.as_ref(), interface)?;
    let sources = list(file, sources.as_ref(), network)?;
    if interfaces.is_empty() && sources.is_empty() {
        return Err(file.wrong(name, Cause::EmptyZone(name.get_ref().clone())));
    }
    let words = Trust::ALL.map(|it| (it.name(), it));
    let trust = trust.as_ref().map(|written| word(file, written, &words)).transpose()?;
    let name = name.get_ref().clone();
    Ok(Zone { name, interfaces, sources, trust: trust.unwrap_or_default() })
}

pub(super) fn list<T>(
    file: &File,
    words: Option<&Vec<Word>>,
    read: impl Fn(&File, &Word) -> Read<T>,
) -> Read<Vec<Written<T>>> {
    let entry = |word: &Word| Ok(Written { value: read(file, word)?, spot: file.spot(word) });
    words.into_iter().flatten().map(entry).collect()
}

/// Refuses two entries that hold the same packets: of one zone, or of two that ask for the same things.
fn apart(zones: &[Zone]) -> Read<()> {
    let kind = |zone: &Zone| (zone.interfaces.is_empty(), zone.sources.is_empty());
    for (zone, index) in zones.iter().zip(1..) {
        overlap(zone, zone, interfaces_meet, |it| &it.interfaces)?;
        overlap(zone, zone, networks_meet, |it| &it.sources)?;
        for other in zones[..index - 1].iter().filter(|other| kind(other) == kind(zone)) {
            // Where both ask for an interface and a source, both must meet.
            let places = overlap(other, zone, interfaces_meet, |it| &it.interfaces);
            let addresses = overlap(other, zone, networks_meet, |it| &it.sources);
            match kind(zone) {
                (false, false) if places.is_err() => addresses?,
                (false, false) => {}
                _ => places.and(addresses)?,
            }
        }
    }
    Ok(())
}

fn overlap<T>(
    first: &Zone,
    second: &Zone,
    meet: impl Fn(&T, &T) -> Option<String>,
    entries: impl Fn(&Zone) -> &Vec<Written<T>>,
) -> Read<()> {
    for (later, index) in entries(second).iter().zip(0..) {
        let before = if std::ptr::eq(first, second) { index } else { usize::MAX };
        for earlier in entries(first).iter().take(before) {
            if let Some(shared) = meet(&earlier.value, &later.value) {
                let cause = Cause::Overlap { shared, with: first.name.clone() };
                let wrong = Wrong::new(&later.spot, cause);
                let against = Some(earlier.spot.clone());
                return Err(Error::Config(Box::new(Wrong { against, ..wrong })));
            }
        }
    }
    Ok(())
}

fn interfaces_meet(a: &InterfaceName, b: &InterfaceName) -> Option<String> {
    let holds = |a: &InterfaceName, b: &InterfaceName| {
        a.name == b.name || (a.prefix && b.name.starts_with(&a.name))
    };
    let shown = |it: &InterfaceName| format!("`{}{}`", it.name, if it.prefix { "+" } else { "" });
    let narrow = if a.name.len() > b.name.len() { a } else { b };
    (holds(a, b) || holds(b, a)).then(|| shown(narrow))
}

fn networks_meet(a: &Prefix, b: &Prefix) -> Option<String> {
    let (first, second) = (a.range(), b.range());
    let meet = a.address.family == b.address.family && first.0 <= second.1 && second.0 <= first.1;
    let narrow = if a.length > b.length { a } else { b };
    meet.then(|| format!("`{narrow}`"))
}

fn interface(file: &File, word: &Word) -> Read<InterfaceName> {
    let text = word.get_ref();
    let stem = text.strip_suffix(['+', '*']);
    let name = stem.unwrap_or(text);
    if Interface::new(name).is_none() {
        return Err(file.wrong(word, Cause::NoInterface(text.clone())));
    }
    Ok(InterfaceName { name: name.to_owned(), prefix: stem.is_some() })
}

fn network(file: &File, word: &Word) -> Read<Prefix> {
    let text = word.get_ref();
    let none = || file.wrong(word, Cause::NoNetwork(text.clone()));
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text.as_str(), None),
    };
    let address = parsed(address).ok_or_else(none)?;
    let whole: u8 = if address.family == Family::Ipv4 { 32 } else { 128 };
    let length = match length {
        None => whole,
        Some(digits) if digits.bytes().all(|it| it.is_ascii_digit()) => {
            digits.parse().ok().filter(|length| *length <= whole).ok_or_else(none)?
        }
        Some(_) => return Err(none()),
    };
    let prefix = Prefix { address, length };
    let first = Address { bits: prefix.range().0, ..address };
    if first != address {
        let network = Prefix { address: first, length };
        return Err(file.wrong(word, Cause::HostBits(network.to_string())));
    }
    Ok(prefix)
}

fn parsed(text: &str) -> Option<Address> {
    Some(match text.parse().ok()? {
        IpAddr::V4(it) => Address { family: Family::Ipv4, bits: it.to_bits().into() },
        IpAddr::V6(it) => Address { family: Family::Ipv6, bits: it.to_bits() },
    })
}

fn address(file: &File, word: &Word) -> Read<Address> {
    let text = word.get_ref();
    parsed(text).ok_or_else(|| file.wrong(word, Cause::NoAddress(text.clone())))
}

fn ports(file: &File, word: &Word) -> Read<Ports> {
    let read = |text: &str| {
        let (transport, ports) = text.split_once('/')?;
        let transport = Transport::ALL.into_iter().find(|it| it.slug() == transport)?;
        let port = |digits: &str| {
            let plain = digits.bytes().all(|it| it.is_ascii_digit());
            digits.parse::<u16>().ok().filter(|_| plain)
        };
        let (first, last) = match ports.split_once('-') {
            Some((first, last)) => (port(first)?, port(last)?),
            None => (port(ports)?, port(ports)?),
        };
        (first <= last).then_some(Ports { transport, ports: PortRange { first, last } })
    };
    let text = word.get_ref();
    read(text).ok_or_else(|| file.wrong(word, Cause::NoPorts(text.clone())))
}

/// What is expected: public ports and packets of the last file that says so, the groups of all.
pub(in crate::settings) fn expect(files: &[File], zones: &Zones) -> Read<Expect> {
    fn section(file: &File) -> Option<&RawExpect> {
        file.raw.expect.as_ref()
    }
    let public = last(files, |file| section(file)?.public.as_ref());
    let public_spot = public.map(|(file, words)| file.spot(words));
    let public =
        public.map(|(file, words)| words.get_ref().iter().map(|it| ports(file, it)).collect());
    let mut groups: Vec<Group> = Vec::new();
    for file in files {
        for (name, raw) in section(file).into_iter().flat_map(|expect| &expect.groups) {
            let group = group(file, name, raw, zones)?;
            match groups.iter_mut().find(|it| it.name.value == group.name.value) {
                Some(known) => *known = group,
                None => groups.push(group),
            }
        }
    }
    let packets = last(files, |file| section(file)?.packet.as_ref());
    let packets = packets.map_or_else(
        || Ok(Vec::new()),
        |(file, packets)| packets.iter().map(|it| packet(file, it)).collect::<Read<Vec<_>>>(),
    )?;
    names_differ(packets.iter().map(|it| &it.name))?;
    Ok(Expect { public: public.transpose()?, public_spot, groups, packets })
}

fn group(
    file: &File,
    name: &Word,
    raw: &Spanned<Table<RawGroup, true>>,
    zones: &Zones,
) -> Read<Group> {
    let RawGroup { from, must_reach } = &**raw.get_ref();
    let from = from.as_ref().ok_or_else(|| file.wrong(raw, Cause::Missing("from")))?;
    let zone = from.get_ref();
    if zones.get(zone).is_none() {
        let names = zones.0.iter().map(|it| it.name.as_str());
        let nearest = nearest(zone, names).map(str::to_owned);
        return Err(file.wrong(from, Cause::UnknownZone { word: zone.clone(), nearest }));
    }
    let missing = || file.wrong(raw, Cause::Missing("must-reach"));
    let must_reach = must_reach.as_ref().ok_or_else(missing)?;
    if must_reach.is_empty() {
        return Err(file.wrong(raw, Cause::Empty("must-reach")));
    }
    let must_reach = must_reach.iter().map(|it| ports(file, it)).collect::<Read<_>>()?;
    Ok(Group { name: file.written(name), from: zone.clone(), must_reach })
}

fn packet(file: &File, raw: &Spanned<Table<RawPacket>>) -> Read<ExpectedPacket> {
    let missing = |key| file.wrong(raw, Cause::Missing(key));
    let RawPacket { name, packet, verdict } = &**raw.get_ref();
    let packet = packet.as_ref().ok_or_else(|| missing("packet"))?;
    let verdict = verdict.as_ref().ok_or_else(|| missing("verdict"))?;
    let words = ExpectedVerdict::ALL.map(|it| (it.name(), it));
    Ok(ExpectedPacket {
        name: file.written(name.as_ref().ok_or_else(|| missing("name"))?),
        packet: file.written(packet),
        verdict: word(file, verdict, &words)?,
    })
}

/// The hosts of the last file that names any.
pub(in crate::settings) fn hosts(files: &[File]) -> Read<Vec<Host>> {
    let Some((file, hosts)) = last(files, |file| file.raw.host.as_ref()) else {
        return Ok(Vec::new());
    };
    let hosts = hosts.iter().map(|it| host(file, it)).collect::<Read<Vec<_>>>()?;
    names_differ(hosts.iter().map(|it| &it.name))?;
    Ok(hosts)
}

fn host(file: &File, raw: &Spanned<Table<RawHost>>) -> Read<Host> {
    let missing = |key| file.wrong(raw, Cause::Missing(key));
    let RawHost { name, files, addresses, interfaces, families, forwarding, sysctl, sockets } =
        &**raw.get_ref();
    let name = name.as_ref().ok_or_else(|| missing("name"))?;
    let files = files.as_ref().ok_or_else(|| missing("files"))?;
    if files.is_empty() {
        return Err(file.wrong(raw, Cause::Empty("files")));
    }
    let words = [("ipv4", Family::Ipv4), ("ipv6", Family::Ipv6)];
    let values = |written: Vec<Written<InterfaceName>>| {
        written.into_iter().map(|it| it.value).collect::<Vec<_>>()
    };
    let addresses = list(file, addresses.as_ref(), address)?;
    let families = families.iter().flatten().map(|it| word(file, it, &words));
    Ok(Host {
        name: file.written(name),
        files: list(file, Some(files), |file, it| Ok(file.folder.join(it.get_ref())))?,
        addresses: addresses.into_iter().map(|it| it.value).collect(),
        interfaces: values(list(file, interfaces.as_ref(), interface)?),
        families: families.collect::<Read<_>>()?,
        forwarding: forwarding.as_ref().map(|it| *it.get_ref()),
        sysctl: match sysctl {
            Some(word) => facts::sysctl(file, word, forwarding.as_ref())?,
            None => Sysctl::default(),
        },
        sockets: sockets.as_ref().map(|word| facts::sockets(file, word)).transpose()?,
    })
}

fn names_differ<'w>(names: impl Iterator<Item = &'w Written<String>>) -> Read<()> {
    let mut known: Vec<&Written<String>> = Vec::new();
    for name in names {
        let twin = known.iter().find(|it| it.value == name.value);
        if let Some(twin) = twin {
            let spot: &Spot = &name.spot;
            let wrong = Wrong::new(spot, Cause::TwiceTheName(name.value.clone()));
            let against = Some(twin.spot.clone());
            return Err(Error::Config(Box::new(Wrong { against, ..wrong })));
        }
        known.push(name);
    }
    Ok(())
}
