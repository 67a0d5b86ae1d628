import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';
import { createViteServer } from 'vitest/node';

/** Where `scripts/provision` puts it. Null when there is none: the tests that need it are skipped. */
export const chromium: string | null = findProgram(process.env.CAIRN_CHROMIUM, [
  ...['chromium', 'chromium-browser', 'google-chrome'],
]);

/** Where it is installed: `apt-get install firefox-esr` brings it. Null when there is none. */
export const firefox: string | null = findProgram(process.env.CAIRN_FIREFOX, ['firefox-esr', 'firefox']);

function findProgram(named: string | undefined, names: readonly string[]): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = named ? [named] : folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return candidates.find(isProgram) ?? null;
}

/** A browser as it opens one page, headless, in a profile of its own. */
interface Browser {
  readonly program: string;
  arguments(profile: string, url: string): readonly string[];
}

const CHROMIUM_FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-dev-shm-usage', '--no-first-run'],
  ...['--enable-logging=stderr', '--remote-debugging-port=0'],
];

/** @param graphics what it is told about graphics */
export const inChromium = (graphics: readonly string[] = ['--disable-gpu']): Browser => ({
  program: chromium!,
  arguments: (profile, url) => [...CHROMIUM_FLAGS, ...graphics, `--user-data-dir=${profile}`, url],
});

/** Asks nobody in the internet, and shows no first pages. */
const FIREFOX_SETTINGS = [
  'user_pref("app.update.enabled", false);',
  'user_pref("browser.shell.checkDefaultBrowser", false);',
  'user_pref("datareporting.policy.dataSubmissionEnabled", false);',
  'user_pref("network.captive-portal-service.enabled", false);',
  'user_pref("network.connectivity-service.enabled", false);',
  'user_pref("toolkit.telemetry.enabled", false);',
];

export const inFirefox = (): Browser => ({
  program: firefox!,
  arguments(profile, url) {
    writeFileSync(join(profile, 'user.js'), FIREFOX_SETTINGS.join('\n'));
    return ['--headless', '--no-remote', '--profile', profile, url];
  },
});

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface PageServer extends AsyncDisposable {
  /**
   * Opens the page in a browser of its own and waits for what it tells.
   *
   * @param mostMs how long it may take. @default 100_000
   */
  open(parameters: Readonly<Record<string, string>>, browser?: Browser, mostMs?: number): Promise<unknown>;
}

/** Tests that need a browser, under a name that says why they are skipped when they are. */
export function describeWithChromium(name: string, tests: () => void): void {
  if (chromium === null)
    describe.skip(`${name} (skipped: needs Chromium, which scripts/provision brings)`, tests);
  else describe(name, tests);
}

/**
 * Serves a page whose script is a TypeScript file, with all it imports, as a browser reads it.
 *
 * @param given what the page finds at `/given`, as JSON: more than an address can carry
 * @param bundled packages that the script imports and that need others in CommonJS
 */
export async function servePage(
  script: URL,
  given: unknown = null,
  bundled: readonly string[] = [],
): Promise<PageServer> {
  const root = fileURLToPath(new URL('../../../../', import.meta.url));
  const cacheDir = mkdtempSync(join(tmpdir(), 'cairn-page-'));
  const vite = await createViteServer({
    ...{ configFile: false, root, cacheDir, logLevel: 'error', appType: 'custom' },
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
    resolve: { conditions: ['source', 'browser', 'module', 'default'] },
    // Packages in CommonJS, which a browser cannot read as they are. Found later, they would want the page loaded again.
    optimizeDeps: { noDiscovery: true, include: ['spdx-expression-parse', 'spdx-satisfies', ...bundled] },
  });
  let told: (value: unknown) => void = () => undefined;
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0];
    if (path === '/') {
      response.setHeader('content-type', 'text/html');
      response.end(`<!doctype html><script type="module" src="/@fs${fileURLToPath(script)}"></script>`);
    } else if (path === '/given') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(given));
    } else if (path === '/told') {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        response.end();
        told(JSON.parse(Buffer.concat(parts).toString('utf8')));
      });
    } else vite.middlewares(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    async open(parameters, browser = inChromium(), mostMs = 100_000) {
      const answer = new Promise<unknown>((resolve) => {
        told = resolve;
      });
      const query = new URLSearchParams({ ...parameters, tell: `${origin}/told` });
      const profile = mkdtempSync(join(tmpdir(), 'cairn-browser-'));
      const started = spawn(browser.program, browser.arguments(profile, `${origin}/?${query}`), {
        // With all the processes it starts, so that none is left.
        detached: true,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let said = '';
      started.stderr.on('data', (part: Buffer) => {
        const lines = part.toString().split('\n');
        said += lines.filter((line) => !line.includes('dbus')).join('\n');
      });
      let timer: NodeJS.Timeout | undefined;
      // Errors of the page are lines with CONSOLE.
      const failed = new Promise<never>((_, reject) => {
        const fail = (what: string) => () => reject(new Error(`${what}: ${said.slice(-2_000)}`));
        timer = setTimeout(fail('the page tells nothing'), mostMs);
        started.once('error', fail('the browser does not start'));
        started.once('exit', fail('the browser ended'));
      });
      try {
        return await Promise.race([answer, failed]);
      } finally {
        failed.catch(() => undefined);
        clearTimeout(timer);
        const closed = once(started, 'close');
        process.kill(-started.pid!, 'SIGKILL');
        await closed;
        rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
      }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await vite.close();
      rmSync(cacheDir, { recursive: true, force: true });
    },
  };
}
