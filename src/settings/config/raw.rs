use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};
use std::{fmt, marker::PhantomData, ops::Deref};
use toml::Spanned;

/// A word of the file, with the bytes it stands at.
pub(super) type Word = Spanned<String>;
/// A list of such.
pub(super) type Words = Vec<Word>;

/// The file as it is written: whatever is absent is `None`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    pub(super) extend: Option<Word>,
    pub(super) persona: Option<Word>,
    pub(super) lang: Option<Word>,
    pub(super) lint: Option<Table<RawLint>>,
    pub(super) zones: Option<Named<Spanned<Table<RawZone>>>>,
    pub(super) expect: Option<RawExpect>,
    pub(super) host: Option<Vec<Spanned<Table<RawHost>>>>,
    pub(super) knowledge: Option<Table<RawKnowledge>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawLint {
    pub(super) select: Option<Words>,
    pub(super) ignore: Option<Words>,
    pub(super) fail_on: Option<Word>,
    pub(super) severity: Option<Named<Word>>,
    pub(super) options: Option<Table<RawOptions>>,
    pub(super) per_file: Option<Vec<Spanned<Table<RawPerFile>>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawOptions {
    pub(super) wide_range: Option<Spanned<i64>>,
    pub(super) require_reason: Option<Spanned<bool>>,
    pub(super) comment_regex: Option<Word>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPerFile {
    pub(super) files: Option<Words>,
    pub(super) select: Option<Words>,
    pub(super) ignore: Option<Words>,
    pub(super) severity: Option<Named<Word>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawKnowledge {
    pub(super) extra: Option<Words>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawZone {
    pub(super) interfaces: Option<Words>,
    pub(super) sources: Option<Words>,
    pub(super) trust: Option<Word>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawGroup {
    pub(super) from: Option<Word>,
    pub(super) must_reach: Option<Words>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPacket {
    pub(super) name: Option<Word>,
    pub(super) packet: Option<Word>,
    pub(super) verdict: Option<Word>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHost {
    pub(super) name: Option<Word>,
    pub(super) files: Option<Words>,
    pub(super) addresses: Option<Words>,
    pub(super) interfaces: Option<Words>,
    pub(super) families: Option<Words>,
    pub(super) forwarding: Option<Spanned<bool>>,
    pub(super) sysctl: Option<Word>,
    pub(super) sockets: Option<Word>,
}

/// A table and no list: what is derived would take one for the other, key by key in their order. A group is told from
/// other tables, as its name may be a misspelt key of ours.
#[derive(Debug)]
pub(super) struct Table<T, const GROUP: bool = false>(T);

impl<T, const GROUP: bool> Deref for Table<T, GROUP> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>, const GROUP: bool> Deserialize<'de> for Table<T, GROUP> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T, const GROUP: bool>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const GROUP: bool> Visitor<'de> for Entries<T, GROUP> {
            type Value = Table<T, GROUP>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(if GROUP { "a group" } else { "a map" })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Table)
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

/// A table whose keys are the user's own, in the order of the file.
#[derive(Debug)]
pub(super) struct Named<T>(pub(super) Vec<(Word, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Named<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Named<T>, A::Error> {
                let mut entries = Vec::new();
                while let Some(key) = map.next_key()? {
                    entries.push((key, map.next_value()?));
                }
                Ok(Named(entries))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

/// `[expect]`: two keys of ours among groups that the user names.
#[derive(Debug, Default)]
pub(super) struct RawExpect {
    pub(super) public: Option<Spanned<Words>>,
    pub(super) packet: Option<Vec<Spanned<Table<RawPacket>>>>,
    pub(super) groups: Vec<(Word, Spanned<Table<RawGroup, true>>)>,
}

impl RawExpect {
    /// The keys of ours.
    pub(super) const KEYS: [&str; 2] = ["public", "packet"];
}

impl<'de> Deserialize<'de> for RawExpect {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = RawExpect;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawExpect, A::Error> {
                let mut expect = RawExpect::default();
                while let Some(key) = map.next_key::<Word>()? {
                    match key.get_ref().as_str() {
                        "public" => expect.public = Some(map.next_value()?),
                        "packet" => expect.packet = Some(map.next_value()?),
                        _ => expect.groups.push((key, map.next_value()?)),
                    }
                }
                Ok(expect)
            }
        }
        deserializer.deserialize_map(Entries)
    }
}
