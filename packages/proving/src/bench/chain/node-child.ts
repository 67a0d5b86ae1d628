/**
 * The entry of a process: one validator of the chain bench, described by a line of JSON on its standard input. It ends
 * when that does.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  createNativeCrypto,
  openCometChain,
  startAbciServer,
  startChild,
  writeCometHome,
} from '@cairn/chain';
import type { Logger } from '@cairn/core';
import { genesisShape } from '@cairn/ledger';
import { type ChainNodeSpec, configOf, homeOf, keysOf } from './kinds.ts';
import { verifyApplication } from './verify-application.ts';

const input = createInterface({ input: process.stdin });
const spec = await new Promise<ChainNodeSpec>((resolve) =>
  input.once('line', (line) => resolve(JSON.parse(line))),
);
// CometBFT ends with this process.
input.once('close', () => process.kill(process.pid, 'SIGKILL'));
const crypto = createNativeCrypto();
const genesis = genesisShape.fromJson(spec.genesis);
const keys = keysOf(crypto, spec.index);
const home = homeOf(spec);
const complain = (message: string, data: unknown): void =>
  void process.stderr.write(`${message} ${JSON.stringify(data)}\n`);
const logger: Logger = {
  error: complain,
  warn: complain,
  info: () => undefined,
  debug: () => undefined,
  child: () => logger,
};

function fail(error: Error): void {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
  process.kill(process.pid, 'SIGTERM');
}

async function startLedger(): Promise<void> {
  const chain = await openCometChain(
    {
      ...{ crypto, logger, keys },
      clock: { nowMs: () => Date.now() },
      timer: {
        schedule(delayMs, action) {
          const timer = setTimeout(() => void action(), delayMs);
          return () => clearTimeout(timer);
        },
      },
    },
    {
      ...{ genesis, home, program: spec.program, blockIntervalMs: spec.blockIntervalMs },
      ...{ listen: spec.listen, peers: spec.peers, moniker: `bench-${spec.index}` },
      folder: join(spec.folder, 'chain'),
    },
  );
  await chain.engine.start();
}

async function startOther(): Promise<void> {
  const sockets = join(home, 'sockets');
  await mkdir(sockets, { recursive: true, mode: 0o700 });
  const path = join(sockets, 'abci.sock');
  if (spec.kind === 'verify') {
    const handlers = verifyApplication(crypto);
    await startAbciServer({ handlers, logger, onClosed: () => undefined, onFault: fail }, { path });
  }
  const application = spec.kind === 'kvstore' ? 'kvstore' : `unix://${path}`;
  await writeCometHome(crypto, home, genesis, keys, configOf(spec, application));
  const child = startChild(spec.program, ['start', '--home', home], {
    onLine: (line) => complain('cometbft', line),
  });
  void child.ended.then(({ said }) => fail(new Error(`CometBFT ended: ${said.at(-1) ?? ''}`)));
}

await (spec.kind === 'cairn' ? startLedger() : startOther());
