import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { outlineImage } from '../../src/image/fetch-image.ts';
import { createRegistrySource, nameRepository, parseRepository } from '../../src/image/registry.ts';
import { anImage, architecture } from './image-parts.ts';

interface RegistryFaults {
  /** Status of everything but tokens. */
  readonly status?: number;
  readonly token?: string;
  readonly challenge?: (host: string) => string;
}

/** A registry of one image, which wants everybody to fetch a token first. */
async function aRegistry({ status, token = '{"token":"t0k"}', challenge }: RegistryFaults = {}) {
  const image = anImage();
  const asked: string[] = [];
  const server = createServer(({ url = '', headers }, response) => {
    asked.push(url);
    if (url.startsWith('/token')) {
      response.end(token);
      return;
    }
    const bytes = image.blobs.get(
      /^\/v2\/owner\/name\/(?:manifests|blobs)\/sha256:(.*)$/.exec(url)?.[1] ?? '',
    );
    if (status !== undefined) response.writeHead(status).end();
    else if (headers.authorization !== 'Bearer t0k') {
      const told = challenge?.(host) ?? `Bearer realm="http://${host}/token",service="here",scope="pull"`;
      response.writeHead(401, { 'www-authenticate': told }).end();
    } else response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const source = createRegistrySource({ host, path: 'owner/name' }, { allowed: [host] });
  return {
    image,
    host,
    asked,
    outline: (digest: string) => outlineImage(source, digest, architecture, { maxBytes: 1e6 }),
  };
}

describe('a registry', () => {
  it('gives an image by its digest, to whoever fetches a token first', async () => {
    const { image, outline, asked } = await aRegistry();
    const { manifest } = await outline(image.digest);
    expect(image.blobs.has(manifest.layers[0]!.digest)).toBe(true);
    expect(asked.filter((url) => url.startsWith('/token'))).toEqual(['/token?service=here&scope=pull']);
  });

  it('is refused when it does not have the digest, wants an account, or fails', async () => {
    const digest = '0'.repeat(64);
    const { outline } = await aRegistry();
    await expect(outline(digest)).rejects.toThrow(/does not have sha256:000/);
    for (const fault of [
      { token: '{}' },
      { token: 'x'.repeat(100_000) },
      { challenge: () => 'Basic realm="here"' },
      { challenge: () => 'Bearer realm="file:///etc/passwd"' },
    ])
      await expect((await aRegistry(fault)).outline(digest)).rejects.toMatchObject({
        code: expect.stringMatching(/IMAGE_REFUSED|DOWNLOAD_UNREACHABLE/),
      });
    const failing = await aRegistry({ status: 503 });
    await expect(failing.outline(digest)).rejects.toMatchObject({
      code: 'DOWNLOAD_REFUSED',
      problem: { status: 503 },
    });
  });

  it('is asked only when it is one of those allowed', () => {
    const allowed = ['ghcr.io'];
    expect(() => createRegistrySource({ host: '10.0.0.1', path: 'x' }, { allowed })).toThrow(
      /10\.0\.0\.1.*ghcr\.io/,
    );
    expect(() => createRegistrySource({ host: 'ghcr.io', path: 'x' }, { allowed })).not.toThrow();
  });
});

it('a repository is told from the name of a peer, and Docker Hub is meant where no host is named', () => {
  expect(parseRepository('ghcr.io/owner/name')).toEqual({ host: 'ghcr.io', path: 'owner/name' });
  expect(parseRepository('localhost:5000/x')).toEqual({ host: 'localhost:5000', path: 'x' });
  for (const peer of [
    'cairn1abc/code',
    'cairn1abc/code@12D3KooW',
    'x',
    'ghcr.io/../x',
    'ghcr.io//x',
    'a.b/X',
  ])
    expect(parseRepository(peer), peer).toBeNull();
  expect(nameRepository('alpine')).toBe('docker.io/library/alpine');
  expect(nameRepository('alpine:3.20')).toBe('docker.io/library/alpine');
  expect(nameRepository('owner/name')).toBe('docker.io/owner/name');
  expect(nameRepository('ghcr.io/owner/name:tag')).toBe('ghcr.io/owner/name');
  expect(nameRepository('localhost:5000/name')).toBe('localhost:5000/name');
});
