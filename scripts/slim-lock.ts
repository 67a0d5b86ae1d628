/**
 * Takes optional binaries out of package-lock.json by name, so that `npm ci` never fetches or misses them: the CUDA
 * and Vulkan builds of llama.cpp, builds for another processor that npm would accept here, and the builds of QUIC
 * that could not be had when the lock file was made. Run it after every change of a dependency (`npm run relock`).
 * Why not `overrides`: docs/decisions/0002. Why QUIC: docs/decisions/0039.
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface Entry {
  cpu?: string[];
  optionalDependencies?: Record<string, string>;
}

const leftOut =
  /^@node-llama-cpp\/(.*-(cuda|cuda-ext|vulkan)|linux-armv7l)$|^@chainsafe\/libp2p-quic-(?!linux-x64-gnu$)/;

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> };
for (const [path, entry] of Object.entries(lock.packages)) {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  if (leftOut.test(name)) delete lock.packages[path];
  for (const dependency of Object.keys(entry.optionalDependencies ?? {})) {
    if (leftOut.test(dependency)) delete entry.optionalDependencies?.[dependency];
  }
  if (name === '@node-llama-cpp/linux-arm64') entry.cpu = ['arm64'];
}
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
