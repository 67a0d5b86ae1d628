import { areBytesEqual, type Crypto } from '@cairn/core';
import { type Application, consensusChainId, headerHash, type LightBlock } from '@cairn/protocol';
import { storeCorrupt } from '../errors.ts';
import type { BlockLog } from './block-log.ts';
import { soloLightBlock } from './header.ts';

/** Header, votes and validators, for those who believe no server. */
export interface LightBlocks {
  /** Those of a height, or of the newest that has its votes; null when there is none. */
  at(height: number | null): Promise<LightBlock | null>;
}

export interface SoloLightBlocksParts {
  readonly application: Application;
  readonly blockLog: BlockLog;
  readonly crypto: Crypto;
  /** For messages. */
  readonly folder: string;
}

/** The blocks of a solo chain, each with the vote of its operator. */
export function createSoloLightBlocks(parts: SoloLightBlocksParts): LightBlocks {
  const { application, blockLog, crypto, folder } = parts;
  return {
    async at(height) {
      const last = application.info();
      const wanted = height ?? last.height;
      if (!Number.isSafeInteger(wanted) || wanted < 1 || wanted > last.height) return null;
      const block = blockLog.read(wanted);
      if (block === null) throw storeCorrupt(folder, `block ${wanted} of its log is missing`);
      const { header, hash, seal } = block;
      // A block that others ordered is not signed by this operator.
      if (seal === null) return null;
      const light = soloLightBlock(crypto, consensusChainId(last.chainId!), { header, hash, seal });
      if (areBytesEqual(headerHash(crypto, light.header), hash)) return light;
      throw storeCorrupt(folder, `block ${wanted} of its log does not have its hash`);
    },
  };
}
