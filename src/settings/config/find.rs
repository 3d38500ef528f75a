use crate::{
    settings::Error,
    source::input::{identity, shown},
};
use std::path::{Path, PathBuf};

/// The names of a configuration file.
const NAMES: [&str; 2] = ["fwlint.toml", ".fwlint.toml"];

/// The nearest configuration file of a folder: in it, or above it up to the root of its repository.
///
/// # Errors
///
/// A folder has one under both names.
pub fn nearest(folder: &Path) -> Result<Option<PathBuf>, Error> {
    for folder in identity(folder).ancestors() {
        let here = NAMES.map(|name| folder.join(name)).into_iter().filter(|path| path.is_file());
        let mut here: Vec<PathBuf> = here.collect();
        if here.len() > 1 {
            return Err(Error::TwoConfigs { folder: shown(folder) });
        }
        if let Some(found) = here.pop() {
            return Ok(Some(found));
        }
        if folder.join(".git").exists() {
            break;
        }
    }
    Ok(None)
}
