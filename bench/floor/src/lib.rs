//! Performs only the system calls that any implementation needs, as a lower bound for benchmarks.

use std::borrow::Cow;
use std::io::{Read, Write};
use std::mem::MaybeUninit;
use std::net::{Ipv4Addr, TcpStream};

use mio::{Events, Interest, Poll, Token};
use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Error, Result, Task};
use napi_derive::napi;
use rustix::fs::{CWD, Mode, OFlags, RawDir, fstat, openat};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "deserialized for a fair comparison, but not used")]
struct Published<'a> {
    #[serde(borrow)]
    instance_id: Cow<'a, str>,
    #[serde(borrow)]
    updated_at: Cow<'a, str>,
    #[serde(borrow)]
    address: Cow<'a, str>,
    port: u16,
    #[serde(borrow)]
    url: Cow<'a, str>,
    expose_to_network: bool,
    #[serde(borrow)]
    health: Cow<'a, str>,
}

/// Lists the directory and calls openat, fstat, read, close and the parser for each entry. Returns the number of files.
#[napi]
pub fn read_all(path: String) -> Result<u32> {
    let fail = |error: rustix::io::Errno| Error::from_reason(error.to_string());
    let directory = openat(CWD, path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
        .map_err(fail)?;
    let mut list = vec![MaybeUninit::uninit(); 1 << 20];
    let mut entries = RawDir::new(&directory, &mut list);
    let mut name = Vec::new();
    let mut bytes = [0; 4096];
    let mut count = 0;
    while let Some(entry) = entries.next() {
        let entry = entry.map_err(fail)?;
        if entry.file_name().to_bytes().starts_with(b".") {
            continue;
        }
        name.clear();
        name.extend_from_slice(entry.file_name().to_bytes());
        name.extend_from_slice(b"/configuration.json");
        let file = openat(&directory, name.as_slice(), OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
            .map_err(fail)?;
        let _facts = fstat(&file).map_err(fail)?;
        let filled = rustix::io::read(&file, &mut bytes).map_err(fail)?;
        let published: Published<'_> = serde_json::from_slice(&bytes[..filled])
            .map_err(|error| Error::from_reason(error.to_string()))?;
        count += u32::from(published.port > 0);
    }
    Ok(count)
}

/// A task that does nothing, on the thread pool.
pub struct Empty;

#[napi]
impl Task for Empty {
    type Output = ();
    type JsValue = ();

    fn compute(&mut self) -> Result<()> {
        Ok(())
    }

    fn resolve(&mut self, _env: Env, (): ()) -> Result<()> {
        Ok(())
    }
}

/// Hops to the thread pool and back.
#[napi]
pub fn empty_task() -> AsyncTask<Empty> {
    AsyncTask::new(Empty)
}

/// Connects to all ports at once and waits until each has refused.
#[napi]
pub fn knock(ports: Vec<u16>) -> Result<()> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(ports.len());
    let mut streams = Vec::new();
    for (index, port) in ports.iter().enumerate() {
        let mut stream = mio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, *port).into())?;
        poll.registry().register(&mut stream, Token(index), Interest::WRITABLE)?;
        streams.push(Some(stream));
    }
    let mut open = streams.len();
    while open > 0 {
        poll.poll(&mut events, None)?;
        for event in &events {
            if streams[event.token().0].take().is_some() {
                open -= 1;
            }
        }
    }
    Ok(())
}

/// Connects, sends a request, and reads the first chunk of the answer. Returns its length.
#[napi]
pub fn converse(port: u16) -> Result<u32> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.write_all(
        format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n").as_bytes(),
    )?;
    let mut answer = [0; 1024];
    let count = stream.read(&mut answer)?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}
