import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../run.ts';

const MNEMONIC =
  'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about';
const environment = { CAIRN_PASSPHRASE: 'correct horse battery' };

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'cairn-wallet-'));
});
afterEach(() => rm(data, { recursive: true, force: true }));

const wallet = (words: readonly string[], options: Parameters<typeof run>[1] = { environment }) =>
  run(['wallet', ...words, '--data', data], options);

describe('wallets', () => {
  it('shows a new mnemonic once, on the terminal and nowhere else', async () => {
    const made = await wallet(['create', 'savings'], { environment, answers: [] });
    expect(made.exitCode).toBe(0);
    expect(made.out).toMatch(/^Wallet savings: cairn1\w{58}\n$/);
    expect(made.err).toMatch(/\n {2}(\w+ ){23}\w+\n/);
    expect(await readFile(join(data, 'wallets', 'savings.age'), 'utf8')).toContain(
      'BEGIN AGE ENCRYPTED FILE',
    );
    expect((await stat(join(data, 'wallets', 'savings.age'))).mode & 0o777).toBe(0o600);
  });

  it('keeps the mnemonic out of JSON and logs unless it is asked for', async () => {
    const made = await wallet(['create', 'a', '--json', '--words', '12']);
    expect(Object.keys(made.json())).toEqual(['name', 'address']);
    expect(made.err).not.toMatch(/(\w+ ){11}\w+\n\n/);
    const shown = await wallet(['create', 'b', '--json', '--words', '12', '--show-secret']);
    expect(shown.json<{ mnemonic: string }>().mnemonic.split(' ')).toHaveLength(12);
  });

  it('brings a wallet back from its words, always with the same address', async () => {
    const piped = await wallet(['import', 'one'], { environment, input: `${MNEMONIC}\n` });
    const typed = await wallet(['import', 'two'], {
      answers: [MNEMONIC.toUpperCase(), 'correct horse battery', 'correct horse battery'],
    });
    expect(piped.exitCode).toBe(0);
    expect(typed.out.replace('two', 'one')).toBe(piped.out);
    const { wallets } = (await wallet(['list', '--json'])).json<{
      wallets: { name: string; kind: string }[];
    }>();
    expect(wallets.map(({ name, kind }) => `${name} ${kind}`)).toEqual(['one keystore', 'two keystore']);
  });

  it('refuses wrong words, a short passphrase, two that differ and names that are taken or reserved', async () => {
    const code = (result: Awaited<ReturnType<typeof run>>) => [
      result.exitCode,
      result.json<{ error: { code: string } }>().error.code,
    ];
    await wallet(['create', 'taken']);
    expect(code(await wallet(['create', 'taken', '--json']))).toEqual([1, 'WALLET_EXISTS']);
    expect(code(await wallet(['create', 'gateway', '--json']))).toEqual([2, 'USAGE']);
    expect(code(await wallet(['create', '../evil', '--json']))).toEqual([2, 'USAGE']);
    expect(code(await wallet(['import', 'x', '--json'], { environment, input: 'not words' }))).toEqual([
      2,
      'MNEMONIC_INVALID',
    ]);
    expect(
      code(await wallet(['create', 'x', '--json'], { environment: { CAIRN_PASSPHRASE: 'short' } })),
    ).toEqual([2, 'PASSPHRASE_TOO_SHORT']);
    expect(
      code(await wallet(['create', 'x', '--json'], { answers: ['one long phrase', 'another phrase'] })),
    ).toEqual([2, 'USAGE']);
    expect(code(await wallet(['create', 'x', '--json'], {}))).toEqual([2, 'PASSPHRASE_NEEDED']);
  });
});
