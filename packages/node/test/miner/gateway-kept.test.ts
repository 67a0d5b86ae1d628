import { describe, expect, it } from 'vitest';
import { anHttpTown } from './http-town.ts';
import { aRecordStore } from './parts.ts';

const keptKey = new Uint8Array(32).fill(5);
const once = { 'idempotency-key': 'once' };

const receiptsOf = (town: { readonly payer: { receipts(): Iterable<unknown> } }) =>
  [...town.payer.receipts()].length;

describe('an Idempotency-Key after a restart of its gateway', () => {
  it('gets the answer that was given before, which is paid once', async () => {
    const records = aRecordStore();
    await using before = await anHttpTown({ records, keptKey });
    const first = await before.chat('the secret word is xylophone', {}, once);
    expect(first.status).toBe(200);
    await using after = await anHttpTown({ records: records.copy(), keptKey });
    const again = await after.chat('the secret word is xylophone', {}, once);
    expect([again.status, again.text, again.headers['x-cairn-replayed']]).toEqual([200, first.text, 'true']);
    expect(receiptsOf(after)).toBe(0);
    const other = await after.chat('another question', {}, once);
    expect(other.status).toBe(422);
  });

  it('says nothing on disk to who has not the key of the node', async () => {
    const records = aRecordStore();
    await using town = await anHttpTown({ records, keptKey });
    await town.chat('the secret word is xylophone', {}, { 'idempotency-key': 'a-telling-name' });
    const kept = [...records.keys('gateway/kept/')];
    expect(kept).toHaveLength(1);
    for (const place of kept) {
      const text = place + Buffer.from(records.get(place)!).toString('latin1');
      for (const word of ['xylophone', 'a-telling-name', 'secret']) expect(text).not.toContain(word);
    }
  });
});
