import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createNativeCrypto } from '@cairn/chain';
import { createEd25519Signer, hexToBytes } from '@cairn/core';
import { connectRpcLedger, createAccountClient, createRunLedger } from '@cairn/sdk';
import { expect, it } from 'vitest';
import { chromium, describeWithChromium } from '../packages/node/test/light/browser.ts';
import { type BrowserTab, openBrowserTab, SOFTWARE_GRAPHICS } from './support/browser-tab.ts';
import { aFolder, eventually, type RunningNetwork, startNetwork } from './support/running-network.ts';

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

async function aRecipeFile(): Promise<string> {
  const folder = await aFolder();
  await mkdir(join(folder, 'texts'));
  for (let file = 0; file < 40; file++) {
    const lines = Array.from({ length: 12 }, (_, line) => `the cat ${file} sat on mat ${line * file}.\n`);
    await writeFile(join(folder, 'texts', `${file}.txt`), lines.join(''));
  }
  await writeFile(join(folder, 'recipe.json'), JSON.stringify(RECIPE));
  return join(folder, 'recipe.json');
}

const textOf = (tab: BrowserTab, selector: string): Promise<string> =>
  tab.read(`document.querySelector(${JSON.stringify(selector)})?.textContent ?? ''`);

const statesOf = (tab: BrowserTab): Promise<string[]> =>
  tab.read(`[...document.querySelectorAll('#rounds tr td:last-child')].map((cell) => cell.textContent)`);

const isThere = (tab: BrowserTab, selector: string): Promise<true> =>
  eventually(() => tab.read<true | null>(`document.querySelector(${JSON.stringify(selector)}) ? true : null`));

interface Seat {
  readonly isConvicted: boolean;
  readonly bond: string;
}

const crypto = createNativeCrypto();

const connect = ({ url }: RunningNetwork) =>
  connectRpcLedger(
    async (body) => {
      const headers = { 'content-type': 'application/json' };
      return (await fetch(`${url}/rpc`, { method: 'POST', headers, body })).text();
    },
    (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  );
type Ledger = Awaited<ReturnType<typeof connect>>;

/** Doubts a step of the newest update. @returns how the case ends */
async function doubtNewest(ledger: Ledger, run: string): Promise<string> {
  const signer = createEd25519Signer(crypto.sha256(hexToBytes(run)));
  const challenger = createAccountClient({ crypto, signer, ledger });
  await ledger.call('local_fund', { address: challenger.address });
  const runs = createRunLedger({ crypto, ledger, client: challenger });
  const id = hexToBytes(run);
  const { run: latest } = (await runs.round(id))!;
  let round = latest.round - 1;
  while (((await runs.paidRound(id, round))?.updates.length ?? 0) === 0) round -= 1;
  await runs.challenge({ run: id, round, place: 0, step: 1, evidence: new Uint8Array(32) });
  let from = 1;
  return eventually(async () => {
    const page = await ledger.query<{ events: { data: { end: string } }[]; next: number }>('chain_events', {
      names: ['training.caseClosed'],
      from,
    });
    from = page.next;
    return page.events[0]?.data.end ?? null;
  });
}

const untilPaid = (tab: BrowserTab) =>
  eventually(async () => {
    const states = await statesOf(tab);
    return states.some((state) => state === 'paid' || state === 'vested') ? true : null;
  });

describeWithChromium('a browser in a run of engines that differ', () => {
  it('computes with WebGPU, is tried before its bond, is paid and is acquitted when its update is made again; with wasm where WebGPU breaks or is not there', {
    timeout: 1_800_000,
  }, async () => {
    await using network = await startNetwork(await aFolder(), FLAGS);
    const { run } = await network.json<{ run: string }>(
      ...(['train', 'create', await aRecipeFile(), '--min-trainers', '1', '--yes'] as const),
    );
    const ledger = await connect(network);
    const seats = () => ledger.query<Seat[]>('training_seats', { run });
    await using tab = await openBrowserTab(chromium!, SOFTWARE_GRAPHICS);
    await tab.open(`${network.url}/train`);
    await isThere(tab, 'input[value=webgpu]');
    expect(await textOf(tab, '.engines')).toMatch(/WebGPU in software .*slower than wasm/);
    await tab.read(`document.querySelector('input[value=webgpu]').click()`);
    await tab.read(`document.querySelector('button[data-run]').click()`);
    await isThere(tab, '#status[data-phase=rehearsing]');
    expect(await seats(), 'before the bond').toEqual([]);
    await untilPaid(tab);
    expect(await textOf(tab, '#engine')).toMatch(/^Computes with WebGPU in software/);
    expect(await doubtNewest(ledger, run)).toBe('honest');
    expect(await seats()).toMatchObject([{ isConvicted: false, bond: '10000000000' }]);

    await tab.breakGraphics();
    await isThere(tab, '#engine[data-engine=wasm]');
    expect(await textOf(tab, '#engine')).toMatch(/Not with WebGPU: The webgpu engine failed/);
    await isThere(tab, '#status[data-phase=training]');

    await using plain = await openBrowserTab(chromium!);
    await plain.open(`${network.url}/train`);
    await isThere(plain, '.engines');
    expect(await textOf(plain, '.engines')).toMatch(
      /Computes with wasm on one processor core\.Not with WebGPU: this browser found no graphics processor/,
    );
    await plain.read(`document.querySelector('button[data-run]').click()`);
    await isThere(plain, '#status[data-phase=rehearsing]');
    await untilPaid(plain);
    expect(await seats()).toMatchObject([{ isConvicted: false }, { isConvicted: false }]);
  });
});
