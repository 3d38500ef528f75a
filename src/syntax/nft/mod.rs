//! nftables: rule files and dumps as `nft` takes and prints them.
//!
//! The tree is flat (see [`tree`]), because files of a hundred thousand rules and sets of a million elements are ordinary.

pub mod datatype;
pub mod fields;
pub mod tree;
pub mod values;

pub use tree::*;
