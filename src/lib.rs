//! The whole program on one screen, in the order the data flows.

pub mod commands;
pub mod knowledge;
pub mod lints;
pub mod report;
pub mod settings;
pub mod source;
pub mod syntax;
pub mod words;
