//! The whole program on one screen, in the order the data flows.

pub mod words;

pub mod source;
pub mod syntax;

pub mod model;

pub mod lower;
pub mod packets;

pub mod knowledge;
pub mod settings;

pub mod analysis;
pub mod lints;

pub mod commands;
pub mod report;
