import type { BlockInput } from '@cairn/ledger';
import type { Application } from '@cairn/protocol';
import { type BlockLog, type LoggedBlock, loggedResult } from '../blocks/block-log.ts';
import { ChainError } from '../errors.ts';

export interface DriveParts {
  readonly application: Application;
  readonly blockLog: BlockLog;
}

/**
 * Takes a decided block through the application in the call order of ABCI 2.0, and keeps it with its outcome.
 *
 * @throws ChainError `BLOCK_REFUSED`
 */
export async function driveBlock(
  { application, blockLog }: DriveParts,
  block: BlockInput,
  named: Pick<LoggedBlock, 'header' | 'seal'>,
): Promise<LoggedBlock> {
  if (!application.processProposal(block)) {
    throw new ChainError(
      { code: 'BLOCK_REFUSED', height: block.height },
      `The application refused block ${block.height}: it does not follow the last one, or breaks a limit.`,
    );
  }
  const { results, events, appHash } = await application.finalizeBlock(block);
  const logged: LoggedBlock = {
    ...named,
    hash: block.hash,
    appHash,
    txs: [...block.txs],
    results: results.map(loggedResult),
    events,
  };
  blockLog.stage(logged);
  await application.commit();
  return logged;
}
