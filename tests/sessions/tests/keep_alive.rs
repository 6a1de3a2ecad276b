//! A grant that would end without a refresh is refreshed even if no caller asks.

use rekindle_clients::xellar;
use rekindle_runtime::session::Session;
use rekindle_sessions::{Integrator, World};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// R31: a refresh token that each refresh puts off is renewed in time, also after two refreshes at the same time, whose ends are
/// the same.
#[tokio::test]
async fn two_refreshes_at_the_same_time_do_not_end_the_upkeep() {
    let world = World::of::<xellar::Client>();
    let session: Session<xellar::Client> = world.signed_in().await;
    session.refresh_now().await.expect("new tokens");
    session.refresh_now().await.expect("new tokens, again");
    let before = world.wire.sent();
    world.live(30 * DAY).await;
    assert!(world.wire.sent() > before, "the grant was not kept alive");
    let token = session.access_token().await.expect("a token");
    assert!(world.accepts(xellar::Client::text(&token)));
    assert!(world.what_refused().is_empty());
}
