import { aMarket, type Person, setMechanisms, untilEpoch, weightsCall } from './market.ts';
import { eventOf } from './secret-market.ts';

type Events = ReturnType<typeof untilEpoch>;

/** Epoch 2 of a subnet with two mechanisms whose validators have permits and a salt. */
export async function aDouble(parts = [49_151, 16_384], options: Parameters<typeof aMarket>[0] = {}) {
  const market = await aMarket(options);
  untilEpoch(market.chain);
  setMechanisms(market.chain, parts);
  return market;
}

/** Weights of everybody in both mechanisms, under one salt. */
export const inBoth = (
  people: readonly Person[],
  first: Record<number, number>,
  second: typeof first,
  n: number,
) => people.flatMap((person) => [weightsCall(person, 1, first, n), weightsCall(person, 1, second, n, 1)]);

export const paidTo = (events: Events, uid: number, kinds = ['incentive']) =>
  eventOf(events, 'emission.paid')
    .filter((data) => data.uid === uid && kinds.includes(data.kind as string))
    .reduce((sum, { amount }) => sum + BigInt(amount as string), 0n);
export const dividendsOf = (events: Events, uid: number) =>
  paidTo(events, uid, ['take', 'dividends', 'root']);
