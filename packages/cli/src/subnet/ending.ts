import type { Command } from 'commander';
import type { Notice } from '../answer/subnets.ts';
import type { Cli } from '../cli.ts';
import type { Connection } from '../connect.ts';
import { CliError } from '../errors.ts';
import { defineSending, type SendingFlags } from '../sending.ts';
import { NETUID_WORD } from '../words.ts';
import { parseNetuid } from './netuid.ts';

/** `cairn subnet dissolve` */
export function createSubnetDissolveCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'dissolve',
    help: 'Announces that a subnet of yours ends after a notice. The CAIRN of its pool is then for all who hold its token.',
    examples: ['subnet dissolve 2 --wallet owner --dry-run', 'subnet dissolve 2 --wallet savings'],
    words: [NETUID_WORD],
    async build({ connection, words: [given = ''] }) {
      const netuid = parseNetuid(given);
      const { fetchParameters } = await import('@cairn/sdk');
      const { fetchMarket } = await import('../answer/market.ts');
      const { fetchSubnet } = await import('../answer/subnets.ts');
      const { exactCairn, exactTokens, formatCount } = await import('../terminal/format.ts');
      const { PEBBLES_PER_CAIRN, mulDiv } = await import('@cairn/core');
      const [{ name, slot, neuronCount }, market, notice, parameters] = await Promise.all([
        fetchSubnet(connection, netuid),
        fetchMarket(connection, netuid),
        findNotice(connection, netuid),
        fetchParameters(connection.ledger),
      ]);
      if (notice !== undefined) {
        const { endSlot, challenge } = notice;
        const why = challenge === null ? 'its owner announced it' : 'another wants its place';
        throw new CliError(
          { code: 'SUBNET_CHALLENGED', netuid, endSlot },
          `Subnet ${netuid} ends at slot ${endSlot} already: ${why}.`,
        );
      }
      const endSlot = BigInt(slot) + parameters.dissolutionNoticeSlots;
      const { outstanding, cairnReserve } = market;
      const each = outstanding === 0n ? 0n : mulDiv(cairnReserve, PEBBLES_PER_CAIRN, outstanding);
      return {
        message: 'subnets.dissolve',
        value: { netuid },
        what: `End subnet ${netuid} (${name})`,
        amount: 0n,
        deposit: 0n,
        details: [
          [
            'ends',
            `about slot ${formatCount(endSlot)}, in ${formatCount(parameters.dissolutionNoticeSlots)} slots; until then subnet cancel-dissolve takes it back`,
          ],
          ['until then', 'nobody registers or buys its token; everybody can sell'],
          ['neurons', `${formatCount(neuronCount)} lose their place`],
          [
            'holders',
            outstanding === 0n
              ? `nobody holds its token: the ${exactCairn(cairnReserve)} of its pool are recycled`
              : `${exactTokens(outstanding)} share ${exactCairn(cairnReserve)}: now ${exactCairn(each)} for one, whose price is ${exactCairn(market.price)}`,
          ],
        ],
        plan: { netuid, endSlot, pot: cairnReserve, outstanding },
      };
    },
  });
}

/** `cairn subnet cancel-dissolve` */
export function createSubnetCancelDissolveCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'cancel-dissolve',
    help: 'Takes back the announcement that a subnet of yours ends. A challenge is not cancelled but matched.',
    examples: ['subnet cancel-dissolve 2 --wallet owner'],
    words: [NETUID_WORD],
    async build({ connection, words: [given = ''] }) {
      const netuid = parseNetuid(given);
      const { fetchSubnet } = await import('../answer/subnets.ts');
      const [{ name }, notice] = await Promise.all([
        fetchSubnet(connection, netuid),
        findNotice(connection, netuid),
      ]);
      if (notice === undefined) throw unannounced(netuid, 'Nobody announced that it ends.');
      const { endSlot, challenge } = notice;
      if (challenge !== null) {
        throw new CliError(
          { code: 'SUBNET_CHALLENGED', netuid, endSlot },
          `Another wants the place of subnet ${netuid}. Keep it with ./cairn subnet match ${netuid}.`,
        );
      }
      return {
        message: 'subnets.cancelDissolve',
        value: { netuid },
        what: `Let subnet ${netuid} (${name}) go on`,
        amount: 0n,
        deposit: 0n,
        details: [
          ['was to end', `at slot ${endSlot}`],
          ['then', 'its token can be bought and its places again, at once'],
        ],
        plan: { netuid, endSlot },
      };
    },
  });
}

/** `cairn subnet match` */
export function createSubnetMatchCommand(cli: Cli): Command {
  return defineSending<SendingFlags & { readonly limit?: string }>(cli, {
    name: 'match',
    help: 'Keeps a challenged subnet: puts as much into its pool as the challenger would lock, and gets nothing for it.',
    examples: ['subnet match 3 --wallet savings --dry-run', 'subnet match 3 --limit 1200 --wallet savings'],
    words: [NETUID_WORD],
    options: [['--limit <cairn>', 'most CAIRN to pay (default: what the challenger locked)']],
    async build({ connection, words: [given = ''], flags }) {
      const { parseAmount } = await import('@cairn/core');
      const netuid = parseNetuid(given);
      const limit = flags.limit === undefined ? null : parseAmount(flags.limit);
      const { fetchMarket } = await import('../answer/market.ts');
      const { exactCairn } = await import('../terminal/format.ts');
      const [market, notice] = await Promise.all([
        fetchMarket(connection, netuid),
        findNotice(connection, netuid),
      ]);
      const challenge = notice?.challenge ?? null;
      if (notice === undefined || challenge === null) throw unannounced(netuid, 'Nobody wants its place.');
      const { amount, challenger, name } = challenge;
      return {
        message: 'subnets.match',
        value: { netuid, limit: limit ?? amount },
        what: `Keep subnet ${netuid} (${market.name})`,
        amount,
        details: [
          ['challenger', `${challenger}, for a subnet ${name}; gets everything back`],
          ['ends else', `at slot ${notice.endSlot}`],
          ['at most', exactCairn(limit ?? amount)],
          [
            'pool',
            `from ${exactCairn(market.cairnReserve)} to ${exactCairn(market.cairnReserve + amount)}; its price stays ${exactCairn(market.price)}`,
          ],
          ['for it', 'nothing: it is a gift to who holds the token, and does not come back'],
        ],
        plan: { netuid, challenger, limit: limit ?? amount, endSlot: notice.endSlot },
      };
    },
  });
}

async function findNotice(connection: Connection, netuid: number): Promise<Notice | undefined> {
  const { fetchNotices } = await import('../answer/subnets.ts');
  return (await fetchNotices(connection)).find((notice) => notice.netuid === netuid);
}

function unannounced(netuid: number, why: string): CliError {
  return new CliError(
    { code: 'SUBNET_UNANNOUNCED', netuid },
    `Subnet ${netuid} goes on. ${why} See ./cairn subnet notices.`,
  );
}
