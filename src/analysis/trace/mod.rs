//! One packet's walk through the rules, and how it ends.
//!
//! The walk asks the rules themselves, one after the other, as the kernel does; it knows nothing of the lists and covers
//! that the exposures are computed with, only what a condition means. What the packet does not say and static text cannot
//! tell is a question: both answers are followed. Where every answer leads to the same end, that is the verdict; else it
//! is *maybe*, with the questions that make the difference.

mod branch;
mod chain;
mod events;
mod outcome;
mod protocols;
mod start;
mod way;

use super::Space;
use crate::{
    model::{ChainId, Family, Field, Hook, RuleId, Ruleset, Subject},
    packets::{self, Packet},
};
use std::cell::OnceCell;
use way::Walks;

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It passes.
    Accept,
    /// It is thrown away.
    Drop,
    /// It is thrown away, and its sender is told.
    Reject,
    /// That depends on what static text cannot tell.
    Maybe,
}

impl Verdict {
    /// Whether it surely does not pass.
    pub const fn stops(self) -> bool {
        matches!(self, Self::Drop | Self::Reject)
    }

    /// The word of JSON and of assertions.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Drop => "drop",
            Self::Reject => "reject",
            Self::Maybe => "maybe",
        }
    }
}

/// How a packet ends, and why.
#[derive(Debug, Clone)]
pub struct Trace {
    /// What becomes of it.
    pub verdict: Verdict,
    /// What decided: for *maybe* the first thing on the walk whose effect is not known.
    pub decided_by: Decision,
    /// Every way that it may end: one, but for *maybe*.
    pub ends: Vec<Verdict>,
    /// What else would decide the same, if what nobody knows were otherwise.
    pub or_by: Vec<Decision>,
    /// What let the packet on, base chain by base chain.
    pub accepts: Vec<Decision>,
    /// What the verdict depends on, where it is *maybe*.
    pub depends_on: Vec<Dependence>,
    /// The packet as it was rewritten, where it was, as far as the rules say.
    pub rewritten: Option<Packet>,
    /// What was met on the way; for *maybe* up to where the answers part.
    pub walk: Vec<Event>,
    /// What was taken for granted.
    pub assumptions: Vec<Assumption>,
    /// Whether a bound stopped the walk, so that it is *maybe* for want of time.
    pub bounded: bool,
}

/// What ends a packet's walk through a base chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// A rule, in the base chain that led to it.
    Rule(RuleId, ChainId),
    /// A base chain's policy.
    Policy(ChainId),
    /// No base chain saw the packet.
    None,
}

/// One thing that happened to a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// Where.
    pub hook: Hook,
    /// The base chain that is walked.
    pub base: ChainId,
    /// The rule that met the packet; none for the policy.
    pub rule: Option<RuleId>,
    /// What it did.
    pub effect: Effect,
}

/// What a rule or a policy does to a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The packet passes this base chain.
    Accept,
    /// It is thrown away.
    Drop,
    /// It is thrown away with an answer.
    Reject,
    /// Back to the caller.
    Return,
    /// Into a chain.
    Jump(ChainId),
    /// Into a chain and not back.
    Goto(ChainId),
    /// A program decides.
    Queue,
    /// The destination is rewritten.
    DestinationRewritten,
    /// The source is rewritten.
    SourceRewritten,
    /// A proxy takes the connection.
    Proxy,
    /// A mark, the tracking or a header field changes.
    Change,
    /// Nobody knows what it does.
    Unknown,
}

impl Effect {
    /// Whether a packet goes no further in the chain of the rule.
    pub const fn leaves(self) -> bool {
        !matches!(
            self,
            Self::Jump(_) | Self::Change | Self::Unknown | Self::SourceRewritten | Self::Queue
        )
    }
}

/// Something that a verdict depends on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dependence {
    /// A condition or a target.
    Subject(Subject),
    /// A property that the packet does not say.
    Field(Field),
    /// Whether it is the first packet of its connection.
    FirstOfItsKind,
}

/// Something that a walk takes for granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assumption {
    /// The address that the destination is rewritten to is not this host's.
    TargetIsElsewhere,
    /// A policy that no file writes is the one that the kernel begins with: it accepts.
    UnwrittenPolicyAccepts,
}

/// Follows packets through one ruleset.
#[derive(Debug)]
pub struct Tracer<'r> {
    ruleset: &'r Ruleset,
    ipv4: OnceCell<Walks<'r>>,
    ipv6: OnceCell<Walks<'r>>,
}

impl<'r> Tracer<'r> {
    /// For packets to, through and from the host that loads `ruleset`.
    pub fn new(ruleset: &'r Ruleset) -> Self {
        Self { ruleset, ipv4: OnceCell::new(), ipv6: OnceCell::new() }
    }

    /// Follows one packet.
    pub fn trace(&self, packet: &Packet) -> Trace {
        let walks = self.walks(packet);
        let ends = way::walk(walks, packet);
        outcome::trace(walks, packet, ends)
    }

    /// The rule of base chain `chain` at `hook` that surely hides the sender of a packet that comes to it.
    pub fn source_rewritten(&self, hook: Hook, chain: ChainId, packet: &Packet) -> Option<RuleId> {
        way::source_rewritten(self.walks(packet), hook, chain, packet)
    }

    fn walks(&self, packet: &Packet) -> &Walks<'r> {
        let (family, walks) = match packet.family() {
            packets::Family::Ipv4 => (Family::Ipv4, &self.ipv4),
            packets::Family::Ipv6 => (Family::Ipv6, &self.ipv6),
        };
        walks.get_or_init(|| Walks::of(Space::of(self.ruleset, family)))
    }
}
