//! What a finding is known by when lines move: its code, its rule's text, its chain, and how many like it came before.

use super::check::CheckedFile;
use crate::lints::Finding;
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt::Write as _};

/// The fingerprint of every finding, in their order; what is suppressed counts among them. No two are alike.
pub fn fingerprints<'f>(
    files: &[CheckedFile],
    findings: impl Iterator<Item = &'f Finding>,
) -> Vec<String> {
    let mut seen = BTreeMap::new();
    let of = |finding| {
        let identity = identity(files, finding);
        let count = seen.entry(identity.clone()).or_insert(0_u32);
        *count += 1;
        digest(&identity, *count)
    };
    findings.map(of).collect()
}

fn identity(files: &[CheckedFile], finding: &Finding) -> [String; 3] {
    let place = finding.primary.place;
    let file = &files[place.file as usize];
    let (rule, chain) = rule(file, place.span.start);
    [finding.lint.code.to_owned(), normalised(rule), chain.to_owned()]
}

/// The rule at `offset` with its chain; the line where no rule is known.
fn rule(file: &CheckedFile, offset: u32) -> (&str, &str) {
    if let Some(anchor) = file.anchor_at(offset) {
        return (file.source.slice(anchor.span), &anchor.chain);
    }
    let line = file.source.line(file.source.position(offset).line);
    (file.source.slice(line), "")
}

/// Without counters and with single spaces, so that a dump made later is the same.
fn normalised(rule: &str) -> String {
    let words = rule.split_whitespace().filter(|word| !is_counter(word));
    words.collect::<Vec<_>>().join(" ")
}

/// `[12:3456]`.
fn is_counter(word: &str) -> bool {
    let inner = word.strip_prefix('[').and_then(|word| word.strip_suffix(']'));
    let Some((packets, bytes)) = inner.and_then(|inner| inner.split_once(':')) else {
        return false;
    };
    let number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    number(packets) && number(bytes)
}

fn digest(identity: &[String; 3], count: u32) -> String {
    let mut hash = Sha256::new();
    for part in identity {
        hash.update(part);
        hash.update([0]);
    }
    hash.update(count.to_string());
    let mut text = String::with_capacity(32);
    for byte in &hash.finalize()[..16] {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::normalised;

    #[test]
    fn counters_and_blanks_are_no_part_of_a_rule() {
        assert_eq!(normalised("[1:60] -A INPUT  -j DROP "), "-A INPUT -j DROP");
        assert_eq!(normalised("[a:1] [1:] [:1]"), "[a:1] [1:] [:1]");
    }
}
