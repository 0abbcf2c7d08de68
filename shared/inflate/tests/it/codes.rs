//! Codes of every shape are read as zlib reads them; those that cannot be are refused as it refuses them.

use landfall_inflate::{Mode, Stop};
use proptest::prelude::*;

use crate::data::{cases, inflate_in_steps, noise};
use crate::peer::agree;
use crate::writer::{Lengths, Token, Writer};

/// The lengths of a complete code for `used` symbols, none over 15 bits. Each number says which code is made two, 0 the
/// longest.
fn complete(used: usize, splits: &[u32]) -> Vec<u8> {
    let mut lengths = vec![0_u8];
    let mut splits = splits.iter().cycle();
    while lengths.len() < used {
        lengths.sort_unstable_by(|a, b| b.cmp(a));
        let longest = lengths.iter().position(|length| *length < 15).unwrap();
        let split = *splits.next().unwrap_or(&0) as usize;
        let at = longest + split % (lengths.len() - longest);
        lengths[at] += 1;
        lengths.push(lengths[at]);
    }
    if used == 1 { vec![1] } else { lengths }
}

/// A code for these symbols of an alphabet.
fn code(size: usize, symbols: &[usize], splits: &[u32]) -> Vec<u8> {
    let mut lengths = vec![0; size];
    for (symbol, length) in symbols.iter().zip(complete(symbols.len(), splits)) {
        lengths[*symbol] = length;
    }
    lengths
}

/// Symbols of an alphabet, `always` among them.
fn symbols(size: usize, always: usize) -> impl Strategy<Value = Vec<usize>> {
    prop::sample::subsequence((0..size).collect::<Vec<_>>(), 1..size).prop_map(move |mut symbols| {
        if !symbols.contains(&always) {
            symbols.push(always);
        }
        symbols
    })
}

/// A block's codes; `splits` of zeros only give the longest codes there can be.
fn lengths() -> impl Strategy<Value = Lengths> {
    let splits = || {
        prop_oneof![
            Just(vec![0]),
            prop::collection::vec(0..4_u32, 9),
            prop::collection::vec(any::<u32>(), 30)
        ]
    };
    (symbols(286, 256), symbols(30, 0), splits(), splits()).prop_map(
        |(literals, distances, first, second)| Lengths {
            literals: code(286, &literals, &first),
            distances: code(30, &distances, &second),
        },
    )
}

/// Symbols that there are codes for.
fn tokens(lengths: &Lengths, choices: &[(u32, u32)]) -> Vec<Token> {
    let used = |lengths: &[u8], from: usize| {
        (from..lengths.len()).filter(|symbol| lengths[*symbol] > 0).collect::<Vec<_>>()
    };
    let (all, distances) = (used(&lengths.literals, 0), used(&lengths.distances, 0));
    let token = |&(choice, extra): &(u32, u32)| {
        let symbol = all[choice as usize % all.len()];
        let distance = distances[(choice >> 16) as usize % distances.len()];
        match symbol {
            0..256 => Some(Token::Literal(symbol as u8)),
            256 => None,
            _ => Some(Token::Match { length: (symbol, extra), distance: (distance, extra >> 8) }),
        }
    };
    choices.iter().filter_map(token).collect()
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn codes_of_any_shape_are_read_alike(
        blocks in prop::collection::vec((lengths(), prop::collection::vec(any::<(u32, u32)>(), 0..400), any::<bool>()), 1..5),
        step in 1..5_000_usize, room in 1..100_000_usize,
    ) {
        let mut writer = Writer::default();
        // So much before them that every distance is within.
        writer.stored(false, &noise(1, 33_000));
        for (lengths, choices, is_fixed) in blocks {
            writer.dynamic(false, &lengths, &tokens(&lengths, &choices));
            if is_fixed {
                writer.fixed(false, &[Token::Literal(7), Token::Match { length: (260, 0), distance: (20, 99) }]);
            }
        }
        writer.fixed(true, &[]);
        agree(&writer.bytes, step, room);
        prop_assert_eq!(inflate_in_steps(&writer.bytes, (step, room), Mode::Greedy).1, Stop::Complete);
    }
}

#[test]
fn the_longest_codes_with_all_their_extra_bits_follow_three_literals() {
    // Literals of 11 bits, which is all that is asked at once: three and 15 and 5 bits of length are what is there without
    // another look at the input, or four and what is asked next. A distance has 15 and 13.
    let mut lengths = Lengths { literals: vec![0; 286], distances: vec![0; 30] };
    for (symbol, bits) in (0..9).zip(1..) {
        lengths.literals[symbol] = bits;
    }
    for (symbol, bits) in
        [(97, 11), (98, 11), (99, 11), (100, 12), (101, 13), (102, 14), (256, 15), (284, 15)]
    {
        lengths.literals[symbol] = bits;
    }
    for (symbol, bits) in (0..14).zip(1..).chain([(28, 15), (29, 15)]) {
        lengths.distances[symbol] = bits;
    }
    let round = |extra: u32| {
        let far = Token::Match { length: (284, 31), distance: (29, extra) };
        let [a, b, c] = [97, 98, 99].map(Token::Literal);
        [a, b, c, far, c, b, a, c, b, far]
    };
    let tokens: Vec<Token> = (8_000..8_192).flat_map(round).collect();
    let mut writer = Writer::default();
    writer.stored(false, &noise(1, 33_000));
    writer.dynamic(true, &lengths, &tokens);
    // Any place may be the last of the room that there is.
    let exact = (250..530).map(|room| (1 << 20, room));
    for (step, room) in exact.chain([(1 << 20, 1 << 20), (100, 300), (7, 5_000)]) {
        agree(&writer.bytes, step, room);
    }
    let (out, stop) = inflate_in_steps(&writer.bytes, (1 << 20, 1 << 20), Mode::Greedy);
    assert_eq!((out.len(), stop), (33_000 + 192 * (3 + 258 + 5 + 258), Stop::Complete));
}

/// The end of a block by a code of one bit, and a code of one bit for the letter `a`.
fn letter_and_end() -> Vec<u8> {
    code(257, &[usize::from(b'a'), 256], &[0])
}

/// A last block with these codes of distances, and what is written behind the letter `a`.
fn with_distances(distances: Vec<u8>, tokens: &[Token]) -> Vec<u8> {
    let literals = code(260, &[usize::from(b'a'), 256, 257, 258], &[1]);
    let mut writer = Writer::default();
    writer.dynamic(true, &Lengths { literals, distances }, &[&[Token::Literal(b'a')], tokens].concat());
    writer.bytes.extend([0; 40]);
    writer.bytes
}

const TWICE: Token = Token::Match { length: (257, 0), distance: (0, 0) };

/// Each agrees with zlib, and with this.
fn verdicts(cases: &[(&str, Vec<u8>, Stop)]) {
    for (name, stream, expected) in cases {
        for step in [1, 1_000] {
            agree(stream, step, 1_000);
        }
        let (_, stop) = inflate_in_steps(stream, (1_000, 1_000), Mode::Greedy);
        assert_eq!(stop, *expected, "{name}");
    }
}

#[test]
fn a_block_may_have_no_distance_or_a_single_one() {
    verdicts(&[
        ("none, not used", with_distances(vec![0], &[]), Stop::Complete),
        ("none, used", with_distances(vec![0], &[TWICE]), Stop::Invalid),
        ("a single one of one bit", with_distances(vec![1], &[TWICE]), Stop::Complete),
        ("a single one of two bits", with_distances(vec![2], &[]), Stop::Invalid),
        ("two of two bits", with_distances(vec![2, 2], &[]), Stop::Invalid),
        ("three of one bit", with_distances(vec![1, 1, 1], &[]), Stop::Invalid),
    ]);
    let mut other = with_distances(vec![1], &[TWICE]);
    // The code that stands for nothing instead of the only one: the bit before the end, a 1 of two bits.
    let flipped = (0..8 * other.len()).filter(|bit| {
        other[bit / 8] ^= 1 << (bit % 8);
        agree(&other, 1_000, 1_000);
        let (out, stop) = inflate_in_steps(&other, (1_000, 1_000), Mode::Greedy);
        other[bit / 8] ^= 1 << (bit % 8);
        (&out[..], stop) == (b"a", Stop::Invalid)
    });
    assert!(flipped.count() >= 1, "the other value of the bit is invalid");
}

#[test]
fn headers_that_cannot_be_are_refused() {
    let block = |literals: usize, distances: usize, write: &dyn Fn(&mut Writer)| {
        let mut writer = Writer::default();
        writer.header(true, literals, distances);
        write(&mut writer);
        writer.bytes.extend([0; 40]);
        writer.bytes
    };
    let plain = |literals: Vec<u8>, distances: Vec<u8>| {
        let mut writer = Writer::default();
        writer.dynamic(true, &Lengths { literals, distances }, &[]);
        writer.bytes.extend([0; 40]);
        writer.bytes
    };
    let padded = |size: usize| {
        let mut lengths = letter_and_end();
        lengths.resize(size, 0);
        lengths
    };
    let lone_end = code(257, &[256], &[0]);
    let zeros = |writer: &mut Writer, count: usize| (0..count).for_each(|_| writer.length(0, 0));
    verdicts(&[
        (
            "286 literals and 30 distances",
            plain(padded(286), vec![1; 2].into_iter().chain([0; 28]).collect()),
            Stop::Complete,
        ),
        ("287 literals", plain(padded(287), vec![0]), Stop::Invalid),
        ("31 distances", plain(padded(257), vec![0; 31]), Stop::Invalid),
        ("only the end", plain(lone_end, vec![0]), Stop::Complete),
        ("no end", plain(code(257, &[65, 66], &[0]), vec![0]), Stop::Invalid),
        ("an end of two bits, alone", plain([vec![0; 256], vec![2]].concat(), vec![0]), Stop::Invalid),
        ("a length again, and none before", block(257, 1, &|writer| writer.length(16, 0)), Stop::Invalid),
        (
            "more lengths than symbols",
            block(257, 1, &|writer| {
                writer.length(18, 127);
                writer.length(18, 127);
            }),
            Stop::Invalid,
        ),
        (
            "one length too many, among distances",
            block(257, 1, &|writer| {
                zeros(writer, 256);
                writer.length(1, 0);
                writer.length(17, 0);
            }),
            Stop::Invalid,
        ),
        (
            "zeros up to the last symbol",
            block(257, 3, &|writer| {
                zeros(writer, 256);
                writer.length(1, 0);
                writer.length(17, 0);
                writer.put(0, 1);
            }),
            Stop::Complete,
        ),
    ]);
}

#[test]
fn symbols_without_a_meaning_are_refused() {
    let fixed = |length: usize, distance: usize| {
        let mut writer = Writer::default();
        writer.fixed(
            true,
            &[Token::Literal(b'a'), Token::Match { length: (length, 0), distance: (distance, 0) }],
        );
        writer.bytes.extend([0; 40]);
        writer.bytes
    };
    verdicts(&[
        ("length 3, distance 1", fixed(257, 0), Stop::Complete),
        ("length 286", fixed(286, 0), Stop::Invalid),
        ("length 287", fixed(287, 0), Stop::Invalid),
        ("distance 30", fixed(257, 30), Stop::Invalid),
        ("distance 31", fixed(257, 31), Stop::Invalid),
    ]);
}

#[test]
fn distances_reach_back_to_the_first_byte_and_no_further() {
    for (before, expected) in [(24_577, Stop::Complete), (24_576, Stop::Invalid)] {
        let mut writer = Writer::default();
        writer.stored(false, &noise(1, before));
        writer.fixed(true, &[Token::Match { length: (285, 0), distance: (29, 0) }]);
        // Near the end of the input, and far from it.
        for behind in [0, 4_000] {
            let stream = [&writer.bytes[..], &vec![0; behind]].concat();
            verdicts(&[("24,577 bytes back", stream, expected)]);
        }
    }
}
