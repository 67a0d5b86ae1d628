import { request } from 'node:http';
import type { RoundView } from '@cairn/protocol';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startHttpServer } from '../../../src/http/server.ts';
import { createDepositEndpoint } from '../../../src/training/library/deposit-endpoint.ts';
import { aRecordStore } from '../../data/parts.ts';
import { aLog } from '../../rpc/parts.ts';

const RUN = 'ab'.repeat(32);
const LIMIT = 16 * 2 ** 20;

interface NodeBefore {
  readonly kept?: Map<string, boolean>;
  readonly records?: ReturnType<typeof aRecordStore>;
}

/** A node whose run is in a phase that can be changed, and whose looks come when the test says so. */
async function aNode({ kept = new Map(), records = aRecordStore() }: NodeBefore = {}) {
  const forgotten: string[] = [];
  const state = { round: 3, phase: 'train', keptRound: 1 };
  let look: () => Promise<void> | void = () => undefined;
  const endpoint = createDepositEndpoint({
    library: {
      async put(_run, bytes, options) {
        const id = String(bytes.length);
        kept.set(id, options?.isHidden !== true);
        return id;
      },
      show: async (id) => void kept.set(id, true),
      forget: async (...given) => void forgotten.push(given.join(' ')),
    },
    records,
    ledger: {
      round: async (run) =>
        run[0] === 0xab
          ? ({
              run: { phase: state.phase, keptRound: state.keptRound },
              round: { round: state.round },
            } as RoundView)
          : null,
    },
    peer: 'library@here',
    timer: {
      schedule(_, action) {
        look = action;
        return () => undefined;
      },
    },
    log: aLog(),
    refuses: () => false,
  });
  const server = await startHttpServer({ http: [endpoint] }, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const put = async (query: string, body: Uint8Array<ArrayBuffer>) =>
    (await fetch(`${server.url}/blob${query}`, { method: 'PUT', body })).status;
  return { kept, records, forgotten, state, put, server, look: () => look() };
}

it('hides what a browser leaves until the round shows updates', async () => {
  const node = await aNode();
  expect(await node.put(`?run=${RUN}&round=3`, new Uint8Array(10))).toBe(200);
  await node.look();
  expect(node.kept.get('10')).toBe(false);
  node.state.phase = 'show';
  await node.look();
  expect(node.kept.get('10')).toBe(true);
});

it('shows what was left before the node was started anew', async () => {
  const before = await aNode();
  await before.put(`?run=${RUN}&round=3`, new Uint8Array(10));
  await before.put(`?run=${RUN}&round=3`, new Uint8Array(20));
  const node = await aNode({ kept: before.kept, records: before.records.copy() });
  await node.look();
  expect([...node.kept.values()]).toEqual([false, false]);
  node.state.phase = 'show';
  await node.look();
  expect([...node.kept.values()]).toEqual([true, true]);
  expect([...node.records.keys('')]).toEqual([]);
});

it('hides no more than its bound, counted over starts', async () => {
  const before = await aNode();
  await before.put(`?run=${RUN}&round=3`, new Uint8Array(10));
  const [key = ''] = before.records.keys('');
  const records = before.records.copy();
  for (let id = 1; id < 4_096; id++) await records.set(`${key}${id}`, records.get(key)!);
  const node = await aNode({ records });
  expect(await node.put(`?run=${RUN}&round=3`, new Uint8Array(20))).toBe(503);
  node.state.phase = 'show';
  await node.look();
  expect(await node.put(`?run=${RUN}&round=3`, new Uint8Array(20))).toBe(200);
});

it('forgets what was left for rounds that the ledger forgot', async () => {
  const node = await aNode();
  await node.put(`?run=${RUN}&round=3`, new Uint8Array(11));
  node.state.keptRound = 2;
  await node.look();
  expect(node.forgotten).toEqual([`${RUN} weights 2`]);
});

it('shows what was left for a round that is over', async () => {
  const node = await aNode();
  await node.put(`?run=${RUN}&round=3`, new Uint8Array(11));
  node.state.round = 4;
  await node.look();
  expect(node.kept.get('11')).toBe(true);
});

it.each([
  ['another round', `?run=${RUN}&round=2`, 10, 409],
  ['an unknown run', `?run=${'00'.repeat(32)}&round=3`, 10, 409],
  ['no run', '', 10, 400],
  ['a run that is no hash', '?run=../../etc&round=3', 10, 400],
  ['a round that is no number', `?run=${RUN}&round=-1`, 10, 400],
  ['too many bytes', `?run=${RUN}&round=3`, LIMIT + 1, 413],
])('keeps nothing for %s', async (_, query, size, status) => {
  const node = await aNode();
  // A server that refuses a large body may close the connection before it was sent.
  const answer = await node.put(query, new Uint8Array(size)).catch(() => 413);
  expect(answer).toBe(status);
  expect(node.kept.size).toBe(0);
});

it('tells the name of its library', async () => {
  const { server } = await aNode();
  expect(await (await fetch(`${server.url}/blob`)).json()).toEqual({ peer: 'library@here', maxBytes: LIMIT });
});

it('takes in few blobs at a time, and others again when those have come or their senders left', async () => {
  const node = await aNode();
  const url = `${node.server.url}/blob?run=${RUN}&round=3`;
  const senders = Array.from({ length: 8 }, () => {
    const arrived = Promise.withResolvers<void>();
    const sent = request(url, { method: 'PUT', headers: { 'content-length': '100' } });
    sent.on('error', () => undefined);
    sent.write(new Uint8Array(10), () => arrived.resolve());
    return { sent, arrived: arrived.promise };
  });
  await Promise.all(senders.map(({ arrived }) => arrived));
  const put = () => node.put(`?run=${RUN}&round=3`, new Uint8Array(12));
  await vi.waitFor(async () => expect(await put()).toBe(503), 10_000);
  for (const { sent } of senders) sent.destroy();
  await vi.waitFor(async () => expect(await put()).toBe(200), 10_000);
});
