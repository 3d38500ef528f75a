use super::{Devices, Family, Limit, Priority, Quota, Synproxy};
use crate::source::Span;

/// A flowtable.
#[derive(Debug)]
pub struct Flowtable {
    /// From `flowtable` (or the verb) to the end of its block.
    pub span: Span,
    /// Its name; empty where it is named by its handle.
    pub name: Span,
    /// After `priority`.
    pub priority: Option<Priority>,
    /// After `devices =`.
    pub devices: Option<Devices>,
    /// `counter`.
    pub counter: bool,
    /// `flags offload`.
    pub offload: bool,
    /// Its handle, where it is named by that.
    pub handle: Option<u64>,
}

/// A stateful object.
#[derive(Debug)]
pub struct Object {
    /// From its sort (or the verb) to the end of its block.
    pub span: Span,
    /// What sort it is.
    pub kind: ObjectKind,
    /// Its name; empty where it is named by its handle.
    pub name: Span,
    /// What is said of it, where something is.
    pub spec: Option<ObjectSpec>,
    /// The text of its comment.
    pub comment: Option<Span>,
    /// Its handle, where it is named by that.
    pub handle: Option<u64>,
}

/// The sorts of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// `counter`.
    Counter,
    /// `quota`.
    Quota,
    /// `limit`.
    Limit,
    /// `ct helper`.
    Helper,
    /// `ct timeout`.
    Timeout,
    /// `ct expectation`.
    Expectation,
    /// `synproxy`.
    Synproxy,
    /// `secmark`.
    Secmark,
    /// `tunnel`.
    Tunnel,
}

/// What an object's block says.
#[derive(Debug, Clone, PartialEq)]
pub enum ObjectSpec {
    /// `packets 0 bytes 0`.
    Counter {
        /// The packets counted.
        packets: u64,
        /// Their bytes.
        bytes: u64,
    },
    /// `over 5 mbytes`.
    Quota(Quota),
    /// `rate 5/second`.
    Limit(Limit),
    /// `type "ftp" protocol tcp; l3proto ip`.
    Helper {
        /// The helper's name.
        helper: Span,
        /// `tcp` or `udp`.
        protocol: Span,
        /// After `l3proto`.
        family: Option<Family>,
    },
    /// `protocol tcp; policy = { established: 2m }`; kept as text.
    Timeout(Span),
    /// `protocol tcp; dport 9876; timeout 2m; size 8`; kept as text.
    Expectation(Span),
    /// `mss 1460 wscale 7`.
    Synproxy(Synproxy),
    /// The context.
    Secmark(Span),
    /// `id 10; ip saddr …`; kept as text.
    Tunnel(Span),
}

/// What a reference to an object or chain points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A chain.
    Chain,
    /// A set.
    Set,
    /// A map.
    Map,
    /// A flowtable.
    Flowtable,
    /// An object.
    Object(ObjectKind),
}
