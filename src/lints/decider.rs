//! What lints about the way of one packet share: where that is written which decides.

use super::{Context, Finding, Lint, Place};
use crate::{
    analysis::{Stopped, trace::Decision},
    model::ChainId,
    words::Message,
};

/// The base chain in which a packet is decided on, and the words that do.
pub(super) fn place(cx: &Context<'_>, by: Decision) -> Option<(ChainId, Place)> {
    let ruleset = cx.ruleset();
    match by {
        Decision::Rule(rule, chain) => Some((chain, ruleset.rule(rule).place)),
        Decision::Policy(id) => {
            let chain = ruleset.chain(id);
            let written = chain.base.and_then(|base| base.policy_place);
            Some((id, written.unwrap_or(chain.place)))
        }
        Decision::None => None,
    }
}

/// A finding about a packet that is stopped, at what stops it, with the packet as its witness; and the base chain it is in.
pub(super) fn stopped(
    cx: &Context<'_>,
    lint: &'static Lint,
    stopped: &Stopped,
    message: Message,
) -> Option<(ChainId, Finding)> {
    let (chain, place) = place(cx, stopped.by)?;
    let label = match stopped.by {
        Decision::Rule(..) => {
            Message { en: "this rule stops it".into(), zh: "由此规则拦截".into() }
        }
        _ => Message { en: "no rule lets it through".into(), zh: "没有规则放行".into() },
    };
    let help = Message { en: lint.remedy.en.into(), zh: lint.remedy.zh.into() };
    let mut finding = Finding::new(lint, place, message, label).help(help);
    finding.witness = Some(stopped.packet.to_string());
    Some((chain, finding))
}

/// A packet in backticks, as a sentence names it.
pub(super) fn named(packet: &crate::packets::Packet) -> String {
    format!("`{packet}`")
}
