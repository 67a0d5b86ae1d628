import { createNativeCrypto, type RecordedReplay, replayRecorded } from '@cairn/chain';
import { NodeError } from '../errors.ts';
import { readGenesis } from '../up/local-genesis.ts';

export interface ReplayRecordingOptions {
  /** The genesis.json of the network. */
  readonly genesisPath: string;
  /** What a node was told to record to. */
  readonly path: string;
  /** Told after each block. */
  readonly onBlock?: (height: number) => void;
}

/**
 * Executes recorded blocks alone, in memory, and compares each root with the recorded one. Changes nothing.
 *
 * @throws NodeError `GENESIS_MISSING`, `DATA_FOLDER_MALFORMED`; ChainError `REPLAY_DIFFERS`, `RECORDING_MALFORMED`,
 * `RECORDING_UNREADABLE`
 */
export async function replayRecording({
  genesisPath,
  ...recording
}: ReplayRecordingOptions): Promise<RecordedReplay> {
  const genesis = await readGenesis(genesisPath);
  if (genesis === null) {
    throw new NodeError(
      { code: 'GENESIS_MISSING', path: genesisPath },
      `There is no file ${genesisPath}. Name the genesis.json of the network that was recorded with --genesis.`,
    );
  }
  return replayRecorded({ crypto: createNativeCrypto() }, { genesis, ...recording });
}
