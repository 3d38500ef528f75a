//! What commands read and print: texts behind `<<`, pipes, and files that the script itself writes.

use super::{Done, Player, env::Field};
use crate::{
    source::Span,
    syntax::script::tree::{Node, NodeKind, Redirect, RedirectKind},
};
use std::rc::Rc;

impl<'s> Player<'s> {
    /// Notes what a command writes to a file.
    pub(super) fn written(&mut self, node: &'s Node) {
        for redirect in &node.redirects {
            let RedirectKind::Output { file, adds } = &redirect.kind else { continue };
            let name = self.whole(file).file();
            if name == "/dev/null" {
                continue;
            }
            let mut text = self.printed(node);
            if *adds {
                let before = self.env.files.get(&name).cloned().flatten();
                text = before
                    .zip(text)
                    .map(|(before, text)| before.iter().cloned().chain(text).collect());
            }
            self.env.files.insert(name, text.map(Into::into));
        }
    }

    /// What redirections give a command to read.
    pub(super) fn given(&mut self, redirects: &'s [Redirect]) -> Option<Rc<[Field]>> {
        let tree = self.tree;
        let mut given = None;
        for redirect in redirects {
            given = match &redirect.kind {
                RedirectKind::Document(number) => {
                    let document = tree.documents.get(*number)?;
                    Some(self.stream(&document.text).into())
                }
                RedirectKind::Text(word) => Some(self.stream(word).into()),
                RedirectKind::Input(_) => None,
                RedirectKind::Output { .. } | RedirectKind::Other => continue,
            };
        }
        given
    }

    // `a | b`
    pub(super) fn pipe(&mut self, stages: &'s [Node]) -> Done {
        let Some((last, before)) = stages.split_last() else { return Done::SUCCESS };
        let env = self.env.clone();
        let mut printed = None;
        for stage in before {
            let prints = before.len() == 1 && !writes(stage);
            printed = if prints { self.printed(stage) } else { None };
            if printed.is_none() {
                self.apart(std::slice::from_ref(stage));
            }
        }
        let outer = std::mem::replace(&mut self.input, printed.map(Into::into));
        let done = self.node(last);
        self.input = outer;
        self.env = env;
        done
    }

    /// What commands print, where they are none but `echo`, `printf` of plain text, and `cat` of a document.
    fn printed(&mut self, node: &'s Node) -> Option<Vec<Field>> {
        match &node.kind {
            NodeKind::Group(nodes) | NodeKind::Subshell(nodes) => {
                let mut all = Vec::new();
                for node in nodes.iter().filter(|it| !writes(it)) {
                    all.append(&mut self.printed(node)?);
                }
                Some(all)
            }
            NodeKind::Simple { words, .. } if !words.is_empty() => {
                if node.redirects.iter().any(|it| matches!(it.kind, RedirectKind::Input(_))) {
                    return None;
                }
                let fields = self.fields(words);
                match fields[..] {
                    [ref first] if first.text == "cat" => {
                        Some(self.given(&node.redirects)?.to_vec())
                    }
                    [ref first, ref rest @ ..] if first.text == "echo" => echoed(rest, node.span),
                    [ref first, ref format, ref rest @ ..] if first.text == "printf" => {
                        let lines = matches!(format.text.as_str(), "%s\\n" | "%s");
                        if lines { echoed(rest, node.span) } else { formatted(format, rest) }
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// Whether what a command prints goes to a file.
fn writes(node: &Node) -> bool {
    node.redirects.iter().any(|it| matches!(it.kind, RedirectKind::Output { .. }))
}

/// What `echo` prints.
fn echoed(words: &[Field], span: Span) -> Option<Vec<Field>> {
    let (option, words) = match words {
        [first, rest @ ..] if matches!(first.text.as_str(), "-e" | "-n" | "-en" | "-ne") => {
            (first.text.as_str(), rest)
        }
        _ => ("", words),
    };
    // What backslashes mean differs from one `echo` to another.
    if words.iter().any(|it| it.open || it.text.contains('\\') && !option.contains('e')) {
        return None;
    }
    let blank =
        |text: &str| Field { text: text.to_owned(), span, literal: false, unknown: 0, open: false };
    let mut all = Vec::with_capacity(words.len() * 2);
    for (word, index) in words.iter().zip(0..) {
        if index > 0 {
            all.push(blank(" "));
        }
        let mut word = word.clone();
        if word.text.contains('\\') {
            word.text = word.text.replace("\\n", "\n").replace("\\t", "\t");
            word.literal = false;
        }
        all.push(word);
    }
    all.push(blank("\n"));
    Some(all)
}

/// What `printf` prints of a text without any `%`.
fn formatted(format: &Field, rest: &[Field]) -> Option<Vec<Field>> {
    if format.text.contains('%') || !rest.is_empty() {
        return None;
    }
    let text = format.text.replace("\\n", "\n").replace("\\t", "\t");
    let literal = format.literal && text == format.text;
    Some(vec![Field { text, literal, ..format.clone() }])
}
