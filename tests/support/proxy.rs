//! A proxy before a MySQL server that fails at a chosen moment. It understands the framing of packets and the names of
//! statements, and nothing else of the protocol.

use std::io;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// A moment that does not come within this time does not come at all.
const REACH_LIMIT: Duration = Duration::from_secs(60);

/// What the client is about to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The nth statement, counted from 1, that begins so.
    Statement(&'static str, u32),
    /// So many bytes of the rows of one `LOAD DATA`.
    LoadBytes(usize),
    /// The nth packet of all connections, counted from 1.
    Packet(u64),
    /// Nothing ever.
    Never,
}

/// What happens then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The packet does not reach the server, and the connection ends.
    DropBefore,
    /// The packet reaches the server, and the connection ends at once, while the server works.
    DropWhile,
    /// The server answers, and the connection ends instead of the answer.
    DropAnswer,
    /// The answer comes late.
    Delay(Duration),
    /// The connection is reset on both sides; the packet does not reach the server.
    Reset,
    /// The packet waits until the client goes away.
    Hold,
    /// The packet waits for [`Proxy::release`]; then it reaches the server, and the connection ends while the server works.
    HoldThenDrop,
    /// The packet waits for [`Proxy::release`], and then all goes on.
    HoldThenSend,
    /// The answer waits until the client goes away.
    HoldAnswer,
}

/// A running proxy; dropping it ends its connections.
#[derive(Debug)]
pub(crate) struct Proxy {
    from: String,
    to: String,
    watch: Arc<Watch>,
    listening: JoinHandle<()>,
}

/// What the connections share.
#[derive(Debug)]
struct Watch {
    moment: Moment,
    fault: Fault,
    seen: Mutex<Seen>,
    reached: Condvar,
    released: Notify,
}

#[derive(Debug)]
struct Seen {
    packets: u64,
    statements: u32,
    injected: u32,
    times_left: u32,
}

impl Proxy {
    /// Listens before the server of `server_port`, and fails `times` times.
    pub(super) fn start(
        runtime: &Runtime,
        server_port: u16,
        moment: Moment,
        fault: Fault,
        times: u32,
    ) -> Self {
        let listener =
            runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).expect("a port is free");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let seen = Seen { packets: 0, statements: 0, injected: 0, times_left: times };
        let watch = Arc::new(Watch {
            moment,
            fault,
            seen: Mutex::new(seen),
            reached: Condvar::new(),
            released: Notify::new(),
        });
        let listening = runtime.spawn(listen(listener, server_port, Arc::clone(&watch)));
        let [from, to] = [server_port, port].map(|port| format!(":{port}/"));
        Self { from, to, watch, listening }
    }

    /// The URL of a database of the server, by way of this proxy.
    pub(crate) fn url(&self, direct: &str) -> String {
        assert!(direct.contains(&self.from), "{direct} is of another server");
        direct.replace(&self.from, &self.to)
    }

    /// How many faults have been injected.
    pub(crate) fn injected(&self) -> u32 {
        self.watch.seen().injected
    }

    /// How many packets clients have sent.
    pub(crate) fn packets(&self) -> u64 {
        self.watch.seen().packets
    }

    /// Lets a packet go that [`Fault::HoldThenDrop`] or [`Fault::HoldThenSend`] holds.
    pub(crate) fn release(&self) {
        self.watch.released.notify_one();
    }

    /// Waits until the moment has come for the first time.
    pub(crate) fn await_moment(&self) {
        let seen = self.watch.seen();
        let (seen, _) = self
            .watch
            .reached
            .wait_timeout_while(seen, REACH_LIMIT, |seen| seen.injected == 0)
            .unwrap_or_else(PoisonError::into_inner);
        assert!(seen.injected > 0, "{:?} did not come", self.watch.moment);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Watch {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the fault happens at this packet.
    fn strikes(&self, packet: &Packet, loaded: usize) -> bool {
        let mut seen = self.seen();
        seen.packets += 1;
        let is_moment = match self.moment {
            Moment::Statement(begin, nth) => {
                let is_one = packet.statement().is_some_and(|text| text.starts_with(begin));
                seen.statements += u32::from(is_one);
                is_one && seen.statements >= nth
            }
            Moment::LoadBytes(bytes) => loaded >= bytes,
            Moment::Packet(nth) => seen.packets >= nth,
            Moment::Never => false,
        };
        if !is_moment || seen.times_left == 0 {
            return false;
        }
        seen.times_left -= 1;
        seen.injected += 1;
        self.reached.notify_all();
        true
    }
}

async fn listen(listener: TcpListener, server_port: u16, watch: Arc<Watch>) {
    // The set ends the connections with the proxy.
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        connections.spawn(serve(client, server_port, Arc::clone(&watch)));
        while connections.try_join_next().is_some() {}
    }
}

/// How a connection ends.
enum End {
    Closed,
    Reset,
}

async fn serve(mut client: TcpStream, server_port: u16, watch: Arc<Watch>) {
    let Ok(mut server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server_port)).await else {
        return;
    };
    // Small packets go back and forth; each would wait for the other side's timer.
    let ready = client.set_nodelay(true).and_then(|()| server.set_nodelay(true));
    let gate = AtomicU8::new(OPEN);
    let end = {
        let (mut from_client, mut to_client) = client.split();
        let (mut from_server, mut to_server) = server.split();
        tokio::select! {
            end = upwards(&mut from_client, &mut to_server, &watch, &gate) => end,
            end = downwards(&mut from_server, &mut to_client, &watch, &gate) => end,
        }
    };
    if matches!((ready, end), (Ok(()), Ok(End::Reset))) {
        for socket in [&client, &server] {
            socket.set_zero_linger().ok();
        }
    }
}

const OPEN: u8 = 0;
const SHUT: u8 = 1;

async fn upwards(
    client: &mut (impl AsyncReadExt + Unpin),
    server: &mut (impl AsyncWriteExt + Unpin),
    watch: &Watch,
    gate: &AtomicU8,
) -> io::Result<End> {
    let mut load: Option<Load> = None;
    loop {
        let packet = Packet::read(client).await?;
        load = Load::after(load, &packet);
        if !watch.strikes(&packet, load.map_or(0, |load| load.bytes)) {
            server.write_all(&packet.bytes).await?;
            continue;
        }
        match watch.fault {
            Fault::DropBefore => return Ok(End::Closed),
            Fault::Reset => return Ok(End::Reset),
            Fault::Hold => {
                while client.read(&mut [0; 1024]).await? > 0 {}
                return Ok(End::Closed);
            }
            Fault::HoldThenSend => {
                watch.released.notified().await;
                server.write_all(&packet.bytes).await?;
            }
            Fault::DropWhile | Fault::HoldThenDrop => {
                if watch.fault == Fault::HoldThenDrop {
                    watch.released.notified().await;
                }
                server.write_all(&packet.bytes).await?;
                return Ok(End::Closed);
            }
            Fault::DropAnswer | Fault::Delay(_) | Fault::HoldAnswer => {
                gate.store(SHUT, Ordering::SeqCst);
                server.write_all(&packet.bytes).await?;
            }
        }
    }
}

async fn downwards(
    server: &mut (impl AsyncReadExt + Unpin),
    client: &mut (impl AsyncWriteExt + Unpin),
    watch: &Watch,
    gate: &AtomicU8,
) -> io::Result<End> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = server.read(&mut buffer).await?;
        if count == 0 {
            return Ok(End::Closed);
        }
        if gate.swap(OPEN, Ordering::SeqCst) == SHUT {
            match watch.fault {
                Fault::Delay(time) => tokio::time::sleep(time).await,
                Fault::HoldAnswer => {
                    while server.read(&mut buffer).await? > 0 {}
                    return Ok(End::Closed);
                }
                _ => return Ok(End::Closed),
            }
        }
        client.write_all(&buffer[..count]).await?;
    }
}

/// A packet with its header: three bytes of length, one of sequence.
struct Packet {
    bytes: Vec<u8>,
}

impl Packet {
    async fn read(from: &mut (impl AsyncReadExt + Unpin)) -> io::Result<Self> {
        let mut bytes = vec![0; 4];
        from.read_exact(&mut bytes).await?;
        let length = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]);
        bytes.resize(4 + usize::try_from(length).expect("24 bits fit"), 0);
        from.read_exact(&mut bytes[4..]).await?;
        Ok(Self { bytes })
    }

    fn sequence(&self) -> u8 {
        self.bytes[3]
    }

    /// The text of a statement that is executed or prepared.
    fn statement(&self) -> Option<String> {
        const QUERY: u8 = 3;
        const PREPARE: u8 = 0x16;
        let command = self.bytes.get(4);
        let is_command = self.sequence() == 0 && [Some(&QUERY), Some(&PREPARE)].contains(&command);
        is_command.then(|| String::from_utf8_lossy(&self.bytes[5..]).into_owned())
    }
}

/// A `LOAD DATA` under way. Its packets are told by their sequence, which begins anew after 255.
#[derive(Debug, Clone, Copy)]
struct Load {
    next: u8,
    bytes: usize,
}

impl Load {
    fn after(load: Option<Self>, packet: &Packet) -> Option<Self> {
        if let Some(load) = load.filter(|load| load.next == packet.sequence()) {
            let bytes = load.bytes + packet.bytes.len() - 4;
            let is_end = packet.bytes.len() == 4;
            return (!is_end).then(|| Self { next: load.next.wrapping_add(1), bytes });
        }
        // The server's request for the file lies between the statement and its first row.
        let begins = packet.statement().is_some_and(|text| text.starts_with("LOAD DATA"));
        begins.then_some(Self { next: 2, bytes: 0 })
    }
}
