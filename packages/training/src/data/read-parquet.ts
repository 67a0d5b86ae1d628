import { basename } from 'node:path';
import { TrainingError } from '../errors.ts';
import { type Document, malformedData, readDocument } from './documents.ts';

/** Rows that are in memory at one time. */
const ROWS_PER_READ = 1_000;

/** The documents of a Parquet file, a thousand rows at a time. @throws TrainingError `DATA_MALFORMED`, `PACKAGE_MISSING` */
export async function* readParquet(
  path: string,
  kind: 'jsonl' | 'chat',
  field: string,
): AsyncGenerator<Document, void> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await loadHyparquet();
  const name = basename(path);
  const refuse = (cause: unknown) =>
    new TrainingError(
      { code: 'DATA_MALFORMED', source: name, line: null, reason: 'is no Parquet file that can be read' },
      `The data cannot be used: ${name} is no Parquet file that can be read. Correct or remove it.`,
      { cause },
    );
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file).catch((cause: unknown) => {
    throw refuse(cause);
  });
  const rows = Number(metadata.num_rows);
  for (let start = 0; start < rows; start += ROWS_PER_READ) {
    const columns = kind === 'jsonl' ? { columns: [field] } : {};
    const read = await parquetReadObjects({
      ...{ file, metadata, ...columns },
      rowStart: start,
      rowEnd: Math.min(rows, start + ROWS_PER_READ),
    }).catch((cause: unknown) => {
      throw refuse(cause);
    });
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
