//! What fwlint does.
