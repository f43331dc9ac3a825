import { betweenTraits, linesOf } from '../../store/documents.ts'
import type { FoundProfile } from '../../store/store.ts'
import { cursorMember, cursorOf, parseCursor } from '../cursor.ts'
import { listed } from '../take-lines.ts'
import { cursorSchema, limitParameter, nextParameter, type Resource, verboseParameter } from './resource.ts'

interface TraitsQuery {
  readonly limit: number
  readonly next?: string
  readonly include?: string
  readonly class?: 'audience' | 'computed_trait'
  readonly verbose: boolean
}

export const traits: Resource<TraitsQuery> = {
  name: 'traits',
  summary: 'Traits of a profile and the audiences it is in, by name.',
  query: {
    limit: limitParameter(200),
    next: nextParameter,
    include: { type: 'string', description: 'Names, separated by commas; all unless given.' },
    class: { type: 'string', enum: ['audience', 'computed_trait'], description: 'Only those.' },
    verbose: verboseParameter,
  },
  answer: {
    type: 'object',
    required: ['traits', 'cursor'],
    additionalProperties: false,
    properties: {
      traits: {
        type: 'object',
        additionalProperties: true,
        description: 'Values by name; with `verbose`, objects of `value`, `source_id` and `updated_at`.',
      },
      cursor: cursorSchema,
    },
  },
  parts: ({ verbose, class: of }) => [
    'traits',
    ...(verbose || of !== undefined ? (['trait_classes'] as const) : []),
    ...(verbose ? (['trait_sources'] as const) : []),
  ],
  body(query, { found, url, asOf }) {
    const { limit, verbose } = query
    const isWanted = wantedOf(query, found.parts.trait_classes)
    const { members, last } =
      isWanted === undefined && !verbose
        ? firstMembers(found.parts.traits ?? '', limit)
        : wantedMembers(query, found.parts, isWanted, asOf)
    const next = last && cursorOf('traits', nameOf(last))
    return `{"traits":{${members}},${cursorMember({ url, limit, next })}}`
  },
}

interface Members {
  readonly members: string
  /** Where there are more: the last of these. */
  readonly last?: string
}

/** They stand in the part as they are answered. */
function firstMembers(part: string, limit: number): Members {
  let from = 0
  for (let count = 1; ; count += 1) {
    const end = part.indexOf(betweenTraits, from)
    if (end === -1) return { members: part }
    if (count === limit) return { members: part.slice(0, end), last: part.slice(from, end) }
    from = end + betweenTraits.length
  }
}

function wantedMembers(
  { limit, verbose }: TraitsQuery,
  parts: FoundProfile['parts'],
  isWanted: ((member: string, index: number) => boolean) | undefined,
  asOf: string,
): Members {
  const all = parts.traits === undefined ? [] : parts.traits.split(betweenTraits)
  const wanted = [...all.keys()].filter((index) => isWanted?.(all[index] ?? '', index) !== false)
  const shown = wanted.slice(0, limit)
  const detailed = verbose ? verboseMember(parts, asOf) : undefined
  const members = shown.map((index) => detailed?.(all[index] ?? '', index) ?? all[index])
  const last = all[shown.at(-1) ?? -1]
  return { members: members.join(','), ...(wanted.length > limit && last !== undefined && { last }) }
}

function wantedOf(
  query: TraitsQuery,
  classes: string | undefined,
): ((member: string, index: number) => boolean) | undefined {
  const included = listed(query.include)
  const of = query.class?.[0]
  const [after] = parseCursor('traits', 1, query.next) ?? []
  if (included === undefined && of === undefined && after === undefined) return undefined
  return (member, index) => {
    if (of !== undefined && classes?.[index] !== of) return false
    const name = nameOf(member)
    if (included !== undefined && !included.has(name)) return false
    return after === undefined || textOf(name) > after
  }
}

/** The JSON text before the colon of a member. */
function nameOf(member: string): string {
  let end = 1
  while (member[end] !== '"') end += member[end] === '\\' ? 2 : 1
  return member.slice(0, end + 1)
}

/** Members are in the order of names, not of their JSON texts. */
function textOf(json: string): string {
  return json.includes('\\') ? String(JSON.parse(json)) : json.slice(1, -1)
}

function verboseMember(
  { trait_classes: classes, trait_sources: sources }: FoundProfile['parts'],
  asOf: string,
): (member: string, index: number) => string {
  const sourceOf = new Map(linesOf(sources).map(([name = '', source]) => [name, source]))
  const computed = `"source_id":"personas","updated_at":${JSON.stringify(asOf)}`
  return (member, index) => {
    const name = nameOf(member)
    const unknown = classes?.[index] === 't' ? '"source_id":null,"updated_at":null' : computed
    return `${name}:{"value":${member.slice(name.length + 1)},${sourceOf.get(name) ?? unknown}}`
  }
}
