//! Findings about policies: one for a chain that treats both families alike.

use super::{Finding, Findings};
use crate::{model::ChainId, words::Message};

/// The findings about the chains so far.
#[derive(Default)]
pub(super) struct PolicyFindings(Vec<(ChainId, Finding)>);

impl PolicyFindings {
    /// Adds what one family's packets show of `chain`. If another family's showed the same, the two become one finding
    /// that says `both`.
    pub(super) fn add(&mut self, chain: ChainId, finding: Finding, both: impl FnOnce() -> Message) {
        let is_like = |(at, other): &&mut (ChainId, Finding)| {
            *at == chain
                && other.severity == finding.severity
                && other.primary == finding.primary
                && other.message != finding.message
        };
        match self.0.iter_mut().find(is_like) {
            Some((_, other)) => other.message = both(),
            None => self.0.push((chain, finding)),
        }
    }

    /// Hands the findings over.
    pub(super) fn report(self, findings: &mut Findings) {
        for (_, finding) in self.0 {
            findings.add(finding);
        }
    }
}
