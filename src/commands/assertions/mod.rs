//! `fwlint test`: whether what the configuration expects is so.

mod host;
mod words;

use super::{Exit, Plan, hosts, reading::Reading};
use crate::{
    analysis::{Analysis, Interest, trace::Tracer},
    lints::Place,
    lower,
    settings::{Error, Settings},
    source::input::{Inputs, Problem},
    syntax,
    words::Message,
};
use host::Host;

/// How an assertion ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It is so.
    Passed,
    /// It is not so.
    Failed,
    /// That depends on what static text cannot tell.
    Maybe,
}

impl Ending {
    /// The word of JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Maybe => "maybe",
        }
    }
}

/// What sort of thing is asserted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The verdict on a packet.
    Packet,
    /// That somebody reaches something.
    MustReach,
    /// That nothing is public but what is declared.
    Public,
}

impl Kind {
    /// The word of JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Packet => "packet",
            Self::MustReach => "must-reach",
            Self::Public => "public",
        }
    }
}

/// One assertion about one host.
#[derive(Debug, Clone)]
pub struct Assertion {
    /// What sort.
    pub kind: Kind,
    /// What the user calls it, or what it says.
    pub name: Message,
    /// The configuration file that asserts it.
    pub config: String,
    /// The line there.
    pub line: usize,
    /// The host.
    pub host: String,
    /// How it ends.
    pub ending: Ending,
    /// Why.
    pub reason: Message,
    /// The packet that it is about, or that shows that it is not so.
    pub packet: Option<String>,
    /// What should become of the packet: a verdict, or `closed` for whichever closes a port.
    pub expected: &'static str,
    /// What becomes of it; `None` where no packet is shown.
    pub verdict: Option<&'static str>,
    /// What decides: a path and a line.
    pub decided_by: Option<(String, u32)>,
    /// What a *maybe* depends on.
    pub depends_on: Vec<Message>,
}

/// All that was asserted.
#[derive(Debug, Default)]
pub struct Assertions {
    /// The assertions, host by host.
    pub all: Vec<Assertion>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Hosts that cannot be.
    pub refused: Vec<Error>,
    /// Files with a part that was left out, by path.
    pub opaque: Vec<String>,
}

impl Assertions {
    /// How many end so.
    pub fn count(&self, ending: Ending) -> usize {
        self.all.iter().filter(|it| it.ending == ending).count()
    }

    /// Whether everything was read and understood.
    pub fn complete(&self) -> bool {
        self.problems.is_empty() && self.opaque.is_empty()
    }

    /// What the process ends with.
    pub fn exit(&self) -> Exit {
        if !self.refused.is_empty() {
            Exit::Usage
        } else if self.all.is_empty() || !self.complete() {
            Exit::Incomplete
        } else if self.count(Ending::Failed) > 0 {
            Exit::Findings
        } else {
            Exit::Clean
        }
    }

    /// Takes in those of another configuration.
    pub fn add(&mut self, more: Self) {
        self.all.extend(more.all);
        self.problems.extend(more.problems);
        self.refused.extend(more.refused);
        self.opaque.extend(more.opaque);
    }
}

/// Asks of every host among the inputs whether what `settings` expect is so.
pub fn assertions(inputs: Inputs, settings: &Settings) -> Assertions {
    let reading = Reading::of(inputs, None);
    let texts = reading.texts();
    let plan = Plan::of(settings.clone());
    let (groups, refused) = hosts::groups(&texts, &plan);
    let mut result = Assertions { refused, ..Assertions::default() };
    for group in groups {
        let inputs: Vec<_> = group.texts.iter().map(|it| texts[*it].input()).collect();
        let ruleset = lower::ruleset(&inputs);
        if ruleset.chains.is_empty() && inputs.iter().all(|it| it.parsed.errors.is_empty()) {
            // Sets that no rule of their host names.
            continue;
        }
        let place = |place: Place| {
            let place = reading.locate(place);
            let source = &reading.files[place.file as usize].source;
            (source.path.clone(), source.position(place.span.start).line)
        };
        let analysis = Analysis::within(&ruleset, Interest::Everything, &settings.zones);
        let stops =
            |it: &&lower::Input<'_>| it.parsed.errors.iter().any(syntax::Error::stops_loading);
        let bounded = analysis.families.iter().any(|it| it.bounded.is_some());
        let all = bounded || !analysis.calls.loops.is_empty();
        let opaque = inputs.iter().filter(|it| all || stops(it));
        result.opaque.extend(opaque.map(|it| it.source.path.clone()));
        let host = Host {
            name: group.name(&texts),
            facts: group.host,
            ruleset: &ruleset,
            analysis: &analysis,
            tracer: Tracer::new(&ruleset),
            place: &place,
            settings,
        };
        host.ask(&mut result.all);
    }
    result.problems = reading.problems;
    result
}
