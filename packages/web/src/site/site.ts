import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { WebError } from '../errors.ts';
import { type Bundle, bundleForBrowsers } from './bundle.ts';

export interface SiteFile {
  readonly bytes: Uint8Array;
  readonly type: string;
  /** Its path names its content: it may be kept for ever. */
  readonly isImmutable: boolean;
}

/** The pages of a node, made when they are first asked for. */
export interface Site {
  /**
   * @param path of the request, without query
   * @returns null when it is no page's
   * @throws WebError `PACKAGES_MISSING`, `PAGE_BROKEN`
   */
  file(path: string): Promise<SiteFile | null>;
}

const ROOT = '/train';
/**
 * What onnxruntime-web asks for by itself, without and with WebGPU; a browser compiles it as it comes. Read when it is
 * asked for: the one with WebGPU has 27 MB, and few ask for it.
 */
const RUNTIME_FILES = new Set(
  ['ort-wasm-simd-threaded', 'ort-wasm-simd-threaded.asyncify'].flatMap((name) => [
    `${name}.wasm`,
    `${name}.mjs`,
  ]),
);
const MODULE_END = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/** The page where a browser trains, at `/train`, with all that it asks for. */
export function createSite(): Site {
  let built: Promise<ReadonlyMap<string, SiteFile>> | undefined;
  return {
    async file(path) {
      if (path !== ROOT && !path.startsWith(`${ROOT}/`)) return null;
      const [name, version] = path
        .slice(ROOT.length + 1)
        .split('/')
        .toReversed();
      if (RUNTIME_FILES.has(name!)) return readRuntime(name!, version);
      built ??= buildTrainPage();
      try {
        return (await built).get(path) ?? null;
      } catch (error) {
        // The packages may be installed by now.
        built = undefined;
        throw error;
      }
    },
  };
}

async function buildTrainPage(): Promise<ReadonlyMap<string, SiteFile>> {
  const [html, style] = await Promise.all([
    readFile(sourceOf('train/page.html'), 'utf8'),
    readFile(sourceOf('train/page.css')),
  ]);
  const bundle = await bundleForBrowsers({
    page: new URL(`../train/page.${MODULE_END}`, import.meta.url),
    worker: new URL(`../train/worker.${MODULE_END}`, import.meta.url),
  });
  const text = new TextEncoder();
  const page = html
    .replace('{{page}}', entryOf(bundle, 'page'))
    .replace('{{worker}}', entryOf(bundle, 'worker'));
  return new Map<string, SiteFile>([
    [ROOT, { bytes: text.encode(page), type: 'text/html; charset=utf-8', isImmutable: false }],
    [`${ROOT}/page.css`, { bytes: style, type: 'text/css; charset=utf-8', isImmutable: false }],
    ...[...bundle.files].map(([name, code]): [string, SiteFile] => [
      `${ROOT}/${name}`,
      { bytes: text.encode(code), type: 'text/javascript; charset=utf-8', isImmutable: true },
    ]),
  ]);
}

function entryOf(bundle: Bundle, name: string): string {
  const file = bundle.entries.get(name);
  if (file === undefined) throw new Error(`the bundle has no entry ${name}`);
  return `${ROOT}/${file}`;
}

/** Files that are read as they are lie in the source, which is installed too. */
function sourceOf(path: string): URL {
  return new URL(`../../src/${path}`, import.meta.url);
}

/**
 * A file of the runtime, under its name alone or under its version too.
 *
 * @returns null when another version is asked for than there is
 */
async function readRuntime(name: string, version: string | undefined): Promise<SiteFile | null> {
  const folder = runtimeFolder();
  const facts = JSON.parse(await readFile(join(folder, '..', 'package.json'), 'utf8')) as { version: string };
  if (version !== undefined && version !== facts.version) return null;
  const type = name.endsWith('.wasm') ? 'application/wasm' : 'text/javascript; charset=utf-8';
  return { bytes: await readFile(join(folder, name)), type, isImmutable: version !== undefined };
}

function runtimeFolder(): string {
  try {
    return dirname(createRequire(import.meta.url).resolve('onnxruntime-web'));
  } catch (cause) {
    throw new WebError(
      { code: 'PACKAGES_MISSING', package: 'onnxruntime-web' },
      'The packages of training are not installed, and this page needs them. Run ./cairn train list once, which installs them, and start the node again.',
      { cause },
    );
  }
}
