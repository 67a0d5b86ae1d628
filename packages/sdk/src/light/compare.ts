import { areBytesEqual, type Crypto } from '@cairn/core';
import { headerHash, type LightBlock } from '@cairn/protocol';
import { SdkError } from '../errors.ts';
import type { LightSource } from './light-client.ts';
import { checkOwnVotes, checkShape } from './verify.ts';

/** Asks others for the header of a height that was verified. */
export interface Comparison {
  /** Witnesses that had no header of the height compared last. */
  readonly silent: readonly string[];
  /** Height that was compared last, and contradicted by none. */
  readonly height: bigint;
  /**
   * One witness with another header of this height, and votes for it, proves that somebody signed twice.
   *
   * @throws SdkError `LIGHT_CONFLICT`
   */
  compare(block: LightBlock): Promise<void>;
}

export function createComparison(
  crypto: Crypto,
  primary: LightSource,
  witnesses: readonly LightSource[],
): Comparison {
  let silent: readonly string[] = witnesses.map(({ name }) => name);
  let comparedHeight = 0n;
  return {
    get silent() {
      return silent;
    },
    get height() {
      return comparedHeight;
    },
    async compare(block) {
      const { height, chainId } = block.header;
      const hash = headerHash(crypto, block.header);
      const silentNow: string[] = [];
      for (const witness of witnesses) {
        const other = await witness.lightBlock(height);
        if (other === null) silentNow.push(witness.name);
        if (other === null || areBytesEqual(headerHash(crypto, other.header), hash)) continue;
        const isFit = checkShape(crypto, chainId, other) === null && checkOwnVotes(crypto, other) === null;
        throw new SdkError(
          { code: 'LIGHT_CONFLICT', witness: witness.name, height: height.toString() },
          isFit
            ? `${primary.name} and ${witness.name} have different headers of height ${height}, both with votes: validators signed twice. Believe neither, and report it.`
            : `${witness.name} has another header of height ${height}, without the votes for it. Take it off the list.`,
        );
      }
      silent = silentNow;
      comparedHeight = height;
    },
  };
}
