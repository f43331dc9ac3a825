import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, fastEngines } from '../../support/engines.ts'
import { type Answer, answerOf } from './answer.ts'
import { type GivenRule, giveEvents, runIdentity } from './identity-run.ts'
import { defaults, event, isBlocked, limit, overLimit, overTime } from './short-text.ts'

interface Phase {
  readonly rules: readonly GivenRule[]
  readonly events: readonly string[]
}

/** Rules that were edited between two runs. */
interface Case extends Omit<Answer, 'repoints'> {
  readonly name: string
  readonly before: Phase
  readonly after: Phase
  readonly hardLimits?: { readonly mappings: number; readonly merges: number }
}

const without = (type: string): readonly GivenRule[] => defaults.filter((rule) => rule.type !== type)
const first = (type: string): readonly GivenRule[] => [
  ...defaults.filter((rule) => rule.type === type),
  ...without(type),
]

const cases: readonly Case[] = [
  {
    name: 'a profile that holds more than a lowered limit keeps it and grows no more',
    before: { rules: defaults, events: ['u=u1 e=e1', 'u=u1 e=e2'] },
    after: { rules: limit('email', { limit: 1 }), events: ['u=u1 e=e1 a=a1', 'u=u1 e=e3'] },
    profiles: ['a=a1 e=e1 e=e2 u=u1'],
    stamps: [1, 1, 1, 1],
    violations: [`4 e=e3 ${overLimit}`],
  },
  {
    name: 'profiles are not joined past a lowered limit',
    before: { rules: defaults, events: ['e=e1 a=a1', 'e=e2 a=a2'] },
    after: { rules: limit('email', { limit: 1 }), events: ['a=a1 a=a2'] },
    profiles: ['a=a1 e=e1', 'a=a2 e=e2'],
    stamps: [1, 2, 1],
    violations: [`3 a=a2 ${overLimit}`],
  },
  {
    name: 'what was refused is let in by a raised limit when it comes again',
    before: { rules: limit('email', { limit: 1 }), events: ['u=u1 e=e1', 'u=u1 e=e2'] },
    after: { rules: defaults, events: ['u=u1 e=e2'] },
    profiles: ['e=e1 e=e2 u=u1'],
    stamps: [1, 1, 1],
    violations: [`2 e=e2 ${overLimit}`],
  },
  {
    name: 'an identifier of a removed type stays and joins nothing',
    before: { rules: defaults, events: ['u=u1 phone=5'] },
    after: { rules: without('phone'), events: ['u=u2 phone=5', 'phone=5'] },
    profiles: ['phone=5 u=u1', 'u=u2'],
    stamps: [1, 2, null],
    violations: ['3 null No matching identifiers on event'],
  },
  {
    name: 'an identifier of a removed type counts as a mapping',
    before: { rules: defaults, events: ['u=u1 phone=5'] },
    after: { rules: without('phone'), events: ['u=u1 a=a1'] },
    hardLimits: { mappings: 2, merges: 100 },
    profiles: ['phone=5 u=u1'],
    stamps: [1, 1],
    violations: ['2 a=a1 Identifier mapping limit exceeded'],
  },
  {
    name: 'a type joins from when it was added',
    before: { rules: without('phone'), events: ['u=u1 phone=5'] },
    after: { rules: defaults, events: ['a=a1 phone=5'] },
    profiles: ['a=a1 phone=5', 'u=u1'],
    stamps: [1, 2],
    violations: [],
  },
  {
    name: 'a value blocked later stays and joins nothing',
    before: { rules: defaults, events: ['u=u1 e=info'] },
    after: { rules: limit('email', { blocked: [{ exact: 'info' }] }), events: ['a=a1 e=info'] },
    profiles: ['a=a1', 'e=info u=u1'],
    stamps: [1, 2],
    violations: [`2 e=info ${isBlocked}`],
  },
  {
    name: 'a window looks at when identifiers were linked under other rules',
    before: { rules: limit('anonymous_id', { limit: 1 }), events: ['0d u=u1 a=a1'] },
    after: {
      rules: limit('anonymous_id', { limit: 1, frequency: 'weekly' }),
      events: ['8d u=u1 a=a2', '9d u=u1 a=a3'],
    },
    profiles: ['a=a1 a=a2 u=u1'],
    stamps: [1, 1, 1],
    violations: [`3 a=a3 ${overTime}`],
  },
  {
    name: 'another order of priority drops another identifier',
    before: { rules: defaults, events: ['u=u1 e=jane', 'u=u2 e=jane'] },
    after: { rules: first('email'), events: ['u=u3 e=jane'] },
    profiles: ['e=jane u=u1', 'u=u2'],
    stamps: [1, 2, 1],
    violations: [`2 e=jane ${overLimit}`, `3 u=u3 ${overLimit}`],
  },
]

describe.each(fastEngines.map((engine) => ({ engine })))('edited rules on $engine.name', ({ engine }) => {
  let place: Awaited<ReturnType<Engine['open']>>
  beforeAll(async () => {
    place = await engine.open()
  })
  afterAll(async () => {
    await place.drop()
  })

  test.each(cases.map((given) => [given.name, given] as const))('%s', async (_, given) => {
    const { before, after, hardLimits, profiles, stamps, violations } = given
    const { adapter, workSchema } = place
    const take = async ({ rules, events }: Phase, taken: number) => {
      const given = events.map((text, index) => event(text, taken + index))
      await giveEvents(adapter, workSchema, given, { fullRefresh: taken === 0 })
      return await runIdentity(adapter, { workSchema, rules, ...(hardLimits && { hardLimits }) })
    }
    await take(before, 0)
    const plan = await take(after, before.events.length)
    const answer = await answerOf(adapter, workSchema, plan)
    expect(answer).toMatchObject({ profiles, stamps, violations })
  })
})
