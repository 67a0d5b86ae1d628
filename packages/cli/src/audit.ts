import type { Command } from 'commander';
import { askNode } from './answer/ask-node.ts';
import {
  asAnything,
  asBool,
  asCount,
  asIs,
  asList,
  asNullable,
  asObject,
  asOptional,
  asText,
  asU16,
} from './answer/checks.ts';
import type { Cli } from './cli.ts';
import { type CommonFlags, defineCommand, outputOf } from './command.ts';
import { CommandFailed } from './command-failed.ts';
import type { Connection } from './connect.ts';
import { parseMechanism, parseNetuid, parseUid } from './subnet/netuid.ts';
import { formatCount } from './terminal/format.ts';
import { renderFields } from './terminal/output.ts';
import { printable } from './terminal/printable.ts';

interface Flags extends CommonFlags {
  readonly netuid: string;
  readonly uid?: string;
  readonly mechanism: string;
}

/** What the node answers: the findings, and how much was derived again. */
interface AuditAnswer {
  readonly ok: boolean;
  readonly findings: readonly {
    readonly code: string;
    readonly message: string;
    readonly uid?: number;
    readonly taskIndex?: number;
  }[];
  readonly unverified: readonly string[];
  readonly tasks: number;
  readonly receipts: number;
  readonly derived: { readonly scores: readonly unknown[] } | null;
}

const asAuditAnswer = asIs<AuditAnswer>(
  asObject({
    ok: asBool,
    findings: asList(asObject({ code: asText, message: asText })),
    unverified: asList(asText),
    tasks: asCount,
    receipts: asCount,
    derived: asNullable(asObject({ scores: asList(asAnything) })),
  }),
);

/** `cairn audit` */
export function createAuditCommand(cli: Cli): Command {
  return defineCommand({
    name: 'audit',
    help: "Derives a validator's latest scores and weights again from its evidence, and compares.",
    examples: ['audit', 'audit --netuid 1 --uid 0 --json'],
    node: true,
  })
    .option('--netuid <number>', 'the subnet', '1')
    .option('--uid <number>', 'the validator (default: every validator of the subnet)')
    .option('--mechanism <number>', 'its scoring mechanism', '0')
    .action(async (flags: Flags) => {
      const mechanism = parseMechanism(flags.mechanism);
      const netuid = parseNetuid(flags.netuid);
      const only = flags.uid === undefined ? undefined : parseUid(flags.uid);
      const { connectNode } = await import('./connect.ts');
      const { CliError } = await import('./errors.ts');
      const connection = await connectNode(cli, flags);
      const uids = only === undefined ? await findValidators(connection, netuid, mechanism) : [only];
      if (uids.length === 0) {
        throw new CliError(
          { code: 'NOT_FOUND', what: `weights on subnet ${netuid}` },
          `Nobody has set weights on subnet ${netuid} yet. An epoch or two later somebody will have.`,
        );
      }
      const audits: { uid: number; report: AuditAnswer }[] = [];
      for (const uid of uids) {
        audits.push({
          uid,
          report: await askNode(connection, 'node_audit', { netuid, uid, mechanism }, asAuditAnswer),
        });
      }
      const ok = audits.every(({ report }) => report.ok);
      outputOf(cli, flags).result({ ok, netuid, audits }, () =>
        audits.flatMap(({ uid, report }, index) => [
          ...(index === 0 ? [] : ['']),
          ...renderAudit(netuid, uid, report),
        ]),
      );
      if (!ok) throw new CommandFailed();
    });
}

const asWeighed = asNullable(
  asObject({
    neurons: asList(
      asObject({
        uid: asU16,
        weights: asNullable(asAnything),
        mechanisms: asOptional(asList(asObject({ weights: asNullable(asAnything) }))),
      }),
    ),
  }),
);

/** Uids whose weights in a mechanism are on the ledger. */
async function findValidators(connection: Connection, netuid: number, mechanism: number): Promise<number[]> {
  const metagraph = await askNode(connection, 'subnets_metagraph', { netuid, weights: true }, asWeighed);
  const neurons = metagraph?.neurons ?? [];
  return neurons
    .filter(
      ({ weights, mechanisms }) =>
        (mechanism === 0 ? weights : (mechanisms?.[mechanism]?.weights ?? null)) !== null,
    )
    .map(({ uid }) => uid);
}

function renderAudit(netuid: number, uid: number, report: AuditAnswer): string[] {
  return [
    ...renderFields([
      ['validator', `uid ${uid} on subnet ${netuid}`],
      [
        'verdict',
        report.ok
          ? 'what it claims can be derived from its evidence'
          : 'its claims do not follow from its evidence',
      ],
      [
        're-derived',
        `${formatCount(report.derived?.scores.length ?? 0)} scores from ${formatCount(report.tasks)} tasks`,
      ],
      ['receipts', `${formatCount(report.receipts)} checked`],
      ['not checked', printable(report.unverified.join(', ')) || 'nothing'],
    ]),
    ...report.findings.map(({ code, message, uid: miner, taskIndex }) =>
      printable(
        [
          code,
          miner === undefined ? '' : `uid ${miner}`,
          taskIndex === undefined ? '' : `task ${taskIndex}`,
          message,
        ]
          .filter((part) => part !== '')
          .join('  '),
      ),
    ),
  ];
}
