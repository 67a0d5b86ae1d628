import { CairnError } from '@cairn/core';
import { type LedgerReader, lightBlockShape, type ProofView } from '@cairn/protocol';
import { SdkError } from '../errors.ts';
import type { LightSource } from './light-client.ts';

/** Where light blocks and values of the state come from. Nobody there is trusted. */
export interface StateSource extends LightSource {
  proof(key: string, height: number): Promise<ProofView>;
}

/**
 * A node as a source of a light client.
 *
 * @param name for messages: its address
 */
export function createRpcLightSource(
  ledger: Pick<LedgerReader, 'lightBlock' | 'proof'>,
  name: string,
): StateSource {
  return {
    name,
    async lightBlock(height) {
      const answer = await ledger.lightBlock(height === null ? undefined : Number(height)).catch((error) => {
        // It pruned that height: to a light client as if it had none.
        if (error instanceof SdkError && isPruned(error)) return null;
        throw error;
      });
      if (answer === null) return null;
      try {
        return lightBlockShape.fromJson(answer);
      } catch (cause) {
        if (!(cause instanceof CairnError)) throw cause;
        const reason = `it is no light block: ${cause.message}`;
        throw new SdkError(
          { code: 'LIGHT_INVALID', source: name, height: String(height), reason },
          `The header of ${height === null ? 'the newest height' : `height ${height}`} from ${name} is refused: ${reason}`,
          { cause },
        );
      }
    },
    proof: (key, height) => ledger.proof(key, height),
  };
}

const isPruned = ({ problem }: SdkError): boolean =>
  problem.code === 'RPC_FAILED' && problem.reason === 'BLOCK_NOT_KEPT';
