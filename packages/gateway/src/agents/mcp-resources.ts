import { formatAmount } from '@cairn/core';
import { type McpServer, ResourceTemplate } from '@modelcontextprotocol/server';
import { describeListed, describeReceipt } from '../api/describe.ts';
import type { EndpointContext } from '../endpoints/endpoint.ts';
import { GatewayError } from '../errors.ts';

const JSON_TYPE = { mimeType: 'application/json' };

/** Puts what can be read on a server: models, the caller's receipts and its usage. */
export function registerResources(
  server: McpServer,
  context: EndpointContext,
  { caller, onRead }: { readonly caller: string; readonly onRead: (uri: string) => void },
): void {
  const usage = () => context.completions.meter.usage(caller);
  const tell = (uri: URL, value: unknown) => {
    onRead(uri.href);
    return { contents: [{ uri: uri.href, ...JSON_TYPE, text: JSON.stringify(value) }] };
  };
  server.registerResource(
    'models',
    'cairn://models',
    { title: 'Models on sale', description: 'As /v1/models lists them.', ...JSON_TYPE },
    async (uri) => {
      const listed = await context.listed();
      return tell(uri, { data: await Promise.all(listed.map((each) => describeListed(context, each))) });
    },
  );
  server.registerResource(
    'receipts',
    'cairn://receipts',
    { title: 'Your receipts', description: 'Answers you bought lately, the newest first.', ...JSON_TYPE },
    (uri) =>
      tell(uri, {
        data: context.completions.meter.book
          .receipts({ caller }, 100)
          .map(({ receipt, cost }) => ({ id: receipt, cost: formatAmount(cost) })),
      }),
  );
  server.registerResource(
    'receipt',
    new ResourceTemplate('cairn://receipts/{id}', { list: undefined }),
    { title: 'A receipt', description: 'A receipt that a provider signed.', ...JSON_TYPE },
    (uri, { id }) => {
      const found = typeof id === 'string' && /^[0-9a-f]{64}$/.test(id) ? context.receipt(id) : null;
      if (found === null) {
        throw new GatewayError(
          { code: 'receipt_not_found' },
          `This gateway has no receipt ${String(id).slice(0, 64)}.`,
        );
      }
      return tell(uri, describeReceipt(String(id), found));
    },
  );
  server.registerResource(
    'usage',
    'cairn://usage',
    { title: 'Your usage', description: 'What you spent in the last day.', ...JSON_TYPE },
    (uri) => {
      const { spent, held, answers } = usage();
      return tell(uri, {
        unit: 'CAIRN',
        spent: formatAmount(spent),
        held: formatAmount(held),
        answers,
      });
    },
  );
}
