//! What the shell itself does.

use super::{
    Done, Flow, Player, Status, command,
    env::{Field, Value, Variable},
};
use crate::syntax::script::{
    UnreadKind,
    tree::{Assignment, Node, Word},
};

impl<'s> Player<'s> {
    /// A command of the shell; `None` for programs.
    pub(super) fn builtin(
        &mut self,
        node: &'s Node,
        name: &str,
        assignments: &'s [Assignment],
        words: &'s [Word],
        fields: &[Field],
    ) -> Option<Done> {
        let arguments = &fields[1..];
        Some(match name {
            "exit" => {
                // A script that fails on purpose may have said so before.
                Done { flow: Flow::Exit, status: Status::Success }
            }
            "return" => {
                let flow = if self.depth == 0 { Flow::Exit } else { Flow::Return };
                let status = match arguments.first().map(|it| it.text.as_str()) {
                    None | Some("0") => Status::Success,
                    Some(text) => text.parse::<u8>().map_or(Status::Unknown, |_| Status::Failure),
                };
                Done { flow, status }
            }
            "break" => Done { flow: Flow::Loop { ends: true }, status: Status::Success },
            "continue" => Done { flow: Flow::Loop { ends: false }, status: Status::Success },
            "false" => Done::with(Status::Failure),
            "export" | "readonly" | "local" | "declare" | "typeset" => {
                for assignment in assignments {
                    self.assign(assignment);
                }
                Done::SUCCESS
            }
            "shift" => {
                if let Some(all) = self.env.arguments.clone() {
                    let count = arguments.first().map_or(Ok(1), |it| it.text.parse::<usize>());
                    let count = count.unwrap_or(1).min(all.len());
                    self.env.arguments = Some(all[count..].into());
                } else {
                    self.shifted = true;
                }
                Done::SUCCESS
            }
            "set" => {
                let option = |it: &Field| it.unknown == 0 && it.text.starts_with(['-', '+']);
                let dashes = arguments.iter().position(|it| it.text == "--").map(|at| at + 1);
                let from = dashes.or_else(|| arguments.iter().position(|it| !option(it)));
                let named = arguments.first().is_some_and(|it| it.text == "-o" || it.text == "+o");
                match from.filter(|_| !named).map(|at| &arguments[at..]) {
                    Some(given) if given.iter().any(|it| it.open) => {
                        (self.env.arguments, self.shifted) = (None, true);
                    }
                    Some(given) => self.env.arguments = Some(given.into()),
                    None => {}
                }
                Done::SUCCESS
            }
            "unset" => {
                for field in arguments {
                    self.env.unset(&field.text);
                    self.env.set(&field.text, Variable::One(Value::default()));
                }
                Done::SUCCESS
            }
            "read" | "mapfile" | "readarray" | "getopts" => {
                for field in arguments.iter().filter(|it| !it.text.starts_with('-')) {
                    let number = self.fresh();
                    self.env.set(&field.text, Variable::unknown(number));
                }
                Done::UNKNOWN
            }
            "eval" => {
                let text = self.slice(node.span);
                if ["iptables", "ip6tables", "nft", "ipset", "IPT"]
                    .iter()
                    .any(|it| text.contains(it))
                {
                    self.unread(node.span, UnreadKind::Command);
                }
                self.sources = true;
                Done::UNKNOWN
            }
            "." | "source" => {
                self.sources = true;
                let path = arguments.first().map(|it| it.text.clone()).unwrap_or_default();
                self.unread(node.span, UnreadKind::File { path });
                Done::UNKNOWN
            }
            "[" | "test" => {
                debug_assert_eq!(words.is_empty(), fields.is_empty(), "a test has words");
                Done::with(command::test(fields))
            }
            _ => return None,
        })
    }
}
