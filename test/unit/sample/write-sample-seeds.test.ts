import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tables } from '../../../src/sample/tables.ts'
import {
  type SampleOptions,
  type SampleSeeds,
  writeSampleSeeds,
} from '../../../src/sample/write-sample-seeds.ts'
import { readCsv } from './read-csv.ts'

const until = new Date('2026-07-01T00:00:00Z')
const root = mkdtempSync(join(tmpdir(), 'personas-sample-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

async function write(
  name: string,
  options: SampleOptions,
): Promise<{ dir: string; seeds: SampleSeeds; hash: string }> {
  const dir = join(root, name)
  const seeds = await writeSampleSeeds(dir, options)
  const hash = createHash('sha256')
  for (const { file } of seeds.files) hash.update(file).update(readFileSync(join(dir, file)))
  return { dir, seeds, hash: hash.digest('hex') }
}

describe('the sample, written small', () => {
  test('same options, same bytes; another seed, another end or more people: others', async () => {
    const first = await write('first', { until, people: 200 })
    const again = await write('again', { until, people: 200 })
    const others = [
      await write('seed', { until, people: 200, seed: 2 }),
      await write('until', { until: new Date('2026-07-02T00:00:00Z'), people: 200 }),
      await write('people', { until, people: 210 }),
    ]
    expect(again).toMatchObject({ seeds: first.seeds, hash: first.hash })
    for (const other of others) expect(other.hash).not.toBe(first.hash)
  })

  test('two hundred people fill every table that the sample project reads', async () => {
    const { seeds } = await write('small', { until, people: 200 })
    const empty = seeds.files.filter((file) => file.rows === 0).map((file) => file.file)
    expect(empty.filter((file) => file !== 'web/aliases.csv')).toEqual([])
  })
})

describe('the sample, written in full', () => {
  let dir: string
  let seeds: SampleSeeds
  const rowsOf = (table: keyof typeof tables) => readCsv(join(dir, `${table.replace('.', '/')}.csv`))
  beforeAll(async () => {
    const written = await write('full', { until })
    dir = written.dir
    seeds = written.seeds
  })

  test('holds about 300,000 events', () => {
    const calls = ['identifies', 'groups', 'pages', 'screens', 'tracks', 'orders']
    const events = seeds.files
      .filter(({ file }) => calls.some((call) => file.endsWith(`/${call}.csv`)))
      .reduce((sum, file) => sum + file.rows, 0)
    expect(events).toBeGreaterThan(280_000)
    expect(events).toBeLessThan(320_000)
  })

  test('counts the rows it wrote, and leaves no column empty', () => {
    for (const { file, rows } of seeds.files) {
      const written = readCsv(join(dir, file))
      expect(written.length).toBe(rows)
      const filled = Object.keys(written[0] ?? {}).filter((column) =>
        written.some((row) => row[column] !== null),
      )
      const names = Object.entries(tables).find(([table]) => `${table.replace('.', '/')}.csv` === file)?.[1]
      // Alias calls of the server have no browser; refunds neither.
      const allowed = /aliases|order_refunded/.test(file) ? ['anonymous_id'] : []
      expect(names?.filter((name) => !filled.includes(name) && !allowed.includes(name))).toEqual([])
    }
  })

  test('keeps a row in the table of the event for each track call', () => {
    for (const source of ['web', 'ios'] as const) {
      const tracked = new Map<string, string>()
      for (const row of rowsOf(`${source}.tracks`)) tracked.set(row.id ?? '', row.event ?? '')
      for (const event of new Set(tracked.values())) {
        const file = seeds.files.find((known) => known.file === `${source}/${event}.csv`)
        expect(file).toBeDefined()
        const own = new Set(readCsv(join(dir, `${source}/${event}.csv`)).map((row) => row.id))
        const expected = [...tracked].filter(([, name]) => name === event).map(([id]) => id)
        expect(own).toEqual(new Set(expected))
      }
    }
  })

  test('has what real pipelines have: duplicates, late events, junk, shared values, odd spellings', () => {
    const pages = rowsOf('web.pages')
    const identifies = rowsOf('web.identifies')
    const ids = new Set(pages.map((row) => row.id))
    expect(pages.length - ids.size).toBeGreaterThan(pages.length * 0.003)
    const daysLate = pages.filter(
      (row) => Date.parse(`${row.received_at}Z`) - Date.parse(`${row.timestamp}Z`) > 86_400_000,
    )
    expect(daysLate.length).toBeGreaterThan(50)
    for (const junk of ['null', '-1', 'anonymous', '0000-0000']) {
      expect(pages.some((row) => row.user_id === junk)).toBe(true)
    }
    const testers = new Set(
      identifies.filter((row) => row.email === 'qa@fernhill.example').map((row) => row.user_id),
    )
    expect(testers.size).toBeGreaterThan(5)
    expect(identifies.some((row) => /[A-Z]/.test(row.email ?? ''))).toBe(true)
    expect(identifies.some((row) => row.email?.endsWith(' '))).toBe(true)
    expect(identifies.some((row) => row.first_name === 'Rosa 🌻')).toBe(true)
  })

  test('has browsers that several customers log in from', () => {
    const users = new Map<string, Set<string>>()
    for (const row of rowsOf('web.identifies')) {
      if (!row.user_id?.startsWith('cus_') || row.anonymous_id == null) continue
      users.set(row.anonymous_id, (users.get(row.anonymous_id) ?? new Set()).add(row.user_id))
    }
    expect([...users.values()].filter((of) => of.size > 1).length).toBeGreaterThan(50)
  })

  test('knows nothing later than its end', () => {
    const times = rowsOf('web.tracks').flatMap((row) => [row.timestamp, row.received_at, row.uuid_ts])
    expect(times.filter((time) => Date.parse(`${time}Z`) > until.getTime())).toEqual([])
  })

  test('has revenue with cents and a few customers who bring much of it', () => {
    const spent = new Map<string, number>()
    for (const row of rowsOf('web.order_completed')) {
      expect(row.revenue).toMatch(/^\d+\.\d\d$/)
      const who = row.user_id ?? row.anonymous_id ?? ''
      spent.set(who, (spent.get(who) ?? 0) + Number(row.revenue))
    }
    const sums = [...spent.values()].sort((left, right) => right - left)
    const total = sums.reduce((sum, value) => sum + value, 0)
    const top = sums.slice(0, Math.ceil(sums.length / 5)).reduce((sum, value) => sum + value, 0)
    expect(top / total).toBeGreaterThan(0.5)
    expect(top / total).toBeLessThan(0.9)
  })
})
