import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PARAMETER_NAMES, PARAMETERS } from '../../src/index.ts';
import { aChain, aKey } from '../support/chain.ts';

describe('parameters_list', () => {
  it('names each parameter once, with the value in force and its bounds', () => {
    const chain = aChain({ funded: [aKey(1)], parameters: { defaultTempo: 33n } });
    const listed = chain.query('parameters_list', {});
    expect(listed.map(({ name }: { name: string }) => name)).toEqual(PARAMETER_NAMES);
    expect(listed.find(({ name }: { name: string }) => name === 'defaultTempo')).toMatchObject({
      value: '33',
      initial: '360',
      min: '5',
      max: '50400',
      unit: 'slots',
    });
  });

  it('has each name in one group only: the later one would hide the other', async () => {
    const groups = new URL('../../src/parameters/groups/', import.meta.url);
    const names: string[] = [];
    for (const file of readdirSync(groups))
      for (const group of Object.values(await import(new URL(file, groups).href)))
        names.push(...Object.keys(group as object));
    expect(names.sort()).toEqual([...PARAMETER_NAMES].sort());
  });

  it.each(PARAMETER_NAMES)('starts %s within its bounds', (name) => {
    const { initial, min, max } = PARAMETERS[name];
    expect(min <= initial && initial <= max).toBe(true);
  });

  it('refuses parameters for a query that takes none', () => {
    const chain = aChain({ funded: [aKey(1)] });
    expect(() => chain.query('parameters_list', { page: 1 })).toThrow('takes no parameters');
  });
});
