/**
 * One-sided 95 % upper bound of a rate that was seen `hits` times in `trials` (Clopper and Pearson 1934): the rate at
 * which so few hits have a chance of 5 %. For no hit it is 1 - 0.05^(1/n), about 3/n.
 */
export function upperBound(hits: number, trials: number): number {
  if (trials === 0 || hits >= trials) return 1;
  let [low, high] = [hits / trials, 1];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (chanceOfAtMost(hits, trials, middle) > 0.05) low = middle;
    else high = middle;
  }
  return high;
}

/** The matching lower bound. */
export const lowerBound = (hits: number, trials: number): number =>
  trials === 0 ? 0 : 1 - upperBound(trials - hits, trials);

function chanceOfAtMost(hits: number, trials: number, rate: number): number {
  let logTerm = trials * Math.log1p(-rate);
  let sum = Math.exp(logTerm);
  for (let k = 1; k <= hits; k += 1) {
    logTerm += Math.log((trials - k + 1) / k) + Math.log(rate) - Math.log1p(-rate);
    sum += Math.exp(logTerm);
  }
  return sum;
}
