import type { Adapter } from '../adapters/adapter.ts'
import type { CompiledNode } from '../ir/node.ts'
import { relation } from '../ir/relation.ts'
import type { Step } from '../ir/step.ts'

/** How the working tables of definitions are called. */
const ofDefinitions = /^(event|relationship|links|scan|trait|sql|state|audience|model)_/

/**
 * Drops working tables of definitions that are gone: no run writes them any more, and so none takes out who is forgotten.
 *
 * @param nodes all of the project
 * @returns their names
 * @throws {WarehouseError}
 */
export async function dropStaleTables(
  adapter: Adapter,
  workSchema: string,
  nodes: readonly CompiledNode[],
): Promise<readonly string[]> {
  const { dialect } = adapter
  const statements = nodes.flatMap(({ steps }) => steps.flatMap(sqlOf))
  const { tables } = await adapter.catalog([workSchema])
  const stale = tables
    .map((table) => table.relation.name)
    .filter((name) => ofDefinitions.test(name))
    .filter((name) => {
      const written = dialect.relation(relation(workSchema, name))
      return !statements.some((sql) => mentions(sql, written))
    })
  for (const name of stale)
    for (const sql of dialect.dropTable(relation(workSchema, name))) await adapter.execute(sql)
  return stale
}

function sqlOf(step: Step): readonly string[] {
  switch (step.kind) {
    case 'statement':
    case 'check':
    case 'warning':
      return [step.sql]
    case 'transaction':
      return step.body.map(({ sql }) => sql)
    case 'branch':
      return [step.condition, ...step.body.flatMap(sqlOf)]
    case 'repeat':
      return [step.until, ...step.body.flatMap(sqlOf)]
  }
}

/** Not as the beginning of a longer name. */
function mentions(sql: string, name: string): boolean {
  for (let at = sql.indexOf(name); at !== -1; at = sql.indexOf(name, at + 1)) {
    if (!/\w/.test(sql[at + name.length] ?? '')) return true
  }
  return false
}
