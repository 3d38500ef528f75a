//! What can be asked of `fwlint`, as functions from values to values.
//!
//! Nothing here prints, and nothing here knows a stream: `report` writes what these return, and `main` chooses where.

pub mod arguments;
mod assertions;
mod check;
mod complete;
pub mod diff;
mod exit;
mod explain;
pub mod fix;
mod hosts;
mod lints;
mod packet;
mod plan;
mod ports;
mod reading;
pub mod review;
mod trace;

pub use assertions::{Assertion, Assertions, Ending, Kind, assertions};
pub use check::{Anchor, CheckedFile, Outcome, Unknown, check, check_as_planned};
pub use complete::complete;
pub use exit::Exit;
pub use explain::{NotFound, Page, explain};
pub use hosts::tested;
pub use lints::{catalogue, lint_names};
pub use packet::{NoPacket, packet};
pub use plan::{Choice, Plan, Planner};
pub use ports::{PortQuery, ServiceView, ports, services};
pub use reading::{includes, recognised};
pub use trace::{Decider, HostTraces, Step, Traced, Traces, traces};
