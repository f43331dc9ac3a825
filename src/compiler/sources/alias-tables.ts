import type { Source } from '../../definitions/definitions.ts'
import type { Catalog, CatalogColumn } from '../../ir/catalog.ts'
import type { SourceTable } from './source-table.ts'

/** The `aliases` of Segment schemas: calls that are shown, and that identity takes no notice of. */
export function aliasTables(sources: readonly Source[], catalog: Catalog): readonly SourceTable[] {
  return sources.flatMap((source) => {
    if (source.format !== 'segment') return []
    const tables = catalog.tables.filter(
      ({ relation }) =>
        relation.schema === source.schema &&
        relation.name === 'aliases' &&
        (source.database === undefined || relation.database === source.database),
    )
    return tables.flatMap((table): readonly SourceTable[] => {
      const column = (wanted: string): CatalogColumn | undefined =>
        table.columns.find(({ name }) => name === wanted)
      const id = column('id')
      const timestamp = column('timestamp')
      const receivedAt = column('received_at')
      const userId = column('user_id')
      const anonymousId = column('anonymous_id')
      if (id === undefined) return []
      return [
        {
          source: source.name,
          format: 'segment',
          relation: table.relation,
          call: 'alias',
          events: { kind: 'none' },
          id,
          ...(timestamp && { timestamp }),
          ...(receivedAt && { receivedAt }),
          ...(userId && { userId }),
          ...(anonymousId && { anonymousId }),
          identifiers: [],
          properties: new Map(),
          columns: table.columns,
        },
      ]
    })
  })
}
