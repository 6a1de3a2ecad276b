//! What happened to one grant: which refresh token is good, which are spent, and whether a replay ended it all.

use super::answer::Answer;

/// One user's grant on the server.
#[derive(Debug)]
pub struct Grant {
    answer: Answer,
    lifetime: u64,
    refresh: String,
    spent: Vec<String>,
    issued: u32,
    requests: u32,
    revoked: bool,
}

/// A response that is to be written.
#[derive(Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

impl Grant {
    /// A grant with a first refresh token. Access tokens live for an hour and each refresh brings a new pair.
    pub fn new() -> Self {
        Self {
            answer: Answer::PAIR,
            lifetime: 3600,
            refresh: "refresh-0".to_owned(),
            spent: Vec::new(),
            issued: 0,
            requests: 0,
            revoked: false,
        }
    }

    /// Changes what the server answers from now on.
    pub fn answer_with(&mut self, answer: Answer) {
        self.answer = answer;
    }

    /// Changes how many seconds the access tokens live that are issued from now on.
    pub fn live_for(&mut self, seconds: u64) {
        self.lifetime = seconds;
    }

    /// The refresh token that is good now.
    pub fn refresh_token(&self) -> &str {
        &self.refresh
    }

    /// How many requests have come.
    pub fn requests(&self) -> u32 {
        self.requests
    }

    /// Whether a spent refresh token came again, so that every token of the grant is dead.
    pub fn is_revoked(&self) -> bool {
        self.revoked
    }

    /// Answers a request. One without a refresh token is a sign-in: it always gets a pair.
    pub fn exchange(&mut self, presented: Option<&str>) -> Response {
        self.requests += 1;
        if self.answer.status >= 400 {
            return self.answered(&self.answer.clone());
        }
        if let Some(presented) = presented {
            self.revoked |= self.spent.iter().any(|spent| spent == presented);
            if self.revoked || presented != self.refresh {
                return self.answered(&Answer::INVALID_GRANT);
            }
        }
        self.issued += 1;
        let answer = self.answer.clone();
        if answer.rotates() {
            let next = format!("refresh-{}", self.issued);
            self.spent.push(std::mem::replace(&mut self.refresh, next));
        }
        self.answered(&answer)
    }

    fn answered(&self, answer: &Answer) -> Response {
        Response {
            status: answer.status,
            content_type: answer.content_type,
            body: answer.filled(self.issued, &self.refresh, self.lifetime),
        }
    }
}

impl Default for Grant {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refresh_spends_its_token() {
        let mut grant = Grant::new();
        assert_eq!(grant.exchange(Some("refresh-0")).status, 200);
        assert_eq!(grant.refresh_token(), "refresh-1");
        assert_eq!(grant.exchange(Some("refresh-1")).status, 200);
        assert!(!grant.is_revoked());
    }

    #[test]
    fn a_replay_ends_the_grant_for_the_newest_token_too() {
        let mut grant = Grant::new();
        grant.exchange(Some("refresh-0"));
        assert_eq!(grant.exchange(Some("refresh-0")).status, 400);
        assert!(grant.is_revoked());
        assert_eq!(grant.exchange(Some("refresh-1")).status, 400);
    }

    #[test]
    fn an_unknown_token_is_refused_and_revokes_nothing() {
        let mut grant = Grant::new();
        assert_eq!(grant.exchange(Some("")).status, 400);
        assert!(!grant.is_revoked());
        assert_eq!(grant.exchange(Some("refresh-0")).status, 200);
    }

    #[test]
    fn an_answer_without_a_refresh_token_and_an_outage_spend_nothing() {
        let mut grant = Grant::new();
        grant.answer_with(Answer::ACCESS_ONLY);
        assert_eq!(grant.exchange(Some("refresh-0")).status, 200);
        grant.answer_with(Answer::OUTAGE);
        assert_eq!(grant.exchange(Some("refresh-0")).status, 503);
        assert_eq!(grant.refresh_token(), "refresh-0");
        assert_eq!(grant.requests(), 2);
    }
}
