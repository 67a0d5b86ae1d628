import type { RecordStore } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { anHttpTown, WHOLE_SURFACE } from './http-town.ts';
import { aRecordStore } from './parts.ts';

const json = { 'content-type': 'application/json' };

/** A batch of a key, held before the first token of one of its lines. */
async function aBatchHeldAt(line: number) {
  const isUnderWay = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  let asked = 0;
  const storage = aRecordStore();
  const town = await anHttpTown({
    ...WHOLE_SURFACE,
    storage,
    echo: {
      beforeToken: (token) => {
        if (token === 0) asked += 1;
        if (asked < line) return Promise.resolve();
        isUnderWay.resolve();
        return held.promise;
      },
    },
  });
  const made = JSON.parse((await town.post('/v1/keys', { name: 'a friend', limits: { total: '0.5' } })).text);
  const as = { authorization: `Bearer ${made.key}` };
  const lines = ['a', 'b', 'c', 'd'].map((id) =>
    JSON.stringify({
      ...{ custom_id: id, method: 'POST', url: '/v1/chat/completions' },
      body: { model: 'cairn/echo', messages: [{ role: 'user', content: 'one two three' }] },
    }),
  );
  const form = new FormData();
  form.set('purpose', 'batch');
  form.set('file', new File([lines.join('\n')], 'input.jsonl'));
  const url = `http://127.0.0.1:${town.port}/v1/files`;
  const file = (await (await fetch(url, { method: 'POST', headers: as, body: form })).json()) as {
    id: string;
  };
  const wanted = { input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h' };
  expect((await town.post('/v1/batches', wanted, as)).status).toBe(200);
  await isUnderWay.promise;
  return { town, storage, id: made.id as string, asked: () => asked, goOn: held.resolve };
}

function readBatch({ storage }: { readonly storage: RecordStore }) {
  const [kept] = [...storage.keys('batch/')].map((key) => storage.get(key));
  return JSON.parse(new TextDecoder().decode(kept)) as { status: string; completed: number };
}

describe('a key that is removed', () => {
  it('takes its batches with it: the line under way is the last one that is asked', async () => {
    const { town, id, asked, goOn } = await aBatchHeldAt(2);
    await using _ = town;
    const removed = await town.fetchText(`/v1/keys/${id}`, { method: 'DELETE', headers: json });
    expect(removed.status).toBe(200);
    goOn();
    while (['in_progress', 'cancelling'].includes(readBatch(town).status))
      await new Promise((resolve) => setImmediate(resolve));
    expect(readBatch(town)).toMatchObject({ status: 'cancelled', completed: 2 });
    expect(asked()).toBe(2);
    expect(town.gateway.usage(id).answers).toBe(2);
  });

  it('pays for nothing more, also when its batches are found only after a restart', async () => {
    const { town, storage, id, goOn } = await aBatchHeldAt(1);
    await using _ = town;
    await using after = await anHttpTown({ ...WHOLE_SURFACE, storage: storage.copy() });
    goOn();
    while (readBatch(after).status === 'in_progress') await new Promise((resolve) => setImmediate(resolve));
    expect(readBatch(after)).toMatchObject({ status: 'completed', completed: 0, failed: 4 });
    expect(after.gateway.usage(id).answers).toBe(0);
  });
});
