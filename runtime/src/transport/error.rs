//! Why there is no answer.

use std::fmt;

use http::StatusCode;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Whether the request may have reached the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sent {
    /// Certainly not: the credential in it is unspent.
    No,
    /// It may have: the credential in it may be spent.
    Maybe,
}

/// What kind of failure kept the answer away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection: the name is unknown, the port is closed, the network is away.
    Connect,
    /// The time was over.
    Timeout,
    /// The connection broke.
    Io,
    /// Something came, and it is no HTTP: another protocol, or a head that is broken or longer than is read.
    NotHttp,
    /// The body is larger than is read.
    BodyTooLarge,
    /// The secure channel could not be set up.
    Tls,
    /// The provider's certificate is not valid: it has expired, is for another host, or nobody who is trusted vouches for it.
    Certificate,
    /// The URL is plain `http` and its host is not this machine.
    PlainHttp,
    /// The process is set up in a way in which the transport would show credentials.
    Misconfigured,
    /// Anything else.
    Other,
}

impl TransportErrorKind {
    /// Whether another try fails in the same way until someone changes the set-up.
    pub(crate) const fn is_misconfiguration(self) -> bool {
        matches!(self, Self::Certificate | Self::PlainHttp | Self::Misconfigured)
    }
}

impl fmt::Display for TransportErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "the provider cannot be reached",
            Self::Timeout => "the provider did not answer in time",
            Self::Io => "the connection broke",
            Self::NotHttp => "what came is no HTTP",
            Self::BodyTooLarge => "the answer is too large",
            Self::Tls => "no secure connection could be made",
            Self::Certificate => "the provider's certificate is not valid",
            Self::PlainHttp => "the URL is not https",
            Self::Misconfigured => "the transport would show credentials",
            Self::Other => "the exchange failed",
        })
    }
}

/// There is no answer.
///
/// Its own text never shows a URL, and `Debug` leaves the source out. Those who write a transport see to it that the
/// source shows neither a URL nor a credential.
pub struct TransportError {
    kind: TransportErrorKind,
    sent: Sent,
    came: Option<Came>,
    source: Option<Source>,
}

/// What came of an answer before it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Came {
    /// Its status.
    pub status: StatusCode,
    /// How many bytes of its body.
    pub bytes: usize,
}

/// As the rest of a sentence, where the body ended early.
impl fmt::Display for Came {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, bytes } = self;
        write!(f, "status {} came, and its body ended after {bytes} bytes", status.as_u16())
    }
}

impl TransportError {
    /// A failure before the request left: it is safe to send it again.
    pub fn not_sent(kind: TransportErrorKind, source: impl Into<Source>) -> Self {
        Self { source: Some(source.into()), ..Self::bare(kind, Sent::No) }
    }

    /// A failure after the request left, or at a moment that is not known.
    pub fn maybe_sent(kind: TransportErrorKind, source: impl Into<Source>) -> Self {
        Self { source: Some(source.into()), ..Self::bare(kind, Sent::Maybe) }
    }

    /// A failure at a moment that was found out.
    #[cfg(feature = "ureq")]
    pub(super) fn of(kind: TransportErrorKind, sent: Sent, source: Source) -> Self {
        Self { source: Some(source), ..Self::bare(kind, sent) }
    }

    /// A failure with nothing more to say about it than its kind.
    pub const fn bare(kind: TransportErrorKind, sent: Sent) -> Self {
        Self { kind, sent, came: None, source: None }
    }

    /// The same failure, which cut an answer short that had begun.
    #[must_use]
    pub fn after(mut self, came: Came) -> Self {
        self.came = Some(came);
        self
    }

    /// What came of an answer before it ended, where one had begun and the transport knows it.
    pub const fn came(&self) -> Option<Came> {
        self.came
    }

    /// Whether the request may have reached the provider.
    pub const fn was_sent(&self) -> Sent {
        self.sent
    }

    /// What kind of failure it was.
    pub const fn kind(&self) -> TransportErrorKind {
        self.kind
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)?;
        match &self.came {
            // It did not end: nobody read on.
            Some(Came { status, bytes }) if self.kind == TransportErrorKind::BodyTooLarge => {
                let status = status.as_u16();
                write!(
                    f,
                    ": status {status} came, and more of its body than the {bytes} bytes that are read"
                )
            }
            Some(came) => write!(f, ": {came}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportError")
            .field("kind", &self.kind)
            .field("sent", &self.sent)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for TransportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    #[test]
    fn each_kind_says_what_happened() {
        use TransportErrorKind as Kind;
        let table = [
            (Kind::Connect, "the provider cannot be reached"),
            (Kind::Timeout, "the provider did not answer in time"),
            (Kind::Io, "the connection broke"),
            (Kind::NotHttp, "what came is no HTTP"),
            (Kind::BodyTooLarge, "the answer is too large"),
            (Kind::Tls, "no secure connection could be made"),
            (Kind::Certificate, "the provider's certificate is not valid"),
            (Kind::PlainHttp, "the URL is not https"),
            (Kind::Misconfigured, "the transport would show credentials"),
            (Kind::Other, "the exchange failed"),
        ];
        for (kind, words) in table {
            assert_eq!(kind.to_string(), words);
            assert_eq!(TransportError::bare(kind, Sent::No).to_string(), words);
        }
    }

    #[test]
    fn an_answer_that_had_begun_is_told() {
        let came = Came { status: StatusCode::OK, bytes: 20 };
        let error = TransportError::bare(TransportErrorKind::Io, Sent::Maybe).after(came);
        let said = "the connection broke: status 200 came, and its body ended after 20 bytes";
        assert_eq!((error.came(), error.to_string()), (Some(came), said.to_owned()));
        let error = TransportError::bare(TransportErrorKind::BodyTooLarge, Sent::Maybe).after(came);
        let said = "the answer is too large: status 200 came, and more of its body than the 20 bytes that are read";
        assert_eq!(error.to_string(), said);
    }

    #[test]
    fn debug_tells_kind_and_moment_and_leaves_the_source_out() {
        let error = TransportError::maybe_sent(TransportErrorKind::Io, "canary");
        assert_eq!(format!("{error:?}"), "TransportError { kind: Io, sent: Maybe, .. }");
        assert_eq!(error.source().expect("the cause").to_string(), "canary");
    }
}
