import { describe, expect, it } from 'vitest';
import { subnets } from '../../src/index.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aMarket, setMechanisms, untilEpoch } from '../support/market.ts';

const CRONTAB = { mechanism: 0, id: 'crontab', version: 1, evidenceVersion: 2 };
const idOf = ({ mechanism: _, ...id }: typeof CRONTAB) => id;

async function anOwned() {
  const market = await aMarket();
  const { chain, owner } = market;
  const declare = (change: Partial<typeof CRONTAB> & { netuid?: number } = {}, from = owner.coldkey) =>
    chain.send(from, 'subnets.declareMeasure', { netuid: 1, ...CRONTAB, ...change });
  const measure = (mechanism = 0) => subnets.get(chain.view, 1)!.mechanisms[mechanism]!.measure;
  const epoch = () => chain.query('subnets_get', { netuid: 1 }).epoch as number;
  return { ...market, declare, measure, epoch };
}

describe('subnets.declareMeasure', () => {
  it('counts from the epoch after next on; before it holds what held, at first nothing', async () => {
    const { chain, declare, measure, epoch } = await anOwned();
    expect(measure()).toBeNull();
    const first = epoch();
    expect(declare()).toBeNull();
    expect(measure()).toMatchObject({ current: idOf(CRONTAB), fromEpoch: first + 2, previous: null });
    expect(brokenInvariants(chain)).toEqual([]);
    for (let ran = 0; ran < 4; ran += 1) untilEpoch(chain);
    const later = epoch();
    expect(declare({ version: 2 })).toBeNull();
    expect(measure()).toMatchObject({
      current: { ...idOf(CRONTAB), version: 2 },
      fromEpoch: later + 2,
      previous: idOf(CRONTAB),
    });
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it("is the owner's, of a mechanism there is, with a name, and seldom", async () => {
    const { validators, declare } = await anOwned();
    expect(declare({}, validators[0]!.coldkey)).toBe('NOT_SUBNET_OWNER');
    expect(declare({ netuid: 9 })).toBe('SUBNET_UNKNOWN');
    expect(declare({ mechanism: 1 })).toBe('MECHANISM_UNKNOWN');
    expect(declare({ id: '' })).toBe('MEASURE_EMPTY');
    expect(declare()).toBeNull();
    expect(declare({ version: 2 })).toBe('MEASURE_DECLARED_RECENTLY');
  });

  it('of one mechanism says nothing of another, and goes with it', async () => {
    const { chain, declare, measure } = await anOwned();
    setMechanisms(chain, [40_000, 25_535]);
    expect(declare({ mechanism: 1, id: 'poetry' })).toBeNull();
    expect(measure(0)).toBeNull();
    expect(measure(1)).toMatchObject({ current: { id: 'poetry' } });
    setMechanisms(chain, [65_535]);
    expect(subnets.get(chain.view, 1)!.mechanisms).toHaveLength(1);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});
