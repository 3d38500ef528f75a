use regex_automata::meta::Regex;
use std::fmt;

/// What lints can be told.
#[derive(Debug, Clone)]
pub struct Options {
    /// Runs of more ports than this are a range, not services.
    pub wide_range: u16,
    /// Whether a suppression without a reason silences nothing.
    pub require_reason: bool,
    /// What the comment of a rule must look like; `None` where nothing is asked of it.
    pub comment: Option<CommentPattern>,
}

impl Options {
    /// The widest run of ports that can still be told service by service.
    pub const WIDEST: u16 = 1024;
}

impl Default for Options {
    fn default() -> Self {
        Self { wide_range: 100, require_reason: false, comment: None }
    }
}

/// What the comment of a rule must look like; displays as it is written.
#[derive(Debug, Clone)]
pub struct CommentPattern {
    text: String,
    regex: Regex,
}

impl CommentPattern {
    /// Reads a regular expression.
    ///
    /// # Errors
    ///
    /// Why it is none.
    pub fn new(text: &str) -> Result<Self, String> {
        let regex = Regex::new(text).map_err(|error| {
            let syntax = error.syntax_error().map(ToString::to_string);
            let said = syntax.unwrap_or_else(|| error.to_string());
            // The drawing above the last line is there for a terminal of its own.
            let last = said.lines().last().unwrap_or_default();
            last.trim_start_matches("error: ").to_owned()
        })?;
        Ok(Self { text: text.to_owned(), regex })
    }

    /// Whether any part of a comment looks so.
    pub fn is_in(&self, comment: &str) -> bool {
        self.regex.is_match(comment)
    }
}

impl fmt::Display for CommentPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::CommentPattern;

    #[test]
    fn a_comment_holds_what_is_asked_of_it() {
        let pattern = CommentPattern::new("^OPS-[0-9]+").expect("a pattern");
        assert!(pattern.is_in("OPS-4312 bastion") && !pattern.is_in("see OPS-4312"));
        let why = CommentPattern::new("OPS-[0-9").expect_err("a bracket is open");
        assert!(why.contains("unclosed character class"), "{why}");
    }
}
