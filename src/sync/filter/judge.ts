import type { Adapter, Value } from '../../adapters/adapter.ts'
import type { CompiledSync } from '../../compiler/syncs/compile-sync.ts'
import type { SyncState } from '../../compiler/syncs/sync-state.ts'
import type { FilterEvent } from '../../definitions/filter.ts'
import { compileMapping, MappingError } from '../mapping/evaluate.ts'
import { inputValues, rowReads } from '../mapping/input-values.ts'
import { FilterError, passes } from './evaluate-filter.ts'

/**
 * Judges the records that a sync's filter has not judged yet, as they are now. A record belongs where it passes on any event; one that
 * does not is as good as not there. What cannot be judged is neither sent nor removed.
 */
export async function judge(
  { definition, mapping, records: { columns } }: CompiledSync,
  adapter: Adapter,
  { judging }: SyncState,
  select: string,
): Promise<void> {
  const { filter, nulls } = definition
  if (judging === undefined || filter === undefined) return
  const [before] = await adapter.query(judging.judgedBy)
  let complete = true
  const fieldsOf = compileMapping(mapping, rowReads(columns), nulls)
  const verdict = (row: Readonly<Record<string, Value>>): readonly Value[] => {
    try {
      const inputs = inputValues(columns, row)
      const fields = fieldsOf(row)
      const on = (event: FilterEvent): boolean => passes(filter.expr, { event, fields, inputs })
      const [asNew, asUpdated, asDeleted] = [on('new'), on('updated'), on('deleted')]
      // One that begins to pass comes anew, though it was there: both are true of it.
      return [asNew || asUpdated || asDeleted, asNew || (row.known === true && asUpdated), asUpdated, null]
    } catch (error) {
      if (!(error instanceof FilterError || error instanceof MappingError)) throw error
      complete = false
      return [true, false, false, error.message]
    }
  }
  async function* verdicts(toJudge: string): AsyncGenerator<readonly Value[]> {
    for await (const block of adapter.stream(toJudge)) {
      for (const row of block) yield [row.record_key ?? null, row.row_hash ?? null, ...verdict(row)]
    }
  }
  const toJudge = judging.toJudge(select, before?.filter !== filter.text)
  await adapter.load(judging.judged, judging.judgedColumns, verdicts(toJudge))
  await adapter.transaction(judging.take(select, complete))
}
