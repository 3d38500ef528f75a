use crate::{
    source::{SourceFile, Span},
    syntax::Dialect,
};
use memchr::memchr_iter;

/// A `#` comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Comment {
    /// From the sign to the end of the line.
    pub(super) span: Span,
    /// Its line, from 1.
    pub(super) line: u32,
    /// Whether the line holds nothing else.
    pub(super) alone: bool,
}

/// The comments of a file, in its order. Lines are looked at one by one: a quotation that goes on over several is rare, and
/// an apostrophe in a text must not hide all that follows.
pub(super) fn comments(source: &SourceFile, dialect: Dialect) -> Vec<Comment> {
    let text = source.text();
    let mut comments = Vec::new();
    let mut start = 0;
    let ends = memchr_iter(b'\n', text.as_bytes()).chain([text.len()]);
    for (end, number) in ends.zip(1..) {
        let line = &text[start..end];
        if let Some(at) = comment(line, dialect) {
            let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            let line_end = start + line.trim_end_matches('\r').len();
            comments.push(Comment {
                span: Span::new(offset(start + at), offset(line_end)),
                line: number,
                alone: line[..at].trim().is_empty(),
            });
        }
        start = end + 1;
    }
    comments
}

/// Where the comment of a line begins.
fn comment(line: &str, dialect: Dialect) -> Option<usize> {
    match dialect {
        // Anywhere else the loader takes the sign for a word of the rule.
        Dialect::Iptables | Dialect::Ip6tables | Dialect::Ipset => {
            line.starts_with('#').then_some(0)
        }
        Dialect::NftJson => None,
        Dialect::Nft => unquoted_sign(line, false),
        Dialect::Script => unquoted_sign(line, true),
    }
}

fn unquoted_sign(line: &str, shell: bool) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    let mut before = b' ';
    for (at, byte) in line.bytes().enumerate() {
        match (quote, byte) {
            _ if escaped => escaped = false,
            (Some(b'"') | None, b'\\') if shell => escaped = true,
            (Some(open), _) if open == byte => quote = None,
            (None, b'"') => quote = Some(byte),
            (None, b'\'') if shell => quote = Some(byte),
            // In a shell a sign inside a word is part of it.
            (None, b'#') if !shell || b" \t;&|(".contains(&before) => return Some(at),
            _ => {}
        }
        before = byte;
    }
    None
}
