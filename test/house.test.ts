import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  importsOf,
  listFiles,
  listRooms,
  readJson,
  readText,
  relativeImportsOf,
  root,
} from './repository.ts';

/**
 * Which room may import which: arrows go down only. A change here is a decision, and wants a page in
 * docs/decisions. Rooms that are not cut yet are in the table and absent from the house.
 */
const mayImport: Record<string, readonly string[]> = {
  core: [],
  ledger: ['core'],
  protocol: ['core', 'ledger'],
  chain: ['core', 'ledger', 'protocol'],
  index: ['core', 'ledger', 'protocol'],
  network: ['core', 'protocol'],
  engines: ['core', 'protocol'],
  mechanisms: ['core', 'protocol'],
  training: ['core', 'protocol'],
  device: ['core', 'protocol'],
  sdk: ['core', 'ledger', 'protocol'],
  gateway: ['core', 'ledger', 'protocol', 'sdk'],
  node: [
    ...['core', 'ledger', 'protocol'],
    ...['gateway', 'sdk', 'chain', 'index', 'network', 'engines', 'mechanisms', 'training', 'device'],
  ],
  proving: [
    ...['core', 'ledger', 'protocol'],
    ...['gateway', 'sdk', 'chain', 'index', 'network', 'engines', 'mechanisms', 'training', 'device'],
  ],
  cli: ['core', 'protocol', 'sdk', 'node', 'proving', 'web'],
  web: ['core', 'ledger', 'protocol', 'sdk', 'device', 'engines', 'training', 'network'],
};

interface Manifest {
  name: string;
  version: string;
  private?: boolean;
  type?: string;
  license?: string;
  engines?: { node?: string };
  exports?: Record<string, unknown>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

const ground = ['core', 'ledger', 'protocol'];
const house = readJson<Manifest>('package.json');
const rooms = listRooms();
const sources = listFiles('packages/*/src/**/*.ts');

function manifestOf(room: string): Manifest {
  return readJson<Manifest>(`packages/${room}/package.json`);
}

function roomsIn(dependencies: Record<string, string> | undefined): string[] {
  return Object.keys(dependencies ?? {})
    .filter((name) => name.startsWith('@cairn/'))
    .map((name) => name.slice('@cairn/'.length))
    .sort();
}

function allDependencies(manifest: Manifest): Record<string, string> {
  const { dependencies, devDependencies, optionalDependencies, peerDependencies } = manifest;
  return { ...dependencies, ...devDependencies, ...optionalDependencies, ...peerDependencies };
}

/** A room's front doors: the one that opens everywhere, and that for Node where there is one. */
function doorsOf(room: string): string[] {
  return Object.keys(manifestOf(room).exports ?? {});
}

describe('the table of rooms', () => {
  it('names every room of the house', () => {
    expect(Object.keys(mayImport)).toEqual(expect.arrayContaining(rooms));
  });

  it('has no room that reaches itself through others', () => {
    const reaches = (room: string, seen: readonly string[] = []): string[] =>
      (mayImport[room] ?? []).flatMap((next) =>
        seen.includes(next) ? [next] : [next, ...reaches(next, [...seen, next])],
      );
    for (const room of Object.keys(mayImport)) expect(reaches(room), room).not.toContain(room);
  });

  it('is built whole by the compiler', () => {
    const { references } = readJson<{ references: { path: string }[] }>('tsconfig.json');
    expect(references.map(({ path }) => path).sort()).toEqual(rooms.map((room) => `packages/${room}`));
  });
});

describe.each(rooms)('room %s', (room) => {
  const manifest = manifestOf(room);
  const dependencies = roomsIn(allDependencies(manifest));

  it('depends only on rooms below it', () => {
    expect(mayImport[room]).toEqual(expect.arrayContaining(dependencies));
  });

  it('tells the compiler the same as npm', () => {
    const { references = [] } = readJson<{ references?: { path: string }[] }>(
      `packages/${room}/tsconfig.json`,
    );
    expect(references.map(({ path }) => path.replace(/^\.\.\//, '')).sort()).toEqual(dependencies);
  });

  it('is private, of one version with the house, and runs from source', () => {
    expect(manifest).toMatchObject({
      name: `@cairn/${room}`,
      version: house.version,
      private: true,
      type: 'module',
      license: 'Apache-2.0',
      engines: { node: house.engines?.node },
      exports: {
        '.': { source: './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
      },
    });
  });

  it('pins every dependency to one version', () => {
    for (const [name, version] of Object.entries(allDependencies(manifest))) {
      expect(version, name).toMatch(
        name.startsWith('@cairn/') ? new RegExp(`^${house.version}$`) : /^\d+\.\d+\.\d+$/,
      );
    }
  });

  it('has a front door that says what the room is', () => {
    expect(existsSync(join(root, `packages/${room}/src/index.ts`))).toBe(true);
    expect(readText(`packages/${room}/src/index.ts`)).toMatch(/^\/\*\*/);
  });

  it('imports only rooms it depends on, and only through their front doors', () => {
    for (const file of listFiles(`packages/${room}/**/*.ts`)) {
      for (const { room: imported, beyond } of importsOf(readText(file))) {
        expect([...dependencies, room], `${file} imports @cairn/${imported}`).toContain(imported);
        expect(doorsOf(imported), `${file} imports @cairn/${imported}${beyond}`).toContain(`.${beyond}`);
      }
    }
  });

  it('reads no file of another room, but for the compliance suites that its tests run', () => {
    for (const file of listFiles(`packages/${room}/**/*.ts`)) {
      for (const target of relativeImportsOf(file)) {
        if (target.startsWith(`packages/${room}/`)) continue;
        const suite = /^packages\/([a-z]+)\/test\/.*compliance.*\.ts$/.exec(target)?.[1];
        expect(suite, `${file} imports ${target}`).toBeDefined();
        expect(file, `${file} imports ${target}`).toMatch(/^packages\/[a-z]+\/test\//);
        expect(dependencies, `${file} imports ${target}`).toContain(suite);
      }
    }
  });
});

describe.each(ground)('ground floor room %s', (room) => {
  it('is compiled without the types of Node', () => {
    const { extends: base } = readJson<{ extends: string }>(`packages/${room}/tsconfig.json`);
    expect(base).toBe('../../tsconfig.ground.json');
  });
});

describe('source files', () => {
  it('stay under 300 lines', () => {
    const long = sources.filter((file) => readText(file).split('\n').length > 300);
    expect(long).toEqual([]);
  });

  it.each([
    ['export *', /^export \* /m],
    ['enum', /^(export )?(const |declare )*enum /m],
    ['namespace', /^(export )?(declare )?namespace /m],
    ['default export', /^export default /m],
    ['process.exit', /\bprocess\.exit\(/],
  ])('have no %s', (_, pattern) => {
    expect(sources.filter((file) => pattern.test(readText(file)))).toEqual([]);
  });

  it('are not replaced by mocks in tests', () => {
    const tests = listFiles('packages/*/test/**/*.ts', 'test/**/*.ts');
    expect(tests.filter((file) => /\bvi\.(mock|doMock)\(/.test(readText(file)))).toEqual([]);
  });
});

describe('the lock file', () => {
  const { packages } = readJson<{
    packages: Record<string, { version?: string; resolved?: string; cpu?: string[] }>;
  }>('package-lock.json');

  it('leaves the GPU builds of llama.cpp out (npm run relock takes them out again)', () => {
    const heavy = Object.keys(packages).filter((path) => /node-llama-cpp\/.*(cuda|vulkan|armv7l)/.test(path));
    expect(heavy).toEqual([]);
    expect(packages['node_modules/@node-llama-cpp/linux-arm64']?.cpu).toEqual(['arm64']);
  });

  it('names no place to download from', () => {
    const places = Object.values(packages).flatMap(({ resolved }) =>
      resolved?.includes(':') ? [resolved] : [],
    );
    expect(places).toEqual([]);
  });

  it('holds one version of each tool of the house', () => {
    for (const [name, version] of Object.entries(house.devDependencies ?? {})) {
      expect(packages[`node_modules/${name}`]?.version, name).toBe(version);
    }
  });
});
