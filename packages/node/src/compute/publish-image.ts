import { hexToBytes } from '@cairn/core';
import {
  createRegistrySource,
  type Descriptor,
  imageArchitecture,
  imageRefused,
  nameRepository,
  openImageArchive,
  outlineImage,
  parseRepository,
} from '@cairn/engines';
import { MAX_BLOB_BYTES } from '@cairn/protocol';

/** An image whose parts were published, or lie in a registry. */
export interface ImageReference {
  /** SHA-256 of its manifest. */
  readonly digest: Uint8Array;
  readonly sizeBytes: number;
  /** Repository with the host of its registry; null: this node serves its parts. */
  readonly repository: string | null;
}

/** Largest image that is published or ordered, in bytes; providers have bounds of their own. */
const MAX_IMAGE_BYTES = 64 * 1024 ** 3;

/**
 * Publishes every part of an image in an OCI archive, so that providers fetch them from this node by their hashes.
 *
 * @param path of a file on the machine of this node.
 * @throws EngineError `IMAGE_REFUSED` for what is no image for a machine like this one, or has a part too large to send
 */
export async function publishImageArchive(
  path: string,
  publish: (part: Uint8Array) => Promise<unknown>,
): Promise<ImageReference> {
  const architecture = imageArchitecture(process.arch);
  await using archive = await openImageArchive(path, architecture);
  const { digest, parts } = archive;
  const { sizeBytes } = await outlineImage(archive, digest, architecture, { maxBytes: MAX_IMAGE_BYTES });
  const large = parts.find((part) => part.sizeBytes > MAX_BLOB_BYTES);
  if (large !== undefined) {
    throw imageRefused(
      `layer ${large.digest} has ${large.sizeBytes} bytes, above the ${MAX_BLOB_BYTES} that peers send each other; push the image to a registry and deploy it by its digest`,
    );
  }
  for (const part of parts) await publish(await readPart(archive, part));
  return { digest: hexToBytes(digest), sizeBytes, repository: null };
}

async function readPart(
  source: Pick<Awaited<ReturnType<typeof openImageArchive>>, 'read'>,
  { digest }: Descriptor,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of await source.read('blob', digest)) pieces.push(piece);
  return Uint8Array.from(Buffer.concat(pieces));
}

/**
 * Looks an image up in its registry, so that what cannot run is not ordered.
 *
 * @param digest SHA-256 of its manifest in hex.
 * @throws EngineError `IMAGE_REFUSED`, `DOWNLOAD_UNREACHABLE`, `DOWNLOAD_REFUSED`
 */
export async function findImageInRegistry(name: string, digest: string): Promise<ImageReference> {
  const repository = nameRepository(name);
  const parsed = parseRepository(repository);
  if (parsed === null) throw imageRefused(`${name.slice(0, 200)} is no name of a repository`);
  // The owner of this node chose the registry.
  const source = createRegistrySource(parsed, { allowed: [parsed.host] });
  const { sizeBytes } = await outlineImage(source, digest, imageArchitecture(process.arch), {
    maxBytes: MAX_IMAGE_BYTES,
  });
  return { digest: hexToBytes(digest), sizeBytes, repository };
}
