//! For a page or a comment: a heading a host, a table a section.

use super::{
    super::clean::clean,
    words::{self, Names},
};
use crate::{
    commands::review::{Answer, Assumption, Host, Line, Review},
    settings::{Look, Settings},
    words::{Language, Text},
};
use std::io::{self, Write};

pub(super) fn write(
    out: &mut dyn Write,
    review: &Review,
    settings: &Settings,
    look: &Look,
) -> io::Result<()> {
    if review.hosts.is_empty() {
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

/// Text of unknown origin that stays text: no markup, no cell of its own.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for it in clean(text, true).chars() {
        if matches!(it, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&') {
            plain.push('\\');
        }
        plain.push(it);
    }
    plain
}

/// Text as code: a run of backticks longer than any in it stands around it.
fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let text = clean(text, true).replace('|', "\\|");
    let mut longest = 0;
    let mut run = 0;
    for it in text.chars() {
        run = if it == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let blank = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{blank}{text}{blank}{fence}")
}

impl Page<'_> {
    fn host(&self, out: &mut dyn Write, host: &Host) -> io::Result<()> {
        writeln!(out, "## {}", plain(&host.name))?;
        writeln!(out, "\n{}", words::title(self.review, host, "·", self.language))?;
        if !host.complete {
            writeln!(out, "\n**{}**", words::INCOMPLETE.get(self.language))?;
        } else if host.lines.is_empty() && host.passed_over == 0 {
            writeln!(out, "\n{}", words::nothing_open(host).get(self.language))?;
        }
        let zoned = !host.assumptions.contains(&Assumption::NoZones);
        for section in host.lines.chunk_by(|a, b| a.class == b.class) {
            self.section(out, section, zoned)?;
        }
        if host.passed_over > 0 {
            writeln!(out, "\n{}", words::passed_over(host.passed_over).get(self.language))?;
        }
        let (lockout, basics): (Vec<&Answer>, Vec<&Answer>) =
            host.answers.iter().partition(|it| it.question.is_lockout());
        self.answers(out, words::LOCKOUT, &lockout)?;
        self.answers(out, words::BASICS, &basics)?;
        self.stance(out, host)?;
        if let Some(differences) = host.differences {
            let said = words::parity(differences);
            self.heading(out, words::PARITY)?;
            writeln!(out, "{}", said.get(self.language))?;
        }
        if let Some(said) = words::containers(&host.containers) {
            self.heading(out, words::CONTAINERS)?;
            writeln!(out, "{}", plain(said.get(self.language)))?;
        }
        if !host.assumptions.is_empty() {
            self.heading(out, words::ASSUMPTIONS)?;
            for assumption in &host.assumptions {
                writeln!(out, "- {}", plain(assumption.text().get(self.language)))?;
            }
        }
        Ok(())
    }

    fn heading(&self, out: &mut dyn Write, title: Text) -> io::Result<()> {
        writeln!(out, "\n### {}\n", title.get(self.language))
    }

    fn section(&self, out: &mut dyn Write, lines: &[Line], zoned: bool) -> io::Result<()> {
        let Some(first) = lines.first() else { return Ok(()) };
        self.heading(out, words::section(first.class, zoned))?;
        let head = words::HEAD.iter().map(|it| it.get(self.language));
        let notes = Text { en: "Notes", zh: "备注" }.get(self.language);
        let head: Vec<&str> = head.chain([notes]).collect();
        writeln!(out, "| {} |\n|{}", head.join(" | "), "---|".repeat(head.len()))?;
        let most = if self.look.verbose { usize::MAX } else { words::MOST_LINES };
        for line in lines.iter().take(most) {
            let cell = |at: usize| {
                let cell = line.cells[at];
                let word = words::cell(cell).get(self.language);
                if cell.is_open() { format!("**{word}**") } else { word.to_owned() }
            };
            let notes = words::notes(line, self.language);
            let fields = [
                code(&words::service(line, self.language)),
                cell(0),
                cell(1),
                words::paths(line, self.language),
                code(&self.names.places(line, self.language)),
                words::declared(line.declared).get(self.language).to_owned(),
                line.findings.join(" "),
                plain(&notes.join("; ")),
            ];
            writeln!(out, "| {} |", fields.join(" | "))?;
        }
        let more = lines.len().saturating_sub(most);
        if more > 0 {
            writeln!(out, "\n{}", words::more(more).get(self.language))?;
        }
        Ok(())
    }

    fn answers(&self, out: &mut dyn Write, title: Text, answers: &[&Answer]) -> io::Result<()> {
        if answers.is_empty() {
            return Ok(());
        }
        self.heading(out, title)?;
        for answer in answers {
            let word = words::verdict(answer.verdict).get(self.language);
            let question = answer.question.text().get(self.language);
            let place = answer.decided_by.map_or_else(String::new, |it| self.names.place(it));
            let (place, witness) = (code(&place), code(&answer.witness));
            let depends: Vec<&str> =
                answer.depends_on.iter().map(|it| it.get(self.language)).collect();
            let depends = match (depends.is_empty(), self.language) {
                (true, _) => String::new(),
                (false, Language::En) => format!(" (depends on {})", plain(&depends.join(", "))),
                (false, Language::Zh) => format!("（取决于 {}）", plain(&depends.join("、"))),
            };
            let family = answer.family.name();
            let line = format!("- **{word}** {family}, {question} {witness} {place}");
            writeln!(out, "{}{depends}", line.trim_end())?;
        }
        Ok(())
    }

    fn stance(&self, out: &mut dyn Write, host: &Host) -> io::Result<()> {
        if host.stances.is_empty() {
            return Ok(());
        }
        self.heading(out, words::STANCE)?;
        let hook = Text { en: "Hook", zh: "钩子" }.get(self.language);
        let findings = words::HEAD[6].get(self.language);
        writeln!(out, "| {hook} | IPv4 | IPv6 | {findings} |\n|---|---|---|---|")?;
        for it in &host.stances {
            let [ipv4, ipv6] = [it.ipv4, it.ipv6].map(|it| words::stance(it).get(self.language));
            let name = words::hook(it.hook).get(self.language);
            writeln!(out, "| {name} | {ipv4} | {ipv6} | {} |", it.findings.join(" "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{code, plain};

    #[test]
    fn what_a_file_says_is_no_markup() {
        assert_eq!(plain("a|b <img> *c*"), "a\\|b \\<img\\> \\*c\\*");
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code(""), "");
    }
}
