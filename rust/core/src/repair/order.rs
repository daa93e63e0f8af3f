//! Who is who among parts in a known order, where some may be missing.

/// Places runs of items, each of which lies gapless in the order, among `places` places: `fits(item, place)` tells what is
/// possible. An item whose place is the same however the others are put gets it.
pub(super) fn place_runs(
    runs: &[Vec<usize>],
    places: usize,
    mut fits: impl FnMut(usize, usize) -> bool,
) -> Vec<(usize, usize)> {
    let mut at = |run: &[usize], start: usize| run.iter().enumerate().all(|(i, &item)| fits(item, start + i));
    let mut low = Vec::with_capacity(runs.len());
    let mut from = 0;
    for run in runs {
        let found = (from..(places + 1).saturating_sub(run.len())).find(|&start| at(run, start));
        from = found.map_or(from, |start| start + run.len());
        low.push(found);
    }
    let mut high = Vec::with_capacity(runs.len());
    let mut end = places;
    for run in runs.iter().rev() {
        let found = (0..(end + 1).saturating_sub(run.len())).rev().find(|&start| at(run, start));
        end = found.unwrap_or(end);
        high.push(found);
    }
    high.reverse();
    let sure = runs.iter().zip(low.into_iter().zip(high)).filter_map(|(run, (low, high))| {
        let start = low.filter(|_| low == high)?;
        Some(run.iter().enumerate().map(move |(i, &item)| (item, start + i)))
    });
    sure.flatten().collect()
}

/// Gives each item its place where only one is possible: because it fits nowhere else and no other does so; or because all
/// items from one that has its place to another lie gapless in an order of places, and exactly as many places are free
/// between theirs. Of several orders that counts which all agree with that have their place by fitting alone.
pub(super) fn place_in_order(candidates: &[Vec<usize>], gapless: &[bool], orders: &[Vec<usize>]) -> Vec<Option<usize>> {
    let places = orders.first().map_or(0, Vec::len);
    let mut claims = vec![0u32; places];
    candidates.iter().filter(|list| list.len() == 1).for_each(|list| claims[list[0]] += 1);
    let mut found: Vec<Option<usize>> = candidates
        .iter()
        .map(|list| if let [only] = list[..] { (claims[only] == 1).then_some(only) } else { None })
        .collect();
    let agrees = |order: &&Vec<usize>| found.iter().flatten().is_sorted_by_key(|&place| order[place]);
    if let Some(order) = orders.iter().find(agrees) {
        place_by_neighbours(candidates, gapless, order, &mut found);
    }
    found
}

fn place_by_neighbours(candidates: &[Vec<usize>], gapless: &[bool], order: &[usize], found: &mut [Option<usize>]) {
    let mut by_rank = vec![0; order.len()];
    order.iter().enumerate().for_each(|(place, &rank)| by_rank[rank] = place);
    let mut taken = vec![false; order.len()];
    found.iter().flatten().for_each(|&place| taken[place] = true);
    let mut item = 0;
    while item < found.len() {
        if found[item].is_some() {
            item += 1;
            continue;
        }
        let end = (item..found.len()).find(|&next| found[next].is_some()).unwrap_or(found.len());
        let from = item.checked_sub(1).and_then(|last| found[last]).map_or(0, |place| order[place] + 1);
        let to = found.get(end).copied().flatten().map_or(order.len(), |place| order[place]);
        let joined = (item.max(1)..=end.min(found.len() - 1)).all(|next| gapless[next]);
        if joined && from <= to {
            let free: Vec<usize> = by_rank[from..to].iter().copied().filter(|&place| !taken[place]).collect();
            let fits = free.len() == end - item
                && free.iter().zip(item..end).all(|(place, item)| candidates[item].binary_search(place).is_ok());
            if fits {
                for (&place, item) in free.iter().zip(item..end) {
                    found[item] = Some(place);
                    taken[place] = true;
                }
            }
        }
        item = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_find_their_places_where_these_are_sure() {
        let lengths = [5, 5, 7, 5, 5, 9];
        let fits = |items: &'static [i32]| move |item: usize, place: usize| items[item] == lengths[place];
        // All are there.
        let whole = place_runs(&[vec![0, 1, 2, 3, 4, 5]], 6, fits(&[5, 5, 7, 5, 5, 9]));
        assert_eq!(whole, (0..6).map(|i| (i, i)).collect::<Vec<_>>());
        // One is missing in the middle; what stands beside it is sure.
        let found = place_runs(&[vec![0, 1], vec![2, 3, 4]], 6, fits(&[5, 5, 5, 5, 9]));
        assert_eq!(found, [(0, 0), (1, 1), (2, 3), (3, 4), (4, 5)]);
        // One of two equal ones is missing: nobody knows which.
        assert_eq!(place_runs(&[vec![0], vec![1]], 6, fits(&[5, 7])), [(1, 2)]);
    }

    #[test]
    fn neighbours_tell() {
        let two = vec![1, 2];
        let all = [vec![0], two.clone(), two.clone(), vec![3]];
        let orders = [vec![3, 2, 1, 0], vec![0, 2, 1, 3]];
        let place = |candidates: &[Vec<usize>], gapless: &[bool]| place_in_order(candidates, gapless, &orders);
        // The first order is none that those agree with which are sure; in the second, 2 comes before 1.
        assert_eq!(place(&all, &[true; 4]), [Some(0), Some(2), Some(1), Some(3)]);
        // Behind a gap, or with one missing, nobody knows.
        assert_eq!(place(&all, &[true, true, false, true]), [Some(0), None, None, Some(3)]);
        assert_eq!(place(&[vec![0], two, vec![3]], &[true; 3]), [Some(0), None, Some(3)]);
        assert_eq!(place(&[vec![0], vec![0]], &[true; 2]), [None, None]);
        assert_eq!(place(&[], &[]), []);
    }
}
