import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { copyProject, type Ended, personas, useBuilt, useFolder } from './personas.ts'

/** What goes wrong around a command: its words, its variables, and where its output goes. */
useBuilt()
const folder = useFolder()
let cwd: string
const run = (args: readonly string[], env?: Record<string, string>): Promise<Ended> =>
  personas(args, { cwd, ...(env && { env }) })

beforeAll(async () => {
  cwd = copyProject(folder)
  expect(await run(['seed'])).toMatchObject({ code: 0 })
})

describe('wrong words', () => {
  test.each([
    ['an unknown command', ['rn'], "unknown command 'rn'", 'did you mean run?'],
    ['an unknown flag', ['run', '--taget', 'pg'], "unknown option '--taget'", 'did you mean --target?'],
    ['an unknown flag like no other', ['run', '--foo'], "unknown option '--foo'", 'personas --help'],
    ['a flag without its value', ['run', '--target'], 'argument missing', 'personas --help'],
    ['too many words', ['run', 'now'], "too many arguments for 'run'", 'personas --help'],
    ['an empty selector', ['ls', '--select', ' '], '--select takes a selector', '--select +orders_90d'],
    ['an empty query', ['show', '--inline', ''], 'nothing to show', '--inline "select 1 as one"'],
  ])('%s', async (_, args, message, hint) => {
    const text = await run(args)
    expect(text).toMatchObject({ code: 2, stdout: '' })
    const [first, second, ...rest] = text.stderr.split('\n')
    expect([first, second]).toEqual([expect.stringContaining(message), expect.stringContaining(hint)])
    expect(first).toMatch(/^error: /)
    expect(rest).toEqual([''])

    const [command = '', ...others] = args
    const data = await run([command, '--log-format=json', ...others])
    expect(data).toMatchObject({ code: 2, stdout: '' })
    expect(JSON.parse(data.stderr)).toMatchObject({
      level: 'error',
      event: 'problem',
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    })
  })

  test('a selector that no test answers to is a warning', async () => {
    const { code, stdout, stderr } = await run(['test', '--select', 'nope'])
    expect([code, stdout]).toEqual([0, '0 passed, 0 failed\n'])
    expect(stderr).toContain('warning[PSN5022]: no test answers to the selector `nope`')
  })

  test.each(['small-file', '/proc/personas'])('init in %s, which cannot be a folder', async (place) => {
    writeFileSync(join(cwd, 'small-file'), '')
    const { code, stdout, stderr } = await run(['init', place])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^error\[PSN5021\]: cannot start a project in .+\n {2}name a new folder/)
  })
})

test('variables that are set to nothing count as not set', async () => {
  const names = [
    'SELECT',
    'EXCLUDE',
    'THREADS',
    'TARGET',
    'LOG_FORMAT',
    'PROJECT_DIR',
    'VARS',
    'AS_OF',
    'QUIET',
  ]
  const empty = Object.fromEntries(names.map((name) => [`PERSONAS_${name}`, '']))
  expect(await run(['ls'], empty)).toEqual(await run(['ls']))
})

describe.runIf(existsSync('/dev/full'))('output that cannot be written', () => {
  const main = resolve(import.meta.dirname, '../../dist/cli/main.js')
  const shell = (line: string) =>
    spawnSync(
      'bash',
      ['-c', `set -o pipefail; personas() { "${process.execPath}" "${main}" "$@"; }; ${line}`],
      {
        cwd,
        encoding: 'utf8',
      },
    )

  test('a full disk is an error', () => {
    const { status, stderr } = shell('personas ls > /dev/full')
    expect(status).toBe(1)
    expect(stderr).toMatch(
      /^error: cannot write the output: ENOSPC.*\n {2}free some space, or write elsewhere\n$/,
    )
  })

  test('a reader that stops early is none, and the work is done all the same', () => {
    expect(shell('personas show --inline "select * from range(100000)" --limit 0 | head -1')).toMatchObject({
      status: 0,
      stdout: 'range\n',
      stderr: '',
    })
    // Progress goes on for seconds after its reader has gone.
    expect(shell('personas run 2>&1 >/dev/null | true').status).toBe(0)
    expect(shell('personas show --inline "select status from personas.runs" --output csv').stdout).toBe(
      'status\r\nsuccess\r\n',
    )
    // The tests are all run, however few lines are read.
    expect(shell('personas test | true').status).toBe(0)
  })
})
