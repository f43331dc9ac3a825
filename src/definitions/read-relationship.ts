import { problem } from '../diagnostics/problem.ts'
import type { RawEntity, RawRelationship } from './definition-shapes.ts'
import type { ColumnRef, Relationship, RelationshipJoin, WarehouseEntity } from './definitions.ts'
import { type Reading, readCarried } from './reading.ts'

export function readEntity(raw: RawEntity, { places }: Reading): WarehouseEntity {
  return {
    ...readCarried(raw, places),
    ...tableParts(raw.table),
    tableSpan: places.valueSpan(raw, 'table'),
    primaryKey: { column: raw.primary_key, span: places.valueSpan(raw, 'primary_key') },
    ...(raw.timestamp !== undefined && {
      timestamp: { column: raw.timestamp, span: places.valueSpan(raw, 'timestamp') },
    }),
  }
}

/** The relationship, and those nested in it, which have it as their parent. */
export function readRelationships(raw: RawRelationship, reading: Reading): readonly Relationship[] {
  return readNested(raw, undefined, reading)
}

function readNested(
  raw: RawRelationship,
  above: Relationship['parent'],
  reading: Reading,
): readonly Relationship[] {
  const { places } = reading
  if (above !== undefined && raw.parent !== undefined) {
    const detail = `relationship \`${raw.name}\` is nested in \`${above.name}\` and names a \`parent\` as well`
    reading.report(problem('PSN2082', { detail }, places.keySpan(raw, 'parent')))
  }
  const parent =
    above ??
    (raw.parent === undefined ? undefined : { name: raw.parent, span: places.valueSpan(raw, 'parent') })
  const join = readJoin(raw, parent !== undefined, reading)
  const carried = readCarried(raw, places)
  const own: readonly Relationship[] =
    join === undefined
      ? []
      : [
          {
            ...carried,
            entity: raw.entity,
            entitySpan: places.valueSpan(raw, 'entity'),
            ...(parent !== undefined && { parent }),
            join,
          },
        ]
  const here = { name: raw.name, span: carried.nameSpan }
  return [...own, ...(raw.relationships ?? []).flatMap((inner) => readNested(inner, here, reading))]
}

const ofProfile = ['external_id', 'trait', 'account_trait'] as const
const ofRow = ['join_on', 'junction'] as const

/** Exactly one join, of those that suit what is above. */
function readJoin(raw: RawRelationship, nested: boolean, reading: Reading): RelationshipJoin | undefined {
  const { places } = reading
  const suited: readonly (keyof RawRelationship)[] = nested ? ofRow : ofProfile
  const found = [...ofProfile, ...ofRow].filter((key) => raw[key] !== undefined)
  const [only, second] = found
  const wrong = (detail: string, key: string): undefined => {
    reading.report(problem('PSN2082', { detail }, places.keySpan(raw, key)))
  }
  if (only === undefined)
    return wrong(`relationship \`${raw.name}\` does not say how its rows are joined`, 'entity')
  if (second !== undefined)
    return wrong(`relationship \`${raw.name}\` is joined both by \`${only}\` and by \`${second}\``, second)
  if (!suited.includes(only))
    return wrong(
      nested
        ? `\`${only}\` joins rows to profiles, but \`${raw.name}\` is below another relationship`
        : `\`${only}\` joins rows to those of another relationship, but \`${raw.name}\` is below none`,
      only,
    )
  const column = (container: object, key: string): ColumnRef => ({
    column: String(Reflect.get(container, key)),
    span: places.valueSpan(container, key),
  })
  const { external_id: externalId, join_on: joinOn, junction } = raw
  if (externalId !== undefined)
    return {
      kind: 'external_id',
      type: externalId.type,
      typeSpan: places.valueSpan(externalId, 'type'),
      joinKey: column(externalId, 'join_key'),
    }
  if (joinOn !== undefined)
    return { kind: 'columns', left: column(joinOn, 'left'), right: column(joinOn, 'right') }
  if (junction !== undefined) {
    const side = (of: object) => ({ column: column(of, 'column'), junction: column(of, 'junction') })
    return {
      kind: 'junction',
      ...tableParts(junction.table),
      tableSpan: places.valueSpan(junction, 'table'),
      left: side(junction.left),
      right: side(junction.right),
    }
  }
  const trait = raw.trait ?? raw.account_trait
  if (trait === undefined) return undefined
  return {
    kind: 'trait',
    of: raw.trait === undefined ? 'account' : 'user',
    trait: trait.name,
    traitSpan: places.valueSpan(trait, 'name'),
    joinKey: column(trait, 'join_key'),
  }
}

function tableParts(text: string): Pick<WarehouseEntity, 'database' | 'schema' | 'table'> {
  const parts = text.split('.')
  const [schema = '', table = ''] = parts.slice(-2)
  const database = parts.length === 3 ? parts[0] : undefined
  return { ...(database !== undefined && { database }), schema, table }
}
