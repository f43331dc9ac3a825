import { typeText } from '../binder/types.ts'
import { notModelled } from '../errors.ts'
import type { Name, Statement } from '../language/syntax.ts'
import type { Engine, Running } from './engine.ts'
import { findRelation } from './relations.ts'
import { listing, type Result } from './results.ts'

export function show(statement: Statement & { kind: 'show' }, running: Running, engine: Engine): Result {
  const { session } = running
  const like =
    statement.like === undefined
      ? undefined
      : new RegExp(
          `^${statement.like
            .replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
            .replaceAll('%', '.*')
            .replaceAll('_', '.')}$`,
          'is',
        )
  const wanted = (name: string): boolean => like === undefined || like.test(name)
  const [first, second] = statement.in ?? []
  const database =
    second === undefined && statement.what !== 'SCHEMAS' ? session.database : (first ?? session.database)
  switch (statement.what) {
    case 'WAREHOUSES':
      return listing(
        ['name', 'state'],
        [...engine.warehouses].filter(wanted).map((name) => [name, 'STARTED']),
      )
    case 'DATABASES':
      return listing(
        ['name'],
        [...engine.catalog.databases.keys()].filter(wanted).map((name) => [name]),
      )
    case 'PARAMETERS':
      return listing(
        ['key', 'value'],
        [...session.parameters].filter(([name]) => wanted(name)).map(([name, value]) => [name, value]),
      )
    case 'SCHEMAS':
      return listing(
        ['name', 'database_name'],
        [...engine.catalog.database(database ?? '').keys()]
          .filter(wanted)
          .map((name) => [name, database ?? '']),
      )
    case 'TABLES':
    case 'VIEWS': {
      const kind = statement.what === 'TABLES' ? 'table' : 'view'
      const schema = second ?? first ?? session.schema ?? ''
      const relations = [...engine.catalog.schema(database ?? '', schema).relations].filter(
        ([name, of]) => of.kind === kind && wanted(name),
      )
      return listing(
        ['name', 'database_name', 'schema_name', 'kind'],
        relations.map(([name, of]) => [
          name,
          database ?? '',
          schema,
          of.kind === 'table' && of.transient ? 'TRANSIENT' : of.kind.toUpperCase(),
        ]),
      )
    }
    case 'COLUMNS':
      throw notModelled('SHOW COLUMNS')
  }
}

export function describe(name: Name, running: Running, engine: Engine): Result {
  const { columns } = findRelation(name, running, engine)
  return listing(
    ['name', 'type', 'kind', 'null?'],
    columns.map((column) => [column.name, typeText(column.type), 'COLUMN', column.notNull ? 'N' : 'Y']),
  )
}
