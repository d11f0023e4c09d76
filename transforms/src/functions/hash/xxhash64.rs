//! XXH64 (<https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md>).

use super::murmur3::Hash;

const P1: u64 = 0x9E37_79B1_85EB_CA87;
const P2: u64 = 0xC2B2_AE3D_27D4_EB4F;
const P3: u64 = 0x1656_67B1_9E37_79F9;
const P4: u64 = 0x85EB_CA77_C2B2_AE63;
const P5: u64 = 0x27D4_EB2F_1656_67C5;

/// XXH64.
#[derive(Debug, Clone, Copy)]
pub(super) struct Xx;

impl Hash for Xx {
    const SEED: u64 = 42;
    type Value = u64;

    fn of_int(value: i32, seed: u64) -> u64 {
        Self::of_bytes(&value.to_le_bytes(), seed)
    }

    fn of_long(value: i64, seed: u64) -> u64 {
        Self::of_bytes(&value.to_le_bytes(), seed)
    }

    fn of_bytes(value: &[u8], seed: u64) -> u64 {
        let (stripes, rest) = value.as_chunks::<32>();
        let mut hash = if stripes.is_empty() {
            seed.wrapping_add(P5)
        } else {
            let mut lanes = [
                seed.wrapping_add(P1).wrapping_add(P2),
                seed.wrapping_add(P2),
                seed,
                seed.wrapping_sub(P1),
            ];
            for stripe in stripes {
                let (words, _) = stripe.as_chunks::<8>();
                for (lane, word) in lanes.iter_mut().zip(words) {
                    *lane = round(*lane, u64::from_le_bytes(*word));
                }
            }
            let [one, two, three, four] = lanes;
            let sum = one
                .rotate_left(1)
                .wrapping_add(two.rotate_left(7))
                .wrapping_add(three.rotate_left(12))
                .wrapping_add(four.rotate_left(18));
            lanes
                .iter()
                .fold(sum, |hash, lane| (hash ^ round(0, *lane)).wrapping_mul(P1).wrapping_add(P4))
        };
        hash = hash.wrapping_add(u64::try_from(value.len()).unwrap_or(u64::MAX));
        let (words, rest) = rest.as_chunks::<8>();
        for word in words {
            hash = (hash ^ round(0, u64::from_le_bytes(*word)))
                .rotate_left(27)
                .wrapping_mul(P1)
                .wrapping_add(P4);
        }
        let (halves, rest) = rest.as_chunks::<4>();
        for half in halves {
            hash = (hash ^ u64::from(u32::from_le_bytes(*half)).wrapping_mul(P1))
                .rotate_left(23)
                .wrapping_mul(P2)
                .wrapping_add(P3);
        }
        for byte in rest {
            hash = (hash ^ u64::from(*byte).wrapping_mul(P5)).rotate_left(11).wrapping_mul(P1);
        }
        hash = (hash ^ (hash >> 33)).wrapping_mul(P2);
        hash = (hash ^ (hash >> 29)).wrapping_mul(P3);
        hash ^ (hash >> 32)
    }
}

fn round(lane: u64, word: u64) -> u64 {
    lane.wrapping_add(word.wrapping_mul(P2)).rotate_left(31).wrapping_mul(P1)
}
