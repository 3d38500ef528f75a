//! Words of the user's file as they stand in a sentence.

use crate::source::SUBSTITUTE;

/// The most characters of the file that a sentence repeats.
const SHOWN: usize = 40;

/// `text` in backticks, its end left out where it is long, and nothing in it that a terminal would obey.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("`");
    let mut rest = text.trim().chars();
    for it in rest.by_ref().take(SHOWN) {
        push(&mut quoted, it);
    }
    if rest.next().is_some() {
        quoted.push('…');
    }
    quoted.push('`');
    quoted
}

fn push(quoted: &mut String, it: char) {
    match it {
        '\t' => quoted.push(' '),
        // A backtick would end the quotation, and the other stands for a byte that is no UTF-8.
        '`' => quoted.push('\''),
        SUBSTITUTE => quoted.push('\u{fffd}'),
        '"' | '\'' | '\\' => quoted.push(it),
        _ => quoted.extend(it.escape_debug()),
    }
}

/// `a`, `` `a` or `b` ``, `` `a`, `b` or `c` ``: names of ours in backticks, `before` in front of each.
pub(super) fn names<'n>(
    before: &str,
    names: impl IntoIterator<Item = &'n str>,
    comma: &str,
    last: &str,
) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{before}{name}`")).collect();
    match &names[..] {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., one] => format!("{}{last}{one}", first.join(comma)),
    }
}

#[cfg(test)]
mod tests {
    use super::{names, quoted};

    #[test]
    fn what_a_terminal_would_obey_is_spelled_out() {
        assert_eq!(quoted("a\u{1b}[31m\0b\u{202e}"), "`a\\u{1b}[31m\\0b\\u{202e}`");
        assert_eq!(quoted("say \"控制\" \\ `x`"), "`say \"控制\" \\ 'x'`");
    }

    #[test]
    fn a_long_word_loses_its_end() {
        assert_eq!(quoted(&"x".repeat(41)), format!("`{}…`", "x".repeat(40)));
        assert_eq!(quoted(&"x".repeat(40)), format!("`{}`", "x".repeat(40)));
    }

    #[test]
    fn names_are_joined_as_a_sentence_joins_them() {
        assert_eq!(names("--", ["a", "b", "c"], ", ", " or "), "`--a`, `--b` or `--c`");
        assert_eq!(names("", ["a"], ", ", " or "), "`a`");
    }
}
