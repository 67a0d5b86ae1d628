/** A node of one validator as a process of its own: prints what it does, one line of JSON each. */
import { aTransfer } from '../parts.ts';
import { aCometChain, genesisOf } from './cometbft.ts';

const [folder = '', firstNonce = '0'] = process.argv.slice(2);
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const genesis = genesisOf(['alone']);
const chain = await aCometChain('alone', { folder, genesis });
say({ opened: (await chain.ledger.status().catch(() => null))?.height ?? 0 });
await chain.engine.start();
say({ ready: chain.engine.pid });
for (let nonce = BigInt(firstNonce); ; nonce++) {
  const { ok, id, problem } = await chain.ledger.submitAndWait(await aTransfer({ genesis, nonce }));
  if (!ok) throw new Error(`${problem?.code}: ${problem?.message}`);
  say({ acknowledged: id, nonce: Number(nonce) });
}
