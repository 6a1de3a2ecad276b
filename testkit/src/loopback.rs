//! Listening on the loopback: what the servers of this crate have in common.

use crate::clock::pause;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener as Unserved};
use std::sync::OnceLock;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;

/// How long to wait where a connection cannot be accepted, as when there are too many.
const BREATH: Duration = Duration::from_millis(10);

/// A port of this machine; 0 for any that is free.
pub(crate) fn bind(port: u16) -> io::Result<Unserved> {
    let listener = Unserved::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// A thread that accepts connections. Dropping it ends every connection and waits for the thread.
#[derive(Debug)]
pub(crate) struct Loopback {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Loopback {
    /// Hands every connection to `serve`, together with the place of its listener in the list.
    pub(crate) fn start<S, F>(listeners: Vec<Unserved>, serve: S) -> io::Result<Self>
    where
        S: Fn(usize, TcpStream) -> F + Clone + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listeners = {
            let _context = runtime.enter();
            let listeners = listeners.into_iter().map(TcpListener::from_std);
            listeners.collect::<io::Result<Vec<_>>>()?
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new().name("loopback server".to_owned());
        let thread = thread.spawn(move || {
            runtime.block_on(async move {
                for (place, listener) in listeners.into_iter().enumerate() {
                    tokio::spawn(accept(place, listener, serve.clone()));
                }
                // The sender is only ever dropped: that is the signal. Leaving drops the runtime, and with it every connection.
                let _ = stopped.await;
            });
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the server was printed by its own thread.
            let _ = thread.join();
        }
    }
}

async fn accept<F>(place: usize, listener: TcpListener, serve: impl Fn(usize, TcpStream) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(serve(place, stream));
            }
            Err(_) => pause(BREATH).await,
        }
    }
}

/// Closes without a farewell: the other side sees a reset.
pub(crate) fn reset(stream: TcpStream) {
    // Where it cannot be set, dropping the stream still ends the connection without an answer.
    let _ = stream.set_zero_linger();
}

/// An address of this machine where nobody listens: a connection is refused. It is the same in the whole process, and nobody else
/// gets it.
///
/// ```
/// let refused = std::net::TcpStream::connect(rekindle_testkit::closed_port()).unwrap_err();
/// assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
/// ```
///
/// # Panics
/// When the machine has no port to give.
pub fn closed_port() -> SocketAddr {
    // Bound, and so not free for others, but never listening.
    static BOUND: OnceLock<TcpSocket> = OnceLock::new();
    let socket = BOUND.get_or_init(|| {
        let socket = TcpSocket::new_v4().expect("a socket");
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        socket.bind(any).expect("a loopback port");
        socket
    });
    socket.local_addr().expect("the address of the port")
}
