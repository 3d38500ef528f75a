//! nftables files that include others: what is read, what the real loader says of the same files, and where findings
//! stand.

#![expect(clippy::print_stderr, reason = "a skip is said aloud")]

#[path = "includes/cases.rs"]
mod cases;

use assert_cmd::{Command, assert::Assert};
use cases::{cases, host};
use std::{env, fs, path::Path, process::Command as Process};
use tempfile::TempDir;

/// Files by name; a name that ends in `/` is a folder.
fn tree(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().expect("a directory for the test");
    for (name, text) in files {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().expect("below the root")).expect("made");
        if name.ends_with('/') {
            fs::create_dir_all(path).expect("made");
        } else {
            fs::write(path, text).expect("written");
        }
    }
    root
}

fn fwlint(here: &Path, line: &str) -> Assert {
    let mut command = Command::cargo_bin("fwlint").expect("the program is built");
    command.current_dir(here).env_clear().env("LANG", "C.UTF-8");
    command.args(["check", "-f", "concise"]).args(line.split_whitespace()).assert()
}

fn lines(assert: &Assert) -> Vec<String> {
    let text = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
    text.lines().map(str::to_owned).collect()
}

fn stderr(assert: &Assert) -> String {
    String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
}

fn json(here: &Path, line: &str) -> serde_json::Value {
    let mut command = Command::cargo_bin("fwlint").expect("the program is built");
    command.current_dir(here).env_clear().env("LANG", "C.UTF-8").args(["check", "-f", "json"]);
    let output = command.args(line.split_whitespace()).output().expect("it runs");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn made(files: &[(&str, String)]) -> TempDir {
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    tree(&files)
}

#[test]
fn what_is_included_is_read_in_its_place() {
    for (name, files, expected) in cases() {
        let root = made(&files);
        let assert = fwlint(root.path(), "--select FW0 -I . main.nft");
        let found = lines(&assert);
        let first = found.iter().find(|line| line.contains("error[FW000]"));
        let place: String = first
            .map_or(String::new(), |line| line.split(':').take(2).collect::<Vec<_>>().join(":"));
        assert_eq!(place, expected, "{name}: {found:?}");
        let code = assert.get_output().status.code();
        assert_eq!(code, Some(if expected.is_empty() { 0 } else { 3 }), "{name}: {found:?}");
    }
}

#[test]
fn the_real_loader_says_the_same_of_the_same_files() {
    let runs = Process::new("unshare").args(["-n", "nft", "list", "ruleset"]).output();
    if !runs.is_ok_and(|output| output.status.success()) {
        assert!(env::var_os("FWLINT_REQUIRE_LOADERS").is_none(), "nft cannot run here");
        eprintln!("SKIPPED: nft cannot run here");
        return;
    }
    for (name, files, expected) in cases() {
        let root = made(&files);
        let output = Process::new("unshare")
            .args(["-n", "nft", "-I", ".", "-c", "-f", "main.nft"])
            .current_dir(root.path())
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.success(), expected.is_empty(), "{name}: {said}");
    }
}

#[test]
fn a_finding_stands_in_the_file_that_opens_the_port() {
    let root = tree(&[
        (
            "nftables.conf",
            &host("include \"sets.nft\"", "include \"d/*.nft\"\ntcp dport @s accept"),
        ),
        ("sets.nft", "# the sets\nset s { type inet_service; elements = { 79 } }\n"),
        ("d/a.nft", "\ntcp dport 23 accept\n"),
    ]);
    let found = lines(&fwlint(root.path(), "--select FW1 .").code(1));
    assert_eq!(
        found,
        [
            "d/a.nft:2:1: error[FW104] tcp/23 (telnet) is open to any IPv4 or IPv6 address",
            "sets.nft:2:41: warning[FW106] tcp/79 (finger) is open to any IPv4 or IPv6 address",
        ]
    );
    let report = json(root.path(), "--select FW1 .");
    let files: Vec<_> = report["files"].as_array().expect("a list").iter().collect();
    let told: Vec<_> = files.iter().map(|it| (it["path"].as_str(), it["rules"].as_u64())).collect();
    assert_eq!(
        told,
        [(Some("d/a.nft"), Some(1)), (Some("nftables.conf"), Some(1)), (Some("sets.nft"), Some(0)),]
    );
    let label = &report["findings"][1]["labels"][1];
    assert_eq!(
        (label["path"].as_str(), label["range"]["start"]["line"].as_u64()),
        (Some("nftables.conf"), Some(6))
    );
    assert_eq!(report["analysis"]["unknown"].as_array().map(Vec::len), Some(0));
}

#[test]
fn the_excerpt_is_that_of_the_included_file() {
    let root = tree(&[
        ("nftables.conf", &host("", "include \"a.nft\"")),
        ("a.nft", "# first\ntcp dport 23 accept comment \"old\"\n"),
    ]);
    let mut command = Command::cargo_bin("fwlint").expect("the program is built");
    command.current_dir(root.path()).env_clear().env("LANG", "C.UTF-8");
    let assert = command.args(["check", "--select", "FW104", "nftables.conf"]).assert().code(1);
    let text = lines(&assert).join("\n");
    assert!(text.contains("[a.nft:2:1]"), "{text}");
    assert!(text.contains("tcp dport 23 accept comment \"old\""), "{text}");
}

#[test]
fn an_included_file_is_no_host_of_its_own() {
    let files = [
        ("nftables.conf", host("", "include \"d/a.nft\"") + "include \"d/b.*\"\n"),
        ("d/a.nft", "tcp dport $p jump nowhere\n".to_owned()),
        ("d/b.nft", "table inet other {\nchain c {\ntcp dport 23 accept\n}\n}\n".to_owned()),
    ];
    let files: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let root = tree(&files);
    // Walked, named with the file that includes it, and named first: always once, always as a part of the other.
    let expected = lines(&fwlint(root.path(), "--select FW0,FW4 ."));
    assert!(expected[0].starts_with("d/a.nft:1:12: error[FW000]"), "{expected:?}");
    for line in ["nftables.conf d/a.nft d/b.nft", "d/b.nft d/a.nft nftables.conf", "nftables.conf"]
    {
        let assert = fwlint(root.path(), &format!("--select FW0,FW4 {line}"));
        assert_eq!(lines(&assert), expected, "{line}: {}", stderr(&assert));
        assert!(!stderr(&assert).contains("not recognised"), "{line}: {}", stderr(&assert));
    }
    // Alone it is what it is.
    let alone = lines(&fwlint(root.path(), "--select FW0,FW4 d/b.nft").code(0));
    assert!(alone.is_empty(), "{alone:?}");
}

#[test]
fn files_that_include_each_other_are_reported_once() {
    let root = tree(&[("a.nft", "include \"b.nft\"\n"), ("b.nft", "include \"a.nft\"\n")]);
    let found = lines(&fwlint(root.path(), "--select FW0 .").code(3));
    assert_eq!(
        found,
        ["b.nft:1:1: error[FW000] `include \"a.nft\"` leads back to a file that is being read"]
    );
}

#[test]
fn nothing_is_read_outside_of_what_was_named() {
    let root = tree(&[
        (
            "hosts/main.nft",
            "include \"../common/a.nft\"\ninclude \"/etc/nftables.d/*.nft\"\ntable ip t\n",
        ),
        ("common/a.nft", "nonsense\n"),
        ("root/etc/nftables.d/b.nft", "more nonsense\n"),
    ]);
    let unknown = |line: &str| {
        let report = json(root.path(), line);
        let unknown = report["analysis"]["unknown"].as_array().expect("a list").clone();
        let whats = unknown.iter().map(|it| it["what"].as_str().expect("words").to_owned());
        (whats.collect::<Vec<_>>(), report["findings"].as_array().map_or(0, Vec::len))
    };
    let outside =
        "include of ../common/a.nft: it leads outside of what was named; `-I DIR` allows it";
    let unmapped =
        "include of /etc/nftables.d/*.nft: an absolute path; `--sysroot DIR` says where it is";
    let select = "--select FW0,FW411 hosts/main.nft";
    assert_eq!(unknown(select), (vec![outside.to_owned(), unmapped.to_owned()], 0));
    assert_eq!(unknown(&format!("{select} -I common")), (vec![unmapped.to_owned()], 1));
    assert_eq!(unknown(&format!("{select} --sysroot root")), (vec![outside.to_owned()], 1));
    // What is not known is no error.
    fwlint(root.path(), select).code(0);
}

#[test]
fn a_sysroot_has_the_folder_that_nft_looks_in() {
    let root = tree(&[
        ("image/etc/nftables.conf", "include \"nft/a.nft\"\ninclude \"/etc/nft/b.nft\"\n"),
        ("image/etc/nft/a.nft", "include \"nft/ports.nft\"\n"),
        ("image/etc/nft/ports.nft", "define p = 23\n"),
        ("image/etc/nft/b.nft", &host("", "tcp dport $p accept")),
    ]);
    let line = "--select FW0,FW104 --sysroot image image/etc/nftables.conf";
    let found = lines(&fwlint(root.path(), line).code(1));
    assert_eq!(
        found,
        [
            "image/etc/nft/b.nft:5:1: error[FW104] tcp/23 (telnet) is open to any IPv4 or IPv6 address"
        ]
    );
}

#[test]
fn what_becomes_of_an_include_is_said_in_chinese_too() {
    let root = tree(&[(
        "main.nft",
        "include \"d/*.nft\"\ninclude \"./main.nft\"\ninclude \"/etc/a.nft\"\ntable ip t\n",
    )]);
    let found = lines(&fwlint(root.path(), "--lang zh main.nft").code(3));
    assert_eq!(
        found,
        [
            "main.nft:1:10: warning[FW411] 此处没有文件匹配 `d/*.nft`，因此该 include 不引入任何内容",
            "main.nft:2:1: error[FW000] `include \"./main.nft\"` 又指回正在读取的文件",
        ]
    );
}

#[test]
#[cfg(unix)]
fn a_link_out_of_what_was_named_is_not_followed() {
    let root =
        tree(&[("in/main.nft", "include \"a.nft\"\ntable ip t\n"), ("out/a.nft", "nonsense\n")]);
    std::os::unix::fs::symlink("../out/a.nft", root.path().join("in/a.nft")).expect("linked");
    let assert = fwlint(root.path(), "--select FW0 in/main.nft").code(0);
    assert!(lines(&assert).is_empty());
    let report = json(root.path(), "in/main.nft");
    let what = report["analysis"]["unknown"][0]["what"].as_str().expect("words").to_owned();
    assert!(what.contains("leads outside"), "{what}");
}

#[test]
fn a_missing_file_is_an_error_only_where_the_user_says_where_to_look() {
    let root = tree(&[
        ("main.nft", "include \"a.nft\"\ninclude \"/b.nft\"\ntable ip t\n"),
        ("x/", ""),
        ("sys/", ""),
    ]);
    fwlint(root.path(), "--select FW0 main.nft").code(0);
    let found = lines(&fwlint(root.path(), "--select FW0 -I x main.nft").code(3));
    assert_eq!(
        found,
        ["main.nft:1:1: error[FW000] `include \"a.nft\"` names a file that is not there"]
    );
    let found = lines(&fwlint(root.path(), "--select FW0 --sysroot sys main.nft").code(3));
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
#[cfg(unix)]
fn devices_and_pipes_are_not_opened() {
    let root = tree(&[("main.nft", "include \"pipe\"\ninclude \"/dev/zero\"\ninclude \"zero\"\n")]);
    let made = Process::new("mkfifo").arg(root.path().join("pipe")).status().expect("it runs");
    assert!(made.success());
    std::os::unix::fs::symlink("/dev/zero", root.path().join("zero")).expect("linked");
    let found = lines(&fwlint(root.path(), "--select FW0 main.nft").code(3));
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found.iter().all(|line| line.ends_with("names no regular file")), "{found:?}");
}

#[test]
fn the_empty_device_is_an_empty_file() {
    let root = tree(&[("main.nft", "include \"/dev/null\"\ntable ip t {\n}\n")]);
    assert!(lines(&fwlint(root.path(), "--select FW0,FW411 main.nft").code(0)).is_empty());
}

#[test]
fn what_includes_multiply_is_bounded() {
    // Each file includes the next one twice: 32,768 times the last one.
    let mut files = Vec::new();
    for at in 1..16 {
        files.push((
            format!("{at}.nft"),
            format!("include \"{0}.nft\"\ninclude \"{0}.nft\"\n", at + 1),
        ));
    }
    files.push(("16.nft".to_owned(), format!("# {}\n", "x".repeat(100_000))));
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let root = tree(&files);
    let found = lines(&fwlint(root.path(), "--select FW0 1.nft").code(3));
    assert!(found[0].contains("pulls in more than is read"), "{found:?}");
    let few = lines(&fwlint(root.path(), "--select FW0 --max-file-size 150000 1.nft").code(3));
    assert!(few[0].contains("pulls in more than is read"), "{few:?}");
    // Also where each file is small enough.
    let root = tree(&[
        ("main.nft", "include \"d/*\"\ntable ip t\n"),
        ("d/a", "# sixteen bytes\n"),
        ("d/b", "# sixteen bytes\n"),
    ]);
    fwlint(root.path(), "--select FW0 --max-file-size 100 main.nft").code(0);
    let found = lines(&fwlint(root.path(), "--select FW0 --max-file-size 30 main.nft").code(3));
    assert_eq!(found, ["main.nft:1:1: error[FW000] `include \"d/*\"` pulls in more than is read"]);
}

#[test]
fn standard_input_includes_files_beside_its_name() {
    let root = tree(&[("d/a.nft", "define p = 23\n")]);
    let text = format!("include \"a.nft\"\n{}", host("", "tcp dport $p accept"));
    let mut command = Command::cargo_bin("fwlint").expect("the program is built");
    command.current_dir(root.path()).env_clear().env("LANG", "C.UTF-8");
    command.args(["check", "-f", "concise", "--select", "FW104,FW000"]);
    let assert =
        command.args(["--stdin-filename", "d/main.nft", "-"]).write_stdin(text).assert().code(1);
    assert_eq!(
        lines(&assert),
        ["d/main.nft:6:1: error[FW104] tcp/23 (telnet) is open to any IPv4 or IPv6 address"]
    );
}

/// What is found: code, message, and the words that the finding is placed on.
fn found(root: &Path) -> Vec<String> {
    let report = json(root, "--persona audit main.nft");
    let findings = report["findings"].as_array().expect("a list");
    // A listing that takes in a file is a listing no more, and whether it can be loaded twice is asked.
    let of_the_file = |it: &&serde_json::Value| it["code"] != "FW408";
    let mut found: Vec<String> = findings
        .iter()
        .filter(of_the_file)
        .map(|it| {
            let path = root.join(it["path"].as_str().expect("a path"));
            let text = fs::read_to_string(path).expect("a file of the test");
            let offset = |end: &str| {
                let offset = it["range"][end]["offset"].as_u64().expect("a number");
                usize::try_from(offset).expect("a small file")
            };
            format!("{} {} {}", it["code"], it["message"], &text[offset("start")..offset("end")])
        })
        .collect();
    found.sort();
    found
}

#[test]
fn a_rule_says_the_same_in_another_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut moved = 0;
    for name in ["real/nftables-server/nftables.conf", "same/nft/router.nft", "same/nft/server.nft"]
    {
        let text = fs::read_to_string(folder.join(name)).expect("a fixture");
        let root = tree(&[("main.nft", &text)]);
        let whole = found(root.path());
        assert!(!whole.is_empty(), "{name} has nothing to say");
        let is_rule = |line: &str| {
            let last = line.split_whitespace().last().unwrap_or_default();
            matches!(last, "accept" | "drop" | "reject") && !line.contains(['{', '}', '#', ':'])
        };
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate().filter(|(_, line)| is_rule(line)) {
            let mut rest = lines.clone();
            rest[number] = "include \"part.nft\"";
            let root = tree(&[
                ("main.nft", &(rest.join("\n") + "\n")),
                ("part.nft", &format!("# a rule\n{line}\n")),
            ]);
            assert_eq!(found(root.path()), whole, "{name}: {line}");
            moved += 1;
        }
    }
    assert!(moved > 10, "{moved} rules moved");
}
