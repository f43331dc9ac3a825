import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Problem } from '../../src/diagnostics/problem.ts'
import { lintDefinitions } from '../../src/lint/lint-definitions.ts'
import { evaluateAudience, type Members } from '../reference/definitions/audiences.ts'
import type { Raw } from '../reference/definitions/conditions.ts'
import { evaluateTrait } from '../reference/definitions/traits.ts'
import type { World } from '../reference/definitions/world.ts'
import { define } from '../scenarios/definitions/world-on-engine.ts'
import { seed } from '../support/seed.ts'
import { audiences, baseAudiences, traits } from './definition-arbitraries.ts'
import { tightAudiences, tightTraits, tightWorlds } from './lint-arbitraries.ts'
import { worlds } from './world-arbitraries.ts'

/** More cases, or other ones: `LINT_CASES=20000 SEED=7`. */
const cases = Number(process.env.LINT_CASES ?? 400)

interface Project {
  readonly traits: readonly Raw[]
  readonly audiences: readonly Raw[]
}

/** The same names whatever is drawn. */
function project(someTraits: readonly Raw[], someAudiences: readonly Raw[]): Project {
  return {
    traits: [
      // What the audiences ask for as a computed trait.
      { name: 'orders', entity: 'user', type: 'count', event: 'order' },
      ...someTraits.map((raw, index) => ({ name: `trait_${index}`, ...raw })),
    ],
    audiences: someAudiences.map((raw, index) => ({ name: `audience_${index}`, ...raw })),
  }
}

/** Traits that are computed stand beside the custom ones, as in a run. */
function withComputed(world: World, { traits: raws }: Project): World {
  const orders = raws.find(({ name }) => name === 'orders')
  if (orders === undefined) return world
  const counts = evaluateTrait(world, orders)
  return {
    ...world,
    userTraits: { ...world.userTraits, orders: 'integer' },
    users: world.users.map((user) => ({
      ...user,
      traits: { ...user.traits, orders: counts.get(user.id) ?? null },
    })),
  }
}

interface Answers {
  readonly traits: ReadonlyMap<string, ReadonlyMap<string, unknown>>
  readonly audiences: ReadonlyMap<string, ReadonlySet<string>>
}

function evaluate(world: World, of: Project): Answers {
  const full = withComputed(world, of)
  const members = new Map<string, { entity: string; ids: ReadonlySet<string> }>()
  const asked: Members = members
  for (const raw of of.audiences)
    members.set(String(raw.name), { entity: String(raw.entity), ids: evaluateAudience(full, raw, asked) })
  return {
    traits: new Map(of.traits.map((raw) => [String(raw.name), evaluateTrait(full, raw)])),
    audiences: new Map([...members].map(([name, { ids }]) => [name, ids])),
  }
}

/** The parameters that say what was claimed; the prose is for people. */
interface Claim {
  readonly code: string
  readonly of?: string
  readonly outcome?: string
  readonly audience?: string
  readonly other?: unknown
  readonly others?: unknown
  readonly trait?: string
  readonly within?: { readonly place: string }
}

/** Definitions that differ, one under the other. */
function difference(before: string, after: string): string {
  const [one, other] = [parse(before), parse(after)].map(({ audiences, traits }) => [...traits, ...audiences])
  return (one ?? [])
    .map((raw, index) => [JSON.stringify(raw), JSON.stringify(other?.[index])])
    .filter(([left, right]) => left !== right)
    .flat()
    .join('\n')
}

function claimOf({ code, parameters }: Problem): Claim {
  return { ...parameters, code }
}

/** Whether leaving out the part changes nothing is what the warning says. */
function isIdle({ code, outcome }: Claim): boolean {
  return code === 'PSN3304' || outcome === 'never' || outcome === 'always'
}

/** The text without the parts that warnings speak of: an item of a list, or a key with its value. */
function leaveOut(text: string, problems: readonly Problem[]): string {
  const starts = problems
    .map((one) => {
      const column = /:(\d+)$/.exec(claimOf(one).within?.place ?? '')?.[1] ?? one.span?.column
      const { outcome } = claimOf(one)
      // What never holds is left out where one of several must hold, what always does where all must.
      const joins = outcome === 'never' ? 'all' : outcome === 'always' ? 'any' : 'all|any'
      return { from: Number(column) - 1, joins }
    })
    .toSorted((left, right) => right.from - left.from)
  return starts.reduce((left, { from, joins }) => {
    const isKey = left[from] === '"'
    let start = left[from - 1] === ':' ? left.lastIndexOf('"', from - 3) : from
    let end = isKey ? endOfValue(left, left.indexOf(':', from) + 1) : endOfValue(left, from)
    // What stands alone in a group of a list is that group.
    for (let group = groupBefore(left, start, joins); group !== undefined; ) {
      if (!left.startsWith(']}', end)) break
      start = group
      end += 2
      group = groupBefore(left, start, joins)
    }
    if (left[end] === ',') end += 1
    else if (left[start - 1] === ',') start -= 1
    return left.slice(0, start) + left.slice(end)
  }, text)
}

/** Where the group in a list starts whose first item starts here. */
function groupBefore(text: string, start: number, joins: string): number | undefined {
  const opening = new RegExp(`(?<=[[,])\\{"(?:${joins})":\\[$`).exec(text.slice(0, start))?.[0]
  return opening === undefined ? undefined : start - opening.length
}

/** Where the JSON value ends that starts here. */
function endOfValue(text: string, start: number): number {
  let depth = 0
  let quoted = false
  for (let index = start; index < text.length; index += 1) {
    const char = text[index]
    if (quoted) {
      if (char === '\\') index += 1
      else if (char === '"') quoted = false
    } else if (char === '"') quoted = true
    else if (char === '{' || char === '[') depth += 1
    else if (char === '}' || char === ']') {
      if (depth === 0) return index
      depth -= 1
    } else if (char === ',' && depth === 0) return index
  }
  return text.length
}

function parse(text: string): Project {
  const { traits: someTraits, audiences: someAudiences } = JSON.parse(text)
  return { traits: someTraits, audiences: someAudiences }
}

const fired = new Map<string, number>()

function check(of: Project, drawn: readonly World[]): void {
  const text = JSON.stringify(of)
  const problems = lintDefinitions(define(text))
  const idle = problems.filter((one) => isIdle(claimOf(one)))
  const shorter = parse(leaveOut(text, idle))
  for (const one of problems) {
    const claim = claimOf(one)
    const kind = [claim.code, claim.outcome].filter((each) => each !== undefined).join(' ')
    fired.set(kind, (fired.get(kind) ?? 0) + 1)
  }
  for (const world of drawn) {
    const now = evaluate(world, of)
    expect(evaluate(world, shorter), difference(text, JSON.stringify(shorter))).toEqual(now)
    for (const one of problems) {
      const claim = claimOf(one)
      const message = `${one.message}\n${text}`
      if (!isIdle(claim)) checkClaim(world, of, now, claim, message)
    }
  }
}

function checkClaim(world: World, of: Project, now: Answers, claim: Claim, message: string): void {
  const members = (name: unknown): ReadonlySet<string> => now.audiences.get(String(name)) ?? new Set()
  const own = /`(.*)`/.exec(claim.of ?? '')?.[1]
  switch (claim.code) {
    case 'PSN3301':
    case 'PSN3302':
    case 'PSN3303':
    case 'PSN3305': {
      const everyone = claim.code === 'PSN3303' || claim.outcome === 'everyone'
      expect([...members(own)], message).toEqual(everyone ? eligible(world, of, own) : [])
      return
    }
    case 'PSN3306':
      for (const other of [claim.others].flat())
        expect([...members(other)], message).toEqual(expect.arrayContaining([...members(claim.audience)]))
      return
    case 'PSN3307':
      expect([...members(claim.audience)], message).toEqual([...members(claim.other)])
      return
    case 'PSN3308': {
      // What a trait falls back to is no event that counts.
      const raw = of.traits.find(({ name }) => name === claim.trait) ?? {}
      const found = [...evaluateTrait(withComputed(world, of), { ...raw, default: undefined }).values()]
      expect(
        found.filter((value) => value !== 0),
        message,
      ).toEqual([])
      return
    }
    default:
      throw new Error(`nothing checks ${claim.code}`)
  }
}

function eligible(world: World, of: Project, name: string | undefined): readonly string[] {
  const raw = of.audiences.find((audience) => audience.name === name)
  if (raw?.entity === 'account') return world.accounts.map(({ id }) => id)
  return world.users.filter(({ known }) => known || raw?.include_anonymous === true).map(({ id }) => id)
}

const parameters = { seed, numRuns: cases, endOnFailure: true }

test('what the linter says of conditions that often contradict holds for all histories drawn', () => {
  fired.clear()
  const drawn = fc.array(tightWorlds, { minLength: 6, maxLength: 6 })
  fc.assert(
    fc.property(drawn, tightTraits, tightAudiences, (someWorlds, someTraits, someAudiences) =>
      check(project(someTraits, someAudiences), someWorlds),
    ),
    parameters,
  )
  const kinds = [
    ...['PSN3301', 'PSN3303', 'PSN3304', 'PSN3306', 'PSN3307', 'PSN3308'],
    ...[
      'PSN3302 empty',
      'PSN3302 never',
      'PSN3305 empty',
      'PSN3305 everyone',
      'PSN3305 never',
      'PSN3305 always',
    ],
  ]
  const often = Object.fromEntries([...fired].sort(([a], [b]) => (a < b ? -1 : 1)))
  if (process.env.LINT_CASES !== undefined) console.log(often)
  expect(Object.keys(often)).toEqual(expect.arrayContaining(kinds))
}, 600_000)

test('and of any conditions', () => {
  fired.clear()
  fc.assert(
    fc.property(
      fc.array(worlds, { minLength: 2, maxLength: 2 }),
      fc.array(traits, { minLength: 5, maxLength: 5 }),
      fc.array(audiences, { minLength: 15, maxLength: 15 }),
      (someWorlds, someTraits, someAudiences) =>
        check(project(someTraits, [...baseAudiences, ...someAudiences]), someWorlds),
    ),
    { ...parameters, numRuns: cases / 4 },
  )
  expect(fired.size).toBeGreaterThan(0)
}, 600_000)
