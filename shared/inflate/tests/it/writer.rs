//! Writes blocks as no compressor would.

/// A deflate stream in the making, bit by bit, the low bits of a byte first.
#[derive(Debug, Default)]
pub struct Writer {
    pub bytes: Vec<u8>,
    count: usize,
}

/// What a block has.
#[derive(Debug, Clone, Copy)]
pub enum Token {
    Literal(u8),
    /// Symbols of a length (257 to 287) and a distance (0 to 31), each with its extra bits.
    Match {
        length: (usize, u32),
        distance: (usize, u32),
    },
}

/// Lengths of the codes of a dynamic block.
#[derive(Debug, Clone)]
pub struct Lengths {
    pub literals: Vec<u8>,
    pub distances: Vec<u8>,
}

/// The end of a block.
const END: usize = 256;
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

impl Writer {
    /// The low `count` bits of `value`.
    pub fn put(&mut self, value: u32, count: u32) {
        for bit in 0..count {
            if self.count.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let byte = self.bytes.last_mut().unwrap();
            *byte |= u8::try_from(value >> bit & 1).unwrap() << (self.count % 8);
            self.count += 1;
        }
    }

    /// A code, its first bit first; nothing where there is none.
    fn code(&mut self, (code, bits): (u32, u8)) {
        for bit in (0..bits).rev() {
            self.put(code >> bit & 1, 1);
        }
    }

    pub fn stored(&mut self, is_last: bool, bytes: &[u8]) {
        self.put(u32::from(is_last), 3);
        self.count = self.bytes.len() * 8;
        let length = u32::try_from(bytes.len()).unwrap();
        self.put(length, 16);
        self.put(!length, 16);
        self.bytes.extend_from_slice(bytes);
        self.count = self.bytes.len() * 8;
    }

    /// A fixed block with these symbols, and the end.
    pub fn fixed(&mut self, is_last: bool, tokens: &[Token]) {
        self.put(u32::from(is_last), 1);
        self.put(1, 2);
        let literals = (0..288).map(|symbol| match symbol {
            0..144 | 280.. => 8,
            144..256 => 9,
            _ => 7,
        });
        self.tokens(&Lengths { literals: literals.collect(), distances: vec![5; 32] }, tokens);
    }

    /// A dynamic block with these symbols, and the end.
    pub fn dynamic(&mut self, is_last: bool, lengths: &Lengths, tokens: &[Token]) {
        let all = [&lengths.literals[..], &lengths.distances].concat();
        self.header(is_last, lengths.literals.len(), lengths.distances.len());
        let mut rest = &all[..];
        while let Some(first) = rest.first() {
            let run = rest.iter().take_while(|length| *length == first).count();
            rest = &rest[self.run(*first, run)..];
        }
        self.tokens(lengths, tokens);
    }

    /// The header of a dynamic block up to the lengths of its codes. Lengths 0 to 12 have codes of 4 bits, all others,
    /// and what says that one comes again, codes of 5.
    pub fn header(&mut self, is_last: bool, literals: usize, distances: usize) {
        self.put(u32::from(is_last), 1);
        self.put(2, 2);
        self.put(u32::try_from(literals - 257).unwrap(), 5);
        self.put(u32::try_from(distances - 1).unwrap(), 5);
        self.put(19 - 4, 4);
        for symbol in ORDER {
            self.put(if symbol < 13 { 4 } else { 5 }, 3);
        }
    }

    /// A symbol of the code of lengths, with its extra bits.
    pub fn length(&mut self, symbol: usize, extra: usize) {
        let lengths: Vec<u8> = (0..19).map(|symbol| if symbol < 13 { 4 } else { 5 }).collect();
        self.code(codes(&lengths)[symbol]);
        let bits = match symbol {
            16 => 2,
            17 => 3,
            18 => 7,
            _ => 0,
        };
        self.put(u32::try_from(extra).unwrap(), bits);
    }

    /// A length that comes `run` times, or the first of them; gives how many.
    fn run(&mut self, length: u8, run: usize) -> usize {
        match (length, run) {
            (0, 11..) => self.length(18, run.min(138) - 11),
            (0, 3..) => self.length(17, run - 3),
            (_, 4..) => {
                self.length(usize::from(length), 0);
                self.length(16, (run - 1).min(6) - 3);
                return run.min(7);
            }
            _ => {
                self.length(usize::from(length), 0);
                return 1;
            }
        }
        run.min(138)
    }

    fn tokens(&mut self, lengths: &Lengths, tokens: &[Token]) {
        let (literals, distances) = (codes(&lengths.literals), codes(&lengths.distances));
        for token in tokens {
            match *token {
                Token::Literal(byte) => self.code(literals[usize::from(byte)]),
                Token::Match { length, distance } => {
                    self.code(literals[length.0]);
                    self.put(length.1, length_bits(length.0));
                    self.code(distances[distance.0]);
                    self.put(distance.1, distance_bits(distance.0));
                }
            }
        }
        self.code(literals[END]);
    }
}

/// The code of each symbol, and its bits (RFC 1951, 3.2.2).
fn codes(lengths: &[u8]) -> Vec<(u32, u8)> {
    let mut codes = vec![(0, 0); lengths.len()];
    let mut code = 0_u32;
    for bits in 1..=15_u8 {
        code <<= 1;
        for (slot, _) in codes.iter_mut().zip(lengths).filter(|(_, length)| **length == bits) {
            *slot = (code, bits);
            code = code.wrapping_add(1);
        }
    }
    codes
}

/// Extra bits of a length (RFC 1951, 3.2.5).
fn length_bits(symbol: usize) -> u32 {
    if (265..285).contains(&symbol) { u32::try_from((symbol - 261) / 4).unwrap() } else { 0 }
}

/// Extra bits of a distance.
fn distance_bits(symbol: usize) -> u32 {
    if (4..30).contains(&symbol) { u32::try_from((symbol - 2) / 2).unwrap() } else { 0 }
}
