//! BGZF: gzip in members of at most 64 KiB that tell their size, so that readers can seek and work in parallel.

use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use std::io::{self, Write};

/// Bytes of text in a full block, as `bgzip` cuts it.
const TEXT: usize = 0xff00;
/// Room for the compressed data of any block of text, so that deflate always comes to its end: at its worst it
/// codes each byte in nine bits. (zlib-rs 0.6.8 panics after a reset in the middle of a block.)
const DATA: usize = TEXT + TEXT / 4;
/// Bytes before the compressed data; the last two are the block's size less one.
const HEADER: [u8; 18] = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, b'B', b'C', 2, 0, 0, 0];
/// Checksum and length.
const TRAILER: usize = 8;
/// The empty block that ends a file.
const END: [u8; 28] =
    [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, b'B', b'C', 2, 0, 0x1b, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// Compresses what is written to it. The bytes depend on the text, the level and where [`Write::flush`] is called
/// (it ends a block), and on nothing else. [`BgzfWriter::finish`] must be called: it writes what is left and the end
/// mark; a writer that is only dropped leaves an incomplete file.
pub struct BgzfWriter<W: Write> {
    output: W,
    deflate: Compress,
    level: Compression,
    text: Vec<u8>,
    block: Vec<u8>,
    /// Where blocks begin but the first, compressed and as text: the entries of a `.gzi` index.
    starts: Option<Vec<(u64, u64)>>,
    /// Bytes of the blocks written, compressed and as text.
    written: (u64, u64),
}

impl<W: Write> BgzfWriter<W> {
    /// A writer with a compression level from 0 to 9 (6 is gzip's own; what is above 9 counts as 9).
    pub fn new(output: W, level: u32) -> Self {
        let level = Compression::new(level.min(9));
        BgzfWriter {
            output,
            deflate: Compress::new(level, false),
            level,
            text: Vec::with_capacity(TEXT),
            block: vec![0; HEADER.len() + DATA + TRAILER],
            starts: None,
            written: (0, 0),
        }
    }

    /// A writer that remembers where its blocks begin, for [`BgzfWriter::finish_indexed`].
    pub fn indexed(output: W, level: u32) -> Self {
        BgzfWriter { starts: Some(Vec::new()), ..BgzfWriter::new(output, level) }
    }

    /// Writes what is left and the end mark, flushes the output and gives it back.
    pub fn finish(self) -> io::Result<W> {
        Ok(self.finish_indexed()?.0)
    }

    /// As [`BgzfWriter::finish`]; gives the `.gzi` index too, as `bgzip -r` and `samtools faidx` write it, if the writer
    /// is an indexed one: number of entries, then of each block but the first its offsets in the file and in the text.
    pub fn finish_indexed(mut self) -> io::Result<(W, Option<Vec<u8>>)> {
        self.end_block()?;
        self.output.write_all(&END)?;
        self.output.flush()?;
        let index = self.starts.map(|starts| {
            let entries = starts.iter().flat_map(|&(file, text)| [file, text]);
            [starts.len() as u64].into_iter().chain(entries).flat_map(u64::to_le_bytes).collect()
        });
        Ok((self.output, index))
    }

    /// Writes the gathered text as a block.
    fn end_block(&mut self) -> io::Result<()> {
        if self.text.is_empty() {
            return Ok(());
        }
        let data = &mut self.block[HEADER.len()..HEADER.len() + DATA];
        let status = self.deflate.compress(&self.text, data, FlushCompress::Finish).map_err(io::Error::other)?;
        let mut length = self.deflate.total_out() as usize;
        if matches!(status, Status::StreamEnd) {
            self.deflate.reset();
        } else {
            self.deflate = Compress::new(self.level, false);
            length = usize::MAX;
        }
        // Stored text takes five bytes more than itself: that always fits into a block.
        if length > self.text.len() + 5 {
            length = store(&self.text, data);
        }
        let mut crc = Crc::new();
        crc.update(&self.text);
        let size = HEADER.len() + length + TRAILER;
        self.block[..HEADER.len()].copy_from_slice(&HEADER);
        self.block[16..18].copy_from_slice(&((size - 1) as u16).to_le_bytes());
        self.block[size - 8..size - 4].copy_from_slice(&crc.sum().to_le_bytes());
        self.block[size - 4..size].copy_from_slice(&crc.amount().to_le_bytes());
        if let Some(starts) = self.starts.as_mut().filter(|_| self.written.1 > 0) {
            starts.push(self.written);
        }
        self.written.0 += size as u64;
        self.written.1 += self.text.len() as u64;
        self.text.clear();
        self.output.write_all(&self.block[..size])
    }
}

/// Puts `text` into `out` as one stored deflate block; the number of bytes it takes.
fn store(text: &[u8], out: &mut [u8]) -> usize {
    let length = text.len() as u16;
    out[0] = 1;
    out[1..3].copy_from_slice(&length.to_le_bytes());
    out[3..5].copy_from_slice(&(!length).to_le_bytes());
    out[5..5 + text.len()].copy_from_slice(text);
    5 + text.len()
}

impl<W: Write> Write for BgzfWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.text.len() == TEXT {
            self.end_block()?;
        }
        let taken = bytes.len().min(TEXT - self.text.len());
        self.text.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.end_block()?;
        self.output.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::MultiGzDecoder;
    use proptest::prelude::*;
    use std::io::Read;

    fn compressed(text: &[u8], level: u32, piece: usize) -> Vec<u8> {
        let mut writer = BgzfWriter::new(vec![], level);
        for piece in text.chunks(piece) {
            writer.write_all(piece).unwrap();
        }
        writer.finish().unwrap()
    }

    /// Texts of the blocks, by following the size fields.
    fn blocks(mut file: &[u8]) -> Vec<Vec<u8>> {
        assert!(file.ends_with(&END));
        let mut texts = vec![];
        while !file.is_empty() {
            assert_eq!(file[..16], HEADER[..16]);
            let (block, rest) = file.split_at(usize::from(u16::from_le_bytes([file[16], file[17]])) + 1);
            let mut text = vec![];
            flate2::read::GzDecoder::new(block).read_to_end(&mut text).unwrap();
            texts.push(text);
            file = rest;
        }
        texts
    }

    fn noise(length: usize) -> Vec<u8> {
        let mut x = 1u64;
        let step = |_| {
            x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (x >> 56) as u8
        };
        (0..length).map(step).collect()
    }

    #[test]
    fn nothing_is_the_end_mark() {
        assert_eq!(compressed(b"", 6, 1), END);
        assert_eq!(blocks(&END), [b""]);
    }

    #[test]
    fn noise_is_stored() {
        let text = noise(200_000);
        for level in [0, 1, 6, 9, 99] {
            let file = compressed(&text, level, 7777);
            assert!(file.len() < text.len() + 200);
            let texts = blocks(&file);
            assert_eq!(texts.iter().map(Vec::len).collect::<Vec<_>>(), [TEXT, TEXT, TEXT, 200_000 - 3 * TEXT, 0]);
            assert!(texts.concat() == text);
        }
    }

    #[test]
    fn flushing_ends_a_block() {
        let mut writer = BgzfWriter::new(vec![], 6);
        writer.write_all(b"ab").unwrap();
        writer.flush().unwrap();
        writer.flush().unwrap();
        writer.write_all(b"cd").unwrap();
        assert_eq!(blocks(&writer.finish().unwrap()), [&b"ab"[..], b"cd", b""]);
    }

    #[test]
    fn the_index_tells_where_blocks_begin() {
        for (length, blocks) in [(0, 0), (5, 0), (TEXT, 0), (TEXT + 1, 1), (3 * TEXT, 2)] {
            let mut writer = BgzfWriter::indexed(vec![], 6);
            writer.write_all(&noise(length)).unwrap();
            let (file, index) = writer.finish_indexed().unwrap();
            let words: Vec<u64> =
                index.unwrap().chunks(8).map(|word| u64::from_le_bytes(word.try_into().unwrap())).collect();
            assert_eq!((words[0], words.len()), (blocks, 1 + 2 * blocks as usize));
            for (i, entry) in words[1..].chunks(2).enumerate() {
                assert_eq!(file[entry[0] as usize..][..16], HEADER[..16]);
                assert_eq!(entry[1], (i as u64 + 1) * TEXT as u64);
            }
        }
        assert_eq!(BgzfWriter::new(vec![], 6).finish_indexed().unwrap().1, None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn decodes_and_does_not_depend_on_the_pieces(
            length in 0usize..150_000, level in 0u32..10, piece in 1usize..70_000, period in 1usize..5000,
        ) {
            let text: Vec<u8> = noise(period).into_iter().cycle().take(length).map(|b| b"ACGT"[b as usize & 3]).collect();
            let file = compressed(&text, level, piece);
            prop_assert!(file == compressed(&text, level, usize::MAX));
            prop_assert!(blocks(&file).concat() == text);
            let mut decoded = vec![];
            MultiGzDecoder::new(&file[..]).read_to_end(&mut decoded).unwrap();
            prop_assert!(decoded == text);
        }
    }
}
