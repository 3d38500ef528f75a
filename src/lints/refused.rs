//! The lines of a file that its reader could not take: what they name is not missing, and what they call is called.

use crate::{
    lower::Input,
    source::Span,
    syntax::{ErrorKind, script::UnreadKind},
};
use rustc_hash::FxHashSet;

/// What the refused lines of one file say.
pub(super) struct Refused<'a> {
    pub(super) file: u32,
    pub(super) words: FxHashSet<&'a str>,
    /// The chains that they jump or go to.
    pub(super) called: FxHashSet<&'a str>,
    /// Whether there are more such lines than are known.
    pub(super) more: bool,
}

impl<'a> Refused<'a> {
    pub(super) fn of(input: &Input<'a>) -> Self {
        let mut refused = Self {
            file: input.file,
            words: FxHashSet::default(),
            called: FxHashSet::default(),
            more: false,
        };
        for error in input.parsed.errors.iter().filter(|error| error.stops_loading()) {
            match error.kind {
                ErrorKind::TooManyErrors { .. } => refused.more = true,
                ErrorKind::LimitExceeded(_) | ErrorKind::MissingCommit => {}
                _ => refused.line(line(input, error.span)),
            }
        }
        // Nor is a command followed of which a part is not known.
        let unread = input.parsed.script().into_iter().flat_map(|script| &script.unread);
        for it in unread.filter(|it| it.kind == UnreadKind::Command) {
            refused.called.extend(called(input.source.slice(it.span)));
        }
        if refused.more {
            // Which these are is not known, so all that a line calls counts.
            let lines = input.source.text().lines().filter(|line| !line.starts_with('#'));
            refused.called.extend(lines.flat_map(called));
        }
        refused
    }

    fn line(&mut self, line: &'a str) {
        self.words.extend(line.split_ascii_whitespace().map(|word| word.trim_start_matches(':')));
        self.called.extend(called(line));
    }
}

fn line<'a>(input: &Input<'a>, span: Span) -> &'a str {
    input.source.slice(input.source.line(input.source.position(span.start).line))
}

/// The names behind `-j` and its like.
fn called(line: &str) -> impl Iterator<Item = &str> {
    const OPTIONS: [&str; 4] = ["-j", "--jump", "-g", "--goto"];
    let words = line.split_ascii_whitespace();
    let behind = words.clone().skip(1).chain([""]);
    words
        .zip(behind)
        .filter_map(|(word, next)| match word.split_once('=') {
            _ if OPTIONS.contains(&word) => Some(next),
            Some((option, name)) if OPTIONS.contains(&option) => Some(name),
            _ => None,
        })
        .map(|name| name.trim_matches(['"', '\'', ';']))
}

#[cfg(test)]
mod tests {
    use super::called;

    #[test]
    fn a_line_calls_what_stands_behind_its_options() {
        let of = |line| called(line).collect::<Vec<_>>();
        assert_eq!(of("-A INPUT -s ! 10.0.0.1 -j WEB"), ["WEB"]);
        assert_eq!(of("iptables -A INPUT --goto=WEB; iptables -A A -j \"B\";"), ["WEB", "B"]);
        assert_eq!(of("-A WEB -s ! 10.0.0.1"), <[&str; 0]>::default());
        assert_eq!(of("-A WEB -j"), [""]);
    }
}
