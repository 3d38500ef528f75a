//! Writing files whole or not at all: each new text is laid beside its file first, and takes its place when all are there.

use fwlint::words::Message;
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
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

/// A text that lies beside the file whose place it will take; it goes if it does not come to that.
pub(super) struct Staged {
    beside: PathBuf,
    target: PathBuf,
}

impl Staged {
    /// Lays `bytes` beside the file at `path`, or beside what a link leads to, with the same rights and owner. A file that
    /// is read-only stays so, whoever asks.
    pub(super) fn new(path: &Path, bytes: &[u8]) -> Result<Self, Refused> {
        let target = path.canonicalize()?;
        let known = fs::metadata(&target)?;
        if known.permissions().readonly() {
            return Err(Refused::ReadOnly);
        }
        let (mut file, beside) = fresh(&target)?;
        let staged = Self { beside, target };
        own(&file, &known)?;
        file.set_permissions(known.permissions())?;
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(staged)
    }

    /// The same, for a file that still holds `old`.
    pub(super) fn instead(path: &Path, old: &[u8], bytes: &[u8]) -> Result<Self, Refused> {
        if fs::read(path)? != old {
            return Err(Refused::Changed);
        }
        Self::new(path, bytes)
    }

    /// Takes the place of the file.
    pub(super) fn settle(self) -> Result<(), Refused> {
        Ok(fs::rename(&self.beside, &self.target)?)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // Gone already where it took its place.
        let _ = fs::remove_file(&self.beside);
    }
}

/// A file that nobody had before, in the folder of `target`.
fn fresh(target: &Path) -> io::Result<(File, PathBuf)> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    for number in 0..1_000 {
        let beside =
            target.with_file_name(format!(".{name}.fwlint-{}-{number}", std::process::id()));
        match File::create_new(&beside) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            result => return result.map(|file| (file, beside)),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
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
