/** A generator with a seed, so that every run is the same: https://en.wikipedia.org/wiki/Lehmer_random_number_generator */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}
