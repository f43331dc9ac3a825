import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openReader, openStore } from '../../../../src/serve/store/open-store.ts'
import type {
  Identifier,
  ProfileDocument,
  ProfileReader,
  ReadQuery,
} from '../../../../src/serve/store/store.ts'
import { kinds } from './kinds.ts'
import { type Change, difference, found, nothing, published, type Served, without } from './model.ts'
import { request } from './profiles.ts'

const ids = ['p0', 'p1', 'p2', 'p3']
const identifiers: readonly Identifier[] = ['a@x', 'A@x', 'b@x', 'B@X', ''].flatMap((value) =>
  ['email', 'user_id'].map((type) => ({ type, value })),
)
const anId = fc.constantFrom(...ids)
const anIdentifier = fc.constantFrom(...identifiers)
const aCollection = fc.constantFrom('users', 'accounts')

const aPart = fc.constantFrom('', 'x', 'y\tz')
const aDocument: fc.Arbitrary<ProfileDocument> = fc.record({
  id: anId,
  formerIds: fc.uniqueArray(anId, { maxLength: 2 }),
  identifiers: fc.uniqueArray(anIdentifier, { maxLength: 3 }),
  parts: fc
    .record({ traits: aPart, external_ids: aPart, links: fc.uniqueArray(anId, { maxLength: 3 }) })
    .map(({ traits, external_ids, links }) => ({
      ...(traits === '' ? {} : { traits }),
      ...(external_ids === '' ? {} : { external_ids }),
      ...(links.length === 0 ? {} : { links: links.join('\n') }),
    })),
})

const aChange: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('put'), collection: aCollection, document: aDocument }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove'), collection: aCollection, id: anId }) },
)

const aStep = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('publish'),
      full: fc.boolean(),
      changes: fc.array(aChange, { maxLength: 6 }),
      suppressing: fc.option(anIdentifier, { nil: undefined, freq: 6 }),
      fails: fc.constantFrom(true, false, false, false),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('suppress'), identifier: anIdentifier }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('unsuppress'), identifier: anIdentifier }) },
)

const queries: readonly ReadQuery[] = (['users', 'accounts'] as const).flatMap((collection) =>
  [...ids.map((id) => ({ id })), ...identifiers].map((by) => ({
    collection,
    by,
    parts: ['traits', 'external_ids', 'links'] as const,
    linked: 2,
  })),
)

async function answers(reader: ProfileReader): Promise<readonly unknown[]> {
  return await Promise.all(queries.map(async (query) => (await reader.read(query)).profile))
}

describe.each(kinds)('a store in $name', ({ name, place }) => {
  test('serves after any history what a plain model of it says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aStep, { minLength: 1, maxLength: 8 }), async (steps) => {
        const { store: at, drop } = await place()
        const store = await openStore(at)
        const reader = await openReader(at)
        let served: Served = nothing
        let suppressed: readonly Identifier[] = []
        let version = 0
        const suppress = async (identifier: Identifier): Promise<void> => {
          const after = without(served, identifier)
          const gone = (['users', 'accounts'] as const).flatMap((of) =>
            [...served[of].keys()].filter((id) => !after[of].has(id)),
          )
          expect([...(await store.suppress(identifier))].sort()).toEqual(gone.sort())
          served = after
          suppressed = [...suppressed, identifier]
          expect(await answers(reader)).toEqual(queries.map((query) => found(served, query)))
        }
        try {
          for (const step of steps) {
            if (step.kind === 'suppress') await suppress(step.identifier)
            if (step.kind === 'unsuppress') {
              const rest = suppressed.filter(
                ({ type, value }) =>
                  type !== step.identifier.type ||
                  value.toLowerCase() !== step.identifier.value.toLowerCase(),
              )
              expect(await store.unsuppress(step.identifier)).toBe(rest.length < suppressed.length)
              suppressed = rest
            }
            if (step.kind === 'publish') {
              const publishing = store.publish(request(step.full), async (writer) => {
                for (const change of step.changes) {
                  if (change.kind === 'put') await writer.put(change.collection, change.document)
                  else await writer.remove(change.collection, change.id)
                }
                if (step.suppressing !== undefined) await suppress(step.suppressing)
                if (step.fails) throw new Error('failing on purpose')
              })
              if (step.fails) await expect(publishing).rejects.toThrow('on purpose')
              else {
                const done = await publishing
                const after = published(served, suppressed, step.full, step.changes)
                const touched = step.changes.map((each) =>
                  each.kind === 'put'
                    ? `${each.collection} ${each.document.id}`
                    : `${each.collection} ${each.id}`,
                )
                version += 1
                // Who is suppressed meanwhile, or touched twice, may be counted when it came and when it went.
                if (step.suppressing === undefined && new Set(touched).size === touched.length) {
                  expect(done).toMatchObject(difference(served, after))
                }
                expect(done.release).toMatchObject({ version })
                served = after
              }
            }
            expect(await answers(reader)).toEqual(queries.map((query) => found(served, query)))
            const release = await reader.release()
            expect(release?.version ?? 0).toBe(version)
            if (release !== undefined) {
              expect(release).toMatchObject({ users: served.users.size, accounts: served.accounts.size })
            }
          }
        } finally {
          await reader.close()
          await store.close()
          await drop()
        }
      }),
      { numRuns: name === 'embedded' ? 60 : 15 },
    )
  })
})
