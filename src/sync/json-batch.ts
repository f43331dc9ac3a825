import { createHash } from 'node:crypto'
import type { Change, JsonBatch, JsonRecords } from './destination.ts'

/** A record as JSON, its members in one order whatever it is; see also `writtenRecords`. */
export function jsonRecord({ operation, key, idempotencyKey, changed, fields }: Change, head = ''): string {
  const record = JSON.stringify({
    operation,
    key,
    idempotency_key: idempotencyKey,
    ...(changed.length > 0 && { changed }),
    fields,
  })
  return `{${head}${record.slice(1)}`
}

/** What a warehouse would have written. */
export function jsonBatch(
  changes: readonly Change[],
  { head, before, between, behind }: Omit<JsonRecords, 'write'>,
): JsonBatch {
  const keys = changes.map(({ idempotencyKey }) => idempotencyKey).sort()
  return {
    rows: changes.length,
    body: before + changes.map((change) => jsonRecord(change, head)).join(between) + behind,
    key: batchKey(changes.length, keys[0] ?? '', keys.at(-1) ?? ''),
  }
}

/**
 * Of the number of changes and the least and the greatest of their keys, which warehouses find in passing. Batches of one plan do not
 * overlap, and what is sent again of one is fewer each time: no two of them agree in all three.
 */
export function batchKey(rows: number, least: string, greatest: string): string {
  return createHash('md5').update(`${rows} ${least} ${greatest}`).digest('hex')
}
