import { ProblemError, problem } from '../../diagnostics/problem.ts'
import type { Clock } from '../../sync/deliver/pace.ts'
import { type Capabilities, DeliveryError, type DestinationType } from '../../sync/destination.ts'
import { builtIn } from '../../sync/destinations/registry.ts'
import { openDestination } from '../../sync/open-destination.ts'
import { settingList } from '../../sync/setting-list.ts'
import { type CommandBody, exitCode, type Invocation } from '../invocation.ts'
import { openProject } from '../project.ts'
import { renderTable } from '../render-table.ts'
import { UsageError } from '../usage-error.ts'

export const destinations: CommandBody = async (invocation) => {
  const [first, second] = invocation.arguments
  if (first === 'test') return testDestination(invocation, second)
  const types = await Promise.all(Object.values(builtIn).map((load) => load()))
  if (first === undefined) {
    const rows = types.map(({ type, summary, note }) => [
      type,
      note === undefined ? summary : `${summary} (${note})`,
    ])
    invocation.output.result(renderTable([{ head: 'type' }, { head: 'what it is' }], rows))
    return exitCode.done
  }
  const found = types.find(({ type }) => type === first)
  if (found === undefined)
    throw new UsageError(
      `no destination is of type \`${first}\``,
      'see the types with `personas destinations`',
    )
  invocation.output.result(describe(found))
  return exitCode.done
}

function describe(type: DestinationType): string {
  const rows = settingList(type).map(({ name, kind, required, secret, standard, about }) => [
    name,
    kind,
    required ? 'required' : (standard ?? ''),
    secret ? `${about} (secret)` : about,
  ])
  return [
    `${type.type}: ${type.summary}`,
    ...(type.note === undefined ? [] : [type.note]),
    ...(type.takes === undefined ? [] : ['', `fields: ${type.takes}`]),
    '',
    renderTable([{ head: 'setting' }, { head: 'value' }, { head: 'default' }, { head: '' }], rows),
    ...abilities(type),
  ].join('\n')
}

/** What it does in batches, with the settings of its example. */
function abilities(type: DestinationType): readonly string[] {
  if (type.example === undefined) return []
  const read = type.settings.safeParse(type.example)
  if (!read.success) throw new Error(`the example of ${type.type} is wrong: ${read.error.message}`)
  const { modes, batchRows, batchBytes, concurrency, rate, repeated, visible } = type.capabilities(read.data)
  const batch = `${batchRows.toLocaleString('en')} rows`
  const bytes = batchBytes === undefined ? '' : `, ${batchBytes.toLocaleString('en')} bytes`
  const pace =
    rate === undefined ? '' : `, ${rate.requests} in ${(rate.perMs / 1_000).toLocaleString('en')} s`
  return [
    '',
    `modes: ${modes.join(', ')}`,
    `batches: at most ${batch}${bytes}; ${concurrency} at a time${pace}`,
    `sent twice: ${repeatedText[repeated]}`,
    `there: ${visible === 'batch' ? 'after each batch' : 'at the end of the sync'}`,
    '',
    'destinations:',
    `  - name: ${type.type}`,
    `    type: ${type.type}`,
    ...yamlLines(type.example, '    '),
  ]
}

/** An example as it stands in a definition; what YAML could take for something else is quoted. */
function yamlLines(example: object, indent: string): readonly string[] {
  return Object.entries(example).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value === 'object' && value !== null)
      return [`${indent}${name}:`, ...yamlLines(value, `${indent}  `)]
    const plain = typeof value === 'string' && /^[a-zA-Z_][\w./:@-]*$/.test(value)
    return [`${indent}${name}: ${plain ? value : JSON.stringify(value)}`]
  })
}

const repeatedText: Readonly<Record<Capabilities['repeated'], string>> = {
  harmless: 'changes nothing more',
  keyed: 'known by its idempotency key',
  harmful: 'counts twice, so it is not sent again unless you say so',
}

/** Settings and credentials, without sending anything. */
async function testDestination(invocation: Invocation, name: string | undefined): Promise<number> {
  const { config, definitions } = openProject(invocation)
  const found = definitions.destinations.find((destination) => destination.name === name)
  if (found === undefined) {
    const names = definitions.destinations.map((destination) => destination.name)
    throw new UsageError(
      name === undefined ? 'which destination?' : `no destination is named \`${name}\``,
      `the project has ${names.length === 0 ? 'none' : names.join(', ')}`,
    )
  }
  const clock: Clock = { now: () => performance.now(), sleep: async () => {}, random: () => 0 }
  const destination = await openDestination(found, config.projectDir, clock, invocation.importModule)
  try {
    await destination.type.check(destination.settings, invocation.signal)
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error
    const parameters = { destination: found.name, detail: `${error.reason}: ${error.message}` }
    throw new ProblemError([problem('PSN6012', parameters, found.nameSpan)], { cause: error })
  }
  invocation.output.result(
    `${found.name} (${found.type}): settings and credentials are good; nothing was sent`,
  )
  return exitCode.done
}
