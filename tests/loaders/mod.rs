//! The real loaders, which judge files without loading them.

use fwlint::syntax::Dialect;
use std::{
    io::Write,
    process::{Command, Stdio},
};

/// Runs a program that loads files of a dialect, without loading them, in a network of its own.
pub(crate) struct Loader {
    command: &'static [&'static str],
}

impl Loader {
    /// The loaders of a family that run here.
    pub(crate) fn of(dialect: Dialect) -> Vec<Self> {
        let commands: &[&[&str]] = match dialect {
            Dialect::Iptables => {
                &[&["iptables-nft-restore", "--test"], &["iptables-legacy-restore", "--test"]]
            }
            Dialect::Ip6tables => {
                &[&["ip6tables-nft-restore", "--test"], &["ip6tables-legacy-restore", "--test"]]
            }
            Dialect::Nft => &[&["nft", "-c", "-f", "-"]],
            // Our own scripts, in a network that ends with them.
            Dialect::Script => &[&["sh", "-e"]],
            _ => &[],
        };
        let empty = match dialect {
            Dialect::Nft => "table ip t {\n}\n",
            Dialect::Script => "iptables -F\n",
            _ => "*filter\nCOMMIT\n",
        };
        commands
            .iter()
            .map(|command| Self { command })
            .filter(|loader| loader.test(empty).is_ok())
            .collect()
    }

    /// What it says against a file; `Ok` if it takes it.
    pub(crate) fn test(&self, text: &str) -> Result<(), String> {
        let mut child = Command::new("unshare")
            .arg("-n")
            .args(self.command)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let mut input = child.stdin.take().expect("standard input is a pipe");
        // A loader that stops reading says why on its standard error.
        let _ = input.write_all(text.as_bytes());
        drop(input);
        let output = child.wait_with_output().map_err(|error| error.to_string())?;
        if output.status.success() {
            return Ok(());
        }
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}
