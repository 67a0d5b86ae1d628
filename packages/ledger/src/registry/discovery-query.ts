import { bytes32, bytesToHex, optional, struct, text, u16, utf8ToBytes, withDefault } from '@cairn/core';
import { defineQuery } from '../execution/query.ts';
import { type AliasKey, aliasId, aliasKeyShape, aliasShape } from './alias.ts';
import { evaluationShape } from './evaluation.ts';
import { aliases, evaluations, isAliasDead, modelNames } from './state.ts';

const MAX_LISTED = 500;
const mostListed = (limit: number): number => (limit === 0 ? MAX_LISTED : Math.min(limit, MAX_LISTED));

export const aliasesQuery = defineQuery({
  name: 'registry_aliases',
  help: `Aliases that count, at most ${MAX_LISTED} above \`after\`; none: that was all.`,
  params: struct('AliasesParams', { after: optional(aliasKeyShape), limit: withDefault(u16, 0) }),
  result: { type: 'array', items: aliasShape.schema },
  run({ view }, { after, limit }) {
    const listed = [];
    for (const id of aliases.ids(view, '', after === null ? undefined : aliasId(after))) {
      if (listed.length >= mostListed(limit)) break;
      const alias = aliases.get(view, id)!;
      if (!isAliasDead(view, alias)) listed.push(aliasShape.toJson(alias) as object);
    }
    return listed;
  },
});

/** `owner/model:tag` in its two parts; without a tag it is the latest. */
function splitAlias(alias: string): AliasKey {
  const colon = alias.indexOf(':');
  if (colon < 0) return { name: alias, tag: 'latest' };
  return { name: alias.slice(0, colon), tag: alias.slice(colon + 1) };
}

export const resolveQuery = defineQuery({
  name: 'registry_resolve',
  help: 'Ids of the models that `owner/model` or `owner/model:tag` stands for, the preferred one first; none: nothing. Unless its owner set `:latest`, that is the newest version.',
  params: struct('ResolveParams', { alias: text(129) }),
  result: { type: 'array', items: bytes32.schema },
  run({ view }, { alias: given }) {
    const key = splitAlias(given);
    const alias = aliases.get(view, aliasId(key));
    if (alias !== undefined && !isAliasDead(view, alias)) return alias.models.map(bytesToHex);
    const newest = key.tag === 'latest' ? modelNames.get(view, bytesToHex(utf8ToBytes(key.name))) : undefined;
    return newest === undefined ? [] : [bytesToHex(newest.model)];
  },
});

export const evaluationsQuery = defineQuery({
  name: 'registry_evaluations',
  help: `What validators measured, of one model or of all, at most ${MAX_LISTED} above \`after\`, which is the \`id\` of an entry.`,
  params: struct('EvaluationsParams', {
    model: optional(bytes32),
    after: optional(text(129)),
    limit: withDefault(u16, 0),
  }),
  result: {
    type: 'array',
    items: {
      type: 'object',
      properties: { id: { type: 'string' }, ...(evaluationShape.schema.properties as object) },
    },
  },
  run({ view }, { model, after, limit }) {
    const within = model === null ? '' : `${bytesToHex(model)}/`;
    const listed = [];
    for (const id of evaluations.ids(view, within, after ?? undefined)) {
      if (listed.length >= mostListed(limit)) break;
      listed.push({ id, ...(evaluationShape.toJson(evaluations.get(view, id)!) as object) });
    }
    return listed;
  },
});
