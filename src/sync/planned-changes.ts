import type { Row } from '../adapters/adapter.ts'
import type { Operation, SyncState } from '../compiler/syncs/sync-state.ts'
import { inputKey, inputsOf, type MappingValue } from '../definitions/mapping.ts'
import type { SyncColumn } from '../ir/sync.ts'
import type { Planned } from './deliver/batches.ts'
import type { Change } from './destination.ts'
import { evaluateMapping, MappingError } from './mapping/evaluate.ts'
import { inputValues } from './mapping/input-values.ts'
import type { RunSync } from './sync-run.ts'

/** What is to be sent, in order, as the mapping tells it; what cannot be told says why. */
export async function* plannedChanges(run: RunSync, state: SyncState): AsyncGenerator<Planned> {
  for await (const block of run.state.stream(state.sent)) {
    for (const row of block) yield plannedOf(run, row)
  }
}

function plannedOf({ sync: { records, mapping, removalMapping, definition } }: RunSync, row: Row): Planned {
  const operation = operations.find((each) => each === row.operation) ?? 'add'
  const seq = Number(row.seq)
  try {
    const told = operation === 'remove' ? removalMapping : mapping
    const fields = evaluateMapping(told, inputValues(records.columns, row), definition.nulls)
    const change: Change = {
      operation,
      key: String(row.record_key),
      fields,
      changed:
        operation === 'update' ? changedFields(mapping, records.columns, String(row.changed_columns)) : [],
      idempotencyKey: String(row.idempotency_key),
    }
    return { seq, operation, change }
  } catch (error) {
    if (!(error instanceof MappingError)) throw error
    return { seq, operation, change: { refused: error.message } }
  }
}

const operations: readonly Operation[] = ['add', 'update', 'remove']

/** @param marks indexes of columns, with a space after each */
function changedFields(
  mapping: MappingValue,
  columns: readonly SyncColumn[],
  marks: string,
): readonly string[] {
  if (mapping.kind !== 'object' || marks === '') return []
  const inputs = new Set(
    marks
      .trim()
      .split(' ')
      .map((index) => columns[Number(index)]?.input),
  )
  return Object.entries(mapping.members).flatMap(([name, value]) =>
    inputsOf(value).some((input) => inputs.has(inputKey(input))) ? [name] : [],
  )
}
