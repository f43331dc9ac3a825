import { createHash } from 'node:crypto'
import type { JsonForm } from '../ir/sync.ts'
import type { Change, JsonBatch } from './destination.ts'

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
  { head, before, between, behind }: JsonForm,
): JsonBatch {
  const keys = changes.map(({ idempotencyKey }) => idempotencyKey).join('')
  return {
    rows: changes.length,
    body: before + changes.map((change) => jsonRecord(change, head)).join(between) + behind,
    key: createHash('md5').update(keys).digest('hex'),
  }
}
