//! What was tested: a line for each assertion, host by host, and the packet of those that do not pass.

use super::super::{clean::clean, paint::Paint};
use crate::{
    commands::{Assertions, Ending},
    settings::Look,
    words::{Language, Message},
};
use std::io::{self, Write};

/// Writes what was tested.
///
/// # Errors
///
/// The writer's.
pub fn assertions(
    out: &mut dyn Write,
    assertions: &Assertions,
    language: Language,
    look: &Look,
) -> io::Result<()> {
    let mut host = None;
    for it in &assertions.all {
        if host != Some(&it.host) {
            writeln!(out, "{}", Paint::Strong.on(&clean(&it.host, look.unicode), look))?;
            host = Some(&it.host);
        }
        let (paint, word) = word(it.ending, language);
        let name = clean(it.name.get(language), look.unicode);
        let reason = clean(it.reason.get(language), look.unicode);
        let colon = if language == Language::Zh { "：" } else { ": " };
        writeln!(out, "  {} {name}{colon}{reason}", paint.on(word, look))?;
        if it.ending == Ending::Passed {
            continue;
        }
        if let Some(packet) = &it.packet {
            let packet = clean(packet, look.unicode);
            writeln!(out, "         {}", Paint::Faint.on(&packet, look))?;
        }
        let asked = format!("{}:{}", clean(&it.config, look.unicode), it.line);
        let asked = Message {
            en: format!("expected {} ({asked})", it.expected),
            zh: format!("期望 {}（{asked}）", it.expected),
        };
        writeln!(out, "         {}", Paint::Faint.on(asked.get(language), look))?;
    }
    if look.quiet || assertions.all.is_empty() {
        return Ok(());
    }
    let count = |ending| assertions.count(ending);
    let (passed, failed, maybe) =
        (count(Ending::Passed), count(Ending::Failed), count(Ending::Maybe));
    let all = assertions.all.len();
    let noun = if all == 1 { "assertion" } else { "assertions" };
    let summary = Message {
        en: format!("{all} {noun}: {passed} passed, {failed} failed, {maybe} maybe."),
        zh: format!("{all} 项断言：{passed} 项通过，{failed} 项失败，{maybe} 项不确定。"),
    };
    writeln!(out, "{}", Paint::Strong.on(summary.get(language), look))
}

/// The word of an ending, as wide as the others.
fn word(ending: Ending, language: Language) -> (Paint, &'static str) {
    match (ending, language) {
        (Ending::Passed, Language::En) => (Paint::Info, "passed"),
        (Ending::Failed, Language::En) => (Paint::Error, "failed"),
        (Ending::Maybe, Language::En) => (Paint::Warning, "maybe "),
        (Ending::Passed, Language::Zh) => (Paint::Info, "通过  "),
        (Ending::Failed, Language::Zh) => (Paint::Error, "失败  "),
        (Ending::Maybe, Language::Zh) => (Paint::Warning, "不确定"),
    }
}
