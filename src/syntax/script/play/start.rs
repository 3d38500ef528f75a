//! The word that a script of an init system is called with to load its rules.

use crate::syntax::script::tree::{Node, NodeKind, PartKind, Tree, Word};
use std::collections::BTreeSet;

/// Such words, the likeliest first.
static WORDS: &[&str] = &["start", "restart", "reload", "up", "on", "enable", "load", "apply"];

/// The first of them that the script tells apart: as a way of a `case`, or in a test of `$1`.
pub(super) fn word(tree: &Tree) -> Option<&'static str> {
    let mut found = BTreeSet::new();
    nodes(&tree.nodes, &mut found);
    WORDS.iter().copied().find(|word| found.contains(*word))
}

fn nodes(list: &[Node], found: &mut BTreeSet<String>) {
    for it in list {
        node(it, found);
    }
}

fn node(it: &Node, found: &mut BTreeSet<String>) {
    match &it.kind {
        NodeKind::Case { arms, .. } => {
            for arm in arms {
                found.extend(arm.patterns.iter().filter_map(Word::literal));
                nodes(&arm.body, found);
            }
        }
        NodeKind::Simple { words, .. } | NodeKind::Test(words) => {
            if words.iter().any(asks_first) {
                found.extend(words.iter().filter_map(Word::literal));
            }
        }
        NodeKind::Pipe(list) | NodeKind::Group(list) | NodeKind::Subshell(list) => {
            nodes(list, found);
        }
        NodeKind::Not(inner) | NodeKind::Background(inner) => node(inner, found),
        NodeKind::Joined(first, rest) => {
            node(first, found);
            for (_, it) in rest {
                node(it, found);
            }
        }
        NodeKind::If { branches, otherwise } => {
            for (condition, body) in branches {
                nodes(condition, found);
                nodes(body, found);
            }
            nodes(otherwise, found);
        }
        NodeKind::For { body, .. } => nodes(body, found),
        NodeKind::While { condition, body, .. } => {
            nodes(condition, found);
            nodes(body, found);
        }
        NodeKind::Function { body, .. } => node(body, found),
        NodeKind::Arithmetic => {}
    }
}

fn asks_first(word: &Word) -> bool {
    word.parts
        .iter()
        .any(|part| matches!(&part.kind, PartKind::Variable { name, .. } if name == "1"))
}
