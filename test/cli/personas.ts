import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const main: string = join(root, 'dist/cli/main.js')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Started {
  readonly ended: Promise<Ended>
  /** Resolves with what stderr holds, once the text is in it. */
  says(text: string): Promise<string>
  kill(signal: NodeJS.Signals): void
}

export interface Where {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
}

/** Only what a shell would have: nothing of the test runner's own. */
function environment(more: Where['env']): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env
  return { PATH, HOME, ...more }
}

export function start(args: readonly string[], { cwd, env }: Where): Started {
  const child = spawn(process.execPath, [main, ...args], { cwd, env: environment(env) })
  let stdout = ''
  let stderr = ''
  let heard = (): void => {}
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
    heard()
  })
  const ended = new Promise<Ended>((settle, fail) => {
    child.on('error', fail)
    child.on('close', (code) => settle({ code, stdout, stderr }))
  })
  const says = (text: string) =>
    new Promise<string>((settle, fail) => {
      heard = () => {
        if (stderr.includes(text)) settle(stderr)
      }
      heard()
      void ended.then(() => fail(new Error(`it ended without saying ${text}:\n${stderr}`)))
    })
  return { ended, says, kill: (signal) => child.kill(signal) }
}

export function personas(args: readonly string[], where: Where): Promise<Ended> {
  return start(args, where).ended
}

/** The commands are run as users run them, so from dist/. */
export function useBuilt(): void {
  beforeAll(() => {
    const built = spawnSync(process.execPath, [join(root, 'scripts/build-if-stale.mjs')], {
      encoding: 'utf8',
    })
    if (built.status !== 0) throw new Error(built.stderr)
  })
}

/** A folder of its own for each test file, gone at its end. */
export function useFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'personas-cli-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  return folder
}

/** A copy of the small project, with files changed or added. */
export function copyProject(into: string, files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(into, 'project-'))
  cpSync(join(import.meta.dirname, 'small-project'), folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  return folder
}
