//! What a commit of the repository here holds, as files: git is asked, in a folder and with an index of its own, so that
//! the user's stay as they are.

use std::{
    env,
    ffi::OsString,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::Stdio,
    thread,
};

/// What a commit holds, in a folder of its own that goes with it.
pub(crate) struct Checkout {
    folder: PathBuf,
    /// The folder that stands for the one where the program runs.
    pub(crate) here: PathBuf,
    /// What was named, in it.
    pub(crate) paths: Vec<PathBuf>,
}

impl Checkout {
    /// Writes what `paths` name, with all that lies in the same folders, for what they may include.
    pub(crate) fn of(reference: &str, paths: &[PathBuf]) -> Result<Self, String> {
        let run =
            |arguments: &[&str], input: &[u8], index: Option<&Path>| git(arguments, input, index);
        let commit = format!("{reference}^{{tree}}");
        let tree = run(&["rev-parse", "--verify", "--end-of-options", &commit], b"", None)?;
        let tree = String::from_utf8_lossy(&tree).trim().to_owned();
        let word = |arguments: &[&str]| {
            run(arguments, b"", None).map(|it| String::from_utf8_lossy(&it).trim_end().to_owned())
        };
        let (root, prefix) =
            (word(&["rev-parse", "--show-toplevel"])?, word(&["rev-parse", "--show-prefix"])?);
        let folder = fresh_folder().map_err(|error| error.to_string())?;
        let whole = folder.join("tree");
        let here = whole.join(&prefix);
        let mut checkout = Self { folder, here: here.clone(), paths: Vec::new() };
        fs::create_dir_all(&here).map_err(|error| error.to_string())?;
        let mut folders = Vec::new();
        let named = if paths.is_empty() { &[PathBuf::from(".")][..] } else { paths };
        for path in named {
            let relative = match path.strip_prefix(&root) {
                Ok(below) => whole.join(below),
                Err(_) if path.has_root() => {
                    return Err(format!("{} is not in it", path.display()));
                }
                Err(_) => here.join(path),
            };
            checkout.paths.push(relative);
            let parent = if path.is_dir() { Some(path.as_path()) } else { path.parent() };
            let parent = parent.filter(|it| !it.as_os_str().is_empty());
            folders.push(parent.unwrap_or(Path::new(".")).to_owned());
        }
        let index = checkout.folder.join("index");
        run(&["read-tree", &tree], b"", Some(&index))?;
        let mut list: Vec<OsString> = ["ls-files", "-z", "--"].map(Into::into).into();
        list.extend(folders.into_iter().map(PathBuf::into_os_string));
        let list: Vec<&str> = list.iter().filter_map(|it| it.to_str()).collect();
        let listed = run(&list, b"", Some(&index))?;
        let target = format!("--prefix={}/", whole.display());
        run(&["checkout-index", "-q", "-z", "--stdin", &target], &listed, Some(&index))?;
        Ok(checkout)
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A folder that nobody had before.
fn fresh_folder() -> io::Result<PathBuf> {
    let base = env::temp_dir().canonicalize()?;
    for number in 0..1_000 {
        let folder = base.join(format!("fwlint-{}-{number}", std::process::id()));
        match fs::create_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            result => return result.map(|()| folder),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// What git prints; the error is what it says.
fn git(arguments: &[&str], input: &[u8], index: Option<&Path>) -> Result<Vec<u8>, String> {
    let mut command = std::process::Command::new("git");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(index) = index {
        command.env("GIT_INDEX_FILE", index);
    }
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let mut stdin = child.stdin.take();
    let output = thread::scope(|scope| {
        scope.spawn(move || {
            // Git that stops reading says why on its own.
            let _ = stdin.as_mut().map(|stdin| stdin.write_all(input));
            drop(stdin);
        });
        child.wait_with_output()
    });
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or_default().to_owned())
}
