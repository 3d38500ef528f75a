//! Writing files whole or not at all: each new text is laid beside its file first, and takes its place when all are there.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// A text that lies beside the file whose place it will take; it goes if it does not come to that.
pub(crate) struct Staged {
    beside: PathBuf,
    target: PathBuf,
}

impl Staged {
    /// Lays `bytes` beside the file at `path`. A file that is read-only stays so, whoever asks.
    pub(crate) fn new(path: &Path, bytes: &[u8]) -> io::Result<Self> {
        // What a link leads to is written, and the link stays.
        let target = path.canonicalize()?;
        let permissions = fs::metadata(&target)?.permissions();
        if permissions.readonly() {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
        }
        let (mut file, beside) = fresh(&target)?;
        let staged = Self { beside, target };
        file.write_all(bytes)?;
        file.set_permissions(permissions)?;
        file.sync_all()?;
        Ok(staged)
    }

    /// Takes the place of the file.
    pub(crate) fn settle(self) -> io::Result<()> {
        fs::rename(&self.beside, &self.target)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
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
