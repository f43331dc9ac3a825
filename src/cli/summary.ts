import type { Adapter } from '../adapters/adapter.ts'
import type { Entity, Trait } from '../definitions/definitions.ts'
import type { Catalog } from '../ir/catalog.ts'
import type { CompiledNode } from '../ir/node.ts'
import { relation } from '../ir/relation.ts'
import { shortName } from '../sql/names.ts'

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
  readonly traits: readonly Pick<Trait, 'name' | 'entity'>[]
  readonly runId: string
}

/** Where analysts find the traits of an entity. */
export const traitTables = {
  // Merged-away profiles keep a row there, without traits.
  user: { table: 'profile_traits', key: 'canonical_segment_id', where: ' where merged_to is null' },
  account: { table: 'account_traits', key: 'account_id', where: '' },
} as const satisfies Record<Entity, object>

/** Counts what a run published. Tables that are not there (nothing was published yet) count for nothing. */
export async function summarize(of: SummaryOf): Promise<Summary> {
  const catalog = await of.adapter.catalog([of.schema])
  return {
    totals: await countTotals(of, catalog),
    traits: [...(await countTraits(of, catalog, 'user')), ...(await countTraits(of, catalog, 'account'))],
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

async function countTraits(of: SummaryOf, catalog: Catalog, entity: Entity): Promise<readonly Counted[]> {
  const { dialect } = of.adapter
  const { table, key, where } = traitTables[entity]
  const there = new Set(columnsOf(catalog, table))
  const columns = new Map(of.nodes.map((node) => [node.id, node.columns.map(({ name }) => name)]))
  const traits = of.traits
    .filter((trait) => trait.entity === entity)
    .flatMap((trait) => columns.get(`trait.${trait.name}`) ?? [])
    .filter((name) => name !== key && there.has(shortName(dialect, name)))
  if (traits.length === 0) return []
  const counts = traits.map((name, index) => `count(${dialect.ident(name)}) as trait_${index}`)
  const from = dialect.relation(relation(of.schema, table))
  const rows = await of.adapter.query(`select ${counts.join(', ')} from ${from}${where}`)
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
