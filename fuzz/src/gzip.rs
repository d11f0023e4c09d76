use std::convert::Infallible;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use transforms::dms::Gunzip;

/// A compressed object: as it is, and as what gzip makes of it, cut into pieces.
pub fn gzip(data: &[u8]) {
    let _refused = unpack(data, 7);
    let Some((size, plain)) = data.split_first() else { return };
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).unwrap();
    let packed = encoder.finish().unwrap();
    let unpacked = unpack(&packed, usize::from(*size).max(1));
    assert_eq!(unpacked.as_deref(), Some(plain), "what was packed comes out, however it is cut");
    if let Some((_, cut)) = packed.split_last() {
        assert_eq!(unpack(cut, packed.len()), None, "an object that is cut off is refused");
    }
}

fn unpack(packed: &[u8], piece: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut receive = |bytes: &[u8]| {
        // A few bytes may unpack to gigabytes; whoever receives them goes on without keeping them.
        if out.len() < 1 << 24 {
            out.extend_from_slice(bytes);
        }
        Ok::<(), Infallible>(())
    };
    let mut gunzip = Gunzip::new();
    for piece in packed.chunks(piece) {
        gunzip.push(piece, &mut receive).ok()?;
    }
    gunzip.finish(&mut receive).ok()?;
    Some(out)
}
