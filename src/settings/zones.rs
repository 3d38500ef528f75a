use super::Written;
use crate::model::{Family, InterfaceName, Prefix};

/// Where packets can come from, as the user names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Its name.
    pub name: String,
    /// The interfaces its packets come in on; none for any.
    pub interfaces: Vec<Written<InterfaceName>>,
    /// The addresses they bear; none for any.
    pub sources: Vec<Written<Prefix>>,
    /// Whether they are believed.
    pub trust: Trust,
}

/// Whether what comes from a zone is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Trust {
    /// It is inside.
    #[default]
    Trusted,
    /// Anybody may be there, under any address.
    Untrusted,
}

impl Trust {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Trusted, Self::Untrusted];

    /// The word of the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trusted => "trusted",
            Self::Untrusted => "untrusted",
        }
    }
}

/// The zones, in the order of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Zones(pub Vec<Zone>);

impl Zones {
    /// The zone of that name.
    pub fn get(&self, name: &str) -> Option<&Zone> {
        self.0.iter().find(|zone| zone.name == name)
    }

    /// Whether any of them says which interfaces are whose: what none names is then not inside.
    pub fn name_interfaces(&self) -> bool {
        self.0.iter().any(|zone| !zone.interfaces.is_empty())
    }

    /// The interfaces that they speak of.
    pub fn interfaces(&self) -> impl Iterator<Item = &InterfaceName> {
        self.0.iter().flat_map(|zone| &zone.interfaces).map(|it| &it.value)
    }

    /// The interfaces of the zones with this trust.
    pub fn interfaces_with(&self, trust: Trust) -> impl Iterator<Item = &InterfaceName> {
        let zones = self.0.iter().filter(move |zone| zone.trust == trust);
        zones.flat_map(|zone| &zone.interfaces).map(|it| &it.value)
    }
}

impl Zone {
    /// Its addresses of one family, as first and last.
    pub fn ranges(&self, family: Family) -> Vec<(u128, u128)> {
        let own = self.sources.iter().map(|it| it.value);
        own.filter(|it| it.address.family == family).map(Prefix::range).collect()
    }

    /// Whether packets of a family can come from it.
    pub fn speaks(&self, family: Family) -> bool {
        self.sources.is_empty() || !self.ranges(family).is_empty()
    }
}
