//! Which part of a long line is shown, and where text is broken.

use super::super::clean::picture;
use crate::source::Span;
use unicode_width::UnicodeWidthChar;

/// The parts of `line` that are shown, in order: all of it if it fits, else what stands around the labels.
pub(super) fn windows(text: &str, line: Span, labels: &[Span], room: usize) -> Vec<Span> {
    if line.len() as usize <= room * 4 && cells(&text[line.range()]) <= room {
        return vec![line];
    }
    if labels.is_empty() {
        return vec![Span::new(line.start, forward(text, line.start, room - 4, line.end))];
    }
    let share = (room / labels.len().min(3)).max(24);
    let around = |label: &Span| {
        let start = label.start.min(line.end);
        let end = forward(text, start, share - 8, label.end.clamp(start, line.end));
        // Two cells on each side are for the sign that something is left out.
        let margin = (share - cells(&text[start as usize..end as usize]).min(share)) / 2;
        let margin = margin.saturating_sub(2);
        let from = back(text, start, margin, line.start);
        Span::new(from, forward(text, end, margin, line.end))
    };
    let mut around: Vec<_> = labels.iter().map(around).collect();
    around.sort();
    let mut windows: Vec<Span> = Vec::new();
    for window in around {
        match windows.last_mut().filter(|last| window.start <= last.end + 4) {
            Some(last) => last.end = last.end.max(window.end),
            None => windows.push(window),
        }
    }
    // A gap is no shorter than the sign for it.
    if let Some(first) = windows.first_mut().filter(|it| it.start <= line.start + 3) {
        first.start = line.start;
    }
    if let Some(last) = windows.last_mut().filter(|it| it.end + 3 >= line.end) {
        last.end = line.end;
    }
    windows
}

/// How many cells a terminal takes for `text`.
pub(in crate::report) fn cells(text: &str) -> usize {
    text.chars().map(cell).sum()
}

fn cell(it: char) -> usize {
    match it {
        '\t' => 4,
        _ if picture(it, true).is_some() => 1,
        _ => it.width().unwrap_or(1),
    }
}

/// The end of at most `room` cells from `at` on, not past `limit`.
fn forward(text: &str, at: u32, room: usize, limit: u32) -> u32 {
    let mut end = at;
    let mut used = 0;
    for it in text[at as usize..limit as usize].chars() {
        // A million combining marks take no cell and all the same too much room.
        used += cell(it).max(1);
        if used > room {
            break;
        }
        end += bytes(it);
    }
    end
}

/// The start of at most `room` cells up to `at`, not before `limit`.
fn back(text: &str, at: u32, room: usize, limit: u32) -> u32 {
    let mut start = at;
    let mut used = 0;
    for it in text[limit as usize..at as usize].chars().rev() {
        used += cell(it).max(1);
        if used > room {
            break;
        }
        start -= bytes(it);
    }
    start
}

fn bytes(it: char) -> u32 {
    u32::try_from(it.len_utf8()).expect("a character is four bytes at most")
}

/// `text` in lines of at most `room` cells, broken at blanks and between wide characters.
pub(super) fn wrap(text: &str, room: usize) -> String {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for piece in pieces(paragraph) {
            if !line.is_empty() && cells(&line) + cells(piece.trim_end()) > room {
                lines.push(line.trim_end().to_owned());
                line.clear();
            }
            line.push_str(piece);
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

/// Parts that a line may be broken between: words with the blanks after them, and wide characters with what must not
/// stand at the start of a line after them.
fn pieces(text: &str) -> Vec<&str> {
    const CLOSING: &str = ",。、;:!?)》」』】”’,.;:!?)]}%`";
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (at, it) in text.char_indices() {
        let wide = |it: char| it.width() == Some(2);
        let breaks = before.is_some_and(|before: char| {
            let after_blank = before == ' ' && it != ' ';
            let beside_wide = (wide(before) || wide(it)) && it != ' ' && !CLOSING.contains(it);
            after_blank || (beside_wide && !"(《「『【“‘(`".contains(before))
        });
        if breaks {
            pieces.push(&text[start..at]);
            start = at;
        }
        before = Some(it);
    }
    pieces.push(&text[start..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::{Span, cells, windows, wrap};

    fn shown(line: &str, labels: &[(u32, u32)], room: usize) -> Vec<String> {
        let whole = Span::new(0, u32::try_from(line.len()).expect("short"));
        let labels: Vec<_> = labels.iter().map(|(start, end)| Span::new(*start, *end)).collect();
        let windows = windows(line, whole, &labels, room);
        windows.into_iter().map(|it| line[it.range()].to_owned()).collect()
    }

    #[test]
    fn a_line_that_fits_is_whole() {
        assert_eq!(shown("-A INPUT -j DROP", &[(3, 8)], 40), ["-A INPUT -j DROP"]);
    }

    #[test]
    fn a_long_line_is_cut_to_its_labels() {
        let line = format!("{}中文{}", "a".repeat(1000), "b".repeat(1000));
        let windows = shown(&line, &[(1000, 1006)], 40);
        assert_eq!(windows, [format!("{}中文{}", "a".repeat(16), "b".repeat(16))]);
        let far = shown(&line, &[(0, 3), (1900, 1903)], 80);
        assert_eq!(far.len(), 2);
        assert!(far.iter().all(|window| cells(window) <= 40));
    }

    #[test]
    fn a_label_wider_than_the_room_is_cut_too() {
        let line = "x".repeat(100_000);
        assert!(shown(&line, &[(100, 90_000)], 80).iter().all(|it| it.len() <= 80));
    }

    #[test]
    fn marks_without_width_take_room() {
        let line = format!("a{}", "\u{300}".repeat(100_000));
        assert!(shown(&line, &[(0, 1)], 80).iter().all(|it| it.len() <= 400));
    }

    #[test]
    fn text_breaks_at_blanks_and_between_wide_characters() {
        assert_eq!(wrap("one two three", 8), "one two\nthree");
        assert_eq!(wrap("规则放行全部端口,请写明。", 10), "规则放行全\n部端口,请\n写明。");
        assert_eq!(wrap("a-very-long-word", 4), "a-very-long-word");
    }
}
