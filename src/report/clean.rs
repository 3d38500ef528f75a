//! Text of unknown origin, made fit for a terminal: nothing in it can move the cursor, paint, or turn the line around.

use crate::source::{SUBSTITUTE, is_hidden};
use std::borrow::Cow;

/// What stands for a character that must not reach the terminal; `None` for all others.
pub(super) fn picture(it: char, unicode: bool) -> Option<char> {
    let hidden = match it {
        // Nearly all there is.
        ' '..='~' => return None,
        // It stands for a byte that is not UTF-8.
        SUBSTITUTE => '\u{fffd}',
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(it)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        _ if is_hidden(it) => '\u{fffd}',
        _ => return None,
    };
    Some(if unicode { hidden } else { '?' })
}

/// `text` with a picture for every character that must not reach the terminal, line ends and tabs among them.
pub(super) fn clean(text: &str, unicode: bool) -> Cow<'_, str> {
    if !text.chars().any(|it| picture(it, unicode).is_some()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|it| picture(it, unicode).unwrap_or(it)).collect())
}

/// The same, but keeps line ends: for text of several lines.
pub(super) fn clean_lines(text: &str, unicode: bool) -> String {
    let lines: Vec<_> = text.lines().map(|line| clean(line, unicode)).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn nothing_that_steers_a_terminal_is_left() {
        assert_eq!(clean("a\u{1b}[31mb\u{202e}c\u{9b}d\r", true), "a␛[31mb\u{fffd}c\u{fffd}d␍");
        assert_eq!(clean("a\u{1b}\u{202e}", false), "a??");
        assert_eq!(clean("控制台 é", true), "控制台 é");
    }
}
