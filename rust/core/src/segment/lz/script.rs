//! Deltas as they wait for their pack: a *script*, in which runs are counted; and the two ways to spell one.
//!
//! A script is a delta in which a run of bases equal to the reference is a count, and a run of N a token that, unlike
//! one of the format, moves the prediction on as the N themselves do.

use super::token::{
    Dialect, N_LITERAL, N_RUN, N_RUN_BASE, SAME, Token, Tokens, push_literal, push_match, push_n_run, push_same,
    split_match, split_n_run,
};
use crate::alphabet::N;
use crate::error::{Error, Result};

/// Set in each byte of a count, seven bits of it a byte, the lowest first. No byte of a delta has it.
const COUNT: u8 = 0x80;

/// Codes as predicted, or N, that become one token where runs are tokens: fewer take no more room as they are.
const LEAST_RUN: usize = 16;

/// Fewest N in a row that are counted.
const LEAST_UNKNOWN: usize = 16;

/// What a script consists of.
enum Event {
    Same(usize),
    NRun(usize),
    Match { distance: i64, length: usize },
    Literal(u8),
}

/// Appends codes that are as predicted to a script; never twice in a row.
pub(super) fn push_count(count: usize, script: &mut Vec<u8>) {
    let mut rest = count;
    while rest > 0 {
        script.push(COUNT | (rest & 0x7F) as u8);
        rest >>= 7;
    }
}

/// Appends a run of N to a script: counted, if it is long enough.
pub(super) fn push_unknown(count: usize, script: &mut Vec<u8>) {
    const { assert!(LEAST_UNKNOWN >= N_RUN_BASE) };
    if count >= LEAST_UNKNOWN {
        push_n_run(count, script);
    } else {
        script.resize(script.len() + count, N_LITERAL);
    }
}

/// Length of the delta that [`spell`] makes of a script.
pub fn spelled_length(script: &[u8], min_match: u32) -> usize {
    let mut length = 0;
    each(script, min_match, |event, text| {
        length += match event {
            Event::Same(count) | Event::NRun(count) => count,
            Event::Match { .. } | Event::Literal(_) => text.len(),
        };
    });
    length
}

/// Appends a script's delta with each code of a run by itself: but for jumps the text is as long as the segment, so
/// that packs show the same text at the same place in delta after delta.
pub fn spell(script: &[u8], min_match: u32, out: &mut Vec<u8>) {
    each(script, min_match, |event, text| match event {
        Event::Same(count) => push_same(count, out),
        Event::NRun(count) => out.resize(out.len() + count, N_LITERAL),
        Event::Match { .. } | Event::Literal(_) => out.extend_from_slice(text),
    });
}

/// Appends a script's delta with long runs as tokens: its length follows from the changes, not from the segment.
pub fn spell_tokens(script: &[u8], min_match: u32, out: &mut Vec<u8>) {
    // A run of N as a token does not move the prediction; what comes next along the reference makes up for it.
    let mut owed = 0;
    let mut jump: Option<(i64, usize)> = None;
    each(script, min_match, |event, _| {
        if let Some((distance, length)) = jump.take() {
            match event {
                Event::Same(count) if length + count >= LEAST_RUN => {
                    push_match(distance, length + count, min_match, out);
                    return;
                }
                _ => push_match(distance, length, min_match, out),
            }
        }
        match event {
            Event::Same(count) if owed != 0 || count >= LEAST_RUN => {
                push_match(std::mem::take(&mut owed), count, min_match, out);
            }
            Event::Same(count) => push_same(count, out),
            Event::NRun(count) => {
                push_n_run(count, out);
                owed += count as i64;
            }
            Event::Match { distance, length } => jump = Some((distance + std::mem::take(&mut owed), length)),
            Event::Literal(byte) => out.push(byte),
        }
    });
    if let Some((distance, length)) = jump {
        push_match(distance, length, min_match, out);
    }
}

/// Replaces what `script` holds by the script of any delta of format 2 or 3 over a reference of so many codes.
///
/// # Errors
/// [`Error::Corrupt`] when the delta is malformed.
pub fn script_of(delta: &[u8], reference: u64, min_match: u32, script: &mut Vec<u8>) -> Result<()> {
    script.clear();
    let mut tokens = Tokens::new(delta, min_match, Dialect::V2);
    let bad = || Error::corrupt("a delta copies what its reference does not have");
    let mut predicted = 0i64;
    // How far the prediction of the script is ahead, which a run of N moves.
    let mut ahead = 0i64;
    let (mut same, mut unknown) = (0, 0);
    while let Some(token) = tokens.next()? {
        if token != Token::Literal(N) {
            push_unknown(std::mem::take(&mut unknown), script);
        }
        let (distance, length) = match token {
            Token::Literal(code) => {
                push_count(std::mem::take(&mut same), script);
                if code == N {
                    unknown += 1;
                } else {
                    push_literal(code, script);
                }
                predicted += 1;
                continue;
            }
            Token::NRun(count) => {
                push_count(std::mem::take(&mut same), script);
                let count = u32::try_from(count).map_err(|_| bad())?;
                push_n_run(count as usize, script);
                ahead += i64::from(count);
                continue;
            }
            Token::Same(count) => (0, count as i64),
            Token::Match { distance, length } => {
                (distance, length.unwrap_or(reference as i64 - predicted.saturating_add(distance)))
            }
        };
        predicted = predicted.saturating_add(distance);
        let end = predicted.saturating_add(length);
        if predicted < 0 || length < 0 || end > reference as i64 {
            return Err(bad());
        }
        predicted = end;
        let mut rest = length as usize;
        if distance != ahead {
            push_count(std::mem::take(&mut same), script);
            let copied = rest.min(min_match as usize);
            push_match(distance - ahead, copied, min_match, script);
            rest -= copied;
        }
        ahead = 0;
        same += rest;
    }
    push_count(same, script);
    push_unknown(unknown, script);
    Ok(())
}

/// Goes through a script, with the text of each event.
#[inline]
fn each(script: &[u8], min_match: u32, mut take: impl FnMut(Event, &[u8])) {
    let mut rest = script;
    while let Some(&first) = rest.first() {
        let (event, length) = match first {
            COUNT.. => {
                let digits = rest.iter().position(|&byte| byte & COUNT == 0).unwrap_or(rest.len());
                let count = rest[..digits].iter().rev().fold(0, |count, &byte| count << 7 | usize::from(byte & 0x7F));
                (Event::Same(count), digits)
            }
            N_RUN => {
                let (count, length) = split_n_run(rest);
                (Event::NRun(count), length)
            }
            b'-' | b'0'..=b'9' => {
                let (distance, matched, length) = split_match(rest, min_match);
                (Event::Match { distance, length: matched }, length)
            }
            byte => (Event::Literal(byte), 1),
        };
        debug_assert!(first != SAME, "a run that is not counted");
        take(event, &rest[..length]);
        rest = &rest[length..];
    }
}
