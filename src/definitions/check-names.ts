import { type Problem, problem } from '../diagnostics/problem.ts'
import { placeOf } from '../diagnostics/span.ts'
import type { Definition, Definitions } from './definitions.ts'

/** Columns of every profile or account, which a trait of the same name would hide. */
const reserved: ReadonlySet<string> = new Set([
  'canonical_segment_id',
  'merged_to',
  'account_id',
  'id',
  'user_id',
  'anonymous_id',
  'sent_at',
  'received_at',
  'segment_id',
  'known',
  'profile_number',
])

/** Of the rows that qualified members: of their node, and after `audience_` of their tables. */
export function memberRowsName(audience: string, relationship: string): string {
  return `${audience}__${relationship}`
}

/** Names given twice, and names of traits and audiences that are taken. */
export function checkNames(definitions: Definitions): readonly Problem[] {
  const { sources, entities, relationships, traits, audiences, models, destinations, syncs, unitTests } =
    definitions
  const spaces: readonly (readonly (readonly [string, readonly Definition[]])[])[] = [
    [['source', sources]],
    [['entity', entities]],
    [['relationship', relationships]],
    // Both become columns of profile_traits.
    [
      ['trait', traits],
      ['audience', audiences],
    ],
    [['model', models]],
    [['destination', destinations]],
    [['sync', syncs]],
    [['unit test', unitTests]],
  ]
  const taken = [...traits, ...audiences]
    .filter(({ name }) => reserved.has(name))
    .map(({ name, nameSpan }) => problem('PSN2015', { name }, nameSpan))
  const tables = audiences
    .filter(({ name }) => name === 'memberships' || name === 'sizes')
    .map(({ name, nameSpan }) => problem('PSN2015', { name, table: `audience_${name}` }, nameSpan))
  return [...spaces.flatMap(repeatedNames), ...taken, ...tables, ...tablesOfRows(definitions)]
}

/** Tables of rows stand beside the views of audiences. */
function tablesOfRows({ audiences, syncs }: Definitions): Problem[] {
  const firsts = new Map<string, { pair: string; place: string }>()
  return syncs.flatMap(({ name: rowsOf, from }) => {
    if (from.kind !== 'audience' || from.rows === undefined) return []
    const { relationship, span } = from.rows
    const name = memberRowsName(from.audience, relationship)
    const table = `audience_${name}`
    const audience = audiences.find((each) => each.name === name)
    const pair = `${from.audience} ${relationship}`
    const first = firsts.get(name) ?? { pair, place: placeOf(span) }
    firsts.set(name, first)
    const kind = 'table of rows'
    return [
      ...(audience === undefined ? [] : [problem('PSN2015', { name, table, rowsOf }, audience.nameSpan)]),
      ...(first.pair === pair
        ? []
        : [problem('PSN2010', { kind, name: table, firstKind: kind, first: first.place }, span)]),
    ]
  })
}

function repeatedNames(kinds: readonly (readonly [string, readonly Definition[]])[]): Problem[] {
  const firsts = new Map<string, { kind: string; place: string }>()
  const problems: Problem[] = []
  for (const [kind, definitions] of kinds) {
    for (const { name, nameSpan } of definitions) {
      const first = firsts.get(name)
      if (first === undefined) {
        firsts.set(name, { kind, place: placeOf(nameSpan) })
      } else {
        problems.push(problem('PSN2010', { kind, name, firstKind: first.kind, first: first.place }, nameSpan))
      }
    }
  }
  return problems
}
