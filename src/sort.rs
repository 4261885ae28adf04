//! Sorts that are compiled once for all types of elements: positions are sorted, then the elements moved.
//!
//! All are stable. Lists of numbers and lists of names are sorted by the standard library where they stand.

use std::cmp::Ordering;

/// Sorts as the elements compare.
pub(crate) fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

/// Sorts by the key that is made of each element.
pub(crate) fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

/// Sorts by a comparison, which must be a total order.
pub(crate) fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let order = sorted_positions(items.len(), &|a, b| compare(&items[a], &items[b]));
    arrange(order, &mut |a, b| items.swap(a, b));
}

/// The numbers that are there several times, each once, in order.
pub(crate) fn repeated(mut numbers: Vec<u64>) -> Vec<u64> {
    numbers.sort_unstable();
    let pairs = numbers.windows(2).filter(|pair| pair[0] == pair[1]);
    let mut repeated: Vec<u64> = pairs.map(|pair| pair[0]).collect();
    repeated.dedup();
    repeated
}

/// The positions of `len` elements, in the order that the elements have by `compare`.
fn sorted_positions(len: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    order.sort_by(|&a, &b| compare(a, b));
    order
}

/// Moves to each place the element from the position that `order` has for it, by exchanges.
fn arrange(mut order: Vec<usize>, swap: &mut dyn FnMut(usize, usize)) {
    for start in 0..order.len() {
        let mut at = start;
        while order[at] != start {
            let from = std::mem::replace(&mut order[at], at);
            swap(at, from);
            at = from;
        }
        order[at] = at;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sorts_are_those_of_the_standard_library(items in prop::collection::vec(any::<(u8, u16)>(), 0..200)) {
            let (mut found, mut expected) = (items.clone(), items.clone());
            sort(&mut found);
            expected.sort();
            prop_assert_eq!(&found, &expected);

            let (mut found, mut expected) = (items.clone(), items.clone());
            sort_by_key(&mut found, |&(key, _)| key / 16);
            expected.sort_by_key(|&(key, _)| key / 16);
            prop_assert_eq!(&found, &expected, "equal keys stay in their order");

            let (mut found, mut expected) = (items.clone(), items);
            sort_by(&mut found, |a, b| (b.1, a.0).cmp(&(a.1, b.0)));
            expected.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
            prop_assert_eq!(&found, &expected);
        }
    }

    #[test]
    fn one_element_and_none_are_sorted() {
        sort::<String>(&mut []);
        let mut one = [3];
        sort(&mut one);
        assert_eq!(one, [3]);
    }

    #[test]
    fn numbers_that_are_there_several_times_are_found_once() {
        assert_eq!(repeated(Vec::new()), [0u64; 0]);
        assert_eq!(repeated(vec![3, 1, 2, 3, 3, 1]), [1, 3]);
    }
}
