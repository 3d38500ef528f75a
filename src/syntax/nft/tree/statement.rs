use super::{Element, ExprId, Family, Ids, ObjectKind};
use crate::source::Span;

/// One rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// From its first word to its last.
    pub span: Span,
    /// Its statements: a range of [`super::File::statements`], in the order written.
    pub statements: Ids,
    /// The text of its comment.
    pub comment: Option<Span>,
    /// Its handle, where a listing says so; larger ones are left out, because rules are many.
    pub handle: Option<u32>,
}

/// A statement and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// All of it.
    pub span: Span,
    /// What it is.
    pub kind: StatementKind,
}

/// The kinds of statement.
#[derive(Debug, Clone, PartialEq)]
pub enum StatementKind {
    /// `tcp dport 22`.
    Match {
        /// What is compared.
        left: ExprId,
        /// How.
        operator: Operator,
        /// With what: a value, range, list, set, reference or variable.
        right: ExprId,
    },
    /// `accept`, `jump other`.
    Verdict(Verdict),
    /// `tcp dport vmap { 22 : accept }`.
    Vmap {
        /// What is looked up.
        key: ExprId,
        /// A set with data, a reference or a variable.
        map: ExprId,
    },
    /// `counter packets 5 bytes 300`; both 0 where not written.
    Counter {
        /// The packets counted.
        packets: u64,
        /// Their bytes.
        bytes: u64,
    },
    /// `counter name "web"`, `quota name …`, `ct helper set "ftp"`, `synproxy name …`.
    Object {
        /// What sort of object.
        kind: ObjectKind,
        /// Its name, a variable, or a map that finds it.
        name: ExprId,
    },
    /// `limit rate 3/minute`.
    Limit(Box<Limit>),
    /// `quota over 5 mbytes`.
    Quota(Box<Quota>),
    /// `last used 5s`.
    Last {
        /// The time since, where one is written.
        used: Option<ExprId>,
    },
    /// `ct count over 20`.
    Connections {
        /// Whether `over` is written.
        over: bool,
        /// How many.
        count: u32,
    },
    /// `log prefix "x"`.
    Log(Box<Log>),
    /// `reject with tcp reset`.
    Reject(Reject),
    /// `dnat`, `snat`, `masquerade`, `redirect`.
    Nat(Box<Nat>),
    /// `tproxy to :8080`.
    Tproxy(Tproxy),
    /// `notrack`.
    Notrack,
    /// `queue to 1`.
    Queue(Queue),
    /// `dup to 192.0.2.1`.
    Dup(Dup),
    /// `fwd to eth0`.
    Fwd(Fwd),
    /// `synproxy mss 1460`.
    Synproxy(Synproxy),
    /// `meta mark set 1`, `ip dscp set cs1`, `tcp option maxseg size set 1400`.
    Set {
        /// What is written to.
        target: ExprId,
        /// The value, or an expression that computes it.
        value: ExprId,
    },
    /// `reset tcp option sack-perm`.
    ResetOption(ExprId),
    /// `add @set { ip saddr timeout 5m }`.
    Update(Box<Update>),
    /// `meter name { ip saddr limit rate 5/second }`, which also makes the set.
    Meter(Box<Meter>),
    /// `flow add @f`; the flowtable's name.
    Flow(Span),
    /// `xt target "LOG"`, which the loader prints and nobody can load.
    Xt,
    /// Something that could not be read; an error says why.
    Wrong,
}

/// How the two sides of a match compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// Nothing is written: `==`, or "any of" where flags are listed or compared.
    Implicit,
    /// `==`, `eq`.
    Equal,
    /// `!=`, `ne`.
    NotEqual,
    /// `<`, `lt`.
    Less,
    /// `<=`, `le`.
    LessEqual,
    /// `>`, `gt`.
    Greater,
    /// `>=`, `ge`.
    GreaterEqual,
    /// `!`: none of these flags.
    Not,
}

/// What becomes of the packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// `accept`.
    Accept,
    /// `drop`.
    Drop,
    /// `continue`.
    Continue,
    /// `return`.
    Return,
    /// `jump`.
    Jump(Jump),
    /// `goto`.
    Goto(Jump),
}

/// Where a jump leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jump {
    /// To the chain of that name: a word, a string or a variable.
    Chain(ExprId),
    /// To the rules in the braces: a range of [`super::File::rules`].
    Block(Ids),
}

/// `limit rate over 10 mbytes/second burst 5 mbytes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Whether `over` is written.
    pub over: bool,
    /// How much.
    pub rate: u64,
    /// Of what.
    pub unit: Unit,
    /// In which time.
    pub per: TimeUnit,
    /// After `burst`.
    pub burst: Option<(u64, Unit)>,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// `packets`, or nothing.
    Packets,
    /// `bytes`.
    Bytes,
    /// `kbytes`.
    Kilobytes,
    /// `mbytes`.
    Megabytes,
}

/// The time a rate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimeUnit {
    /// `/second`.
    Second,
    /// `/minute`.
    Minute,
    /// `/hour`.
    Hour,
    /// `/day`.
    Day,
    /// `/week`.
    Week,
}

/// `quota over 5 mbytes used 1 mbytes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Whether `over` is written.
    pub over: bool,
    /// How much.
    pub amount: (u64, Unit),
    /// After `used`.
    pub used: Option<(u64, Unit)>,
}

/// `log prefix "x" level warn group 5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Log {
    /// The text after `prefix`, a string or a variable.
    pub prefix: Option<ExprId>,
    /// The word after `level`.
    pub level: Option<Span>,
    /// The words after `flags`.
    pub flags: Option<Span>,
    /// After `group`.
    pub group: Option<u16>,
    /// After `snaplen`.
    pub snaplen: Option<u32>,
    /// After `queue-threshold`.
    pub queue_threshold: Option<u16>,
}

/// `reject with icmp port-unreachable`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reject {
    /// With what.
    pub kind: RejectKind,
    /// The code: a word, a number or a variable.
    pub code: Option<ExprId>,
}

/// What a refused packet is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RejectKind {
    /// Nothing is written: port unreachable, or a reset where the rule is about TCP in a bridge.
    Default,
    /// `icmp`, `icmp type`.
    Icmp,
    /// `icmpv6`, `icmpv6 type`.
    Icmp6,
    /// `icmpx`, `icmpx type`.
    Icmpx,
    /// `tcp reset`.
    TcpReset,
}

/// `dnat ip to 192.0.2.1:80 persistent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nat {
    /// Which of the four.
    pub kind: NatKind,
    /// `ip` or `ip6` before `to`.
    pub family: Option<Family>,
    /// The address, a range, or a map that finds it.
    pub address: Option<ExprId>,
    /// The port after `:`.
    pub port: Option<ExprId>,
    /// `persistent`, `random` and the like.
    pub flags: NatFlags,
}

/// Which end of the flow is rewritten, and with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NatKind {
    /// The destination.
    Dnat,
    /// The source.
    Snat,
    /// The source, with the outgoing interface's address.
    Masquerade,
    /// The destination, with this host.
    Redirect,
}

/// The words that stand after a translation, and those before `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct NatFlags(pub u8);

impl NatFlags {
    /// `random`.
    pub const RANDOM: u8 = 1;
    /// `fully-random`.
    pub const FULLY_RANDOM: u8 = 2;
    /// `persistent`.
    pub const PERSISTENT: u8 = 4;
    /// `prefix`, before `to`.
    pub const PREFIX: u8 = 8;
    /// `interval`, before `to`.
    pub const INTERVAL: u8 = 16;
    /// `addr . port`, before `to`.
    pub const ADDRESS_AND_PORT: u8 = 32;

    /// Whether all of `flags` are among them.
    pub const fn contains(self, flags: u8) -> bool {
        self.0 & flags == flags
    }
}

/// `tproxy ip to 127.0.0.1:50080`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tproxy {
    /// `ip` or `ip6` before `to`.
    pub family: Option<Family>,
    /// The address.
    pub address: Option<ExprId>,
    /// The port after `:`.
    pub port: Option<ExprId>,
}

/// `queue flags bypass,fanout to 1-3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue {
    /// The queue's number, a range, or an expression that computes it.
    pub number: Option<ExprId>,
    /// `bypass`: accept where nobody listens.
    pub bypass: bool,
    /// `fanout`.
    pub fanout: bool,
}

/// `dup to 192.0.2.1 device eth0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dup {
    /// The address, or the device in a netdev table.
    pub to: ExprId,
    /// After `device`.
    pub device: Option<ExprId>,
}

/// `fwd ip to 192.0.2.1 device eth0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fwd {
    /// `ip` or `ip6` before `to`.
    pub family: Option<Family>,
    /// The device, or the address where `device` follows.
    pub to: ExprId,
    /// After `device`.
    pub device: Option<ExprId>,
}

/// `synproxy mss 1460 wscale 7 timestamp sack-perm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Synproxy {
    /// After `mss`.
    pub mss: Option<u16>,
    /// After `wscale`.
    pub wscale: Option<u8>,
    /// `timestamp`.
    pub timestamp: bool,
    /// `sack-perm`.
    pub sack_perm: bool,
}

/// `add @set { … }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Update {
    /// What is done.
    pub kind: UpdateKind,
    /// The set's name, without the `@`.
    pub set: Span,
    /// Key, data, timeout and stateful statements. The rule goes on only where such a `limit` lets it.
    pub element: Element,
}

/// `meter name size 100 { … }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meter {
    /// The set's name; empty where none is written.
    pub name: Span,
    /// After `size`.
    pub size: Option<u32>,
    /// The key and its statements, in [`super::Extra`].
    pub element: Element,
}

/// What is done to the set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UpdateKind {
    /// `add`.
    Add,
    /// `update`.
    Update,
    /// `delete`.
    Delete,
}
