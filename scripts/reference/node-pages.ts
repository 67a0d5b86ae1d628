import { environmentName } from '../../packages/node/src/config/environment.ts';
import {
  SECRET_SETTINGS,
  SETTING_NAMES,
  SETTINGS,
  type SettingDefinition,
} from '../../packages/node/src/config/table.ts';
import { controlMethods } from '../../packages/node/src/control/methods.ts';
import { indexMethods } from '../../packages/node/src/rpc/index-methods.ts';
import { chainMethods, ledgerQueryMethods } from '../../packages/node/src/rpc/ledger-methods.ts';
import type { RpcMethod } from '../../packages/node/src/rpc/method.ts';
import { openRpcDocument } from '../../packages/node/src/rpc/openrpc.ts';
import { refusalsMethod } from '../../packages/node/src/training/judge/refusals-method.ts';
import { VERSION } from '../../packages/node/src/version.ts';
import { code, formatJson, formatNumber, markdownTable, pageHead } from './markdown.ts';
import { describeSchema, type Schema } from './schema-text.ts';

type Ledger = Parameters<typeof chainMethods>[0];

/** Methods are only described here, so what they would run on is never touched. */
const nothing = {} as Ledger;

function publicMethods(): RpcMethod[] {
  return [
    ...chainMethods(nothing),
    ...ledgerQueryMethods(nothing),
    ...indexMethods({} as Parameters<typeof indexMethods>[0]),
    refusalsMethod({} as Parameters<typeof refusalsMethod>[0]),
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function ownerMethods(): RpcMethod[] {
  // The clock is read once, for the time of the start.
  return controlMethods({ parts: { clock: { nowMs: () => 0 } } } as Parameters<typeof controlMethods>[0]);
}

export function openRpcJson(): string {
  return formatJson(openRpcDocument(publicMethods(), VERSION));
}

export function rpcPage(): string {
  return `${pageHead('JSON-RPC', '[the methods of the node](../../packages/node/src/rpc/ledger-methods.ts)')}
JSON-RPC 2.0 by \`POST /rpc\` with content type \`application/json\`; parameters by name, in one object; at most 100 requests in a batch. Amounts, slots and nonces are decimal text, accounts \`cairn1…\` addresses, bytes hex. A running node serves the same list as OpenRPC at \`/openrpc.json\`; here it is [a file](openrpc.json).

\`\`\`sh
curl localhost:8470/rpc -H 'content-type: application/json' \\
  -d '{"jsonrpc":"2.0","id":1,"method":"chain_status","params":{}}'
\`\`\`

Errors have a number of JSON-RPC and, in \`data.code\`, one of the codes in [errors](errors.md): −32600 not a request, −32601 no such method, −32602 wrong parameters, −32603 the node failed, −32000 everything else. A query about something that does not exist gives \`null\`, not an error.

## Subscriptions

Over a WebSocket at \`/ws\` every method above works too, and two more:

${markdownTable(
  ['method', 'what it does'],
  [
    [
      code('chain_subscribe'),
      'Parameters `names` (exact, or a module such as `staking.*`; left out: all) and `from` (a height; left out: from now). Gives a subscription id; then notifications `chain_event` with `{subscription, event}` arrive. At most 16 on one connection.',
    ],
    [code('chain_unsubscribe'), 'Parameter `subscription`. Gives whether it existed.'],
  ],
)}
[Events](events.md) lists their names.

## Public methods

${publicMethods().map(describeMethod).join('\n')}
## Methods of the owner

Only on the control socket \`<data>/cairn.sock\`, a file that nobody but its owner can open: they spend money or change the node. The CLI uses them.

${ownerMethods().map(describeMethod).join('\n')}`;
}

function describeMethod({ name, help, params, result }: RpcMethod): string {
  const { properties = {}, required = [] } = params as Schema;
  const rows = Object.entries(properties).map(([field, type]) => [
    code(field),
    plain(describeSchema(type)),
    required.includes(field) ? 'yes' : 'no',
  ]);
  const table =
    rows.length === 0 ? 'No parameters.\n' : markdownTable(['parameter', 'type', 'required'], rows);
  return `### ${name}\n\n${help}\n\n${table}\nGives ${plain(describeSchema(result as Schema))}.\n`;
}

/** Titled objects have sections of their own only on the page of transactions. */
function plain(text: string): string {
  return text.replace(/\[(\w+)\]\(#[\w-]+\)/g, '$1');
}

export function settingsPage(): string {
  const rows = SETTING_NAMES.map((name) => {
    const setting: SettingDefinition<string | number | boolean> = SETTINGS[name];
    const { initial, kind, unit, min, max, choices, help } = setting;
    const range = min === undefined || max === undefined ? '' : `${formatNumber(min)} … ${formatNumber(max)}`;
    return [
      code(name),
      code(environmentName(name)),
      initial === ''
        ? 'none'
        : kind === 'number' && unit !== 'port'
          ? formatNumber(initial as number)
          : String(initial),
      unit === undefined || unit === 'port' ? '' : unit,
      choices?.map(code).join(', ') ?? (unit === 'port' ? `${min} … ${max}` : range),
      SECRET_SETTINGS.includes(name) ? `${help} Never printed.` : help,
    ];
  });
  return `${pageHead('Settings of a node', '[the table of settings](../../packages/node/src/config/table.ts)')}
A fresh installation needs none. A flag wins over the environment, the environment over \`<data>/config.json\`, the file over the default; \`./cairn config\` prints the result and where each value came from. An unknown name is an error that suggests the nearest. Which of them are also flags of \`./cairn up\` is in the [CLI reference](cli.md).

${markdownTable(['setting', 'environment', 'default', 'unit', 'bounds', 'what it does'], rows)}`;
}
