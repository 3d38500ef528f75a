//! Patterns of paths as glob(3) reads them: `*`, `?` and `[…]` within a name, a leading dot only where it is written.

use globset::{GlobBuilder, GlobMatcher};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The most paths that one pattern is followed to.
const MOST: usize = 100_000;

/// Whether there is anything in `text` to match.
pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// The part of a pattern before its first name that is one.
pub(super) fn base(pattern: &Path) -> PathBuf {
    let plain =
        pattern.components().take_while(|it| !is_pattern(&it.as_os_str().to_string_lossy()));
    plain.collect()
}

/// What `pattern` matches below what is not a pattern in it, sorted.
pub(super) fn expand(pattern: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = vec![PathBuf::new()];
    for part in pattern.components() {
        let name = part.as_os_str().to_string_lossy();
        if !is_pattern(&name) {
            for path in &mut found {
                path.push(part);
            }
            continue;
        }
        let mut next = Vec::new();
        for folder in found {
            next.extend(matching(&folder, &name)?);
        }
        next.truncate(MOST);
        found = next;
    }
    found.retain(|path| path.symlink_metadata().is_ok());
    found.sort();
    Ok(found)
}

fn matching(folder: &Path, pattern: &str) -> io::Result<Vec<PathBuf>> {
    let glob = matcher(pattern);
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = match fs::read_dir(here) {
        Ok(entries) => entries,
        // As for glob(3), what is no folder matches nothing.
        Err(error) if is_no_folder(&error) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let text = name.to_string_lossy();
        let hidden = text.starts_with('.') && !pattern.starts_with('.');
        let matches = glob.as_ref().map_or(text == pattern, |it| it.is_match(&*text));
        if matches && !hidden {
            names.push(folder.join(&name));
        }
    }
    names.sort();
    Ok(names)
}

fn is_no_folder(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// `{`, `\` and `**` mean nothing to glob(3); a `[` without its `]` is a bracket.
fn matcher(pattern: &str) -> Option<GlobMatcher> {
    let mut text = String::new();
    for it in pattern.chars() {
        match it {
            '*' if text.ends_with('*') => {}
            '{' | '}' => text.extend(['[', it, ']']),
            _ => text.push(it),
        }
    }
    let glob = GlobBuilder::new(&text).backslash_escape(false).build().ok()?;
    Some(glob.compile_matcher())
}

#[cfg(test)]
mod tests {
    use super::{base, expand};
    use std::{fs, path::Path};

    #[test]
    fn names_match_as_the_c_library_matches_them() {
        let root = tempfile::tempdir().expect("a directory for the test");
        for name in ["b.nft", "a.nft", ".hidden.nft", "{a}.nft", "a.txt"] {
            fs::write(root.path().join(name), "").expect("written");
        }
        fs::create_dir(root.path().join("d")).expect("made");
        fs::write(root.path().join("d/c.nft"), "").expect("written");
        for (pattern, expected) in [
            ("*.nft", "a.nft b.nft {a}.nft"),
            (".*.nft", ".hidden.nft"),
            ("[ab].nft", "a.nft b.nft"),
            ("[!a].nft", "b.nft"),
            ("?.nft", "a.nft b.nft"),
            ("{a}.*", "{a}.nft"),
            ("**", "a.nft a.txt b.nft d {a}.nft"),
            ("*/*.nft", "d/c.nft"),
            ("[d]/c.nft", "d/c.nft"),
            ("[d]/x.nft", ""),
            ("[a.nft", ""),
            ("none/*.nft", ""),
        ] {
            let found = expand(&root.path().join(pattern)).expect("readable");
            let names = found.iter().map(|path| {
                let path = path.strip_prefix(root.path()).expect("below the root");
                path.to_string_lossy().into_owned()
            });
            assert_eq!(names.collect::<Vec<_>>().join(" "), expected, "{pattern}");
        }
    }

    #[test]
    fn the_base_of_a_pattern_holds_no_pattern() {
        assert_eq!(base(Path::new("/etc/nft.d/*/a.nft")), Path::new("/etc/nft.d"));
        assert_eq!(base(Path::new("*.nft")), Path::new(""));
    }
}
