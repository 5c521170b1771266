//! Changes of seeds, the same at every run of a seed.

/// Longest input, in bytes: seeds are small, and limits of parsers are reached by repetition.
const BYTES_MAX: usize = 8 << 10;

/// Draws changed inputs from seeds (xorshift64*, Vigna 2016).
#[derive(Debug, Clone)]
pub struct Mutator {
    state: u64,
    words: &'static [&'static str],
}

impl Mutator {
    /// One that draws the same for the same seed.
    pub fn new(seed: u64, words: &'static [&'static str]) -> Self {
        // Zero would stay zero.
        let state = seed | 1;
        Self { state, words }
    }

    fn draw(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.draw() >> 33) as usize % limit.max(1)
    }

    /// A part of some bytes.
    fn part(&mut self, bytes: &[u8]) -> std::ops::Range<usize> {
        let from = self.below(bytes.len() + 1);
        let most = (bytes.len() - from).min(64);
        from..from + self.below(most + 1)
    }

    /// One of the seeds, changed in one to eight places.
    pub fn next(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = seeds
            .get(self.below(seeds.len()))
            .cloned()
            .unwrap_or_default();
        for _ in 0..=self.below(8) {
            self.change(&mut bytes, seeds);
        }
        bytes.truncate(BYTES_MAX);
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.below(bytes.len() + 1);
        match self.below(9) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            1 if at < bytes.len() => {
                bytes[at] = [0, 1, 0x7f, 0x80, 0xff, b'"', b'%'][self.below(7)];
            }
            2 => bytes.insert(at, self.draw() as u8),
            3 => {
                let part = self.part(bytes);
                bytes.drain(part);
            }
            4 => {
                let part = self.part(bytes);
                let again = bytes[part].repeat(1 + self.below(20));
                bytes.splice(at..at, again);
            }
            5 => {
                let other = seeds
                    .get(self.below(seeds.len()))
                    .cloned()
                    .unwrap_or_default();
                let part = self.part(&other);
                bytes.splice(at..at, other[part].iter().copied());
            }
            6 => bytes.truncate(at),
            _ => {
                let word = self.words.get(self.below(self.words.len())).unwrap_or(&"");
                let until = at + self.below(2) * (bytes.len() - at).min(word.len());
                bytes.splice(at..until, word.bytes());
            }
        }
    }
}
