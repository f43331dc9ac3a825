import type { Value } from '../adapters/adapter.ts'
import type { ForgottenRecords } from '../compiler/syncs/forgotten.ts'
import { suppressionsRelation, suppressionsTable } from '../identity/suppressions.ts'
import type { NodeColumn } from '../ir/node.ts'
import type { Relation } from '../ir/relation.ts'
import type { RunSync } from './sync-run.ts'

type Ends = Pick<RunSync, 'warehouse' | 'state' | 'schemas'>

/** Copies rows from the warehouse to where the state is; memory stays flat. */
export async function copyToState(
  { warehouse, state }: Ends,
  select: string,
  target: Relation,
  columns: readonly NodeColumn[],
): Promise<void> {
  async function* rows(): AsyncGenerator<readonly Value[]> {
    for await (const block of warehouse.stream(select)) {
      for (const row of block) yield columns.map(({ name }) => row[name] ?? null)
    }
  }
  await state.load(target, columns, rows())
}

/** Where the state is elsewhere, it is told who is forgotten, by hashes alone. */
export async function copyForgotten(ends: Ends, { suppressions }: ForgottenRecords): Promise<void> {
  const { warehouse, state, schemas } = ends
  if (warehouse === state) return
  const { dialect } = warehouse
  const { columns } = suppressionsTable
  const list = columns.map(({ name, type }) =>
    name === 'value' ? `${dialect.nullOf(type)} as ${name}` : `suppressions.${name}`,
  )
  const table = dialect.relation(suppressionsRelation(schemas.public))
  const select = `select ${list.join(', ')} from ${table} as suppressions where suppressions.forgotten`
  await copyToState(ends, select, suppressions, columns)
}
