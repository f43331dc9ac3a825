import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { copyProject, personas, useBuilt, useFolder } from './personas.ts'

useBuilt()
const folder = useFolder()

const query = `audiences:
  - name: fans
    query: event('Order Completed').within(90 days).count() >= 3
`

/** Prints, when the command ends, whether the parser of queries has been loaded. */
function watching(project: string): Readonly<Record<string, string>> {
  const watch = join(project, 'watch.cjs')
  const seen = "Object.keys(require.cache).some((file) => file.endsWith('query-parser.cjs'))"
  writeFileSync(watch, `process.on('exit', () => console.error('parser loaded: ' + (${seen})))`)
  return { NODE_OPTIONS: `--require ${watch}` }
}

test('the parser of queries is loaded by queries alone', async () => {
  const without = copyProject(folder)
  const withQuery = copyProject(folder, { 'models/fans.yml': query })
  const loaded = async (cwd: string, ...args: readonly string[]): Promise<string | undefined> => {
    const { stderr, code } = await personas(args, { cwd, env: watching(cwd) })
    expect(code, stderr).toBe(0)
    return /parser loaded: (\w+)/.exec(stderr)?.[1]
  }
  expect(await loaded(withQuery, '--help')).toBe('false')
  expect(await loaded(without, 'parse')).toBe('false')
  expect(await loaded(withQuery, 'parse')).toBe('true')
  // Parsed files are kept.
  expect(await loaded(withQuery, 'parse')).toBe('false')
})

test('show writes a definition in either form, without a warehouse', async () => {
  const config =
    'name: shop\nversion: 1\ntarget: pg\ntargets:\n  pg: { type: postgres, host: nowhere.invalid, database: none }\n'
  const cwd = copyProject(folder, { 'models/fans.yml': query, 'personas.config.yaml': config })
  const asYaml = await personas(['show', 'fans', '--as', 'yaml'], { cwd })
  expect(asYaml.stderr).toBe('')
  expect(asYaml.stdout).toBe(
    'audiences:\n  - name: fans\n    entity: user\n    match: { event: Order Completed, count: { at_least: 3 }, within: 90d }\n',
  )
  writeFileSync(join(cwd, 'models/fans.yml'), asYaml.stdout)
  const asQuery = await personas(['show', 'fans', '--as', 'query'], { cwd })
  expect(asQuery.stdout).toBe(query.replace('fans\n', 'fans\n    entity: user\n'))
})

test('--as needs a name', async () => {
  const cwd = copyProject(folder)
  const { code, stderr } = await personas(['show', '--inline', 'select 1', '--as', 'yaml'], { cwd })
  expect(code).toBe(2)
  expect(stderr).toContain('--as shows a definition')
})
