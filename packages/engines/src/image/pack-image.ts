import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { encodeTarHead, tarEnd, tarPadding } from './tar.ts';

export interface PackedImage {
  /** Name that the runtime shall know it by, with a tag. */
  readonly name: string;
  /** SHA-256 of the configuration, in hex. */
  readonly configDigest: string;
  readonly configBytes: Uint8Array;
  /** Unpacked layers, the lowest first. */
  readonly layerPaths: readonly string[];
}

/** The archive that `podman load` and `docker load` of every version read, in parts. */
export async function* packImage(image: PackedImage): AsyncGenerator<Uint8Array> {
  const { name, configDigest, configBytes, layerPaths } = image;
  const layers = layerPaths.map((_, index) => `${index}/layer.tar`);
  const listed = [{ Config: `${configDigest}.json`, RepoTags: [name], Layers: layers }];
  yield* file('manifest.json', Buffer.from(JSON.stringify(listed)));
  yield* file(`${configDigest}.json`, configBytes);
  for (const [index, path] of layerPaths.entries()) {
    const sizeBytes = (await stat(path)).size;
    yield encodeTarHead({ name: layers[index]!, sizeBytes, type: '0' });
    yield* createReadStream(path);
    yield new Uint8Array(tarPadding(sizeBytes));
  }
  yield tarEnd();
}

function* file(name: string, bytes: Uint8Array): Generator<Uint8Array> {
  yield encodeTarHead({ name, sizeBytes: bytes.length, type: '0' });
  yield bytes;
  yield new Uint8Array(tarPadding(bytes.length));
}
