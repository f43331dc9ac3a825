import { CommanderError } from 'commander'
import { listenForBrokenOutput } from './broken-output.ts'
import { commandTable, globalFlags } from './command-table.ts'
import { exitCode } from './invocation.ts'
import { readOptions } from './options.ts'
import { openOutput } from './output.ts'
import { createProgram, type Typed } from './program.ts'
import { listenForSignals } from './signals.ts'
import { reportUsage, UsageError } from './usage-error.ts'
import { personasVersion } from './version.ts'

/**
 * Runs one command line.
 *
 * @param typed arguments after `personas`
 * @param importModule loads a module of the project; where code comes from V8's cache, Node warns of an `import()` in it
 * @returns 0 done, 1 problems, 2 wrong usage, 130 or 143 stopped by a signal
 */
export async function runCli(
  typed: readonly string[],
  importModule: (url: string) => Promise<unknown>,
): Promise<number> {
  listenForBrokenOutput()
  forgetEmptyVariables()
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
      importModule,
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
    if (error.exitCode === 0) return exitCode.done
    if (error.code.startsWith('commander.') && error.code !== 'commander.help') {
      reportUsage(usageErrorOf(error), openOutput({ json: wantsJson(typed), quiet: false, color: true }))
    }
    return exitCode.usage
  }
  return found ?? exitCode.usage
}

/** Commander says `error: unknown command 'rn'`, and on a line of its own `(Did you mean run?)`. */
function usageErrorOf({ message }: CommanderError): UsageError {
  const [first = '', ...rest] = message.split('\n')
  const near = /^\(Did you mean (.+)\?\)$/.exec(rest.join(' '))?.[1]
  const hint =
    near === undefined ? '`personas --help` prints all commands and flags' : `did you mean ${near}?`
  return new UsageError(first.replace(/^error: /, ''), hint)
}

/** What is asked or wrong before the line is understood: `--log-format json` is looked for in the words themselves. */
function wantsJson(typed: readonly string[]): boolean {
  const words = typed.flatMap((word) => word.split('='))
  const format = words[words.indexOf('--log-format') + 1]
  return words.includes('--log-format') ? format === 'json' : process.env.PERSONAS_LOG_FORMAT === 'json'
}

function printVersion(typed: readonly string[]): void {
  const version = personasVersion()
  const text = wantsJson(typed) ? JSON.stringify({ personas: version, node: process.versions.node }) : version
  process.stdout.write(`${text}\n`)
}

/** A variable that is set to nothing counts as not set; commander takes any value of a switch's for yes. */
function forgetEmptyVariables(): void {
  for (const { env } of [...globalFlags, ...commandTable.flatMap(({ flags }) => flags)]) {
    if (env !== undefined && process.env[env] === '') delete process.env[env]
  }
  for (const name of ['PERSONAS_QUIET', 'PERSONAS_NO_COLOR']) {
    if (['0', 'false'].includes(process.env[name] ?? '')) delete process.env[name]
  }
}
