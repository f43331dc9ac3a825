import { beforeAll, describe, expect, inject, test } from 'vitest'
import { openAdapter } from '../../src/adapters/open-adapter.ts'
import { bigqueryTarget } from '../support/engines.ts'
import { copyProject, personas, useBuilt, useFolder } from './personas.ts'

/* The commands on the BigQuery emulator of the test run; see docs/warehouses.md for what that proves. */
useBuilt()
const folder = useFolder()
const given = inject('bigquery')

interface Estimates {
  readonly nodes: readonly {
    readonly node: string
    readonly bytes: number
    readonly statements: number
    readonly not_estimated: number
    readonly reason?: string
  }[]
  readonly bytes: number
  readonly not_estimated: number
}

describe.skipIf('missing' in given)('the commands on BigQuery, emulated', () => {
  const address = 'missing' in given ? { apiEndpoint: '', project: '', token: '' } : given
  const schema = `cli_${process.pid}`
  const config = `name: small
version: 1
target: bq
targets:
  bq: { type: bigquery, project: ${address.project}, dataset: ${schema}, api_endpoint: "${address.apiEndpoint}", token: "{{ env_var 'BQ_TOKEN' }}" }
paths: { seeds: tables }
`
  const model = "select user_id, revenue from {{source 'web' 'order_completed'}} where revenue > 0\n"
  const env = { BQ_TOKEN: address.token }
  let cwd: string
  const run = (...args: string[]) => personas(args, { cwd, env })
  const estimates = async (...args: string[]): Promise<Estimates> => {
    const { code, stdout, stderr } = await run('compile', '--dry-run', '--output', 'json', ...args)
    expect(code, stderr).toBe(0)
    const parsed: Estimates = JSON.parse(stdout)
    return parsed
  }
  const bytesOf = async (sql: string): Promise<bigint | undefined> => {
    const names = { name: 'bq', schema, workSchema: `${schema}_work`, threads: 1 }
    const adapter = await openAdapter(bigqueryTarget(address, names))
    try {
      return await adapter.scannedBytes(sql)
    } finally {
      await adapter.close()
    }
  }

  beforeAll(async () => {
    cwd = copyProject(folder, { 'personas.config.yaml': config, 'models/paid.sql': model })
    expect(await run('seed')).toMatchObject({ code: 0 })
  })

  test('before a first run a dry run knows what only reads sources, and says what it does not know', async () => {
    const { nodes, ...total } = await estimates()
    const bytes = await bytesOf('select user_id, revenue from web.order_completed where revenue > 0')
    expect(bytes).toBeGreaterThan(0n)
    expect(nodes.find(({ node }) => node === 'model.paid')).toEqual({
      ...{ node: 'model.paid', bytes: Number(bytes), statements: 1, not_estimated: 0 },
    })
    expect(total.bytes).toBe(Number(bytes))
    expect(nodes.find(({ node }) => node === 'event.order_completed')).toMatchObject({
      bytes: 0,
      not_estimated: 1,
      reason: expect.stringContaining('Not found'),
    })
    expect(total.not_estimated).toBeGreaterThan(0)
    const { stdout, stderr } = await run('compile', '--dry-run')
    expect(stdout).toMatch(/^node +bytes +not estimated\n/)
    expect(stdout).toMatch(/\nevent\.order_completed +1 of 1 statements\n/)
    expect(stdout).toMatch(new RegExp(`\ntotal +${total.bytes.toLocaleString('en')} +\\d+ statements\n$`))
    expect(stderr).toContain(`${total.not_estimated} statements could not be estimated`)
  })

  test('a first run makes its datasets', async () => {
    expect(await run('run', '--as-of', '2026-06-01')).toMatchObject({ code: 0 })
  })

  test('after a run it knows all, as BigQuery has it, and runs nothing', async () => {
    const all = await estimates()
    expect(all.bytes).toBe(all.nodes.reduce((sum, { bytes }) => sum + bytes, 0))
    const [known, unknown] = [true, false].map((is) =>
      all.nodes.filter((node) => (node.not_estimated === 0) === is).map(({ node }) => node),
    )
    expect(known).toEqual(
      expect.arrayContaining(['model.paid', 'event.order_completed', 'scan.order_completed']),
    )
    // It has tables for what has not happened yet: cuts, contests, late events.
    expect(unknown).toEqual(['identity.profiles'])
    const scan = await estimates('--select', 'type:scan')
    expect(scan.nodes.map(({ node }) => node)).toEqual(['scan.order_completed', 'publish.publish'])
    expect(scan.nodes[0]).toEqual(all.nodes.find(({ node }) => node === 'scan.order_completed'))
    expect(scan.nodes[0]?.bytes).toBe(
      Number(await bytesOf(`select * from ${schema}_work.event_order_completed`)),
    )
  })
})
