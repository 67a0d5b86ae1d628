import type { PanelData } from '@cairn/node';
import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../src/terminal/width.ts';
import { createLivePanel } from '../../src/up/live-panel.ts';
import { renderPanel, renderPanelLine } from '../../src/up/panel.ts';
import { createRecordingTerminal } from '../recording-terminal.ts';
import { run } from '../run.ts';

const data: PanelData = {
  url: 'http://localhost:8470',
  height: 1234,
  slot: 1200,
  epoch: 60,
  epochInSlots: 7,
  supply: 46_234_500_000_000n,
  miners: [
    {
      name: 'miner-1',
      note: 'the default model, f16',
      uid: 2,
      incentive: 0.482,
      earned: 123_456_700_000n,
      tokens: 7_000_000_000n,
      answers: 42,
    },
    { name: 'miner-4', note: 'a planted cheat', uid: 5, incentive: 0, earned: 0n, tokens: 0n, answers: 3 },
    {
      name: 'served-1',
      note: 'local/\x1b[31mllama',
      uid: null,
      incentive: 0,
      earned: 5n,
      tokens: 0n,
      answers: 1,
    },
  ],
  validators: [
    {
      name: 'validator-1',
      uid: 0,
      stake: 10_000_000_000_000n,
      dividends: 0.5,
      earned: 60_000_000_000n,
      tokens: 3_000_000_000n,
    },
  ],
  answers: [
    {
      atMs: 1,
      model: 'cairn/crontab',
      provider: 'miner-1',
      cost: 1_160_000n,
      tokens: 9,
      receipt: 'ab'.repeat(32),
    },
  ],
};

describe('renderPanel', () => {
  it('shows who runs what, what it is worth and what it earned', () => {
    expect(renderPanel(data, 100)).toEqual([
      'block 1,234 · slot 1,200 · epoch 60, next pay in 7 slots · 46,234 CAIRN issued',
      '',
      'MINER     RUNS                    INCENTIVE  EARNED TOKENS     CAIRN  ANSWERS',
      'miner-1   the default model, f16    48.20 %         7.0000  123.4567       42',
      'miner-4   a planted cheat            0.00 %         0.0000    0.0000        3',
      'served-1  local/\\u{1b}[31mllama                     0.0000    0.0000        1',
      '',
      'VALIDATOR        STAKE  DIVIDENDS  EARNED TOKENS    CAIRN',
      'validator-1  10,000.00    50.00 %         3.0000  60.0000',
      '',
      expect.stringMatching(/^LAST ANSWERS {3}FROM {5}TOKENS {2}COST CAIRN {2}RECEIPT$/),
      expect.stringMatching(/^cairn\/crontab {2}miner-1 {7}9 {4}0\.001160 {2}(ab)+a?…$/),
    ]);
  });

  it('fits any terminal', () => {
    for (let columns = 1; columns < 120; columns++) {
      for (const line of renderPanel(data, columns))
        expect(displayWidth(line), line).toBeLessThanOrEqual(columns);
    }
  });

  it('asks for a question when there was none', () => {
    expect(renderPanel({ ...data, answers: [] }, 80).at(-1)).toBe('No answers yet: ask it something.');
  });

  it('has one line for where there is no terminal', () => {
    expect(renderPanelLine(data)).toBe(
      'block 1,234  epoch 60  miner-1 48.20 %  miner-4 0.00 %  served-1 0.00 %  1 recent answers',
    );
  });
});

describe('createLivePanel', () => {
  it('draws over what it drew before and gives the cursor back', () => {
    const terminal = createRecordingTerminal({ isLive: true, columns: 10 });
    const live = createLivePanel(terminal.out);
    live.draw(['one', 'a line too long']);
    live.draw(['two']);
    live.end();
    expect(terminal.printed.out).toBe('\x1b[?25lone\na line t…\n\x1b[2A\r\x1b[Jtwo\n\x1b[?25h');
  });
});

describe('cairn up', () => {
  it('says first where it answers, then what changed, one object a line, and ends cleanly', async () => {
    const interruption = new AbortController();
    let ended = 0;
    const result = await run(['up', '--json', '--data', '/nowhere/at/all', '--port', '0', '--tempo', '30'], {
      signal: interruption.signal,
      start: async ({ settings, onStep }) => {
        expect(settings).toMatchObject({ data: '/nowhere/at/all', port: 0, tempo: 30 });
        onStep({ step: 'folder', path: '/nowhere' });
        return {
          url: 'http://localhost:1',
          addresses: [],
          async panel() {
            interruption.abort();
            return data;
          },
          async [Symbol.asyncDispose]() {
            ended += 1;
          },
        };
      },
    });
    expect(result.exitCode).toBe(130);
    expect(ended).toBe(1);
    expect(result.err).toMatch(/^ 0\.\d s {2}data in \/nowhere\nending …\n/);
    const lines = result.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines).toEqual([
      { ready: true, url: 'http://localhost:1', addresses: [] },
      {
        panel: JSON.parse(
          JSON.stringify(data, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
        ),
      },
    ]);
  });

  it('prints the exact request to try', async () => {
    const interruption = new AbortController();
    const { out } = await run(['up', '--data', '/nowhere/at/all'], {
      signal: interruption.signal,
      start: async () => ({
        url: 'http://localhost:8470',
        addresses: ['/ip4/127.0.0.1/tcp/8471/p2p/12D3'],
        async panel() {
          interruption.abort();
          return data;
        },
        async [Symbol.asyncDispose]() {},
      }),
    });
    expect(out).toContain(
      `  curl http://localhost:8470/v1/chat/completions -H 'content-type: application/json' -d '{"model":"cairn/crontab","messages":[{"role":"user","content":"every weekday at 9:30 am"}]}'\n`,
    );
    expect(out).toContain('./cairn node start --role miner --peer /ip4/127.0.0.1/tcp/8471/p2p/12D3\n');
    expect(out).toContain('block 1,234  epoch 60');
  });
});
