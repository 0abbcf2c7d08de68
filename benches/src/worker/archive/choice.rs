//! Which members are read, and what they take in the object.

use landfall_archive::{ChainPath, Index, Member, MemberKind, Step, basename};

use super::{Layout, Members};

/// How many members are read.
const SIX: usize = 6;
/// About their size, bytes.
const SIZE: u64 = 2 << 20;
/// Of a block of tar, bytes.
const TAR_BLOCK: u64 = 512;

/// The six members.
pub(super) fn chosen(index: &Index, layout: Layout, members: Members) -> anyhow::Result<Vec<Member>> {
    let mut known = Vec::new();
    let mut others = Vec::new();
    for member in index.members() {
        let member = member?;
        let name = member.chain.steps.last().map(|step| basename(&step.path)).unwrap_or_default();
        if member.kind == MemberKind::File {
            if layout.is_target(&name) { &mut known } else { &mut others }.push(member);
        }
    }
    let chosen = match members {
        Members::Known | Members::Unknown => known,
        Members::Other => {
            let places: Vec<_> =
                others.iter().map(|member| (member.object_end, size(&member.chain))).collect();
            let places = spread(&places, index.object_bytes());
            places.into_iter().filter_map(|place| others.get(place).cloned()).collect()
        }
    };
    anyhow::ensure!(chosen.len() == SIX, "the archive has {} members to read instead of {SIX}", chosen.len());
    Ok(chosen)
}

/// Places of the members nearest to the wanted size, one in each sixth of the object. Members are given by their end
/// in the object and their size.
fn spread(members: &[(u64, u64)], object_bytes: u64) -> Vec<usize> {
    let part = object_bytes.div_ceil(SIX as u64).max(1);
    let nearest = |sixth: usize| {
        let here =
            members.iter().enumerate().filter(|(_, (end, _))| end.saturating_sub(1) / part == sixth as u64);
        here.min_by_key(|(_, (_, size))| size.abs_diff(SIZE)).map(|(place, _)| place)
    };
    (0..SIX).filter_map(nearest).collect()
}

/// Levels of inflating on the way to the members, summed.
pub(super) fn levels(chosen: &[Member]) -> usize {
    chosen.iter().map(|member| member.chain.steps.len()).sum()
}

/// Bytes that members take in the object.
pub(super) fn compressed(index: &Index, chosen: &[Member]) -> anyhow::Result<u64> {
    let all = index.members().map(|member| member.map(|member| member.chain));
    let all = all.collect::<Result<Vec<_>, _>>()?;
    Ok(chosen.iter().map(|member| share(&all, &member.chain, index.object_bytes())).sum())
}

/// Bytes that one member takes: its size, times the ratio of every stream that holds it. How well the member itself is
/// compressed is not known.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an estimate of a size far below 2^52"
)]
fn share(all: &[ChainPath], chain: &ChainPath, object_bytes: u64) -> u64 {
    let mut bytes = size(chain) as f64;
    let mut steps = chain.steps.as_slice();
    while let Some((_, archives)) = steps.split_last() {
        let packed = archives.last().map_or(object_bytes, |archive| archive.size);
        bytes *= packed as f64 / tar_bytes(all, archives) as f64;
        steps = archives;
    }
    bytes as u64
}

/// Bytes of the tar that an archive holds, from its members.
fn tar_bytes(all: &[ChainPath], archive: &[Step]) -> u64 {
    let inside =
        all.iter().filter(|chain| chain.steps.split_last().is_some_and(|(_, archives)| archives == archive));
    let blocks = inside.map(|chain| size(chain).div_ceil(TAR_BLOCK).saturating_add(1));
    blocks.sum::<u64>().saturating_add(2).saturating_mul(TAR_BLOCK)
}

fn size(chain: &ChainPath) -> u64 {
    chain.steps.last().map_or(0, |step| step.size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(steps: &[(&str, u64)]) -> ChainPath {
        let step = |(path, size): &(&str, u64)| Step { path: (*path).into(), offset: 0, size: *size };
        ChainPath { steps: steps.iter().map(step).collect() }
    }

    #[test]
    fn the_other_members_come_one_from_each_sixth() {
        let members: Vec<_> = (0..12).map(|n| (n * 50, if n % 2 == 0 { 1 } else { SIZE - n })).collect();
        assert_eq!(spread(&members, 600), [1, 3, 5, 7, 9, 11]);
    }

    #[test]
    fn a_member_takes_its_size_times_the_ratio_of_every_level() {
        let inner = 100 << 10;
        let all = [
            chain(&[("a.tgz", inner)]),
            chain(&[("a.tgz", inner), ("b.log", 1 << 20)]),
            chain(&[("other.log", 300 << 10)]),
        ];
        // The inner archive is a tenth of its tar; the outer one half of its tar of 400 KiB.
        let share = share(&all, &all[1], 200 << 10);
        assert!(share.abs_diff(50 << 10) < 1 << 10, "{share}");
    }
}
