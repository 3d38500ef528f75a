//! Text in columns: as wide as what stands in them, and wrapped where a line has no room for that.

use super::super::{
    paint::Paint,
    text::clip::{cells, wrap},
};
use crate::settings::Look;

/// Between columns.
const GAP: usize = 2;
/// No column that may be wrapped gets narrower.
const NARROWEST: usize = 10;

/// What stands in one place of a table.
#[derive(Debug, Clone)]
pub(super) struct Field {
    /// The text, on one line.
    pub(super) text: String,
    /// How it is painted.
    pub(super) paint: Option<Paint>,
}

impl Field {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), paint: None }
    }

    pub(super) fn painted(text: impl Into<String>, paint: Paint) -> Self {
        Self { text: text.into(), paint: Some(paint) }
    }
}

/// A row of fields, and what is said below it across all columns.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) fields: Vec<Field>,
    pub(super) notes: Vec<String>,
}

/// How wide a table is where nothing is wrapped but the first column, to `first` cells.
pub(super) fn least(head: &[&str], rows: &[Row], first: usize) -> usize {
    let mut widths = widths(head, rows);
    if let Some(own) = widths.first_mut() {
        *own = first.min(*own);
    }
    total(&widths)
}

fn widths(head: &[&str], rows: &[Row]) -> Vec<usize> {
    let width = |column: usize| {
        let fields = rows.iter().filter_map(|row| row.fields.get(column));
        let widest = fields.map(|field| cells(&field.text)).max().unwrap_or(0);
        widest.max(head.get(column).map_or(0, |text| cells(text)))
    };
    (0..head.len()).map(width).collect()
}

/// The lines of a table, `indent` cells from the left, at most `look.width` cells wide where words can be wrapped.
pub(super) fn lines(head: &[&str], rows: &[Row], indent: usize, look: &Look) -> Vec<String> {
    let mut widths = widths(head, rows);
    let room = look.width.saturating_sub(indent);
    // The widest gives way first.
    while total(&widths) > room {
        let Some(widest) = widths.iter_mut().max() else { break };
        if *widest <= NARROWEST {
            break;
        }
        *widest -= 1;
    }
    let margin = " ".repeat(indent);
    let mut lines = Vec::new();
    let titles: Vec<Field> = head.iter().map(|text| Field::painted(*text, Paint::Faint)).collect();
    push(&mut lines, &margin, &titles, &widths, look);
    let dash = if look.unicode { "─" } else { "-" };
    lines
        .push(Paint::Faint.on(&format!("{margin}{}", dash.repeat(total(&widths).min(room))), look));
    for row in rows {
        push(&mut lines, &margin, &row.fields, &widths, look);
        for note in &row.notes {
            let room = look.width.saturating_sub(indent + GAP);
            let wrapped = wrap(note, room);
            lines.extend(
                wrapped.lines().map(|line| {
                    format!("{margin}{}{}", " ".repeat(GAP), Paint::Faint.on(line, look))
                }),
            );
        }
    }
    lines
}

fn total(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
}

/// Adds a row as the lines that it takes.
fn push(lines: &mut Vec<String>, margin: &str, fields: &[Field], widths: &[usize], look: &Look) {
    let columns: Vec<Vec<String>> =
        fields.iter().zip(widths).map(|(field, width)| pieces(&field.text, *width)).collect();
    let height = columns.iter().map(Vec::len).max().unwrap_or(0);
    for at in 0..height {
        let mut line = margin.to_owned();
        let mut missing = 0;
        for ((column, field), width) in columns.iter().zip(fields).zip(widths) {
            let text = column.get(at).map_or("", String::as_str);
            if !text.is_empty() {
                line.push_str(&" ".repeat(missing));
                missing = 0;
                line.push_str(&field.paint.map_or_else(|| text.to_owned(), |it| it.on(text, look)));
            }
            missing += width.saturating_sub(cells(text)) + GAP;
        }
        lines.push(line);
    }
}

/// A text in lines of at most `width` cells; a word that is longer is broken.
fn pieces(text: &str, width: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    for line in wrap(text, width).lines() {
        let mut rest = String::new();
        for it in line.chars() {
            let mut longer = rest.clone();
            longer.push(it);
            if cells(&longer) > width && !rest.is_empty() {
                pieces.push(std::mem::take(&mut rest));
            }
            rest.push(it);
        }
        pieces.push(rest);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::{Field, Row, cells, lines};
    use crate::settings::Look;

    fn table(width: usize, rows: &[[&str; 2]]) -> Vec<String> {
        let row = |fields: &[&str; 2]| Row {
            fields: fields.iter().map(|text| Field::plain(*text)).collect(),
            notes: Vec::new(),
        };
        let rows: Vec<Row> = rows.iter().map(row).collect();
        lines(&["服务", "IPv4"], &rows, 0, &Look { width, ..Look::PLAIN })
    }

    #[test]
    fn wide_characters_stand_in_their_columns() {
        let lines = table(100, &[["tcp/22", "OPEN"], ["其他协议", "关闭"]]);
        assert_eq!(
            lines,
            ["服务      IPv4", "──────────────", "tcp/22    OPEN", "其他协议  关闭",]
        );
    }

    #[test]
    fn a_long_field_is_wrapped_and_no_line_is_too_long() {
        let long = "one two three four five six seven eight";
        let lines = table(30, &[[long, "OPEN"], [&"z".repeat(60), "closed"]]);
        assert!(lines.iter().all(|line| cells(line) <= 30), "{lines:#?}");
        assert_eq!(lines.concat().matches('z').count(), 60);
        assert!(lines[2].ends_with("OPEN"), "{lines:#?}");
    }
}
