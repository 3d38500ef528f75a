//! What can be asked of `fwlint`, as functions from values to values.
//!
//! Nothing here prints, and nothing here knows a stream: `report` writes what these return, and `main` chooses where.

pub mod arguments;
mod check;
mod complete;
pub mod diff;
mod exit;
mod explain;
mod lints;
mod packet;
mod ports;
mod reading;

pub use check::{Anchor, CheckedFile, Outcome, Unknown, check};
pub use complete::complete;
pub use exit::Exit;
pub use explain::{NotFound, Page, explain};
pub use lints::{catalogue, lint_names};
pub use packet::{NoPacket, packet};
pub use ports::{PortQuery, ServiceView, ports, services};
pub use reading::{includes, recognised};
