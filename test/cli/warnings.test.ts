import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { copyProject, type Ended, personas, useBuilt, useFolder } from './personas.ts'

useBuilt()
const folder = useFolder()

const identity = `identity:
  identifiers: [ { type: user_id, limit: 10 }, { type: anonymous_id } ]
  warn_cluster_size: 3
`
/** Three users of one device, with a column more or none. */
const calls = (columns: string, value: string): string => {
  const at = (id: number): string => `2026-05-01T10:00:0${id}Z,2026-05-01T10:00:00Z`
  const row = (id: number): string => `t${id},u${id},kiosk,order_completed,Order Completed,${value}${at(id)}`
  return `id,user_id,anonymous_id,event,event_text,${columns}received_at,timestamp\n${[1, 2, 3].map(row).join('\n')}\n`
}
const sentence = /profile use_[0-9a-f]{27} holds 4 identifiers; anonymous_id `kiosk` joins 3 of them/

/** Runs a project of one large cluster as for the first time. */
async function runLarge(files: Readonly<Record<string, string>>, ...options: string[]) {
  const cwd = copyProject(folder, {
    'models/identity.yml': identity,
    'tables/web/tracks.csv': calls('', ''),
    'tables/web/order_completed.csv': calls('revenue,', '10,'),
    ...files,
  })
  expect(await personas(['seed'], { cwd })).toMatchObject({ code: 0 })
  const run = (): Promise<Ended> => personas(['run', '--as-of', '2026-06-01', ...options], { cwd })
  return { cwd, run, first: await run() }
}

describe('a large cluster', () => {
  test('is a warning beside a run that is done, also with --quiet, and is not said again', async () => {
    const { cwd, run, first } = await runLarge({}, '--quiet')
    expect(first.code).toBe(0)
    expect(first.stdout).toMatch(/^profiles +1$/m)
    const [head, hint, ...more] = first.stderr.split('\n')
    expect(head).toMatch(new RegExp(`^warning\\[PSN5023\\]: ${sentence.source}$`))
    expect(hint).toContain('`warn_cluster_size`')
    expect(more).toEqual([''])
    const results = JSON.parse(readFileSync(join(cwd, 'target/run_results.json'), 'utf8'))
    expect(results.status).toBe('success')
    const warnings = results.nodes.flatMap((node: { warnings?: object[] }) => node.warnings ?? [])
    expect(warnings).toEqual([
      { code: 'PSN5023', message: expect.stringMatching(sentence), hint: expect.any(String) },
    ])
    expect(await run()).toMatchObject({ code: 0, stderr: '' })
  })

  test('is an object with --log-format json', async () => {
    const { first } = await runLarge({}, '--log-format', 'json')
    const lines = first.stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.filter(({ level }) => level === 'warning')).toMatchObject([
      {
        event: 'problem',
        code: 'PSN5023',
        parameters: { identifiers: 4, type: 'anonymous_id', value: 'kiosk', joined: 3 },
      },
    ])
  })

  test('is said beside what fails later', async () => {
    const { first } = await runLarge({
      'models/broken.yml':
        'traits: [ { name: broken, entity: user, type: sql, file: broken.sql, create_profiles: false } ]\n',
      'models/broken.sql': "select 'u1' as user_id, 1 as broken union all select 'u1', 2",
    })
    expect(first.code).toBe(1)
    expect(first.stderr).toMatch(sentence)
    expect(first.stderr).toContain('error[PSN5002]')
  })
})
