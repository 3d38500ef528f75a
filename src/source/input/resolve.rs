//! Which files a directive names, and which of them may be looked at.

use super::{Request, glob};
use crate::source::{Inclusion, Nothing, Refusal, Unseen};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Where the loader looks when nobody says where.
const SYSTEM: &str = "etc";

/// Folders without regular files, on every machine.
const DEVICES: &str = "/dev";
const SHARED_MEMORY: &str = "/dev/shm";
/// The empty file of every system.
const EMPTY: &str = "/dev/null";

/// Where to look, and where not.
pub(super) struct Resolver<'r> {
    request: &'r Request,
    /// What the user named: nothing outside of it is looked at.
    allowed: Vec<PathBuf>,
}

/// What one path leads to.
enum Found {
    Files(Vec<PathBuf>),
    /// Nothing there: the next folder may have it.
    Absent,
    Other(Inclusion),
}

impl<'r> Resolver<'r> {
    /// What may be looked at: the folders of the files that were asked for, and those that were named.
    pub(super) fn new(request: &'r Request, files: &[PathBuf]) -> Self {
        let folders = files.iter().map(|file| folder(file));
        let named = request.paths.iter().filter(|path| path.is_dir()).cloned();
        let more = request.include_paths.iter().chain(&request.sysroot).cloned();
        let mut allowed: Vec<PathBuf> =
            folders.chain(named).chain(more).filter_map(|path| path.canonicalize().ok()).collect();
        allowed.sort();
        allowed.dedup();
        Self { request, allowed }
    }

    /// The files that `path` names in a file of `folders`: its own folder first, then that of the file it all began with.
    pub(super) fn resolve(
        &self,
        path: &str,
        folders: &[PathBuf],
    ) -> Result<Vec<PathBuf>, Inclusion> {
        if path == EMPTY {
            return Ok(Vec::new());
        }
        let is_pattern = glob::is_pattern(path);
        for candidate in self.candidates(path, folders)? {
            let found = if is_pattern { self.pattern(&candidate) } else { self.plain(&candidate) };
            match found {
                Found::Files(files) => return Ok(files),
                Found::Other(inclusion) => return Err(inclusion),
                Found::Absent => {}
            }
        }
        let said_where = if path.starts_with('/') {
            self.request.sysroot.is_some()
        } else {
            self.request.sysroot.is_some() || !self.request.include_paths.is_empty()
        };
        Err(if is_pattern {
            Inclusion::Nothing(Nothing::NoMatch)
        } else if said_where {
            Inclusion::Refused(Refusal::Missing)
        } else {
            Inclusion::Unseen(Unseen::NotFound)
        })
    }

    /// The paths to try, in order.
    fn candidates(&self, path: &str, folders: &[PathBuf]) -> Result<Vec<PathBuf>, Inclusion> {
        let sysroot = self.request.sysroot.as_deref();
        let written = Path::new(path);
        if written.has_root() {
            if written.starts_with(DEVICES) && !written.starts_with(SHARED_MEMORY) {
                return Err(Inclusion::Refused(Refusal::NotAFile));
            }
            if let Some(sysroot) = sysroot {
                return Ok(vec![sysroot.join(path.trim_start_matches('/'))]);
            }
            let base = if glob::is_pattern(path) { glob::base(written) } else { folder(written) };
            let inside = base.canonicalize().is_ok_and(|base| self.allows(&base));
            return if inside {
                Ok(vec![written.to_owned()])
            } else {
                Err(Inclusion::Unseen(Unseen::Unmapped))
            };
        }
        let system = sysroot.map(|sysroot| sysroot.join(SYSTEM));
        let all = folders.iter().chain(&self.request.include_paths).chain(&system);
        Ok(all.map(|folder| folder.join(path)).collect())
    }

    fn allows(&self, canonical: &Path) -> bool {
        self.allowed.iter().any(|folder| canonical.starts_with(folder))
    }

    fn plain(&self, path: &Path) -> Found {
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if is_absent(&error) => return Found::Absent,
            Err(error) => return refused(&error),
        };
        match path.canonicalize() {
            Ok(canonical)
                if !self.allows(&canonical) && (metadata.is_file() || metadata.is_dir()) =>
            {
                Found::Other(Inclusion::Unseen(Unseen::Outside))
            }
            Ok(_) if metadata.is_dir() => Found::Other(Inclusion::Nothing(Nothing::Directory)),
            Ok(_) if !metadata.is_file() => Found::Other(Inclusion::Refused(Refusal::NotAFile)),
            Ok(_) => Found::Files(vec![path.to_owned()]),
            Err(error) => refused(&error),
        }
    }

    /// What matches, folders left out as the loader does.
    fn pattern(&self, pattern: &Path) -> Found {
        let base = glob::base(pattern);
        let base = if base.as_os_str().is_empty() { Path::new(".") } else { &base };
        match base.canonicalize() {
            Ok(base) if self.allows(&base) => {}
            Ok(_) => return Found::Other(Inclusion::Unseen(Unseen::Outside)),
            Err(error) if is_absent(&error) => return Found::Absent,
            Err(error) => return refused(&error),
        }
        let paths = match glob::expand(pattern) {
            Ok(paths) => paths,
            Err(error) => return refused(&error),
        };
        let mut files = Vec::new();
        for path in paths {
            match self.plain(&path) {
                Found::Files(found) => files.extend(found),
                Found::Other(Inclusion::Nothing(_)) => {}
                // A link that leads nowhere is matched, and not found.
                Found::Absent => return Found::Other(Inclusion::Refused(Refusal::Missing)),
                other @ Found::Other(_) => return other,
            }
        }
        if files.is_empty() { Found::Absent } else { Found::Files(files) }
    }
}

/// The folder that a file is in.
pub(super) fn folder(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn refused(error: &io::Error) -> Found {
    Found::Other(Inclusion::Refused(Refusal::Unreadable { why: error.to_string() }))
}
