/** What an adversary gets out of the salts it may withhold. */
export interface SeedBias {
  /** Salts of the adversary: it waits until all others have revealed. */
  readonly salts: number;
  /** Seeds it can choose from: each of its salts is in or out. */
  readonly choices: number;
  /** Chance that an event of the chance `p` happens when it can choose. */
  readonly chance: number;
  /** Salts that it withholds on average, when it withholds as few as it can: each costs the dividends of an epoch. */
  readonly withheld: number;
}

function binomial(n: number, k: number): number {
  let product = 1;
  for (let i = 1; i <= k; i++) product = (product * (n - k + i)) / i;
  return product;
}

/**
 * Seeds are hashes, so each choice brings the event about with the chance `p`, whatever the others did: all of them
 * fail with (1 − p)^(2^k). The adversary looks at the seeds with fewest salts withheld first, and shows all its salts
 * when no seed helps.
 *
 * @param salts of the adversary, of however many.
 * @param p chance of the event it wants under a seed that nobody chose.
 */
export function seedBias(salts: number, p: number): SeedBias {
  let hasFailed = 1;
  let withheld = 0;
  for (let out = 0; out <= salts; out++) {
    const failsHere = (1 - p) ** binomial(salts, out);
    withheld += out * hasFailed * (1 - failsHere);
    hasFailed *= failsHere;
  }
  return { salts, choices: 2 ** salts, chance: 1 - hasFailed, withheld };
}
