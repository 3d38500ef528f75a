use super::{DefinitionId, ExprId, ExtraId, Family, Ids, Verdict};
use crate::{
    source::Span,
    syntax::nft::fields::{Field, Header, Key},
};
use std::net::Ipv4Addr;

/// An expression and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// All of it.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// The kinds of expression.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// `22`, `0x16`, `026`.
    Number(u64),
    /// A number past 64 bits, as written.
    Long,
    /// `-300`, in a definition.
    Negative(u64),
    /// `192.0.2.1`.
    Ipv4(Ipv4Addr),
    /// `2001:db8::1`, with or without brackets; [`crate::syntax::nft::values::ipv6`] reads it.
    Ipv6,
    /// `00:11:22:33:44:55`; [`crate::syntax::nft::values::mac`] reads it.
    Mac,
    /// A bare word: a symbolic constant, a name, an interface. Ends in `*` where it is a wildcard (`eth*`), in `\*` where it is not.
    Word,
    /// A string in quotes, which the span includes; a wildcard where it ends in `*`.
    Quoted,
    /// `1d2h3m`; [`crate::syntax::nft::values::time`] reads it.
    Time,
    /// `1:10`, a traffic class of `meta priority`.
    ClassId,
    /// `*` as the key of an element: everything no other element takes.
    CatchAll,
    /// `$name`, and the definition it stands for; `None` where this file has none.
    Variable(Option<DefinitionId>),
    /// `192.0.2.0/24`.
    Prefix {
        /// The address, or a variable or name that stands for it.
        base: ExprId,
        /// The number of bits.
        length: u8,
    },
    /// `22-80`.
    Range {
        /// The smallest.
        first: ExprId,
        /// The largest.
        last: ExprId,
    },
    /// `new, established`: parts of [`super::File::parts`].
    List(Ids),
    /// `ip saddr . tcp dport`: parts of [`super::File::parts`].
    Concat(Ids),
    /// `{ … }`: elements of [`super::File::elements`]; with data where it is a map.
    Set(Ids),
    /// `@name`; the name without the `@`.
    SetReference(Span),
    /// `key map { … }`.
    Map {
        /// What is looked up.
        key: ExprId,
        /// A set with data, a reference or a variable.
        map: ExprId,
    },
    /// `left & right` and the like.
    Binary {
        /// The operation.
        operator: BinaryOperator,
        /// What stands before it.
        left: ExprId,
        /// What stands after it.
        right: ExprId,
    },
    /// A verdict, as the data of a map or of a variable.
    Verdict(Verdict),
    /// `tcp dport`, `ip saddr`, `frag id`.
    Payload(&'static Field),
    /// `exthdr hbh`, `tcp option sack`, `ip option rr`, `sctp chunk data`: the header or option as a whole.
    Whole(Header),
    /// `@th,16,8`.
    Raw {
        /// Where counting starts.
        base: RawBase,
        /// In bits.
        offset: u32,
        /// In bits.
        length: u32,
    },
    /// `tcp option maxseg size`, `ip option lsrr ptr`, `sctp chunk data flags`, `dccp option 2`.
    Option(Box<OptionField>),
    /// `meta mark`, or `mark`.
    Meta(&'static Key),
    /// `ct state`, `ct original ip saddr`.
    Ct {
        /// Which part of the flow.
        key: &'static Key,
        /// Which direction's, where it is said.
        direction: Option<Direction>,
        /// `ip` or `ip6` before `saddr` and `daddr`.
        family: Option<Family>,
    },
    /// `fib saddr . iif oif`.
    Fib {
        /// What is looked up.
        flags: FibFlags,
        /// What is asked.
        result: FibResult,
    },
    /// `rt classid`, `rt ip nexthop`.
    Rt {
        /// Which part of the route.
        key: &'static Key,
        /// `ip` or `ip6` before `nexthop`.
        family: Option<Family>,
    },
    /// `socket mark`, `socket cgroupv2 level 2`.
    Socket {
        /// Which part of the socket.
        key: &'static Key,
        /// After `level`.
        level: Option<u32>,
    },
    /// `osf name`, `osf ttl loose version`.
    Osf {
        /// The word after `ttl`, where it is written.
        ttl: Option<Span>,
        /// Whether the version is asked for too.
        version: bool,
    },
    /// `numgen`, `jhash`, `symhash`.
    Hash(Box<Hash>),
    /// `ipsec in spnum 1 ip saddr`.
    Ipsec {
        /// Which part of the state.
        key: &'static Key,
        /// `true` for `in`.
        inbound: bool,
        /// Which state, from the outside.
        number: u8,
        /// `ip` or `ip6` before an address.
        family: Option<Family>,
    },
    /// `vxlan ip saddr`, `gre tcp dport`: a field of the packet that a tunnel carries.
    Inner {
        /// The tunnel.
        tunnel: Header,
        /// A [`ExprKind::Payload`] or the like.
        field: ExprId,
    },
    /// `tunnel id`, of the kernel's metadata.
    Tunnel(&'static Key),
    /// `xt match "name"`, which the loader prints and nobody can load.
    Xt,
    /// Something that could not be read; an error says why.
    Wrong,
}

/// What stands between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryOperator {
    /// `&`, `and`.
    And,
    /// `|`, `or`.
    Or,
    /// `^`, `xor`.
    Xor,
    /// `<<`, `lshift`.
    ShiftLeft,
    /// `>>`, `rshift`.
    ShiftRight,
    /// `value / mask` on the right of a match: `syn / syn,ack`.
    Masked,
}

/// Where a raw payload expression counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RawBase {
    /// `ll`, the link layer header.
    Link,
    /// `nh`, the network header.
    Network,
    /// `th`, the transport header.
    Transport,
    /// `ih`, the transport header's payload.
    Inner,
}

/// One of the two directions of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// As its first packet went.
    Original,
    /// The answers.
    Reply,
}

/// A field of an option or chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionField {
    /// Of TCP, IP, DCCP, or an SCTP chunk.
    pub header: Header,
    /// The option's name or number.
    pub option: Span,
    /// The field; empty where the option as a whole is meant.
    pub field: Span,
    /// `tcp option @255,8,16`: offset and length in bits.
    pub raw: Option<(u32, u32)>,
    /// The field's type, where it is known.
    pub selector: Selector,
}

/// How an option's field compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Selector {
    /// With `exists` and `missing`.
    Presence,
    /// With a number of so many bits.
    Integer(u16),
    /// With an IPv4 address.
    Address,
}

/// The parts of a key of `fib`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct FibFlags(pub u8);

impl FibFlags {
    /// `saddr`.
    pub const SADDR: u8 = 1;
    /// `daddr`.
    pub const DADDR: u8 = 2;
    /// `mark`.
    pub const MARK: u8 = 4;
    /// `iif`.
    pub const IIF: u8 = 8;
    /// `oif`.
    pub const OIF: u8 = 16;

    /// Whether all of `flags` are among them.
    pub const fn contains(self, flags: u8) -> bool {
        self.0 & flags == flags
    }
}

/// What `fib` answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FibResult {
    /// `oif`: an interface; compared with `exists` and `missing` as well.
    Oif,
    /// `oifname`.
    OifName,
    /// `type`: `local`, `unicast`, …
    Type,
    /// `check`: whether there is a route.
    Check,
}

/// A number that is drawn or computed.
#[derive(Debug, Clone, PartialEq)]
pub enum Hash {
    /// `numgen inc mod 2 offset 1`.
    Numgen {
        /// `random` and not `inc`.
        random: bool,
        /// The number of values.
        modulus: u64,
        /// The smallest value.
        offset: u64,
    },
    /// `jhash ip saddr . tcp dport mod 2 seed 1 offset 1`.
    Jhash {
        /// What is hashed.
        key: ExprId,
        /// The number of values.
        modulus: u64,
        /// After `seed`.
        seed: Option<u64>,
        /// The smallest value.
        offset: u64,
    },
    /// `symhash mod 2 offset 1`.
    Symhash {
        /// The number of values.
        modulus: u64,
        /// The smallest value.
        offset: u64,
    },
}

/// One element of a set or map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element {
    /// Its key; a nested set, a variable or [`ExprKind::CatchAll`] too.
    pub key: ExprId,
    /// After the `:`, in a map.
    pub data: Option<ExprId>,
    /// What else is said of it.
    pub extra: Option<ExtraId>,
}

/// What else is said of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extra {
    /// After `timeout`.
    pub timeout: Option<ExprId>,
    /// After `expires`.
    pub expires: Option<ExprId>,
    /// After `comment`.
    pub comment: Option<Span>,
    /// `counter`, `limit`, `quota` and the like: statements of [`super::File::statements`].
    pub statements: Ids,
}
