//! What can be asked of a packet: the fields of its headers, and what the kernel knows about it.

use super::datatype::Datatype;

/// The headers that have fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Header {
    /// `ether`.
    Ether,
    /// `vlan`.
    Vlan,
    /// `arp`.
    Arp,
    /// `ip`.
    Ip,
    /// `ip6`.
    Ip6,
    /// `icmp`.
    Icmp,
    /// `icmpv6`.
    Icmp6,
    /// `igmp`.
    Igmp,
    /// `tcp`.
    Tcp,
    /// `udp`.
    Udp,
    /// `udplite`.
    Udplite,
    /// `sctp`.
    Sctp,
    /// `dccp`.
    Dccp,
    /// `th`.
    Th,
    /// `ah`.
    Ah,
    /// `esp`.
    Esp,
    /// `comp`.
    Comp,
    /// `gre`.
    Gre,
    /// `gretap`.
    Gretap,
    /// `geneve`.
    Geneve,
    /// `vxlan`.
    Vxlan,
    /// `hbh`.
    Hbh,
    /// `rt`.
    Rt,
    /// `rt0`.
    Rt0,
    /// `rt2`.
    Rt2,
    /// `srh`.
    Rt4,
    /// `frag`.
    Frag,
    /// `dst`.
    Dst,
    /// `mh`.
    Mh,
    /// `tcp option`.
    TcpOption,
    /// `ip option`.
    IpOption,
    /// `sctp chunk`.
    SctpChunk,
    /// `dccp option`.
    DccpOption,
}

impl Header {
    /// Every header.
    pub const ALL: &[Self] = &[
        Self::Ether,
        Self::Vlan,
        Self::Arp,
        Self::Ip,
        Self::Ip6,
        Self::Icmp,
        Self::Icmp6,
        Self::Igmp,
        Self::Tcp,
        Self::Udp,
        Self::Udplite,
        Self::Sctp,
        Self::Dccp,
        Self::Th,
        Self::Ah,
        Self::Esp,
        Self::Comp,
        Self::Gre,
        Self::Gretap,
        Self::Geneve,
        Self::Vxlan,
        Self::Hbh,
        Self::Rt,
        Self::Rt0,
        Self::Rt2,
        Self::Rt4,
        Self::Frag,
        Self::Dst,
        Self::Mh,
        Self::TcpOption,
        Self::IpOption,
        Self::SctpChunk,
        Self::DccpOption,
    ];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ether => "ether",
            Self::Vlan => "vlan",
            Self::Arp => "arp",
            Self::Ip => "ip",
            Self::Ip6 => "ip6",
            Self::Icmp => "icmp",
            Self::Icmp6 => "icmpv6",
            Self::Igmp => "igmp",
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Udplite => "udplite",
            Self::Sctp => "sctp",
            Self::Dccp => "dccp",
            Self::Th => "th",
            Self::Ah => "ah",
            Self::Esp => "esp",
            Self::Comp => "comp",
            Self::Gre => "gre",
            Self::Gretap => "gretap",
            Self::Geneve => "geneve",
            Self::Vxlan => "vxlan",
            Self::Hbh => "hbh",
            Self::Rt => "rt",
            Self::Rt0 => "rt0",
            Self::Rt2 => "rt2",
            Self::Rt4 => "srh",
            Self::Frag => "frag",
            Self::Dst => "dst",
            Self::Mh => "mh",
            Self::TcpOption => "tcp option",
            Self::IpOption => "ip option",
            Self::SctpChunk => "sctp chunk",
            Self::DccpOption => "dccp option",
        }
    }

    /// The header called `name`, one word.
    pub fn of(name: &str) -> Option<Self> {
        let name = match name {
            "icmp6" => "icmpv6",
            _ => name,
        };
        Self::ALL.iter().copied().find(|it| it.name() == name)
    }

    /// Its fields.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::Ether => ETHER,
            Self::Vlan => VLAN,
            Self::Arp => ARP,
            Self::Ip => IP,
            Self::Ip6 => IP6,
            Self::Icmp => ICMP,
            Self::Icmp6 => ICMP6,
            Self::Igmp => IGMP,
            Self::Tcp => TCP,
            Self::Udp => UDP,
            Self::Udplite => UDPLITE,
            Self::Sctp => SCTP,
            Self::Dccp => DCCP,
            Self::Th => TH,
            Self::Ah => AH,
            Self::Esp => ESP,
            Self::Comp => COMP,
            Self::Gre => GRE,
            Self::Geneve => GENEVE,
            Self::Vxlan => VXLAN,
            Self::Hbh => HBH,
            Self::Rt => RT,
            Self::Rt0 => RT0,
            Self::Rt2 => RT2,
            Self::Rt4 => RT4,
            Self::Frag => FRAG,
            Self::Dst => DST,
            Self::Mh => MH,
            Self::Gretap
            | Self::TcpOption
            | Self::IpOption
            | Self::SctpChunk
            | Self::DccpOption => &[],
        }
    }

    /// The field called `name` (`saddr ip` for ARP, with a blank).
    pub fn field(self, name: &str) -> Option<&'static Field> {
        self.fields().iter().find(|field| field.name == name)
    }
}

/// A field of a header.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Field {
    /// The header it is in.
    pub header: Header,
    /// Its name.
    pub name: &'static str,
    /// What it is compared with.
    pub datatype: Datatype,
    /// Where in the header it starts, in bits.
    pub offset: u16,
    /// How long it is, in bits.
    pub bits: u16,
}

/// Something the kernel knows about a packet.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it is compared with; [`Datatype::Integer`] without bits where the address family decides.
    pub datatype: Datatype,
    /// How long it is, in bits.
    pub bits: u16,
    /// Whether a rule can set it.
    pub writable: bool,
}

const fn field(
    header: Header,
    name: &'static str,
    datatype: Datatype,
    offset: u16,
    bits: u16,
) -> Field {
    Field { header, name, datatype, offset, bits }
}

const fn key(name: &'static str, datatype: Datatype, bits: u16, writable: bool) -> Key {
    Key { name, datatype, bits, writable }
}

/// The key called `name`.
pub fn find(keys: &'static [Key], name: &str) -> Option<&'static Key> {
    keys.iter().find(|key| key.name == name)
}

static ETHER: &[Field] = &[
    field(Header::Ether, "daddr", Datatype::Ether, 0, 48),
    field(Header::Ether, "saddr", Datatype::Ether, 48, 48),
    field(Header::Ether, "type", Datatype::EtherType, 96, 16),
];

static VLAN: &[Field] = &[
    field(Header::Vlan, "pcp", Datatype::Integer, 0, 3),
    field(Header::Vlan, "dei", Datatype::Integer, 3, 1),
    field(Header::Vlan, "cfi", Datatype::Integer, 3, 1),
    field(Header::Vlan, "id", Datatype::Integer, 4, 12),
    field(Header::Vlan, "type", Datatype::EtherType, 16, 16),
];

static ARP: &[Field] = &[
    field(Header::Arp, "htype", Datatype::Integer, 0, 16),
    field(Header::Arp, "ptype", Datatype::EtherType, 16, 16),
    field(Header::Arp, "hlen", Datatype::Integer, 32, 8),
    field(Header::Arp, "plen", Datatype::Integer, 40, 8),
    field(Header::Arp, "operation", Datatype::ArpOp, 48, 16),
    field(Header::Arp, "saddr ether", Datatype::Ether, 64, 48),
    field(Header::Arp, "saddr ip", Datatype::Ipv4, 112, 32),
    field(Header::Arp, "daddr ether", Datatype::Ether, 144, 48),
    field(Header::Arp, "daddr ip", Datatype::Ipv4, 192, 32),
];

static IP: &[Field] = &[
    field(Header::Ip, "version", Datatype::Integer, 0, 4),
    field(Header::Ip, "hdrlength", Datatype::Integer, 4, 4),
    field(Header::Ip, "dscp", Datatype::Dscp, 8, 6),
    field(Header::Ip, "ecn", Datatype::Ecn, 14, 2),
    field(Header::Ip, "length", Datatype::Integer, 16, 16),
    field(Header::Ip, "id", Datatype::Integer, 32, 16),
    field(Header::Ip, "frag-off", Datatype::Integer, 48, 16),
    field(Header::Ip, "ttl", Datatype::Integer, 64, 8),
    field(Header::Ip, "protocol", Datatype::Protocol, 72, 8),
    field(Header::Ip, "checksum", Datatype::Integer, 80, 16),
    field(Header::Ip, "saddr", Datatype::Ipv4, 96, 32),
    field(Header::Ip, "daddr", Datatype::Ipv4, 128, 32),
];

static IP6: &[Field] = &[
    field(Header::Ip6, "version", Datatype::Integer, 0, 4),
    field(Header::Ip6, "dscp", Datatype::Dscp, 4, 6),
    field(Header::Ip6, "ecn", Datatype::Ecn, 10, 2),
    field(Header::Ip6, "flowlabel", Datatype::Integer, 12, 20),
    field(Header::Ip6, "length", Datatype::Integer, 32, 16),
    field(Header::Ip6, "nexthdr", Datatype::Protocol, 48, 8),
    field(Header::Ip6, "hoplimit", Datatype::Integer, 56, 8),
    field(Header::Ip6, "saddr", Datatype::Ipv6, 64, 128),
    field(Header::Ip6, "daddr", Datatype::Ipv6, 192, 128),
];

static ICMP: &[Field] = &[
    field(Header::Icmp, "type", Datatype::IcmpType, 0, 8),
    field(Header::Icmp, "code", Datatype::IcmpCode, 8, 8),
    field(Header::Icmp, "checksum", Datatype::Integer, 16, 16),
    field(Header::Icmp, "id", Datatype::Integer, 32, 16),
    field(Header::Icmp, "sequence", Datatype::Integer, 48, 16),
    field(Header::Icmp, "gateway", Datatype::Ipv4, 32, 32),
    field(Header::Icmp, "mtu", Datatype::Integer, 48, 16),
];

static ICMP6: &[Field] = &[
    field(Header::Icmp6, "type", Datatype::Icmp6Type, 0, 8),
    field(Header::Icmp6, "code", Datatype::Icmp6Code, 8, 8),
    field(Header::Icmp6, "checksum", Datatype::Integer, 16, 16),
    field(Header::Icmp6, "parameter-problem", Datatype::Integer, 32, 32),
    field(Header::Icmp6, "packet-too-big", Datatype::Integer, 32, 32),
    field(Header::Icmp6, "mtu", Datatype::Integer, 32, 32),
    field(Header::Icmp6, "id", Datatype::Integer, 32, 16),
    field(Header::Icmp6, "sequence", Datatype::Integer, 48, 16),
    field(Header::Icmp6, "max-delay", Datatype::Integer, 32, 16),
    field(Header::Icmp6, "taddr", Datatype::Ipv6, 64, 128),
    field(Header::Icmp6, "daddr", Datatype::Ipv6, 192, 128),
];

static IGMP: &[Field] = &[
    field(Header::Igmp, "type", Datatype::IgmpType, 0, 8),
    field(Header::Igmp, "mrt", Datatype::Integer, 8, 8),
    field(Header::Igmp, "checksum", Datatype::Integer, 16, 16),
    field(Header::Igmp, "group", Datatype::Ipv4, 32, 32),
];

static TCP: &[Field] = &[
    field(Header::Tcp, "sport", Datatype::Service, 0, 16),
    field(Header::Tcp, "dport", Datatype::Service, 16, 16),
    field(Header::Tcp, "sequence", Datatype::Integer, 32, 32),
    field(Header::Tcp, "ackseq", Datatype::Integer, 64, 32),
    field(Header::Tcp, "doff", Datatype::Integer, 96, 4),
    field(Header::Tcp, "reserved", Datatype::Integer, 100, 4),
    field(Header::Tcp, "flags", Datatype::TcpFlag, 104, 8),
    field(Header::Tcp, "window", Datatype::Integer, 112, 16),
    field(Header::Tcp, "checksum", Datatype::Integer, 128, 16),
    field(Header::Tcp, "urgptr", Datatype::Integer, 144, 16),
];

static UDP: &[Field] = &[
    field(Header::Udp, "sport", Datatype::Service, 0, 16),
    field(Header::Udp, "dport", Datatype::Service, 16, 16),
    field(Header::Udp, "length", Datatype::Integer, 32, 16),
    field(Header::Udp, "checksum", Datatype::Integer, 48, 16),
];

static UDPLITE: &[Field] = &[
    field(Header::Udplite, "sport", Datatype::Service, 0, 16),
    field(Header::Udplite, "dport", Datatype::Service, 16, 16),
    field(Header::Udplite, "csumcov", Datatype::Integer, 32, 16),
    field(Header::Udplite, "checksum", Datatype::Integer, 48, 16),
];

static SCTP: &[Field] = &[
    field(Header::Sctp, "sport", Datatype::Service, 0, 16),
    field(Header::Sctp, "dport", Datatype::Service, 16, 16),
    field(Header::Sctp, "vtag", Datatype::Integer, 32, 32),
    field(Header::Sctp, "checksum", Datatype::Integer, 64, 32),
];

static DCCP: &[Field] = &[
    field(Header::Dccp, "sport", Datatype::Service, 0, 16),
    field(Header::Dccp, "dport", Datatype::Service, 16, 16),
    field(Header::Dccp, "type", Datatype::DccpType, 67, 4),
];

static TH: &[Field] = &[
    field(Header::Th, "sport", Datatype::Service, 0, 16),
    field(Header::Th, "dport", Datatype::Service, 16, 16),
];

static AH: &[Field] = &[
    field(Header::Ah, "nexthdr", Datatype::Protocol, 0, 8),
    field(Header::Ah, "hdrlength", Datatype::Integer, 8, 8),
    field(Header::Ah, "reserved", Datatype::Integer, 16, 16),
    field(Header::Ah, "spi", Datatype::Integer, 32, 32),
    field(Header::Ah, "sequence", Datatype::Integer, 64, 32),
];

static ESP: &[Field] = &[
    field(Header::Esp, "spi", Datatype::Integer, 0, 32),
    field(Header::Esp, "sequence", Datatype::Integer, 32, 32),
];

static COMP: &[Field] = &[
    field(Header::Comp, "nexthdr", Datatype::Protocol, 0, 8),
    field(Header::Comp, "flags", Datatype::Bitmask, 8, 8),
    field(Header::Comp, "cpi", Datatype::Integer, 16, 16),
];

static GRE: &[Field] = &[
    field(Header::Gre, "flags", Datatype::Integer, 0, 5),
    field(Header::Gre, "version", Datatype::Integer, 13, 3),
    field(Header::Gre, "protocol", Datatype::EtherType, 16, 16),
    field(Header::Gre, "hdrversion", Datatype::Integer, 13, 3),
];

static GENEVE: &[Field] = &[
    field(Header::Geneve, "vni", Datatype::Integer, 32, 24),
    field(Header::Geneve, "type", Datatype::EtherType, 16, 16),
];

static VXLAN: &[Field] = &[
    field(Header::Vxlan, "vni", Datatype::Integer, 32, 24),
    field(Header::Vxlan, "type", Datatype::EtherType, 16, 16),
    field(Header::Vxlan, "flags", Datatype::Integer, 0, 8),
];

static HBH: &[Field] = &[
    field(Header::Hbh, "nexthdr", Datatype::Protocol, 0, 8),
    field(Header::Hbh, "hdrlength", Datatype::Integer, 8, 8),
];

static RT: &[Field] = &[
    field(Header::Rt, "nexthdr", Datatype::Protocol, 0, 8),
    field(Header::Rt, "hdrlength", Datatype::Integer, 8, 8),
    field(Header::Rt, "type", Datatype::Integer, 16, 8),
    field(Header::Rt, "seg-left", Datatype::Integer, 24, 8),
];

static RT0: &[Field] = &[field(Header::Rt0, "addr", Datatype::Ipv6, 64, 128)];

static RT2: &[Field] = &[field(Header::Rt2, "addr", Datatype::Ipv6, 64, 128)];

static RT4: &[Field] = &[
    field(Header::Rt4, "last-entry", Datatype::Integer, 32, 8),
    field(Header::Rt4, "flags", Datatype::Bitmask, 40, 8),
    field(Header::Rt4, "tag", Datatype::Integer, 48, 16),
    field(Header::Rt4, "sid", Datatype::Ipv6, 64, 128),
    field(Header::Rt4, "seg-left", Datatype::Integer, 24, 8),
];

static FRAG: &[Field] = &[
    field(Header::Frag, "nexthdr", Datatype::Protocol, 0, 8),
    field(Header::Frag, "reserved", Datatype::Integer, 8, 8),
    field(Header::Frag, "frag-off", Datatype::Integer, 16, 13),
    field(Header::Frag, "reserved2", Datatype::Integer, 29, 2),
    field(Header::Frag, "more-fragments", Datatype::Integer, 31, 1),
    field(Header::Frag, "id", Datatype::Integer, 32, 32),
];

static DST: &[Field] = &[
    field(Header::Dst, "nexthdr", Datatype::Protocol, 0, 8),
    field(Header::Dst, "hdrlength", Datatype::Integer, 8, 8),
];

static MH: &[Field] = &[
    field(Header::Mh, "nexthdr", Datatype::Protocol, 0, 8),
    field(Header::Mh, "hdrlength", Datatype::Integer, 8, 8),
    field(Header::Mh, "type", Datatype::MhType, 16, 8),
    field(Header::Mh, "reserved", Datatype::Integer, 24, 8),
    field(Header::Mh, "checksum", Datatype::Integer, 32, 16),
];

/// What `meta` knows.
pub static META_KEYS: &[Key] = &[
    key("length", Datatype::Integer, 32, false),
    key("nfproto", Datatype::NfProto, 8, false),
    key("l4proto", Datatype::Protocol, 8, false),
    key("protocol", Datatype::EtherType, 16, false),
    key("priority", Datatype::ClassId, 32, true),
    key("random", Datatype::Integer, 32, false),
    key("secmark", Datatype::Mark, 32, true),
    key("ibrname", Datatype::IfName, 128, false),
    key("obrname", Datatype::IfName, 128, false),
    key("mark", Datatype::Mark, 32, true),
    key("iif", Datatype::IfIndex, 32, false),
    key("iifname", Datatype::IfName, 128, false),
    key("iiftype", Datatype::IfType, 16, false),
    key("oif", Datatype::IfIndex, 32, false),
    key("oifname", Datatype::IfName, 128, false),
    key("oiftype", Datatype::IfType, 16, false),
    key("skuid", Datatype::Uid, 32, false),
    key("skgid", Datatype::Gid, 32, false),
    key("nftrace", Datatype::Integer, 1, true),
    key("rtclassid", Datatype::Realm, 32, false),
    key("ibriport", Datatype::IfName, 128, false),
    key("obriport", Datatype::IfName, 128, false),
    key("ibridgename", Datatype::IfName, 128, false),
    key("obridgename", Datatype::IfName, 128, false),
    key("pkttype", Datatype::PktType, 8, true),
    key("cpu", Datatype::Integer, 32, false),
    key("iifgroup", Datatype::DevGroup, 32, false),
    key("oifgroup", Datatype::DevGroup, 32, false),
    key("cgroup", Datatype::Integer, 32, false),
    key("ipsec", Datatype::Boolean, 1, false),
    key("secpath", Datatype::Boolean, 1, false),
    key("iifkind", Datatype::IfName, 128, false),
    key("oifkind", Datatype::IfName, 128, false),
    key("ibrpvid", Datatype::Integer, 16, false),
    key("ibrvproto", Datatype::EtherType, 16, false),
    key("ibrhwaddr", Datatype::Ether, 48, false),
    key("time", Datatype::Time, 64, false),
    key("day", Datatype::Day, 8, false),
    key("hour", Datatype::Hour, 32, false),
    key("sdif", Datatype::IfIndex, 32, false),
    key("sdifname", Datatype::IfName, 128, false),
    key("broute", Datatype::Integer, 1, true),
];

/// What `ct` knows of the flow.
pub static CT_KEYS: &[Key] = &[
    key("state", Datatype::CtState, 32, false),
    key("direction", Datatype::CtDirection, 8, false),
    key("status", Datatype::CtStatus, 32, false),
    key("mark", Datatype::Mark, 32, true),
    key("expiration", Datatype::Time, 32, false),
    key("helper", Datatype::String, 128, false),
    key("label", Datatype::CtLabel, 128, true),
    key("l3proto", Datatype::NfProto, 8, false),
    key("protocol", Datatype::Protocol, 8, false),
    key("saddr", Datatype::Integer, 0, false),
    key("daddr", Datatype::Integer, 0, false),
    key("proto-src", Datatype::Service, 16, false),
    key("proto-dst", Datatype::Service, 16, false),
    key("packets", Datatype::Integer, 64, false),
    key("bytes", Datatype::Integer, 64, false),
    key("avgpkt", Datatype::Integer, 64, false),
    key("zone", Datatype::Integer, 16, true),
    key("event", Datatype::CtEvent, 32, true),
    key("id", Datatype::Integer, 32, false),
    key("secmark", Datatype::Mark, 32, true),
];

/// What `rt` knows of the route.
pub static RT_KEYS: &[Key] = &[
    key("classid", Datatype::Realm, 32, false),
    key("nexthop", Datatype::Integer, 0, false),
    key("mtu", Datatype::Integer, 16, false),
    key("ipsec", Datatype::Boolean, 1, false),
];

/// What `socket` knows.
pub static SOCKET_KEYS: &[Key] = &[
    key("transparent", Datatype::Integer, 1, false),
    key("mark", Datatype::Mark, 32, false),
    key("wildcard", Datatype::Integer, 1, false),
    key("cgroupv2", Datatype::Cgroup, 64, false),
];

/// What `ipsec` knows of a state.
pub static IPSEC_KEYS: &[Key] = &[
    key("reqid", Datatype::Integer, 32, false),
    key("spi", Datatype::Integer, 32, false),
    key("saddr", Datatype::Integer, 0, false),
    key("daddr", Datatype::Integer, 0, false),
];

/// What `tunnel` knows.
pub static TUNNEL_KEYS: &[Key] =
    &[key("path", Datatype::Boolean, 1, false), key("id", Datatype::Integer, 32, false)];
