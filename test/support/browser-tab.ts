import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A tab of a headless Chromium, driven over its DevTools. */
export interface BrowserTab extends AsyncDisposable {
  open(url: string): Promise<void>;
  /** The value of an expression in the page. */
  read<T>(expression: string): Promise<T>;
  /** Tells the page that it is hidden or shown, as a browser does for a tab in the background. */
  hide(isHidden: boolean): Promise<void>;
  /** Shows the page as on a screen of this size, in pixels. */
  resize(width: number, height: number, isDark?: boolean): Promise<void>;
  /** Ends the process that speaks with the graphics processor, as when its driver fails. */
  breakGraphics(): Promise<void>;
  /** A PNG of what is to be seen. */
  picture(): Promise<Buffer>;
  /** Lines of the page's console. */
  readonly console: readonly string[];
}

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
  readonly params?: {
    readonly args?: readonly { readonly value?: unknown; readonly description?: string }[];
  };
}

/** Vulkan in software, which Chromium brings: every machine computes the same, slowly. */
export const SOFTWARE_GRAPHICS = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
];

/**
 * Starts Chromium with a profile of its own, which is deleted with it.
 *
 * @param graphics what it is told about graphics
 */
export async function openBrowserTab(
  chromium: string,
  graphics: readonly string[] = ['--disable-gpu'],
): Promise<BrowserTab> {
  const profile = mkdtempSync(join(tmpdir(), 'cairn-chromium-'));
  const flags = [
    ...['--headless', '--no-sandbox', '--disable-dev-shm-usage', '--no-first-run', ...graphics],
    ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ...['--window-size=1100,1400', '--remote-debugging-port=0', `--user-data-dir=${profile}`],
  ];
  // With all the processes it starts, so that none is left.
  const browser = spawn(chromium, [...flags, 'about:blank'], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const port = await new Promise<string>((resolve, reject) => {
    let said = '';
    browser.stderr.on('data', (part: Buffer) => {
      said += part.toString();
      const found = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    browser.once('error', reject);
    browser.once('exit', () => reject(new Error(`the browser ended: ${said.slice(-1_000)}`)));
  });
  const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
    type: string;
    webSocketDebuggerUrl: string;
  }[];
  const socket = new WebSocket(targets.find(({ type }) => type === 'page')!.webSocketDebuggerUrl);
  await once(socket, 'open');
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  const lines: string[] = [];
  let calls = 0;
  socket.addEventListener('message', ({ data }) => {
    const { id, method, result, error, params } = JSON.parse(String(data)) as Reply;
    if (method === 'Runtime.consoleAPICalled')
      lines.push(
        (params?.args ?? []).map(({ value, description }) => String(value ?? description)).join(' '),
      );
    if (id === undefined) return;
    const { resolve, reject } = waiting.get(id)!;
    waiting.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(error.message));
  });
  const call = <T>(method: string, params: object = {}): Promise<T> =>
    new Promise((resolve, reject) => {
      calls += 1;
      waiting.set(calls, { resolve: resolve as (value: unknown) => void, reject });
      socket.send(JSON.stringify({ id: calls, method, params }));
    });
  await call('Runtime.enable');
  await call('Page.enable');

  const read = async <T>(expression: string): Promise<T> => {
    const { result, exceptionDetails } = await call<{
      result: { value: T };
      exceptionDetails?: { text: string };
    }>('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails !== undefined) throw new Error(`${expression}: ${exceptionDetails.text}`);
    return result.value;
  };
  return {
    console: lines,
    read,
    open: async (url) => {
      await call('Page.navigate', { url });
    },
    hide: async (isHidden) => {
      await read(
        `Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${isHidden} }); document.dispatchEvent(new Event('visibilitychange')); true`,
      );
    },
    async resize(width, height, isDark = false) {
      await call('Emulation.setDeviceMetricsOverride', {
        width,
        height,
        deviceScaleFactor: 1,
        mobile: false,
      });
      const value = isDark ? 'dark' : 'light';
      await call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] });
    },
    async breakGraphics() {
      const version = await fetch(`http://127.0.0.1:${port}/json/version`);
      const { webSocketDebuggerUrl } = (await version.json()) as { webSocketDebuggerUrl: string };
      const whole = new WebSocket(webSocketDebuggerUrl);
      await once(whole, 'open');
      const answer = once(whole, 'message');
      whole.send(JSON.stringify({ id: 1, method: 'Browser.crashGpuProcess' }));
      await answer;
      whole.close();
    },
    async picture() {
      const { data } = await call<{ data: string }>('Page.captureScreenshot');
      return Buffer.from(data, 'base64');
    },
    async [Symbol.asyncDispose]() {
      socket.close();
      const closed = once(browser, 'close');
      process.kill(-browser.pid!, 'SIGKILL');
      await closed;
      rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}
