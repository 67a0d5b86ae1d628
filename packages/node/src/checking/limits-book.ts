import { areBytesEqual, bytesToHex, CairnError, CoreError, type Logger } from '@cairn/core';
import { type Calibration, decodeCalibration } from '@cairn/mechanisms';
import type { BlobStore, LedgerReader, PeerName } from '@cairn/protocol';

export interface LimitsBookParts {
  readonly ledger: Pick<LedgerReader, 'query'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  /** Keeps a blob and hands it to peers. */
  readonly publish: (bytes: Uint8Array) => Promise<string>;
  /** Fetches a blob from a peer; null: it does not have it. */
  readonly fetch: (peer: PeerName, id: string) => Promise<Uint8Array | null>;
  /** Peers that may have what the owner of a model published. */
  readonly sources: (owner: string) => Promise<readonly PeerName[]>;
  readonly log: Logger;
}

/** Limits that answers are checked by: those that the owner of the model published, and no others. */
export interface LimitsBook {
  /** Null: nobody calibrated this engine for it, or what was published is not to be had. */
  of(model: Uint8Array, artifact: Uint8Array, engine: string): Promise<Calibration | null>;
}

interface Row {
  readonly engine: string;
  readonly calibration: string;
}

/** Most calibrations in memory. */
const MOST_KEPT = 256;
/** Largest calibration, in bytes: 64 environments of 64 quantiles have 41 KB. */
const MOST_BYTES = 65_536;

export function createLimitsBook(parts: LimitsBookParts): LimitsBook {
  const { ledger, blobs, log } = parts;
  const kept = new Map<string, Calibration>();

  async function find(id: string, model: string): Promise<Uint8Array | null> {
    const own = await blobs.get(id);
    if (own !== null) return own;
    const card = await ledger.query<{ readonly owner: string } | null>('registry_model', { model });
    for (const peer of card === null ? [] : await parts.sources(card.owner)) {
      try {
        const bytes = await parts.fetch(peer, id);
        if (bytes !== null && bytes.length <= MOST_BYTES) return bytes;
      } catch (error) {
        if (!(error instanceof CairnError)) throw error;
        log.debug('a calibration was not had from a peer', { peer, id, code: error.code });
      }
    }
    return null;
  }

  return {
    async of(model, artifact, engine) {
      const hex = bytesToHex(model);
      const asked = { model: hex, artifact: bytesToHex(artifact) };
      const rows = await ledger.query<Row[]>('verification_calibrations', asked);
      const id = rows.find((row) => row.engine === engine)?.calibration;
      if (id === undefined) return null;
      const known = kept.get(`${id}/${asked.artifact}`);
      if (known !== undefined) return known;
      const bytes = await find(id, hex);
      if (bytes === null) {
        log.info('a published calibration is not to be had', { ...asked, engine, calibration: id });
        return null;
      }
      const calibration = readCalibration(bytes);
      if (
        calibration === null ||
        calibration.engine !== engine ||
        !areBytesEqual(calibration.artifact, artifact)
      ) {
        log.warn('a published calibration is of something else', { ...asked, engine, calibration: id });
        return null;
      }
      await parts.publish(bytes);
      kept.set(`${id}/${asked.artifact}`, calibration);
      if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value as string);
      return calibration;
    },
  };
}

function readCalibration(bytes: Uint8Array): Calibration | null {
  try {
    return decodeCalibration(bytes);
  } catch (error) {
    if (error instanceof CoreError) return null;
    throw error;
  }
}
