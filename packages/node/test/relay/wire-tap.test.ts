import { describe, expect, it } from 'vitest';
import { serveRelay } from '../../src/relay/relay-server.ts';
import { anHttpTown, readEvents } from '../miner/http-town.ts';
import { createTap, findOnWire, formsOf } from './tap.ts';

/** Words that are nowhere by chance; the echo engine answers with them, a word at a time. */
const MARKERS = ['xylophonically', 'quadrilateralism', 'zwitterionically', 'floccinaucinihil'];
const QUESTION = MARKERS.join(' ');

async function aTappedTown(seal: 'required' | 'off', sealing: 'x25519' | 'x-wing' = 'x25519') {
  const tap = createTap();
  const isSealed = seal === 'required';
  const town = await anHttpTown({
    sealing,
    sealMode: seal,
    tap: tap.wrap,
    ...(isSealed ? { relay: 'relay' } : {}),
  });
  const relay = serveRelay({ ...town, transport: town.join('relay'), isProvider: async () => true });
  return { ...town, tap, relay };
}

/** What is on the wire of question and answer, word by word and whole. */
async function leaks(town: Awaited<ReturnType<typeof aTappedTown>>): Promise<string[]> {
  const model = town.miner.model;
  const found: string[] = [];
  for (const text of [QUESTION, ...MARKERS]) {
    const ids = (await model.tokenize({ kind: 'text', text })) ?? [];
    found.push(...findOnWire(town.tap.frames, formsOf(text, ids)).map((form) => `${text}: ${form}`));
  }
  return found;
}

describe('a wire tap on gateway, relay and provider', () => {
  it.each(['x25519', 'x-wing'] as const)(
    'finds no byte of question or answer of a chat sealed by %s, streamed or not',
    async (sealing) => {
      await using town = await aTappedTown('required', sealing);
      const whole = await town.chat(QUESTION);
      expect(JSON.parse(whole.text).choices[0].message.content).toBe(QUESTION);
      const streamed = await town.chat(QUESTION, { stream: true });
      const { chunks, isDone } = readEvents(streamed.text);
      expect(isDone).toBe(true);
      expect(chunks.map(({ choices }) => choices[0]?.delta?.content ?? '').join('')).toBe(QUESTION);
      expect(town.tap.frames.length).toBeGreaterThan(40);
      expect(await leaks(town)).toEqual([]);
    },
  );

  it('finds them in a chat in clear, so it would', async () => {
    await using town = await aTappedTown('off');
    await town.chat(QUESTION, { stream: true });
    const found = await leaks(town);
    expect(found).toContain(`${QUESTION}: utf8`);
    for (const marker of MARKERS) expect(found).toContain(`${marker}: utf8`);
  });

  it('knows a text in every form it looks for', () => {
    const forms = formsOf('xylophonically', [70_000, 3, 9]);
    for (const [name, bytes] of forms) {
      const frame = Buffer.concat([Buffer.from('before'), bytes, Buffer.from('after')]);
      expect(findOnWire([frame.subarray(0, 9), frame.subarray(9)], forms), name).toContain(name);
    }
    for (const shift of [0, 1, 2]) {
      const around = Buffer.from(`${'?'.repeat(shift)}xylophonically and more`).toString('base64');
      expect(findOnWire([Buffer.from(around)], forms)).toContain(`base64 at ${shift}`);
    }
  });
});
