import type { Command } from 'commander';
import { askNode } from '../answer/ask-node.ts';
import { asAmount, asCount, asHex, asList, asNullable, asObject, asText } from '../answer/checks.ts';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, defineNoun, outputOf } from '../command.ts';
import { CliError } from '../errors.ts';
import { exactCairn, shorten } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable, printableText } from '../terminal/printable.ts';

const asLease = asObject({
  lease: asHex,
  provider: asText,
  perSlot: asAmount,
  funds: asAmount,
  reclaimSlot: asAmount,
});
const asInstances = asObject({
  busy: asCount,
  ready: asCount,
  starting: asCount,
  queued: asCount,
  coldStarts: asCount,
  calls: asCount,
});
const asRow = asObject({
  deployment: asHex,
  name: asText,
  kind: asText,
  owner: asText,
  code: asHex,
  minInstances: asCount,
  maxInstances: asCount,
  leases: asList(asLease),
});
const asListed = asObject({
  deployment: asHex,
  name: asText,
  kind: asText,
  owner: asText,
  code: asHex,
  minInstances: asCount,
  maxInstances: asCount,
  leases: asList(asLease),
  instances: asNullable(asInstances),
});
type Listed = ReturnType<typeof asListed>;

/** `cairn deployment` */
export function createDeploymentNoun(cli: Cli): Command {
  return defineNoun('deployment', 'Deployed functions: list, show, logs, stop.', [
    createList(cli),
    createShow(cli),
    createLogs(cli),
    createStop(cli),
  ]);
}

async function listed(cli: Cli, flags: CommonFlags): Promise<Listed[]> {
  const { connectNode } = await import('../connect.ts');
  return askNode(await connectNode(cli, flags), 'node_deployments', {}, asList(asListed));
}

const plain = (row: Listed) => ({
  ...row,
  leases: row.leases.map(({ perSlot, funds, reclaimSlot, ...rest }) => ({
    ...rest,
    perSlot: perSlot.toString(),
    funds: funds.toString(),
    reclaimSlot: reclaimSlot.toString(),
  })),
});

function createList(cli: Cli): Command {
  return defineCommand({
    name: 'list',
    help: 'Lists deployments with their leases and instances.',
    examples: ['deployment list', 'deployment list --json'],
    node: true,
  }).action(async (flags: CommonFlags) => {
    const rows = await listed(cli, flags);
    outputOf(cli, flags).result({ deployments: rows.map(plain) }, () =>
      rows.length === 0
        ? ['Nothing is deployed. See ./cairn deploy --help.']
        : rows.map(
            ({ name, kind, leases, instances, deployment }) =>
              `${printable(name)}  ${printable(kind)}  ${shorten(deployment)}  leases ${leases.length}  ${describe(instances)}`,
          ),
    );
  });
}

const describe = (instances: Listed['instances']): string =>
  instances === null
    ? 'not in this node'
    : `instances ${instances.busy + instances.ready} (${instances.busy} busy)  waiting ${instances.queued}  calls ${instances.calls}  cold starts ${instances.coldStarts}`;

function createShow(cli: Cli): Command {
  return defineCommand({
    name: 'show',
    help: 'Shows one deployment: its code, bounds, leases and instances.',
    examples: ['deployment show word-count'],
    node: true,
  })
    .argument('<name>', 'name or hex id of the deployment')
    .action(async (name: string, flags: CommonFlags) => {
      const rows = await listed(cli, flags);
      const row = rows.find((one) => one.deployment === name) ?? rows.find((one) => one.name === name);
      if (row === undefined) {
        throw new CliError(
          { code: 'NOT_FOUND', what: 'a deployment' },
          `There is no deployment ${printable(name)}. See ./cairn deployment list.`,
        );
      }
      outputOf(cli, flags).result(plain(row), () =>
        renderFields([
          ['name', printable(row.name)],
          ['deployment', row.deployment],
          ['kind', printable(row.kind)],
          ['code', row.code],
          ['owner', printable(row.owner)],
          ['instances', `${row.minInstances} to ${row.maxInstances}; ${describe(row.instances)}`],
          ...row.leases.map(({ lease, perSlot, funds, provider, reclaimSlot }): [string, string] => [
            'lease',
            `${lease} at ${shorten(provider)}, ${exactCairn(perSlot)} a slot, ${exactCairn(funds)} left${reclaimSlot > 0n ? `, ends at slot ${reclaimSlot}` : ''}`,
          ]),
        ]),
      );
    });
}

function createLogs(cli: Cli): Command {
  return defineCommand({
    name: 'logs',
    help: 'Shows what a function that runs in this node printed lately.',
    examples: ['deployment logs word-count'],
    node: true,
  })
    .argument('<name>', 'name or hex id of the deployment')
    .action(async (name: string, flags: CommonFlags) => {
      const { connectNode } = await import('../connect.ts');
      const connection = await connectNode(cli, flags);
      const logs = await askNode(connection, 'node_deploymentLogs', { name }, asList(asText));
      outputOf(cli, flags).result({ name, logs }, () => logs.map((entry) => printableText(entry.trimEnd())));
    });
}

function createStop(cli: Cli): Command {
  return defineCommand({
    name: 'stop',
    help: 'Closes the leases of a deployment and retires it; what is left of the funds returns.',
    examples: ['deployment stop word-count --yes'],
    node: true,
    spends: true,
  })
    .argument('<name>', 'name or hex id of the deployment')
    .action(async (name: string, flags: CommonFlags) => {
      const { connectNode } = await import('../connect.ts');
      const { confirm } = await import('../confirm.ts');
      const output = outputOf(cli, flags);
      const lines = [`Stop ${printable(name)}: its leases end at once, and nobody can call it any more.`];
      if (flags.dryRun === true) {
        output.result({ name, stopped: false }, () => [...lines, 'Nothing was done: this was a dry run.']);
        return;
      }
      const connection = await connectNode(cli, flags);
      await confirm(cli, flags, lines);
      const { deployment, leases } = await askNode(connection, 'node_stopDeployment', { name }, asRow);
      output.result({ name, stopped: true, deployment, leases: leases.length }, () => [
        `Stopped ${printable(name)}: ${leases.length} leases closed.`,
      ]);
    });
}
