import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { linksPart } from '../../../../src/serve/store/documents.ts'
import { openReader, openStore } from '../../../../src/serve/store/open-store.ts'
import type { Identifier, ProfileDocument, ProfileStore } from '../../../../src/serve/store/store.ts'
import { kinds, type Place } from './kinds.ts'
import { email, part, profile, request, traitsBy } from './profiles.ts'

describe.each(kinds)('a store in $name', (kind) => {
  let place: Place
  let store: ProfileStore

  beforeEach(async () => {
    place = await kind.place()
    store = await openStore(place.store)
  })
  afterEach(async () => {
    await store.close()
    await place.drop()
  })

  const publish = (full: boolean, ...users: readonly ProfileDocument[]) =>
    store.publish(request(full), async (writer) => {
      for (const user of users) await writer.put('users', user)
    })
  const idBy = async (by: Identifier | { id: string }): Promise<string | undefined> =>
    (await store.read(traitsBy(by))).profile?.id

  test('answers that nothing was published until something is', async () => {
    expect(await store.release()).toBeUndefined()
    expect(await store.read(traitsBy({ id: 'use_1' }))).toEqual({ release: undefined, profile: undefined })
    expect(await store.suppress(email('a@x.io'))).toEqual([])
    expect(await store.release()).toBeUndefined()
  })

  test('a reader that is there before the store sees its first publish', async () => {
    const elsewhere = await kind.place()
    const reader = await openReader(elsewhere.store)
    expect(await reader.release()).toBeUndefined()
    expect(await reader.tokenName('00')).toBeUndefined()
    expect(await reader.read(traitsBy({ id: 'use_1' }))).toEqual({ release: undefined, profile: undefined })
    const late = await openStore(elsewhere.store)
    expect(await reader.release()).toBeUndefined()
    await late.publish(request(true), (writer) => writer.put('users', profile('use_1', [])))
    expect((await reader.release())?.version).toBe(1)
    expect((await reader.read(traitsBy({ id: 'use_1' }))).profile?.id).toBe('use_1')
    await late.close()
    await reader.close()
    await elsewhere.drop()
  })

  test('has an id that stays, and that no other store has', async () => {
    const elsewhere = await kind.place()
    const other = await openStore(elsewhere.store)
    const again = await openStore(place.store)
    expect(await store.id()).toMatch(/^[0-9a-f-]{36}$/)
    expect(await again.id()).toBe(await store.id())
    expect(await other.id()).not.toBe(await store.id())
    await other.close()
    await again.close()
    await elsewhere.drop()
  })

  test('a publish says what it wrote, and counts versions and profiles', async () => {
    const first = await store.publish(request(true, 'run 1'), async (writer) => {
      await writer.put('users', profile('use_1', [email('a@x.io')]))
      await writer.put('users', profile('use_2', []))
      await writer.put('accounts', profile('acme', []))
    })
    const release = { ...request(true, 'run 1').release, version: 1, users: 2, accounts: 1 }
    expect(first).toEqual({ release, written: 3, removed: 0 })
    expect(await store.release()).toEqual(release)
    const same = await publish(false, profile('use_1', [email('a@x.io')]))
    expect(same).toMatchObject({ release: { version: 2, users: 2, accounts: 1 }, written: 0, removed: 0 })
    const other = await publish(true, profile('use_2', [], { traits: 'other' }))
    expect(other).toMatchObject({ release: { version: 3, users: 1, accounts: 0 }, written: 1, removed: 2 })
    expect(await idBy({ id: 'use_1' })).toBeUndefined()
    expect(await idBy(email('a@x.io'))).toBeUndefined()
  })

  test('answers the parts that are asked for; empty ones are absent', async () => {
    await publish(true, profile('use_1', [], { traits: 'a\tb\nc\td', events: 'some', metadata: '' }))
    const answer = await store.read({
      collection: 'users',
      by: { id: 'use_1' },
      parts: ['traits', 'metadata', 'links'],
    })
    expect(answer.profile).toEqual({ id: 'use_1', parts: { traits: 'a\tb\nc\td' }, linked: [] })
    await publish(false, profile('use_1', [], { events: 'some' }))
    expect(part(await store.read(traitsBy({ id: 'use_1' })), 'traits')).toBeUndefined()
  })

  test('collections keep apart', async () => {
    await store.publish(request(true), async (writer) => {
      await writer.put('users', profile('1', [email('a@x.io')], { traits: 'of a user' }, ['0']))
      await writer.put('accounts', profile('1', [email('a@x.io')], { traits: 'of an account' }, ['0']))
    })
    for (const by of [{ id: '1' }, { id: '0' }, email('A@x.io')]) {
      expect(part(await store.read(traitsBy(by, 'users')), 'traits')).toBe('of a user')
      expect(part(await store.read(traitsBy(by, 'accounts')), 'traits')).toBe('of an account')
    }
  })

  test('finds identifiers whatever their letter case, first the one that is written so', async () => {
    await publish(
      true,
      profile('use_1', [email('Ada@x.io')]),
      profile('use_2', [email('ada@X.io'), email('ada@x.io')]),
      profile('use_3', [{ type: 'Email', value: 'ada@x.io' }, email('ÉTÉ@x.io')]),
    )
    expect(await idBy(email('Ada@x.io'))).toBe('use_1')
    expect(await idBy(email('ada@x.io'))).toBe('use_2')
    expect(await idBy(email('ada@X.io'))).toBe('use_2')
    expect(await idBy(email('ADA@X.IO'))).toBe('use_1')
    expect(await idBy({ type: 'Email', value: 'ADA@x.io' })).toBe('use_3')
    expect(await idBy(email('été@x.io'))).toBe('use_3')
    expect(await idBy({ type: 'phone', value: 'ada@x.io' })).toBeUndefined()
    await publish(false, profile('use_2', [email('ada@X.io')]))
    expect(await idBy(email('ada@x.io'))).toBe('use_1')
  })

  test.each([true, false])(
    'a merge moves identifiers and leaves the former id (put first: %s)',
    async (putFirst) => {
      await publish(
        true,
        profile('use_0', [email('a@x.io')]),
        profile('use_1', [email('b@x.io'), email('B@x.io')], undefined, ['use_9']),
      )
      const published = await store.publish(request(false), async (writer) => {
        const merged = profile('use_0', [email('a@x.io'), email('b@x.io')], undefined, ['use_1', 'use_9'])
        if (putFirst) await writer.put('users', merged)
        await writer.remove('users', 'use_1')
        if (!putFirst) await writer.put('users', merged)
      })
      expect(published).toMatchObject({ release: { users: 1 }, written: 1, removed: 1 })
      for (const by of [
        email('a@x.io'),
        email('b@x.io'),
        { id: 'use_0' },
        { id: 'use_1' },
        { id: 'use_9' },
      ]) {
        expect(await idBy(by)).toBe('use_0')
      }
    },
  )

  test('a profile that is there again goes before one that once had its id', async () => {
    await publish(true, profile('use_0', [], undefined, ['use_1']), profile('use_1', []))
    expect(await idBy({ id: 'use_1' })).toBe('use_1')
    await store.publish(request(false), (writer) => writer.remove('users', 'use_1'))
    expect(await idBy({ id: 'use_1' })).toBe('use_0')
  })

  test('an identifier that moved leads to whom it belongs to now', async () => {
    await publish(true, profile('use_1', [email('a@x.io')]), profile('use_2', []))
    await publish(false, profile('use_2', [email('A@x.io')]), profile('use_1', []))
    expect(await idBy(email('a@x.io'))).toBe('use_2')
    await publish(false, profile('use_2', []), profile('use_1', [email('a@x.io')]))
    expect(await idBy(email('a@x.io'))).toBe('use_1')
  })

  const odd = [
    '',
    ' ',
    '\u0000',
    'a\u0000b',
    '\ud800',
    '\ufffd',
    '😀',
    'İ',
    "'; drop table x; --",
    '"quoted"',
    'a\tb\nc\\d',
    '\\x00',
    '%00',
    'x'.repeat(5_000),
    'é'.repeat(399),
    `${'x'.repeat(5_000)}y`,
  ]

  test('takes any text for ids and identifiers', async () => {
    await publish(
      true,
      ...odd.map((text) =>
        profile(text, [{ type: text, value: text }, email(text)], { traits: 'some' }, [`was ${text}`]),
      ),
    )
    expect(await store.release()).toMatchObject({ users: odd.length })
    for (const text of odd) {
      for (const by of [{ id: text }, email(text), { type: text, value: text }, { id: `was ${text}` }]) {
        expect(await idBy(by), JSON.stringify(by).slice(0, 80)).toBe(text)
      }
    }
    const links = { links: linksPart(odd) }
    await store.publish(request(false), (writer) => writer.put('accounts', profile('acme', [], links)))
    await publish(false, ...odd.map((text) => profile(text, [], { external_ids: `of ${odd.indexOf(text)}` })))
    const answer = await store.read({
      collection: 'accounts',
      by: { id: 'acme' },
      parts: ['links'],
      linked: 99,
    })
    expect(answer.profile?.linked).toEqual(odd.map((_, index) => `of ${index}`))
    expect(await store.publish(request(true), async () => {})).toMatchObject({ removed: odd.length + 1 })
  })

  test('parts may be long, and of any characters', async () => {
    const long = JSON.stringify('é😀\u0000\u0001"\\\t'.repeat(50_000))
    await publish(true, profile('use_1', [], { traits: long, events: 'x'.repeat(3_000_000) }))
    const answer = await store.read({ collection: 'users', by: { id: 'use_1' }, parts: ['traits', 'events'] })
    expect(part(answer, 'traits')).toBe(long)
    expect(part(answer, 'events')).toHaveLength(3_000_000)
    expect(
      await publish(true, profile('use_1', [], { traits: long, events: 'x'.repeat(3_000_000) })),
    ).toMatchObject({
      written: 0,
    })
  })

  test('links lead to what is served of the other collection, in their order', async () => {
    await store.publish(request(true), async (writer) => {
      const links = { links: linksPart(['use_3', 'use_gone', 'use_2', 'use_1']) }
      await writer.put('accounts', profile('acme', [], links))
      for (const id of ['use_1', 'use_2'])
        await writer.put('users', profile(id, [], { external_ids: `of ${id}` }))
      await writer.put('users', profile('use_3', []))
    })
    const query = { collection: 'accounts', by: { id: 'acme' }, parts: ['links'] } as const
    expect((await store.read({ ...query, linked: 4 })).profile?.linked).toEqual(['', 'of use_2', 'of use_1'])
    expect((await store.read({ ...query, linked: 1 })).profile?.linked).toEqual([''])
    expect((await store.read(query)).profile?.linked).toEqual([])
    expect((await store.read({ ...query, parts: ['traits'], linked: 4 })).profile?.linked).toEqual([])
  })

  test('what fails changes nothing', async () => {
    await publish(true, profile('use_1', [email('a@x.io')]))
    const before = await store.release()
    const failure = new Error('the warehouse went away')
    const failing = store.publish(request(true), async (writer) => {
      await writer.put('users', profile('use_2', [email('a@x.io')]))
      await writer.remove('users', 'use_1')
      throw failure
    })
    await expect(failing).rejects.toBe(failure)
    expect(await store.release()).toEqual(before)
    expect(await idBy(email('a@x.io'))).toBe('use_1')
    expect(await idBy({ id: 'use_2' })).toBeUndefined()
    expect(await publish(true, profile('use_1', [email('a@x.io')]))).toMatchObject({ written: 0, removed: 0 })
  })

  test('another publish is refused at once: PSN7001', async () => {
    const other = await openStore(place.store)
    await store.publish(request(true), async (writer) => {
      await writer.put('users', profile('use_1', []))
      await expect(other.publish(request(true), async () => {})).rejects.toThrow('PSN7001')
      await expect(store.publish(request(true), async () => {})).rejects.toThrow('PSN7001')
      expect(await other.release()).toBeUndefined()
    })
    expect(await other.publish(request(false), async () => {})).toMatchObject({
      release: { version: 2, users: 1 },
    })
    await other.close()
  })

  test('who is suppressed goes at once and stays away, until the next publish after it is lifted', async () => {
    const ada = profile('use_1', [email('Ada@x.io'), email('other@x.io')])
    await publish(true, ada, profile('use_2', [email('b@x.io')]), profile('use_3', [email('ADA@x.io')]))
    expect([...(await store.suppress(email('ada@X.io')))].sort()).toEqual(['use_1', 'use_3'])
    for (const by of [email('ada@x.io'), email('other@x.io'), { id: 'use_1' }, { id: 'use_3' }]) {
      expect(await idBy(by)).toBeUndefined()
    }
    expect(await store.release()).toMatchObject({ version: 1, users: 1 })
    expect(await store.suppress(email('ada@X.io'))).toEqual([])
    expect(await publish(true, ada, profile('use_2', [email('b@x.io')]))).toMatchObject({
      release: { users: 1 },
      written: 0,
      removed: 0,
    })
    expect(await publish(false, profile('use_2', [email('b@x.io'), email('ADA@x.io')]))).toMatchObject({
      release: { users: 0 },
      removed: 1,
    })
    expect(await idBy(email('other@x.io'))).toBeUndefined()
    expect(await store.unsuppress(email('ADA@x.io'))).toBe(true)
    expect(await store.unsuppress(email('ADA@x.io'))).toBe(false)
    expect(await idBy(email('other@x.io'))).toBeUndefined()
    await publish(false, ada)
    expect(await idBy(email('other@x.io'))).toBe('use_1')
  })

  test('nobody comes back by a publish that began before', async () => {
    const other = await openStore(place.store)
    const ada = profile('use_1', [email('ada@x.io')])
    const links = { links: linksPart(['use_1', 'use_2']) }
    const published = await store.publish(request(true), async (writer) => {
      await writer.put('users', ada)
      await writer.put('users', profile('use_2', [email('b@x.io')], { external_ids: 'of use_2' }))
      await writer.put('accounts', profile('acme', [], links))
      expect(await other.suppress(email('ADA@x.io'))).toEqual([])
    })
    expect(published).toMatchObject({ release: { users: 1 } })
    expect(await idBy(email('ada@x.io'))).toBeUndefined()
    await store.publish(request(true), async (writer) => {
      expect(await other.suppress(email('b@x.io'))).toEqual(['use_2'])
      // What is served until then is passed over from now on, though its rows are still there.
      expect(await idBy(email('b@x.io'))).toBeUndefined()
      expect(await idBy({ id: 'use_2' })).toBeUndefined()
      const query = { collection: 'accounts', by: { id: 'acme' }, parts: ['links'], linked: 9 } as const
      expect((await other.read(query)).profile?.linked).toEqual([])
      await writer.put('users', profile('use_2', [email('b@x.io')]))
      await writer.put('users', ada)
    })
    expect(await idBy(email('b@x.io'))).toBeUndefined()
    expect(await store.release()).toMatchObject({ version: 2, users: 0 })
    await other.close()
  })

  test('who was suppressed while a publish failed is taken out when it is over', async () => {
    await publish(true, profile('use_1', [email('ada@x.io')]))
    const failing = store.publish(request(true), async () => {
      expect(await store.suppress(email('ada@x.io'))).toEqual(['use_1'])
      await store.unsuppress(email('ada@x.io'))
      throw new Error('the warehouse went away')
    })
    await expect(failing).rejects.toThrow('went away')
    expect(await idBy(email('ada@x.io'))).toBeUndefined()
    expect(await store.release()).toMatchObject({ version: 1, users: 0 })
    await publish(true, profile('use_1', [email('ada@x.io')]))
    expect(await idBy(email('ada@x.io'))).toBe('use_1')
  })

  test('tokens are known by name, and by hash until they are revoked', async () => {
    const token = { name: 'web', hash: 'ab'.repeat(32), createdAt: '2026-01-31T10:00:00.000000Z' }
    const older = { ...token, name: 'É "odd"', hash: 'cd'.repeat(32) }
    const reader = await openReader(place.store)
    expect(await reader.tokenName(token.hash)).toBeUndefined()
    expect(await store.addToken(token)).toBe(true)
    expect(await store.addToken(older)).toBe(true)
    expect(await store.addToken({ ...token, hash: 'ef'.repeat(32) })).toBe(false)
    expect(await store.tokens()).toEqual([token, older])
    await expect.poll(() => reader.tokenName(token.hash), { timeout: 1_100 }).toBe('web')
    expect(await reader.tokenName('ef'.repeat(32))).toBeUndefined()
    expect(await store.revokeToken('web')).toBe(true)
    expect(await store.revokeToken('web')).toBe(false)
    await expect.poll(() => reader.tokenName(token.hash), { timeout: 1_100 }).toBeUndefined()
    expect(await reader.tokenName(older.hash)).toBe(older.name)
    expect(await store.tokens()).toEqual([older])
    expect(await store.addToken(token)).toBe(true)
    await reader.close()
  })
})
