//! From the commands that a script runs to the trees of their dialects.

use super::{
    Command, File, Question, Unread, UnreadKind, Unset,
    play::{Action, ActionKind, Played, Program},
};
use crate::{
    source::{SourceFile, Span, Whole},
    syntax::{
        Error, ErrorKind, Errors, ipset,
        iptables::{Commands, Family, Unresolved},
        nft,
    },
};

/// Reads what was played of a script.
pub(super) fn read(script: &SourceFile, played: Played, mut errors: Errors) -> (File, Vec<Error>) {
    let Played { text, pieces, actions, doubts, unresolved, unset, unread, .. } = played;
    let mut unread = unread;
    let mut rules = [Family::V4, Family::V6].map(|it| Commands::new(&text, it, &unresolved));
    let (mut nft_texts, mut set_texts) = (Vec::new(), Vec::new());
    for action in &actions {
        match &action.kind {
            ActionKind::Command { program: Program::Iptables(family), words } => {
                let words = words.iter().skip(1).map(|(text, span)| (text.as_str(), *span));
                let known = rules[usize::from(*family == Family::V6)].command(action.span, words);
                if !known {
                    unread.push(Unread { span: action.span, kind: UnreadKind::Command });
                }
            }
            ActionKind::Text { program: Program::Restore(family), text, keeps } => {
                rules[usize::from(*family == Family::V6)].restore(*text, *keeps);
            }
            ActionKind::Command { program, .. } | ActionKind::Text { program, .. } => {
                let texts = if *program == Program::Nft { &mut nft_texts } else { &mut set_texts };
                texts.push(action.span);
            }
        }
    }
    let (nft, nft_errors) = nft_commands(&only(&text, &nft_texts), &unresolved, &mut unread);
    let (sets, set_errors) = ipset::parse(&only(&text, &set_texts));
    let [(ipv4, ipv4_errors, lines), (ipv6, ipv6_errors, other)] = rules.map(Commands::finish);
    let lines = lines.into_iter().chain(other);
    unread.extend(lines.map(|span| Unread { span, kind: UnreadKind::Command }));
    for errors_of in [ipv4_errors, ipv6_errors] {
        errors_of.into_vec().into_iter().for_each(|it| errors.add(it));
    }
    for error in nft_errors.into_vec().into_iter().chain(set_errors.into_vec()) {
        let all = nft_texts.iter().chain(&set_texts);
        let around = all.copied().find(|it| it.to(error.span) == *it).unwrap_or(error.span);
        // Something unknown may be why.
        let counts = matches!(error.kind, ErrorKind::TooManyErrors { .. });
        if !counts && Unresolved::within(&unresolved, around).next().is_some() {
            unread.push(Unread { span: around, kind: UnreadKind::Command });
        } else {
            errors.add(error);
        }
    }
    unread.sort_by_key(|it| it.span);
    unread.dedup();
    let commands: Vec<Command> = actions.into_iter().map(command).collect();
    let mut questions: Vec<Question> =
        doubts.iter().map(|it| Question { span: it.span, either: false }).collect();
    for (question, negated) in commands.iter().flat_map(|it| &it.answers) {
        questions[*question as usize].either |= negated;
    }
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let mut by_place: Vec<u32> = (0..commands.len()).map(number).collect();
    by_place.sort_by_key(|index| commands[*index as usize].span.start);
    let source = SourceFile::new(script.path.as_str(), text.into_bytes());
    let file = File {
        whole: Whole { source, pieces },
        ipv4,
        ipv6,
        nft,
        sets,
        commands,
        questions,
        unset: unset
            .into_iter()
            .map(|it| Unset { name: it.name, span: it.span, number: it.number })
            .collect(),
        unread,
        called_with: played.called_with,
        sources: played.sources,
        unresolved,
        length: number(script.text().len()),
        by_place,
    };
    (file, errors.into_vec())
}

/// Reads what `nft` is told. Commands that do not read with something unknown in them are not followed.
fn nft_commands(
    text: &str,
    unresolved: &[Unresolved],
    unread: &mut Vec<Unread>,
) -> (nft::File, Errors) {
    let open = !unresolved.is_empty();
    let (file, errors) = nft::parse_commands(text, open);
    let is_unknown = |it: &&nft::Command| {
        let wrong = matches!(it.kind, nft::CommandKind::Wrong);
        wrong && Unresolved::within(unresolved, it.span).next().is_some()
    };
    let unknown: Vec<Span> = file.commands.iter().filter(is_unknown).map(|it| it.span).collect();
    if unknown.is_empty() {
        return (file, errors);
    }
    let mut kept = String::with_capacity(text.len());
    for span in &unknown {
        kept.push_str(text.get(kept.len()..span.start as usize).unwrap_or_default());
        kept.extend(std::iter::repeat_n('\n', span.len() as usize));
    }
    kept.push_str(text.get(kept.len()..).unwrap_or_default());
    unread.extend(unknown.into_iter().map(|span| Unread { span, kind: UnreadKind::Command }));
    nft::parse_commands(&kept, open)
}

fn command(action: Action) -> Command {
    let is_text = matches!(action.kind, ActionKind::Text { .. });
    Command { span: action.span, is_text, guarded: action.guarded, answers: action.doubts }
}

/// The text with nothing but line ends outside of `spans`, so that places in it stay what they are.
fn only(text: &str, spans: &[Span]) -> String {
    let Some(last) = spans.last() else { return String::new() };
    let mut only = "\n".repeat(spans[0].start as usize);
    only.reserve(last.end as usize + 1 - only.len());
    for span in spans {
        let gap = (span.start as usize).saturating_sub(only.len());
        only.extend(std::iter::repeat_n('\n', gap));
        only.push_str(text.get(span.range()).unwrap_or_default());
    }
    only.push('\n');
    only
}
