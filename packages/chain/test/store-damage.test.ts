import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ChainError, type ChainProblem } from '../src/index.ts';
import { aChain, aFolder, aGenesis, aTransfer, include } from './parts.ts';

const SEED = 20_261_121;

async function problemOf(attempt: () => Promise<unknown>): Promise<ChainProblem> {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof ChainError) return error.problem;
    throw error;
  }
  throw new Error('nothing was wrong');
}

describe('a damaged store', () => {
  let healthy: string;
  let status: unknown;

  beforeAll(async () => {
    const chain = await aChain();
    healthy = chain.folder;
    await chain.engine.start();
    for (let nonce = 0n; nonce < 40n; nonce++)
      await include(chain, await aTransfer({ nonce, amount: 1_000n + nonce }));
    status = await chain.ledger.status();
    await chain.close();
  });

  function aCopy(): string {
    const folder = aFolder();
    mkdirSync(folder, { recursive: true });
    copyFileSync(join(healthy, 'data.mdb'), join(folder, 'data.mdb'));
    return folder;
  }

  async function openAndRead(folder: string): Promise<unknown> {
    await using chain = await aChain({ folder });
    const { height } = await chain.ledger.status();
    for (let at = 1; at <= height; at++) await chain.ledger.block(at);
    return chain.ledger.status();
  }

  it('opens as it was when nothing is wrong', async () => {
    expect(await openAndRead(aCopy())).toEqual(status);
  });

  it('is refused with advice when the file is cut off', async () => {
    const size = readFileSync(join(healthy, 'data.mdb')).length;
    for (const keep of [1, 100, 4_096, 8_191, 8_192, size >> 2, size >> 1]) {
      const folder = aCopy();
      truncateSync(join(folder, 'data.mdb'), keep);
      const problem = await problemOf(() => aChain({ folder }));
      expect(problem, `${keep} of ${size} bytes kept`).toMatchObject({ code: 'STORE_CORRUPT', folder });
    }
    const folder = aCopy();
    truncateSync(join(folder, 'data.mdb'), 4_096);
    await expect(aChain({ folder })).rejects.toThrow(/Restore a backup.*--reset/);
  });

  it('is refused, or the same as before, when pages at its end are cut off, of which some are unused', async () => {
    const size = readFileSync(join(healthy, 'data.mdb')).length;
    for (let keep = size - 1; keep > size / 2; keep -= 4_095) {
      const folder = aCopy();
      truncateSync(join(folder, 'data.mdb'), keep);
      try {
        expect(await openAndRead(folder), `${keep} of ${size} bytes kept`).toEqual(status);
      } catch (error) {
        if (!(error instanceof ChainError)) throw error;
        expect(error.code, `${keep} of ${size} bytes kept`).toBe('STORE_CORRUPT');
      }
    }
  });

  it(`is refused, or the same as before, when any one bit is flipped (seed ${SEED})`, async () => {
    const bytes = readFileSync(join(healthy, 'data.mdb'));
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (offset, bit) => {
        const folder = aCopy();
        const flipped = Buffer.from(bytes);
        flipped[offset]! ^= 1 << bit;
        writeFileSync(join(folder, 'data.mdb'), flipped);
        let outcome: unknown;
        try {
          outcome = await openAndRead(folder);
        } catch (error) {
          expect((error as ChainError).problem?.code, `byte ${offset} bit ${bit}: ${error}`).toBe(
            'STORE_CORRUPT',
          );
          refused += 1;
          return;
        }
        expect(outcome, `byte ${offset} bit ${bit}`).toEqual(status);
      }),
      { seed: SEED, numRuns: process.env.CAIRN_TEST_LONG ? 3_000 : 250 },
    );
    expect(refused).toBeGreaterThan(20);
  });

  it('is refused, or the same as before, when any byte of the start pages is flipped', async () => {
    const bytes = readFileSync(join(healthy, 'data.mdb'));
    for (let at = 0; at < 320; at++) {
      const offset = (at % 2) * 4_096 + (at >> 1);
      const folder = aCopy();
      const flipped = Buffer.from(bytes);
      flipped[offset]! ^= 0x41;
      writeFileSync(join(folder, 'data.mdb'), flipped);
      try {
        expect(await openAndRead(folder), `byte ${offset}`).toEqual(status);
      } catch (error) {
        if (!(error instanceof ChainError)) throw error;
        expect(error.code, `byte ${offset}`).toBe('STORE_CORRUPT');
      }
    }
  });
});

describe('a store that is not ours to use', () => {
  it('is refused while another chain has it open, and free when that closes', async () => {
    const first = await aChain();
    expect(await problemOf(() => aChain({ folder: first.folder }))).toMatchObject({
      code: 'STORE_IN_USE',
      pid: process.pid,
    });
    await first.close();
    await using second = await aChain({ folder: first.folder });
    expect((await second.ledger.status()).height).toBe(0);
  });

  it('is taken over from a process that died', async () => {
    const { folder, close } = await aChain();
    await close();
    writeFileSync(join(folder, 'owner.lock'), '999999999 1');
    await using chain = await aChain({ folder });
    expect((await chain.ledger.status()).height).toBe(0);
  });

  it('is refused with another genesis', async () => {
    const { folder, close } = await aChain();
    await close();
    expect(await problemOf(() => aChain({ folder, genesis: aGenesis(undefined, 7) }))).toMatchObject({
      code: 'WRONG_CHAIN',
    });
    await using again = await aChain({ folder });
    expect((await again.ledger.status()).height).toBe(0);
  });

  it('is refused when its folder cannot be made', async () => {
    const file = join(aFolder(), 'file');
    writeFileSync(file, '');
    await expect(aChain({ folder: join(file, 'chain') })).rejects.toThrow();
  });
});
