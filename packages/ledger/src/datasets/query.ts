import { bytes32, bytesToHex, optional, struct, u16, withDefault } from '@cairn/core';
import { defineQuery, type QueryContext } from '../execution/query.ts';
import { datasetShape, datasets } from './card.ts';

const MAX_LISTED = 200;
const schema = {
  type: 'object',
  properties: { id: bytes32.schema, ...(datasetShape.schema.properties as object) },
};

function describe({ view }: QueryContext, id: string) {
  const found = datasets.get(view, id);
  return found === undefined ? null : { id, ...(datasetShape.toJson(found) as object) };
}

export const datasetQuery = defineQuery({
  name: 'datasets_get',
  help: 'One data set by id; null when it is not listed.',
  params: struct('DatasetParams', { dataset: bytes32 }),
  result: { anyOf: [schema, { type: 'null' }] },
  run: (context, { dataset }) => describe(context, bytesToHex(dataset)),
});

export const datasetsQuery = defineQuery({
  name: 'datasets_list',
  help: `Data sets, at most ${MAX_LISTED} above \`after\`.`,
  params: struct('DatasetsPage', { after: optional(bytes32), limit: withDefault(u16, 0) }),
  result: { type: 'array', items: schema },
  run(context, { after, limit }) {
    const most = limit === 0 ? MAX_LISTED : Math.min(limit, MAX_LISTED);
    const listed = [];
    for (const id of datasets.ids(context.view, '', after === null ? undefined : bytesToHex(after))) {
      if (listed.length >= most) break;
      listed.push(describe(context, id));
    }
    return listed;
  },
});
