//! What variables hold while a script is played.

use crate::source::Span;
use std::{collections::BTreeMap, rc::Rc};

/// The longest text that a variable holds; a longer one is not followed.
const LONGEST: usize = 64 * 1024;

/// A word that a command is given, or a part of what it reads.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) text: String,
    /// The word in the script.
    pub(super) span: Span,
    /// Whether the script has these very characters there.
    pub(super) literal: bool,
    /// Which unknown value is in it; 0 where all is known.
    pub(super) unknown: u32,
    /// Whether it may be no word or several.
    pub(super) open: bool,
}

/// A text, and which unknown value is in it: 0 for none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) unknown: u32,
}

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Variable {
    One(Value),
    Array(Vec<Value>),
}

/// The variables, and what `$1` and its like are.
#[derive(Debug, Clone, Default)]
pub(super) struct Env {
    /// Shared with those of other cases until one is set.
    variables: Rc<BTreeMap<String, Variable>>,
    /// What was written to files, by their names; `None` where nobody knows.
    pub(super) files: BTreeMap<String, Option<Rc<[Field]>>>,
    /// `None` for those of the script itself, which nobody knows.
    pub(super) arguments: Option<Rc<[Field]>>,
}

impl Field {
    /// The name of the file that it stands for: two are the same if the same value is unknown in them.
    pub(super) fn file(&self) -> String {
        if self.unknown == 0 {
            self.text.clone()
        } else {
            format!("{}\0{}", self.text, self.unknown)
        }
    }
}

impl Value {
    pub(super) fn known(text: impl Into<String>) -> Self {
        Self { text: text.into(), unknown: 0 }
    }

    pub(super) const fn unknown(number: u32) -> Self {
        Self { text: String::new(), unknown: number }
    }

    pub(super) fn is_known(&self) -> bool {
        self.unknown == 0
    }
}

impl Variable {
    pub(super) fn unknown(number: u32) -> Self {
        Self::One(Value::unknown(number))
    }
}

impl Env {
    /// How many names are known.
    pub(super) fn len(&self) -> usize {
        self.variables.len() + self.files.len()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Variable> {
        self.variables.get(name)
    }

    pub(super) fn set(&mut self, name: &str, value: Variable) {
        let long = |it: &Value| it.text.len() > LONGEST;
        let cut = match &value {
            Variable::One(it) => long(it),
            Variable::Array(all) => all.len() > LONGEST || all.iter().any(long),
        };
        let value = if cut { Variable::unknown(u32::MAX) } else { value };
        Rc::make_mut(&mut self.variables).insert(name.to_owned(), value);
    }

    pub(super) fn unset(&mut self, name: &str) {
        Rc::make_mut(&mut self.variables).remove(name);
    }

    /// Forgets what differs from `other`: one of the two holds, and nobody knows which. `number` is that of the unknown.
    pub(super) fn merge(&mut self, other: &Self, number: u32) {
        let mut names = Vec::new();
        if !Rc::ptr_eq(&self.variables, &other.variables) {
            names.extend(self.variables.keys().cloned());
            names.extend(other.variables.keys().cloned());
        }
        for name in names {
            if self.variables.get(&name) != other.variables.get(&name) {
                Rc::make_mut(&mut self.variables).insert(name, Variable::unknown(number));
            }
        }
        let mut files: Vec<String> = self.files.keys().cloned().collect();
        files.extend(other.files.keys().cloned());
        for file in files {
            let same = match (self.files.get(&file), other.files.get(&file)) {
                (Some(Some(one)), Some(Some(another))) => Rc::ptr_eq(one, another),
                _ => false,
            };
            if !same {
                self.files.insert(file, None);
            }
        }
    }

    /// The characters that words are split at; `None` where nobody knows.
    pub(super) fn separators(&self) -> Option<String> {
        match self.variables.get("IFS") {
            None => Some(" \t\n".to_owned()),
            Some(Variable::One(value)) if value.is_known() => Some(value.text.clone()),
            Some(_) => None,
        }
    }
}
