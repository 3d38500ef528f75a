//! Commands that hold others.

use super::{Parser, Read, ends, name, open, span};
use crate::syntax::{
    Error, ErrorKind, ShellError,
    script::tree::{Arm, Node, NodeKind, Word},
};

impl Parser<'_> {
    // compound := if | while | until | for | case | group | subshell | test | arithmetic | function
    pub(super) fn compound(&mut self) -> Read<Option<NodeKind>> {
        let start = self.at;
        if self.rest().starts_with("((") {
            self.balanced(start, "((")?;
            return Ok(Some(NodeKind::Arithmetic));
        }
        if self.takes("(") {
            let nodes = self.list();
            self.close(start, ")", "(")?;
            return Ok(Some(NodeKind::Subshell(nodes)));
        }
        if self.reserved("{") {
            let nodes = self.list();
            self.close(start, "}", "{")?;
            return Ok(Some(NodeKind::Group(nodes)));
        }
        if self.reserved("[[") {
            return self.test(start).map(Some);
        }
        if self.reserved("if") {
            return self.conditional(start).map(Some);
        }
        for (word, until) in [("while", false), ("until", true)] {
            if self.reserved(word) {
                let condition = self.list();
                let body = self.loop_body(start, word)?;
                return Ok(Some(NodeKind::While { condition, until, body }));
            }
        }
        for word in ["for", "select"] {
            if self.reserved(word) {
                return self.counted(start, word).map(Some);
            }
        }
        if self.reserved("case") {
            return self.case(start).map(Some);
        }
        if self.reserved("function") {
            self.blanks();
            let word = self.word()?;
            self.takes_parentheses();
            let node = self.function(start, word.literal().unwrap_or_default())?;
            return Ok(Some(node.kind));
        }
        Ok(None)
    }

    /// Takes the word that closes what `what` at `start` opened.
    fn close(&mut self, start: usize, word: &str, what: &'static str) -> Read<()> {
        let found = if word == ")" { self.takes(word) } else { self.reserved(word) };
        if found {
            return Ok(());
        }
        self.lacks(start, what)
    }

    /// The error of something that is never closed, or of the wrong word where its own should stand.
    fn lacks<T>(&mut self, start: usize, what: &'static str) -> Read<T> {
        if self.at >= self.text.len() {
            return Err(open(start, start + what.len(), what));
        }
        let kind = ErrorKind::Shell(ShellError::Unexpected);
        Err(Error { span: span(self.at, self.word_end()), kind })
    }

    // if := "if" list "then" list ("elif" list "then" list)* ("else" list)? "fi"
    fn conditional(&mut self, start: usize) -> Read<NodeKind> {
        let mut branches = Vec::new();
        loop {
            let condition = self.list();
            self.close(start, "then", "if")?;
            let body = self.list();
            branches.push((condition, body));
            if !self.reserved("elif") {
                break;
            }
        }
        let otherwise = if self.reserved("else") { self.list() } else { Vec::new() };
        self.close(start, "fi", "if")?;
        Ok(NodeKind::If { branches, otherwise })
    }

    // body := (";" | NL)* "do" list "done"
    fn loop_body(&mut self, start: usize, what: &'static str) -> Read<Vec<Node>> {
        self.separators();
        if self.reserved("{") {
            let body = self.list();
            self.close(start, "}", what)?;
            return Ok(body);
        }
        self.close(start, "do", what)?;
        let body = self.list();
        self.close(start, "done", what)?;
        Ok(body)
    }

    // for := "for" name ("in" word*)? body | "for" "((" any* "))" body
    fn counted(&mut self, start: usize, what: &'static str) -> Read<NodeKind> {
        self.blanks();
        if self.rest().starts_with("((") {
            let at = self.at;
            self.balanced(at, "((")?;
            let condition = vec![Node {
                span: span(at, self.at),
                kind: NodeKind::Arithmetic,
                redirects: Vec::new(),
            }];
            let body = self.loop_body(start, what)?;
            return Ok(NodeKind::While { condition, until: false, body });
        }
        let Some(name) = self.take(name).map(str::to_owned) else { return self.lacks(start, what) };
        self.newlines();
        let mut words = None;
        if self.reserved("in") {
            let mut list: Vec<Word> = Vec::new();
            loop {
                self.blanks();
                let word = self.word()?;
                if word.parts.is_empty() {
                    break;
                }
                list.push(word);
            }
            words = Some(list);
        }
        let body = self.loop_body(start, what)?;
        Ok(NodeKind::For { name, words, body })
    }

    // case := "case" word NL* "in" (NL | arm)* "esac"
    fn case(&mut self, start: usize) -> Read<NodeKind> {
        self.blanks();
        let subject = self.word()?;
        self.newlines();
        self.close(start, "in", "case")?;
        let mut arms = Vec::new();
        loop {
            self.separators();
            if self.reserved("esac") {
                return Ok(NodeKind::Case { subject, arms });
            }
            if self.at >= self.text.len() {
                return self.lacks(start, "case");
            }
            arms.push(self.arm(start)?);
        }
    }

    // arm := "("? word ("|" word)* ")" list (";;" | ";&" | ";;&")?
    fn arm(&mut self, start: usize) -> Read<Arm> {
        self.takes("(");
        let mut patterns = Vec::new();
        loop {
            self.blanks();
            let word = self.word()?;
            if word.parts.is_empty() {
                return self.lacks(start, "case");
            }
            patterns.push(word);
            self.blanks();
            if self.takes(")") {
                break;
            }
            if !self.takes("|") {
                return self.lacks(start, "case");
            }
        }
        let body = self.list();
        if self.takes(";;") {
            self.takes("&");
        }
        Ok(Arm { patterns, body })
    }

    // test := "[[" (word | operator)* "]]"
    fn test(&mut self, start: usize) -> Read<NodeKind> {
        let mut words = Vec::new();
        loop {
            self.newlines();
            if self.at >= self.text.len() {
                return Err(open(start, start + 2, "[["));
            }
            if self.rest().strip_prefix("]]").is_some_and(ends) {
                self.at += 2;
                return Ok(NodeKind::Test(words));
            }
            let mut word = self.word()?;
            if word.parts.is_empty() {
                let from = self.at;
                let double = self.rest().starts_with("&&") || self.rest().starts_with("||");
                self.at += if double { 2 } else { self.word_end().min(self.at + 1) - self.at };
                word = Word::operator(span(from, self.at), &self.text[from..self.at]);
            }
            words.push(word);
        }
    }
}
