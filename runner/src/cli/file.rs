//! Files and stdin that arguments name.

use std::fs::File;
use std::io::Read;

use tokio::sync::oneshot;

/// Reads a file, or stdin if it is `-`, in a thread that nobody waits for: a pipe that stays open must not keep an interrupted process.
///
/// More than `bytes_max` is not read; one byte beyond tells that there is more.
///
/// # Errors
/// Those of opening and reading.
pub(super) async fn read(file: &str, bytes_max: u64) -> std::io::Result<Vec<u8>> {
    let (send, receive) = oneshot::channel();
    let file = file.to_owned();
    let _detached = std::thread::spawn(move || {
        let read = || {
            let mut bytes = Vec::new();
            let _count = match file.as_str() {
                "-" => std::io::stdin().take(bytes_max + 1).read_to_end(&mut bytes)?,
                _ => File::open(file)?.take(bytes_max + 1).read_to_end(&mut bytes)?,
            };
            Ok(bytes)
        };
        let _nobody_waits = send.send(read());
    });
    receive.await.unwrap_or_else(|_| Err(std::io::Error::other("the reading thread ended")))
}
