import { beforeAll, describe, expect, inject, test } from 'vitest'
import { copyProject, personas, useBuilt, useFolder } from './personas.ts'

/* The commands on the simulated Snowflake of the test run; see docs/warehouses.md for what that proves. */
useBuilt()
const folder = useFolder()
const { account, username, password, host, port, protocol, database, warehouse, role } = inject('snowflake')
const schema = `CLI_${process.pid}`
const config = `name: small
version: 1
target: snow
targets:
  snow:
    type: snowflake
    account: ${account}
    username: ${username}
    password: "{{ env_var 'SNOW_PASSWORD' }}"
    host: ${host}
    port: ${port}
    protocol: ${protocol}
    role: ${role}
    warehouse: ${warehouse}
    database: ${database}
    schema: ${schema}
paths: { seeds: tables }
`
let cwd: string
const env = { SNOW_PASSWORD: password }
const run = (...args: string[]) => personas(args, { cwd, env })

beforeAll(() => {
  cwd = copyProject(folder, { 'personas.config.yaml': config })
})

describe('the commands on Snowflake (simulated)', () => {
  test('debug tells where it is, and no secret', async () => {
    const { code, stdout, stderr } = await run('debug')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/engine: +Snowflake \d+\.\d+/)
    expect(stdout).toContain(`tables can be created in ${schema.toLowerCase()}`)
    expect(stdout + stderr).not.toContain(password)
  })

  test('seed, run, show, and the same again', async () => {
    expect(await run('seed')).toMatchObject({ code: 0 })
    expect(await run('run', '--as-of', '2026-06-01')).toMatchObject({ code: 0 })
    const rows = async (): Promise<string> =>
      (
        await run(
          'show',
          '--output',
          'csv',
          '--inline',
          `select * from ${schema}.profile_traits order by canonical_segment_id`,
        )
      ).stdout
    const first = await rows()
    expect(first.split('\n').length).toBeGreaterThan(2)
    expect(first).toMatch(/^canonical_segment_id,merged_to,/)
    expect(await run('run', '--as-of', '2026-06-01')).toMatchObject({ code: 0 })
    expect(await rows()).toBe(first)
  })
})
