//! The value syntaxes that options share (ports, addresses, masks, rates), each read by one function.
