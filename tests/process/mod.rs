//! The program run as a user runs it, in a folder made for the test.

use assert_cmd::{Command, assert::Assert};
use std::{fs, path::Path};
use tempfile::TempDir;

/// The program in a folder, with nothing of this machine around it.
pub(crate) fn fwlint(here: &Path) -> Command {
    let mut command = Command::cargo_bin("fwlint").expect("the program is built");
    command.current_dir(here).env_clear().env("LANG", "C.UTF-8");
    command
}

pub(crate) fn run(here: &Path, line: &str) -> Assert {
    fwlint(here).args(line.split_whitespace()).assert()
}

/// Standard output and standard error.
pub(crate) fn out(assert: &Assert) -> (String, String) {
    let output = assert.get_output();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// A folder with these files.
pub(crate) fn tree(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().expect("a directory for the test");
    for (name, text) in files {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().expect("below the root")).expect("made");
        fs::write(path, text).expect("written");
    }
    root
}
