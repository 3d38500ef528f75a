//! From the commands that a script runs to the trees of their dialects.

use super::{
    Command, File, Question, Unread, UnreadKind, Unset,
    play::{Action, ActionKind, Played, Program},
};
use crate::{
    source::{SourceFile, Span, Whole},
    syntax::{
        Error, Errors, ipset,
        iptables::{Commands, Family, Unresolved},
        nft,
    },
};

/// Reads what was played of the script at `path`.
pub(super) fn read(path: &str, played: Played, mut errors: Errors) -> (File, Vec<Error>) {
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
    let open = !unresolved.is_empty();
    let (nft, nft_errors) = nft::parse_commands(&only(&text, &nft_texts), open);
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
        if Unresolved::within(&unresolved, around).next().is_some() {
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
    let source = SourceFile::new(path, text.into_bytes());
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
        by_place,
    };
    (file, errors.into_vec())
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
