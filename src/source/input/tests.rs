use super::{Inputs, Origin, Problem, Request, read, shown};
use std::{fs, path::Path, path::PathBuf};
use tempfile::TempDir;

fn request(paths: &[&Path]) -> Request {
    Request {
        paths: paths.iter().map(PathBuf::from).collect(),
        stdin_filename: None,
        exclude: Vec::new(),
        force_exclude: false,
        max_file_size: u32::MAX,
        include_paths: Vec::new(),
        sysroot: None,
    }
}

/// Files whose text starts with `*` are rules.
fn run(request: &Request) -> Inputs {
    let wanted = |source: &super::SourceFile, _: Origin| source.text().starts_with('*');
    read(request, &mut &b"*stdin"[..], &wanted).expect("the patterns are patterns")
}

fn names(inputs: &Inputs, root: &Path) -> Vec<String> {
    let root = format!("{}/", shown(root));
    let paths = inputs.files.iter().map(|it| it.source.path.replace(&root, ""));
    paths.collect()
}

fn tree(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().expect("a directory for the test");
    for (name, text) in files {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().expect("below the root")).expect("made");
        fs::write(path, text).expect("written");
    }
    root
}

#[test]
fn a_walk_takes_rules_in_order_and_counts_the_rest() {
    let root = tree(&[("b", "*"), ("a/z", "*"), ("a/readme", "no"), (".hidden", "*")]);
    let inputs = run(&request(&[root.path()]));
    assert_eq!(names(&inputs, root.path()), ["a/z", "b"]);
    assert_eq!((inputs.skipped.len(), inputs.problems.len()), (1, 0));
}

#[test]
fn ignore_files_are_respected() {
    let root = tree(&[(".ignore", "lab\n"), ("lab/a", "*"), ("b", "*")]);
    assert_eq!(names(&run(&request(&[root.path()])), root.path()), ["b"]);
}

#[test]
fn a_named_file_that_is_no_rule_file_is_a_problem() {
    let root = tree(&[("readme", "no"), ("rules", "*")]);
    let inputs = run(&request(&[&root.path().join("readme"), &root.path().join("rules")]));
    assert_eq!(names(&inputs, root.path()), ["rules"]);
    assert!(matches!(&inputs.problems[..], [Problem::Unrecognised { .. }]));
}

#[test]
fn no_file_is_read_twice() {
    let root = tree(&[("a", "*")]);
    let file = root.path().join("a");
    let roundabout = root.path().join(".").join("a");
    let inputs = run(&request(&[&file, root.path(), &roundabout]));
    assert_eq!(inputs.files.len(), 1);
    assert_eq!(inputs.files[0].origin, Origin::Named);
}

#[test]
fn a_pattern_the_shell_left_alone_is_expanded() {
    let root = tree(&[("x/rules.v4", "*"), ("x/y/rules.v4", "*"), ("x/rules.v6", "*")]);
    let inputs = run(&request(&[&root.path().join("x/*.v4")]));
    assert_eq!(names(&inputs, root.path()), ["x/rules.v4"]);
    let inputs = run(&request(&[&root.path().join("**/*.v4")]));
    assert_eq!(names(&inputs, root.path()), ["x/rules.v4", "x/y/rules.v4"]);
    let inputs = run(&request(&[&root.path().join("*.nft")]));
    assert!(matches!(&inputs.problems[..], [Problem::NoMatch { .. }]));
}

#[test]
fn exclusion_holds_for_walks_and_if_forced_for_named_files() {
    let root = tree(&[("lab/a", "*"), ("b", "*")]);
    let exclude = vec!["lab/".to_owned()];
    let walk = Request { exclude: exclude.clone(), ..request(&[root.path()]) };
    assert_eq!(names(&run(&walk), root.path()), ["b"]);
    let named = Request { exclude, ..request(&[&root.path().join("lab/a")]) };
    assert_eq!(run(&named).files.len(), 1);
    assert!(run(&Request { force_exclude: true, ..named }).files.is_empty());
}

#[test]
fn a_file_above_the_limit_is_refused() {
    let root = tree(&[("a", "*12345")]);
    let inputs = run(&Request { max_file_size: 5, ..request(&[&root.path().join("a")]) });
    assert!(matches!(&inputs.problems[..], [Problem::TooLarge { limit: 5, .. }]));
    let fits = run(&Request { max_file_size: 6, ..request(&[&root.path().join("a")]) });
    assert_eq!(fits.files.len(), 1);
}

#[test]
fn standard_input_bears_the_name_it_is_given() {
    let stdin = request(&[Path::new("-"), Path::new("-")]);
    assert_eq!(run(&stdin).files[0].source.path, "-");
    let named = Request { stdin_filename: Some("etc/rules.v4".into()), ..stdin };
    assert_eq!(run(&named).files[0].source.path, "etc/rules.v4");
}

#[cfg(unix)]
#[test]
fn a_loop_of_links_ends() {
    let root = tree(&[("a/rules", "*")]);
    std::os::unix::fs::symlink(root.path(), root.path().join("a/loop")).expect("linked");
    std::os::unix::fs::symlink("rules", root.path().join("a/again")).expect("linked");
    let inputs = run(&request(&[root.path()]));
    assert_eq!(inputs.files.len(), 1, "the link and its target are one file");
}

#[test]
fn a_missing_file_does_not_stop_the_others() {
    let root = tree(&[("a", "*")]);
    let inputs = run(&request(&[&root.path().join("nope"), &root.path().join("a")]));
    assert_eq!(inputs.files.len(), 1);
    assert!(matches!(&inputs.problems[..], [Problem::Missing { .. }]));
}

#[test]
fn binary_files_are_skipped_in_walks() {
    let root = tree(&[("a", "*\0"), ("b", "*")]);
    assert_eq!(names(&run(&request(&[root.path()])), root.path()), ["b"]);
}
