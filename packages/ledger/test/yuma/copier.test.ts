import { describe, expect, it } from 'vitest';
import { brokenInvariants } from '../support/invariants.ts';
import {
  aMarket,
  commitCall,
  expectDone,
  revealCall,
  secretOf,
  setHyperparameter,
  untilEpoch,
  weightsCall,
} from '../support/market.ts';

const EPOCHS = 16;

/** What is right to say of three miners in an epoch: one of them is good, and which one changes every second epoch. */
function truthOf(epoch: number): Record<number, number> {
  const good = 3 + (Math.floor(epoch / 2) % 3);
  return Object.fromEntries([3, 4, 5].map((uid) => [uid, uid === good ? 60_000 : 3_000]));
}

/** Dividends of each validator over some epochs; the last of three equals measures nothing and copies what it can see. */
async function dividendsWithCopier(isSecret: boolean, trustedDividendsBps = 0): Promise<number[]> {
  const market = await aMarket({ validators: 3, miners: 3, commitReveal: isSecret });
  const { chain, validators } = market;
  setHyperparameter(chain, 'trustedDividendsBps', trustedDividendsBps);
  const earned = [0, 0, 0];
  untilEpoch(chain);
  for (let epoch = 2; epoch < 2 + EPOCHS; epoch += 1) {
    if (!isSecret) {
      // The copier waits for the others and sends the same.
      for (const person of validators)
        expectDone(chain.block([weightsCall(person, 1, truthOf(epoch), epoch - 2)]));
    } else {
      const rowOf = (index: number, scored: number) => truthOf(index === 2 ? scored - 1 : scored);
      const secret = (index: number, scored: number) =>
        secretOf(validators[index]!, scored, rowOf(index, scored), scored - 2);
      const each = validators.map((person, index) => ({ person, index }));
      if (epoch > 2)
        expectDone(
          chain.block(each.map(({ person, index }) => revealCall(person, secret(index, epoch - 1), epoch))),
        );
      // All the copier can know by now is what was just revealed: the truth of the epoch before.
      expectDone(chain.block(each.map(({ person, index }) => commitCall(person, secret(index, epoch)))));
    }
    for (const { name, data } of untilEpoch(chain)) {
      const isDividend =
        name === 'emission.paid' &&
        (data.kind === 'dividends' || data.kind === 'take' || data.kind === 'root');
      if (isDividend && Number(data.uid) < 3 && epoch > 4)
        earned[Number(data.uid)]! += Number(BigInt(data.amount as string) / 1_000n);
    }
  }
  expect(brokenInvariants(chain)).toEqual([]);
  return earned;
}

describe('a validator that copies weights', () => {
  it('earns what the honest ones earn where weights are in the open, and less where they are committed', async () => {
    const open = await dividendsWithCopier(false);
    const secret = await dividendsWithCopier(true);
    const share = ([, honest, copier]: number[]) => copier! / honest!;
    expect(share(open)).toBe(1);
    expect(share(secret)).toBeCloseTo(0.445, 2);
  });

  it('earns less still where dividends are weighed by trust, and the honest ones get the difference', async () => {
    const plain = await dividendsWithCopier(true);
    const trusted = await dividendsWithCopier(true, 10_000);
    const share = ([, honest, copier]: number[]) => copier! / honest!;
    const sum = (earned: number[]) => earned.reduce((all, one) => all + one, 0);
    // Every second epoch its weights are those of the last; then it is trusted with 9 of 66 parts.
    expect(share(trusted)).toBeCloseTo(0.263, 2);
    expect(trusted[1]! > plain[1]!).toBe(true);
    expect(Math.abs(sum(trusted) / sum(plain) - 1)).toBeLessThan(1e-5);
  });
});
