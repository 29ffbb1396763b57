//! Makes a failing world small: leaves out runs of rows, ever shorter ones, as long as it still fails.

use std::time::Instant;

use super::world::World;

/// The smallest world found before the deadline for which `fails` still holds.
pub fn shrink(world: &World, deadline: Instant, mut fails: impl FnMut(&World) -> bool) -> World {
    let mut smallest = world.clone();
    let mut length = smallest.len() / 2;
    while length > 0 {
        let mut start = 0;
        while start < smallest.len() {
            if Instant::now() > deadline {
                return smallest;
            }
            let smaller = smallest.without(start..start + length);
            if fails(&smaller) {
                smallest = smaller;
            } else {
                start += length;
            }
        }
        length /= 2;
    }
    smallest
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::generate::scenario;
    use super::*;

    #[test]
    fn what_matters_remains() {
        let world = (0..).map(|seed| scenario(seed).world).find(|world| world.len() > 60).expect("a large world");
        let wanted = world.commits[world.commits.len() / 2].id.clone();
        let deadline = Instant::now() + Duration::from_secs(60);
        let small = shrink(&world, deadline, |world| world.commits.iter().any(|commit| commit.id == wanted));
        assert_eq!((small.len(), small.commits.len()), (1, 1));
    }
}
