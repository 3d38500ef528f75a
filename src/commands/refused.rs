//! Lines that the loader refuses, and whether a packet would have met them: what they would have done is not known.

use super::reading::Text;
use crate::{
    analysis::trace::{Effect, Trace},
    model::{ChainId, Place, Ruleset},
    source::Span,
    syntax::Dialect,
};
use std::collections::BTreeMap;

/// A line that was refused, in the chain that it was meant for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refused {
    /// The line.
    pub(super) place: Place,
    /// The chain.
    pub(super) chain: ChainId,
    /// Whether it was to stand before all others.
    first: bool,
}

/// The refused lines of a host's texts.
pub(super) fn all(ruleset: &Ruleset, texts: &[Text<'_>]) -> Vec<Refused> {
    let mut refused = Vec::new();
    for text in texts {
        let errors = text.parsed.errors.iter().filter(|it| it.stops_loading());
        let lines = errors.map(|it| text.source.line(text.source.position(it.span.start).line));
        let mut lines: Vec<Span> = lines.collect();
        lines.dedup();
        refused.extend(lines.into_iter().filter_map(|line| {
            let place = Place { file: text.file, span: line };
            match text.parsed.dialect {
                Dialect::Nft => in_block(ruleset, text, place),
                Dialect::Iptables | Dialect::Ip6tables => by_command(ruleset, text, place),
                // A command of a script that is refused does nothing.
                Dialect::Script | Dialect::NftJson | Dialect::Ipset => None,
            }
        }));
    }
    refused
}

/// `-A INPUT …`, in the table that was opened last.
fn by_command(ruleset: &Ruleset, text: &Text<'_>, place: Place) -> Option<Refused> {
    let before = text.source.text().get(..place.span.range().start)?;
    let table = before.lines().rev().find_map(|line| line.trim().strip_prefix('*'));
    let mut words = text.source.slice(place.span).split_whitespace();
    let command = words.find(|it| it.starts_with('-'))?;
    let first = matches!(command, "-I" | "--insert");
    if !first && !matches!(command, "-A" | "--append") {
        return None;
    }
    let name = words.next()?;
    let is_meant = |chain: ChainId| {
        let of = ruleset.table_of(chain);
        of.place.file == place.file && table.is_none_or(|it| it == of.name)
    };
    let chain = named(ruleset, name).find(|it| is_meant(*it))?;
    Some(Refused { place, chain, first })
}

/// `add rule inet filter input …`, or a line in the block of a chain.
fn in_block(ruleset: &Ruleset, text: &Text<'_>, place: Place) -> Option<Refused> {
    let mut words = text.source.slice(place.span).split_whitespace();
    let command = words.next()?;
    let first = command == "insert";
    if matches!(command, "add" | "insert") && words.next()? == "rule" {
        let mut words = words.skip_while(|it| matches!(*it, "ip" | "ip6" | "inet" | "netdev"));
        let (table, name) = (words.next()?, words.next()?);
        let chain = named(ruleset, name).find(|it| ruleset.table_of(*it).name == table)?;
        return Some(Refused { place, chain, first });
    }
    let starts = |chain: ChainId| ruleset.chain(chain).place.span.start;
    let above = |chain: &ChainId| {
        ruleset.chain(*chain).place.file == place.file && starts(*chain) <= place.span.start
    };
    let chain = chains(ruleset).filter(above).max_by_key(|it| starts(*it))?;
    let between = text.source.slice(Span::new(starts(chain), place.span.start));
    let count = |brace: char| between.matches(brace).count();
    (count('{') > count('}')).then_some(Refused { place, chain, first: false })
}

fn chains(ruleset: &Ruleset) -> impl Iterator<Item = ChainId> {
    (0_u32..).zip(&ruleset.chains).map(|(id, _)| ChainId(id))
}

fn named<'r>(ruleset: &'r Ruleset, name: &'r str) -> impl Iterator<Item = ChainId> + 'r {
    chains(ruleset).filter(move |it| ruleset.chain(*it).name == name)
}

/// The first of `refused` that a packet would have met before its fate was decided.
pub(super) fn met<'a>(
    ruleset: &Ruleset,
    trace: &Trace,
    refused: &'a [Refused],
) -> Option<&'a Refused> {
    if refused.is_empty() {
        return None;
    }
    let left = left(ruleset, trace);
    refused.iter().find(|it| {
        left.get(&it.chain).is_some_and(|left| match left {
            Some(left) => it.first || left.file != it.place.file || it.place.span < left.span,
            None => true,
        })
    })
}

/// The chains that were walked, each with the rule at which it was left; none where that was its end.
fn left(ruleset: &Ruleset, trace: &Trace) -> BTreeMap<ChainId, Option<Place>> {
    let mut left: BTreeMap<ChainId, Option<Place>> = BTreeMap::new();
    let mut open: Vec<(ChainId, Option<Place>)> = Vec::new();
    let mut close = |(chain, place): (ChainId, Option<Place>)| {
        left.entry(chain)
            .and_modify(|known| *known = known.zip(place).map(|(a, b)| a.max(b)))
            .or_insert(place);
    };
    let mut base = None;
    for event in &trace.walk {
        if base != Some(event.base) {
            open.drain(..).for_each(&mut close);
            open.push((event.base, None));
            base = Some(event.base);
        }
        let Some(rule) = event.rule else {
            // A policy decides at the end of its chain.
            open.drain(..).for_each(|(chain, _)| close((chain, None)));
            continue;
        };
        let at = ruleset.rule(rule);
        // Who is back at a caller has walked what it called to the end.
        while let Some((chain, _)) = open.last()
            && *chain != at.chain
            && open.len() > 1
        {
            let (chain, _) = open.pop().expect("there is one more");
            close((chain, None));
        }
        let ends = !matches!(event.effect, Effect::Change | Effect::Unknown);
        if let Some((_, place)) = open.last_mut() {
            *place = ends.then_some(at.place);
        }
        if let Effect::Jump(chain) | Effect::Goto(chain) = event.effect {
            open.push((chain, None));
        }
    }
    open.drain(..).for_each(&mut close);
    left
}
