//! What `[ … ]` and `[[ … ]]` come to where the words tell.

use super::{Status, env::Field, program};

/// The result of a test; `patterns` where the right of `=` is a pattern.
pub(super) fn test(words: &[Field], patterns: bool) -> Status {
    let mut reader = Reader { words, at: 0, patterns };
    let status = reader.any();
    if reader.at < words.len() { Status::Unknown } else { status }
}

struct Reader<'a> {
    words: &'a [Field],
    at: usize,
    patterns: bool,
}

impl Reader<'_> {
    fn is(&self, at: usize, words: &[&str]) -> bool {
        let word = self.words.get(at).filter(|it| it.unknown == 0);
        word.is_some_and(|it| words.contains(&it.text.as_str()))
    }

    // any := all (("-o" | "||") all)*
    fn any(&mut self) -> Status {
        let mut status = self.all();
        while self.is(self.at, &["-o", "||"]) {
            self.at += 1;
            status = status.or(self.all());
        }
        status
    }

    // all := one (("-a" | "&&") one)*
    fn all(&mut self) -> Status {
        let mut status = self.one();
        while self.is(self.at, &["-a", "&&"]) {
            self.at += 1;
            status = status.and(self.one());
        }
        status
    }

    // one := "!" one | "(" any ")" | word operator word | operator word | word
    fn one(&mut self) -> Status {
        let binary = [
            "=", "==", "!=", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "=~", "<", ">", "-nt",
            "-ot", "-ef",
        ];
        if self.is(self.at + 1, &binary) {
            return self.binary();
        }
        if self.is(self.at, &["!"]) {
            self.at += 1;
            return self.one().not();
        }
        if self.is(self.at, &["("]) {
            self.at += 1;
            let status = self.any();
            self.at += usize::from(self.is(self.at, &[")"]));
            return status;
        }
        let Some(word) = self.words.get(self.at) else {
            // `[ ]` is false; so is `[ $X ]` with an empty `X`.
            return Status::Failure;
        };
        let is_operator = word.unknown == 0 && word.text.len() == 2 && word.text.starts_with('-');
        let ended =
            self.words.len() == self.at + 1 || self.is(self.at + 1, &["-a", "-o", "&&", "||", ")"]);
        if is_operator && !ended {
            self.at += 2;
            return unary(&word.text, &self.words[self.at - 1]);
        }
        self.at += 1;
        match word.text.as_str() {
            // `[ -n $X ]` with an empty `X` asks whether `-n` is a text.
            _ if word.unknown > 0 => Status::Unknown,
            text => Status::of(!text.is_empty()),
        }
    }

    fn binary(&mut self) -> Status {
        let left = &self.words[self.at];
        let operator = self.words[self.at + 1].text.as_str();
        let right = self.words.get(self.at + 2);
        self.at += 3;
        let Some(right) = right else { return Status::Unknown };
        if left.unknown > 0 || right.unknown > 0 {
            return Status::Unknown;
        }
        let number = |it: &Field| it.text.trim().parse::<i64>().ok();
        let numbers = number(left).zip(number(right));
        let by_number = |compare: fn(&i64, &i64) -> bool| {
            numbers.map_or(Status::Unknown, |(left, right)| Status::of(compare(&left, &right)))
        };
        let equal = || {
            if self.patterns { matches(&left.text, &right.text) } else { left.text == right.text }
        };
        match operator {
            "=" | "==" => Status::of(equal()),
            "!=" => Status::of(!equal()),
            "-eq" => by_number(|left, right| left == right),
            "-ne" => by_number(|left, right| left != right),
            "-lt" => by_number(|left, right| left < right),
            "-le" => by_number(|left, right| left <= right),
            "-gt" => by_number(|left, right| left > right),
            "-ge" => by_number(|left, right| left >= right),
            _ => Status::Unknown,
        }
    }
}

fn unary(operator: &str, word: &Field) -> Status {
    // Scripts of rules are for hosts that have the loaders, and what they set up in the kernel.
    let is_there = program::of(&word.text).is_some() || word.text.starts_with("/proc/");
    match operator {
        "-x" | "-e" | "-f" | "-d" | "-r" | "-s" | "-a" if is_there => Status::Success,
        "-n" if word.unknown == 0 => Status::of(!word.text.is_empty()),
        "-z" if word.unknown == 0 => Status::of(word.text.is_empty()),
        _ => Status::Unknown,
    }
}

/// Whether a pattern of `*`, `?`, `[…]` and characters fits the whole text.
pub(super) fn matches(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let pattern: Vec<char> = pattern.chars().collect();
    let (mut at, mut of, mut star) = (0, 0, None);
    while at < text.len() {
        if pattern.get(of) == Some(&'*') {
            star = Some((of, at));
            of += 1;
        } else if let Some(length) = one(text[at], &pattern[of..]) {
            (at, of) = (at + 1, of + length);
        } else {
            let Some((before, taken)) = star else { return false };
            star = Some((before, taken + 1));
            (at, of) = (taken + 1, before + 1);
        }
    }
    pattern[of..].iter().all(|it| *it == '*')
}

/// How long the beginning of `pattern` is that one character fits.
// one := "?" | "[" ("!" | "^")? (character | character "-" character)+ "]" | character
fn one(character: char, pattern: &[char]) -> Option<usize> {
    let first = *pattern.first()?;
    if first == '?' {
        return Some(1);
    }
    let negated = matches!(pattern.get(1), Some('!' | '^'));
    let from = if negated { 2 } else { 1 };
    let end = pattern.iter().skip(from + 1).position(|it| *it == ']').map(|it| it + from + 1);
    let (Some(end), '[') = (end, first) else { return (first == character).then_some(1) };
    let (mut list, mut within) = (&pattern[from..end], false);
    while let Some(low) = list.first() {
        let high = if list.get(1) == Some(&'-') { list.get(2) } else { None };
        within |= (*low..=*high.unwrap_or(low)).contains(&character);
        list = &list[if high.is_some() { 3 } else { 1 }..];
    }
    (within != negated).then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::{Field, Status, matches, test};
    use crate::source::Span;

    #[test]
    fn tests_of_known_words_are_computed() {
        let field = |text: &str| Field {
            text: text.to_owned(),
            span: Span::default(),
            literal: false,
            unknown: u32::from(text == "?"),
            open: false,
        };
        for (words, expected) in [
            ("yes = yes", Status::Success),
            ("yes = no", Status::Failure),
            ("? = no", Status::Unknown),
            ("! yes = no", Status::Success),
            ("-n x", Status::Success),
            ("-n", Status::Success),
            ("-z x", Status::Failure),
            ("2 -lt 10", Status::Success),
            ("a -lt 10", Status::Unknown),
            ("a = a -a b = c", Status::Failure),
            ("? = a -a b = c", Status::Failure),
            ("? = a -o b = b", Status::Success),
            ("-x /sbin/iptables", Status::Success),
            ("-x /usr/bin/logger", Status::Unknown),
            ("( a = a ) && b = b", Status::Success),
            ("", Status::Failure),
        ] {
            let fields: Vec<_> = words.split_whitespace().map(field).collect();
            assert_eq!(test(&fields, true), expected, "{words}");
        }
    }

    #[test]
    fn patterns_fit_whole_texts() {
        for (text, pattern, fits) in [
            ("start", "start", true),
            ("start", "st*", true),
            ("start", "*", true),
            ("start", "s?art", true),
            ("start", "*t", true),
            ("start", "stop", false),
            ("start", "sta", false),
            ("", "*", true),
            ("aab", "*ab", true),
            ("3", "[3-9]", true),
            ("2", "[3-9]", false),
            ("2", "[!3-9]", true),
            ("n", "[yYnN]", true),
            ("[", "[", true),
        ] {
            assert_eq!(matches(text, pattern), fits, "{text} {pattern}");
        }
    }
}
