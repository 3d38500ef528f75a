use super::number;
use crate::syntax::Expected;

/// Which TCP flags are looked at, and which of them must be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TcpFlags {
    /// Looked at. Bits as in the header: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32.
    pub mask: u8,
    /// Set among them; a bit outside the mask makes the match impossible.
    pub compare: u8,
}

/// A type-of-service byte and the bits of it that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tos {
    /// The bits.
    pub value: u8,
    /// Which of them count.
    pub mask: u8,
}

/// A set of connection states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CtStates(u8);

impl CtStates {
    /// Belongs to no flow and cannot start one.
    pub const INVALID: Self = Self(1);
    /// Belongs to a flow seen in both directions.
    pub const ESTABLISHED: Self = Self(2);
    /// Starts a flow that another one announced.
    pub const RELATED: Self = Self(4);
    /// Starts a flow.
    pub const NEW: Self = Self(8);
    /// Kept from connection tracking.
    pub const UNTRACKED: Self = Self(16);
    /// Its source was translated.
    pub const SNAT: Self = Self(32);
    /// Its destination was translated.
    pub const DNAT: Self = Self(64);

    /// Whether all of `other` are in it.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// One bit a state, in the order of the constants.
    pub const fn bits(self) -> u8 {
        self.0
    }
}

/// A set of connection status bits: EXPECTED 1, `SEEN_REPLY` 2, ASSURED 4, CONFIRMED 8; NONE is the empty set.
pub type CtStatus = u8;

// flags := "ALL" | "NONE" | flag ("," flag)*
fn flag_set(text: &str) -> Result<u8, Expected> {
    let mut set = 0;
    for flag in text.split(',').filter(|flag| !flag.is_empty()) {
        let bits = [
            ("FIN", 1),
            ("SYN", 2),
            ("RST", 4),
            ("PSH", 8),
            ("ACK", 16),
            ("URG", 32),
            ("ALL", 63),
            ("NONE", 0),
        ];
        set |= bits
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(flag))
            .ok_or(Expected::TcpFlags)?
            .1;
    }
    Ok(set)
}

/// The two words of `--tcp-flags`.
///
/// # Errors
/// Where a word is no list of flags.
pub fn tcp_flags(mask: &str, compare: &str) -> Result<TcpFlags, Expected> {
    Ok(TcpFlags { mask: flag_set(mask)?, compare: flag_set(compare)? })
}

/// A comma list of connection states.
///
/// # Errors
/// Where a word is no state.
pub fn ct_states(text: &str) -> Result<CtStates, Expected> {
    let mut states = CtStates::default();
    for word in text.split(',') {
        let state = CT_STATES.iter().position(|name| name.eq_ignore_ascii_case(word));
        states.0 |= 1 << state.ok_or(Expected::SomeOf(CT_STATES))?;
    }
    Ok(states)
}

/// In the order of the bits of [`CtStates`].
static CT_STATES: &[&str] =
    &["INVALID", "ESTABLISHED", "RELATED", "NEW", "UNTRACKED", "SNAT", "DNAT"];

/// A comma list of connection status words.
///
/// # Errors
/// Where a word is none.
pub fn ct_status(text: &str) -> Result<CtStatus, Expected> {
    static NAMES: &[&str] = &["NONE", "EXPECTED", "SEEN_REPLY", "ASSURED", "CONFIRMED"];
    let mut status = 0;
    for word in text.split(',') {
        let at = NAMES
            .iter()
            .position(|name| name.eq_ignore_ascii_case(word))
            .ok_or(Expected::SomeOf(NAMES))?;
        status |= if at == 0 { 0 } else { 1 << (at - 1) };
    }
    Ok(status)
}

/// What `-m addrtype` tells apart, in the order of the routing table's own numbers.
pub static ADDRESS_TYPES: &[&str] = &[
    "UNSPEC",
    "UNICAST",
    "LOCAL",
    "BROADCAST",
    "ANYCAST",
    "MULTICAST",
    "BLACKHOLE",
    "UNREACHABLE",
    "PROHIBIT",
    "THROW",
    "NAT",
    "XRESOLVE",
];

/// A comma list of address types, each perhaps cut short: one bit a type, in the order of [`ADDRESS_TYPES`].
///
/// # Errors
/// Where a word is no type.
pub fn address_types(text: &str) -> Result<u16, Expected> {
    let mut types = 0;
    for word in text.split(',') {
        let begins = |name: &&str| {
            !word.is_empty()
                && name.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
        };
        types |=
            1 << ADDRESS_TYPES.iter().position(begins).ok_or(Expected::SomeOf(ADDRESS_TYPES))?;
    }
    Ok(types)
}

/// The names of code points.
pub static DSCP_CLASSES: &[(&str, u8)] = &[
    ("CS0", 0),
    ("CS1", 8),
    ("CS2", 16),
    ("CS3", 24),
    ("CS4", 32),
    ("CS5", 40),
    ("CS6", 48),
    ("CS7", 56),
    ("BE", 0),
    ("AF11", 10),
    ("AF12", 12),
    ("AF13", 14),
    ("AF21", 18),
    ("AF22", 20),
    ("AF23", 22),
    ("AF31", 26),
    ("AF32", 28),
    ("AF33", 30),
    ("AF41", 34),
    ("AF42", 36),
    ("AF43", 38),
    ("EF", 46),
];

/// A code point's name.
///
/// # Errors
/// Where it is none.
pub fn dscp_class(text: &str) -> Result<u8, Expected> {
    let class = DSCP_CLASSES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    class.map(|(_, value)| *value).ok_or(Expected::Form("a DSCP class such as CS1, AF21, EF"))
}

/// `value`, `value/mask` or a name; a value without mask counts whole, a name in the bits of the old field.
///
/// # Errors
/// Where it is none of these.
pub fn tos(text: &str) -> Result<Tos, Expected> {
    static NAMES: [(&str, u8); 5] = [
        ("Minimize-Delay", 16),
        ("Maximize-Throughput", 8),
        ("Maximize-Reliability", 4),
        ("Minimize-Cost", 2),
        ("Normal-Service", 0),
    ];
    if let Some((_, value)) = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
        return Ok(Tos { value: *value, mask: 0x3f });
    }
    let byte = |text| {
        number(text, 0, 255).ok().and_then(|value| u8::try_from(value).ok()).ok_or(Expected::Tos)
    };
    let (value, mask) =
        text.split_once('/').map_or((text, None), |(value, mask)| (value, Some(mask)));
    Ok(Tos { value: byte(value)?, mask: mask.map_or(Ok(0xff), byte)? })
}

/// Which end each dimension of a set is compared with: `true` for `src`. At most six.
///
/// # Errors
/// Where a word is neither `src` nor `dst`, or there are more than six.
pub fn set_directions(text: &str) -> Result<impl Iterator<Item = bool> + '_, Expected> {
    let words = || text.split(',');
    if words().count() <= 6 && words().all(|word| word == "src" || word == "dst") {
        Ok(words().map(|word| word == "src"))
    } else {
        Err(Expected::SetDirections)
    }
}

#[cfg(test)]
mod tests {
    use super::{CtStates, ct_states, set_directions, tcp_flags, tos};

    #[test]
    fn flags_are_read_in_either_case() {
        assert_eq!(tcp_flags("syn,ACK", "SYN").map(|it| (it.mask, it.compare)), Ok((18, 2)));
        assert_eq!(tcp_flags("ALL", "NONE").map(|it| (it.mask, it.compare)), Ok((63, 0)));
        assert!(tcp_flags("SYN", "FOO").is_err());
    }

    #[test]
    fn an_empty_state_is_refused() {
        let states = ct_states("new,ESTABLISHED").expect("two states");
        assert!(states.contains(CtStates::NEW) && !states.contains(CtStates::RELATED));
        assert!(ct_states("NEW,").is_err() && ct_states("OLD").is_err());
    }

    #[test]
    fn a_set_is_matched_in_up_to_six_dimensions() {
        assert_eq!(
            set_directions("src,dst").map(Iterator::collect::<Vec<_>>),
            Ok(vec![true, false])
        );
        assert!(set_directions("src,any").is_err() && set_directions("").is_err());
        assert!(set_directions("src,src,src,src,src,src,src").is_err());
    }

    #[test]
    fn a_named_service_leaves_the_ecn_bits_alone() {
        assert_eq!(tos("Minimize-Delay").map(|it| (it.value, it.mask)), Ok((16, 0x3f)));
        assert_eq!(tos("0x10").map(|it| (it.value, it.mask)), Ok((16, 0xff)));
    }
}
