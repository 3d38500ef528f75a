//! The process: arguments, standard streams, exit code. Nothing else.

fn main() {}
