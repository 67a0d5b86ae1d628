import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openChain } from '@cairn/chain';
import { ProvingError } from '../errors.ts';
import { createSeededRandom } from '../simulation/seeded-random.ts';
import { KILL_POINTS, type KillPoint } from './kill-points.ts';
import { createCrashLoad } from './load.ts';
import { replayBlocks } from './replay.ts';

export interface CrashTestOptions {
  /** An empty folder for the chain's store. */
  readonly folder: string;
  /** Times the process is killed. */
  readonly kills: number;
  readonly seed: number;
  /** Told after each kill. */
  readonly onKill?: (round: number, point: KillPoint, acknowledged: number) => void;
}

export interface CrashTestResult {
  readonly kills: number;
  /** Transactions whose durable inclusion was reported before some kill. */
  readonly acknowledged: number;
  readonly height: number;
  readonly appHash: string;
}

/** Lives of a child that its parent cuts short after this many acknowledgements at most. */
const MAX_ACKNOWLEDGED = 60;

interface Life {
  readonly folder: string;
  readonly point: KillPoint;
  readonly countdown: number;
  /** Acknowledgements after which the parent kills, when the child does not kill itself. */
  readonly killAfter: number;
}

/** Runs one child until it is killed. Returns the ids it acknowledged and the height it opened at. */
function liveOnce({ folder, point, countdown, killAfter }: Life): Promise<{ opened: number; ids: string[] }> {
  const file = import.meta.url.endsWith('.ts') ? './crash-child.ts' : './crash-child.js';
  const entry = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, ['--conditions=source', entry, folder, point, String(countdown)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ids: string[] = [];
  let opened = -1;
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const [word, value] = line.split(' ') as [string, string];
    if (word === 'open') opened = Number(value);
    else ids.push(value);
    if (ids.length >= killAfter) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (_code, signal) => {
      if (signal === 'SIGKILL') resolve({ opened, ids });
      else reject(new Error(`the child ended by itself: ${complaint.slice(0, 2_000)}`));
    });
  });
}

/**
 * Kills a chain under load at random moments and at every step of making a block, starting it again each
 * time. In the end its root must be that of an uninterrupted replay, and every acknowledged transaction
 * must be in its log.
 *
 * @throws ProvingError `CRASH_TEST_FAILED`, `REPLAY_DIFFERS`
 */
export async function runCrashTest(options: CrashTestOptions): Promise<CrashTestResult> {
  const { folder, kills, seed, onKill } = options;
  const random = createSeededRandom(seed);
  const acknowledged: string[] = [];
  const failed = (round: number, reason: string, cause?: unknown) =>
    new ProvingError(
      { code: 'CRASH_TEST_FAILED', round, reason },
      `Crash test with seed ${seed}, kill ${round}: ${reason}.`,
      cause === undefined ? {} : { cause },
    );
  for (let round = 0; round < kills; round++) {
    const point = KILL_POINTS[round % KILL_POINTS.length]!;
    const killAfter = point === 'anywhere' ? 1 + random.below(MAX_ACKNOWLEDGED) : Number.POSITIVE_INFINITY;
    const life = await liveOnce({ folder, point, countdown: 2 + random.below(12), killAfter }).catch(
      (error: Error) => {
        throw failed(round, error.message, error);
      },
    );
    acknowledged.push(...life.ids);
    onKill?.(round, point, acknowledged.length);
  }
  const { crypto, genesis, signer, logger } = createCrashLoad();
  await using chain = await openChain(
    { crypto, clock: { nowMs: () => 0 }, timer: { schedule: () => () => undefined }, logger, signer },
    { folder, genesis },
  );
  for (const id of acknowledged) {
    const found = await chain.ledger.transaction(id);
    if (found?.ok !== true) throw failed(kills, `acknowledged transaction ${id} is not in the log`);
  }
  const { height, appHash } = await chain.ledger.status();
  const replay = await replayBlocks(crypto, genesis, chain.ledger);
  if (replay.appHash !== appHash) throw failed(kills, `root ${appHash}, replayed ${replay.appHash}`);
  return { kills, acknowledged: acknowledged.length, height, appHash };
}
