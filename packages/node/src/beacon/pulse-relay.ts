import { type Clock, type Crypto, hexToBytes, type Logger } from '@cairn/core';
import type { LedgerReader } from '@cairn/protocol';
import type { AccountClient } from '@cairn/sdk';
import type { BeaconSource } from './beacon-source.ts';

export interface PulseRelayParts {
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly ledger: LedgerReader;
  /** Pays for the pulses; what was first is given back. */
  readonly client: AccountClient;
  readonly source: BeaconSource;
  readonly log: Logger;
}

interface TimelockRow {
  readonly publicKey: string;
  readonly epochs: readonly { readonly round: string; readonly roundMs: string; readonly isDue: boolean }[];
}
interface MetagraphRow {
  readonly neurons: readonly { readonly hotkey: string; readonly permit: boolean }[];
}

/**
 * Brings the pulses that one subnet's weights wait for to the ledger, until the signal aborts. Validators take turns,
 * two blocks apart, because only the first of them gets its fee back.
 */
export async function runPulseRelay(
  parts: PulseRelayParts,
  netuid: number,
  signal: AbortSignal,
): Promise<void> {
  const { ledger, clock, log } = parts;
  const seen = new Map<string, number>();
  for await (const _ of ledger.events({ names: ['chain.committed'], signal })) {
    try {
      const timelock = await ledger.query<TimelockRow | null>('yuma_timelock', { netuid });
      const due =
        timelock?.epochs.filter(({ isDue, roundMs }) => isDue && Number(roundMs) <= clock.nowMs()) ?? [];
      for (const round of seen.keys()) if (!due.some((each) => each.round === round)) seen.delete(round);
      for (const { round } of due) {
        const blocks = seen.get(round) ?? 0;
        seen.set(round, blocks + 1);
        if (blocks >= (await turnOf(parts, netuid, BigInt(round))))
          await relay(parts, netuid, hexToBytes(timelock!.publicKey), BigInt(round), signal);
      }
    } catch (error) {
      if (signal.aborted) return;
      log.warn('a pulse could not be brought in yet', { error: String(error) });
    }
  }
}

/** Blocks that a validator leaves to each one before it: those in which a pulse gets into the ledger. */
const BLOCKS_PER_TURN = 2;

/** Blocks that this validator leaves to the others: their turns change with the round. */
async function turnOf({ ledger, client }: PulseRelayParts, netuid: number, round: bigint): Promise<number> {
  const metagraph = await ledger.query<MetagraphRow | null>('subnets_metagraph', { netuid });
  const validators = metagraph?.neurons.filter(({ permit }) => permit) ?? [];
  const place = validators.findIndex(({ hotkey }) => hotkey === client.address);
  if (place < 0) return BLOCKS_PER_TURN * validators.length;
  return BLOCKS_PER_TURN * Number((BigInt(place) + round) % BigInt(validators.length));
}

async function relay(
  { crypto, client, source, log }: PulseRelayParts,
  netuid: number,
  publicKey: Uint8Array,
  round: bigint,
  signal: AbortSignal,
): Promise<void> {
  const signature = await source.pulse(round, signal);
  if (signature === null) return;
  // A forged one would cost the fee of checking it.
  if (!crypto.verifyPulse(publicKey, round, signature)) {
    log.warn('the source of the beacon gave a forged pulse', { round });
    return;
  }
  await client.send('yuma.postPulse', { netuid, round, signature });
  log.info('pulse brought in', { round });
}
