import { createNativeCrypto } from '@cairn/chain';
import { createEd25519Signer, hexToBytes } from '@cairn/core';
import { connectRpcLedger, createAccountClient, createRunLedger } from '@cairn/sdk';
import { afterAll, expect, it } from 'vitest';
import { chromium, describeWithChromium } from '../packages/node/test/light/browser.ts';
import { openBrowserTab } from './support/browser-tab.ts';
import {
  aFolder,
  eventually,
  type RunningNetwork,
  startJoiner,
  startNetwork,
} from './support/running-network.ts';

/** Slots that give a case of this size time on a busy machine. */
const FLAGS = ['--block-ms', '500', '--slot-ms', '1000', '--tempo', '100', '--tasks', '4'];
/** Cases that one challenger may have open. */
const CASES_OF_ONE = 4;
const RECIPE = 'examples/training/characters.json';

interface Seat {
  readonly number: number;
  readonly device: string;
  readonly isConvicted: boolean;
  readonly bond: string;
  readonly paidRounds: number;
}

describeWithChromium('three processes and a browser that train together', () => {
  const running: RunningNetwork[] = [];
  afterAll(async () => {
    for (const process of running.reverse()) await process[Symbol.asyncDispose]();
  });

  it('all have a part in the weights; a fourth process that alters one inner step is convicted and slashed', {
    timeout: 1_800_000,
  }, async () => {
    const network = await startNetwork(await aFolder(), FLAGS);
    running.push(network);
    const { run } = await network.json<{ run: string }>(
      'train',
      'create',
      RECIPE,
      '--min-trainers',
      '5',
      '--yes',
    );
    for (let index = 0; index < 3; index++) running.push(await startJoiner(await aFolder(), network, run));
    const altered = new URL('support/altered-step.ts', import.meta.url);
    const cheat = await startJoiner(await aFolder(), network, run, altered);
    running.push(cheat);
    const { roles } = await cheat.control<{ roles: [{ address: string }] }>('node_status', {});
    await using tab = await openBrowserTab(chromium!);
    await tab.open(`${network.url}/train`);
    const button = `document.querySelector('button[data-run]')`;
    await eventually(() => tab.read<boolean | null>(`${button} !== null || null`));
    await tab.read(`${button}.click()`);

    const ledger = await connectRpcLedger(
      async (body) => {
        const headers = { 'content-type': 'application/json' };
        return (await fetch(`${network.url}/rpc`, { method: 'POST', headers, body })).text();
      },
      (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    );
    const seatsNow = () => ledger.query<Seat[]>('training_seats', { run });
    const seats = await eventually(async () => {
      const all = await seatsNow();
      return all.length === 5 && all.every(({ paidRounds }) => paidRounds > 0) ? all : null;
    });
    console.log(
      `all five have a part in the weights: ${seats.map(({ paidRounds }) => paidRounds)} rounds each`,
    );

    const crypto = createNativeCrypto();
    const signer = createEd25519Signer(crypto.sha256(hexToBytes(run)));
    const challenger = createAccountClient({ crypto, signer, ledger });
    await ledger.call('local_fund', { address: challenger.address });
    const runs = createRunLedger({ crypto, ledger, client: challenger });
    const culprit = seats.find(({ device }) => device === roles[0].address)!;
    const doubted = [culprit, ...seats.filter((seat) => seat !== culprit)].slice(0, CASES_OF_ONE);
    const id = hexToBytes(run);
    for (const { number } of doubted) await challengeLatest(number);

    const judged = await eventually(async () => {
      const open = await runs.cases(id);
      return open.length === 0 ? seatsNow() : null;
    });
    for (const { number, isConvicted, bond } of judged) {
      expect(isConvicted, `seat ${number}`).toBe(number === culprit.number);
      if (number === culprit.number) expect(bond).toBe('0');
      else expect(BigInt(bond), `seat ${number}`).toBeGreaterThan(0n);
    }
    expect(judged.some(({ isConvicted }) => isConvicted)).toBe(true);

    /** Doubts a step of the newest update of a seat. */
    async function challengeLatest(seat: number): Promise<void> {
      const { run: latest } = (await runs.round(id))!;
      for (let round = latest.round - 1; round > 0; round -= 1) {
        const paid = await runs.paidRound(id, round);
        const update = paid?.updates.find(({ place }) => paid.lines[place]?.seat === seat);
        if (update === undefined) continue;
        const evidence = new Uint8Array(32);
        await runs.challenge({ run: id, round, place: update.place, step: 1, evidence });
        return;
      }
      throw new Error(`Seat ${seat} has no update that can be doubted.`);
    }
  });
});
