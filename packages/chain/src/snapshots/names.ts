/** What a folder is called while it is written. */
export const MAKING = 'making-';
export const METADATA_NAME = 'metadata';

/** Decimal of fixed width, so that names order as heights. */
export function folderName(height: bigint): string {
  return height.toString().padStart(12, '0');
}

/** Null when nothing of ours has this name. */
export function heightOfName(name: string): bigint | null {
  return /^\d{12}$/.test(name) ? BigInt(name) : null;
}

export function chunkName(index: number): string {
  return `chunk-${index.toString().padStart(6, '0')}`;
}
