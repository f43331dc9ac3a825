import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadProject } from '../../src/definitions/load-project.ts'
import { ProblemError } from '../../src/diagnostics/problem.ts'
import { problemText } from '../../src/diagnostics/problem-text.ts'
import { renderProblems } from '../../src/diagnostics/render-problems.ts'

/*
 * A folder per problem: `<code>-<slug>/project` and what is printed for it, `expected.txt`.
 * `command.txt` runs commands of the built CLI in a copy of the project instead of only reading its files; the last
 * one is what is shown. A warning is shown by a command that succeeds.
 * `env.json` is added to the environment. UPDATE_PROBLEMS=1 writes expected.txt anew: read the difference.
 */
const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
/** What needs more than a folder and a command line: a server, a secret, a second process, a bug, seconds in a summary. */
const shownElsewhere: Readonly<Record<string, string>> = {
  PSN3014: 'scenarios/sql-files.test.ts',
  PSN3040: 'scenarios/limits.test.ts',
  PSN3041: 'scenarios/limits.test.ts',
  PSN3042: 'scenarios/limits.test.ts',
  PSN4002: 'unit/adapters/connection-errors.test.ts',
  PSN4003: 'unit/adapters/connection-errors.test.ts',
  PSN4004: 'unit/adapters/connection-errors.test.ts',
  PSN4005: 'unit/adapters/connection-errors.test.ts',
  PSN4008: 'unit/adapters/connection-errors.test.ts',
  PSN4009: 'unit/adapters/connection-errors.test.ts',
  PSN4010: 'unit/adapters/adapter.test.ts',
  PSN4011: 'unit/adapters/connection-errors.test.ts',
  PSN4012: 'unit/adapters/connection-errors.test.ts',
  PSN4024: 'unit/adapters/connection-errors.test.ts',
  PSN4014: 'unit/adapters/connection-errors.test.ts',
  PSN4021: 'scenarios/server-faults.test.ts',
  PSN4022: 'scenarios/server-faults.test.ts',
  PSN4023: 'unit/adapters/connection-errors.test.ts',
  PSN4030: 'unit/adapters/bigquery-driver.test.ts',
  PSN4031: 'unit/adapters/bigquery.test.ts',
  PSN4032: 'unit/adapters/bigquery.test.ts',
  PSN4033: 'unit/adapters/bigquery.test.ts',
  PSN4034: 'unit/adapters/bigquery.test.ts',
  PSN4035: 'unit/adapters/bigquery.test.ts',
  PSN4036: 'unit/adapters/bigquery.test.ts',
  PSN4051: 'unit/adapters/snowflake.test.ts',
  PSN4052: 'unit/adapters/snowflake.test.ts',
  PSN4055: 'unit/adapters/snowflake.test.ts',
  PSN4056: 'unit/adapters/snowflake.test.ts',
  PSN5003: 'unit/runner/node-problem.test.ts',
  PSN5004: 'cli/postgres.test.ts',
  PSN5014: 'cli/postgres.test.ts',
  PSN3310: 'scenarios/early-windows.test.ts',
  PSN5023: 'cli/warnings.test.ts',
  PSN5025: 'scenarios/cut.test.ts',
  PSN5032: 'scenarios/clocks.test.ts',
  PSN5033: 'scenarios/clocks.test.ts',
  PSN5028: 'cli/retry.test.ts',
  PSN5029: 'scenarios/server-faults.test.ts',
  PSN5030: 'unit/runner/execute-run.test.ts',
  PSN5031: 'cli/retry.test.ts',
  PSN6002: 'scenarios/sync/sync.test.ts',
  PSN6006: 'cli/sync.test.ts',
  PSN7011: 'cli/publish.test.ts',
  PSN7012: 'cli/publish.test.ts',
  PSN7020: 'cli/serve.test.ts',
  PSN6008: 'scenarios/sync/sync.test.ts',
  PSN5026: 'scenarios/hot-identifiers.test.ts',
  PSN7001: 'unit/serve/store/contract.test.ts',
  PSN7002: 'unit/serve/store/problems.test.ts',
  PSN7003: 'unit/serve/store/problems.test.ts',
  PSN7004: 'unit/serve/store/problems.test.ts',
}
const cli = resolve(import.meta.dirname, '../../dist/cli/main.js')

describe('problems', () => {
  test.each(folders)('%s', (name) => {
    const folder = join(import.meta.dirname, name)
    const project = join(folder, 'project')
    const env = existsSync(join(folder, 'env.json'))
      ? JSON.parse(readFileSync(join(folder, 'env.json'), 'utf8'))
      : {}
    const command = join(folder, 'command.txt')
    const printed = existsSync(command)
      ? runCommands(readFileSync(command, 'utf8').trim().split('\n'), project, env)
      : readProject(project, env)
    // How many statements there are is no affair of a problem.
    const actual = printed
      .replaceAll(project, '<project>')
      .replace(/\d+ nodes with \d+ steps/, 'some nodes with some steps')
    const expectedFile = join(folder, 'expected.txt')
    if (process.env.UPDATE_PROBLEMS === '1') writeFileSync(expectedFile, actual)
    expect(actual).toBe(readFileSync(expectedFile, 'utf8'))
    expect(actual).toContain(`[${name.split('-')[0]}]`)
  })

  test.each(Object.keys(problemText))('%s has a folder, or a test where no folder can show it', (code) => {
    const shown = folders.filter((name) => name.startsWith(`${code}-`))
    const file = shownElsewhere[code]
    expect(shown.length === 0).toBe(file !== undefined)
    if (file !== undefined) {
      expect(readFileSync(join(import.meta.dirname, '..', file), 'utf8')).toContain(code)
    }
  })

  test.each(folders)('%s is named after a code', (name) => {
    expect(Object.keys(problemText)).toContain(name.split('-')[0])
  })
})

function readProject(projectDir: string, env: Record<string, string>): string {
  try {
    loadProject({ projectDir, env })
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    const source = (file: string): string | undefined => {
      const path = join(projectDir, file)
      // A folder in a file's place has no source line to show.
      return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path, 'utf8') : undefined
    }
    return renderProblems(error.problems, { source, color: false })
  }
  throw new Error('the project has no problem')
}

function runCommands(commands: readonly string[], project: string, env: Record<string, string>): string {
  const copy = mkdtempSync(join(tmpdir(), 'personas-problem-'))
  cpSync(project, copy, { recursive: true })
  let printed = ''
  for (const [index, command] of commands.entries()) {
    const { stdout, stderr, status } = spawnSync(process.execPath, [cli, ...command.split(/\s+/)], {
      cwd: copy,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1', ...env },
    })
    printed = `${stdout}${stderr}`.replaceAll(copy, '<project>')
    if (index < commands.length - 1) expect(status, printed).toBe(0)
    else expect(status).toBe(printed.includes('error[') ? 1 : 0)
  }
  rmSync(copy, { recursive: true })
  return printed
}
