//! Rule sets and packets that are made up from a seed, to touch everything that rules can say.

pub(crate) mod iptables;
pub(crate) mod nft;
pub(crate) mod packets;

/// The address family that is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    V4,
    V6,
}

/// Interfaces that rules name.
pub(crate) const INTERFACES: [&str; 7] = ["eth0", "eth1", "eth2", "eth3", "wg0", "docker0", "br0"];

pub(crate) const PORTS: [&str; 8] = ["22", "23", "53", "80", "443", "1024", "8080", "65535"];

pub(crate) const RANGES: [&str; 5] = ["0:1023", "80:90", "1024:65535", "22:23", "8000:8100"];

impl Family {
    /// Addresses of hosts.
    pub(crate) const fn hosts(self) -> &'static [&'static str] {
        match self {
            Self::V4 => &["198.51.100.7", "192.0.2.1", "10.0.0.5", "172.16.0.1", "203.0.113.255"],
            Self::V6 => &["2001:db8::7", "2001:db8:1::1", "fd00::5", "2001:db8:ffff::ffff"],
        }
    }

    pub(crate) const fn networks(self) -> &'static [&'static str] {
        match self {
            Self::V4 => &[
                "10.0.0.0/8",
                "192.0.2.0/24",
                "198.51.100.0/30",
                "172.16.0.0/12",
                "203.0.113.128/25",
                "128.0.0.0/1",
            ],
            Self::V6 => {
                &["2001:db8::/32", "fd00::/8", "2001:db8:1::/48", "2001:db8::/126", "8000::/1"]
            }
        }
    }

    /// Where translations lead.
    pub(crate) const fn targets(self) -> &'static [&'static str] {
        match self {
            Self::V4 => &["10.0.0.5", "10.0.0.6", "192.0.2.1"],
            Self::V6 => &["fd00::5", "fd00::6", "2001:db8:1::1"],
        }
    }
}
