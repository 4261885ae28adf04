//! Bytes compressed by zstd: one frame after the other.

use std::io::{self, BufRead as _, BufReader, Read};

use ruzstd::decoding::StreamingDecoder;

type Frame = StreamingDecoder<BufReader<Box<dyn Read + Send>>, ruzstd::decoding::FrameDecoder>;

/// Reads what is in all frames.
pub(super) struct Frames(State);

enum State {
    /// Between two frames.
    Between(BufReader<Box<dyn Read + Send>>),
    Within(Box<Frame>),
    End,
}

impl Frames {
    pub(super) fn new(stored: Box<dyn Read + Send>) -> Self {
        Frames(State::Between(BufReader::with_capacity(1 << 16, stored)))
    }
}

impl Read for Frames {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(&mut self.0, State::End) {
                State::End => return Ok(0),
                State::Between(mut stored) => {
                    if stored.fill_buf()?.is_empty() {
                        return Ok(0);
                    }
                    let frame = StreamingDecoder::new(stored);
                    let frame = frame.map_err(|error| {
                        io::Error::new(io::ErrorKind::InvalidData, error.to_string())
                    })?;
                    self.0 = State::Within(Box::new(frame));
                }
                State::Within(mut frame) => {
                    let read = frame.read(buffer)?;
                    if read > 0 || buffer.is_empty() {
                        self.0 = State::Within(frame);
                        return Ok(read);
                    }
                    self.0 = State::Between(frame.into_inner());
                }
            }
        }
    }
}
