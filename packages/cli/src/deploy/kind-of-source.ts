import { stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { usage } from '../errors.ts';
import { printable } from '../terminal/printable.ts';

/** What a person named to deploy. */
export type DeploySource =
  | { readonly kind: 'wasm' | 'javascript'; readonly path: string; readonly name: string }
  | { readonly kind: 'image'; readonly repository: string; readonly digest: string; readonly name: string }
  | { readonly kind: 'archive'; readonly path: string; readonly name: string }
  | { readonly kind: 'model'; readonly path: string; readonly name: string };

const KINDS = {
  '.wasm': 'wasm',
  '.js': 'javascript',
  '.mjs': 'javascript',
  '.gguf': 'model',
  '.tar': 'archive',
} as const;
const IMAGE = /^(?<repository>[a-z0-9][a-z0-9._/:-]*)@sha256:(?<digest>[0-9a-f]{64})$/;
/** What a folder is looked through for, in this order. */
const ENTRIES = ['function.wasm', 'function.js', 'index.js', 'index.mjs'];

/**
 * A file by its ending, a folder by the function in it, an image by its digest.
 *
 * @throws CliError `USAGE` that says what can be deployed
 */
export async function readDeploySource(folder: string, given: string): Promise<DeploySource> {
  const image = IMAGE.exec(given)?.groups;
  if (image !== undefined) {
    const { repository = '', digest = '' } = image;
    return { kind: 'image', repository, digest, name: toName(basename(repository.replace(/:[^/]*$/, ''))) };
  }
  const path = resolve(folder, given);
  const found = await stat(path).catch(() => null);
  if (found === null) {
    throw usage(
      `There is no file ${printable(path)}. Name a .js or .wasm file, a folder with function.js or function.wasm, an image in a .tar file (an OCI archive), or one by its digest, as repository@sha256:….`,
    );
  }
  if (!found.isDirectory()) return fromFile(path, toName(basename(path, extname(path))));
  for (const entry of ENTRIES) {
    const file = await stat(join(path, entry)).catch(() => null);
    if (file?.isFile() === true) return fromFile(join(path, entry), toName(basename(path)));
  }
  throw usage(`The folder ${printable(path)} has none of ${ENTRIES.join(', ')}.`);
}

function fromFile(path: string, name: string): DeploySource {
  const kind = KINDS[extname(path) as keyof typeof KINDS];
  if (kind === undefined)
    throw usage(`${printable(path)} is no .js, .mjs, .wasm, .tar or .gguf file, so it cannot be deployed.`);
  return { kind, path, name };
}

/** A name the ledger takes, made from a file's. */
function toName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 48)
    .replace(/^-+|-+$/g, '');
  return name === '' ? 'function' : name;
}
