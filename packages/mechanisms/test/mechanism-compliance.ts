import { decode, encode, type Shape } from '@cairn/core';
import { FX_ONE, type Mechanism } from '@cairn/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aHash, aLog, aSeed } from './builders.ts';

export interface MechanismSubject<P, T, R, G, E> {
  readonly mechanism: Mechanism<P, T, R, G, E>;
  readonly params: P;
  /** Responses a miner could send: right, wrong and hostile ones. */
  readonly responses: readonly R[];
}

/** What every mechanism promises, whatever it measures. */
export function describeMechanism<P, T, R, G, E>(
  name: string,
  subject: MechanismSubject<P, T, R, G, E>,
): void {
  const { mechanism, params, responses } = subject;
  const data = {
    read(): Uint8Array {
      throw new Error('no data');
    },
  };
  const context = { params, data, log: aLog() };
  const challenge = (index: number) => mechanism.challenge({ seed: aSeed(index), epoch: 3n, params, data });
  const audited = async (index: number, given: readonly R[]) => {
    const { task, secret } = challenge(index);
    const rows = [];
    for (const [order, response] of given.entries()) {
      if (!mechanism.admit(task, response).ok) continue;
      const evidence = await mechanism.audit(context, task, response, secret, aHash('sample'));
      rows.push({ id: aHash(`miner ${order}`), order, response, evidence });
    }
    return { task, rows };
  };
  const byMiner = (scores: readonly { id: Uint8Array; score: bigint; reason: string }[]) =>
    scores.map(({ id, score, reason }) => `${id.join()} ${score} ${reason}`).sort();

  describe(`${name} keeps the promises of a mechanism`, () => {
    it('draws the same task from the same seed and another from another', () => {
      const drawn = Array.from({ length: 50 }, (_, index) => challenge(index));
      expect(Array.from({ length: 50 }, (_, index) => challenge(index))).toEqual(drawn);
      expect(new Set(drawn.map(({ task }) => JSON.stringify(task))).size).toBeGreaterThan(45);
    });

    it('accepts its own parameters and their encoding', () => {
      const shape: Shape<P> = mechanism.params;
      expect(() => mechanism.checkParams(params)).not.toThrow();
      expect(decode(shape, encode(shape, params))).toEqual(params);
    });

    it('refuses a malformed response with a stable code and never throws', () => {
      const { task } = challenge(0);
      for (const response of responses) {
        const first = mechanism.admit(task, response);
        expect(mechanism.admit(task, response), String(response)).toEqual(first);
        if (!first.ok) expect(first.code, String(response)).toMatch(/^[A-Z][A-Z_]+$/);
      }
    });

    it('scores every row within its range, whatever the order of rows', async () => {
      for (let index = 0; index < 10; index += 1) {
        const { task, rows } = await audited(index, responses);
        const scores = mechanism.score(context, task, rows);
        expect(scores).toHaveLength(rows.length);
        for (const { score } of scores) {
          expect(score >= 0n && score <= FX_ONE, `task ${index} score ${score}`).toBe(true);
        }
        const order = fc.sample(fc.shuffledSubarray(rows, { minLength: rows.length }), {
          numRuns: 1,
          seed: index,
        });
        expect(byMiner(mechanism.score(context, task, order[0] as typeof rows))).toEqual(byMiner(scores));
      }
    });

    it.runIf(mechanism.solve !== undefined)('gives its reference miner full marks', async () => {
      for (let index = 0; index < 50; index += 1) {
        const { task, secret } = challenge(index);
        const response = (await mechanism.solve?.(task, secret)) as R;
        expect(mechanism.admit(task, response), `task ${index}`).toEqual({ ok: true });
        const evidence = await mechanism.audit(context, task, response, secret, aHash('sample'));
        const row = { id: aHash('miner'), order: 0, response, evidence };
        expect(mechanism.score(context, task, [row])[0]?.score, `task ${index}`).toBe(FX_ONE);
      }
    });
  });
}
