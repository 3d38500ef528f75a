//! What happens to a packet, on all of the ways that the answers to its questions lead it.

use super::Event;

/// A list of events in which those of all answers share their beginnings.
#[derive(Debug, Default)]
pub(super) struct Events(Vec<(Event, Option<u32>)>);

impl Events {
    pub(super) fn add(&mut self, event: Event, before: Option<u32>) -> Option<u32> {
        self.0.push((event, before));
        u32::try_from(self.0.len() - 1).ok()
    }

    /// Events up to `last`, the first one first.
    pub(super) fn until(&self, last: Option<u32>) -> Vec<Event> {
        let get = |at: u32| self.0.get(at as usize);
        let back = std::iter::successors(last.and_then(get), |(_, before)| before.and_then(get));
        let mut events: Vec<Event> = back.map(|(event, _)| *event).collect();
        events.reverse();
        events
    }
}
