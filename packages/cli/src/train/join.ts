import { accountIdToAddress, bytesToHex } from '@cairn/core';
import type { LoggerOptions, MemberOptions, TrainerProgress } from '@cairn/node';
import type { Command } from 'commander';
import { asList, asObject, asOptional, asText } from '../answer/checks.ts';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { usage } from '../errors.ts';
import { exactCairn, formatBytes } from '../terminal/format.ts';
import { type Output, renderFields, toJson } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';

interface Flags extends CommonFlags {
  readonly port: string;
  readonly p2pListen?: string;
  readonly peer?: string;
  readonly from?: string;
  readonly engine?: string;
  readonly threads?: string;
  readonly python?: string;
  readonly ignoreMemory?: boolean;
  readonly logLevel?: string;
}

/** `cairn train join` */
export function createTrainJoinCommand(cli: Cli): Command {
  return (
    defineCommand({
      name: 'join',
      help: 'Trains in a run, in a process with a folder and keys of its own, until Ctrl-C. Joins through a node of this machine, or through the address of any node.',
      examples: [
        'train join 3f2a --data ./trainer-1',
        'train join 3f2a --data ./trainer-1 --peer /ip4/203.0.113.5/tcp/8471/p2p/12D3…',
      ],
      data: true,
    })
      .argument('[run]', 'its id from train list, or its first digits (default: the only open run)')
      .option('--peer <addresses>', 'nodes of the network, with commas between (default: the node of --from)')
      .option('--from <folder>', 'folder of a node on this machine to join through (default: ~/.cairn)')
      .option(
        '--engine <name>',
        'of a tolerant run: native, exact, torch (torch:cuda, torch:bfloat16) or a provider of ONNX Runtime such as cuda (default: native)',
      )
      .option(
        '--threads <number>',
        'threads to compute with, of a tolerant run; fewer where several trainers share a machine (default: all of it)',
      )
      .option('--python <path>', 'a Python that has PyTorch, for --engine torch (default: python3)')
      .option('--ignore-memory', 'join although the run needs more memory than this machine has free')
      .option('--log-level <level>', 'least level that is logged: error, warn, info or debug', 'warn')
      // The usual port is that of the node beside it.
      .option('--port <number>', 'port of its own status; 0 takes a free one', '0')
      .option(
        '--p2p-listen <host:port>',
        'where other nodes reach it (default: 127.0.0.1:8471, or a free port)',
      )
      .option('--yes', 'put up the bond without asking')
      .action(async (named: string | undefined, flags: Flags) => join(cli, named, flags))
  );
}

async function join(cli: Cli, named: string | undefined, flags: Flags): Promise<void> {
  const { createLogger, startMemberNode } = await import('@cairn/node');
  const { loadConfig } = await import('../settings.ts');
  if (flags.data === undefined)
    throw usage('A trainer has a folder of its own: name it with --data, for example --data ./trainer-1.');
  const output = outputOf(cli, flags);
  const peer = flags.peer ?? (await addressesOfNode(cli, flags.from));
  const { settings } = await loadConfig(cli, {
    ...{ data: flags.data, port: flags.port, peer },
    ...(flags.p2pListen === undefined ? {} : { p2pListen: flags.p2pListen }),
    ...(flags.engine === undefined ? {} : { trainingEngine: flags.engine }),
    ...(flags.threads === undefined ? {} : { trainingThreads: flags.threads }),
    ...(flags.python === undefined ? {} : { python: flags.python }),
    ...(flags.ignoreMemory === true ? { trainingMemory: 'ignore' } : {}),
  });
  const log = createLogger({
    level: flags.logLevel as NonNullable<LoggerOptions['level']>,
    write: (line) => cli.terminal.err.write(`${line}\n`),
  });
  await using member = await startMemberNode({
    ...{ settings, log, role: 'trainer' },
    ...(named === undefined ? {} : { run: named }),
    beforeBond: (run) => ask(cli, flags, run),
    onStep: (step) => {
      if (step.step === 'joined') output.note(`joined ${printable(step.network)}`);
      if (step.step === 'trains') output.note(`has a seat in ${printable(step.name)}`);
    },
    onTraining: tellProgress(cli, output),
  });
  const { role, url, addresses } = member;
  if (output.isJson)
    cli.terminal.out.write(
      `${toJson({ ready: true, url, pid: process.pid, address: role.address, wallet: role.coldkey, note: role.note, addresses })}\n`,
    );
  else
    cli.terminal.out.write(`This machine ${printable(role.note)}. Ctrl-C ends it; what was earned stays.\n`);
  if (!cli.signal.aborted)
    await new Promise<void>((resolve) =>
      cli.signal.addEventListener('abort', () => resolve(), { once: true }),
    );
  output.note('ending …');
}

/** Addresses of the node whose folder this is. @throws CliError `USAGE` when nobody could join through it */
async function addressesOfNode(cli: Cli, from: string | undefined): Promise<string> {
  const { askNode } = await import('../answer/ask-node.ts');
  const { connectNode } = await import('../connect.ts');
  const connection = await connectNode(cli, from === undefined ? {} : { data: from });
  const status = asObject({ addresses: asOptional(asList(asText)) });
  const { addresses = [] } = await askNode(connection, 'node_status', {}, status);
  if (addresses.length > 0) return addresses.join(',');
  throw usage(
    `The node at ${connection.address} has no address that others join through. Start it with a --p2p-listen, or name a node with --peer.`,
  );
}

async function ask(
  cli: Cli,
  flags: Flags,
  run: Parameters<NonNullable<MemberOptions['beforeBond']>>[0],
): Promise<void> {
  const { confirm } = await import('../confirm.ts');
  const { terms } = run;
  await confirm(cli, flags, [
    `Train in ${printable(run.name)}, run ${bytesToHex(run.id).slice(0, 12)}…`,
    ...renderFields([
      ['  bond', `${exactCairn(terms.bond)}, which returns ${terms.vestSlots} slots after you leave`],
      [
        '  lost',
        terms.engine === 'exact'
          ? 'when validators replay a step and find it altered'
          : terms.engineClass.some((byte) => byte !== 0)
            ? 'when validators replay a round and find its change outside the bounds of the run'
            : 'never: this run convicts nobody',
      ],
      ['  a round pays', `${exactCairn(terms.rewardPerRound)} to all trainers, validators and witnesses`],
      ['  pay vests', `${terms.vestSlots} slots after its round`],
      ['  owner of the run', accountIdToAddress(run.owner)],
    ]),
  ]);
}

function tellProgress(cli: Cli, output: Output): (progress: TrainerProgress) => void {
  const { err, out } = cli.terminal;
  return (progress) => {
    if (output.isJson) {
      out.write(`${toJson({ progress })}\n`);
      return;
    }
    const clear = err.isLive ? '\r\x1b[2K' : '';
    switch (progress.kind) {
      case 'step': {
        const { done, steps, loss, ms } = progress.step;
        if (err.isLive)
          err.write(
            `${clear}round ${progress.round}${progress.isAhead ? ' (ahead)' : ''}  step ${done}/${steps}  loss ${loss.toFixed(4)}  ${Math.round(ms)} ms a step`,
          );
        return;
      }
      case 'committed':
        out.write(
          `${clear}round ${progress.round}: ${progress.steps} steps, loss ${progress.meanLoss.toFixed(4)}, update of ${formatBytes(progress.sizeBytes)}\n`,
        );
        return;
      case 'witnessed':
        out.write(`${clear}round ${progress.round}: ${progress.found} of ${progress.of} updates are here\n`);
    }
  };
}
