//! Values that go into headers, HTTP Basic and bodies.

use std::fmt;

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextProblem {
    /// There is nothing in it.
    Empty,
    /// It ends with a line break: the usual mark of a secret that was read from a file.
    EndsWithLineBreak,
    /// There is a line break in it.
    LineBreak,
    /// There is a NUL in it.
    Nul,
    /// There is another control character in it.
    Control,
    /// There is a character in it that is not ASCII.
    NotAscii,
    /// It begins or ends with white space.
    OuterSpace,
    /// There is a colon in it.
    Colon,
    /// There is a character in it that the value of a cookie cannot hold.
    NotInCookie,
    /// There is a character in it that no XML document can hold.
    NotInXml,
}

impl TextProblem {
    /// What is wrong, without a subject: `holds a line break`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Empty => "is empty",
            Self::EndsWithLineBreak => "ends with a line break",
            Self::LineBreak => "holds a line break",
            Self::Nul => "holds a NUL character",
            Self::Control => "holds a control character",
            Self::NotAscii => "holds a character that a header cannot carry",
            Self::OuterSpace => "begins or ends with white space",
            Self::Colon => "holds a colon",
            Self::NotInXml => "holds a character that no XML document can carry",
            Self::NotInCookie => "holds a character that a cookie cannot carry",
        }
    }
}

impl fmt::Display for TextProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// Refuses what cannot be a credential: nothing at all, or text with a line break or a NUL in it.
pub fn credential(text: &str) -> Result<(), TextProblem> {
    let bytes = text.as_bytes();
    match bytes.last() {
        None => Err(TextProblem::Empty),
        Some(b'\r' | b'\n') => Err(TextProblem::EndsWithLineBreak),
        Some(_) if bytes.iter().any(|byte| matches!(byte, b'\r' | b'\n')) => {
            Err(TextProblem::LineBreak)
        }
        Some(_) if bytes.contains(&0) => Err(TextProblem::Nul),
        Some(_) => Ok(()),
    }
}

/// Refuses what cannot be the value of a client's parameter: as a [`credential`], without any control character, and without white space
/// at either end, wherever it is sent: that is what copying leaves behind, and a header could not carry it.
pub fn parameter(text: &str) -> Result<(), TextProblem> {
    credential(text)?;
    no_control(text)?;
    // What nobody sees counts as white space here.
    let is_blank = |c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}');
    if text.starts_with(is_blank) || text.ends_with(is_blank) {
        return Err(TextProblem::OuterSpace);
    }
    Ok(())
}

fn no_control(text: &str) -> Result<(), TextProblem> {
    if text.contains(char::is_control) { Err(TextProblem::Control) } else { Ok(()) }
}

/// Refuses what a header cannot carry unchanged: control characters (a line break would begin another header), anything but
/// ASCII, a space at either end.
pub fn header_value(text: &str) -> Result<(), TextProblem> {
    // What is almost always so is asked first, and without a branch for each byte.
    if text.bytes().all(|byte| is_header_character(char::from(byte))) {
        let outer = text.starts_with(' ') || text.ends_with(' ');
        return if outer { Err(TextProblem::OuterSpace) } else { Ok(()) };
    }
    Err(if text.contains(['\r', '\n']) {
        TextProblem::LineBreak
    } else if text.bytes().any(|byte| byte.is_ascii_control()) {
        TextProblem::Control
    } else {
        TextProblem::NotAscii
    })
}

/// Whether a header's value may hold this character.
pub fn is_header_character(character: char) -> bool {
    matches!(character, ' '..='~')
}

/// Refuses what the value of a cookie cannot carry unchanged (`cookie-octet` of RFC 6265 section 4.1.1): a semicolon would begin another.
pub fn cookie_value(text: &str) -> Result<(), TextProblem> {
    header_value(text)?;
    if text.chars().all(is_cookie_character) { Ok(()) } else { Err(TextProblem::NotInCookie) }
}

/// Whether a cookie's value may hold this character.
pub fn is_cookie_character(character: char) -> bool {
    matches!(character, '!'..='~') && !matches!(character, '"' | ',' | ';' | '\\')
}

/// Refuses what no document can carry, not even by a reference (`Char` of XML 1.0 section 2.2): most control characters, and two that
/// are none.
pub fn xml_text(text: &str) -> Result<(), TextProblem> {
    let is_character = |c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    if text.chars().all(is_character) { Ok(()) } else { Err(TextProblem::NotInXml) }
}

/// Refuses what cannot be the user part of HTTP Basic as it is (RFC 7617 section 2): a colon would end it.
pub fn basic_user(text: &str) -> Result<(), TextProblem> {
    if text.contains(':') { Err(TextProblem::Colon) } else { no_control(text) }
}

/// Refuses what cannot be the password part of HTTP Basic as it is.
pub fn basic_password(text: &str) -> Result<(), TextProblem> {
    no_control(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTER: Result<(), TextProblem> = Err(TextProblem::OuterSpace);

    #[test]
    fn each_place_has_its_values() {
        for (text, as_credential, as_parameter, as_header, as_user) in [
            ("a b~!", Ok(()), Ok(()), Ok(()), Ok(())),
            ("", Err(TextProblem::Empty), Err(TextProblem::Empty), Ok(()), Ok(())),
            (
                "a\r\n",
                Err(TextProblem::EndsWithLineBreak),
                Err(TextProblem::EndsWithLineBreak),
                Err(TextProblem::LineBreak),
                Err(TextProblem::Control),
            ),
            (
                "a\nb",
                Err(TextProblem::LineBreak),
                Err(TextProblem::LineBreak),
                Err(TextProblem::LineBreak),
                Err(TextProblem::Control),
            ),
            (
                "a\0",
                Err(TextProblem::Nul),
                Err(TextProblem::Nul),
                Err(TextProblem::Control),
                Err(TextProblem::Control),
            ),
            (
                "a\tb",
                Ok(()),
                Err(TextProblem::Control),
                Err(TextProblem::Control),
                Err(TextProblem::Control),
            ),
            (
                "a\u{9b}b",
                Ok(()),
                Err(TextProblem::Control),
                Err(TextProblem::NotAscii),
                Err(TextProblem::Control),
            ),
            ("é", Ok(()), Ok(()), Err(TextProblem::NotAscii), Ok(())),
            (" a", Ok(()), OUTER, OUTER, Ok(())),
            ("a ", Ok(()), OUTER, OUTER, Ok(())),
            ("a\u{a0}", Ok(()), OUTER, Err(TextProblem::NotAscii), Ok(())),
            ("\u{feff}a", Ok(()), OUTER, Err(TextProblem::NotAscii), Ok(())),
            ("a\u{200b}", Ok(()), OUTER, Err(TextProblem::NotAscii), Ok(())),
            ("a\u{a0}b", Ok(()), Ok(()), Err(TextProblem::NotAscii), Ok(())),
            ("a:b", Ok(()), Ok(()), Ok(()), Err(TextProblem::Colon)),
        ] {
            assert_eq!(credential(text), as_credential, "{text:?}");
            assert_eq!(parameter(text), as_parameter, "{text:?}");
            assert_eq!(header_value(text), as_header, "{text:?}");
            assert_eq!(basic_user(text), as_user, "{text:?}");
            let as_password = as_user.or_else(|problem| match problem {
                TextProblem::Colon => Ok(()),
                other => Err(other),
            });
            assert_eq!(basic_password(text), as_password, "{text:?}");
        }
    }
}
