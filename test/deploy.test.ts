import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { COMETBFT_PACKAGE } from '@cairn/chain';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../packages/cli/test/run.ts';
import { readJson, readText, root } from './repository.ts';

const UNIT = 'docs/guide/deploy/cairn.service';
const COMPOSE = 'docs/guide/deploy/compose.yaml';
const DOCKERFILE = 'docs/guide/deploy/Dockerfile';

/** Tools that are asked where they are there. What their files start and need is checked without them. */
const SYSTEMD = 'systemd-analyze';
const hasSystemd = spawnSync(SYSTEMD, ['--version']).status === 0;
const hasCompose = spawnSync('docker', ['compose', 'version']).status === 0;

/** Values of a unit file, by section and name. */
function unitOf(text: string): Map<string, string> {
  const values = new Map<string, string>();
  let section = '';
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const named = /^\[(\w+)\]$/.exec(line)?.[1];
    const [, name, value] = /^(\w+)=(.+)$/.exec(line) ?? [];
    if (named !== undefined) section = named;
    else if (name === undefined || section === '') throw new Error(`${line} is no line of a unit file`);
    else values.set(`${section}.${name}`, value!);
  }
  return values;
}

/** Values of a YAML file of mappings with plain values, by path. Anything else is an error. */
function composeOf(text: string): Map<string, string> {
  const values = new Map<string, string>();
  const path: string[] = [];
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, indent, name, value] = /^((?: {2})*)([a-z_]+):(?: (.+))?$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`${line} is no line of a mapping`);
    path.length = indent!.length / 2;
    path.push(name);
    if (value !== undefined) values.set(path.join('.'), value);
  }
  return values;
}

/** Every word of the command is one, and every option is one of it. */
async function expectCommand(line: string): Promise<void> {
  const words = line.split(' ');
  const verbs = words.slice(
    0,
    words.findIndex((word) => word.startsWith('-')),
  );
  const help = await run([...verbs, '--help']);
  expect([line, help.exitCode]).toEqual([line, 0]);
  expect(help.out).toContain(`Usage: cairn ${verbs.join(' ')} `);
  for (const option of words.filter((word) => word.startsWith('--')))
    expect(help.out, `${option} of ${line}`).toMatch(new RegExp(`^ +${option}(?: |$)`, 'm'));
}

describe('what keeps a node running', () => {
  it('has commands and options that there are', async () => {
    const unit = unitOf(readText(UNIT));
    const start = unit.get('Service.ExecStart')!;
    expect(start.startsWith('/opt/cairn/cairn ')).toBe(true);
    await expectCommand(start.slice('/opt/cairn/cairn '.length));
    expect(start).toContain(`--data /var/lib/${unit.get('Service.StateDirectory')}`);
    expect(unit.get('Service.Restart')).toBe('always');

    const compose = composeOf(readText(COMPOSE));
    await expectCommand(compose.get('services.node.command')!);
    expect(compose.get('services.node.init')).toBe('true');
    const volume = /^\['(\w+):\/data'\]$/.exec(compose.get('services.node.volumes')!)?.[1];
    expect(compose.get(`volumes.${volume}`)).toBe('{}');
    expect(compose.get('services.node.build.dockerfile')).toBe(DOCKERFILE);
    const guide = readText('docs/guide/many-machines.md');
    const asked = [
      ...guide.matchAll(/^docker compose -f (\S+) (?:run --rm node|exec node \/opt\/cairn\/cairn) (.+)$/gm),
    ];
    expect(asked).toHaveLength(2);
    for (const [, file, words] of asked) {
      expect(file).toBe(COMPOSE);
      await expectCommand(words!);
    }
  });

  it('has the versions that a node needs', () => {
    const dockerfile = readText(DOCKERFILE);
    expect(dockerfile).toContain(`RUN go install ${COMETBFT_PACKAGE}\n`);
    const { engines } = readJson<{ engines: { node: string } }>('package.json');
    const [, major] = /^FROM node:(\d+)$/m.exec(dockerfile)!;
    expect(engines.node).toMatch(new RegExp(`^>=${major}\\.`));
    // The set-up writes beside the source, so whoever owns that runs it.
    expect(dockerfile.indexOf('RUN /opt/cairn/cairn')).toBeLessThan(dockerfile.indexOf('USER node'));
    expect(dockerfile).toContain('ENTRYPOINT ["/opt/cairn/cairn"]');
  });

  if (hasSystemd)
    it('is a unit to systemd', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'cairn-unit-'));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const path = join(folder, 'cairn.service');
      // It also looks for the program.
      await writeFile(path, readText(UNIT).replace('/opt/cairn/cairn', join(root, 'cairn')));
      const { stdout, stderr } = await promisify(execFile)(SYSTEMD, ['verify', '--man=no', path]);
      expect(`${stdout}${stderr}`).not.toContain(path);
    });

  if (hasCompose)
    it('is a composition to Docker', async () => {
      const words = ['compose', '-f', join(root, COMPOSE), 'config'];
      expect((await promisify(execFile)('docker', words)).stdout).toContain('/data');
    });
});
