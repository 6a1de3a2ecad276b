//! How ureq connects here, and how far a request has come.

use std::cell::Cell;

use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, TcpConnector, Transport,
};
use zeroize::Zeroize;

use super::super::{Sent, guard};

thread_local! {
    /// Whether bytes of this thread's request were handed to its connection. ureq stays on the caller's thread and does not say in its errors
    /// how far it came.
    static SENT: Cell<Sent> = const { Cell::new(Sent::No) };
}

/// Whether the request that began last on this thread may have left.
pub(super) fn was_sent() -> Sent {
    SENT.get()
}

/// Says that a request begins on this thread.
pub(super) fn begin() {
    SENT.set(Sent::No);
}

/// Connects as ureq does, except that plain `http`, which stays on this machine, goes through no proxy: it would see the credentials.
#[derive(Debug, Default)]
pub(super) struct Connecting {
    usual: DefaultConnector,
    direct: TcpConnector,
}

impl Connector for Connecting {
    type Out = Connection;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        _: Option<()>,
    ) -> Result<Option<Connection>, Error> {
        let connected = self.make(details);
        // What a proxy was asked, and a handshake, are no part of the request.
        begin();
        Ok(connected?.map(Connection))
    }
}

impl Connecting {
    fn make(&self, details: &ConnectionDetails<'_>) -> Result<Option<Box<dyn Transport>>, Error> {
        if !guard::is_plain(details.uri) || details.config.proxy().is_none() {
            return self.usual.connect(details, None);
        }
        // For the proxy's sake the name was not looked up.
        let addrs = details.resolver.resolve(details.uri, details.config, details.timeout)?;
        let details = ConnectionDetails {
            addrs,
            uri: details.uri,
            config: details.config,
            request_level: details.request_level,
            resolver: details.resolver,
            now: details.now,
            timeout: details.timeout,
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            register_shutdown: details.register_shutdown.clone(),
        };
        let transport = self.direct.connect(&details, None::<()>)?;
        Ok(transport.map(Transport::boxed))
    }
}

/// A connection that notes when a request begins to leave, and wipes what was in its buffers.
#[derive(Debug)]
pub(super) struct Connection(Box<dyn Transport>);

impl Transport for Connection {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        SENT.set(Sent::Maybe);
        let outcome = self.0.transmit_output(amount, timeout);
        self.0.buffers().output()[..amount].zeroize();
        outcome
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.0.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let buffers = self.0.buffers();
        let left = buffers.input().len();
        buffers.input_consume(left);
        // All of it is free now, and its old bytes are still there.
        buffers.input_append_buf().zeroize();
    }
}
