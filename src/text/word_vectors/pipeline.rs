//! Work on the pieces of an input by several threads, whose results come in the order of the pieces.

use std::any::Any;
use std::collections::BTreeMap;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::error::Result;

/// The most threads that work.
const MAX_THREADS: usize = 16;

/// A piece, or why there is none: an error of reading, or a panic of the work.
type Done<P> = std::result::Result<Result<P>, Box<dyn Any + Send>>;

/// Reads pieces one after the other.
struct Reading<R, P> {
    read: R,
    /// Pieces that are free to be filled.
    free: Receiver<P>,
    next: usize,
}

impl<P, R: FnMut(&mut P) -> Result<bool>> Reading<R, P> {
    /// The next piece with its number; `None` at the end, after an error, and when nobody wants more.
    fn next(&mut self) -> Option<(usize, Result<P>)> {
        let mut piece = self.free.recv().ok()?;
        let number = self.next;
        self.next += 1;
        match (self.read)(&mut piece) {
            Ok(true) => Some((number, Ok(piece))),
            Ok(false) => None,
            Err(error) => Some((number, Err(error))),
        }
    }
}

/// Has `read` fill pieces until it says that there are no more, `work` work on them on several threads, and `consume` take
/// them on this one, in order.
///
/// There are never more pieces than the threads and four, which are used again and again.
pub(super) fn in_order<P: Default + Send>(
    read: impl FnMut(&mut P) -> Result<bool> + Send,
    work: impl Fn(&mut P) + Sync,
    mut consume: impl FnMut(&mut P) -> Result<()>,
) -> Result<()> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = threads.min(MAX_THREADS);
    let (give_back, free) = channel();
    for _ in 0..threads + 4 {
        // The other end is there.
        let _ = give_back.send(P::default());
    }
    let next = 0;
    let reading = Mutex::new(Reading { read, free, next });
    let (finish, finished) = channel::<(usize, Done<P>)>();
    thread::scope(|scope| {
        let (give_back, finished) = (give_back, finished);
        for _ in 0..threads {
            let finish = finish.clone();
            scope.spawn(|| {
                let finish = finish;
                loop {
                    let mut reading = reading.lock().unwrap_or_else(PoisonError::into_inner);
                    let next = catch_unwind(AssertUnwindSafe(|| reading.next()));
                    drop(reading);
                    let (number, done) = match next {
                        Ok(None) => return,
                        Ok(Some((number, Ok(mut piece)))) => {
                            let worked = catch_unwind(AssertUnwindSafe(|| work(&mut piece)));
                            (number, worked.map(|()| Ok(piece)))
                        }
                        Ok(Some((number, Err(error)))) => (number, Ok(Err(error))),
                        Err(panic) => (0, Err(panic)),
                    };
                    if finish.send((number, done)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(finish);
        let mut early = BTreeMap::new();
        let mut next = 0;
        while let Ok((number, done)) = finished.recv() {
            early.insert(number, done.unwrap_or_else(|panic| resume_unwind(panic)));
            while let Some(piece) = early.remove(&next) {
                let mut piece = piece?;
                consume(&mut piece)?;
                next += 1;
                // At the end nobody fills it.
                let _ = give_back.send(piece);
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, ErrorKind};

    errors! {
        #[derive(Debug)]
        #[error("the piece {number} is bad")]
        struct Bad { number: usize }
    }

    fn run(pieces: usize, bad: usize, refused: usize) -> (Vec<usize>, Option<String>) {
        let mut read = 0;
        let mut taken = Vec::new();
        let bad_piece = |number| Error::new(ErrorKind::Corrupt, Bad { number });
        let result = in_order(
            |piece: &mut (usize, usize)| {
                piece.0 = read;
                read += 1;
                match read - 1 == bad {
                    true => Err(bad_piece(bad)),
                    false => Ok(read <= pieces),
                }
            },
            |piece| {
                if piece.0 % 3 == 0 {
                    thread::yield_now();
                }
                piece.1 = piece.0 * piece.0;
            },
            |piece| {
                if piece.0 == refused {
                    return Err(bad_piece(refused));
                }
                taken.push(piece.1);
                Ok(())
            },
        );
        (taken, result.err().map(|error| error.to_string()))
    }

    #[test]
    fn pieces_come_in_their_order_up_to_an_error() {
        let squares = |n: usize| (0..n).map(|i| i * i).collect::<Vec<_>>();
        let none = usize::MAX;
        assert_eq!(run(0, none, none), (vec![], None));
        assert_eq!(run(1000, none, none), (squares(1000), None));
        let text = |number| Some(format!("the piece {number} is bad"));
        assert_eq!(run(1000, 500, none), (squares(500), text(500)));
        assert_eq!(run(1000, none, 500), (squares(500), text(500)));
        assert_eq!(run(1000, 700, 500), (squares(500), text(500)));
    }

    #[test]
    #[should_panic(expected = "a fault of ours")]
    fn panics_are_not_swallowed() {
        let mut read = 0;
        let read = |piece: &mut usize| {
            read += 1;
            *piece = read;
            Ok(read < 1000)
        };
        let work = |piece: &mut usize| assert_ne!(*piece, 100, "a fault of ours");
        in_order(read, work, |_| Ok(())).unwrap();
    }
}
