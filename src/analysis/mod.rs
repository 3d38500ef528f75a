//! What the rules let through: the only module that turns conditions into sets of packets.
//!
//! Computed once; lints only ask. A packet's way is walked as the kernel walks it: the base chains of each hook in the
//! order of their priority, jumps and returns inside them, translation and marks before what reads them. Each rule's
//! packets are its own minus those that an earlier rule of the walk decided, as unions of [`crate::packets::Cube`]s.

mod admission;
mod alike;
mod arrival;
mod before;
mod behind;
mod bounds;
mod calls;
mod cover;
mod cut;
mod dead;
pub mod diff;
mod egress;
mod exception;
mod exposure;
mod flat;
mod homes;
mod interest;
mod interfaces;
mod marks;
mod opened;
mod openings;
mod order;
mod parts;
mod probe;
mod published;
mod question;
mod reach;
mod regardless;
mod runs;
mod sample;
mod slice;
mod slight;
mod space;
mod target;
pub mod trace;
mod trust;
mod walk;
mod way;
mod witness;

pub use admission::Doors;
pub use alike::{Run, SameWords};
pub use calls::{Calls, Loop};
pub use dead::{
    Bypassed, Cause, Consequence, Counting, DeadRule, DeadRules, Idle, Kind, Left, PartialRule,
    Redundant, Skipping, Undone,
};
pub use exposure::{Decider, Exposure, Path, PolicyReach};
pub use interest::Interest;
pub use opened::{Everything, OpenRange, OpenService, Opening, What};
pub use order::{Difference, OrderConflict};
pub use parts::{Part, Transport};
pub use probe::{Stopped, Unanswered};
pub use published::Misnamed;
pub use reach::{Reach, SourceClass};
pub use runs::RangeClass;
pub use slice::Slice;
pub use space::Space;
pub use target::Target;
pub use trust::Undeclared;

use crate::{
    knowledge::Knowledge,
    model::{Family, RuleId, Ruleset},
    packets::{Packet, SetId},
    settings::Zones,
};
use rustc_hash::FxHashMap;
use std::cell::{OnceCell, RefCell};
use trace::{Trace, Tracer};
use way::Way;

/// Everything computed about one ruleset.
#[derive(Debug)]
pub struct Analysis<'r> {
    /// What it is about.
    pub ruleset: &'r Ruleset,
    /// Who calls which chain.
    pub calls: Calls,
    /// What is open, one entry per family in which the ruleset has tables.
    pub families: Vec<FamilyAnalysis<'r>>,
    is_fragment: bool,
    dead: OnceCell<DeadRules>,
    tracer: Tracer<'r>,
}

/// What is open in one family.
#[derive(Debug)]
pub struct FamilyAnalysis<'r> {
    /// The space of its packets.
    pub space: Space<'r>,
    /// What each rule lets in, in the order of the rules.
    pub exposures: Vec<Exposure>,
    /// The interfaces that lead inside, for packets to this host.
    inside_input: SetId,
    /// The same for packets through this host.
    inside_forward: SetId,
    /// The interfaces behind which addresses are hidden: traffic through them leads outside.
    outside: SetId,
    /// The interfaces behind which anybody may be, as the user says.
    untrusted: SetId,
    /// The networks that the rules know to be inside.
    homes: Vec<homes::Home>,
    /// The addresses that rules about packets to this host name, once somebody asks.
    claimed: OnceCell<SetId>,
    /// The ports that more than one rule opens, by path and protocol, as they are asked for.
    several: RefCell<FxHashMap<(Path, u8), SetId>>,
    /// What the policies let in.
    pub policies: Vec<PolicyReach>,
    /// The accepting rules that nobody was interested in, each as often as it is walked.
    pub passed_over: Vec<RuleId>,
    /// Whether some bound stopped the computation; what it says is then incomplete.
    pub bounded: Option<&'static str>,
    /// Its base chains.
    way: Way,
}

impl<'r> Analysis<'r> {
    /// What is opened, for each of [`Self::families`]. Runs of more than `wide` ports count as ranges; entries that only
    /// an audit wants are left out unless it is one.
    pub fn openings(&self, knowledge: &Knowledge, wide: u16, audit: bool) -> Vec<Vec<Opening>> {
        self.families.iter().map(|family| openings::of(family, knowledge, wide, audit)).collect()
    }

    /// Whether nothing in the ruleset leads from a hook to its rules.
    pub const fn is_fragment(&self) -> bool {
        self.is_fragment
    }

    /// The rules that no packet reaches or matches.
    pub fn dead(&self) -> &DeadRules {
        self.dead.get_or_init(|| DeadRules::of(self.ruleset, &self.calls, &self.families))
    }

    /// The rules of which it was not found out whether a packet reaches them, if anybody asked for those that none does.
    pub fn unsettled(&self) -> &[RuleId] {
        self.dead.get().map_or(&[], |it| &it.unsettled)
    }

    /// Follows one packet.
    pub fn trace(&self, packet: &Packet) -> Trace {
        self.tracer.trace(packet)
    }

    /// Computes what `interest` asks for, of a host of which nobody says where its interfaces lead.
    pub fn of(ruleset: &'r Ruleset, interest: Interest<'_>) -> Self {
        Self::within(ruleset, interest, &Zones::default())
    }

    /// Computes what `interest` asks for.
    pub fn within(ruleset: &'r Ruleset, interest: Interest<'_>, zones: &Zones) -> Self {
        let calls = Calls::of(ruleset);
        let has = |family| ruleset.tables.iter().any(|table| table.family.sees(family));
        let families = [Family::Ipv4, Family::Ipv6].into_iter().filter(|family| has(*family));
        let mut families: Vec<_> = families
            .map(|family| exposure::family(ruleset, &calls, family, interest, zones))
            .collect();
        exposure::look_inside(&mut families, zones);
        let is_fragment = exposure::is_fragment(ruleset, &calls);
        let (dead, tracer) = (OnceCell::new(), Tracer::new(ruleset));
        Self { ruleset, calls, families, is_fragment, dead, tracer }
    }
}
