//! Reading chosen files again.

use landfall_archive::{ChainPath, Flow, Pick, PickError, PickSink, Wanted};

use super::builder::{Tar, gz, log, noise};
use super::record::{Event, Read, walk};

/// Keeps what was picked.
#[derive(Default)]
struct Basket {
    open: Option<(usize, Vec<u8>)>,
    done: Vec<(usize, Vec<u8>)>,
}

impl PickSink for Basket {
    fn start(&mut self, index: usize) {
        assert!(self.open.replace((index, Vec::new())).is_none_or(|(before, _)| before != index));
    }

    fn data(&mut self, index: usize, bytes: &[u8]) {
        let (open, data) = self.open.as_mut().unwrap();
        assert_eq!(*open, index);
        data.extend_from_slice(bytes);
    }

    fn end(&mut self, index: usize) {
        let (open, data) = self.open.take().unwrap();
        assert_eq!(open, index);
        self.done.push((index, data));
    }
}

fn catalogue(bytes: &[u8]) -> Vec<Read> {
    let file = |event| if let Event::File(read) = event { Some(read) } else { None };
    walk(bytes).events.into_iter().filter_map(file).collect()
}

fn wanted(read: &Read) -> Wanted {
    Wanted { chain: read.chain.clone(), crc32: read.crc }
}

/// Pushes byte by byte; gives the bytes pushed until the pick had enough.
fn run(pick: &mut Pick, bytes: &[u8], basket: &mut Basket) -> Result<usize, PickError> {
    for (pushed, byte) in bytes.iter().enumerate() {
        if pick.push(&[*byte], basket)? == Flow::Stop {
            return pick.finish(basket).map(|()| pushed + 1);
        }
    }
    pick.finish(basket).map(|()| bytes.len())
}

/// Two nested archives and files around them.
fn sample() -> Vec<u8> {
    let inner = |seed| Tar::new().file("a", log(seed, 20)).file("b", noise(seed, 900)).tgz();
    Tar::new()
        .file("first", log(9, 5))
        .file("1.tgz", inner(1))
        .file("2.tgz", Tar::new().file("deep.tgz", inner(2)).file("c", "c").tgz())
        .file("last", noise(7, 2000))
        .tgz()
}

#[test]
fn test_reader_multiple_targets_one_pass_gives_every_set_of_files_its_own_bytes() {
    let bytes = sample();
    let files = catalogue(&bytes);
    assert_eq!(files.len(), 7);
    for set in 1_u32..1 << files.len() {
        let chosen: Vec<&Read> =
            files.iter().enumerate().filter(|(at, _)| set & 1 << at != 0).map(|(_, read)| read).collect();
        // The order of the list is the caller's own.
        let list: Vec<Wanted> = chosen.iter().rev().map(|read| wanted(read)).collect();
        let (mut pick, mut basket) = (Pick::new(list), Basket::default());
        for part in bytes.chunks(701) {
            if pick.push(part, &mut basket).unwrap() == Flow::Stop {
                break;
            }
        }
        pick.finish(&mut basket).unwrap();
        let count = chosen.len();
        let got: Vec<_> = basket.done.iter().map(|(index, data)| (count - 1 - index, data)).collect();
        let expected: Vec<_> = chosen.iter().map(|read| &read.data).enumerate().collect();
        assert_eq!(got, expected);
    }
}

#[test]
fn test_reader_early_exit_no_byte_is_needed_after_the_last_wanted_one() {
    // Stored, so that every byte of the object has its place.
    let inner = Tar::new().file("a", "12345").file("b", "678").build();
    let outer = Tar::new().file("x", "1").file("in.tar", inner).file("z", noise(1, 5000)).build();
    for read in catalogue(&outer) {
        let end: u64 = read.chain.steps.iter().map(|step| step.offset).sum::<u64>() + read.data.len() as u64;
        let (mut pick, mut basket) = (Pick::new(vec![wanted(&read)]), Basket::default());
        let pushed = run(&mut pick, &outer, &mut basket).unwrap();
        assert_eq!((pushed as u64, pick.stats().consumed), (end, end), "{}", read.chain.joined());
        assert_eq!(basket.done, [(0, read.data)]);
        assert_eq!(pick.push(b"anything", &mut basket), Ok(Flow::Stop));
    }
}

#[test]
fn an_empty_file_and_an_empty_list_need_no_more_than_they_must() {
    let outer = Tar::new().file("x", "1").file("empty", "").file("z", "1").build();
    let (mut pick, mut basket) = (Pick::new(vec![wanted(&catalogue(&outer)[1])]), Basket::default());
    assert_eq!(run(&mut pick, &outer, &mut basket), Ok(1536));
    assert_eq!(basket.done, [(0, Vec::new())]);
    assert_eq!(Pick::new(Vec::new()).push(&outer, &mut basket), Ok(Flow::Stop));
}

#[test]
fn archives_without_a_wanted_file_are_not_inflated() {
    let bytes = sample();
    let files = catalogue(&bytes);
    let (mut pick, mut basket) = (Pick::new(vec![wanted(&files[6])]), Basket::default());
    run(&mut pick, &bytes, &mut basket).unwrap();
    assert_eq!((pick.stats().archives, pick.stats().deepest), (1, 0));
    let (mut pick, mut basket) = (Pick::new(vec![wanted(&files[5])]), Basket::default());
    run(&mut pick, &bytes, &mut basket).unwrap();
    assert_eq!((pick.stats().archives, pick.stats().deepest), (2, 1), "deep.tgz is passed over");
}

#[test]
fn of_files_and_archives_with_one_name_the_one_at_the_given_offset_is_read() {
    let inner = |text: &str| Tar::new().file("a", text).file("a", format!("{text}, again")).tgz();
    let outer = Tar::new().file("in.tgz", inner("one")).file("in.tgz", inner("two")).tgz();
    let files = catalogue(&outer);
    assert_eq!(files.len(), 4);
    for read in &files {
        let (mut pick, mut basket) = (Pick::new(vec![wanted(read)]), Basket::default());
        run(&mut pick, &outer, &mut basket).unwrap();
        assert_eq!(basket.done, [(0, read.data.clone())]);
    }
}

#[test]
fn a_changed_file_is_refused_by_its_crc() {
    let bytes = sample();
    let mut file = wanted(&catalogue(&bytes)[1]);
    file.crc32 ^= 1;
    let (mut pick, mut basket) = (Pick::new(vec![file]), Basket::default());
    let error = run(&mut pick, &bytes, &mut basket).unwrap_err();
    assert!(
        matches!(&error, PickError::CrcMismatch { index: 0, chain_path, .. } if chain_path == "1.tgz!/a")
    );
    assert!(basket.done.is_empty());
    assert_eq!(pick.push(b"more", &mut basket), Err(error));
}

#[test]
fn files_that_are_not_there_are_named() {
    let bytes = sample();
    let files = catalogue(&bytes);
    let mut moved = wanted(&files[2]);
    moved.chain.steps[1].offset += 512;
    let list = vec![wanted(&files[0]), moved, Wanted { chain: ChainPath::default(), crc32: 0 }];
    let (mut pick, mut basket) = (Pick::new(list), Basket::default());
    let error = run(&mut pick, &bytes, &mut basket).unwrap_err();
    assert_eq!(error.to_string(), "2 wanted files not found whole, first 1.tgz!/b");
    assert!(matches!(error, PickError::Missing { indexes, .. } if indexes == [1, 2]));
    assert_eq!(basket.done.len(), 1);
}

#[test]
fn a_file_cut_off_by_damage_is_missing_and_the_damage_is_named() {
    let bytes = sample();
    let last = wanted(&catalogue(&bytes)[6]);
    let (mut pick, mut basket) = (Pick::new(vec![last]), Basket::default());
    let error = run(&mut pick, &bytes[..bytes.len() - 300], &mut basket).unwrap_err();
    assert!(error.to_string().contains("first last (truncated: gzip stream unfinished, at byte"), "{error}");
    assert!(basket.done.is_empty());
}

#[test]
fn an_object_that_is_no_archive_any_more_is_an_error_of_the_walk() {
    let file = wanted(&catalogue(&sample())[0]);
    let (mut pick, mut basket) = (Pick::new(vec![file]), Basket::default());
    let error = run(&mut pick, &gz(b"something else"), &mut basket).unwrap_err();
    assert!(matches!(error, PickError::Walk(error) if error.code() == "E_NOT_ARCHIVE"));
}
