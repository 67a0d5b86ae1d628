import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors.ts';
import { readBody } from './read-body.ts';

/** A part of a form. */
export interface FormPart {
  readonly name: string;
  /** Null for a plain field. */
  readonly filename: string | null;
  readonly data: Buffer;
}

export interface Form {
  /** The whole body, for keys that are bound to it. */
  readonly body: Buffer;
  readonly parts: readonly FormPart[];
}

const MOST_PARTS = 32;
const MOST_HEAD_BYTES = 4096;
const LINE = Buffer.from('\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * A whole form with files. Parts, their heads and the body are bounded; nothing is kept on disk.
 *
 * @throws GatewayError `unsupported_media_type`, `request_too_large`, `invalid_value`
 */
export async function readForm(request: IncomingMessage, limitBytes: number): Promise<Form> {
  const type = request.headers['content-type'] ?? '';
  const boundary = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(type);
  if (!/^multipart\/form-data\b/i.test(type) || boundary === null) {
    throw new GatewayError(
      { code: 'unsupported_media_type' },
      'Send the body as content-type: multipart/form-data with a boundary.',
    );
  }
  const body = await readBody(request, limitBytes);
  return { body, parts: parseForm(body, (boundary[1] ?? boundary[2]) as string) };
}

/** @throws GatewayError `invalid_value` */
function parseForm(body: Buffer, boundary: string): readonly FormPart[] {
  const mark = Buffer.from(`--${boundary}`);
  const between = Buffer.from(`\r\n--${boundary}`);
  const parts: FormPart[] = [];
  let at = body.indexOf(mark);
  if (at < 0) throw malformed('its boundary is not there');
  at += mark.length;
  while (body.subarray(at, at + 2).toString('latin1') !== '--') {
    if (!body.subarray(at, at + 2).equals(LINE)) throw malformed('a boundary does not end its line');
    if (parts.length >= MOST_PARTS) throw malformed(`it has more than ${MOST_PARTS} parts`);
    const headEnd = body.indexOf(HEAD_END, at);
    if (headEnd < 0 || headEnd - at > MOST_HEAD_BYTES) throw malformed('a part has no head, or a long one');
    const dataStart = headEnd + HEAD_END.length;
    const end = body.indexOf(between, headEnd + 2);
    if (end < 0) throw malformed('it is cut off');
    const data = end < dataStart ? body.subarray(dataStart, dataStart) : body.subarray(dataStart, end);
    parts.push({ ...parseHead(body.subarray(at + 2, headEnd).toString('utf8')), data });
    at = end + between.length;
  }
  return parts;
}

function parseHead(head: string): Pick<FormPart, 'name' | 'filename'> {
  const disposition = head.split('\r\n').find((line) => /^content-disposition:/i.test(line)) ?? '';
  const name = /[;\s]name="([^"]{1,100})"/i.exec(disposition)?.[1];
  if (name === undefined) throw malformed('a part has no name');
  const filename = /[;\s]filename="([^"]{0,300})"/i.exec(disposition)?.[1];
  return { name, filename: filename === undefined ? null : filename };
}

function malformed(reason: string): GatewayError {
  return new GatewayError({ code: 'invalid_value', param: 'body' }, `The form cannot be read: ${reason}.`);
}

/** A file of the form. @throws GatewayError `missing_required_parameter` */
export function requireFile({ parts }: Form, name: string): FormPart & { readonly filename: string } {
  const found = parts.find((part) => part.name === name && part.filename !== null);
  if (found === undefined) {
    throw new GatewayError(
      { code: 'missing_required_parameter', param: name },
      `${name} is required, as a file.`,
    );
  }
  return found as FormPart & { readonly filename: string };
}

/** The plain fields of a form as texts. */
export function formFields({ parts }: Form): Readonly<Record<string, unknown>> {
  const plain = parts.filter(({ filename }) => filename === null);
  return Object.fromEntries(plain.map(({ name, data }) => [name, data.toString('utf8').toWellFormed()]));
}
