use super::Family;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// An address as a number with its family; displays as people write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// Its family.
    pub family: Family,
    /// Its bits.
    pub bits: u128,
}

impl Address {
    /// The address and a port, an IPv6 address in brackets.
    pub fn with_ports(self, ports: &str) -> String {
        match self.family {
            Family::Ipv4 => format!("{self}:{ports}"),
            Family::Ipv6 => format!("[{self}]:{ports}"),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.family {
            Family::Ipv4 => {
                let bits = u32::try_from(self.bits).unwrap_or(u32::MAX);
                Ipv4Addr::from_bits(bits).fmt(formatter)
            }
            Family::Ipv6 => Ipv6Addr::from_bits(self.bits).fmt(formatter),
        }
    }
}

/// A prefix; a whole address displays without its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix {
    /// The first address.
    pub address: Address,
    /// How many leading bits are fixed.
    pub length: u8,
}

impl Prefix {
    /// Its first and its last address.
    pub fn range(self) -> (u128, u128) {
        let bits = self.address.family.last_address().count_ones();
        let host = bits.saturating_sub(self.length.into());
        let mask = 1_u128.checked_shl(host).map_or(u128::MAX, |size| size - 1);
        (self.address.bits & !mask, self.address.bits | mask)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = match self.address.family {
            Family::Ipv4 => 32,
            Family::Ipv6 => 128,
        };
        if self.length == whole {
            self.address.fmt(formatter)
        } else {
            write!(formatter, "{}/{}", self.address, self.length)
        }
    }
}

/// Address ranges as prefixes where they are prefixes, else as `first-last`.
pub fn display_ranges(family: Family, ranges: &[(u128, u128)]) -> Vec<String> {
    let width: u32 = match family {
        Family::Ipv4 => 32,
        Family::Ipv6 => 128,
    };
    let one = |(low, high): &(u128, u128)| {
        let host_bits = (high - low).checked_add(1).map_or(128, u128::trailing_zeros);
        let size_is_power = (high - low).checked_add(1).is_none_or(u128::is_power_of_two);
        let aligned = low.trailing_zeros() >= host_bits || *low == 0;
        let address = |bits| Address { family, bits };
        if size_is_power && aligned {
            let length = u8::try_from(width - host_bits.min(width)).unwrap_or(u8::MAX);
            Prefix { address: address(*low), length }.to_string()
        } else {
            format!("{}-{}", address(*low), address(*high))
        }
    };
    ranges.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::{Address, Family, Prefix, display_ranges};

    #[test]
    fn a_prefix_is_from_its_first_address_to_its_last() {
        let range =
            |family, bits, length| Prefix { address: Address { family, bits }, length }.range();
        assert_eq!(range(Family::Ipv4, 0x0a01_0000, 16), (0x0a01_0000, 0x0a01_ffff));
        assert_eq!(range(Family::Ipv4, 7, 32), (7, 7));
        assert_eq!(range(Family::Ipv4, 0, 0), (0, u32::MAX.into()));
        assert_eq!(range(Family::Ipv6, 0, 0), (0, u128::MAX));
    }

    #[test]
    fn ranges_show_as_prefixes_where_they_are() {
        let show = |ranges: &[(u128, u128)]| display_ranges(Family::Ipv4, ranges).join(" ");
        assert_eq!(show(&[(0, 0xffff_ffff)]), "0.0.0.0/0");
        assert_eq!(
            show(&[(0x0a00_0000, 0x0aff_ffff), (0xc000_0201, 0xc000_0201)]),
            "10.0.0.0/8 192.0.2.1"
        );
        assert_eq!(show(&[(0x0a00_0001, 0x0a00_0002)]), "10.0.0.1-10.0.0.2");
        assert_eq!(display_ranges(Family::Ipv6, &[(0, u128::MAX)]), ["::/0"]);
    }
}
