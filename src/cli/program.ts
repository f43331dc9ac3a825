import { Command, Option } from 'commander'
import { type CommandSpec, commandTable, type FlagSpec, globalFlags } from './command-table.ts'

export interface Typed {
  readonly spec: CommandSpec
  readonly arguments: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
}

/**
 * The command line as commander knows it.
 *
 * @param found called with the command that was typed
 * @param version called for `--version`
 */
export function createProgram(found: (typed: Typed) => void, version: () => void): Command {
  const program = new Command('personas')
    .description(
      'A warehouse-native customer data platform that compiles: identities, traits and audiences as code, ' +
        'resolved inside your warehouse.',
    )
    .exitOverride()
    // What is wrong is reported by who catches it, as text or as data.
    .configureOutput({ outputError: () => undefined })
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .option('-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this')
    .helpCommand('help [command]', 'print help of a command')
    .on('option:version', version)
  for (const flag of globalFlags) program.addOption(optionOf(flag))
  program.addHelpText('after', examplesText(overview))
  for (const spec of commandTable) {
    const command = program.command(`${spec.name}${spec.arguments ? ` ${spec.arguments}` : ''}`)
    command.summary(spec.summary)
    command.description(spec.details ? `${spec.summary}\n\n${spec.details}` : spec.summary)
    for (const argument of command.registeredArguments) {
      argument.description = spec.argumentHelp?.[argument.name()] ?? ''
    }
    for (const flag of spec.flags) command.addOption(optionOf(flag))
    command.addHelpText('after', examplesText(spec.examples))
    command.action(() => found({ spec, arguments: command.args, options: command.optsWithGlobals() }))
  }
  return program
}

const overview: CommandSpec['examples'] = [
  ['personas init my-project', 'a project with sample data'],
  ['personas run', 'resolve profiles, compute traits and audiences'],
  ['personas show profile_traits', 'look at them'],
]

function optionOf(flag: FlagSpec): Option {
  const option = new Option(flag.flags, flag.description)
  if (flag.choices) option.choices([...flag.choices])
  if (flag.env) option.env(flag.env)
  return option
}

function examplesText(examples: CommandSpec['examples']): string {
  const width = Math.max(...examples.map(([line]) => line.length))
  const lines = examples.map(([line, does]) => `  ${line.padEnd(width)}  ${does}`)
  return `\nExamples:\n${lines.join('\n')}\n`
}
