import type { Adapter } from '../adapters/adapter.ts'
import type { Catalog } from '../ir/catalog.ts'
import type { CompiledNode } from '../ir/node.ts'
import { relation } from '../ir/relation.ts'

export interface Counted {
  readonly label: string
  readonly count: bigint
  /** In a few words, where the number alone says too little. */
  readonly note?: string
}

export interface AudienceSize {
  readonly audience: string
  readonly size: bigint
  readonly entered: bigint
  readonly exited: bigint
}

/** What the public tables hold after a run. */
export interface Summary {
  readonly totals: readonly Counted[]
  /** Profiles that have a value, by trait, in definition order. */
  readonly traits: readonly Counted[]
  readonly audiences: readonly AudienceSize[]
}

export interface SummaryOf {
  readonly adapter: Adapter
  readonly schema: string
  readonly nodes: readonly CompiledNode[]
  readonly runId: string
}

/** Counts what a run published. Tables that are not there (nothing was published yet) count for nothing. */
export async function summarize(of: SummaryOf): Promise<Summary> {
  const catalog = await of.adapter.catalog([of.schema])
  return {
    totals: await countTotals(of, catalog),
    traits: [
      ...(await countTraits(of, catalog, 'profile_traits', 'merged_to is null')),
      ...(await countTraits(of, catalog, 'account_traits', undefined)),
    ],
    audiences: await audienceSizes(of, catalog),
  }
}

async function countTotals(of: SummaryOf, catalog: Catalog): Promise<readonly Counted[]> {
  const questions: readonly (readonly [label: string, table: string, where: string])[] = [
    ['profiles', 'id_graph', 'segment_id = canonical_segment_id'],
    ['merges', 'id_graph', 'segment_id <> canonical_segment_id'],
    ['identifiers', 'user_identifiers', ''],
    ['accounts', 'account_traits', ''],
    ['identity violations', 'identity_violations', ''],
  ]
  const counted: Counted[] = []
  for (const [label, table, where] of questions) {
    if (columnsOf(catalog, table).length === 0) continue
    const from = of.adapter.dialect.relation(relation(of.schema, table))
    const rows = await of.adapter.query(
      `select count(*) as counted from ${from}${where === '' ? '' : ` where ${where}`}`,
    )
    counted.push({ label, count: asBigint(rows[0]?.counted) })
  }
  return counted
}

async function countTraits(
  of: SummaryOf,
  catalog: Catalog,
  table: string,
  where: string | undefined,
): Promise<readonly Counted[]> {
  const { dialect } = of.adapter
  const there = new Set(columnsOf(catalog, table))
  const key = table === 'account_traits' ? 'account_id' : 'canonical_segment_id'
  const traits = of.nodes
    .filter((node) => node.type === 'trait' && node.columns.some((column) => column.name === key))
    .flatMap((node) => node.columns.map((column) => column.name))
    .filter((name) => name !== key && there.has(name))
  if (traits.length === 0) return []
  const counts = traits.map((name, index) => `count(${dialect.ident(name)}) as trait_${index}`)
  const rows = await of.adapter.query(
    `select ${counts.join(', ')} from ${dialect.relation(relation(of.schema, table))}${where ? ` where ${where}` : ''}`,
  )
  return traits.map((label, index) => ({ label, count: asBigint(rows[0]?.[`trait_${index}`]) }))
}

async function audienceSizes(of: SummaryOf, catalog: Catalog): Promise<readonly AudienceSize[]> {
  if (columnsOf(catalog, 'audience_sizes').length === 0) return []
  const from = of.adapter.dialect.relation(relation(of.schema, 'audience_sizes'))
  const rows = await of.adapter.query(
    `select audience_key, size, entered, exited from ${from} where run_id = $1 order by audience_key`,
    [of.runId],
  )
  return rows.map((row) => ({
    audience: String(row.audience_key),
    size: asBigint(row.size),
    entered: asBigint(row.entered),
    exited: asBigint(row.exited),
  }))
}

function columnsOf(catalog: Catalog, table: string): readonly string[] {
  const found = catalog.tables.find((each) => each.relation.name === table)
  return found?.columns.map((column) => column.name) ?? []
}

function asBigint(value: unknown): bigint {
  return typeof value === 'bigint' || typeof value === 'number' ? BigInt(value) : 0n
}
