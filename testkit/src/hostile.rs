//! Inputs that nobody means well by.

/// Texts that would split a header, a path or a body if they were let through.
pub const SPLITTING: [&str; 5] = [
    "value\r\nx-injected: 1",
    "value\nx-injected: 1",
    "value\rx-injected: 1",
    "value\0",
    "value\r\n",
];

/// JSON lists inside each other, `depth` deep.
pub fn nested(depth: usize) -> String {
    "[".repeat(depth) + &"]".repeat(depth)
}

#[cfg(test)]
mod tests {
    #[test]
    fn lists_are_closed() {
        assert_eq!(super::nested(3), "[[[]]]");
    }
}
