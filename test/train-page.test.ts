import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { chromium, describeWithChromium } from '../packages/node/test/light/browser.ts';
import { type BrowserTab, openBrowserTab } from './support/browser-tab.ts';
import { doubtUpdate, ledgerOf } from './support/doubt-update.ts';
import { aFolder, eventually, startNetwork } from './support/running-network.ts';

/** Slots that give a case time on a busy machine. */
const FAST = ['--block-ms', '200', '--slot-ms', '500', '--tempo', '100', '--tasks', '4'];

/** Rounds that take some seconds in a browser, so that one can be left in its middle. */
const RECIPE = {
  name: 'test/page',
  model: { layers: 2, width: 64, heads: 2, hidden: 128, context: 64 },
  tokenizer: { kind: 'characters' },
  data: [{ path: 'texts', kind: 'text', licence: 'CC0-1.0' }],
  heldOutPermille: 100,
  batch: { rows: 8, length: 32 },
  inner: { steps: 120, learningRate: 0.01, schedule: 'constant' },
  outer: { kind: 'sparse', k: 256, block: 4096, decay: 0.95, learningRate: 1 },
  rounds: 100,
  checkpointEvery: 8,
  release: { licence: 'Apache-2.0' },
};

async function aRecipeFile(): Promise<string> {
  const folder = await aFolder();
  await mkdir(join(folder, 'texts'));
  for (let file = 0; file < 40; file++) {
    const lines = Array.from({ length: 30 }, (_, line) => `the cat ${file} sat on mat ${line * file}.\n`);
    await writeFile(join(folder, 'texts', `${file}.txt`), lines.join(''));
  }
  await writeFile(join(folder, 'recipe.json'), JSON.stringify(RECIPE));
  return join(folder, 'recipe.json');
}

interface Seen {
  readonly phase: string;
  readonly step: number;
  /** Steps made since the page was opened. */
  readonly made: number;
  readonly round: number;
  /** What became of each round. */
  readonly states: Readonly<Record<string, string>>;
}

const see = (tab: BrowserTab): Promise<Seen> =>
  tab.read(`(() => {
    const tiles = [...document.querySelectorAll('.tiles dd')].map((tile) => tile.textContent);
    return {
      phase: document.getElementById('status')?.dataset.phase ?? '',
      round: Number(tiles[0] ?? 0),
      step: Number((tiles[1] ?? '0').split(' ')[0]),
      made: Number(document.getElementById('loss-chart')?.dataset.steps ?? 0),
      states: Object.fromEntries([...document.querySelectorAll('#rounds tr')].map((row) =>
        [row.firstElementChild.textContent, row.lastElementChild.textContent])),
    };
  })()`);

const until = (tab: BrowserTab, is: (seen: Seen) => boolean): Promise<Seen> =>
  eventually(async () => {
    const seen = await see(tab);
    return is(seen) ? seen : null;
  });

describeWithChromium('the page where a browser trains', () => {
  it('joins by a click, rests while it is hidden, goes on exactly from its step when it is loaded again, and is paid', {
    timeout: 300_000,
  }, async () => {
    await using network = await startNetwork(await aFolder(), FAST);
    const { run } = await network.json<{ run: string }>(
      ...(['train', 'create', await aRecipeFile(), '--min-trainers', '1', '--yes'] as const),
    );
    await using tab = await openBrowserTab(chromium!);
    await tab.open(`${network.url}/train`);
    await eventually(() =>
      tab.read<boolean | null>(`document.querySelector('button[data-run]') !== null || null`),
    );
    const engines = await tab.read<string>(`document.querySelector('.engines').textContent`);
    expect(engines, 'of an exact run').toMatch(/Computes with wasm.*Not with WebGPU: .*checked to the bit/);
    await tab.read(`document.querySelector('button[data-run]').click()`);
    await until(tab, ({ step, phase }) => phase === 'training' && step > 3);

    await tab.hide(true);
    const rested = await until(tab, ({ phase }) => phase === 'paused');
    expect(rested.step, 'a round in its middle').toBeLessThan(RECIPE.inner.steps);
    const later = await see(tab);
    expect(later).toEqual(rested);

    await tab.open(`${network.url}/train`);
    const back = await until(tab, ({ made, round }) => made > 0 && round === rested.round);
    expect(back.step - back.made, 'steps that were not made again').toBe(rested.step);
    await until(tab, ({ states }) => ['paid', 'vested'].includes(states[rested.round] ?? ''));
    // Validators make all of its steps again, to the bit: a moment or a weight that was kept otherwise would convict.
    expect(await doubtUpdate(await ledgerOf(network), run, rested.round)).toBe('honest');
  });
});
