import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RunProcess } from './run-process.ts';
import { emptyTally, type Tally } from './tally.ts';

/** The shards of a long run that passed, for one state of the source. */
export interface FinishedShards {
  /** What the shard came to, when it has passed on this very source. */
  find(name: string): Tally | undefined;
  save(name: string, tally: Tally): void;
}

interface StateFile {
  key: string;
  shards: Record<string, Pick<Tally, 'passed' | 'skipped' | 'skips'>>;
}

/**
 * Opens the record of finished shards. It counts only for the same key, that is for the same commit, lock
 * file and uncommitted changes; any other record is dropped.
 */
export function openFinishedShards(file: string, key: string): FinishedShards {
  const state = readState(file, key);
  return {
    find(name) {
      const found = state.shards[name];
      return found && { ...emptyTally, ...found };
    },
    save(name, { passed, skipped, skips }) {
      state.shards[name] = { passed, skipped, skips };
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(`${file}.new`, JSON.stringify(state));
      renameSync(`${file}.new`, file);
    },
  };
}

function readState(file: string, key: string): StateFile {
  const fresh: StateFile = { key, shards: {} };
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return fresh;
    throw error;
  }
  const state = parseState(text);
  return state?.key === key ? state : fresh;
}

/** A record cut short by a crash is worth nothing: the shards run again. */
function parseState(text: string): StateFile | undefined {
  try {
    return JSON.parse(text) as StateFile;
  } catch {
    return undefined;
  }
}

/**
 * Names the exact source a run tests. Undefined outside a git checkout, where nothing can be resumed.
 */
export async function nameSource(root: string, run: RunProcess): Promise<string | undefined> {
  const git = (...args: string[]) => run('git', args, { cwd: root, capture: true });
  const commit = await git('rev-parse', 'HEAD');
  const changes = await git('diff', 'HEAD', '--binary');
  const untracked = await git('ls-files', '--others', '--exclude-standard', '-z');
  if (commit.exitCode !== 0 || changes.exitCode !== 0 || untracked.exitCode !== 0) return undefined;
  const hash = createHash('sha256').update(commit.output).update(changes.output);
  for (const path of untracked.output.split('\0').filter(Boolean)) {
    hash.update(`\0${path}\0`).update(readFileSync(join(root, path)));
  }
  return hash
    .update('\0lock\0')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}
