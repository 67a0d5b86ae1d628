import { fileURLToPath } from 'node:url';
import { WebError } from '../errors.ts';

/** Scripts by the name of their entry, and all files by the path they ask for each other under. */
export interface Bundle {
  readonly entries: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Makes scripts for browsers from TypeScript modules with all they import. Names carry a hash of what is inside, so a
 * browser may keep them for ever.
 *
 * @param inputs name of the entry → its module
 * @throws WebError `PACKAGES_MISSING`, `PAGE_BROKEN`
 */
export async function bundleForBrowsers(inputs: Readonly<Record<string, URL>>): Promise<Bundle> {
  const { rolldown } = await importRolldown();
  const build = await rolldown({
    input: Object.fromEntries(Object.entries(inputs).map(([name, module]) => [name, fileURLToPath(module)])),
    platform: 'browser',
    resolve: { conditionNames: ['source', 'browser', 'import', 'module', 'default'] },
    logLevel: 'silent',
  });
  try {
    const { output } = await build.generate({
      format: 'esm',
      minify: true,
      entryFileNames: '[name]-[hash].js',
      chunkFileNames: '[name]-[hash].js',
    });
    const chunks = output.filter((file) => file.type === 'chunk');
    return {
      entries: new Map(chunks.filter(({ isEntry }) => isEntry).map(({ name, fileName }) => [name, fileName])),
      files: new Map(chunks.map(({ fileName, code }) => [fileName, code])),
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WebError(
      { code: 'PAGE_BROKEN', reason },
      `The page could not be built: ${reason.slice(0, 2_000)}`,
      { cause },
    );
  } finally {
    await build.close();
  }
}

async function importRolldown(): Promise<typeof import('rolldown')> {
  try {
    return await import('rolldown');
  } catch (cause) {
    throw new WebError(
      { code: 'PACKAGES_MISSING', package: 'rolldown' },
      'The packages of training are not installed, and this page needs them. Run ./cairn train list once, which installs them, and start the node again.',
      { cause },
    );
  }
}
