import type { Row } from '../adapters/adapter.ts'
import type { Range } from '../compiler/syncs/fold-statements.ts'
import type { Operation } from '../compiler/syncs/modes.ts'
import { type SyncState, sentColumns } from '../compiler/syncs/sync-state.ts'
import { inputKey, inputsOf, type MappingValue } from '../definitions/mapping.ts'
import { readRowText } from '../ir/row-text.ts'
import type { SyncColumn } from '../ir/sync.ts'
import type { Planned } from './deliver/batches.ts'
import type { Capabilities } from './destination.ts'
import { compileMapping, MappingError } from './mapping/evaluate.ts'
import { textReads } from './mapping/input-values.ts'
import type { RunSync } from './sync-run.ts'

/** What is to be sent, in order and some at a time, as the mapping tells it; what cannot be told says why. */
export async function* plannedChanges(
  run: RunSync,
  state: SyncState,
  range?: Range,
): AsyncGenerator<readonly Planned[]> {
  const plannedOf = planner(run)
  for await (const block of run.state.stream(state.sent(range))) yield block.map(plannedOf)
}

function planner({
  sync: { records, mapping, removalMapping, definition },
  destination: { capabilities },
}: RunSync): (row: Row) => Planned {
  const removes = canRemove(capabilities)
  const reads = textReads(records.columns, sentColumns.length)
  const fieldsOf = compileMapping(mapping, reads, definition.nulls)
  const fieldsOfRemoval = compileMapping(removalMapping, reads, definition.nulls)
  const changedOf = changedFields(mapping, records.columns)
  return (row) => {
    const seq = Number(row.seq)
    const texts = readRowText(row.record)
    const [told, key, marks, idempotencyKey] = texts
    const operation = operations.find((each) => each === told) ?? 'add'
    // Of who is forgotten: in no mode that such a destination takes are there others.
    if (operation === 'remove' && !removes) return { seq, operation, change: { refused: cannotRemove } }
    try {
      const change = {
        operation,
        key: String(key),
        fields: operation === 'remove' ? fieldsOfRemoval(texts) : fieldsOf(texts),
        changed: operation === 'update' ? changedOf(String(marks)) : [],
        idempotencyKey: String(idempotencyKey),
      }
      return { seq, operation, change }
    } catch (error) {
      if (!(error instanceof MappingError)) throw error
      return { seq, operation, change: { refused: error.message } }
    }
  }
}

export function canRemove({ modes }: Capabilities): boolean {
  return modes.some((mode) => mode === 'mirror' || mode === 'delete')
}

const cannotRemove = 'the destination cannot remove a record: take it out there by hand'

const operations: readonly Operation[] = ['add', 'update', 'remove']

/** Names of fields, by indexes of the columns that differ, with a space after each. */
export function changedFields(
  mapping: MappingValue,
  columns: readonly SyncColumn[],
): (marks: string) => readonly string[] {
  if (mapping.kind !== 'object') return () => []
  const fields = Object.entries(mapping.members).map(([name, value]) => {
    const inputs = new Set(inputsOf(value).map(inputKey))
    return { name, reads: columns.map(({ input }) => inputs.has(input)) }
  })
  return (marks) => {
    if (marks === '') return []
    const differing = marks.trim().split(' ').map(Number)
    return fields.filter(({ reads }) => differing.some((index) => reads[index])).map(({ name }) => name)
  }
}
