//! `fwlint collect`: a script that gathers what there is to review. It is printed, never run: who runs it reads it first.

/// The script, for any POSIX shell.
pub const fn collect() -> &'static str {
    include_str!("collect.sh")
}
