//! Files that pull in others: reads what they name and writes down the text that they make together.

use super::{Input, Inputs, Origin, Problem, Request, resolve, resolve::Resolver, shown};
use crate::source::{Directive, Include, Inclusion, Piece, Refusal, SourceFile, Span, Whole};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// How many files in each other the loader reads, the first one counted.
const DEEPEST: u32 = 16;

/// How many bytes may come from files that are included again.
const REPEATED: usize = 64 * 1024 * 1024;

/// Finds the directives of a file that pull in others.
pub type Directives<'d> = &'d dyn Fn(&SourceFile, Origin) -> Vec<Directive>;

/// Reads what the files of `inputs` include. A file that another one includes belongs to that one.
pub fn follow(inputs: &mut Inputs, request: &Request, directives: Directives<'_>) {
    if inputs.files.iter().all(|it| directives(&it.source, it.origin).is_empty()) {
        return;
    }
    let paths: Vec<PathBuf> =
        inputs.files.iter().map(|it| PathBuf::from(&it.source.path)).collect();
    let asked = paths.len();
    let mut pool = Pool {
        resolver: Resolver::new(request, &paths),
        limit: request.max_file_size,
        total: 0,
        directives,
        known: BTreeMap::new(),
        files: std::mem::take(&mut inputs.files),
    };
    for (path, index) in paths.iter().zip(0..) {
        if let Ok(canonical) = path.canonicalize() {
            pool.known.insert(canonical, Ok(index));
        }
    }
    let links: Vec<Links> = (0..asked).map(|root| pool.links(root)).collect();
    let included = included(&links);
    for index in included {
        pool.files[index].origin = Origin::Included;
    }
    let wholes: Vec<(usize, Whole)> = links
        .iter()
        .enumerate()
        .filter(|(root, links)| pool.files[*root].origin != Origin::Included && !links.is_empty())
        .map(|(root, links)| (root, Writer::write(root, links, &pool)))
        .collect();
    settle(inputs, pool.files, wholes);
}

/// The directives of each file that is read on the way from a root, with the files they lead to.
type Links = BTreeMap<usize, Vec<Link>>;

struct Link {
    directive: Directive,
    outcome: Result<Vec<usize>, Inclusion>,
}

/// Everything that was read, by its index, and by the one path of each file.
struct Pool<'p> {
    resolver: Resolver<'p>,
    limit: u32,
    /// How many bytes were read for this root.
    total: u32,
    directives: Directives<'p>,
    known: BTreeMap<PathBuf, Result<usize, Refusal>>,
    files: Vec<Input>,
}

impl Pool<'_> {
    /// Reads all that `root` leads to; empty where it includes nothing.
    fn links(&mut self, root: usize) -> Links {
        let mut links = Links::new();
        self.total = 0;
        let first = resolve::folder(Path::new(&self.files[root].source.path));
        let mut open = vec![root];
        while let Some(index) = open.pop() {
            if links.contains_key(&index) {
                continue;
            }
            let file = &self.files[index];
            let origin = if index == root { file.origin } else { Origin::Included };
            let directives = (self.directives)(&file.source, origin);
            let folders = [resolve::folder(Path::new(&file.source.path)), first.clone()];
            let mut found = Vec::with_capacity(directives.len());
            for directive in directives {
                let path = self.files[index].source.slice(directive.path).to_owned();
                let outcome = self.resolver.resolve(&path, &folders);
                let outcome = outcome.and_then(|paths| self.read_all(&paths));
                open.extend(outcome.iter().flatten().copied());
                found.push(Link { directive, outcome });
            }
            if index == root && found.is_empty() {
                return Links::new();
            }
            links.insert(index, found);
        }
        links
    }

    fn read_all(&mut self, paths: &[PathBuf]) -> Result<Vec<usize>, Inclusion> {
        let indices = paths.iter().map(|path| self.read(path).map_err(Inclusion::Refused));
        indices.collect()
    }

    /// Reads a regular file, once.
    fn read(&mut self, path: &Path) -> Result<usize, Refusal> {
        let canonical = path.canonicalize().map_err(|error| unreadable(&error))?;
        if let Some(known) = self.known.get(&canonical) {
            return known.clone();
        }
        let room = self.limit.saturating_sub(self.total);
        let result = text(path, room, self.limit).map(|bytes| {
            self.total = self.total.saturating_add(number(bytes.len()));
            let source = SourceFile::new(shown(path), bytes);
            self.files.push(Input { source, origin: Origin::Included });
            self.files.len() - 1
        });
        self.known.insert(canonical, result.clone());
        result
    }
}

fn unreadable(error: &io::Error) -> Refusal {
    Refusal::Unreadable { why: error.to_string() }
}

/// A whole file of at most `room` bytes; `limit` is what all together may have.
fn text(path: &Path, room: u32, limit: u32) -> Result<Vec<u8>, Refusal> {
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    let length = file.metadata().map_err(|error| unreadable(&error))?.len();
    let mut bytes = Vec::new();
    if length <= u64::from(room) {
        file.take(u64::from(room) + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| unreadable(&error))?;
    }
    if length > u64::from(room) || bytes.len() as u64 > u64::from(room) {
        return Err(Refusal::TooLarge { limit });
    }
    Ok(bytes)
}

/// The files that belong to another one. Of files that include each other, the first stands for all.
fn included(links: &[Links]) -> BTreeSet<usize> {
    let reached: Vec<BTreeSet<usize>> = links
        .iter()
        .map(|links| {
            let leads = links.values().flatten().filter_map(|link| link.outcome.as_ref().ok());
            leads.flatten().copied().collect()
        })
        .collect();
    let belongs = |file: usize| {
        reached.iter().enumerate().any(|(root, reached_from)| {
            let back = reached.get(file).is_some_and(|it| it.contains(&root));
            root != file && reached_from.contains(&file) && !(back && file < root)
        })
    };
    let all: BTreeSet<usize> = reached.iter().flatten().copied().collect();
    all.into_iter().filter(|file| belongs(*file)).collect()
}

/// What writes a whole.
struct Writer<'w> {
    links: &'w Links,
    files: &'w [Input],
    limit: u32,
    text: String,
    pieces: Vec<Piece>,
    includes: Vec<Include>,
    /// The files that are being read, the innermost last.
    stack: Vec<usize>,
    seen: BTreeSet<usize>,
    repeated: usize,
    /// Whether too much was included: nothing more is, and one directive says so.
    full: bool,
}

impl<'w> Writer<'w> {
    fn write(root: usize, links: &'w Links, pool: &'w Pool<'_>) -> Whole {
        let mut writer = Self {
            links,
            files: &pool.files,
            limit: pool.limit,
            text: String::new(),
            pieces: Vec::new(),
            includes: Vec::new(),
            stack: Vec::new(),
            seen: BTreeSet::new(),
            repeated: 0,
            full: false,
        };
        writer.file(root);
        let path = pool.files[root].source.path.clone();
        let mut source = SourceFile::of_text(path, writer.text, writer.includes);
        source.in_work_tree = pool.files[root].source.in_work_tree;
        Whole { source, pieces: writer.pieces }
    }

    fn file(&mut self, index: usize) {
        let text = self.files[index].source.text();
        self.stack.push(index);
        let mut from = 0;
        for link in self.links.get(&index).map_or(&[][..], Vec::as_slice) {
            let start = self.take(index, from, link.directive.resume);
            let moved = |span: Span| Span::new(span.start - from + start, span.end - from + start);
            let (span, path) = (moved(link.directive.span), moved(link.directive.path));
            from = link.directive.resume;
            let place = self.includes.len();
            self.includes.push(Include { span, path, outcome: Inclusion::Read });
            let outcome = match &link.outcome {
                Ok(files) => files.iter().try_for_each(|file| self.include(*file)),
                Err(inclusion) => Err(inclusion.clone()),
            };
            if let Err(inclusion) = outcome {
                self.includes[place].outcome = inclusion;
            }
        }
        self.take(index, from, number(text.len()));
        self.stack.pop();
    }

    fn include(&mut self, index: usize) -> Result<(), Inclusion> {
        let refused = |refusal| Err(Inclusion::Refused(refusal));
        if self.stack.contains(&index) {
            return refused(Refusal::Cycle);
        }
        if self.stack.len() >= DEEPEST as usize {
            return refused(Refusal::TooDeep { limit: DEEPEST });
        }
        if self.full {
            return Ok(());
        }
        let text = self.files[index].source.text();
        if !self.seen.insert(index) {
            self.repeated += text.len().max(64);
        }
        let limit = self.limit.min(u32::MAX - 1);
        let too_long = self.text.len() + text.len() > limit as usize;
        self.full = too_long || self.repeated > REPEATED;
        if self.full {
            let limit = if too_long { limit } else { number(REPEATED) };
            return refused(Refusal::TooLarge { limit });
        }
        self.file(index);
        // The end of a file ends a word and no line, except that a comment would not end either.
        let last = text.rsplit('\n').next().unwrap_or_default();
        if !last.is_empty() {
            self.text.push(if last.contains('#') { '\n' } else { ' ' });
        }
        Ok(())
    }

    /// Copies a stretch of a file; where it starts in the whole.
    fn take(&mut self, index: usize, from: u32, to: u32) -> u32 {
        let start = number(self.text.len());
        self.pieces.push(Piece { start, file: number(index), offset: from, length: None });
        self.text.push_str(self.files[index].source.slice(Span::new(from, to)));
        start
    }
}

/// Puts everything back in the order of the paths.
fn settle(inputs: &mut Inputs, files: Vec<Input>, wholes: Vec<(usize, Whole)>) {
    let mut files: Vec<(usize, Input)> = files.into_iter().enumerate().collect();
    files.sort_by(|(_, a), (_, b)| a.source.path.cmp(&b.source.path));
    let mut place = vec![0; files.len()];
    for ((before, _), now) in files.iter().zip(0..) {
        place[*before] = now;
    }
    inputs.files = files.into_iter().map(|(_, file)| file).collect();
    for (root, mut whole) in wholes {
        for piece in &mut whole.pieces {
            piece.file = place[piece.file as usize];
        }
        inputs.wholes.insert(place[root], whole);
    }
    // What is known by a file that includes it need not be recognised by itself.
    let included: BTreeSet<&str> = inputs
        .files
        .iter()
        .filter(|file| file.origin == Origin::Included)
        .map(|file| file.source.path.as_str())
        .collect();
    inputs.skipped.retain(|path| !included.contains(path.as_str()));
    inputs.problems.retain(|problem| {
        !matches!(problem, Problem::Unrecognised { path } if included.contains(path.as_str()))
    });
}

fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
