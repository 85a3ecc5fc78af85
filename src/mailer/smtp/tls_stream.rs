//! TLS from the first byte over a stream of ours, for lettre, which can do that only over a stream
//! of its own.

#![expect(deprecated, reason = "the only type of lettre that encrypts a stream given to it")]

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::io::{AsyncRead as _, AsyncWrite as _};
use lettre::transport::smtp::client::{AsyncNetworkStream, AsyncTokioStream, TlsParameters};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::connection::cause;

#[derive(Debug)]
pub(super) struct TlsStream {
    inner: AsyncNetworkStream,
    peer: SocketAddr,
}

impl TlsStream {
    pub(super) async fn over(
        stream: TcpStream,
        parameters: Result<&TlsParameters, &anyhow::Error>,
    ) -> anyhow::Result<Self> {
        let parameters = parameters.map_err(|error| anyhow::anyhow!("{error:#}"))?.clone();
        let peer = stream.peer_addr()?;
        let mut inner = AsyncNetworkStream::use_existing_tokio1(Box::new(stream));
        inner.upgrade_tls(parameters).await.map_err(|error| cause(&error))?;
        Ok(Self { inner, peer })
    }
}

impl AsyncTokioStream for TlsStream {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

impl AsyncRead for TlsStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let unfilled = buffer.initialize_unfilled();
        let length = ready!(Pin::new(&mut self.inner).poll_read(cx, unfilled))?;
        buffer.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for TlsStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_close(cx)
    }
}
