import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OWNER, sentBy } from './economy-node.ts';
import { type FakeMethods, startFakeNode } from './fake-node.ts';
import { ID, page, rich, TUNED } from './rich-node.ts';
import { run } from './run.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cairn-card-'));
});
afterEach(() => rm(folder, { recursive: true }));

const card = {
  name: 'me/roads',
  version: '1',
  kind: 'chat',
  licence: 'CC-BY-SA-4.0',
  parents: ['me/maps'],
  parameters: 1_000_000,
  contextTokens: 512,
  tasks: ['roads'],
  royaltyBps: 250,
  artifacts: [{ file: 'roads.gguf', format: 'gguf', quantisation: 'q8_0' }],
};

async function writeCard(change: object = {}): Promise<string> {
  const path = join(folder, 'card.json');
  await writeFile(join(folder, 'roads.gguf'), 'roads');
  await writeFile(path, JSON.stringify({ ...card, ...change }));
  return path;
}

describe('cairn model publish', () => {
  it('sends a card with the hashes of its files and the ids of its parents, and says what its answers pay', async () => {
    await using node = await startFakeNode(rich);
    const path = await writeCard();
    const sha256 = createHash('sha256').update('roads').digest('hex');
    const words = ['model', 'publish', path];
    const dry = await run([...words, '--wallet', 'owner', '--dry-run', '--data', node.data]);
    expect(dry).toMatchObject({ exitCode: 0, err: '' });
    expect(dry.out).toMatch(/royalties +7\.5 % of what its answers cost, 2\.5 % to its owner/);
    expect(dry.out).toMatch(/made from +me\/maps 1/);
    expect(dry.out).toMatch(/deposit +at most 0\.\d+ CAIRN/);
    expect(await sentBy(node, words)).toMatchObject({
      message: 'registry.publishModel',
      value: {
        card: {
          owner: OWNER,
          parents: [ID],
          parameters: '1000000',
          artifacts: [{ path: 'roads.gguf', sizeBytes: '5', sha256 }],
        },
      },
    });
  });

  it.each<[string, object, number, string]>([
    ['a licence that drops what a parent demands', { licence: 'MIT' }, 1, 'stay under it'],
    ['a licence that is none', { licence: 'free' }, 1, 'no SPDX licence expression'],
    ['a name that is none', { name: 'roads' }, 1, 'owner/model'],
    ['a field that is none', { licens: 'MIT' }, 1, 'no field licens'],
    ['a missing field', { version: undefined }, 1, 'ModelCard.version'],
    ['a parent that is not there', { parents: ['me/none'] }, 1, 'There is no model me/none'],
    ['a file that is not there', { artifacts: [{ file: 'none.gguf' }] }, 1, 'none.gguf'],
    [
      'a hash that the file does not have',
      { artifacts: [{ ...card.artifacts[0], sha256: ID }] },
      1,
      'sha256 of roads.gguf is',
    ],
    ['artifacts that are no list', { artifacts: {} }, 1, 'lists'],
  ])('refuses %s', async (_, change, exitCode, reason) => {
    await using node = await startFakeNode(rich);
    const path = await writeCard(change);
    const words = ['model', 'publish', path, '--wallet', 'owner', '--yes', '--json', '--data', node.data];
    const result = await run(words);
    expect(result.exitCode, result.out).toBe(exitCode);
    expect(result.err).toContain(reason);
    expect(node.calls.some(({ method }) => method === 'node_send')).toBe(false);
  });

  it('refuses a file that is no JSON, too large, or not there', async () => {
    await using node = await startFakeNode(rich);
    const path = join(folder, 'card.json');
    const flags = ['--wallet', 'owner', '--dry-run', '--data', node.data];
    for (const [text, reason] of [
      ['{', 'not JSON'],
      [' '.repeat(70_000), 'larger than'],
      ['[]', 'no object'],
    ]) {
      await writeFile(path, text!);
      expect((await run(['model', 'publish', path, ...flags])).err).toContain(reason);
    }
    expect((await run(['model', 'publish', `${path}.none`, ...flags])).err).toContain('There is no file');
  });
});

describe('what is known of models', () => {
  const shown = async (text: string, methods: FakeMethods = rich) => {
    await using node = await startFakeNode(methods);
    const words = [...text.split(' '), '--data', node.data];
    const { exitCode, out, err } = await run(words);
    const json = await run([...words, '--json']);
    return { exitCode, out, err, json: json.exitCode === 0 ? json.json<Record<string, unknown>>() : null };
  };

  it('is found by task, the measured first, with its price', async () => {
    const { exitCode, out, json } = await shown('model search --task maps');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/me\/maps +1 +chat +90\.0 \(82\.6–94\.5\) +7,000,000/);
    expect(json).toMatchObject({
      models: [{ model: ID, outputPerMillion: '2000000000', measured: { share: 0.9, validators: 1 } }],
    });
    expect((await shown('model search --all')).json).toMatchObject({
      models: [{}, { model: TUNED, offers: 0 }],
    });
    expect((await shown('model search roads')).out).toContain('No model meets all of this');
    expect((await shown('model search --licence MIT')).json).toEqual({ models: [] });
    expect((await shown('model search --max-price 1')).json).toEqual({ models: [] });
    expect((await shown('model search --task maps --min-quality 83%')).json).toEqual({ models: [] });
  });

  it('is found by how long its providers take, as the gateway of the node has seen it', async () => {
    const slow = { ...rich, node_latencies: () => [{ provider: OWNER, ttftMs: 480 }] };
    const models = async (text: string, methods: FakeMethods) =>
      ((await shown(text, methods)).json as { models: { latencyMs: number | null }[] }).models;
    for (const wish of ['--max-latency 480', '--max-latency 9999999', '--sort latency', ''])
      expect((await models(`model search maps ${wish}`.trim(), slow)).length, wish).toBe(1);
    expect((await models('model search --max-latency 480', slow))[0]).toMatchObject({ latencyMs: 480 });
    expect(await models('model search --max-latency 479', slow)).toEqual([]);
    // Nobody asked its provider yet: nothing is known, so it does not pass, and is last when sorted.
    const silent = { ...rich, node_latencies: () => [] };
    expect(await models('model search --max-latency 9999999', silent)).toEqual([]);
    expect(await models('model search --sort latency', silent)).toMatchObject([{ latencyMs: null }]);
  });

  it('asks the node for latencies only when somebody wants them', async () => {
    await using node = await startFakeNode(rich);
    await run(['model', 'search', 'maps', '--data', node.data]);
    expect(node.calls.some(({ method }) => method === 'node_latencies')).toBe(false);
  });

  it('does not believe a node that tells no latencies', async () => {
    for (const told of [null, [{ provider: OWNER, ttftMs: 'fast' }], [{ provider: 'me', ttftMs: 1 }]]) {
      const { exitCode } = await shown('model search --max-latency 100', {
        ...rich,
        node_latencies: () => told,
      });
      expect(exitCode, JSON.stringify(told)).toBe(1);
    }
  });

  it.each([
    ['model search --max-latency 0', 'A latency is a whole number'],
    ['model search --max-latency 1.5', 'A latency is a whole number'],
    ['model search --max-latency -5', 'A latency is a whole number'],
    ['model search --max-latency 99999999', 'A latency is a whole number'],
    ['model search --task Maps', 'A task is'],
    ['model search --kind robot', 'A kind is one of'],
    ['model search --licence free', 'no SPDX licence expression'],
    ['model search --min-quality 90%', 'name --task'],
    ['model search --task maps --min-quality 101%', 'A quality is a percentage'],
    ['model search --sort luck', 'Sort by'],
  ])('%s is misused', async (text, reason) => {
    const { exitCode, err } = await shown(text);
    expect(exitCode).toBe(2);
    expect(err).toContain(reason);
  });

  it('is shown with what validators measured apart from what its owner claims', async () => {
    const { out, json } = await shown('model show me/maps');
    expect(out).toMatch(/maps +f16 +90\.0 \(82\.6–94\.5\) +100 +1 validators/);
    expect(out).toMatch(/maps +f16 +100\.0 \(72\.2–100\.0\) +10 +its owner claims it/);
    expect(out).toMatch(/royalties +5 % of what its answers cost/);
    expect(json).toMatchObject({ id: ID, card: { name: 'me/maps' }, offers: [{ netuid: 2 }] });
    expect((await shown('model show me/none')).exitCode).toBe(1);
  });

  it('says who could read what its providers are asked, as the gateway of the node would ask', async () => {
    const { out, json } = await shown('model search');
    expect(out).toMatch(/OFFERS +PRIVACY.*\n.*me\/maps .* 1 +L1 /);
    expect(out).toContain("L1, sealed to the provider's host; can be read by: this gateway and the host");
    expect(json).toMatchObject({
      models: [
        { privacy: { best: 'L1', seenBy: 'gateway', providers: { L0: 0, L1: 1, L2: 0 }, unproved: 0 } },
      ],
    });
    const card = await shown('model show me/maps');
    expect(card.out).toMatch(/TIER +PRIVACY\n.* 0 +L1\n\nL1, sealed/);
    expect(card.json).toMatchObject({ privacy: { best: 'L1' }, offers: [{ privacy: 'L1' }] });
    expect((await shown('model show me/tuned')).json).toMatchObject({ privacy: null, offers: [] });
  });

  it('is L2 only when that gateway has checked the hardware, whatever the offer claims', async () => {
    const [offer] = rich.registry_offers!({ after: null } as never) as [object];
    const claiming = { ...rich, registry_offers: page([{ ...offer, tier: 3 }]) };
    const unproved = await shown('model search', claiming);
    expect(unproved.out).toContain(
      '1 of these offers claim attested hardware; the gateway of this node has not found it to hold',
    );
    expect(unproved.json).toMatchObject({ models: [{ privacy: { best: 'L1', unproved: 1 } }] });
    const proved = { ...claiming, node_privacy: () => [{ offer: ID, level: 'L2' }] };
    const { out, json } = await shown('model show me/maps', proved);
    expect(out).toContain('L2, sealed to attested hardware; can be read by: this gateway and the program');
    expect(out).not.toContain('claim attested hardware');
    expect(json).toMatchObject({ privacy: { best: 'L2', unproved: 0 }, offers: [{ privacy: 'L2' }] });
  });

  it('goes by the keys on the ledger where no gateway of the node can tell', async () => {
    const { out, json } = await shown('model search', { ...rich, node_privacy: () => null });
    expect(json).toMatchObject({ models: [{ privacy: { best: 'L1', seenBy: 'ledger' } }] });
    expect(out).not.toContain('L2');
    const keyless = { ...rich, node_privacy: () => null, registry_providers: page([]) };
    const clear = await shown('model search', keyless);
    expect(clear.out).toContain('L0, in clear; can be read by: this gateway, the provider and everything');
    expect(clear.json).toMatchObject({ models: [{ privacy: { best: 'L0', providers: { L0: 1 } } }] });
  });

  it('is not believed of a node that tells of levels nobody knows', async () => {
    for (const told of [[{ offer: ID, level: 'L9' }], [{ offer: 'x', level: 'L1' }], 'L2']) {
      const { exitCode } = await shown('model search', { ...rich, node_privacy: () => told });
      expect(exitCode, JSON.stringify(told)).toBe(1);
    }
  });

  it('has a lineage in both directions', async () => {
    const { out, json } = await shown('model lineage me/tuned');
    expect(out).toMatch(/up 1 +me\/maps 1 +CC-BY-SA-4\.0 +5/);
    expect(json).toMatchObject({ ancestors: [{ model: ID, distance: 1 }], descendants: [] });
    expect((await shown('model lineage me/maps')).out).toMatch(/down 1 +me\/tuned/);
  });

  it('has leaderboards', async () => {
    expect((await shown('model evals')).json).toEqual({ tasks: [{ task: 'maps', artifacts: 1 }] });
    const { out, json } = await shown('model evals --task maps');
    expect(out).toMatch(/1 +me\/maps 1 +f16 +90\.0 \(82\.6–94\.5\) +100 +1 +7,000,000 +surely/);
    expect(json).toMatchObject({ task: 'maps', standings: [{ model: ID, share: 0.9 }] });
    expect((await shown('model evals --task roads')).out).toContain('No validator measured roads');
    expect((await shown('model evals me/maps')).json).toMatchObject({
      evaluations: [{ by: 'validators' }, { by: 'claimed' }],
    });
    expect((await shown('model evals me/tuned')).out).toContain('Nobody measured or claimed');
  });

  it('is shown of providers too', async () => {
    const { out } = await shown('provider show owner');
    expect(out).toMatch(/\/ip4\/192\.0\.2\.1\/tcp\/8471/);
    expect((await shown('provider list')).json).toMatchObject({
      providers: [{ account: OWNER, region: 'de' }],
    });
  });
});
