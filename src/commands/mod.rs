//! What can be asked of `fwlint`, as functions from values to values.
//!
//! Nothing here prints, and nothing here knows a stream: `report` writes what these return, and `main` chooses where.

mod add_ignore;
pub mod arguments;
mod assertions;
mod baseline;
mod check;
mod collect;
mod complete;
pub mod diff;
mod exit;
mod explain;
mod fingerprint;
pub mod fix;
mod hosts;
mod lints;
mod packet;
mod plan;
mod ports;
mod reading;
mod refused;
pub mod review;
mod suppress;
mod trace;

pub use add_ignore::{Added, Additions, add_ignore};
pub use assertions::{Assertion, Assertions, Ending, Kind, assertions};
pub use baseline::{Baseline, Known};
pub use check::{
    Anchor, CheckedFile, Outcome, Reported, Silenced, Unknown, check, check_against,
    check_as_planned,
};
pub use collect::collect;
pub use complete::complete;
pub use exit::Exit;
pub use explain::{NotFound, Page, explain};
pub use fingerprint::fingerprints;
pub use hosts::tested;
pub use lints::{catalogue, lint_names};
pub use packet::{NoPacket, packet};
pub use plan::{Choice, Plan, Planner};
pub use ports::{PortQuery, ServiceView, ports, services};
pub use reading::{includes, recognised};
pub use suppress::{By, Silence};
pub use trace::{Decider, HostTraces, Step, Traced, Traces, traces};
