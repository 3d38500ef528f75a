//! Scripts and what they do.
