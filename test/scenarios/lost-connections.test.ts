import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Adapter } from '../../src/adapters/adapter.ts'
import { type CuttingProxy, openCuttingProxy } from '../support/cutting-proxy.ts'
import { openDatabase, openPostgresProject, published } from '../support/postgres-project.ts'

/*
 * A run on PostgreSQL whose n-th statement loses its connection: before it gets to the server, or when the server has done
 * it and cannot say so any more. LOST_CONNECTIONS=1 tries every statement there is, 10 every tenth.
 */
const name = `lost_${process.pid}`
const project = openPostgresProject()
const asOf = '2026-06-02T00:00:00.000Z'
let server: Adapter
let proxy: CuttingProxy
let before: string
let undisturbed: string
let statements: number

beforeAll(async () => {
  server = await openDatabase(inject('postgresUrl'), 'postgres')
  proxy = await openCuttingProxy(new URL(inject('postgresUrl')))
  await server.execute(`create database ${name}_base`)
  const base = await openDatabase(inject('postgresUrl'), `${name}_base`)
  await project.fill(base, 'first')
  expect((await project.run(base)).record.status).toBe('success')
  await project.fill(base, 'second')
  before = await published(base)
  await base.close()
  undisturbed = await onCopy(async (adapter) => {
    proxy.cutAt(0, 'before')
    expect((await project.run(adapter, { asOf })).record.status).toBe('success')
    statements = proxy.seen()
    return await published(adapter)
  })
})
afterAll(async () => {
  await proxy.close()
  await server.execute(`drop database if exists ${name}_base with (force)`)
  await server.close()
  project.close()
})

/** A copy of the database as the first run left it, by way of the proxy. */
async function onCopy<T>(use: (adapter: Adapter) => Promise<T>): Promise<T> {
  await server.execute(`create database ${name}_copy template ${name}_base`)
  try {
    const adapter = await openDatabase(inject('postgresUrl'), `${name}_copy`, {
      change: (url) => {
        url.port = `${proxy.port}`
      },
    })
    try {
      return await use(adapter)
    } finally {
      await adapter.close()
    }
  } finally {
    await server.execute(`drop database if exists ${name}_copy with (force)`)
  }
}

const every = Number(process.env.LOST_CONNECTIONS ?? 37)

/** The same in each run of the tests. */
function chosen(): readonly number[] {
  return Array.from({ length: statements }, (_, index) => index + 1).filter((n) => n % every === 0)
}

describe.each(['before', 'answered'] as const)(
  'a connection lost in the middle of a statement (%s)',
  (how) => {
    test('is said with node, file and remedy, changes nothing or all, and retry comes to the same', {
      timeout: 1_200_000,
    }, async () => {
      expect(before).not.toBe(undisturbed)
      const codes = new Map<string, number>()
      for (const n of chosen()) {
        await onCopy(async (adapter) => {
          proxy.cutAt(n, how)
          const what = `statement ${n} of ${statements}`
          let thrown: unknown
          const outcome = await project.run(adapter, { asOf }).catch((error: unknown) => {
            thrown = error
          })
          // Before the first node: compiling, taking the lock, preparing.
          if (outcome === undefined) expect([what, thrown]).toMatchObject([what, { code: 'PSN4009' }])
          if (outcome?.record.status === 'success') {
            expect(await published(adapter), what).toBe(undisturbed)
            return
          }
          const said = (outcome?.problems ?? []).filter(({ code }) => code !== 'PSN5029')
          for (const { code, message, hint } of said) {
            codes.set(code, (codes.get(code) ?? 0) + 1)
            expect([what, code, message]).toEqual([what, 'PSN5001', expect.stringContaining('was lost')])
            expect(hint, what).toMatch(/run again once the server answers.*target\/compiled\/pg\/.*\.sql/)
          }
          if (outcome !== undefined) expect(outcome.problems.length, what).toBeGreaterThan(0)
          const earlier = outcome?.results
          const now = await published(adapter)
          // A commit that the server could not confirm has still happened.
          expect(how === 'answered' ? [before, undisturbed] : [before], what).toContain(now)
          const again = await project.run(adapter, { asOf, ...(earlier && { earlier }) })
          expect([what, again.record.status, again.problems]).toEqual([what, 'success', []])
          expect(await published(adapter), what).toBe(undisturbed)
        })
      }
      console.error(`${how}: ${chosen().length} of ${statements} statements, ${JSON.stringify([...codes])}`)
    })
  },
)
