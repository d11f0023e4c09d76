//! Gzip, pushed through in bounded pieces (`CompressionType` GZIP).

use std::fmt;
use std::io::Write;

use flate2::write::MultiGzDecoder;

/// Input is handed to the decompressor in pieces of this size. A byte of deflate becomes at most
/// 1,032 bytes, and the decompressor hands on at most 32 KiB at a time, so no input, however
/// hostile, needs more memory than that.
const PIECE_BYTES: usize = 16 * 1024;

/// Why an object cannot be unpacked.
#[derive(Debug, thiserror::Error)]
pub enum GunzipError<E> {
    #[error("the gzip data is damaged or cut off")]
    Damaged(#[source] std::io::Error),
    /// What the receiver of the unpacked bytes answered.
    #[error("the unpacked data was refused")]
    Refused(#[source] E),
}

/// Unpacks one object, of one or more gzip members (RFC 1952, section 2.2).
pub struct Gunzip {
    inner: MultiGzDecoder<Vec<u8>>,
}

impl fmt::Debug for Gunzip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The decompressor's own text holds data of the object.
        f.debug_struct("Gunzip").finish_non_exhaustive()
    }
}

impl Default for Gunzip {
    fn default() -> Self {
        Self::new()
    }
}

impl Gunzip {
    pub fn new() -> Self {
        Self { inner: MultiGzDecoder::new(Vec::new()) }
    }

    /// Takes the next bytes of the object, cut anywhere, and hands what they unpack to `receive`,
    /// piece by piece. After an error the object cannot be continued.
    pub fn push<E>(
        &mut self,
        packed: &[u8],
        receive: &mut dyn FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), GunzipError<E>> {
        for mut piece in packed.chunks(PIECE_BYTES) {
            while !piece.is_empty() {
                let taken = self.inner.write(piece).map_err(GunzipError::Damaged)?;
                if taken == 0 {
                    return Err(GunzipError::Damaged(std::io::ErrorKind::WriteZero.into()));
                }
                piece = piece.get(taken..).unwrap_or_default();
                self.hand_on(receive)?;
            }
        }
        Ok(())
    }

    /// Ends the object: the last member must be complete and its checksum right.
    pub fn finish<E>(
        mut self,
        receive: &mut dyn FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), GunzipError<E>> {
        self.inner.try_finish().map_err(GunzipError::Damaged)?;
        self.hand_on(receive)
    }

    fn hand_on<E>(
        &mut self,
        receive: &mut dyn FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), GunzipError<E>> {
        let unpacked = self.inner.get_mut();
        if !unpacked.is_empty() {
            receive(unpacked).map_err(GunzipError::Refused)?;
            unpacked.clear();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;

    use super::*;

    fn pack(data: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    /// The unpacked bytes and the size of the largest piece.
    fn unpack(packed: &[u8], cut: usize) -> Result<(Vec<u8>, usize), GunzipError<()>> {
        let (mut data, mut largest) = (Vec::new(), 0);
        let mut receive = |piece: &[u8]| {
            data.extend_from_slice(piece);
            largest = largest.max(piece.len());
            Ok(())
        };
        let mut gunzip = Gunzip::new();
        for chunk in packed.chunks(cut) {
            gunzip.push(chunk, &mut receive)?;
        }
        gunzip.finish(&mut receive)?;
        Ok((data, largest))
    }

    #[test]
    fn several_members_are_one_object() {
        let packed = [pack(b"a,b\n"), pack(b""), pack(b"c,d\n")].concat();
        assert_eq!(unpack(&packed, 5).unwrap().0, b"a,b\nc,d\n");
    }

    #[test]
    fn a_bomb_comes_out_in_small_pieces() {
        let size = 64 * 1024 * 1024;
        let packed = pack(&vec![b'x'; size]);
        let (data, largest) = unpack(&packed, packed.len()).unwrap();
        assert_eq!(data.len(), size);
        assert!(largest <= 128 * 1024, "{largest}");
    }

    #[test]
    fn every_truncation_is_an_error() {
        let packed = pack(b"some rows\nand more rows\n");
        for end in 0..packed.len() {
            let cut = packed.get(..end).unwrap();
            assert!(matches!(unpack(cut, 7), Err(GunzipError::Damaged(_))), "{end}");
        }
    }

    #[test]
    fn a_wrong_checksum_and_trailing_text_are_errors() {
        let mut packed = pack(b"some rows\n");
        let checksum = packed.len() - 8;
        packed[checksum] ^= 1;
        assert!(unpack(&packed, 100).is_err());
        assert!(unpack(&[pack(b"rows"), b"text".to_vec()].concat(), 100).is_err());
        assert!(unpack(b"id,name\n1,a\n", 100).is_err());
    }

    #[test]
    fn an_error_of_the_receiver_stops_it() {
        let mut refuse = |_: &[u8]| Err("no");
        let mut gunzip = Gunzip::new();
        let packed = pack(b"rows");
        let pushed = gunzip.push(&packed, &mut refuse).and_then(|()| gunzip.finish(&mut refuse));
        assert!(matches!(pushed, Err(GunzipError::Refused("no"))));
    }

    proptest! {
        #[test]
        fn any_cuts_give_the_same_bytes(data: Vec<u8>, cut in 1..40_usize) {
            prop_assert_eq!(unpack(&pack(&data), cut).unwrap().0, data);
        }

        #[test]
        fn random_bytes_do_not_panic(data: Vec<u8>, cut in 1..40_usize) {
            prop_assert!(unpack(&data, cut).is_err());
        }
    }
}
