import type { Definitions, Entity } from '../../definitions/definitions.ts'
import type { IdentityPlan } from '../../identity/compile-identity.ts'
import type { Catalog } from '../../ir/catalog.ts'
import type { CompiledNode, NodeColumn } from '../../ir/node.ts'
import type { PublishedTable } from '../../ir/published.ts'
import type { Relation } from '../../ir/relation.ts'
import { type Context, workSql } from '../context.ts'
import { aliasTables } from '../sources/alias-tables.ts'
import type { TraitRegistry } from '../trait-registry.ts'
import {
  audienceMemberships,
  audienceMembersSelect,
  audienceSizes,
  audienceViews,
  memberRowsTable,
} from './audience-tables.ts'
import { earlyWindows } from './early-windows.ts'
import { erasure } from './erasure.ts'
import { eventViews } from './event-views.ts'
import type { Publication } from './publish-node.ts'
import { traitHistory } from './trait-history.ts'
import { accountTraits, type EntityTraits, profileTraits, userTraits } from './trait-tables.ts'

export interface PublicationInput {
  readonly definitions: Definitions
  readonly identity: IdentityPlan
  readonly catalog: Catalog
  readonly registry: TraitRegistry
  /** Columns of the wide working tables. */
  readonly columns: Readonly<Record<Entity, readonly NodeColumn[]>>
  readonly eventNames: readonly string[]
  /** The nodes of rows that qualified members. */
  readonly memberRows: readonly CompiledNode[]
  readonly dependsOn: readonly string[]
}

/** Everything of contract section 4, from the working tables of the run. */
export function projectPublication(context: Context, input: PublicationInput): Publication {
  const { definitions, identity } = input
  const of = (entity: Entity): EntityTraits => {
    const audiences = definitions.audiences.filter((audience) => audience.entity === entity)
    // An audience hides a custom trait of its name, as a computed trait does.
    const hidden = new Set(audiences.map(({ name }) => name))
    return {
      entity,
      columns: input.columns[entity].filter(({ name }) => !hidden.has(name)),
      computed: input.registry.computed(entity),
      audiences,
    }
  }
  const memberships = audienceMemberships(context)
  const wide = profileTraits(context, of('user'))
  const history = traitHistory(context, of('user'), input.catalog)
  const tables: readonly PublishedTable[] = [
    ...identity.published,
    userTraits(context, of('user')),
    wide.published,
    history.published,
    accountTraits(context, of('account')),
    accountUsers(context),
    memberships.published,
    audienceSizes(context, definitions.audiences),
    ...input.memberRows.flatMap((node) => memberRowsTable(context, node)),
  ]
  const types = definitions.identity.identifiers.map(({ type }) => type).filter((type) => type !== 'group_id')
  const audiences = audienceViews(context, definitions.audiences, types)
  const taken = new Set([
    ...tables.map(({ name }) => name),
    ...audiences.map(({ name }) => name),
    'runs',
    'run_nodes',
  ])
  return {
    tables,
    views: [
      ...eventViews(
        context,
        definitions.identity.identifiers,
        aliasTables(definitions.sources, input.catalog),
        input.eventNames,
        taken,
      ),
      ...audiences,
    ],
    prepared: [
      identity.prepared,
      { name: 'next_audience_members', select: audienceMembersSelect(context, definitions.audiences) },
      { name: 'next_audience_memberships', select: memberships.next },
      { name: 'next_profile_traits', select: wide.next },
      { name: 'next_profile_traits_updates', select: history.next },
    ],
    erasure: erasure(context, leftRowTables(context, input.catalog, tables)),
    traits: { user: of('user'), account: of('account') },
    warnings: earlyWindows(context, definitions),
    dependsOn: input.dependsOn,
  }
}

/** Tables of rows of members that no sync asks for any more. */
function leftRowTables(
  { schema }: Context,
  catalog: Catalog,
  tables: readonly PublishedTable[],
): readonly Relation[] {
  const written = new Set(tables.map(({ name }) => name))
  return catalog.tables
    .filter(({ relation, columns }) => {
      const has = (name: string): boolean => columns.some((column) => column.name === name)
      const ofRows = relation.name.startsWith('audience_') && has('canonical_segment_id') && has('row_id')
      return relation.schema === schema && ofRows && !written.has(relation.name)
    })
    .map(({ relation }) => relation)
}

function accountUsers(context: Context): PublishedTable {
  return {
    name: 'account_users',
    columns: [
      { name: 'account_id', type: 'text' },
      { name: 'canonical_segment_id', type: 'text' },
    ],
    select: [
      'select',
      '  account_users.account_id,',
      '  account_users.canonical_segment_id',
      `from ${workSql(context, 'account_users')} as account_users`,
    ].join('\n'),
  }
}
