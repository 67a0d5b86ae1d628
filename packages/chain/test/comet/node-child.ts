/**
 * A node of one validator as a process of its own: prints what it does, one line of JSON each. With a step and a
 * height it kills itself there.
 */
import type { Application } from '@cairn/protocol';
import { aTransfer } from '../parts.ts';
import { aCometChain, genesisOf } from './cometbft.ts';

const [folder = '', firstNonce = '0', step = 'never', atHeight = '0'] = process.argv.slice(2);
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const genesis = genesisOf(['alone']);

const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('killed');
};

function mortal(inner: Application): Application {
  const isDue = (height: number) => height === Number(atHeight);
  return {
    ...inner,
    async finalizeBlock(block) {
      if (step === 'beforeFinalize' && isDue(block.height)) die();
      const done = await inner.finalizeBlock(block);
      if (step === 'afterFinalize' && isDue(block.height)) die();
      return done;
    },
    async commit() {
      const height = inner.info().height + 1;
      if (step === 'beforeCommit' && isDue(height)) die();
      const writing = inner.commit();
      if (step === 'inCommit' && isDue(height)) die();
      const done = await writing;
      if (step === 'afterCommit' && isDue(height)) die();
      return done;
    },
  };
}

const chain = await aCometChain('alone', { folder, genesis }, { wrapApplication: mortal });
say({ opened: (await chain.ledger.status().catch(() => null))?.height ?? 0 });
await chain.engine.start();
say({ ready: chain.engine.pid });
for (let nonce = BigInt(firstNonce); ; nonce++) {
  const { ok, id, problem } = await chain.ledger.submitAndWait(await aTransfer({ genesis, nonce }));
  if (!ok) throw new Error(`${problem?.code}: ${problem?.message}`);
  say({ acknowledged: id, nonce: Number(nonce) });
}
