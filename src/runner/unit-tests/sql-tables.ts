import { parseSqlTemplate } from '../../compiler/sql-files/sql-template.ts'
import type { Definitions, UnitTest } from '../../definitions/definitions.ts'
import type { RowTable } from './given-rows.ts'

type WithSql = Pick<Definitions, 'sources' | 'traits' | 'models'>

/**
 * Tables of no source that `.sql` files read by `{{ source 'crm' 'contacts' }}`, those of which a test gives rows: what
 * columns others have nobody says.
 */
export function sqlTables(definitions: WithSql, test: UnitTest): readonly RowTable[] {
  const sources = new Set(definitions.sources.map(({ name }) => name))
  const files = [...definitions.models, ...definitions.traits.filter((trait) => trait.type === 'sql')]
  const tables = files.flatMap(({ file, sql }) =>
    // What cannot be read is reported when the files are compiled.
    parseSqlTemplate(file, sql, () => {}).flatMap((part): readonly RowTable[] => {
      if (part.kind !== 'source') return []
      const [schema = '', table] = part.words
      if (table === undefined || sources.has(schema)) return []
      return [{ keys: [`${schema}.${table}`], schema, table, columns: [] }]
    }),
  )
  const given = tables.filter(({ keys }) => keys.some((key) => (test.given[key] ?? []).length > 0))
  return given.filter(
    ({ keys: [key] }, index) => given.findIndex(({ keys }) => keys.includes(key ?? '')) === index,
  )
}

const namedSource = /(\{\{~?\s*source\s+)(['"])([^'"]+)\2(?=\s+['"])/g

/** The same `.sql` files over tables in other schemas; those of sources move with these. */
export function moveSqlFiles<Some extends WithSql>(
  definitions: Some,
  schemaOf: (schema: string) => string,
): Some {
  const sources = new Set(definitions.sources.map(({ name }) => name))
  const moved = (sql: string): string =>
    sql.replaceAll(namedSource, (whole, before: string, quote: string, schema: string) =>
      sources.has(schema) ? whole : `${before}${quote}${schemaOf(schema)}${quote}`,
    )
  return {
    ...definitions,
    traits: definitions.traits.map((trait) =>
      trait.type === 'sql' ? { ...trait, sql: moved(trait.sql) } : trait,
    ),
    models: definitions.models.map((model) => ({ ...model, sql: moved(model.sql) })),
  }
}
