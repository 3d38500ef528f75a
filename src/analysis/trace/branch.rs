//! A packet on its way, with what rules and the kernel made of it.

use super::Decision;
use crate::{
    analysis::{Slice, Space, walk},
    model::{Field, RuleId, Translation},
    packets::SetId,
};

/// A packet with some answers given, on its way.
#[derive(Debug, Clone)]
pub(super) struct Branch {
    pub(super) slice: Slice,
    /// The same without any answer: what the rules and the kernel made of the packet. Where the other has less, it was asked.
    pub(super) unasked: Slice,
    /// The last of its events.
    pub(super) events: Option<u32>,
    /// What let it on so far.
    pub(super) accepts: Vec<Decision>,
    /// Whether its destination was rewritten at this hook: no other translation is asked then.
    pub(super) translated_here: bool,
    /// Whether a rule wrote into its header: before tracking that makes it another connection's.
    pub(super) rewritten: bool,
    /// The destination address and port with which connection tracking knows it.
    pub(super) tracked_to: Option<[SetId; 2]>,
}

impl Branch {
    pub(super) fn of(slice: Slice) -> Self {
        Self {
            unasked: slice.clone(),
            slice,
            events: None,
            accepts: Vec::new(),
            translated_here: false,
            rewritten: false,
            tracked_to: None,
        }
    }

    /// Does what a translation of the destination does. It starts from the address and the port with which connection tracking
    /// knows the packet and writes both anew, whatever rules wrote there since (`nf_nat_manip_pkt`).
    pub(super) fn translate(&mut self, space: &Space<'_>, rule: RuleId, translation: Translation) {
        let tracked_to = self.tracked_to;
        self.change(|slice| {
            let mut tracked = slice.clone();
            if let Some([address, port]) = tracked_to {
                if slice.address_rewritten {
                    tracked.put(Space::rewritten(Field::Destination), address);
                }
                if slice.port_rewritten {
                    tracked.put(Space::rewritten(Field::DestinationPort), port);
                }
            }
            let (_, others) = walk::already_there(space, tracked.clone(), translation);
            if !others.is_empty() {
                *slice = walk::translate(space, tracked, translation);
            }
            slice.translated_by = Some(rule);
            slice.redirected = translation.local;
            // Redirected, it is sent to an address of the interface, which the rules do not say.
            slice.address_rewritten |= translation.local;
        });
    }

    /// Does to the packet what is done to it whatever the answers.
    pub(super) fn change(&mut self, change: impl Fn(&mut Slice)) {
        change(&mut self.slice);
        change(&mut self.unasked);
    }
}
