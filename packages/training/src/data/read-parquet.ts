import { basename } from 'node:path';
import { TrainingError } from '../errors.ts';
import { type Document, malformedData, readDocument } from './documents.ts';

/** Rows that are in memory at one time. */
const ROWS_PER_READ = 1_000;
/** What can be unpacked without another package. */
const CODECS: ReadonlySet<string | undefined> = new Set([undefined, 'UNCOMPRESSED', 'SNAPPY']);

/** The documents of a Parquet file, a thousand rows at a time. @throws TrainingError `DATA_MALFORMED`, `PACKAGE_MISSING` */
export async function* readParquet(
  path: string,
  kind: 'jsonl' | 'chat',
  field: string,
): AsyncGenerator<Document, void> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } =
    await loadHyparquet();
  const name = basename(path);
  const refuse = (cause: unknown) =>
    new TrainingError(
      { code: 'DATA_MALFORMED', source: name, line: null, reason: 'is no Parquet file that can be read' },
      `The data cannot be used: ${name} is no Parquet file that can be read. Correct or remove it.`,
      { cause },
    );
  const file = await asyncBufferFromFile(path);
  const { metadata, columns } = await parquetMetadataAsync(file)
    .then((found) => ({
      metadata: found,
      columns: parquetSchema(found).children.map(({ element }) => element.name),
    }))
    .catch((cause: unknown) => {
      throw refuse(cause);
    });
  if (kind === 'jsonl' && !columns.includes(field))
    throw malformedData(name, null, `has no column ${field}, but ${columns.slice(0, 20).join(', ')}`);
  const codec = metadata.row_groups
    .flatMap((group) => group.columns)
    .filter(({ meta_data: of }) => kind === 'chat' || of?.path_in_schema[0] === field)
    .map(({ meta_data: of }) => of?.codec)
    .find((each) => !CODECS.has(each));
  if (codec !== undefined)
    throw malformedData(name, null, `is compressed with ${codec}; only Snappy, or nothing, is read`);
  const rows = Number(metadata.num_rows);
  for (let start = 0; start < rows; start += ROWS_PER_READ) {
    const wanted = kind === 'jsonl' ? { columns: [field] } : {};
    const read = await parquetReadObjects({
      ...{ file, metadata, ...wanted },
      rowStart: start,
      rowEnd: Math.min(rows, start + ROWS_PER_READ),
    }).catch((cause: unknown) => {
      throw refuse(cause);
    });
    // Its footer may count more rows than there are.
    if (read.length === 0) throw refuse(null);
    for (const [at, row] of read.entries()) {
      if (typeof row !== 'object' || row === null) throw malformedData(name, start + at + 1, 'is no row');
      yield readDocument(row, kind, field, name, start + at + 1);
    }
  }
}

async function loadHyparquet(): Promise<typeof import('hyparquet')> {
  try {
    return await import('hyparquet');
  } catch (cause) {
    throw new TrainingError(
      { code: 'PACKAGE_MISSING', name: 'hyparquet' },
      'Reading Parquet needs the package hyparquet, which is not installed. Run ./cairn train once: it installs it.',
      { cause },
    );
  }
}
