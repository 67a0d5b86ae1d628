import { createRelayedTransport, type InferEvent, infer, type SealMode } from '@cairn/sdk';
import type { RelayLimits } from '../../src/relay/relay-limits.ts';
import { serveRelay } from '../../src/relay/relay-server.ts';
import { aTown, type TownOptions } from '../miner/parts.ts';

export interface RelayTownOptions extends TownOptions {
  readonly limits?: Partial<RelayLimits>;
}

let keys = 0;

/** A town whose payer may ask through a relay. */
export async function aRelayTown(options: RelayTownOptions = {}) {
  const town = await aTown({ sealing: 'x25519', ...options });
  const transport = town.join('relay');
  const relay = serveRelay(
    { ...town, transport, isProvider: async (peer) => peer.startsWith('miner') },
    options.limits,
  );
  const relayed = createRelayedTransport(town.payerTransport, 'relay', town.timer);
  return {
    ...town,
    relay,
    relayed,
    ask(content: string, { seal, peer }: { seal?: SealMode; peer?: string } = {}): AsyncIterable<InferEvent> {
      keys += 1;
      const { offer } = town.miner;
      return infer(
        { ...town.inferParts(), transport: relayed },
        {
          offer: peer === undefined ? offer : { ...offer, terms: { ...offer.terms, peer } },
          body: {
            endpoint: 'chat',
            prompt: { kind: 'chat', messages: [{ role: 'user', content }] },
            params: { maxTokens: 500, temperature: 0, topP: 1, seed: null, stop: [], topLogprobs: 0 },
          },
          idempotencyKey: `relayed ${keys}`,
          ...(seal === undefined ? {} : { seal }),
        },
      );
    },
  };
}
