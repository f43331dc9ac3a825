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
  return [...spaces.flatMap(repeatedNames), ...taken, ...tables]
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
