import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { IdentityPlan } from '../../../src/identity/compile-identity.ts'
import { type Engine, fastEngines } from '../../support/engines.ts'
import { type Answer, answerOf } from './answer.ts'
import { type GivenEvent, type GivenRule, giveEvents, runIdentity } from './identity-run.ts'
import { defaults, event, isBlocked, limit, overLimit, overTime } from './short-text.ts'

interface Case extends Pick<Answer, 'profiles' | 'stamps'>, Partial<Pick<Answer, 'violations' | 'repoints'>> {
  readonly name: string
  readonly events: readonly string[]
  readonly rules?: readonly GivenRule[]
  readonly hardLimits?: { readonly mappings: number; readonly merges: number }
}

const cases: readonly Case[] = [
  {
    name: 'T1 anonymous becomes known',
    events: ['a=anon_123', 'u=use_123 a=anon_123'],
    profiles: ['a=anon_123 u=use_123'],
    stamps: [1, 1],
  },
  {
    name: 'T2 several devices and apps',
    events: [
      'a=anon_123 ios=ios_abc123',
      'a=anon_123 ios=ios_abc123',
      'u=abc123def a=anon_123 ios=ios_abc123',
      'u=abc123def a=anon_456 android=and_1a2b3c4d',
      'u=abc123def a=anon_789 android=and_1a2b3c4d',
    ],
    profiles: ['a=anon_123 a=anon_456 a=anon_789 android=and_1a2b3c4d ios=ios_abc123 u=abc123def'],
    stamps: [1, 1, 1, 1, 1],
  },
  {
    name: 'T3 the identifier of lowest priority is dropped',
    events: ['u=abc123 e=jane@x', 'u=abc456 e=jane@x'],
    profiles: ['e=jane@x u=abc123', 'u=abc456'],
    stamps: [1, 2],
    violations: [`2 e=jane@x ${overLimit}`],
  },
  {
    name: 'T4 no reset on logout',
    events: ['a=a1 u=u1', 'a=a1', 'a=a1 u=u2'],
    profiles: ['a=a1 u=u1', 'u=u2'],
    stamps: [1, 1, 2],
    violations: [`3 a=a1 ${overLimit}`],
  },
  {
    name: 'T6 shared tablet',
    events: ['ios=d u=u1', 'ios=d u=u2', 'ios=d u=u3'],
    profiles: ['ios=d u=u1', 'u=u2', 'u=u3'],
    stamps: [1, 2, 3],
    violations: [`2 ios=d ${overLimit}`, `3 ios=d ${overLimit}`],
  },
  {
    name: 'T7 an identifier that survives a reset',
    events: ['a=a1 ga=g', 'a=a2', 'a=a2 ga=g'],
    profiles: ['a=a1 a=a2 ga=g'],
    stamps: [1, 2, 2],
    repoints: ['2→1 by 3'],
  },
  {
    name: 'T7 without the event between',
    events: ['a=a1 ga=g', 'a=a2 ga=g'],
    profiles: ['a=a1 a=a2 ga=g'],
    stamps: [1, 1],
  },
  {
    name: 'T8 blocked values',
    events: ['u=null a=a1', 'u=null a=a2', 'u=0000-0000 a=a3'],
    profiles: ['a=a1', 'a=a2', 'a=a3'],
    stamps: [1, 2, 3],
    violations: [`1 u=null ${isBlocked}`, `2 u=null ${isBlocked}`, `3 u=0000-0000 ${isBlocked}`],
  },
  {
    name: 'T9 nothing but blocked values',
    events: ['u=-1', ''],
    profiles: [],
    stamps: [null, null],
    violations: [
      `1 u=-1 ${isBlocked}`,
      '1 null No matching identifiers on event',
      '2 null No matching identifiers on event',
    ],
  },
  {
    name: 'T10 sixth email',
    events: ['u=u1 e=e1', 'u=u1 e=e2', 'u=u1 e=e3', 'u=u1 e=e4', 'u=u1 e=e5', 'u=u1 e=e6', 'u=u1 e=e6'],
    profiles: ['e=e1 e=e2 e=e3 e=e4 e=e5 u=u1'],
    stamps: [1, 1, 1, 1, 1, 1, 1],
    violations: [`6 e=e6 ${overLimit}`, `7 e=e6 ${overLimit}`],
  },
  {
    name: 'T10 an identifier outranked by the one over its limit goes first',
    events: ['u=u1 e=e1', 'u=u1 e=e2', 'u=u1 e=e3', 'u=u1 e=e4', 'u=u1 e=e5', 'u=u1 e=e6 a=a9'],
    profiles: ['e=e1 e=e2 e=e3 e=e4 e=e5 u=u1'],
    stamps: [1, 1, 1, 1, 1, 1],
    violations: [`6 a=a9 ${overLimit}`, `6 e=e6 ${overLimit}`],
  },
  {
    name: 'T11 windowed limit',
    rules: limit('anonymous_id', { frequency: 'weekly' }),
    events: [
      '0d u=u1 a=a1',
      '0d u=u1 a=a2',
      '0d u=u1 a=a3',
      '0d u=u1 a=a4',
      '0d u=u1 a=a5',
      '3d u=u1 a=a6',
      '8d u=u1 a=a7',
    ],
    profiles: ['a=a1 a=a2 a=a3 a=a4 a=a5 a=a7 u=u1'],
    stamps: [1, 1, 1, 1, 1, 1, 1],
    violations: [`6 a=a6 ${overTime}`],
  },
  {
    name: 'a window leaves out its far end and holds its near one',
    rules: limit('anonymous_id', { frequency: 'weekly', limit: 1 }),
    events: ['0d u=u1 a=a1', '0d u=u1 a=a2', '7d u=u1 a=a3'],
    profiles: ['a=a1 a=a3 u=u1'],
    stamps: [1, 1, 1],
    violations: [`2 a=a2 ${overTime}`],
  },
  {
    name: 'T12 two user_ids allowed',
    rules: limit('user_id', { limit: 2 }).map((rule) =>
      rule.type === 'email' ? { ...rule, limit: 1 } : rule,
    ),
    events: ['u=u1 e=x', 'u=u2 e=x'],
    profiles: ['e=x u=u1 u=u2'],
    stamps: [1, 1],
  },
  {
    name: 'T13 the merge itself breaks a limit of a type that is not on the event',
    events: ['u=u1 e=e1', 'u=u2 a=a9', 'e=e1 a=a9'],
    profiles: ['a=a9 u=u2', 'e=e1 u=u1'],
    stamps: [1, 2, 1],
    violations: [`3 a=a9 ${overLimit}`],
  },
  {
    name: 'T14 chain of merges',
    events: ['a=a0', 'a=a1', 'a=a2', 'a=a1 a=a2', 'a=a0 a=a1'],
    profiles: ['a=a0 a=a1 a=a2'],
    stamps: [1, 2, 3, 3, 2],
    repoints: ['3→2 by 4', '2→1 by 5', '3→1 by 5'],
  },
  {
    name: 'a profile meets one that was merged away twice over',
    events: [
      'a=a1',
      'phone=5',
      'ios=i1',
      'e=e1',
      'ios=i1 e=e1',
      'e=e1 phone=5',
      'ios=i1 a=a1',
      'ga=g1',
      'ios=i1 ga=g1',
    ],
    profiles: ['a=a1 e=e1 ga=g1 ios=i1 phone=5'],
    stamps: [1, 2, 3, 4, 4, 3, 2, 5, 5],
    repoints: ['4→3 by 5', '3→2 by 6', '4→2 by 6', '2→1 by 7', '3→1 by 7', '4→1 by 7', '5→1 by 9'],
  },
  {
    name: 'one event merges three profiles',
    events: ['a=a1', 'a=a2', 'a=a3', 'a=a1 a=a2 a=a3 u=u1'],
    profiles: ['a=a1 a=a2 a=a3 u=u1'],
    stamps: [1, 2, 3, 3],
    repoints: ['2→1 by 4', '3→1 by 4'],
  },
  {
    name: 'T16 order matters',
    events: ['a=a1 u=u2', 'a=a1', 'a=a1 u=u1'],
    profiles: ['a=a1 u=u2', 'u=u1'],
    stamps: [1, 1, 2],
    violations: [`3 a=a1 ${overLimit}`],
  },
  {
    name: 'T17 two users of one account stay two',
    events: ['u=u1', 'u=u2'],
    profiles: ['u=u1', 'u=u2'],
    stamps: [1, 2],
  },
  {
    name: 'T18 an identifier of a custom type',
    events: ['u=u1 phone=5', 'a=a7 phone=5'],
    profiles: ['a=a7 phone=5 u=u1'],
    stamps: [1, 1],
  },
  {
    name: 'T19 an identifier found elsewhere on the event counts as any other',
    events: ['a=a1 e=x'],
    profiles: ['a=a1 e=x'],
    stamps: [1],
  },
  {
    name: 'of two values of one type the one found later goes first',
    rules: limit('email', { limit: 1 }),
    events: ['u=u1 e=late', 'u=u2 e=first e=second'],
    profiles: ['e=first u=u2', 'e=late u=u1'],
    stamps: [1, 2],
    violations: [`2 e=second ${overLimit}`],
  },
  {
    name: 'a full profile takes no more mappings, its events still resolve',
    hardLimits: { mappings: 3, merges: 100 },
    events: ['u=u1 a=a1', 'u=u1 a=a2', 'u=u1 a=a3', 'a=a2'],
    profiles: ['a=a1 a=a2 u=u1'],
    stamps: [1, 1, 1, 1],
    violations: ['3 a=a3 Identifier mapping limit exceeded'],
  },
  {
    name: 'a profile that has merged too often merges no more',
    hardLimits: { mappings: 1000, merges: 1 },
    events: ['a=a1', 'a=a2', 'a=a3', 'e=e1 a=a1', 'e=e1 a=a2', 'e=e1 a=a3'],
    profiles: ['a=a1 a=a2 e=e1', 'a=a3'],
    stamps: [1, 2, 3, 1, 2, 1],
    violations: ['6 a=a3 Profile merge limit exceeded'],
    repoints: ['2→1 by 5'],
  },
]

describe.each(fastEngines.map((engine) => ({ engine })))('identity on $engine.name', ({ engine }) => {
  let place: Awaited<ReturnType<Engine['open']>>
  beforeAll(async () => {
    place = await engine.open()
  })
  afterAll(async () => {
    await place.drop()
  })

  test.each(cases.map((given) => [given.name, given] as const))('%s', async (_, given) => {
    const input = {
      workSchema: place.workSchema,
      rules: given.rules ?? defaults,
      ...(given.hardLimits === undefined ? {} : { hardLimits: given.hardLimits }),
    }
    const events = given.events.map(event)
    const take = async (taken: readonly GivenEvent[], fullRefresh: boolean): Promise<IdentityPlan> => {
      await giveEvents(place.adapter, place.workSchema, taken, { fullRefresh })
      return await runIdentity(place.adapter, input)
    }
    // With the last event in a run of its own, then all at once.
    await take(events.slice(0, -1), true)
    for (const { taken, fullRefresh } of [
      { taken: events.slice(-1), fullRefresh: false },
      { taken: events, fullRefresh: true },
    ]) {
      const answer = await answerOf(place.adapter, place.workSchema, await take(taken, fullRefresh))
      expect(answer).toEqual({
        profiles: given.profiles,
        stamps: given.stamps,
        violations: (given.violations ?? []).toSorted(),
        repoints: (given.repoints ?? []).toSorted(),
      })
    }
  })
})
