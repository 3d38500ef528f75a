//! The whole program on one screen, in the order the data flows.

pub mod analysis;
pub mod knowledge;
pub mod lints;
pub mod model;
pub mod packets;
pub mod settings;
pub mod source;
pub mod syntax;
pub mod words;
