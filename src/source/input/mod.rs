//! Reading what the user named: files, directories, patterns and standard input.
//!
//! What is a file of rules is not known here; the caller says so, file by file. Whatever cannot be read becomes a
//! [`Problem`] and the rest is read all the same. The order never depends on the file system.

mod follow;
mod glob;
mod patterns;
mod problem;
mod resolve;
mod rewrite;

pub use follow::{Directives, follow};
pub use patterns::Patterns;
pub use problem::Problem;

use super::{SourceFile, Whole};
use globset::GlobBuilder;
use ignore::WalkBuilder;
use rayon::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{self, Read},
    path::{Component, Path, PathBuf},
};

/// The path that all spellings of a file share.
pub fn identity(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let whole = path.canonicalize().or_else(|_| std::path::absolute(path));
    whole.unwrap_or_else(|_| path.to_owned())
}

/// What to read, as it was asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// Files, directories, patterns that no shell expanded, `-` for standard input; none for the current directory.
    pub paths: Vec<PathBuf>,
    /// How standard input is shown.
    pub stdin_filename: Option<String>,
    /// Patterns of paths that a walk does not look at.
    pub exclude: Vec<String>,
    /// Whether they hold for named files too.
    pub force_exclude: bool,
    /// Files of more bytes are refused, and so are files that have more with all that they include.
    pub max_file_size: u32,
    /// Where what files include is looked for, after their own folder.
    pub include_paths: Vec<PathBuf>,
    /// The folder that stands for the root directory when files include an absolute path.
    pub sysroot: Option<PathBuf>,
}

/// How a file came to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The user wrote its name.
    Named,
    /// A pattern that the user wrote matches it.
    Pattern,
    /// It lies in a directory that the user named.
    Walked,
    /// It belongs to the host of a file that was read.
    Context,
    /// Another file includes it, however else it may have been found.
    Included,
}

/// A file that was read.
#[derive(Debug, Clone)]
pub struct Input {
    /// Its name and text.
    pub source: SourceFile,
    /// Why it was read.
    pub origin: Origin,
}

/// All that was read.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// The files of rules and those that they include, by path, none twice.
    pub files: Vec<Input>,
    /// The files that include others, by their index: the text that they make together.
    pub wholes: BTreeMap<u32, Whole>,
    /// What could not be read, by path.
    pub problems: Vec<Problem>,
    /// Files that were found but are no rules, by path.
    pub skipped: Vec<String>,
    /// What was read before what belongs to it was added; `None` where nothing was.
    pub before: Option<BTreeSet<String>>,
}

impl Inputs {
    /// Shows paths below `folder` as if they began there.
    pub fn shown_without(&mut self, folder: &str) {
        let shorten = |path: &mut String| {
            let below = path.strip_prefix(folder).and_then(|it| it.strip_prefix('/'));
            if let Some(below) = below {
                *path = below.to_owned();
            }
        };
        self.files.iter_mut().for_each(|it| shorten(&mut it.source.path));
        self.wholes.values_mut().for_each(|it| shorten(&mut it.source.path));
        self.problems.iter_mut().for_each(|it| shorten(it.path_mut()));
        self.skipped.iter_mut().for_each(shorten);
    }
}

/// Reads everything that `request` names and that `wanted` recognises; a named file that it does not is a problem.
///
/// # Errors
///
/// A pattern that is none.
pub fn read(
    request: &Request,
    stdin: &mut dyn Read,
    wanted: &(dyn Fn(&SourceFile, Origin) -> bool + Sync),
) -> Result<Inputs, Problem> {
    let found = find(request)?;
    let mut outcomes: Vec<_> =
        found.candidates.into_par_iter().map(|it| open(it, request, wanted)).collect();
    if found.stdin {
        outcomes.push(standard_input(request, stdin, wanted));
    }
    let mut inputs = Inputs { problems: found.problems, ..Inputs::default() };
    for outcome in outcomes {
        match outcome {
            Opened::Rules(input) => inputs.files.push(input),
            Opened::Other(path) => inputs.skipped.push(path),
            Opened::Failed(problem) => inputs.problems.push(problem),
        }
    }
    inputs.sort();
    Ok(inputs)
}

/// Reads files that nobody named and that belong to those that were.
pub fn context(
    paths: Vec<PathBuf>,
    request: &Request,
    wanted: &(dyn Fn(&SourceFile, Origin) -> bool + Sync),
) -> Vec<Result<Input, Problem>> {
    let read = |path: PathBuf| {
        let shown = shown(&path);
        match open(Candidate { path, shown, origin: Origin::Context }, request, wanted) {
            Opened::Rules(input) => Ok(input),
            Opened::Other(path) => Err(Problem::Unrecognised { path }),
            Opened::Failed(problem) => Err(problem),
        }
    };
    paths.into_par_iter().map(read).collect()
}

impl Inputs {
    /// Takes in what was read besides.
    pub fn add(&mut self, more: Vec<Result<Input, Problem>>) {
        self.before = Some(self.files.iter().map(|it| it.source.path.clone()).collect());
        for read in more {
            match read {
                Ok(input) => self.files.push(input),
                Err(problem) => self.problems.push(problem),
            }
        }
        self.sort();
    }

    /// Which of the files were asked about: by themselves, or as a part of one that was.
    pub fn asked(&self) -> Vec<bool> {
        let Some(before) = &self.before else { return vec![true; self.files.len()] };
        let own = |it: &Input| before.contains(&it.source.path);
        let mut asked: Vec<bool> = self.files.iter().map(own).collect();
        for (root, whole) in &self.wholes {
            if own(&self.files[*root as usize]) {
                whole.pieces.iter().for_each(|piece| asked[piece.file as usize] = true);
            }
        }
        asked
    }

    fn sort(&mut self) {
        self.files.sort_by(|a, b| a.source.path.cmp(&b.source.path));
        self.problems.sort();
        self.problems.dedup();
        self.skipped.sort();
    }
}

struct Candidate {
    path: PathBuf,
    shown: String,
    origin: Origin,
}

#[derive(Default)]
struct Found {
    candidates: Vec<Candidate>,
    problems: Vec<Problem>,
    stdin: bool,
}

enum Opened {
    Rules(Input),
    Other(String),
    Failed(Problem),
}

fn find(request: &Request) -> Result<Found, Problem> {
    let exclude = Patterns::new(&request.exclude)?;
    let here = [PathBuf::from(".")];
    let paths = if request.paths.is_empty() { &here[..] } else { &request.paths[..] };
    let mut found = Found::default();
    for path in paths {
        if path.as_os_str() == "-" {
            found.stdin = true;
            continue;
        }
        match path.metadata() {
            Ok(metadata) if metadata.is_dir() => {
                if !(request.force_exclude && exclude.covers(&shown(path))) {
                    walk(path, Origin::Walked, &exclude, &mut found, |_| true);
                }
            }
            Ok(_) => {
                let shown = shown(path);
                if !(request.force_exclude && exclude.covers(&shown)) {
                    let origin = Origin::Named;
                    found.candidates.push(Candidate { path: path.clone(), shown, origin });
                }
            }
            Err(_) if is_pattern(path) => expand(path, &exclude, &mut found)?,
            Err(error) => found.problems.push(Problem::unreadable(shown(path), &error)),
        }
    }
    // A file that is named is not walked too: the stricter claim stands.
    found.candidates.sort_by(|a, b| (a.origin, &a.shown).cmp(&(b.origin, &b.shown)));
    let mut seen = BTreeSet::new();
    found.candidates.retain(|it| {
        let identity = it.path.canonicalize().unwrap_or_else(|_| it.path.clone());
        seen.insert(identity)
    });
    Ok(found)
}

fn is_pattern(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '[', '{'])
}

/// Walks from the part of the pattern that is no pattern.
fn expand(pattern: &Path, exclude: &Patterns, found: &mut Found) -> Result<(), Problem> {
    let text = shown(pattern);
    let matcher = GlobBuilder::new(&text)
        .literal_separator(true)
        .build()
        .map_err(|error| Problem::pattern(&text, &error))?
        .compile_matcher();
    let base: PathBuf = Path::new(&text)
        .components()
        .take_while(|part| !is_pattern(Path::new(part.as_os_str())))
        .collect();
    let base = if base.as_os_str().is_empty() { PathBuf::from(".") } else { base };
    let before = found.candidates.len();
    if base.is_dir() {
        walk(&base, Origin::Pattern, exclude, found, |shown| matcher.is_match(shown));
    }
    if found.candidates.len() == before {
        found.problems.push(Problem::NoMatch { pattern: text });
    }
    Ok(())
}

/// Links to files are read, links to directories are not followed: a loop of links ends at once.
fn walk(
    root: &Path,
    origin: Origin,
    exclude: &Patterns,
    found: &mut Found,
    wanted: impl Fn(&str) -> bool,
) {
    let filter = exclude.clone();
    let walker = WalkBuilder::new(root)
        .follow_links(false)
        .filter_entry(move |entry| entry.depth() == 0 || !filter.names(&shown(entry.path())))
        .build();
    for entry in walker {
        match entry {
            Ok(entry) => {
                let shown = shown(entry.path());
                if entry.path().is_file() && wanted(&shown) {
                    found.candidates.push(Candidate { path: entry.into_path(), shown, origin });
                }
            }
            Err(error) => found.problems.push(Problem::walk(shown(root), &error)),
        }
    }
}

fn open(
    candidate: Candidate,
    request: &Request,
    wanted: &(dyn Fn(&SourceFile, Origin) -> bool + Sync),
) -> Opened {
    let Candidate { path, shown, origin } = candidate;
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) => return Opened::Failed(Problem::unreadable(shown, &error)),
    };
    let expected = file.metadata().map_or(0, |metadata| metadata.len());
    if expected > u64::from(request.max_file_size) {
        return Opened::Failed(Problem::TooLarge { path: shown, limit: request.max_file_size });
    }
    let mut opened = take(file, expected, shown, origin, request, wanted);
    if let Opened::Rules(input) = &mut opened {
        input.source.in_work_tree = is_in_work_tree(&path);
    }
    opened
}

/// Whether a folder above the file is the root of a repository.
fn is_in_work_tree(path: &Path) -> bool {
    let whole = path.canonicalize();
    whole.is_ok_and(|whole| whole.ancestors().skip(1).any(|it| it.join(".git").exists()))
}

fn standard_input(
    request: &Request,
    stdin: &mut dyn Read,
    wanted: &(dyn Fn(&SourceFile, Origin) -> bool + Sync),
) -> Opened {
    let name = request.stdin_filename.clone().unwrap_or_else(|| "-".to_owned());
    take(stdin, 0, name.replace('\\', "/"), Origin::Named, request, wanted)
}

fn take(
    mut reader: impl Read,
    expected: u64,
    shown: String,
    origin: Origin,
    request: &Request,
    wanted: &(dyn Fn(&SourceFile, Origin) -> bool + Sync),
) -> Opened {
    let bytes = match content(&mut reader, expected, origin, request.max_file_size) {
        Ok(Content::Text(bytes)) => bytes,
        Ok(Content::Binary) => return Opened::Other(shown),
        Ok(Content::TooLarge) => {
            return Opened::Failed(Problem::TooLarge { path: shown, limit: request.max_file_size });
        }
        Err(error) => return Opened::Failed(Problem::unreadable(shown, &error)),
    };
    let source = SourceFile::new(shown, bytes);
    if wanted(&source, origin) {
        return Opened::Rules(Input { source, origin });
    }
    if origin == Origin::Named {
        return Opened::Failed(Problem::Unrecognised { path: source.path });
    }
    Opened::Other(source.path)
}

enum Content {
    Text(Vec<u8>),
    Binary,
    TooLarge,
}

/// A NUL byte near the start ends the reading of a file that nobody named: images and archives are not rules.
fn content(
    reader: &mut impl Read,
    expected: u64,
    origin: Origin,
    limit: u32,
) -> io::Result<Content> {
    const PROBE: u64 = 8192;
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0).saturating_add(1));
    reader.by_ref().take(PROBE).read_to_end(&mut bytes)?;
    if origin != Origin::Named && memchr::memchr(0, &bytes).is_some() {
        return Ok(Content::Binary);
    }
    let left = (u64::from(limit) + 1).saturating_sub(bytes.len() as u64);
    reader.by_ref().take(left).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > u64::from(limit) {
        return Ok(Content::TooLarge);
    }
    Ok(Content::Text(bytes))
}

/// A path as people and reports read it: relative where it lies below the current directory, `/` everywhere.
pub fn shown(path: &Path) -> String {
    let here = if path.is_absolute() { std::env::current_dir().ok() } else { None };
    let relative = here.and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path);
    let mut text = String::new();
    for part in relative.components() {
        match part {
            Component::CurDir => continue,
            Component::RootDir => {
                text.push('/');
                continue;
            }
            Component::Prefix(_) | Component::ParentDir | Component::Normal(_) => {}
        }
        if !text.is_empty() && !text.ends_with('/') {
            text.push('/');
        }
        text.push_str(&part.as_os_str().to_string_lossy());
    }
    if text.is_empty() {
        text.push('.');
    }
    text
}

#[cfg(test)]
mod tests;
