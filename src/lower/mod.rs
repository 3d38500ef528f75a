//! From what was written to what it means: the only place that has seen both a dialect and the model.

mod build;
mod ipset;
mod iptables;
mod nft;
mod script;

use crate::{model::Ruleset, source::SourceFile, syntax::Parsed};

/// One file of a host.
#[derive(Debug, Clone, Copy)]
pub struct Input<'f> {
    /// Its index among the files of the run.
    pub file: u32,
    /// The text that its tree is about: see [`Parsed::text`].
    pub source: &'f SourceFile,
    /// Its tree.
    pub parsed: &'f Parsed,
}

/// What the files of one host say together: sets given by `ipset save` files are those that the rules name.
pub fn ruleset(inputs: &[Input<'_>]) -> Ruleset {
    let mut builder = build::Builder::default();
    let mut sets = ipset::Sets::default();
    for input in inputs {
        if let Some(file) = input.parsed.sets() {
            sets.add(file, *input);
        }
    }
    for input in inputs {
        for (family, file) in input.parsed.iptables() {
            iptables::lower(file, family, *input, &sets, &mut builder);
        }
        if let Some(file) = input.parsed.nft() {
            nft::lower(file, *input, &mut builder);
        }
        if let Some(script) = input.parsed.script() {
            script::unread(script, *input, &mut builder);
        }
    }
    builder.finish()
}
