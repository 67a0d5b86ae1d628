import { accountIdToAddress } from '@cairn/core';
import type { GatewayOptions } from '@cairn/gateway';
import type { Frame } from '@cairn/network';
import { expect } from 'vitest';
import { words } from './asking.ts';
import { anHttpTown, readEvents } from './http-town.ts';
import type { TownOptions } from './parts.ts';

export interface BreakingOptions extends Omit<TownOptions, 'network'> {
  readonly providers?: number;
  readonly gateway?: GatewayOptions;
}

/** Several providers of one model whose connections a test cuts at frames of its choice. */
export async function aBreakingTown({ providers = 3, terms, ...options }: BreakingOptions = {}) {
  /** At which of its frames the next streams of providers are cut. */
  let cuts: number[] = [];
  let done = 0;
  const cutAt = new Map<number, number | undefined>();
  const onFrame = ({ from, stream, index }: Frame) => {
    if (from === 'payer') return 'pass';
    if (!cutAt.has(stream)) cutAt.set(stream, cuts.shift());
    if (cutAt.get(stream) !== index) return 'pass';
    done += 1;
    return 'cut';
  };
  const capabilities = ['tokenIds', 'prefill'] as const;
  const town = await anHttpTown({
    ...options,
    network: { onFrame },
    terms: { capabilities: [...capabilities], ...terms },
  });
  const miners = [town.miner];
  for (let index = 1; index < providers; index += 1) {
    const miner = await town.startMiner(`miner${index}`);
    miners.push(miner);
    town.extra.push(miner.offer);
  }

  /** Waits until every provider has taken the last voucher of every answer. */
  async function idle(): Promise<void> {
    while (miners.some(({ miner }) => miner.serving > 0))
      await new Promise((resolve) => setImmediate(resolve));
  }

  return {
    ...town,
    miners,
    idle,
    /** Cuts the next streams at these of their frames; says how many cuts happened so far. */
    cut(...frames: number[]): void {
      cuts = frames;
      cutAt.clear();
    },
    get cutsDone() {
      return done;
    },
    /** Nobody charges twice: every receipt counts one request once, and claims are the sum of receipts. */
    async expectBooksAgree(note: string): Promise<void> {
      cuts = [];
      await idle();
      for (const { offer } of miners) {
        // Lost receipts come with the next request.
        const only = { provider: { only: [offer.terms.peer] } };
        town.clock.advance(300_000);
        expect((await town.chat('settle', only)).status, note).toBe(200);
      }
      await idle();
      const receipts = [...town.payer.receipts()].map(({ receipt }) => receipt);
      const requests = new Set(receipts.map(({ requestHash }) => Buffer.from(requestHash).toString('hex')));
      expect(requests.size, note).toBe(receipts.length);
      for (const { payee, account, miner } of miners) {
        await miner[Symbol.asyncDispose]();
        await payee.claimAll();
        const mine = receipts.filter(({ provider }) => Buffer.compare(provider, account) === 0);
        const books = town.payer.channels().find((channel) => Buffer.compare(channel.payee, account) === 0);
        const sum = mine.reduce((total, { price }) => total + price, 0n);
        expect(books?.settled ?? 0n, `${note}: ${accountIdToAddress(account)}`).toBe(sum);
        expect(books?.disputed ?? false, note).toBe(false);
      }
      const claimed = town.ledger.claims.reduce((total, { amount }) => total + amount, 0n);
      expect(claimed, note).toBe(receipts.reduce((total, { price }) => total + price, 0n));
    },
    [Symbol.asyncDispose]: () => town[Symbol.asyncDispose](),
  };
}

/** Breaks answers at random places, again and again; counts what clients saw. */
export async function killProviders(rounds: number, seed: number) {
  await using town = await aBreakingTown({ providers: 4 });
  let state = seed;
  const below = (bound: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % bound;
  };
  const question = words(60);
  const seen = { truncated: 0, continued: 0, cuts: 0 };
  for (let round = 0; round < rounds; round += 1) {
    // Breakers would leave nobody to ask; they are tested elsewhere.
    town.clock.advance(300_000);
    town.cut(...Array.from({ length: 1 + below(3) }, () => 1 + below(58)));
    const stream = below(2) === 0;
    const answer = await town.chat(question, { stream });
    const events = stream ? readEvents(answer.text) : null;
    const body = events === null ? JSON.parse(answer.text) : null;
    const text =
      events === null
        ? body.choices?.[0]?.message?.content
        : events.chunks.map((chunk) => chunk.choices?.[0]?.delta?.content ?? '').join('');
    const isWhole = text === question && (events === null || (events.isDone && answer.isComplete));
    if (!isWhole) seen.truncated += 1;
    const note = body?.cairn ?? JSON.parse((events?.comments[0] ?? ': cairn {}').slice(8));
    if ((note.receipts?.length ?? 0) > 1) seen.continued += 1;
    const told = note.receipts?.reduce(
      (sum: number, part: { completion_tokens: number }) => sum + part.completion_tokens,
      0,
    );
    if (body !== null) expect(body.usage?.completion_tokens, `round ${round}`).toBe(told);
    expect(told, `round ${round}`).toBeGreaterThanOrEqual(60);
    await town.idle();
  }
  seen.cuts = town.cutsDone;
  await town.expectBooksAgree(`seed ${seed}`);
  return seen;
}
