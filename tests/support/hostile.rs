//! Texts that try to be something else, for tests of this crate and of what it generates.

/// What a text must not become, in rustdoc or on GitHub.
pub const TEXTS: &[&str] = &[
    "    std::fs::write(\"PWNED\", \"indented\").unwrap();",
    "a\n\n\tstd::fs::write(\"PWNED\", \"tab\").unwrap();\n\tpanic!()",
    "a\n\n```\nstd::fs::write(\"PWNED\", \"fence\").unwrap();\n```\nb",
    "~~~rust\nstd::fs::write(\"PWNED\", \"tildes\").unwrap();\n~~~",
    "```` ```\n``` ````",
    "- a\n  - b\n\n* c\n+ d\n+",
    "1. a\n2) b\n3.",
    "# a\n## b ##\n#\nc #",
    "a\n===\nb\n---\nc\n-",
    "***\n---\n_ _ _\n- - -",
    "> a\n>b",
    "<script>alert(1)</script> <!-- a --> <?php ?> <![CDATA[x]]> <b>rk</b> <a@b.example>",
    "a ` <img src=x onerror=alert(1)> b",
    "`a\n<script> b` c",
    "``a` b`` `c `` d` `` ` ``",
    "\\` \\`a\\` \\\\`b`",
    "&lt;b&gt; &amp; &#60; &#x3c; AT&T &copy;",
    "*a* **b** _c_ __d__ a_b_c a*b*c ~e~ ~~f~~ _a`b`_ _https://a.example/_",
    "[a](b) ![a](b) [a] [a][b] [`Vec`] [^1] [x]: https://a.example",
    "[^1]: note\n[a]: https://a.example \"t\"",
    "a | b\n--|--\nc | d",
    "|a|\n|-|\n|b|",
    "a\n:--\nb\n:-:",
    "See https://a.example/b_c?d=e&f=g#h. (https://a.example) https://a.example/<x> http://[::1]/ https:// https://-a.example",
    "<https://a.example> https://a.example/&lt;b https://a.example|b https://a.example/a--b...c",
    "x https://a.example/_\u{e9} y_https://b.example",
    "a -- b --- c ... \"d\" 'e' ---- ....",
    "a\\\nb  \nc \\",
    "a\rb\r\n\r\nc\u{85}d\u{2028}e\u{2029}f\u{b}g\u{c}h",
    "\u{0}\u{7}\u{1b}[31m\u{9b}31m \u{202e}abc\u{2066} \u{feff}",
    "$a$ $$b$$ ${client.id}",
    "- [ ] todo\n- [x] done",
    "a\u{a0}\u{a0}b \u{3000}c",
    "  \n\n \t \n",
    "",
    "C#",
    "a #",
    "+\n+++\n:::\n=",
    "`a|b` `|` `` | `",
    "a\n\u{b}    b",
];

/// What no page may hold as it is: the tags of these texts.
#[allow(dead_code, reason = "pages are made elsewhere")]
pub const TAGS: &[&str] =
    &["<script>alert(", "<script> b", "<img src=x", "<b>rk", "<!-- a", "<?php", "<![CDATA", "<x>"];
