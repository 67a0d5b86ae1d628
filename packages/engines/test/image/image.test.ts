import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openImageArchive } from '../../src/image/archive-file.ts';
import { fetchLayers, outlineImage } from '../../src/image/fetch-image.ts';
import { packImage } from '../../src/image/pack-image.ts';
import { createLayerScan } from '../../src/image/scan-layer.ts';
import { decodeTarHead } from '../../src/image/tar.ts';
import {
  anImage,
  architecture,
  type ImageOptions,
  sha256,
  sourceOf,
  type TarEntry,
  tarOf,
} from './image-parts.ts';

const MIB = 1024 * 1024;

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cairn-image-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** All of an image, as a provider takes it. */
async function take(image: ReturnType<typeof anImage>, maxBytes = MIB, maxEntries = 100) {
  const outline = await outlineImage(image.source, image.digest, architecture, { maxBytes });
  return fetchLayers(image.source, outline, await aFolder(), { maxBytes, maxEntries });
}

const longName = (type: string, name: string): TarEntry => ({
  name: 'x',
  type,
  bytes: Buffer.from(`${name}\0`),
});
const pax = (key: string, value: string): TarEntry => {
  const rest = ` ${key}=${value}\n`;
  const length = rest.length + String(rest.length + 2).length;
  return { name: 'x', type: 'x', bytes: Buffer.from(`${length}${rest}`) };
};
const file = { name: 'file', bytes: Buffer.from('hello') };
const aLayer = (...entries: TarEntry[]): ImageOptions => ({ layers: [tarOf(entries)] });

describe('an image from elsewhere', () => {
  it('is taken when everything is what its digest says, packed in any of the ways there are', async () => {
    const layer = tarOf([{ name: 'folder/', type: '5' }, file, { name: 'l', type: '2' }]);
    const type = 'application/vnd.oci.image.layer.v1.tar';
    for (const [mediaType, packed] of [
      [type, layer],
      [`${type}+gzip`, gzipSync(layer)],
      [`${type}+zstd`, zstdCompressSync(layer)],
      ['application/vnd.docker.image.rootfs.diff.tar.gzip', gzipSync(layer)],
    ] as const)
      expect(
        await take(anImage({ layers: [layer, layer], packed: [packed, packed], mediaType })),
      ).toHaveLength(2);
  });

  it.each<[string, ImageOptions, RegExp]>([
    ['another architecture', { config: { architecture: 'sparc' } }, /built for linux\/sparc/],
    ['a disk', { settings: { Volumes: { '/data': {} } } }, /declares volumes/],
    [
      'another kind of network',
      { settings: { Labels: { 'network.cairn.network': 'all' } } },
      /only be outbound/,
    ],
    ['other layers in its configuration', { config: { rootfs: { diff_ids: [] } } }, /the same layers/],
    ['another layer than its configuration names', { packed: [gzipSync(tarOf([]))] }, /unpacks to the hash/],
    ['no layers', { layers: [] }, /0 layers/],
    ['too many layers', { layers: Array(128).fill(tarOf([])) }, /128 layers; 1 to 127/],
    ['layers of an unknown type', { mediaType: 'application/zip' }, /not a tar, gzip or zstd/],
    ['layers that are not packed', { packed: [Buffer.alloc(5_000, 7)] }, /not packed as its manifest says/],
    [
      'a manifest without sizes',
      { manifest: { layers: [{ digest: `sha256:${'0'.repeat(64)}` }] } },
      /no size/,
    ],
    [
      'another name than a SHA-256',
      { manifest: { config: { digest: 'md5:00', size: 1 } } },
      /by its SHA-256/,
    ],
    [
      'a giant layer by its size',
      { manifest: { layers: [{ digest: `sha256:${'0'.repeat(64)}`, size: 2 ** 40 }] } },
      /at most 1048576/,
    ],
    [
      'a giant layer by what comes out of it',
      aLayer({ name: 'zeros', bytes: Buffer.alloc(2 * MIB) }),
      /more than the 1048576 bytes left/,
    ],
    ['names that climb', aLayer({ name: 'a/../../etc/passwd' }), /leads out of the image/],
    ['names from the root', aLayer({ name: '/etc/passwd' }), /leads out of the image/],
    ['long names that climb', aLayer(longName('L', '../x'), file), /leads out of the image/],
    ['recorded names that climb', aLayer(pax('path', '../x'), file), /leads out of the image/],
    [
      'hard links that climb',
      aLayer(longName('K', '../x'), { name: 'l', type: '1' }),
      /leads out of the image/,
    ],
    ['a record that hides entries', aLayer(pax('size', '9'), file), /overrides the size/],
    ['a device', aLayer({ name: 'dev/sda', type: '4' }), /has a device/],
    ['countless entries', aLayer(...Array(101).fill(file)), /more than 100 entries/],
    [
      'an endless name',
      aLayer({ name: 'x', type: 'L', bytes: Buffer.alloc(70_000, 97) }),
      /a name has more than/,
    ],
    ['a layer that stops', { layers: [tarOf([file]).slice(0, 700)] }, /ends in the middle/],
    ['a layer that is no tar', { layers: [Buffer.alloc(1024, 1)] }, /checksum|octal/],
  ])('is refused with %s', async (_, options, reason) => {
    await expect(take(anImage(options))).rejects.toMatchObject({
      code: 'IMAGE_REFUSED',
      message: expect.stringMatching(reason),
    });
  });

  it('is refused when its source sends something else under any of its names', async () => {
    const image = anImage();
    for (const digest of image.blobs.keys())
      for (const change of [
        (bytes: Buffer) => bytes.fill(7, 0, 1),
        (bytes: Buffer) => Buffer.concat([bytes, bytes]),
      ]) {
        const blobs = new Map(image.blobs);
        blobs.set(digest, change(Buffer.from(blobs.get(digest)!)));
        await expect(take({ ...image, source: sourceOf(blobs) })).rejects.toMatchObject({
          code: 'IMAGE_REFUSED',
        });
      }
  });

  it('is the build for this machine where there are several', async () => {
    const image = anImage();
    const platform = (name: string, digest: string) => ({
      digest: `sha256:${digest}`,
      size: image.blobs.get(image.digest)!.length,
      platform: { os: 'linux', architecture: name },
    });
    const index = Buffer.from(
      JSON.stringify({
        manifests: [platform('sparc', '0'.repeat(64)), platform(architecture, image.digest)],
      }),
    );
    image.blobs.set(sha256(index), index);
    const many = { ...image, digest: sha256(index) };
    expect(await take(many)).toHaveLength(1);
    const none = Buffer.from(JSON.stringify({ manifests: [platform('sparc', image.digest)] }));
    image.blobs.set(sha256(none), none);
    await expect(take({ ...image, digest: sha256(none) })).rejects.toThrow(
      `no build for linux/${architecture}`,
    );
  });

  it('is looked through in the same way however its bytes are cut', () => {
    const whole = tarOf([
      longName('L', 'a/long/name'),
      file,
      pax('path', 'b'),
      { name: 'c', bytes: Buffer.alloc(1_300) },
    ]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1_500 }), { minLength: 1, maxLength: 20 }), (cuts) => {
        const scan = createLayerScan(2);
        for (let at = 0, turn = 0; at < whole.length; turn += 1) {
          const length = cuts[turn % cuts.length]!;
          scan.add(whole.subarray(at, at + length));
          at += length;
        }
        scan.end();
      }),
    );
  });

  it('never breaks what looks through it, whatever is in it', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 0, maxLength: 2_048 }),
        fc.nat(511),
        fc.nat(255),
        (noise, at, value) => {
          const bytes = Buffer.from(tarOf([longName('L', 'name'), file, pax('path', 'b')]));
          bytes[at] = value;
          for (const given of [noise, bytes]) {
            const scan = createLayerScan(10);
            try {
              scan.add(given);
              scan.end();
            } catch (error) {
              expect(error).toBeInstanceOf(RangeError);
            }
          }
        },
      ),
    );
  });
});

describe('an OCI archive', () => {
  it('is read where it lies', async () => {
    const image = anImage({ layers: [tarOf([file]), tarOf([{ name: 'other' }])] });
    const path = join(await aFolder(), 'image.tar');
    await writeFile(path, image.archive);
    await using archive = await openImageArchive(path, architecture);
    expect(archive.digest).toBe(image.digest);
    expect(new Set(archive.parts.map(({ digest }) => digest))).toEqual(new Set(image.blobs.keys()));
    const outline = await outlineImage(archive, archive.digest, architecture, { maxBytes: MIB });
    expect(outline.config).toMatchObject({ wantsNetwork: false });
  });

  it('is refused when it is none, or lacks a part', async () => {
    const folder = await aFolder();
    const image = anImage();
    const whole = Buffer.from(image.archive);
    const texts: [string, Uint8Array, RegExp][] = [
      ['none', tarOf([file]), /no index\.json/],
      ['noise', Buffer.alloc(2_048, 9), /no OCI archive/],
      ['cut', whole.subarray(0, 1_500), /no index\.json/],
      ['empty', tarOf([{ name: 'index.json', bytes: Buffer.from('{"manifests":[]}') }]), /no build for/],
    ];
    for (const [name, bytes, reason] of texts) {
      const path = join(folder, name);
      await writeFile(path, bytes);
      await expect(openImageArchive(path, architecture), name).rejects.toThrow(reason);
    }
  });
});

it('an image is packed for a runtime with its own configuration and its layers unpacked', async () => {
  const layer = tarOf([file]);
  const image = anImage({ layers: [layer] });
  const outline = await outlineImage(image.source, image.digest, architecture, { maxBytes: MIB });
  const layerPaths = await take(image);
  const parts: Uint8Array[] = [];
  const { configBytes, manifest } = outline;
  for await (const part of packImage({
    name: 'localhost/x:y',
    configDigest: manifest.config.digest,
    configBytes,
    layerPaths,
  }))
    parts.push(part);
  const packed = Buffer.concat(parts);
  expect(packed.length % 512).toBe(0);
  expect(decodeTarHead(packed)).toMatchObject({ name: 'manifest.json' });
  expect(packed.includes(configBytes)).toBe(true);
  expect(packed.includes(layer)).toBe(true);
});
