//! What fixes change, for people and for `patch`, and what is said of those that were not carried out.

use super::{clean::clean, paint::Paint};
use crate::{
    commands::fix::{Change, Why},
    settings::Look,
    words::Message,
};
use similar::{ChangeTag, TextDiff};
use std::{
    borrow::Cow,
    io::{self, Write},
    time::Duration,
};

/// Lines that are shown around a change.
const CONTEXT: usize = 3;

/// How long the shortest diff is looked for; after that any will do. Only files with very many changes need it.
const LONGEST: Duration = Duration::from_secs(5);

/// Writes a change as a unified diff: byte for byte, or `shown` to a person, whose terminal nothing in it may steer.
///
/// # Errors
///
/// The writer's.
pub fn unified(out: &mut dyn Write, change: &Change, shown: bool, look: &Look) -> io::Result<()> {
    let path = clean(&change.old.path, look.unicode);
    for sign in ["---", "+++"] {
        writeln!(out, "{}", Paint::Strong.on(&format!("{sign} {path}"), look))?;
    }
    let (old, new) = (change.old.bytes(), change.new.bytes());
    let diff = TextDiff::configure().timeout(LONGEST).diff_lines(old, new);
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        writeln!(out, "{}", Paint::Info.on(&hunk.header().to_string(), look))?;
        for line in hunk.iter_changes() {
            let (sign, paint) = match line.tag() {
                ChangeTag::Equal => (' ', None),
                ChangeTag::Delete => ('-', Some(Paint::Error)),
                ChangeTag::Insert => ('+', Some(Paint::Added)),
            };
            let bytes: &[u8] = line.value();
            let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
            if shown {
                let text = format!("{sign}{}", fit(bytes, look));
                writeln!(out, "{}", paint.map_or(text.clone(), |it| it.on(&text, look)))?;
            } else {
                write!(out, "{sign}")?;
                out.write_all(bytes)?;
                out.write_all(b"\n")?;
            }
            if line.missing_newline() {
                writeln!(out, "\\ No newline at end of file")?;
            }
        }
    }
    Ok(())
}

/// A line fit for a terminal; tabs move nothing but the words behind them.
fn fit(bytes: &[u8], look: &Look) -> String {
    let text = String::from_utf8_lossy(bytes);
    let parts: Vec<Cow<'_, str>> = text.split('\t').map(|it| clean(it, look.unicode)).collect();
    parts.join("\t")
}

/// Why a fix was not carried out.
pub fn why(why: Why) -> Message {
    let (en, zh) = match why {
        Why::NotProven => (
            "not fixed: it is not proven that no verdict changes",
            "未修复：无法证明所有判决保持不变",
        ),
        Why::DoesNotLoad => (
            "not fixed: the file does not load, so nothing can be proven of it",
            "未修复：文件无法加载，因而无从证明",
        ),
        Why::WouldNotLoad => (
            "not fixed: the file would not load, or no better than before",
            "未修复：修复后文件仍无法加载",
        ),
        Why::MendsNothing => {
            ("not fixed: it would still be reported afterwards", "未修复：修复后仍会报告此问题")
        }
        Why::NotNamed => (
            "not fixed: the words stand in a file that was not named",
            "未修复：相关内容位于未指定的文件中",
        ),
        Why::NotReached => (
            "not fixed: too many rounds; another `--fix` goes on",
            "未修复：轮次已达上限；再次运行 `--fix` 可继续",
        ),
    };
    Message { en: en.into(), zh: zh.into() }
}
