//! From TOML to entries. Everything an entry must have is asked for here, of our files and of the user's alike.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::{
    Amplification, Category, Cause, Confidence, Entry, Error, Evidence, PortRange, Risk, Seed,
    Transport, Transports, Verdict,
};
use crate::words::Message;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    service: Vec<Spanned<RawEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    id: Option<Spanned<String>>,
    ports: Option<Vec<Spanned<toml::Value>>>,
    transport: Option<Vec<Spanned<String>>>,
    protocol: Option<u8>,
    service: Option<Spanned<String>>,
    iana: Option<String>,
    software: Option<String>,
    category: Option<Spanned<String>>,
    severity: Option<Spanned<String>>,
    confidence: Option<Spanned<String>>,
    evidence: Option<Spanned<String>>,
    persona: Option<Spanned<String>>,
    #[serde(default)]
    primary: bool,
    note: Option<Spanned<RawText>>,
    mitigation: Option<Spanned<RawText>>,
    amplification: Option<RawAmplification>,
    #[serde(default)]
    references: Vec<String>,
    #[serde(default)]
    seed: Vec<Spanned<RawSeed>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawText {
    en: Option<Spanned<String>>,
    zh: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAmplification {
    factor: String,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSeed {
    verdict: Option<Spanned<String>>,
    claim: Option<Spanned<RawText>>,
    correction: Option<Spanned<RawText>>,
}

/// The entries of a file, in its order.
///
/// # Errors
///
/// The first thing that is wrong with it.
pub fn parse(path: &str, text: &str) -> Result<Vec<Entry>, Error> {
    Ok(parse_with_places(path, text)?.into_iter().map(|(_, entry)| entry).collect())
}

/// The same, each with its bytes.
pub(super) fn parse_with_places(
    path: &str,
    text: &str,
) -> Result<Vec<(Range<usize>, Entry)>, Error> {
    let file = File { path, text };
    let raw: RawFile = file.toml()?;
    let mut entries: Vec<(Range<usize>, Entry)> = Vec::with_capacity(raw.service.len());
    for raw in raw.service {
        let at = raw.span();
        let id_at = raw.get_ref().id.as_ref().map_or(at.clone(), Spanned::span);
        let entry = file.entry(&at, raw.into_inner())?;
        if entries.iter().any(|(_, it)| it.id == entry.id) {
            return Err(file.error(id_at, Cause::DuplicateId(entry.id)));
        }
        entries.push((at, entry));
    }
    Ok(entries)
}

/// The file being read.
#[derive(Clone, Copy)]
pub(super) struct File<'a> {
    pub(super) path: &'a str,
    pub(super) text: &'a str,
}

impl File<'_> {
    pub(super) fn toml<T: serde::de::DeserializeOwned>(self) -> Result<T, Error> {
        toml::from_str(self.text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            let wrong =
                self.error(span.clone(), Cause::Toml(error.message().escape_debug().to_string()));
            // Of an unknown key, toml lists the ones it knows; the nearest of them is what was meant.
            let written = self.text.get(span).unwrap_or_default();
            let known = error.message().split('`').skip(3).step_by(2);
            match nearest(written, known) {
                Some(near) => wrong.suggest(meant(near)),
                None => wrong,
            }
        })
    }

    pub(super) fn error(self, span: Range<usize>, cause: Cause) -> Error {
        Error::new(self.path, self.text, span, cause)
    }

    fn entry(self, at: &Range<usize>, raw: RawEntry) -> Result<Entry, Error> {
        let id = self.words(at, "id", raw.id)?;
        let ports = self.ports(raw.ports.unwrap_or_default())?;
        let transports = self.transports(raw.transport.unwrap_or_default())?;
        let by_port = !ports.is_empty() && !transports.is_empty() && raw.protocol.is_none();
        let by_protocol = ports.is_empty() && transports.is_empty() && raw.protocol.is_some();
        if !by_port && !by_protocol {
            return Err(self.error(at.clone(), Cause::PortsOrProtocol));
        }
        let category = self.required(at, "category", raw.category)?;
        let severity = self.required(at, "severity", raw.severity)?;
        let confidence = match raw.confidence {
            Some(word) => self.choice("confidence", &word, Confidence::ALL, Confidence::slug)?,
            None => Confidence::High,
        };
        let evidence = match raw.evidence {
            Some(word) => Some(self.choice("evidence", &word, Evidence::ALL, Evidence::slug)?),
            None => None,
        };
        let audit_only =
            match raw.persona {
                Some(word) => self.choice("persona", &word, [false, true], |it| {
                    if it { "audit" } else { "default" }
                })?,
                None => false,
            };
        Ok(Entry {
            id,
            service: self.words(at, "service", raw.service)?,
            ports,
            transports,
            protocol: raw.protocol,
            iana: raw.iana,
            software: raw.software,
            category: self.choice("category", &category, Category::ALL, Category::slug)?,
            risk: self.choice("severity", &severity, Risk::ALL, Risk::slug)?,
            confidence,
            evidence,
            primary: raw.primary,
            audit_only,
            note: self.message(at, ["note", "note.en", "note.zh"], raw.note)?,
            mitigation: self.message(
                at,
                ["mitigation", "mitigation.en", "mitigation.zh"],
                raw.mitigation,
            )?,
            amplification: raw
                .amplification
                .map(|it| Amplification { factor: it.factor, source: it.source }),
            references: raw.references,
            seed: raw.seed.into_iter().map(|it| self.seed(it)).collect::<Result<_, _>>()?,
        })
    }

    pub(super) fn seed(self, raw: Spanned<RawSeed>) -> Result<Seed, Error> {
        let at = raw.span();
        let raw = raw.into_inner();
        let verdict = self.required(&at, "verdict", raw.verdict)?;
        Ok(Seed {
            claim: self.message(&at, ["claim", "claim.en", "claim.zh"], raw.claim)?,
            verdict: self.choice("verdict", &verdict, Verdict::ALL, Verdict::slug)?,
            correction: self.message(
                &at,
                ["correction", "correction.en", "correction.zh"],
                raw.correction,
            )?,
        })
    }

    pub(super) fn required<T>(
        self,
        at: &Range<usize>,
        key: &'static str,
        value: Option<T>,
    ) -> Result<T, Error> {
        value.ok_or_else(|| self.error(at.clone(), Cause::Missing(key)))
    }

    pub(super) fn words(
        self,
        at: &Range<usize>,
        key: &'static str,
        value: Option<Spanned<String>>,
    ) -> Result<String, Error> {
        let value = self.required(at, key, value)?;
        if value.get_ref().trim().is_empty() {
            return Err(self.error(value.span(), Cause::Empty(key)));
        }
        Ok(value.into_inner())
    }

    pub(super) fn message(
        self,
        at: &Range<usize>,
        [key, en, zh]: [&'static str; 3],
        value: Option<Spanned<RawText>>,
    ) -> Result<Message, Error> {
        let value = self.required(at, key, value)?;
        let inside = value.span();
        let value = value.into_inner();
        Ok(Message {
            en: self.words(&inside, en, value.en)?,
            zh: self.words(&inside, zh, value.zh)?,
        })
    }

    /// The one of `all` that the word names.
    pub(super) fn choice<T: Copy, const N: usize>(
        self,
        what: &'static str,
        word: &Spanned<String>,
        all: [T; N],
        slug: impl Fn(T) -> &'static str,
    ) -> Result<T, Error> {
        if let Some(found) = all.into_iter().find(|&it| slug(it) == word.get_ref()) {
            return Ok(found);
        }
        let near = nearest(word.get_ref(), all.map(&slug));
        let suggestion = near.map_or_else(
            || Message {
                en: format!("it is one of {}", all.map(&slug).join(", ")),
                zh: format!("可用的词：{}", all.map(&slug).join("、")),
            },
            meant,
        );
        let cause = Cause::Unknown { word: word.get_ref().escape_debug().to_string(), what };
        Err(self.error(word.span(), cause).suggest(suggestion))
    }

    pub(super) fn ports(self, raw: Vec<Spanned<toml::Value>>) -> Result<Vec<PortRange>, Error> {
        let mut ports = Vec::with_capacity(raw.len());
        for value in raw {
            let range = match value.get_ref() {
                toml::Value::Integer(port) => {
                    u16::try_from(*port).ok().map(|port| PortRange { first: port, last: port })
                }
                toml::Value::String(range) => port_range(range),
                _ => None,
            };
            let Some(range) = range else {
                let written = value
                    .get_ref()
                    .as_str()
                    .map_or_else(|| value.get_ref().to_string(), str::to_owned);
                return Err(
                    self.error(value.span(), Cause::Port(written.escape_debug().to_string()))
                );
            };
            ports.push(range);
        }
        ports.sort_unstable();
        Ok(ports)
    }

    pub(super) fn transports(self, raw: Vec<Spanned<String>>) -> Result<Transports, Error> {
        let mut transports = Vec::with_capacity(raw.len());
        for word in raw {
            transports.push(self.choice("transport", &word, Transport::ALL, Transport::slug)?);
        }
        Ok(Transports::of(&transports))
    }
}

/// `number` as a port, if it is one.
pub(super) fn port_number(number: u32) -> Option<u16> {
    u16::try_from(number).ok()
}

fn port_range(range: &str) -> Option<PortRange> {
    let (first, last) = range.split_once('-')?;
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then_some(PortRange { first, last })
}

fn meant(near: &str) -> Message {
    Message { en: format!("did you mean `{near}`?"), zh: format!("您是否想写 `{near}`？") }
}

/// The word that somebody who wrote `word` most likely meant.
fn nearest<'a>(word: &str, all: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_ascii_lowercase();
    let distance = |it: &&str| strsim::damerau_levenshtein(&word, it);
    let close =
        |it: &&str| (word.len() > 2 && it.starts_with(&word)) || distance(it) <= 1 + it.len() / 5;
    all.into_iter().filter(close).min_by_key(distance)
}
