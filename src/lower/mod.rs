//! From what was written to what it means: the only place that has seen both a dialect and the model.

mod build;
mod ipset;
mod iptables;
mod nft;

use crate::{
    model::Ruleset,
    source::SourceFile,
    syntax::{Parsed, Tree},
};

/// One file of a host.
#[derive(Debug, Clone, Copy)]
pub struct Input<'f> {
    /// Its index among the files of the run.
    pub file: u32,
    /// Its text.
    pub source: &'f SourceFile,
    /// Its tree.
    pub parsed: &'f Parsed,
}

/// What the files of one host say together: sets given by `ipset save` files are those that the rules name.
pub fn ruleset(inputs: &[Input<'_>]) -> Ruleset {
    let mut builder = build::Builder::default();
    let mut sets = ipset::Sets::default();
    for input in inputs {
        if let Tree::Ipset(file) = &input.parsed.tree {
            sets.add(file, input.source);
        }
    }
    for input in inputs {
        match &input.parsed.tree {
            Tree::Iptables(file) => iptables::lower(file, *input, &sets, &mut builder),
            Tree::Nft(file) => nft::lower(file, *input, &mut builder),
            Tree::Ipset(_) | Tree::Opaque => {}
        }
    }
    builder.finish()
}
