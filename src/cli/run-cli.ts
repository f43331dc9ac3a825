import { CommanderError } from 'commander'
import { exitCode } from './invocation.ts'
import { readOptions } from './options.ts'
import { openOutput } from './output.ts'
import { createProgram, type Typed } from './program.ts'
import { listenForSignals } from './signals.ts'
import { personasVersion } from './version.ts'

/**
 * Runs one command line.
 *
 * @param typed arguments after `personas`
 * @returns 0 done, 1 problems, 2 wrong usage, 130 or 143 stopped by a signal
 */
export async function runCli(typed: readonly string[]): Promise<number> {
  quietBrokenPipes()
  forgetFalseSwitches()
  const found = parseCommandLine(typed)
  if (typeof found === 'number') return found
  const signals = listenForSignals()
  const { logFormat, quiet, color } = found.options
  const output = openOutput({ json: logFormat === 'json', quiet: quiet === true, color: color !== false })
  try {
    const options = readOptions(found.options)
    const body = await found.spec.load()
    const code = await body({
      command: found.spec.name,
      arguments: found.arguments,
      options,
      output,
      signal: signals.signal,
    })
    return signals.exitCode() ?? code
  } catch (error) {
    const { reportFailure } = await import('./failure.ts')
    return reportFailure(error, output, projectDirOf(found), signals.exitCode())
  } finally {
    signals.stopListening()
  }
}

function projectDirOf(typed: Typed): string | undefined {
  const { projectDir } = typed.options
  return typeof projectDir === 'string' ? projectDir : undefined
}

function parseCommandLine(typed: readonly string[]): Typed | number {
  let found: Typed | undefined
  const program = createProgram(
    (command) => {
      found = command
    },
    () => {
      printVersion(typed)
      throw new CommanderError(exitCode.done, 'personas.version', 'version')
    },
  )
  try {
    if (typed.length === 0) program.help({ error: true })
    program.parse([...typed], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? exitCode.done : exitCode.usage
  }
  return found ?? exitCode.usage
}

/** Versions are asked for before anything else is read, so `--log-format json` is looked for in the words themselves. */
function printVersion(typed: readonly string[]): void {
  const words = typed.flatMap((word) => word.split('='))
  const format = words[words.indexOf('--log-format') + 1]
  const json = words.includes('--log-format') ? format === 'json' : process.env.PERSONAS_LOG_FORMAT === 'json'
  const version = personasVersion()
  const text = json ? JSON.stringify({ personas: version, node: process.versions.node }) : version
  process.stdout.write(`${text}\n`)
}

/** `personas ls | head -1` is no error. */
function quietBrokenPipes(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCode.done)
    throw error
  })
}

/** Commander takes any value of a switch's variable for yes. */
function forgetFalseSwitches(): void {
  for (const name of ['PERSONAS_QUIET', 'PERSONAS_NO_COLOR']) {
    if (['', '0', 'false'].includes(process.env[name] ?? '')) delete process.env[name]
  }
}
