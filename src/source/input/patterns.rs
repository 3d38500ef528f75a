use super::Problem;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// Patterns with the meaning they have in ignore files: without a slash they name a file or directory anywhere, with one
/// a path from where they start; what lies below a directory that is named is named too.
#[derive(Debug, Clone)]
pub struct Patterns {
    names: GlobSet,
    paths: GlobSet,
}

impl Patterns {
    /// Reads them.
    ///
    /// # Errors
    ///
    /// One of them is no pattern.
    pub fn new(patterns: &[String]) -> Result<Self, Problem> {
        let mut names = GlobSetBuilder::new();
        let mut paths = GlobSetBuilder::new();
        for pattern in patterns {
            let trimmed = pattern.strip_suffix('/').unwrap_or(pattern);
            let trimmed = trimmed.strip_prefix("./").unwrap_or(trimmed);
            let glob = GlobBuilder::new(trimmed)
                .literal_separator(true)
                .build()
                .map_err(|error| Problem::pattern(pattern, &error))?;
            let set = if trimmed.contains('/') { &mut paths } else { &mut names };
            set.add(glob);
        }
        let build = |set: &GlobSetBuilder| {
            set.build().map_err(|error| Problem::pattern(&patterns.join(","), &error))
        };
        Ok(Self { names: build(&names)?, paths: build(&paths)? })
    }

    /// Whether a pattern matches this very path, whatever it lies in.
    pub fn names(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        self.names.is_match(name) || self.paths.is_match(path)
    }

    /// Whether a pattern matches this path or a directory that holds it.
    pub fn covers(&self, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        ends.filter(|end| *end > 0).any(|end| self.names(&path[..end]))
    }
}
