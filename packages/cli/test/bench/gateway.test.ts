import { benchGateway } from '@cairn/proving';
import { describe, expect, it } from 'vitest';

const entry = (name: string) => new URL(`../../src/bench/gateway/${name}.ts`, import.meta.url);

describe('the bench of the gateway', () => {
  it('measures whole answers of both processes, and says what it leaves out', async () => {
    const { figures, notes } = await benchGateway({
      gateway: entry('gateway-child'),
      provider: entry('provider-child'),
      portkey: '/nowhere',
      rounds: 1,
      requests: 2,
      warmUp: 2,
    });
    const names = figures.map(({ name }) => name);
    for (const what of ['JSON', 'SSE of 50'])
      for (const at of [1, 16, 64])
        for (const of of ['gateway', 'proxy', 'ratio'])
          expect(names).toContain(`${what}, ${at} at once: ${of}`);
    for (const { name, value } of figures)
      if (name !== 'first token, added') expect(value, name).toBeGreaterThan(0);
    expect(figures.find(({ name }) => name === 'first token, added')?.target).toBe(1);
    expect(notes.join('\n')).toContain('Install @portkey-ai/gateway@1.15.2 there.');
  });
});
