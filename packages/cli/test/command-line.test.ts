import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../src/program.ts';
import { startFakeNode } from './fake-node.ts';
import { createRecordingTerminal } from './recording-terminal.ts';
import { run } from './run.ts';

const nowhere = ['--data', '/nowhere/at/all'];

describe('the command line', () => {
  it('suggests the nearest command, verb and option, and ends with 2', async () => {
    const cases = [
      [['walet'], "cairn: unknown command 'walet'. Did you mean wallet?\n"],
      [['wallet', 'lst'], "cairn: unknown command 'lst'. Did you mean list?\n"],
      [['status', '--jso'], "cairn: unknown option '--jso'. Did you mean --json?\n"],
      [['subnet', 'show'], "cairn: missing required argument 'netuid'\n"],
    ] as const;
    for (const [words, message] of cases) {
      expect(await run(words), words.join(' ')).toMatchObject({ exitCode: 2, out: '', err: message });
    }
  });

  it('shows what a noun can do when the verb is missing', async () => {
    const { exitCode, err } = await run(['wallet']);
    expect(exitCode).toBe(2);
    expect(err).toContain('Usage: cairn wallet');
  });

  it('prints help and version as results', async () => {
    expect(await run(['--version'])).toMatchObject({ exitCode: 0, out: '1.2.3\n', err: '' });
    expect(await run(['wallet', 'send', '--help'])).toMatchObject({ exitCode: 0, err: '' });
  });

  it('has an example in the help of every command, and --json', async () => {
    const program = createProgram(
      {
        terminal: createRecordingTerminal(),
        environment: {},
        folder: '/',
        signal: new AbortController().signal,
        nowMs: () => 0,
        version: '1.2.3',
        root: '/',
      },
      async () => Promise.reject(new Error('not started')),
    );
    const verbs = (command: Command, path: string[]): [Command, string[]][] =>
      command.commands.length === 0
        ? [[command, path]]
        : command.commands.flatMap((child) => verbs(child, [...path, child.name()]));
    const all = verbs(program, []);
    expect(all.length).toBeGreaterThan(20);
    for (const [, path] of all) {
      const { out } = await run([...path, '--help']);
      expect(out, path.join(' ')).toMatch(new RegExp(`Examples?:\\n  \\$ \\./cairn ${path.join(' ')}`));
      expect(out, path.join(' ')).toContain('--json');
    }
  });

  it('says in one line that no node runs, and ends with 1', async () => {
    const { exitCode, out, err } = await run(['status', ...nowhere]);
    expect(exitCode).toBe(1);
    expect(out).toBe('');
    expect(err).toBe(
      'cairn: No node answers at /nowhere/at/all/cairn.sock. Start one with ./cairn up, or name another with --data or --rpc.\n',
    );
  });

  it('prints an error as one object with --json', async () => {
    const result = await run(['status', ...nowhere, '--json']);
    expect(result.exitCode).toBe(1);
    expect(result.json()).toEqual({
      error: {
        code: 'NODE_UNREACHABLE',
        message: expect.stringContaining('No node answers'),
        address: expect.stringContaining('cairn.sock'),
      },
    });
    expect((await run(['walet', '--json'])).json()).toMatchObject({ error: { code: 'USAGE' } });
  });

  it('shows stacks only to who asks for them', async () => {
    expect((await run(['status', ...nowhere])).err).not.toContain('    at ');
    expect((await run(['status', ...nowhere], { environment: { CAIRN_DEBUG: '1' } })).err).toContain(
      '    at ',
    );
  });

  it('ends with 130 when it is interrupted', async () => {
    await using node = await startFakeNode({});
    const result = await run(['status', '--data', node.data], { signal: AbortSignal.abort() });
    expect(result).toMatchObject({ exitCode: 130, out: '' });
    expect(result.err).toBe('cairn: interrupted\n');
  });

  it('refuses settings and amounts that make no sense, with 2', async () => {
    for (const words of [
      ['wallet', 'send', 'miner-1', '1e5', '--from', 'gateway'],
      ['wallet', 'send', 'cairn1qqqq', '1', '--from', 'gateway'],
      ['subnet', 'show', 'one'],
      ['tx', 'show', 'abc'],
      ['block', 'show', '-1x'],
      ['bench', 'everything'],
      ['up', '--port', 'eighty'],
      ['status', '--rpc', 'https://example.org'],
    ]) {
      expect((await run(words)).exitCode, words.join(' ')).toBe(2);
    }
  });
});
