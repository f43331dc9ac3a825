import { cursorMember, cursorOf, parseCursor } from '../cursor.ts'
import { listed, takeLines } from '../take-lines.ts'
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
  parts: ({ verbose }) => (verbose ? ['traits', 'trait_sources'] : ['traits']),
  body(query, { found, url, asOf }) {
    const { limit, verbose } = query
    const { lines, hasMore } = takeLines(found.parts.traits, limit, wantedOf(query))
    const last = hasMore ? lines.at(-1) : undefined
    const next = last && cursorOf('traits', last.slice(0, last.indexOf('\t')))
    const members = verbose ? verboseMembers(lines, found.parts.trait_sources, asOf) : lines.map(member)
    return `{"traits":{${members.join(',')}},${cursorMember({ url, limit, next })}}`
  },
}

/** `"name":value` */
function member(line: string): string {
  const name = line.indexOf('\t')
  return `${line.slice(0, name)}:${line.slice(line.indexOf('\t', name + 1) + 1)}`
}

function wantedOf(query: TraitsQuery): ((line: string) => boolean) | undefined {
  const included = listed(query.include)
  const of = query.class
  const [after] = parseCursor('traits', 1, query.next) ?? []
  if (included === undefined && of === undefined && after === undefined) return undefined
  return (line) => {
    const end = line.indexOf('\t')
    const name = line.slice(0, end)
    if (included !== undefined && !included.has(name)) return false
    if (of !== undefined && !line.startsWith(`${of}\t`, end + 1)) return false
    return after === undefined || textOf(name) > after
  }
}

/** Lines are in the order of names, not of their JSON texts. */
function textOf(json: string): string {
  return json.includes('\\') ? String(JSON.parse(json)) : json.slice(1, -1)
}

function verboseMembers(
  lines: readonly string[],
  sources: string | undefined,
  asOf: string,
): readonly string[] {
  const sourceOf = new Map(sources?.split('\n').map((line) => tabbed(line)))
  return lines.map((line) => {
    const [name, rest] = tabbed(line)
    const [of, value] = tabbed(rest)
    const computed = `"source_id":"personas","updated_at":${JSON.stringify(asOf)}`
    const source = sourceOf.get(name) ?? (of === 'trait' ? '"source_id":null,"updated_at":null' : computed)
    return `${name}:{"value":${value},${source}}`
  })
}

/** What stands before the first tab, and behind it. */
function tabbed(line: string): readonly [string, string] {
  const tab = line.indexOf('\t')
  return [line.slice(0, tab), line.slice(tab + 1)]
}
