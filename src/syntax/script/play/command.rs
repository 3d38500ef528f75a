//! Simple commands: which program runs, with which words, and what it reads.

use super::{
    Action, ActionKind, Done, Player, Program, Status, condition,
    env::{Field, Value},
    program,
    write::Quoting,
};
use crate::{
    source::Span,
    syntax::script::{
        Unread, UnreadKind,
        tree::{Assigned, Assignment, Node, NodeKind, PartKind, RedirectKind, Word},
    },
};

impl<'s> Player<'s> {
    pub(super) fn simple(
        &mut self,
        node: &'s Node,
        assignments: &'s [Assignment],
        words: &'s [Word],
    ) -> Done {
        if words.is_empty() {
            for assignment in assignments {
                self.assign(assignment);
            }
            return Done::SUCCESS;
        }
        let fields = self.fields(words);
        let Some(first) = fields.first() else { return Done::SUCCESS };
        if first.unknown > 0 {
            return self.unnamed(node, &words[0], &fields);
        }
        let name = first.text.clone();
        self.costs(fields.iter().map(|it| it.text.len()).sum());
        if let Some((_, body)) = self.functions.get(name.as_str()).copied() {
            return self.call(body, &fields[1..]);
        }
        if let Some(done) = self.builtin(node, &name, assignments, words, &fields) {
            return done;
        }
        self.program(node, &fields)
    }

    pub(super) fn assign(&mut self, assignment: &'s Assignment) {
        let name = assignment.name.as_str();
        let old = assignment.added.then(|| self.env.get(name).cloned()).flatten();
        let value = match (&assignment.value, old) {
            (Assigned::Word(word), Some(super::env::Variable::One(old))) => {
                let new = self.value(word);
                let unknown = old.unknown.max(new.unknown);
                super::env::Variable::One(Value { text: old.text + &new.text, unknown })
            }
            (Assigned::Word(word), _) => super::env::Variable::One(self.value(word)),
            (Assigned::Array(words), old) => {
                let mut all = match old {
                    Some(super::env::Variable::Array(all)) => all,
                    Some(super::env::Variable::One(one)) => vec![one],
                    None => Vec::new(),
                };
                let fields = self.fields(words);
                all.extend(
                    fields.into_iter().map(|it| Value { text: it.text, unknown: it.unknown }),
                );
                super::env::Variable::Array(all)
            }
            (Assigned::Element, _) => super::env::Variable::unknown(self.fresh()),
        };
        self.env.set(name, value);
    }

    /// A command whose program is in a variable that nobody knows: its name may tell.
    fn unnamed(&mut self, node: &'s Node, word: &'s Word, fields: &[Field]) -> Done {
        let named = word.parts.first().and_then(|part| match &part.kind {
            PartKind::Variable { name, .. } => program::of_variable(name),
            _ => None,
        });
        let Some(program) = named else {
            if speaks_of_rules(fields) {
                self.unread(node.span, UnreadKind::Command);
            }
            return Done::UNKNOWN;
        };
        self.load(node, program, fields)
    }

    fn call(&mut self, body: &'s Node, arguments: &[Field]) -> Done {
        let outer = self.env.arguments.replace(arguments.into());
        let held = self.holds.len();
        self.depth += 1;
        let done = self.node(body);
        self.depth -= 1;
        self.holds.truncate(held);
        self.env.arguments = outer;
        match done.flow {
            super::Flow::Exit => done,
            _ => Done::with(done.status),
        }
    }

    pub(super) fn unread(&mut self, span: Span, kind: UnreadKind) {
        self.unread.push(Unread { span, kind });
    }

    /// Runs the program that `fields` begin with, or the one that it runs in turn.
    fn program(&mut self, node: &'s Node, fields: &[Field]) -> Done {
        let Some(first) = fields.first() else { return Done::UNKNOWN };
        if let Some(program) = program::of(&first.text) {
            return self.load(node, program, fields);
        }
        if let Some(letters) = program::prefix(&first.text) {
            if first.text == "command"
                && matches!(fields.get(1), Some(it) if it.text == "-v" || it.text == "-V")
            {
                return looks_for(&fields[2..]);
            }
            let mut at = 1;
            while let Some(field) = fields.get(at) {
                let option = field.text.strip_prefix('-');
                let assigns = field.text.contains('=') && option.is_none();
                if option.is_none() && !assigns {
                    break;
                }
                let takes = option.is_some_and(|it| it.len() == 1 && letters.contains(it));
                at += 1 + usize::from(takes);
            }
            return match fields.get(at..) {
                Some(rest) if !rest.is_empty() => self.program(node, rest),
                _ => Done::UNKNOWN,
            };
        }
        if matches!(first.text.as_str(), "which" | "type" | "hash") {
            return looks_for(&fields[1..]);
        }
        // What another shell is told is not followed.
        let told =
            self.input.as_deref().is_some_and(|it| is_shell(&first.text) && speaks_of_rules(it));
        if program::succeeds(&first.text) && first.text != "trap" {
            return Done::SUCCESS;
        }
        if told || speaks_of_rules(fields) {
            self.unread(node.span, UnreadKind::Command);
        }
        Done::UNKNOWN
    }

    /// A program that loads rules.
    fn load(&mut self, node: &'s Node, program: Program, fields: &[Field]) -> Done {
        let span = node.span;
        let arguments = &fields[1..];
        match program {
            Program::Prints => Done::UNKNOWN,
            Program::Iptables(_) => self.iptables(program, fields),
            Program::Restore(_) => {
                let tests = has_letter(arguments, 't', "test");
                let keeps = has_letter(arguments, 'n', "noflush");
                let file = arguments.iter().rev().find(|it| !it.text.starts_with('-'));
                if tests {
                    return Done::SUCCESS;
                }
                match file {
                    Some(file) if self.input.is_none() => self.file(span, program, keeps, file),
                    _ => self.text(node, program, keeps),
                }
            }
            Program::Nft => self.nft(node, fields),
            Program::Ipset => {
                let command = arguments.iter().find(|it| {
                    !matches!(
                        it.text.as_str(),
                        "-exist" | "-!" | "-q" | "-quiet" | "--exist" | "--quiet" | "-o" | "save"
                    )
                });
                match command.map(|it| it.text.as_str()) {
                    Some("restore" | "-R" | "--restore") => self.text(node, program, true),
                    // A set is asked about before it is made.
                    Some("list" | "-L" | "--list" | "-n" | "test" | "-T" | "--test") => {
                        Done::with(Status::Failure)
                    }
                    Some(_) => self.command(program, fields),
                    None => Done::UNKNOWN,
                }
            }
        }
    }

    fn iptables(&mut self, program: Program, fields: &[Field]) -> Done {
        if fields.len() == 1 {
            // It prints how it is to be used.
            return Done::UNKNOWN;
        }
        let asks = |letter: char, long: &str| has_letter(&fields[1..], letter, long);
        if asks('C', "check") {
            // Rules are asked about before they are added.
            self.guard.asked = true;
            return Done::with(Status::Failure);
        }
        if asks('L', "list") || asks('S', "list-rules") {
            return Done::UNKNOWN;
        }
        if asks('V', "version") || asks('h', "help") {
            return Done::SUCCESS;
        }
        self.command(program, fields)
    }

    fn nft(&mut self, node: &'s Node, fields: &[Field]) -> Done {
        let span = node.span;
        let mut at = 1;
        let mut file = None;
        while let Some(field) = fields.get(at) {
            let Some(option) = field.text.strip_prefix('-') else { break };
            at += 1;
            match option {
                "f" | "-file" => {
                    file = fields.get(at);
                    at += 1;
                }
                "I" | "-includepath" | "D" | "-define" => at += 1,
                "c" | "-check" | "v" | "-version" | "h" | "-help" | "i" | "-interactive" => {
                    return Done::SUCCESS;
                }
                "-" => break,
                _ if option.starts_with('f') => {
                    file = Some(field);
                }
                _ => {}
            }
        }
        if let Some(file) = file {
            let reads = matches!(file.text.trim_start_matches("-f"), "-" | "/dev/stdin");
            if reads {
                return self.text(node, Program::Nft, true);
            }
            let text = file.text.trim_start_matches("-f").to_owned();
            return self.file(span, Program::Nft, true, &Field { text, ..file.clone() });
        }
        let rest = &fields[at.min(fields.len())..];
        let Some(first) = rest.first() else { return Done::UNKNOWN };
        if first.text.starts_with("list ")
            || matches!(first.text.as_str(), "list" | "get" | "monitor" | "describe")
        {
            return Done::with(Status::Failure);
        }
        self.command(Program::Nft, rest)
    }

    /// Plays a command if all it does is to empty a chain.
    pub(super) fn empties(&mut self, node: &'s Node) {
        let NodeKind::Simple { words, .. } = &node.kind else { return };
        let fields = self.fields(words);
        let iptables = matches!(
            fields.first().and_then(|it| program::of(&it.text)),
            Some(Program::Iptables(_))
        );
        if iptables && has_letter(&fields[1..], 'F', "flush") {
            self.node(node);
        }
    }

    fn command(&mut self, program: Program, fields: &[Field]) -> Done {
        let quoting = match program {
            Program::Nft => Quoting::None,
            Program::Ipset => Quoting::Ipset,
            _ => Quoting::Restore,
        };
        let (span, spans) = self.writer.words(fields, quoting);
        let words = fields.iter().map(|it| it.text.clone()).zip(spans).collect();
        self.act(ActionKind::Command { program, words }, span);
        Done::SUCCESS
    }

    /// What a program reads from its standard input.
    fn text(&mut self, node: &'s Node, program: Program, keeps: bool) -> Done {
        let from = node.redirects.iter().rev().find_map(|it| match &it.kind {
            RedirectKind::Input(word) => Some(word),
            _ => None,
        });
        if let Some(word) = from {
            let file = self.whole(word);
            return self.file(node.span, program, keeps, &file);
        }
        let Some(input) = self.input.clone() else {
            self.unread(node.span, UnreadKind::Input);
            return Done::SUCCESS;
        };
        let text = self.writer.stream(&input, !matches!(program, Program::Restore(_)));
        self.act(ActionKind::Text { program, text, keeps }, text);
        Done::SUCCESS
    }

    /// What a program reads from a file: what the script itself has written there, if it has.
    fn file(&mut self, span: Span, program: Program, keeps: bool, file: &Field) -> Done {
        if let Some(Some(written)) = self.env.files.get(&file.file()).cloned() {
            let text = self.writer.stream(&written, !matches!(program, Program::Restore(_)));
            self.act(ActionKind::Text { program, text, keeps }, text);
        } else {
            self.unread(span, UnreadKind::File { path: file.text.clone() });
        }
        Done::SUCCESS
    }

    fn act(&mut self, kind: ActionKind, span: Span) {
        let doubts = self.holds.clone();
        self.actions.push(Action { kind, span, guarded: self.guard.holds, doubts });
    }
}

/// The result of `[ … ]` or `test …`.
pub(super) fn test(fields: &[Field]) -> Status {
    let words = match fields {
        [first, words @ .., last] if first.text == "[" && last.text == "]" => words,
        [first, words @ ..] if first.text == "test" => words,
        _ => return Status::Unknown,
    };
    // `[ $X = a ]` may have no word or several where `$X` stands.
    if words.iter().any(|it| it.open) { Status::Unknown } else { condition::test(words, false) }
}

/// Whether an option of one letter, alone or among others, or its long name is given.
fn has_letter(words: &[Field], letter: char, long: &str) -> bool {
    words.iter().any(|it| {
        if let Some(name) = it.text.strip_prefix("--") {
            return name == long;
        }
        it.text.strip_prefix('-').is_some_and(|letters| {
            letters.starts_with(letter)
                || letters.len() == 2
                    && letters.ends_with(letter)
                    && letters.starts_with(['n', 'v', 'w'])
        })
    })
}

/// Whether the words, or those in one of them, tell a program to load rules.
fn speaks_of_rules(fields: &[Field]) -> bool {
    let all = fields.iter().flat_map(|it| it.text.split_whitespace());
    let words: Vec<&str> = all.map(|it| it.trim_matches(['"', '\'', ';', '(', ')'])).collect();
    let tells = |word: &str| {
        word.starts_with('-')
            || matches!(
                word,
                "add"
                    | "create"
                    | "delete"
                    | "destroy"
                    | "flush"
                    | "insert"
                    | "replace"
                    | "restore"
            )
    };
    words.iter().enumerate().any(|(at, word)| match program::of(word) {
        None | Some(Program::Prints) => false,
        Some(Program::Restore(_)) => true,
        Some(_) => words.get(at + 1).is_some_and(|it| tells(it)),
    })
}

fn is_shell(word: &str) -> bool {
    matches!(
        word.rsplit('/').next(),
        Some("sh" | "bash" | "dash" | "ksh" | "zsh" | "ssh" | "parallel" | "xargs")
    )
}

/// `command -v NAME` and the like: the programs that load rules are there.
fn looks_for(words: &[Field]) -> Done {
    let named = words.iter().find(|it| !it.text.starts_with('-'));
    let known = named.is_some_and(|it| it.unknown == 0 && program::of(&it.text).is_some());
    if known { Done::SUCCESS } else { Done::UNKNOWN }
}
