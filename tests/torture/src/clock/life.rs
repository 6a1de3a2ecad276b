//! The life of one grant: a caller asks for its token now and then, while clocks are wrong, leap and sleep.

use std::fmt;
use std::time::{Duration, SystemTime};

use fastrand::Rng;
use rekindle_runtime::clock::{Clock, Sleep, VirtualClock};
use rekindle_runtime::facts::{Facts, RefreshWindow, Rotation};
use rekindle_runtime::session::{Session, SessionErrorKind};
use rekindle_sessions::{Integrator, World, grant, settle};
use rekindle_testkit::provider::Rule;
use rekindle_testkit::{End, Held};

use super::recording_transport::{RecordingTransport, Seen};
use crate::plan::Plan;
use crate::report::Failure;

const HOUR: Duration = Duration::from_secs(60 * 60);
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// How long the machine sleeps.
const NIGHT: Duration = Duration::from_secs(8 * 60 * 60);
/// A `Date` tells whole seconds, and the engine keeps two of them for the way: by so much an exchange may be earlier.
const RESOLUTION: Duration = Duration::from_secs(4);

/// How wrong the machine's clock is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Skew {
    None,
    /// An hour ahead of the provider's.
    Fast,
    /// An hour behind it.
    Slow,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Life {
    skew: &'static str,
    /// How often a caller asked for the token.
    pub(super) asked: u64,
    /// How many requests the provider saw.
    pub(super) exchanges: u64,
    /// How many of them it granted.
    pub(super) granted: u64,
    /// How many of them time makes necessary; how many it does even if no caller asks; and what else does.
    by_time: f64,
    by_need: f64,
    used: u64,
    also: u64,
    /// Exchanges that came before anything needed them.
    pub(super) early: u64,
    /// Tokens that were handed out and that the provider refused.
    pub(super) late: u64,
    /// Requests that were refused, but for those that told of an end that nothing could put off.
    pub(super) refused: u64,
    /// How often a new sign-in was needed, since no refresh puts off the end of the grant.
    ended: u64,
    /// What else went wrong.
    pub(super) problems: Vec<String>,
}

/// The virtual clock, whose timers look again after some hours: what a sleep of the machine has put off is noticed by then.
struct WakingClock(VirtualClock);

impl Clock for WakingClock {
    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }
    fn wall(&self) -> SystemTime {
        self.0.wall()
    }
    fn sleep(&self, duration: Duration) -> Sleep {
        self.0.sleep(duration)
    }
    fn longest_sleep(&self) -> Duration {
        HOUR * 4
    }
}

/// What the contract says about time, measured at a token.
struct Lives {
    access: Option<Duration>,
    refresh: Option<Duration>,
    idle: Option<Duration>,
}

impl Lives {
    fn of(facts: &Facts, world: &World, held: &Held) -> Self {
        let provider = world.fake.provider();
        let now = SystemTime::from(provider.clock().now());
        let until = |end: SystemTime| end.duration_since(now).unwrap_or_default();
        let access = provider.access_token_ends(&held.access_token);
        Self {
            access: access.map(|end| until(end.into())),
            refresh: match held.refresh_expires {
                End::At(end) => Some(until(end.into())),
                _ => None,
            },
            idle: facts.idle_limit,
        }
    }

    /// How soon after an exchange the next may be needed, if the token was not used up; and how soon even if no caller asks.
    fn soonest(&self, facts: &Facts) -> (Duration, Duration) {
        // Three quarters of an access token's life: margin and jitter together take a quarter at most.
        let ahead = self.access.map(|life| life * 3 / 4 - (life / 20).min(RESOLUTION));
        // Seventy-two hundredths of what ends idle: four fifths, less a tenth of jitter.
        let fixed = matches!(facts.rotation, Some(Rotation::Never | Rotation::Echo));
        let refresh = self.refresh.filter(|_| !fixed);
        let window = self.access.filter(|_| facts.window == RefreshWindow::BeforeExpiry);
        let keep = [refresh, self.idle, window];
        let keep = keep.into_iter().flatten().map(|life| life * 18 / 25).min();
        let soonest = keep.into_iter().chain(ahead).min();
        let of = |life: Option<Duration>| life.unwrap_or(Duration::MAX).saturating_sub(RESOLUTION);
        (of(soonest), of(keep))
    }
}

/// A life as it is being lived.
struct Living<P: Integrator> {
    world: World,
    transport: RecordingTransport,
    session: Session<P>,
    random: Rng,
    soonest: Duration,
    unasked: Duration,
    /// When the tokens were issued.
    issued: SystemTime,
    /// Whether the token that may be used once has been handed out.
    used_up: bool,
    life: Life,
}

impl Life {
    /// Lives through the years of the plan with the provider of `P`.
    pub(super) async fn live<P: Integrator>(plan: &Plan, skew: Skew) -> Result<Self, Failure> {
        let world = World::of::<P>();
        let now = world.clock.wall();
        match skew {
            Skew::None => {}
            Skew::Fast => world.clock.set_wall(now + HOUR),
            Skew::Slow => world.clock.set_wall(now - HOUR),
        }
        let transport = RecordingTransport::to(&world.fake);
        let client = P::client(&world.fake.url(), &world.fake.provider().client().clone());
        let session = Session::builder(client, transport.clone())
            .store(world.store.clone())
            .clock(WakingClock(world.clock.clone()))
            .open()
            .await
            .map_err(Failure::setup)?;
        let years = u32::try_from(plan.runs).unwrap_or(u32::MAX);
        let end = world.clock.monotonic() + YEAR.saturating_mul(years);
        let mut living = Living {
            world,
            transport,
            session,
            random: Rng::with_seed(plan.seed),
            soonest: Duration::MAX,
            unasked: Duration::MAX,
            issued: now,
            used_up: false,
            life: Self { skew: skew.name(), ..Self::default() },
        };
        living.sign_in().await?;
        // The first answer tells the provider's time: before it, a wrong clock is all there is.
        living.session.refresh_now().await.map_err(Failure::setup)?;
        living.life.also += 1;
        living.issued = living.now();
        living.transport.take();
        living.life.exchanges += 1;
        living.life.granted += 1;
        while living.world.clock.monotonic() < end && living.life.problems.len() < 10 {
            living.go_on().await?;
        }
        Ok(living.life)
    }
}

impl<P: Integrator> Living<P> {
    fn now(&self) -> SystemTime {
        self.world.fake.clock().now().into()
    }

    async fn sign_in(&mut self) -> Result<(), Failure> {
        let held = self.world.fake.provider().sign_in();
        let lives = Lives::of(&P::FACTS, &self.world, &held);
        (self.soonest, self.unasked) = lives.soonest(&P::FACTS);
        self.session.sign_in(grant(&held)).await.map_err(Failure::setup)?;
        self.issued = self.now();
        self.used_up = false;
        Ok(())
    }

    /// Lets time pass in one of several ways, and asks for the token.
    async fn go_on(&mut self) -> Result<(), Failure> {
        let before = self.now();
        match self.random.u8(0..40) {
            0..=3 => self.sleep_well().await,
            4 => self.leap(),
            5..=12 => self.wait(Duration::from_secs(60)).await,
            13..=36 => self.wait(HOUR * 4).await,
            37..=38 => self.wait(HOUR * 24 * 3).await,
            _ => self.wait(HOUR * 24 * 25).await,
        }
        self.look();
        self.ask().await?;
        self.look();
        let passed = self.now().duration_since(before).unwrap_or_default();
        self.life.by_time += share(passed, self.soonest);
        self.life.by_need += share(passed, self.unasked);
        Ok(())
    }

    async fn wait(&mut self, longest: Duration) {
        let time = longest.mul_f64(self.random.f64());
        self.world.live(time).await;
    }

    /// The machine sleeps while the provider's time goes on.
    async fn sleep_well(&mut self) {
        self.world.clock.suspend(NIGHT);
        self.world.fake.clock().advance(NIGHT);
        settle().await;
    }

    /// Sets the machine's clock, by up to a day.
    fn leap(&mut self) {
        let by = HOUR.mul_f64(self.random.f64() * 24.0);
        let wall = self.world.clock.wall();
        let wall = if self.random.bool() { wall + by } else { wall - by };
        self.world.clock.set_wall(wall);
    }

    async fn ask(&mut self) -> Result<(), Failure> {
        self.life.asked += 1;
        match self.session.access_token().await {
            Ok(token) => {
                let text = P::text(&token).to_owned();
                drop(token);
                // What is fetched meanwhile, in the background, ends no other token before this one was used.
                if !self.world.accepts(&text) {
                    self.life.late += 1;
                }
                settle().await;
                self.look();
                if P::FACTS.access_token_single_use {
                    self.used_up = true;
                    self.life.used += 1;
                }
                Ok(())
            }
            Err(error) => {
                self.look();
                let over = matches!(error.kind(), SessionErrorKind::SignInNeeded(_));
                if !over || !self.may_end() {
                    let words = format!("{error}, {:?} after the last tokens", self.age());
                    self.life.problems.push(words);
                }
                self.life.ended += 1;
                self.life.also += 1;
                self.sign_in().await
            }
        }
    }

    fn age(&self) -> Duration {
        self.now().duration_since(self.issued).unwrap_or_default()
    }

    /// Whether no refresh puts off the end of this grant.
    fn may_end(&self) -> bool {
        matches!(P::FACTS.rotation, Some(Rotation::Never | Rotation::Echo))
    }

    /// Counts what the provider has seen.
    fn look(&mut self) {
        for Seen { at, refused } in self.transport.take() {
            self.life.exchanges += 1;
            match refused {
                Some(Rule::RefreshTokenExpired) if self.may_end() => continue,
                Some(rule) => {
                    let words =
                        format!("refused by {rule}, {:?} after the last tokens", self.age());
                    self.life.problems.push(words);
                    self.life.refused += 1;
                    continue;
                }
                None => self.life.granted += 1,
            }
            let age = at.duration_since(self.issued).unwrap_or_default();
            if age < self.soonest && !self.used_up {
                self.life.early += 1;
            }
            self.issued = at;
            self.used_up = false;
        }
    }
}

impl Life {
    /// How many exchanges the contract needs, at most: as many as tokens end in this time, or as many as callers ask for and
    /// as keep the grant alive; and one for each token that was used up, and each grant.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of exchanges, which no life exceeds"
    )]
    pub(super) fn bound(&self) -> u64 {
        let by_need = self.by_need.ceil() as u64 + self.asked;
        let by_time = self.by_time.ceil() as u64 + self.used;
        by_time.min(by_need) + self.also
    }
}

/// How often `each` fits into `time`.
fn share(time: Duration, each: Duration) -> f64 {
    time.as_secs_f64() / each.as_secs_f64()
}

impl Skew {
    fn name(self) -> &'static str {
        match self {
            Self::None => "right",
            Self::Fast => "1 h fast",
            Self::Slow => "1 h slow",
        }
    }
}

impl fmt::Display for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "clock {:<8} asked={} exchanges={} bound={} early={} late={} refused={} signed_in_anew={}",
            self.skew,
            self.asked,
            self.exchanges,
            self.bound(),
            self.early,
            self.late,
            self.refused,
            self.ended
        )
    }
}
