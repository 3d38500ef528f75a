//! Files in the place of others: whole or not at all.

use fwlint::{commands::fix::Change, words::Message};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    process,
};

/// Why a file was not written.
#[derive(Debug)]
pub(super) enum Refused {
    /// Nobody may write it.
    ReadOnly,
    /// It is not what was read.
    Changed,
    /// The system's reason.
    System(io::Error),
}

impl Refused {
    pub(super) fn message(&self) -> Message {
        match self {
            Self::ReadOnly => Message {
                en: "not written: it is read-only".into(),
                zh: "未写入：文件为只读".into(),
            },
            Self::Changed => Message {
                en: "not written: it has changed since it was read".into(),
                zh: "未写入：读取之后文件已被改动".into(),
            },
            Self::System(error) => {
                Message { en: format!("not written: {error}"), zh: format!("未写入：{error}") }
            }
        }
    }
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

/// A new text on disk, whole, beside the file whose place it is to take; goes if it does not.
pub(super) struct Ready {
    beside: PathBuf,
    target: PathBuf,
}

/// Writes the new text of a file beside it, or beside what a link leads to, with the same rights and owner.
pub(super) fn ready(change: &Change) -> Result<Ready, Refused> {
    let target = fs::canonicalize(&change.old.path)?;
    let known = fs::metadata(&target)?;
    if known.permissions().readonly() {
        return Err(Refused::ReadOnly);
    }
    if fs::read(&target)? != change.old.bytes() {
        return Err(Refused::Changed);
    }
    let folder = target.parent().unwrap_or(Path::new("/"));
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder.join(format!(".{name}.{}.fwlint", process::id()));
    let file = OpenOptions::new().write(true).create_new(true).open(&beside)?;
    let ready = Ready { beside, target };
    fill(file, change.new.bytes(), &known)?;
    Ok(ready)
}

fn fill(mut file: File, bytes: &[u8], like: &fs::Metadata) -> io::Result<()> {
    own(&file, like)?;
    file.set_permissions(like.permissions())?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(unix)]
fn own(file: &File, like: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let own = file.metadata()?;
    if (own.uid(), own.gid()) == (like.uid(), like.gid()) {
        return Ok(());
    }
    fchown(file, Some(like.uid()), Some(like.gid()))
}

#[cfg(not(unix))]
fn own(_: &File, _: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

impl Ready {
    /// Takes the file's place.
    pub(super) fn take_place(self) -> Result<(), Refused> {
        Ok(fs::rename(&self.beside, &self.target)?)
    }
}

impl Drop for Ready {
    fn drop(&mut self) {
        // Gone already where it took its place.
        let _ = fs::remove_file(&self.beside);
    }
}
