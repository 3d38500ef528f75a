//! What only a run of a script tells, as conditions.

use super::{Input, build::Builder};
use crate::{
    model::{Condition, OpaqueKind, Place, Subject},
    source::{Span, Unseen},
    syntax::script::{File, Question, UnreadKind},
};

/// The most characters of a condition that it is named after.
const SHOWN: usize = 60;

/// Says what was not followed.
pub(super) fn unread(script: &File, input: Input<'_>, builder: &mut Builder) {
    let place = |span| Place { file: input.file, span };
    for unread in &script.unread {
        let subject = match &unread.kind {
            UnreadKind::Command => Subject::Command,
            UnreadKind::Input => Subject::Printed,
            UnreadKind::Ends => Subject::Ends,
            UnreadKind::File { path } => {
                Subject::Include { path: path.clone(), why: Unseen::NotLookedFor }
            }
        };
        builder.unknown(place(unread.span), subject);
    }
    if let Some((word, span)) = script.called_with {
        builder.unknown(place(span), Subject::CalledWith(word));
    }
}

/// What lets the command at `span` run, as conditions that must all hold.
pub(super) fn answers(input: Input<'_>, span: Span, builder: &mut Builder) -> Vec<Condition> {
    let Some(script) = input.parsed.script() else { return Vec::new() };
    let answers = script.answers(span);
    answers
        .iter()
        .map(|(question, negated)| {
            let Question { span: at, either } = script.questions[*question as usize];
            let condition = shown(input.source.slice(at));
            let subject = Subject::Question { condition, either };
            let place = Place { file: input.file, span: at };
            builder.unknown(place, subject.clone());
            let opaque =
                builder.opaque(format!("question {question}"), subject, OpaqueKind::Fixed, place);
            Condition::Opaque { opaque, negated: *negated }
        })
        .collect()
}

/// The condition that an option stands for in whose words, at `span`, something is unknown; `None` where all is known.
/// Two with the same `text` are the same if the same value is unknown in them.
pub(super) fn unresolved(
    input: Input<'_>,
    (text, span): (&str, Span),
    builder: &mut Builder,
) -> Option<Condition> {
    let script = input.parsed.script()?;
    let number = script.unknown_in(span)?;
    let words = script.unknown_word(span).unwrap_or(span);
    let place = Place { file: input.file, span: words };
    let subject = Subject::Word(shown(input.source.slice(words)));
    builder.unknown(place, subject.clone());
    let text = format!("{text} {} with {number}", input.source.slice(span));
    let opaque = builder.opaque(text, subject, OpaqueKind::Fixed, place);
    Some(Condition::Opaque { opaque, negated: false })
}

/// Words on one line, their end left out where they are long.
fn shown(text: &str) -> String {
    let text = text.replace("\\\n", " ");
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut shown: String = line.chars().take(SHOWN).collect();
    if shown.len() < line.len() {
        shown.push('…');
    }
    shown
}
