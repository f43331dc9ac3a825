import type { Definitions, EventTrait, RelatedTrait } from '../definitions/definitions.ts'
import type { IdentityPlan } from '../identity/compile-identity.ts'
import type { CompiledNode } from '../ir/node.ts'
import type { PublishedTable } from '../ir/published.ts'
import type { Relation } from '../ir/relation.ts'
import { shortName } from '../sql/names.ts'
import { keyColumn, type ScopedAudience } from './compile-scope.ts'
import { type Context, work, workSql } from './context.ts'
import { header, steps } from './header.ts'
import { scanRelation } from './scans/compile-scan.ts'
import { type MeasuredTypes, measureType } from './scans/measure.ts'
import { type Scan, type ScanColumn, type ScanPlan, scanNode } from './scans/plan-scans.ts'
import type { Referent } from './sql-files/render-sql-file.ts'
import { traitRelation } from './trait-registry.ts'
import { fallbackOf } from './traits/fallback.ts'
import { selectWithFallback } from './traits/select-with-fallback.ts'

/** What a `.sql` file may name with `ref`, besides models. */
export interface Referents {
  readonly names: readonly string[]
  referent(name: string): Referent | undefined
  audience(name: string): ScopedAudience | undefined
  /** Nodes for the identity tables that were asked for: the public shape, as of this run. */
  nodes(): readonly CompiledNode[]
}

export function referents(
  context: Context,
  definitions: Definitions,
  identity: IdentityPlan,
  scans: ScanPlan,
  types: MeasuredTypes,
): Referents {
  const used = new Map<string, CompiledNode>()
  const audiences = new Map(
    definitions.audiences.map((audience): [string, ScopedAudience] => [
      audience.name,
      {
        entity: audience.entity,
        relation: work(context, shortName(context.dialect, `audience_${audience.name}`)),
      },
    ]),
  )
  const found = new Map<string, () => Referent>()
  for (const table of identity.published) {
    found.set(table.name, () => {
      const node = used.get(table.name) ?? currentTable(context, table)
      used.set(table.name, node)
      return { node: node.id, relation: node.relation ?? work(context, table.name), columns: table.columns }
    })
  }
  found.set('account_users', () => ({
    node: 'identity.accounts',
    relation: work(context, 'account_users'),
    columns: [
      { name: 'account_id', type: 'text' },
      { name: 'canonical_segment_id', type: 'text' },
    ],
  }))
  for (const trait of definitions.traits) {
    if (trait.type === 'sql') continue
    const scanned = scans.ofTrait(trait.name)
    found.set(trait.name, () => {
      const relation = traitRelation(context, trait.name)
      if (trait.type === 'formula' || scanned === undefined) {
        return {
          node: `trait.${trait.name}`,
          relation,
          columns: [
            { name: keyColumn(trait.entity), type: 'text' },
            { name: trait.name, type: 'number' },
          ],
        }
      }
      const node = used.get(trait.name) ?? traitTable(context, trait, scanned, relation, types)
      used.set(trait.name, node)
      return { node: node.id, relation, columns: node.columns }
    })
  }
  for (const [name, audience] of audiences) {
    found.set(name, () => ({
      node: `audience.${name}`,
      relation: audience.relation,
      columns: [{ name: keyColumn(audience.entity), type: 'text' }],
    }))
  }
  return {
    names: [...found.keys()].sort(),
    referent: (name) => found.get(name)?.(),
    audience: (name) => audiences.get(name),
    nodes: () => [...used.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
  }
}

/** Profiles that have a trait, with its value, for the SQL files that read it. */
function traitTable(
  context: Context,
  trait: EventTrait | RelatedTrait,
  { scan, column }: { readonly scan: Scan; readonly column: ScanColumn },
  relation: Relation,
  types: MeasuredTypes,
): CompiledNode {
  const { dialect } = context
  const [key, name] = [keyColumn(scan.entity), dialect.ident(column.column)]
  const scanned = dialect.relation(scanRelation(context, scan))
  const from =
    scan.entity === 'account'
      ? { key: 'scan.account_id', sql: `from ${scanned} as scan` }
      : {
          key: 'profiles.canonical_segment_id',
          sql: `from ${scanned} as scan\ninner join ${workSql(context, 'profiles')} as profiles\n  on profiles.arrival = scan.profile_number`,
        }
  const type = measureType(column, types)
  const fallback = fallbackOf(trait, type, types)
  const select =
    fallback === undefined
      ? `select\n  ${from.key},\n  scan.${name}\n${from.sql}\nwhere scan.${name} is not null`
      : selectWithFallback(
          context,
          scan.entity,
          { relation: scanRelation(context, scan), column: column.column, type, fallback },
          column.column,
        )
  return {
    id: `profiles.${relation.name}`,
    type: 'profiles',
    name: relation.name,
    description: `\`${column.column}\` as of this run, for the SQL files that read it.`,
    tags: [],
    meta: {},
    dependsOn: [
      ...(fallback === undefined ? [] : [scan.entity === 'user' ? 'identity.profiles' : 'identity.accounts']),
      scanNode(scan),
    ],
    relation,
    columns: [
      { name: key, type: 'text' },
      { name: column.column, type },
    ],
    steps: steps(relation.name, header('profiles', relation.name), dialect.createTableAs(relation, select)),
  }
}

function currentTable(context: Context, table: PublishedTable): CompiledNode {
  const relation = work(context, `current_${table.name}`)
  return {
    id: `profiles.${table.name}`,
    type: 'profiles',
    name: table.name,
    description: `\`${table.name}\` as of this run, for the SQL files that read it.`,
    tags: [],
    meta: {},
    dependsOn: ['identity.profiles'],
    relation,
    columns: table.columns,
    steps: steps(
      table.name,
      header('profiles', table.name),
      context.dialect.createTableAs(relation, table.select),
    ),
  }
}
