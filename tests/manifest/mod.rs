//! The manifest of rule files of other people.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// One row of the manifest.
pub(crate) struct Row {
    /// As the manifest calls it.
    pub(crate) dialect: String,
    /// `yes`, `no` or `context`.
    pub(crate) valid: String,
    /// Why.
    pub(crate) note: String,
    /// The path below the corpus.
    pub(crate) out: String,
}

/// The folder, or word that it is not there.
pub(crate) fn corpus() -> Option<PathBuf> {
    let corpus = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if corpus.join("manifest.tsv").is_file() {
        return Some(corpus);
    }
    eprintln!("SKIPPED: {} is not there", corpus.display());
    None
}

/// Every row.
pub(crate) fn rows(corpus: &Path) -> Vec<Row> {
    let manifest = fs::read_to_string(corpus.join("manifest.tsv")).expect("a manifest of text");
    let row = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        Row {
            dialect: fields[0].to_owned(),
            valid: fields[5].to_owned(),
            note: fields[6].to_owned(),
            out: fields[7].trim_matches('"').to_owned(),
        }
    };
    manifest.lines().skip(1).map(row).collect()
}
