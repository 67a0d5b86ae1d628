import { startLocalNetwork } from '../src/up/local-network.ts';
import { createConfig } from '../src/config/config.ts';
import { createLogger } from '../src/real/logger.ts';
import { rmSync } from 'node:fs';
rmSync('/tmp/smoke', { recursive: true, force: true });
const t = Date.now();
const { settings } = createConfig({ flags: { data: '/tmp/smoke', port: 0, blockMs: 1000 } });
const log = createLogger({ level: 'info', write: (l) => console.log(l.slice(0, 300)) });
{
await using network = await startLocalNetwork({ settings, log, onStep: (s) => console.log(Date.now() - t, s) });
for (let i = 0; i < Number(process.argv[2] ?? 60); i += 10) {
  await new Promise((r) => setTimeout(r, 10000));
  const m: any = await network.parts.ledger.query('subnets_metagraph', { netuid: network.netuid });
  console.log(Date.now() - t, (await network.parts.ledger.status()).height, m.neurons.map((n: any) => [n.uid, n.permit, n.incentive, n.dividends, n.emission].join('/')), process.memoryUsage().rss >> 20);
}
}
console.log('closed');
