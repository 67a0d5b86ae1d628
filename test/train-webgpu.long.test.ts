import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { chromium, describeWithChromium } from '../packages/node/test/light/browser.ts';
import { type BrowserTab, openBrowserTab, SOFTWARE_GRAPHICS } from './support/browser-tab.ts';
import { doubtUpdate, ledgerOf } from './support/doubt-update.ts';
import {
  aFolder,
  eventually,
  type RunningNetwork,
  runCairn,
  startNetwork,
} from './support/running-network.ts';

const FLAGS = ['--block-ms', '500', '--slot-ms', '1000', '--tempo', '100', '--tasks', '4'];

/** Rounds that engines may make a little differently, so small that a graphics processor in software makes them. */
const RECIPE = {
  name: 'test/differing',
  model: { layers: 1, width: 16, heads: 2, hidden: 32, context: 16 },
  tokenizer: { kind: 'characters' },
  data: [{ path: 'texts', kind: 'text', licence: 'CC0-1.0' }],
  heldOutPermille: 100,
  batch: { rows: 4, length: 16 },
  inner: { steps: 10, learningRate: 0.01, schedule: 'constant' },
  outer: { kind: 'sparse', k: 256, block: 4096, decay: 0.95, learningRate: 1 },
  engine: 'tolerant',
  rounds: 100,
  checkpointEvery: 8,
  release: { licence: 'Apache-2.0' },
};

async function aRecipeFile(more: object = {}): Promise<string> {
  const folder = await aFolder();
  await mkdir(join(folder, 'texts'));
  for (let file = 0; file < 40; file++) {
    const lines = Array.from({ length: 12 }, (_, line) => `the cat ${file} sat on mat ${line * file}.\n`);
    await writeFile(join(folder, 'texts', `${file}.txt`), lines.join(''));
  }
  await writeFile(join(folder, 'recipe.json'), JSON.stringify({ ...RECIPE, ...more }));
  return join(folder, 'recipe.json');
}

const textOf = (tab: BrowserTab, selector: string): Promise<string> =>
  tab.read(`document.querySelector(${JSON.stringify(selector)})?.textContent ?? ''`);

const isThere = (tab: BrowserTab, selector: string): Promise<true> =>
  eventually(() =>
    tab.read<true | null>(`document.querySelector(${JSON.stringify(selector)}) ? true : null`),
  );

interface Seat {
  readonly isConvicted: boolean;
  readonly bond: string;
}

/** @returns the newest round that was paid */
const untilPaid = (tab: BrowserTab): Promise<number> =>
  eventually(() =>
    tab.read<number | null>(`
      [...document.querySelectorAll('#rounds tr')]
        .filter((row) => ['paid', 'vested'].includes(row.lastElementChild.textContent))
        .map((row) => Number(row.firstElementChild.textContent))[0] ?? null`),
  );

/** Bounds that no two engines keep to. */
const STRICT = { relative: 1e-9, angle: 1e-9, misplaced: 1e-9 };

describeWithChromium('a browser in a run of engines that differ', () => {
  let network: RunningNetwork;
  beforeAll(async () => {
    network = await startNetwork(await aFolder(), FLAGS);
  });
  afterAll(() => network[Symbol.asyncDispose]());

  async function aRun(more: object = {}) {
    const { run } = await network.json<{ run: string }>(
      ...(['train', 'create', await aRecipeFile(more), '--min-trainers', '1', '--yes'] as const),
    );
    const ledger = await ledgerOf(network);
    return { run, ledger, seats: () => ledger.query<Seat[]>('training_seats', { run }) };
  }

  async function joinWith(tab: BrowserTab, run: string, engine: 'wasm' | 'webgpu'): Promise<void> {
    await tab.open(`${network.url}/train`);
    await isThere(tab, `button[data-run="${run}"]`);
    const choice = `input[name="engine-${run}"][value=${engine}]`;
    await tab.read(`document.querySelector('${choice}')?.click()`);
    await tab.read(`document.querySelector('button[data-run="${run}"]').click()`);
  }

  it('computes with WebGPU, is tried before its bond, is paid and is acquitted when its update is made again; with wasm where WebGPU breaks or is not there', {
    timeout: 1_800_000,
  }, async () => {
    const { run, ledger, seats } = await aRun();
    await using tab = await openBrowserTab(chromium!, SOFTWARE_GRAPHICS);
    await joinWith(tab, run, 'webgpu');
    expect(await textOf(tab, '.engines')).toMatch(/WebGPU in software .*slower than wasm/);
    await isThere(tab, '#status[data-phase=rehearsing]');
    expect(await seats(), 'before the bond').toEqual([]);
    const round = await untilPaid(tab);
    expect(await textOf(tab, '#engine')).toMatch(/^Computes with WebGPU in software/);
    expect(await doubtUpdate(ledger, run, round)).toBe('honest');
    expect(await seats()).toMatchObject([{ isConvicted: false, bond: '10000000000' }]);

    await tab.breakGraphics();
    await isThere(tab, '#engine[data-engine=wasm]');
    expect(await textOf(tab, '#engine')).toMatch(
      /Not with WebGPU: it failed, and is tried again when the page is loaded again/,
    );
    await isThere(tab, '#status[data-phase=training]');

    await using plain = await openBrowserTab(chromium!);
    await joinWith(plain, run, 'wasm');
    expect(await textOf(plain, '.engines')).toMatch(
      /Computes with wasm on one processor core\.Not with WebGPU: this browser found no graphics processor/,
    );
    await isThere(plain, '#status[data-phase=rehearsing]');
    await untilPaid(plain);
    expect(await seats()).toMatchObject([{ isConvicted: false }, { isConvicted: false }]);
  });

  it('puts up no bond where WebGPU, and wasm after it, are further from another engine than the run allows', {
    timeout: 600_000,
  }, async () => {
    const { run, seats } = await aRun({ name: 'test/strict', tolerance: STRICT });
    await using tab = await openBrowserTab(chromium!, SOFTWARE_GRAPHICS);
    await joinWith(tab, run, 'webgpu');
    await isThere(tab, '#engine[data-engine=wasm]');
    expect(await textOf(tab, '#engine')).toMatch(
      /Not with WebGPU: in length, angle and places its change is/,
    );
    await isThere(tab, '#status[data-phase=failed]');
    expect(await textOf(tab, '#status'), 'wasm, tried against other kernels').toMatch(
      /would be convicted in this run: .* Nothing was bonded\./,
    );
    expect(await seats()).toEqual([]);
  });

  it('is told before the bond that a run does not fit its memory, as a machine is, and can try all the same', {
    timeout: 600_000,
  }, async () => {
    const { run, seats } = await aRun({
      ...{ name: 'test/huge', engine: 'exact', batch: { rows: 16_384, length: 512 } },
      model: { ...RECIPE.model, context: 512 },
    });
    const joined = ['train', 'join', run, '--from', network.data, '--port', '0', '--yes', '--json'];
    const { code, stdout, stderr } = await runCairn([...joined, '--data', await aFolder()]);
    expect(code).toBe(1);
    expect(stdout + stderr).toMatch(/needs about \d+ MiB .* and \d+ MiB are free\. Nothing was bonded\./);
    await using tab = await openBrowserTab(chromium!);
    await tab.open(`${network.url}/train`);
    const card = `article:has([data-run="${run}"])`;
    await isThere(tab, `${card} .shortage`);
    expect(await textOf(tab, `${card} .shortage`)).toMatch(
      /needs about [\d.]+ GB of memory, and a program in a browser can hold 4\.29 GB\. .*Nothing was bonded\./,
    );
    await isThere(tab, `button[data-run="${run}"]:disabled`);
    expect(await seats()).toEqual([]);
    await tab.read(`document.querySelector('${card} button.plain').click()`);
    await eventually(async () => ((await seats()).length === 1 ? true : null));
  });
});
