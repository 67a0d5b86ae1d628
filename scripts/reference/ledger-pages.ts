import {
  FLOWS,
  HYPERPARAMETER_NAMES,
  HYPERPARAMETERS,
  MODULES,
  PARAMETER_NAMES,
  PARAMETERS,
  PURPOSE_NAMES,
  PURPOSES,
  whoChanges,
} from '../../packages/ledger/src/index.ts';
import { code, formatNumber, markdownTable, pageHead } from './markdown.ts';
import { describeSchema, findTitled, type Schema } from './schema-text.ts';
import { commentText, readSources, untilClosed } from './source-text.ts';

export function parametersPage(): string {
  const rows = PARAMETER_NAMES.map((name) => {
    const { unit, initial, min, max, help, source } = PARAMETERS[name];
    return [
      code(name),
      formatNumber(initial),
      unit,
      `${formatNumber(min)} … ${formatNumber(max)}`,
      help,
      whoChanges(name),
      source,
    ];
  });
  return `${pageHead('Network parameters', '[the parameter table](../../packages/ledger/src/parameters/table.ts)')}
Genesis sets them, within their bounds; [a vote](../guide/governance.md) changes those of *governance* afterwards. 1 CAIRN is 1,000,000,000 pebbles; 1 bps is a hundredth of a percent. \`parameters_list\` of the [RPC](rpc.md) gives the values in force.

${markdownTable(['parameter', 'initial', 'unit', 'bounds', 'what it does', 'changed by', 'source'], rows)}`;
}

export function hyperparametersPage(): string {
  const rows = HYPERPARAMETER_NAMES.map((name) => {
    const { unit, initial, initialFrom, min, minFrom, max, help, source } = HYPERPARAMETERS[name];
    const first = initialFrom === undefined ? formatNumber(initial) : code(initialFrom);
    const least = minFrom === undefined ? formatNumber(min) : code(minFrom);
    return [code(name), first, unit, `${least} … ${formatNumber(max)}`, help, source];
  });
  return `${pageHead('Hyperparameters of a subnet', '[the hyperparameter table](../../packages/ledger/src/subnets/hyperparameter-table.ts)')}
The owner of a subnet changes them with [\`subnets.setHyperparameters\`](messages.md#subnetssethyperparameters), not in the last slots before an epoch. A name in the column *initial* or *bounds* is a [network parameter](parameters.md) whose value counts. A u16 proportion is a share of 65,535, ppm of a million, bps of ten thousand.

${markdownTable(['hyperparameter', 'initial', 'unit', 'bounds', 'what it does', 'source'], rows)}`;
}

export function flowsPage(): string {
  const rows = Object.entries(FLOWS).map(([name, { from, to, payer, payee, rounding }]) => [
    code(name),
    `${from} → ${to}`,
    payer,
    payee,
    rounding,
  ]);
  return `${pageHead('Flows of money', '[the flow table](../../packages/ledger/src/flows/table.ts)')}
Every way money moves. The ledger moves money only by naming a row of this table, and a row that would empty a pot below zero or pass the cap stops the block.

\`issue\` is newly minted. \`burn\` is gone and stays counted as issued. \`recycle\` is gone and will be minted again by the same curve. Everything else is in one of four pots, and after every block issued − burned − recycled = circulating + staked + pooled + escrowed. \`pooled\` is empty until subnets have tokens of their own.

${markdownTable(['flow', 'from → to', 'payer', 'payee', 'rounding'], rows)}`;
}

export function purposesPage(): string {
  const rows = PURPOSE_NAMES.map((purpose, number) => {
    const names: readonly string[] | null = PURPOSES[purpose];
    const text = names === null ? 'every message' : names.map((name) => code(name)).join(', ');
    return [String(number), code(purpose), text === '' ? 'none yet' : text];
  });
  return `${pageHead('Purposes of delegates', '[the table of purposes](../../packages/ledger/src/accounts/purposes.ts)')}
What a delegate may send for the owner that named it with [\`accounts.addProxy\`](messages.md#accountsaddproxy). The purpose counts for a call and for all that it runs. \`accounts.batch\` is part of every purpose: what is in it has to be part of the purpose too. What only \`any\` has ends the account, gives others rights over it, or runs calls later or as somebody else. A delegate for \`any\` that has a delay schedules nothing and names no delegate with a shorter delay.

${markdownTable(['number', 'purpose', 'messages'], rows)}`;
}

/** `Struct.field` → its comment in the source. */
function readFieldNotes(): ReadonlyMap<string, string> {
  const notes = new Map<string, string>();
  for (const { text } of [
    ...readSources('packages/ledger/src/**/*.ts'),
    ...readSources('packages/core/src/keys/*.ts'),
  ]) {
    for (const found of text.matchAll(/struct\('(\w+)', (\{|fields\b)/g)) {
      const start = found[2] === '{' ? found.index + found[0].length : text.indexOf('const fields = {') + 16;
      for (const [, comment = '', field = ''] of untilClosed(text, start).matchAll(
        /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(\w+):/g,
      )) {
        notes.set(`${found[1]}.${field}`, commentText(comment));
      }
    }
  }
  return notes;
}

/** Name of a message → how its work is counted, as written. */
function readWork(): ReadonlyMap<string, string> {
  const work = new Map<string, string>();
  for (const { text } of readSources('packages/ledger/src/*/apply/*.ts')) {
    for (const found of text.matchAll(/name: '([\w.]+)',[\s\S]*?work: \([^)]*\) => ([^\n]+),\n/g)) {
      work.set(found[1]!, found[2]!);
    }
  }
  return work;
}

function fieldsTable(schema: Schema, notes: ReadonlyMap<string, string>): string {
  const rows = Object.entries(schema.properties ?? {}).map(([field, type]) => {
    const isOptional = schema.required?.includes(field) === false;
    const note = notes.get(`${schema.title}.${field}`) ?? '';
    return [code(field), `${describeSchema(type)}${isOptional ? ' (may be left out)' : ''}`, note];
  });
  return markdownTable(['field', 'type', 'meaning'], rows);
}

export function messagesPage(): string {
  const notes = readFieldNotes();
  const work = readWork();
  const messages = MODULES.flatMap((module) => module.messages);
  const shapes = new Map<string, Schema>();
  const sections = messages.map(({ id, name, help, shape }) => {
    const schema = shape.schema as Schema;
    for (const inner of findTitled(schema)) if (inner.title !== schema.title) shapes.set(inner.title!, inner);
    const units = work.get(name);
    if (units === undefined) throw new Error(`No work was found in the source of ${name}.`);
    return `## ${name}\n\n${help}\n\nNumber ${id}; work ${code(units)}.\n\n${fieldsTable(schema, notes)}`;
  });
  const inner = [...shapes].sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = inner.map(([title, schema]) => `### ${title}\n\n${fieldsTable(schema, notes)}`);
  return `${pageHead('Transactions', "[the modules' messages](../../packages/ledger/src/modules.ts)")}
A transaction carries one message. Its fee is \`feeBase\` + \`feePerByte\` × bytes + \`feePerWork\` × work, from the [parameters](parameters.md); it is recycled whether or not the message succeeds. Fields are shown in their JSON form; on the wire they are SSZ in this order. [Errors](errors.md) lists why a message may be refused.

${markdownTable(
  ['number', 'message', 'what it does'],
  messages.map(({ id, name, help }) => [
    String(id),
    `[${name}](#${name.toLowerCase().replaceAll('.', '')})`,
    help,
  ]),
)}
${sections.join('\n')}
## Shapes

Values that messages are made of.

${parts.join('\n')}`;
}
