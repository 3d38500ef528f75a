//! The types of values, and the words that stand for some of them.

/// The type of a value, a set's key or a map's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Datatype {
    /// A number; its size is that of what it is compared with: `integer`.
    Integer,
    /// Flags without names: `bitmask`.
    Bitmask,
    /// Text: `string`.
    String,
    /// An IPv4 address: `ipv4_addr`.
    Ipv4,
    /// An IPv6 address: `ipv6_addr`.
    Ipv6,
    /// A MAC address: `ether_addr`.
    Ether,
    /// A link layer address of any length: `ll_addr`.
    LinkLayer,
    /// A port: `inet_service`.
    Service,
    /// A transport protocol: `inet_proto`.
    Protocol,
    /// A packet mark: `mark`.
    Mark,
    /// An interface's name: `ifname`.
    IfName,
    /// An interface's number, written as its name: `iface_index`.
    IfIndex,
    /// A kind of interface: `iface_type`.
    IfType,
    /// A group of interfaces: `devgroup`.
    DevGroup,
    /// A user: `uid`.
    Uid,
    /// A group of users: `gid`.
    Gid,
    /// A routing realm: `realm`.
    Realm,
    /// A traffic class: `classid`.
    ClassId,
    /// The path of a control group: `cgroupsv2`.
    Cgroup,
    /// IPv4 or IPv6: `nf_proto`.
    NfProto,
    /// A type of Ethernet frame: `ether_type`.
    EtherType,
    /// An ARP operation: `arp_op`.
    ArpOp,
    /// To whom a frame is sent: `pkt_type`.
    PktType,
    /// An ICMP type: `icmp_type`.
    IcmpType,
    /// An ICMP code: `icmp_code`.
    IcmpCode,
    /// A type of ICMP for IPv6: `icmpv6_type`.
    Icmp6Type,
    /// A code of ICMP for IPv6: `icmpv6_code`.
    Icmp6Code,
    /// A reason for refusal in both families: `icmpx_code`.
    IcmpxCode,
    /// An IGMP type: `igmp_type`.
    IgmpType,
    /// A DSCP class: `dscp`.
    Dscp,
    /// An ECN mark: `ecn`.
    Ecn,
    /// TCP flags: `tcp_flag`.
    TcpFlag,
    /// States of a flow: `ct_state`.
    CtState,
    /// A direction of a flow: `ct_dir`.
    CtDirection,
    /// What happened to a flow: `ct_status`.
    CtStatus,
    /// What is told of a flow: `ct_event`.
    CtEvent,
    /// Labels of a flow, whose names the system has: `ct_label`.
    CtLabel,
    /// A mobility header type: `mh_type`.
    MhType,
    /// A DCCP packet type: `dccp_pkttype`.
    DccpType,
    /// A multipath TCP option: `mptcp_subtype`.
    MptcpSubtype,
    /// What an address is to this host: `fib_addrtype`.
    FibType,
    /// `exists` or `missing`: `boolean`.
    Boolean,
    /// A day of the week: `day`.
    Day,
    /// A time of day: `hour`.
    Hour,
    /// A length of time, or a date: `time`.
    Time,
    /// A verdict: `verdict`.
    Verdict,
}

/// A word and the number it stands for.
pub type Symbol = (&'static str, u32);

impl Datatype {
    /// Every type.
    pub const ALL: &[Self] = &[
        Self::Integer,
        Self::Bitmask,
        Self::String,
        Self::Ipv4,
        Self::Ipv6,
        Self::Ether,
        Self::LinkLayer,
        Self::Service,
        Self::Protocol,
        Self::Mark,
        Self::IfName,
        Self::IfIndex,
        Self::IfType,
        Self::DevGroup,
        Self::Uid,
        Self::Gid,
        Self::Realm,
        Self::ClassId,
        Self::Cgroup,
        Self::NfProto,
        Self::EtherType,
        Self::ArpOp,
        Self::PktType,
        Self::IcmpType,
        Self::IcmpCode,
        Self::Icmp6Type,
        Self::Icmp6Code,
        Self::IcmpxCode,
        Self::IgmpType,
        Self::Dscp,
        Self::Ecn,
        Self::TcpFlag,
        Self::CtState,
        Self::CtDirection,
        Self::CtStatus,
        Self::CtEvent,
        Self::CtLabel,
        Self::MhType,
        Self::DccpType,
        Self::MptcpSubtype,
        Self::FibType,
        Self::Boolean,
        Self::Day,
        Self::Hour,
        Self::Time,
        Self::Verdict,
    ];

    /// The word for it in `type …`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Bitmask => "bitmask",
            Self::String => "string",
            Self::Ipv4 => "ipv4_addr",
            Self::Ipv6 => "ipv6_addr",
            Self::Ether => "ether_addr",
            Self::LinkLayer => "ll_addr",
            Self::Service => "inet_service",
            Self::Protocol => "inet_proto",
            Self::Mark => "mark",
            Self::IfName => "ifname",
            Self::IfIndex => "iface_index",
            Self::IfType => "iface_type",
            Self::DevGroup => "devgroup",
            Self::Uid => "uid",
            Self::Gid => "gid",
            Self::Realm => "realm",
            Self::ClassId => "classid",
            Self::Cgroup => "cgroupsv2",
            Self::NfProto => "nf_proto",
            Self::EtherType => "ether_type",
            Self::ArpOp => "arp_op",
            Self::PktType => "pkt_type",
            Self::IcmpType => "icmp_type",
            Self::IcmpCode => "icmp_code",
            Self::Icmp6Type => "icmpv6_type",
            Self::Icmp6Code => "icmpv6_code",
            Self::IcmpxCode => "icmpx_code",
            Self::IgmpType => "igmp_type",
            Self::Dscp => "dscp",
            Self::Ecn => "ecn",
            Self::TcpFlag => "tcp_flag",
            Self::CtState => "ct_state",
            Self::CtDirection => "ct_dir",
            Self::CtStatus => "ct_status",
            Self::CtEvent => "ct_event",
            Self::CtLabel => "ct_label",
            Self::MhType => "mh_type",
            Self::DccpType => "dccp_pkttype",
            Self::MptcpSubtype => "mptcp_subtype",
            Self::FibType => "fib_addrtype",
            Self::Boolean => "boolean",
            Self::Day => "day",
            Self::Hour => "hour",
            Self::Time => "time",
            Self::Verdict => "verdict",
        }
    }

    /// The type called `name`.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.name() == name)
    }

    /// How long its values are; 0 where that depends.
    pub const fn bits(self) -> u32 {
        match self {
            Self::Integer | Self::Bitmask | Self::String | Self::LinkLayer | Self::Verdict => 0,
            Self::Boolean => 1,
            Self::Ecn => 2,
            Self::DccpType | Self::MptcpSubtype => 4,
            Self::Dscp => 6,
            Self::Protocol
            | Self::NfProto
            | Self::PktType
            | Self::IcmpType
            | Self::IcmpCode
            | Self::Icmp6Type
            | Self::Icmp6Code
            | Self::IcmpxCode
            | Self::IgmpType
            | Self::TcpFlag
            | Self::CtDirection
            | Self::MhType
            | Self::Day => 8,
            Self::Service | Self::IfType | Self::EtherType | Self::ArpOp => 16,
            Self::Ipv4
            | Self::Mark
            | Self::IfIndex
            | Self::DevGroup
            | Self::Uid
            | Self::Gid
            | Self::Realm
            | Self::ClassId
            | Self::CtState
            | Self::CtStatus
            | Self::CtEvent
            | Self::FibType
            | Self::Hour => 32,
            Self::Ether => 48,
            Self::Cgroup | Self::Time => 64,
            Self::Ipv6 | Self::IfName | Self::CtLabel => 128,
        }
    }

    /// Whether its values are flags, so that a list of them is one value.
    pub const fn is_bitmask(self) -> bool {
        matches!(
            self,
            Self::Bitmask
                | Self::CtEvent
                | Self::CtLabel
                | Self::CtState
                | Self::CtStatus
                | Self::TcpFlag
        )
    }

    /// Its words, where it has a fixed list of them.
    pub const fn symbols(self) -> &'static [Symbol] {
        match self {
            Self::Protocol => INET_PROTO,
            Self::IfType => IFACE_TYPE,
            Self::DevGroup => DEVGROUP,
            Self::NfProto => NF_PROTO,
            Self::EtherType => ETHER_TYPE,
            Self::ArpOp => ARP_OP,
            Self::PktType => PKT_TYPE,
            Self::IcmpType => ICMP_TYPE,
            Self::IcmpCode => ICMP_CODE,
            Self::Icmp6Type => ICMPV6_TYPE,
            Self::Icmp6Code => ICMPV6_CODE,
            Self::IcmpxCode => ICMPX_CODE,
            Self::IgmpType => IGMP_TYPE,
            Self::Dscp => DSCP,
            Self::Ecn => ECN,
            Self::TcpFlag => TCP_FLAG,
            Self::CtState => CT_STATE,
            Self::CtDirection => CT_DIR,
            Self::CtStatus => CT_STATUS,
            Self::CtEvent => CT_EVENT,
            Self::MhType => MH_TYPE,
            Self::DccpType => DCCP_PKTTYPE,
            Self::MptcpSubtype => MPTCP,
            Self::FibType => FIB_ADDRTYPE,
            Self::Boolean => BOOLEAN,
            Self::Day => DAY,
            _ => &[],
        }
    }
}

const INET_PROTO: &[Symbol] = &[
    ("ip", 0),
    ("icmp", 1),
    ("icmpv6", 58),
    ("comp", 108),
    ("igmp", 2),
    ("ggp", 3),
    ("ipencap", 4),
    ("st", 5),
    ("tcp", 6),
    ("egp", 8),
    ("igp", 9),
    ("pup", 12),
    ("udp", 17),
    ("hmp", 20),
    ("xns-idp", 22),
    ("rdp", 27),
    ("iso-tp4", 29),
    ("dccp", 33),
    ("xtp", 36),
    ("ddp", 37),
    ("idpr-cmtp", 38),
    ("ipv6", 41),
    ("ipv6-route", 43),
    ("ipv6-frag", 44),
    ("idrp", 45),
    ("rsvp", 46),
    ("gre", 47),
    ("esp", 50),
    ("ah", 51),
    ("skip", 57),
    ("ipv6-icmp", 58),
    ("ipv6-nonxt", 59),
    ("ipv6-opts", 60),
    ("rspf", 73),
    ("vmtp", 81),
    ("eigrp", 88),
    ("ospf", 89),
    ("ax.25", 93),
    ("ipip", 94),
    ("etherip", 97),
    ("encap", 98),
    ("pim", 103),
    ("ipcomp", 108),
    ("vrrp", 112),
    ("l2tp", 115),
    ("isis", 124),
    ("sctp", 132),
    ("fc", 133),
    ("mobility-header", 135),
    ("udplite", 136),
    ("mpls-in-ip", 137),
    ("manet", 138),
    ("hip", 139),
    ("shim6", 140),
    ("wesp", 141),
    ("rohc", 142),
    ("ethernet", 143),
];

const IFACE_TYPE: &[Symbol] = &[
    ("ether", 256),
    ("ppp", 2),
    ("ipip", 3),
    ("ipip6", 259),
    ("loopback", 1027),
    ("sit", 2051),
    ("ipgre", 2563),
];

const DEVGROUP: &[Symbol] = &[("default", 0)];

const NF_PROTO: &[Symbol] = &[("ipv4", 2), ("ipv6", 10)];

const ETHER_TYPE: &[Symbol] = &[
    ("ip", 2048),
    ("arp", 2054),
    ("ip6", 34525),
    ("8021q", 33024),
    ("8021ad", 34984),
    ("vlan", 33024),
];

const ARP_OP: &[Symbol] = &[
    ("request", 1),
    ("reply", 2),
    ("rrequest", 3),
    ("rreply", 4),
    ("inrequest", 8),
    ("inreply", 9),
    ("nak", 10),
];

const PKT_TYPE: &[Symbol] =
    &[("host", 0), ("unicast", 0), ("broadcast", 1), ("multicast", 2), ("other", 3)];

const ICMP_TYPE: &[Symbol] = &[
    ("echo-reply", 0),
    ("destination-unreachable", 3),
    ("source-quench", 4),
    ("redirect", 5),
    ("echo-request", 8),
    ("router-advertisement", 9),
    ("router-solicitation", 10),
    ("time-exceeded", 11),
    ("parameter-problem", 12),
    ("timestamp-request", 13),
    ("timestamp-reply", 14),
    ("info-request", 15),
    ("info-reply", 16),
    ("address-mask-request", 17),
    ("address-mask-reply", 18),
];

const ICMP_CODE: &[Symbol] = &[
    ("net-unreachable", 0),
    ("host-unreachable", 1),
    ("prot-unreachable", 2),
    ("port-unreachable", 3),
    ("net-prohibited", 9),
    ("host-prohibited", 10),
    ("admin-prohibited", 13),
    ("frag-needed", 4),
];

const ICMPV6_TYPE: &[Symbol] = &[
    ("destination-unreachable", 1),
    ("packet-too-big", 2),
    ("time-exceeded", 3),
    ("parameter-problem", 4),
    ("echo-request", 128),
    ("echo-reply", 129),
    ("mld-listener-query", 130),
    ("mld-listener-report", 131),
    ("mld-listener-done", 132),
    ("mld-listener-reduction", 132),
    ("nd-router-solicit", 133),
    ("nd-router-advert", 134),
    ("nd-neighbor-solicit", 135),
    ("nd-neighbor-advert", 136),
    ("nd-redirect", 137),
    ("router-renumbering", 138),
    ("ind-neighbor-solicit", 141),
    ("ind-neighbor-advert", 142),
    ("mld2-listener-report", 143),
];

const ICMPV6_CODE: &[Symbol] = &[
    ("no-route", 0),
    ("admin-prohibited", 1),
    ("addr-unreachable", 3),
    ("port-unreachable", 4),
    ("policy-fail", 5),
    ("reject-route", 6),
];

const ICMPX_CODE: &[Symbol] =
    &[("port-unreachable", 1), ("admin-prohibited", 3), ("no-route", 0), ("host-unreachable", 2)];

const IGMP_TYPE: &[Symbol] = &[
    ("membership-query", 17),
    ("membership-report-v1", 18),
    ("membership-report-v2", 22),
    ("membership-report-v3", 34),
    ("leave-group", 23),
];

const DSCP: &[Symbol] = &[
    ("cs0", 0),
    ("cs1", 8),
    ("cs2", 16),
    ("cs3", 24),
    ("cs4", 32),
    ("cs5", 40),
    ("cs6", 48),
    ("cs7", 56),
    ("df", 0),
    ("be", 0),
    ("lephb", 1),
    ("af11", 10),
    ("af12", 12),
    ("af13", 14),
    ("af21", 18),
    ("af22", 20),
    ("af23", 22),
    ("af31", 26),
    ("af32", 28),
    ("af33", 30),
    ("af41", 34),
    ("af42", 36),
    ("af43", 38),
    ("va", 44),
    ("ef", 46),
];

const ECN: &[Symbol] = &[("not-ect", 0), ("ect1", 1), ("ect0", 2), ("ce", 3)];

const TCP_FLAG: &[Symbol] = &[
    ("fin", 1),
    ("syn", 2),
    ("rst", 4),
    ("psh", 8),
    ("ack", 16),
    ("urg", 32),
    ("ecn", 64),
    ("cwr", 128),
];

const CT_STATE: &[Symbol] =
    &[("invalid", 1), ("new", 8), ("established", 2), ("related", 4), ("untracked", 64)];

const CT_DIR: &[Symbol] = &[("original", 0), ("reply", 1)];

const CT_STATUS: &[Symbol] = &[
    ("expected", 1),
    ("seen-reply", 2),
    ("assured", 4),
    ("confirmed", 8),
    ("snat", 16),
    ("dnat", 32),
    ("dying", 512),
];

const CT_EVENT: &[Symbol] = &[
    ("new", 1),
    ("related", 2),
    ("destroy", 4),
    ("reply", 8),
    ("assured", 16),
    ("protoinfo", 32),
    ("helper", 64),
    ("mark", 128),
    ("seqadj", 256),
    ("secmark", 512),
    ("label", 1024),
];

const MH_TYPE: &[Symbol] = &[
    ("binding-refresh-request", 0),
    ("home-test-init", 1),
    ("careof-test-init", 2),
    ("home-test", 3),
    ("careof-test", 4),
    ("binding-update", 5),
    ("binding-acknowledgement", 6),
    ("binding-error", 7),
    ("fast-binding-update", 8),
    ("fast-binding-acknowledgement", 9),
    ("fast-binding-advertisement", 10),
    ("experimental-mobility-header", 11),
    ("home-agent-switch-message", 12),
];

const DCCP_PKTTYPE: &[Symbol] = &[
    ("request", 0),
    ("response", 1),
    ("data", 2),
    ("ack", 3),
    ("dataack", 4),
    ("closereq", 5),
    ("close", 6),
    ("reset", 7),
    ("sync", 8),
    ("syncack", 9),
];

const MPTCP: &[Symbol] = &[
    ("mp-capable", 0),
    ("mp-join", 1),
    ("dss", 2),
    ("add-addr", 3),
    ("remove-addr", 4),
    ("mp-prio", 5),
    ("mp-fail", 6),
    ("mp-fastclose", 7),
    ("mp-tcprst", 8),
];

const FIB_ADDRTYPE: &[Symbol] = &[
    ("unspec", 0),
    ("unicast", 1),
    ("local", 2),
    ("broadcast", 3),
    ("anycast", 4),
    ("multicast", 5),
    ("blackhole", 6),
    ("unreachable", 7),
    ("prohibit", 8),
];

const BOOLEAN: &[Symbol] = &[("exists", 1), ("missing", 0)];

const DAY: &[Symbol] = &[
    ("Sunday", 0),
    ("Monday", 1),
    ("Tuesday", 2),
    ("Wednesday", 3),
    ("Thursday", 4),
    ("Friday", 5),
    ("Saturday", 6),
];
