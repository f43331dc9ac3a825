import type { Adapter } from '../adapters/adapter.ts'
import { relation } from '../ir/relation.ts'

/** A rule the public tables must keep. */
interface DataTest {
  readonly name: string
  readonly table: string
  /** Answers the keys of what breaks the rule. */
  sql(table: string): string
}

export interface DataTestResult {
  readonly name: string
  /** `absent`: its table does not exist yet. */
  readonly status: 'pass' | 'fail' | 'absent'
  readonly seconds: number
  /** Rows that break the rule. */
  readonly rows: number
  /** A few of them. */
  readonly samples: readonly string[]
}

/** Built in: what users of the public tables rely on. */
const dataTests: readonly DataTest[] = [
  unique('id_graph', ['segment_id']),
  unique('user_identifiers', ['type', 'value']),
  unique('profile_traits', ['canonical_segment_id']),
  unique('account_traits', ['account_id']),
  unique('external_id_mapping', ['external_id_hash']),
  {
    name: 'id_graph leads to a profile that is its own',
    table: 'id_graph',
    sql: (table) => `select graph.segment_id, graph.canonical_segment_id
from ${table} as graph
left join ${table} as canonical
  on canonical.segment_id = graph.canonical_segment_id
  and canonical.canonical_segment_id = canonical.segment_id
where canonical.segment_id is null`,
  },
  {
    name: 'a profile is in an audience at most once at a time',
    table: 'audience_memberships',
    sql: (table) => `select audience_key, profile_id, count(*) as open_memberships
from ${table}
where exited_at is null
group by audience_key, profile_id
having count(*) > 1`,
  },
]

function unique(table: string, columns: readonly string[]): DataTest {
  const list = columns.join(', ')
  return {
    name: `${table} has ${columns.join(' and ')} once`,
    table,
    sql: (sql) => `select ${list}, count(*) as times\nfrom ${sql}\ngroup by ${list}\nhaving count(*) > 1`,
  }
}

const sampleRows = 5

/** Asks the public tables of a schema, one rule after the other. */
export async function runDataTests(adapter: Adapter, schema: string): Promise<readonly DataTestResult[]> {
  const catalog = await adapter.catalog([schema])
  const there = new Set(catalog.tables.map((table) => table.relation.name))
  const results: DataTestResult[] = []
  for (const { name, table, sql } of dataTests) {
    if (!there.has(table)) {
      results.push({ name, status: 'absent', seconds: 0, rows: 0, samples: [] })
      continue
    }
    const started = performance.now()
    const query = sql(adapter.dialect.relation(relation(schema, table)))
    const counted = await adapter.query(`select count(*) as row_count from (\n${query}\n) as broken`)
    const rows = Number(counted[0]?.row_count ?? 0)
    const samples =
      rows === 0 ? [] : await adapter.query(`select * from (\n${query}\n) as broken limit ${sampleRows}`)
    results.push({
      name,
      status: rows === 0 ? 'pass' : 'fail',
      seconds: (performance.now() - started) / 1000,
      rows,
      samples: samples.map((row) =>
        Object.entries(row)
          .map(([column, value]) => `${column} = ${value}`)
          .join(', '),
      ),
    })
  }
  return results
}
