import type { Range } from '../../compiler/syncs/fold-statements.ts'
import type { Change, FieldValue, JsonBatch } from '../destination.ts'

/** A change with its place in the plan, or what keeps it from being made. */
export interface Planned {
  readonly seq: number
  readonly operation: Change['operation']
  readonly change: Change | { readonly refused: string }
}

export interface Batch {
  /** Without gaps in what is to be sent. */
  readonly range: Range
  readonly rows: number
  /** In order. */
  planned(): Promise<readonly Planned[]>
  /** The same as a request has it, where the warehouse wrote it. */
  readonly json?: JsonBatch
  /** Whether the batch before must have ended: it holds removals, and this one does not. */
  readonly waits: boolean
}

/**
 * Cuts planned changes into batches; removals are never with others, which come when all of them have ended.
 *
 * @param planned in order, some at a time
 */
export async function* batches(
  planned: AsyncIterable<readonly Planned[]>,
  { rows, bytes }: { readonly rows: number; readonly bytes?: number | undefined },
): AsyncIterable<Batch> {
  let batch: Planned[] = []
  let room = openRoom(bytes)
  let removing: boolean | undefined
  let waits = false
  for await (const some of planned) {
    for (const each of some) {
      const removes = each.operation === 'remove'
      const turned = removing === true && !removes
      if (turned || batch.length >= rows || !room.takes(each.change)) {
        if (batch.length > 0) yield batchOf(batch, waits)
        waits = turned
        batch = []
        room = openRoom(bytes)
        room.takes(each.change)
      }
      removing = removes
      batch.push(each)
    }
  }
  if (batch.length > 0) yield batchOf(batch, waits)
}

function batchOf(planned: readonly Planned[], waits: boolean): Batch {
  return {
    range: { first: planned[0]?.seq ?? 0, last: planned.at(-1)?.seq ?? 0 },
    rows: planned.length,
    planned: async () => planned,
    waits,
  }
}

interface Room {
  /** Whether one more fits; the first always does. */
  takes(change: Planned['change']): boolean
}

/** Sizes are bounded from above first, since that is quick and mostly enough; told exactly once the bound is beyond the limit. */
function openRoom(bytes: number | undefined): Room {
  const bounded: Change[] = []
  let bound = 0
  let isEmpty = true
  return {
    takes(change) {
      const fits = bytes === undefined || 'refused' in change || takesSize(change, bytes) || isEmpty
      isEmpty = false
      return fits
    },
  }

  function takesSize(change: Change, most: number): boolean {
    bounded.push(change)
    bound += boundOf(change)
    if (bound <= most) return true
    for (const each of bounded) bound += sizeOf(each) - boundOf(each)
    bounded.length = 0
    return bound <= most
  }
}

/** Of what a request puts around fields and key. */
function aroundBytes({ idempotencyKey }: Change): number {
  return idempotencyKey.length + 100
}

/** Bytes of the fields as JSON, and of what a request puts around them. */
function sizeOf(change: Change): number {
  return (
    Buffer.byteLength(JSON.stringify(change.fields)) + Buffer.byteLength(change.key) + aroundBytes(change)
  )
}

/** At least {@link sizeOf}, in a fraction of the time. */
function boundOf(change: Change): number {
  return boundOfJson(change.fields) + 6 * change.key.length + aroundBytes(change)
}

/** At least the bytes of it as JSON: no unit of a text takes more than six, no number more than 25. */
function boundOfJson(value: FieldValue): number {
  if (typeof value === 'string') return 6 * value.length + 2
  if (typeof value !== 'object' || value === null) return 25
  let bound = 2
  if (Array.isArray(value)) for (const each of value) bound += boundOfJson(each) + 1
  else for (const [name, each] of Object.entries(value)) bound += 6 * name.length + 4 + boundOfJson(each)
  return bound
}
