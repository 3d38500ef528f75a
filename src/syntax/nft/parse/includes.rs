//! Where a file pulls in others, for whoever reads them.

use super::lexer::{self, Kind, Sign};
use crate::source::{Directive, Span};
use memchr::memmem;

/// The `include`s of a text, in order: where a statement can begin, and what is read next is read from the other file.
pub(in crate::syntax) fn includes(text: &str) -> Vec<Directive> {
    let mut found = Vec::new();
    // Most files have none, and are not worth a second reading.
    if memmem::find(text.as_bytes(), b"include").is_none() {
        return found;
    }
    let mut begins = true;
    let mut token = lexer::token(text, 0);
    loop {
        let next = lexer::token(text, token.span.end);
        match token.kind {
            Kind::End | Kind::OpenQuote => return found,
            Kind::Word if begins && next.kind == Kind::Quoted => {
                if text.get(token.span.range()) == Some("include") {
                    let path = Span::new(next.span.start + 1, next.span.end - 1);
                    let after = lexer::token(text, next.span.end);
                    let separated = ends(after.kind);
                    let resume = if separated { after.span.end } else { next.span.end };
                    found.push(Directive { span: token.span.to(next.span), path, resume });
                }
                begins = false;
            }
            Kind::Sign(Sign::Open | Sign::Close) => begins = true,
            kind => begins = ends(kind),
        }
        token = next;
    }
}

fn ends(kind: Kind) -> bool {
    matches!(kind, Kind::Newline | Kind::Sign(Sign::Semicolon))
}

#[cfg(test)]
mod tests {
    use super::includes;

    #[test]
    fn includes_are_found_where_a_statement_begins() {
        for (text, expected) in [
            ("include \"a\"\n", "a|"),
            ("include \"a\"; table t\n", "a| table t\n"),
            ("table t { include \"a\" }", "a| }"),
            ("table t {\n\tinclude \"a\" # why\n}\n", "a|}\n"),
            ("include \"a\"", "a|"),
            ("# include \"a\"\n", ""),
            ("define x = include \"a\"\n", ""),
            ("include a\n", ""),
            ("log prefix \"include\"\n", ""),
            ("x comment \"\ninclude \"a\"\n", ""),
        ] {
            let found = includes(text);
            let shown = found
                .iter()
                .map(|it| format!("{}|{}", &text[it.path.range()], &text[it.resume as usize..]));
            assert_eq!(shown.collect::<String>(), expected, "{text}");
        }
    }
}
