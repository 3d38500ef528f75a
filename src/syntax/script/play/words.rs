//! From a word to what it expands to. Nothing is run: what only a run could tell stays unknown.

use super::{
    Player, Unset,
    env::{Field, Value, Variable},
    program,
};
use crate::{
    source::Span,
    syntax::script::tree::{Default, Part, PartKind, Word},
};

/// Names that the environment of a shell or the shell itself gives.
static GIVEN: &[&str] = &[
    "0",
    "?",
    "$",
    "!",
    "-",
    "BASHPID",
    "BASH_SOURCE",
    "FUNCNAME",
    "HOME",
    "HOSTNAME",
    "IFS",
    "LANG",
    "LC_ALL",
    "LINENO",
    "LOGNAME",
    "OLDPWD",
    "OPTARG",
    "OPTIND",
    "PATH",
    "PIPESTATUS",
    "PPID",
    "PS4",
    "PWD",
    "RANDOM",
    "REPLY",
    "SECONDS",
    "SHELL",
    "SUDO_USER",
    "TERM",
    "USER",
];

/// The most words that braces make of one.
const MOST_OF_BRACES: usize = 1024;

/// A word while it is expanded: what is written, part by part.
struct Making {
    fields: Vec<Field>,
    text: String,
    unknown: u32,
    open: bool,
    /// Whether there is a word even if it is empty.
    present: bool,
    span: Span,
}

impl Making {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.present = true;
    }

    fn end(&mut self) {
        if self.present || !self.text.is_empty() {
            self.fields.push(Field {
                text: std::mem::take(&mut self.text),
                span: self.span,
                literal: false,
                unknown: std::mem::take(&mut self.unknown),
                open: std::mem::take(&mut self.open),
            });
        }
        self.present = false;
    }

    /// Adds a value that is split into words; `None` for separators that nobody knows.
    fn split(&mut self, text: &str, separators: Option<&str>) {
        let Some(separators) = separators else {
            self.open = true;
            self.unknown = u32::MAX;
            self.push(text);
            return;
        };
        let mut words = text.split(|it| separators.contains(it)).peekable();
        let blanks = separators.contains(' ');
        while let Some(word) = words.next() {
            if !word.is_empty() || !blanks {
                self.push(word);
            }
            if words.peek().is_some() {
                self.end();
            }
        }
    }
}

impl Player<'_> {
    /// The words that `words` expand to.
    pub(super) fn fields(&mut self, words: &[Word]) -> Vec<Field> {
        let mut fields = Vec::with_capacity(words.len());
        for word in words {
            self.expand(word, &mut fields);
        }
        fields
    }

    fn expand(&mut self, word: &Word, fields: &mut Vec<Field>) {
        if let [Part { span, kind: PartKind::Text(text), quoted }] = &word.parts[..] {
            if !quoted && self.braces && text.contains('{') {
                for text in braces(text) {
                    let literal = self.slice(*span) == text;
                    fields.push(Field { text, span: *span, literal, unknown: 0, open: false });
                }
                return;
            }
            let literal = self.slice(*span) == text;
            fields.push(Field {
                text: text.clone(),
                span: *span,
                literal,
                unknown: 0,
                open: false,
            });
            return;
        }
        let mut making = Making {
            fields: Vec::new(),
            text: String::new(),
            unknown: 0,
            open: false,
            present: false,
            span: word.span,
        };
        for part in &word.parts {
            self.part(part, &mut making);
        }
        making.end();
        fields.append(&mut making.fields);
    }

    fn part(&mut self, part: &Part, making: &mut Making) {
        match &part.kind {
            PartKind::Text(text) => making.push(text),
            PartKind::Commands(text) => match told(text) {
                Some(value) => making.push(&value),
                None => self.fresh_unknown(part, making),
            },
            PartKind::Computed => self.fresh_unknown(part, making),
            PartKind::Variable { name, all, default } => {
                self.variable(part, (name, *all), default.as_ref(), making);
            }
        }
    }

    /// Adds what is computed anew each time.
    fn fresh_unknown(&mut self, part: &Part, making: &mut Making) {
        let number = self.fresh();
        self.unknown(part, making, number);
    }

    fn unknown(&mut self, part: &Part, making: &mut Making, number: u32) {
        let shown = self.slice(part.span);
        making.push(shown);
        making.unknown = making.unknown.max(number);
        making.open |= !part.quoted;
    }

    fn variable(
        &mut self,
        part: &Part,
        (name, all): (&str, bool),
        default: Option<&Default>,
        making: &mut Making,
    ) {
        if matches!(name, "@" | "*") {
            return self.arguments(part, name, making);
        }
        let value = self.value_of(name, part.span);
        let is_set = value.is_some();
        if let Some(Default { operator, word }) = default {
            let empty =
                matches!(&value, Some(Variable::One(it)) if it.is_known() && it.text.is_empty());
            let unknown = matches!(&value, Some(Variable::One(it)) if !it.is_known());
            match operator {
                '+' if unknown => return self.unknown(part, making, u32::MAX),
                '+' if !is_set || empty => return,
                '+' => return self.inner(part, word, making),
                '?' if !is_set || empty => return self.unknown(part, making, u32::MAX),
                '-' | '=' if !is_set || empty => {
                    if *operator == '=' {
                        let value = self.value(word);
                        self.env.set(name, Variable::One(value));
                    }
                    return self.inner(part, word, making);
                }
                _ => {}
            }
        }
        match value {
            Some(Variable::One(value)) => self.add(part, &value, making),
            Some(Variable::Array(values)) if all => {
                for (value, index) in values.iter().zip(0..) {
                    if index > 0 {
                        making.end();
                    }
                    self.add(part, value, making);
                }
            }
            Some(Variable::Array(values)) => {
                if let Some(value) = values.first() {
                    self.add(part, value, making);
                }
            }
            None => {
                let number = self.unset(name, part.span);
                self.unknown(part, making, number);
            }
        }
    }

    /// What stands behind the operator of an expansion.
    fn inner(&mut self, part: &Part, word: &Word, making: &mut Making) {
        for inner in &word.parts {
            match &inner.kind {
                PartKind::Text(text) if !part.quoted && !inner.quoted => {
                    let separators = self.env.separators();
                    making.split(text, separators.as_deref());
                }
                _ => self.part(inner, making),
            }
        }
        making.present |= part.quoted;
    }

    fn add(&mut self, part: &Part, value: &Value, making: &mut Making) {
        if !value.is_known() {
            return self.unknown(part, making, value.unknown);
        }
        if part.quoted {
            making.push(&value.text);
        } else {
            let separators = self.env.separators();
            making.split(&value.text, separators.as_deref());
        }
    }

    /// `$@` and `$*`.
    fn arguments(&mut self, part: &Part, name: &str, making: &mut Making) {
        let Some(arguments) = self.env.arguments.clone() else {
            self.unknown(part, making, u32::MAX);
            making.open = true;
            return;
        };
        for (argument, index) in arguments.iter().zip(0..) {
            if index > 0 && part.quoted && name == "*" {
                making.push(" ");
            } else if index > 0 {
                making.end();
            }
            making.unknown = making.unknown.max(argument.unknown);
            making.open |= argument.open;
            if part.quoted || argument.unknown > 0 {
                making.push(&argument.text);
            } else {
                let separators = self.env.separators();
                making.split(&argument.text, separators.as_deref());
            }
        }
    }

    /// What a name stands for; `None` where nothing in the script sets it.
    fn value_of(&mut self, name: &str, span: Span) -> Option<Variable> {
        if let Ok(number) = name.parse::<usize>()
            && number > 0
        {
            return Some(Variable::One(match &self.env.arguments {
                None => match self.called_with {
                    Some(word) if number == 1 && !self.shifted => {
                        self.asked.get_or_insert(span);
                        Value::known(word)
                    }
                    _ => Value::unknown(u32::MAX - 1),
                },
                Some(arguments) => arguments.get(number - 1).map_or_else(Value::default, |it| {
                    Value { text: it.text.clone(), unknown: it.unknown }
                }),
            }));
        }
        if name == "#" {
            return Some(Variable::One(match &self.env.arguments {
                Some(arguments) => Value::known(arguments.len().to_string()),
                None if self.called_with.is_some() && !self.shifted => Value::known("1"),
                None => Value::unknown(u32::MAX - 1),
            }));
        }
        if let Some(value) = self.env.get(name) {
            return Some(value.clone());
        }
        // Rules are loaded by root.
        if matches!(name, "EUID" | "UID") {
            return Some(Variable::One(Value::known("0")));
        }
        GIVEN.contains(&name).then(|| Variable::unknown(u32::MAX - 2))
    }

    /// The number of the unknown that a variable stands for which nothing sets.
    fn unset(&mut self, name: &str, span: Span) -> u32 {
        let known = self.unset_numbers.get(name).copied();
        let number = known.unwrap_or_else(|| self.fresh());
        self.unset_numbers.insert(name.to_owned(), number);
        self.unset.push(Unset { span, name: name.to_owned(), number });
        number
    }

    /// What a word stands for where it is not split: in an assignment, say.
    pub(super) fn value(&mut self, word: &Word) -> Value {
        let fields = self.unsplit(word);
        let texts: Vec<&str> = fields.iter().map(|it| it.text.as_str()).collect();
        let unknown = fields.iter().map(|it| it.unknown).max().unwrap_or(0);
        Value { text: texts.join(" "), unknown }
    }

    fn unsplit(&mut self, word: &Word) -> Vec<Field> {
        let mut quoted = word.clone();
        for part in &mut quoted.parts {
            part.quoted = true;
        }
        self.fields(&[quoted])
    }

    /// What a command reads that is given this text: part by part, so that each is still found in the script.
    pub(super) fn stream(&mut self, word: &Word) -> Vec<Field> {
        let mut fields = Vec::new();
        for part in &word.parts {
            let one = Word { span: part.span, parts: vec![part.clone()] };
            fields.append(&mut self.unsplit(&one));
        }
        fields
    }
}

/// What substituted commands print as far as the text tells: the program that is looked for, and who root is.
fn told(text: &str) -> Option<String> {
    let text = text.trim();
    let mut words = text.split_whitespace();
    let mut first = words.next()?;
    if first == "command" && words.next() == Some("-v") {
        first = "which";
    }
    match first {
        "id" if text == "id -u" => Some("0".to_owned()),
        "id" if text == "id -un" => Some("root".to_owned()),
        "whoami" if text == "whoami" => Some("root".to_owned()),
        "which" | "type" | "whereis" => {
            let name = words.find(|it| !it.starts_with('-'))?.trim_matches(['"', '\'', ';']);
            program::of(name).map(|_| name.to_owned())
        }
        _ => None,
    }
}

/// `a{b,c}d` as `abd acd`, `{1..3}` as `1 2 3`; a word without such braces is itself.
// braces := text "{" (word ("," word)+ | number ".." number) "}" text
fn braces(text: &str) -> Vec<String> {
    let mut open = vec![text.to_owned()];
    let mut done = Vec::new();
    while let Some(text) = open.pop() {
        if open.len() + done.len() >= MOST_OF_BRACES {
            done.push(text);
            continue;
        }
        match first_braces(&text) {
            Some(mut made) => {
                made.reverse();
                open.append(&mut made);
            }
            None => done.push(text),
        }
    }
    done
}

fn first_braces(text: &str) -> Option<Vec<String>> {
    let (start, _) = text.match_indices('{').find(|(at, _)| !text[..*at].ends_with('$'))?;
    let (mut depth, mut commas, mut end) = (0_u32, Vec::new(), None);
    for (at, character) in text[start..].char_indices() {
        match character {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    end = Some(start + at);
                    break;
                }
            }
            ',' if depth == 1 => commas.push(start + at),
            _ => {}
        }
    }
    let end = end?;
    let (before, inner, after) = (&text[..start], &text[start + 1..end], &text[end + 1..]);
    if commas.is_empty() {
        let (first, last) = inner.split_once("..")?;
        let (first, last) = (first.parse::<u32>().ok()?, last.parse::<u32>().ok()?);
        let few = usize::try_from(last.checked_sub(first)?).ok()? < MOST_OF_BRACES;
        return few.then(|| (first..=last).map(|it| format!("{before}{it}{after}")).collect());
    }
    let mut from = start + 1;
    commas.push(end);
    let mut made = Vec::with_capacity(commas.len());
    for comma in commas {
        made.push(format!("{before}{}{after}", &text[from..comma]));
        from = comma + 1;
    }
    Some(made)
}

#[cfg(test)]
mod tests {
    use super::braces;

    #[test]
    fn braces_make_several_words() {
        for (text, expected) in [
            ("{80,443}", "80 443"),
            ("a{b,c}d", "abd acd"),
            ("{1..3}", "1 2 3"),
            ("{a,b}{1,2}", "a1 a2 b1 b2"),
            ("{a}", "{a}"),
            ("{}", "{}"),
            ("${a,b}", "${a,b}"),
            ("{80", "{80"),
        ] {
            assert_eq!(braces(text).join(" "), expected, "{text}");
        }
    }
}
