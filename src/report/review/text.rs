//! In columns, for people.

use super::{
    super::{
        clean::clean,
        paint::Paint,
        text::clip::{cells, wrap},
    },
    table::{self, Field, Row},
    words::{self, Names},
};
use crate::{
    commands::review::{Answer, Assumption, Cell, Host, Line, Review},
    settings::{Look, Settings},
    words::{Language, Text},
};
use std::io::{self, Write};

const INDENT: usize = 2;
/// The first column is wrapped to this many cells before other columns go below.
const FIRST: usize = 30;

pub(super) fn write(
    out: &mut dyn Write,
    review: &Review,
    settings: &Settings,
    look: &Look,
) -> io::Result<()> {
    if review.hosts.is_empty() && !look.quiet {
        writeln!(out, "{}", words::NO_FILE.get(settings.language))?;
    }
    for (host, index) in review.hosts.iter().zip(0..) {
        if index > 0 {
            writeln!(out)?;
        }
        let names = Names::of(review, host);
        let page = Page { review, names, language: settings.language, look };
        page.host(out, host)?;
    }
    Ok(())
}

struct Page<'p> {
    review: &'p Review,
    names: Names<'p>,
    language: Language,
    look: &'p Look,
}

impl Page<'_> {
    fn clean(&self, text: &str) -> String {
        clean(text, self.look.unicode).into_owned()
    }

    fn host(&self, out: &mut dyn Write, host: &Host) -> io::Result<()> {
        let dot = if self.look.unicode { "·" } else { "-" };
        let title = words::title(self.review, host, dot, self.language);
        let name = self.clean(&host.name);
        let title = wrap(&format!("{name} {dot} {title}"), self.look.width);
        let (first, rest) = title.split_at(name.len().min(title.len()));
        writeln!(out, "{}{rest}", Paint::Strong.on(first, self.look))?;
        if !host.complete {
            self.paragraph(out, "", words::INCOMPLETE.get(self.language))?;
        } else if host.lines.is_empty() && host.passed_over == 0 {
            self.paragraph(out, "", words::nothing_open(host).get(self.language))?;
        }
        let zoned = !host.assumptions.contains(&Assumption::NoZones);
        for section in host.lines.chunk_by(|a, b| a.class == b.class) {
            self.section(out, section, zoned)?;
        }
        if host.passed_over > 0 {
            writeln!(out)?;
            self.paragraph(out, "", words::passed_over(host.passed_over).get(self.language))?;
        }
        if self.look.quiet {
            return Ok(());
        }
        let (lockout, basics): (Vec<&Answer>, Vec<&Answer>) =
            host.answers.iter().partition(|it| it.question.is_lockout());
        self.answers(out, words::LOCKOUT, &lockout)?;
        self.answers(out, words::BASICS, &basics)?;
        self.stance(out, host)?;
        if let Some(differences) = host.differences {
            let said = words::parity(differences);
            self.entry(out, words::PARITY, said.get(self.language))?;
        }
        if let Some(said) = words::containers(&host.containers) {
            self.entry(out, words::CONTAINERS, said.get(self.language))?;
        }
        if !host.assumptions.is_empty() {
            self.heading(out, words::ASSUMPTIONS)?;
            for assumption in &host.assumptions {
                let sign = if self.look.unicode { "· " } else { "- " };
                self.paragraph(out, sign, assumption.text().get(self.language))?;
            }
        }
        Ok(())
    }

    fn heading(&self, out: &mut dyn Write, title: Text) -> io::Result<()> {
        writeln!(out, "\n{}", Paint::Strong.on(title.get(self.language), self.look))
    }

    fn entry(&self, out: &mut dyn Write, title: Text, text: &str) -> io::Result<()> {
        self.heading(out, title)?;
        self.paragraph(out, "", text)
    }

    /// Wrapped text behind a sign.
    fn paragraph(&self, out: &mut dyn Write, sign: &str, text: &str) -> io::Result<()> {
        let text = self.clean(text);
        let margin = INDENT + cells(sign);
        let wrapped = wrap(&text, self.look.width.saturating_sub(margin));
        let mut sign = sign;
        for line in wrapped.lines() {
            writeln!(out, "{}{sign}{line}", " ".repeat(margin - cells(sign)))?;
            sign = "";
        }
        Ok(())
    }

    fn section(&self, out: &mut dyn Write, lines: &[Line], zoned: bool) -> io::Result<()> {
        let Some(first) = lines.first() else { return Ok(()) };
        self.heading(out, words::section(first.class, zoned))?;
        let most = if self.look.verbose { usize::MAX } else { words::MOST_LINES };
        let shown = &lines[..lines.len().min(most)];
        let head: Vec<&str> = words::HEAD.iter().map(|it| it.get(self.language)).collect();
        let rows: Vec<Row> = shown.iter().map(|line| self.row(line)).collect();
        // Where the columns do not fit, what decides stands below.
        let narrow = table::least(&head, &rows, FIRST) + INDENT > self.look.width;
        let (head, rows) = if narrow {
            (&head[..4], rows.into_iter().map(|it| self.folded(it)).collect())
        } else {
            (&head[..], rows)
        };
        for line in table::lines(head, &rows, INDENT, self.look) {
            writeln!(out, "{line}")?;
        }
        let more = lines.len() - shown.len();
        if more > 0 {
            self.paragraph(out, "", words::more(more).get(self.language))?;
        }
        Ok(())
    }

    fn row(&self, line: &Line) -> Row {
        let cell = |cell: Cell| {
            let paint = match cell {
                Cell::Open | Cell::Limited | Cell::Partly => Some(Paint::Warning),
                Cell::Maybe => Some(Paint::Info),
                Cell::Closed | Cell::NotGiven => Some(Paint::Faint),
            };
            Field { text: words::cell(cell).get(self.language).to_owned(), paint }
        };
        let fields = vec![
            Field::plain(self.clean(&words::service(line, self.language))),
            cell(line.cells[0]),
            cell(line.cells[1]),
            Field::plain(words::paths(line, self.language)),
            Field::plain(self.clean(&self.names.places(line, self.language))),
            Field::plain(words::declared(line.declared).get(self.language)),
            Field::plain(line.findings.join(" ")),
        ];
        let notes = words::notes(line, self.language);
        Row { fields, notes: notes.iter().map(|it| self.clean(it)).collect() }
    }

    /// The row with its last three columns as a note.
    fn folded(&self, mut row: Row) -> Row {
        let folded = row.fields.split_off(4);
        let [places, declared, findings] = &folded[..] else { return row };
        let title = words::HEAD[5].get(self.language);
        let colon = if self.language == Language::Zh { "：" } else { ": " };
        let mut note = format!("{}  {title}{colon}{}", places.text, declared.text);
        if !findings.text.is_empty() {
            note.push_str("  ");
            note.push_str(&findings.text);
        }
        row.notes.insert(0, note);
        row
    }

    fn answers(&self, out: &mut dyn Write, title: Text, answers: &[&Answer]) -> io::Result<()> {
        if answers.is_empty() {
            return Ok(());
        }
        self.heading(out, title)?;
        let questions = answers.iter().map(|it| cells(it.question.text().get(self.language)));
        let widest = questions.max().unwrap_or(0);
        for answer in answers {
            let question = answer.question.text().get(self.language);
            let gap = " ".repeat(widest - cells(question));
            let word = words::verdict(answer.verdict).get(self.language);
            let paint = match word {
                "yes" | "是" => Paint::Strong,
                "maybe" | "可能" => Paint::Info,
                _ => Paint::Error,
            };
            let family = answer.family.name();
            let place = answer.decided_by.map_or_else(String::new, |it| self.names.place(it));
            let place = self.clean(&place);
            let start = format!("  {family}  {question}{gap}  ");
            let fits = cells(&start) + cells(word) + 2 + cells(&place) <= self.look.width;
            let beside = if fits { place.as_str() } else { "" };
            let line = format!("{start}{}  {beside}", Paint::on(paint, word, self.look));
            writeln!(out, "{}", line.trim_end())?;
            if !fits {
                self.faint(out, &place)?;
            }
            let mut note = answer.witness.clone();
            if !answer.depends_on.is_empty() {
                let all: Vec<&str> =
                    answer.depends_on.iter().map(|it| it.get(self.language)).collect();
                note = match self.language {
                    Language::En => format!("{note} (depends on {})", all.join(", ")),
                    Language::Zh => format!("{note}（取决于 {}）", all.join("、")),
                };
            }
            self.faint(out, &self.clean(&note))?;
        }
        Ok(())
    }

    /// What stands below an answer.
    fn faint(&self, out: &mut dyn Write, text: &str) -> io::Result<()> {
        let wrapped = wrap(text, self.look.width.saturating_sub(8));
        wrapped
            .lines()
            .try_for_each(|line| writeln!(out, "        {}", Paint::Faint.on(line, self.look)))
    }

    fn stance(&self, out: &mut dyn Write, host: &Host) -> io::Result<()> {
        if host.stances.is_empty() {
            return Ok(());
        }
        self.heading(out, words::STANCE)?;
        for hook in &host.stances {
            let [ipv4, ipv6] =
                [hook.ipv4, hook.ipv6].map(|it| words::stance(it).get(self.language));
            let name = words::hook(hook.hook).get(self.language);
            let gap = " ".repeat(8_usize.saturating_sub(cells(name)));
            let findings = hook.findings.join(" ");
            writeln!(out, "{}", format!("  {name}{gap} {ipv4} / {ipv6}  {findings}").trim_end())?;
        }
        Ok(())
    }
}
