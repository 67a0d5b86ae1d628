import { basename, join } from 'node:path';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { CliError, usage } from '../errors.ts';
import { formatBytes, formatCount } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import { createProgress } from '../terminal/progress.ts';

/** A model file on this machine, checked. */
export interface PulledModel {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly merkleRoot: string;
  readonly architecture: string;
}

interface Flags extends CommonFlags {
  readonly sha256?: string;
}

/** `cairn model pull` */
export function createModelPullCommand(cli: Cli): Command {
  return defineCommand({
    name: 'pull',
    help: 'Fetches a model file into the data folder and checks it. Goes on where an earlier try stopped.',
    examples: [
      'model pull hf:owner/repo/model-q4_k_m.gguf',
      'model pull https://example.org/model.gguf --sha256 …',
    ],
    data: true,
  })
    .argument('<source>', 'a path to a .gguf file, an https URL, or hf:owner/repo/file.gguf')
    .option('--sha256 <hex>', 'what the file has to hash to')
    .action(async (source: string, flags: Flags) => {
      const { dataFolderOf } = await import('../settings.ts');
      const pulled = await pullModel(cli, source, await dataFolderOf(cli, flags), flags.sha256);
      outputOf(cli, flags).result(pulled, () =>
        renderFields([
          ['file', printable(pulled.path)],
          ['size', `${formatBytes(pulled.sizeBytes)} (${formatCount(pulled.sizeBytes)} bytes)`],
          ['architecture', printable(pulled.architecture)],
          ['sha-256', pulled.sha256],
          ['Merkle root', pulled.merkleRoot],
        ]),
      );
    });
}

/**
 * Brings a model file to this machine, showing how far it is, and checks that it is a whole GGUF file.
 *
 * @throws EngineError for everything that can be wrong with the source, the way, the disk or the file
 */
export async function pullModel(
  cli: Cli,
  given: string,
  data: string,
  sha256: string | undefined,
): Promise<PulledModel> {
  const { digestFile, downloadFile, parseModelSource, readGgufFile, systemClock } = await import(
    '@cairn/node'
  );
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256))
    throw usage('--sha256 takes 64 hexadecimal digits.');
  const source = parseModelSource(given, cli.folder);
  if (source.kind === 'ollama') {
    throw usage(
      `${given} is kept by Ollama: fetch it with "ollama pull ${source.model}", then ./cairn model serve ${given}.`,
    );
  }
  let path: string;
  if (source.kind === 'file') path = source.path;
  else {
    path = join(data, 'models', basename(source.fileName));
    const progress = createProgress(cli.terminal.err, cli.nowMs, { what: 'download', unit: 'bytes' });
    try {
      await downloadFile(
        { clock: systemClock },
        {
          url: source.url,
          path,
          signal: cli.signal,
          onProgress: ({ doneBytes, totalBytes }) => progress.update(doneBytes, totalBytes),
          ...(sha256 === undefined ? {} : { sha256 }),
        },
      );
    } finally {
      progress.end();
    }
  }
  const { architecture } = await readGgufFile(path);
  const digest = await digestFile(path);
  if (sha256 !== undefined && digest.sha256 !== sha256.toLowerCase()) {
    throw new CliError(
      { code: 'MODEL_HASH_MISMATCH', expected: sha256, got: digest.sha256 },
      `The SHA-256 of ${path} is ${digest.sha256}, not ${sha256}. The file was left as it is.`,
    );
  }
  return { path, ...digest, architecture };
}
