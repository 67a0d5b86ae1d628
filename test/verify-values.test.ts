import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountIdToAddress, bytesToHex, encode, hexToBytes, utf8ToBytes } from '@cairn/core';
import { type ModelCard, modelIdOf, modelNames, readParameters } from '@cairn/ledger';
import { modelNameStateKey, signTransaction } from '@cairn/sdk';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../packages/cli/test/run.ts';
import { LIES } from '../packages/node/test/light/lies.ts';
import {
  accountOf,
  aLyingNode,
  alice,
  crypto,
  type Json,
  type Lie,
  type LyingNode,
} from '../packages/node/test/light/lying-node.ts';

const NAME = 'people/parser';
const aCard = (version: string, licence = 'Apache-2.0'): ModelCard => ({
  ...{ name: NAME, version, licence, kind: 'chat', owner: accountOf(alice), description: 'Reads.' },
  artifacts: [
    {
      ...{ path: 'parser.gguf', format: 'gguf', quantisation: 'Q4_K_M', sizeBytes: 5n },
      ...{ sha256: crypto.sha256(utf8ToBytes(version)), merkleRoot: new Uint8Array(32) },
    },
  ],
  ...{ parameters: 1_000n, contextTokens: 4_096, parents: [], capabilities: [], royaltyBps: 100 },
  ...{ tokenizerHash: new Uint8Array(32), chatTemplateHash: new Uint8Array(32) },
  ...{ tasks: [], languages: [], evaluations: [] },
});
const [OLD, NEW] = [aCard('1.0'), aCard('2.0')];
const SEALING = { x25519: new Uint8Array(32).fill(9), xWing: new Uint8Array(0) };
const ALICE = accountIdToAddress(accountOf(alice));
const idOf = (card: ModelCard) => bytesToHex(modelIdOf(crypto, card));

interface Asked {
  readonly node: LyingNode;
  verify(...words: readonly string[]): ReturnType<typeof run>;
}

/** A chain with two versions of a model, and how it is asked. */
async function aNode(): Promise<Asked> {
  const node = await aLyingNode({ startMs: Date.now() - 30_000 });
  onTestFinished(() => node[Symbol.asyncDispose]());
  const data = await mkdtemp(join(tmpdir(), 'cairn-verify-'));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  const parameters = readParameters({ get: () => undefined });
  const messages: [string, unknown][] = [
    ['registry.publishModel', { card: OLD }],
    ['registry.publishModel', { card: NEW }],
    ['registry.setProvider', { terms: { sealing: SEALING, devices: [], region: '' } }],
  ];
  for (const [nonce, [message, value]] of messages.entries()) {
    const { bytes, id } = await signTransaction(crypto, alice, parameters, {
      ...{ chainId: hexToBytes(node.chain.ledger.chainId), sender: accountOf(alice) },
      ...{ nonce: BigInt(nonce), message, value },
    });
    expect(await node.chain.ledger.submit(bytes)).toMatchObject({ ok: true });
    await node.blocks(1);
    const sent = await node.chain.ledger.transaction(bytesToHex(id));
    expect([message, sent?.problem]).toEqual([message, null]);
  }
  await node.blocks(3);
  const { hash } = await node.trusted(2);
  const trust = ['--trust-height', '2', '--trust-hash', bytesToHex(hash)];
  return {
    node,
    verify: (...words) => run(['verify', ...words, '--data', data, '--from', node.url, ...trust]),
  };
}

const QUESTIONS: readonly (readonly [what: string, words: readonly string[], key: string])[] = [
  ['the card of a model', ['model', NAME], 'registry/model/'],
  ['the newest version of a name', ['model', NAME], 'registry/name/'],
  ['a model by its id', ['model', idOf(OLD)], 'registry/model/'],
  ['the keys of a provider', ['provider', ALICE], 'registry/provider/'],
  ['any value', ['value', modelNameStateKey(NAME)], 'registry/name/'],
];

/** Changes the answer for keys that begin so. */
const about =
  (prefix: string, change: (result: Json) => Json): Lie =>
  (method, result) =>
    method === 'chain_proof' && result.key.startsWith(prefix) ? change(result) : result;

const flipped = (hex: string): string =>
  `${hex.slice(0, -2)}${(Number.parseInt(hex.slice(-2), 16) ^ 1).toString(16).padStart(2, '0')}`;

/** What may be said of one record that is not so. */
const CHANGES: Readonly<Record<string, (result: Json) => Json>> = {
  'one bit of it': (result) => ({ ...result, value: flipped(result.value) }),
  'that there is none': (result) => ({ ...result, value: null }),
  'the proof of another key': (result) => ({ ...result, proof: { ...result.proof, leaf: null, depth: 3 } }),
  'more than it has': (result) => ({ ...result, value: `${result.value}00` }),
};

describe('cairn verify', () => {
  it('shows the card of the newest version, and of any by its id', async () => {
    const { verify } = await aNode();
    const newest = await verify('model', NAME);
    expect([newest.exitCode, newest.err]).toEqual([0, '']);
    expect(newest.out).toMatch(/model +people\/parser 2\.0\n/);
    expect(newest.out).toContain(idOf(NEW));
    expect(newest.out).toMatch(/licence +Apache-2\.0\npublished +at height 2\n/);
    for (const part of ['proved  ', 'trusted  ', 'not protected  ']) expect(newest.out).toContain(part);
    const old = await verify('model', idOf(OLD), '--json');
    expect(old.json()).toMatchObject({
      id: idOf(OLD),
      record: { card: { name: NAME, version: '1.0', royaltyBps: 100 }, publishedHeight: '1' },
      signedBy: { kind: 'operator' },
    });
  });

  it('shows the keys that requests to a provider are sealed to, or that it has none', async () => {
    const { verify } = await aNode();
    const { exitCode, out } = await verify('provider', ALICE);
    expect(exitCode).toBe(0);
    expect(out).toContain(`X25519 key  ${'09'.repeat(32)}\n`);
    expect(out).toMatch(/X-Wing key +none\n/);
    const nobody = accountIdToAddress(new Uint8Array(32).fill(5));
    const none = await verify('provider', nobody, '--json');
    expect(none.json()).toMatchObject({ address: nobody, provider: null });
  });

  it('shows what a key holds, and what it means', async () => {
    const { verify } = await aNode();
    const value = await verify('value', modelNameStateKey(NAME), '--json');
    expect(value.json()).toMatchObject({ decoded: { model: idOf(NEW) } });
    const parameter = await verify('value', 'parameters/value/slotMs', '--json');
    expect(parameter.json()).toMatchObject({ decoded: '1000' });
  });

  it('shows no older version as the newest', async () => {
    const { node, verify } = await aNode();
    const old = bytesToHex(encode(modelNames.shape, { model: modelIdOf(crypto, OLD) }));
    node.lie(about('registry/name/', (result) => ({ ...result, value: old })));
    const { exitCode, err } = await verify('model', NAME);
    expect([exitCode, err]).toEqual([1, expect.stringContaining('The node lies or is damaged')]);
  });

  it.each(QUESTIONS)('believes no lie about %s', async (_, words, key) => {
    const { node, verify } = await aNode();
    for (const [what, change] of Object.entries(CHANGES)) {
      node.lie(about(key, change));
      const refused = await verify(...words, '--json');
      expect([what, refused.exitCode], refused.out).toEqual([what, 1]);
      expect(refused.json(), what).toMatchObject({ error: { code: 'LIGHT_VALUE_REFUSED' } });
    }
    for (const [what, { lie, code }] of Object.entries(LIES).slice(6)) {
      node.lie(lie);
      expect((await verify(...words, '--json')).json(), what).toMatchObject({ error: { code } });
    }
    node.lie(null);
    expect((await verify(...words)).exitCode).toBe(0);
  });

  it('believes no node that stake is unbonding for longer', async () => {
    const { node, verify } = await aNode();
    node.lie(
      about('parameters/value/', (result) => ({ ...result, value: bytesToHex(new Uint8Array(8).fill(1)) })),
    );
    expect((await verify('model', NAME, '--json')).json()).toMatchObject({
      error: { code: 'LIGHT_VALUE_REFUSED' },
    });
  });

  it('trusts a header for as long as is chosen, and never longer than stake is unbonding', async () => {
    const { verify } = await aNode();
    // 151,200 slots of a second: 42 hours.
    expect((await verify('model', NAME, '--trusting-period', '41')).exitCode).toBe(0);
    const long = await verify('model', NAME, '--trusting-period', '42', '--json');
    expect(long.json()).toMatchObject({ error: { code: 'LIGHT_PERIOD_TOO_LONG' } });
    expect(long.err).toContain('such as 28 hours');
    for (const hours of ['0', '1.5', 'long'])
      expect((await verify('model', NAME, '--trusting-period', hours)).exitCode, hours).toBe(2);
  });
});
