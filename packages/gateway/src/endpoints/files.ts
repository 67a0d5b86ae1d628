import { invalid } from '../api/fields.ts';
import { GatewayError } from '../errors.ts';
import { formFields, readForm, requireFile } from '../http/multipart.ts';
import { replyJson } from '../http/reply.ts';
import type { Endpoint, EndpointContext } from './endpoint.ts';
import { type FileBook, type KeptFile, MOST_FILE_BYTES } from './file-book.ts';

const PURPOSES = ['batch', 'assistants', 'fine-tune', 'vision', 'user_data', 'evals'];

/** @throws GatewayError `unknown_url` where nothing is kept */
export function filesOf({ files }: Pick<EndpointContext, 'files'>): FileBook {
  if (files !== null) return files;
  throw new GatewayError({ code: 'unknown_url' }, 'This gateway keeps no files and runs no batches.');
}

function describeFile({ id, filename, purpose, bytes, createdAt }: KeptFile): object {
  return {
    id,
    object: 'file',
    bytes,
    created_at: createdAt,
    expires_at: null,
    filename,
    purpose,
    status: 'processed',
    status_details: null,
  };
}

/** A page of a list: `after` and `limit`, as OpenAI's lists have them. */
export function pageOf<T extends { readonly id: string }>(url: string | undefined, all: readonly T[]) {
  const query = new URL(url ?? '/', 'http://localhost').searchParams;
  const limit = Number(query.get('limit') ?? 100);
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
    throw invalid('limit', 'a whole number from 1');
  const after = query.get('after');
  const from = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const shown = all.slice(from, from + limit);
  return { shown, query, hasMore: from + limit < all.length };
}

export const fileEndpoints: readonly Endpoint[] = [
  {
    method: 'POST',
    path: '/v1/files',
    takesForms: true,
    async serve(context, { request, response, headers, caller }) {
      const files = filesOf(context);
      const form = await readForm(request, MOST_FILE_BYTES + 64 * 1024);
      const { filename, data } = requireFile(form, 'file');
      const purpose = PURPOSES.find((name) => name === formFields(form).purpose);
      if (purpose === undefined) throw invalid('purpose', `one of ${PURPOSES.join(', ')}`);
      const name = filename.toWellFormed().slice(0, 200) || 'file';
      const kept = await files.add(caller, { filename: name, purpose, data });
      replyJson(response, 200, JSON.stringify(describeFile(kept)), headers);
    },
  },
  {
    method: 'GET',
    path: '/v1/files',
    async serve(context, { request, response, headers, caller }) {
      const { shown, query, hasMore } = pageOf(request.url, filesOf(context).list(caller));
      const purpose = query.get('purpose');
      const wanted = shown.filter((file) => purpose === null || file.purpose === purpose);
      const ends = { first_id: wanted[0]?.id ?? null, last_id: wanted.at(-1)?.id ?? null };
      const list = { object: 'list', data: wanted.map(describeFile), ...ends, has_more: hasMore };
      replyJson(response, 200, JSON.stringify(list), headers);
    },
  },
  {
    method: 'GET',
    path: '/v1/files/',
    async serve(context, { response, headers, caller, rest }) {
      const files = filesOf(context);
      const [id = '', what] = rest.split('/');
      if (what === undefined) {
        replyJson(response, 200, JSON.stringify(describeFile(files.find(caller, id))), headers);
        return;
      }
      if (what !== 'content')
        throw new GatewayError({ code: 'unknown_url' }, 'A file has /content, and no more.');
      const data = files.read(caller, id);
      // Never shown as a page of this origin, whatever it holds.
      response.writeHead(200, {
        ...headers,
        'content-type': 'application/octet-stream',
        'content-disposition': 'attachment',
        'x-content-type-options': 'nosniff',
        'content-length': data.length,
      });
      response.end(data);
    },
  },
  {
    method: 'DELETE',
    path: '/v1/files/',
    async serve(context, { response, headers, caller, rest }) {
      await filesOf(context).remove(caller, rest);
      replyJson(response, 200, JSON.stringify({ id: rest, object: 'file', deleted: true }), headers);
    },
  },
];
