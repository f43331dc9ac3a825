import type { Change } from '../destination.ts'

/** A change with its place in the plan, or what keeps it from being made. */
export interface Planned {
  readonly seq: number
  readonly operation: Change['operation']
  readonly change: Change | { readonly refused: string }
}

export interface Batch {
  /** In order, without gaps in what is to be sent. */
  readonly planned: readonly Planned[]
  /** Whether the batch before must have ended: it holds removals, and this one does not. */
  readonly waits: boolean
}

/** Cuts planned changes into batches; removals are never with others, which come when all of them have ended. */
export async function* batches(
  planned: AsyncIterable<Planned>,
  { rows, bytes }: { readonly rows: number; readonly bytes?: number | undefined },
): AsyncIterable<Batch> {
  let batch: Planned[] = []
  let size = 0
  let removing: boolean | undefined
  let waits = false
  for await (const each of planned) {
    const removes = each.operation === 'remove'
    const own = bytes === undefined || 'refused' in each.change ? 0 : sizeOf(each.change)
    const turned = removing === true && !removes
    const full = batch.length >= rows || (bytes !== undefined && batch.length > 0 && size + own > bytes)
    if (turned || full) {
      if (batch.length > 0) yield { planned: batch, waits }
      waits = turned
      batch = []
      size = 0
    }
    removing = removes
    batch.push(each)
    size += own
  }
  if (batch.length > 0) yield { planned: batch, waits }
}

/** Bytes of the fields as JSON, and of what a request puts around them. */
function sizeOf({ fields, key, idempotencyKey }: Change): number {
  return Buffer.byteLength(JSON.stringify(fields)) + Buffer.byteLength(key) + idempotencyKey.length + 100
}
