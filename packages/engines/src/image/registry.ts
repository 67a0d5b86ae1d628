import { EngineError, reasonOf } from '../errors.ts';
import type { ImageSource } from './image-source.ts';
import { imageRefused, MANIFEST_TYPES } from './manifest.ts';

/** An image's repository: the host of its registry, and the path there. */
export interface Repository {
  readonly host: string;
  readonly path: string;
}

export interface RegistryOptions {
  /** Hosts that may be asked. A deployment names the host, so it is a stranger's choice otherwise. */
  readonly allowed: readonly string[];
  /** Longest wait for an answer to begin. @default 30_000 */
  readonly timeoutMs?: number;
  /** Longest whole answer. @default 1_800_000 */
  readonly totalTimeoutMs?: number;
}

const HUB = 'docker.io';
const HUB_HOST = 'registry-1.docker.io';
const MAX_TOKEN_BYTES = 64 * 1024;

/**
 * Reads `ghcr.io/owner/name`, and `name` and `owner/name` of Docker Hub. Null for what is no repository with a host,
 * such as the name of a peer.
 */
export function parseRepository(text: string): Repository | null {
  const match =
    /^(?<host>(?:[a-z0-9-]+\.)+[a-z0-9-]+(?::\d{1,5})?|localhost(?::\d{1,5})?)\/(?<path>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)$/.exec(
      text,
    )?.groups;
  return match === undefined ? null : { host: match.host!, path: match.path! };
}

/** The repository as it is written in full: Docker Hub is what a name without a host means. */
export function nameRepository(text: string): string {
  const bare = text.replace(/:[^:/]*$/, '');
  if (parseRepository(bare) !== null) return bare;
  return `${HUB}/${bare.includes('/') ? bare : `library/${bare}`}`;
}

/**
 * Images of a registry, by digest, without an account.
 *
 * @throws EngineError `IMAGE_REFUSED` for a registry that is not allowed
 */
export function createRegistrySource({ host, path }: Repository, options: RegistryOptions): ImageSource {
  const { allowed, timeoutMs = 30_000, totalTimeoutMs = 1_800_000 } = options;
  if (!allowed.includes(host))
    throw imageRefused(
      `its registry ${host} is not one of ${allowed.join(', ') || 'none'} that are allowed here`,
    );
  // Plain HTTP never leaves this machine.
  const isLoopback = /^(localhost|127\.0\.0\.1)(:|$)/.test(host);
  const base = `${isLoopback ? 'http' : 'https'}://${host === HUB ? HUB_HOST : host}/v2/${path}`;
  let token: string | null = null;

  async function get(url: string, headers: Record<string, string>): Promise<Response> {
    const controller = new AbortController();
    const stop = setTimeout(() => controller.abort(), timeoutMs);
    try {
      const total = AbortSignal.timeout(totalTimeoutMs);
      return await fetch(url, { headers, signal: AbortSignal.any([controller.signal, total]) });
    } catch (cause) {
      const reason = controller.signal.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(cause);
      throw new EngineError(
        { code: 'DOWNLOAD_UNREACHABLE', url, reason },
        `${url} cannot be reached: ${reason}. Check the network.`,
        { cause },
      );
    } finally {
      clearTimeout(stop);
    }
  }

  /** Asks whoever the registry names for the right to read, as everybody may. */
  async function login(challenge: string | null): Promise<string> {
    const fields = new Map(
      [...(challenge ?? '').matchAll(/(realm|service|scope)="([^"]{1,1000})"/g)].map(([, name, value]) => [
        name!,
        value!,
      ]),
    );
    const realm = fields.get('realm');
    if (realm === undefined || !URL.canParse(realm) || (!isLoopback && !realm.startsWith('https://')))
      throw imageRefused(`the registry ${host} wants an account`);
    const url = new URL(realm);
    for (const name of ['service', 'scope']) {
      const value = fields.get(name);
      if (value !== undefined) url.searchParams.set(name, value);
    }
    const answer = await get(url.href, {});
    let text = '';
    for await (const part of answer.body ?? []) {
      text += Buffer.from(part).toString('latin1');
      if (text.length > MAX_TOKEN_BYTES) throw imageRefused(`the registry ${host} sent no token`);
    }
    const found = /"(?:token|access_token)"\s*:\s*"([^"]+)"/.exec(text)?.[1];
    if (!answer.ok || found === undefined) throw imageRefused(`the registry ${host} wants an account`);
    return found;
  }

  async function ask(url: string): Promise<Response> {
    const headers = (): Record<string, string> => ({
      accept: MANIFEST_TYPES.join(', '),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    });
    const first = await get(url, headers());
    if (first.status !== 401 || token !== null) return first;
    await first.body?.cancel();
    token = await login(first.headers.get('www-authenticate'));
    return get(url, headers());
  }

  return {
    async read(kind, digest) {
      const url = `${base}/${kind === 'manifest' ? 'manifests' : 'blobs'}/sha256:${digest}`;
      const answer = await ask(url);
      if (answer.ok && answer.body !== null) return answer.body;
      await answer.body?.cancel();
      if (answer.status === 404)
        throw imageRefused(`the registry ${host} does not have sha256:${digest} in ${path}`);
      throw new EngineError(
        { code: 'DOWNLOAD_REFUSED', url, status: answer.status },
        `${url} answered ${answer.status}. Try again, or another registry.`,
      );
    },
  };
}
