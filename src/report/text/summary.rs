//! The last lines of a report, and the notes that go to standard error.

use super::super::{clean::clean, paint::Paint};
use crate::{
    commands::Outcome,
    lints::{Finding, Safety},
    settings::{Look, Settings, Severity},
    words::{Language, Message},
};
use std::{
    collections::BTreeMap,
    io::{self, Write},
};

/// How many unknowns are named without `-v`.
const MOST_UNKNOWN: usize = 3;

pub(super) fn write(
    out: &mut dyn Write,
    outcome: &Outcome,
    settings: &Settings,
    look: &Look,
    folded: usize,
) -> io::Result<()> {
    let language = settings.language;
    if settings.statistics {
        statistics(out, outcome)?;
    }
    let found = found(outcome);
    let worst = outcome.findings.iter().map(|it| it.severity).max();
    let paint = worst.map_or(Paint::Strong, Paint::of);
    write!(out, "{}", paint.on(found.get(language), look))?;
    let folded = u32::try_from(folded).unwrap_or(u32::MAX);
    for (count, words) in [(folded, notes(folded)), (outcome.hidden, hidden(outcome.hidden))] {
        if count > 0 {
            write!(out, "  {}", words.get(language))?;
        }
    }
    if let Some(words) = fixable(outcome) {
        write!(out, "  {}", words.get(language))?;
    }
    writeln!(out)?;
    unknown(out, outcome, language, look)?;
    writeln!(out, "{}", Paint::Faint.on(analysis(outcome, look).get(language), look))
}

/// `Found 3 problems: 2 errors, 1 warning (1 suppressed) in 2 files.`
fn found(outcome: &Outcome) -> Message {
    let files = outcome.named().count();
    if files == 0 {
        return Message {
            en: "No rule file was checked.".into(),
            zh: "没有检查任何规则文件。".into(),
        };
    }
    let count = |severity| outcome.count(severity);
    let (errors, warnings, infos) =
        (count(Severity::Error), count(Severity::Warning), count(Severity::Info));
    let (head_en, head_zh) = match errors + warnings {
        0 if infos == 0 => ("Found no problem".to_owned(), "未发现问题".to_owned()),
        0 => ("Found no problem worth a warning".to_owned(), "未发现需要警告的问题".to_owned()),
        all => (format!("Found {}", plural(all, "problem")), format!("发现 {all} 个问题")),
    };
    let kinds = [(errors, "error", "错误"), (warnings, "warning", "警告"), (infos, "note", "提示")];
    let (kinds_en, kinds_zh): (Vec<_>, Vec<_>) = kinds
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, en, zh)| (plural(count, en), format!("{count} 个{zh}")))
        .unzip();
    let colon = |sign: &str| if kinds_en.is_empty() { String::new() } else { sign.to_owned() };
    let (suppressed_en, suppressed_zh) = match outcome.silenced.len() {
        0 => (String::new(), String::new()),
        count => (format!(" ({count} suppressed)"), format!("（已抑制 {count} 个）")),
    };
    Message {
        en: format!(
            "{head_en}{}{}{suppressed_en} in {}.",
            colon(": "),
            kinds_en.join(", "),
            plural(files, "file")
        ),
        zh: format!(
            "{head_zh}{}{}{suppressed_zh}，共 {files} 个文件。",
            colon("："),
            kinds_zh.join("、")
        ),
    }
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

/// How many can be mended, and by what.
fn fixable(outcome: &Outcome) -> Option<Message> {
    let best = |it: &Finding| it.fixes.iter().map(|it| it.safety).min();
    let count = |wanted: fn(Safety) -> bool| {
        outcome.findings.iter().filter_map(best).filter(|it| wanted(*it)).count()
    };
    let (safe, risky) = (count(|it| it != Safety::Unsafe), count(|it| it == Safety::Unsafe));
    let (en, zh) = match (safe, risky) {
        (0, 0) => return None,
        (safe, 0) => (format!("{safe} fixable with --fix."), format!("{safe} 个可用 --fix 修复。")),
        (0, risky) => (
            format!("{risky} fixable with --fix --unsafe-fixes."),
            format!("{risky} 个可用 --fix --unsafe-fixes 修复。"),
        ),
        (safe, risky) => (
            format!("{safe} fixable with --fix, {risky} more with --unsafe-fixes."),
            format!("{safe} 个可用 --fix 修复，加 --unsafe-fixes 另可修复 {risky} 个。"),
        ),
    };
    Some(Message { en, zh })
}

fn notes(count: u32) -> Message {
    Message {
        en: format!("{} not shown: -v shows them.", plural(count as usize, "note")),
        zh: format!("{count} 个提示未显示：-v 可显示。"),
    }
}

fn hidden(count: u32) -> Message {
    Message {
        en: format!("{} below --min-severity.", plural(count as usize, "finding")),
        zh: format!("{count} 个低于 --min-severity。"),
    }
}

/// What made verdicts *maybe*, said out loud.
fn unknown(
    out: &mut dyn Write,
    outcome: &Outcome,
    language: Language,
    look: &Look,
) -> io::Result<()> {
    let most = if look.verbose { usize::MAX } else { MOST_UNKNOWN };
    let word = match language {
        Language::En => "not known",
        Language::Zh => "未知",
    };
    for it in outcome.unknown.iter().take(most) {
        let source = &outcome.files[it.place.file as usize].source;
        let line = source.position(it.place.span.start).line;
        let path = clean(&source.path, look.unicode);
        let what = clean(it.what.get(language), look.unicode);
        writeln!(out, "{word}: {path}:{line}: {what}")?;
    }
    let more = outcome.unknown.len().saturating_sub(most);
    match language {
        _ if more == 0 => Ok(()),
        Language::En => writeln!(out, "{word}: {more} more, -v shows them"),
        Language::Zh => writeln!(out, "{word}：另有 {more} 项，-v 可显示"),
    }
}

/// `analysis: complete · 2 files, 15 rules`
fn analysis(outcome: &Outcome, look: &Look) -> Message {
    let rules: usize = outcome.named().map(|it| it.rules as usize).sum();
    let files = outcome.named().count();
    let dot = if look.unicode { "·" } else { "-" };
    let (en, zh) =
        if outcome.complete() { ("complete", "完整") } else { ("incomplete", "不完整") };
    let (skipped_en, skipped_zh) = match outcome.skipped {
        0 => (String::new(), String::new()),
        count => (
            format!(" {dot} {} skipped", plural(count as usize, "other file")),
            format!(" {dot} 跳过其他文件 {count} 个"),
        ),
    };
    let (context_en, context_zh) = match outcome.files.len() - files {
        0 => (String::new(), String::new()),
        count => (
            format!(" {dot} {} of the same host", plural(count, "other file")),
            format!(" {dot} 同一主机的其他文件 {count} 个"),
        ),
    };
    let mut configs: Vec<&str> = outcome.named().filter_map(|it| it.config.as_deref()).collect();
    configs.sort_unstable();
    configs.dedup();
    let (config_en, config_zh) = match configs.as_slice() {
        [] => (String::new(), String::new()),
        configs => {
            let paths = configs.iter().map(|path| clean(path, look.unicode)).collect::<Vec<_>>();
            let paths = paths.join(", ");
            (format!(" {dot} config {paths}"), format!(" {dot} 配置 {paths}"))
        }
    };
    Message {
        en: format!(
            "analysis: {en} {dot} {}, {}{context_en}{skipped_en}{config_en}",
            plural(files, "file"),
            plural(rules, "rule")
        ),
        zh: format!(
            "分析：{zh} {dot} {files} 个文件，{rules} 条规则{context_zh}{skipped_zh}{config_zh}"
        ),
    }
}

/// Findings by lint, the most frequent first.
fn statistics(out: &mut dyn Write, outcome: &Outcome) -> io::Result<()> {
    let mut counts = BTreeMap::new();
    for finding in &outcome.findings {
        *counts.entry((finding.lint.code, finding.lint.name)).or_insert(0_usize) += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    for ((code, name), count) in &counts {
        writeln!(out, "{count:>6}  {code}  {name}")?;
    }
    if counts.is_empty() { Ok(()) } else { writeln!(out) }
}

/// One line for standard error: `fwlint: rules.v4: no such file or directory`.
///
/// # Errors
///
/// The writer's.
pub fn note(
    out: &mut dyn Write,
    subject: &str,
    message: &Message,
    language: Language,
    look: &Look,
) -> io::Result<()> {
    let subject = clean(subject, look.unicode);
    let message = clean(message.get(language), look.unicode);
    writeln!(out, "{}: {subject}: {message}", Paint::Strong.on("fwlint", look))
}
