import type { Fields } from '../api/fields.ts';
import { invalid, isObject, unsupported } from '../api/fields.ts';
import { shortText } from '../api/parse-messages.ts';
import { formFields, readForm, requireFile } from '../http/multipart.ts';
import { parseJsonObject, readBody } from '../http/read-body.ts';
import { readModel } from './embeddings.ts';
import type { Endpoint, EndpointContext, Exchange } from './endpoint.ts';
import { jsonOf, noteOfTask, serveTask, type TaskAnswer, type TaskQuestion } from './tasks.ts';
import { parseJson, parseSpeech } from './work.ts';

/** Sound that fits into one sealed request with all around it. */
const MOST_AUDIO_BYTES = 1_900_000;
const FORMATS = ['json', 'text', 'verbose_json', 'srt', 'vtt'] as const;
const SOUNDS = ['flac', 'mp3', 'mp4', 'mpeg', 'mpga', 'm4a', 'ogg', 'opus', 'wav', 'webm'];

interface Segment {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

async function speak(context: EndpointContext, exchange: Exchange): Promise<void> {
  const body = await readBody(exchange.request, context.mostBodyBytes);
  const { question, contentType } = parseSpeech(parseJsonObject(body));
  const describeSound = ({ items }: TaskAnswer) => ({
    body: Buffer.from(items[0] ?? '', 'base64'),
    contentType,
  });
  await context.once(exchange, body, (onSpent) =>
    serveTask(context, exchange, question, describeSound, onSpent),
  );
}

function hear(kind: 'transcribe' | 'translate'): Endpoint['serve'] {
  return async (context, exchange) => {
    const form = await readForm(exchange.request, MOST_AUDIO_BYTES + 64 * 1024);
    const { data, filename } = requireFile(form, 'file');
    if (data.length === 0 || data.length > MOST_AUDIO_BYTES)
      throw invalid('file', `a sound of 1 to ${MOST_AUDIO_BYTES} bytes`);
    const fields: Fields = formFields(form);
    const answerFormat = FORMATS.find((format) => format === (fields.response_format ?? 'json'));
    if (answerFormat === undefined) throw invalid('response_format', FORMATS.join(', '));
    if (fields.stream === 'true') throw unsupported('stream', 'Transcripts come whole.');
    const sound = /\.([a-z0-9]{2,5})$/i.exec(filename)?.[1]?.toLowerCase() ?? '';
    if (!SOUNDS.includes(sound)) throw invalid('file', `a file that ends with one of ${SOUNDS.join(', ')}`);
    const question: TaskQuestion = {
      model: readModel(fields),
      wanted: kind,
      task: {
        kind,
        audio: Uint8Array.from(data),
        format: sound,
        language: fields.language == null ? null : shortText(fields.language, 'language', 8),
        hint: fields.prompt == null || fields.prompt === '' ? null : shortText(fields.prompt, 'prompt', 4096),
      },
    };
    await context.once(exchange, form.body, (onSpent) =>
      serveTask(context, exchange, question, (answer) => describe(answer, answerFormat, kind), onSpent),
    );
  };
}

function describe(answer: TaskAnswer, format: (typeof FORMATS)[number], kind: 'transcribe' | 'translate') {
  const told = parseJson(answer.items[0] ?? '');
  const fields: Fields = isObject(told) ? told : {};
  const text = typeof fields.text === 'string' ? fields.text : '';
  const segments = readSegments(fields.segments);
  const { promptTokens, completionTokens } = answer.receipt;
  const usage = {
    type: 'tokens',
    input_tokens: promptTokens,
    output_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
  switch (format) {
    case 'json':
      return jsonOf({ text, usage, cairn: noteOfTask(answer) });
    case 'verbose_json':
      return jsonOf({
        task: kind,
        language: typeof fields.language === 'string' ? fields.language : '',
        duration: typeof fields.duration === 'number' ? fields.duration : 0,
        text,
        segments: segments.map((segment, id) => ({ id, ...segment })),
        usage,
        cairn: noteOfTask(answer),
      });
    case 'text':
      return { body: `${text}\n`, contentType: 'text/plain; charset=utf-8' };
    default:
      return { body: subtitles(segments, text, format), contentType: 'text/plain; charset=utf-8' };
  }
}

function readSegments(value: unknown): readonly Segment[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, 10_000).flatMap((segment: unknown) => {
    if (!isObject(segment)) return [];
    const { start, end, text } = segment;
    const isFine = typeof start === 'number' && typeof end === 'number' && typeof text === 'string';
    return isFine ? [{ start, end, text }] : [];
  });
}

function subtitles(segments: readonly Segment[], text: string, format: 'srt' | 'vtt'): string {
  const shown = segments.length > 0 ? segments : [{ start: 0, end: 0, text }];
  const stamp = (seconds: number) => {
    const ms = Math.max(0, Math.round(seconds * 1000));
    const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
    const rest = String(ms % 1000).padStart(3, '0');
    const clock = `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}`;
    return `${clock}${format === 'srt' ? ',' : '.'}${rest}`;
  };
  const blocks = shown.map(
    ({ start, end, text: line }, index) =>
      `${format === 'srt' ? `${index + 1}\n` : ''}${stamp(start)} --> ${stamp(end)}\n${line.trim()}\n`,
  );
  return `${format === 'vtt' ? 'WEBVTT\n\n' : ''}${blocks.join('\n')}`;
}

/** Speech, and what was said. */
export const audioEndpoints: readonly Endpoint[] = [
  { method: 'POST', path: '/v1/audio/speech', serve: speak },
  { method: 'POST', path: '/v1/audio/transcriptions', serve: hear('transcribe'), takesForms: true },
  { method: 'POST', path: '/v1/audio/translations', serve: hear('translate'), takesForms: true },
];
