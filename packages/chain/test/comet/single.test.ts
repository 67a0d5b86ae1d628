import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { accountIdToAddress, bytesToHex } from '@cairn/core';
import { commitHash, headerHash, lightBlockShape, resultsHash, validatorsHash } from '@cairn/protocol';
import { expect, it } from 'vitest';
import type { CometChain } from '../../src/index.ts';
import { aFolder, alice, aTransfer, crypto, idOf } from '../parts.ts';
import { aCometChain, genesisOf } from './cometbft.ts';
import { describeWithCometbft } from './describe-with-cometbft.ts';
import { processesWith, until } from './processes.ts';

const genesis = genesisOf(['alone']);
const transfer = (nonce: number) => aTransfer({ genesis, nonce: BigInt(nonce) });

const processesOf = (folder: string) => processesWith('cometbft', folder);

const SCRIPT = fileURLToPath(new URL('node-child.ts', import.meta.url));

/** Runs a node that kills itself at a step of a block. */
async function runMortalNode(
  folder: string,
  firstNonce: number,
  step: string,
  height: number,
): Promise<string[]> {
  const args = ['--conditions=source', SCRIPT, folder, String(firstNonce), step, String(height)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const acknowledged: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = JSON.parse(line) as { acknowledged?: string };
    if (said.acknowledged !== undefined) acknowledged.push(said.acknowledged);
  });
  const [, signal] = await once(child, 'close');
  expect(signal, step).toBe('SIGKILL');
  return acknowledged;
}

interface NodeChild {
  readonly acknowledged: string[];
  kill(): Promise<void>;
}

/** Starts a node as a process and collects what it acknowledges. */
async function startNode(folder: string, firstNonce: number, enough: number): Promise<NodeChild> {
  const child = spawn(process.execPath, ['--conditions=source', SCRIPT, folder, String(firstNonce)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged: string[] = [];
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      hasEnded = true;
      resolve();
    });
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = JSON.parse(line) as { acknowledged?: string };
    if (said.acknowledged !== undefined) acknowledged.push(said.acknowledged);
  });
  await until(`${enough} acknowledged`, () => hasEnded || acknowledged.length >= enough);
  expect(hasEnded, 'the node ended by itself').toBe(false);
  return {
    acknowledged,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The nonce that the store of a node that does not run says is next. */
async function nextNonce(folder: string): Promise<number> {
  await using chain = await aCometChain('alone', { folder, genesis });
  const { value } = chain.application.query('accounts_get', { address: accountIdToAddress(idOf(alice)) });
  return Number((value as { nonce: string }).nonce);
}

/** The log names each block as CometBFT does, and the light blocks are those it signed. */
async function expectItsHeaders(chain: CometChain, from: number): Promise<void> {
  const { height: last } = await chain.ledger.status();
  for (let height = from; height < last; height++) {
    const { header, transactions } = (await chain.ledger.block(height))!;
    const light = lightBlockShape.fromJson(await chain.ledger.lightBlock(height));
    const next = lightBlockShape.fromJson(await chain.ledger.lightBlock(height + 1));
    expect(bytesToHex(headerHash(crypto, light.header)), `block ${height}`).toBe(header.hash);
    expect(bytesToHex(light.header.dataHash), `block ${height}`).toBe(header.transactionsRoot);
    expect(bytesToHex(light.header.appHash), `block ${height}`).toBe(header.previousAppHash);
    expect(bytesToHex(light.header.lastBlockId.hash).padEnd(64, '0'), `block ${height}`).toBe(
      header.previousHash,
    );
    expect(next.header.lastResultsHash, `block ${height}`).toEqual(resultsHash(crypto, transactions));
    expect(next.header.lastCommitHash, `block ${height}`).toEqual(
      commitHash(crypto, light.commit.signatures),
    );
    expect(validatorsHash(crypto, light.validators), `block ${height}`).toEqual(light.header.validatorsHash);
  }
  const newest = lightBlockShape.fromJson(await chain.ledger.lightBlock());
  expect(newest.header.height).toBeGreaterThanOrEqual(BigInt(last));
  for (const height of [0, last + 1_000])
    expect(await chain.ledger.lightBlock(height), `${height}`).toBeNull();
}

describeWithCometbft('one validator under CometBFT', () => {
  it('commits what is sent, and answers as the solo engine does', async () => {
    await using chain = await aCometChain('alone', { genesis });
    await chain.engine.start();
    const first = await chain.ledger.submitAndWait(await transfer(0));
    expect([first.ok, first.transaction?.ok]).toEqual([true, true]);
    const stale = await chain.ledger.submit(await transfer(0));
    expect(stale.ok ? null : stale.problem.code).toBe('NONCE_STALE');
    const garbage = await chain.ledger.submit(Uint8Array.of(1, 2, 3));
    expect(garbage.ok).toBe(false);
    const again = await chain.ledger.submitAndWait(await transfer(0));
    expect(again.transaction?.height).toBe(first.transaction!.height);
    const later = await Promise.all(
      [3, 2, 1].map(async (nonce) => chain.ledger.submitAndWait(await transfer(nonce))),
    );
    expect(later.map(({ ok }) => ok)).toEqual([true, true, true]);
    const tooMuch = await chain.ledger.submitAndWait(
      await aTransfer({ genesis, nonce: 4n, amount: 10n ** 18n }),
    );
    expect(tooMuch.problem?.code).toBe('BALANCE_TOO_LOW');
    // The header after it names that.
    await until('it is followed', () => chain.application.info().height > tooMuch.transaction!.height + 1);
    const { engine, height } = await chain.ledger.status();
    expect(engine).toBe('cometbft');
    const answer = await chain.rpc.call<{ block: { header: { app_hash: string } } }>('block', {
      height: String(height),
    });
    await expectItsHeaders(chain, first.transaction!.height);
    const before = (await chain.ledger.block(height - 1))!;
    expect(answer.ok && answer.result.block.header.app_hash.toLowerCase()).toBe(before.appHash);
  });

  it('tells its readers of each block in order', async () => {
    await using chain = await aCometChain('alone', { genesis });
    await chain.engine.start();
    const abort = new AbortController();
    const heights: number[] = [];
    for await (const { height } of chain.ledger.events({
      names: ['chain.committed'],
      from: 1,
      signal: abort.signal,
    })) {
      heights.push(height);
      if (heights.length === 5) abort.abort();
    }
    expect(heights).toEqual([1, 2, 3, 4, 5]);
  });

  it('goes on where it was after it was closed', async () => {
    const folder = aFolder();
    let height: number;
    {
      await using chain = await aCometChain('alone', { folder, genesis });
      await chain.engine.start();
      await chain.ledger.submitAndWait(await transfer(0));
      ({ height } = await chain.ledger.status());
    }
    expect(processesOf(folder)).toEqual([]);
    await using chain = await aCometChain('alone', { folder, genesis });
    await chain.engine.start();
    const next = await chain.ledger.submitAndWait(await transfer(1));
    expect(next.transaction!.height).toBeGreaterThan(height);
  });

  it('starts CometBFT again when it is killed, and loses nothing', async () => {
    const folder = aFolder();
    await using chain = await aCometChain('alone', { folder, genesis });
    await chain.engine.start();
    for (let round = 0; round < 3; round++) {
      const included = await chain.ledger.submitAndWait(await transfer(round));
      expect(included.ok, `round ${round}`).toBe(true);
      // All of them: the shell that watches, and the program itself.
      for (const pid of processesOf(folder)) process.kill(pid, 'SIGKILL');
      const { height } = chain.application.info();
      await until('it makes blocks again', () => chain.application.info().height > height + 1);
    }
    expect(chain.engine.failure).toBe(null);
  });

  it('leaves no CometBFT behind when the node is killed, and has all it acknowledged', async () => {
    const folder = aFolder();
    const acknowledged: string[] = [];
    for (let life = 0; life < 3; life++) {
      const node = await startNode(folder, acknowledged.length, 2 + life);
      expect(processesOf(folder).length).toBeGreaterThan(0);
      await node.kill();
      acknowledged.push(...node.acknowledged);
      await until('no process is left', () => processesOf(folder).length === 0);
    }
    await using chain = await aCometChain('alone', { folder, genesis });
    await chain.engine.start();
    for (const id of acknowledged) expect((await chain.ledger.transaction(id))?.ok, id).toBe(true);
  });

  it('is whole after it was killed at any step of a block', async () => {
    const folder = aFolder();
    const acknowledged: string[] = [];
    let height = 0;
    for (const step of ['beforeFinalize', 'afterFinalize', 'beforeCommit', 'inCommit', 'afterCommit']) {
      // The next nonce is one further when the block that took it was committed but not answered.
      const nonce = await nextNonce(folder);
      acknowledged.push(...(await runMortalNode(folder, nonce, step, height + 6)));
      await until('no process is left', () => processesOf(folder).length === 0);
      await using chain = await aCometChain('alone', { folder, genesis });
      const found = chain.application.info().height;
      const committed =
        step === 'afterCommit' ? [height + 6] : step === 'inCommit' ? [height + 5, height + 6] : [height + 5];
      expect(committed, step).toContain(found);
      await chain.engine.start();
      await until('it goes on', () => chain.application.info().height > height + 7);
      for (const id of acknowledged)
        expect((await chain.ledger.transaction(id))?.ok, `${step} ${id}`).toBe(true);
      await chain.close();
      height = chain.application.info().height;
    }
    expect(acknowledged.length).toBeGreaterThan(0);
  }, 120_000);

  it('fails, and says what CometBFT said, when that cannot start', async () => {
    const folder = aFolder();
    await using chain = await aCometChain('alone', { folder, genesis, listen: 'tcp://nowhere.invalid:1' });
    await expect(chain.engine.start()).rejects.toThrow(/CometBFT ended .* It said: .*nowhere\.invalid/s);
  });

  it('does not start on a store whose blocks it has not', async () => {
    const folder = aFolder();
    {
      await using chain = await aCometChain('alone', { folder, genesis });
      await chain.engine.start();
      await chain.ledger.submitAndWait(await transfer(0));
    }
    await rm(`${folder}/comet`, { recursive: true });
    await using chain = await aCometChain('alone', { folder, genesis });
    await expect(chain.engine.start()).rejects.toThrow('has no blocks');
  });
});
