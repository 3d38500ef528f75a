//! The configuration file: finding it, reading it, and saying where it is wrong.
//!
//! Knows what can be written and not what it is good for. A file is read whole or refused: a linter that passes over its
//! own misconfiguration is a hole in the wall.

mod facts;
mod find;
pub(super) mod lints;
mod raw;
mod read;
mod schema;
mod show;
mod template;
pub(super) mod values;
mod wrong;

pub use find::nearest;
pub use schema::schema;
pub use show::{VARIABLES, show};
pub use template::template;
pub use wrong::{Cause, Spot, Text, Type, Written, Wrong};

use super::Error;
use crate::source::{SourceFile, input::shown};
use raw::{Raw, Word};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A configuration file as it is written.
#[derive(Debug)]
pub struct File {
    text: Arc<Text>,
    folder: PathBuf,
    raw: Raw,
}

impl File {
    /// Reads the text of a file that lies in `folder`.
    ///
    /// # Errors
    ///
    /// It is no TOML, or has a key or a type that does not belong there.
    pub fn parse(path: &str, folder: &Path, text: String) -> Result<Self, Error> {
        let text = Arc::new(Text { path: path.to_owned(), text });
        let raw = toml::from_str(&text.text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            let cause = read::cause(&text.text, span.clone(), error.message());
            Error::Config(Box::new(Wrong::new(&Spot { file: text.clone(), span }, cause)))
        })?;
        Ok(Self { text, folder: folder.to_owned(), raw })
    }

    /// Its path as it is shown.
    pub fn path(&self) -> &str {
        &self.text.path
    }

    /// The first line that begins with a key.
    fn line_of(&self, key: &str) -> usize {
        let mut lines = self.text.text.lines();
        lines.position(|line| line.trim_start().starts_with(key)).map_or(1, |at| at + 1)
    }

    fn spot<T>(&self, written: &toml::Spanned<T>) -> Spot {
        Spot { file: self.text.clone(), span: written.span() }
    }

    fn wrong<T>(&self, written: &toml::Spanned<T>, cause: Cause) -> Error {
        Error::Config(Box::new(Wrong::new(&self.spot(written), cause)))
    }

    fn written(&self, word: &Word) -> Written<String> {
        Written { value: word.get_ref().clone(), spot: self.spot(word) }
    }
}

/// Reads a file and those that it extends: the one that is extended comes first.
///
/// # Errors
///
/// One of them cannot be read or followed, or extends itself.
pub fn load(path: &Path) -> Result<Vec<File>, Error> {
    let unreadable =
        |error: std::io::Error| Error::NoConfig { path: shown(path), why: error.to_string() };
    let mut open = vec![path.canonicalize().map_err(unreadable)?];
    let bytes = fs::read(path).map_err(unreadable)?;
    let first = file(path, bytes)?;
    let mut next = extended(&first);
    let mut files = vec![first];
    while let Some((extends, spot)) = next {
        let unreadable = |error: std::io::Error| {
            let cause = Cause::Unreadable { path: shown(&extends), why: error.to_string() };
            Error::Config(Box::new(Wrong::new(&spot, cause)))
        };
        let whole = extends.canonicalize().map_err(unreadable)?;
        if open.contains(&whole) {
            let cause = Cause::Cycle(shown(&whole));
            return Err(Error::Config(Box::new(Wrong::new(&spot, cause))));
        }
        let bytes = fs::read(&whole).map_err(unreadable)?;
        let file = file(&whole, bytes)?;
        next = extended(&file);
        files.push(file);
        open.push(whole);
    }
    files.reverse();
    Ok(files)
}

fn file(path: &Path, bytes: Vec<u8>) -> Result<File, Error> {
    let source = SourceFile::new(shown(path), bytes);
    let folder = path.parent().unwrap_or(Path::new(""));
    File::parse(&source.path, folder, source.text().to_owned())
}

/// The file that `extend` names, from the folder of the file that says so.
fn extended(file: &File) -> Option<(PathBuf, Spot)> {
    let word = file.raw.extend.as_ref()?;
    Some((file.folder.join(word.get_ref()), file.spot(word)))
}

#[cfg(test)]
mod tests;
