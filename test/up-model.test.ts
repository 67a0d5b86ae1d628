import { join, relative } from 'node:path';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { startStandIn } from '../packages/engines/test/stand-in-upstream.ts';
import { root } from './repository.ts';
import { aFolder, startNetwork } from './support/running-network.ts';

const FAST = ['--block-ms', '200', '--slot-ms', '200', '--tempo', '60', '--tasks', '4'];

interface Role {
  readonly kind: string;
  readonly address: string;
}

describe('a local network with a model of an upstream', () => {
  it('serves a model of Ollama first, as tier 0, and it earns', async () => {
    await using upstream = await startStandIn({ ollama: true });
    const { models } = (await (await fetch(`${upstream.baseUrl}/api/tags`)).json()) as {
      models: { name: string }[];
    };
    const name = models[0]!.name;
    process.env.CAIRN_OLLAMA_URL = upstream.baseUrl;
    await using network = await startNetwork(await aFolder(), [...FAST, '--model', `ollama:${name}`]);
    delete process.env.CAIRN_OLLAMA_URL;
    const client = new OpenAI({ baseURL: `${network.url}/v1`, apiKey: 'none', maxRetries: 0 });
    const [first] = (await client.models.list()).data;
    const { data, response } = await client.chat.completions
      .create({ model: first!.id, messages: [{ role: 'user', content: 'one two three' }] })
      .withResponse();
    expect(data.choices[0]?.message.content).toBe('one two three');
    expect(Number(response.headers.get('x-cairn-cost'))).toBeGreaterThan(0);
  });
});

describe('a local network with a model of its own', () => {
  it('serves it first and from one miner at every start that names it, and not at others', async () => {
    const data = await aFolder();
    const path = relative(root, join(root, 'models/cairn-crontab/crontab-q8_0.gguf'));
    const runOnce = async (flags: readonly string[]) => {
      const network = await startNetwork(data, [...FAST, ...flags]);
      try {
        const { data: models } = (await (await fetch(`${network.url}/v1/models`)).json()) as {
          data: { id: string }[];
        };
        const { roles } = (await network.json<{ node: { roles: Role[] } }>('status')).node;
        const miners = roles.filter(({ kind }) => kind === 'miner').map(({ address }) => address);
        return { models: models.map(({ id }) => id), miners };
      } finally {
        await network.interrupt();
      }
    };
    const first = await runOnce(['--model', `./${path}`]);
    expect(first.models[0]).toBe('local/crontab-q8_0');
    const again = await runOnce(['--model', `./${path}`]);
    expect(again.models[0]).toBe('local/crontab-q8_0');
    expect(again.miners).toEqual(first.miners);
    const without = await runOnce([]);
    expect(without.miners).toEqual(first.miners.slice(0, -1));
    expect(without.models).not.toContain('local/crontab-q8_0');
  }, 300_000);
});
