import type { Frame } from '@cairn/network';
import { describe, expect, it } from 'vitest';
import { ask, words } from './asking.ts';
import { aTown, type Town } from './parts.ts';

const question = words(40);

/** The hash of a request whose answer came with its receipt; null when it broke. */
async function tryAsk(town: Town): Promise<string | null> {
  try {
    for await (const event of ask(town, question))
      if (event.type === 'end') return Buffer.from(event.receipt.receipt.requestHash).toString('hex');
    return null;
  } catch {
    return null;
  }
}

describe('what a payer has countersigned by name', () => {
  it.each(['payer', 'miner'])(
    'is what it has the answer to, wherever frames of the %s are lost',
    async (from) => {
      let hadLost = 0;
      let shownAll = 0;
      for (let cutAt = 0; cutAt < 45; cutAt += 1) {
        let cuts = 0;
        const onFrame = (frame: Frame) => {
          if (frame.from !== from || frame.stream !== 1 || frame.index !== cutAt) return 'pass';
          cuts += 1;
          return 'cut';
        };
        const town = await aTown({ network: { onFrame } });
        const answered = [await tryAsk(town), await tryAsk(town), await tryAsk(town)];
        while (town.miner.miner.serving > 0) await new Promise((resolve) => setImmediate(resolve));
        const { payer } = town;
        for (const { receipt } of payer.receipts()) {
          const shown = town.miner.payee.countersigned(payer.account, [receipt.requestHash]);
          const hash = Buffer.from(receipt.requestHash).toString('hex');
          if (!answered.includes(hash)) {
            hadLost += 1;
            expect(shown, `frame ${cutAt}: paid for, and the answer never came`).toBeNull();
          } else if (shown !== null) shownAll += 1;
        }
        const last = answered.at(-1);
        expect(last, `frame ${cutAt}`).not.toBeNull();
        expect(town.miner.payee.countersigned(payer.account, [Buffer.from(last!, 'hex')])).not.toBeNull();
        if (cuts === 0) break;
      }
      expect(shownAll).toBeGreaterThan(5);
      if (from === 'miner') expect(hadLost).toBeGreaterThan(0);
    },
  );
});
